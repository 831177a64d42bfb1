"""Convolutions that own their kernels. Derived in the chapter ``convolution``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.autograd import Tensor
from chainrule.functional.windows import Pair, require_lengths
from chainrule.nn import functional as F
from chainrule.nn.init import uniform_
from chainrule.nn.module import Module, parameter, require_positive


class _Convolution(Module):
    """What the three have in common: a kernel, a bias, and the options of the window."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        *,
        axes: int,
        transposed: bool = False,
        bias: bool,
        rng: np.random.Generator,
        dtype: DTypeLike,
        groups: int,
        **options: Any,
    ) -> None:
        name = type(self).__name__
        require_positive(name, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups must divide in_channels and out_channels, got groups={groups}, "
                f"in_channels={in_channels}, out_channels={out_channels}"
            )
        kernel = require_lengths(name, "kernel_size", kernel_size, axes=axes, least=1)
        before, after = in_channels, out_channels // groups
        if not transposed:
            before, after = out_channels, in_channels // groups
        # PyTorch's rule; for a transposed convolution it takes the outputs for the fan in.
        bound = 1 / math.sqrt(after * math.prod(kernel))
        self.weight = parameter(before, after, *kernel, dtype=dtype)
        uniform_(self.weight, -bound, bound, rng=rng)
        self.bias: Tensor | None = None
        if bias:
            self.bias = uniform_(parameter(out_channels, dtype=dtype), -bound, bound, rng=rng)
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel
        self.options = {**options, "groups": groups}

    def _bias(self) -> Any:
        no_bias = np.zeros(self.out_channels, self.weight.dtype)
        return no_bias if self.bias is None else self.bias

    def extra_repr(self) -> str:
        """Channels, kernel, and the options that are not the usual ones."""
        usual = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "groups": 1}
        size = self.kernel_size if len(self.kernel_size) > 1 else self.kernel_size[0]
        options = {"kernel_size": size} | {k: v for k, v in self.options.items() if v != usual[k]}
        if self.bias is None:
            options["bias"] = False
        listed = "".join(f", {key}={value}" for key, value in options.items())
        return f"{self.in_channels}, {self.out_channels}{listed}"


class Conv1d(_Convolution):
    """1-D convolution y = W ⋆ x + b.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int
        k.
    stride, padding, dilation, groups : int
        As in :func:`chainrule.functional.conv1d`.
    bias : bool, keyword only
        Without it, b is zero and no parameter.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights and biases, uniformly from ±1/√(C/groups · k).
    dtype : dtype, keyword only

    Attributes
    ----------
    weight : Tensor (F, C / groups, k)
    bias : Tensor (F,) or None

    Raises
    ------
    ValueError
        If a size is not positive, or the channels do not fall in groups of equal size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        *,
        bias: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            axes=1,
            bias=bias,
            rng=rng,
            dtype=dtype,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, L) → y (N, F, o)."""
        return F.conv1d(x, self.weight, self._bias(), **self.options)


class Conv2d(_Convolution):
    """2-D convolution y = W ⋆ x + b.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int or (int, int)
        kh and kw.
    stride, padding, dilation : int or (int, int)
    groups : int
        As in :func:`chainrule.functional.conv2d`.
    bias : bool, keyword only
        Without it, b is zero and no parameter.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights and biases, uniformly from ±1/√(C/groups · kh · kw).
    dtype : dtype, keyword only

    Attributes
    ----------
    weight : Tensor (F, C / groups, kh, kw)
    bias : Tensor (F,) or None

    Raises
    ------
    ValueError
        If a size is not positive, or the channels do not fall in groups of equal size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        *,
        bias: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            axes=2,
            bias=bias,
            rng=rng,
            dtype=dtype,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, H, W) → y (N, F, oh, ow)."""
        return F.conv2d(x, self.weight, self._bias(), **self.options)


class ConvTranspose2d(_Convolution):
    """Transposed 2-D convolution y = Wᵀ ⋆ x + b, which makes images larger.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F.
    kernel_size : int or (int, int)
        kh and kw.
    stride, padding, output_padding : int or (int, int)
    groups : int
        As in :func:`chainrule.functional.conv_transpose2d`.
    bias : bool
        Without it, b is zero and no parameter.
    dilation : int or (int, int)
    rng : numpy.random.Generator, keyword only
        Draws the initial weights and biases, uniformly from ±1/√(F/groups · kh · kw), as PyTorch
        does.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight : Tensor (C, F / groups, kh, kw)
    bias : Tensor (F,) or None

    Raises
    ------
    ValueError
        If a size is not positive, or the channels do not fall in groups of equal size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        output_padding: Pair = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Pair = 1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            axes=2,
            transposed=True,
            bias=bias,
            rng=rng,
            dtype=dtype,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            groups=groups,
            dilation=dilation,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, H, W) → y (N, F, oh, ow)."""
        return F.conv_transpose2d(x, self.weight, self._bias(), **self.options)
