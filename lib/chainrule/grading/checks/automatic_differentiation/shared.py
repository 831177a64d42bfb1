"""What several of the exercises use: slopes by the complex step, code that notebooks give, and the
mistakes that any class with operators can have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.grading.exercises import Check, Mistake, Problem, Program
from chainrule.grading.exercises.programs import Session
from chainrule.grading.handles import Returned, identical

STEP = 2.0**-200


def slope(f: Callable[..., Any], *numbers: float, wrt: int = 0) -> float:
    """The derivative of ``f`` with respect to one of its arguments, by the complex step."""
    moved = [*numbers[:wrt], complex(numbers[wrt], STEP), *numbers[wrt + 1 :]]
    return float(np.imag(f(*moved)) / STEP)


def relu(x: Any) -> Any:
    """max(x, 0), of complex numbers too."""
    return x if x.real > 0 else 0 * x


# Stands in the notebook, before the exercise that uses it first.
LIMITED = '''
import sys


def limited(function, *arguments):
    """function(*arguments), stopped if it makes more than 20,000 calls"""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")
        if calls > 20_000:
            raise RuntimeError("stopped after 20,000 calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return function(*arguments)
    finally:
        sys.setprofile(before)
'''


def same_each_time(program: Program, *hints: str) -> Check:
    """Run twice, ``program`` gives the same. The numbers are not shown: they change each time."""

    def judge(session: Session) -> Problem | None:
        first, second = session.run(program), session.again(program)
        if not isinstance(first, Returned) or not isinstance(second, Returned):
            return None  # the next checks say why
        if identical(first.value, second.value):
            return None
        return Problem(
            "changing",
            "Run twice, this program gives two different results.",
            case=dict(program.inputs),
            program=program.source,
            diagnosis="Something survives from one run to the next: a list or dictionary that is "
            "the default of an argument, or stands outside the function or in the body of the "
            "class, is made only once.",
        )

    return Check("same each time", judge, hints, basic=True)


def large(name: str, program: Program, *hints: str) -> Check:
    """``program``, on a large graph, gives what it states.

    No known mistake is looked for: each would have to run the large graph too.
    """

    def judge(session: Session) -> Problem | None:
        problem = session.problem(program)
        if problem is None:
            return None
        if problem.kind == "raised RuntimeError" and "limited(" in program.source:
            verdict = f"Your {session.exercise.answer} is not done after 20,000 calls."
            return replace(problem, verdict=verdict)
        if problem.kind != "raised RecursionError":
            return problem
        return replace(
            problem,
            diagnosis="Some function of yours calls itself, once for each step along a path. "
            "Python stops at about 1,000 nested calls, and a larger limit only moves the end.",
        )

    return Check(name, judge, hints)


def but(reference: type, **methods: Any) -> type:
    """``reference`` with other methods; ``None`` takes the one of an operator away."""
    given = {name: method or (lambda *_: NotImplemented) for name, method in methods.items()}
    return type(reference.__name__, (reference,), given)


def without_numbers(reference: type, attribute: str) -> type:
    """Operations that ask the other operand for ``attribute``, which a number does not have."""

    def method(name: str) -> Any:
        def binary(self: Any, other: Any) -> Any:
            getattr(other, attribute)
            return getattr(reference, name)(self, other)

        return binary

    return but(reference, **{name: method(name) for name in BINARY})


def giving_numbers(reference: type, attribute: str, names: Sequence[str]) -> type:
    """Operations that return a plain number."""

    def method(name: str) -> Any:
        return lambda self, other: getattr(getattr(reference, name)(self, other), attribute)

    return but(reference, **{name: method(name) for name in names})


BINARY = ("__add__", "__sub__", "__mul__", "__truediv__")
REFLECTED = ("__radd__", "__rsub__", "__rmul__", "__rtruediv__")


def number_mistakes(reference: type, x: str, attribute: str) -> list[Mistake]:
    """What goes wrong between an object, which programs call ``x``, and a number."""
    kind = reference.__name__.strip("_")
    asks = (
        "Python asks the left operand first, and a number knows nothing of your class. Then it "
        "asks the right operand for the reflected method: "
    )
    from_left = "In the reflected methods the other operand is the one on the left."
    sub = {"__rsub__": lambda self, other: self - other}
    div = {"__rtruediv__": lambda self, other: self / other}
    return [
        Mistake(
            "no number on the left",
            asks + "__radd__ for +, __rsub__, __rmul__ and __rtruediv__. Yours has none of them.",
            but(reference, **dict.fromkeys(REFLECTED)),
        ),
        *(
            Mistake(f"no {name}", f"{asks}{name}. Yours has none.", but(reference, **{name: None}))
            for name in REFLECTED
        ),
        Mistake(
            "no __rsub__ and no __rtruediv__",
            asks + "__rsub__ and __rtruediv__. Yours has neither.",
            but(reference, __rsub__=None, __rtruediv__=None),
        ),
        Mistake(
            "difference reflected by itself",
            f"For 2 - {x} you compute {x} - 2. {from_left}",
            but(reference, **sub),
        ),
        Mistake(
            "quotient reflected by itself",
            f"For 2 / {x} you compute {x} / 2. {from_left}",
            but(reference, **div),
        ),
        Mistake(
            "difference and quotient reflected by themselves",
            f"For 2 - {x} you compute {x} - 2, and for 2 / {x} you compute {x} / 2. {from_left}",
            but(reference, **sub, **div),
        ),
        Mistake(
            "no numbers",
            f"Your operations expect a {kind} as the other operand. A number has no {attribute}; "
            f"make a {kind} of it first.",
            without_numbers(reference, attribute),
        ),
        Mistake(
            "results are numbers",
            f"Your operations return plain numbers. They have to return a {kind}, with which the "
            "next operation can go on: return an object of your class.",
            giving_numbers(reference, attribute, BINARY),
        ),
        *(
            Mistake(
                f"{name} returns a number",
                f"Your {name} does not return a {kind}, but a number or a tuple. The next "
                f"operation needs a {kind} to go on with.",
                giving_numbers(reference, attribute, [name]),
            )
            for name in (*BINARY, *REFLECTED)
        ),
    ]
