"""The exercises of the chapter ``losses``, a module for each.

The truth about a gradient is computed from the loss alone, by the complex step.
"""

from chainrule.grading.checks.losses.bce import BCE
from chainrule.grading.checks.losses.bugs import MENDED_OBJECTIVE
from chainrule.grading.checks.losses.cross_entropy import CROSS_ENTROPY
from chainrule.grading.checks.losses.huber import HUBER
from chainrule.grading.checks.losses.logsumexp import LOGSUMEXP
from chainrule.grading.checks.losses.mse import MSE
from chainrule.grading.checks.losses.predictions import PREDICTIONS
from chainrule.grading.checks.losses.ridge import RIDGE
from chainrule.grading.checks.losses.smoothing import SMOOTHED
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    PREDICTIONS,
    MSE,
    LOGSUMEXP,
    BCE,
    CROSS_ENTROPY,
    HUBER,
    RIDGE,
    SMOOTHED,
    MENDED_OBJECTIVE,
)
