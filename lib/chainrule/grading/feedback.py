"""``check``: what a learner calls in the cell below their answer."""

from __future__ import annotations

import sys

from chainrule.grading.checks import find
from chainrule.grading.handles import InProcess, learners_line
from chainrule.grading.record import remember
from chainrule.grading.report import Feedback, evaluate


def check(name: str, answer: object, hint: int = 1) -> None:
    """Check ``answer`` and print what is right, what is wrong, and why.

    The first line is the verdict. For a wrong answer follow the smallest input on which it fails,
    what it returns there and what is expected, the mistake by name if it is a well-known one, and
    a hint. In a notebook this is a card; elsewhere it is plain text. The same answer always gets
    the same text.

    Parameters
    ----------
    name : str
        The exercise, as in ``"affine-layers.neuron"``.
    answer : function or dict
        What the exercise asks for. Functions are passed, not called.
    hint : int
        Which hint to show, from 1.

    Raises
    ------
    ValueError
        If there is no exercise of this name, or ``hint`` is not a positive whole number.

    Notes
    -----
    Your best result is kept; see :func:`chainrule.grading.progress`.

    What the function prints while it is checked appears beside the failing input only. The answer
    runs in this process, with the rights of this process.

    Examples
    --------
    >>> from chainrule.grading import check
    >>> def neuron(x, w, b):
    ...     return x @ w
    >>> check("affine-layers.neuron", neuron)
    neuron: not yet. ...
    """
    exercise = find(name)
    if isinstance(hint, bool) or not isinstance(hint, int) or hint < 1:
        raise ValueError(f"check: hint must be 1, 2, 3, ..., got {hint!r}")
    try:
        report = evaluate(exercise, InProcess(answer))
    except KeyboardInterrupt as error:
        raise Interrupted(error) from None
    _show(Feedback(report, hint))
    if note := remember(report):
        print(note, file=sys.stderr)


class Interrupted(KeyboardInterrupt):
    """Somebody has lost patience with an answer; says in which line of it.

    Still an error, so that a notebook which is run as a whole stops here; without the traceback,
    which would show the code of the check.
    """

    def __init__(self, error: KeyboardInterrupt) -> None:
        line, source, helper = learners_line(error.__traceback__)
        place = f", in line {line}" + (f" of {helper}" if helper else "") if line else ""
        code = f": {source}\n" if source else "; "
        super().__init__(
            f"check: interrupted while your function ran{place}{code}"
            "Does one of its loops never end?"
        )

    def _render_traceback_(self) -> list[str]:  # IPython asks for this name
        return [str(self)]


def _show(feedback: Feedback) -> None:
    # IPython is loaded exactly when this runs under it; importing it here would install nothing.
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(feedback)
        return
    # A terminal that lacks a character of the learner's own code shows its escape instead.
    encoding = sys.stdout.encoding or "utf-8"
    print(repr(feedback).encode(encoding, "backslashreplace").decode(encoding))
