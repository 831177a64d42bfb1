"""The engine: graphs of many operations, shared nodes, accumulation, and whole trainings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from chainrule import nn, optim
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from tests.parity.bridge import TALLY, TOLERANCE

N = 4  # all tensors are N × N, so that any two can meet


def random_program(seed: int) -> list[tuple[str, int, int]]:
    """A list of operations on earlier results, many of which are used more than once."""
    rng = np.random.default_rng(seed)
    names = ["add", "sub", "mul", "matmul", "tanh", "sigmoid", "div", "mean", "row", "transpose"]
    return [
        (str(rng.choice(names)), int(rng.integers(0, 3 + i)), int(rng.integers(0, 3 + i)))
        for i in range(25)
    ]


def run(program: list[tuple[str, int, int]], leaves: list[Any], tanh: Any, sigmoid: Any) -> Any:
    """The same Python code for tensors of either library."""
    made = list(leaves)
    for name, i, j in program:
        a, b = made[i], made[j]
        result = {
            "add": lambda a=a, b=b: a + b,
            "sub": lambda a=a, b=b: 2.0 - a - b,
            "mul": lambda a=a, b=b: tanh(a) * b,
            "matmul": lambda a=a, b=b: (a @ b) / N,
            "tanh": lambda a=a: tanh(a),
            "sigmoid": lambda a=a: sigmoid(a),
            "div": lambda a=a, b=b: b / (1.5 + tanh(a)),
            "mean": lambda a=a, b=b: a.mean(0) + b,  # broadcast
            "row": lambda a=a, b=b: a[1:2] * b,
            "transpose": lambda a=a: a.T,
        }[name]()
        made.append(tanh(result))
    return sum((m * m).mean() for m in made[3:])


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    program, rng = random_program(seed), np.random.default_rng(seed)
    drawn = [rng.standard_normal((N, N)) for _ in range(3)]
    ours = [Tensor(a, requires_grad=True) for a in drawn]
    theirs = [torch.tensor(a, requires_grad=True) for a in drawn]
    for _ in range(2):  # the second time adds to the first
        mine = run(program, ours, F.tanh, F.sigmoid)
        other = run(program, theirs, torch.tanh, torch.sigmoid)
        mine.backward()
        other.backward()
    worst = abs(mine.item() - other.item()) / abs(other.item())
    for p, q in zip(ours, theirs, strict=True):
        expected = np.zeros((N, N)) if q.grad is None else q.grad.numpy()
        got = np.zeros((N, N)) if p.grad is None else p.grad
        worst = max(worst, np.abs(got - expected).max() / (np.abs(expected).max() or 1))
    assert worst <= TOLERANCE[torch.float64]
    TALLY.add("engine, random graphs", f"seed {seed}", worst)


OPTIMIZERS = [
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("Adagrad", {"lr": 0.05}),
    ("RMSprop", {"lr": 0.003}),
    ("Adam", {"lr": 0.01}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.1}),
]


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=[name for name, _ in OPTIMIZERS])
def test_a_training_stays_the_same(name: str, options: dict[str, Any]) -> None:
    """A network with a convolution and normalizations learns for 40 steps."""
    rng = np.random.default_rng(0)
    draws: dict[str, Any] = {"rng": rng, "dtype": np.float64}
    ours = nn.Sequential(
        # Normalization takes a bias away; its gradient would be rounding, AdaGrad's step noise.
        nn.Conv2d(1, 4, 3, padding=1, bias=False, **draws),
        nn.BatchNorm2d(4, dtype=np.float64),
        nn.GELU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 4 * 4, 8, **draws),
        nn.LayerNorm(8, dtype=np.float64),
        nn.Tanh(),
        nn.Linear(8, 3, **draws),
    )
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1, bias=False),
        torch.nn.BatchNorm2d(4),
        torch.nn.GELU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 4 * 4, 8),
        torch.nn.LayerNorm(8),
        torch.nn.Tanh(),
        torch.nn.Linear(8, 3),
    ).double()
    theirs.load_state_dict({k: torch.from_numpy(a) for k, a in ours.state_dict().items()})
    step = getattr(optim, name)(ours.parameters(), **options)
    their_step = getattr(torch.optim, name)(theirs.parameters(), **options)
    losses = []
    for _ in range(40):
        x, t = rng.standard_normal((8, 1, 8, 8)), rng.integers(0, 3, 8)
        x[:, 0, 0, 0] += t
        loss = F.cross_entropy(ours(Tensor(x)), t)
        other = torch.nn.functional.cross_entropy(theirs(torch.from_numpy(x)), torch.from_numpy(t))
        for model, optimizer, value in ((ours, step, loss), (theirs, their_step, other)):
            model.zero_grad()
            value.backward()
            optimizer.step()
        losses.append((loss.item(), other.item()))
    # A rounding of one step is an error in the weights of the next, and grows along the way.
    mine, expected = np.transpose(losses)
    error = float(np.abs(mine / expected - 1).max())
    assert error <= 1e-11
    for key, tensor in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key], tensor.numpy(), rtol=1e-9, atol=1e-11)
    TALLY.add("engine, trainings of 40 steps", name, error)
