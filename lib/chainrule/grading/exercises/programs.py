"""Exercises whose answer is used by programs: a class, or a function that takes functions.

A :class:`Program` is a few lines that a learner can read and paste, and the expressions whose
values count. It runs twice: with the learner's answer, and with the *reference*, a right answer in
the check module. What the expressions give must agree. An author writes ::

    class Counter:                       # the reference
        def __init__(self):
            self.count = 0

        def add(self, n):
            self.count = self.count + n

    class Overwriting(Counter):          # a mistake that people make
        def add(self, n):
            self.count = n

    COUNTER = Programs(
        "toys.Counter",
        reference=Counter,
        given_methods=["__init__"],      # what the notebook's stub already has
        checks=[
            agrees(
                "add",
                [
                    Program("c = Counter()\\nc.add(2)", ["c.count"]),
                    Program("c = Counter()\\nc.add(2)\\nc.add(3)", ["c.count"]),
                    Program("c = Counter()\\nfor n in (1, 2, 4):\\n    c.add(n)", ["c.count"]),
                ],
                "What was in count before the second call, and what after it?",
            ),
        ],
        mistakes=[
            Mistake("overwritten", "add replaces the count; it has to add to it.", Overwriting),
        ],
    )

The last part of the exercise's name is what programs call the answer. Programs run from small to
large, so the failing one that the learner sees is the smallest. A reference that makes new objects
of its class makes them by ``type(self)(...)``, so that a mistake can inherit from it.

A :class:`Mistake` is a wrong reference. It is named to a learner only if their answer does on every
program of the failed check exactly what the wrong reference does, if that differs from the truth in
at least ``ENOUGH`` results there, and if nothing that the learner got right contradicts it. A
relation to the truth serves as well: twice, half, minus the expected numbers, or zeros, are there
already, for the results that end alike (``a.grad`` and ``b.grad``).

Results of a training are checked by :func:`chainrule.grading.exercises.learns`. For functions of
numbers and arrays use :class:`chainrule.grading.exercises.Function`, which finds the failing input
by itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.grading.error_messages import in_plain_words
from chainrule.grading.exercises.base import (
    DEFAULT_HINT,
    Array,
    Check,
    Diagnosis,
    Problem,
    article,
    by_check,
    printed,
)
from chainrule.grading.exercises.comparison import Difference, compare, numbers
from chainrule.grading.handles import (
    Data,
    Handle,
    InProcess,
    NotData,
    Outcome,
    Raised,
    Returned,
    identical,
)
from chainrule.grading.inspection import is_class
from chainrule.grading.literals import pair

# A program is short: it does some thousands of operations at most, each of which rounds by half an
# eps of numbers that are no larger than its results, or than 1, unless it states another magnitude.
ROUNDINGS = 4096
TOLERANCE = ROUNDINGS * float(np.finfo(np.float64).eps)  # 9.1e-13
# Exceptions that say all there is to say: a hint on the mathematics would lead away from them.
SLIPS = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError")
ENOUGH = 2  # results that tell a wrong reference from the truth
# Two different formulas do not come within this of each other in every result by chance.
SAME = 1e-10


@dataclass(frozen=True, eq=False)
class Program:
    """A few lines that use the answer, and what is asked of them.

    Attributes
    ----------
    source : str
    results : sequence of str
        Expressions, in the order in which a learner should look at them.
    inputs : mapping
        Names that hold numbers or arrays. Literals in the source are easier to read.
    says : str
        One sentence to the learner if a value is wrong; ``{result}`` is its expression. By
        default it says which result is wrong.
    because : str
        How the learner can see what is expected.
    expected : mapping, optional
        Expression → value, where the truth is stated rather than the reference's.
    raises : str
        The type of the exception that the program must end with, for bad input.
    tolerance : float
        How far a result may be from the truth, as a part of its size or of ``magnitude``,
        whichever is larger. Other than the default only with a reason.
    magnitude : float
        The size of the numbers on the way, if they are larger than the results and than 1.
    """

    source: str
    results: Sequence[str] = ()
    inputs: Mapping[str, Data] = field(default_factory=dict)
    says: str = ""
    because: str = ""
    expected: Mapping[str, Data] | None = None
    raises: str = ""
    tolerance: float = TOLERANCE
    magnitude: float = 1.0

    @property
    def size(self) -> int:
        """How much there is to read: syntax nodes and entries of inputs."""
        return len(list(ast.walk(ast.parse(self.source)))) + sum(
            np.size(value) for value in self.inputs.values()
        )


@dataclass(frozen=True)
class ProgramCheck(Check):
    """A check that runs programs, smallest first."""

    programs: Sequence[Program] = ()


@dataclass(frozen=True)
class Mistake:
    """A mistake with a name: a wrong reference, or a relation to the truth.

    Attributes
    ----------
    name : str
    says : str
        What the learner is told. ``{result}`` is the expression of the failing result.
    reference : class or function, optional
        What an answer with this mistake is.
    relation : callable, optional
        Expected number or array → what the mistake makes of it.
    results : str
        For a relation: the ending of the results that it concerns, as in ``".grad"``; by default
        that of the failing result.
    """

    name: str
    says: str
    reference: Any = None
    relation: Callable[[Array], Array] | None = None
    results: str = ""


USUAL = (
    Mistake("zero", "Your {result} is zero whatever the program.", None, np.zeros_like),
    Mistake(
        "negated",
        "Your {result} is minus the expected one: every sign is turned around.",
        None,
        np.negative,
    ),
    Mistake("twice", "Your {result} is twice the expected one.", None, lambda v: 2 * v),
    Mistake("half", "Your {result} is half of the expected one.", None, lambda v: v / 2),
    Mistake(
        "transposed", "Your {result} is the transpose of the expected one.", None, np.transpose
    ),
)


@dataclass(frozen=True)
class Programs:
    """An exercise whose answer is used by programs.

    Attributes
    ----------
    name : str
        Slug and answer, as in ``"automatic-differentiation.Value"``.
    reference : class or function
        A right answer. Never asked where a program states what it expects.
    checks : sequence of Check
    mistakes : sequence of Mistake
        Those of this exercise. The usual ones (twice, half, negated, zero, transposed) are added.
    given : str
        Code that the notebook gives before the answer and that programs use.
    given_methods : sequence of str
        For a class: the methods that its stub already has, such as ``__init__``.
    may_use_library : bool
        Whether an answer may call what the library has on the subject.
    """

    name: str
    reference: Any
    checks: Sequence[Check]
    mistakes: Sequence[Mistake] = ()
    given: str = ""
    given_methods: Sequence[str] = ()
    may_use_library: bool = False
    _truths: dict[tuple[Any, Program], Outcome] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    @property
    def answer(self) -> str:
        """The name under which the learner writes the answer and programs use it."""
        return self.name.partition(".")[2]

    @property
    def noun(self) -> str:
        """What is asked for."""
        return "class" if is_class(self.reference) else "function"

    @property
    def all_mistakes(self) -> Sequence[Mistake]:
        """Those of this exercise, then the usual ones."""
        return (*self.mistakes, *USUAL)

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the stub of the exercise notebook."""
        return handle.kind(self.given_methods) == "stub"

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, or ``None``."""
        kind = handle.kind(self.given_methods)
        if kind in (self.noun, "library"):
            return None
        what = f"This is {article(kind)}, not a {self.noun}."
        if kind == "value":
            what = f"This is not a {self.noun}."
        call = f'check("{self.name}", {self.answer})'
        return Problem("kind", f"{what} Pass the {self.noun} itself, without calling it: {call}")

    def subject(self, handle: Handle) -> Session:
        """The answer with a memory of the programs that it has run."""
        return Session(self, handle)

    def diagnose(self, subject: Session, problem: Problem) -> Diagnosis | None:
        """The mistake that gives the answer's own results, if one does."""
        if problem.diagnosis is not None:
            return by_check(problem)
        for mistake in self.all_mistakes:
            if subject.makes(mistake, problem):
                return Diagnosis(
                    mistake.name, mistake.says.replace("{result}", str(problem.result))
                )
        return None

    def truth(self, program: Program) -> Mapping[str, Data]:
        """Expression → expected value.

        Raises
        ------
        RuntimeError
            If the program fails with the reference, which is the author's mistake.
        """
        if program.expected is not None:
            return program.expected
        outcome = self.outcome(self.reference, program)
        if not isinstance(outcome, Returned):
            raise RuntimeError(f"{self.name}: with the reference,\n{program.source}\n{outcome}")
        found: Mapping[str, Data] = outcome.value
        return found

    def outcome(self, reference: Any, program: Program) -> Outcome:
        """What ``program`` gives with the reference or a wrong one; remembered."""
        key = (reference, program)
        if key not in self._truths:
            self._truths[key] = self.run(InProcess(reference), program)
        return self._truths[key]

    def run(self, handle: Handle, program: Program) -> Outcome:
        """What ``program`` gives with the answer behind ``handle``."""
        source = f"{self.given}\n{program.source}" if self.given else program.source
        return handle.run(source, program.inputs, program.results, name=self.answer)


