"""Exercises that grade themselves: ``check(name, answer)`` tells what is wrong with an answer.

Written for learners first: :func:`check` is all that an exercise notebook needs, and
:func:`progress` shows what is done. The checks of a chapter are in ``chainrule.grading.checks``;
how to add one is in CONTRIBUTING.
"""

from chainrule.grading.feedback import check
from chainrule.grading.record import progress

__all__ = ["check", "progress"]
