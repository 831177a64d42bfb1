"""Shapes that do not fit are refused, with the function, the shapes and what to do."""

import inspect

import numpy as np
import pytest

from chainrule.functional import REGISTRY
from chainrule.proofs import CASES

LOSS_SHAPES = [
    (((2, 3), (3,)), {}, ["(2, 3)", "(3,)", "reshape"]),
    (((2,), (2, 1)), {}, ["(2,)", "(2, 1)", "reshape"]),
    (((2, 1), (2,)), {}, ["(2, 1)", "(2,)", "reshape"]),
    (((), (1,)), {}, ["()", "(1,)", "reshape"]),
    (((0,), (0,)), {}, ["(0,)", "empty", "skip"]),
    (((0, 3), (0, 3)), {}, ["(0, 3)", "empty", "skip"]),
]
SOFTMAX_SHAPES = [
    (((),), {}, ["a single number", "reshape"]),
    (((2, 3),), {"axis": 2}, ["(2, 3)", "axis 2", "take one of -2, …, 1"]),
    (((2, 3),), {"axis": -3}, ["(2, 3)", "axis -3", "take one of -2, …, 1"]),
    (((2, 0),), {}, ["(2, 0)", "no entries", "at least one"]),
    (((0, 3),), {"axis": 0}, ["(0, 3)", "no entries", "at least one"]),
]

BROADCAST_SHAPES = [
    (((2, 3), (2,)), {}, ["(2, 3)", "(2,)", "do not broadcast"]),
    (((2, 3), (3, 2)), {}, ["(2, 3)", "(3, 2)", "equal or one of them 1"]),
    (((0, 3), (2, 3)), {}, ["(0, 3)", "(2, 3)"]),
]
SUM_SHAPES = [
    (((2, 3),), {"axis": 2}, ["axis 2 does not exist", "(2, 3)"]),
    (((2, 3),), {"axis": (0, -3)}, ["axis (0, -3) does not exist", "(2, 3)"]),
    (((),), {"axis": 0}, ["axis 0 does not exist", "()"]),
]
CLASS_SHAPES = [
    (((), ()), {}, ["one entry per class", "()"]),
    (((2, 0), (2,)), {}, ["one entry per class", "(2, 0)"]),
    (((2, 3), (3,)), {}, ["(2, 3)", "(2,)", "(3,)"]),
    (((2, 3), (2, 1)), {}, ["(2, 3)", "(2,)", "(2, 1)"]),
    (((2, 3), (2, 3)), {}, ["(2, 3)", "(2,)"]),
    (((3,), (1,)), {}, ["(3,)", "()", "(1,)"]),
    (((0, 3), (0,)), {}, ["(0, 3)", "empty", "skip"]),
]
ATTENTION_SHAPES = [
    (((2, 3), (4, 2)), {}, ["q (..., T_q, d)", "same d", "(2, 3)", "(4, 2)"]),
    (((3,), (4, 3)), {}, ["q (..., T_q, d)", "(3,)"]),
    (((2, 0), (4, 0)), {}, ["at least 1", "(2, 0)"]),
    (((2, 3), (0, 3)), {}, ["no keys", "(0, 3)", "at least one"]),
    (((2, 2, 3), (3, 2, 3)), {}, ["axes before the last two", "(2, 2, 3)", "(3, 2, 3)"]),
    (((2, 3), (4, 3)), {"mask": np.ones((2, 2), bool)}, ["(2, 4)", "(2, 2)", "mask[:, None]"]),
]
IMAGES = "(N, C, H, W)"
WINDOW_SHAPES = [
    (((5,),), {"kernel_size": 2}, ["at least one entry", "(5,)"]),
    (((0, 5),), {"kernel_size": 2}, ["at least one entry", "(0, 5)"]),
    (((4, 5),), {"kernel_size": 6}, ["reaches over 6", "(4, 5)", "smaller kernel_size"]),
]
SEQUENCE_SHAPES = [
    (((),), {"kernel_size": 2}, ["at least one entry", "()"]),
    (((4,),), {"kernel_size": 6}, ["reaches over 6", "(4,)", "smaller kernel_size"]),
]


