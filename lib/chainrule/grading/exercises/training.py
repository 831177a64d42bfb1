"""A check for answers that train: does the loss come down as far as it does for the reference?

Two right answers may draw their random numbers in another order, and then they end at different
losses. So the bound is not one number typed in but what the reference itself reaches: it trains
once for each of some seeds, and ``slack`` times the largest of its final losses is still accepted.
The final loss of a right answer comes from the same distribution as those of the reference. That
its first run and one of two more exceed the largest of five others by chance alone has a
probability below 1 in 12; a factor of 2 on top of that is exceeded only where training is
unreliable. Choose a problem that trains reliably, and one whose loss can come near zero: twice a
loss that is mostly noise bounds nothing.

What does not depend on chance is better compared exactly, with
:func:`chainrule.grading.exercises.agrees`: one step from given weights, or a whole run on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from chainrule.grading.exercises.base import DEFAULT_HINT, Problem
from chainrule.grading.exercises.comparison import numbers
from chainrule.grading.exercises.programs import Program, ProgramCheck, Session
from chainrule.grading.handles import Returned, identical

MAJORITY = 2  # of three runs


def learns(
    name: str,
    program: Program,
    before: str,
    after: str,
    *hints: str,
    moved: Mapping[str, str] | None = None,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    slack: float = 2.0,
    basic: bool = False,
) -> ProgramCheck:
    """Training lowers the loss as far as it does for the reference, and moves the parameters.

    Parameters
    ----------
    name : str
    program : Program
        Trains, with ``seed`` as the seed of its randomness. Let it compute the loss by code of its
        own, from what the answer predicts; the answer could be wrong about it.
    before, after : str
        Expressions for the loss before and after the training.
    *hints : str
    moved : mapping, optional
        Parameter after the training → the same before, as expressions.
    seeds : sequence of int
        With which the reference trains, once in a session. The answer trains with the first; if it
        misses the bound, two more decide.
    slack : float
        By which factor the loss may exceed the largest one of the reference.
    basic : bool
    """
    pairs = dict(moved or {})
    results = [before, after, *pairs, *pairs.values()]
    runs = [
        replace(program, results=results, inputs={**program.inputs, "seed": seed}) for seed in seeds
    ]

    def missed(session: Session, run: Program) -> Problem | None:
        outcome = session.run(run)
        if not isinstance(outcome, Returned):
            return session.problem(run)
        found = outcome.value
        start, end = numbers(found[before]), numbers(found[after])
        if start is None or end is None or start.ndim or end.ndim:
            return _problem(run, "type", f"Your {after} is not a single number.", after)
        if not np.isfinite(end):
            return _problem(run, "diverged", "Your training ends at a loss that is no number.")
        for now, then in pairs.items():
            if identical(found[now], found[then]):
                verdict = f"Your {now} is after the training what it was before."
                return _problem(run, "unmoved", verdict, now)
        reached = [float(session.exercise.truth(other)[after]) for other in runs]
        bound = slack * max(reached)
        if end <= bound:
            return None
        if end >= start:
            verdict = "Your training does not lower the loss."
        else:
            verdict = "Your training does not lower the loss far enough."
        shown = (
            ("yours", f"the loss goes from {start:.4g} to {end:.4g}"),
            (
                "expected",
                f"at most {bound:.3g}; the solution ends at {min(reached):.2g} to "
                f"{max(reached):.2g}, depending on the seed",
            ),
        )
        return _problem(run, "loss", verdict, after, shown)

    def judge(session: Session) -> Problem | None:
        first = missed(session, runs[0])
        if first is None or first.kind != "loss":
            return first
        others = [missed(session, run) for run in runs[1:3]]
        return first if 1 + sum(problem is not None for problem in others) >= MAJORITY else None

    return ProgramCheck(name, judge, hints or (DEFAULT_HINT,), basic, False, [runs[0]])


def _problem(
    run: Program,
    kind: str,
    verdict: str,
    result: str | None = None,
    shown: tuple[tuple[str, str], ...] = (),
) -> Problem:
    return Problem(kind, verdict, result, case=dict(run.inputs), program=run.source, shown=shown)
