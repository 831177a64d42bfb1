"""Exercises that grade themselves: ``check(name, answer)`` tells what is wrong with an answer.

Written for learners first: :func:`check` is all that an exercise notebook needs, and
:func:`progress` shows what is done; :func:`assert_correct` is for other tools that grade. The
checks of a chapter are in ``chainrule.grading.checks``; how to add one is in CONTRIBUTING.
"""

from chainrule.grading.assertions import assert_correct
from chainrule.grading.feedback import check
from chainrule.grading.record import progress

__all__ = ["assert_correct", "check", "progress"]
