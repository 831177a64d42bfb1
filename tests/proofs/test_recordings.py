"""PyTorch's recorded numbers: there for every function, complete, whole, and small."""

import copy
import hashlib
import json

import numpy as np
import pytest

from chainrule.functional import REGISTRY
from chainrule.proofs import examine
from chainrule.proofs.case import is_integer
from chainrule.proofs.comparison import relative_error
from chainrule.proofs.recordings import (
    NOT_RECORDED,
    PATH,
    decode,
    encode,
    recorded_vectors,
    recording,
)

TOLERANCE = 1e-12  # float64 against float64: other orders of sums, and the 15 digits of the file


@pytest.mark.parametrize("name", REGISTRY)
def test_every_function_is_recorded_or_there_is_a_reason(name):
    if name in NOT_RECORDED:
        assert not recorded_vectors(name)
        return
    vectors = recorded_vectors(name)
    assert len(vectors) >= 2, f"{name} is new or renamed: run make vectors"
    for v in vectors:
        value, pullback = REGISTRY[name](*v.instance.args, **v.instance.options)
        assert relative_error(value, v.value) <= TOLERANCE
        gradients = pullback(v.dy)
        assert len(gradients) == len(v.gradients) == len(v.instance.args)
        for a, ours, theirs in zip(v.instance.args, gradients, v.gradients, strict=True):
            assert is_integer(a) == (theirs is None)
            if theirs is not None:
                assert theirs.dtype == np.float64
                assert relative_error(ours, theirs) <= TOLERANCE


@pytest.mark.parametrize("name", [name for name in REGISTRY if name not in NOT_RECORDED])
def test_every_gradient_is_somewhere_not_zero(name):
    for of_one_argument in zip(*(v.gradients for v in recorded_vectors(name)), strict=False):
        known = [g for g in of_one_argument if g is not None]
        assert any(np.any(g) for g in known) or not known


def test_nothing_else_is_recorded():
    assert set(recording()["functions"]) | set(NOT_RECORDED) == set(REGISTRY)


def test_the_file_says_where_it_is_from_and_is_as_it_was_written():
    contents = recording()
    functions = json.dumps(contents["functions"], sort_keys=True)
    assert hashlib.sha256(functions.encode()).hexdigest() == contents["sha256"]
    assert {"torch", "numpy", "seed", "made_by"} <= set(contents)


def test_the_file_stays_small_in_the_wheel():
    assert PATH.stat().st_size < 400_000


def test_a_wrong_number_in_the_file_is_noticed(monkeypatch):
    wrong = copy.deepcopy(recording())
    gradient = wrong["functions"]["tanh"][1]["gradients"][0]["float64"]
    gradient[0] += 1e-5
    monkeypatch.setattr("chainrule.proofs.recordings.recording", lambda: wrong)
    monkeypatch.setattr("chainrule.proofs.report._vectors", lambda case: recorded_vectors("tanh"))
    third_party = examine(REGISTRY["tanh"]).testimonies[3]
    assert third_party.contradicted == ("x",)


@pytest.mark.parametrize(
    "value",
    [
        np.array([[1.5, -np.inf], [0.1, 2]]),
        np.array(3.25),
        np.array([True, False]),
        np.array([[1], [2]]),
        (Ellipsis, slice(None, 3), np.array([2, 0])),
        (1, -1),
        0.5,
        "tanh",
        None,
        True,
    ],
    ids=repr,
)
def test_arguments_and_options_return_as_they_went(value):
    returned = decode(json.loads(json.dumps(encode(value))))
    assert type(returned) is type(value)
    np.testing.assert_equal(returned, value)
    if isinstance(value, np.ndarray):
        assert returned.dtype == value.dtype
