"""The binary cross-entropy of logits, and its gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.functional import sigmoid
from chainrule.grading.checks.losses.shared import nudged, softplus
from chainrule.grading.exercises import (
    Array,
    Function,
    complex_step,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import Misconception, divided, exchanged, instead, multiplied
from chainrule.grading.search import Adjusted, Case


def _bce(z: Array, t: Array) -> Mapping[str, Array]:
    def loss(nudges: Array | float) -> Array:
        return np.asarray((softplus(z + nudges) - (z + nudges) * t).mean(-1))

    return {"L": loss(0.0), "dz": complex_step(loss, z.shape)}


def _bce_size(z: Array, t: Array) -> Mapping[str, Array]:
    return {"L": np.asarray((1 + 2 * abs(z)).mean()), "dz": (1 + t) / z.size}


def _as_probability(t: Array) -> Array:
    """0 or 1 for whole numbers; for others, something in between."""
    return np.clip((t + 2) / 4, 0, 1) if (t % 1).any() else (t > 0) * 1.0


def _p(z: Array) -> Array:
    return sigmoid(z)[0]


def _padded(eps: float) -> Misconception:
    return instead(
        f"{eps:g} in the logarithm",
        "L",
        lambda z, t: -(t * np.log(_p(z) + eps) + (1 - t) * np.log(1 - _p(z) + eps)).mean(),
        f"You add {eps:g} inside of the logarithms. That makes every loss a little wrong, and a "
        "very wrong answer still costs no more than -log of that number. Start from the logit.",
    )


def _clipped(eps: float) -> Misconception:
    def wrong(z: Array, t: Array) -> Array:
        p = np.clip(_p(z), eps, 1 - eps)
        return np.asarray(-(t * np.log(p) + (1 - t) * np.log(1 - p)).mean())

    return instead(
        f"clipped at {eps:g}",
        "L",
        wrong,
        f"You clip p at {eps:g}, so the loss ends at {-np.log(eps):.1f}, however wrong the answer "
        "is. By the chain rule its slope would be 0 there. Start from the logit.",
    )


def _single(z: float, t: float) -> Case:
    return {"z": np.array([z]), "t": np.array([t])}


BCE = Function(
    "losses.bce_with_logits",
    Adjusted({"z": "N", "t": "N"}, {"t": _as_probability}),
    returns={"L": "", "dz": "N"},
    truth=_bce,
    magnitude=_bce_size,
    checks=[
        shapes(
            "L is one number, the mean over the batch; dz has an entry for each logit. Which of "
            "your two results is something else?"
        ),
        values(
            "L",
            "Turn the first logit above into a probability p by hand. What does the loss cost if "
            "t is 1, and what if t is 0?",
            "For one example it is -t log p - (1 - t) log(1 - p), with p the sigmoid of z. Then "
            "the mean.",
        ),
        values(
            "dz",
            "The gradient is what was said minus what was true. Which of them is which, and what "
            "does the mean add?",
            "By the chain rule the factor p (1 - p) of the sigmoid cancels against the slope of "
            "the loss in p. What is left is short.",
            "dz = (p - t) / N.",
        ),
        no_overflow(
            "large logits",
            [_single(z, t) for z, t in ((40.0, 0.0), (-40.0, 1.0), (1000.0, 0.0), (-1000.0, 1.0))]
            + [
                _single(1000.0, 1.0),
                _single(-1000.0, 0.0),
                _single(1000.0, 0.5),
                {"z": np.array([1000.0, -1000.0, 3.0]), "t": np.array([0.0, 1.0, 1.0])},
            ],
            "What is the loss here, by log(1 + exp(z)) - z t on paper? At which step does your "
            "computation lose it?",
            "Once p is rounded to 1, log(1 - p) cannot be saved. Use a formula with the logit in "
            "it and no p.",
            "max(z, 0) - z t + log(1 + exp(-abs(z))) is the same number, and its exponent is never "
            "positive. For dz, exp(-z) may overflow as well: with e = exp(-abs(z)), the sigmoid "
            "is 1/(1 + e) where z >= 0 and e/(1 + e) elsewhere.",
            mistakes=[
                *(_clipped(eps) for eps in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)),
                instead(
                    "textbook",
                    "L",
                    lambda z, t: -(t * np.log(_p(z)) + (1 - t) * np.log(1 - _p(z))).mean(),
                    "You compute the probability first. From z = 37 on it is rounded to 1, and "
                    "the logarithm of 1 - p is lost.",
                ),
                instead(
                    "log of 1 + exp",
                    "L",
                    lambda z, t: (np.log(1 + np.exp(z)) - z * t).mean(),
                    "log(1 + exp(z)) is right on paper, but exp(z) is inf from z = 710 on.",
                ),
            ],
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "targets taken for hard",
            "L",
            lambda z, t: np.where(t == 1, softplus(-z), softplus(z)).mean(),
            "You treat every target below 1 as 0. A target may lie between: both terms count, "
            "weighed by t and 1 - t.",
        ),
        exchanged({"L": "dz", "dz": "L"}, "The two results are exchanged: L comes first."),
        multiplied("L", "N", "the number of examples", "a mean is needed, not a sum"),
        instead(
            "class 1 only",
            "L",
            lambda z, t: -(t * np.log(_p(z))).mean(),
            "Your L has no term for t = 0: a letter that is called spam would cost nothing.",
        ),
        instead(
            "class 0 only",
            "L",
            lambda z, t: -((1 - t) * np.log(1 - _p(z))).mean(),
            "Your L has no term for t = 1: spam that is called a letter would cost nothing.",
        ),
        instead(
            "targets exchanged",
            "L",
            lambda z, t: (softplus(z) - z * (1 - t)).mean(),
            "You pay for the right answers: t and 1 - t are exchanged.",
        ),
        instead(
            "squared",
            "L",
            lambda z, t: ((_p(z) - t) ** 2).mean(),
            "Your L is the squared error after the sigmoid. Cross-entropy is a logarithm.",
        ),
        instead(
            "bits",
            "L",
            lambda z, t: (softplus(z) - z * t).mean() / np.log(2),
            "You take the logarithm to base 2. The loss is in nats: np.log.",
        ),
        instead(
            "logits as probabilities",
            "L",
            lambda z, t: -(t * np.log(abs(z)) + (1 - t) * np.log(abs(1 - z))).mean(),
            "You take the logits for probabilities. A sigmoid stands between them.",
        ),
        instead(
            "sigmoid twice",
            "L",
            lambda z, t: (softplus(_p(z)) - _p(z) * t).mean(),
            "You take the sigmoid twice: what comes in is the logit, and what you treat as one is "
            "a probability already.",
        ),
        instead(
            "plus for minus",
            "L",
            lambda z, t: (softplus(z) + z * t).mean(),
            "You add z t. It is subtracted: a large logit is good if t is 1.",
        ),
        _padded(1e-5),
        _padded(1e-6),
        _padded(1e-7),
        _padded(1e-8),
        multiplied("dz", "N", "the number of examples", "L is a mean, and so are its slopes"),
        divided("dz", "N", "the number of examples", "the mean is taken twice"),
        instead(
            "times the slope",
            "dz",
            lambda z, t: (_p(z) - t) * _p(z) * (1 - _p(z)) / z.size,
            "You multiply by p (1 - p) once too often. p - t is the slope in z already; in p it "
            "would be (p - t) / (p (1 - p)).",
        ),
        instead(
            "slope in p",
            "dz",
            lambda z, t: (_p(z) - t) / (_p(z) * (1 - _p(z))) / z.size,
            "That is the slope in p. The way back to z multiplies it by p (1 - p).",
        ),
        instead(
            "of the squared error",
            "dz",
            lambda z, t: 2 * (_p(z) - t) * _p(z) * (1 - _p(z)) / z.size,
            "That is the gradient of the squared error after a sigmoid, the one that vanishes "
            "where the answer is confidently wrong.",
        ),
        instead(
            "logit minus target",
            "dz",
            lambda z, t: (z - t) / z.size,
            "You subtract the target from the logit. What was said is a probability: the sigmoid "
            "of z.",
        ),
        instead(
            "probability alone",
            "dz",
            lambda z, t: _p(z) / z.size,
            "Your dz is p / N. What was true is missing.",
        ),
        instead(
            "decision",
            "dz",
            lambda z, t: ((z > 0) - t) / z.size,
            "You subtract the target from the decision, 0 or 1. The gradient knows the "
            "probability.",
        ),
    ],
    because=nudged,
)