class Session:
    """An answer that programs use, as the checks see it; each program runs once."""

    def __init__(self, exercise: Programs, handle: Handle) -> None:
        self.exercise = exercise
        self._handle = handle
        self._outcomes: dict[Program, Outcome] = {}

    def run(self, program: Program) -> Outcome:
        """What ``program`` gives with this answer."""
        if program not in self._outcomes:
            self._outcomes[program] = self.exercise.run(self._handle, program)
        return self._outcomes[program]

    def again(self, program: Program) -> Outcome:
        """What ``program`` gives when it runs once more."""
        return self.exercise.run(self._handle, program)

    def problem(self, program: Program) -> Problem | None:
        """What is wrong with what ``program`` gives, or ``None``."""
        outcome = self.run(program)
        found = self._raising(program, outcome) if program.raises else self._wrong(program, outcome)
        if found is None:
            return None
        because = (("because", program.because),) if program.because else ()
        return replace(
            found,
            case=dict(program.inputs),
            program=program.source,
            shown=(*found.shown, *because, *printed(outcome)),
        )

    def _raising(self, program: Program, outcome: Outcome) -> Problem | None:
        if isinstance(outcome, Raised):
            if outcome.type == program.raises:
                return None
            verdict = f"This program must end with {article(program.raises)}."
            return Problem("accepted", program.says or verdict, shown=self._exception(outcome))
        verdict = f"Your {self.exercise.answer} accepts what it must refuse."
        shown = (("yours", "no exception"), ("expected", article(program.raises)))
        return Problem("accepted", program.says or verdict, shown=shown)

    def _wrong(self, program: Program, outcome: Outcome) -> Problem | None:
        answer = self.exercise.answer
        if isinstance(outcome, Raised):
            verdict = f"Your {answer} stops with {article(outcome.type)} in this program."
            if outcome.line is None:
                verdict = f"This program does not run with your {answer}."
            return Problem(
                f"raised {outcome.type}",
                verdict,
                outcome.program,
                shown=self._exception(outcome),
                hints=() if outcome.type in SLIPS else None,
            )
        truth = self.exercise.truth(program)
        if isinstance(outcome, NotData):
            verdict = f"Your {outcome.result} is or contains {article(outcome.type)}."
            _, expected = pair(None, truth.get(outcome.result))
            shown = (("expected", f"{outcome.result} = {expected}"),)
            return Problem("type", verdict, outcome.result, shown=shown)
        for result in program.results:
            difference = self._difference(program, outcome.value[result], truth[result])
            if difference is not None:
                return self._different(program, result, difference, outcome.value, truth)
        return None

    def _different(
        self,
        program: Program,
        result: str,
        difference: Difference,
        found: Mapping[str, Data],
        truth: Mapping[str, Data],
    ) -> Problem:
        indent = len(f"{result} = ")
        yours, expected = pair(found[result], truth[result], indent, difference.right)
        verdict = program.says.replace("{result}", result) if difference.kind == "value" else ""
        return Problem(
            difference.kind,
            verdict or f"Your {result} {difference.says}.",
            result,
            shown=(
                ("yours", f"{result} = {yours}"),
                ("expected", f"{result} = {expected}"),
                *difference.shown,
            ),
        )

    @staticmethod
    def _difference(program: Program, found: Data, truth: Data) -> Difference | None:
        return compare(found, truth, program.tolerance, program.magnitude)

    @staticmethod
    def _exception(raised: Raised) -> tuple[tuple[str, str], ...]:
        error = f"{raised.type}: {raised.message}".rstrip(": ")
        shown = [("at", raised.program)] if raised.program else []
        if raised.line is not None:
            shown.append((raised.where, raised.source))
        shown.append(("raises", error))
        if meaning := in_plain_words(raised.message):
            shown.append(("that is", meaning))
        return tuple(shown)

    # --- recognizing mistakes ---------------------------------------------------------------------

    def makes(self, mistake: Mistake, problem: Problem) -> bool:
        """Whether the answer makes ``mistake``, of which ``problem`` is a symptom."""
        basic = [c for c in self.exercise.checks if isinstance(c, ProgramCheck) and c.basic]
        others = [c for c in self.exercise.checks if isinstance(c, ProgramCheck) and not c.basic]
        shown = [c for c in (*basic, *others) if self._shows(c, problem)]
        if not shown:
            return False
        failed = shown[0]
        if mistake.relation is not None:
            return self._related(mistake, failed.programs, problem)
        agreeing = [self._same(mistake, program) for program in failed.programs]
        if None in agreeing or sum(filter(None, agreeing)) < ENOUGH:
            return False
        # What the learner got right elsewhere must be right with this mistake too.
        return not any(
            self._same(mistake, program) is None
            for check in basic
            for program in check.programs
            if self.problem(program) is None
        )

    @staticmethod
    def _shows(check: ProgramCheck, problem: Problem) -> bool:
        """Whether ``problem`` is of a program of ``check``, with its inputs and its results."""
        return any(
            program.source == problem.program
            and identical(dict(program.inputs), problem.case or {})
            and (problem.kind.startswith("raised") or problem.result in (None, *program.results))
            for program in check.programs
        )

    def _same(self, mistake: Mistake, program: Program) -> int | None:
        """In how many results the mistake tells; ``None`` if the answer does something else."""
        yours, wrong = self.run(program), self.exercise.outcome(mistake.reference, program)
        if isinstance(wrong, Raised):
            # An attribute that is missing from a number is another mistake than one that is missing
            # from an answer's object: whether the message names the answer tells them apart.
            name = self.exercise.answer
            same = (
                isinstance(yours, Raised)
                and yours.type == wrong.type
                and (name in yours.message) == (name in wrong.message)
            )
            return (0 if program.raises == wrong.type else 1) if same else None
        if isinstance(wrong, NotData) or isinstance(yours, NotData):
            return int(yours == wrong) or None
        if isinstance(yours, Raised):
            return None
        allowed = max(SAME, program.tolerance)
        if any(compare(yours.value[r], wrong.value[r], allowed) for r in program.results):
            return None
        if program.raises:
            return 1
        truth = self.exercise.truth(program)
        return sum(
            self._difference(program, wrong.value[r], truth[r]) is not None for r in program.results
        )

    def _related(self, mistake: Mistake, programs: Sequence[Program], problem: Problem) -> bool:
        """Whether all results that end like the failing one are related to the truth so."""
        ending = mistake.results or _ending(problem.result or "")
        assert mistake.relation is not None
        telling = 0
        for program in programs:
            concerned = [result for result in program.results if _ending(result) == ending]
            outcome = self.run(program)
            if program.raises or not concerned:
                continue
            if not isinstance(outcome, Returned):
                return False
            truth = self.exercise.truth(program)
            for result in concerned:
                expected = numbers(truth[result])
                if expected is None:
                    return False
                wrong = mistake.relation(expected)
                if compare(outcome.value[result], wrong, max(SAME, program.tolerance)):
                    return False
                telling += self._difference(program, wrong, truth[result]) is not None
        return telling >= ENOUGH


