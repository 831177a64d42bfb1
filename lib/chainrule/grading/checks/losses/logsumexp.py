"""Log-sum-exp that never overflows, and its gradient, softmax."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.functional import softmax
from chainrule.grading.checks.losses.shared import lse, size_of_probabilities
from chainrule.grading.exercises import (
    Array,
    Function,
    complex_step,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import exchanged, instead
from chainrule.grading.search import Arrays

_LOGITS = Arrays({"z": "N K"})


def _logsumexp(z: Array) -> Mapping[str, Array]:
    return {"lse": lse(z), "p": complex_step(lambda nudges: lse(z + nudges).sum(-1), z.shape)}


def _logsumexp_size(z: Array) -> Mapping[str, Array]:
    return {
        "lse": 1 + 2 * abs(z).max(-1) + np.log(z.shape[-1]),
        "p": size_of_probabilities(z),
    }


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    if result == "lse":
        return ""
    i, k = index
    return f"raising z[{i}, {k}] by a tiny h raises lse[{i}] by {value:.4g} h"


LOGSUMEXP = Function(
    "losses.logsumexp",
    _LOGITS,
    returns={"lse": "N", "p": "N K"},
    truth=_logsumexp,
    magnitude=_logsumexp_size,
    checks=[
        shapes(
            "lse has one number for each example, p one for each logit. Which axis is summed?",
            "With keepdims=True the axis stays, with length 1; lse must not have it.",
        ),
        values(
            "lse",
            "Take the input above: e to the power of each logit of the row, added up, and the "
            "logarithm of the sum.",
            "If you take a number m out of the logits, it has to come back: which line adds it, "
            "and where does it stand, inside or outside of the logarithm?",
            "lse = m + log(sum of exp(z - m)), row by row.",
        ),
        values(
            "p",
            "A nudge of z[i, k] changes one term of the sum in lse[i]. How fast does that term "
            "change, and how fast the logarithm of the sum?",
            "The derivative of log(s) is 1/s, times that of s, which is exp(z[i, k]).",
        ),
        no_overflow(
            "large logits",
            [
                {"z": np.array([[1000.0]])},
                {"z": np.array([[-1000.0]])},
                {"z": np.array([[1000.0, 999.0]])},
                {"z": np.array([[-1000.0, -1000.0]])},
                {"z": np.array([[1000.0], [-1000.0]])},
                {"z": np.array([[-1000.0, -999.0, -1001.0], [800.0, 0.0, -800.0]])},
                {"z": np.array([[-1000.0, 1000.0]])},
            ],
            "What is the largest number that you put into exp? And can the sum of all your "
            "exponentials become 0?",
            "Take the largest logit of each row out of that row. Then the largest exponent is 0.",
            "z.max(axis=1, keepdims=True) has shape (N, 1), one m for each row. One m for the "
            "whole batch is not enough: in another row all exponentials may vanish.",
            mistakes=[
                instead(
                    "as they are",
                    "lse",
                    lambda z: np.log(np.exp(z).sum(1)),
                    "You take exp of the logits as they are. From 710 on that is inf, and below "
                    "-745 it is 0, whose logarithm is -inf.",
                ),
                instead(
                    "one maximum",
                    "lse",
                    lambda z: z.max() + np.log(np.exp(z - z.max()).sum(1)),
                    "You take one number out of the whole batch. In a row that lies far below it "
                    "all exponentials become 0. Each row needs a maximum of its own.",
                ),
                instead(
                    "mean",
                    "lse",
                    lambda z: z.mean(1) + np.log(np.exp(z - z.mean(1, keepdims=True)).sum(1)),
                    "You take the mean of the row out. The largest logit can still lie far above "
                    "it.",
                ),
            ],
        ),
        keeps_float32(),
        empty_batch(_LOGITS, "N", "The input has N = 0. Give max and sum the axis of the classes."),
        strided(),
        leaves_inputs_alone(
            "z -= m writes into the array of whoever called you. What makes a new array instead?"
        ),
    ],
    mistakes=[
        exchanged({"lse": "p", "p": "lse"}, "The two results are exchanged: lse comes first."),
        instead(
            "not put back",
            "lse",
            lambda z: lse(z) - z.max(1),
            "You take the largest logit out and do not put it back. log(exp(m) s) is m + log(s).",
        ),
        instead(
            "put back twice",
            "lse",
            lambda z: lse(z) + z.max(1),
            "You add the largest logit although it was not taken out.",
        ),
        instead(
            "subtracted again",
            "lse",
            lambda z: lse(z) - 2 * z.max(1),
            "You subtract the largest logit a second time. What was taken out is added again.",
        ),
        instead(
            "multiplied back",
            "lse",
            lambda z: (lse(z) - z.max(1)) * z.max(1),
            "You multiply by the largest logit. The logarithm turns the factor exp(m) into a "
            "summand, m.",
        ),
        instead(
            "inside",
            "lse",
            lambda z: np.log(np.exp(z - z.max(1, keepdims=True)).sum(1) + z.max(1)),
            "You add m inside of the logarithm. It belongs outside.",
        ),
        instead(
            "maximum",
            "lse",
            lambda z: z.max(1),
            "Your lse is the largest logit. Log-sum-exp is a smooth maximum, a little above it.",
        ),
        instead(
            "no logarithm",
            "lse",
            lambda z: np.exp(z).sum(1),
            "Your result is the sum of the exponentials. Its logarithm is asked for.",
        ),
        instead(
            "mean",
            "lse",
            lambda z: np.log(np.exp(z).mean(1)),
            "You take the mean of the exponentials, and so are log K too low. A sum is needed.",
        ),
        instead(
            "sum of logarithms",
            "lse",
            lambda z: z.sum(1),
            "The logarithm of each exponential is the logit again, so you add up logits. Add up "
            "first, then take the logarithm.",
        ),
        instead(
            "over the batch",
            "lse",
            lambda z: lse(z.T),
            "You sum over axis 0, the examples. Each example has a sum of its own, over classes.",
        ),
        instead(
            "over everything",
            "lse",
            lambda z: lse(z.reshape(-1)),
            "You sum over the whole batch and get one number. Each example has its own.",
        ),
        instead(
            "an axis too many",
            "lse",
            lambda z: lse(z)[:, None],
            "The numbers are right, but the axis of the classes has been kept, with length 1.",
        ),
        instead(
            "base 2",
            "lse",
            lambda z: lse(z) / np.log(2),
            "You take the logarithm to base 2. It must undo exp, so it is the natural one, np.log.",
        ),
        instead(
            "base 10",
            "lse",
            lambda z: lse(z) / np.log(10),
            "You take the logarithm to base 10. It must undo exp, so it is the natural one, "
            "np.log.",
        ),
        instead(
            "log of 1 + sum",
            "lse",
            lambda z: np.log1p(np.exp(z).sum(1)),
            "log1p adds a 1 to the sum. That belongs to two classes of which one has the logit 0.",
        ),
        instead(
            "not divided",
            "p",
            lambda z: np.exp(z),
            "Your p is exp(z), the derivative of the sum. That of its logarithm is divided by it.",
        ),
        instead(
            "not divided, shifted",
            "p",
            lambda z: np.exp(z - z.max(1, keepdims=True)),
            "Your rows do not add up to 1: the exponentials are still to be divided by their sum.",
        ),
        instead(
            "p over the batch",
            "p",
            lambda z: softmax(z, axis=0)[0],
            "Your columns add up to 1. Each row of p belongs to one lse, so the rows must.",
        ),
        instead(
            "p over everything",
            "p",
            lambda z: softmax(z.reshape(-1))[0].reshape(z.shape),
            "You divide by the sum over the whole batch. Each row has a sum of its own.",
        ),
        instead(
            "logarithm of p",
            "p",
            lambda z: z - lse(z)[:, None],
            "That is the logarithm of p.",
        ),
        instead(
            "hard maximum",
            "p",
            lambda z: (z == z.max(1, keepdims=True)) * 1.0,
            "Your p is 1 at the largest logit and 0 elsewhere: that is the slope of the maximum. "
            "Log-sum-exp is a smooth one.",
        ),
        instead(
            "proportional",
            "p",
            lambda z: z / z.sum(1, keepdims=True),
            "You divide the logits by their sum. It is their exponentials that are divided.",
        ),
    ],
    because=_because,
)
