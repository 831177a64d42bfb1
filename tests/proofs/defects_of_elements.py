"""Mistakes that people make with arithmetic, activations and losses, one entry at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.functional import (
    REGISTRY,
    add,
    div,
    elu,
    gaussian_nll_loss,
    gelu,
    glu,
    hinge_loss,
    huber_loss,
    kl_standard_normal,
    l1_loss,
    leaky_relu,
    mse_loss,
    mul,
    nll_loss,
    relu,
    sigmoid,
    silu,
    softplus,
    sub,
    swiglu,
)
from chainrule.functional.contract import Differentiable
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


def _slope(function: Differentiable, slope: Callable[..., Any]) -> Differentiable:
    """The right value with another derivative: ``slope(x, value)``."""

    def broken(x: Any, **options: Any) -> Any:
        value, _ = function(x, **options)
        return value, lambda dy: (dy * slope(x, value),)

    return broken


def _instead(value: Callable[..., Any], slope: Callable[..., Any]) -> Differentiable:
    """Another function of one number, and its own derivative: ``slope(x, value)``."""

    def broken(x: Any, **options: Any) -> Any:
        y = value(x)
        return y, lambda dy: (dy * slope(x, y),)

    return broken


def _pulled_back_by(function: Differentiable, other: Differentiable) -> Differentiable:
    return lambda *args, **options: (
        function(*args, **options)[0],
        other(*args, **options)[1],
    )


def _exchanged(function: Differentiable) -> Differentiable:
    """Called with its two arguments the wrong way round, and so going back."""

    def broken(a: Any, b: Any) -> Any:
        value, pullback = function(b, a)
        return value, lambda dy: pullback(dy)[::-1]

    return broken


# --- elementwise --------------------------------------------------------------------------------


def _last_row_alone(function: Differentiable) -> Differentiable:
    def broken(a: Any, b: Any) -> Any:
        value, pullback = function(a, b)
        if value.ndim < 2 or b.ndim != 1 or not len(a):
            return value, pullback
        _, of_last = function(a[-1:], b)
        return value, lambda dy: (pullback(dy)[0], of_last(dy[-1:])[1])

    return broken


def _never_summed(function: Differentiable) -> Differentiable:
    def broken(a: Any, b: Any) -> Any:
        _, pullback = function(*(np.array(c) for c in np.broadcast_arrays(a, b)))
        return function(a, b)[0], lambda dy: pullback(dy)

    return broken


def _binary(function: Differentiable, other: Differentiable) -> list[Defect]:
    name = other.__name__
    return [
        defect("what was broadcast is not summed", _never_summed(function), {S, F, E, T}),
        defect("db is that of the last row alone", _last_row_alone(function), {S, F, E, T}),
        defect(
            "db keeps the axis that was summed",
            gradients(function, lambda g, args, dy: (g[0], g[1][np.newaxis])),
            {S, F, E, T},
        ),
        defect(f"{name} instead, and its gradient", other, {S, T}),
        defect(f"the gradient of {name}", _pulled_back_by(function, other), {S, F, T}),
    ]


SWAPPED = "a and b are exchanged, and so are the gradients"


def _power_slope(slope: Callable[..., Any]) -> Differentiable:
    def broken(x: Any, *, exponent: float) -> Any:
        value, _ = REGISTRY["pow"](x, exponent=exponent)
        return value, lambda dy: (dy * slope(x, exponent),)

    return broken


def _power_shifted(shift: float) -> Differentiable:
    return options_changed(REGISTRY["pow"], lambda o: {"exponent": o["exponent"] + shift})


ELEMENTWISE = {
    "add": _binary(add, sub),
    "sub": [*_binary(sub, add), defect(SWAPPED, _exchanged(sub), {S, T})],
    "mul": [
        *_binary(mul, div),
        defect("da = dy a", gradients(mul, lambda g, args, dy: (dy * args[0], g[1])), {S, F, T}),
    ],
    "div": [
        *_binary(div, mul),
        defect(SWAPPED, _exchanged(div), {S, T}),
        defect(
            "db lacks a factor 1/b",
            gradients(div, lambda g, args, dy: (g[0], g[1] * args[1])),
            {S, F, T},
        ),
    ],
    "neg": [
        defect("x as it is, and its gradient", _instead(lambda x: 1 * x, lambda x, y: 1), {S, T}),
        defect(
            "−|x|, and its gradient", _instead(lambda x: -abs(x), lambda x, y: -np.sign(x)), {S, T}
        ),
        defect("1/x, and its gradient", _instead(lambda x: 1 / x, lambda x, y: -y * y), {S, T}),
        defect("dx = −dy x", _slope(REGISTRY["neg"], lambda x, y: y), {S, F, T}),
    ],
    "exp": [
        defect("dx = dy", _slope(REGISTRY["exp"], lambda x, y: 1), {S, F, T}),
        defect("dx = dy x", _slope(REGISTRY["exp"], lambda x, y: x), {S, F, T}),
        defect(
            "dx = dy x exp(x − 1)", _slope(REGISTRY["exp"], lambda x, y: x * y / np.e), {S, F, T}
        ),
        defect("exp(x) − 1, and its gradient", _instead(np.expm1, lambda x, y: y + 1), {S, T}),
        defect(
            "a power of 2, and its gradient", _instead(np.exp2, lambda x, y: y * np.log(2)), {S, T}
        ),
    ],
    "log": [
        defect("dx = dy x", _slope(REGISTRY["log"], lambda x, y: x), {S, F, T}),
        defect("dx = dy / x²", _slope(REGISTRY["log"], lambda x, y: 1 / (x * x)), {S, F, T}),
        defect(
            "log(1 + x), and its gradient", _instead(np.log1p, lambda x, y: 1 / (1 + x)), {S, T}
        ),
        defect(
            "in bits, and so is the gradient",
            _instead(np.log2, lambda x, y: 1 / (x * np.log(2))),
            {S, T},
        ),
    ],
    "sqrt": [
        defect("dx = dy / y", _slope(REGISTRY["sqrt"], lambda x, y: 1 / y), {S, F, T}),
        defect("dx = dy / (2 x)", _slope(REGISTRY["sqrt"], lambda x, y: 0.5 / x), {S, F, T}),
        defect("dx = dy y / 2", _slope(REGISTRY["sqrt"], lambda x, y: y / 2), {S, F, T}),
        defect(
            "ε in the root, and in the gradient",
            _instead(lambda x: np.sqrt(x + 0.01), lambda x, y: 0.5 / y),
            {S, T},
        ),
        defect(
            "the cube root, and its gradient", _instead(np.cbrt, lambda x, y: y / 3 / x), {S, T}
        ),
    ],
    "abs": [
        defect("dx = dy", _slope(REGISTRY["abs"], lambda x, y: 1), {S, F, T}),
        defect("dx = dy y", _slope(REGISTRY["abs"], lambda x, y: y), {S, F, T}),
        defect("dx = dy [x > 0]", _slope(REGISTRY["abs"], lambda x, y: x > 0), {S, F, T}),
        defect("x as it is, and its gradient", _instead(lambda x: 1 * x, lambda x, y: 1), {S, T}),
        defect("ReLU, and its gradient", lambda x: relu(x), {S, T}),
        defect("x², and its gradient", _instead(lambda x: x * x, lambda x, y: 2 * x), {S, T}),
    ],
    "pow": [
        defect("dx lacks p", _power_slope(lambda x, p: x ** (p - 1.0)), {S, F, T}),
        defect("dx = dy p xᵖ", _power_slope(lambda x, p: p * x**p), {S, F, T}),
        defect("dx = dy y log x", _power_slope(lambda x, p: x**p * np.log(np.abs(x))), {S, F, T}),
        defect("p is one too large, and so in the gradient", _power_shifted(1), {S, T}),
        defect("|x|, and its gradient", lambda x, **o: REGISTRY["abs"](x), {S, T}),
    ],
}


# --- activations --------------------------------------------------------------------------------


def _s(x: Any) -> Any:
    return sigmoid(x)[0]


def _opposite_slope(function: Differentiable) -> Differentiable:
    return options_changed(
        function, lambda o: {**o, "negative_slope": -o.get("negative_slope", 0.01)}
    )


def _halves(function: Differentiable) -> Differentiable:
    """glu with the gate first."""

    def broken(x: Any, *, axis: int = -1) -> Any:
        n = x.shape[axis] // 2
        value, pullback = function(np.roll(x, n, axis), axis=axis)
        return value, lambda dy: (np.roll(pullback(dy)[0], -n, axis),)

    return broken


def _db_without_slope(x: Any, *, axis: int = -1) -> Any:
    value, pullback = glu(x, axis=axis)
    a, _ = np.split(x, 2, axis)

    def back(dy: Any) -> Any:
        da, _ = np.split(pullback(dy)[0], 2, axis)
        return (np.concatenate([da, dy * a], axis),)

    return value, back


def _bilinear(x: Any, *, axis: int = -1) -> Any:
    a, b = np.split(x, 2, axis)
    return a * b, lambda dy: (np.concatenate([dy * b, dy * a], axis),)


def _gated_by(value: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Differentiable:
    return lambda g, x: (value(g) * x, lambda dy: (dy * x * slope(g), dy * value(g)))


ACTIVATIONS = {
    "leaky_relu": [
        defect("the slope is the default one", without(leaky_relu, "negative_slope"), {S, T}),
        defect("the slope is negative", _opposite_slope(leaky_relu), {S, T}),
        defect("ReLU, and its gradient", lambda x, **o: relu(x), {S, T}),
        defect("the gradient of ReLU", _slope(leaky_relu, lambda x, y: x > 0), {S, F, T}),
        defect("dx = dy", _slope(leaky_relu, lambda x, y: 1), {S, F, T}),
        defect("dx = dy x", _slope(leaky_relu, lambda x, y: x), {S, F, T}),
    ],
    "elu": [
        defect("α is ignored, and so in the gradient", without(elu, "alpha"), {S, T}),
        defect(
            "dx = dy (y + 1) whatever α is",
            _slope(elu, lambda x, y: np.minimum(y + 1, 1)),
            {S, F, T},
        ),
        defect("the gradient of ReLU", _slope(elu, lambda x, y: x > 0), {S, F, T}),
        defect("dx = dy", _slope(elu, lambda x, y: 1), {S, F, T}),
        defect(
            "scaled as in SELU, and so is the gradient",
            value_scaled(elu, lambda a: 1.0507, True),
            {S, T},
        ),
    ],
    "softplus": [
        defect("dx = dy y", _slope(softplus, lambda x, y: y), {S, F, T}),
        defect("dx = dy σ(−x)", _slope(softplus, lambda x, y: _s(-x)), {S, F, T}),
        defect("dx = dy σ (1 − σ)", _slope(softplus, lambda x, y: _s(x) * (1 - _s(x))), {S, F, T}),
        defect(
            "in bits, and so is the gradient",
            value_scaled(softplus, lambda a: 1 / np.log(2), True),
            {S, T},
        ),
        defect(
            "log(1 + exp(−x)), and its gradient",
            _instead(lambda x: np.log1p(np.exp(-x)), lambda x, y: -_s(-x)),
            {S, T},
        ),
    ],
    "silu": [
        defect("dx = dy σ", _slope(silu, lambda x, y: _s(x)), {S, F, T}),
        defect("dx = dy σ (1 − σ)", _slope(silu, lambda x, y: _s(x) * (1 - _s(x))), {S, F, T}),
        defect(
            "dx = dy (σ + x (1 − σ))", _slope(silu, lambda x, y: _s(x) + x * (1 - _s(x))), {S, F, T}
        ),
        defect("ReLU, and its gradient", relu, {S, T}),
        defect(
            "x σ(1.702 x), and its gradient",
            _instead(
                lambda x: x * _s(1.702 * x),
                lambda x, y: _s(1.702 * x) + 1.702 * y * (1 - _s(1.702 * x)),
            ),
            {S, T},
        ),
    ],
    "gelu": [
        defect(
            "the tanh form always, and its gradient",
            options_changed(gelu, lambda o: {"approximate": "tanh"}),
            {S, T},
        ),
        # The first instance asks for the exact form.
        defect("the tanh form never", without(gelu, "approximate"), {T}),
        defect("dx = dy Φ(x)", _slope(gelu, lambda x, y: y / x), {S, F, T}),
        defect("the gradient of ReLU", _slope(gelu, lambda x, y: x > 0), {S, F, T}),
        defect("silu, and its gradient", lambda x, **o: silu(x), {S, T}),
    ],
    "glu": [
        defect("the gate is the first half, and so in the gradient", _halves(glu), {S, T}),
        defect("db lacks the slope of the gate", _db_without_slope, {S, F, T}),
        defect("the gate is not squashed, and so in the gradient", _bilinear, {S, T}),
        defect(
            "da and db are exchanged",
            gradients(glu, lambda g, args, dy: (np.roll(g[0], g[0].shape[-1] // 2, -1),)),
            {S, F, T},
        ),
        # Only finite differences take another axis, which is odd the other way.
        defect("the axis is ignored", without(glu, "axis"), {F, T}),
    ],
    "swiglu": [
        defect("gate and x are exchanged, and so are the gradients", _exchanged(swiglu), {S, T}),
        defect(
            "gated by σ, and so is the gradient",
            _gated_by(_s, lambda g: _s(g) * (1 - _s(g))),
            {S, T},
        ),
        defect(
            "gated by ReLU, and so is the gradient",
            _gated_by(lambda g: np.maximum(g, 0), lambda g: g > 0),
            {S, T},
        ),
        defect(
            "dgate lacks x",
            gradients(swiglu, lambda g, args, dy: (silu(args[0])[1](dy)[0], g[1])),
            {S, F, T},
        ),
        defect("dx = dy g", gradients(swiglu, lambda g, args, dy: (g[0], dy * args[0])), {S, F, T}),
    ],
}


# --- losses -------------------------------------------------------------------------------------


def _gradients_times(function: Differentiable, factor: Callable[[Any], Any]) -> Differentiable:
    return gradients(
        function, lambda g, args, dy: (h if h is None else h * factor(args) for h in g)
    )


def _count(args: Any) -> int:
    return args[-1].size


def _means(function: Differentiable) -> list[Defect]:
    return [
        defect("the gradients lack the mean", _gradients_times(function, _count), {S, F, E, T}),
        defect("a sum, and so are the gradients", value_scaled(function, _count, True), {S, E, T}),
    ]


def _equal_gradients(function: Differentiable) -> Defect:
    return defect("dt = dy", gradients(function, lambda g, args, dy: (g[0], g[0])), {S, F, T})


def _both(gradient: Callable[..., Any]) -> Callable[..., Any]:
    """Gradients of a loss of y − t: ``gradient(error)`` and its opposite."""
    return lambda g, args, dy: (
        dy * gradient(args[0] - args[1]) / args[0].size,
        -dy * gradient(args[0] - args[1]) / args[0].size,
    )


def _squared_hinge(z: Any, t: Any) -> Any:
    slack = np.maximum(1 - t * z, 0)
    return (slack * slack).mean(), lambda dL: (
        -2 * dL * t * slack / z.size,
        -2 * dL * z * slack / z.size,
    )


def _perceptron(z: Any, t: Any) -> Any:
    wrong = t * z < 0
    return np.maximum(-t * z, 0).mean(), lambda dL: (
        -dL * t * wrong / z.size,
        -dL * z * wrong / z.size,
    )


def _deviation_for_variance(function: Differentiable) -> Differentiable:
    """The last argument taken for log σ."""

    def broken(*args: Any) -> Any:
        value, pullback = function(*args[:-1], 2 * args[-1])

        def back(dL: Any) -> Any:
            *others, ds = pullback(dL)
            return (*others, 2 * ds)

        return value, back

    return broken


def _shifted(function: Differentiable, offset: float) -> Differentiable:
    def broken(*args: Any) -> Any:
        value, pullback = function(*args)
        return value + offset, pullback

    return broken


def _from_one(log_p: Any, t: Any) -> Any:
    return nll_loss(log_p, (t + 1) % log_p.shape[-1])


def _everywhere(g: Any, args: Any, dy: Any) -> Any:
    return np.full_like(args[0], -dy / args[1].size), None


def _likelihood(log_p: Any, t: Any) -> Any:
    return nll_loss(-log_p, t)[0], lambda dL: (-nll_loss(log_p, t)[1](dL)[0], None)


LOSSES = {
    "l1_loss": [
        *_means(l1_loss),
        _equal_gradients(l1_loss),
        defect(
            "the gradient of the squared error",
            gradients(l1_loss, _both(lambda e: 2 * e)),
            {S, F, T},
        ),
        defect("the squared error, and its gradient", mse_loss, {S, T}),
    ],
    "huber_loss": [
        *_means(huber_loss),
        _equal_gradients(huber_loss),
        defect("the gradient is not clipped", gradients(huber_loss, _both(lambda e: e)), {S, F, T}),
        defect(
            "δ is doubled, and so in the gradient",
            lambda y, t, delta=1.0: huber_loss(y, t, delta=2 * delta),
            {S, T},
        ),
        defect(
            "the squared error, and its gradient", lambda y, t, delta=1.0: mse_loss(y, t), {S, T}
        ),
    ],
    "hinge_loss": [
        *_means(hinge_loss),
        defect(
            "the gradient flows beyond the margin",
            gradients(
                hinge_loss,
                lambda g, args, dy: (-dy * args[1] / args[0].size, -dy * args[0] / args[0].size),
            ),
            {S, F, T},
        ),
        defect("no margin, and so in the gradient", _perceptron, {S, T}),
        defect("squared, and so is the gradient", _squared_hinge, {S, T}),
    ],
    "gaussian_nll_loss": [
        *_means(gaussian_nll_loss),
        defect(
            "½ log 2π is left out", _shifted(gaussian_nll_loss, -0.5 * np.log(2 * np.pi)), {S, T}
        ),
        defect(
            "log σ for log σ², and so in the gradient",
            _deviation_for_variance(gaussian_nll_loss),
            {S, T},
        ),
        defect(
            "dμ lacks the precision",
            gradients(gaussian_nll_loss, lambda g, args, dy: (g[0] * np.exp(args[2]), *g[1:])),
            {S, F, T},
        ),
        defect(
            "ds lacks the term of log σ²",
            gradients(
                gaussian_nll_loss, lambda g, args, dy: (*g[:2], g[2] - 0.5 * dy / args[0].size)
            ),
            {S, F, T},
        ),
    ],
    "kl_standard_normal": [
        defect(
            "the gradients lack the mean",
            _gradients_times(kl_standard_normal, lambda args: len(args[0])),
            {S, F, E, T},
        ),
        defect(
            "a sum, and so are the gradients",
            value_scaled(kl_standard_normal, lambda args: len(args[0]), True),
            {S, E, T},
        ),
        defect(
            "log σ for log σ², and so in the gradient",
            _deviation_for_variance(kl_standard_normal),
            {S, T},
        ),
        defect(
            "½ is missing, and so in the gradient",
            value_scaled(kl_standard_normal, lambda args: 2, True),
            {S, T},
        ),
        defect(
            "ds lacks the −1",
            gradients(
                kl_standard_normal, lambda g, args, dy: (g[0], g[1] + 0.5 * dy / len(args[0]))
            ),
            {S, F, T},
        ),
        defect(
            "averaged over the dimensions, and so is the gradient",
            value_scaled(kl_standard_normal, lambda args: 1 / args[0].shape[-1], True),
            {S, T},
        ),
    ],
    "nll_loss": [
        *_means(nll_loss),
        defect("classes are counted from 1", _from_one, {S, T}),
        defect("the likelihood, and its gradient", _likelihood, {S, T}),
        defect("the gradient reaches every class", gradients(nll_loss, _everywhere), {S, F, T}),
    ],
}
