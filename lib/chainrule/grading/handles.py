"""How a check reaches an answer: through data, never through the learner's objects.

A check holds a :class:`Handle`. Everything it passes to a handle and everything it gets back is
*data*: ``None``, ``bool``, ``int``, ``float``, ``complex``, ``str``, NumPy arrays of numbers, and
tuples, lists and dictionaries (with ``str`` keys) of them. What becomes of a call is a value too:
:class:`Returned`, :class:`Raised` or :class:`NotData`; no exception of the learner's escapes.
So the same checks can judge an answer that lives in another process, and an answer cannot lie
about itself with a clever ``__eq__`` or a subclass of ``ndarray``: its methods are never asked.

A function of data is called. A class, or a function that takes functions, is used by a *program*: a
few lines of Python that run where the answer lives, and expressions whose values come back as data
(:meth:`Handle.run`). A learner can read such a program and paste it into a cell.

:class:`InProcess` is the handle of :func:`chainrule.grading.check`. It is made for learners who
grade themselves. It is no sandbox.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Protocol

import numpy as np

from chainrule.grading.inspection import is_class, is_empty, is_installed, uses_library

Data = Any
"""One of the types listed above; Python cannot spell the recursion usefully."""

Kind = Literal["function", "class", "stub", "library", "value"]
Layout = Literal["contiguous", "strided"]

DEEPEST = 16  # levels of nesting in returned data; more is a structure that contains itself
LONGEST = 2_000  # characters kept of what the learner's code prints or says


@dataclass(frozen=True)
class Returned:
    """The call, or the program, returned data."""

    value: Data
    """Of a program: expression → its value."""
    changed: dict[int, Data] = field(default_factory=dict)
    """Arguments or inputs that were changed in place: position → what it holds now."""
    printed: str = ""


@dataclass(frozen=True)
class Raised:
    """The call, or the program, raised an exception."""

    type: str
    message: str
    line: int | None = None
    """Number of the learner's line, counted in their cell or file; ``None`` if it is no line of
    theirs that fails, as when they are called with arguments that they do not take."""
    source: str = ""
    printed: str = ""
    program: str = ""
    """The line of the program, or the expression, that was being run."""
    helper: str = ""
    """The function around ``line``, if it stands in another cell or file than the answer."""

    @property
    def where(self) -> str:
        """What the learner's line is called: ``line 3``, or ``line 3 of logsumexp``."""
        return f"line {self.line} of {self.helper}" if self.helper else f"line {self.line}"


@dataclass(frozen=True)
class NotData:
    """The answer is, or contains, something that is not data; ``type`` is the name of its type."""

    type: str
    printed: str = ""
    result: str = ""
    """Of a program: the expression."""


Outcome = Returned | Raised | NotData


class Handle(Protocol):
    """An answer, wherever it lives."""

    def kind(self, given: Sequence[str] = ()) -> Kind:
        """What the answer is.

        A ``stub`` is a function whose body is still empty, or a class in whose body no method is
        filled in but those that the exercise gives, ``given``. An answer is of the ``library`` if
        it is, inherits from or calls something of ``chainrule``.
        """

    def read(self) -> Outcome:
        """The answer itself, for exercises that ask for a value."""

    def call(self, *arguments: Data, layout: Layout = "contiguous") -> Outcome:
        """Call the answer on copies of ``arguments``.

        ``layout`` is how arrays lie in memory where the answer runs: ``strided`` arrays are views
        that skip every other entry of a larger array.
        """

    def run(
        self, program: str, inputs: Mapping[str, Data], results: Sequence[str], *, name: str
    ) -> Outcome:
        """Run ``program``, then evaluate the expressions ``results``, in one namespace.

        The namespace holds the answer under ``name``, NumPy as ``np`` and copies of ``inputs``.
        """


PROGRAM, RESULT = "<program>", "<result>"  # where code of a check stands, for tracebacks


