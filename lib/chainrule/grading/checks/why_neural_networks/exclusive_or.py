"""Exclusive or by hand-set weights: neurons, judged by the functions that they compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.grading.exercises import Answers, Problem

Table = tuple[int, ...]  # what a neuron says to each of its inputs, in order

_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
_HIDDEN = ((0, 0), (1, 0), (1, 1))  # (OR, AND); AND without OR does not happen

_COMPUTED: dict[Table, str] = {
    (0, 0, 0, 0): "false whatever the inputs",
    (0, 0, 0, 1): "AND",
    (0, 0, 1, 0): "x1 but not x2",
    (0, 0, 1, 1): "x1, whatever x2 is",
    (0, 1, 0, 0): "x2 but not x1",
    (0, 1, 0, 1): "x2, whatever x1 is",
    (0, 1, 1, 1): "OR",
    (1, 0, 0, 0): "NOR, neither of the two",
    (1, 0, 1, 0): "not x2, whatever x1 is",
    (1, 0, 1, 1): "x1 or not x2",
    (1, 1, 0, 0): "not x1, whatever x2 is",
    (1, 1, 0, 1): "x2 or not x1",
    (1, 1, 1, 0): "NAND, not both",
    (1, 1, 1, 1): "true whatever the inputs",
}
_OF_HIDDEN: dict[Table, str] = {
    (0, 0, 0): "It says false to each of them. Is the bias too low?",
    (0, 0, 1): "It hands on h2, the AND. Exclusive or is true for h = (1, 0), where only one of x1 "
    "and x2 is 1.",
    (0, 1, 1): "It hands on h1, the OR. For h = (1, 1) the answer must be false: h2 has to pull "
    "the score down.",
    (1, 0, 0): "It is true where h1 is 0. Exclusive or needs h1, and must not have h2.",
    (1, 0, 1): "It says the opposite in all three cases: it is true where both inputs are equal.",
    (1, 1, 0): "It is true for h = (0, 0) as well. With no input at 1 the score is the bias alone.",
    (1, 1, 1): "It says true to each of them. Is the bias too high?",
}


@dataclass(frozen=True)
class _Neuron:
    inputs: Sequence[tuple[int, int]]
    table: Table
    names: tuple[str, str]
    computed: Mapping[Table, str]
    hints: tuple[str, str, str]


def _logical(table: Table, *hints: str) -> _Neuron:
    said = {other: f"Your neuron computes {what}." for other, what in _COMPUTED.items()}
    first, second, third = hints
    return _Neuron(_CORNERS, table, ("x1", "x2"), said, (first, second, third))


_NEURONS: dict[str, _Neuron] = {
    "OR": _logical(
        (0, 1, 1, 1),
        "What must the sign of the bias be, if the answer to (0, 0) is false?",
        "Each input alone has to lift the score above 0: w1 + b > 0 and w2 + b > 0.",
        "Take w1 = w2 = 1. Between which two numbers must b lie?",
    ),
    "AND": _logical(
        (0, 0, 0, 1),
        "One input alone must not suffice, both together must.",
        "Write down the four inequalities: b < 0, w2 + b < 0, w1 + b < 0, w1 + w2 + b > 0.",
        "Take w1 = w2 = 1. Between which two numbers must b lie?",
    ),
    "h1 but not h2": _Neuron(
        _HIDDEN,
        (0, 1, 0),
        ("h1", "h2"),
        _OF_HIDDEN,
        (
            "Which of the two hidden answers speaks for the result, and which against it?",
            "Three inequalities: b < 0, w1 + b > 0, w1 + w2 + b < 0. What sign must w2 have?",
            "Take w1 = 1 and b = -0.5. How far down must w2 pull?",
        ),
    ),
    "x1 but not x2": _logical(
        (0, 0, 1, 0),
        "For (1, 0) the score is w1 + b, for (1, 1) it is w1 + w2 + b. Which is positive?",
        "x2 has to pull the score below 0, even if x1 is 1: what sign must w2 have?",
        "Take w1 = 1 and b = -0.5. How far down must w2 pull?",
    ),
    "x2 but not x1": _logical(
        (0, 1, 0, 0),
        "It is the neuron of the question before, with its inputs exchanged.",
        "x1 has to pull the score below 0, even if x2 is 1: what sign must w1 have?",
        "Take w2 = 1 and b = -0.5. How far down must w1 pull?",
    ),
}


def _numbers(answer: Any) -> tuple[float, ...] | None:
    """Three finite numbers, or ``None``."""
    if isinstance(answer, np.ndarray):
        answer = answer.tolist() if answer.dtype.kind in "iuf" and answer.ndim == 1 else None
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        return None
    found = [entry.item() if isinstance(entry, np.ndarray) else entry for entry in answer]
    plain = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in found)
    return tuple(found) if plain and np.isfinite(found).all() else None


def _set_by_hand(question: str) -> Callable[[Any], Problem | None]:
    neuron = _NEURONS[question]

    def judge(answer: Any) -> Problem | None:
        weights = _numbers(answer)
        if weights is None:
            return Problem(
                "form",
                f"Your answer for {question!r} is not a neuron with two inputs.",
                question,
                shown=(("yours", repr(answer)),),
                diagnosis="A neuron is three numbers, its two weights and its bias: (w1, w2, b).",
            )
        w1, w2, b = weights
        scores = [w1 * first + w2 * second + b for first, second in neuron.inputs]
        table = tuple(int(score > 0) for score in scores)
        if table == neuron.table:
            return None
        wrong = next(k for k, said in enumerate(table) if said != neuron.table[k])
        first, second = neuron.inputs[wrong]
        return Problem(
            "neuron",
            f"Your neuron for {question!r} gets an input wrong.",
            question,
            shown=(
                ("for", f"{neuron.names[0]} = {first}, {neuron.names[1]} = {second}"),
                ("yours", f"score {scores[wrong]:g}, which is {_word(table[wrong])}"),
                ("expected", _word(neuron.table[wrong])),
            ),
            diagnosis=_explained(neuron, table, scores),
        )

    return judge


def _word(said: int) -> str:
    return "true" if said else "false"


def _explained(neuron: _Neuron, table: Table, scores: Sequence[float]) -> str:
    said = neuron.computed[table]
    if any(score == 0 and true for score, true in zip(scores, neuron.table, strict=True)):
        said += " A score of exactly 0 is false here: the step is 1 for z > 0 only."
    return said


NEURONS = Answers(
    "why-neural-networks.neurons",
    questions={question: _set_by_hand(question) for question in _NEURONS},
    hints={question: neuron.hints for question, neuron in _NEURONS.items()},
)
