"""``assert_correct``: a check that raises, for tools that grade by exceptions."""

from __future__ import annotations

import contextlib
import io

from chainrule.grading.checks import find
from chainrule.grading.handles import InProcess
from chainrule.grading.report import Feedback, evaluate


def assert_correct(name: str, answer: object, check: str | None = None) -> None:
    """Raise unless ``answer`` passes the checks of an exercise, those for grading included.

    It is for graders that take an exception for a failed test: nbgrader, otter-grader, pytest.
    ``chainrule exercises export`` writes assignments for them in which this function grades.

    Parameters
    ----------
    name : str
        The exercise, as in ``"affine-layers.neuron"``.
    answer : function, class, array or dict
        What the exercise asks for. Functions are passed, not called.
    check : str, optional
        Only this check of the exercise counts. By default all of them do.

    Raises
    ------
    AssertionError
        If the answer fails. The message is what :func:`chainrule.grading.check` says.
    ValueError
        If there is no exercise of this name, or it has no such check.

    Notes
    -----
    The answer runs in this process and can do to it what it likes, such as replacing this function.
    ``chainrule grade`` grades those whom you do not trust.

    Examples
    --------
    >>> from chainrule.grading import assert_correct
    >>> def neuron(x, w, b):
    ...     return x @ w + b
    >>> assert_correct("affine-layers.neuron", neuron)
    >>> assert_correct("affine-layers.neuron", lambda x, w, b: x @ w)
    Traceback (most recent call last):
        ...
    AssertionError: neuron: not yet. ...
    """
    exercise = find(name)
    names = [one.name for one in exercise.checks]
    if check is not None and check not in names:
        raise ValueError(
            f"assert_correct: {name} has no check {check!r}; it has: {', '.join(names)}"
        )
    # nbgrader gives no points to a cell that writes to stderr, whatever it writes.
    with contextlib.redirect_stderr(io.StringIO()):
        report = evaluate(exercise, InProcess(answer), graded=True)
    right = report.state == "pass" if check is None else check in report.passed
    if not right:
        raise AssertionError(repr(Feedback(report)))
