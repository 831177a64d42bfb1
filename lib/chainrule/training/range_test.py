"""The learning-rate range test: which rates make a model learn, and which make it diverge.

Derived in the chapter ``gradient-descent``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from chainrule.arguments import (
    require_generator,
    require_instance,
    require_integers,
    require_numbers,
)
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import Module
from chainrule.optim import Optimizer
from chainrule.progress import Progress
from chainrule.training.batches import (
    count_batches,
    minibatches,
)
from chainrule.training.loop import LOSS_REMEDY, Loss, require_parts

BELOW_THE_LEAST = 10.0  # what the rate of the least loss is divided by to be suggested


@dataclass(frozen=True, eq=False)
class RangeTest:
    """What :func:`learning_rate_range` found.

    Attributes
    ----------
    rates : array (S,)
        The learning rates that were tried, rising; S is smaller than asked if it diverged.
    losses : array (S,)
        The loss of each mini-batch, before its update.
    smoothed : array (S,)
        Their moving average.
    suggestion : float or None
        A tenth of the rate at which the smoothed loss was least; None if it never fell.
    diverged : bool
        Whether it ended because the loss blew up. If not, larger rates may work as well.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.training import RangeTest
    >>> rates = np.array([0.1, 1.0, 10.0])
    >>> found = RangeTest(rates, rates, rates, suggestion=None, diverged=False)
    >>> found
    RangeTest(3 rates from 0.1 to 10, suggestion None)
    """

    rates: Array
    losses: Array
    smoothed: Array
    suggestion: float | None
    diverged: bool

    def __repr__(self) -> str:
        suggestion = "None" if self.suggestion is None else f"{self.suggestion:.2g}"
        note = ", diverged" if self.diverged else ""
        return (
            f"RangeTest({len(self.rates)} rates from {self.rates[0]:.2g} to {self.rates[-1]:.2g}, "
            f"suggestion {suggestion}{note})"
        )


def learning_rate_range(
    model: Module,
    loss: Loss,
    X: Array,
    t: Array,
    *,
    optimizer: Optimizer,
    batch_size: int,
    rng: np.random.Generator,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    divergence: float = 4.0,
    progress: bool | None = None,
) -> RangeTest:
    """Train with a learning rate that rises from step to step, and undo it all.

    In step i of S the rate is ``lowest`` · (``highest`` / ``lowest``)^(i / (S − 1)). The test ends
    early when the smoothed loss is more than ``divergence`` times its least value so far, or is no
    number. After it, also after an error, parameters, buffers, gradients, modes, the optimizer,
    ``rng`` and the generators of dropout are what they were: training goes on as without the test.

    Parameters
    ----------
    model : Module
    loss : callable
        Takes the model's output and the targets, returns a Tensor with one number.
    X, t : array (N, …)
        Inputs and targets; gone through as often as it takes.
    optimizer : Optimizer
        Of this model's parameters.
    batch_size : int
    rng : numpy.random.Generator
        Shuffles the examples.
    lowest, highest : float
        The first rate and the last.
    steps : int
        S, at least 2.
    smoothing : float
        β in [0, 1) of the moving average l̄ ← β l̄ + (1 − β) l, corrected for its start at 0.
    divergence : float
        Greater than 1; for losses that are positive.
    progress : bool, optional
        Show a progress bar; by default in terminals and notebooks.

    Returns
    -------
    RangeTest

    Raises
    ------
    ValueError
        If a number is out of range, X and t do not fit, or the loss is not finite at the first
        step.
    TypeError
        If X or t is not an array, or a number or ``rng`` is of another type.

    Notes
    -----
    Smith (2017), *Cyclical learning rates for training neural networks*, section 3.3, with rates
    that rise exponentially, as is common today.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.nn import functional as F
    >>> from chainrule.optim import SGD
    >>> from chainrule.training import learning_rate_range
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((64, 3)).astype(np.float32)
    >>> model = nn.Linear(3, 2, rng=rng)
    >>> optimizer = SGD(model.parameters(), lr=0.1)
    >>> found = learning_rate_range(
    ...     model, F.mse_loss, X, X[:, :2], optimizer=optimizer, batch_size=16, rng=rng
    ... )
    >>> found.diverged, 0.01 < found.suggestion < 1, optimizer.lr
    (True, True, 0.1)
    """
    function = "learning_rate_range"
    require_parts(function, model, loss, optimizer)
    require_instance(function, Optimizer, "take one of chainrule.optim", optimizer=optimizer)
    count_batches(function, X, t, batch_size, drop_last=False)
    require_generator(function, rng)
    require_integers(function, least=2, steps=steps)
    require_numbers(function, "(0, inf)", lowest=lowest, highest=highest)
    require_numbers(function, "[0, 1)", smoothing=smoothing)
    require_numbers(function, "(1, inf]", divergence=divergence)
    if not lowest < highest:
        raise ValueError(f"{function}: needs lowest < highest, got {lowest} and {highest}")

    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    smoothed: list[float] = []
    average, diverged = 0.0, False
    with _undone(model, optimizer, rng), np.errstate(over="ignore", invalid="ignore"):
        model.train()
        batches = _forever(X, t, batch_size, rng=rng)
        for i, rate in enumerate(Progress(rates, "learning rates", show=progress)):
            x_batch, t_batch = next(batches)
            batch_loss = loss(model(Tensor(x_batch)), t_batch)
            require_instance(function, Tensor, LOSS_REMEDY, **{"what loss returns": batch_loss})
            value = batch_loss.item()
            average = smoothing * average + (1 - smoothing) * value
            corrected = average / (1 - smoothing ** (i + 1))
            diverged = not math.isfinite(corrected)
            if diverged:
                break
            losses.append(value)
            smoothed.append(corrected)
            diverged = corrected > divergence * min(smoothed)
            if diverged:
                break
            optimizer.zero_grad()
            batch_loss.backward()
            optimizer.lr = float(rate)
            optimizer.step()
    if not losses:
        raise ValueError(
            f"{function}: the loss is {value} before any update; look for NaN in the data, or "
            "scale the inputs"
        )
    least = int(np.argmin(smoothed))
    return RangeTest(
        rates[: len(losses)],
        np.array(losses),
        np.array(smoothed),
        suggestion=float(rates[least] / BELOW_THE_LEAST) if least else None,
        diverged=diverged,
    )


def _forever(
    X: Array, t: Array, batch_size: int, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    while True:
        yield from minibatches(X, t, batch_size, rng=rng)


@contextmanager
def _undone(model: Module, optimizer: Optimizer, rng: np.random.Generator) -> Iterator[None]:
    """Put everything back that training changes."""
    modules = [module for _, module in model.named_modules()]
    modes = [module.training for module in modules]
    tensors = {*model.parameters(), *optimizer.parameters}
    gradients = {p: p.grad for p in tensors}
    values = {p: p.data.copy() for p in tensors}
    generators = {id(rng): rng} | {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, np.random.Generator)
    }
    draws = {key: generator.bit_generator.state for key, generator in generators.items()}
    weights, averages = model.state_dict(), optimizer.state_dict()
    for p in tensors:
        p.grad = None
    try:
        yield
    finally:
        model.load_state_dict(weights)
        optimizer.load_state_dict(averages)
        for p in tensors:
            p.data[...] = values[p]
            p.grad = gradients[p]
        for module, training in zip(modules, modes, strict=True):
            module.training = training
        for key, generator in generators.items():
            generator.bit_generator.state = draws[key]
