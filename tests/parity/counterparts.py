"""What PyTorch has for every function of the registry, called with our arguments and options."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Counterpart = Callable[..., Tensor]


def _index(x: Tensor, *, key: Any) -> Tensor:
    # NumPy's own indexing says which entries; PyTorch's has no negative steps.
    places = np.arange(x.numel()).reshape(x.shape)[key]
    return x.take(torch.from_numpy(np.array(places)))


def _sum(x: Tensor, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.sum(x, _axes(x, axis), keepdim=keepdims)


def _mean(x: Tensor, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.mean(x, _axes(x, axis), keepdim=keepdims)


def _logsumexp(x: Tensor, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.logsumexp(x, _axes(x, axis), keepdim=keepdims)


def _axes(x: Tensor, axis: Any) -> Any:
    return tuple(range(x.ndim)) if axis is None else axis


def _transpose(x: Tensor, *, axes: Any = None) -> Tensor:
    return x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes)


def _over_axis(function: Callable[..., Tensor]) -> Counterpart:
    return lambda x, *, axis=-1: function(x, dim=axis)


def _cross_entropy(
    z: Tensor, t: Tensor, *, label_smoothing: float = 0.0, ignore_index: int | None = None
) -> Tensor:
    options: dict[str, Any] = {"label_smoothing": label_smoothing}
    if ignore_index is not None:
        options["ignore_index"] = ignore_index
    if t.is_floating_point():
        return F.cross_entropy(z.reshape(-1, z.shape[-1]), t.reshape(-1, z.shape[-1]), **options)
    return F.cross_entropy(z.reshape(-1, z.shape[-1]), t.reshape(-1).long(), **options)


def _nll_loss(log_p: Tensor, t: Tensor, *, ignore_index: int | None = None) -> Tensor:
    options = {} if ignore_index is None else {"ignore_index": ignore_index}
    return F.nll_loss(log_p.reshape(-1, log_p.shape[-1]), t.reshape(-1).long(), **options)


def _hinge_loss(z: Tensor, t: Tensor) -> Tensor:
    # PyTorch's takes distances: max(0, 1 − x) for the label −1.
    return F.hinge_embedding_loss(t * z, -torch.ones_like(z), margin=1.0)


def _gaussian_nll_loss(mean: Tensor, t: Tensor, log_var: Tensor) -> Tensor:
    return F.gaussian_nll_loss(mean, t, log_var.exp(), full=True, eps=0.0)


def _kl_standard_normal(mean: Tensor, log_var: Tensor) -> Tensor:
    q = torch.distributions.Normal(mean, (log_var / 2).exp(), validate_args=False)
    p = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return torch.distributions.kl_divergence(q, p).sum(-1).mean()


def _conv_transpose2d(
    x: Tensor, W: Tensor, b: Tensor, *, stride: Any = 1, padding: Any = 0, **options: Any
) -> Tensor:
    return F.conv_transpose2d(x, W, b, stride, padding, **options)


def _pool(function: Callable[..., Tensor], axes: int) -> Counterpart:
    def pool(x: Tensor, **options: Any) -> Tensor:
        # PyTorch asks for a channel axis, and pools at most one batch axis.
        shape = x.shape[:-axes]
        y = function(x.reshape(math.prod(shape), 1, *x.shape[-axes:]), **options)
        return y.reshape(*shape, *y.shape[2:])

    return pool


def scores_with_bias(
    q: Tensor, k: Tensor, mask: Any, causal: bool, scale: float | None
) -> tuple[Tensor, Tensor]:
    """The scores, and what is added to them: −inf where a query may not attend."""
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    scores = torch.matmul(q, k.transpose(-1, -2)) * scale
    bias = torch.zeros(scores.shape[-2:], dtype=q.dtype)
    if causal:
        bias = bias.masked_fill(~torch.ones_like(bias, dtype=torch.bool).tril(), -torch.inf)
    if mask is not None:
        mask = torch.as_tensor(np.asarray(mask))
        if mask.dtype == torch.bool:
            mask = torch.zeros(mask.shape, dtype=q.dtype).masked_fill(~mask, -torch.inf)
        bias = bias + mask.to(q.dtype)
    return scores, bias


def _attention_weights(
    q: Tensor, k: Tensor, *, mask: Any = None, causal: bool = False, scale: float | None = None
) -> Tensor:
    scores, bias = scores_with_bias(q, k, mask, causal, scale)
    return torch.ops.aten._safe_softmax(scores + bias, -1)


def _attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    mask: Any = None,
    causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    _, bias = scores_with_bias(q, k, mask, causal, scale)
    batch = torch.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    batch = torch.broadcast_shapes(batch, bias.shape[:-2])
    q, k, v, bias = (a.expand(*batch, *a.shape[-2:]) for a in (q, k, v, bias))
    return F.scaled_dot_product_attention(q, k, v, bias, scale=scale)


def _split_heads(x: Tensor, *, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(-3, -2)


def _merge_heads(x: Tensor) -> Tensor:
    return x.transpose(-3, -2).flatten(-2)


def _rotary_embedding(x: Tensor, *, positions: Any = None, base: float = 10_000.0) -> Tensor:
    T, d = x.shape[-2:]
    p = torch.arange(T) if positions is None else torch.as_tensor(np.asarray(positions))
    angles = p.double()[..., None] * base ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    turn = torch.polar(torch.ones_like(angles), angles)
    pairs = torch.view_as_complex(x.double().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turn).flatten(-2).to(x.dtype)


def _layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, *, eps: float = 1e-5) -> Tensor:
    return F.layer_norm(x, gamma.shape, gamma, beta, eps)


def _rms_norm(x: Tensor, gamma: Tensor, *, eps: float = 1e-5) -> Tensor:
    return F.rms_norm(x, gamma.shape, gamma, eps)


def _group_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, *, num_groups: int, eps: float = 1e-5
) -> Tensor:
    return F.group_norm(x, num_groups, gamma, beta, eps)


def _batch_norm(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    *,
    running_mean: Any = None,
    running_var: Any = None,
    eps: float = 1e-5,
) -> Tensor:
    running = [
        None if s is None else torch.tensor(s, dtype=x.dtype) for s in (running_mean, running_var)
    ]
    return F.batch_norm(x, *running, gamma, beta, training=running_mean is None, eps=eps)


def _over_time(
    cell: Callable[..., Any], x: Tensor, states: tuple[Tensor, ...], weights: Any, mask: Any
) -> Tensor:
    """PyTorch's cell at every time; where the mask is False, the states stay."""
    y = []
    for t in range(x.shape[1]):
        new = cell(x[:, t], states if len(states) > 1 else states[0], *weights)
        new = new if isinstance(new, tuple) else (new,)
        if mask is not None:
            there = torch.as_tensor(np.asarray(mask))[:, t, None]
            new = tuple(torch.where(there, n, old) for n, old in zip(new, states, strict=True))
        states = new
        y.append(torch.cat(states, 1))
    return torch.stack(y, 1)


