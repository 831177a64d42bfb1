"""Multi-head attention that owns its projections. Derived in the chapter ``attention``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_instance, require_numbers, require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F
from chainrule.nn.dropout import Dropout
from chainrule.nn.init import constant_, xavier_uniform_
from chainrule.nn.linear import Linear
from chainrule.nn.module import Module, evaluating, parameter, require_arrays, require_positive


class KeyValueCache:
    """The keys and values of the positions so far, for a sequence that grows as it is generated.

    In causal attention, no position sees a later one: its key and value stay what they are, and
    only those of the newest position are to be computed. They are constants here; no gradient
    flows into them. Derived in the chapter ``language-models``; Shazeer (2019), section 2.4.

    Attributes
    ----------
    k, v : array (B, h, T, d/h) or None

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.MultiheadAttention(8, 2, rng=np.random.default_rng(0), dtype=np.float64)
    >>> x = np.random.default_rng(1).standard_normal((1, 5, 8))
    >>> at_once, _ = layer(x, x, x, causal=True)
    >>> cache = nn.KeyValueCache()
    >>> parts = [x[:, :3], x[:, 3:4], x[:, 4:]]
    >>> one_by_one = [layer(p, p, p, causal=True, cache=cache)[0].data for p in parts]
    >>> difference = np.abs(np.concatenate(one_by_one, axis=1) - at_once.data).max()
    >>> len(cache), bool(difference < 1e-14)
    (5, True)
    """

    def __init__(self) -> None:
        self.k: Array | None = None
        self.v: Array | None = None

    def __len__(self) -> int:
        return 0 if self.k is None else self.k.shape[-2]

    def append(self, k: Array, v: Array) -> tuple[Array, Array]:
        """Add those of new positions, each (B, h, T_new, d/h), and return all."""
        for name, a in {"k": k, "v": v}.items():
            if not isinstance(a, np.ndarray) or a.ndim != 4:
                got = f"shape {a.shape}" if isinstance(a, np.ndarray) else type(a).__name__
                raise ValueError(
                    f"KeyValueCache.append: {name} must be an array (B, h, T_new, d/h), got {got}"
                )
        if self.k is not None and self.v is not None:
            k, v = np.concatenate([self.k, k], axis=-2), np.concatenate([self.v, v], axis=-2)
        self.k, self.v = k, v
        return k, v


class MultiheadAttention(Module):
    """Attention in h subspaces: y = W_o [head₁; …; head_h] + b_o, headᵢ = attention(qᵢ, kᵢ, vᵢ).

    Batch first, always. q, k and v are linear images of the three inputs, cut into heads.

    Parameters
    ----------
    embed_dim : int
        ``d``.
    num_heads : int
        h, a divisor of d.
    dropout : float
        The probability that, in training, a weight is dropped.
    bias : bool
        Without it, the projections have no biases.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights, as PyTorch does: ``in_proj_weight`` Xavier-uniformly, that of
        ``out_proj`` uniformly from ±1/√d; biases are 0. Then it draws dropout.
    dtype : dtype, keyword only

    Attributes
    ----------
    in_proj_weight : Tensor (3d, d)
        The projections to q, k and v, one below the other.
    in_proj_bias : Tensor (3d,) or None
    out_proj : Linear (d, d)

    Raises
    ------
    ValueError
        If a size is not positive, or ``num_heads`` does not divide ``embed_dim``.

    Notes
    -----
    Masks are those of :func:`chainrule.functional.attention_weights`: True where a query *may*
    attend. That is the opposite of PyTorch's module, whose argument has another name.
    Derived in the chapter ``attention``; Vaswani et al. (2017), section 3.2.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.MultiheadAttention(8, 2, rng=np.random.default_rng(0))
    >>> query, memory = np.ones((4, 3, 8), np.float32), np.ones((4, 5, 8), np.float32)
    >>> y, weights = layer(query, memory, memory)
    >>> y.shape, weights.shape
    ((4, 3, 8), (4, 3, 5))
    >>> weights.data[0, 0]  # equal keys get equal attention
    array([0.2, 0.2, 0.2, 0.2, 0.2], dtype=float32)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: num_heads must divide embed_dim, got num_heads={num_heads}, "
                f"embed_dim={embed_dim}"
            )
        require_numbers("MultiheadAttention", "[0, 1]", dropout=dropout)
        require_rng_and_dtype("MultiheadAttention", rng, dtype)
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.in_proj_weight = parameter(3 * embed_dim, embed_dim, dtype=dtype)
        xavier_uniform_(self.in_proj_weight, rng=rng)
        self.in_proj_bias: Tensor | None = None
        if bias:
            self.in_proj_bias = parameter(3 * embed_dim, dtype=dtype)
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            constant_(self.out_proj.bias, 0)
        self.dropout = Dropout(dropout, rng=rng)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        *,
        mask: Array | None = None,
        causal: bool = False,
        cache: KeyValueCache | None = None,
        need_weights: bool = True,
        average_attn_weights: bool = True,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend from ``query`` to ``key``, and return what ``value`` has there.

        Parameters
        ----------
        query : Tensor (B, T_q, d)
        key, value : Tensor (B, T_k, d)
        mask : array (T_q, T_k), or four axes that broadcast to (B, h, T_q, T_k), keyword only
            True where the query may attend to the key, or a bias that is added to the scores. For
            padded keys, with ``present`` (B, T_k): ``mask=present[:, None, None]``; for one of
            each head (h, T_q, T_k): ``mask[None]``.
        causal : bool, keyword only
            Whether query i sees the keys 0, …, i only.
        cache : KeyValueCache, keyword only
            Of causal self-attention to a sequence that comes in parts: the queries stand behind
            the positions in it, see them too, and are added to it.
        need_weights, average_attn_weights : bool, keyword only
            Whether to return the weights, and of them the mean over the heads.

        Returns
        -------
        y : Tensor (B, T_q, d)
        weights : Tensor (B, T_q, T_k), or (B, h, T_q, T_k) of all heads, or None
            Before dropout.

        Raises
        ------
        ValueError
            If the shapes do not fit, a mask has three axes, or a cache is given with a mask or
            without ``causal``.
        """
        _require_inputs(query, key, value, mask, self.embed_dim)
        q, k, v = (
            F.split_heads(self._project(i, x), heads=self.num_heads)  # (B, h, T, d/h)
            for i, x in enumerate((query, key, value))
        )
        if cache is not None:
            mask, causal = _mask_of_new_queries(len(cache), q.shape[2], mask, causal), False
            k, v = map(Tensor, cache.append(k.data, v.data))  # (B, h, T_k, d/h)
        if not need_weights and not (self.training and self.dropout.p):  # the same, faster
            heads = F.scaled_dot_product_attention(q, k, v, mask=mask, causal=causal)
            return self.out_proj(F.merge_heads(heads)), None
        weights = F.attention_weights(q, k, mask=mask, causal=causal)  # (B, h, T_q, T_k)
        heads = F.matmul(self.dropout(weights), v)  # (B, h, T_q, d/h)
        y = self.out_proj(F.merge_heads(heads))
        if not need_weights:
            return y, None
        return y, weights.mean(1) if average_attn_weights else weights

    def _project(self, i: int, x: Tensor) -> Tensor:
        d = self.embed_dim
        rows = slice(i * d, (i + 1) * d)
        b = np.zeros(d, x.dtype) if self.in_proj_bias is None else self.in_proj_bias[rows]
        return F.affine(x, self.in_proj_weight[rows], b)

    def extra_repr(self) -> str:
        """Sizes."""
        return f"{self.embed_dim}, {self.num_heads}"


def attention_maps(model: Module, *inputs: Any, **options: Any) -> dict[str, Array]:
    """What every attention in a model attends to, for one batch, in evaluation mode.

    Parameters
    ----------
    model : Module
    *inputs, **options
        What the model takes.

    Returns
    -------
    dict
        Dotted name of each :class:`MultiheadAttention` that was called → weights (B, h, T_q, T_k).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, 32, rng=np.random.default_rng(0))
    >>> target, memory = np.zeros((4, 5, 8), np.float32), np.zeros((4, 7, 8), np.float32)
    >>> maps = nn.attention_maps(layer, target, memory, causal=True)
    >>> {name: weights.shape for name, weights in maps.items()}
    {'self_attn': (4, 2, 5, 5), 'multihead_attn': (4, 2, 5, 7)}
    """
    maps: dict[str, Array] = {}

    def observe(name: str, forward: Any) -> Any:
        def observed(*args: Any, **given: Any) -> Any:
            asked = {"need_weights": True, "average_attn_weights": False}
            y, weights = forward(*args, **(given | asked))
            maps[name] = weights.data
            return y, weights

        return observed

    require_instance("attention_maps", Module, "pass the model", model=model)
    attentions = [m for m in model.named_modules() if isinstance(m[1], MultiheadAttention)]
    with evaluating(model):
        try:
            for name, module in attentions:  # an attribute hides the method of the class
                vars(module)["forward"] = observe(name, module.forward)
            model(*inputs, **options)
        finally:
            for _, module in attentions:
                vars(module).pop("forward", None)
    return maps


def _mask_of_new_queries(past: int, new: int, mask: Array | None, causal: bool) -> Array | None:
    if mask is not None or not causal:
        raise ValueError(
            "MultiheadAttention: a cache serves causal self-attention; pass causal=True and no mask"
        )
    return None if new == 1 else np.tri(new, past + new, past, dtype=bool)


def _require_inputs(query: Tensor, key: Tensor, value: Tensor, mask: Array | None, d: int) -> None:
    require_arrays("MultiheadAttention", query=query, key=key, value=value)
    for name, x in (("query", query), ("key", key)):
        if len(x.shape) != 3 or x.shape[2] != d or (name == "key" and x.shape[1] == 0):
            raise ValueError(
                f"MultiheadAttention: {name} must have shape (B, T, {d}) with T at least 1, got "
                f"{x.shape}; one sequence becomes a batch with x[np.newaxis]"
            )
    if query.shape[0] != key.shape[0]:
        raise ValueError(
            "MultiheadAttention: query and key must belong to one batch, got shapes "
            f"{query.shape} and {key.shape}"
        )
    if key.shape != value.shape:
        raise ValueError(
            f"MultiheadAttention: value must have shape {key.shape}, that of key, got {value.shape}"
        )
    if mask is not None and np.ndim(mask) == 3:
        raise ValueError(
            "MultiheadAttention: a mask with three axes is ambiguous, pass mask[:, None] if there "
            f"is one per example or mask[None] if there is one per head; got {np.shape(mask)}"
        )
