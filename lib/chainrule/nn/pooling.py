"""Pooling as modules: they own nothing. Derived in the chapter ``convolution``.

Formulas, options and conventions are those of the functions in :mod:`chainrule.functional`. What
has ``1d`` in its name takes sequences (..., L), what has ``2d`` images (..., H, W).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.autograd import Tensor
from chainrule.functional.windows import Pair, require_lengths
from chainrule.nn import functional as F
from chainrule.nn.module import Module, require_arrays

LEAST = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "output_size": 1}


class _Pooling(Module):
    """What all have in common: a function of windows along ``axes`` axes, and its options."""

    axes: int
    function: Callable[..., Tensor]

    def __init__(self, **options: Any) -> None:
        for name, value in options.items():
            if name in LEAST and not (name == "stride" and value is None):
                require_lengths(type(self).__name__, name, value, axes=self.axes, least=LEAST[name])
        self.options = options

    def forward(self, x: Tensor) -> Tensor:
        """x (..., L) → y (..., o), or x (..., H, W) → y (..., oh, ow)."""
        return type(self).function(x, **self.options)

    def extra_repr(self) -> str:
        """The options that are not the usual ones."""
        usual = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}
        usual["count_include_pad"] = True
        shown = {k: v for k, v in self.options.items() if k not in usual or v != usual[k]}
        return ", ".join(f"{key}={value}" for key, value in shown.items())


class _MaxPool(_Pooling):
    """The options of taking the maximum, in PyTorch's order."""

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        dilation: Pair = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )


class _AvgPool(_Pooling):
    """The options of taking the mean, in PyTorch's order."""

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )


class MaxPool1d(_MaxPool):
    """The maximum of each window of a sequence; see :func:`chainrule.functional.max_pool1d`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.MaxPool1d(2)(np.array([[3.0, 1.0, 2.0, 5.0]]))
    Tensor([[3., 5.]])
    """

    axes, function = 1, staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    """The maximum of each window of an image; see :func:`chainrule.functional.max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.MaxPool2d(2)(np.arange(16.0).reshape(1, 4, 4))
    Tensor([[[ 5.,  7.],
             [13., 15.]]])
    """

    axes, function = 2, staticmethod(F.max_pool2d)


class AvgPool1d(_AvgPool):
    """The mean of each window of a sequence; see :func:`chainrule.functional.avg_pool1d`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.AvgPool1d(2)(np.array([[3.0, 1.0, 2.0, 5.0]]))
    Tensor([[2. , 3.5]])
    """

    axes, function = 1, staticmethod(F.avg_pool1d)


class AvgPool2d(_AvgPool):
    """The mean of each window of an image; see :func:`chainrule.functional.avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.AvgPool2d(2)(np.arange(16.0).reshape(1, 4, 4))
    Tensor([[[ 2.5,  4.5],
             [10.5, 12.5]]])
    """

    axes, function = 2, staticmethod(F.avg_pool2d)


def _adaptive_avg_pool1d(x: Tensor, output_size: int) -> Tensor:
    """Pool a sequence as an image of one row."""
    require_arrays("AdaptiveAvgPool1d", x=x)
    if not x.shape or x.shape[-1] == 0:
        raise ValueError(
            f"AdaptiveAvgPool1d: takes x (..., L) with L at least 1, got shape {x.shape}"
        )
    rows = F.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    pooled = F.adaptive_avg_pool2d(rows, output_size=(1, output_size))
    return F.reshape(pooled, shape=(*x.shape[:-1], output_size))


class AdaptiveAvgPool1d(_Pooling):
    """The mean over windows of such a size that ``output_size`` of them cover the sequence.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.AdaptiveAvgPool1d(2)(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]))  # the 3 is in both windows
    Tensor([[2., 4.]])
    """

    axes, function = 1, staticmethod(_adaptive_avg_pool1d)

    def __init__(self, output_size: int) -> None:
        super().__init__(output_size=output_size)


class AdaptiveAvgPool2d(_Pooling):
    """The mean over windows of such a size that ``output_size`` of them cover the image.

    With 1, all of the image is averaged; see :func:`chainrule.functional.adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.AdaptiveAvgPool2d(1)(np.arange(12.0).reshape(1, 3, 4))
    Tensor([[[5.5]]])
    """

    axes, function = 2, staticmethod(F.adaptive_avg_pool2d)

    def __init__(self, output_size: Pair) -> None:
        super().__init__(output_size=output_size)
