"""Predict what losses ask for, how hard they pull, and what float32 makes of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.functional import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    sigmoid,
)
from chainrule.grading.exercises import Array, Experiment, predictions

_TARGETS = np.array([0.0, 0.0, 0.0, 0.0, 10.0])
_ONE = np.ones(1)


def _best_answer(loss: Any) -> float:
    answers = np.linspace(0, 10, 201)
    return float(answers[np.argmin([loss(np.full(5, c), _TARGETS)[0] for c in answers])])


def _spam(z: float) -> tuple[float, float]:
    L, pullback = binary_cross_entropy_with_logits(np.array([z]), _ONE)
    return float(L), float(pullback(1.0)[0][0])


def _squared(z: float) -> float:
    a, to_z = sigmoid(np.array([z]))
    return float(to_z(mse_loss(a, _ONE)[1](1.0)[0])[0][0])


def _textbook(z: float) -> float:
    p: Array = sigmoid(np.array([z], np.float32))[0]
    with np.errstate(divide="ignore"):
        return float(-np.log(1 - p)[0])


def _first_slope(copies: int) -> float:
    z, t = np.zeros(copies), np.ones(copies)
    return float(binary_cross_entropy_with_logits(z, t)[1](1.0)[0][0])


def _four(shift: float) -> float:
    z = np.array([[1.0, 2.0, 3.0, 4.0]]) + shift
    return float(cross_entropy(z, np.array([1]))[0])


# Question → the answer, hints, and wrong answers with what is wrong about them.
_QUESTIONS: dict[str, Experiment] = {
    "best answer by squares": (
        lambda: _best_answer(mse_loss),
        ("At the best answer the slopes of the five terms add up to 0. Each is 2 (c - t).",),
        {
            0: "0 is the median. At c = 0 the target 10 still pulls, and nothing pulls back.",
            10: "10 is the largest target. The four zeros pull as well, each with 2 (c - t).",
            5: "5 is halfway between the smallest and the largest. There are four zeros, though.",
            2.5: "You divide 10 by four. There are five targets.",
        },
    ),
    "best answer by absolute errors": (
        lambda: _best_answer(l1_loss),
        ("The slope of each term is a sign. How many targets lie below c, and how many above?",),
        {
            2: "2 is the mean. There four terms pull down and one pulls up, and none pulls harder "
            "than another.",
            10: "At 10 four terms pull down, and none pulls up.",
            5: "At 5 four terms pull down and one pulls up.",
        },
    ),
    "best answer by Huber's loss": (
        lambda: _best_answer(huber_loss),
        (
            "The slope of each term is its error, clipped to the interval from -1 to 1. Where do "
            "the five slopes cancel?",
            "For a c between 0 and 1 each zero pulls with c, and the target 10 with -1.",
        ),
        {
            0: "0 is the median. There the four zeros do not pull at all, for their error is 0, "
            "and the target 10 pulls with 1.",
            2: "2 is the mean. Errors beyond delta = 1 are clipped.",
            0.2: "You clip the target 10 to 1 and take the mean of the five. It is the error that "
            "is clipped, and it stays clipped wherever c is: the pull is 1, not 1 - c.",
            1: "At c = 1 each of the four zeros pulls down with 1, and the target 10 pulls up "
            "with 1.",
        },
    ),
    "spam at z = -50: loss": (
        lambda: _spam(-50.0)[0],
        ("For t = 1 the loss is log(1 + exp(-z)). What is that if z is very negative?",),
        {
            -50: "A loss is never negative: it is minus the logarithm of a probability.",
            math.inf: "The probability is small, about exp(-50), but it is not 0; and from the "
            "logit even its rounding does no harm.",
            1: "1 is the squared error, which cannot get larger. -log of a small probability can.",
            0: "The answer is confidently wrong: it gives spam the probability exp(-50).",
            0.69: "log 2 is the loss for z = 0, when nothing is known.",
        },
    ),
    "spam at z = -50: slope": (
        lambda: _spam(-50.0)[1],
        ("What was said minus what was true. What was said is the probability of spam.",),
        {
            1: "The sign: a larger z would lower the loss, so the slope is negative.",
            0: "0 is the slope of the squared error there. The factor p (1 - p) cancels in that "
            "of the cross-entropy.",
            -50: "-50 is the logit. What is subtracted from is a probability.",
            50: "50 is the loss. Its slope is that of a straight line there.",
        },
    ),
    "spam at z = -50: slope of the square": (
        lambda: _squared(-50.0),
        ("There are two factors: 2 (a - t), and the slope of the sigmoid, a (1 - a).",),
        {
            -1: "-1 is the slope of the cross-entropy. Here the sigmoid's a (1 - a) is left over.",
            -2: "-2 is the first factor, 2 (a - t). The second is the slope of the sigmoid, which "
            "is flat at -50.",
            1: "1 is the loss. Its slope is asked for.",
            2: "2 (a - t) is one of two factors, and its sign is negative. The other is a (1 - a).",
        },
    ),
    "letter at z = 50 in float32": (
        lambda: _textbook(50.0),
        (
            "sigmoid(50) differs from 1 by exp(-50). How close to 1 can a float32 come?",
            "The next float32 below 1 is 1 - 6e-8. So what is p, what is 1 - p, and what is its "
            "logarithm?",
        ),
        {
            50: "50 is the loss on paper, and from the logit. Here p is rounded first, and 1 - p "
            "is computed from that.",
            0: "The answer is confidently wrong, so the loss cannot be 0. Follow p, 1 - p and the "
            "logarithm.",
            16.12: "That is what a clip at 1e-7 makes of it. Here nothing is clipped.",
            -math.inf: "The logarithm of 0 is minus infinity, and there is a minus before it.",
        },
    ),
    "four equal logits": (
        lambda: float(cross_entropy(np.zeros((1, 4)), np.array([0]))[0]),
        ("Four equal logits make four equal probabilities. What does -log of one of them cost?",),
        {
            0.25: "0.25 is the probability of each class. The loss is minus its logarithm.",
            0.75: "0.75 is one minus the probability. The loss is minus the logarithm of it.",
            2: "2 is the loss in bits. Here logarithms are natural.",
            0.6: "That is the logarithm to base 10. Here logarithms are natural.",
            -1.39: "A loss is never negative: it is minus the logarithm of a probability.",
            4: "4 is the number of classes. The loss is its logarithm.",
            0: "The loss is 0 only for a probability of 1.",
            0.69: "log 2 is the loss for two equal classes. There are four.",
            0.35: "You average over the four classes too. The loss is that of one example.",
        },
    ),
    "500 added to every logit": (
        lambda: _four(500.0) - _four(0.0),
        ("What happens to softmax if the same number is added to all logits of a row?",),
        {
            500: "The logit of the true class rises by 500, and so does lse. What is left?",
            -500: "The logit of the true class rises by 500, and so does lse. What is left?",
            math.inf: "exp(501) fits into a float64 with room to spare, and the library takes the "
            "largest logit out anyway.",
            2000: "Four logits rise by 500 each, but the loss has differences of logits only.",
        },
    ),
    "20 copies for 10": (
        lambda: _first_slope(20) / _first_slope(10),
        ("The loss is a mean over the batch. What is the slope of one of its terms?",),
        {
            1: "That is so for the slope in a weight, which all examples share. Each example's own "
            "logit has a slope of 1/N times p - t.",
            2: "It is the other way around: the more examples share a mean, the less each counts.",
            0.25: "The slope has one factor 1/N, not two.",
        },
    ),
}


PREDICTIONS = predictions("losses.predictions", _QUESTIONS)
