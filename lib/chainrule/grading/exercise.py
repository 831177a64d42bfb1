"""What an exercise is: a domain of inputs, the truth on them, and the checks an answer must pass.

A check is a property. It gets a :class:`Subject`, the answer behind its handle, and returns the
:class:`Problem` it found, or ``None``. The basic checks come first (the shapes, each result's
values); the others (dtype, empty batch, ...) run once these pass, so that an array of zeros in the
right shape earns the shape and no more.

Comparing is strict. Shapes must be equal before entries are compared, so nothing is broadcast, and
entries may differ by rounding only, see :func:`rounding`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from chainrule.grading import misconceptions as known
from chainrule.grading.handles import Handle, Layout, NotData, Outcome, Raised, Returned
from chainrule.grading.literals import pair
from chainrule.grading.numpy_errors import in_plain_words
from chainrule.grading.search import Arrays, Case, Domain, real_numbers, smallest, whole_numbers

Array = np.ndarray[Any, Any]
Results = Mapping[str, Array]

MOST_REMEMBERED = 2_000  # inputs of an exercise whose truth is kept; a check meets some hundreds
DEFAULT_HINT = (
    "Compute the input shown above by hand, with a pencil, and find the first number that differs."
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer.

    Attributes
    ----------
    kind : str
        The way in which it fails; it stays the same while the input is made smaller.
    verdict : str
        One sentence to the learner.
    result : str, optional
        The result that is wrong.
    case : dict, optional
        The input, argument by argument.
    shown : tuple of (label, text)
        What came out and what was expected, line by line.
    diagnosis : str, optional
        The misconception, if the check itself knows it.
    hints : sequence of str, optional
        Hints that fit better than those of the check.
    """

    kind: str
    verdict: str
    result: str | None = None
    case: Case | None = None
    shown: tuple[tuple[str, str], ...] = ()
    diagnosis: str | None = None
    hints: Sequence[str] | None = None


@dataclass(frozen=True)
class Check:
    """One property of an answer.

    Attributes
    ----------
    name : str
        As the learner reads it: ``3 of 8 checks pass (shapes, dX, dW)``.
    judge : callable
        Subject → the problem, or ``None``.
    hints : sequence of str
        From a nudge to nearly the answer; each one idea, under 80 words.
    basic : bool
        Basic checks always run, the others once all basic ones pass.
    graded : bool
        Runs only when an instructor grades, not in :func:`chainrule.grading.check`.
    """

    name: str
    judge: Callable[[Any], Problem | None]
    hints: Sequence[str] = (DEFAULT_HINT,)
    basic: bool = False
    graded: bool = False


class Exercise(Protocol):
    """What :func:`chainrule.grading.report.evaluate` needs of an exercise."""

    @property
    def name(self) -> str:
        """Slug and answer, as in ``affine-layers.neuron``."""

    @property
    def checks(self) -> Sequence[Check]:
        """The properties that an answer must have, in the order in which they run."""

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the stub of the exercise notebook."""

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, such as a number for a function."""

    def subject(self, handle: Handle) -> Any:
        """What the checks judge."""

    def diagnose(self, subject: Any, problem: Problem) -> str | None:
        """The misconception that explains ``problem`` exactly, if one does."""


