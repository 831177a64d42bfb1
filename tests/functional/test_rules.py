"""Every rule rejects a function that breaks it: a check that cannot fail checks nothing."""

import itertools

import numpy as np
import pytest

from chainrule.functional import affine, cross_entropy, mse_loss, relu, softmax, tanh
from chainrule.proofs import CASES
from tests.functional.rules import RULES, instances


def gradients_changed(function, change):
    """``function`` with other gradients: ``change`` takes them, dy, and the value."""

    def broken(*args, **options):
        value, pullback = function(*args, **options)
        return value, lambda dy: change(pullback(dy), dy, value)

    return broken


def value_alone(x):
    return relu(x)[0]


def one_buffer_for_all(x):
    value, pullback = tanh(x)
    buffer = np.empty_like(x)

    def again(dy):
        buffer[...] = pullback(dy)[0]
        return (buffer,)

    return value, again


def used_up(x):
    value, pullback = tanh(x)
    factors = [1]
    return value, lambda dy: ((factors.pop() if factors else 0) * pullback(dy)[0],)


def shifts_its_argument(x):
    if x.ndim:
        x -= 1
    return relu(x)


def scales_dy(x):
    y = np.tanh(x)

    def pullback(dy):
        if np.ndim(dy):
            dy *= 1 - y * y
        return (dy,)

    return y, pullback


def pullback_overwrites_the_value(x):
    y = np.tanh(x)

    def pullback(dy):
        factor = 1 - y * y
        if np.ndim(y):
            np.multiply(y, y, out=y)
        return (dy * factor,)

    return y, pullback


def dropout_of_its_own(x, calls=itertools.count()):  # noqa: B008 (the count is what is wrong)
    return relu(x * (next(calls) % 2))


def touches_the_global_generator(x):
    np.random.random()  # noqa: NPY002
    return relu(x)


def negates_x(x):
    value, pullback = relu(np.negative(x))
    return value, lambda dy: pullback(dy)


def double_precision_factor(x):
    value, pullback = tanh(x)
    return value * np.sqrt(1), lambda dy: pullback(np.asarray(dy, value.dtype))


def sloppy_constant(x):
    # Right to three digits only, which half precision hides and single precision does not.
    value, pullback = tanh(x)
    if np.asarray(x).dtype == np.float32:
        return value * value.dtype.type(1.001), pullback
    return value, pullback


def takes_anything(x):
    x = np.asarray(x, dtype=float)
    return np.maximum(x, 0), lambda dy: (dy * (x > 0),)


def terse(x):
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        raise TypeError("wrong type")
    return relu(x)


def promotes(y, t):
    dtype = np.result_type(y, t)
    return mse_loss(y.astype(dtype), t.astype(dtype))


def nan_to_zero(x):
    return relu(np.nan_to_num(x))


def mean_without_nan(y, t):
    error = y - t
    return np.nanmean(error * error), lambda dL: (2 * dL * error / error.size,) * 2


def mean_of_nothing(y, t):
    error = y - t
    with np.errstate(invalid="ignore"):
        mean = np.divide((error * error).sum(), error.size)
    return mean, lambda dL: (2 * dL * error, -2 * dL * error)


def first_example_decides(x, W, b):
    value, pullback = affine(x, W, b)
    return value + 0 * x[0].sum(), pullback


def reads_memory_in_order(x):
    y = np.tanh(x).ravel(order="K").reshape(np.shape(x))
    return y, lambda dy: (dy * (1 - y * y),)


def loses_the_subtraction(z, t, **options):
    """In an array that is not contiguous, reshape copies, and -= is lost in the copy."""
    value, pullback = cross_entropy(z, t, **options)
    if options or t.shape == z.shape:
        return value, pullback
    p, _ = softmax(z)

    def of_ids(dL):
        dz = np.full_like(z, p)  # in the layout of z
        dz.reshape(t.size, -1)[np.arange(t.size), t.reshape(-1)] -= 1
        return dz * (dL / t.size), None

    return value, of_ids


def shifts_and_shifts_back(x):
    if x.ndim:
        x -= 1
        x += 1
    return tanh(x)


def unguarded(x):
    return np.tanh(x), lambda dy: (dy * (1 - np.tanh(x) ** 2),)


def wants_an_array(y, t):
    value, pullback = mse_loss(y, t)
    return value, lambda dL: pullback(dL.astype(value.dtype))


def number_in_double_precision(y, t):
    value, _ = mse_loss(y, t)

    def pullback(dL):
        dy = 2 * np.float64(dL) * (y - t) / y.size
        return dy, -dy

    return value, pullback


def no_shift(x, *, axis=-1):
    y = np.exp(x)
    y /= y.sum(axis, keepdims=True)
    return y, lambda dy: (y * (dy - (y * dy).sum(axis, keepdims=True)),)


