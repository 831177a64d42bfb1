"""Predict the mistakes of a perceptron whose data have been changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from chainrule.grading.checks.why_neural_networks.perceptron import (
    CORNERS,
    GATES,
    run_perceptron,
)
from chainrule.grading.exercises import Answers, Array, Problem

_AND, _OR, _XOR = GATES.values()
_RUNS: dict[str, tuple[Array, Array]] = {
    "perceptron(10 * X, AND, 1000)": (10 * CORNERS, _AND),
    "perceptron(X, -AND, 1000)": (CORNERS, -_AND),
    "perceptron(twice_X, twice_AND, 1000)": (np.vstack([CORNERS] * 2), np.tile(_AND, 2)),
    "perceptron(X, XOR, 1000)": (CORNERS, _XOR),
    "perceptron(X, AND_01, 1000)": (CORNERS, (_AND + 1) / 2),
    "perceptron(X[:, :2], OR, 1000)": (CORNERS[:, :2], _OR),
}
_SCALED, _TURNED, _TWICE, _ENDLESS, _ZERO_ONE, _NO_BIAS = _RUNS


@cache
def _mistakes(run: str) -> int:
    return sum(run_perceptron(*_RUNS[run], passes=1000)[1])


_SAID: dict[str, dict[int, str]] = {
    _SCALED: {
        180: "Each step is ten times as long, but there are not more of them: every score is a "
        "hundred times as large, and its sign is the same.",
        2: "Longer steps do not get there sooner. Every score is a hundred times what it was, "
        "and its sign is the same, so every decision is.",
        1: "Longer steps do not get there sooner. Every score is a hundred times what it was, "
        "and its sign is the same, so every decision is.",
    },
    _TURNED: {
        0: "At the start all scores are 0, and that is a mistake for either class.",
    },
    _TWICE: {
        36: "The second copy of the examples meets weights that the first copy has already "
        "corrected. It is what the second pass would have been.",
        9: "A pass over both copies is two passes, so there are half as many passes. The "
        "mistakes come in the same order as before.",
    },
    _ENDLESS: {
        0: "No line parts these classes, so no pass can be free of mistakes.",
        1000: "At least one mistake in each pass is certain. Follow a pass from zero weights.",
        2000: "Follow a pass from zero weights: each correction makes the next example wrong.",
        3000: "Follow a pass from zero weights: is there an example that is right?",
        4: "That is one pass. Add up its four corrections: where do the weights stand "
        "afterwards, and what does the second pass do?",
    },
    _ZERO_ONE: {
        18: "With the class 0 in place of -1, t * score is 0 for three of the examples, "
        "whatever the score.",
        0: "t * score is 0 for three of the examples, and that counts as a mistake.",
        3000: "The three examples of class 0 are mistakes in each pass. What about the fourth, in "
        "the first pass?",
        4: "That is the first pass. What do the three examples of class 0 do in the second?",
        3: "Those are the mistakes of a later pass. Does it ever end?",
        4000: "The example of class 1 is a mistake once; the correction makes it right, and "
        "nothing takes the correction back.",
    },
    _NO_BIAS: {
        9: "That is OR with the constant feature. Without it, what is the score of (0, 0), and "
        "what does a correction add to the weights?",
        2: "You leave out the example (0, 0). Its score is 0, which is a mistake, in every pass.",
        3: "That is the first pass. In the second, is (0, 0) right?",
        1000: "The example (0, 0) is a mistake in each pass. The others are wrong at first, too.",
        1003: "You count three corrections beside those of (0, 0). After the first two, what is "
        "the score of (1, 1)?",
    },
}

_HINTS: dict[str, tuple[str, str]] = {
    _SCALED: (
        "From zero weights, the first correction is ten times what it was. What are the scores "
        "after it, and what are their signs?",
        "Compare the two runs example by example: do they ever decide differently?",
    ),
    _TURNED: (
        "Write down the first two or three corrections of both runs, side by side.",
        "If all weights have the opposite sign, so has every score, and so has every class.",
    ),
    _TWICE: (
        "Write down in which order the examples are looked at, over several passes.",
        "One pass over both copies looks at the same examples in the same order as two passes.",
    ),
    _ENDLESS: (
        "Follow one pass from zero weights. What are the weights after it?",
        "The four corrections add up to zero. The next pass starts where the first one did.",
    ),
    _ZERO_ONE: (
        "What is t * score for an example with t = 0? What does its correction t * x add?",
        "Count the examples of class 0 and of class 1 apart, pass by pass.",
    ),
    _NO_BIAS: (
        "What is the score of (0, 0) if there is no constant feature, whatever the weights?",
        "Follow the first pass for the other three examples. Then count: each pass has one "
        "mistake that stays.",
    ),
}


def _predicted(run: str) -> Callable[[Any], Problem | None]:
    def judge(answer: Any) -> Problem | None:
        if type(answer) is int and answer == _mistakes(run):
            return None
        said = "Answer with a whole number: a count of mistakes."
        if type(answer) is int:
            said = _SAID[run].get(answer, "")
        return Problem(
            "prediction",
            "It makes another number of mistakes.",
            run,
            shown=(("for", run), ("yours", repr(answer)), ("expected", "run it and see")),
            diagnosis=said or None,
        )

    return judge


PREDICTED = Answers(
    "why-neural-networks.predicted",
    questions={run: _predicted(run) for run in _RUNS},
    hints=_HINTS,
)
