"""Exercises whose answer is a function of numbers and arrays.

An author says on which inputs the function is defined and what is true of its results. Inputs are
searched from small to large, and a failing one is made smaller (:mod:`chainrule.grading.search`).

Comparing is strict. Shapes must be equal before entries are compared, so nothing is broadcast, and
entries may differ by rounding only, see :func:`rounding`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from chainrule.grading import misconceptions as known
from chainrule.grading.error_messages import in_plain_words
from chainrule.grading.exercises.base import (
    Array,
    Check,
    Diagnosis,
    Problem,
    Results,
    article,
    by_check,
    described,
    differing,
    nearly,
    printed,
)
from chainrule.grading.handles import Handle, Layout, NotData, Outcome, Raised
from chainrule.grading.literals import pair
from chainrule.grading.search import Case, Domain, smallest

TINY = 1e-30  # the step of complex_step
MOST_REMEMBERED = 2_000  # inputs of an exercise whose truth is kept; a check meets some hundreds


@dataclass(frozen=True)
class Function:
    """An exercise whose answer is a function of numbers and arrays.

    Attributes
    ----------
    name : str
    domain : Domain
        The inputs. The arguments are passed by position, in the domain's order.
    returns : mapping
        Result → its shape in the dimensions of the domain; ``""`` is a single number, and
        ``"like x"`` is the shape of the argument ``x``.
    truth : callable
        The arguments by name → result → array.
    checks : sequence of Check
    mistakes : sequence of Misconception
        Those of this exercise. The usual ones of any result (sign, transpose, ...) are added.
    magnitude : callable, optional
        Like ``truth``, with every difference replaced by a sum, so that it bounds the size of
        everything that is added up; ``truth`` on absolute values by default.
    because : callable, optional
        (result, index of an entry, its expected value) → how the learner can see that it is so.
    may_use_library : bool
        Whether an answer may call what the library has on the subject.
    """

    name: str
    domain: Domain
    returns: Mapping[str, str]
    truth: Callable[..., Results]
    checks: Sequence[Check]
    mistakes: Sequence[known.Misconception] = ()
    magnitude: Callable[..., Results] | None = None
    because: Callable[[str, tuple[int, ...], float], str] | None = None
    may_use_library: bool = False
    misconceptions: tuple[known.Misconception, ...] = field(init=False)
    _right: dict[object, Results] = field(init=False, repr=False, default_factory=dict)
    _size: dict[object, Results] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        own = tuple(self.mistakes)
        names = {mistake.name for mistake in own}
        truths = [self.right(case) for case in self.domain.probes()]
        usual = tuple(m for m in known.usual(truths) if m.name not in names)
        single = own + usual
        single += tuple(self._confused(single))
        object.__setattr__(self, "misconceptions", (*single, *known.combined(single)))

    def _confused(self, others: Sequence[known.Misconception]) -> Iterable[known.Misconception]:
        """Two arguments of one shape in the wrong order, where that makes a difference of its own:
        no function is told that it confuses the factors of a product."""
        shapes = getattr(self.domain, "shapes", {})
        probes = [
            known.Probe(case, self.domain.sizes(case), self.right(case), None)
            for case in self.domain.probes()
        ]
        for first, second in combinations(shapes, 2):
            if shapes[first] != shapes[second]:
                continue
            mistake = known.confused(first, second, self.signature, self.right)
            made = [replace(probe, returned=mistake.wrong(probe)) for probe in probes]
            if mistake.fits(made) and not any(other.fits(made) for other in others):
                yield mistake

    @property
    def function(self) -> str:
        """The name under which the learner writes the function."""
        return self.name.partition(".")[2]

    @property
    def signature(self) -> str:
        """The first line of the function, as in ``neuron(x, w, b)``."""
        arguments = ", ".join(next(iter(self.domain.cases())))
        return f"{self.function}({arguments})"

    def right(self, case: Case) -> Results:
        """``truth`` for ``case``, in float64; remembered, as every check asks for it."""
        return _remembered(self._right, case, lambda: self.truth(**_widened(case)))

    def size(self, case: Case) -> Results:
        """``magnitude`` for ``case``, in float64; remembered as well."""

        def compute() -> Results:
            wide = _widened(case)
            if self.magnitude is not None:
                return self.magnitude(**wide)
            return self.truth(**{name: abs(np.asarray(value)) for name, value in wide.items()})

        return _remembered(self._size, case, compute)

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the stub of the exercise notebook."""
        return handle.kind() == "stub"

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, or ``None``."""
        kind = handle.kind()
        if kind not in ("value", "class"):
            return None
        what = "is a class, not a function" if kind == "class" else "is not a function"
        return Problem(
            "kind",
            f"This {what}. Pass the function itself, without calling it: "
            f'check("{self.name}", {self.function})',
        )

    def subject(self, handle: Handle) -> Subject:
        """The answer with a memory of the calls that the checks made."""
        return Subject(self, handle)

    def diagnose(self, subject: Subject, problem: Problem) -> Diagnosis | None:
        """The misconception that gives the answer's own results on every probe, if one does."""
        if problem.diagnosis is not None:
            return by_check(problem)
        probes = subject.probes()
        for misconception in self.misconceptions:
            concerned = problem.result is None or misconception.result in (None, problem.result)
            if concerned and misconception.fits(probes):
                sizes = {} if problem.case is None else self.domain.sizes(problem.case)
                return Diagnosis(misconception.name, misconception.says.format(**sizes))
        return None


