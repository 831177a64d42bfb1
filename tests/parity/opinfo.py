"""How samples of PyTorch's OpInfo database are given to our functions.

The database ships with PyTorch and feeds its own tests: for each operation, inputs of the shapes,
options and layouts that are worth a look. A translation takes what the operation takes and calls
:func:`ours`, or raises ``Skipped`` with what the library does not have. Since it runs in PyTorch's
graph, it may reshape before and behind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.parity.bridge import Skipped, ours

REDUCTION_NONE = "reduction='none': our losses are means over the batch"
WEIGHTED = "classes or entries have weights"


def _same(name: str) -> Callable[..., Tensor]:
    return lambda *args: ours(name, *args)


def _binary(name: str) -> Callable[..., Tensor]:
    def call(a: Tensor, b: Any, *, alpha: float = 1) -> Tensor:
        if alpha != 1:
            raise Skipped("alpha scales the second argument")
        return ours(name, a, torch.as_tensor(b, dtype=a.dtype))

    return call


def _div(a: Tensor, b: Any, *, rounding_mode: str | None = None) -> Tensor:
    if rounding_mode is not None:
        raise Skipped("rounds the quotient")
    return ours("div", a, torch.as_tensor(b, dtype=a.dtype))


def _square(x: Tensor) -> Tensor:
    return ours("pow", x, exponent=2)


def _rsqrt(x: Tensor) -> Tensor:
    return ours("pow", x, exponent=-0.5)


def _reciprocal(x: Tensor) -> Tensor:
    return ours("div", torch.ones((), dtype=x.dtype), x)


def _matmul(a: Tensor, b: Tensor) -> Tensor:
    # Ours takes matrices, so that a vector becomes one with a single row or column.
    row, column = a.ndim == 1, b.ndim == 1
    y = ours("matmul", a[None] if row else a, b[:, None] if column else b)
    y = y.squeeze(-1) if column else y
    return y.squeeze(-1 if column else -2) if row else y


def _reduction(name: str) -> Callable[..., Tensor]:
    def call(x: Tensor, dim: Any = None, keepdim: bool = False, **options: Any) -> Tensor:
        if options:
            raise Skipped(f"has the option {', '.join(options)}")
        axis = tuple(dim) if isinstance(dim, Sequence) else dim
        if x.ndim == 0:
            axis = None  # the axis 0 of a number, which PyTorch grants
        elif axis == ():
            axis = None  # PyTorch's sums over no axes are sums over all
        return ours(name, x, axis=axis, keepdims=keepdim)

    return call


def _reshape(x: Tensor, *shape: Any) -> Tensor:
    shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    return ours("reshape", x, shape=tuple(shape))


def _reshaped_by(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Operations that only reshape: PyTorch says to which shape."""

    def call(x: Tensor, *args: Any, **options: Any) -> Tensor:
        return ours("reshape", x, shape=tuple(function(x.detach(), *args, **options).shape))

    return call


def _permute(x: Tensor, *axes: Any) -> Tensor:
    axes = axes[0] if axes and not isinstance(axes[0], int) else axes
    return ours("transpose", x, axes=tuple(axes))


def _transpose(x: Tensor, first: int, second: int) -> Tensor:
    if x.ndim == 0:
        raise Skipped("swaps two axes of a number")
    axes = list(range(x.ndim))
    axes[first], axes[second] = axes[second], axes[first]
    return ours("transpose", x, axes=tuple(axes))


def _key(key: Any) -> Any:
    if isinstance(key, Tensor):
        return key.numpy()
    if isinstance(key, list):
        return np.array(key)
    return tuple(_key(k) for k in key) if isinstance(key, tuple) else key


def _getitem(x: Tensor, key: Any) -> Tensor:
    return ours("index", x, key=_key(key))


def _along(axis: int, key: Any, x: Tensor) -> Any:
    return (*[slice(None)] * (axis % x.ndim), key)