class InProcess:
    """The handle of an answer in this very process."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def kind(self, given: Sequence[str] = ()) -> Kind:
        """What the answer is; see :class:`Handle`."""
        if not callable(self._answer):
            return "value"
        if is_empty(self._answer, given):
            return "stub"
        if uses_library(self._answer):
            return "library"
        return "class" if is_class(self._answer) else "function"

    def read(self) -> Outcome:
        """The answer itself, as data."""
        try:
            return Returned(to_data(self._answer))
        except _NotDataError as error:
            return NotData(error.type)

    def call(self, *arguments: Data, layout: Layout = "contiguous") -> Outcome:
        """Call the answer on copies of ``arguments``; nothing that it raises escapes."""
        given = tuple(_copy(argument, layout) for argument in arguments)
        output = _Printed()
        answer: Callable[..., object] = self._answer  # type: ignore[assignment]
        try:
            with _quiet(output):
                value = answer(*given)
        except (Exception, SystemExit) as error:
            return _raised(error, output)
        printed = output.getvalue()[:LONGEST]
        try:
            changed = {
                i: to_data(after)
                for i, (before, after) in enumerate(zip(arguments, given, strict=True))
                if not identical(before, after)
            }
            return Returned(to_data(value), changed, printed)
        except _NotDataError as error:
            return NotData(error.type, printed)

    def run(
        self, program: str, inputs: Mapping[str, Data], results: Sequence[str], *, name: str
    ) -> Outcome:
        """Run ``program`` on copies of ``inputs``; nothing that the answer raises escapes."""
        code = compile(program, PROGRAM, "exec")
        expressions = {result: compile(result, RESULT, "eval") for result in results}
        given = {key: _copy(value, "contiguous") for key, value in inputs.items()}
        space = {"__name__": PROGRAM, "np": np, **given, name: self._answer}
        output = _Printed()
        result = ""
        found: dict[str, Data] = {}
        try:
            with _quiet(output):
                exec(code, space)
                for result, expression in expressions.items():
                    found[result] = to_data(eval(expression, space))
        except _NotDataError as error:
            return NotData(error.type, output.getvalue()[:LONGEST], result)
        except (Exception, SystemExit) as error:
            return _raised(error, output, program, result)
        printed = output.getvalue()[:LONGEST]
        try:
            changed = {
                i: to_data(given[key])
                for i, (key, before) in enumerate(inputs.items())
                if not identical(before, given[key])
            }
        except _NotDataError as error:
            return NotData(error.type, printed)
        return Returned(found, changed, printed)


class _NotDataError(Exception):
    def __init__(self, type_name: str) -> None:
        super().__init__(type_name)
        self.type = type_name


_NUMPY_SCALARS = frozenset(np.sctypeDict.values())


def to_data(value: object, depth: int = 0) -> Data:
    """A copy of ``value`` as data. ``...``, the blank of an exercise, becomes ``None``.

    Types are compared exactly: a subclass could answer for itself. NumPy's scalars become arrays
    without axes, which keeps their dtype.

    Raises
    ------
    _NotDataError
        If ``value`` is or contains anything else.
    """
    kind = type(value)
    if depth > DEEPEST:
        raise _NotDataError(f"{kind.__name__} that contains itself")
    if value is None or value is ...:
        return None
    if kind in (bool, int, float, complex, str):
        return value
    if kind in _NUMPY_SCALARS or kind is np.ndarray:
        array = np.array(value, order="C")
        if array.dtype.kind not in "biufc":
            raise _NotDataError(f"NumPy array of {array.dtype.name}")
        return array
    if kind is tuple or kind is list:
        return kind(to_data(item, depth + 1) for item in value)  # type: ignore[attr-defined]
    if kind is dict:
        plain: dict[Any, Any] = value  # type: ignore[assignment]
        for key in plain:
            if type(key) is not str:
                raise _NotDataError(f"dict with a key of type {type(key).__name__}")
        return {key: to_data(item, depth + 1) for key, item in plain.items()}
    raise _NotDataError(str(type.__dict__["__name__"].__get__(kind)))


def identical(a: Data, b: Data) -> bool:
    """Whether two pieces of data are the same to the last bit, types, dtypes and NaN included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(identical(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(a) == list(b) and all(identical(a[key], b[key]) for key in a)
    return bool(a == b) or (a != a and b != b)


def _copy(value: Data, layout: Layout) -> Data:
    if isinstance(value, np.ndarray):
        if layout == "contiguous" or value.ndim == 0:
            return value.copy()
        # The skipped entries are NaN, or the lowest integer, so that code which reads them anyway
        # cannot go unnoticed.
        integers = value.dtype.kind in "iu"
        skipped = np.iinfo(value.dtype).min if integers else np.nan
        wide = np.full([2 * size for size in value.shape], skipped, value.dtype)
        view = wide[(slice(None, None, 2),) * value.ndim]
        view[...] = value
        return view
    if isinstance(value, (tuple, list)):
        return type(value)(_copy(item, layout) for item in value)
    if isinstance(value, dict):
        return {key: _copy(item, layout) for key, item in value.items()}
    return value


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed; a loop may print without end."""

    def write(self, text: str) -> int:
        super().write(text[: max(LONGEST - self.tell(), 0)])
        return len(text)


@contextlib.contextmanager
def _quiet(output: io.StringIO) -> Any:
    """Keep what the learner's code prints, for the one call that is shown; drop warnings."""
    with (
        contextlib.redirect_stdout(output),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def _raised(
    error: BaseException, output: io.StringIO, program: str = "", result: str = ""
) -> Raised:
    try:
        message = str(error)
    except Exception:
        message = ""
    message = re.sub(r"0x[0-9a-fA-F]{6,}", "0x...", message)[:LONGEST]  # addresses differ each run
    line, source, helper = learners_line(error.__traceback__)
    running = result or _programs_line(error.__traceback__, program)
    printed = output.getvalue()[:LONGEST]
    return Raised(type(error).__name__, message, line, source, printed, running, helper)


def learners_line(trace: TracebackType | None) -> tuple[int | None, str, str]:
    """The deepest line that the learner wrote: not the check's, the library's or Python's own.

    Its number, its text, and its function if that stands elsewhere than the answer itself.
    """
    frames = [(f.f_code, line) for f, line in traceback.walk_tb(trace)]
    ours = (PROGRAM, RESULT)
    theirs = [
        (code, line)
        for code, line in frames[1:]
        if code.co_filename not in ours and not is_installed(code.co_filename)
    ]
    if not theirs:
        return None, "", ""
    code, line = theirs[-1]
    path = code.co_filename
    helper = code.co_name if path != theirs[0][0].co_filename else ""
    return line, linecache.getline(path, line).strip(), helper


def _programs_line(trace: TracebackType | None, program: str) -> str:
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename == PROGRAM:
            return program.splitlines()[line - 1].strip()
    return ""
