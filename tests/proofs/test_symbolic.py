"""The SymPy witness: symbols that NumPy computes with, derivation, and identity."""

import numpy as np
import pytest
import sympy as sp

from chainrule.functional import REGISTRY, affine, log_softmax, relu, softmax
from chainrule.proofs import CASES, derive, symbols
from chainrule.proofs.case import is_integer
from chainrule.proofs.symbolic import _is_zero, symbolic_witness


def witness(function, name):
    return symbolic_witness(CASES[name], function, seed=0, tolerance=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTRY)
def test_every_function_is_identical_to_its_derivation(name):
    result = witness(REGISTRY[name], name)
    case = CASES[name]
    small = case.instances(np.random.default_rng(0))[: case.small]
    named = [pair for i in small for pair in zip(case.arguments, i.args, strict=True)]
    assert set(result.identical) == {"value", *(n for n, a in named if not is_integer(a))}
    assert all(result.identical.values()), result.identical
    assert max(result.errors.values()) < 1e-12


def test_symbols_are_real_and_named_by_row_and_column():
    W = symbols("W", (2, 3))
    assert W.shape == (2, 3)
    assert [str(s) for s in W.flat] == ["W_11", "W_12", "W_13", "W_21", "W_22", "W_23"]
    assert all(s.is_real for s in W.flat)
    assert symbols("L", ()).item() == sp.Symbol("L", real=True)
    assert symbols("x", (2,))[0] == sp.Symbol("x_1", real=True)


def test_numpy_functions_of_symbols_are_sympy_functions():
    x = symbols("x", (2,))
    a, b = x
    for function, expected in [
        (np.exp, sp.exp(a)),
        (np.log, sp.log(a)),
        (np.log1p, sp.log(1 + a)),
        (np.tanh, sp.tanh(a)),
        (np.negative, -a),
        (np.abs, sp.Piecewise((a, a > 0), (-a, True))),
        (lambda x: np.maximum(x, 0), sp.Piecewise((a, a > 0), (0, True))),
        (lambda x: x > 0, sp.Piecewise((1, a > 0), (0, True))),
    ]:
        assert function(x)[0] == expected
    assert np.sum(x) == a + b
    assert x.mean() == (a + b) / 2
    assert x.max() == sp.Max(a, b)
    assert (x @ x) == a**2 + b**2


def test_arithmetic_in_place_stays_in_place():
    x = symbols("x", (2,))
    y = np.exp(x)
    same = y
    y /= y.sum()
    assert same is y
    assert sp.simplify(y.sum() - 1) == 0


def test_derivatives_are_sympys_own():
    x, y, z = sp.symbols("x y z", real=True)
    for value in (
        sp.exp(x * y) / (1 + sp.exp(-x)) ** 3 + 7,
        sp.tanh(sp.log(1 + x**2) + y * z) * sp.sqrt(x**2 + 1) ** y,
        sp.Piecewise((x * y, x > z), (sp.exp(-x), y > 0), (z, True)) ** 2 / x,
        sp.erf(x * sp.sqrt(2)) * sp.Abs(x) + sp.Max(x, y),
        x**y * 2**x,
        sp.Integer(3),
    ):
        derived = derive(np.array(value), np.array(sp.Integer(1)), {"s": np.array([x, y, z])})["s"]
        for symbol, ours in zip((x, y, z), derived, strict=True):
            assert sp.simplify(ours - sp.diff(value, symbol)) == 0


def test_derive_is_the_pullback_by_hand():
    x, W, b = symbols("x", (2, 3)), symbols("W", (2, 3)), symbols("b", (2,))
    g = symbols("g", (2, 2))
    derived = derive(np.asarray(x @ W.T + b), g, {"x": x, "W": W, "b": b})
    assert list(derived) == ["x", "W", "b"]
    for name, by_hand in {"x": g @ W, "W": g.T @ x, "b": g.sum(0)}.items():
        difference = np.asarray(derived[name] - by_hand)
        assert difference.shape == by_hand.shape
        assert all(sp.expand(entry) == 0 for entry in difference.flat)


def test_derive_leaves_integers_out():
    x = symbols("x", (2,))
    derived = derive(np.asarray(x * x), symbols("g", (2,)), {"x": x, "t": np.array([0, 1])})
    assert list(derived) == ["x"]


def test_a_number_is_derived_too():
    x, g = symbols("x", (2,)), symbols("g", ())
    derived = derive(np.asarray((x * x).sum(), dtype=object), g, {"x": x})
    assert list(derived["x"]) == [2 * g.item() * s for s in x]


