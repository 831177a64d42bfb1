"""The multilayer perceptron. Derived in the chapters ``forward-pass`` and ``backpropagation``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import require_function, require_numbers, require_rng_and_dtype
from chainrule.models.inputs import MODULE_REMEDY, require_sizes


class MLP(nn.Sequential):
    """Linear layers with an activation between any two: x (..., d₀) → y (..., d_L).

    Parameters
    ----------
    sizes : sequence of int
        d₀, …, d_L: the features of the input, of each hidden layer, and of the output.
    activation : callable, keyword only
        Makes the module between two layers, such as :class:`chainrule.nn.ReLU`.
    dropout : float, keyword only
        The probability that, in training, a hidden unit is dropped; with 0 there are no such
        modules.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights, and then dropout.
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is not positive.

    Notes
    -----
    Derived in the chapters ``forward-pass`` and ``backpropagation``; Rumelhart, Hinton & Williams
    (1986).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import MLP
    >>> model = MLP([64, 32, 10], rng=np.random.default_rng(0))
    >>> model
    MLP(
      (0): Linear(64, 32)
      (1): ReLU()
      (2): Linear(32, 10)
    )
    >>> model(np.zeros((5, 64), np.float32)).shape, model.num_parameters()
    ((5, 10), 2410)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Callable[[], nn.Module] = nn.ReLU,
        dropout: float = 0.0,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_sizes("MLP", least=2, sizes=sizes)
        require_function("MLP", MODULE_REMEDY, activation=activation)
        require_numbers("MLP", "[0, 1]", dropout=dropout)
        require_rng_and_dtype("MLP", rng, dtype)
        layers: list[nn.Module] = []
        for d_in, d_out in pairwise(sizes):
            if layers:
                layers.append(activation())
                layers += [nn.Dropout(dropout, rng=rng)] if dropout else []
            layers.append(nn.Linear(d_in, d_out, rng=rng, dtype=dtype))
        super().__init__(*layers)
