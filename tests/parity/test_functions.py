"""Every function: values and gradients on our instances, on PyTorch's samples, and as recorded."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

from chainrule.functional import REGISTRY
from chainrule.proofs.cases import CASES
from chainrule.proofs.comparison import relative_error
from chainrule.proofs.recordings import NOT_RECORDED, recorded_vectors, recording
from tests.parity.bridge import TALLY, TOLERANCE, Skipped, compare, ours, to_torch
from tests.parity.counterparts import COUNTERPARTS
from tests.parity.opinfo import NOT_IN_OPINFO, TRANSLATIONS
from tests.parity.record import checksum, theirs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

OPERATIONS = {".".join(filter(None, (op.name, op.variant_test_name))): op for op in op_db}
DTYPES = [torch.float64, torch.float32]


def agree(kind: str, name: str, errors: dict[str, float], dtype: torch.dtype, what: Any) -> None:
    worst = max(errors.values())
    assert worst <= TOLERANCE[dtype], f"{name} {what}: {errors}"
    TALLY.add(kind, name, worst)


@pytest.mark.parametrize("name", REGISTRY)
def test_a_function_has_counterparts_or_a_reason(name: str) -> None:
    assert (name in COUNTERPARTS) != (name in NOT_RECORDED)
    assert (name in {ours for ours, _ in TRANSLATIONS.values()}) != (name in NOT_IN_OPINFO)


def test_no_counterpart_is_of_a_function_that_is_gone() -> None:
    named = set(COUNTERPARTS) | set(NOT_RECORDED) | set(NOT_IN_OPINFO)
    assert named | {ours for ours, _ in TRANSLATIONS.values()} == set(REGISTRY)
    assert set(TRANSLATIONS) <= set(OPERATIONS)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", COUNTERPARTS)
def test_our_instances(name: str, dtype: torch.dtype) -> None:
    for instance in CASES[name].instances(np.random.default_rng(1)):
        args = [to_torch(a) for a in instance.args]
        args = [a.to(dtype).requires_grad_() if a.is_floating_point() else a for a in args]
        options = {key: _converted(value, dtype) for key, value in instance.options.items()}
        errors = compare(
            lambda: ours(name, *args, **options),  # noqa: B023
            lambda: COUNTERPARTS[name](*args, **options),  # noqa: B023
            [a for a in args if a.requires_grad],
        )
        shapes = [tuple(a.shape) for a in args]
        agree(f"functions, our instances, {dtype}", name, errors, dtype, (shapes, options))


def _converted(option: Any, dtype: torch.dtype) -> Any:
    if isinstance(option, np.ndarray) and option.dtype.kind == "f":
        return option.astype(str(dtype).removeprefix("torch."))
    return option


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # it says that it copies
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("operation", TRANSLATIONS)
def test_samples_of_opinfo(operation: str, dtype: torch.dtype) -> None:
    _, translation = TRANSLATIONS[operation]
    op, kind = OPERATIONS[operation], f"functions, OpInfo samples, {dtype}"
    torch.manual_seed(0)
    compared = 0
    for sample in op.sample_inputs("cpu", dtype, requires_grad=True):
        given = (sample.input, *sample.args)
        leaves = _tensors([*given, *sample.kwargs.values()])
        state = torch.get_rng_state()
        try:
            errors = compare(
                lambda: translation(*given, **sample.kwargs),  # noqa: B023
                lambda: _first(op.op(*given, **sample.kwargs)),  # noqa: B023
                leaves,
            )
        except Skipped as reason:
            TALLY.skip(kind, str(reason))
        else:
            agree(kind, operation, errors, dtype, sample)
            compared += 1
        torch.set_rng_state(state)
    assert compared


def _first(result: Any) -> torch.Tensor:
    """Pooling also returns the places of its maxima."""
    return result[0] if isinstance(result, tuple) else result


def _tensors(values: Any) -> list[torch.Tensor]:
    found = []
    for value in values:
        if isinstance(value, (list, tuple)):
            found += _tensors(value)
        elif isinstance(value, torch.Tensor) and value.requires_grad:
            found.append(value)
    return found


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_pytorch_still_computes_what_was_recorded(name: str) -> None:
    for vector in recorded_vectors(name):
        value, gradients = theirs(name, vector.instance.args, vector.instance.options, vector.dy)
        errors = {"value": relative_error(value, vector.value)}
        for i, (now, then) in enumerate(zip(gradients, vector.gradients, strict=True)):
            assert (now is None) == (then is None)
            if then is not None:
                errors[f"gradient {i}"] = relative_error(now, then)
        agree("recorded by PyTorch", name, errors, torch.float64, vector.instance)


def test_the_recording_is_whole() -> None:
    assert checksum(recording()["functions"]) == recording()["sha256"]
