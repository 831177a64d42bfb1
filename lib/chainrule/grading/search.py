"""Finding the smallest input on which an answer fails.

Inputs are tried from small to large: small shapes first; on each shape an input of ones, then one
of small whole numbers; then a few larger shapes filled with real numbers. The first failing input
is made simpler, greedily: drop a row or a column, replace an entry other than 0 and 1 by one of
them or round it, as long as the same thing still goes wrong. What is left is shown to the learner.

The order and the entries are fixed (Python promises that ``random.Random(seed).random()`` is the
same everywhere and always), so the same answer gets the same counterexample on every machine.
A general property-testing library would search wider, but it would have to be installed beside
NumPy, and its shrinking knows nothing of arrays that share a dimension.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np

Array = np.ndarray[Any, Any]
Case = dict[str, Any]
"""One input: the arguments of the answer by name, in order."""

MOST_TRIALS = 500  # of simpler inputs; a few dozen is typical


class Failing(Protocol):
    """What a search looks for: a way to fail, such as a wrong shape."""

    @property
    def kind(self) -> str:
        """The way in which it fails; it stays the same while the input is made smaller."""


Failure = TypeVar("Failure", bound=Failing)
Fails = Callable[[Case], "Failure | None"]


class Domain(Protocol):
    """The inputs on which an exercise is defined."""

    def cases(self) -> Iterable[Case]:
        """Inputs to try, from small to large."""

    def probes(self) -> Sequence[Case]:
        """Inputs on which different mistakes give different results."""

    def simpler(self, case: Case) -> Iterator[Case]:
        """Inputs one step simpler than ``case``, the best first; finitely many steps end."""

    def sizes(self, case: Case) -> dict[str, int]:
        """The named sizes of ``case``."""


def smallest(
    domain: Domain, cases: Iterable[Case], fails: Fails[Failure]
) -> tuple[Case, Failure] | None:
    """The first of ``cases`` that ``fails``, made as simple as possible while it fails alike."""
    for case in cases:
        failure = fails(case)
        if failure is not None:
            return _shrink(domain, case, failure, fails)
    return None


class Arrays:
    """Arguments that are arrays and share named dimensions.

    Parameters
    ----------
    shapes : mapping
        Argument → its dimensions, as in ``{"X": "B d_in", "b": "d_out", "w0": ""}``. A dimension
        that is a number has that size. No dimension at all makes the argument a Python float.
    probes : sequence of mappings, optional
        Dimension → size, for :meth:`probes`. By default all sizes distinct, all equal, and each
        pair equal: a mistake that only runs when two sizes happen to agree must get to run.
    """

    def __init__(
        self, shapes: Mapping[str, str], probes: Sequence[Mapping[str, int]] | None = None
    ) -> None:
        self.shapes = {name: tuple(spec.split()) for name, spec in shapes.items()}
        axes = itertools.chain.from_iterable(self.shapes.values())
        self.dimensions = tuple(dict.fromkeys(axis for axis in axes if not axis.isdigit()))
        self._probe_sizes = _varied(self.dimensions) if probes is None else probes

    def cases(self) -> list[Case]:
        """Small shapes first, each with ones and then small whole numbers; the probes last."""
        return self._cases

    def probes(self) -> list[Case]:
        """One input of real numbers for each of the probe sizes."""
        return self._probes

    @cached_property
    def _cases(self) -> list[Case]:
        small = itertools.product((1, 2, 3), repeat=len(self.dimensions))
        sizes = [dict(zip(self.dimensions, chosen, strict=True)) for chosen in small]
        sizes.sort(key=lambda s: (self._entries(s), tuple(s.values())))
        filled = [self.filled(s, fill) for s in sizes for fill in (ones, whole_numbers)]
        return filled + self._probes

    @cached_property
    def _probes(self) -> list[Case]:
        return [self.filled(sizes, real_numbers) for sizes in self._probe_sizes]

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        """An input with these sizes; each argument and each shape has entries of its own."""
        case: Case = {}
        for k, (name, axes) in enumerate(self.shapes.items()):
            shape = tuple(int(axis) if axis.isdigit() else sizes[axis] for axis in axes)
            entries = fill(math.prod(shape), random.Random(1000 * k + math.prod(shape)))
            case[name] = np.array(entries, dtype=np.float64).reshape(shape) if axes else entries[0]
        return case

    def sizes(self, case: Case) -> dict[str, int]:
        """The size of each named dimension in ``case``."""
        return {
            axis: size
            for name, axes in self.shapes.items()
            for axis, size in zip(axes, np.shape(case[name]), strict=True)
            if not axis.isdigit()
        }

    def simpler(self, case: Case) -> Iterator[Case]:
        """Inputs with one row fewer, then with one entry simpler."""
        for dimension, size in self.sizes(case).items():
            if size > 1:
                for i in range(size):
                    yield self._without(case, dimension, i)
        for name, value in case.items():
            for index in np.ndindex(np.shape(value)):
                entry = float(np.asarray(value)[index])
                for simple in (0.0, 1.0, float(round(entry)), round(entry, 1)):
                    if _complexity(simple) < _complexity(entry):
                        yield case | {name: _replaced(value, index, simple)}

    def _without(self, case: Case, dimension: str, i: int) -> Case:
        simpler = dict(case)
        for name, axes in self.shapes.items():
            for k, axis in enumerate(axes):
                if axis == dimension:
                    simpler[name] = np.delete(simpler[name], i, axis=k)
        return simpler

    def _entries(self, sizes: Mapping[str, int]) -> int:
        return sum(
            math.prod(int(axis) if axis.isdigit() else sizes[axis] for axis in axes)
            for axes in self.shapes.values()
        )


class Adjusted(Arrays):
    """Arguments of which some are brought into their range, argument by argument.

    ``adjust`` has argument → function of its entries; ``valid`` says which inputs are defined.
    """

    def __init__(
        self,
        shapes: Mapping[str, str],
        adjust: Mapping[str, Callable[[Array], Array]],
        valid: Callable[[Case], bool] = lambda case: True,
    ) -> None:
        super().__init__(shapes)
        self._adjust = adjust
        self._valid = valid

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        """An input with these sizes, in range."""
        case = super().filled(sizes, fill)
        for name, adjust in self._adjust.items():
            value = adjust(np.asarray(case[name]))
            case[name] = value if self.shapes[name] else float(value)
        return case

    def simpler(self, case: Case) -> Iterator[Case]:
        """Inputs one step simpler on which the exercise is defined."""
        return (simple for simple in super().simpler(case) if self._valid(simple))


class Lists:
    """One argument that is a list of positive whole numbers."""

    def __init__(self, name: str, *, probes: Sequence[Sequence[int]]) -> None:
        self.name = name
        self._probes = [{name: list(entries)} for entries in probes]

    def cases(self) -> Iterator[Case]:
        """Lists of one to four entries from 1 to 3, then the probes."""
        for length in (2, 3, 4, 1):
            entries = itertools.product((1, 2, 3), repeat=length)
            for chosen in sorted(entries, key=lambda c: (sum(c), c)):
                yield {self.name: list(chosen)}
        yield from self._probes

    def probes(self) -> list[Case]:
        """The lists that were given, on which different mistakes differ."""
        return self._probes

    def sizes(self, case: Case) -> dict[str, int]:
        """The length of the list."""
        return {"length": len(case[self.name])}

    def simpler(self, case: Case) -> Iterator[Case]:
        """Lists with one entry fewer, then with one entry smaller."""
        entries = case[self.name]
        if len(entries) > 1:
            for i in range(len(entries)):
                yield {self.name: entries[:i] + entries[i + 1 :]}
        for i, entry in enumerate(entries):
            for simple in (1, entry - 1):
                if 0 < simple < entry:
                    yield {self.name: [*entries[:i], simple, *entries[i + 1 :]]}


Fill = Callable[[int, random.Random], list[float]]


def ones(count: int, rng: random.Random) -> list[float]:
    """1, 1, 1, …"""
    return [1.0] * count


def whole_numbers(count: int, rng: random.Random) -> list[float]:
    """Small whole numbers other than 0: in float64, sums of their products are exact."""
    return [(-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)[int(6 * rng.random())] for _ in range(count)]


def real_numbers(count: int, rng: random.Random) -> list[float]:
    """Uniform on (−2, 2)."""
    return [4 * rng.random() - 2 for _ in range(count)]


def _varied(dimensions: Sequence[str]) -> list[dict[str, int]]:
    def sizes(*chosen: int) -> dict[str, int]:
        return dict(zip(dimensions, chosen, strict=True))

    count = len(dimensions)
    distinct = [sizes(*(2 + (i + shift) % count for i in range(count))) for shift in range(count)]
    equal = [sizes(*[n] * count) for n in (2, 3)]
    pairs = []
    for i, k in itertools.combinations(range(count), 2):
        for n in (2, 3):
            pairs.append(sizes(*(n if j in (i, k) else n + 2 + j for j in range(count))))
    large = sizes(*(5 + (3 * i) % 5 for i in range(count)))
    varied = [*distinct, *equal, *pairs, large]
    return [s for i, s in enumerate(varied) if s not in varied[:i]]


def _complexity(entry: float) -> tuple[int, float]:
    if entry in (0.0, 1.0):
        return 0, 0.0
    if entry == round(entry):
        return 1, abs(entry)
    return (2, 0.0) if entry == round(entry, 1) else (3, 0.0)


def _replaced(value: Any, index: tuple[int, ...], entry: float) -> Any:
    if not isinstance(value, np.ndarray):
        return entry
    replaced = value.copy()
    replaced[index] = entry
    return replaced


def _shrink(
    domain: Domain, case: Case, failure: Failure, fails: Fails[Failure]
) -> tuple[Case, Failure]:
    trials = 0
    shrinking = True
    while shrinking:
        shrinking = False
        for simpler in domain.simpler(case):
            trials += 1
            if trials > MOST_TRIALS:
                return case, failure
            again = fails(simpler)
            if again is not None and again.kind == failure.kind:
                case, failure, shrinking = simpler, again, True
                break
    return case, failure
