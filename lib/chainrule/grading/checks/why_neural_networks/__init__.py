"""The exercises of the chapter ``why-neural-networks``, a module for each subject."""

from chainrule.grading.checks.why_neural_networks.bound import MISTAKE_BOUND
from chainrule.grading.checks.why_neural_networks.collapse import COLLAPSE
from chainrule.grading.checks.why_neural_networks.distances import DISTANCE_SPREAD
from chainrule.grading.checks.why_neural_networks.exclusive_or import NEURONS
from chainrule.grading.checks.why_neural_networks.neighbors import NEAREST_CLASS
from chainrule.grading.checks.why_neural_networks.perceptron import PERCEPTRON, PERCEPTRON_STEP
from chainrule.grading.checks.why_neural_networks.predictions import PREDICTED
from chainrule.grading.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = (
    PERCEPTRON_STEP,
    PERCEPTRON,
    PREDICTED,
    MISTAKE_BOUND,
    NEURONS,
    COLLAPSE,
    DISTANCE_SPREAD,
    NEAREST_CLASS,
)
