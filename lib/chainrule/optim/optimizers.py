"""Optimizers: they change parameters in place, given their gradients.

In the formulas θ is a parameter, g its gradient (plus λ θ, the gradient of the L2 penalty, where
there is a ``weight_decay`` λ), η the learning rate ``lr``. A method ``_change`` turns g into what
is subtracted from θ. It works in place where it can: on large layers, making new arrays costs more
than the arithmetic.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.arguments import require_numbers
from chainrule.functional.contract import Array
from chainrule.optim.base import Optimizer, Parameters


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v ← μ v + g, θ ← θ − η v.

    Parameters
    ----------
    parameters : iterable of Tensor, or groups as :class:`Optimizer` takes
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.array([1.0]), requires_grad=True)
    >>> optimizer = SGD([w], lr=0.5, momentum=0.5)
    >>> for g in (1.0, 1.0):
    ...     w.grad = np.array([g])
    ...     optimizer.step()  # v = 1, then 1.5
    >>> w.data
    array([-0.25])
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        require_numbers("SGD", "[0, 1)", momentum=momentum)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs momentum greater than 0")
        self.momentum = momentum
        self.nesterov = nesterov
        if momentum:
            self._velocity = self._zeros("velocity")

    def _change(self, where: slice, t: int, g: Array) -> Array:
        change = g
        if self.momentum:
            v = self._velocity[where]
            v *= self.momentum
            v += g
            if self.nesterov:
                change += self.momentum * v
            else:
                change[...] = v
        change *= self.lr
        return change


class Adagrad(Optimizer):
    """AdaGrad: s ← s + g², θ ← θ − η g / (√s + ε).

    Parameters
    ----------
    parameters : iterable of Tensor, or groups as :class:`Optimizer` takes
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

    Examples
    --------
    The steps shrink as 1, 1/√2, 1/√3, … under a constant gradient, whatever its size:

    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.zeros(2), requires_grad=True)
    >>> optimizer = Adagrad([w], lr=1.0)
    >>> w.grad = np.array([0.01, 100.0])
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     print(w.data.round(4))
    [-1. -1.]
    [-1.7071 -1.7071]
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.01,
        *,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        require_numbers(type(self).__name__, "[0, inf)", eps=eps)
        self.eps = eps
        self._square = self._zeros("square")

    def _change(self, where: slice, t: int, g: Array) -> Array:
        s = self._square[where]
        s += g * g
        change = np.sqrt(s)
        change += self.eps
        np.divide(g, change, out=change)
        change *= self.lr
        return change


class RMSprop(Optimizer):
    """RMSprop: s ← α s + (1 − α) g², θ ← θ − η g / (√s + ε).

    Parameters
    ----------
    parameters : iterable of Tensor, or groups as :class:`Optimizer` takes
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.zeros(1), requires_grad=True)
    >>> optimizer = RMSprop([w], lr=0.1, alpha=0.75)
    >>> w.grad = np.array([8.0])
    >>> optimizer.step()  # s = 16
    >>> w.data.round(6)
    array([-0.2])
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.01,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        require_numbers("RMSprop", "[0, 1)", alpha=alpha)
        self.alpha = alpha
        require_numbers(type(self).__name__, "[0, inf)", eps=eps)
        self.eps = eps
        self._square = self._zeros("square")

    def _change(self, where: slice, t: int, g: Array) -> Array:
        s, change = self._square[where], g * g
        change *= 1 - self.alpha
        s *= self.alpha
        s += change
        np.sqrt(s, out=change)
        change += self.eps
        np.divide(g, change, out=change)
        change *= self.lr
        return change


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) after t steps make up for the start at zero.

    Parameters
    ----------
    parameters : iterable of Tensor, or groups as :class:`Optimizer` takes
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

    Examples
    --------
    The first step has the size of the learning rate, whatever the size of the gradient:

    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.zeros(2), requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
    >>> w.grad = np.array([0.01, -100.0])
    >>> optimizer.step()
    >>> w.data.round(6)
    array([-0.1,  0.1])
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.betas = _two_fractions(type(self).__name__, betas)
        require_numbers(type(self).__name__, "[0, inf)", eps=eps)
        self.eps = eps
        self._mean, self._square = self._zeros("mean"), self._zeros("square")

    def _change(self, where: slice, t: int, g: Array) -> Array:
        (beta1, beta2), m, v = self.betas, self._mean[where], self._square[where]
        change = g - m
        change *= 1 - beta1
        m += change
        np.multiply(g, g, out=change)
        change *= 1 - beta2
        v *= beta2
        v += change

        root = math.sqrt(1 - beta2**t)
        np.sqrt(v, out=change)
        change += self.eps * root
        np.divide(m, change, out=change)
        change *= self.lr * root / (1 - beta1**t)
        return change


class AdamW(Adam):
    """Adam with decoupled weight decay: θ ← (1 − η λ) θ, then Adam's step without the penalty.

    Parameters
    ----------
    parameters : iterable of Tensor, or groups as :class:`Optimizer` takes
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

    Examples
    --------
    Without a gradient of the loss, decay is all that is left:

    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.array([8.0]), requires_grad=True)
    >>> optimizer = AdamW([w], lr=0.5, weight_decay=0.25)
    >>> w.grad = np.array([0.0])
    >>> optimizer.step()
    >>> w.data
    array([7.])
    """

    decoupled = True

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)


class Lion(Optimizer):
    """Lion: θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), then m ← β₂ m + (1 − β₂) g.

    Parameters
    ----------
    parameters : iterable of Tensor, or groups as :class:`Optimizer` takes
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.zeros(2), requires_grad=True)
    >>> optimizer = Lion([w], lr=0.125)
    >>> w.grad = np.array([0.01, -100.0])
    >>> optimizer.step()
    >>> w.data
    array([-0.125,  0.125])
    """

    decoupled = True

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-4,
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.betas = _two_fractions(type(self).__name__, betas)
        self._mean = self._zeros("mean")

    def _change(self, where: slice, t: int, g: Array) -> Array:
        (beta1, beta2), m = self.betas, self._mean[where]
        g -= m
        mixed = (1 - beta1) * g
        mixed += m
        g *= 1 - beta2
        m += g
        change = np.sign(mixed)  # in place, NumPy's loop takes seven times as long
        change *= self.lr
        return change


def _two_fractions(optimizer: str, betas: Any) -> tuple[float, float]:
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise TypeError(f"{optimizer}: betas must be a pair of numbers, got {betas!r}")
    require_numbers(optimizer, "[0, 1)", **{f"betas[{i}]": beta for i, beta in enumerate(betas)})
    return betas[0], betas[1]
