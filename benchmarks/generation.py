"""Generating with a cache of keys and values, against computing all of them for each token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from benchmarks.harness import Comparison, Contestant, Quality
from chainrule.models import GPT

CHARACTERS, WIDTH, HEADS, LAYERS = 64, 64, 4, 2
LENGTHS = (32, 128)


def comparisons() -> Iterator[Comparison]:
    for length in LENGTHS:
        yield Comparison(
            f"generation-{length}",
            f"GPT, d {WIDTH}, {LAYERS} layers, {length} tokens generated: with cache / without",
            {
                "with cache": generating(length, use_cache=True),
                "without": generating(length, use_cache=False),
            },
        )


def generating(length: int, *, use_cache: bool) -> Contestant:
    def prepare() -> Callable[[int], Callable[[], Quality]]:
        model = GPT(CHARACTERS, length + 1, WIDTH, HEADS, LAYERS, rng=np.random.default_rng(0))
        start = np.zeros((1, 1), np.int64)

        def work(number: int) -> Callable[[], Quality]:
            ids = model.generate(start, length, rng=np.random.default_rng(1), use_cache=use_cache)
            return partial(measure, ids)

        return work

    return prepare


def measure(ids: np.ndarray) -> Quality:
    places = np.arange(ids.size)
    return {"sum of the tokens": float(ids.sum()), "sum by place": float(ids[0] @ places)}
