"""Witness: the engine, one example at a time or one elementary operation at a time.

A batch must do what its examples do one by one. The function is lifted, run on each example alone
(a batch of one) as a graph of tensors, and pulled back by the engine, which adds up what the
examples ask of the arguments that they share. The sum must equal the pullback of the whole batch.
A missing mean, a wrong axis or a gradient that is overwritten instead of accumulated shows here.

Where the examples of a batch depend on each other, the function is instead composed of elementary
operations on tensors, and the gradients that the engine pulls back through that graph must equal
the function's own.
"""

from __future__ import annotations

import numpy as np

from chainrule.autograd import Tensor, lift
from chainrule.functional.contract import Array, Differentiable
from chainrule.proofs.case import Case, Instance, is_integer
from chainrule.proofs.comparison import relative_error


def engine_errors(
    case: Case, function: Differentiable, *, rng: np.random.Generator
) -> dict[str, float]:
    """Compare the pullback with the engine's, example by example or through a graph.

    Returns
    -------
    dict
        ``"value"`` or the name of an argument → relative error.
    """
    if case.composed is not None:
        return _graph_errors(case, function, rng)
    errors: dict[str, float] = {}
    for batch in case.instances(rng)[: case.small]:
        found = _example_errors(case, function, batch, rng)
        errors |= {name: max(error, errors.get(name, 0.0)) for name, error in found.items()}
    return errors


def _example_errors(
    case: Case, function: Differentiable, batch: Instance, rng: np.random.Generator
) -> dict[str, float]:
    value, pullback = function(*batch.args, **batch.options)
    dy = rng.standard_normal(np.shape(value))
    gradients = pullback(dy if np.ndim(value) else float(dy))

    shared = {
        name: Tensor(a, requires_grad=True)
        for name, a in zip(case.arguments, batch.args, strict=True)
        if name in case.shared
    }
    examples = next(
        len(a)
        for name, a in zip(case.arguments, batch.args, strict=True)
        if name not in case.shared
    )
    rows: dict[str, list[Array]] = {name: [] for name in ("value", *case.arguments)}
    lifted = lift(function)
    for i in range(examples):
        inputs = {
            name: shared[name]
            if name in shared
            else Tensor(a[i : i + 1], requires_grad=not is_integer(a))
            for name, a in zip(case.arguments, batch.args, strict=True)
        }
        y = lifted(*inputs.values(), **batch.options)
        y.backward(np.asarray(dy / examples) if case.is_mean else dy[i : i + 1])
        rows["value"].append(y.data)
        for name, tensor in inputs.items():
            if name not in shared and tensor.grad is not None:
                rows[name].append(tensor.grad)

    whole = np.mean(rows["value"]) if case.is_mean else np.concatenate(rows["value"])
    errors = {"value": relative_error(value, whole)}
    for name, a, gradient in zip(case.arguments, batch.args, gradients, strict=True):
        if is_integer(a):
            continue
        alone = shared[name].grad if name in shared else np.concatenate(rows[name])
        errors[name] = relative_error(gradient, alone)
    return errors


def _graph_errors(
    case: Case, function: Differentiable, rng: np.random.Generator
) -> dict[str, float]:
    assert case.composed is not None
    errors: dict[str, float] = {}
    for instance in case.instances(rng):
        value, pullback = function(*instance.args, **instance.options)
        dy = np.asarray(rng.standard_normal(np.shape(value)))
        inputs = [Tensor(a, requires_grad=not is_integer(a)) for a in instance.args]
        y = case.composed(*inputs, **instance.options)
        y.backward(dy)
        found = {"value": relative_error(value, y.data)}
        for name, tensor, gradient in zip(case.arguments, inputs, pullback(dy), strict=True):
            if tensor.requires_grad:
                found[name] = relative_error(gradient, tensor.grad)
        errors = {name: max(error, errors.get(name, 0.0)) for name, error in found.items()}
    return errors
