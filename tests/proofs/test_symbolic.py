"""The SymPy witness: symbols that NumPy computes with, derivation, and identity."""

import numpy as np
import pytest
import sympy as sp

from chainrule.functional import REGISTRY, affine, log_softmax, relu, softmax
from chainrule.proofs import CASES, derive, symbols
from chainrule.proofs.symbolic import symbolic_witness

# Functions for which the difference does not reduce to zero, though it is, and why.
CONDITIONS = "SymPy does not see that conditions with the same meaning are the same"
NOT_IDENTICAL = {
    "gelu": "the code has rounded roots of 2 and π",
    "gaussian_nll_loss": "the code has a rounded logarithm of 2π",
    "l1_loss": CONDITIONS,
    "huber_loss": CONDITIONS,
    "max_pool1d": CONDITIONS,
    "max_pool2d": CONDITIONS,
}


def witness(function, name):
    return symbolic_witness(CASES[name], function, seed=0, tolerance=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTRY)
def test_every_function_is_identical_to_its_derivation(name):
    result = witness(REGISTRY[name], name)
    assert all(result.identical.values()) == (name not in NOT_IDENTICAL)
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
