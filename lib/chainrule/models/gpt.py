"""GPT: a decoder-only Transformer. Derived in the chapter ``language-models``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import require_integers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.models.inputs import require_tokens
from chainrule.models.sampling import sample_tokens
from chainrule.nn import functional as F
from chainrule.nn.transformer import require_transformer


class GPT(nn.Module):
    """Tokens → logits of each next token, from what stands before it and nothing else.

    Parameters
    ----------
    vocab_size : int
        ``V``.
    max_len : int
        The longest sequence it can see: every position has an embedding of its own.
    d_model, nhead, num_layers : int
    dropout : float
    tie_weights : bool, keyword only
        Whether the last layer has the table of the token embedding for its weight.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is out of range.

    Notes
    -----
    A block is a :class:`chainrule.nn.TransformerEncoderLayer` with the normalization first and a
    causal mask; its hidden layer has 4d units. Weights are normal with standard deviation 0.02,
    those at the end of a branch with 0.02 / √(2 layers).
    Derived in the chapter ``language-models``; Radford et al. (2019), section 2.3; tying: Press &
    Wolf (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import GPT
    >>> model = GPT(27, max_len=16, d_model=32, nhead=4, rng=np.random.default_rng(0))
    >>> ids = np.array([[1, 5, 0]])
    >>> model(ids).shape, model.num_parameters()
    ((1, 3, 27), 26848)
    >>> model.generate(ids, 4, rng=np.random.default_rng(1), temperature=0.8, top_k=5).shape
    (1, 7)
    """

    def __init__(
        self,
        vocab_size: int,
        max_len: int,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dropout: float = 0.0,
        *,
        tie_weights: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_transformer(
            "GPT",
            d_model=d_model,
            nhead=nhead,
            num_layers=num_layers,
            vocab_size=vocab_size,
            max_len=max_len,
            dropout=dropout,
            rng=rng,
            dtype=dtype,
        )
        self.vocab_size, self.max_len = vocab_size, max_len
        self.token_embedding = nn.Embedding(vocab_size, d_model, rng=rng, dtype=dtype)
        self.position_embedding = nn.Embedding(max_len, d_model, rng=rng, dtype=dtype)
        self.dropout = nn.Dropout(dropout, rng=rng)
        self.layers = [
            nn.TransformerEncoderLayer(
                d_model, nhead, 4 * d_model, dropout, F.gelu, norm_first=True, rng=rng, dtype=dtype
            )
            for _ in range(num_layers)
        ]
        self.norm = nn.LayerNorm(d_model, dtype=dtype)
        self.head = nn.Linear(d_model, vocab_size, bias=False, rng=rng, dtype=dtype)
        if tie_weights:
            self.head.weight = self.token_embedding.weight
        self._draw(rng)

    def forward(self, ids: Any, *, cache: Sequence[nn.KeyValueCache] | None = None) -> Tensor:
        """ids (B, T) → logits (B, T, V).

        With ``cache``, one for each layer, ids are those behind the tokens in it.
        """
        start = len(cache[0]) if cache else 0
        ids = require_tokens("GPT", ids, self.vocab_size, self.max_len - start)
        positions = np.arange(start, start + ids.shape[1])
        x = self.dropout(self.token_embedding(ids) + self.position_embedding(positions))
        for i, layer in enumerate(self.layers):  # (B, T, d)
            x = layer(x, causal=True, cache=cache[i] if cache else None)
        return self.head(self.norm(x))

    def generate(
        self,
        ids: Array,
        length: int,
        *,
        rng: np.random.Generator,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        use_cache: bool = True,
    ) -> Array:
        """Continue sequences, drawing one token after the other.

        Parameters
        ----------
        ids : integer array (B, T)
            What is there already, T ≥ 1.
        length : int
            How many tokens to add.
        rng : numpy.random.Generator, keyword only
        temperature, top_k, top_p : keyword only
            As in :func:`chainrule.models.next_token_probabilities`.
        use_cache : bool, keyword only
            Whether keys and values are kept rather than computed anew for each token. It changes
            the time, not the logits.

        Returns
        -------
        integer array (B, T + length)

        Notes
        -----
        Only the last ``max_len`` tokens are seen. From there on every token moves one position
        back at each step, and nothing that was kept is of use.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import GPT
        >>> model, start = GPT(9, max_len=8, rng=np.random.default_rng(0)), np.array([[1]])
        >>> fast, slow = (
        ...     model.generate(start, 12, rng=np.random.default_rng(1), use_cache=use)
        ...     for use in (True, False)
        ... )
        >>> fast.shape, np.array_equal(fast, slow)
        ((1, 13), True)
        """
        ids = require_tokens("GPT", ids, self.vocab_size)
        cache = [nn.KeyValueCache() for _ in self.layers]
        require_integers("GPT.generate", least=0, length=length)
        with nn.evaluating(self):
            for _ in range(length):
                if use_cache and ids.shape[1] <= self.max_len:
                    logits = self(ids[:, len(cache[0]) :], cache=cache)
                else:
                    logits = self(ids[:, -self.max_len :])
                new = sample_tokens(
                    logits.data[:, -1],
                    rng=rng,
                    temperature=temperature,
                    top_k=top_k,
                    top_p=top_p,
                )
                ids = np.concatenate([ids, new[:, np.newaxis]], axis=1)
        return ids

    def _draw(self, rng: np.random.Generator) -> None:
        for name, p in self.named_parameters():
            if p.ndim == 1:
                if name.endswith("bias"):
                    nn.init.constant_(p, 0)
                continue
            ends_branch = name.endswith(("out_proj.weight", "linear2.weight"))
            shrink = math.sqrt(2 * len(self.layers)) if ends_branch else 1
            nn.init.normal_(p, std=0.02 / shrink, rng=rng)
