"""Activations as modules, for :class:`chainrule.nn.Sequential`: they own nothing.

Formulas, gradients and conventions are those of the functions of the same name in
:mod:`chainrule.functional`. All take any shape and return the same. Derived in the chapter
``activations``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.arguments import require_choice, require_integers, require_numbers
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class _Activation(Module):
    """What all have in common: a function of one array, and its options."""

    function: Callable[..., Tensor]

    def __init__(self, **options: Any) -> None:
        self.options = options

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return type(self).function(x, **self.options)

    def extra_repr(self) -> str:
        """The options."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())


class ReLU(_Activation):
    """y = max(x, 0).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.ReLU()(np.array([-1.0, 2.0]))
    Tensor([0., 2.])
    """

    function = staticmethod(F.relu)

    def __init__(self) -> None:
        super().__init__()


class LeakyReLU(_Activation):
    """y = max(x, 0) + a min(x, 0), with a the ``negative_slope``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.LeakyReLU(0.25)(np.array([-2.0, 3.0]))
    Tensor([-0.5,  3. ])
    """

    function = staticmethod(F.leaky_relu)

    def __init__(self, negative_slope: float = 0.01) -> None:
        require_numbers("LeakyReLU", "(-inf, inf)", negative_slope=negative_slope)
        super().__init__(negative_slope=negative_slope)


class ELU(_Activation):
    """y = x where x > 0, α (exp(x) − 1) elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.ELU(alpha=2.0)(np.array([-30.0, 3.0])).data.round(6)
    array([-2.,  3.])
    """

    function = staticmethod(F.elu)

    def __init__(self, alpha: float = 1.0) -> None:
        require_numbers("ELU", "(-inf, inf)", alpha=alpha)
        super().__init__(alpha=alpha)


class Softplus(_Activation):
    """y = log(1 + exp(x)).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Softplus()(np.array([0.0, 800.0])).data.round(4)
    array([6.931e-01, 8.000e+02])
    """

    function = staticmethod(F.softplus)

    def __init__(self) -> None:
        super().__init__()


class SiLU(_Activation):
    """y = x σ(x).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.SiLU()(np.array([-1.0, 0.0, 1.0])).data.round(4)
    array([-0.2689,  0.    ,  0.7311])
    """

    function = staticmethod(F.silu)

    def __init__(self) -> None:
        super().__init__()


class GELU(_Activation):
    """y = x Φ(x); with ``approximate="tanh"`` its approximation by tanh.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> x = np.array([-1.0, 0.0, 1.0])
    >>> nn.GELU()(x).data.round(4)
    array([-0.1587,  0.    ,  0.8413])
    >>> nn.GELU("tanh")(x).data.round(4)
    array([-0.1588,  0.    ,  0.8412])
    """

    function = staticmethod(F.gelu)

    def __init__(self, approximate: str = "none") -> None:
        require_choice("GELU", ("none", "tanh"), approximate=approximate)
        super().__init__(approximate=approximate)


class Sigmoid(_Activation):
    """y = 1 / (1 + exp(−x)).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Sigmoid()(np.array([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ])
    """

    function = staticmethod(F.sigmoid)

    def __init__(self) -> None:
        super().__init__()


class Tanh(_Activation):
    """y = tanh(x).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Tanh()(np.array([-1.0, 0.0, 1.0])).data.round(4)
    array([-0.7616,  0.    ,  0.7616])
    """

    function = staticmethod(F.tanh)

    def __init__(self) -> None:
        super().__init__()


class _Softmax(_Activation):
    """What softmax and its logarithm have in common: PyTorch calls their axis ``dim``."""

    def __init__(self, dim: int = -1) -> None:
        require_integers(type(self).__name__, least=None, dim=dim)
        super().__init__(axis=dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.options['axis']}"


class Softmax(_Softmax):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along the axis ``dim``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Softmax()(np.array([[0.0, 0.0], [0.0, np.log(3)]]))
    Tensor([[0.5 , 0.5 ],
            [0.25, 0.75]])
    """

    function = staticmethod(F.softmax)


class LogSoftmax(_Softmax):
    """yᵢ = xᵢ − log Σⱼ exp(xⱼ) along the axis ``dim``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> np.exp(nn.LogSoftmax()(np.array([0.0, np.log(3)])).data)
    array([0.25, 0.75])
    """

    function = staticmethod(F.log_softmax)
