"""The exercises of the chapter ``affine-layers``, a module for each.

The truth about a gradient is computed here by its definition, from the forward direction alone: an
affine map is its linear part plus a constant, so the gradient's entry k is ⟨dZ, linear part of the
unit input k⟩, with no formula for a gradient in sight
(:func:`chainrule.grading.exercises.adjoint`).
"""

from chainrule.grading.checks.affine_layers.affine import AFFINE
from chainrule.grading.checks.affine_layers.columns import AFFINE_COLUMNS
from chainrule.grading.checks.affine_layers.neuron import NEURON
from chainrule.grading.checks.affine_layers.parameters import COUNT_PARAMETERS
from chainrule.grading.checks.affine_layers.pullback import AFFINE_PULLBACK
from chainrule.grading.checks.affine_layers.shapes import SHAPES
from chainrule.grading.checks.affine_layers.summary import RESIDUAL_SUMMARY
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    SHAPES,
    NEURON,
    AFFINE,
    COUNT_PARAMETERS,
    AFFINE_PULLBACK,
    AFFINE_COLUMNS,
    RESIDUAL_SUMMARY,
)
