"""The exercises of the chapter ``activations``, a module for each.

The truth about a slope is computed from the function alone, by the complex step, where NumPy's
functions know complex numbers.
"""

from chainrule.grading.checks.activations.elu import ELU
from chainrule.grading.checks.activations.gelu import GELU
from chainrule.grading.checks.activations.leaky import LEAKY_RELU
from chainrule.grading.checks.activations.legal import LEGAL_SOFTMAX
from chainrule.grading.checks.activations.predictions import PREDICTIONS
from chainrule.grading.checks.activations.relu import RELU
from chainrule.grading.checks.activations.sigmoid import SIGMOID
from chainrule.grading.checks.activations.softmax import SOFTMAX
from chainrule.grading.checks.activations.swiglu import SWIGLU
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    PREDICTIONS,
    RELU,
    SIGMOID,
    LEAKY_RELU,
    ELU,
    GELU,
    SOFTMAX,
    SWIGLU,
    LEGAL_SOFTMAX,
)
