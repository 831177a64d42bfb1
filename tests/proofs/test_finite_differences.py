"""directional_errors: small for right gradients, and never fooled by NaN or shapes."""

import numpy as np
import pytest

from chainrule.functional import cross_entropy
from chainrule.proofs import directional_errors
from chainrule.proofs.finite_differences import STEP

X = np.array([[0.5, -1.0], [2.0, 0.25]])


def rng():
    return np.random.default_rng(0)


def square(x, *, gradient=lambda x, dy: 2 * x * dy, value=lambda x: x * x):
    return value(x), lambda dy: (gradient(x, dy),)


def test_a_right_gradient_is_right_to_ten_digits():
    assert directional_errors(square, (X,), rng=rng())[0] < 1e-9


@pytest.mark.parametrize("step", [1e-2, 1e-4])
def test_the_truncation_error_falls_as_the_square_of_the_step(step):
    def cube(x):
        return x * x * x, lambda dy: (3 * x * x * dy,)

    coarse = directional_errors(cube, (X,), rng=rng(), step=10 * step)[0]
    fine = directional_errors(cube, (X,), rng=rng(), step=step)[0]
    assert coarse / fine == pytest.approx(100, rel=1e-3)


def test_the_step_is_near_the_bottom_of_the_valley():
    def error(step):
        f = lambda x: (np.exp(x), lambda dy: (np.exp(x) * dy,))  # noqa: E731
        return directional_errors(f, (X,), rng=rng(), step=step)[0]

    assert error(STEP) < min(error(1000 * STEP), error(STEP / 1000)) / 100


def test_one_wrong_entry_shows():
    def wrong_in_one(x, dy):
        dx = 2 * x * dy
        dx[1, 1] *= 1.01
        return dx

    error = directional_errors(square, (X,), {"gradient": wrong_in_one}, rng=rng())[0]
    assert 1e-4 < error < 1e-1


@pytest.mark.parametrize(
    "gradient",
    [
        lambda x, dy: np.nan * x,
        lambda x, dy: np.inf * x,
        lambda x, dy: np.where(x > 0, 2 * x * dy, np.nan),
        lambda x, dy: (2 * x * dy).sum(0),
        lambda x, dy: (2 * x * dy)[None],
        lambda x, dy: 1.0,
        lambda x, dy: None,
    ],
)
def test_nan_infinity_and_other_shapes_are_infinitely_wrong(gradient):
    assert directional_errors(square, (X,), {"gradient": gradient}, rng=rng()) == {0: np.inf}


def test_a_value_of_nan_is_infinitely_wrong_whatever_the_gradient():
    options = {"value": lambda x: np.nan * x, "gradient": lambda x, dy: 0 * x}
    assert directional_errors(square, (X,), options, rng=rng()) == {0: np.inf}


def test_zero_is_the_gradient_of_a_constant():
    options = {"value": np.ones_like, "gradient": lambda x, dy: 0 * x}
    assert directional_errors(square, (X,), options, rng=rng()) == {0: 0.0}


def test_each_argument_is_tested_by_itself_and_integers_are_left_alone():
    assert list(directional_errors(cross_entropy, (X, np.array([0, 1])), rng=rng())) == [0]

    def product(x, y):
        return x * y, lambda dy: (dy * y, 2 * dy * x)  # the second is wrong

    errors = directional_errors(product, (X, X + 1), rng=rng())
    assert errors[0] < 1e-9 < 1e-2 < errors[1]


def test_single_precision_is_refused():
    with pytest.raises(TypeError, match="argument 0 is float32; finite differences need float64"):
        directional_errors(square, (X.astype(np.float32),), rng=rng())
