"""Measuring a model: what it answers, and how often it is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import Module, evaluating
from chainrule.training.batches import require_positive

# Small enough that the intermediate results of a convolutional network stay below 100 MB.
EVALUATION_BATCH = 512


def predict(model: Module, X: Array, *, batch_size: int = EVALUATION_BATCH) -> Any:
    """Return the model's output for all of X, in evaluation mode and without a record.

    It goes through X in batches, so that intermediate results never need more memory than those of
    one batch. The model's modes are put back as they were.

    Parameters
    ----------
    model : Module
        Takes a batch of X and returns a Tensor whose first axis is the batch, or a tuple of them.
    X : array (N, …)
    batch_size : int

    Returns
    -------
    array (N, …), or a tuple of them

    Raises
    ------
    ValueError
        If X is empty or ``batch_size`` is not positive.
    TypeError
        If X is not an array or ``batch_size`` not an integer.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.training import predict
    >>> model = nn.Sequential(nn.Dropout(0.5, rng=np.random.default_rng(0)), nn.ReLU())
    >>> predict(model, np.array([[-1.0, 2.0], [3.0, -4.0]]))
    array([[0., 2.],
           [3., 0.]])
    >>> model.training
    True
    """
    require_positive("predict", "batch_size", batch_size)
    if not isinstance(X, np.ndarray):
        raise TypeError(
            f"predict: X must be a NumPy array, got {type(X).__name__}; "
            "convert it with np.asarray(X)"
        )
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"predict: there are no examples; X has shape {X.shape}")
    with evaluating(model):
        outputs = list(_outputs(model, X, batch_size))
    if isinstance(outputs[0], tuple):
        return tuple(_joined(part) for part in zip(*outputs, strict=True))
    return _joined(outputs)


def accuracy(logits: Array, t: Array) -> float:
    """Return the fraction of rows whose largest logit is the true class.

    Parameters
    ----------
    logits : array (N, K)
    t : integer array (N,)

    Raises
    ------
    ValueError
        If the shapes do not fit or there are no rows.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.training import accuracy
    >>> accuracy(np.array([[0.1, 0.9], [2.0, 1.0]]), np.array([1, 1]))
    0.5
    """
    if logits.ndim != 2 or t.shape != logits.shape[:1] or not len(t):
        raise ValueError(
            f"accuracy: takes logits (N, K) and classes (N,) with N at least 1, "
            f"got {logits.shape} and {t.shape}"
        )
    return float((logits.argmax(1) == t).mean())


def _outputs(model: Module, X: Array, batch_size: int) -> Iterator[Any]:
    for start in range(0, len(X), batch_size):
        y = model(Tensor(X[start : start + batch_size]))
        yield tuple(part.data for part in y) if isinstance(y, tuple) else y.data


def _joined(parts: Any) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
