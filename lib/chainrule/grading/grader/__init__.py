"""The instructor's grader: notebooks of strangers, each in a sandbox, checked from outside.

The learner's code runs in one process (:mod:`~chainrule.grading.grader.worker`) and the checks in
another; between them there is a pipe that carries data only
(:mod:`~chainrule.grading.grader.codec`). The entry points are
:func:`chainrule.grading.grader.submission.grade`, which grades the bytes of one notebook, and
:func:`chainrule.grading.grader.run.run`, which grades a class. This file imports nothing: it is
read inside the sandbox too.
"""
