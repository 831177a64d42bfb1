"""What happens to data before a model sees it: scaling, filling gaps, one-hot targets.

Whatever is estimated is estimated on the training part and then applied to both parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chainrule.arguments import require_integers


@dataclass(frozen=True)
class Scaling:
    """A shift and a scale for every feature: called with X, it returns (X − shift) / scale.

    Made by :func:`standardizer` and :func:`min_max_scaler`.

    Attributes
    ----------
    shift, scale : array, the shape of one example

    Examples
    --------
    >>> to_celsius = Scaling(shift=np.array([32.0]), scale=np.array([1.8]))
    >>> to_celsius(np.array([[32.0], [212.0]])).tolist()
    [[0.0], [100.0]]
    """

    shift: NDArray[Any]
    scale: NDArray[Any]

    def __call__(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return (X − shift) / scale, a new array.

        Raises
        ------
        ValueError
            If X does not have the features that the scaling was made from.
        """
        _require_features("Scaling", X, self.shift)
        return (X - self.shift) / self.scale

    def inverse(self, Z: NDArray[Any]) -> NDArray[Any]:
        """Return Z · scale + shift: the data in their own units again.

        Raises
        ------
        ValueError
            If Z does not have the features that the scaling was made from.

        Examples
        --------
        >>> X = np.array([[1.0], [5.0]])
        >>> scaling = standardizer(X)
        >>> scaling.inverse(scaling(X)).tolist()
        [[1.0], [5.0]]
        """
        _require_features("Scaling.inverse", Z, self.shift)
        return Z * self.scale + self.shift


def standardizer(X_train: NDArray[Any]) -> Scaling:
    """Return the scaling that gives every feature of ``X_train`` mean 0 and standard deviation 1.

    Parameters
    ----------
    X_train : floating-point array (N, …)
        The training part only. The variance divides by N.

    Returns
    -------
    Scaling
        Of the dtype of ``X_train``. A feature that never changes is shifted to 0 and not scaled.

    Raises
    ------
    ValueError
        If there are no examples, or a value is NaN or infinite.
    TypeError
        If ``X_train`` is not a floating-point array.

    Notes
    -----
    Used in the chapters ``normalization`` and ``regularization``.

    Examples
    --------
    >>> X_train, X_test = np.array([[1.0], [5.0]]), np.array([[3.0]])
    >>> scaling = standardizer(X_train)
    >>> scaling(X_train).tolist(), scaling(X_test).tolist()
    ([[-1.0], [1.0]], [[0.0]])
    """
    _require_table("standardizer", X_train)
    _require_finite("standardizer", X_train)
    # In float64: the sum over many float32 rows would lose digits of the mean.
    mean = X_train.mean(0, dtype=np.float64)
    scale = X_train.std(0, dtype=np.float64)
    return _scaling(X_train, mean, scale)


def min_max_scaler(X_train: NDArray[Any]) -> Scaling:
    """Return the scaling that takes every feature of ``X_train`` to [0, 1].

    Parameters
    ----------
    X_train : floating-point array (N, …)
        The training part only; the test part may go beyond [0, 1].

    Returns
    -------
    Scaling
        Of the dtype of ``X_train``. A feature that never changes is shifted to 0 and not scaled.

    Raises
    ------
    ValueError
        If there are no examples, or a value is NaN or infinite.
    TypeError
        If ``X_train`` is not a floating-point array.

    Notes
    -----
    Used in the chapter ``regularization``.

    Examples
    --------
    >>> scaling = min_max_scaler(np.array([[1.0], [5.0]]))
    >>> scaling(np.array([[3.0], [9.0]])).tolist()
    [[0.5], [2.0]]
    """
    _require_table("min_max_scaler", X_train)
    _require_finite("min_max_scaler", X_train)
    low = X_train.min(0)
    return _scaling(X_train, low, X_train.max(0) - low)


