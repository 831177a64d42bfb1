"""Convolutions that own their kernels. Derived in the chapter ``convolution``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.functional.windows import Pair, require_lengths
from chainrule.nn import functional as F
from chainrule.nn.init import uniform_
from chainrule.nn.module import Module, parameter, require_positive


class _Convolution(Module):
    """What all have in common: a kernel over ``axes`` axes, a bias, and the options."""

    axes: int
    function: Callable[..., Tensor]
    transposed = False

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
        name = type(self).__name__
        require_positive(name, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups must divide in_channels and out_channels, got groups={groups}, "
                f"in_channels={in_channels}, out_channels={out_channels}"
            )
        require_rng_and_dtype(name, rng, dtype)
        for option, value, least in (("stride", stride, 1), ("padding", padding, 0)):
            require_lengths(name, option, value, axes=self.axes, least=least)
        require_lengths(name, "dilation", dilation, axes=self.axes, least=1)
        kernel = require_lengths(name, "kernel_size", kernel_size, axes=self.axes, least=1)
        before, after = in_channels, out_channels // groups
        if not self.transposed:
            before, after = out_channels, in_channels // groups
        # PyTorch's rule; for a transposed convolution it takes the outputs for the fan in.
        bound = 1 / math.sqrt(after * math.prod(kernel))
        self.weight = parameter(before, after, *kernel, dtype=dtype)
        uniform_(self.weight, -bound, bound, rng=rng)
        self.bias: Tensor | None = None
        if bias:
            self.bias = uniform_(parameter(out_channels, dtype=dtype), -bound, bound, rng=rng)
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding}
        self.options |= {"dilation": dilation, "groups": groups}

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, L) → y (N, F, o), or x (N, C, H, W) → y (N, F, oh, ow)."""
        b = np.zeros(self.out_channels, self.weight.dtype) if self.bias is None else self.bias
        return type(self).function(x, self.weight, b, **self.options)

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
        ``k``.
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Conv1d(3, 8, 5, padding=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((4, 3, 20), np.float32)).shape
    (4, 8, 20)
    """

    axes, function = 1, staticmethod(F.conv1d)


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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Conv2d(1, 8, 3, stride=2, padding=1, rng=np.random.default_rng(0))
    >>> layer
    Conv2d(1, 8, kernel_size=(3, 3), stride=2, padding=1)
    >>> layer(np.zeros((4, 1, 28, 28), np.float32)).shape
    (4, 8, 14, 14)
    """

    axes, function = 2, staticmethod(F.conv2d)


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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.ConvTranspose2d(8, 1, 2, stride=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((4, 8, 14, 14), np.float32)).shape
    (4, 1, 28, 28)
    """

    axes, function, transposed = 2, staticmethod(F.conv_transpose2d), True

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
        # The order of PyTorch's arguments, which is another one than that of Conv2d.
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias=bias,
            rng=rng,
            dtype=dtype,
        )
        name = "ConvTranspose2d"
        require_lengths(name, "output_padding", output_padding, axes=2, least=0)
        self.options["output_padding"] = output_padding
