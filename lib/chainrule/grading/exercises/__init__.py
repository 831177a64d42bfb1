"""What an author of exercises needs: kinds of exercises, and checks for each kind.

:class:`Function`
    The answer is a function of numbers and arrays. State its domain and its truth.
:class:`Answers`
    The answer is a dictionary of short answers.
:class:`Programs`
    The answer is a class, or a function that takes functions. State a right one, and the programs
    in which the two must agree. How to: :mod:`chainrule.grading.exercises.programs`.
:class:`Computed`
    The answer is a number, an array or a dictionary of them. State their values.
"""

from chainrule.grading.exercises.answers import Answers, Experiment, predictions
from chainrule.grading.exercises.base import Array, Check, Exercise, Problem, Results
from chainrule.grading.exercises.computed import Computed, WrongValue
from chainrule.grading.exercises.function_checks import (
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    refuses,
    sample,
    shapes,
    strided,
    values,
    whole_number,
)
from chainrule.grading.exercises.functions import Function, adjoint, complex_step, rounding
from chainrule.grading.exercises.programs import (
    Mistake,
    Program,
    Programs,
    agrees,
    deterministic,
    inputs_unchanged,
)
from chainrule.grading.exercises.training import learns

__all__ = [
    "Answers",
    "Array",
    "Check",
    "Computed",
    "Exercise",
    "Experiment",
    "Function",
    "Mistake",
    "Problem",
    "Program",
    "Programs",
    "Results",
    "WrongValue",
    "adjoint",
    "agrees",
    "complex_step",
    "deterministic",
    "empty_batch",
    "inputs_unchanged",
    "keeps_float32",
    "learns",
    "leaves_inputs_alone",
    "no_overflow",
    "predictions",
    "refuses",
    "rounding",
    "sample",
    "shapes",
    "strided",
    "values",
    "whole_number",
]
