"""The rules of the contract, each a check of one function on one instance.

``RULES`` holds them all. ``test_registry.py`` runs every rule over every function of the registry,
``test_properties.py`` over arguments that Hypothesis draws, and ``test_rules.py`` makes sure that
each rule rejects a function that breaks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.functional.contract import Array, Differentiable
from chainrule.proofs import directional_errors
from chainrule.proofs.case import Case, Instance, is_integer

Rule = Callable[[Case, Differentiable, Instance], None]

RULES: dict[str, Rule] = {}

LARGE = 1000.0  # exp of it overflows in float64
ROUNDING = 1e-13  # float64, a few hundred roundings of numbers of order one
FINITE_DIFFERENCES = 1e-6  # the design's bound

# Arguments that may not take every real number, so that the rules cannot scale them at will.
PROBABILITIES = {("binary_cross_entropy_with_logits", "t"), ("cross_entropy", "t")}

# Those that add up to 1 in every row.
DISTRIBUTIONS = {("cross_entropy", "t")}

# Arguments of exp, where the formula itself is infinite for large numbers: hiding that is wrong.
EXPONENTS = {
    ("exp", "x"),
    ("gaussian_nll_loss", "log_var"),  # exp(−s) of a variance that is 0
    ("kl_standard_normal", "log_var"),
}

# Functions that reduce the batch to something that an empty one has: the sum of nothing is 0.
REDUCTIONS = {"sum"}


def rule(check: Rule) -> Rule:
    RULES[check.__name__] = check
    return check


@rule
def one_gradient_per_argument(case: Case, function: Differentiable, instance: Instance) -> None:
    returned = function(*instance.args, **instance.options)
    assert isinstance(returned, tuple), "a function returns the tuple (value, pullback)"
    assert len(returned) == 2, "a function returns the tuple (value, pullback)"
    value, pullback = returned
    gradients = pullback(dy_for(value))
    assert isinstance(gradients, tuple), f"a pullback returns a tuple, got {type(gradients)}"
    assert len(gradients) == len(instance.args), "one gradient per positional array argument"
    for name, a, g in zip(case.arguments, instance.args, gradients, strict=True):
        if is_integer(a):
            assert g is None, f"{name} is an integer argument: its gradient is None"
        else:
            assert np.shape(g) == a.shape, f"d{name} has shape {np.shape(g)}, {name} has {a.shape}"
            assert g.dtype == a.dtype, f"d{name} has dtype {g.dtype}, {name} has {a.dtype}"


@rule
def pullback_can_be_called_again(case: Case, function: Differentiable, instance: Instance) -> None:
    value, pullback = function(*instance.args, **instance.options)
    dy = dy_for(value)
    first = [g for g in pullback(dy) if g is not None]
    kept = [np.copy(g) for g in first]
    pullback(dy_for(value, seed=1))
    for g, copy in zip(first, kept, strict=True):
        assert np.array_equal(g, copy), "a later call changed the gradients of an earlier one"
    again = [g for g in pullback(dy) if g is not None]
    for g, copy in zip(again, kept, strict=True):
        assert np.array_equal(g, copy), "the second call returns other gradients"


@rule
def mutates_nothing(case: Case, function: Differentiable, instance: Instance) -> None:
    args = [a.copy() for a in instance.args]
    value, pullback = function(*args, **instance.options)
    kept, dy = np.copy(value), dy_for(value)
    pullback(dy)
    for name, a, original in zip(case.arguments, args, instance.args, strict=True):
        assert np.array_equal(a, original), f"{name} was changed"
    assert np.array_equal(value, kept), "the pullback changed the value"
    assert np.array_equal(dy, dy_for(value)), "the pullback changed dy"


@rule
def same_arguments_same_result(case: Case, function: Differentiable, instance: Instance) -> None:
    before = _global_generator()
    value, pullback = function(*instance.args, **instance.options)
    gradients = pullback(dy_for(value))
    again, pullback_again = function(*instance.args, **instance.options)
    assert np.array_equal(value, again), "two calls return two values"
    for g, h in zip(gradients, pullback_again(dy_for(value)), strict=True):
        assert g is h is None or np.array_equal(g, h), "two calls return two gradients"
    assert _global_generator() == before, "drew from NumPy's global generator; take an rng instead"


def _global_generator() -> tuple[object, ...]:
    """The state of the generator that nobody may touch."""
    name, keys, *rest = np.random.get_state()  # noqa: NPY002
    return name, np.asarray(keys).tobytes(), *rest


@rule
def pullback_is_linear(case: Case, function: Differentiable, instance: Instance) -> None:
    value, pullback = function(*instance.args, **instance.options)
    dy, other = dy_for(value), dy_for(value, seed=1)
    terms = pullback(dy), pullback(other), pullback(np.asarray(dy - 2 * other))
    for name, g, h, both in zip(case.arguments, *terms, strict=True):
        if g is not None:
            difference = np.abs(g - 2 * h - both).max(initial=0)
            # Of order one are dy and what cancels in a gradient that is smaller.
            scale = max(np.abs(term).max(initial=1) for term in (g, h, both))
            assert difference <= ROUNDING * scale, f"d{name} is not linear in dy"


@rule
def finite_differences_agree(case: Case, function: Differentiable, instance: Instance) -> None:
    rng = np.random.default_rng(0)
    errors = directional_errors(function, instance.args, instance.options, rng=rng)
    for position, error in errors.items():
        assert error <= FINITE_DIFFERENCES, f"d{case.arguments[position]} is off by {error:.0e}"


@rule
def small_floats_stay_small(case: Case, function: Differentiable, instance: Instance) -> None:
    for dtype in (np.float32, np.float16):
        args = [a if is_integer(a) else a.astype(dtype) for a in instance.args]
        exact = [a if is_integer(a) else a.astype(np.float64) for a in args]
        value, pullback = function(*args, **instance.options)
        exact_value, exact_pullback = function(*exact, **instance.options)
        dy = np.asarray(dy_for(exact_value), dtype)
        compared = zip(
            ("the value", *(f"d{name}" for name in case.arguments)),
            (value, *pullback(dy)),
            (exact_value, *exact_pullback(dy.astype(np.float64))),
            strict=True,
        )
        # An argument of size a carries an error of a eps, which exp turns into a relative one;
        # products of two such numbers are compared with the larger of 1 and the result.
        largest = max((float(np.abs(a).max(initial=1)) for a in exact), default=1.0)
        allowed = 20 * np.finfo(dtype).eps * largest**2
        for what, ours, expected in compared:
            if ours is not None:
                assert ours.dtype == dtype, f"{what} is {ours.dtype} for {np.dtype(dtype)} input"
                scale = float(np.abs(expected).max(initial=1))
                error = np.abs(ours - np.asarray(expected)).max(initial=0) / scale
                assert error <= allowed, f"{what} in {np.dtype(dtype)} is off by {error:.0e}"


@rule
def other_types_are_refused(case: Case, function: Differentiable, instance: Instance) -> None:
    for position, (name, a) in enumerate(zip(case.arguments, instance.args, strict=True)):
        foreign = [a.tolist(), None, "a word", a.astype(bool), a.astype(complex), a.astype(object)]
        foreign.append(a.astype(float) if is_integer(a) else a.astype(int))
        for other in foreign:
            args = [*instance.args[:position], other, *instance.args[position + 1 :]]
            message = refusal(case, function, args, instance, TypeError)
            kind = getattr(other, "dtype", type(other).__name__)
            assert f"{name} must" in message, f"{message!r} does not say what {name} must be"
            assert str(kind) in message, f"{message!r} does not say that {name} is {kind}"
            remedies = ("convert", "take")
            assert any(r in message for r in remedies), f"{message!r} does not say what to do"


@rule
def mixed_dtypes_are_refused(case: Case, function: Differentiable, instance: Instance) -> None:
    floating = [i for i, a in enumerate(instance.args) if not is_integer(a)]
    for position in floating if len(floating) > 1 else []:
        args = list(instance.args)
        args[position] = args[position].astype(np.float32)
        message = refusal(case, function, args, instance, TypeError)
        for needed in ("float32", "float64", "astype"):
            assert needed in message, f"{message!r} does not mention {needed}"


@rule
def nan_is_shown(case: Case, function: Differentiable, instance: Instance) -> None:
    usual, _ = function(*instance.args, **instance.options)
    for position, (name, a) in enumerate(zip(case.arguments, instance.args, strict=True)):
        for index in [] if is_integer(a) else np.ndindex(a.shape):
            spoiled = np.array(a)
            spoiled[index] = np.nan
            args = [*instance.args[:position], spoiled, *instance.args[position + 1 :]]
            with np.errstate(invalid="ignore"):
                value, _ = function(*args, **instance.options)
            moved = np.array(a)
            if (case.name, name) in DISTRIBUTIONS:
                moved = np.roll(a, 1, -1)
            else:
                moved[index] = 1 - a[index] if (case.name, name) in PROBABILITIES else LARGE
            others = args[:position], args[position + 1 :]
            # Some functions leave entries out: the last column of an odd image, what is not taken.
            with np.errstate(over="ignore"):
                elsewhere, _ = function(*others[0], moved, *others[1], **instance.options)
            matters = not np.array_equal(elsewhere, usual)
            shown = np.isnan(value).any() or not matters
            assert shown, f"NaN in {name} at {index} does not show in the value"


@rule
def an_empty_batch_works_or_says_why_not(
    case: Case, function: Differentiable, instance: Instance
) -> None:
    batched = [n not in case.shared for n in case.arguments]
    if any(b and a.ndim == 0 for b, a in zip(batched, instance.args, strict=True)):
        return  # one example without a batch axis
    args = [a[:0] if b else a for b, a in zip(batched, instance.args, strict=True)]
    try:
        value, pullback = function(*args, **instance.options)
    except (ValueError, IndexError) as error:
        message = str(error)
        assert message.startswith(f"{case.name}: "), f"{message!r} does not name the function"
        assert "(0," in message, f"{message!r} does not show the empty shape"
        return
    if case.name in REDUCTIONS:
        assert not np.any(value), "the sum of an empty batch is not zero"
    else:
        assert np.size(value) == 0, "an empty batch has a value that is not empty"
    for name, a, g in zip(case.arguments, args, pullback(dy_for(value)), strict=True):
        if g is not None:
            assert np.shape(g) == a.shape, f"d{name} of an empty batch has shape {np.shape(g)}"
            assert not np.any(g), f"d{name} of an empty batch is not zero"


@rule
def memory_layout_does_not_matter(case: Case, function: Differentiable, instance: Instance) -> None:
    value, pullback = function(*instance.args, **instance.options)
    dy = dy_for(value)
    expected = (value, *pullback(dy))
    for layout in LAYOUTS:
        args = [layout(a) for a in instance.args]
        moved, pullback = function(*args, **instance.options)
        compared = zip(
            ("the value", *(f"d{name}" for name in case.arguments)),
            (moved, *pullback(layout(dy))),
            expected,
            strict=True,
        )
        for what, ours, truth in compared:
            if truth is not None:
                error = rounding_error(ours, truth)
                assert error <= ROUNDING, f"{what} of {layout.__name__} input is off by {error:.0e}"


@rule
def read_only_arrays_work(case: Case, function: Differentiable, instance: Instance) -> None:
    args = [read_only(a) for a in instance.args]
    value, pullback = function(*args, **instance.options)
    for dy in (read_only(dy_for(value)), np.broadcast_to(np.float64(1), np.shape(value))):
        contiguous = pullback(dy.copy())
        for g, h in zip(pullback(dy), contiguous, strict=True):
            assert g is h is None or rounding_error(g, h) <= ROUNDING


@rule
def a_foreign_dy_is_refused(case: Case, function: Differentiable, instance: Instance) -> None:
    value, pullback = function(*instance.args, **instance.options)
    dy = dy_for(value)
    shape = np.shape(value)
    wrong_shapes = [(*shape, 1), (1, *shape), (2, *shape)]
    wrong_shapes += [(), (*shape[:-1], shape[-1] + 1)] if shape else []
    for wrong in wrong_shapes:
        message = raised(lambda dy: pullback(dy), ValueError, np.zeros(wrong))
        assert message.startswith(f"{case.name}: "), f"{message!r} does not name the function"
        for needed in (str(shape), str(wrong)):
            assert needed in message, f"{message!r} does not mention the shape {needed}"
    for dtype in (np.float32, np.int64, complex, object):
        message = raised(lambda dy: pullback(dy), TypeError, dy.astype(dtype))
        assert message.startswith(f"{case.name}: "), f"{message!r} does not name the function"
        assert str(np.dtype(dtype)) in message, f"{message!r} does not mention {np.dtype(dtype)}"
    for other in (None, "a word", [1.0]):
        message = raised(lambda dy: pullback(dy), TypeError, other)
        assert message.startswith(f"{case.name}: "), f"{message!r} does not name the function"
    if shape:
        raised(lambda dy: pullback(dy), ValueError, 1.0)


@rule
def a_number_is_a_dy_for_a_number(case: Case, function: Differentiable, instance: Instance) -> None:
    for dtype in (np.float64, np.float32):
        args = [a if is_integer(a) else a.astype(dtype) for a in instance.args]
        value, pullback = function(*args, **instance.options)
        if np.shape(value) == ():
            expected = pullback(np.ones((), dtype))
            for dy in (1, 1.0, dtype(1)):
                for g, h in zip(pullback(dy), expected, strict=True):
                    assert g is h is None or (g.dtype == dtype and np.array_equal(g, h)), (
                        f"{type(dy).__name__} 1 gives another gradient than an array with 1"
                    )


@rule
def large_arguments_stay_finite(case: Case, function: Differentiable, instance: Instance) -> None:
    for dtype in (np.float64, np.float32):
        args = [
            a
            if is_integer(a)
            else a.astype(dtype)
            if (case.name, name) in PROBABILITIES | EXPONENTS
            else np.copysign(LARGE, a).astype(dtype)
            for name, a in zip(case.arguments, instance.args, strict=True)
        ]
        with np.errstate(all="raise", under="ignore"):
            value, pullback = function(*args, **instance.options)
            gradients = pullback(np.ones_like(value))
        assert np.isfinite(value).all(), f"the value at ±{LARGE:g} is {value}"
        for name, g in zip(case.arguments, gradients, strict=True):
            assert g is None or np.isfinite(g).all(), f"d{name} at ±{LARGE:g} is {g}"


def rounding_error(ours: Any, expected: Any) -> float:
    """The largest difference, relative to the larger of 1 and the largest expected entry.

    Of order one are the arguments and dy, and what cancels in a result that is smaller.
    """
    if np.shape(ours) != np.shape(expected):
        return np.inf
    difference = np.abs(np.subtract(ours, expected)).max(initial=0)
    return float(difference / np.abs(expected).max(initial=1))


def dy_for(value: Any, seed: int = 0) -> Array:
    """A gradient that could arrive at ``value``: random, in its shape and dtype."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.standard_normal(np.shape(value)), np.asarray(value).dtype)


def raised(call: Callable[..., Any], error: type[Exception], *args: Any) -> str:
    """The message of the ``error`` that ``call(*args)`` must raise."""
    try:
        call(*args)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"accepted {', '.join(map(repr, args))}")


def refusal(
    case: Case,
    function: Differentiable,
    args: list[Any],
    instance: Instance,
    error: type[Exception],
) -> str:
    message = raised(lambda *a: function(*a, **instance.options), error, *args)
    assert message.startswith(f"{case.name}: "), f"{message!r} does not name the function"
    return message


def fortran(a: Array) -> Array:
    return a.copy(order="F")


def transposed(a: Array) -> Array:
    return a.swapaxes(0, 1).copy().swapaxes(0, 1) if a.ndim > 1 else a


def strided(a: Array) -> Array:
    if a.ndim == 0:
        return a
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def reversed_in_memory(a: Array) -> Array:
    return np.flip(np.flip(a).copy()) if a.ndim else a


def read_only(a: Array) -> Array:
    copy = np.array(a)
    copy.flags.writeable = False
    return copy


LAYOUTS = (fortran, transposed, strided, reversed_in_memory)


def instances(case: Case) -> Iterator[Instance]:
    yield from case.instances(np.random.default_rng(0))
