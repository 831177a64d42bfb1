"""Figures outside the numbered chapters are counted on each page, from 1.

Sphinx counts them through all such pages: the first figure of one would be the tenth.
"""

from __future__ import annotations

from collections.abc import Callable

from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

Assign = Callable[[TocTreeCollector, BuildEnvironment], list[str]]


def count_on_each_page(assign: Assign) -> Assign:
    """Sphinx's method that assigns all numbers, with those that have no chapter from 1."""

    def assign_figure_numbers(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
        before = env.toc_fignumbers
        assign(collector, env)
        for kinds in env.toc_fignumbers.values():
            for numbers in kinds.values():
                outside = [name for name, number in numbers.items() if len(number) == 1]
                numbers.update((name, (count,)) for count, name in enumerate(outside, start=1))
        return [page for page, kinds in env.toc_fignumbers.items() if kinds != before.get(page)]

    return assign_figure_numbers
