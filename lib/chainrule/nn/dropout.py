"""Dropout as a module. Derived in the chapter ``regularization``."""

from __future__ import annotations

import numpy as np

from chainrule.arguments import require_generator, require_numbers
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class Dropout(Module):
    """In training, y = m x / (1 − p), every mᵢ 0 with probability p, else 1; in evaluation, y = x.

    Parameters
    ----------
    p : float
        The probability that an entry is dropped.
    rng : numpy.random.Generator, keyword only
        Draws m anew at each call. Where it stands is no part of ``state_dict``.

    Raises
    ------
    ValueError
        If p lies outside [0, 1].
    TypeError
        If ``rng`` is not a generator.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer, x = nn.Dropout(0.5, rng=np.random.default_rng(0)), np.ones(6)
    >>> layer(x)
    Tensor([2., 2., 2., 0., 0., 0.])
    >>> layer.eval()(x)
    Tensor([1., 1., 1., 1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        require_numbers("Dropout", "[0, 1]", p=p)
        require_generator("Dropout", rng)
        self.p, self.rng = p, rng

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.dropout(x, p=self.p, rng=self.rng, training=self.training)

    def extra_repr(self) -> str:
        """p."""
        return f"p={self.p}"
