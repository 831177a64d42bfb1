"""The exercises of the chapter ``forward-pass``, a module for each subject."""

from chainrule.grading.checks.forward_pass.any_depth import FORWARD
from chainrule.grading.checks.forward_pass.local_map import LOCAL_MAP
from chainrule.grading.checks.forward_pass.probabilities import CLASS_PROBABILITIES
from chainrule.grading.checks.forward_pass.representation import REPRESENTATION
from chainrule.grading.checks.forward_pass.rows import CHANGED
from chainrule.grading.checks.forward_pass.sizes import NETWORK_SIZE
from chainrule.grading.checks.forward_pass.two_layers import TWO_LAYERS
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    NETWORK_SIZE,
    TWO_LAYERS,
    FORWARD,
    CHANGED,
    REPRESENTATION,
    LOCAL_MAP,
    CLASS_PROBABILITIES,
)
