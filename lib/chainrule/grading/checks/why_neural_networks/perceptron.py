"""One step of the perceptron, and the whole loop."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
    whole_number,
)
from chainrule.grading.misconceptions import Misconception, instead
from chainrule.grading.search import Arrays, Case, Fill, ones, real_numbers, whole_numbers

# --- One step -------------------------------------------------------------------------------------


class _Steps(Arrays):
    """Weights, an example whose last feature is 1, and its class; zero weights among them."""

    @cached_property
    def _cases(self) -> list[Case]:
        small = [
            self._case(size, fill, t, zero)
            for size in (1, 2, 3)
            for fill in (ones, whole_numbers)
            for zero in (True, False)
            for t in (1.0, -1.0)
        ]
        return small + self._probes

    @cached_property
    def _probes(self) -> list[Case]:
        return [
            self._case(size, real_numbers, t, zero)
            for size in (2, 3, 4, 6)
            for zero in (False, True)
            for t in (1.0, -1.0)
        ]

    def _case(self, size: int, fill: Fill, t: float, zero: bool) -> Case:
        case = self.filled({"d+1": size}, fill)
        case["x"][-1] = 1.0
        return case | {"t": t, "w": 0 * case["w"] + 0.0 if zero else case["w"]}

    def simpler(self, case: Case) -> Iterator[Case]:
        for simple in super().simpler(case):
            if abs(simple["t"]) == 1 and simple["x"][-1] == 1:
                yield simple


def _step(w: Array, x: Array, t: float) -> Mapping[str, Array]:
    return {"w": w + t * x if t * np.sum(w * x) <= 0 else w}


def _if(wrong: Callable[..., Any], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """``wrong`` on a mistake, ``otherwise`` on a right answer."""
    return lambda w, x, t: (wrong if t * (w @ x) <= 0 else otherwise)(w, x, t)


def _same(w: Array, x: Array, t: float) -> Array:
    return w


def _bias_kept(w: Array, x: Array, t: float) -> Array:
    return np.append((w + t * x)[:-1], w[-1])


PERCEPTRON_STEP = Function(
    "why-neural-networks.perceptron_step",
    _Steps({"w": "d+1", "x": "d+1", "t": ""}),
    returns={"w": "d+1"},
    truth=_step,
    magnitude=lambda w, x, t: {"w": abs(w) + abs(x)},
    checks=[
        shapes("w, x and the new weights all have one shape. Which of your lines leaves it?"),
        values(
            "w",
            "Compute the score w @ x by hand, then t times it. Is this example a mistake, and "
            "what happens then?",
            "There are two cases. On a mistake, t * score <= 0, the weights move. On a right "
            "answer they stay as they are, and are returned all the same.",
            "The move is by t * x: towards x if the class is +1, away from x if it is -1.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(
            "w += ... writes into the array of whoever called you. What makes a new one?"
        ),
    ],
    mistakes=[
        instead(
            "answers of 0 and 1",
            "w",
            lambda w, x, t: w + t * x if t != (w @ x > 0) * 1 else w,
            "You compare answers of 0 and 1 with classes of -1 and +1: an example of class -1 is "
            "never right.",
        ),
        instead(
            "strict",
            "w",
            lambda w, x, t: w + t * x if t * (w @ x) < 0 else w,
            "You let a score of exactly 0 pass for right. It counts as a mistake; otherwise zero "
            "weights would never move.",
        ),
        instead(
            "0 is +1",
            "w",
            lambda w, x, t: w if t == (1 if w @ x >= 0 else -1) else w + t * x,
            "You read a score of exactly 0 as the class +1. It is a mistake for either class.",
        ),
        instead(
            "0 is -1",
            "w",
            lambda w, x, t: w if t == (1 if w @ x > 0 else -1) else w + t * x,
            "You read a score of exactly 0 as the class -1. It is a mistake for either class.",
        ),
        instead(
            "always",
            "w",
            lambda w, x, t: w + t * x,
            "Your weights move on every example. The perceptron corrects its mistakes only.",
        ),
        instead(
            "never",
            "w",
            lambda w, x, t: w,
            "Your weights never change. Is the condition ever true, and does the result of the "
            "addition go anywhere?",
        ),
        instead(
            "away",
            "w",
            _if(lambda w, x, t: w - t * x, _same),
            "You subtract t * x. That takes the score of the example further in the wrong "
            "direction.",
        ),
        instead(
            "class left out",
            "w",
            _if(lambda w, x, t: w + x, _same),
            "You add x whatever its class. For the class -1 the score has to fall, so x must be "
            "subtracted; t does both.",
        ),
        instead(
            "on right answers",
            "w",
            _if(_same, lambda w, x, t: w + t * x),
            "Your weights move when the answer is right and stay when it is wrong: the condition "
            "is turned around.",
        ),
        instead(
            "class not asked",
            "w",
            lambda w, x, t: w + t * x if w @ x <= 0 else w,
            "Your condition looks at the score alone. A negative score is right if the class is "
            "-1: the sign of t * score decides.",
        ),
        instead(
            "replaced",
            "w",
            _if(lambda w, x, t: t * x, _same),
            "On a mistake you return t * x alone. It is added to the weights that were there.",
        ),
        instead(
            "twice the step",
            "w",
            _if(
                lambda w, x, t: w + (t - (1 if w @ x > 0 else -1)) * x,
                _same,
            ),
            "You add (t - answer) * x. With the answers -1 and +1 that difference is 2 or -2 on a "
            "mistake, twice the step that is asked for: t * x.",
        ),
        instead(
            "the residual",
            "w",
            lambda w, x, t: w + (t - w @ x) * x,
            "You move by (t - score) * x, on every example. That is another rule, of least "
            "squares. The perceptron asks only whether the sign is right.",
        ),
        instead(
            "the score in the step",
            "w",
            _if(lambda w, x, t: w - t * (w @ x) * x, _same),
            "Your step is in proportion to the score. The size of the mistake does not matter "
            "here: the step is t * x.",
        ),
        instead(
            "a tenth",
            "w",
            _if(lambda w, x, t: w + 0.1 * t * x, _same),
            "Your step is a tenth of t * x. There is no learning rate here: from zero weights it "
            "changes no decision.",
        ),
        instead(
            "bias kept",
            "w",
            _if(_bias_kept, _same),
            "The last entry of your weights stays as it was. It is the bias, a weight like the "
            "others, of the feature that is always 1.",
        ),
        instead(
            "bias alone",
            "w",
            _if(lambda w, x, t: np.append(w[:-1], w[-1] + t), _same),
            "Only the last entry, the bias, moves. Each weight moves by t times its own feature.",
        ),
    ],
    because=lambda result, index, value: (
        f"entry {index[0]} is w[{index[0]}] + t * x[{index[0]}] if t * (w @ x) <= 0, else "
        f"w[{index[0]}]; here {value:.4g}"
    ),
)


# --- The loop -------------------------------------------------------------------------------------

CORNERS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
GATES = {
    "AND": np.array([-1.0, -1.0, -1.0, 1.0]),
    "OR": np.array([-1.0, 1.0, 1.0, 1.0]),
    "XOR": np.array([-1.0, 1.0, 1.0, -1.0]),
}


class _Runs(Arrays):
    """Examples with a last feature of 1, classes of -1 and 1, and a number of passes."""

    @cached_property
    def _cases(self) -> list[Case]:
        sizes = [{"n": n, "d+1": width} for n in (1, 2, 3) for width in (1, 2, 3)]
        sizes.sort(key=self._entries)
        small = [
            self.filled(s, fill) | {"passes": passes}
            for s in sizes
            for fill in (ones, whole_numbers)
            for passes in (1, 2, 10)
        ]
        gates = [{"X": CORNERS, "t": t, "passes": 20} for t in GATES.values()]
        return small + gates + self._probes

    @cached_property
    def _probes(self) -> list[Case]:
        chosen = [(2, 3, 10), (3, 2, 10), (3, 3, 4), (4, 2, 3), (4, 4, 30), (5, 3, 30), (7, 5, 60)]
        chosen += [(3, 4, 1), (5, 4, 2), (6, 2, 2)]
        return [
            self.filled({"n": n, "d+1": width}, real_numbers) | {"passes": passes}
            for n, width, passes in chosen
        ]

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        rng = random.Random(10 * sizes["n"] + sizes["d+1"])
        case["X"][:, -1] = 1.0
        case["t"] = np.array([1.0 if rng.random() < 0.5 else -1.0 for _ in case["t"]])
        return case | {"passes": 10}

    def simpler(self, case: Case) -> Iterator[Case]:
        for simple in super().simpler(case):
            passes = simple["passes"]
            if passes >= 1 and (abs(simple["t"]) == 1).all() and (simple["X"][:, -1] == 1).all():
                yield simple | {"passes": int(passes)}
        if case["passes"] > 2:
            yield case | {"passes": 2}


def run_perceptron(
    X: Array,
    t: Array,
    passes: int,
    *,
    mistaken: Callable[[float], bool] = lambda margin: margin <= 0,
    step: Callable[[Array, float], Array] = lambda x, t: t * x,
    restarts: bool = False,
    at_once: bool = False,
    patient: bool = False,
) -> tuple[Array, list[int]]:
    """The weights and the mistakes in each pass, from which wrong formulas are made as well.

    ``restarts`` clears the weights before each pass, ``at_once`` moves them after it, ``patient``
    goes on after a pass without mistakes.
    """
    w = np.zeros(X.shape[1])
    per_pass: list[int] = []
    while len(per_pass) < passes:
        w = np.zeros(X.shape[1]) if restarts else w
        used = w
        count = 0
        for x_i, t_i in zip(X, t, strict=True):
            if mistaken(t_i * np.sum((used if at_once else w) * x_i)):
                w = w + step(x_i, t_i)
                count += 1
        per_pass.append(count)
        if count == 0 and not patient:
            break
    return w, per_pass


def _perceptron(X: Array, t: Array, passes: int) -> Mapping[str, Array]:
    w, per_pass = run_perceptron(X, t, passes)
    return {
        "w": w,
        "mistakes": np.asarray(sum(per_pass)),
        "passes_made": np.asarray(len(per_pass)),
    }


def _ends_with(name: str, says: str, **change: Any) -> Misconception:
    """The weights that the loop ends with if it is changed."""
    return instead(name, "w", lambda X, t, passes: run_perceptron(X, t, passes, **change)[0], says)


def _counts(
    name: str, result: str, count: Callable[[Sequence[int], int, int], int], says: str
) -> Misconception:
    """A count made of the mistakes in each pass, the number of examples and of passes allowed."""
    return instead(
        name,
        result,
        lambda X, t, passes: count(run_perceptron(X, t, passes)[1], len(X), passes),
        says,
    )


PERCEPTRON = Function(
    "why-neural-networks.perceptron",
    _Runs({"X": "n d+1", "t": "n", "passes": ""}),
    returns={"w": "d+1", "mistakes": "", "passes_made": ""},
    truth=_perceptron,
    magnitude=lambda X, t, passes: {
        "w": passes * abs(X).sum(0),
        "mistakes": np.asarray(1.0),
        "passes_made": np.asarray(1.0),
    },
    checks=[
        shapes(
            "w has one entry for each column of X, and the last of them is the bias. Which of your "
            "lines makes w?",
            "Return three things: return w, mistakes, passes_made. The two counts are single "
            "numbers.",
        ),
        values(
            "w",
            "Go through the examples above by hand, in order, from w = 0, one line for each: its "
            "score, whether it is a mistake, the weights afterwards.",
            "An example is judged by the weights as they are when its turn comes, after the "
            "corrections before it.",
            "Two loops: for each pass, for each example. The weights are made once, before both.",
        ),
        values(
            "mistakes",
            "Write down the mistakes of each pass. Which of them are in your number?",
            "All mistakes of all passes count. How many variables does it take to have both this "
            "number and the one that tells whether the last pass was clean?",
        ),
        values(
            "passes_made",
            "When does the loop stop, and what has happened by then?",
            "The pass that finds no mistake has been made, so it counts. If there is none, all "
            "passes are made.",
        ),
        replace(whole_number("mistakes"), name="whole mistakes"),
        replace(whole_number("passes_made"), name="whole passes"),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        # This is what zeros look like here; the name puts it in the place of the usual remark.
        _ends_with(
            "w zero",
            "Your weights stay zero. At the start all scores are 0; if a score of 0 does not "
            "count as a mistake, nothing ever does.",
            mistaken=lambda margin: margin < 0,
        ),
        _ends_with(
            "always",
            "Your weights move on every example. The perceptron corrects its mistakes only.",
            mistaken=lambda margin: True,
        ),
        _ends_with(
            "on right answers",
            "Your weights move when the answer is right: the condition is turned around.",
            mistaken=lambda margin: margin >= 0,
        ),
        _ends_with(
            "class left out",
            "You add x whatever its class. For the class -1 it must be subtracted; t does both.",
            step=lambda x, t: x,
        ),
        _ends_with(
            "away",
            "You subtract t * x. Then the scores go further in the wrong direction.",
            step=lambda x, t: -t * x,
        ),
        _ends_with(
            "all at once",
            "You judge all examples of a pass by the weights from before the pass. Each "
            "correction counts at once: the next example is judged by the new weights.",
            at_once=True,
        ),
        _ends_with(
            "one pass from zero",
            "Your weights are what a single pass makes of zero weights. Either your loop ends "
            "after the first pass, or the weights start from zero in every pass.",
            restarts=True,
        ),
        instead(
            "one example",
            "w",
            lambda X, t, passes: run_perceptron(X[:1], t[:1], 1)[0],
            "Only the first example has been looked at. Does your loop return too early?",
        ),
        instead(
            "a pass too few",
            "w",
            lambda X, t, passes: run_perceptron(X, t, passes - 1)[0],
            "Your loop makes one pass fewer than it may. range(passes) has passes entries.",
        ),
        _ends_with(
            "bias kept",
            "The last entry of your weights stays zero. It is the bias, a weight like the others, "
            "of the feature that is always 1.",
            step=lambda x, t: np.append(t * x[:-1], 0.0),
        ),
        _counts(
            "mistakes zero",
            "mistakes",
            lambda per_pass, n, passes: 0,
            "Your mistakes are always 0, though the weights moved. Is anything added to the count?",
        ),
        _counts(
            "last pass",
            "mistakes",
            lambda per_pass, n, passes: per_pass[-1],
            "You return the mistakes of the last pass. All passes count.",
        ),
        _counts(
            "first pass",
            "mistakes",
            lambda per_pass, n, passes: per_pass[0],
            "You return the mistakes of the first pass. All passes count.",
        ),
        _counts(
            "examples seen",
            "mistakes",
            lambda per_pass, n, passes: n * len(per_pass),
            "You count every example that was looked at. Only the mistakes count.",
        ),
        _counts(
            "passes with mistakes",
            "mistakes",
            lambda per_pass, n, passes: sum(count > 0 for count in per_pass),
            "You count the passes that had a mistake. A pass can have several.",
        ),
        _counts(
            "never stops early",
            "passes_made",
            lambda per_pass, n, passes: passes,
            "You go on after a pass without mistakes. Does your count of the mistakes start at 0 "
            "in each pass?",
        ),
        _counts(
            "never stops early, from zero",
            "passes_made",
            lambda per_pass, n, passes: passes - 1,
            "You return the number of the last allowed pass, counted from 0. Stop after a pass "
            "without mistakes, and count how many passes were made.",
        ),
        _counts(
            "clean pass not counted",
            "passes_made",
            lambda per_pass, n, passes: len(per_pass) - (per_pass[-1] == 0),
            "The pass that finds no mistake is missing from your count. It has been made, too.",
        ),
        _counts(
            "from zero",
            "passes_made",
            lambda per_pass, n, passes: len(per_pass) - 1,
            "You return the number of the last pass, counted from 0. One pass is one pass.",
        ),
    ],
)
