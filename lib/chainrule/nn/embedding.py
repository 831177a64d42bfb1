"""Embeddings that own their table. Derived in the chapter ``attention``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

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
    rng : numpy.random.Generator, keyword only
        Draws the initial table from the standard normal distribution, as PyTorch does.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight : Tensor (num_embeddings, embedding_dim)

    Raises
    ------
    ValueError
        If a size is not positive.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.weight = normal_(parameter(num_embeddings, embedding_dim, dtype=dtype), rng=rng)

    def forward(self, ids: Any) -> Tensor:
        """ids, integers of shape (...), → y (..., d)."""
        return F.embedding(ids, self.weight)

    def extra_repr(self) -> str:
        """Sizes."""
        num_embeddings, embedding_dim = self.weight.shape
        return f"{num_embeddings}, {embedding_dim}"
