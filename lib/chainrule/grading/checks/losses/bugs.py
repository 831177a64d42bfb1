"""A classifier's objective with three bugs, to be mended."""

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
    values,
)
from chainrule.grading.misconceptions import Misconception, divided, instead, multiplied
from chainrule.grading.search import Case


def _objective(X: Array, t: Array, W: Array, b: Array, lam: float) -> Mapping[str, Array]:
    examples = np.arange(len(t))

    def J(W: Array, b: Array) -> Array:
        """For stacks of parameters."""
        z = X @ W.swapaxes(-1, -2) + b[..., None, :]
        L = (lse(z) - z[..., examples, t]).mean(-1)
        return np.asarray(L + lam / 2 * (W**2).sum((-2, -1)))

    return {
        "J": J(W, b),
        "dW": complex_step(lambda nudges: J(W + nudges, b), W.shape),
        "db": complex_step(lambda nudges: J(W, b + nudges), b.shape),
    }


def _objective_size(X: Array, t: Array, W: Array, b: Array, lam: float) -> Mapping[str, Array]:
    z = abs(X) @ abs(W).T + abs(b)
    dz = (size_of_probabilities(X @ W.T + b) * (1 + 2 * z.max()) + onehot(t, len(b))) / len(t)
    return {
        "J": np.asarray(1 + 4 * z.max(-1).mean() + lam * (W**2).sum()),
        "dW": dz.T @ abs(X) + lam * abs(W),
        "db": dz.sum(0),
    }


def _loss(X: Array, t: Array, W: Array, b: Array, **_: object) -> Array:
    z = X @ W.T + b
    return np.asarray((lse(z) - z[np.arange(len(t)), t]).mean())


def _dz(X: Array, t: Array, W: Array, b: Array, **_: object) -> Array:
    return np.asarray((softmax(X @ W.T + b)[0] - onehot(t, len(b))) / len(t))


def _by_P(
    log: Callable[[Array], Array],
    X: Array,
    t: Array,
    W: Array,
    b: Array,
    lam: float,
    *,
    one_maximum: bool = False,
) -> Array:
    """The objective with a logarithm of probabilities."""
    Z = X @ W.T + b
    E = np.exp(Z - (Z.max() if one_maximum else Z.max(1, keepdims=True)))
    log_P = log(E / E.sum(1, keepdims=True))
    return np.asarray(-(onehot(t, len(b)) * log_P).sum(1).mean() + lam / 2 * (W**2).sum())


def _around(
    middle: Callable[..., Array],
    picked: bool,
    X: Array,
    t: Array,
    W: Array,
    b: Array,
    lam: float,
) -> Array:
    """The objective with another number than the maximum taken out of each row."""
    Z = X @ W.T + b
    Z = Z - middle(Z, 1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(1, keepdims=True))
    chosen = log_P[np.arange(len(t)), t] if picked else (onehot(t, len(b)) * log_P).sum(1)
    return np.asarray(-chosen.mean() + lam / 2 * (W**2).sum())


def _penalized(
    name: str, result: str, penalty: Callable[..., Array | float], says: str
) -> Misconception:
    """Another penalty in J, or another summand in a gradient."""

    def wrong(**case: Array) -> Array:
        dz = _dz(**case)
        plain = {"J": _loss(**case), "dW": dz.T @ case["X"], "db": dz.sum(0)}
        return np.asarray(plain[result] + penalty(**case))

    return instead(name, result, wrong, says)


def _far(X: list[list[float]], t: list[int], W: tuple[float, ...] = (1.0, 0.0)) -> Case:
    """Inputs so large that the logits, mostly x and 0, are far apart."""
    return {
        "X": np.array(X),
        "t": np.array(t),
        "W": np.array([[w] for w in W]),
        "b": np.zeros(len(W)),
        "lam": 1.0,
    }


