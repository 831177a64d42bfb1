"""Normalizations that own their scale γ (``weight``) and shift β (``bias``).

Formulas and conventions are those of the functions in :mod:`chainrule.functional`. Derived in the
chapter ``normalization``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_floating_dtype, require_numbers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F
from chainrule.nn.init import constant_
from chainrule.nn.module import Module, parameter, require_arrays, require_positive


class _Normalization(Module):
    """What all have in common: γ and β, which begin as 1 and 0, or stay so without parameters."""

    weight: Tensor | None = None
    bias: Tensor | None = None

    def __init__(
        self, shape: tuple[int, ...], eps: float, *, scale: bool, shift: bool, dtype: DTypeLike
    ) -> None:
        require_numbers(type(self).__name__, "[0, inf)", eps=eps)
        require_floating_dtype(type(self).__name__, dtype)
        self.eps = eps
        self._ones, self._zeros = np.ones(shape, dtype), np.zeros(shape, dtype)
        if scale:
            self.weight = constant_(parameter(*shape, dtype=dtype), 1)
        if shift:
            self.bias = parameter(*shape, dtype=dtype)

    def _scale(self) -> Any:
        return self._ones if self.weight is None else self.weight

    def _shift(self) -> Any:
        return self._zeros if self.bias is None else self.bias


class _BatchNorm(_Normalization):
    """Batch normalization with running statistics, whatever lies behind the channels."""

    axes: tuple[int, ...]  # how many x may have
    shapes: str

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        name = type(self).__name__
        require_positive(name, num_features=num_features)
        if momentum is not None:
            require_numbers(name, "[0, 1]", momentum=momentum)
        super().__init__((num_features,), eps, scale=affine, shift=affine, dtype=dtype)
        self.momentum = momentum
        self.running_mean = Tensor(np.zeros(num_features, dtype))
        self.running_var = Tensor(np.ones(num_features, dtype))
        self.num_batches_tracked = Tensor(np.array(0, np.int64))

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, …) → y, the same shape. In training, x enters the running statistics."""
        require_arrays(type(self).__name__, x=x)
        if len(x.shape) not in self.axes:
            raise ValueError(
                f"{type(self).__name__}: x must have shape {self.shapes}, got {x.shape}"
            )
        if not self.training:
            mean, var = self.running_mean.data, self.running_var.data
            return F.batch_norm(
                x, self._scale(), self._shift(), running_mean=mean, running_var=var, eps=self.eps
            )

        def observe(mean: Array, var: Array) -> None:
            n = x.data.size // len(mean)  # numbers per channel
            self.num_batches_tracked.data += 1
            share = self.momentum
            if share is None:
                share = 1 / self.num_batches_tracked.item()
            self.running_mean.data += share * (mean - self.running_mean.data)
            self.running_var.data += share * (var * (n / (n - 1)) - self.running_var.data)

        if not isinstance(x, Tensor):
            x = Tensor(x)
        return F.batch_norm(x, self._scale(), self._shift(), eps=self.eps, observe=observe)

    def extra_repr(self) -> str:
        """How many channels, and the options."""
        note = "" if self.weight is not None else ", affine=False"
        return f"{len(self._ones)}, eps={self.eps}, momentum={self.momentum}{note}"


