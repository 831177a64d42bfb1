"""The engine witness: a batch against its examples, through lifted functions."""

import numpy as np
import pytest

from chainrule.functional import REGISTRY, affine, mse_loss
from chainrule.proofs import CASES
from chainrule.proofs.case import is_integer
from chainrule.proofs.engine import engine_errors


def errors(function, name, seed=0):
    return engine_errors(CASES[name], function, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", REGISTRY)
def test_every_batch_does_what_its_examples_do(name, seed):
    found = errors(REGISTRY[name], name, seed)
    case, floating = CASES[name], set()
    for instance in case.instances(np.random.default_rng(0))[: case.small]:
        arguments = zip(case.arguments, instance.args, strict=True)
        floating |= {n for n, a in arguments if not is_integer(a)}
    assert set(found) == {"value"} | floating
    assert max(found.values()) <= 1e-14


def test_names_what_depends_on_the_rest_of_the_batch():
    def batch_centered(x, W, b):
        return affine(x - x.mean(0), W, b)

    def overwritten(x, W, b):
        value, pullback = affine(x, W, b)

        def last_alone(dy):
            dx, _, db = pullback(dy)
            return dx, np.outer(dy[-1], x[-1]), db

        return value, last_alone

    assert errors(batch_centered, "affine")["value"] > 0.01
    assert errors(overwritten, "affine")["W"] > 0.01
    assert errors(overwritten, "affine")["x"] <= 1e-14


def test_a_mean_is_the_mean_of_its_examples():
    def total(y, t):
        value, pullback = mse_loss(y, t)
        return value * y.size, lambda dL: tuple(g * y.size for g in pullback(dL))

    found = errors(total, "mse_loss")
    assert found["value"] == pytest.approx(1)  # twice the mean, relative to it
    assert found["y"] > 0.1


def test_a_gradient_in_another_shape_is_refused_by_the_engine():
    def column(x, W, b):
        value, pullback = affine(x, W, b)
        return value, lambda dy: (*pullback(dy)[:2], dy.sum(0, keepdims=True))

    with pytest.raises(ValueError, match=r"gradient of shape \(1, 2\) for an argument of shape"):
        errors(column, "affine")