def _ending(result: str) -> str:
    """``.grad`` of ``a.grad``, ``()`` of a call, and an expression itself if it has no ending."""
    found = re.search(r"(\.\w+|\(.*\)|\[.*\])$", result)
    return found[0] if found else result


# --- checks of programs ---------------------------------------------------------------------------


def agrees(
    name: str,
    programs: Sequence[Program],
    *hints: str,
    basic: bool = True,
    graded: bool = False,
) -> ProgramCheck:
    """``programs`` give what they give with the reference, or what they state."""
    ordered = sorted(programs, key=lambda program: program.size)

    def judge(session: Session) -> Problem | None:
        found = (session.problem(program) for program in ordered)
        return next((problem for problem in found if problem is not None), None)

    return ProgramCheck(name, judge, hints or (DEFAULT_HINT,), basic, graded, ordered)


def inputs_unchanged(programs: Sequence[Program], *hints: str) -> ProgramCheck:
    """The inputs of ``programs`` are afterwards as they were before."""

    def judge(session: Session) -> Problem | None:
        for program in programs:
            outcome = session.run(program)
            if not isinstance(outcome, Returned) or not outcome.changed:
                continue
            position, after = min(outcome.changed.items())
            name = list(program.inputs)[position]
            before, now = pair(program.inputs[name], after, len(f"{name} = "))
            return Problem(
                "changed",
                f"Your {session.exercise.answer} changes {name}, which belongs to its caller.",
                case=dict(program.inputs),
                program=program.source,
                shown=(("before", f"{name} = {before}"), ("after", f"{name} = {now}")),
            )
        return None

    default = (
        "Look for an assignment that writes into an array that was handed in: A += ..., "
        "A[...] = .... What does it do to the array of whoever called you?",
    )
    return ProgramCheck("inputs unchanged", judge, hints or default, programs=programs)


def deterministic(program: Program, *hints: str) -> ProgramCheck:
    """Run twice, ``program`` gives the same to the last bit."""

    def judge(session: Session) -> Problem | None:
        first, second = session.run(program), session.again(program)
        if not isinstance(first, Returned) or not isinstance(second, Returned):
            return session.problem(program)
        for result in program.results:
            one, other = first.value[result], second.value[result]
            if not identical(one, other):
                texts = pair(one, other, len(f"{result} = "))
                return Problem(
                    "random",
                    "Run twice, this program gives two different results.",
                    case=dict(program.inputs),
                    program=program.source,
                    shown=(
                        ("first", f"{result} = {texts[0]}"),
                        ("then", f"{result} = {texts[1]}"),
                    ),
                )
        return None

    default = (
        "Where do your random numbers come from? Only from the rng that was passed in: np.random "
        "and a rng of your own know nothing of its seed.",
    )
    return ProgramCheck("deterministic", judge, hints or default, programs=[program])
