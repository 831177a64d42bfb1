"""A softmax over legal moves only, to be mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from chainrule.grading.checks.activations.softmax import shifted, size_of, stable
from chainrule.grading.exercises import (
    Array,
    Function,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import instead
from chainrule.grading.search import Arrays, Case, Fill


class _Moves(Arrays):
    """Scores of moves, and which of them are legal: 1 or 0, in each row one at least."""

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        legal = (case["legal"] > 0).astype(int)
        legal[legal.sum(1) == 0, -1] = 1
        return case | {"legal": legal}

    def simpler(self, case: Case) -> Iterator[Case]:
        return (simple for simple in super().simpler(case) if simple["legal"].any(1).all())


def _mended(z: Array, legal: Array) -> Mapping[str, Array]:
    return {"p": stable(np.where(legal, z, -np.inf))}


def _divided(E: Array) -> Array:
    return np.asarray(E / E.sum(1, keepdims=True))


def _of(z: list[list[float]], legal: list[list[int]]) -> Case:
    return {"z": np.array(z), "legal": np.array(legal)}


LEGAL_SOFTMAX = Function(
    "activations.legal_softmax",
    _Moves({"z": "B K", "legal": "B K"}),
    returns={"p": "B K"},
    truth=_mended,
    magnitude=lambda z, legal: {"p": 1 + size_of(z)},
    checks=[
        shapes("p has the shape of z, as in the code that you were given."),
        values(
            "p",
            "Look at the illegal moves of the input above: which probability do they have? And do "
            "the rows of your p add up to 1?",
            "A score of 0 is a score: exp(0) is 1. Which score has the exponential 0?",
            "np.where(legal, z, -np.inf) gives the illegal moves a score that no sum notices.",
        ),
        no_overflow(
            "large scores",
            [
                _of([[0.0, 1000.0]], [[1, 0]]),
                _of([[-1000.0, 0.0]], [[1, 0]]),
                _of([[1000.0, 1000.0, 0.0]], [[1, 1, 0]]),
                _of([[-1000.0, -999.0, 5.0], [1000.0, 998.0, -3.0]], [[1, 1, 0], [1, 1, 1]]),
            ],
            "Which score do you subtract here, and is its move legal? What is left of the legal "
            "ones after exp?",
            "The largest score of the legal moves has to be subtracted, so the illegal ones must "
            "be out of the way before the maximum is taken.",
            mistakes=[
                instead(
                    "renormalized",
                    "p",
                    lambda z, legal: _divided(stable(z) * legal),
                    "You divide anew after the illegal moves are out. But here an illegal move had "
                    "the largest score: the legal ones became 0 beside it, and 0 / 0 is nan.",
                ),
                instead(
                    "masked exponentials",
                    "p",
                    lambda z, legal: _divided(np.exp(z - z.max(1, keepdims=True)) * legal),
                    "You subtract the largest score of all moves. Here it belongs to an illegal "
                    "one, and beside it the legal ones became 0.",
                ),
                instead(
                    "not shifted",
                    "p",
                    lambda z, legal: shifted(np.where(legal, z, -np.inf), 0.0),
                    "The illegal moves are out, but you take exp of the other scores as they are: "
                    "the largest of them is still to be subtracted.",
                ),
                *(
                    instead(
                        f"{low:g}",
                        "p",
                        lambda z, legal, low=low: stable(np.where(legal, z, low + 0 * z)),
                        f"You give illegal moves the score {low:g}. A legal move can have a score "
                        "as low as that, and then they have a chance again.",
                    )
                    for low in (-100.0, -999.0, -1000.0)
                ),
            ],
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(
            "z[legal == 0] = -np.inf writes into the scores of whoever called you. np.where makes "
            "a new array."
        ),
    ],
    mistakes=[
        instead(
            "score 0",
            "p",
            lambda z, legal: stable(np.where(legal, z, 0.0)),
            "Illegal moves still have the score 0, and exp(0) is 1: they get a share, and where "
            "the legal scores are negative, the largest.",
        ),
        instead(
            "not renormalized",
            "p",
            lambda z, legal: stable(z) * legal,
            "The illegal moves have probability 0 now, but what they had is lost: your rows do "
            "not add up to 1.",
        ),
        instead(
            "ignored",
            "p",
            lambda z, legal: stable(z),
            "You do not look at legal at all: illegal moves get their share.",
        ),
        instead(
            "turned around",
            "p",
            lambda z, legal: stable(np.where(legal, 0.0, z)),
            "Your mask is turned around: it takes the scores of the legal moves away.",
        ),
        instead(
            "turned around, out",
            "p",
            lambda z, legal: stable(z) * (1 - legal),
            "Your mask is turned around: only illegal moves keep a probability.",
        ),
        instead(
            "places for a mask",
            "p",
            lambda z, legal: stable(z[legal]),
            "legal holds 1 and 0, so z[legal] takes rows 1 and 0 of z. A mask holds True and "
            "False, and z[mask] drops the other moves: they have to stay, with probability 0.",
        ),
        instead(
            "added",
            "p",
            lambda z, legal: stable(z + legal),
            "You add the mask to the scores: legal moves get e times as likely, and illegal ones "
            "stay possible.",
        ),
        instead(
            "uniform",
            "p",
            lambda z, legal: legal / legal.sum(1, keepdims=True),
            "All legal moves get the same probability. The scores say which is better.",
        ),
        instead(
            "smallest score",
            "p",
            lambda z, legal: stable(np.where(legal, z, z.min())),
            "You give illegal moves the smallest score there is. It is a score all the same: its "
            "exponential is not 0.",
        ),
        instead(
            "over the batch",
            "p",
            lambda z, legal: stable(np.where(legal, z, -1e30).T).T * legal,
            "Your columns add up to 1. The moves of a row compete, each row for itself.",
        ),
        instead(
            "proportional",
            "p",
            lambda z, legal: z * legal / (z * legal).sum(1, keepdims=True),
            "You divide the scores by their sum. It is their exponentials that are divided.",
        ),
    ],
)
