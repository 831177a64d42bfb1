"""``differentiable``: what it enters, what it guards, what it refuses."""

import re

import numpy as np
import pytest

from chainrule.autograd import Tensor
from chainrule.functional import REGISTRY, affine, contract, differentiable, mse_loss, relu, tanh


@pytest.fixture
def registry(monkeypatch):
    """A registry to write into, with the library's functions in it."""
    copy = dict(REGISTRY)
    monkeypatch.setattr(contract, "REGISTRY", copy)
    return copy


def square(x):
    """Square: y = x²."""
    return x * x, lambda dy: (2 * x * dy,)


def test_enters_the_guarded_function_under_its_name(registry):
    guarded = differentiable(square)
    assert registry["square"] is guarded
    assert guarded.__doc__ == square.__doc__
    assert guarded.__wrapped__ is square


def test_the_same_module_may_define_a_function_again(registry):
    # Running a cell of a notebook a second time does this.
    differentiable(square)
    again = differentiable(square)
    assert registry["square"] is again


def test_a_function_of_the_library_is_not_replaced(registry):
    def affine(x, W, b):
        return x, lambda dy: (dy, W, b)

    kept = registry["affine"]
    with pytest.raises(ValueError, match=r"affine is already defined in chainrule\.functional\."):
        differentiable(affine)
    assert registry["affine"] is kept


def test_options_are_passed_on(registry):
    @differentiable
    def power(x, *, exponent):
        return x**exponent, lambda dy: (exponent * x ** (exponent - 1) * dy,)

    value, pullback = power(np.array([2.0]), exponent=3)
    assert value == 8
    assert pullback(np.array([1.0]))[0] == 12


def test_a_row_of_gradients_is_not_broadcast_over_the_batch():
    _, pullback = tanh(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"tanh: .*shape of the value, \(4, 3\), got \(3,\)"):
        pullback(np.ones(3))


def test_a_double_precision_dy_does_not_promote_single_precision_gradients():
    _, pullback = relu(np.zeros(3, np.float32))
    with pytest.raises(TypeError, match=r"float32, got float64; convert it with dy\.astype"):
        pullback(np.ones(3))


def test_a_numpy_number_is_not_a_python_number():
    y = np.ones(3, np.float32)
    _, pullback = mse_loss(y, y)
    with pytest.raises(TypeError, match="float32, got float64"):
        pullback(np.float64(1))  # isinstance(np.float64(1), float) holds


@pytest.mark.parametrize(
    ("x", "W", "remedy"),
    [
        ("int64", "float32", "x.astype(np.float32)"),  # the precision of the weights
        ("float64", "float32", "x.astype(np.float32)"),
        ("float32", "float64", "x.astype(np.float64)"),
        ("int64", "int64", "x.astype(np.float64)"),
        ("<U1", "float64", "take an array of real numbers"),
    ],
)
def test_the_remedy_for_a_dtype_is_one_that_works(x, W, remedy):
    b = np.zeros(3, W if W[0] == "f" else int)
    with pytest.raises(TypeError, match=re.escape(remedy)):
        affine(np.zeros((4, 2), x), np.zeros((3, 2), W), b)


def test_tensors_are_sent_to_the_functions_that_take_them():
    with pytest.raises(TypeError, match="got Tensor; for tensors take tanh of chainrule"):
        tanh(Tensor(np.ones(3)))