# --- exercises that ask for a function ------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    """An exercise whose answer is a function of numbers and arrays.

    Attributes
    ----------
    name : str
    domain : Domain
        The inputs. The arguments are passed by position, in the domain's order.
    returns : mapping
        Result → its shape in the dimensions of the domain; ``""`` is a single number.
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
    """

    name: str
    domain: Domain
    returns: Mapping[str, str]
    truth: Callable[..., Results]
    checks: Sequence[Check]
    mistakes: Sequence[known.Misconception] = ()
    magnitude: Callable[..., Results] | None = None
    because: Callable[[str, tuple[int, ...], float], str] | None = None
    misconceptions: tuple[known.Misconception, ...] = field(init=False)
    _right: dict[object, Results] = field(init=False, repr=False, default_factory=dict)
    _size: dict[object, Results] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        own = tuple(self.mistakes)
        names = {mistake.name for mistake in own}
        example = self.right(next(iter(self.domain.cases())))
        usual = tuple(m for m in known.usual(example) if m.name not in names)
        single = own + usual
        object.__setattr__(self, "misconceptions", (*single, *known.combined(single)))

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
        if handle.kind() != "value":
            return None
        return Problem(
            "kind",
            "This is not a function. Pass the function itself, without calling it: "
            f'check("{self.name}", {self.function})',
        )

    def subject(self, handle: Handle) -> Subject:
        """The answer with a memory of the calls that the checks made."""
        return Subject(self, handle)

    def diagnose(self, subject: Subject, problem: Problem) -> str | None:
        """The misconception that gives the answer's own results on every probe, if one does."""
        probes = subject.probes()
        for misconception in self.misconceptions:
            concerned = problem.result is None or misconception.result in (None, problem.result)
            if concerned and misconception.fits(probes):
                sizes = {} if problem.case is None else self.domain.sizes(problem.case)
                return misconception.says.format(**sizes)
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
            return self._foreign(f"something with a {outcome.type} in it", outcome)
        value = outcome.value
        if value is None:
            return Problem(
                "none",
                "Your function returns nothing (None). Is a return missing?",
                shown=_printed(outcome),
                hints=(f"Its last line should be: return {', '.join(names)}",),
            )
        if len(names) > 1:
            if not isinstance(value, (tuple, list)):
                return self._foreign(_described(value), outcome)
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
        return Problem(
            "type",
            f"Your {result} is {_described(value)}; it must be {wanted}.",
            result,
            shown=_printed(outcome),
            hints=hints,
        )

    def _foreign(self, what: str, outcome: Outcome) -> Problem:
        names = list(self.exercise.returns)
        wanted = f"{len(names)} results" if len(names) > 1 else names[0]
        listed = f": {', '.join(names)}" if len(names) > 1 else ""
        verdict = f"Your function returns {what} instead of {wanted}{listed}."
        hints = (f"Its last line should be: return {', '.join(names)}",)
        return Problem("form", verdict, shown=_printed(outcome), hints=hints)

    def exception(self, raised: Raised) -> Problem:
        """The problem that the answer raises an exception, shown at the learner's line."""
        error = f"{raised.type}: {raised.message}".rstrip(": ")
        if raised.line is None:
            verdict = f"Your function cannot be called as {self.exercise.signature}."
            return Problem("raised", verdict, shown=(("raises", error),), hints=())
        verdict = f"Your function stops with {_article(raised.type)} on this input."
        shown = [(f"line {raised.line}", raised.source), ("raises", error)]
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
        return Problem("raised", verdict, shown=(*shown, *_printed(raised)), hints=hints)

    def _misshapen(self, found: Array, truth: Array, result: str, case: Case) -> Problem:
        axes = self.exercise.returns[result].split()
        if axes:
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
                *_printed(self.call(case)),
            ),
        )

    def _unequal(
        self, case: Case, result: str, found: Array, truth: Array, right: Array
    ) -> Problem:
        yours, expected = pair(found, truth, len(f"{result} = "))
        shown = [("yours", f"{result} = {yours}"), ("expected", f"{result} = {expected}")]
        index = tuple(int(i) for i in np.argwhere(~right)[0])
        if truth.size > 1 and right.any():
            wrong = [_index(place) for place in np.argwhere(~right)]
            shown.append(("differ at", ", ".join(wrong[:4] + ["..."] * (len(wrong) > 4))))
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
            tuple(shown) + _printed(self.call(case)),
        )