def recurrent(gates, states):
    """The shapes of a network with B = 2, T = 4, d = 3, H = 2, each spoilt once."""
    right = [(2, 4, 3), *[(2, 2)] * states, (2 * gates, 3), (2 * gates, 2)]
    right += [(2 * gates,), (2 * gates,)]
    spoilt = [
        (0, (4, 3), ["(B, T, d)", "(4, 3)", "x[np.newaxis]"]),
        (0, (2, 4, 2), ["d = 3", "(2, 4, 2)"]),
        (1, (2, 3), ["h0 must have shape (B, H) = (2, 2)", "np.zeros"]),
        (states, (1, 2), ["(B, H) = (2, 2)", "(1, 2)"]),
        (states + 1, (2 * gates + 1, 3), ["W_ih", f"({2 * gates}, d)", "H = 2"]),
        (states + 2, (2 * gates, 3), ["W_hh", f"({2 * gates}, 3)"]),
        (states + 3, (2 * gates, 1), ["b_ih", f"({2 * gates},)"]),
        (states + 4, (1,), ["b_hh", f"({2 * gates},)", "(1,)"]),
    ]
    rows = [((*right[:i], wrong, *right[i + 1 :]), {}, said) for i, wrong, said in spoilt]
    mask = {"mask": np.ones((4, 2), bool)}
    return [*rows, (tuple(right), mask, ["mask must have shape (B, T) = (2, 4)", "(4, 2)"])]


