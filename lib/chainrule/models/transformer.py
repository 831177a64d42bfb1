"""The Transformer: encoder and decoder. Derived in the chapter ``transformers``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import is_integer, require_integers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.functional.positions import sinusoidal_encoding
from chainrule.models.inputs import require_tokens
from chainrule.nn.transformer import require_transformer


class Transformer(nn.Module):
    """Encoder–decoder: a source and the target so far → logits of each next target token.

    Parameters
    ----------
    src_vocab_size, tgt_vocab_size : int
        V_s and V.
    d_model, nhead, num_layers, dim_feedforward : int
        Of both encoder and decoder; d is even.
    dropout : float
    pad_id : int, optional
        The token that fills sources up to one length; nothing attends to it.
    norm_first : bool, keyword only
        As in :class:`chainrule.nn.TransformerEncoderLayer`.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is out of range.

    Notes
    -----
    ``encoder`` and ``decoder`` have the names of ``torch.nn.Transformer``. Positions are sines, so
    sequences may have any length. Embeddings are multiplied by √d, to be as large as the positions.
    Derived in the chapter ``transformers``; Vaswani et al. (2017), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import Transformer
    >>> model = Transformer(12, 9, pad_id=0, rng=np.random.default_rng(0))
    >>> src, tgt = np.array([[4, 7, 2, 0, 0]]), np.array([[1, 3, 5]])
    >>> model(src, tgt).shape
    (1, 3, 9)
    >>> model.greedy_decode(src, start=1, end=2, max_len=6).shape[0]
    1
    """

    def __init__(
        self,
        src_vocab_size: int,
        tgt_vocab_size: int,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int = 256,
        dropout: float = 0.0,
        pad_id: int | None = None,
        *,
        norm_first: bool = False,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_transformer(
            "Transformer",
            d_model=d_model,
            nhead=nhead,
            num_layers=num_layers,
            dim_feedforward=dim_feedforward,
            src_vocab_size=src_vocab_size,
            tgt_vocab_size=tgt_vocab_size,
            dropout=dropout,
            rng=rng,
            dtype=dtype,
        )
        vocabulary = min(src_vocab_size, tgt_vocab_size)
        if pad_id is not None and not (is_integer(pad_id) and 0 <= pad_id < vocabulary):
            raise ValueError(
                f"Transformer: pad_id must lie in 0, …, {vocabulary - 1}, got {pad_id!r}; "
                "it is one id of both vocabularies"
            )

        def stack(kind: Any) -> _Stack:
            layers = [
                kind(
                    d_model,
                    nhead,
                    dim_feedforward,
                    dropout,
                    norm_first=norm_first,
                    rng=rng,
                    dtype=dtype,
                )
                for _ in range(num_layers)
            ]
            return _Stack(layers, nn.LayerNorm(d_model, dtype=dtype))

        self.src_embedding = nn.Embedding(src_vocab_size, d_model, rng=rng, dtype=dtype)
        self.tgt_embedding = nn.Embedding(tgt_vocab_size, d_model, rng=rng, dtype=dtype)
        for table in (self.src_embedding, self.tgt_embedding):
            nn.init.normal_(table.weight, std=1 / math.sqrt(d_model), rng=rng)
        self.dropout = nn.Dropout(dropout, rng=rng)
        self.encoder = stack(nn.TransformerEncoderLayer)
        self.decoder = stack(nn.TransformerDecoderLayer)
        self.head = nn.Linear(d_model, tgt_vocab_size, rng=rng, dtype=dtype)
        self.src_vocab_size, self.tgt_vocab_size = src_vocab_size, tgt_vocab_size
        self.pad_id = pad_id

    def encode(self, src: Any) -> Tensor:
        """src (B, S) → memory (B, S, d)."""
        src = require_tokens("Transformer", src, self.src_vocab_size)
        return self.encoder(self._embed(self.src_embedding, src), mask=self._present(src))

    def decode(self, tgt: Any, memory: Tensor, src: Array) -> Tensor:
        """tgt (B, T), memory (B, S, d) of src (B, S) → logits (B, T, V)."""
        tgt = require_tokens("Transformer", tgt, self.tgt_vocab_size)
        if len(tgt) != len(src):
            raise ValueError(
                "Transformer: src and tgt must hold one batch of pairs, got shapes "
                f"{src.shape} and {tgt.shape}"
            )
        x = self._embed(self.tgt_embedding, tgt)  # (B, T, d)
        x = self.decoder(x, memory, causal=True, cross_mask=self._present(src))
        return self.head(x)

    def forward(self, src: Any, tgt: Any) -> Tensor:
        """src (B, S), tgt (B, T) → logits (B, T, V): at t, of the token behind tgt[:, t]."""
        src = require_tokens("Transformer", src, self.src_vocab_size)
        return self.decode(tgt, self.encode(src), src)

    def greedy_decode(self, src: Array, *, start: int, end: int, max_len: int) -> Array:
        """Take the likeliest token each time, until every sequence has ended.

        Parameters
        ----------
        src : integer array (B, S)
        start, end : int, keyword only
            The tokens that begin and end a target.
        max_len : int, keyword only
            How many tokens a target may have, the first included.

        Returns
        -------
        integer array (B, T)
            T ≤ max_len. What stands behind ``end`` is ``end`` again.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import Transformer
        >>> model = Transformer(6, 6, 8, 2, 1, 16, rng=np.random.default_rng(0))
        >>> model.head.bias.data[5] = 100  # whatever it reads, it ends
        >>> model.greedy_decode(np.array([[1, 2], [3, 4]]), start=0, end=5, max_len=9)
        array([[0, 5],
               [0, 5]])
        """
        src = require_tokens("Transformer", src, self.src_vocab_size)
        require_integers("Transformer.greedy_decode", max_len=max_len)
        for name, token in {"start": start, "end": end}.items():
            if not (is_integer(token) and 0 <= token < self.tgt_vocab_size):
                raise ValueError(
                    f"Transformer.greedy_decode: {name} must be a token of the target, in "
                    f"0, …, {self.tgt_vocab_size - 1}, got {token!r}"
                )
        tgt = np.full((len(src), 1), start, src.dtype)
        with nn.evaluating(self):
            memory = self.encode(src)
            while tgt.shape[1] < max_len and not (tgt == end).any(axis=1).all():
                likeliest = self.decode(tgt, memory, src).data[:, -1].argmax(-1)
                likeliest[(tgt == end).any(axis=1)] = end
                tgt = np.concatenate([tgt, likeliest[:, np.newaxis]], axis=1)
        return tgt

    def _embed(self, table: nn.Embedding, ids: Array) -> Tensor:
        x = table(ids)  # (B, T, d)
        d = x.shape[-1]
        positions = sinusoidal_encoding(np.arange(ids.shape[1]), d, dtype=x.dtype)  # (T, d)
        return self.dropout(x * math.sqrt(d) + positions)

    def _present(self, src: Array) -> Array | None:
        """True where a source token may be attended to, (B, 1, 1, S)."""
        return None if self.pad_id is None else (src != self.pad_id)[:, np.newaxis, np.newaxis]


class _Stack(nn.Module):
    """Layers one on the other, and a normalization on top."""

    def __init__(self, layers: list[nn.Module], norm: nn.LayerNorm) -> None:
        self.layers, self.norm = layers, norm

    def forward(self, x: Tensor, *memory: Tensor, **masks: Any) -> Tensor:
        """x (B, T, d) → y (B, T, d)."""
        for layer in self.layers:
            x = layer(x, *memory, **masks)
        return self.norm(x)
