"""ONNX's operators that functions of ours compute, and why some of their tests are no vectors.

Every node test that ONNX has of these operators is a vector of a function named here, unless its
name is among ``skipped``, with the reason why our function cannot make the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Operator:
    """What an operator of ONNX is to us.

    Attributes
    ----------
    functions : tuple of str
        Our functions, one of which every test is a vector of.
    partly : tuple of str
        Our functions that some of the tests are vectors of too, for instance of another output.
    module : str
        File below ``onnx.backend.test.case.node`` that makes the tests.
    skipped : mapping of str to str
        Name of a test, in which a star stands for any part → why it is no vector.
    """

    functions: tuple[str, ...]
    module: str
    partly: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def reason_to_skip(self, test: str) -> str | None:
        """Return why a test is no vector, ``None`` if it is one."""
        reasons = (why for pattern, why in self.skipped.items() if fnmatchcase(test, pattern))
        return next(reasons, None)


def _operator(
    name: str, functions: str, skipped: Mapping[str, str] | None = None, partly: str = ""
) -> Operator:
    module = MODULES.get(name, name.lower())
    return Operator(tuple(functions.split()), module, tuple(partly.split()), skipped or {})


MODULES = {  # the others are named like the operator, in small letters
    "BatchNormalization": "batch_normalization",
    "CausalConvWithState": "causal_conv_with_state",
    "InstanceNormalization": "instance_normalization",
    "ReduceLogSumExp": "reduce_log_sum_exp",
    "SoftmaxCrossEntropyLoss": "softmax_cross_entropy_loss",
}

FEWER_DIGITS = "in half precision, which has fewer digits than the tolerance"
INTEGERS = "of integers, which have no gradient"
ONE_END = "pads one end more than the other; our padding is symmetric"
VOLUMES = "the library has no volumes"
WEIGHTED = "weighs the classes; ours count alike"
SOFTCAP = "squeezes the scores through tanh, which our attention has no option for"
ROTARY = "its cosines and sines are random numbers, which are those of no angle"
ACTIVATION = "an activation follows"
SCORES = "changes the scores or the weights by a graph that comes with the test"

_ARITHMETIC = {
    name: _operator(name, name.lower(), {f"test_{name.lower()}_*int*": INTEGERS})
    for name in ("Add", "Sub", "Mul", "Div")
}
_ONE_ARGUMENT = {
    name: _operator(name, name.lower())
    for name in ("Abs", "Neg", "Exp", "Log", "Sqrt", "Relu", "Sigmoid", "Tanh", "Elu", "Softplus")
}
_ALSO_ONE_ARGUMENT = {
    "Gelu": _operator("Gelu", "gelu"),
    "LeakyRelu": _operator("LeakyRelu", "leaky_relu"),
    "LogSoftmax": _operator("LogSoftmax", "log_softmax"),
    "Reciprocal": _operator("Reciprocal", "div"),
    "Softmax": _operator("Softmax", "softmax"),
    "Swish": _operator("Swish", "silu"),
}
_ARRAYS = {
    "Compress": _operator("Compress", "index", {"test_compress_bfloat16": FEWER_DIGITS}),
    "Concat": _operator("Concat", "concatenate"),
    "Flatten": _operator("Flatten", "reshape"),
    "Gather": _operator("Gather", "index", partly="embedding"),
    "GatherElements": _operator("GatherElements", "index"),
    "GatherND": _operator("GatherND", "index", {"test_gathernd_example_int32*": INTEGERS}),
    "MatMul": _operator("MatMul", "matmul"),
    "Mean": _operator("Mean", "mean"),
    "Reshape": _operator("Reshape", "reshape"),
    "ReduceLogSumExp": _operator(
        "ReduceLogSumExp",
        "logsumexp",
        {"*_empty_set": "sums no entries; ours refuses the logarithm of 0"},
    ),
    "ReduceMean": _operator("ReduceMean", "mean"),
    "ReduceSum": _operator("ReduceSum", "sum"),
    "Slice": _operator("Slice", "index"),
    "Split": _operator("Split", "index"),
    "Squeeze": _operator("Squeeze", "reshape"),
    "Sum": _operator("Sum", "sum"),
    "Transpose": _operator("Transpose", "transpose"),
    "Unsqueeze": _operator("Unsqueeze", "reshape"),
}
_LAYERS = {
    "AveragePool": _operator(
        "AveragePool",
        "avg_pool2d avg_pool1d",
        {
            "test_averagepool_2d_same_*": ONE_END,
            "test_averagepool_2d_ceil_last_window_starts_on_pad": (
                "states its value to four digits only"
            ),
            "test_averagepool_2d_dilations": "average pooling has no dilation, as in PyTorch",
            "test_averagepool_3d_*": VOLUMES,
        },
    ),
    "BatchNormalization": _operator("BatchNormalization", "batch_norm"),
    "CausalConvWithState": _operator(
        "CausalConvWithState",
        "conv1d",
        {"*_silu*": ACTIVATION, "*_swish*": ACTIVATION, "*_state_fp16": FEWER_DIGITS},
    ),
    "Conv": _operator("Conv", "conv2d"),
    "ConvTranspose": _operator(
        "ConvTranspose", "conv_transpose2d", {"test_convtranspose_3d": VOLUMES}
    ),
    "Dropout": _operator("Dropout", "dropout"),
    "Gemm": _operator(
        "Gemm",
        "affine",
        {"test_gemm_default_matrix_bias": "adds a matrix; affine adds the same row to all"},
    ),
    "GlobalAveragePool": _operator("GlobalAveragePool", "adaptive_avg_pool2d"),
    "GlobalMaxPool": _operator("GlobalMaxPool", "max_pool2d"),
    "GroupNormalization": _operator("GroupNormalization", "group_norm"),
    "InstanceNormalization": _operator("InstanceNormalization", "group_norm"),
    "LayerNormalization": _operator("LayerNormalization", "layer_norm"),
    "MaxPool": _operator(
        "MaxPool",
        "max_pool2d max_pool1d",
        {
            "test_maxpool_2d_uint8": INTEGERS,
            "test_maxpool_2d_same_*": ONE_END,
            "test_maxpool_3d_*": VOLUMES,
        },
    ),
    "MeanVarianceNormalization": _operator("MeanVarianceNormalization", "batch_norm"),
    "Pow": _operator("Pow", "pow", {"test_pow_types_int*": INTEGERS}),
    "RMSNormalization": _operator("RMSNormalization", "rms_norm"),
    "SwiGLU": _operator(
        "SwiGLU",
        "swiglu",
        {
            "test_swiglu_alpha": "scales the argument of the sigmoid",
            "test_swiglu_float16": FEWER_DIGITS,
        },
    ),
}
_LOSSES = {
    "NegativeLogLikelihoodLoss": _operator(
        "NegativeLogLikelihoodLoss",
        "nll_loss",
        {"*[!o]_weight*": WEIGHTED},  # but not "no_weight"
    ),
    "SoftmaxCrossEntropyLoss": _operator(
        "SoftmaxCrossEntropyLoss",
        "cross_entropy",
        {"*[!o]_weight*": WEIGHTED},
        partly="log_softmax",
    ),
}
_SEQUENCES = {
    "Attention": _operator(
        "Attention",
        "scaled_dot_product_attention",
        {
            "*_softcap*": SOFTCAP,
            "*_window_gqa_rank4_mask": SOFTCAP,
            "*fp16": FEWER_DIGITS,
            "*bf16": FEWER_DIGITS,
            "*_float16_mask": FEWER_DIGITS,
            "*_softmax_precision": FEWER_DIGITS,
        },
        partly="attention_weights split_heads merge_heads",
    ),
    "FlexAttention": _operator(
        "FlexAttention",
        "scaled_dot_product_attention",
        {
            "*_score_mod": SCORES,
            "*_prob_mod": SCORES,
            "*_relative_positional": SCORES,
            "*_soft_cap": SOFTCAP,
            "*_fp16": FEWER_DIGITS,
        },
    ),
    "GRU": _operator(
        "GRU",
        "gru",
        {"test_gru_seq_length": "applies the reset gate before the product; ours comes after"},
    ),
    "LSTM": _operator(
        "LSTM",
        "lstm",
        {"test_lstm_with_peepholes": "has weights from the cell to the gates"},
    ),
    "RNN": _operator("RNN", "rnn"),
    "RotaryEmbedding": _operator(
        "RotaryEmbedding", "rotary_embedding", {"test_rotary_embedding*": ROTARY}
    ),
}
OPERATORS = (
    _ARITHMETIC | _ONE_ARGUMENT | _ALSO_ONE_ARGUMENT | _ARRAYS | _LAYERS | _LOSSES | _SEQUENCES
)
