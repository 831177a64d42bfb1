"""Broken versions of every function of the registry, and the witnesses that must contradict each.

The generic ones are made for every function from its right version; below them stand the mistakes
that people make with this function in particular. ``caught_by`` is exact: a witness that is not
named agrees with the broken function. What each can see follows from what it compares:

SymPy
    The value and all gradients with a derivation of the small instances, matrices, at ordinary
    numbers. It does not see other shapes, options, or large numbers.
Finite differences
    Each gradient with the value that the same function returns, for all shapes. It does not see
    a value that is wrong together with its gradient.
Engine
    The batch with its examples one by one. It does not see what is wrong with one example.
Third party
    The value with somebody else's, for other shapes and options, and with large numbers; value and
    gradients with PyTorch's for the shapes of the instances, where it has the function.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.functional import (
    REGISTRY,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    batch_norm,
    binary_cross_entropy_with_logits,
    conv1d,
    conv2d,
    cross_entropy,
    dropout,
    group_norm,
    layer_norm,
    log_softmax,
    max_pool1d,
    max_pool2d,
    mse_loss,
    relu,
    rms_norm,
    sigmoid,
    softmax,
)
from chainrule.functional.contract import Differentiable
from chainrule.proofs import CASES
from chainrule.proofs.case import Case, is_integer
from chainrule.proofs.cases.regularization import _seeded
from chainrule.proofs.recordings import recorded_vectors
from tests.proofs.breaking import (
    Defect,
    E,
    F,
    S,
    T,
    defect,
    gradients,
    options_changed,
    value_scaled,
    without,
)
from tests.proofs.defects_of_arrays import ARRAYS, ATTENTION, POSITIONS
from tests.proofs.defects_of_elements import ACTIVATIONS, ELEMENTWISE, LOSSES
from tests.proofs.defects_of_recurrence import RECURRENCE

# Arguments that are only ever added to each other, so that they have one gradient.
ALIKE = {("rnn", "b_ih", "b_hh"), ("lstm", "b_ih", "b_hh")}


def defects(name: str) -> list[Defect]:
    return [*_generic(CASES[name]), *SPECIFIC[name]]


# --- Made for every function ------------------------------------------------------------------


def _generic(case: Case) -> Iterator[Defect]:
    mean = {E} if case.is_mean else set()
    # With a graph of the whole function, the engine sees every gradient and value.
    graph = {E} if case.composed is not None else set()
    # PyTorch's gradients were recorded for all functions that it has, and for all shapes.
    known = {T} if recorded_vectors(case.name) else set()
    drawn = case.instances(np.random.default_rng(0))
    first = drawn[0].args
    small = {instance.args[0].shape[1:] for instance in drawn[: case.small]}
    floating = [i for i, a in enumerate(first) if not is_integer(a)]

    for i in floating:
        name = f"d{case.arguments[i]}"
        shared = case.arguments[i] in case.shared

        def changed(change: Callable[..., Any], i: int = i) -> Differentiable:
            return _gradient_changed(case.function, i, change)

        yield defect(
            f"{name} has the wrong sign", changed(lambda g, args: -g), {S, F} | known | graph
        )
        yield defect(
            f"{name} is twice too large", changed(lambda g, args: 2 * g), {S, F} | known | graph
        )
        yield defect(f"{name} is zero", changed(lambda g, args: 0 * g), {S, F} | known | graph)
        # The engine finds NaN on both sides, which is no difference.
        yield defect(f"{name} is NaN", changed(lambda g, args: np.nan * g), {S, F} | known | graph)
        yield defect(f"{name} is missing", changed(lambda g, args: None), {S, F, E} | known)
        yield defect(
            f"{name} is averaged over the batch",
            changed(lambda g, args: g / _batch_size(args)),
            {S, F, E} | known,
        )
        yield defect(
            f"{name} is multiplied by the batch size",
            changed(lambda g, args: g * _batch_size(args)),
            {S, F, E} | known,
        )
        yield defect(
            f"{name} does not use dy",
            _dy_ignored(case.function, i),
            {S, F} | known | mean | graph,
        )
        if first[i].ndim == 2:
            seen = {S} if first[i].size > 1 else set()
            yield defect(
                f"{name} is transposed", changed(lambda g, args: g.T), seen | {F, E} | known
            )
        if not shared:
            yield defect(
                f"{name} repeats the first example",
                changed(lambda g, args: np.broadcast_to(g[:1], g.shape) if g.ndim else g),
                {S, F, E} | known,
            )
        # SymPy and the engine look at gradients of one shape.
        yield defect(
            f"{name} is doubled unless examples have the shape of a small instance's",
            changed(lambda g, args: g if args[0].shape[1:] in small else 2 * g),
            {F} | known | graph,
        )
    for i, j in itertools.pairwise(floating):
        if (case.name, case.arguments[i], case.arguments[j]) in ALIKE:
            continue
        names = " and ".join(f"d{case.arguments[k]}" for k in (i, j))
        # One by one, examples cannot tell two gradients apart that are alike in kind and shape.
        kinds = {(case.arguments[k] in case.shared, first[k].shape) for k in (i, j)}
        alone = {E} if len(kinds) > 1 else graph
        yield defect(f"{names} are swapped", _swapped(case.function, i, j), {S, F} | known | alone)

    def value(scale: Callable[..., Any], gradient_too: bool) -> Differentiable:
        return value_scaled(case.function, scale, gradient_too)

    percent = lambda args: 1.01  # noqa: E731
    yield defect("the value is 1 % too large", value(percent, False), {S, F, T} | graph)
    yield defect("value and gradients are 1 % too large", value(percent, True), {S, T} | graph)
    yield defect(
        "value and gradients are divided by the batch size",
        value(lambda args: 1 / _batch_size(args), True),
        {S, E, T},
    )
    yield defect("the value has an offset", _value_shifted(case.function), {S, T} | graph)
    # Single precision is enough for finite differences, and the same for a batch and its examples.
    # A shared argument gets a sum over examples, whose rounding differs from theirs.
    summed = {E} if case.arguments[floating[0]] in case.shared else set()
    yield defect(
        f"d{case.arguments[floating[0]]} is computed in float32",
        _gradient_changed(case.function, floating[0], lambda g, args: _rounded(g)),
        {S} | graph | summed,
    )


def _batch_size(args: tuple[Any, ...]) -> int:
    return max(len(args[0]), 1) if args[0].ndim else 1


def _gradient_changed(
    function: Differentiable, i: int, change: Callable[..., Any]
) -> Differentiable:
    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)

        def changed(dy: Any) -> tuple[Any, ...]:
            gradients = pullback(dy)
            return (*gradients[:i], change(gradients[i], args), *gradients[i + 1 :])

        return value, changed

    return broken


def _dy_ignored(function: Differentiable, i: int) -> Differentiable:
    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)

        def changed(dy: Any) -> tuple[Any, ...]:
            gradients, ignorant = pullback(dy), pullback(np.ones_like(value))
            return (*gradients[:i], ignorant[i], *gradients[i + 1 :])

        return value, changed

    return broken


def _swapped(function: Differentiable, i: int, j: int) -> Differentiable:
    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)

        def changed(dy: Any) -> tuple[Any, ...]:
            gradients = list(pullback(dy))
            gradients[i], gradients[j] = gradients[j], gradients[i]
            return tuple(gradients)

        return value, changed

    return broken


def _value_shifted(function: Differentiable) -> Differentiable:
    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)
        return value + 0.01, pullback

    return broken


def _rounded(a: Any) -> Any:
    return a.astype(np.float32).astype(np.float64)


# --- affine -----------------------------------------------------------------------------------


def _affine(
    y: Callable[..., Any] = lambda x, W, b: x @ W.T + b,
    dx: Callable[..., Any] = lambda dy, x, W: dy @ W,
    dW: Callable[..., Any] = lambda dy, x: _rows(dy).T @ _rows(x),
    db: Callable[..., Any] = lambda dy: _rows(dy).sum(0),
) -> Differentiable:
    def broken(x: Any, W: Any, b: Any) -> Any:
        return y(x, W, b), lambda dy: (dx(dy, x, W), dW(dy, x), db(dy))

    return broken


def _rows(a: Any) -> Any:
    return a.reshape(-1, a.shape[-1])


def _bias_down_the_columns(x: Any, W: Any, b: Any) -> Any:
    y = x @ W.T
    return y + (b[:, None] if y.ndim == 2 and len(y) == len(b) else b)


AFFINE = [
    defect("W is not transposed", _affine(y=lambda x, W, b: x @ W + b), {S, F, E, T}),
    defect("the bias is missing from the value", _affine(y=lambda x, W, b: x @ W.T), {S, F, T}),
    defect(
        "the bias is subtracted, and db follows",
        _affine(y=lambda x, W, b: x @ W.T - b, db=lambda dy: -_rows(dy).sum(0)),
        {S, T},
    ),
    # It fits a batch of d_out examples only.
    defect("the bias runs down the columns", _affine(y=_bias_down_the_columns), {S, F, E, T}),
    defect("dx = dy Wᵀ", _affine(dx=lambda dy, x, W: dy @ W.T), {S, F, E, T}),
    defect("dx = dy (W is left out)", _affine(dx=lambda dy, x, W: dy), {S, F, E, T}),
    defect("dW = xᵀ dy", _affine(dW=lambda dy, x: _rows(x).T @ _rows(dy)), {S, F, E, T}),
    defect(
        "dW is that of the last example alone: overwritten, not accumulated",
        _affine(dW=lambda dy, x: _rows(dy)[-1:].T @ _rows(x)[-1:]),
        {S, F, E, T},
    ),
    defect("db is not summed over the batch", _affine(db=lambda dy: dy), {S, F, E, T}),
    defect("db is a sum over the wrong axis", _affine(db=lambda dy: dy.sum(-1)), {S, F, E, T}),
    defect(
        "db = 0: b taken for a constant", _affine(db=lambda dy: 0 * _rows(dy).sum(0)), {S, F, T}
    ),
    # A matrix has one batch axis only, so the witnesses that look at a matrix see nothing.
    defect("db is summed over the first batch axis only", _affine(db=lambda dy: dy.sum(0)), {F, T}),
    defect(
        "dW takes the first batch axis only",
        _affine(dW=lambda dy, x: dy.T @ x if x.ndim == 2 else np.zeros((2, 3))),
        {F, T},
    ),
]


# --- activations ------------------------------------------------------------------------------


def _elementwise(
    y: Callable[[Any], Any], slope: Callable[[Any, Any], Any]
) -> Callable[[Any], tuple[Any, Any]]:
    def broken(x: Any) -> Any:
        value = y(x)
        return value, lambda dy: (dy * slope(x, value),)

    return broken


def _deconvolution_mask(x: Any) -> Any:
    return relu(x)[0], lambda dy: (dy * (dy > 0),)


RELU = [
    defect(
        "the mask is inverted", _elementwise(lambda x: relu(x)[0], lambda x, y: x < 0), {S, F, T}
    ),
    defect("the mask is missing", _elementwise(lambda x: relu(x)[0], lambda x, y: 1), {S, F, T}),
    defect("the mask is taken from dy", _deconvolution_mask, {S, F, T}),
    defect("the slope is x", _elementwise(lambda x: relu(x)[0], lambda x, y: y), {S, F, T}),
    defect(
        "leaky, and so is the gradient",
        _elementwise(lambda x: np.maximum(x, 0.01 * x), lambda x, y: np.where(x > 0, 1, 0.01)),
        {S, T},
    ),
    defect(
        "min instead of max", _elementwise(lambda x: np.minimum(x, 0), lambda x, y: x < 0), {S, T}
    ),
    defect("|x|, and its gradient", _elementwise(np.abs, lambda x, y: np.sign(x)), {S, T}),
    defect(
        "capped at 1, and so is the gradient",
        _elementwise(lambda x: np.clip(x, 0, 1), lambda x, y: (x > 0) & (x < 1)),
        {S, T},
    ),
    # All witnesses stay 0.01 away from the kink: finite differences need the room. What happens
    # there is a convention, and tests/functional/test_activations.py holds it.
    defect(
        "the threshold is 0.001",
        _elementwise(lambda x: x * (x > 0.001), lambda x, y: x > 0.001),
        set(),
    ),
    defect("the slope at 0 is 1", _elementwise(lambda x: relu(x)[0], lambda x, y: x >= 0), set()),
]


def _sigmoid(x: Any) -> Any:
    return sigmoid(x)[0]


SIGMOID = [
    defect("dx = dy · x (1 − x)", _elementwise(_sigmoid, lambda x, y: x * (1 - x)), {S, F, T}),
    defect("dx = dy · y", _elementwise(_sigmoid, lambda x, y: y), {S, F, T}),
    defect("dx = dy · y (1 + y)", _elementwise(_sigmoid, lambda x, y: y * (1 + y)), {S, F, T}),
    defect("dx = dy · (1 − y²)", _elementwise(_sigmoid, lambda x, y: 1 - y * y), {S, F, T}),
    defect(
        "1 / (1 + exp(x)), and its gradient",
        _elementwise(lambda x: _sigmoid(-x), lambda x, y: -y * (1 - y)),
        {S, T},
    ),
    defect(
        "powers of 2, and their gradient",
        _elementwise(lambda x: 1 / (1 + 2.0**-x), lambda x, y: np.log(2) * y * (1 - y)),
        {S, T},
    ),
    defect(
        "piecewise linear, and its gradient",
        _elementwise(
            lambda x: np.clip(0.2 * x + 0.5, 0, 1), lambda x, y: 0.2 * ((y > 0) & (y < 1))
        ),
        {S, T},
    ),
    defect(
        "the branch for negative x is mirrored",
        _elementwise(lambda x: _sigmoid(np.abs(x)), lambda x, y: y * (1 - y)),
        {S, F, T},
    ),
]

TANH = [
    defect("dx = dy · (1 − y)", _elementwise(np.tanh, lambda x, y: 1 - y), {S, F, T}),
    defect("dx = dy · (1 − x²)", _elementwise(np.tanh, lambda x, y: 1 - x * x), {S, F, T}),
    defect("dx = dy · y (1 − y)", _elementwise(np.tanh, lambda x, y: y * (1 - y)), {S, F, T}),
    defect("dx = dy · (1 + y²)", _elementwise(np.tanh, lambda x, y: 1 + y * y), {S, F, T}),
    defect(
        "tanh(x / 2), and its gradient",
        _elementwise(lambda x: np.tanh(x / 2), lambda x, y: (1 - y * y) / 2),
        {S, T},
    ),
    defect(
        "arctan, and its gradient", _elementwise(np.arctan, lambda x, y: 1 / (1 + x * x)), {S, T}
    ),
    defect(
        "sigmoid, with the gradient of tanh",
        _elementwise(_sigmoid, lambda x, y: 1 - y * y),
        {S, F, T},
    ),
]


def _softmax(
    y: Callable[[Any, int], Any] = lambda x, axis: softmax(x, axis=axis)[0],
    dx: Callable[[Any, Any, int], Any] = lambda dy, y, axis: (
        y * (dy - (y * dy).sum(axis, keepdims=True))
    ),
) -> Differentiable:
    def broken(x: Any, *, axis: int = -1) -> Any:
        value = y(x, axis)
        return value, lambda dy: (dx(dy, value, axis),)

    return broken


def _unshifted(x: Any, axis: int) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        y = np.exp(x)
        return y / y.sum(axis, keepdims=True)


def _shifted_exp(x: Any, axis: int) -> Any:
    return np.exp(x - x.max(axis, keepdims=True))


def _over_everything(x: Any, *, axis: int = -1) -> Any:
    value, pullback = softmax(x.reshape(-1), axis=-1) if x.size else softmax(x, axis=axis)
    return value.reshape(x.shape), lambda dy: (
        pullback(dy.reshape(value.shape))[0].reshape(x.shape),
    )


def _always(function: Differentiable, choose: Callable[[Any], int]) -> Differentiable:
    def broken(x: Any, *, axis: int = -1) -> Any:
        return function(x, axis=choose(x))

    return broken


def _hot(function: Differentiable) -> Differentiable:
    def broken(x: Any, *, axis: int = -1) -> Any:
        value, pullback = function(x / 2, axis=axis)
        return value, lambda dy: (pullback(dy)[0] / 2,)

    return broken


def _first_axis(x: Any) -> int:
    return 0 if x.size else -1


SOFTMAX = [
    defect(
        "the Jacobian's diagonal alone",
        _softmax(dx=lambda dy, y, axis: dy * y * (1 - y)),
        {S, F, T},
    ),
    defect(
        "the sum in the gradient is missing", _softmax(dx=lambda dy, y, axis: y * dy), {S, F, T}
    ),
    defect(
        "the sum in the gradient is added",
        _softmax(dx=lambda dy, y, axis: y * (dy + (y * dy).sum(axis, keepdims=True))),
        {S, F, T},
    ),
    defect(
        "the sum in the gradient forgets y",
        _softmax(dx=lambda dy, y, axis: y * (dy - dy.sum(axis, keepdims=True))),
        {S, F, T},
    ),
    defect(
        "the sum in the gradient runs over the first axis",
        _softmax(dx=lambda dy, y, axis: y * (dy - (y * dy).sum(0, keepdims=True))),
        {S, F, E, T},
    ),
    defect(
        "the sum in the gradient runs over everything",
        _softmax(dx=lambda dy, y, axis: y * (dy - (y * dy).sum())),
        {S, F, E, T},
    ),
    defect("a distribution over everything", _over_everything, {S, E, T}),
    defect("always over the first axis", _always(softmax, _first_axis), {S, E, T}),
    defect("always over the last axis", _always(softmax, lambda x: -1), {T}),
    defect("no maximum is subtracted", _softmax(y=_unshifted), {T}),
    defect("not normalized", _softmax(y=_shifted_exp), {S, F, T}),
    defect(
        "ε in the denominator",
        _softmax(
            y=lambda x, axis: (
                _shifted_exp(x, axis) / (1e-3 + _shifted_exp(x, axis).sum(axis, keepdims=True))
            )
        ),
        {S, F, T},
    ),
    defect("half as steep, and so is the gradient", _hot(softmax), {S, T}),
]


def _log_softmax(
    y: Callable[[Any, int], Any] = lambda x, axis: log_softmax(x, axis=axis)[0],
    dx: Callable[[Any, Any, int], Any] = lambda dy, y, axis: (
        dy - np.exp(y) * dy.sum(axis, keepdims=True)
    ),
) -> Differentiable:
    return _softmax(y, dx)


def _log_unshifted(x: Any, axis: int) -> Any:
    with np.errstate(over="ignore"):
        return x - np.log(np.exp(x).sum(axis, keepdims=True))


def _bits(x: Any, *, axis: int = -1) -> Any:
    value, pullback = log_softmax(x, axis=axis)
    return value / np.log(2), lambda dy: (pullback(dy)[0] / np.log(2),)


LOG_SOFTMAX = [
    defect(
        "y where exp(y) belongs in the gradient",
        _log_softmax(dx=lambda dy, y, axis: dy - y * dy.sum(axis, keepdims=True)),
        {S, F, T},
    ),
    defect(
        "the sum over dy is missing", _log_softmax(dx=lambda dy, y, axis: dy - np.exp(y)), {S, F, T}
    ),
    defect(
        "the sum over dy is a mean",
        _log_softmax(
            dx=lambda dy, y, axis: dy - np.exp(y) * dy.sum(axis, keepdims=True) / y.shape[axis]
        ),
        {S, F, T},
    ),
    defect(
        "the sum over dy is weighted, as in softmax",
        _log_softmax(dx=lambda dy, y, axis: dy - (np.exp(y) * dy).sum(axis, keepdims=True)),
        {S, F, T},
    ),
    defect(
        "the sum over dy runs over the first axis",
        _log_softmax(dx=lambda dy, y, axis: dy - np.exp(y) * dy.sum(0, keepdims=True)),
        {S, F, E, T},
    ),
    defect("dx = dy", _log_softmax(dx=lambda dy, y, axis: dy), {S, F, T}),
    defect("always over the first axis", _always(log_softmax, _first_axis), {S, E, T}),
    defect("always over the last axis", _always(log_softmax, lambda x: -1), {T}),
    defect("no maximum is subtracted", _log_softmax(y=_log_unshifted), {T}),
    defect(
        "ε in the logarithm",
        _log_softmax(y=lambda x, axis: np.log(softmax(x, axis=axis)[0] + 1e-4)),
        {S, F, T},
    ),
    defect("in bits, and so is the gradient", _bits, {S, T}),
    defect("half as steep, and so is the gradient", _hot(log_softmax), {S, T}),
]


# --- losses -----------------------------------------------------------------------------------


def _loss(value: Callable[..., Any], gradients: Callable[..., Any]) -> Differentiable:
    """Make a loss from its value and its gradients for dL = 1."""

    def broken(a: Any, t: Any) -> Any:
        return value(a, t), lambda dL: tuple(g if g is None else dL * g for g in gradients(a, t))

    return broken


def _mse(y: Any, t: Any) -> Any:
    return mse_loss(y, t)[0]


def _opposite(gradient: Callable[..., Any]) -> Callable[..., Any]:
    return lambda y, t: (gradient(y - t), -gradient(y - t))


MSE = [
    defect("the gradient lacks the 2", _loss(_mse, _opposite(lambda e: e / e.size)), {S, F, T}),
    defect("the gradient lacks the mean", _loss(_mse, _opposite(lambda e: 2 * e)), {S, F, E, T}),
    defect(
        "the gradient divides by the rows, not the entries",
        _loss(_mse, _opposite(lambda e: 2 * e / len(e))),
        {S, F, T},
    ),
    defect(
        "the gradient takes the absolute error",
        _loss(_mse, _opposite(lambda e: 2 * np.abs(e) / e.size)),
        {S, F, T},
    ),
    defect("dt = dy", _loss(_mse, lambda y, t: (2 * (y - t) / y.size,) * 2), {S, F, T}),
    defect(
        "a sum, and so is the gradient",
        _loss(lambda y, t: ((y - t) ** 2).sum(), _opposite(lambda e: 2 * e)),
        {S, E, T},
    ),
    defect(
        "half the square, and so is the gradient",
        _loss(lambda y, t: ((y - t) ** 2).mean() / 2, _opposite(lambda e: e / e.size)),
        {S, T},
    ),
    defect(
        "a mean over the rows of sums, and so is the gradient",
        _loss(lambda y, t: ((y - t) ** 2).sum() / len(y), _opposite(lambda e: 2 * e / len(e))),
        {S, T},
    ),
    defect(
        "the root of it, and its gradient",
        _loss(
            lambda y, t: np.sqrt(_mse(y, t)),
            _opposite(lambda e: e / e.size / np.sqrt((e * e).mean())),
        ),
        {S, E, T},
    ),
    defect(
        "the mean absolute error, and its gradient",
        _loss(lambda y, t: np.abs(y - t).mean(), _opposite(lambda e: np.sign(e) / e.size)),
        {S, T},
    ),
]


def _bce(z: Any, t: Any) -> Any:
    return binary_cross_entropy_with_logits(z, t)[0]


def _bce_of_clipped(z: Any, t: Any) -> Any:
    p = np.clip(_sigmoid(z), 0.05, 0.95)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def _without_shift(z: Any, t: Any) -> Any:
    return (np.log(1 + np.exp(z)) - z * t).mean()


def _dz(z: Any, t: Any) -> Any:
    return (_sigmoid(z) - t) / z.size


BCE = [
    defect(
        "dz lacks the mean", _loss(_bce, lambda z, t: (_sigmoid(z) - t, -z / z.size)), {S, F, E, T}
    ),
    defect(
        "dz divides by the rows, not the entries",
        _loss(_bce, lambda z, t: ((_sigmoid(z) - t) / len(z), -z / z.size)),
        {S, F, T},
    ),
    defect(
        "dz = (z − t) / N", _loss(_bce, lambda z, t: ((z - t) / z.size, -z / z.size)), {S, F, T}
    ),
    defect(
        "dz is that of the probability",
        _loss(
            _bce,
            lambda z, t: (_dz(z, t) / (_sigmoid(z) * (1 - _sigmoid(z))), -z / z.size),
        ),
        {S, F, T},
    ),
    defect(
        "dt has the probability",
        _loss(_bce, lambda z, t: (_dz(z, t), -_sigmoid(z) / z.size)),
        {S, F, T},
    ),
    defect(
        "0 and 1 are mixed up, and so is the gradient",
        _loss(lambda z, t: _bce(-z, t), lambda z, t: (-_dz(-z, t), z / z.size)),
        {S, T},
    ),
    defect(
        "a sum, and so is the gradient",
        _loss(lambda z, t: _bce(z, t) * z.size, lambda z, t: (_sigmoid(z) - t, -z)),
        {S, E, T},
    ),
    defect(
        "in bits, and so is the gradient",
        _loss(
            lambda z, t: _bce(z, t) / np.log(2),
            lambda z, t: (_dz(z, t) / np.log(2), -z / z.size / np.log(2)),
        ),
        {S, T},
    ),
    defect(
        "only the term of class 1",
        _loss(
            lambda z, t: -(t * np.log(_sigmoid(z))).mean(), lambda z, t: (_dz(z, t), -z / z.size)
        ),
        {S, F, T},
    ),
    defect(
        "the probability is clipped",
        _loss(_bce_of_clipped, lambda z, t: (_dz(z, t), -z / z.size)),
        {S, F, T},
    ),
    # Overflows at z = 710 only. No witness asks for that; the rule
    # large_arguments_stay_finite does.
    defect(
        "log(1 + exp(z)) without care",
        _loss(_without_shift, lambda z, t: (_dz(z, t), -z / z.size)),
        set(),
    ),
]


def _target(
    z: Any, t: Any, label_smoothing: float = 0.0, ignore_index: int | None = None
) -> tuple[Any, int]:
    """The target probabilities, and how many examples count."""
    if t.shape == z.shape:
        q, kept = t, np.ones(t.shape[:-1])
    else:
        q = t[..., None] == np.arange(z.shape[-1])
        kept = np.asarray(t != ignore_index).astype(float)
    q = ((1 - label_smoothing) * q + label_smoothing / z.shape[-1]) * kept[..., None]
    return q, int(kept.sum())


def _ce_dz(dz: Callable[..., Any]) -> Differentiable:
    """The right value and dt, with another dz: ``dz(softmax(z), q, N)``, in which q is the target.

    Where an example is ignored, q is zero, and so is what is given for softmax(z).
    """

    def broken(z: Any, t: Any, **options: Any) -> Any:
        value, pullback = cross_entropy(z, t, **options)
        q, N = _target(z, t, **options)
        p = softmax(z)[0] * q.sum(-1, keepdims=True)
        return value, lambda dL: (dL * dz(p, q, N), pullback(dL)[1])

    return broken


def _ce_of(transform: Differentiable, scale: Callable[..., Any] = lambda z, N: 1) -> Differentiable:
    """Minus the scaled mean of Σ q log_p with what ``transform`` gives for log_p; its gradients."""

    def broken(z: Any, t: Any, **options: Any) -> Any:
        log_p, pullback = transform(z)
        q, N = _target(z, t, **options)
        factor = scale(z, N) / N

        def back(dL: Any) -> Any:
            scaled = (options.get("label_smoothing", 0) - 1) * dL * factor
            return pullback(-dL * factor * q)[0], log_p * scaled if t.shape == z.shape else None

        return -(q * log_p).sum() * factor, back

    return broken


def _softmax_twice(z: Any) -> Any:
    p, pull_p = softmax(z)
    log_q, pull_q = log_softmax(p)
    return log_q, lambda d: pull_p(pull_q(d)[0])


def _log_sigmoid(z: Any) -> Any:
    p, pull_p = sigmoid(z)
    return np.log(p), lambda d: pull_p(d / p)


def _from_one(z: Any, t: Any, **options: Any) -> Any:
    if t.shape == z.shape:
        return cross_entropy(z, t, **options)
    shifted = np.where(t == options.get("ignore_index"), t, (t + 1) % z.shape[-1])
    return cross_entropy(z, shifted, **options)


def _ignored_count(z: Any, t: Any, **options: Any) -> Any:
    value, pullback = cross_entropy(z, t, **options)
    share = _target(z, t, **options)[1] / max(z.size // z.shape[-1], 1)
    return value * share, lambda dL: pullback(dL * share)


def _without_q_of_ids(z: Any, t: Any, **options: Any) -> Any:
    value, pullback = cross_entropy(z, t, **options)
    return value, lambda dL: (pullback(dL)[0], None)


CROSS_ENTROPY = [
    defect("the target is missing", _ce_dz(lambda p, q, N: p / N), {S, F, T}),
    defect("the target is added", _ce_dz(lambda p, q, N: (p + q) / N), {S, F, T}),
    defect("the mean is missing", _ce_dz(lambda p, q, N: p - q), {S, F, E, T}),
    defect(
        "the gradient divides by the entries, not the examples",
        _ce_dz(lambda p, q, N: (p - q) / (N * p.shape[-1])),
        {S, F, T},
    ),
    defect(
        "classes are counted from 1 in the gradient",
        _ce_dz(lambda p, q, N: (p - np.roll(q, 1, -1)) / N),
        {S, F, T},
    ),
    defect("the gradient stops at the true class", _ce_dz(lambda p, q, N: -q / N), {S, F, T}),
    defect("classes are counted from 1", _from_one, {S, T}),
    defect("a sum, and so is the gradient", _ce_of(log_softmax, lambda z, N: N), {S, E, T}),
    defect(
        "a mean over entries, and so is the gradient",
        _ce_of(log_softmax, lambda z, N: 1 / z.shape[-1]),
        {S, T},
    ),
    defect(
        "softmax over the batch, and so is the gradient",
        _ce_of(lambda z: log_softmax(z, axis=0)),
        {S, E, T},
    ),
    defect("softmax twice, and so is the gradient", _ce_of(_softmax_twice), {S, T}),
    defect("sigmoid for softmax, and its gradient", _ce_of(_log_sigmoid), {S, T}),
    defect("probabilities get no gradient", _without_q_of_ids, {S, F, E, T}),
    defect(
        "the gradient of probabilities has not the mean",
        gradients(cross_entropy, lambda g, args, dy: (g[0], None if g[1] is None else 2 * g[1])),
        {S, F, T},
    ),
    defect("labels are not smoothed", without(cross_entropy, "label_smoothing"), {S, T}),
    # The small instances ignore nothing.
    defect("ignored examples count in the mean, and so going back", _ignored_count, {T}),
]


# --- convolution, pooling, normalization, dropout -----------------------------------------------


def _turned(a: Any) -> Any:
    return a[(slice(None), slice(None), *(slice(None, None, -1),) * (a.ndim - 2))]


def _flipped(function: Differentiable) -> Differentiable:
    def broken(x: Any, W: Any, b: Any, **options: Any) -> Any:
        value, pullback = function(x, _turned(W), b, **options)

        def back(dy: Any) -> Any:
            dx, dW, db = pullback(dy)
            return dx, _turned(dW), db

        return value, back

    return broken


def _no_bias(function: Differentiable) -> Differentiable:
    def broken(x: Any, W: Any, b: Any, **options: Any) -> Any:
        value, pullback = function(x, W, 0 * b, **options)
        return value, lambda dy: (*pullback(dy)[:2], 0 * b)

    return broken


def _last_example_alone(function: Differentiable) -> Differentiable:
    def broken(x: Any, W: Any, b: Any, **options: Any) -> Any:
        value, pullback = function(x, W, b, **options)
        if not len(x):
            return value, pullback
        _, last = function(x[-1:], W, b, **options)
        return value, lambda dy: (pullback(dy)[0], last(dy[-1:])[1], pullback(dy)[2])

    return broken


def _convolution(name: str) -> list[Defect]:
    f = REGISTRY[name]
    return [
        defect("the kernel is flipped, and dW follows", _flipped(f), {S, T}),
        defect("the bias is missing, and db is zero", _no_bias(f), {S, T}),
        defect("dW is that of the last example alone", _last_example_alone(f), {S, F, E, T}),
        defect(
            "dW is flipped",
            gradients(f, lambda g, args, dy: (g[0], _turned(g[1]), g[2])),
            {S, F, T},
        ),
        defect(
            "dx is flipped",
            gradients(f, lambda g, args, dy: (_turned(g[0]), *g[1:])),
            {S, F, T},
        ),
        defect(
            "db is averaged over the places",
            gradients(f, lambda g, args, dy: (*g[:2], g[2] / max(dy[:1, 0].size, 1))),
            {S, F, T},
        ),
        defect("the padding is ignored", without(f, "padding"), {S, T}),
    ]


CONV2D = [
    *_convolution("conv2d"),
    # The first instance has no dilation.
    defect("the dilation is ignored", without(conv2d, "dilation"), {T}),
]
CONV_TRANSPOSE2D = _convolution("conv_transpose2d")
CONV1D = [
    *_convolution("conv1d"),
    defect("the dilation is ignored", without(conv1d, "dilation"), {T}),
]


def _pooled_by(value: Differentiable, pullback: Differentiable) -> Differentiable:
    """The value of one kind of pooling and the gradient of another."""

    def broken(x: Any, **options: Any) -> Any:
        return value(x, **options)[0], pullback(x, **options)[1]

    return broken


def _averaging(x: Any, **options: Any) -> Any:
    """Average pooling that can be called as max pooling."""
    dilated = options.pop("dilation", 1) not in (1, (1, 1))
    return (max_pool2d if dilated else avg_pool2d)(
        x, **options, **({"dilation": (2, 3)} if dilated else {})
    )


def _averaging1d(x: Any, **options: Any) -> Any:
    dilated = options.pop("dilation", 1) != 1
    return (max_pool1d if dilated else avg_pool1d)(
        x, **options, **({"dilation": 2} if dilated else {})
    )


def _maximal(x: Any, **options: Any) -> Any:
    options.pop("count_include_pad", None)
    return max_pool2d(x, **options)


def _maximal1d(x: Any, **options: Any) -> Any:
    options.pop("count_include_pad", None)
    return max_pool1d(x, **options)


def _least(function: Differentiable) -> Differentiable:
    def broken(x: Any, **options: Any) -> Any:
        value, pullback = function(-x, **options)
        return -value, pullback

    return broken


def _batch_mean(f: Differentiable) -> Defect:
    return defect(
        "dx is averaged over the examples",
        gradients(f, lambda g, args, dy: (g[0] / max(len(args[0]), 1),)),
        {S, F, E, T},
    )


def _max_pool(f: Differentiable, average: Differentiable) -> list[Defect]:
    return [
        defect("all pixels of a window share the gradient", _pooled_by(f, average), {S, F, T}),
        defect("the average, and its gradient", average, {S, T}),
        defect("the minimum, and its gradient", _least(f), {S, T}),
        _batch_mean(f),
    ]


def _avg_pool(f: Differentiable, maximal: Differentiable) -> list[Defect]:
    return [
        defect("the first maximum takes the gradient", _pooled_by(f, maximal), {S, F, T}),
        defect(
            "the gradient is not divided", gradients(f, lambda g, args, dy: (4 * g[0],)), {S, F, T}
        ),
        defect("a sum of four, and its gradient", value_scaled(f, lambda args: 4, True), {S, T}),
        defect("the maximum, and its gradient", maximal, {S, T}),
        _batch_mean(f),
    ]


def _upside_down(x: Any, **options: Any) -> Any:
    value, pullback = adaptive_avg_pool2d(x, **options)
    return value[..., ::-1, :], lambda dy: pullback(dy[..., ::-1, :])


def _first_window_alone(g: Any, args: Any, dy: Any) -> Any:
    return (g[0] * (np.arange(g[0].shape[-1]) == 0),)


MAX_POOL2D = [
    *_max_pool(max_pool2d, _averaging),
    defect("windows lie side by side whatever the stride", without(max_pool2d, "stride"), {S, T}),
    defect("ceil_mode is ignored", without(max_pool2d, "ceil_mode"), {T}),
]
MAX_POOL1D = [
    *_max_pool(max_pool1d, _averaging1d),
    defect("windows lie side by side whatever the stride", without(max_pool1d, "stride"), {S, T}),
]
AVG_POOL2D = [
    *_avg_pool(avg_pool2d, _maximal),
    defect("padding is always averaged", without(avg_pool2d, "count_include_pad"), {T}),
    defect("ceil_mode is ignored", without(avg_pool2d, "ceil_mode"), {T}),
]
AVG_POOL1D = _avg_pool(avg_pool1d, _maximal1d)
ADAPTIVE_AVG_POOL2D = [
    defect("upside down, and so is the gradient", _upside_down, {S, T}),
    defect(
        "the gradient reaches the first column only",
        gradients(adaptive_avg_pool2d, _first_window_alone),
        {S, F, T},
    ),
    defect(
        "the gradient is not divided",
        gradients(adaptive_avg_pool2d, lambda g, args, dy: (4 * g[0],)),
        {S, F, T},
    ),
    defect(
        "a sum of four, and its gradient",
        value_scaled(adaptive_avg_pool2d, lambda args: 4, True),
        {S, T},
    ),
    _batch_mean(adaptive_avg_pool2d),
]


def _epsilon_outside(x: Any, gamma: Any, *beta: Any, eps: float = 1e-5) -> Any:
    """γ (x − μ) / (σ + ε) + β, or without μ and β, and the gradient of the right formula."""
    axes = tuple(range(-gamma.ndim, 0))
    centered = x - x.mean(axes, keepdims=True) if beta else x
    y = gamma * centered / (np.sqrt((centered**2).mean(axes, keepdims=True)) + eps)
    _, pullback = (layer_norm if beta else rms_norm)(x, gamma, *beta, eps=eps)
    return y + (beta[0] if beta else 0), pullback


def _constant_statistics(f: Differentiable, batch: bool = False) -> Differentiable:
    """dx = γ dy / √(σ² + ε), as if μ and σ² did not depend on x."""

    def broken(x: Any, *parameters: Any, **options: Any) -> Any:
        value, pullback = f(x, *parameters, **options)
        if x.size == 0 or "running_var" in options:
            return value, pullback
        eps, n = options.get("eps", 1e-5), x.shape[0]
        gamma = parameters[0]
        if f is group_norm or batch:
            gamma = gamma.reshape(-1, *(1,) * (x.ndim - 2))
        if batch:
            spread = x.var((0, *range(2, x.ndim)), keepdims=True)
        elif f is group_norm:
            groups = x.reshape(n, options["num_groups"], -1).var(-1)
            spread = np.repeat(groups, x.shape[1] // options["num_groups"], 1)
            spread = spread.reshape(*x.shape[:2], *(1,) * (x.ndim - 2))
        else:
            axes = tuple(range(-gamma.ndim, 0))
            spread = (x * x).mean(axes, keepdims=True)
            spread = spread if f is rms_norm else x.var(axes, keepdims=True)
        return value, lambda dy: (gamma * dy / np.sqrt(spread + eps), *pullback(dy)[1:])

    return broken


def _last_averaged(f: Differentiable) -> Differentiable:
    return gradients(f, lambda g, args, dy: (*g[:-1], g[-1] / max(len(args[0]), 1)))


def _sum_of_dy_for_dgamma(f: Differentiable) -> Differentiable:
    return gradients(f, lambda g, args, dy: (g[0], g[2], g[2]))


def _no_epsilon(f: Differentiable) -> Differentiable:
    return options_changed(f, lambda options: {**options, "eps": 0.0})


def _centered_rms(x: Any, gamma: Any, *, eps: float = 1e-5) -> Any:
    value, pullback = layer_norm(x, gamma, np.zeros_like(gamma), eps=eps)
    return value, lambda dy: pullback(dy)[:2]


LAYER_NORM = [
    defect("ε outside of the root", _epsilon_outside, {S, F, T}),
    defect("ε is ignored, and so in the gradient", _no_epsilon(layer_norm), {S, T}),
    defect("μ and σ² taken for constants", _constant_statistics(layer_norm), {S, F, T}),
    defect("dγ = Σ dy", _sum_of_dy_for_dgamma(layer_norm), {S, F, T}),
    defect("dβ is averaged over the examples", _last_averaged(layer_norm), {S, F, E, T}),
]
RMS_NORM = [
    defect("ε outside of the root", _epsilon_outside, {S, F, T}),
    defect("ε is ignored, and so in the gradient", _no_epsilon(rms_norm), {S, T}),
    defect("the mean square taken for a constant", _constant_statistics(rms_norm), {S, F, T}),
    defect("the mean is subtracted too", _centered_rms, {S, T}),
    defect("dγ is averaged over the examples", _last_averaged(rms_norm), {S, F, E, T}),
]
GROUP_NORM = [
    defect(
        "all channels are one group, and so in the gradient",
        options_changed(group_norm, lambda options: {**options, "num_groups": 1}),
        {S, T},
    ),
    # Two numbers without ε become ±1: the gradient is zero, and only rounding is left to compare.
    defect("ε is ignored, and so in the gradient", _no_epsilon(group_norm), {S, F, T}),
    defect("μ and σ² taken for constants", _constant_statistics(group_norm), {S, F, T}),
    defect("dγ = Σ dy", _sum_of_dy_for_dgamma(group_norm), {S, F, T}),
    defect("dβ is averaged over the examples", _last_averaged(group_norm), {S, F, E, T}),
]


def _never_evaluates(x: Any, gamma: Any, beta: Any, **options: Any) -> Any:
    if x.size // x.shape[1] < 2:
        return batch_norm(x, gamma, beta, **options)
    return batch_norm(x, gamma, beta, eps=options.get("eps", 1e-5))


# The engine pulls back a graph of the whole function here, and sees what others see.
BATCH_NORM = [
    defect("ε is ignored, and so in the gradient", _no_epsilon(batch_norm), {S, E, T}),
    defect("μ and σ² taken for constants", _constant_statistics(batch_norm, True), {S, F, E, T}),
    defect("dγ = Σ dy", _sum_of_dy_for_dgamma(batch_norm), {S, F, E, T}),
    defect("dβ is averaged over the examples", _last_averaged(batch_norm), {S, F, E, T}),
    # The first instance trains.
    defect("running statistics are ignored", _never_evaluates, {E, T}),
]


def _not_scaled(value_too: bool) -> Differentiable:
    def broken(x: Any, *, p: float, **options: Any) -> Any:
        value, pullback = dropout(x, p=p, **options)
        kept = 1 - p if options.get("training", True) and p < 1 else 1
        return value * kept if value_too else value, lambda dy: (pullback(dy)[0] * kept,)

    return broken


def _no_mask_going_back(x: Any, *, p: float, **options: Any) -> Any:
    return dropout(x, p=p, **options)[0], lambda dy: (dy,)


def _keeps_with_p(options: dict[str, Any]) -> dict[str, Any]:
    p = options["p"]
    return {**options, "p": 1 - p if 0 < p < 1 else p}


def _trains_always(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "training": True, "rng": options.get("rng", _seeded(0))}


DROPOUT = [
    defect("not scaled up, and so is the gradient", _not_scaled(True), {S, E, T}),
    defect("the gradient is not scaled up", _not_scaled(False), {S, F, E}),
    defect("the mask is missing from the gradient", _no_mask_going_back, {S, F, E}),
    # The first instance has p = ½.
    defect("p is the probability to keep", options_changed(dropout, _keeps_with_p), {E, T}),
    defect("it drops in evaluation, too", options_changed(dropout, _trains_always), {E, T}),
]


SPECIFIC: dict[str, list[Defect]] = {
    "affine": AFFINE,
    "relu": RELU,
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "mse_loss": MSE,
    "binary_cross_entropy_with_logits": BCE,
    "cross_entropy": CROSS_ENTROPY,
    "conv2d": CONV2D,
    "conv_transpose2d": CONV_TRANSPOSE2D,
    "conv1d": CONV1D,
    "max_pool2d": MAX_POOL2D,
    "avg_pool2d": AVG_POOL2D,
    "adaptive_avg_pool2d": ADAPTIVE_AVG_POOL2D,
    "max_pool1d": MAX_POOL1D,
    "avg_pool1d": AVG_POOL1D,
    "layer_norm": LAYER_NORM,
    "rms_norm": RMS_NORM,
    "group_norm": GROUP_NORM,
    "batch_norm": BATCH_NORM,
    "dropout": DROPOUT,
    **ELEMENTWISE,
    **ACTIVATIONS,
    **LOSSES,
    **ARRAYS,
    **ATTENTION,
    **POSITIONS,
    **RECURRENCE,
}
