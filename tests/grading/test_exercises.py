"""The tests that keep the grader honest, over every exercise of the book."""

import dataclasses
import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

from chainrule.autograd import Tensor
from chainrule.functional import affine
from chainrule.grading.exercises import Exercise, Function, Mistake, Problem, Programs
from chainrule.grading.exercises.programs import ProgramCheck
from chainrule.grading.handles import InProcess, Returned
from chainrule.grading.misconceptions import Misconception, Probe
from chainrule.grading.report import Feedback, Report, evaluate
from tests.grading import sets
from tests.grading.codec import ThroughBytes


def report(exercise: Exercise, answer: Any) -> Report:
    return evaluate(exercise, InProcess(answer), graded=True)


_REPORTS: dict[tuple[str, int], Report] = {}


def first_report(exercise: Exercise, answer: Any) -> Report:
    """The report on an answer of ``tests/mutants``, which several tests ask for."""
    key = exercise.name, id(answer)  # these answers live as long as their module
    if key not in _REPORTS:
        _REPORTS[key] = report(exercise, answer)
    return _REPORTS[key]


def text(result: Report, hint: int = 1) -> str:
    return " ".join(repr(Feedback(result, hint)).split())


each_exercise = pytest.mark.parametrize("exercise", sets.EXERCISES, ids=lambda e: e.name)
each_function = pytest.mark.parametrize(
    "exercise", [e for e in sets.EXERCISES if isinstance(e, Function)], ids=lambda e: e.name
)
each_wrong = pytest.mark.parametrize(
    ("exercise", "answer", "check", "says"),
    [
        pytest.param(exercise, answer, check, says, id=f"{exercise.name}-{what}")
        for exercise, what, answer, check, says in sets.wrong()
    ],
)


def test_names_are_unique_and_belong_to_their_chapter() -> None:
    names = [exercise.name for exercise in sets.EXERCISES]
    assert not [name for name, count in Counter(names).items() if count > 1]
    for slug in sets.SLUGS:
        for exercise in sets.checks.exercises(slug):
            assert re.fullmatch(rf"{slug}\.[A-Za-z][A-Za-z0-9_]*", exercise.name)
            assert len({check.name for check in exercise.checks}) == len(exercise.checks)


@pytest.mark.parametrize(
    "exercise",
    [e for e in sets.EXERCISES if isinstance(e, Programs) and e.given],
    ids=lambda e: e.name,
)
def test_the_code_that_programs_are_given_is_in_the_notebook(exercise: Programs) -> None:
    """What a learner is shown can be pasted, so what it needs stands before the answer."""
    path = sets.ROOT / "exercises" / f"{sets.slug_of(exercise)}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    ids = [cell["id"] for cell in cells]
    before = cells[: ids.index(f"{exercise.answer}-check")]
    assert exercise.given.strip() in ["".join(cell["source"]) for cell in before]


@each_exercise
def test_the_solution_passes_every_check(exercise: Exercise) -> None:
    result = report(exercise, sets.solution(exercise))
    assert (result.state, result.missed, result.waiting) == ("pass", (), ()), text(result)
    assert len(result.passed) == len(exercise.checks)


@each_exercise
def test_the_untouched_stub_is_not_attempted(exercise: Exercise) -> None:
    result = report(exercise, sets.stub(exercise))
    assert (result.state, result.passed) == ("not-attempted", ())
    assert "not attempted yet" in text(result)


@each_wrong
def test_a_mutant_is_killed_by_its_check_with_its_message(
    exercise: Exercise, answer: Any, check: str, says: str, record_property: Any
) -> None:
    record_property("mutant", sets.slug_of(exercise))
    result = first_report(exercise, answer)
    assert (result.state, result.failed) == ("fail", check), text(result)
    assert says
    assert says in text(result)


@pytest.mark.parametrize("slug", sets.SLUGS)
def test_there_are_six_mutants_an_exercise_and_each_exercise_has_some(slug: str) -> None:
    mutants = Counter(exercise.name for exercise, *_ in sets.wrong())
    names = [exercise.name for exercise in sets.checks.exercises(slug)]
    assert set(sets.collection(slug).WRONG) == set(names)
    assert sum(mutants[name] for name in names) >= 6 * len(names)
    assert min(mutants[name] for name in names) >= 3


