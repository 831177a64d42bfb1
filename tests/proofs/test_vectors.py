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
    "cross_entropy": ["ONNX test_sce_mean", "ONNX test_sce_mean_3d"],
}


@pytest.mark.parametrize("name", REGISTRY)
def test_every_vector_is_loaded_and_agrees(name):
    vectors = CASES[name].vectors()
    assert [v.source for v in vectors] == SOURCES[name]
    for vector in vectors:
        value, _ = REGISTRY[name](*vector.instance.args, **vector.instance.options)
        assert np.size(value) == np.size(vector.value)
        assert relative_error(value, vector.value) <= 1e-6


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
