"""The rules once more, on arguments that Hypothesis draws: odd shapes, ties, zeros."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.functional import REGISTRY
from chainrule.proofs import CASES
from chainrule.proofs.case import Instance
from tests.functional.rules import RULES

NUMBERS = st.floats(-8, 8)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
NONEMPTY = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)


def floats(shape, elements=NUMBERS):
    return hnp.arrays(np.float64, shape, elements=elements)


@st.composite
def affine(draw):
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    d_in, d_out = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    shapes = (*batch, d_in), (d_out, d_in), (d_out,)
    return Instance(tuple(draw(floats(shape)) for shape in shapes))


@st.composite
def elementwise(draw):
    return Instance((draw(floats(draw(SHAPES))),))


@st.composite
def along_an_axis(draw):
    x = draw(floats(draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))))
    return Instance((x,), {"axis": draw(st.integers(-x.ndim, x.ndim - 1))})


@st.composite
def pairs(draw, targets=NUMBERS):
    shape = draw(NONEMPTY)
    return Instance((draw(floats(shape)), draw(floats(shape, targets))))


@st.composite
def logits_and_classes(draw):
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=4))
    K = draw(st.integers(1, 4))
    t = draw(hnp.arrays(np.int64, batch, elements=st.integers(0, K - 1)))
    return Instance((draw(floats((*batch, K))), t))


ARGUMENTS = {
    "affine": affine(),
    "relu": elementwise(),
    "sigmoid": elementwise(),
    "tanh": elementwise(),
    "softmax": along_an_axis(),
    "log_softmax": along_an_axis(),
    "mse_loss": pairs(),
    "binary_cross_entropy_with_logits": pairs(st.floats(0.125, 0.875)),
    "cross_entropy": logits_and_classes(),
}


def test_every_function_has_a_strategy():
    assert set(ARGUMENTS) == set(REGISTRY)


# Finite differences cannot tell a slope at a kink, nor a slope of zero from one of 1e-11; the
# witness measures at points where neither happens.
RULES_ANYWHERE = [check for rule, check in RULES.items() if rule != "finite_differences_agree"]


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTRY)
def test_all_rules(name):
    @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
    @given(ARGUMENTS[name])
    def keeps_all_rules(instance):
        for check in RULES_ANYWHERE:
            check(CASES[name], REGISTRY[name], instance)

    keeps_all_rules()
