"""The same work in ``chainrule`` and in PyTorch, as a reader of their documentation would write it.

Each function makes a :class:`~benchmarks.harness.Comparison` of one kind: a step of training, a
forward pass alone, or one function forward and backward. PyTorch runs eagerly, and our parameters
are copied into its model first, so that both compute the same numbers: the harness compares them.

PyTorch is optional. Without it, only our own time is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.harness import Comparison, Contestant, Quality, Work
from chainrule import nn
from chainrule.autograd import Tensor, no_grad
from chainrule.nn import functional as F
from chainrule.optim import Adam

HAVE_PYTORCH = find_spec("torch") is not None

Examples = tuple[np.ndarray, np.ndarray]
Build = Callable[[np.random.Generator], nn.Module]
BuildTorch = Callable[[Any], Any]  # the package torch → torch.nn.Module


def training(
    name: str,
    title: str,
    build: Build,
    build_torch: BuildTorch,
    examples: Examples,
    *,
    target: float | None = None,
) -> Comparison:
    """One step of Adam on the mean softmax cross-entropy of a batch."""
    X, t = examples

    def ours() -> Work:
        model = build(np.random.default_rng(0))
        optimizer = Adam(model.parameters())

        def step(_: int) -> Callable[[], Quality]:
            loss = F.cross_entropy(model(Tensor(X)), t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return lambda: {"loss": loss.item()}

        return step

    def theirs() -> Work:
        torch = one_thread()
        model = copy_of(build, build_torch)
        optimizer = torch.optim.Adam(model.parameters())
        X_torch, t_torch = torch.from_numpy(X), torch.from_numpy(t)

        def step(_: int) -> Callable[[], Quality]:
            z = model(X_torch)
            loss = torch.nn.functional.cross_entropy(z.flatten(0, -2), t_torch.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return lambda: {"loss": loss.item()}

        return step

    return Comparison(name, f"{title}: training step", contestants(ours, theirs), target)


def inference(
    name: str,
    title: str,
    build: Build,
    build_torch: BuildTorch,
    X: np.ndarray,
    *,
    target: float | None = None,
) -> Comparison:
    """The forward pass alone, in evaluation mode and without a record."""

    def ours() -> Work:
        model = build(np.random.default_rng(0)).eval()

        def forward(_: int) -> Callable[[], Quality]:
            with no_grad():
                y = model(Tensor(X))
            return lambda: {"mean magnitude": float(np.abs(y.data).mean())}

        return forward

    def theirs() -> Work:
        torch = one_thread()
        model = copy_of(build, build_torch).eval()
        X_torch = torch.from_numpy(X)

        def forward(_: int) -> Callable[[], Quality]:
            with torch.no_grad():
                y = model(X_torch)
            return lambda: {"mean magnitude": y.abs().mean().item()}

        return forward

    return Comparison(f"{name}-forward", f"{title}: forward", contestants(ours, theirs), target)


def function(
    name: str,
    title: str,
    lifted: Callable[..., Tensor],
    torch_function: Callable[..., Any],
    arrays: Sequence[np.ndarray],
    *,
    target: float | None = None,
) -> Comparison:
    """One function forward and backward, with a gradient for every floating-point argument.

    ``torch_function`` takes the package torch, then tensors.
    """

    def ours() -> Work:
        tensors = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
        dy: list[np.ndarray] = []

        def both_ways(_: int) -> Callable[[], Quality]:
            y = lifted(*tensors)
            if not dy:
                dy.append(gradient_from_above(y.shape))
            for tensor in tensors:
                tensor.grad = None
            y.backward(dy[0])
            grads = [tensor.grad for tensor in tensors if tensor.grad is not None]
            return lambda: magnitudes(y.data, grads)

        return both_ways

    def theirs() -> Work:
        torch = one_thread()
        tensors = [torch.from_numpy(a).requires_grad_(a.dtype.kind == "f") for a in arrays]
        dy: list[Any] = []

        def both_ways(_: int) -> Callable[[], Quality]:
            y = torch_function(torch, *tensors)
            if not dy:
                dy.append(torch.from_numpy(gradient_from_above(tuple(y.shape))))
            for tensor in tensors:
                tensor.grad = None
            y.backward(dy[0])
            grads = [tensor.grad.numpy() for tensor in tensors if tensor.grad is not None]
            return lambda: magnitudes(y.detach().numpy(), grads)

        return both_ways

    return Comparison(name, f"{title}: forward and backward", contestants(ours, theirs), target)


def contestants(ours: Contestant, theirs: Contestant) -> dict[str, Contestant]:
    """Both, or us alone where there is no PyTorch."""
    return {"chainrule": ours} | ({"PyTorch": theirs} if HAVE_PYTORCH else {})


def one_thread() -> Any:
    """The package torch, on one thread. Loaded late: it takes seconds and is optional."""
    import torch

    torch.set_num_threads(1)
    return torch


def copy_of(build: Build, build_torch: BuildTorch) -> Any:
    """PyTorch's model with our initial parameters, which have the same names."""
    torch = one_thread()
    state = build(np.random.default_rng(0)).state_dict()
    model = build_torch(torch)
    model.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
    return model


def gradient_from_above(shape: tuple[int, ...]) -> np.ndarray:
    """What arrives at the value of a function: the same numbers for everyone."""
    if not shape:
        return np.ones((), np.float32)
    return np.random.default_rng(1).standard_normal(shape, np.float32)


def magnitudes(y: np.ndarray, grads: Sequence[np.ndarray]) -> Quality:
    """One number for the value and one for each gradient."""
    arrays = {"value": y} | {f"gradient {i}": g for i, g in enumerate(grads)}
    return {name: float(np.abs(a).mean()) for name, a in arrays.items()}
