"""Inputs with classes among them, and what several losses have in common."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from chainrule.grading.exercises import Array
from chainrule.grading.search import Adjusted, Case, Fill


class Classified(Adjusted):
    """Arguments among which ``t`` (N,) holds classes, whole numbers below K, of at least two."""

    def cases(self) -> list[Case]:
        """Small shapes first, each with ones and then small whole numbers; the probes last."""
        return self._chosen

    @cached_property
    def _chosen(self) -> list[Case]:
        return [case for case in super().cases() if self.sizes(case)["K"] > 1]

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        """An input with these sizes and a class for each example."""
        case = super().filled(sizes, fill)
        N, K = sizes["N"], sizes["K"]
        rng = random.Random(100 * N + K)
        return case | {"t": np.array([int(K * rng.random()) for _ in range(N)], dtype=int)}

    def simpler(self, case: Case) -> Iterator[Case]:
        """Inputs one step simpler in which the classes still exist."""
        for simple in super().simpler(case):
            K = self.sizes(simple)["K"]
            if K > 1 and simple["t"].max() < K:
                yield simple


def lse(z: Array) -> Array:
    """Log-sum-exp over the last axis, for logits of any size, complex nudges included."""
    m = z.real.max(-1, keepdims=True)
    return np.asarray((m + np.log(np.exp(z - m).sum(-1, keepdims=True)))[..., 0])


def softplus(z: Array) -> Array:
    """log(1 + exp(z)) for any z, complex nudges included."""
    return lse(np.stack([np.zeros_like(z), z], -1))


def onehot(t: Array, K: int) -> Array:
    """A row of zeros with a single 1 for each class in ``t``."""
    return np.asarray(np.eye(K)[t])


def size_of_probabilities(z: Array) -> Array:
    """How much a probability can be off for each eps in the logits, entry by entry.

    A logit that is off by d moves its probabilities by the factor exp(2 d) at most.
    """
    m = z.max(-1, keepdims=True)
    e = np.exp(z - m)
    return np.asarray(e / e.sum(-1, keepdims=True) * (1 + 2 * abs(z).max(-1, keepdims=True)))


def nudged(result: str, index: tuple[int, ...], value: float) -> str:
    """What an entry of a gradient says: the effect of a tiny nudge."""
    if not result.startswith("d"):
        return ""
    place = f"[{', '.join(map(str, index))}]" if index else ""
    number = result.removeprefix("d")
    if not value:
        return f"raising {number}{place} by a tiny h does not change the loss"
    change = "raises" if value > 0 else "lowers"
    return f"raising {number}{place} by a tiny h {change} the loss by {abs(value):.4g} h"
