"""The inside of the sandbox: run the learner's cells, then do what the checks ask of the answers.

A request is a tuple, its first entry the name of a method of :class:`Worker`; the reply is what
that method returns. Both are messages of :mod:`~chainrule.grading.grader.codec`. This process
belongs to the learner's code as much as to ours, which may change anything here, and the other end
believes nothing but data: whatever arrives there was computed by the learner, one way or another.
"""

from __future__ import annotations

import importlib
import linecache
import os
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.grading.grader.codec import LENGTHS, EncodeError, decode, encode
from chainrule.grading.grader.magics import without_magics
from chainrule.grading.handles import (
    LONGEST,
    Data,
    InProcess,
    Layout,
    NotData,
    Outcome,
    Raised,
)

READY = "ready"
SEED = 0


def serve(requests: int, replies: int) -> None:
    """Answer requests until there are no more."""
    worker = Worker()
    reply: Any = READY
    while True:
        _send(replies, reply)
        request = _receive(requests)
        if request is None:
            return
        try:
            reply = getattr(worker, request[0])(*request[1:])
        except BaseException as error:  # the learner's: KeyboardInterrupt, GeneratorExit, ...
            reply = Raised(type(error).__name__, _message(error))


def _send(replies: int, reply: Any, write: Any = os.write) -> None:
    try:
        message = encode(reply)
    except EncodeError as error:
        message = encode(NotData(str(error)))
    except BaseException as error:
        message = encode(Raised(type(error).__name__, _message(error)))
    view = memoryview(message)
    while view:
        view = view[write(replies, view) :]


def _receive(requests: int) -> Any:
    start = _read(requests, LENGTHS.size)
    if start is None:
        return None
    rest = _read(requests, sum(LENGTHS.unpack(start)))
    return None if rest is None else decode(start + rest)


def _read(requests: int, size: int, read: Any = os.read) -> bytes | None:
    parts = []
    while size:
        part = read(requests, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _message(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST]
    except BaseException:
        return ""


class Worker:
    """The learner's notebook: a namespace, filled cell by cell, and the answers in it."""

    def __init__(self) -> None:
        # Dataclasses and others look up the module of a class, so the notebook is a real one.
        self._module = types.ModuleType("__main__")
        self._space = self._module.__dict__
        self._space["display"] = lambda *shown, **options: None
        sys.modules["__main__"] = self._module
        self._seeded = False

    def cell(self, number: int, source: str) -> Outcome:
        """Run one cell; the lines that only IPython understands are left out."""
        if "random" in source and not self._seeded:
            _seed()
            self._seeded = True
        name = f"<cell {number}>"
        left_out: list[str] = []
        try:
            compile(source, name, "exec", dont_inherit=True)
        except SyntaxError:
            source, left_out = without_magics(source)
        lines = source.splitlines(keepends=True)
        linecache.cache[name] = (len(source), None, lines, name)

        def run() -> list[str]:
            code = compile(source, name, "exec", dont_inherit=True)
            exec(code, self._space)
            return left_out

        return InProcess(run).call()

    def defined(self, names: Sequence[str]) -> tuple[str, ...]:
        """Which of ``names`` the notebook has defined."""
        return tuple(name for name in names if name in self._space)

    def kind(self, name: str, given: Sequence[str]) -> str:
        """See :meth:`chainrule.grading.handles.Handle.kind`."""
        return self._answer(name).kind(given)

    def read(self, name: str) -> Outcome:
        """See :meth:`chainrule.grading.handles.Handle.read`."""
        return self._answer(name).read()

    def call(self, name: str, arguments: Sequence[Data], layout: Layout) -> Outcome:
        """See :meth:`chainrule.grading.handles.Handle.call`."""
        return self._answer(name).call(*arguments, layout=layout)

    def run(
        self,
        answer: str,
        program: str,
        inputs: Mapping[str, Data],
        results: Sequence[str],
        name: str,
    ) -> Outcome:
        """See :meth:`chainrule.grading.handles.Handle.run`."""
        return self._answer(answer).run(program, inputs, results, name=name)

    def _answer(self, name: str) -> InProcess:
        return InProcess(self._space[name])


def _seed() -> None:
    """Give all randomness that nobody has seeded a seed, so that a second run does the same."""
    standard, numpys = map(importlib.import_module, ("random", "numpy.random"))
    standard.seed(SEED)
    numpys.seed(SEED)
    # Where default_rng() without a seed takes its entropy from.
    numpys.bit_generator.randbits = standard.Random(SEED).getrandbits