MENDED_OBJECTIVE = Function(
    "losses.mended_objective",
    Classified(
        {"X": "N d", "t": "N", "W": "K d", "b": "K", "lam": ""}, {"lam": abs, "W": lambda W: W / 4}
    ),
    returns={"J": "", "dW": "K d", "db": "K"},
    truth=_objective,
    magnitude=_objective_size,
    checks=[
        shapes("J is one number, dW has the shape of W and db that of b, as in the code given."),
        values(
            "J",
            "The first test: with W and b zero every class gets 1/K. What does -log of that cost, "
            "and what does your function say?",
            "Y * log P has N K entries, of which N are not zero. Over how many should the mean "
            "run?",
            "Add up over the classes first, axis=1, and then take the mean over the examples.",
        ),
        values(
            "dW",
            "The second test: nudge a weight, and compare what J does with what dW promises. "
            "Which of the two parts of J does the difference come from? Set lam to 0 and look.",
            "J has lam / 2 times the square of each weight. What is its slope?",
        ),
        values(
            "db",
            "This one came out right in the code you were given. What did you change?",
            "The bias is not in the penalty.",
        ),
        no_overflow(
            "far examples",
            [
                _far([[1000.0]], [1]),
                _far([[1000.0]], [0]),
                _far([[-1000.0]], [0]),
                _far([[1000.0], [0.0]], [0, 1]),
                _far([[1000.0], [-1000.0]], [0, 1]),
                _far([[1000.0], [-1000.0]], [0, 1], W=(1.0, 1.0)),
                _far([[3000.0]], [1]),
                _far([[1000.0]], [1], W=(1.0, 0.0, 0.0)),
            ],
            "The third test: print P for the input above, or for the examples of the test. Which "
            "entries are 0 or nan, and what do the next lines do with them?",
            "There are two places. One m for the whole batch leaves nothing of a row whose logits "
            "are all far below it. And a probability that has been rounded to 0 has no logarithm.",
            "log P = Z - lse(Z), row by row, with the largest logit of each row taken out. Take "
            "exp of that where you need P.",
            mistakes=[
                instead(
                    "one maximum",
                    "J",
                    lambda X, t, W, b, lam: _by_P(np.log, X, t, W, b, lam, one_maximum=True),
                    "You still take one number out of the whole batch, and the logarithm after "
                    "the division. In a row far below the maximum nothing is left but 0 / 0.",
                ),
                *(
                    instead(
                        f"{name} for the maximum",
                        "J",
                        lambda X, t, W, b, lam, middle=middle, picked=picked: _around(
                            middle, picked, X, t, W, b, lam
                        ),
                        f"You take the {name} out of each row. The largest logit can be far above "
                        "it, and then its exponential overflows.",
                    )
                    for name, middle in (("mean", np.mean), ("median", np.median))
                    for picked in (False, True)
                ),
                instead(
                    "log of P",
                    "J",
                    lambda X, t, W, b, lam: _by_P(np.log, X, t, W, b, lam),
                    "Each row has its own maximum now, but the logarithm still comes after the "
                    "division: 0 times log(0) is nan. Take it before: log P = Z - lse(Z).",
                ),
                *(
                    instead(
                        f"clipped at {eps:g}",
                        "J",
                        lambda X, t, W, b, lam, eps=eps: _by_P(
                            lambda P: np.log(np.maximum(P, eps)), X, t, W, b, lam
                        ),
                        f"You clip P at {eps:g}. The nan is gone, but a loss of 1000 is reported "
                        f"as {-np.log(eps):.1f}. Take the logarithm before the division.",
                    )
                    for eps in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
                ),
            ],
        ),
        keeps_float32(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "mean over entries",
            "J",
            lambda X, t, W, b, lam: _loss(X, t, W, b) / len(b) + lam / 2 * (W**2).sum(),
            "The mean still runs over all {N} * {K} entries of Y * log P: your loss is {K} times "
            "too small. Add up over the classes, then average over the examples.",
        ),
        instead(
            "sum over examples",
            "J",
            lambda X, t, W, b, lam: _loss(X, t, W, b) * len(t) + lam / 2 * (W**2).sum(),
            "You add up over the examples as well. The loss is their mean.",
        ),
        *(
            instead(
                f"{eps:g} in the logarithm",
                "J",
                lambda X, t, W, b, lam, eps=eps: _by_P(lambda P: np.log(P + eps), X, t, W, b, lam),
                f"You add {eps:g} inside of the logarithm. The nan is gone, but every loss is a "
                "little wrong, and that of a very wrong answer far too small. Take the logarithm "
                "before the division.",
            )
            for eps in (1e-6, 1e-7, 1e-8)
        ),
        instead(
            "mean over classes",
            "J",
            lambda X, t, W, b, lam: _loss(X, t, W, b) * len(t) / len(b) + lam / 2 * (W**2).sum(),
            "You add up over the examples and average over the classes. It is the other way "
            "around: axis=1 adds up over the classes, and the mean is over the examples.",
        ),
        _penalized(
            "penalty averaged",
            "J",
            lambda W, lam, **_: lam / 2 * (W**2).mean(),
            "Your penalty averages over the entries of W. It adds up their squares.",
        ),
        _penalized(
            "J fitted to the gradient",
            "J",
            lambda W, lam, **_: lam * (W**2).sum(),
            "You have changed the penalty in J to fit the gradient. The two agree now, but it is "
            "the gradient that was wrong: J has lam / 2.",
        ),
        _penalized(
            "no penalty",
            "J",
            lambda **_: 0.0,
            "Your J has no penalty. It belongs to it.",
        ),
        _penalized(
            "bias in the penalty",
            "J",
            lambda W, b, lam, **_: lam / 2 * ((W**2).sum() + (b**2).sum()),
            "You have put the bias into the penalty. It was rightly left out.",
        ),
        _penalized(
            "penalty over N",
            "J",
            lambda W, t, lam, **_: lam / 2 * (W**2).sum() / len(t),
            "You divide the penalty by the number of examples. It stands outside of the mean.",
        ),
        _penalized(
            "2 lam W",
            "dW",
            lambda W, lam, **_: 2 * lam * W,
            "The penalty still has the slope 2 lam W. The 2 of the square meets the half in J.",
        ),
        _penalized(
            "dW without penalty",
            "dW",
            lambda **_: 0.0,
            "Your dW has no penalty in it any more. It belongs there, with another factor.",
        ),
        _penalized(
            "lam W / 2",
            "dW",
            lambda W, lam, **_: lam / 2 * W,
            "Your penalty has the slope lam / 2 W. The square brings down a 2.",
        ),
        _penalized(
            "lam W / N",
            "dW",
            lambda W, t, lam, **_: lam * W / len(t),
            "You divide the slope of the penalty by the number of examples. The penalty stands "
            "outside of the mean.",
        ),
        instead(
            "dW divided",
            "dW",
            lambda X, t, W, b, lam: _dz(X, t, W, b).T @ X / len(b) + lam * W,
            "You divide the slope of the loss by the number of classes. It was right: it is J "
            "whose mean ran over too many entries.",
        ),
        instead(
            "dW multiplied",
            "dW",
            lambda X, t, W, b, lam: len(t) * _dz(X, t, W, b).T @ X + lam * W,
            "You do not divide dZ by the number of examples any more. The loss is a mean.",
        ),
        _penalized(
            "bias decayed",
            "db",
            lambda b, lam, **_: lam * b,
            "You add lam b to db. The bias is not in the penalty.",
        ),
        divided("db", "K", "the number of classes", "db was right as it stood"),
        divided("db", "N", "the number of examples", "dZ is divided by N already"),
        multiplied("db", "N", "the number of examples", "the loss is a mean"),
    ],
    because=nudged,
)
