"""Learn exclusive or: a training run, judged by the parameters that it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.grading.checks.backpropagation.network import (
    Pass,
    run_network,
)
from chainrule.grading.exercises import (
    Array,
    Check,
    Problem,
    Program,
    Programs,
    deterministic,
)
from chainrule.grading.exercises.programs import Session
from chainrule.grading.handles import NotData, Raised, Returned

_X_XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
_T_XOR = np.array([0, 1, 1, 0])
_Y_XOR = np.eye(2)[_T_XOR]
_ENOUGH_LEARNED = 0.05
_SEEDS = (0, 1, 2)
_SEEDS_WHEN_GRADED = (3, 4, 5)
_PARAMETERS = {"W1": "(d_h, 2)", "b1": "(d_h,)", "W2": "(2, d_h)", "b2": "(2,)"}
_SHAPES_HINT = (
    "Print the shapes of the four arrays before the first step: W1 is (d_h, 2), b1 is (d_h,), W2 "
    "has a row for each of the two classes, (2, d_h), and b2 is (2,). And in which order does "
    "two_layer_gradients return its six gradients?"
)
_MORE = 500  # steps, at a learning rate of 0.1, that tell who stopped early from who is stuck


def _train_xor(rng: np.random.Generator) -> Any:
    W1, W2 = rng.standard_normal((16, 2)), rng.standard_normal((2, 16))
    return _descend([W1, np.zeros(16), W2, np.zeros(2)], lr=0.5, steps=400)


def _descend(parameters: list[Array], lr: float, steps: int) -> tuple[Array, ...]:
    for _ in range(steps):
        run = run_network(_X_XOR, _Y_XOR, *parameters)
        gradients = run.dZ1.T @ run.X, run.dZ1.sum(0), run.dZ2.T @ run.A1, run.dZ2.sum(0)
        parameters = [p - lr * g for p, g in zip(parameters, gradients, strict=True)]
    return tuple(parameters)


def _loss(run: Pass, t: Array = _T_XOR) -> float:
    largest = run.Z2.max(1, keepdims=True)
    sums = np.log(np.exp(run.Z2 - largest).sum(1)) + largest[:, 0]
    return float((sums - run.Z2[np.arange(4), t]).mean())


_TRAININGS = {  # seed → program; the shortest result first, as the first that differs is shown
    seed: Program(
        f"rng = np.random.default_rng({seed})\nW1, b1, W2, b2 = train_xor(rng)",
        ["b2", "b1", "W1", "W2"],
    )
    for seed in _SEEDS + _SEEDS_WHEN_GRADED
}


def _trained(session: Session, seed: int) -> Mapping[str, Array] | Problem:
    """The four arrays, if they are of the right form."""
    program = _TRAININGS[seed]
    outcome = session.run(program)
    if isinstance(outcome, (Raised, NotData)):
        problem = session.problem(program)
        assert problem is not None
        # What stops inside of their code is hardly the form of the results.
        if not isinstance(outcome, Raised) or outcome.line is None:
            return problem
        shapes = outcome.type in ("ValueError", "IndexError")
        return replace(problem, hints=(_SHAPES_HINT,) if shapes else ())
    assert isinstance(outcome, Returned)
    found: Mapping[str, Array] = outcome.value
    said = _misshapen(found)
    if said is None:
        return found
    shown = (
        ("yours", ", ".join(f"{name} {_form(found[name])}" for name in _PARAMETERS)),
        ("expected", ", ".join(f"{name} {shape}" for name, shape in _PARAMETERS.items())),
    )
    return Problem("form", said, program=program.source, shown=shown)


def _misshapen(found: Mapping[str, Any]) -> str | None:
    for name in _PARAMETERS:
        value = found[name]
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return f"Your {name} is not an array of floats."
    d_h = found["b1"].size
    sizes = {"W1": (d_h, 2), "b1": (d_h,), "W2": (2, d_h), "b2": (2,)}
    for name, shape in sizes.items():
        if found[name].shape != shape:
            wanted = f"it must have shape {_PARAMETERS[name]}"
            return f"Your {name} has shape {found[name].shape}; {wanted}."
    return None


def _form(value: Any) -> str:
    return str(value.shape) if isinstance(value, np.ndarray) else type(value).__name__


def _has_shapes(session: Session) -> Problem | None:
    found = _trained(session, _SEEDS[0])
    return found if isinstance(found, Problem) else None


def _learns(seeds: Sequence[int]) -> Callable[[Session], Problem | None]:
    def judge(session: Session) -> Problem | None:
        problems = (_unlearned(session, seed) for seed in seeds)
        return next((problem for problem in problems if problem is not None), None)

    return judge


@np.errstate(all="ignore")  # where a training has diverged
def _unlearned(session: Session, seed: int) -> Problem | None:
    found = _trained(session, seed)
    if isinstance(found, Problem):
        return found
    run = run_network(_X_XOR, _Y_XOR, **found)
    loss, right = _loss(run), int((run.Z2.argmax(1) == _T_XOR).sum())
    if right == 4 and loss < _ENOUGH_LEARNED:
        return None
    return Problem(
        "learned",
        f"With rng = np.random.default_rng({seed}) your network has not learned exclusive or.",
        program=_TRAININGS[seed].source,
        shown=(
            ("yours", f"{right} of 4 points right, loss {loss:.4g}, d_h = {len(run.b1)}"),
            ("expected", f"4 of 4 points right, loss below {_ENOUGH_LEARNED:g}"),
        ),
        diagnosis=_why_not(run, loss),
    )


def _why_not(run: Pass, loss: float) -> str:
    """What the returned parameters say about the training."""
    parameters = [run.W1, run.b1, run.W2, run.b2]
    alive = int((run.Z1 > 0).any(0).sum())
    d_h = len(run.b1)
    if not all(np.isfinite(p).all() for p in parameters):
        return (
            "Your parameters have grown beyond all bounds: either the learning rate is too large, "
            "or the steps go uphill, with + where - belongs."
        )
    if not (run.W1.any() or run.W2.any()):
        return "All your weights are zero, as they were at the start. Zero weights get no gradient."
    units = np.column_stack([run.W1, run.b1, run.W2.T])
    if d_h > 1 and np.ptp(units, axis=0).max() < 1e-6:
        return (
            f"All {d_h} hidden units are equal. They were equal at the start, and then they stay "
            "twins: draw the weights at random."
        )
    if not (run.b1.any() or run.b2.any()):
        return (
            "Both biases are still zero. Have any steps been taken? Each of the four arrays takes "
            "one, every time."
        )
    said = run.Z2.argmax(1)
    if said.any() and not (said == 1 - _T_XOR).all() and _loss(run, said) < _ENOUGH_LEARNED:
        return (
            f"Your network is sure of its answers, {said.tolist()}, and those of exclusive or are "
            f"{_T_XOR.tolist()}. Was it trained on other classes than t_xor? If not, the learning "
            "rate is too large, or the steps go up the slope."
        )
    if not loss <= 2:  # or no number at all
        return (
            "The loss is far above log 2 = 0.69, that of a network which says 1/2 everywhere: it "
            "has grown instead of falling. Either the steps go up the slope (minus the gradient is "
            "needed), or the learning rate is too large."
        )
    if d_h == 1:
        return "One hidden unit is one line, and no line separates these points. Take more."
    if alive == 0:
        return (
            "All your hidden units are off for all four points, so nothing but b2 gets a gradient. "
            "A smaller learning rate, or another start, keeps them alive."
        )
    if not run.b1.any() or not run.b2.any():
        name = "b2" if run.b1.any() else "b1"
        return f"Your {name} is still zero. Each of the four arrays takes a step, every time."
    if abs(loss - np.log(2)) < 0.05 and max(abs(run.W1).max(), abs(run.W2).max()) < 0.3:
        return (
            "The loss is still near log 2 = 0.69 and the weights are small: you start on the "
            "plateau that the chapter describes. Draw larger weights."
        )
    further = _loss(run_network(_X_XOR, _Y_XOR, *_descend(parameters, 0.1, _MORE)))
    if further < 0.75 * loss:
        return (
            f"There is more to gain where you stop: {_MORE} steps of gradient descent from there, "
            f"at a learning rate of 0.1, take the loss to {further:.2g}. Either you take too few "
            "steps or too short ones, or they do not follow the gradient."
        )
    return (
        f"The training is stuck: {_MORE} more steps at a learning rate of 0.1 would leave the loss "
        f"at {further:.2g}. {alive} of your {d_h} hidden units are on for some of the points, and "
        "they do not suffice. A wider network has more of them to spare."
    )


def _different_starts(session: Session) -> Problem | None:
    first, second = (_trained(session, seed) for seed in _SEEDS[:2])
    if isinstance(first, Problem):
        return first
    if isinstance(second, Problem):
        return second
    if any(not np.array_equal(first[name], second[name]) for name in _PARAMETERS):
        return None
    return Problem(
        "same",
        "Two different generators lead to the very same parameters: your start does not come from "
        "rng.",
        program=_TRAININGS[_SEEDS[1]].source,
        shown=(("yours", f"the same W1, b1, W2, b2 as from default_rng({_SEEDS[0]})"),),
    )


_TRAINING_HINTS = (
    "Print the loss every 100 steps. Does it fall, rise, or stand still?",
    "If it stands still, look at the start: are the hidden units different, and is each of them on "
    "for some point? If it rises, look at the sign of the step and at the learning rate.",
    "Sixteen hidden units with weights from rng.standard_normal, biases zero, a learning rate of "
    "0.5 and some hundred steps are enough.",
)

TRAIN_XOR = Programs(
    "backpropagation.train_xor",
    reference=_train_xor,
    checks=[
        Check(
            "shapes",
            _has_shapes,
            (
                "Return four arrays: return W1, b1, W2, b2. W1 has a row for each hidden unit, W2 "
                "a row for each class.",
            ),
            basic=True,
        ),
        Check("learns", _learns(_SEEDS), _TRAINING_HINTS, basic=True),
        Check(
            "from other starts",
            _learns(_SEEDS_WHEN_GRADED),
            _TRAINING_HINTS,
            basic=True,
            graded=True,
        ),
        deterministic(_TRAININGS[_SEEDS[0]]),
        Check(
            "draws from rng",
            _different_starts,
            ("rng.standard_normal(shape) draws weights from the generator that was passed in.",),
        ),
    ],
)
