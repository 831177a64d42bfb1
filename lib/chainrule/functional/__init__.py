"""Functions that return their value and their pullback: arrays in, ``(value, pullback)`` out.

This is all the calculus of the book. Each function is derived in a chapter, and proven by
:func:`chainrule.proofs.prove`. Here they work on plain arrays; :mod:`chainrule.nn.functional` has
the same functions for :class:`chainrule.autograd.Tensor`.
"""

from chainrule.functional.activations import (
    elu,
    gelu,
    glu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    swiglu,
    tanh,
)
from chainrule.functional.affine import affine
from chainrule.functional.allocation import keep_freed_memory as _keep_freed_memory
from chainrule.functional.arrays import (
    concatenate,
    index,
    logsumexp,
    matmul,
    mean,
    reshape,
    stack,
    sum,
    transpose,
)
from chainrule.functional.attention import (
    attention_weights,
    embedding,
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)
from chainrule.functional.contract import REGISTRY, differentiable
from chainrule.functional.convolution import conv1d, conv2d, conv_transpose2d
from chainrule.functional.elementwise import abs, add, div, exp, log, mul, neg, pow, sqrt, sub
from chainrule.functional.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    hinge_loss,
    huber_loss,
    kl_standard_normal,
    l1_loss,
    mse_loss,
    nll_loss,
)
from chainrule.functional.normalization import batch_norm, group_norm, layer_norm, rms_norm
from chainrule.functional.pooling import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from chainrule.functional.positions import (
    rotary_embedding,
)
from chainrule.functional.recurrence import (
    gru,
    lstm,
    rnn,
)
from chainrule.functional.regularization import dropout

_keep_freed_memory()

__all__ = [
    "REGISTRY",
    "abs",
    "adaptive_avg_pool2d",
    "add",
    "affine",
    "attention_weights",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "concatenate",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "cross_entropy",
    "differentiable",
    "div",
    "dropout",
    "elu",
    "embedding",
    "exp",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_norm",
    "gru",
    "hinge_loss",
    "huber_loss",
    "index",
    "kl_standard_normal",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "log",
    "log_softmax",
    "logsumexp",
    "lstm",
    "matmul",
    "max_pool1d",
    "max_pool2d",
    "mean",
    "merge_heads",
    "mse_loss",
    "mul",
    "neg",
    "nll_loss",
    "pow",
    "relu",
    "reshape",
    "rms_norm",
    "rnn",
    "rotary_embedding",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "split_heads",
    "sqrt",
    "stack",
    "sub",
    "sum",
    "swiglu",
    "tanh",
    "transpose",
]
