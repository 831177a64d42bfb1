"""Pooling as modules: they own nothing. Derived in the chapter ``convolution``.

Formulas, options and conventions are those of the functions in :mod:`chainrule.functional`.
"""

from __future__ import annotations

from typing import Any

from chainrule.autograd import Tensor
from chainrule.functional.windows import Pair, require_lengths
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class _Pooling(Module):
    """What all have in common: the options of the window."""

    def __init__(self, *, axes: int, **options: Any) -> None:
        size = "kernel_size" if "kernel_size" in options else "output_size"
        require_lengths(type(self).__name__, size, options[size], axes=axes, least=1)
        self.options = options

    def extra_repr(self) -> str:
        """The options that are not the usual ones."""
        usual = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}
        usual["count_include_pad"] = True
        shown = {k: v for k, v in self.options.items() if k not in usual or v != usual[k]}
        return ", ".join(f"{key}={value}" for key, value in shown.items())


class MaxPool1d(_Pooling):
    """The maximum of each window of a sequence; see :func:`chainrule.functional.max_pool1d`."""

    def __init__(
        self,
        kernel_size: int,
        stride: int | None = None,
        padding: int = 0,
        dilation: int = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            axes=1,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (..., L) → y (..., o)."""
        return F.max_pool1d(x, **self.options)


class MaxPool2d(_Pooling):
    """The maximum of each window of an image; see :func:`chainrule.functional.max_pool2d`."""

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
            axes=2,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (..., H, W) → y (..., oh, ow)."""
        return F.max_pool2d(x, **self.options)


class AvgPool1d(_Pooling):
    """The mean of each window of a sequence; see :func:`chainrule.functional.avg_pool1d`."""

    def __init__(
        self,
        kernel_size: int,
        stride: int | None = None,
        padding: int = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            axes=1,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (..., L) → y (..., o)."""
        return F.avg_pool1d(x, **self.options)


class AvgPool2d(_Pooling):
    """The mean of each window of an image; see :func:`chainrule.functional.avg_pool2d`."""

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            axes=2,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (..., H, W) → y (..., oh, ow)."""
        return F.avg_pool2d(x, **self.options)


class AdaptiveAvgPool2d(_Pooling):
    """The mean over windows of such a size that ``output_size`` of them cover the image.

    With 1, all of the image is averaged; see :func:`chainrule.functional.adaptive_avg_pool2d`.
    """

    def __init__(self, output_size: Pair) -> None:
        super().__init__(axes=2, output_size=output_size)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., H, W) → y (..., oh, ow)."""
        return F.adaptive_avg_pool2d(x, **self.options)
