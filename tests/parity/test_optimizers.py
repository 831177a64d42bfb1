"""Optimizers, schedules and clipping: the same numbers as PyTorch's over many steps."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db

from chainrule import optim
from chainrule.autograd import Tensor
from tests.parity.bridge import TALLY, Skipped

STEPS = 200
SHAPES = [(3, 4), (4,), (2, 3, 2)]
# Every step adds some roundings of 1e-16, and Adam's divisions by small roots enlarge the first.
TOLERANCE = 1e-12
NO_OPTIMIZER = {
    "Lion": "PyTorch has no Lion",
    "Optimizer": "is what all have in common, and moves nothing",
}
NO_SCHEDULE = {"Schedule": "is what all have in common, and has no rate"}
DATABASE = {info.optim_cls.__name__: info for info in optim_db}


def public(base: type | tuple[type, ...]) -> list[str]:
    named = {name: getattr(optim, name) for name in optim.__all__}
    return [n for n, v in named.items() if isinstance(v, type) and issubclass(v, base)]


def pair(shapes: Any = SHAPES) -> tuple[list[Tensor], list[torch.nn.Parameter]]:
    rng = np.random.default_rng(0)
    drawn = [rng.standard_normal(shape) for shape in shapes]
    theirs = [torch.nn.Parameter(torch.from_numpy(a.copy())) for a in drawn]
    return [Tensor(a, requires_grad=True) for a in drawn], theirs


def walk(
    ours: Any,
    theirs: Any,
    parameters: tuple[list[Tensor], list[torch.nn.Parameter]],
    between: Callable[[], None] = lambda: None,
) -> float:
    """The largest difference on the way, with gradients that pull to a point, and noise."""
    rng, worst = np.random.default_rng(1), 0.0
    for step in range(STEPS):
        for p, q in zip(*parameters, strict=True):
            g = 0.3 * (q.detach().numpy() - 1) + rng.standard_normal(q.shape)
            if step % 17 == 3:
                g[0] = 0  # as of a unit that is never on
            p.grad, q.grad = g.copy(), torch.from_numpy(g.copy())
        between()
        ours.step()
        theirs.step()
        for p, q in zip(*parameters, strict=True):
            there = q.detach().numpy()
            worst = max(worst, np.abs(p.data - there).max() / np.abs(there).max())
    return worst


def translated(name: str, options: dict[str, Any]) -> dict[str, Any]:
    known = inspect.signature(getattr(optim, name)).parameters
    for key, value in options.items():
        if key not in known:
            raise Skipped(f"{name} has no {key}")
        if isinstance(value, torch.Tensor):
            raise Skipped("a tensor for a learning rate")
    return options


@pytest.mark.parametrize("name", [n for n in public(optim.Optimizer) if n not in NO_OPTIMIZER])
def test_optimizer(name: str) -> None:
    kind, compared, info = "optimizers", 0, DATABASE[name]
    for given in info.optim_inputs_func(device="cpu"):
        try:
            options = translated(name, dict(given.kwargs))
        except Skipped as reason:
            TALLY.skip(kind, str(reason))
            continue
        options.setdefault("lr", 1e-3)  # SGD's default in PyTorch, of which ours has none
        mine, theirs = pair()
        error = walk(
            getattr(optim, name)(mine, **options),
            getattr(torch.optim, name)(theirs, **options),
            (mine, theirs),
        )
        assert error <= TOLERANCE, (name, options, error)
        TALLY.add(kind, name, error)
        compared += 1
    assert compared >= 3


@pytest.mark.parametrize("name", [n for n in public(optim.Optimizer) if n not in NO_OPTIMIZER])
def test_defaults_are_the_same(name: str) -> None:
    ours = inspect.signature(getattr(optim, name)).parameters
    theirs = inspect.signature(getattr(torch.optim, name)).parameters
    for key, parameter in list(ours.items())[1:]:
        if (name, key) != ("SGD", "lr"):  # ours asks for one
            assert parameter.default == theirs[key].default, key


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_groups(name: str) -> None:
    mine, theirs = pair()

    def groups(parameters: Any) -> list[dict[str, Any]]:
        return [
            {"params": parameters[:1], "weight_decay": 0.1},
            {"params": parameters[1:], "weight_decay": 0.0},
        ]

    ours = getattr(optim, name)(groups(mine), lr=0.01)
    error = walk(ours, getattr(torch.optim, name)(groups(theirs), lr=0.01), (mine, theirs))
    assert error <= TOLERANCE
    TALLY.add("optimizers", f"{name} of two groups", error)


SCHEDULES: dict[str, tuple[Any, Any]] = {
    "StepLR": ({"step_size": 30, "gamma": 0.5},) * 2,
    "ExponentialLR": ({"gamma": 0.97},) * 2,
    "LinearLR": ({"start_factor": 0.1, "end_factor": 0.7, "total_iters": 50},) * 2,
    "CosineAnnealingLR": ({"T_max": 60, "eta_min": 0.01},) * 2,
    "OneCycleLR": ({"max_lr": 0.3, "total_steps": STEPS + 1, "pct_start": 0.2},) * 2,
    "SequentialLR": (None, None),
    "ReduceLROnPlateau": ({"factor": 0.5, "patience": 4, "min_lr": 1e-3},) * 2,
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name: str) -> None:
    mine, theirs = pair()
    ours = optim.SGD(mine, lr=0.1, momentum=0.9)
    other = torch.optim.SGD(theirs, lr=0.1, momentum=0.9)
    options, other_options = SCHEDULES[name]
    if name == "SequentialLR":
        a = optim.SequentialLR(
            ours,
            [optim.LinearLR(ours, 0.1, total_iters=20), optim.CosineAnnealingLR(ours, T_max=100)],
            [20],
        )
        lib = torch.optim.lr_scheduler
        parts = [lib.LinearLR(other, 0.1, total_iters=20), lib.CosineAnnealingLR(other, T_max=100)]
        b = lib.SequentialLR(other, parts, [20])
    else:
        if name == "OneCycleLR":
            other_options = other_options | {"cycle_momentum": False}  # ours leaves momentum alone
        a = getattr(optim, name)(ours, **options)
        b = getattr(torch.optim.lr_scheduler, name)(other, **other_options)
    watched, rates, steps = np.random.default_rng(2).random(STEPS), [], 0

    def between() -> None:
        nonlocal steps
        if steps:
            value = [float(watched[steps])] if name == "ReduceLROnPlateau" else []
            a.step(*value)
            b.step(*value)
        steps += 1
        rates.append((ours.lr, other.param_groups[0]["lr"]))

    error = walk(ours, other, (mine, theirs), between)
    np.testing.assert_allclose(*np.transpose(rates), rtol=TOLERANCE)
    assert len(set(rates)) > 2
    assert error <= TOLERANCE
    TALLY.add("schedules", name, error)


@pytest.mark.parametrize("bound", [0.5, 3.0, 100.0])
@pytest.mark.parametrize("kind", ["norm", "value"])
def test_clipping(kind: str, bound: float) -> None:
    mine, theirs = pair()
    ours, other = optim.SGD(mine, lr=0.1), torch.optim.SGD(theirs, lr=0.1)
    norms = []

    def between() -> None:
        if kind == "norm":
            total = torch.nn.utils.clip_grad_norm_(theirs, bound)
            norms.append((optim.clip_grad_norm_(mine, bound), float(total)))
        else:
            optim.clip_grad_value_(mine, bound)
            torch.nn.utils.clip_grad_value_(theirs, bound)

    error = walk(ours, other, (mine, theirs), between)
    assert error <= TOLERANCE
    if norms:
        np.testing.assert_allclose(*np.transpose(norms), rtol=TOLERANCE)
    TALLY.add("clipping", f"clip_grad_{kind}_", error)


def test_all_are_compared_or_there_is_a_reason() -> None:
    assert set(NO_OPTIMIZER) <= set(public(optim.Optimizer))
    assert set(public(optim.Optimizer)) - set(NO_OPTIMIZER) <= set(DATABASE)
    schedules = public((optim.Schedule, optim.ReduceLROnPlateau))
    assert set(schedules) == set(SCHEDULES) | set(NO_SCHEDULE)