def _index_select(x: Tensor, dim: int, index: Tensor) -> Tensor:
    if x.ndim == 0:
        raise Skipped("takes entries of a number")
    return ours("index", x, key=_along(dim, index.numpy(), x))


def _narrow(x: Tensor, dim: int, start: Any, length: int) -> Tensor:
    start = int(start) % x.shape[dim] if int(start) < 0 else int(start)
    return ours("index", x, key=_along(dim, slice(start, start + length), x))


def _select(x: Tensor, dim: int, index: int) -> Tensor:
    return ours("index", x, key=_along(dim, index, x))


def _joined(name: str) -> Callable[..., Tensor]:
    def call(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
        if len({t.ndim for t in tensors}) > 1:
            raise Skipped("an empty tensor of another number of axes is ignored")
        return ours(name, *tensors, axis=dim)

    return call


def _linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    return ours("affine", x, W, _zeros(b, len(W), x))


def _zeros(b: Tensor | None, size: int, x: Tensor) -> Tensor:
    return torch.zeros(size, dtype=x.dtype) if b is None else b


def _ones(gamma: Tensor | None, shape: Any, x: Tensor) -> Tensor:
    return torch.ones(shape, dtype=x.dtype) if gamma is None else gamma


def _activation(name: str) -> Callable[..., Tensor]:
    def call(x: Tensor, **options: Any) -> Tensor:
        if options.pop("inplace", False):
            raise Skipped("works in place")
        if x.is_complex():
            raise Skipped("complex numbers")
        return ours(name, x, **options)

    return call


def _softplus(x: Tensor, *, beta: float = 1, threshold: float = 20) -> Tensor:
    if (x * beta > threshold).any():
        raise Skipped("softplus is replaced by x beyond a threshold")
    return ours("softplus", x * beta) / beta


def _over_axis(name: str) -> Callable[..., Tensor]:
    def call(x: Tensor, dim: int = -1, *, dtype: Any = None) -> Tensor:
        if x.ndim == 0:
            raise Skipped("normalizes a number")
        if x.shape[dim] == 0:
            raise Skipped("normalizes no entries, which ours refuses")
        return ours(name, x if dtype is None else x.to(dtype), axis=dim)

    return call


def _reduced(loss: Tensor, count: int, reduction: str) -> Tensor:
    """A mean over ``count`` as what ``reduction`` says."""
    if reduction == "none":
        raise Skipped(REDUCTION_NONE)
    return loss * count if reduction == "sum" else loss


def _pair_loss(name: str) -> Callable[..., Tensor]:
    def call(
        y: Tensor, t: Tensor, *, reduction: str = "mean", weight: Any = None, **options: Any
    ) -> Tensor:
        if weight is not None:
            raise Skipped(WEIGHTED)
        if reduction != "none":
            y, t = torch.broadcast_tensors(y, t)
        return _reduced(ours(name, y, t, **options), y.numel(), reduction)

    return call


def _binary_cross_entropy(
    z: Tensor,
    t: Tensor,
    *,
    reduction: str = "mean",
    weight: Any = None,
    pos_weight: Any = None,
) -> Tensor:
    if weight is not None or pos_weight is not None:
        raise Skipped(WEIGHTED)
    return _reduced(ours("binary_cross_entropy_with_logits", z, t), z.numel(), reduction)


def _gaussian_nll(
    mean: Tensor,
    t: Tensor,
    var: Tensor,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    if reduction == "none":
        raise Skipped(REDUCTION_NONE)
    if (var < eps).any():
        raise Skipped("variances below eps are raised to it")
    if var.ndim < mean.ndim:
        var = var[..., None]
    mean, t, var = torch.broadcast_tensors(mean, t, var)
    loss = ours("gaussian_nll_loss", mean, t, var.log())
    loss = loss if full else loss - math.log(2 * math.pi) / 2
    return _reduced(loss, mean.numel(), reduction)


def _cross_entropy(
    z: Tensor,
    t: Tensor,
    *,
    reduction: str = "mean",
    weight: Any = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> Tensor:
    if weight is not None:
        raise Skipped(WEIGHTED)
    z = z if z.ndim == 1 else z.movedim(1, -1)  # PyTorch keeps the classes in axis 1
    if t.is_floating_point():
        t = t if t.ndim == 1 else t.movedim(1, -1)
        if not torch.allclose(t.sum(-1), torch.ones_like(t.sum(-1)), atol=0.01) or (t < 0).any():
            raise Skipped("targets are no probabilities, which cross_entropy refuses")
        loss = ours("cross_entropy", z, t, label_smoothing=label_smoothing)
        return _reduced(loss, z.numel() // z.shape[-1], reduction)
    options = {"label_smoothing": label_smoothing, "ignore_index": ignore_index}
    return _classes("cross_entropy", z, t, reduction, **options)


def _nll(
    log_p: Tensor,
    t: Tensor,
    *,
    reduction: str = "mean",
    weight: Any = None,
    ignore_index: int = -100,
) -> Tensor:
    if weight is not None:
        raise Skipped(WEIGHTED)
    log_p = log_p if log_p.ndim == 1 else log_p.movedim(1, -1)
    return _classes("nll_loss", log_p, t, reduction, ignore_index=ignore_index)


def _classes(name: str, z: Tensor, t: Tensor, reduction: str, **options: Any) -> Tensor:
    count = int((t != options["ignore_index"]).sum())
    if count == 0:
        raise Skipped("all examples are ignored, or there are none: a mean that is NaN")
    if name == "nll_loss" and (t == options["ignore_index"]).any():
        raise Skipped("nll_loss ignores no class")
    if name == "nll_loss":
        options = {}
    return _reduced(ours(name, z, t, **options), count, reduction)


def _whole(value: Any) -> Any:
    """PyTorch's lists of numbers as numbers or tuples."""
    if isinstance(value, (list, tuple)):
        return value[0] if len(value) == 1 else tuple(value)
    return value


def _convolution(name: str, axes: int, channels: int) -> Callable[..., Tensor]:
    def call(x: Tensor, W: Tensor, b: Tensor | None = None, **options: Any) -> Tensor:
        if options.get("padding") == "valid":
            options["padding"] = 0
        elif options.get("padding") == "same":
            dilation = options.get("dilation", 1)
            spread = (dilation,) * axes if isinstance(dilation, int) else dilation
            spans = [d * (k - 1) for d, k in zip(spread, W.shape[2:], strict=True)]
            if any(span % 2 for span in spans):
                raise Skipped("pads one end more than the other")
            options["padding"] = tuple(span // 2 for span in spans)
        single = x.ndim == axes + 1
        x = x[None] if single else x
        size = W.shape[channels] * (options.get("groups", 1) if channels else 1)
        given = {key: _whole(value) for key, value in options.items()}
        y = ours(name, x, W, _zeros(b, size, x), **given)
        return y[0] if single else y

    return call


def _max_pool(name: str) -> Callable[..., Tensor]:
    def call(x: Tensor, *, return_indices: bool = False, **options: Any) -> Tensor:
        given = {key: _whole(value) for key, value in options.items() if value is not None}
        return ours(name, x, **given)

    return call


def _avg_pool(name: str) -> Callable[..., Tensor]:
    def call(
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Tensor:
        if divisor_override is not None:
            raise Skipped("divides by another number than that of the entries")
        options = {"kernel_size": kernel_size, "padding": padding, "stride": stride or kernel_size}
        return ours(
            name,
            x,
            **{key: _whole(value) for key, value in options.items()},
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )

    return call


def _adaptive_avg_pool(x: Tensor, output_size: Any) -> Tensor:
    size = (output_size,) * 2 if isinstance(output_size, int) else output_size
    size = tuple(n or x.shape[i - 2] for i, n in enumerate(size))  # None: as it is
    return ours("adaptive_avg_pool2d", x, output_size=size)


def _embedding(W: Tensor, ids: Tensor, **options: Any) -> Tensor:
    if options:
        raise Skipped(f"has the option {', '.join(options)}")
    return ours("embedding", ids, W)


def _attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    if dropout_p:
        raise Skipped("PyTorch draws its own mask")
    if attn_mask is not None and attn_mask.requires_grad:
        raise Skipped("the mask takes a gradient, ours is a constant")
    if enable_gqa:
        groups = q.shape[-3] // k.shape[-3]
        k, v = (a.repeat_interleave(groups, -3) for a in (k, v))
    return ours(
        "scaled_dot_product_attention", q, k, v, mask=attn_mask, causal=is_causal, scale=scale
    )


def _require_eps(eps: float) -> None:
    if eps < 0:
        raise Skipped("eps is negative, which ours refuses")


def _layer_norm(
    x: Tensor, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    _require_eps(eps)
    if math.prod(shape) == 1:
        raise Skipped("one feature, which normalized is 0: PyTorch's rounding, times 1/√eps")
    gamma, beta = _ones(weight, shape, x), _zeros(bias, shape, x)
    return ours("layer_norm", x, gamma, beta, eps=eps)


def _rms_norm(x: Tensor, shape: Any, weight: Any = None, eps: float | None = None) -> Tensor:
    eps = torch.finfo(x.dtype).eps if eps is None else eps
    _require_eps(eps)
    return ours("rms_norm", x, _ones(weight, shape, x), eps=eps)


def _group_norm(
    x: Tensor, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    _require_eps(eps)
    C = x.shape[1]
    gamma, beta = _ones(weight, C, x), _zeros(bias, C, x)
    return ours("group_norm", x, gamma, beta, num_groups=num_groups, eps=eps)


def _instance_norm(
    x: Tensor,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    if not use_input_stats:
        raise Skipped("instance normalization by running statistics")
    return _group_norm(x, x.shape[1], weight, bias, eps)  # every channel is its own group


def _batch_norm(
    x: Tensor,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    if x.ndim < 2:
        raise Skipped("an empty batch without channels")
    C = x.shape[1]
    options = {} if training else {"running_mean": running_mean, "running_var": running_var}
    return ours("batch_norm", x, _ones(weight, C, x), _zeros(bias, C, x), eps=eps, **options)


def _dropout(x: Tensor, *, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    if training and 0 < p < 1:
        raise Skipped("PyTorch draws its own mask")
    return ours("dropout", x, p=p, training=training, rng=np.random.default_rng(0))


# PyTorch's operation (and variant) → which of our functions, how.
TRANSLATIONS: dict[str, tuple[str, Callable[..., Tensor]]] = {
    "add": ("add", _binary("add")),
    "sub": ("sub", _binary("sub")),
    "mul": ("mul", _binary("mul")),
    "div.no_rounding_mode": ("div", _div),
    "reciprocal": ("div", _reciprocal),
    "neg": ("neg", _same("neg")),
    "exp": ("exp", _same("exp")),
    "log": ("log", _same("log")),
    "sqrt": ("sqrt", _same("sqrt")),
    "abs": ("abs", _same("abs")),
    "square": ("pow", _square),  # the samples of pow have tensors for exponents
    "rsqrt": ("pow", _rsqrt),
    "matmul": ("matmul", _matmul),
    "mm": ("matmul", _matmul),
    "bmm": ("matmul", _matmul),
    "sum": ("sum", _reduction("sum")),
    "mean": ("mean", _reduction("mean")),
    "logsumexp": ("logsumexp", _reduction("logsumexp")),
    "reshape": ("reshape", _reshape),
    "view": ("reshape", _reshape),
    "flatten": ("reshape", _reshaped_by(torch.flatten)),
    "squeeze": ("reshape", _reshaped_by(torch.squeeze)),
    "unsqueeze": ("reshape", _reshaped_by(torch.unsqueeze)),
    "permute": ("transpose", _permute),
    "transpose": ("transpose", _transpose),
    "__getitem__": ("index", _getitem),
    "index_select": ("index", _index_select),
    "narrow": ("index", _narrow),
    "select": ("index", _select),
    "cat": ("concatenate", _joined("concatenate")),
    "stack": ("stack", _joined("stack")),
    "nn.functional.linear": ("affine", _linear),
    "nn.functional.relu": ("relu", _activation("relu")),
    "sigmoid": ("sigmoid", _activation("sigmoid")),
    "tanh": ("tanh", _activation("tanh")),
    "nn.functional.leaky_relu": ("leaky_relu", _activation("leaky_relu")),
    "nn.functional.elu": ("elu", _activation("elu")),
    "nn.functional.softplus": ("softplus", _softplus),
    "nn.functional.silu": ("silu", _activation("silu")),
    "nn.functional.gelu": ("gelu", _activation("gelu")),
    "nn.functional.glu": ("glu", _over_axis("glu")),
    "softmax": ("softmax", _over_axis("softmax")),
    "softmax.with_dtype": ("softmax", _over_axis("softmax")),
    "log_softmax": ("log_softmax", _over_axis("log_softmax")),
    "log_softmax.with_dtype": ("log_softmax", _over_axis("log_softmax")),
    "nn.functional.mse_loss": ("mse_loss", _pair_loss("mse_loss")),
    "nn.functional.l1_loss": ("l1_loss", _pair_loss("l1_loss")),
    "nn.functional.huber_loss": ("huber_loss", _pair_loss("huber_loss")),
    "nn.functional.gaussian_nll_loss": ("gaussian_nll_loss", _gaussian_nll),
    "nn.functional.nll_loss": ("nll_loss", _nll),
    "nn.functional.cross_entropy": ("cross_entropy", _cross_entropy),
    "nn.functional.binary_cross_entropy_with_logits": (
        "binary_cross_entropy_with_logits",
        _binary_cross_entropy,
    ),
    "nn.functional.conv1d": ("conv1d", _convolution("conv1d", 1, 0)),
    "nn.functional.conv2d": ("conv2d", _convolution("conv2d", 2, 0)),
    "nn.functional.conv_transpose2d": (
        "conv_transpose2d",
        _convolution("conv_transpose2d", 2, 1),
    ),
    "nn.functional.max_pool1d": ("max_pool1d", _max_pool("max_pool1d")),
    "nn.functional.max_pool2d": ("max_pool2d", _max_pool("max_pool2d")),
    "nn.functional.avg_pool1d": ("avg_pool1d", _avg_pool("avg_pool1d")),
    "nn.functional.avg_pool2d": ("avg_pool2d", _avg_pool("avg_pool2d")),
    "nn.functional.adaptive_avg_pool2d": ("adaptive_avg_pool2d", _adaptive_avg_pool),
    "nn.functional.embedding": ("embedding", _embedding),
    "nn.functional.scaled_dot_product_attention": ("scaled_dot_product_attention", _attention),
    "nn.functional.layer_norm": ("layer_norm", _layer_norm),
    "nn.functional.rms_norm": ("rms_norm", _rms_norm),
    "nn.functional.group_norm": ("group_norm", _group_norm),
    "nn.functional.instance_norm": ("group_norm", _instance_norm),
    "nn.functional.batch_norm": ("batch_norm", _batch_norm),
    "nn.functional.dropout": ("dropout", _dropout),
}

# Functions that the database has no samples for; their own instances are compared, in
# test_functions.py.
NOT_IN_OPINFO = {
    "swiglu": "PyTorch has no such function; silu and a product stand for it",
    "hinge_loss": "PyTorch's takes distances, not logits",
    "kl_standard_normal": "a distribution's method in PyTorch, which has no samples",
    "attention_weights": "PyTorch's attention returns no weights",
    "split_heads": "two operations in PyTorch",
    "merge_heads": "two operations in PyTorch",
    "rotary_embedding": "PyTorch has none; a product of complex numbers stands for it",
    "rnn": "the database has no recurrent networks; ModuleInfo has",
    "lstm": "the database has no recurrent networks; ModuleInfo has",
    "gru": "the database has no recurrent networks; ModuleInfo has",
}