# Shapes of the arguments, options, and what the message must mention.
REFUSED = {
    "affine": [
        (((4, 3), (3,), (2,)), {}, ["W must be a matrix", "(3,)"]),
        (((4, 3), (1, 2, 3), (2,)), {}, ["W must be a matrix", "(1, 2, 3)"]),
        (((4, 3), (0, 3), (0,)), {}, ["at least one entry", "(0, 3)"]),
        (((4, 0), (2, 0), (2,)), {}, ["at least one entry", "(2, 0)"]),
        (((4, 5), (2, 3), (2,)), {}, ["d_in = 3", "(2, 3)", "(4, 5)"]),
        (((3, 4), (2, 3), (2,)), {}, ["(2, 3)", "(3, 4)", "pass x.T"]),
        (((), (2, 3), (2,)), {}, ["d_in = 3", "()"]),
        (((0,), (2, 3), (2,)), {}, ["d_in = 3", "(0,)"]),
        (((4, 3), (2, 3), (3,)), {}, ["b must have shape (2,)", "(2, 3)", "(3,)"]),
        (((4, 3), (2, 3), (2, 1)), {}, ["b must have shape (2,)", "(2, 1)", "b.ravel()"]),
        (((4, 3), (2, 3), (1,)), {}, ["b must have shape (2,)", "(1,)"]),
        (((4, 3), (2, 3), ()), {}, ["b must have shape (2,)", "()"]),
    ],
    "relu": [],
    "sigmoid": [],
    "tanh": [],
    "softmax": SOFTMAX_SHAPES,
    "log_softmax": SOFTMAX_SHAPES,
    "mse_loss": LOSS_SHAPES,
    "binary_cross_entropy_with_logits": LOSS_SHAPES,
    "cross_entropy": [
        *(row for row in CLASS_SHAPES if row[0] != ((2, 3), (2, 3))),  # one-hot: a matter of dtype
        (((2, 3), (2,)), {"label_smoothing": 1.5}, ["label_smoothing must lie in [0, 1]", "1.5"]),
        (((2, 3), (2,)), {"label_smoothing": np.nan}, ["label_smoothing", "nan"]),
        (((2, 3), (2,)), {"ignore_index": 0}, ["all examples have the class 0", "skip"]),
    ],
    "nll_loss": CLASS_SHAPES,
    "l1_loss": LOSS_SHAPES,
    "hinge_loss": LOSS_SHAPES,
    "huber_loss": [*LOSS_SHAPES, (((2,), (2,)), {"delta": 0.0}, ["delta must be", "got 0.0"])],
    "kl_standard_normal": LOSS_SHAPES,
    "gaussian_nll_loss": [
        (((2,), (2,), (2, 1)), {}, ["(2, 1)", "(2,)", "reshape"]),
        (((2, 3), (3,), (2, 3)), {}, ["(2, 3)", "(3,)", "reshape"]),
        (((0,), (0,), (0,)), {}, ["(0,)", "empty", "skip"]),
    ],
    **{name: [] for name in ("leaky_relu", "elu", "softplus", "silu")},
    "gelu": [(((2, 3),), {"approximate": "erf"}, ["'none' or 'tanh'", "'erf'"])],
    "glu": [
        (((),), {}, ["a single number", "reshape"]),
        (((2, 4),), {"axis": 2}, ["(2, 4)", "axis 2"]),
        (((2, 3),), {}, ["even number", "(2, 3)"]),
        (((2, 0),), {}, ["(2, 0)", "no entries"]),
    ],
    "swiglu": [(((2, 3), (3,)), {}, ["(2, 3)", "(3,)", "reshape"])],
    **dict.fromkeys(["add", "sub", "mul", "div"], BROADCAST_SHAPES),
    **{name: [] for name in ("neg", "exp", "log", "sqrt", "abs", "pow")},
    "matmul": [
        (((2, 3), (2, 3)), {}, ["(…, m, k)", "(2, 3)"]),
        (((3,), (3, 2)), {}, ["(…, m, k)", "(3,)"]),
        (((2, 3), (3,)), {}, ["(…, k, n)", "(3,)"]),
        (((2, 1, 3), (4, 3, 1)), {}, ["leading axes broadcast", "(2, 1, 3)", "(4, 3, 1)"]),
    ],
    "sum": SUM_SHAPES,
    "mean": [*SUM_SHAPES, (((0, 3),), {"axis": 0}, ["no entries", "(0, 3)", "skip"])],
    "logsumexp": [
        *SUM_SHAPES,
        (((0, 3),), {"axis": 0}, ["no entries", "(0, 3)", "skip"]),
    ],
    "reshape": [
        (((2, 3),), {"shape": (4,)}, ["6 entries", "(2, 3)", "(4,)"]),
        (((2, 3),), {"shape": (-1, 4)}, ["6 entries", "(2, 3)", "(-1, 4)"]),
    ],
    "transpose": [
        (((2, 3),), {"axes": (0,)}, ["each of the 2 axes", "(2, 3)", "(0,)"]),
        (((2, 3),), {"axes": (1, -1)}, ["each of the 2 axes", "once", "(1, -1)"]),
        (((2, 3),), {"axes": (0, 2)}, ["each of the 2 axes", "(0, 2)"]),
    ],
    "index": [],
    "concatenate": [
        (((2, 3), (2, 4)), {}, ["(2, 3)", "(2, 4)", "axis 0"]),
        (((2, 3), (2,)), {"axis": 1}, ["(2, 3)", "(2,)", "axis 1"]),
        (((2, 3), (2, 3)), {"axis": 2}, ["(2, 3)", "axis 2"]),
    ],
    "stack": [
        (((2, 3), (2, 4)), {}, ["(2, 3)", "(2, 4)", "must be equal"]),
        (((2, 3), (2, 3)), {"axis": 3}, ["axis 3", "(2, 3)", "take one of -3, …, 2"]),
        (((), ()), {"axis": -2}, ["axis -2", "()", "take one of -1, …, 0"]),
    ],
    "embedding": [
        (((2,), (3,)), {}, ["W must be a matrix", "(3,)"]),
        (((2,), (1, 3, 2)), {}, ["W must be a matrix", "(1, 3, 2)"]),
        (((2,), (0, 3)), {}, ["0 rows", "count words from 0"]),
    ],
    "attention_weights": ATTENTION_SHAPES,
    "scaled_dot_product_attention": [
        *(((q, k, k), options, said) for (q, k), options, said in ATTENTION_SHAPES),
        (((2, 3), (4, 3), (2, 3)), {}, ["one value for each of the 4 keys", "(2, 3)"]),
        (((2, 3), (4, 3), (4,)), {}, ["v (..., T_k, d_v)", "(4,)"]),
    ],
    "split_heads": [
        (((4,),), {"heads": 2}, ["x (..., T, d)", "(4,)"]),
        (((3, 4),), {"heads": 3}, ["divides d", "(3, 4)", "heads=3"]),
        (((3, 4),), {"heads": 0}, ["heads must be at least 1", "0"]),
    ],
    "merge_heads": [
        (((3, 4),), {}, ["x (..., h, T, d)", "(3, 4)"]),
        (((0, 3, 4),), {}, ["at least one head", "(0, 3, 4)"]),
    ],
    "rotary_embedding": [
        (((4,),), {}, ["(..., T, d)", "(4,)"]),
        (((2, 3),), {}, ["even d", "(2, 3)"]),
        (((2, 4),), {"positions": np.arange(3)}, ["positions", "(3,)", "(2,)"]),
        (((2, 4),), {"base": 0.0}, ["base", "0.0"]),
    ],
    "conv2d": [
        (((3, 5, 5), (4, 3, 3, 3), (4,)), {}, [IMAGES, "(3, 5, 5)", "x[None]"]),
        (((2, 3, 5, 5), (4, 3, 3), (4,)), {}, ["W must have 4 axes", "(4, 3, 3)"]),
        (((2, 3, 5, 5), (4, 3, 3, 0), (4,)), {}, ["at least one entry", "(4, 3, 3, 0)"]),
        (((2, 5, 5, 3), (4, 3, 3, 3), (4,)), {}, ["3 channels", "np.moveaxis(x, -1, 1)"]),
        (((2, 3, 5, 5), (4, 3, 3, 3), (3,)), {}, ["b must have shape (4,)", "(3,)"]),
        (((2, 3, 2, 5), (4, 3, 3, 3), (4,)), {}, ["reaches over 3", "x has 2", "pad more"]),
        (((2, 3, 5, 5), (4, 1, 3, 3), (4,)), {"groups": 3}, ["3 groups of equal size"]),
    ],
    "conv_transpose2d": [
        (((4, 5, 5), (4, 3, 3, 3), (3,)), {}, [IMAGES, "(4, 5, 5)"]),
        (((2, 3, 5, 5), (4, 3, 3, 3), (3,)), {}, ["4 channels", "(2, 3, 5, 5)"]),
        (((2, 4, 5, 5), (4, 3, 3, 3), (4,)), {}, ["b must have shape (3,)", "(4,)"]),
        (((2, 4, 1, 1), (4, 3, 2, 2), (3,)), {"padding": 1}, ["cuts away all", "less padding"]),
    ],
    "conv1d": [
        (((3, 5), (4, 3, 3), (4,)), {}, ["(N, C, L)", "(3, 5)"]),
        (((2, 3, 5), (4, 3, 3, 3), (4,)), {}, ["W must have 3 axes", "(4, 3, 3, 3)"]),
        (((2, 2, 5), (4, 3, 3), (4,)), {}, ["3 channels", "(2, 2, 5)"]),
        (((2, 3, 2), (4, 3, 3), (4,)), {}, ["reaches over 3", "x has 2", "pad more"]),
    ],
    "max_pool2d": WINDOW_SHAPES,
    "avg_pool2d": WINDOW_SHAPES,
    "adaptive_avg_pool2d": [
        (((5,),), {"output_size": 2}, ["at least one entry", "(5,)"]),
        (((2, 0, 5),), {"output_size": 2}, ["at least one entry", "(2, 0, 5)"]),
        (((4, 5),), {"output_size": 0}, ["output_size must be at least 1", "0"]),
    ],
    "max_pool1d": SEQUENCE_SHAPES,
    "avg_pool1d": SEQUENCE_SHAPES,
    "layer_norm": [
        (((2, 3), (2,), (2,)), {}, ["last axes of x", "(2,)", "(2, 3)"]),
        (((2, 3), (3,), (2,)), {}, ["one shape", "(3,)", "(2,)"]),
        (((2, 3), (), ()), {}, ["at least one axis", "()"]),
        (((3,), (2, 3), (2, 3)), {}, ["last axes of x", "(2, 3)", "(3,)"]),
        (((2, 0), (0,), (0,)), {}, ["one entry", "(0,)"]),
    ],
    "rms_norm": [
        (((2, 3), (2,)), {}, ["last axes of x", "(2,)", "(2, 3)"]),
        (((2, 3), ()), {}, ["at least one axis", "()"]),
        (((2, 0), (0,)), {}, ["one entry", "(0,)"]),
    ],
    "group_norm": [
        (((4,), (4,), (4,)), {"num_groups": 2}, ["(N, C, ...)", "(4,)"]),
        (((2, 4), (4,), (3,)), {"num_groups": 2}, ["beta must have shape (4,)", "(3,)"]),
        (((2, 4, 3), (3,), (3,)), {"num_groups": 2}, ["gamma must have shape (4,)", "(3,)"]),
        (((2, 4), (4,), (4,)), {"num_groups": 3}, ["divides the 4 channels", "3"]),
    ],
    "batch_norm": [
        (((4,), (4,), (4,)), {}, ["(N, C, ...)", "(4,)"]),
        (((2, 4), (4,), (3,)), {}, ["beta must have shape (4,)", "(3,)"]),
        (((1, 4), (4,), (4,)), {}, ["at least two numbers", "(1, 4)", "larger batch"]),
        (((0, 4), (4,), (4,)), {}, ["at least two numbers", "(0, 4)", "empty"]),
        (((2, 4), (4,), (4,)), {"running_mean": np.zeros(4)}, ["running_var both"]),
    ],
    "dropout": [(((2, 3),), {"p": 1.5}, ["p must lie in [0, 1]", "1.5"])],
    "rnn": recurrent(1, 1),
    "lstm": recurrent(4, 2),
    "gru": recurrent(3, 1),
}
ROWS = [(name, *row) for name, rows in REFUSED.items() for row in rows]


@pytest.mark.parametrize(("name", "shapes", "options", "mentioned"), ROWS)
def test_refused(name, shapes, options, mentioned):
    # A message never depends on a dtype, so an integer argument is one that its case draws as such.
    drawn = CASES[name].instances(np.random.default_rng(0))[0].args
    args = [np.zeros(shape, a.dtype) for shape, a in zip(shapes, drawn, strict=True)]
    with pytest.raises(ValueError, match=f"^{name}: ") as refusal:
        REGISTRY[name](*args, **options)
    for needed in mentioned:
        assert needed in str(refusal.value)


def test_every_function_says_whether_it_refuses_shapes():
    assert set(REFUSED) == set(REGISTRY)
    for name, function in REGISTRY.items():
        assert bool(REFUSED[name]) == ("ValueError" in inspect.getdoc(function)), name