@pytest.mark.parametrize("slug", sets.SLUGS)
def test_each_check_of_an_exercise_kills_a_mutant(slug: str) -> None:
    """A check that no wrong answer fails has not been shown to check anything."""
    killed = {(exercise.name, check) for exercise, _, _, check, _ in sets.wrong()}
    for exercise in sets.checks.exercises(slug):
        idle = [c.name for c in exercise.checks if (exercise.name, c.name) not in killed]
        assert set(idle) <= {"views", "inputs unchanged", "empty batch"}, exercise.name


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [pytest.param(e, answer, id=f"{e.name}-{how}") for e, how, answer in sets.right()],
)
def test_another_right_answer_passes(exercise: Exercise, answer: Any) -> None:
    result = report(exercise, answer)
    assert result.state == "pass", text(result)


@each_exercise
def test_there_are_two_other_right_answers(exercise: Exercise) -> None:
    assert sum(e.name == exercise.name for e, *_ in sets.right()) >= 2


# --- answers that are wrong for every exercise ----------------------------------------------------


class Liar:
    """Equal to everything, of any shape, and every operation on it gives it back."""

    shape, dtype, ndim, size = (1, 1), np.dtype(float), 2, 1
    __array_priority__ = 1e9

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, *args: Any) -> "Liar":
        return self

    def __getattr__(self, name: str) -> Any:
        return self

    def __array_ufunc__(self, *args: Any, **options: Any) -> "Liar":
        return self

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        return iter([self])


class LyingArray(np.ndarray):
    def __eq__(self, other: object) -> Any:
        return True

    def __sub__(self, other: Any) -> Any:
        return np.zeros(self.shape)

    __rsub__ = __sub__


