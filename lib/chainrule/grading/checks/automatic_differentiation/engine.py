"""An engine for single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.grading.checks.automatic_differentiation.engine_mistakes import MISTAKES
from chainrule.grading.checks.automatic_differentiation.forward_engine import Value
from chainrule.grading.checks.automatic_differentiation.shared import LIMITED, large
from chainrule.grading.exercises import Check, Problem, Program, Programs, agrees
from chainrule.grading.exercises.programs import Session
from chainrule.grading.handles import Returned

_LEAVES = ("a = Value(2.0)\nb = Value(-3.0)", "a = Value(-1.5)\nb = Value(0.5)")


def _uses(expression: str, *, a: Sequence[float]) -> list[Program]:
    return [
        Program(f"a = Value({x})\nc = {expression}\nc.backward()", ["c.data", "a.grad"]) for x in a
    ]


def _engine_check(operator: str, *hints: str) -> Check:
    return agrees(
        operator,
        [
            Program(f"{leaves}\nc = a {operator} b\nc.backward()", ["c.data", "a.grad", "b.grad"])
            for leaves in _LEAVES
        ],
        *hints,
    )


def _separate(session: Session) -> Problem | None:
    """What one value remembers is not what another remembers."""
    program = Program(
        "a = Value(2.0)\nb = Value(5.0)\nc = a + b\nd = Value(7.0)\nd.backward()",
        ["a.grad", "b.grad"],
        says="d has just been made, and going backward from it reaches other values.",
    )
    if not isinstance(session.run(program), Returned):
        return None  # the next checks say why
    problem = session.problem(program)
    if problem is None:
        return None
    return replace(
        problem,
        diagnosis="All values share one list of what they were computed from. A list that is the "
        "default of an argument, or stands in the body of the class, is made only once.",
    )


VALUE = Programs(
    "automatic-differentiation.Value",
    reference=Value,
    given=LIMITED,
    given_methods=["__init__"],
    checks=[
        Check(
            "separate",
            _separate,
            (
                "Look at the first line of __init__, and for anything that is made in the body of "
                "the class. A list of one's own is made inside __init__.",
            ),
            basic=True,
        ),
        agrees(
            "leaf",
            [
                Program("a = Value(3.0)", ["a.data", "a.grad"]),
                Program("a = Value(3.0)\na.backward()", ["a.data", "a.grad"]),
            ],
            "How much does a change when a changes by 1? backward starts from there.",
        ),
        _engine_check(
            "+",
            "c.backward() starts with the gradient 1 at c. What reaches a, what reaches b?",
            "The slope of a + b with respect to each of them is 1. Where does your backward add "
            "it to a.grad?",
        ),
        _engine_check(
            "*",
            "Raise a by 1. By how much does a * b grow?",
            "The slope of a * b with respect to a is the number in b, and the other way around.",
        ),
        _engine_check(
            "-",
            "Raise b by 1. What does that do to a - b?",
        ),
        _engine_check(
            "/",
            "You know the slopes of c = a / b from your Dual: set the slope of one operand to 1, "
            "that of the other to 0.",
            "With respect to a it is 1 / b, with respect to b it is -a / (b * b).",
        ),
        agrees(
            "negative",
            _uses("-a", a=(2.0, -0.5)),
            "Python calls a.__neg__() for -a.",
        ),
        agrees(
            "**",
            [
                *_uses("a ** 2", a=(3.0, -1.5)),
                *_uses("a ** 3", a=(2.0, -0.5)),
                *_uses("a ** -1", a=(2.0, -4.0)),
                *_uses("a ** 0.5", a=(4.0, 2.25)),
            ],
            "Python calls a.__pow__(k) for a ** k. Only a has a gradient, k is a constant.",
            "The slope of a ** k is k * a ** (k - 1).",
        ),
        agrees(
            "exp",
            _uses("a.exp()", a=(2.0, -0.5)),
            "What is the derivative of the exponential function, and have you computed it already?",
        ),
        agrees(
            "tanh",
            _uses("a.tanh()", a=(0.5, -1.5)),
            "With y = tanh(a), the slope is 1 - y * y. Which of the two numbers, a or y, is in "
            "your formula?",
        ),
        agrees(
            "relu",
            _uses("a.relu()", a=(2.0, -3.0, 0.5, -0.5)),
            "Below 0, relu is flat. What is its slope there, and above 0?",
        ),
        agrees(
            "numbers",
            [
                Program(f"a = Value({x})\nc = {expression}\nc.backward()", ["c.data", "a.grad"])
                for expression in (
                    *("a + 2", "a - 2", "a * 2", "a / 2"),
                    *("2 + a", "2 - a", "2 * a", "2 / a"),
                )
                for x in (5.0, -4.0)
            ],
            "Which operand stands on the left in the failing line? Python asks it first.",
            "2 * a calls a.__rmul__(2), as in Dual. There are __radd__, __rsub__ and __rtruediv__ "
            "as well.",
        ),
        agrees(
            "chain",
            [
                Program(
                    "a = Value(2.0)\nb = Value(3.0)\nc = Value(4.0)\nd = (a * b) * c\nd.backward()",
                    ["a.grad", "b.grad", "c.grad"],
                ),
                Program(
                    "a = Value(0.5)\nb = (a * 3).tanh() * 2\nb.backward()", ["b.data", "a.grad"]
                ),
                Program(
                    "w = Value(0.5)\nx = Value(-2.0)\nb = Value(1.5)\n"
                    "y = ((w * x + b).tanh() - 1) ** 2\ny.backward()",
                    ["y.data", "w.grad", "x.grad", "b.grad"],
                ),
                Program(
                    "a = Value(-0.5)\nb = 1 / (1 + (-a).exp())\nb.backward()", ["b.data", "a.grad"]
                ),
            ],
            "Each slope has to be multiplied by the gradient that has arrived at the result of its "
            "operation. What arrives at the inner one here?",
        ),
        agrees(
            "reuse",
            [
                Program("a = Value(3.0)\nb = a + a\nb.backward()", ["a.grad"]),
                Program("a = Value(3.0)\nb = a * a\nb.backward()", ["a.grad"]),
                Program("a = Value(3.0)\nb = a + a\nc = b + b\nc.backward()", ["a.grad"]),
                Program("a = Value(3.0)\nb = a * a\nc = b * b\nc.backward()", ["a.grad"]),
            ],
            "How many uses does each value have? Each of them contributes.",
            "Where several contributions arrive, they add up: += rather than =.",
            "Follow b = a + a, c = b + b by hand: what is in each grad after each step?",
        ),
        agrees(
            "order",
            [
                Program(f"a = Value(3.0)\n{steps}\nd.backward()", ["d.data", "a.grad"])
                for steps in (
                    "b = a * 2\nd = b + a",
                    "b = a * a\nd = a * b",
                    "b = a * a\nd = b * a",
                    "b = a + 1\nc = b * b\nd = b * c",
                    "b = a + 1\nc = b * b\nd = c * b",
                    "b = a * 2\nc = b.exp()\nd = c * b * a",
                )
            ]
            + [
                Program(
                    "a = Value(1.0)\nb = Value(2.0)\nc = a * b\n"
                    "d = c + b\ne = c * d\nf = (e - d) * a\nf.backward()",
                    ["a.grad", "b.grad"],
                ),
                Program(
                    "a = Value(2.0)\nb = Value(2.0)\nc = a * a * b\nd = c - a\nd.backward()",
                    ["a.grad", "b.grad"],
                ),
            ],
            "In which order does your backward visit the values of this program? Which gradient "
            "is not complete yet when it is passed on?",
            "Visit the values in the reverse of a topological order. You have written one.",
            basic=False,
        ),
        agrees(
            "adds up",
            [
                Program("a = Value(3.0)\nb = a * 2\nb.backward()\nb.backward()", ["a.grad"]),
                Program(
                    "a = Value(3.0)\nb = a * a\nc = b * 5\nb.backward()\nc.backward()", ["a.grad"]
                ),
                Program(
                    "a = Value(3.0)\nb = a * a\nc = b * 5\nd = c + 1\nc.backward()\nd.backward()",
                    ["a.grad"],
                ),
                Program(
                    "a = Value(2.0)\nb = Value(4.0)\nc = a * b\nc.backward()\nd = a - b\n"
                    "d.backward()",
                    ["a.grad", "b.grad"],
                ),
                Program(
                    "a = Value(2.0)\nb = (a * a).exp()\nb.backward()\na.grad = 0.0\nb.backward()",
                    ["a.grad"],
                ),
            ],
            "Two calls add two derivatives to the grad of a leaf. What is in the grad of the "
            "values between, when the second call begins?",
            "Let each call collect in a dictionary of its own, or set the values between, but not "
            "the leaves, back to 0 first.",
            basic=False,
        ),
        agrees(
            "operands unchanged",
            [
                Program(
                    f"a = Value(3.0)\nb = Value(4.0)\nc = {expression}\nc.backward()",
                    ["a.data", "b.data"],
                    says="Computing c, or going backward, has changed an operand: {result} is not "
                    "what it was.",
                )
                for expression in ("a + b", "a - b", "a * b", "a / b", "-a", "a.relu()", "2 * a")
            ],
            "A result is a new Value. Look for self.data = ... or self.data += ... outside "
            "__init__.",
            basic=False,
        ),
        large(
            "depth",
            Program(
                "a = Value(1.0)\nb = a\nfor _ in range(10_000):\n    b = b + 1\nb.backward()",
                ["b.data", "a.grad"],
                expected={"b.data": 10_001.0, "a.grad": 1.0},
            ),
            "Python allows about 1,000 nested calls, and this graph is 10,000 operations deep. "
            "Which of your functions calls itself?",
            "Keep a list of what is still to be done, as in topological_order.",
        ),
        large(
            "each value once",
            Program(
                "a = Value(1.0)\nb = a\nfor _ in range(40):\n    b = b + b\nlimited(b.backward)",
                ["a.grad"],
                expected={"a.grad": 2.0**40},
                because="there are 41 values, but 2 to the power of 40 paths from b to a",
            ),
            "How many paths lead from b to a? How many of them does your backward walk along?",
            "Remember which values you have seen to, in a set.",
        ),
    ],
    mistakes=MISTAKES,
)
