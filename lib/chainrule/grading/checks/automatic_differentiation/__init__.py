"""The exercises of the chapter ``automatic-differentiation``.

No formula for a derivative judges one here. Slopes are taken by the complex step: for an analytic
function f, Im f(x + ih) / h is f'(x) up to terms of order h², which vanish in floating point, and
nothing cancels (Squire & Trapp, 1998). Linear maps are differentiated by their definition
(:func:`chainrule.grading.exercises.adjoint`). The engine, which goes in reverse, is compared with
one that goes forward, and a walk over a graph with the inverse of a matrix, which sums over paths.
"""

from chainrule.grading.checks.automatic_differentiation.bugs import GRADIENTS
from chainrule.grading.checks.automatic_differentiation.checkpointing import CHECKPOINTED
from chainrule.grading.checks.automatic_differentiation.dual_numbers import DUAL
from chainrule.grading.checks.automatic_differentiation.engine import VALUE
from chainrule.grading.checks.automatic_differentiation.instrument import GRADIENT_ERROR
from chainrule.grading.checks.automatic_differentiation.ordering import TOPOLOGICAL_ORDER
from chainrule.grading.checks.automatic_differentiation.predictions import BY_HAND
from chainrule.grading.checks.automatic_differentiation.pullbacks import PULLBACK
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    BY_HAND,
    DUAL,
    TOPOLOGICAL_ORDER,
    VALUE,
    PULLBACK,
    GRADIENT_ERROR,
    CHECKPOINTED,
    GRADIENTS,
)
