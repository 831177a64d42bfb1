"""The training loop: mini-batches, forward, backward, step, and a record of what happened.

Derived in the chapter ``backpropagation``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from chainrule import optim
from chainrule.arguments import (
    require_choice,
    require_function,
    require_generator,
    require_instance,
    require_integers,
    require_numbers,
)
from chainrule.autograd import Tensor, no_grad
from chainrule.functional.contract import Array
from chainrule.nn import Module
from chainrule.progress import Progress
from chainrule.training.batches import (
    count_batches,
    minibatches,
)
from chainrule.training.early_stopping import EarlyStopping
from chainrule.training.evaluation import as_tensors, predict
from chainrule.training.history import History

Loss = Callable[[Any, Array], Tensor]
Metric = Callable[[Any, Array], float]
Schedule = optim.Schedule | optim.ReduceLROnPlateau

LOSS_REMEDY = "compute it with the functions of chainrule.nn.functional"


class Optimizer(Protocol):
    """What :func:`fit` asks of an optimizer."""

    def zero_grad(self) -> None:
        """Forget the gradients of the last step."""

    def step(self) -> None:
        """Move the parameters along the gradients they have."""


@dataclass(frozen=True)
class Step:
    """What the callback of :func:`fit` sees, after the gradients and before the update.

    Examples
    --------
    A callback that adds noise to the gradients of the first epoch:

    >>> import numpy as np
    >>> from chainrule.training import Step
    >>> rng = np.random.default_rng(0)
    >>> def noise(step: Step) -> None:
    ...     for p in step.model.parameters():
    ...         if step.epoch == 0:
    ...             p.grad += 0.01 * rng.standard_normal(p.shape).astype(p.dtype)
    """

    epoch: int
    step: int
    loss: float
    model: Module


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
    schedule: Schedule | None = None,
    schedule_per: Literal["step", "epoch"] = "step",
    clip_norm: float | None = None,
    clip_value: float | None = None,
    early_stopping: EarlyStopping | None = None,
    callback: Callable[[Step], None] | None = None,
    drop_last: bool = False,
    progress: bool | None = None,
) -> History:
    """Train ``model`` in place and return what was measured.

    Updates are made in training mode (``model.train()``), measurements in evaluation mode, in which
    the model is left, without a record of gradients and in batches. To go on, call it again with
    the same model, optimizer, schedule and generator: twice five epochs are ten, to the last bit,
    unless early stopping put other weights back.

    Parameters
    ----------
    model : Module
        Takes a batch of X, returns predictions or logits, or a tuple, as a variational
        autoencoder does; ``loss`` and ``metric`` get what it returns.
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
    schedule : schedule of :mod:`chainrule.optim`, optional
        Of the same optimizer. A plateau is stepped with the validation loss after each epoch.
    schedule_per : "step" or "epoch"
        What the schedule counts: updates or epochs.
    clip_norm : float, optional
        The bound of :func:`~chainrule.optim.clip_grad_norm_`, before each update.
    clip_value : float, optional
        The bound of :func:`~chainrule.optim.clip_grad_value_`, before each update.
    early_stopping : EarlyStopping, optional
        The model ends with its best weights, also if it was interrupted or all epochs were run.
    callback : callable, optional
        Gets a :class:`Step` after each backward pass, before gradients are clipped and the update.
    drop_last : bool
        Leave the last batch of an epoch out if it is smaller than the others.
    progress : bool, optional
        Show a progress bar; by default in terminals and notebooks.

    Returns
    -------
    History
        Also when interrupted with Ctrl-C: the model keeps what it learned.

    Raises
    ------
    ValueError
        If X and t differ in length or are empty, a number is not positive, the loss is not a
        single number, the optimizer has none of the model's parameters, the schedule another
        optimizer, or what a schedule or early stopping watches is not measured.
    TypeError
        If X or t is not an array, or a number or ``rng`` is of another type.
    FloatingPointError
        If the loss becomes infinite or NaN. The model is left as it was before that step.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import data, nn
    >>> from chainrule.nn import functional as F
    >>> from chainrule.optim import Adam
    >>> from chainrule.training import accuracy, fit
    >>> X, t = data.xor()
    >>> rng = np.random.default_rng(0)
    >>> model = nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng))
    >>> optimizer = Adam(model.parameters(), lr=0.1)
    >>> settings = {"optimizer": optimizer, "epochs": 50, "batch_size": 4, "rng": rng}
    >>> history = fit(model, F.cross_entropy, X, t, metric=accuracy, **settings)
    >>> history.metric[-1]
    1.0
    """
    require_parts("fit", model, loss, optimizer)
    per_epoch = count_batches("fit", X, t, batch_size, drop_last=drop_last)
    require_integers("fit", epochs=epochs)
    require_generator("fit", rng)
    parameters = _trained(model, optimizer)
    _require_options(metric, callback, clip_norm, clip_value, early_stopping)
    _require_validation(validation)
    _require_schedule(schedule, schedule_per, optimizer, validation)
    _require_monitored(early_stopping, validation, metric)

    history = History()
    if early_stopping is not None:
        early_stopping.reset()
    batches = _batches(X, t, batch_size, epochs, rng=rng, drop_last=drop_last)
    bar = Progress(batches, "fit", total=epochs * per_epoch, show=progress)
    try:
        for epoch, step, x_batch, t_batch in bar:
            if step == 0:
                model.train()
                total, examples, norm = 0.0, 0, 0.0
            value = _forward_backward(model, loss, x_batch, t_batch, optimizer, epoch, step)
            if callback is not None:
                callback(Step(epoch, step, value, model))
            if clip_norm is not None:
                norm = max(norm, optim.clip_grad_norm_(parameters, clip_norm))
            if clip_value is not None:
                optim.clip_grad_value_(parameters, clip_value)
            optimizer.step()
            rate = math.nan if schedule is None else schedule.optimizer.lr
            if schedule_per == "step" and isinstance(schedule, optim.Schedule):
                schedule.step()
            total += value * len(x_batch)
            examples += len(x_batch)
            if step + 1 < per_epoch:
                continue

            model.eval()
            measured = {"loss": total / examples}
            measured |= _measure(model, loss, metric, (X, t), validation)
            measured |= {} if schedule is None else {"learning_rate": rate}
            measured |= {} if clip_norm is None else {"gradient_norm": norm}
            history._append(**measured)
            bar.note = f"epoch {epoch + 1}/{epochs}  {history.last()}"
            if isinstance(schedule, optim.ReduceLROnPlateau):
                schedule.step(measured["validation_loss"])
            elif schedule is not None and schedule_per == "epoch":
                schedule.step()
            if early_stopping is not None:
                history.stopped_early = early_stopping.update(
                    measured[early_stopping.monitor], model
                )
                if history.stopped_early:
                    break
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        model.eval()
    if early_stopping is not None:
        early_stopping.restore(model)
        history.best_epoch = early_stopping.best_epoch
    return history


def _batches(
    X: Array, t: Array, batch_size: int, epochs: int, *, rng: np.random.Generator, drop_last: bool
) -> Iterator[tuple[int, int, Array, Array]]:
    for epoch in range(epochs):
        batches = minibatches(X, t, batch_size, rng=rng, drop_last=drop_last)
        for step, (x_batch, t_batch) in enumerate(batches):
            yield epoch, step, x_batch, t_batch


def _forward_backward(
    model: Module, loss: Loss, x: Array, t: Array, optimizer: Optimizer, epoch: int, step: int
) -> float:
    """Leave the gradients of this batch alone in the parameters; return its loss."""
    batch_loss = loss(model(Tensor(x)), t)
    require_instance("fit", Tensor, LOSS_REMEDY, **{"what loss returns": batch_loss})
    if batch_loss.shape != ():
        raise ValueError(
            f"fit: the loss must be a single number, got shape {batch_loss.shape}; "
            "take the mean over the batch"
        )
    value = batch_loss.item()
    if not math.isfinite(value):
        raise FloatingPointError(
            f"fit: the loss became {value} in epoch {epoch}, step {step}; look for NaN "
            "in the data, lower the learning rate, or scale the inputs"
        )
    optimizer.zero_grad()
    batch_loss.backward()
    return value


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
        measured["metric"] = _number(metric(predict(model, X), t))
    if validation is not None:
        X, t = validation
        output = predict(model, X)
        with no_grad():
            measured["validation_loss"] = loss(as_tensors(output), t).item()
        if metric is not None:
            measured["validation_metric"] = _number(metric(output, t))
    return measured


def _number(measured: Any) -> float:
    require_numbers("fit", None, **{"what metric returns": measured})
    return float(measured)


def _trained(model: Module, optimizer: Optimizer) -> list[Tensor]:
    """List the parameters that the optimizer moves, as far as it can be known."""
    own = list(model.parameters())
    if not isinstance(optimizer, optim.Optimizer):
        return own
    if set(own).isdisjoint(optimizer.parameters):
        raise ValueError(
            "fit: the optimizer has none of this model's parameters, so the model would not learn; "
            "make it after the model, with model.parameters()"
        )
    return optimizer.parameters


def _require_options(
    metric: Any, callback: Any, clip_norm: Any, clip_value: Any, early_stopping: Any
) -> None:
    functions = {"metric": metric, "callback": callback}
    given = {name: f for name, f in functions.items() if f is not None}
    remedy = "pass a function; an instrument that is a context stands around fit instead, in a with"
    require_function("fit", remedy, **given)
    bounds = {"clip_norm": clip_norm, "clip_value": clip_value}
    require_numbers("fit", "(0, inf]", **{n: b for n, b in bounds.items() if b is not None})
    if early_stopping is not None:
        remedy = "pass EarlyStopping(patience=…)"
        require_instance("fit", EarlyStopping, remedy, early_stopping=early_stopping)


def _require_validation(validation: Any) -> None:
    if validation is None:
        return
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        got = type(validation).__name__
        if isinstance(validation, (tuple, list)):
            got += f" of {len(validation)}"
        raise TypeError(f"fit: validation must be a pair of arrays (X, t), got {got}")
    X, t = validation
    count_batches("fit: validation", X, t, 1, drop_last=False)


def _require_schedule(
    schedule: Schedule | None, per: str, optimizer: Optimizer, validation: Any
) -> None:
    require_choice("fit", ("step", "epoch"), schedule_per=per)
    if schedule is not None:
        require_instance("fit", Schedule, "make it with chainrule.optim", schedule=schedule)
    if schedule is not None and schedule.optimizer is not optimizer:
        raise ValueError("fit: the schedule was made for another optimizer; make it for this one")
    if isinstance(schedule, optim.ReduceLROnPlateau) and validation is None:
        raise ValueError(
            "fit: ReduceLROnPlateau watches the validation loss; pass validation=(X, t)"
        )


def _require_monitored(stopping: EarlyStopping | None, validation: Any, metric: Any) -> None:
    if stopping is None:
        return
    needed = {"validation": validation}
    if stopping.monitor == "validation_metric":
        needed["metric"] = metric
    missing = [f"{name}=…" for name, given in needed.items() if given is None]
    if missing:
        raise ValueError(
            f"fit: early stopping watches the {stopping.monitor.replace('_', ' ')}; "
            f"pass {' and '.join(missing)}"
        )


def require_parts(function: str, model: Any, loss: Any, optimizer: Any) -> None:
    """Raise ``TypeError`` unless there are a model, a loss and an optimizer to train with."""
    require_instance(function, Module, "pass the model", model=model)
    require_function(function, "pass for instance F.cross_entropy", loss=loss)
    methods = [getattr(optimizer, name, None) for name in ("zero_grad", "step")]
    if isinstance(optimizer, type) or not all(map(callable, methods)):
        raise TypeError(
            f"{function}: optimizer must have the methods zero_grad and step, got {optimizer!r}; "
            "pass an optimizer of chainrule.optim, made with model.parameters()"
        )