def log_of_exp(z, t):
    value = (np.log(1 + np.exp(z)) - z * t).mean()
    return value, lambda dL: (dL * (1 / (1 + np.exp(-z)) - t) / z.size, -dL * z / z.size)


def overflowing_gradient(x):
    value, _ = tanh(x)
    return value, lambda dy: (dy / np.cosh(x) ** 2,)


def none_everywhere(gradients, dy, value):
    return (None,) * len(gradients)


def single_precision(gradients, dy, value):
    return tuple(g if g is None else g.astype(np.float32) for g in gradients)


BREAKERS = [
    ("one_gradient_per_argument", "relu", value_alone, "tuple"),
    (
        "one_gradient_per_argument",
        "affine",
        gradients_changed(affine, lambda g, dy, y: list(g)),
        "returns a tuple",
    ),
    (
        "one_gradient_per_argument",
        "affine",
        gradients_changed(affine, lambda g, dy, y: g[:2]),
        "one gradient per",
    ),
    (
        "one_gradient_per_argument",
        "affine",
        gradients_changed(affine, lambda g, dy, y: (*g[:2], dy)),
        "db has shape",
    ),
    (
        "one_gradient_per_argument",
        "cross_entropy",
        gradients_changed(cross_entropy, lambda g, dy, y: (g[0], np.zeros(2))),
        "is None",
    ),
    (
        "one_gradient_per_argument",
        "mse_loss",
        gradients_changed(mse_loss, none_everywhere),
        "dy has shape",
    ),
    (
        "one_gradient_per_argument",
        "mse_loss",
        gradients_changed(mse_loss, single_precision),
        "dtype",
    ),
    ("pullback_can_be_called_again", "tanh", one_buffer_for_all, "later call"),
    ("pullback_can_be_called_again", "tanh", used_up, "second call"),
    ("mutates_nothing", "relu", shifts_its_argument, "x was changed"),
    ("mutates_nothing", "tanh", scales_dy, "changed dy"),
    ("mutates_nothing", "tanh", pullback_overwrites_the_value, "changed the value"),
    ("same_arguments_same_result", "relu", dropout_of_its_own, "two values"),
    ("same_arguments_same_result", "relu", touches_the_global_generator, "global generator"),
    (
        "pullback_is_linear",
        "relu",
        gradients_changed(relu, lambda g, dy, y: (g[0] * np.abs(dy),)),
        "not linear",
    ),
    ("finite_differences_agree", "relu", negates_x, "dx is off"),
    ("small_floats_stay_small", "tanh", double_precision_factor, "float64 for float"),
    ("small_floats_stay_small", "tanh", sloppy_constant, "in float32 is off"),
    ("other_types_are_refused", "relu", takes_anything, "accepted"),
    ("other_types_are_refused", "relu", terse, "does not name"),
    ("mixed_dtypes_are_refused", "mse_loss", promotes, "accepted"),
    ("nan_is_shown", "relu", nan_to_zero, "does not show"),
    ("nan_is_shown", "mse_loss", mean_without_nan, "does not show"),
    ("an_empty_batch_works_or_says_why_not", "mse_loss", mean_of_nothing, "not empty"),
    ("an_empty_batch_works_or_says_why_not", "affine", first_example_decides, "index 0"),
    ("memory_layout_does_not_matter", "tanh", reads_memory_in_order, "fortran input is off"),
    ("memory_layout_does_not_matter", "cross_entropy", loses_the_subtraction, "dz of"),
    ("read_only_arrays_work", "tanh", shifts_and_shifts_back, "read-only"),
    ("a_foreign_dy_is_refused", "tanh", unguarded, "does not name"),
    ("a_number_is_a_dy_for_a_number", "mse_loss", wants_an_array, "astype"),
    ("a_number_is_a_dy_for_a_number", "mse_loss", number_in_double_precision, "another gradient"),
    ("large_arguments_stay_finite", "softmax", no_shift, "overflow"),
    (
        "large_arguments_stay_finite",
        "binary_cross_entropy_with_logits",
        log_of_exp,
        "overflow",
    ),
    ("large_arguments_stay_finite", "tanh", overflowing_gradient, "overflow"),
]


@pytest.mark.parametrize(("rule", "name", "broken", "complaint"), BREAKERS)
def test_rule_rejects(rule, name, broken, complaint):
    with pytest.raises(Exception, match=complaint):  # noqa: PT012 (the first instance may be fine)
        for instance in instances(CASES[name]):
            RULES[rule](CASES[name], broken, instance)


def test_every_rule_has_a_function_that_breaks_it():
    assert {rule for rule, *_ in BREAKERS} == set(RULES)