def _recurrent(cell: Callable[..., Any], states: int) -> Counterpart:
    def run(x: Tensor, *arrays: Tensor, mask: Any = None) -> Tensor:
        return _over_time(cell, x, arrays[:states], arrays[states:], mask)

    return run


COUNTERPARTS: dict[str, Counterpart] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "neg": torch.neg,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "pow": torch.pow,
    "matmul": torch.matmul,
    "sum": _sum,
    "mean": _mean,
    "logsumexp": _logsumexp,
    "reshape": lambda x, *, shape: torch.reshape(x, shape),
    "transpose": _transpose,
    "index": _index,
    "concatenate": lambda *arrays, axis=0: torch.cat(arrays, axis),
    "stack": lambda *arrays, axis=0: torch.stack(arrays, axis),
    "affine": F.linear,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": lambda x: F.softplus(x, threshold=1e9),  # beyond it, PyTorch's returns x
    "silu": F.silu,
    "gelu": F.gelu,
    "glu": _over_axis(F.glu),
    "swiglu": lambda gate, x: F.silu(gate) * x,
    "softmax": _over_axis(torch.softmax),
    "log_softmax": _over_axis(torch.log_softmax),
    "mse_loss": F.mse_loss,
    "l1_loss": F.l1_loss,
    "huber_loss": F.huber_loss,
    "hinge_loss": _hinge_loss,
    "gaussian_nll_loss": _gaussian_nll_loss,
    "kl_standard_normal": _kl_standard_normal,
    "nll_loss": _nll_loss,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": _cross_entropy,
    "conv2d": F.conv2d,
    "conv1d": F.conv1d,
    "conv_transpose2d": _conv_transpose2d,
    "max_pool2d": _pool(F.max_pool2d, 2),
    "avg_pool2d": _pool(F.avg_pool2d, 2),
    "adaptive_avg_pool2d": _pool(F.adaptive_avg_pool2d, 2),
    "max_pool1d": _pool(F.max_pool1d, 1),
    "avg_pool1d": _pool(F.avg_pool1d, 1),
    "embedding": F.embedding,
    "attention_weights": _attention_weights,
    "scaled_dot_product_attention": _attention,
    "split_heads": _split_heads,
    "merge_heads": _merge_heads,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "batch_norm": _batch_norm,
    "rotary_embedding": _rotary_embedding,
    "rnn": _recurrent(torch.rnn_tanh_cell, 1),
    "lstm": _recurrent(torch.lstm_cell, 2),
    "gru": _recurrent(torch.gru_cell, 1),
}
