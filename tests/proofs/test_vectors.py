"""Third-party vectors: they are there, they are theirs, and they test what they say."""

import numpy as np
import pytest

from chainrule.functional import REGISTRY
from chainrule.proofs import CASES
from chainrule.proofs.comparison import relative_error
from chainrule.proofs.vectors import onnx_node_tests, onnx_vector

SOFTMAX_VARIANTS = [
    "default_axis",
    "negative_axis",
    "axis_0",
    "axis_1",
    "axis_2",
    "large_number",
]
SOURCES = {
    "affine": ["ONNX test_gemm_default_vector_bias", "ONNX test_gemm_transposeB"],
    "relu": ["ONNX test_relu"],
    "sigmoid": ["ONNX test_sigmoid", "ONNX test_sigmoid_example"],
    "tanh": ["ONNX test_tanh", "ONNX test_tanh_example"],
    "softmax": [f"ONNX test_softmax_{v}" for v in SOFTMAX_VARIANTS],
    "log_softmax": [f"ONNX test_logsoftmax_{v}" for v in SOFTMAX_VARIANTS],
    "mse_loss": ["scikit-learn mean_squared_error"],
    "binary_cross_entropy_with_logits": ["scikit-learn log_loss"],
    "cross_entropy": [
        "ONNX test_sce_mean",
        "ONNX test_sce_mean_3d",
        *(f"ONNX test_sce_mean_no_weight_ii{axes}" for axes in ("", "_3d", "_4d")),
        *["SciPy entropy"] * 3,
    ],
    "silu": ["ONNX test_swish"],
    "nll_loss": ["ONNX test_nllloss_NCd1d2_reduction_mean"],
    "embedding": ["ONNX test_gather_0"],
    "l1_loss": ["scikit-learn mean_absolute_error"],
    "hinge_loss": ["scikit-learn hinge_loss"],
    "huber_loss": ["SciPy huber"],
    "gaussian_nll_loss": ["SciPy norm.logpdf"],
    "kl_standard_normal": ["SciPy integration"],
}
# Where there are many: how many of ONNX's tests there are at least, which newer versions of ONNX
# may add to, and how many runs of its reference evaluator. The tests of each topic make sure that
# none of ONNX's is left out without a reason.
COUNTS = {
    "leaky_relu": (3, 0),
    "elu": (3, 0),
    "softplus": (2, 0),
    "gelu": (4, 0),
    "glu": (0, 1),
    "swiglu": (0, 1),
    "add": (2, 0),
    "sub": (3, 0),
    "mul": (3, 0),
    "div": (3, 0),
    "neg": (2, 0),
    "exp": (2, 0),
    "log": (2, 0),
    "sqrt": (2, 0),
    "matmul": (3, 0),
    "sum": (4, 0),
    "mean": (4, 0),
    "abs": (1, 0),
    "pow": (4, 0),
    "logsumexp": (4, 0),
    "stack": (0, 3),
    "reshape": (7, 0),
    "transpose": (7, 0),
    "index": (4, 0),
    "concatenate": (12, 0),
    "attention_weights": (4, 1),
    "scaled_dot_product_attention": (71, 0),
    "split_heads": (12, 0),
    "merge_heads": (12, 0),
    "conv2d": (6, 2),
    "conv_transpose2d": (8, 1),
    "conv1d": (0, 2),
    "layer_norm": (19, 0),
    "rms_norm": (19, 0),
    "group_norm": (4, 0),
    "batch_norm": (5, 0),
    "max_pool2d": (11, 1),
    "avg_pool2d": (9, 1),
    "adaptive_avg_pool2d": (2, 1),
    "max_pool1d": (1, 1),
    "avg_pool1d": (1, 1),
    "rotary_embedding": (0, 3),
    "rnn": (7, 4),
    "lstm": (6, 5),
    "gru": (6, 4),
    "dropout": (12, 0),
}


@pytest.mark.parametrize("name", REGISTRY)
def test_every_vector_is_loaded_and_agrees(name):
    vectors = CASES[name].vectors()
    sources = [v.source for v in vectors]
    if name in SOURCES:
        assert sources == SOURCES[name]
    else:
        tests, runs = COUNTS[name]
        assert sum(s.startswith("ONNX test_") for s in sources) >= tests
        assert sum(s.startswith("ONNX reference evaluator, ") for s in sources) == runs
        assert all(s.startswith("ONNX ") for s in sources)
    for vector in vectors:
        value, _ = REGISTRY[name](*vector.instance.args, **vector.instance.options)
        part = vector.part(value)
        assert np.size(part) == np.size(vector.value)
        assert relative_error(part, vector.value) <= 1e-6


def test_the_large_numbers_are_large():
    _, (x,), _ = onnx_vector("softmax", "test_softmax_large_number")
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(x)).any()


def test_attributes_and_axes_are_onnx_own():
    attributes, (x,), y = onnx_vector("softmax", "test_softmax_axis_0")
    assert attributes == {"axis": 0}
    np.testing.assert_allclose(y.sum(0), 1, rtol=1e-6)
    assert x.shape == y.shape == (3, 4, 5)


def test_variants_that_repeat_their_original_are_left_out():
    names = onnx_node_tests("relu")
    assert "test_relu" in names
    assert not any("expanded" in name for name in names)


def test_numpys_global_generator_is_put_back():
    before = repr(np.random.get_state())  # noqa: NPY002
    onnx_node_tests.__wrapped__("relu")
    onnx_node_tests.__wrapped__("elu")  # not imported by anyone before
    assert repr(np.random.get_state()) == before  # noqa: NPY002


def test_an_unknown_test_is_a_key_error():
    with pytest.raises(KeyError, match="test_no_such"):
        onnx_vector("relu", "test_no_such")
