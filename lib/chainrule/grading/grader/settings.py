"""What a run of the grader may be told: how long, how much, and how isolated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MIB = 2**20


@dataclass(frozen=True)
class Settings:
    """How one submission is graded. Two runs with equal settings give equal results.

    Attributes
    ----------
    slug : str
        The exercise set.
    trust : bool
        Run the learner's code without isolation.
    total_seconds, cell_seconds, call_seconds : float
        The longest that a submission, one of its cells, and one call of an answer may take, in
        seconds of wall-clock time.
    memory : int
        Bytes of memory for the learner's process.
    scratch : int
        Bytes of files it may write; they are in memory and vanish with it.
    largest : int
        Bytes of a notebook that is read at all.
    points : mapping
        Exercise, without the slug → its points; 1 if it is not mentioned.
    """

    slug: str
    trust: bool = False
    total_seconds: float = 60.0
    cell_seconds: float = 20.0
    call_seconds: float = 5.0
    memory: int = 1024 * MIB
    scratch: int = 64 * MIB
    largest: int = 20 * MIB
    points: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As data that JSON can hold, in a fixed order."""
        settings = asdict(self)
        settings["points"] = dict(sorted(self.points.items()))
        return settings