def lying(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.zeros_like(value).view(LyingArray)
    if isinstance(value, tuple):
        return tuple(map(lying, value))
    return Liar()


def raising(*_: Any) -> Any:
    raise RuntimeError("no")


def generating(*_: Any) -> Any:
    yield 1.0


def recursing(*arguments: Any) -> Any:
    return recursing(*arguments)


def leaving(*_: Any) -> Any:
    raise SystemExit


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ValueError


def raising_unprintable(*_: Any) -> Any:
    raise Unprintable


def looping_list(*_: Any) -> Any:
    endless: list[Any] = []
    endless.append(endless)
    return endless


HOSTILE = {
    "zero": lambda *_: 0.0,
    "one": lambda *_: 1.0,
    "nan": lambda *_: float("nan"),
    "array of nan": lambda *_: np.full((1, 1), np.nan),
    "empty array": lambda *_: np.array([]),
    "empty tuple": lambda *_: (),
    "string": lambda *_: "42",
    "None": lambda *_: print("computing") or None,
    "True": lambda *_: True,
    "dictionary": lambda *_: {},
    "its first argument": lambda *arguments: arguments[0],
    "its arguments": lambda *arguments: arguments,
    "complex": lambda *_: 1j,
    "object array": lambda *_: np.array([None, 1], dtype=object),
    "strings": lambda *_: np.array(["a"]),
    "liar": lambda *_: Liar(),
    "called liar": Liar(),
    "class": object,
    "exception": raising,
    "unprintable exception": raising_unprintable,
    "exit": leaving,
    "generator": generating,
    "endless recursion": recursing,
    "endless list": looping_list,
    "no arguments": lambda: 1.0,
    "a number": 3.0,
    "an array": np.ones(3),
    "a string": "affine",
    "a list": [1, 2],
    "a dictionary": {"x": 1},
    "a module": np,
    "an empty dictionary": {},
    "a liar": Liar(),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
@each_exercise
def test_a_hostile_answer_fails(exercise: Exercise, answer: Any) -> None:
    result = report(exercise, answer)
    assert result.state == "fail"
    assert len(result.passed) <= 1, "an answer without work earns at most its shape"
    assert "Traceback" not in text(result)


class LyingClass(Liar):
    def __init__(self, *_: Any) -> None:
        pass


class Zeros:
    """Every attribute, every method and every operation gives zero."""

    def __init__(self, *_: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return 0.0

    def __call__(self, *_: Any) -> Any:
        return self

    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __truediv__ = __pow__ = __call__


class Raising:
    def __init__(self, *_: Any) -> None:
        raise Unprintable


class Recursing:
    def __init__(self, *_: Any) -> None:
        self.inner = Recursing()


class Unhashable(type):
    __hash__ = None  # type: ignore[assignment]

    def __call__(cls, *_: Any) -> Any:
        return {}


class Strange(metaclass=Unhashable):
    def method(self) -> int:
        return 1


HOSTILE_CLASSES = {
    "lying class": LyingClass,
    "zeros": Zeros,
    "raising class": Raising,
    "endless class": Recursing,
    "strange metaclass": Strange,
    "float": float,
    "exception class": ValueError,
}


@pytest.mark.parametrize("answer", HOSTILE_CLASSES.values(), ids=HOSTILE_CLASSES.keys())
@each_exercise
def test_a_hostile_class_fails(exercise: Exercise, answer: Any) -> None:
    result = report(exercise, answer)
    assert result.state in ("fail", "not-attempted"), "a class that has the given methods alone"
    assert len(result.passed) <= 1, "an answer without work earns at most its shape"
    assert "Traceback" not in text(result)


def borrowing(*arguments: Any) -> Any:
    return affine(*arguments)


class Borrowing(Tensor):
    def half(self) -> Any:
        return self / 2


@pytest.mark.parametrize("answer", [affine, Tensor, borrowing, Borrowing], ids=lambda a: a.__name__)
@each_exercise
def test_the_librarys_own_code_is_no_attempt(exercise: Exercise, answer: Any) -> None:
    if exercise.may_use_library:
        assert report(exercise, answer).state == "fail"
        return
    result = report(exercise, answer)
    assert (result.state, result.passed) == ("not-attempted", ())
    assert "This calls the library's own code." in text(result)


class Corrupting(InProcess):
    """The answer, with every result of a program changed."""

    def __init__(self, answer: Any, change: Any) -> None:
        super().__init__(answer)
        self._change = change

    def run(self, *arguments: Any, **options: Any) -> Any:
        outcome = super().run(*arguments, **options)
        if isinstance(outcome, Returned):
            changed = {key: self._change(value) for key, value in outcome.value.items()}
            return dataclasses.replace(outcome, value=changed)
        return outcome


def numbers_in(value: Any, change: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(numbers_in(item, change) for item in value)
    if isinstance(value, dict):
        return {key: numbers_in(item, change) for key, item in value.items()}
    if isinstance(value, (bool, str, type(None))):
        return "spoiled"
    return change(value)


CORRUPTIONS = {
    "off by a thousandth": lambda v: v + 1e-3,
    "an axis too many": lambda v: np.asarray(v)[None],
    "text": str,
    "nothing": lambda v: None,
    "not a number": lambda v: v * np.nan,
}


class Mutating(InProcess):
    """The answer, which seems to change the first input of every program."""

    def run(self, program: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
        outcome = super().run(program, inputs, *arguments, **options)
        if isinstance(outcome, Returned) and isinstance(next(iter(inputs.values()), 0), np.ndarray):
            return dataclasses.replace(outcome, changed={0: next(iter(inputs.values())) + 1})
        return outcome


@pytest.mark.parametrize(
    "exercise", [e for e in sets.EXERCISES if isinstance(e, Programs)], ids=lambda e: e.name
)
def test_a_changed_input_of_a_program_is_noticed(exercise: Programs) -> None:
    programs = [p for c in exercise.checks if isinstance(c, ProgramCheck) for p in c.programs]
    if any(isinstance(next(iter(p.inputs.values()), 0), np.ndarray) for p in programs):
        result = evaluate(exercise, Mutating(sets.solution(exercise)), graded=True)
        assert result.failed == "inputs unchanged", "give it the check inputs_unchanged"


@pytest.mark.parametrize("change", CORRUPTIONS.values(), ids=CORRUPTIONS.keys())
@pytest.mark.parametrize(
    "exercise", [e for e in sets.EXERCISES if isinstance(e, Programs)], ids=lambda e: e.name
)
def test_every_program_notices_a_corrupted_result(exercise: Programs, change: Any) -> None:
    handle = Corrupting(sets.solution(exercise), lambda value: numbers_in(value, change))
    session = exercise.subject(handle)
    for check in exercise.checks:
        for program in check.programs if isinstance(check, ProgramCheck) else ():
            if program.results and not program.raises:
                assert session.problem(program) is not None, program.source


def nearly(change: Any) -> Any:
    """The solution with its results changed, or its arguments after they were used."""

    def make(exercise: Exercise) -> Any:
        solution = sets.solution(exercise)

        def answer(*arguments: Any) -> Any:
            return change(solution, *arguments)

        return answer

    return make


def over(value: Any, change: Any) -> Any:
    return tuple(map(change, value)) if isinstance(value, tuple) else change(value)


def write_into(solution: Any, first: Any, *others: Any) -> Any:
    result = solution(first, *others)
    if isinstance(first, list):
        first.append(1)
    else:
        first += 1
    return result


NEARLY = {
    "integers": nearly(lambda f, *a: over(f(*a), lambda v: np.asarray(v).astype(int) + 0)),
    "an axis too many": nearly(lambda f, *a: over(f(*a), lambda v: np.asarray(v)[None])),
    "flattened": nearly(lambda f, *a: over(f(*a), lambda v: np.ravel(v))),
    "a subclass": nearly(lambda f, *a: over(f(*a), lambda v: np.asarray(v).view(LyingArray))),
    "a lie": nearly(lambda f, *a: lying(f(*a))),
    "off by one part in a billion": nearly(lambda f, *a: over(f(*a), lambda v: v + 1e-9)),
    "in place": nearly(write_into),
    "text": nearly(lambda f, *a: str(f(*a))),
    "zeros": nearly(lambda f, *a: over(f(*a), lambda v: 0 * v)),
    "one thing more": nearly(lambda f, *a: (f(*a), 0.0)),
}


def counts(exercise: Function) -> bool:
    """Whether the right answer is made of integers."""
    truth = exercise.right(next(iter(exercise.domain.cases())))
    return all(np.asarray(value).dtype.kind in "iu" for value in truth.values())


def is_flat(exercise: Function) -> bool:
    """Whether every result has one axis, so that flattening it changes nothing."""
    truth = exercise.right(next(iter(exercise.domain.cases())))
    return all(np.ndim(value) == 1 for value in truth.values())


@pytest.mark.parametrize(
    ("exercise", "change"),
    [
        pytest.param(exercise, change, id=f"{exercise.name}-{name}")
        for exercise in sets.EXERCISES
        if isinstance(exercise, Function)
        for name, change in NEARLY.items()
        if not (name == "integers" and counts(exercise))
        and not (name == "flattened" and is_flat(exercise))
    ],
)
def test_a_nearly_right_answer_fails(exercise: Function, change: Any) -> None:
    result = report(exercise, change(exercise))
    assert result.state == "fail"


# --- diagnosis ------------------------------------------------------------------------------------


def making(exercise: Function, mistake: Misconception) -> Any:
    """A function that makes exactly this mistake."""

    def answer(*arguments: Any) -> Any:
        case = dict(zip(next(iter(exercise.domain.cases())), arguments, strict=True))
        truth = dict(exercise.right(case))
        probe = Probe(case, exercise.domain.sizes(case), truth, None)
        results = {**truth, **mistake.wrong(probe)}
        values = tuple(np.asarray(results[name]) for name in exercise.returns)
        return values if len(values) > 1 else values[0]

    return answer


def mistakes() -> Any:
    for exercise in sets.EXERCISES:
        if isinstance(exercise, Function):
            for mistake in exercise.misconceptions:
                yield pytest.param(exercise, mistake, id=f"{exercise.name}-{mistake.name}")


@pytest.mark.parametrize(("exercise", "mistake"), list(mistakes()))
def test_each_misconception_is_recognized_by_name(
    exercise: Function, mistake: Misconception
) -> None:
    """No other is taken for it, and it says its own words, with the sizes filled in."""
    subject = exercise.subject(InProcess(making(exercise, mistake)))
    case = exercise.domain.probes()[0]
    said = exercise.diagnose(subject, Problem("any", "Wrong.", mistake.result, case))
    assert said is not None
    words = re.sub(r"\{\w+\}", "\0", mistake.says)
    assert re.fullmatch(re.escape(words).replace("\0", r"\d+"), said.says), said.says
    assert said.name == mistake.name


def programs_mistakes() -> Any:
    for exercise in sets.EXERCISES:
        if isinstance(exercise, Programs):
            for mistake in exercise.mistakes:
                if mistake.reference is not None:
                    yield pytest.param(exercise, mistake, id=f"{exercise.name}-{mistake.name}")


class Own(InProcess):
    """A wrong reference, which stands in the library, as if a learner had written it."""

    def kind(self, given: Any = ()) -> Any:
        found = super().kind(given)
        return found if found == "value" else self._noun

    def __init__(self, answer: Any, noun: str) -> None:
        super().__init__(answer)
        self._noun = noun


@pytest.mark.parametrize(("exercise", "mistake"), list(programs_mistakes()))
def test_each_wrong_reference_is_recognized_by_name(exercise: Programs, mistake: Mistake) -> None:
    """No other is taken for it, and it says its own words."""
    result = evaluate(exercise, Own(mistake.reference, exercise.noun), graded=True)
    assert result.state == "fail"
    assert result.problem is not None
    assert result.diagnosis == mistake.says.format(result=result.problem.result), text(result)


@each_function
def test_no_misconception_is_seen_in_a_right_answer(exercise: Function) -> None:
    subject = exercise.subject(InProcess(sets.solution(exercise)))
    probes = subject.probes()
    assert not [m.name for m in exercise.misconceptions if m.fits(probes)]


# --- what the learner reads -----------------------------------------------------------------------


@each_exercise
def test_hints_are_short_ascii_and_sentences(exercise: Exercise) -> None:
    for check in exercise.checks:
        assert check.hints
        for hint in check.hints:
            assert len(hint.split()) < 80
            assert hint.isascii()
            assert hint.rstrip("`").endswith((".", "?"))


@each_wrong
def test_feedback_is_the_same_each_time_and_plain(
    exercise: Exercise, answer: Any, check: str, says: str
) -> None:
    first, second = first_report(exercise, answer), report(exercise, answer)
    assert repr(Feedback(first)) == repr(Feedback(second))
    assert Feedback(first)._repr_html_() == Feedback(second)._repr_html_()
    lines = repr(Feedback(first)).splitlines()
    assert all(line.isascii() for line in lines)
    assert "Traceback" not in "".join(lines)
    assert "chainrule/" not in "".join(lines)
    order = [
        next((i for i, line in enumerate(lines) if line.strip().startswith(start)), None)
        for start in ("expected", "Diagnosis:", "Hint 1", "Next hint:", f"{len(first.passed)} of")
    ]
    present = [place for place in order if place is not None]
    assert present == sorted(present)
    assert present[-1] is not None


# --- through another process ----------------------------------------------------------------------


def everything() -> Any:
    for exercise in sets.EXERCISES:
        yield pytest.param(exercise, sets.solution(exercise), id=f"{exercise.name}-solution")
        yield pytest.param(exercise, sets.stub(exercise), id=f"{exercise.name}-stub")
    for exercise, what, answer, _, _ in sets.wrong():
        yield pytest.param(exercise, answer, id=f"{exercise.name}-{what}")


@pytest.mark.parametrize(("exercise", "answer"), list(everything()))
def test_a_remote_answer_gets_the_same_report(exercise: Exercise, answer: Any) -> None:
    """Nothing but data passes between a check and an answer."""
    remote = evaluate(exercise, ThroughBytes(InProcess(answer)), graded=True)
    local = first_report(exercise, answer)
    assert text(remote) == text(local)
    for field in dataclasses.fields(Report):
        if field.name != "problem":
            assert getattr(remote, field.name) == getattr(local, field.name)