class Subject:
    """An answer that is a function, as the checks see it; remembers the calls it has made."""

    def __init__(self, exercise: Function, handle: Handle) -> None:
        self.exercise = exercise
        self._handle = handle
        self._outcomes: dict[object, Outcome] = {}

    def call(self, case: Case, layout: Layout = "contiguous") -> Outcome:
        """What the answer does with ``case``; each call is made once."""
        key = (layout, _fingerprint(case))
        if key not in self._outcomes:
            self._outcomes[key] = self._handle.call(*case.values(), layout=layout)
        return self._outcomes[key]

    def smallest(
        self, judge: Callable[[Case], Problem | None], cases: Iterable[Case] | None = None
    ) -> Problem | None:
        """The problem with the smallest input that has one."""
        domain = self.exercise.domain
        found = smallest(domain, domain.cases() if cases is None else cases, judge)
        return None if found is None else found[1]

    def warned(self, case: Case) -> Raised | None:
        """The first line at which NumPy warns of overflow, division by 0 or nan on ``case``."""
        source = (
            "with np.errstate(divide='raise', over='raise', invalid='raise'):\n"
            f"    {self.exercise.function}({', '.join(case)})"
        )
        outcome = self._handle.run(source, case, [], name=self.exercise.function)
        warns = isinstance(outcome, Raised) and outcome.type == "FloatingPointError"
        return outcome if isinstance(outcome, Raised) and warns else None

    def shape(self, case: Case, result: str, layout: Layout = "contiguous") -> Array | Problem:
        """``result`` as returned for ``case``, if it has the right type and shape."""
        found = self._result(self.call(case, layout), case, result)
        if isinstance(found, Problem):
            return replace(found, case=case)
        truth = self.exercise.right(case)[result]
        if found.shape != np.shape(truth):
            return replace(self._misshapen(found, truth, result, case), case=case)
        return found

    def value(
        self, case: Case, result: str, layout: Layout = "contiguous", dtype: Any = np.float64
    ) -> Problem | None:
        """The problem with ``result`` on ``case``, entry by entry, up to rounding in ``dtype``."""
        found = self.shape(case, result, layout)
        if isinstance(found, Problem):
            return found
        truth = np.asarray(self.exercise.right(case)[result])
        allowed = rounding(self.exercise.size(case)[result], case, dtype)
        with np.errstate(invalid="ignore", over="ignore"):
            right = np.abs(found.astype(np.result_type(found, truth)) - truth) <= allowed
        if right.all():
            return None
        return self._unequal(case, result, found, truth, right)

    def probes(self) -> list[known.Probe]:
        """What the answer does on the probes of the domain, for the recognition of mistakes."""
        probes = []
        for case in self.exercise.domain.probes():
            outcome = self.call(case)
            returned: dict[str, Array] | None = None
            if not isinstance(outcome, Raised):
                returned = {}
                for result in self.exercise.returns:
                    value = self._result(outcome, case, result)
                    if not isinstance(value, Problem):
                        returned[result] = value
            sizes = self.exercise.domain.sizes(case)
            probes.append(known.Probe(case, sizes, self.exercise.right(case), returned))
        return probes

    def _result(self, outcome: Outcome, case: Case, result: str) -> Array | Problem:
        """``result`` as an array, if the outcome is of the right form."""
        names = list(self.exercise.returns)
        if isinstance(outcome, Raised):
            return self.exception(outcome)
        if isinstance(outcome, NotData):
            found = self._foreign(f"something with a {outcome.type} in it", outcome)
            if outcome.type == "matrix":
                hint = "np.matrix is a kind of its own; np.asarray makes a plain array of it."
                return replace(found, hints=(hint,))
            return found
        value = outcome.value
        if value is None:
            last = f"Its last line should be: return {', '.join(names)}"
            shown = printed(outcome)
            if shown:
                last = f"print shows a result to a reader; only return hands it on. {last}"
            return Problem(
                "none",
                "Your function returns nothing (None). Is a return missing?",
                shown=shown,
                hints=(last,),
            )
        if len(names) > 1:
            if not isinstance(value, (tuple, list)):
                return self._foreign(described(value), outcome)
            if len(value) != len(names):
                return self._foreign(f"{len(value)} results", outcome)
            value = value[names.index(result)]
        single = self.exercise.returns[result] == ""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        array = isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
        if not array and not (single and number):
            return self._mistyped(value, result, single, outcome)
        return np.asarray(value)

    def _mistyped(self, value: Any, result: str, single: bool, outcome: Outcome) -> Problem:
        wanted = "a single number" if single else "a NumPy array of numbers"
        hints: tuple[str, ...] = ()
        if isinstance(value, tuple) and len(value) == 1:
            hints = ("Is there a comma at the end of your return? It makes a tuple.",)
        elif isinstance(value, list) and not single:
            hints = ("np.array(...) makes an array of a list.",)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "b":
            hints = ("A comparison answers True or False at each place. What does it multiply?",)
        return Problem(
            "type",
            f"Your {result} is {described(value)}; it must be {wanted}.",
            result,
            shown=printed(outcome),
            hints=hints,
        )

    def _foreign(self, what: str, outcome: Outcome) -> Problem:
        names = list(self.exercise.returns)
        wanted = f"{len(names)} results" if len(names) > 1 else names[0]
        listed = f": {', '.join(names)}" if len(names) > 1 else ""
        verdict = f"Your function returns {what} instead of {wanted}{listed}."
        hints = (f"Its last line should be: return {', '.join(names)}",)
        return Problem("form", verdict, shown=printed(outcome), hints=hints)

    def exception(self, raised: Raised) -> Problem:
        """The problem that the answer raises an exception, shown at the learner's line."""
        error = f"{raised.type}: {raised.message}".rstrip(": ")
        if raised.line is None:
            verdict = f"Your function cannot be called as {self.exercise.signature}."
            return Problem("raised", verdict, shown=(("raises", error),), hints=())
        verdict = f"Your function stops with {article(raised.type)} on this input."
        shown = [(raised.where, raised.source), ("raises", error)]
        if meaning := in_plain_words(raised.message):
            shown.append(("that is", meaning))
        hints: Sequence[str] | None = ()
        if raised.type == "ValueError":
            hints = None
        elif raised.type == "IndexError":
            hints = (
                "Print the index and the length before this line. What your function prints is "
                "shown here, for this input.",
            )
        return Problem("raised", verdict, shown=(*shown, *printed(raised)), hints=hints)

    def _misshapen(self, found: Array, truth: Array, result: str, case: Case) -> Problem:
        axes = self.exercise.returns[result].split()
        if axes[:1] == ["like"]:
            wanted = f"the shape of {axes[1]}, {np.shape(truth)}"
        elif axes:
            names = ", ".join(axes) + ("," if len(axes) == 1 else "")
            wanted = f"shape ({names}), here {np.shape(truth)}"
        else:
            wanted = "no axes: a single number"
        yours, expected = pair(found, np.asarray(truth), len(f"{result} = "))
        return Problem(
            "shape",
            f"Your {result} has shape {found.shape}; it must have {wanted}.",
            result,
            shown=(
                ("yours", f"{result} = {yours}"),
                ("expected", f"{result} = {expected}"),
                *printed(self.call(case)),
            ),
        )

    def _unequal(
        self, case: Case, result: str, found: Array, truth: Array, right: Array
    ) -> Problem:
        yours, expected = pair(found, truth, len(f"{result} = "), right)
        shown = [("yours", f"{result} = {yours}"), ("expected", f"{result} = {expected}")]
        shown += differing(right)
        shown += nearly(found, truth, right)
        index = tuple(int(i) for i in np.argwhere(~right)[0])
        if self.exercise.because is not None:
            reason = self.exercise.because(result, index, float(truth[index]))
            if reason:
                shown.append(("because", reason))
        what = "has the right shape but wrong values" if truth.ndim else "is the wrong number"
        if not np.isfinite(found[~right]).all():
            what = "contains values that are not numbers (nan or inf)"
        return Problem(
            "value",
            f"Your {result} {what}.",
            result,
            case,
            shown=tuple(shown) + printed(self.call(case)),
        )


