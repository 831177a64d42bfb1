"""Cross-entropy with smoothed labels, and its gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from chainrule.functional import softmax
from chainrule.grading.checks.losses.shared import (
    Classified,
    lse,
    nudged,
    onehot,
    size_of_probabilities,
)
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
from chainrule.grading.search import Case


def _q(Y: Array, eps: float) -> Array:
    return np.asarray((1 - eps) * Y + eps / Y.shape[1])


def _smoothed(z: Array, t: Array, eps: float) -> Mapping[str, Array]:
    q = _q(onehot(t, z.shape[1]), eps)

    def loss(nudges: Array | float) -> Array:
        log_p = z + nudges - lse(z + nudges)[..., None]
        return np.asarray(-(q * log_p).sum(-1).mean(-1))

    return {"L": loss(0.0), "dz": complex_step(loss, z.shape)}


def _smoothed_size(z: Array, t: Array, eps: float) -> Mapping[str, Array]:
    q = _q(onehot(t, z.shape[1]), eps)
    return {
        "L": np.asarray((1 + 4 * abs(z).max(-1)).mean()),
        "dz": (size_of_probabilities(z) + q) / len(t),
    }


def _targets(name: str, q: Callable[[Array, float, int], Array], says: str) -> list[Misconception]:
    """Other targets, made of the one-hot rows, eps and the number of examples."""

    def L(z: Array, t: Array, eps: float) -> Array:
        wrong = q(onehot(t, z.shape[1]), eps, len(t))
        return np.asarray(-(wrong * (z - lse(z)[:, None])).sum(1).mean())

    def dz(z: Array, t: Array, eps: float) -> Array:
        return np.asarray((softmax(z)[0] - q(onehot(t, z.shape[1]), eps, len(t))) / len(t))

    return [instead(name, "L", L, says), instead(f"{name}, in dz", "dz", dz, says)]


def _share_of_others(Y: Array, eps: float, N: int) -> Array:
    return (1 - eps) * Y + eps / (Y.shape[1] - 1) * (1 - Y)


def _of(t: list[int], z: list[list[float]], eps: float = 0.1) -> Case:
    return {"z": np.array(z), "t": np.array(t), "eps": eps}


SMOOTHED = Function(
    "losses.smoothed_cross_entropy",
    Classified(
        {"z": "N K", "t": "N", "eps": ""},
        {"eps": lambda e: abs(e) / (10 if e % 1 == 0 else 4)},
        valid=lambda case: 0 <= case["eps"] <= 1,
    ),
    returns={"L": "", "dz": "N K"},
    truth=_smoothed,
    magnitude=_smoothed_size,
    checks=[
        shapes("L is one number, the mean over the examples; dz has the shape of z."),
        values(
            "L",
            "Write down the target q for the first example above. Do its entries add up to 1?",
            "The true class gives up eps, and all K classes, the true one too, get eps / K.",
            "For one example L is minus the sum over k of q[k] log p[k], with log p = z - lse(z).",
        ),
        values(
            "dz",
            "What changes in the gradient if the target changes?",
            "It is still what was said minus what should have been said, divided by N.",
        ),
        no_overflow(
            "large logits",
            [
                _of([0], [[1000.0, 0.0]]),
                _of([1], [[1000.0, 0.0]]),
                _of([0], [[-1000.0, -1000.0]], 0.0),
                _of([0, 1], [[1000.0, 999.0], [-1000.0, -999.0]]),
                _of([1], [[-1000.0, 1000.0]]),
            ],
            "Every class now has a share of the target, so every log p counts. Which of yours is "
            "the logarithm of 0?",
            "log p = z - lse(z), with the largest logit of each row taken out inside of lse.",
            mistakes=[
                instead(
                    "log of softmax",
                    "L",
                    lambda z, t, eps: (
                        -(_q(onehot(t, z.shape[1]), eps) * np.log(softmax(z)[0])).sum(1).mean()
                    ),
                    "Your logarithm comes after the division, and by then a probability that is "
                    "far behind has been rounded to 0. Take it before: log p = z - lse(z).",
                ),
            ],
        ),
        keeps_float32("np.eye(K)[t] is float64 unless you say dtype=. What becomes of P - q?"),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged({"L": "dz", "dz": "L"}, "The two results are exchanged: L comes first."),
        multiplied("L", "N", "the number of examples", "a mean is needed, not a sum"),
        divided("L", "K", "the number of classes", "the mean runs over examples, not over entries"),
        *_targets(
            "not smoothed",
            lambda Y, eps, N: Y,
            "Your target is the one-hot row: nothing is smoothed here.",
        ),
        *_targets(
            "others only",
            _share_of_others,
            "You give eps to the K - 1 other classes. In this definition all K classes share it, "
            "the true one too.",
        ),
        *_targets(
            "true class without its share",
            lambda Y, eps, N: (1 - eps) * Y + eps / Y.shape[1] * (1 - Y),
            "Your target adds up to 1 - eps / K: the true class has a share of eps as well.",
        ),
        *_targets(
            "eps not shared",
            lambda Y, eps, N: (1 - eps) * Y + eps,
            "You give eps to every class. They share it: eps / K for each.",
        ),
        *_targets(
            "nothing given up",
            lambda Y, eps, N: Y + eps / Y.shape[1],
            "The true class keeps its 1 and gets a share on top. It gives up eps first.",
        ),
        *_targets(
            "exchanged",
            lambda Y, eps, N: eps * Y + (1 - eps) / Y.shape[1],
            "eps and 1 - eps are exchanged: with a small eps your target is nearly uniform.",
        ),
        *_targets(
            "shared by the examples",
            lambda Y, eps, N: (1 - eps) * Y + eps / N,
            "You divide eps by the number of examples. It is shared by the classes of one example.",
        ),
        *_targets(
            "uniform",
            lambda Y, eps, N: Y * 0 + 1 / Y.shape[1],
            "Your target is uniform, whatever eps is.",
        ),
        *_targets(
            "given up only",
            lambda Y, eps, N: (1 - eps) * Y,
            "What the true class gives up goes nowhere. All classes share it: eps / K for each.",
        ),
        instead(
            "probabilities smoothed",
            "L",
            lambda z, t, eps: (
                -np.log(
                    _q(softmax(z)[0], eps)[np.arange(len(t)), t],
                ).mean()
            ),
            "You smooth what the classifier says. It is the target that is smoothed.",
        ),
        multiplied("dz", "N", "the number of examples", "L is a mean, and so are its slopes"),
        divided("dz", "N", "the number of examples", "the mean is taken twice"),
        instead(
            "factor",
            "dz",
            lambda z, t, eps: (1 - eps) * (softmax(z)[0] - onehot(t, z.shape[1])) / len(t),
            "You multiply the gradient of the plain loss by 1 - eps. The other part of the "
            "target, eps / K for each class, has a gradient as well.",
        ),
    ],
    because=nudged,
)