class BatchNorm1d(_BatchNorm):
    """Batch normalization of vectors or sequences, each channel by the statistics of the batch.

    In evaluation, after ``model.eval()``, by the running statistics instead.

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        ε, in the squared unit of the input.
    momentum : float or None
        m in running ← (1 − m) running + m batch. With None, the mean over all batches so far.
    affine : bool
        Without it, γ = 1 and β = 0 are no parameters.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight, bias : Tensor (C,) or None
        γ and β.
    running_mean, running_var : Tensor (C,)
        Buffers: of all batches in training. The variance of a batch enters it over n − 1, as in
        PyTorch, though the batch is normalized with the one over n.
    num_batches_tracked : Tensor, an integer

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.BatchNorm1d(1, dtype=np.float64)
    >>> x = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> layer(x).data.ravel().round(3)
    array([-1.342, -0.447,  0.447,  1.342])
    >>> layer.running_mean, layer.num_batches_tracked
    (Tensor([0.25]), Tensor(1))
    """

    axes, shapes = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images, each channel by the statistics of the batch.

    In evaluation, after ``model.eval()``, by the running statistics instead. Parameters and
    attributes are those of :class:`BatchNorm1d`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> x = np.random.default_rng(0).normal(5, 3, (8, 2, 4, 4)).astype(np.float32)
    >>> y = nn.BatchNorm2d(2)(x)
    >>> np.abs(y.data.mean((0, 2, 3))).max() < 1e-6, y.data.var((0, 2, 3)).round(4)
    (np.True_, array([1., 1.], dtype=float32))
    """

    axes, shapes = (4,), "(N, C, H, W)"


class LayerNorm(_Normalization):
    """Layer normalization, each example by itself over its last axes.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The last axes of the input, which are normalized together.
    eps : float
        ε, in the squared unit of the input.
    elementwise_affine : bool
        Without it, γ = 1 and β = 0 are no parameters.
    bias : bool
        Without it, β = 0 is no parameter.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight, bias : Tensor (normalized_shape) or None
        γ and β.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> x = np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 2.0]])
    >>> nn.LayerNorm(3, dtype=np.float64)(x).data.round(3)
    array([[-1.069, -0.267,  1.336],
           [ 0.   ,  0.   ,  0.   ]])
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        shape = _feature_shape("LayerNorm", normalized_shape)
        super().__init__(
            shape, eps, scale=elementwise_affine, shift=elementwise_affine and bias, dtype=dtype
        )

    def forward(self, x: Tensor) -> Tensor:
        """x, whose last axes are normalized_shape, → y, the same shape."""
        return F.layer_norm(x, self._scale(), self._shift(), eps=self.eps)

    def extra_repr(self) -> str:
        """The shape, and ε."""
        note = "" if self.weight is not None else ", elementwise_affine=False"
        return f"{self._ones.shape}, eps={self.eps}{note}"


class RMSNorm(_Normalization):
    """RMS normalization, each example by itself over its last axes, with a scale and no shift.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The last axes of the input, which are normalized together.
    eps : float
        ε, in the squared unit of the input. PyTorch's default is the smallest step of the dtype
        from 1; this one is that of the other normalizations.
    elementwise_affine : bool
        Without it, γ = 1 is no parameter.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight : Tensor (normalized_shape) or None
        γ.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.RMSNorm(2, dtype=np.float64)(np.array([[3.0, 4.0]])).data.round(3)
    array([[0.849, 1.131]])
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        shape = _feature_shape("RMSNorm", normalized_shape)
        super().__init__(shape, eps, scale=elementwise_affine, shift=False, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x, whose last axes are normalized_shape, → y, the same shape."""
        return F.rms_norm(x, self._scale(), eps=self.eps)

    def extra_repr(self) -> str:
        """The shape, and ε."""
        note = "" if self.weight is not None else ", elementwise_affine=False"
        return f"{self._ones.shape}, eps={self.eps}{note}"


class GroupNorm(_Normalization):
    """Group normalization, each group of channels of an example by itself.

    Parameters
    ----------
    num_groups : int
        The channels fall in so many groups of equal size, in order.
    num_channels : int
        ``C``.
    eps : float
        ε, in the squared unit of the input.
    affine : bool
        Without it, γ = 1 and β = 0 are no parameters.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight, bias : Tensor (C,) or None
        γ and β.

    Raises
    ------
    ValueError
        If an option is out of range, or ``num_groups`` does not divide ``num_channels``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> x = np.random.default_rng(0).normal(5, 3, (8, 6, 4, 4)).astype(np.float32)
    >>> nn.GroupNorm(3, 6)(x).data.reshape(8, 3, -1).var(2).round(3).min()
    np.float32(1.0)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups must divide num_channels, got {num_groups} and "
                f"{num_channels}"
            )
        super().__init__((num_channels,), eps, scale=affine, shift=affine, dtype=dtype)
        self.num_groups = num_groups

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, …) → y, the same shape."""
        return F.group_norm(
            x, self._scale(), self._shift(), num_groups=self.num_groups, eps=self.eps
        )

    def extra_repr(self) -> str:
        """Groups, channels, and ε."""
        note = "" if self.weight is not None else ", affine=False"
        return f"{self.num_groups}, {len(self._ones)}, eps={self.eps}{note}"


def _feature_shape(name: str, shape: Any) -> tuple[int, ...]:
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not sizes:
        raise ValueError(f"{name}: normalized_shape must have at least one axis, got {shape!r}")
    require_positive(name, **{f"normalized_shape[{i}]": n for i, n in enumerate(sizes)})
    return sizes
