"""Schedules: they change the learning rate of an optimizer while it trains.

Call ``step()`` after each update or each epoch, whichever unit the schedule is meant to count.
Every schedule but :class:`ReduceLROnPlateau` is a formula in the number of steps t so far and in
η₀, the ``initial_lr`` that the optimizer was made with. Names and numbers are
PyTorch's. Derived in the chapter ``optimizers``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.arguments import is_integer, require_instance, require_integers, require_numbers
from chainrule.functional.contract import Array
from chainrule.optim.base import Optimizer


class Schedule:
    """A learning rate as a function of time; subclasses define ``at``.

    Parameters
    ----------
    optimizer : Optimizer
        Its ``lr`` is set at once, and at every :meth:`step`.

    Attributes
    ----------
    t : int
        The number of steps so far.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> class Harmonic(Schedule):
    ...     def at(self, t):
    ...         return self.initial_lr / (1 + t)
    >>> schedule = Harmonic(optimizer)
    >>> schedule.step()
    >>> optimizer.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer) -> None:
        _require_optimizer(type(self).__name__, optimizer)
        self.optimizer = optimizer
        self.initial_lr = optimizer.initial_lr
        self.t = 0
        optimizer.lr = self.at(0)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        raise TypeError(f"{type(self).__name__}: a schedule must define at(self, t)")

    def step(self) -> None:
        """Count one step and set the learning rate."""
        self.optimizer.lr = self.at(self.t + 1)
        self.t += 1

    def state_dict(self) -> dict[str, Array]:
        """Copy what :meth:`load_state_dict` needs to go on from here."""
        return {"t": np.array(self.t)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what :meth:`state_dict` returned, and set the learning rate to match.

        Raises
        ------
        ValueError
            If it is the state of something else.
        """
        _require_keys(type(self).__name__, state, {"t"})
        self.t = int(state["t"])
        self.optimizer.lr = self.at(self.t)


class StepLR(Schedule):
    """η = η₀ γ^⌊t / s⌋: falls by a factor every s steps.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
        s, at least 1.
    gamma : float
        γ > 0.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [schedule.at(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        require_integers("StepLR", step_size=step_size)
        require_numbers("StepLR", "(0, inf)", gamma=gamma)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        return self.initial_lr * self.gamma ** (t // self.step_size)


class ExponentialLR(Schedule):
    """η = η₀ γᵗ.

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float
        γ > 0.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> schedule = ExponentialLR(optimizer, gamma=0.5)
    >>> [schedule.at(t) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        require_numbers("ExponentialLR", "(0, inf)", gamma=gamma)
        self.gamma = gamma
        super().__init__(optimizer)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        return self.initial_lr * self.gamma**t


class LinearLR(Schedule):
    """η = η₀ (a + (b − a) min(t / T, 1)): a straight line, for instance a warm-up.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float
        a and b.
    total_iters : int
        T, at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> schedule = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> [schedule.at(t) for t in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        require_integers("LinearLR", total_iters=total_iters)
        require_numbers("LinearLR", "(0, inf)", start_factor=start_factor)
        require_numbers("LinearLR", "[0, inf)", end_factor=end_factor)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        done = min(t / self.total_iters, 1.0)
        return self.initial_lr * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(Schedule):
    """η = η₁ + (η₀ − η₁) (1 + cos(π t / T)) / 2: half a wave from η₀ down to η₁.

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        T, at least 1; after it the wave rises again, as PyTorch's does.
    eta_min : float
        η₁, at least 0.

    Notes
    -----
    Loshchilov & Hutter (2017), equation 5, without restarts.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=4)
    >>> [round(schedule.at(t), 3) for t in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        require_integers("CosineAnnealingLR", T_max=T_max)
        require_numbers("CosineAnnealingLR", "[0, inf)", eta_min=eta_min)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        return _cosine(self.initial_lr, self.eta_min, t / self.T_max)


class OneCycleLR(Schedule):
    """Up from η_max / 25 to η_max, then down to η_max / 250,000, each by half a cosine wave.

    Parameters
    ----------
    optimizer : Optimizer
        Its own learning rate is replaced.
    max_lr : float
        η_max > 0.
    total_steps : int
        How many steps the cycle has, at least 2.
    pct_start : float
        The fraction of them that goes up, in (0, 1).
    div_factor, final_div_factor : float
        What η_max is divided by at the start, and the start divided by at the end.

    Raises
    ------
    RuntimeError
        When stepped beyond the cycle.

    Notes
    -----
    Smith & Topin (2019), with PyTorch's cosine shape. Momentum is left alone.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=10, pct_start=0.4)
    >>> [round(schedule.at(t), 3) for t in range(10)]
    [0.04, 0.28, 0.76, 1.0, 0.933, 0.75, 0.5, 0.25, 0.067, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        require_numbers("OneCycleLR", "(0, inf)", max_lr=max_lr, div_factor=div_factor)
        require_numbers("OneCycleLR", "(0, inf)", final_div_factor=final_div_factor)
        require_integers("OneCycleLR", least=2, total_steps=total_steps)
        require_numbers("OneCycleLR", "(0, 1)", pct_start=pct_start)
        self.max_lr, self.total_steps = max_lr, total_steps
        self.start_lr = max_lr / div_factor
        self.end_lr = self.start_lr / final_div_factor
        self.top = pct_start * total_steps - 1
        super().__init__(optimizer)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        if t > self.total_steps:  # the step after the last update sets a rate that none uses
            raise RuntimeError(
                f"OneCycleLR: the cycle has {self.total_steps} steps and this is one more; "
                "make total_steps as large as the number of updates"
            )
        if t < self.top:
            return _cosine(self.start_lr, self.max_lr, t / self.top)
        down = self.total_steps - 1 - self.top
        return _cosine(self.max_lr, self.end_lr, (t - self.top) / down)


class SequentialLR(Schedule):
    """One schedule after the other, for instance a warm-up and then a cosine.

    Parameters
    ----------
    optimizer : Optimizer
    schedules : sequence of Schedule
        Made for the same optimizer; each counts from its own start.
    milestones : sequence of int
        After how many steps the second, third, … takes over; rising.

    Raises
    ------
    ValueError
        If the numbers do not fit.

    Examples
    --------
    Two steps of warm-up, then a cosine of four:

    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> warm_up = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> cosine = CosineAnnealingLR(optimizer, T_max=4)
    >>> schedule = SequentialLR(optimizer, [warm_up, cosine], milestones=[2])
    >>> [round(schedule.at(t), 3) for t in range(7)]
    [0.5, 0.75, 1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedules: Sequence[Schedule], milestones: Sequence[int]
    ) -> None:
        if not isinstance(schedules, (tuple, list)) or not all(
            isinstance(schedule, Schedule) for schedule in schedules
        ):
            raise TypeError(
                f"SequentialLR: schedules must be a list of them, got {schedules!r}; "
                "ReduceLROnPlateau has no place in a sequence"
            )
        if not isinstance(milestones, (tuple, list)) or not all(map(is_integer, milestones)):
            raise TypeError(
                f"SequentialLR: milestones must be a list of integers, got {milestones!r}"
            )
        if not schedules:
            raise ValueError("SequentialLR: schedules must hold at least one, got []")
        if len(milestones) != len(schedules) - 1 or list(milestones) != sorted(
            {n for n in milestones if n > 0}
        ):
            raise ValueError(
                f"SequentialLR: {len(schedules)} schedules need {len(schedules) - 1} rising "
                f"milestones, got {list(milestones)}; "
                "each must be greater than 0 and than the one before"
            )
        self.schedules, self.milestones = list(schedules), list(milestones)
        super().__init__(optimizer)

    def at(self, t: int) -> float:
        """Return the learning rate after ``t`` steps."""
        active = sum(t >= milestone for milestone in self.milestones)
        start = self.milestones[active - 1] if active else 0
        return self.schedules[active].at(t - start)


class ReduceLROnPlateau:
    """η ← max(γ η, η₁) when what is watched has not fallen for more than ``patience`` steps.

    Parameters
    ----------
    optimizer : Optimizer
    factor : float
        γ in (0, 1).
    patience : int
        How many steps without an improvement are borne.
    threshold : float
        Only a fall by more than this fraction of the best value counts.
    min_lr : float
        η₁.

    Notes
    -----
    As PyTorch's with ``mode="min"`` and no cooldown.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.optim import SGD
    >>> optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    ...     print(optimizer.lr)
    1.0
    1.0
    1.0
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        min_lr: float = 0.0,
    ) -> None:
        require_numbers("ReduceLROnPlateau", "(0, 1)", factor=factor)
        require_integers("ReduceLROnPlateau", least=0, patience=patience)
        require_numbers("ReduceLROnPlateau", "[0, inf)", threshold=threshold, min_lr=min_lr)
        _require_optimizer("ReduceLROnPlateau", optimizer)
        self.optimizer = optimizer
        self.factor, self.patience = factor, patience
        self.threshold, self.min_lr = threshold, min_lr
        self.best = math.inf
        self.bad_steps = 0

    def step(self, value: float) -> None:
        """Count one step with ``value``, for instance the validation loss."""
        require_numbers("ReduceLROnPlateau.step", None, value=value)
        if value < self.best * (1 - self.threshold):
            self.best = value
            self.bad_steps = 0
        else:
            self.bad_steps += 1
        if self.bad_steps > self.patience:
            self.optimizer.lr = max(self.optimizer.lr * self.factor, self.min_lr)
            self.bad_steps = 0

    def state_dict(self) -> dict[str, Array]:
        """Copy what :meth:`load_state_dict` needs; the rate itself is the optimizer's to keep."""
        return {"best": np.array(self.best), "bad_steps": np.array(self.bad_steps)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what :meth:`state_dict` returned.

        Raises
        ------
        ValueError
            If it is the state of something else.
        """
        _require_keys("ReduceLROnPlateau", state, {"best", "bad_steps"})
        self.best, self.bad_steps = float(state["best"]), int(state["bad_steps"])


def _cosine(start: float, end: float, fraction: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * fraction)) / 2


def _require_optimizer(schedule: str, optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{schedule}: optimizer must be an optimizer of chainrule.optim, got {optimizer!r}; "
            "make it first and pass it"
        )


def _require_keys(schedule: str, state: Mapping[str, Any], keys: set[str]) -> None:
    remedy = "pass what state_dict() of such a schedule returned"
    require_instance(schedule, Mapping, remedy, state=state)
    if set(state) != keys:
        raise ValueError(
            f"{schedule}: its state has the entries {sorted(keys)}, got {sorted(state)}; " + remedy
        )