def rounding(magnitude: Any, case: Case, dtype: Any) -> Any:
    """How far two correct computations in ``dtype`` can be apart, entry by entry.

    A sum of n products, added up in any order, is within n u Σ|x||w| of the exact one, u = eps / 2
    (Higham 2002, section 3.1; second-order terms are below the factor of 2 that is added here for
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


# --- checks of functions --------------------------------------------------------------------------


def shapes(*hints: str) -> Check:
    """Every result is there, is an array (or a number) and has its shape."""

    def judge(subject: Subject) -> Problem | None:
        def misshapen(case: Case) -> Problem | None:
            for result in subject.exercise.returns:
                found = subject.shape(case, result)
                if isinstance(found, Problem):
                    return found
            return None

        return subject.smallest(misshapen)

    return Check("shapes", judge, hints or (DEFAULT_HINT,), basic=True)


def values(result: str, *hints: str) -> Check:
    """``result`` is right, entry by entry, on inputs from small to large."""

    def judge(subject: Subject) -> Problem | None:
        return subject.smallest(lambda case: subject.value(case, result))

    return Check(result, judge, hints or (DEFAULT_HINT,), basic=True)


def keeps_float32(*hints: str) -> Check:
    """Arrays of float32 give arrays of float32, right to the precision of float32."""

    def judge(subject: Subject) -> Problem | None:
        def widened(case: Case) -> Problem | None:
            narrow = {name: _narrowed(value) for name, value in case.items()}
            for result in subject.exercise.returns:
                found = subject.shape(narrow, result)
                if isinstance(found, Problem):
                    return found
                if found.dtype != np.float32:
                    return Problem(
                        "dtype",
                        f"For float32 arrays your {result} is {found.dtype}; it must stay float32.",
                        result,
                        narrow,
                    )
                problem = subject.value(narrow, result, dtype=np.float32)
                if problem is not None:
                    return problem
            return None

        return subject.smallest(widened)

    default = (
        "Which line makes a new array or a new number, and of which dtype is it? "
        "np.zeros(shape) is float64 unless you say dtype=.",
    )
    return Check("float32", judge, hints or default)


def empty_batch(domain: Arrays, dimension: str, *hints: str) -> Check:
    """A batch without examples is a batch: sums over it are zero."""
    sizes = {axis: 2 + i for i, axis in enumerate(domain.dimensions)} | {dimension: 0}
    case = domain.filled(sizes, whole_numbers)

    def judge(subject: Subject) -> Problem | None:
        def fails(case: Case) -> Problem | None:
            return _first(subject.value(case, result) for result in subject.exercise.returns)

        return subject.smallest(fails, [case])

    default = (f"The input has {dimension} = 0. What is a sum over no terms at all?",)
    return Check("empty batch", judge, hints or default)


def strided(*hints: str) -> Check:
    """How arrays lie in memory makes no difference."""

    def judge(subject: Subject) -> Problem | None:
        def differs(case: Case) -> Problem | None:
            problem = _first(
                subject.value(case, result, layout="strided") for result in subject.exercise.returns
            )
            if problem is None:
                return None
            return replace(
                problem,
                verdict="Your function fails on arrays that are views into larger ones, "
                f"such as A[::2]. {problem.verdict}",
            )

        return subject.smallest(differs)

    default = ("Which line looks at the memory of an array rather than at its entries?",)
    return Check("views", judge, hints or default)


def leaves_inputs_alone(*hints: str) -> Check:
    """The arguments are as they were before the call."""

    def judge(subject: Subject) -> Problem | None:
        def changes(case: Case) -> Problem | None:
            outcome = subject.call(case)
            if not isinstance(outcome, Returned) or not outcome.changed:
                return None
            position, after = min(outcome.changed.items())
            argument = list(case)[position]
            before, after = pair(case[argument], after, len(f"{argument} = "))
            return Problem(
                "changed",
                f"Your function changes {argument}, which belongs to its caller.",
                case=case,
                shown=(("before", f"{argument} = {before}"), ("after", f"{argument} = {after}")),
            )

        return subject.smallest(changes)

    default = (
        "Look for an assignment that writes into an argument: A += ..., A[...] = ..., out=A, "
        "A.sort(). What does it do to the array of whoever called you?",
    )
    return Check("inputs unchanged", judge, hints or default)


def refuses(
    name: str, cases: Sequence[Case], error: str, why: Callable[[Case], str], *hints: str
) -> Check:
    """On ``cases`` the function raises ``error``; ``why`` says what is wrong with the input."""

    def judge(subject: Subject) -> Problem | None:
        for case in cases:
            outcome = subject.call(case)
            if isinstance(outcome, Raised) and outcome.type == error:
                continue
            if isinstance(outcome, Raised):
                verdict = f"Bad input must raise a {error}; your function raises {outcome.type}."
                shown = subject.exception(outcome).shown
            else:
                verdict = f"Your function accepts an input it must refuse: {why(case)}."
                shown = (("yours", _returned(outcome)), ("expected", _article(error)))
            return Problem("accepted", verdict, case=case, shown=shown)
        return None

    return Check(name, judge, hints or (DEFAULT_HINT,))


def whole_number(result: str, *hints: str) -> Check:
    """A count is an integer, not a float that happens to be whole."""

    def judge(subject: Subject) -> Problem | None:
        def fractional(case: Case) -> Problem | None:
            found = subject.shape(case, result)
            if isinstance(found, Problem) or found.dtype.kind in "iu":
                return found if isinstance(found, Problem) else None
            yours, expected = pair(found, np.asarray(int(found)))
            return Problem(
                "dtype",
                f"Your {result} is a float; things that are counted are counted in int.",
                result,
                case,
                (("yours", f"{result} = {yours}"), ("expected", f"{result} = {expected}")),
            )

        return subject.smallest(fractional)

    default = ("Which operation turns int into float? One of them is /, another np.zeros.",)
    return Check("whole number", judge, hints or default)


# --- exercises that ask for values ----------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """An exercise whose answer is a dictionary of short answers, each checked on its own.

    Attributes
    ----------
    name : str
    questions : mapping
        Question → callable: the answer → the problem with it, or ``None``. A blank never gets
        there.
    hints : mapping
        Question → hints.
    """

    name: str
    questions: Mapping[str, Callable[[Any], Problem | None]]
    hints: Mapping[str, Sequence[str]]

    @property
    def checks(self) -> Sequence[Check]:
        """One check for each question."""
        return tuple(
            Check(question, self._judge(question), self.hints[question], basic=True)
            for question in self.questions
        )

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the stub of the exercise notebook."""
        outcome = handle.read()
        if not isinstance(outcome, Returned):
            return False
        answers = outcome.value
        return answers is None or (
            isinstance(answers, dict)
            and bool(answers)
            and all(answer is None for answer in answers.values())
        )

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, or ``None``."""
        outcome = handle.read()
        if isinstance(outcome, NotData):
            what = f"has a {outcome.type} in it"
        elif isinstance(outcome, Returned) and not isinstance(outcome.value, dict):
            what = f"is {_described(outcome.value)}"
        else:
            return None
        return Problem(
            "kind",
            f"Your answer {what}. Keep the dictionary of the exercise and replace each ... in it.",
        )

    def subject(self, handle: Handle) -> Mapping[str, Any]:
        """The answers by question."""
        outcome = handle.read()
        assert isinstance(outcome, Returned)  # wrong_kind() has let it pass
        return {str(key): value for key, value in outcome.value.items()}

    def diagnose(self, subject: Mapping[str, Any], problem: Problem) -> str | None:
        """What the check itself knows about this answer."""
        return problem.diagnosis

    def _judge(self, question: str) -> Callable[[Mapping[str, Any]], Problem | None]:
        def judge(answers: Mapping[str, Any]) -> Problem | None:
            if question not in answers:
                return Problem("missing", f"Your answers have no entry for {question!r}.", question)
            if answers[question] is None:
                return Problem("blank", f"{question!r} still waits for your answer.", question)
            return self.questions[question](answers[question])

        return judge


# --- small helpers of the above -------------------------------------------------------------------


def sample(domain: Arrays, **sizes: int) -> Case:
    """One input of ``domain`` with real entries, for checks that need a particular size."""
    return domain.filled(sizes, real_numbers)


def _first(problems: Iterable[Problem | None]) -> Problem | None:
    return next((problem for problem in problems if problem is not None), None)


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


def _narrowed(value: Any) -> Any:
    return value.astype(np.float32) if isinstance(value, np.ndarray) else value


def _widened(case: Case) -> Case:
    return {
        name: value.astype(np.float64)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in case.items()
    }


def _index(index: Array) -> str:
    return "[" + ", ".join(str(int(i)) for i in index) + "]"


def _printed(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    text = "" if not outcome.printed else outcome.printed.rstrip()
    return (("prints", text),) if text else ()


def _returned(outcome: Outcome) -> str:
    if not isinstance(outcome, Returned):
        return "no exception"
    value = outcome.value
    items = value if isinstance(value, tuple) else (value,)
    return "returns " + ", ".join(pair(item, None)[0] for item in items)


def _described(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "one array" if value.dtype.kind in "fiu" else f"an array of {value.dtype}"
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return _article(type(value).__name__)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOUaeiou' else 'a'} {noun}"
