"""A recurrent language model of characters. Derived in the chapter ``recurrence``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import (
    require_choice,
    require_integers,
    require_numbers,
    require_rng_and_dtype,
)
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.models.inputs import require_tokens
from chainrule.models.sampling import sample_tokens
from chainrule.nn.module import require_positive

CELLS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


class CharRNN(nn.Module):
    """Embedding, recurrent network, linear layer: each token → logits of the next.

    Parameters
    ----------
    vocab_size : int
        ``V``.
    embedding_dim, hidden_size : int
        d and H.
    cell : {"RNN", "GRU", "LSTM"}
    num_layers : int
    dropout : float
        Between the layers of the recurrent network.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is not positive, or there is no such cell.

    Notes
    -----
    Derived in the chapter ``recurrence``; Graves (2013), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import CharRNN
    >>> model = CharRNN(27, cell="GRU", rng=np.random.default_rng(0))
    >>> logits, state = model(np.array([[1, 5, 0]]))
    >>> logits.shape, state.shape
    ((1, 3, 27), (1, 1, 128))
    >>> model.generate(np.array([[1]]), 4, rng=np.random.default_rng(1)).shape
    (1, 5)
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int = 32,
        hidden_size: int = 128,
        cell: str = "LSTM",
        num_layers: int = 1,
        dropout: float = 0.0,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive(
            "CharRNN",
            vocab_size=vocab_size,
            embedding_dim=embedding_dim,
            hidden_size=hidden_size,
            num_layers=num_layers,
        )
        require_choice("CharRNN", list(CELLS), cell=cell)
        require_numbers("CharRNN", "[0, 1]", dropout=dropout)
        require_rng_and_dtype("CharRNN", rng, dtype)
        self.vocab_size = vocab_size
        self.embedding = nn.Embedding(vocab_size, embedding_dim, rng=rng, dtype=dtype)
        self.rnn = CELLS[cell](
            embedding_dim, hidden_size, num_layers, dropout=dropout, rng=rng, dtype=dtype
        )
        self.head = nn.Linear(hidden_size, vocab_size, rng=rng, dtype=dtype)

    def forward(self, ids: Any, state: Any = None) -> tuple[Tensor, Any]:
        """ids (B, T) → logits (B, T, V), and the state after the last token, to go on from."""
        ids = require_tokens("CharRNN", ids, self.vocab_size)
        y, state = self.rnn(self.embedding(ids), state)  # (B, T, H)
        return self.head(y), state

    def generate(
        self,
        ids: Array,
        length: int,
        *,
        rng: np.random.Generator,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
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

        Returns
        -------
        integer array (B, T + length)

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import CharRNN
        >>> model = CharRNN(9, 4, 8, rng=np.random.default_rng(0))
        >>> model.head.bias.data[3] = 100  # whatever it reads, it says 3
        >>> model.generate(np.array([[1], [2]]), 4, rng=np.random.default_rng(1))
        array([[1, 3, 3, 3, 3],
               [2, 3, 3, 3, 3]])
        """
        new, state = require_tokens("CharRNN", ids, self.vocab_size), None
        parts = [new]
        require_integers("CharRNN.generate", least=0, length=length)
        with nn.evaluating(self):
            for _ in range(length):
                logits, state = self(new, state)
                new = sample_tokens(
                    logits.data[:, -1],
                    rng=rng,
                    temperature=temperature,
                    top_k=top_k,
                    top_p=top_p,
                )[:, np.newaxis]
                parts.append(new)
        return np.concatenate(parts, axis=1)