@dataclass(frozen=True)
class Imputation:
    """A value for every feature: called with X, it returns X with each NaN replaced by it.

    Made by :func:`mean_imputer`.

    Attributes
    ----------
    values : array, the shape of one example

    Examples
    --------
    >>> Imputation(np.array([7.0, 8.0]))(np.array([[np.nan, 1.0]])).tolist()
    [[7.0, 1.0]]
    """

    values: NDArray[Any]

    def __call__(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return a copy of X without NaN.

        Raises
        ------
        ValueError
            If X does not have the features that the imputation was made from.
        """
        _require_features("Imputation", X, self.values)
        return np.where(np.isnan(X), self.values, X)


def mean_imputer(X_train: NDArray[Any]) -> Imputation:
    """Return the imputation that fills a gap with the mean of its feature over ``X_train``.

    Parameters
    ----------
    X_train : floating-point array (N, …)
        The training part only, with NaN where a value is missing.

    Returns
    -------
    Imputation
        Of the dtype of ``X_train``.

    Raises
    ------
    ValueError
        If a feature has no value at all, or one that is infinite.
    TypeError
        If ``X_train`` is not a floating-point array.

    Notes
    -----
    Used in the chapter ``regularization``. Where a gap says something itself, add
    ``np.isnan(X)`` as further features.

    Examples
    --------
    >>> fill = mean_imputer(np.array([[1.0], [np.nan], [3.0]]))
    >>> fill(np.array([[np.nan], [5.0]])).tolist()
    [[2.0], [5.0]]
    """
    _require_table("mean_imputer", X_train)
    known = ~np.isnan(X_train)
    if np.isinf(X_train).any():
        raise ValueError("mean_imputer: X_train has infinite values; find out where they come from")
    if not known.any(0).all():
        raise ValueError(
            f"mean_imputer: {(~known.any(0)).sum()} features have no value in X_train; "
            "leave them out"
        )
    total = np.where(known, X_train, 0).sum(0, dtype=np.float64)
    return Imputation((total / known.sum(0)).astype(X_train.dtype))


def one_hot(t: NDArray[Any], classes: int, *, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return rows of zeros with a one in the place of the class.

    Parameters
    ----------
    t : integer array, any shape
        Classes, 0 to K − 1.
    classes : int
        ``K``.
    dtype : dtype
        Of the result.

    Returns
    -------
    array (the shape of ``t``, K)

    Raises
    ------
    ValueError
        If a class is not between 0 and K − 1, or K is less than 1.
    TypeError
        If ``t`` is not an integer array.

    Notes
    -----
    ``cross_entropy`` takes classes as they are, and rows like these too. Used in the chapters
    ``losses`` and ``regularization``.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if not isinstance(t, np.ndarray) or not np.issubdtype(t.dtype, np.integer):
        kind = t.dtype if isinstance(t, np.ndarray) else type(t).__name__
        raise TypeError(
            f"one_hot: t must be an integer array of classes, got {kind}; "
            "convert it with np.asarray(t, dtype=np.int64)"
        )
    require_integers("one_hot", classes=classes)
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"one_hot: dtype must be a type of numbers, got {dtype!r}") from None
    wrong = (t < 0) | (t >= classes)
    if wrong.any():
        raise ValueError(
            f"one_hot: classes must lie between 0 and {classes - 1}, got {t[wrong].ravel()[0]}; "
            "count them from 0"
        )
    return (t[..., None] == np.arange(classes)).astype(dtype)


def _scaling(X: NDArray[Any], shift: NDArray[Any], scale: NDArray[Any]) -> Scaling:
    # Equal values, not scale == 0: rounding gives a constant 0.1 a tiny standard deviation.
    constant = np.ptp(X, axis=0) == 0
    scale = np.where(constant, 1, scale)
    shift = np.where(constant, X[0], shift)
    return Scaling(shift.astype(X.dtype), scale.astype(X.dtype))


def _require_table(function: str, X: NDArray[Any]) -> None:
    if not isinstance(X, np.ndarray) or not np.issubdtype(X.dtype, np.floating):
        kind = X.dtype if isinstance(X, np.ndarray) else type(X).__name__
        raise TypeError(
            f"{function}: X_train must be a floating-point array, got {kind}; "
            "convert it with np.asarray(X_train, dtype=np.float32)"
        )
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"{function}: X_train has no examples, got shape {X.shape}")


def _require_finite(function: str, X: NDArray[Any]) -> None:
    if not np.isfinite(X).all():
        raise ValueError(
            f"{function}: X_train has {(~np.isfinite(X)).sum()} values that are NaN or infinite; "
            "fill the gaps first, with mean_imputer"
        )


def _require_features(function: str, X: NDArray[Any], example: NDArray[Any]) -> None:
    if np.shape(X)[1:] != example.shape:
        raise ValueError(
            f"{function}: was made from examples of shape {example.shape}, "
            f"got X of shape {np.shape(X)}; pass examples with the same features in the same order"
        )
