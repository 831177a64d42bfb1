"""The exercises of the chapter ``backpropagation``, a module for each.

The truth about a gradient is computed from the forward direction alone: by the complex step, or,
where a function is linear, by its definition.
"""

from chainrule.grading.checks.backpropagation.exclusive_or import TRAIN_XOR
from chainrule.grading.checks.backpropagation.gradient_check import GRADIENT_CHECK
from chainrule.grading.checks.backpropagation.layer import AFFINE
from chainrule.grading.checks.backpropagation.one_of_five import MENDED_PULLBACK
from chainrule.grading.checks.backpropagation.relu import RELU_PULLBACK
from chainrule.grading.checks.backpropagation.six_gradients import TWO_LAYER_GRADIENTS
from chainrule.grading.checks.backpropagation.twins import TWINS
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    RELU_PULLBACK,
    AFFINE,
    TWO_LAYER_GRADIENTS,
    TWINS,
    GRADIENT_CHECK,
    TRAIN_XOR,
    MENDED_PULLBACK,
)
