"""Third-party vectors: they are there, they are theirs, and they test what they say."""

import functools
import importlib
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.backend.test.case import node as node_tests

from chainrule.functional import REGISTRY
from chainrule.proofs import CASES
from chainrule.proofs.comparison import relative_error
from chainrule.proofs.operators import OPERATORS
from chainrule.proofs.vectors import onnx_node_tests, onnx_vector

# The vectors apart from ONNX's tests: how often its reference evaluator runs, and who else.
EVALUATOR = {
    "glu": 1,
    "swiglu": 1,
    "stack": 3,
    "attention_weights": 1,
    "conv2d": 2,
    "conv_transpose2d": 1,
    "conv1d": 2,
    "max_pool2d": 1,
    "avg_pool2d": 1,
    "adaptive_avg_pool2d": 1,
    "max_pool1d": 1,
    "avg_pool1d": 1,
    "rotary_embedding": 3,
    "rnn": 4,
    "lstm": 5,
    "gru": 4,
}
OTHERS = {
    "mse_loss": ["scikit-learn mean_squared_error"],
    "l1_loss": ["scikit-learn mean_absolute_error"],
    "hinge_loss": ["scikit-learn hinge_loss"],
    "binary_cross_entropy_with_logits": ["scikit-learn log_loss"],
    "cross_entropy": ["SciPy entropy"] * 3,
    "huber_loss": ["SciPy huber"],
    "gaussian_nll_loss": ["SciPy norm.logpdf"],
    "kl_standard_normal": ["SciPy integration"],
}
USED = 426  # of the tests that ONNX 1.23 has of our operators; newer versions add some
# ONNX's operators that no function of ours computes, and why.
NOT_OURS = {
    "of integers, truth values and text, without gradients": """
        And ArgMax ArgMin BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike
        Ceil Equal Floor Greater GreaterOrEqual Hardmax IsInf IsNaN Less LessOrEqual Mod
        NonMaxSuppression NonZero Not OneHot Or RegexFullMatch Round Shape Sign Size StringConcat
        StringNormalizer StringSplit TfIdfVectorizer Xor""",
    "of quantized numbers": """
        ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul
        QuantizeLinear""",
    "of control flow, optional values and sequences": """
        If Loop Optional OptionalGetElement OptionalHasElement Scan SequenceAt SequenceEmpty
        SequenceErase SequenceInsert SequenceLength SequenceMap SplitToSequence""",
    "run by the evaluator for stack, which ONNX has no test of": """
        ConcatFromSequence SequenceConstruct""",
    "making arrays out of nothing, or at random": """
        Bernoulli BlackmanWindow Constant ConstantOfShape EyeLike HammingWindow HannWindow
        MelWeightMatrix Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike
        Range""",
    "of images, signals and regions": """
        AffineGrid CenterCropPad DFT DeformConv DepthToSpace GridSample ImageDecoder LRN MaxRoiPool
        MaxUnpool Resize RoiAlign STFT SpaceToDepth Upsample""",
    "that the library has not": """
        Acos Acosh Asin Asinh Atan Atanh Celu Clip Col2Im Cos Cosh CumProd CumSum Det Einsum Erf
        Expand GlobalLpPool HardSigmoid HardSwish Identity LinearAttention LpNormalization LpPool
        Max Min Mish PRelu Pad ReduceL1 ReduceL2 ReduceLogSum ReduceMax ReduceMin ReduceProd
        ReduceSumSquare ReverseSequence Scatter ScatterElements ScatterND Selu Shrink Sin Sinh
        Softsign Tan TensorScatter ThresholdedRelu Tile TopK Trilu Unique Where""",
}
OPSET = 28  # the newest operators of ONNX 1.23


@functools.cache
def vectors_of(name):
    return CASES[name].vectors()


def used_by(functions):
    """Names of the ONNX tests among the vectors of some functions."""
    sources = {v.source for name in functions for v in vectors_of(name)}
    # One test may be several vectors, told apart after a comma.
    return {s.removeprefix("ONNX ").split(",")[0] for s in sources if s.startswith("ONNX test_")}


