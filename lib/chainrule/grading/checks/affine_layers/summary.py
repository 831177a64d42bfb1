"""Find the bug: a column of scores minus a row of targets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.functional import affine
from chainrule.grading.exercises import (
    Array,
    Function,
    leaves_inputs_alone,
    refuses,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import exchanged, instead
from chainrule.grading.search import Arrays, Case


def _summary(X: Array, W: Array, b: Array, t: Array) -> Mapping[str, Array]:
    residual = affine(X, W, b)[0][:, 0] - t
    return {
        "mean_residual": np.asarray(residual.mean()),
        "mean_square": np.asarray((residual * residual).mean()),
    }


def _summary_magnitude(X: Array, W: Array, b: Array, t: Array) -> Mapping[str, Array]:
    size = affine(abs(X), abs(W), abs(b))[0][:, 0] + abs(t)
    return {
        "mean_residual": np.asarray(size.mean()),
        "mean_square": np.asarray((size * size).mean()),
    }


_RESIDUALS = Arrays({"X": "B d_in", "W": "1 d_in", "b": "1", "t": "B"})


def _unfit() -> list[Case]:
    """Targets that are not one per example, most of which NumPy broadcasts without a word."""
    case = {"X": np.array([[1.0], [2.0]]), "W": np.ones((1, 1)), "b": np.zeros(1)}
    return [case | {"t": np.ones(shape)} for shape in ((1,), (2, 1), (1, 2), (3,), ())]


RESIDUAL_SUMMARY = Function(
    "affine-layers.residual_summary",
    _RESIDUALS,
    returns={"mean_residual": "", "mean_square": ""},
    truth=_summary,
    magnitude=_summary_magnitude,
    checks=[
        shapes(
            "Both results are single numbers: a mean over all examples. And the t above has the "
            "shape that is right, (B,): it must get through.",
        ),
        values(
            "mean_residual",
            "Compute the score of each example above by hand, subtract its target, and average.",
            "This number came out right in the code you were given. What did you change?",
        ),
        values(
            "mean_square",
            "How many differences are there between B scores and their B targets? How many does "
            "your code make? Print the shape of each intermediate array.",
            "Z has shape (B, 1) and t has shape (B,). What did you find about y - t in the first "
            "exercise?",
            "Bring both to one shape before you subtract: Z[:, 0] has shape (B,).",
        ),
        refuses(
            "refuses bad targets",
            _unfit(),
            "ValueError",
            lambda case: f"t has shape {case['t'].shape}, not (B,) = ({len(case['X'])},)",
            "What must be true of t.shape for the subtraction to pair each score with its target?",
            "if t.shape != ...: raise ValueError(...), before anything is computed with t.",
            says=lambda case: (f"({len(case['X'])},)", str(case["t"].shape)),
        ),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "root of the mean square",
            "mean_square",
            lambda X, W, b, t: np.sqrt((((X @ W.T + b)[:, 0] - t) ** 2).mean()),
            "Your mean_square is the root of it. The root is not asked for.",
        ),
        instead(
            "every score with every target",
            "mean_square",
            lambda X, W, b, t: ((X @ W.T + b - t) ** 2).mean(),
            "You average {B} * {B} squares: Z is ({B}, 1) and t is ({B},), so Z - t pairs every "
            "score with every target.",
        ),
        instead(
            "variance",
            "mean_square",
            lambda X, W, b, t: ((X @ W.T + b)[:, 0] - t).var(),
            "You take the variance, which subtracts the mean residual before it squares. Square "
            "the residuals as they are.",
        ),
        instead(
            "square of the mean",
            "mean_square",
            lambda X, W, b, t: (X @ W.T + b - t).mean() ** 2,
            "You square the mean residual. Square each residual first, then average.",
        ),
        instead(
            "sum of squares",
            "mean_square",
            lambda X, W, b, t: (((X @ W.T + b)[:, 0] - t) ** 2).sum(),
            "Your mean_square is the sum of the squares; divide by the number of examples.",
        ),
        instead(
            "sum over all pairs",
            "mean_square",
            lambda X, W, b, t: ((X @ W.T + b - t) ** 2).sum() / len(t),
            "You still add {B} * {B} squares and divide by {B}: Z - t pairs every score with "
            "every target. Dividing differently does not mend it.",
        ),
        instead(
            "absolute values",
            "mean_square",
            lambda X, W, b, t: abs((X @ W.T + b)[:, 0] - t).mean(),
            "Your mean_square averages absolute values; squares are asked for.",
        ),
        instead(
            "first score only",
            "mean_square",
            lambda X, W, b, t: (((X @ W.T + b)[0] - t) ** 2).mean(),
            "You compare the score of the first example with every target: Z[0] is a row. The "
            "column you want is Z[:, 0].",
        ),
        exchanged(
            {"mean_residual": "mean_square", "mean_square": "mean_residual"},
            "The two results are exchanged: mean_residual comes first.",
        ),
        instead(
            "mean_residual negated",
            "mean_residual",
            lambda X, W, b, t: (t - (X @ W.T + b)[:, 0]).mean(),
            "Your residual is target minus score. Here it is score minus target.",
        ),
        instead(
            "mean of the first score",
            "mean_residual",
            lambda X, W, b, t: ((X @ W.T + b)[0] - t).mean(),
            "You compare the score of the first example with every target: Z[0] is a row. The "
            "column you want is Z[:, 0].",
        ),
        instead(
            "sum of residuals",
            "mean_residual",
            lambda X, W, b, t: ((X @ W.T + b)[:, 0] - t).sum(),
            "Your mean_residual is the sum of the residuals; divide by the number of examples.",
        ),
        instead(
            "no bias",
            "mean_residual",
            lambda X, W, b, t: ((X @ W.T)[:, 0] - t).mean(),
            "Your scores lack the bias b.",
        ),
    ],
)
