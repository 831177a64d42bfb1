"""Optimizers: they change parameters in place, given their gradients.

In the formulas θ is a parameter, g its gradient (plus λ θ, the gradient of the L2 penalty, where
there is a ``weight_decay`` λ), η the learning rate ``lr``. The updates work in place, in one
scratch array per parameter: on large layers, making new arrays costs more than the arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array


class Optimizer:
    """What all optimizers have in common: the parameters, and one update for each of them.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train, for instance ``model.parameters()``.
    lr : float
        The learning rate, greater than 0. An attribute that may be changed between steps;
        ``initial_lr`` stays, and schedules start from it.
    weight_decay : float
        λ, at least 0.

    Raises
    ------
    ValueError
        If there is nothing to train, or a number is out of range.
    TypeError
        If something among the parameters is no Tensor that requires a gradient.
    """

    def __init__(
        self, parameters: Iterable[Tensor], lr: float, *, weight_decay: float = 0.0
    ) -> None:
        name = type(self).__name__
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError(f"{name}: there is no parameter to train; pass model.parameters()")
        for p in self.parameters:
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise TypeError(
                    f"{name}: a parameter must be a Tensor with requires_grad=True, got "
                    f"{type(p).__name__}; pass model.parameters()"
                )
        if not lr > 0:
            raise ValueError(f"{name}: lr must be greater than 0, got {lr}")
        if not weight_decay >= 0:
            raise ValueError(f"{name}: weight_decay must be at least 0, got {weight_decay}")
        self.lr = self.initial_lr = lr
        self.weight_decay = weight_decay
        self._steps = [0] * len(self.parameters)  # updates of each parameter so far
        self._scratch = self._zeros()

    def zero_grad(self) -> None:
        """Forget the gradients of the last step; otherwise the next ones add to them."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Update each parameter that has a gradient."""
        for i, p in enumerate(self.parameters):
            if p.grad is None:
                continue
            self._steps[i] += 1
            g = p.grad if not self.weight_decay else p.grad + self.weight_decay * p.data
            self._update(i, p.data, g)

    def _update(self, i: int, theta: Array, g: Array) -> None:
        """Change ``theta``, the i-th parameter, in place; every optimizer defines it."""
        raise TypeError(f"{type(self).__name__}: an optimizer must define _update(self, i, θ, g)")

    def _zeros(self) -> list[Array]:
        return [np.zeros_like(p.data) for p in self.parameters]

    def _require_fraction(self, name: str, value: float) -> None:
        if not 0 <= value < 1:
            raise ValueError(f"{type(self).__name__}: {name} must lie in [0, 1), got {value}")


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v ← μ v + g, θ ← θ − η v.

    Parameters
    ----------
    parameters : iterable of Tensor
    lr : float
        η > 0.
    momentum : float
        μ in [0, 1). With 0, the default, v is the gradient itself.
    nesterov : bool, keyword only
        Step along g + μ v, the gradient seen from where the momentum leads. Needs momentum.
    weight_decay : float, keyword only
        λ of the L2 penalty.

    Raises
    ------
    ValueError, TypeError
        As :class:`Optimizer`.

    Notes
    -----
    Momentum as in PyTorch; Sutskever, Martens, Dahl & Hinton (2013) put η inside v instead, which
    differs when η changes during training.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self._require_fraction("momentum", momentum)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs momentum greater than 0")
        self.momentum = momentum
        self.nesterov = nesterov
        self._velocity = self._zeros() if momentum else []

    def _update(self, i: int, theta: Array, g: Array) -> None:
        change = self._scratch[i]
        if not self.momentum:
            np.multiply(g, self.lr, out=change)
        else:
            v = self._velocity[i]
            v *= self.momentum
            v += g
            np.multiply(v, self.momentum * self.lr if self.nesterov else self.lr, out=change)
            if self.nesterov:
                change += self.lr * g
        theta -= change


