"""The layers of the Transformer. Derived in the chapter ``transformers``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_function, require_numbers, require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F
from chainrule.nn.attention import KeyValueCache, MultiheadAttention
from chainrule.nn.dropout import Dropout
from chainrule.nn.linear import Linear
from chainrule.nn.module import Module, require_positive
from chainrule.nn.normalization import LayerNorm

Activation = Callable[[Tensor], Tensor]


class TransformerEncoderLayer(Module):
    """Self-attention, then a network for each position; each with a shortcut and a normalization.

    y = norm₁(x + attention(x)), z = norm₂(y + network(y)). With ``norm_first``, the normalization
    is before the branch, and nothing but sums is on the way from z to x: y = x +
    attention(norm₁(x)), z = y + network(norm₂(y)).

    Parameters
    ----------
    d_model, nhead : int
        Features of each position, and heads of the attention.
    dim_feedforward : int
        Width of the network's hidden layer.
    dropout : float
        The probability of :class:`Dropout` for attention weights, hidden units and branches.
    activation : callable
        Tensor → Tensor, of the hidden layer: for instance ``F.relu`` or ``F.gelu``.
    layer_norm_eps : float
    norm_first : bool
        Whether the normalizations come before the branches or after the sums.
    bias : bool
        Without it, there are no biases at all.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights, and then dropout.
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size or probability is out of range.
    TypeError
        If ``activation`` cannot be called.

    Notes
    -----
    Derived in the chapter ``transformers``; Vaswani et al. (2017), section 3; ``norm_first``: Xiong
    et al. (2020), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, 32, norm_first=True, rng=np.random.default_rng(0))
    >>> layer(np.zeros((4, 5, 8), np.float32), causal=True).shape
    (4, 5, 8)
    >>> layer.num_parameters()  # 12 d² + 13 d with dim_feedforward = 4 d
    872
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_transformer(
            "TransformerEncoderLayer",
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            rng=rng,
            dtype=dtype,
        )
        _require_options("TransformerEncoderLayer", activation, layer_norm_eps)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, rng=rng, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, rng=rng, dtype=dtype)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.activation, self.norm_first = activation, norm_first

    def forward(
        self,
        src: Tensor,
        *,
        mask: Array | None = None,
        causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """src (B, T, d) → z (B, T, d). The options are those of the attention."""
        options = {"mask": mask, "causal": causal, "cache": cache, "need_weights": False}

        def attend(x: Tensor) -> Tensor:
            y, _ = self.self_attn(x, x, x, **options)
            return y

        def network(x: Tensor) -> Tensor:
            return self.linear2(self.dropout(self.activation(self.linear1(x))))

        x = src
        for branch, norm in ((attend, self.norm1), (network, self.norm2)):
            x = _add_and_norm(x, branch, norm, self.dropout, self.norm_first)
        return x

    def extra_repr(self) -> str:
        """Where the normalization is, if not after the sums."""
        return "norm_first=True" if self.norm_first else ""


class TransformerDecoderLayer(Module):
    """Self-attention, attention to another sequence, then a network for each position.

    Each with a shortcut and a normalization, as in :class:`TransformerEncoderLayer`, whose
    parameters and errors it has. The attention to the other sequence is ``multihead_attn``.

    Notes
    -----
    Derived in the chapter ``transformers``; Vaswani et al. (2017), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, 32, rng=np.random.default_rng(0))
    >>> target, memory = np.zeros((4, 5, 8), np.float32), np.zeros((4, 7, 8), np.float32)
    >>> layer(target, memory, causal=True).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        *,
        norm_first: bool = False,
        bias: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_transformer(
            "TransformerDecoderLayer",
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            rng=rng,
            dtype=dtype,
        )
        _require_options("TransformerDecoderLayer", activation, layer_norm_eps)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, rng=rng, dtype=dtype)
        self.multihead_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, rng=rng, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, rng=rng, dtype=dtype)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.activation, self.norm_first = activation, norm_first

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        *,
        mask: Array | None = None,
        causal: bool = False,
        cross_mask: Array | None = None,
    ) -> Tensor:
        """tgt (B, T, d), memory (B, S, d) → z (B, T, d).

        ``mask`` and ``causal`` are those of the self-attention, over (B, h, T, T); ``cross_mask``
        is that of the attention to ``memory``, over (B, h, T, S). True means: may attend.
        """

        def attend(x: Tensor) -> Tensor:
            y, _ = self.self_attn(x, x, x, mask=mask, causal=causal, need_weights=False)
            return y

        def attend_to_memory(x: Tensor) -> Tensor:
            y, _ = self.multihead_attn(x, memory, memory, mask=cross_mask, need_weights=False)
            return y

        def network(x: Tensor) -> Tensor:
            return self.linear2(self.dropout(self.activation(self.linear1(x))))

        x = tgt
        for branch, norm in (
            (attend, self.norm1),
            (attend_to_memory, self.norm2),
            (network, self.norm3),
        ):
            x = _add_and_norm(x, branch, norm, self.dropout, self.norm_first)
        return x

    def extra_repr(self) -> str:
        """Where the normalization is, if not after the sums."""
        return "norm_first=True" if self.norm_first else ""


def _add_and_norm(
    x: Tensor, branch: Activation, norm: LayerNorm, dropout: Dropout, norm_first: bool
) -> Tensor:
    if norm_first:
        return F.add(x, dropout(branch(norm(x))))
    return norm(F.add(x, dropout(branch(x))))


def _require_options(module: str, activation: Any, layer_norm_eps: Any) -> None:
    remedy = "pass a function of tensors, for instance F.gelu"
    require_function(module, remedy, activation=activation)
    require_numbers(module, "[0, inf)", layer_norm_eps=layer_norm_eps)


def require_transformer(
    owner: str, *, d_model: Any, nhead: Any, dropout: Any, rng: Any, dtype: Any, **sizes: Any
) -> None:
    """Raise unless a Transformer can be built from these options and further ``sizes``.

    Raises
    ------
    ValueError
        If a size is not a positive integer, the heads do not divide ``d_model``, or ``dropout`` is
        no probability.
    TypeError
        If ``rng`` is not a generator or ``dtype`` not a floating-point type.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.nn.transformer import require_transformer
    >>> options = {"dropout": 0.0, "rng": np.random.default_rng(0), "dtype": np.float32}
    >>> require_transformer("GPT", d_model=10, nhead=4, **options)
    Traceback (most recent call last):
        ...
    ValueError: GPT: nhead must divide d_model, got nhead=4, d_model=10
    """
    require_positive(owner, d_model=d_model, nhead=nhead, **sizes)
    if d_model % nhead:
        raise ValueError(
            f"{owner}: nhead must divide d_model, got nhead={nhead}, d_model={d_model}"
        )
    require_numbers(owner, "[0, 1]", dropout=dropout)
    require_rng_and_dtype(owner, rng, dtype)
