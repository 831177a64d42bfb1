"""Early stopping: end when the validation data see no more improvement, with the best weights.

Derived in the chapter ``regularization``.
"""

from __future__ import annotations

import math
from typing import Literal

from chainrule.arguments import require_instance, require_integers, require_numbers
from chainrule.functional.contract import Array
from chainrule.nn import Module

Monitor = Literal["validation_loss", "validation_metric"]


class EarlyStopping:
    """Stop after ``patience`` epochs in a row without an improvement; put the best weights back.

    Pass it to :func:`~chainrule.training.fit`, or call :meth:`update` after each epoch of a loop of
    your own and :meth:`restore` after the loop.

    Parameters
    ----------
    patience : int
        At least 1.
    min_delta : float, keyword only
        At least 0: a change for the better by no more than this is no improvement.
    monitor : "validation_loss" or "validation_metric", keyword only
        What ``fit`` hands to :meth:`update`.
    mode : "min" or "max", keyword only
        Whether less is better or more. By default less of a loss and more of a metric.

    Attributes
    ----------
    best : float
        The best value so far.
    best_epoch : int or None
        When it was, counted from 0; None before there was one.

    Raises
    ------
    ValueError
        If an argument is not one of these.
    TypeError
        If ``patience`` is not an integer.

    Notes
    -----
    Goodfellow, Bengio & Courville (2016), algorithm 7.1. NaN is never an improvement.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.training import EarlyStopping
    >>> model = nn.Linear(1, 1, rng=np.random.default_rng(0))
    >>> stopping = EarlyStopping(patience=2)
    >>> for epoch, loss in enumerate([0.9, 0.5, 0.6, 0.7, 0.4]):
    ...     model.weight.data[...] = epoch  # what this epoch has learned
    ...     if stopping.update(loss, model):
    ...         break
    >>> stopping.restore(model)
    >>> epoch, stopping.best_epoch, model.weight.data
    (3, 1, array([[1.]], dtype=float32))
    """

    def __init__(
        self,
        patience: int = 10,
        *,
        min_delta: float = 0.0,
        monitor: Monitor = "validation_loss",
        mode: Literal["min", "max"] | None = None,
    ) -> None:
        require_integers("EarlyStopping", patience=patience)
        require_numbers("EarlyStopping", "[0, inf)", min_delta=min_delta)
        if monitor not in ("validation_loss", "validation_metric"):
            raise ValueError(
                "EarlyStopping: monitor must be 'validation_loss' or 'validation_metric', got "
                f"{monitor!r}; what is trained on cannot tell when to stop"
            )
        if mode not in ("min", "max", None):
            raise ValueError(f"EarlyStopping: mode must be 'min' or 'max', got {mode!r}")
        self.patience, self.min_delta, self.monitor = patience, min_delta, monitor
        self.mode = mode or ("min" if monitor == "validation_loss" else "max")
        self.reset()

    def reset(self) -> None:
        """Forget all epochs, as ``fit`` does when it begins."""
        self.best = math.inf if self.mode == "min" else -math.inf
        self.best_epoch: int | None = None
        self._epochs = 0
        self._weights: dict[str, Array] = {}

    def update(self, value: float, model: Module) -> bool:
        """Take note of an epoch and copy the weights if it is the best; return whether to stop.

        Parameters
        ----------
        value : float
            What is watched, after the epoch.
        model : Module
            As it is after the epoch.
        """
        require_numbers("EarlyStopping.update", None, value=value)
        require_instance(
            "EarlyStopping.update", Module, "pass the one that is trained", model=model
        )
        better = self.best - value if self.mode == "min" else value - self.best
        if better > self.min_delta:
            self.best, self.best_epoch = value, self._epochs
            self._weights = model.state_dict()
        self._epochs += 1
        last = -1 if self.best_epoch is None else self.best_epoch
        return self._epochs - 1 - last >= self.patience

    def restore(self, model: Module) -> None:
        """Give ``model`` the weights and buffers of the best epoch; without one, leave it."""
        if self._weights:
            model.load_state_dict(self._weights)