class Adagrad(Optimizer):
    """AdaGrad: s ← s + g², θ ← θ − η g / (√s + ε).

    Parameters
    ----------
    parameters : iterable of Tensor
    lr : float
        η > 0.
    eps : float, keyword only
        ε keeps a parameter without gradient from dividing by zero.
    weight_decay : float, keyword only
        λ of the L2 penalty.

    Raises
    ------
    ValueError, TypeError
        As :class:`Optimizer`.

    Notes
    -----
    Duchi, Hazan & Singer (2011), the diagonal form.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 0.01,
        *,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.eps = eps
        self._square = self._zeros()

    def _update(self, i: int, theta: Array, g: Array) -> None:
        s, change = self._square[i], self._scratch[i]
        np.multiply(g, g, out=change)
        s += change
        np.sqrt(s, out=change)
        change += self.eps
        np.divide(g, change, out=change)
        change *= self.lr
        theta -= change


class RMSprop(Optimizer):
    """RMSprop: s ← α s + (1 − α) g², θ ← θ − η g / (√s + ε).

    Parameters
    ----------
    parameters : iterable of Tensor
    lr : float
        η > 0.
    alpha : float, keyword only
        α in [0, 1): how much of the mean square is kept.
    eps : float, keyword only
        ε, added to the root.
    weight_decay : float, keyword only
        λ of the L2 penalty.

    Raises
    ------
    ValueError, TypeError
        As :class:`Optimizer`.

    Notes
    -----
    Tieleman & Hinton (2012), lecture 6.5 of *Neural Networks for Machine Learning*.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 0.01,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self._require_fraction("alpha", alpha)
        self.alpha = alpha
        self.eps = eps
        self._square = self._zeros()

    def _update(self, i: int, theta: Array, g: Array) -> None:
        s, change = self._square[i], self._scratch[i]
        np.multiply(g, g, out=change)
        change *= 1 - self.alpha
        s *= self.alpha
        s += change
        np.sqrt(s, out=change)
        change += self.eps
        np.divide(g, change, out=change)
        change *= self.lr
        theta -= change


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) after t steps make up for the start at zero.

    Parameters
    ----------
    parameters : iterable of Tensor
    lr : float
        η > 0.
    betas : pair of float, keyword only
        β₁ and β₂ in [0, 1).
    eps : float, keyword only
        ε, added to the root.
    weight_decay : float, keyword only
        λ of the L2 penalty, whose gradient goes through m and v; :class:`AdamW` shrinks θ instead.

    Raises
    ------
    ValueError, TypeError
        As :class:`Optimizer`.

    Notes
    -----
    Kingma & Ba (2015), algorithm 1. The two corrections are folded into η and ε, as the end of
    their section 2 suggests, which saves two passes over the parameters.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        for name, beta in zip(("betas[0]", "betas[1]"), betas, strict=True):
            self._require_fraction(name, beta)
        self.betas = betas
        self.eps = eps
        self._mean, self._square = self._zeros(), self._zeros()

    def _update(self, i: int, theta: Array, g: Array) -> None:
        (beta1, beta2), t = self.betas, self._steps[i]
        m, v, change = self._mean[i], self._square[i], self._scratch[i]
        m *= beta1
        m += np.multiply(g, 1 - beta1, out=change)
        v *= beta2
        np.multiply(g, g, out=change)
        change *= 1 - beta2
        v += change

        root = math.sqrt(1 - beta2**t)
        np.sqrt(v, out=change)
        change += self.eps * root
        np.divide(m, change, out=change)
        change *= self.lr * root / (1 - beta1**t)
        theta -= change


class AdamW(Adam):
    """Adam with decoupled weight decay: θ ← (1 − η λ) θ, then Adam's step without the penalty.

    Parameters
    ----------
    parameters : iterable of Tensor
    lr : float
        η > 0.
    betas : pair of float, keyword only
        β₁ and β₂ in [0, 1).
    eps : float, keyword only
        ε, added to the root.
    weight_decay : float, keyword only
        λ.

    Raises
    ------
    ValueError, TypeError
        As :class:`Optimizer`.

    Notes
    -----
    Loshchilov & Hutter (2019), algorithm 2, with the decay multiplied by η as in PyTorch.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps)
        if not weight_decay >= 0:
            raise ValueError(f"AdamW: weight_decay must be at least 0, got {weight_decay}")
        self.decoupled_decay = weight_decay

    def _update(self, i: int, theta: Array, g: Array) -> None:
        theta *= 1 - self.lr * self.decoupled_decay
        super()._update(i, theta, g)


class Lion(Optimizer):
    """Lion: θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), then m ← β₂ m + (1 − β₂) g.

    Parameters
    ----------
    parameters : iterable of Tensor
    lr : float
        η > 0: the size of every entry's step. Three to ten times smaller than Adam's.
    betas : pair of float, keyword only
        β₁ and β₂ in [0, 1).
    weight_decay : float, keyword only
        λ, decoupled as in :class:`AdamW`.

    Raises
    ------
    ValueError, TypeError
        As :class:`Optimizer`.

    Notes
    -----
    Chen et al. (2023), algorithm 2.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        for name, beta in zip(("betas[0]", "betas[1]"), betas, strict=True):
            self._require_fraction(name, beta)
        if not weight_decay >= 0:
            raise ValueError(f"Lion: weight_decay must be at least 0, got {weight_decay}")
        self.betas = betas
        self.decoupled_decay = weight_decay
        self._mean = self._zeros()

    def _update(self, i: int, theta: Array, g: Array) -> None:
        (beta1, beta2), m, change = self.betas, self._mean[i], self._scratch[i]
        np.multiply(g, 1 - beta1, out=change)
        change += beta1 * m
        np.sign(change, out=change)
        change *= self.lr
        theta *= 1 - self.lr * self.decoupled_decay
        theta -= change
        m *= beta2
        m += np.multiply(g, 1 - beta2, out=change)
