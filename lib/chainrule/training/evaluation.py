"""Measuring a model: what it answers, and how often it is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.arguments import require_instance, require_integers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import Module, evaluating

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
        A part with another first axis, such as the state of a recurrent network, comes out as
        None.
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
    require_integers("predict", batch_size=batch_size)
    if not isinstance(X, np.ndarray):
        raise TypeError(
            f"predict: X must be a NumPy array, got {type(X).__name__}; "
            "convert it with np.asarray(X)"
        )
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(
            f"predict: there are no examples; X has shape {X.shape}, and must have one entry per "
            "example"
        )
    require_instance("predict", Module, "pass the model", model=model)
    with evaluating(model):
        batches = (X[start : start + batch_size] for start in range(0, len(X), batch_size))
        return _joined([_kept(model(Tensor(x)), len(x)) for x in batches])


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
    remedy = "convert it with np.asarray"
    require_instance("accuracy", np.ndarray, remedy, logits=logits, t=t)
    if t.dtype.kind not in "iu":
        raise TypeError(f"accuracy: t must be integers, the classes, got dtype {t.dtype}")
    if logits.ndim != 2 or t.shape != logits.shape[:1] or not len(t):
        raise ValueError(
            f"accuracy: takes logits (N, K) and classes (N,) with N at least 1, "
            f"got {logits.shape} and {t.shape}"
        )
    return float((logits.argmax(1) == t).mean())


def as_tensors(output: Any) -> Any:
    """Turn what :func:`predict` returned into what the model returned."""
    if isinstance(output, tuple):
        return tuple(map(as_tensors, output))
    return None if output is None else Tensor(output)


def _kept(output: Any, length: int) -> Any:
    if isinstance(output, tuple):
        return tuple(_kept(part, length) for part in output)
    return output.data if isinstance(output, Tensor) and output.shape[:1] == (length,) else None


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], tuple):
        return tuple(_joined(list(part)) for part in zip(*parts, strict=True))
    if any(part is None for part in parts):
        return None
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
