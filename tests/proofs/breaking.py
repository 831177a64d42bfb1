"""Ways to break a function that keeps the contract, for the tables of defects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.functional.contract import Differentiable

S, F, E, T = "SymPy", "Finite differences", "Engine", "Third party"
WITNESSES = (S, F, E, T)


@dataclass(frozen=True)
class Defect:
    """A broken version of a function, and the witnesses that contradict it."""

    wrong: str
    broken: Differentiable
    caught_by: frozenset[str]


def defect(wrong: str, broken: Differentiable, caught_by: set[str]) -> Defect:
    return Defect(wrong, broken, frozenset(caught_by))


def value_scaled(
    function: Differentiable, scale: Callable[..., Any], gradient_too: bool
) -> Differentiable:
    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)
        factor = scale(args)

        def changed(dy: Any) -> tuple[Any, ...]:
            return tuple(g if g is None else g * factor for g in pullback(dy))

        return value * factor, changed if gradient_too else pullback

    return broken


def gradients(function: Differentiable, change: Callable[..., Any]) -> Differentiable:
    """All gradients changed: ``change(gradients, args, dy)``."""

    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)
        return value, lambda dy: tuple(change(list(pullback(dy)), args, dy))

    return broken


def options_changed(function: Differentiable, change: Callable[..., Any]) -> Differentiable:
    """Called with other options, value and gradients alike."""
    return lambda *args, **options: function(*args, **change(dict(options)))


def without(function: Differentiable, option: str) -> Differentiable:
    return options_changed(function, lambda o: {k: v for k, v in o.items() if k != option})
