"""Embeddings that own their table. Derived in the chapter ``attention``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import is_integer, require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.init import normal_
from chainrule.nn.module import Module, parameter, require_positive


class Embedding(Module):
    """Rows of a table, looked up by number: y = W[ids].

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        V and d.
    padding_idx : int, optional
        The id of padding, whose y is 0 and whose row, which begins as 0, is never trained.
    rng : numpy.random.Generator, keyword only
        Draws the initial table from the standard normal distribution, as PyTorch does.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight : Tensor (num_embeddings, embedding_dim)

    Raises
    ------
    ValueError
        If a size is not positive, or ``padding_idx`` is not an id.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Embedding(10, 3, padding_idx=0, rng=np.random.default_rng(0))
    >>> y = layer(np.array([[4, 2, 0], [7, 0, 0]]))
    >>> y.shape
    (2, 3, 3)
    >>> y.data.any(axis=2)
    array([[ True,  True, False],
           [ True, False, False]])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        require_rng_and_dtype("Embedding", rng, dtype)
        self.weight = normal_(parameter(num_embeddings, embedding_dim, dtype=dtype), rng=rng)
        self.padding_idx = padding_idx
        if padding_idx is not None:
            if not is_integer(padding_idx) or not 0 <= padding_idx < num_embeddings:
                raise ValueError(
                    f"Embedding: padding_idx must lie in 0, …, {num_embeddings - 1}, "
                    f"got {padding_idx!r}"
                )
            self.weight.data[padding_idx] = 0

    def forward(self, ids: Any) -> Tensor:
        """ids, integers of shape (...), → y (..., d)."""
        y = F.embedding(ids, self.weight)
        if self.padding_idx is None:
            return y
        tokens = ids.data if isinstance(ids, Tensor) else ids
        present = np.asarray(tokens != self.padding_idx, self.weight.dtype)
        return F.mul(y, present[..., np.newaxis])

    def extra_repr(self) -> str:
        """Sizes, and the padding."""
        num_embeddings, embedding_dim = self.weight.shape
        note = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{num_embeddings}, {embedding_dim}{note}"
