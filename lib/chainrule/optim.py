"""Optimizers: they change parameters in place, given their gradients."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from chainrule.autograd import Tensor


class SGD:
    """Stochastic gradient descent with momentum: v ← μ v + g, θ ← θ − η v.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train, for instance ``model.parameters()``.
    lr : float
        The learning rate η, greater than 0. It is an attribute and may be changed between steps.
    momentum : float
        μ in [0, 1). With 0, the default, v is the gradient itself.

    Raises
    ------
    ValueError
        If there is nothing to train, or ``lr`` or ``momentum`` is out of range.
    TypeError
        If something among the parameters is no Tensor that requires a gradient.

    Notes
    -----
    Momentum as in PyTorch; Sutskever, Martens, Dahl & Hinton (2013) put η inside v instead, which
    differs when η changes during training.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.0) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("SGD: there is no parameter to train; pass model.parameters()")
        for p in self.parameters:
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise TypeError(
                    f"SGD: a parameter must be a Tensor with requires_grad=True, got "
                    f"{type(p).__name__}; pass model.parameters()"
                )
        if not lr > 0:
            raise ValueError(f"SGD: lr must be greater than 0, got {lr}")
        if not 0 <= momentum < 1:
            raise ValueError(f"SGD: momentum must lie in [0, 1), got {momentum}")
        self.lr = lr
        self.momentum = momentum
        self._velocities = [np.zeros_like(p.data) for p in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients of the last step; otherwise the next ones add to them."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Move each parameter that has a gradient."""
        for p, v in zip(self.parameters, self._velocities, strict=True):
            if p.grad is None:
                continue
            if self.momentum:
                v *= self.momentum
                v += p.grad
                p.data -= self.lr * v
            else:
                p.data -= self.lr * p.grad