@functools.cache
def named_by_onnx(operator):
    cases = onnx_node_tests(OPERATORS[operator].module)
    return {n for n, c in cases.items() if [x.op_type for x in c.model.graph.node] == [operator]}


@pytest.mark.parametrize("name", REGISTRY)
def test_every_vector_is_loaded_and_agrees(name):
    vectors = vectors_of(name)
    assert vectors
    sources = [v.source for v in vectors]
    runs = sum(s.startswith("ONNX reference evaluator, ") for s in sources)
    assert runs == EVALUATOR.get(name, 0)
    assert [s for s in sources if not s.startswith("ONNX ")] == OTHERS.get(name, [])
    for vector in vectors:
        value, _ = REGISTRY[name](*vector.instance.args, **vector.instance.options)
        part = vector.part(value)
        assert np.size(part) == np.size(vector.value)
        assert relative_error(part, vector.value) <= 1e-6, vector.source


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_onnx_test_is_a_vector_or_skipped_for_a_reason(operator):
    used, known = used_by(OPERATORS[operator].functions), OPERATORS[operator]
    assert named_by_onnx(operator)
    for test in named_by_onnx(operator):
        assert (test in used) != (known.reason_to_skip(test) is not None), test


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_reason_to_skip_applies_to_a_test(operator):
    for pattern, reason in OPERATORS[operator].skipped.items():
        assert any(fnmatchcase(test, pattern) for test in named_by_onnx(operator)), pattern
        assert reason


@pytest.mark.parametrize("name", REGISTRY)
def test_the_table_of_operators_names_the_functions(name):
    ours = [op for op, known in OPERATORS.items() if name in (*known.functions, *known.partly)]
    assert used_by([name]) <= set().union(*map(named_by_onnx, ours))
    for operator in ours:
        assert operator == "RotaryEmbedding" or used_by([name]) & named_by_onnx(operator), operator


def test_how_many_of_onnx_tests_are_used():
    assert len(used_by(REGISTRY)) >= USED


def test_every_operator_of_onnx_is_ours_or_not_for_a_reason():
    first = {}  # the opset in which an operator appears
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == "":
            first[schema.name] = min(schema.since_version, first.get(schema.name, OPSET + 1))
    not_ours = " ".join(NOT_OURS.values()).split()
    assert len(set(not_ours)) == len(not_ours)
    assert not set(not_ours) & set(OPERATORS)
    known = {name for name, opset in first.items() if opset <= OPSET}
    assert known - set(OPERATORS) == set(not_ours)


def test_no_other_file_of_onnx_has_tests_of_our_operators():
    modules = {known.module for known in OPERATORS.values()}
    for path in Path(node_tests.__file__).parent.glob("*.py"):
        named = [op for op in OPERATORS if f'"{op}"' in path.read_text()]
        if named and path.stem not in {"__init__", *modules}:
            importlib.import_module(f"{node_tests.__name__}.{path.stem}")
    for case in node_tests._NodeTestCases:
        operators = [node.op_type for node in case.model.graph.node]
        if len(operators) == 1 and operators[0] in OPERATORS and "_expanded" not in case.name:
            assert case.name in named_by_onnx(operators[0])


def test_an_older_onnx_is_refused(monkeypatch):
    monkeypatch.setattr(onnx, "__version__", "1.22.0")
    with pytest.raises(ImportError, match=r"^prove: .* onnx 1.23 or newer, here is 1.22.0; pip"):
        onnx_node_tests.__wrapped__("relu")


def test_cosines_of_onnx_tests_of_rotary_embeddings_are_of_no_angle():
    for name in named_by_onnx("RotaryEmbedding"):
        _, (_, cos, sin, *_), _ = onnx_vector("RotaryEmbedding", name)
        assert not np.allclose(cos**2 + sin**2, 1), name


def test_the_large_numbers_are_large():
    _, (x,), _ = onnx_vector("Softmax", "test_softmax_large_number")
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(x)).any()


def test_attributes_and_axes_are_onnx_own():
    attributes, (x,), y = onnx_vector("Softmax", "test_softmax_axis_0")
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
        onnx_vector("Relu", "test_no_such")
