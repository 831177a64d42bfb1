"""The training loop: mini-batches, forward, backward, step, and a record of what happened.

Derived in the chapter ``backpropagation``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import Module
from chainrule.progress import Progress

Loss = Callable[[Tensor, Array], Tensor]
Metric = Callable[[Array, Array], float]


class Optimizer(Protocol):
    """What :func:`fit` asks of an optimizer."""

    def zero_grad(self) -> None: ...
    def step(self) -> None: ...


@dataclass
class History:
    """What :func:`fit` measured, one entry per epoch.

    Attributes
    ----------
    loss : list of float
        Mean loss over the epoch's mini-batches, each taken before its update.
    validation_loss : list of float
        On the validation data after the epoch; empty without validation data.
    metric, validation_metric : list of float
        The metric on all training data, and on the validation data, after the epoch; empty
        without a metric.
    interrupted : bool
        Whether the reader stopped it (Ctrl-C, or the stop button of a notebook).
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metric: list[float] = field(default_factory=list)
    validation_metric: list[float] = field(default_factory=list)
    interrupted: bool = False

    def _append(self, **measured: float) -> None:
        # All of an epoch or nothing: interrupted measurements leave no lists of unequal length.
        for name, value in measured.items():
            getattr(self, name).append(value)

    def __repr__(self) -> str:
        columns = {name: values for name, values in vars(self).items() if name != "interrupted"}
        last = ", ".join(f"{name}={values[-1]:.4g}" for name, values in columns.items() if values)
        note = ", interrupted" if self.interrupted else ""
        return f"History({len(self.loss)} epochs{', last: ' + last if last else ''}{note})"


@dataclass(frozen=True)
class Step:
    """What the callback of :func:`fit` sees, after the gradients and before the update."""

    epoch: int
    step: int
    loss: float
    model: Module


def minibatches(
    X: Array, t: Array, batch_size: int, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Yield the examples in random order, each once, in batches of ``batch_size`` (the last may be
    smaller).

    Raises
    ------
    ValueError
        If X and t differ in length, are empty, or ``batch_size`` is not positive.
    TypeError
        If X or t is not an array.
    """
    _require_examples("minibatches", X, t)
    if batch_size < 1:
        raise ValueError(f"minibatches: batch_size must be at least 1, got {batch_size}")
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], t[batch]


def fit(
    model: Module,
    loss: Loss,
    X: Array,
    t: Array,
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    validation: tuple[Array, Array] | None = None,
    metric: Metric | None = None,
    callback: Callable[[Step], None] | None = None,
    progress: bool | None = None,
) -> History:
    """Train ``model`` in place and return what was measured.

    Updates are made in training mode (``model.train()``), measurements in evaluation mode, in which
    the model is left.

    Parameters
    ----------
    model : Module
        Takes a batch of X, returns predictions or logits.
    loss : callable
        Takes the model's output and the targets, returns a Tensor with one number.
    X : array (N, …)
    t : array (N, …)
        Inputs and targets, one per example.
    optimizer : object with ``zero_grad()`` and ``step()``
    epochs : int
        How many times to go through all examples.
    batch_size : int
    rng : numpy.random.Generator
        Shuffles the examples anew each epoch.
    validation : pair of arrays, optional
        Held-out inputs and targets, only measured on.
    metric : callable, optional
        Takes the model's output and the targets as arrays, for instance :func:`accuracy`.
    callback : callable, optional
        Gets a :class:`Step` after each backward pass, before the update.
    progress : bool, optional
        Show a progress bar; by default in terminals and notebooks.

    Returns
    -------
    History
        Also when interrupted with Ctrl-C: the model keeps what it learned.

    Raises
    ------
    ValueError
        If X and t differ in length or are empty, ``epochs`` or ``batch_size`` is not positive, or
        the loss is not a single number.
    TypeError
        If X or t is not an array.
    FloatingPointError
        If the loss becomes infinite or NaN. The model is left as it was before that step.
    """
    _require_examples("fit", X, t)
    if epochs < 1:
        raise ValueError(f"fit: epochs must be at least 1, got {epochs}")
    history = History()
    bar = Progress(range(epochs), "fit", show=progress)
    try:
        for epoch in bar:
            total = 0.0
            model.train()
            for step, (x_batch, t_batch) in enumerate(minibatches(X, t, batch_size, rng=rng)):
                batch_loss = loss(model(Tensor(x_batch)), t_batch)
                if batch_loss.shape != ():
                    raise ValueError(
                        f"fit: the loss must be a single number, got shape {batch_loss.shape}; "
                        "take the mean over the batch"
                    )
                value = batch_loss.item()
                if not np.isfinite(value):
                    raise FloatingPointError(
                        f"fit: the loss became {value} in epoch {epoch}, step {step}; look for NaN "
                        "in the data, lower the learning rate, or scale the inputs"
                    )
                optimizer.zero_grad()
                batch_loss.backward()
                if callback is not None:
                    callback(Step(epoch, step, value, model))
                optimizer.step()
                total += value * len(x_batch)
            model.eval()
            measured = _measure(model, loss, metric, (X, t), validation)
            history._append(loss=total / len(X), **measured)
            bar.note = "  ".join(
                f"{name.replace('_', ' ')} {values[-1]:.4g}"
                for name, values in vars(history).items()
                if name != "interrupted" and values
            )
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        model.eval()
    return history


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
    """
    if logits.ndim != 2 or t.shape != logits.shape[:1] or not len(t):
        raise ValueError(
            f"accuracy: takes logits (N, K) and classes (N,) with N at least 1, "
            f"got {logits.shape} and {t.shape}"
        )
    return float((logits.argmax(1) == t).mean())


def _measure(
    model: Module,
    loss: Loss,
    metric: Metric | None,
    training: tuple[Array, Array],
    validation: tuple[Array, Array] | None,
) -> dict[str, float]:
    measured = {}
    if metric is not None:
        X, t = training
        measured["metric"] = metric(model(Tensor(X)).data, t)
    if validation is not None:
        X, t = validation
        output = model(Tensor(X))
        measured["validation_loss"] = loss(output, t).item()
        if metric is not None:
            measured["validation_metric"] = metric(output.data, t)
    return measured


def _require_examples(function: str, X: Any, t: Any) -> None:
    for name, a in (("X", X), ("t", t)):
        if not isinstance(a, np.ndarray):
            raise TypeError(
                f"{function}: {name} must be a NumPy array, got {type(a).__name__}; "
                f"convert it with np.asarray({name})"
            )
    if len(X) != len(t):
        raise ValueError(f"{function}: X has {len(X)} examples but t has {len(t)}; pair them up")
    if len(X) == 0:
        raise ValueError(f"{function}: there are no examples; X and t are empty")
