"""Mistakes that people make with recurrent networks.

The engine pulls back a graph of the whole function here, and sees what others see.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functional import gru, lstm, rnn
from chainrule.functional.contract import Differentiable
from tests.proofs.breaking import Defect, E, F, S, T, defect, without


def _from_the_end(function: Differentiable) -> Differentiable:
    def broken(x: Any, *others: Any, mask: Any = None) -> Any:
        mask = None if mask is None else mask[:, ::-1]
        value, pullback = function(x[:, ::-1], *others, mask=mask)

        def back(dy: Any) -> Any:
            dx, *rest = pullback(dy[:, ::-1])
            return (dx[:, ::-1], *rest)

        return value[:, ::-1], back

    return broken


def _without_argument(function: Differentiable, position: int) -> Differentiable:
    """Zero for one argument, whose gradient is zero then."""

    def broken(*args: Any, **options: Any) -> Any:
        given = list(args)
        given[position] = zero = 0 * args[position]
        value, pullback = function(*given, **options)

        def back(dy: Any) -> Any:
            g = list(pullback(dy))
            g[position] = zero
            return tuple(g)

        return value, back

    return broken


def _cut_at_every_step(function: Differentiable, states: int) -> Differentiable:
    """Every step pulled back by itself: nothing goes back in time."""

    def broken(x: Any, *others: Any, mask: Any = None) -> Any:
        initial, weights = others[:states], others[states:]
        value, _ = function(x, *others, mask=mask)
        H = weights[1].shape[1]

        def back(dy: Any) -> Any:
            total = [np.zeros_like(a) for a in (x, *others)]
            for t in range(x.shape[1]):
                before = [
                    value[:, t - 1, i * H : (i + 1) * H] if t else s for i, s in enumerate(initial)
                ]
                now = slice(t, t + 1)
                there = None if mask is None else mask[:, now]
                _, pullback = function(x[:, now], *before, *weights, mask=there)
                dx, *rest = pullback(dy[:, now])
                total[0][:, now] = dx
                for i, g in enumerate(rest):
                    if t == 0 or i >= states:
                        total[1 + i] += g
            return tuple(total)

        return value, back

    return broken


def _rows(function: Differentiable, states: int, order: Any, signs: Any = 1) -> Differentiable:
    """The weights' blocks of rows in another order, or with another sign, and so going back."""

    def broken(*args: Any, **options: Any) -> Any:
        first = 1 + states
        gates = len(order)
        factor = np.broadcast_to(signs, gates)

        def move(w: Any, places: Any) -> Any:
            blocks = np.split(w, gates)
            return np.concatenate([factor[k] * blocks[k] for k in places])

        value, pullback = function(
            *args[:first], *(move(w, order) for w in args[first:]), **options
        )

        def back(dy: Any) -> Any:
            g = pullback(dy)
            return (*g[:first], *(move(w, np.argsort(order)) for w in g[first:]))

        return value, back

    return broken


def _cells_first(*args: Any, **options: Any) -> Any:
    value, pullback = lstm(*args, **options)
    H = value.shape[-1] // 2
    return np.roll(value, H, -1), lambda dy: pullback(np.roll(dy, H, -1))


def _recurrent(function: Differentiable, states: int) -> list[Defect]:
    return [
        defect("read from the end, and so in the gradients", _from_the_end(function), {S, E, T}),
        defect("h0 is ignored, and its gradient zero", _without_argument(function, 1), {S, E, T}),
        defect(
            "b_hh is ignored, and its gradient zero", _without_argument(function, -1), {S, E, T}
        ),
        defect("nothing goes back in time", _cut_at_every_step(function, states), {S, F, E, T}),
        # The first instance has no mask.
        defect("the mask is ignored", without(function, "mask"), {E, T}),
    ]


RECURRENCE = {
    "rnn": _recurrent(rnn, 1),
    "lstm": [
        *_recurrent(lstm, 2),
        defect("gates in the order i, o, f, g", _rows(lstm, 2, (0, 2, 3, 1)), {S, E, T}),
        defect("f and g are exchanged", _rows(lstm, 2, (0, 2, 1, 3)), {S, E, T}),
        defect("the cell stands before the state", _cells_first, {S, E, T}),
    ],
    "gru": [
        *_recurrent(gru, 1),
        defect("gates in the order z, r, n", _rows(gru, 1, (1, 0, 2)), {S, E, T}),
        defect("z and 1 − z are exchanged", _rows(gru, 1, (0, 1, 2), (1, -1, 1)), {S, E, T}),
    ],
}
