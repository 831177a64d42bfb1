"""The life of one submission: its cells are run, its answers asked, and lost workers replaced.

Learner's code that never ends, or ends its process, costs what it was asked for and no more. A cell
that does so is left out when the notebook is run again in a new worker. A call that does so costs
the checks that make it; the others go on with a new worker, unless too many have been lost.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from chainrule.grading.grader.codec import encode
from chainrule.grading.grader.process import LostError, Process
from chainrule.grading.grader.settings import Settings
from chainrule.grading.handles import (
    LONGEST,
    Data,
    Kind,
    Layout,
    NotData,
    Outcome,
    Raised,
    Returned,
)
from chainrule.grading.literals import literal

Trouble = Literal["timeout", "died", "memory"]

MOST_LOST_CELLS = 3
MOST_FORGIVEN_CALLS = 3  # of a notebook, besides one of each exercise
MOST_SHOWN = 400  # characters of a call that never came back


class Session:
    """Workers for one notebook, one after the other.

    Parameters
    ----------
    cells : sequence of str
        The code of the notebook.
    settings : Settings

    Attributes
    ----------
    notes : dict
        Cell, from 1 → what became of it, if there is anything to say.
    troubles : list of str
        What went wrong with workers, in order: ``timeout``, ``died``, ``memory``.
    forgiven : int
        How many calls were lost by exercises that had lost one before.
    """

    def __init__(self, cells: Sequence[str], settings: Settings) -> None:
        self.notes: dict[int, str] = {}
        self.troubles: list[Trouble] = []
        self._cells = dict(enumerate(cells, 1))
        self._settings = settings
        self._deadline = time.monotonic() + settings.total_seconds
        self._process: Process | None = None
        self.forgiven = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def ask(self, *request: Any) -> Any:
        """The reply of a worker that has run the notebook.

        Raises
        ------
        LostError
            If the worker is lost over it, or time is up.
        SandboxError
            If no worker can be started.
        """
        if self._left() <= 0:
            self.troubles.append("timeout")
            raise self._late()
        if self._process is None:
            self._run_cells()
        return self._request(request, self._settings.call_seconds)

    def distrust(self, what: str) -> LostError:
        """The worker has replied what it cannot; end it."""
        self.close()
        self.troubles.append("died")
        return LostError("died", what)

    def note_memory(self, outcome: Outcome) -> None:
        """Remember if the code ran out of memory."""
        ran_out = isinstance(outcome, Raised) and outcome.type.endswith("MemoryError")
        if ran_out and "memory" not in self.troubles:
            self.troubles.append("memory")

    def _run_cells(self) -> None:
        lost = 0
        while self._process is None:
            self._process = Process(self._settings)
            for number, source in list(self._cells.items()):
                try:
                    outcome = self._request(("cell", number, source), self._settings.cell_seconds)
                except LostError as error:
                    lost += 1
                    if lost > MOST_LOST_CELLS or self._left() <= 0:
                        raise
                    self.notes[number] = f"left out: {error}"
                    del self._cells[number]
                    break
                self.note_memory(outcome)
                if said := _said_of_cell(outcome):
                    self.notes[number] = said

    def _request(self, request: tuple[Any, ...], seconds: float) -> Any:
        assert self._process is not None
        try:
            return self._process.request(*request, seconds=min(seconds, self._left()))
        except LostError as error:
            self._process = None
            self.troubles.append(error.why)
            if self._left() <= 0:
                raise self._late() from None
            if error.why == "timeout":
                raise LostError("timeout", f"still running after {seconds:g} s") from None
            raise

    def _late(self) -> LostError:
        limit = self._settings.total_seconds
        return LostError("timeout", f"the submission took {limit:g} s in all")

    def _left(self) -> float:
        return self._deadline - time.monotonic()


def _said_of_cell(outcome: Any) -> str:
    if isinstance(outcome, Raised):
        where = f", line {outcome.line}: {outcome.source}" if outcome.line else ""
        return f"{outcome.type}: {outcome.message}".rstrip(": ") + where
    if isinstance(outcome, Returned) and isinstance(outcome.value, list) and outcome.value:
        return "not run: " + "; ".join(str(line)[:80] for line in outcome.value[:5])
    return ""


class Remote:
    """The handle of an answer in a worker; see :class:`chainrule.grading.handles.Handle`.

    Every reply is looked at before a check sees it: the worker is the learner's.
    """

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._name = name
        self._asked: tuple[Data, ...] | str = ""
        self._read: Outcome | None = None
        self._lost: dict[bytes, LostError] = {}

    def kind(self, given: Sequence[str] = ()) -> Kind:
        """What the answer is."""
        kind: Kind = self._ask("kind", self._name, tuple(given))
        if isinstance(kind, Raised):  # the code of an answer was looked at, and that failed
            return "value"
        if type(kind) is not str or kind not in get_args(Kind):
            raise self._session.distrust("it replied what no answer is")
        return kind

    def read(self) -> Outcome:
        """The answer itself."""
        if self._read is None:  # once: the second time it might be another
            self._asked = self._name
            outcome = self._outcome(self._ask("read", self._name), 0)
            # Reading runs nothing, so what is raised there is raised by the answer's odd nature.
            self._read = NotData(outcome.type) if isinstance(outcome, Raised) else outcome
        return self._read

    def call(self, *arguments: Data, layout: Layout = "contiguous") -> Outcome:
        """Call the answer, over there."""
        self._asked = arguments
        outcome = self._ask("call", self._name, arguments, layout)
        return self._outcome(outcome, len(arguments))

    def run(
        self, program: str, inputs: Mapping[str, Data], results: Sequence[str], *, name: str
    ) -> Outcome:
        """Run ``program`` there."""
        self._asked = program
        outcome = self._outcome(
            self._ask("run", self._name, program, dict(inputs), tuple(results), name),
            len(inputs),
        )
        if isinstance(outcome, Returned) and (
            type(outcome.value) is not dict or list(outcome.value) != list(results)
        ):
            raise self._session.distrust("it replied with other results than were asked for")
        return outcome

    def _ask(self, *request: Any) -> Any:
        """The reply of a worker. What was lost before is lost again, without waiting for it."""
        if self._lost:
            known = self._lost.get(encode(request))
            if known is not None:
                raise known
            if self._session.forgiven >= MOST_FORGIVEN_CALLS:
                raise list(self._lost.values())[-1]
        try:
            return self._session.ask(*request)
        except LostError as error:
            self._session.forgiven += bool(self._lost)
            self._lost[encode(request)] = error
            raise

    def asked(self) -> str:
        """The last call or program, for a learner whose answer did not come back from it."""
        if isinstance(self._asked, str):
            return self._asked
        if sum(getattr(argument, "size", 1) for argument in self._asked) > MOST_SHOWN:
            return self._name
        text = f"{self._name}({', '.join(map(literal, self._asked))})"
        return text if len(text) <= MOST_SHOWN else self._name

    def _outcome(self, reply: Any, arguments: int) -> Outcome:
        if not isinstance(reply, (Returned, Raised, NotData)):
            raise self._session.distrust("it replied what no call gives")
        if isinstance(reply, Returned) and not set(reply.changed) <= set(range(arguments)):
            raise self._session.distrust("it changed an argument that it was not given")
        if isinstance(reply, Raised) and not reply.type.isidentifier():
            raise self._session.distrust("it raised what has no name")
        self._session.note_memory(reply)
        texts: dict[str, Any] = {
            key: text[:LONGEST]
            for key, text in vars(reply).items()
            if key != "value" and type(text) is str
        }
        return dataclasses.replace(reply, **texts)