def rounding(magnitude: Any, case: Case, dtype: Any) -> Any:
    """How far two correct computations in ``dtype`` can be apart, entry by entry.

    A sum of n products, added up in any order, is within n u Σ|x||w| of the exact one, u = eps / 2
    (Higham, 2002, section 3.1; second-order terms are below the factor of 2 that is added here for
    an operation or two more). So two of them are within n eps Σ|x||w|. All sums of an exercise are
    shorter than the number of entries of its input, and ``magnitude`` is that Σ|x||w|.
    """
    terms = sum(np.size(value) for value in case.values()) + 2
    return 2 * terms * np.finfo(dtype).eps * np.asarray(magnitude)


def adjoint(linear: Callable[[Array], Array], dy: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of ⟨dy, linear(v)⟩ with respect to v, of the given shape, by its definition.

    Entry k is ⟨dy, linear(e_k)⟩, where e_k is 1 at k and 0 elsewhere: how much the scalar grows
    when entry k grows by 1. This needs the forward direction only, and no formula for a gradient.
    """
    gradient = np.zeros(shape)
    for k in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[k] = 1.0
        gradient[k] = np.sum(dy * linear(unit))
    return gradient


def complex_step(scalar: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
    """The gradient of ``scalar`` at nudge 0; ``scalar`` takes a stack of nudges along axis 0.

    Nudge an entry by ih, and the imaginary part of the scalar is h times the slope (Squire &
    Trapp, 1998). Nothing is subtracted, so with h = 1e-30 the slope is exact up to rounding. This
    needs the forward direction only, computed by functions that know complex numbers.
    """
    size = int(np.prod(shape))
    nudges = 1j * TINY * np.eye(size).reshape(size, *shape)
    return np.asarray(scalar(nudges).imag / TINY).reshape(shape)


def _remembered(
    known: dict[object, Results], case: Case, compute: Callable[[], Results]
) -> Results:
    key = _fingerprint(case)
    if key not in known:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[key] = compute()
    return known[key]


def _fingerprint(case: Case) -> tuple[object, ...]:
    return tuple(
        (value.shape, value.dtype.str, value.tobytes())
        if isinstance(value, np.ndarray)
        else repr(value)
        for value in case.values()
    )


def _widened(case: Case) -> Case:
    return {
        name: value.astype(np.float64)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in case.items()
    }
