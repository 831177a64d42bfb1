"""Predict the gradients of three small graphs, and what engines make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.grading.checks.automatic_differentiation.shared import relu, slope
from chainrule.grading.exercises import Answers, Problem

_FIRST = "a = 3, b = a + a, c = b + b"
_SECOND = "x = 3, y = x * x, z = x * y"
_THIRD = "p = 2, q = relu(p - 5), s = p * q + p"
_RUNS = "1000 inputs, 2 outputs, all 2000 derivatives"

# Question → the graph it is about, the answer, and wrong answers with what is wrong about them.
_BY_HAND: dict[str, tuple[str, float, dict[float, str]]] = {
    "dc/db": (
        _FIRST,
        slope(lambda b: b + b, 6.0),
        {
            1: "1 is the slope for one use of b. It is used twice, and the uses add up.",
            4: "4 is dc/da. From b to c there is one stage only.",
            12: "12 is the value of c.",
        },
    ),
    "dc/da": (
        _FIRST,
        slope(lambda a: (a + a) + (a + a), 3.0),
        {
            1: "1 is what a single path gives. How many paths lead from a to c?",
            2: "2 is one stage, from a to b or from b to c. Their slopes multiply along the way.",
            3: "You add the uses over both stages. Along a path slopes multiply; only where paths "
            "meet do they add.",
            12: "12 is the value of c.",
        },
    ),
    "dz/dy": (
        _SECOND,
        slope(lambda y: 3.0 * y, 9.0),
        {
            9: "9 is the slope of z = x * y with respect to x, its other factor is y. For y it is "
            "the other way around.",
            27: "27 is the value of z.",
            1: "The slope of a product with respect to one factor is the other factor.",
        },
    ),
    "dz/dx": (
        _SECOND,
        slope(lambda x: x * (x * x), 3.0),
        {
            9: "9 is the direct use of x alone. There is a second way from x to z, through y.",
            18: "18 is the way through y alone, 3 * 6; x is also used directly. (Or did you take "
            "dy/dx for 3? It is 6.)",
            6: "6 is dy/dx. What about z?",
            3: "3 is dz/dy, which is one factor of what comes through y.",
            12: "3 is dz/dy. Before you add it to the direct 9, it has to be multiplied by dy/dx.",
            15: "The two ways add up, but along the way through y slopes multiply: dz/dy times "
            "dy/dx.",
        },
    ),
    "ds/dp": (
        _THIRD,
        slope(lambda p: p * relu(p - 5) + p, 2.0),
        {
            3: "You let a gradient through relu. Its input is p - 5 = -3, so it is off, and its "
            "slope is 0.",
            0: "What comes through q is 0. There is one use of p that does not go through q.",
            -2: "You take q to be p - 5 = -3. relu makes it 0.",
            2: "2 is the value of s.",
            -1: "Write down q first: relu(-3) is 0, and so is its slope.",
        },
    ),
    "a.grad overwritten": (
        _FIRST,
        1,
        {
            4: "4 is the right gradient. What is left if each use writes over the one before?",
            2: "You count both uses at one of the stages. With = in place of +=, b and a both "
            "keep one only.",
            0: "The last use does write something: its slope times the gradient of its node.",
        },
    ),
    "a.grad after two calls": (
        _FIRST,
        8,
        {
            4: "4 is what one call adds. The second call adds to what is there.",
            16: "The calls add; nothing is multiplied. Each of them adds the same.",
            12: "Each call adds 4, and b and c are computed anew, so nothing old is passed on.",
        },
    ),
    "forward runs": (
        _RUNS,
        1000,
        {
            2: "Forward mode carries the slope with respect to one input. It gets the slopes of "
            "all outputs in one run, but of one input only.",
            1: "One run carries one slope for each number: that with respect to one input.",
            2000: "One run gives more than one derivative: those of both outputs at once.",
        },
    ),
    "reverse runs": (
        _RUNS,
        2,
        {
            1000: "Reverse mode starts from one output. It gets the gradient with respect to all "
            "inputs in one run.",
            1: "A run starts from one output with the gradient 1. There are two outputs.",
            2000: "One run gives more than one derivative: those with respect to all inputs.",
        },
    ),
}

_BY_HAND_HINTS: dict[str, Sequence[str]] = {
    _FIRST: (
        "Draw the graph. An arrow for each use: two from a to b, two from b to c.",
        "Along a path, slopes multiply. Where several paths meet, they add.",
    ),
    _SECOND: (
        "Write the value of each node beside it. The slope of a product with respect to one "
        "factor is the value of the other.",
        "List the paths from the one to the other, multiply the slopes along each, and add.",
    ),
    _THIRD: (
        "Write the value of each node beside it. On which side of 0 is the input of relu?",
        "p is used three times: in q, in the product and at the end.",
    ),
    _RUNS: (
        "What does a run start with, in forward mode and in reverse mode?",
        "A forward run follows one input to all outputs. A reverse run follows one output "
        "back to all inputs.",
    ),
}
_ENGINE_HINTS = {
    "a.grad overwritten": (
        "Go through it use by use. c has two uses of b: what is in b.grad after the first, after "
        "the second?",
        "c writes 1 into b.grad, twice. Then b writes its own gradient into a.grad, twice.",
    ),
    "a.grad after two calls": (
        "What is in a.grad after the first call? What does the second call do with it?",
        "Each call adds the same number.",
    ),
}


def _predicted(question: str) -> Callable[[Any], Problem | None]:
    graph, truth, mistakes = _BY_HAND[question]

    def judge(answer: Any) -> Problem | None:
        if isinstance(answer, np.ndarray) and answer.ndim == 0 and answer.dtype.kind in "iuf":
            answer = answer.item()
        number = isinstance(answer, (int, float)) and not isinstance(answer, bool)
        if number and answer == truth:
            return None
        said = mistakes.get(answer) if number else "Answer with a number, such as 3 or -0.5."
        if number and said is None and answer == -truth:
            said = "The sign is turned around."
        return Problem(
            "prediction",
            f"Your answer for {question} is not right.",
            question,
            shown=(("for", graph), ("yours", repr(answer))),
            diagnosis=said,
        )

    return judge


BY_HAND = Answers(
    "automatic-differentiation.gradients_by_hand",
    questions={question: _predicted(question) for question in _BY_HAND},
    hints={
        question: _ENGINE_HINTS.get(question, _BY_HAND_HINTS[graph])
        for question, (graph, *_) in _BY_HAND.items()
    },
)