def test_code_that_does_not_run_on_symbols_is_compared_as_numbers():
    def with_where(x):
        return np.where(x > 0, x, 0.0), lambda dy: (np.where(x > 0, dy, 0.0),)

    def with_float_conversion(x):
        y = np.maximum(np.asarray(x, float), 0)
        return y, lambda dy: (dy * (y > 0),)

    for function in (with_where, with_float_conversion):
        result = witness(function, "relu")
        assert max(result.errors.values()) == 0
        assert not any(result.identical.values())


def test_equal_at_the_random_points_only_is_not_identical():
    def shifted_kink(x):  # the points stay 0.01 away from 0
        return np.maximum(x - 0.001, 0) + 0.001 * (x > 0.001), lambda dy: (dy * (x > 0.001),)

    result = witness(shifted_kink, "relu")
    assert max(result.errors.values()) < 1e-12
    assert not result.identical["value"]


def test_identity_is_not_asked_of_wrong_numbers():
    def wrong(x):
        value, pullback = relu(x)
        return value, lambda dy: (-pullback(dy)[0],)

    result = witness(wrong, "relu")
    assert result.errors == {"value": 0.0, "x": 2.0}
    assert result.identical == {"value": False, "x": False}


def test_entries_counts_every_expression():
    assert witness(affine, "affine").entries == 4 + 6 + 6 + 2


def test_another_order_of_the_same_formula_is_identical():
    def unshifted(x, *, axis=-1):
        e = np.exp(x)
        p = e / e.sum(axis, keepdims=True)
        return p, lambda dy: (p * dy - p * (p * dy).sum(axis, keepdims=True),)

    def log_of_softmax(x, *, axis=-1):
        p, _ = softmax(x, axis=axis)
        return np.log(p), lambda dy: (dy - p * dy.sum(axis, keepdims=True),)

    assert all(witness(unshifted, "softmax").identical.values())
    assert all(witness(log_of_softmax, "log_softmax").identical.values())


def test_an_almost_equal_formula_is_not_identical():
    def almost(x, *, axis=-1):
        value, pullback = log_softmax(x, axis=axis)
        tiny = 1e-15  # below what numbers can tell
        return value + tiny * x, lambda dy: (pullback(dy)[0] + tiny * dy,)

    result = witness(almost, "log_softmax")
    assert max(result.errors.values()) < 1e-12
    assert not any(result.identical.values())


x, y, z = sp.symbols("x y z", real=True)


def _larger(a, b):
    return sp.Piecewise((a, a > b), (b, True))


@pytest.mark.parametrize(
    "difference",
    [
        sp.Abs(x) - sp.Piecewise((x, x > 0), (-x, True)),
        sp.sign(x) * x - sp.Abs(x),
        _larger(_larger(x, y), z) - _larger(x, _larger(y, z)),
        # Minus 1 to 1: what is above 1 is not below −1.
        _larger(-_larger(-x, -1), -1) - sp.Piecewise((1, x > 1), (-1, x < -1), (x, True)),
        sp.Piecewise((1, x >= y), (0, True)) - sp.Piecewise((1, y < x), (0, True)),
        sp.Piecewise((1, sp.And(x > y, y > z, z > x)), (0, True)),
        sp.Float(0.5 * np.log(2 * np.pi)) - sp.log(2 * sp.pi) / 2,
        sp.Float(np.sqrt(2 / np.pi)) * sp.tanh(x + y) - sp.sqrt(2 / sp.pi) * sp.tanh(y + x),
        sp.erf(x * sp.Float(np.sqrt(0.5))) - sp.erf(x / sp.sqrt(2)),
        (1 / (1 + sp.exp(-x))) - sp.exp(x) / (1 + sp.exp(x)),
        x / y * (y / x) - 1,
    ],
)
def test_what_is_zero(difference):
    assert _is_zero(difference)


@pytest.mark.parametrize(
    "difference",
    [
        sp.Abs(x) - x,
        _larger(_larger(x, y), z) - _larger(x, y),
        sp.Piecewise((1, x >= y), (0, True)) - sp.Piecewise((1, x > z), (0, True)),
        sp.Piecewise((1, x > 1), (0, True)) - sp.Piecewise((1, x > sp.Rational(3, 2)), (0, True)),
        sp.Piecewise((1, sp.And(x > y, y > z, x > z)), (0, True)),
        sp.Piecewise((1, x * y > z), (0, True)),
        sp.Float(0.5 * np.log(2 * np.pi) + 1e-14) - sp.log(2 * sp.pi) / 2,
        sp.Float(np.sqrt(2 / np.pi) + 1e-14) - sp.sqrt(2 / sp.pi),
        sp.erf(x * sp.Float(np.sqrt(0.5))) - sp.erf(x),
        x / y * (y / x) - x,
        1 / x - x,
    ],
)
def test_what_is_not_zero(difference):
    assert not _is_zero(difference)
