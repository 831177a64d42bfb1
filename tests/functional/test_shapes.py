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
        (((), ()), {}, ["one entry per class", "()"]),
        (((2, 0), (2,)), {}, ["one entry per class", "(2, 0)"]),
        (((2, 3), (3,)), {}, ["(2, 3)", "(2,)", "(3,)"]),
        (((2, 3), (2, 1)), {}, ["(2, 3)", "(2,)", "(2, 1)"]),
        (((2, 3), (2, 3)), {}, ["(2, 3)", "(2,)"]),
        (((3,), (1,)), {}, ["(3,)", "()", "(1,)"]),
        (((0, 3), (0,)), {}, ["(0, 3)", "empty", "skip"]),
    ],
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
