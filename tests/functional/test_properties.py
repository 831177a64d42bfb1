"""The rules once more, on arguments that Hypothesis draws: odd shapes, ties, zeros."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.functional import REGISTRY, split_heads
from chainrule.proofs import CASES
from chainrule.proofs.case import Instance
from chainrule.proofs.cases.regularization import _seeded
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
    shape = list(draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    shape[axis] = max(shape[axis], 1)  # there is something to normalize over
    return Instance((draw(floats(tuple(shape))),), {"axis": axis})


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


@st.composite
def logits_and_targets(draw):
    z, t = draw(logits_and_classes()).args
    options = {"label_smoothing": draw(st.sampled_from([0.0, 0.25, 1.0]))}
    if draw(st.booleans()):
        q = draw(floats(z.shape, st.floats(0.125, 1)))
        return Instance((z, q / q.sum(-1, keepdims=True)), options)
    if t.ndim and draw(st.booleans()):
        last = z.shape[-1] - 1
        options["ignore_index"] = draw(st.sampled_from([-100, 0] if last else [-100]))
        t[1::2], t[0] = options["ignore_index"], last
    return Instance((z, t), options)


@st.composite
def broadcast(draw, elements=NUMBERS):
    a, b = draw(
        hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)
    ).input_shapes
    return Instance((draw(floats(a, elements)), draw(floats(b, elements))))


@st.composite
def tuples(draw, *, arrays, shapes=NONEMPTY):
    shape = draw(shapes)
    return Instance(tuple(draw(floats(shape)) for _ in range(arrays)))


@st.composite
def gaussians(draw):
    # exp(8) times a square is too large for half precision.
    shape = draw(NONEMPTY)
    log_var = draw(floats(shape, st.floats(-2, 2)))
    return Instance((draw(floats(shape)), draw(floats(shape)), log_var))


@st.composite
def positive(draw):
    return Instance((draw(floats(draw(SHAPES), st.floats(0.125, 8))),))


@st.composite
def powers(draw):
    exponent = draw(st.sampled_from([-1, 0, 0.5, 1, 2, 3]))
    numbers = st.floats(-4, 4) if exponent in (0, 1, 2, 3) else st.floats(0.25, 4)
    return Instance((draw(floats(draw(SHAPES), numbers)),), {"exponent": exponent})


@st.composite
def halves(draw):
    n = draw(st.integers(1, 3))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    x = draw(floats((*batch, 2 * n)))
    axis = draw(st.sampled_from([-1, x.ndim - 1]))
    return Instance((x,), {"axis": axis})


@st.composite
def matrices(draw):
    shapes = draw(
        hnp.mutually_broadcastable_shapes(
            signature="(m,k),(k,n)->(m,n)", max_dims=2, min_side=0, max_side=3
        )
    )
    return Instance(tuple(draw(floats(shape)) for shape in shapes.input_shapes))


@st.composite
def reduced(draw, *, shapes=NONEMPTY):
    x = draw(floats(draw(shapes)))
    axes = [None, *range(-x.ndim, x.ndim), *([(0, -1)] if x.ndim > 1 else [])]
    return Instance((x,), {"axis": draw(st.sampled_from(axes)), "keepdims": draw(st.booleans())})


@st.composite
def reshaped(draw):
    x = draw(floats(draw(SHAPES)))
    shapes = [(x.size,), (-1, 1), (1, x.size), x.shape[::-1]]
    return Instance((x,), {"shape": draw(st.sampled_from(shapes))})


@st.composite
def transposed(draw):
    x = draw(floats(draw(SHAPES)))
    axes = st.none() | st.permutations(range(x.ndim)).map(tuple)
    return Instance((x,), {"axes": draw(axes)})


@st.composite
def indexed(draw):
    x = draw(floats(draw(SHAPES)))
    basic = hnp.basic_indices(x.shape, allow_newaxis=True)
    places = hnp.integer_array_indices(x.shape) if x.ndim and x.size else basic
    return Instance((x,), {"key": draw(basic | places)})


@st.composite
def two_parts(draw):
    shape = draw(hnp.array_shapes(max_dims=3, min_side=0, max_side=3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    other = list(shape)
    other[axis] = draw(st.integers(0, 3))
    return Instance((draw(floats(shape)), draw(floats(tuple(other)))), {"axis": axis})


@st.composite
def stacked(draw):
    shape = draw(SHAPES)
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return Instance((draw(floats(shape)), draw(floats(shape))), {"axis": axis})


@st.composite
def looked_up(draw):
    V, d = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    ids = hnp.arrays(np.int64, draw(SHAPES), elements=st.integers(0, V - 1))
    return Instance((draw(ids), draw(floats((V, d)))))


@st.composite
def attended(draw, *, values):
    leading = draw(
        hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=2, min_side=0, max_side=2)
    )
    T_q, T_k, d = (draw(st.integers(1, 3)) for _ in range(3))
    q, k, v = (
        draw(floats((*shape, *last)))
        for shape, last in zip(leading.input_shapes, ((T_q, d), (T_k, d), (T_k, 2)), strict=True)
    )
    masks = st.none() | hnp.arrays(bool, (T_q, T_k))
    options = {"causal": draw(st.booleans()), "mask": draw(masks)}
    return Instance((q, k, v) if values else (q, k), options)


@st.composite
def with_heads(draw):
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2))
    heads, T, width = (draw(st.integers(1, 3)) for _ in range(3))
    return Instance((draw(floats((*batch, T, heads * width))),), {"heads": heads})


@st.composite
def rotated(draw):
    batch = draw(hnp.array_shapes(max_dims=2, min_side=0, max_side=3))
    x = draw(floats((*batch, 2 * draw(st.integers(1, 2)))))
    places = hnp.arrays(np.int64, x.shape[-2], elements=st.integers(0, 50))
    return Instance((x,), {"positions": draw(st.none() | places)})


@st.composite
def convolved(draw, *, axes, transposed=False):
    lengths = st.integers(1, 2)
    groups, inner, outer = draw(lengths), draw(lengths), draw(lengths)
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(axes))
    size = tuple(draw(st.integers(3, 5)) for _ in range(axes))
    channels, N = groups * inner, draw(st.integers(0, 2))
    F = groups * outer
    W = (channels, outer, *kernel) if transposed else (F, inner, *kernel)
    options = {"stride": draw(lengths), "groups": groups}
    options["padding"] = 0 if transposed else draw(st.integers(0, 1))
    x = draw(floats((N, channels, *size), st.floats(-2, 2)))
    return Instance((x, draw(floats(W, st.floats(-2, 2))), draw(floats(F))), options)


@st.composite
def pooled(draw, *, axes):
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2))
    x = draw(floats((*batch, *(draw(st.integers(3, 5)) for _ in range(axes)))))
    kernel = draw(st.integers(2, 3))
    options = {"kernel_size": kernel, "stride": draw(st.integers(1, 3))}
    options |= {"padding": draw(st.integers(0, 1)), "ceil_mode": draw(st.booleans())}
    return Instance((x,), options)


@st.composite
def adapted(draw):
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2))
    x = draw(floats((*batch, *draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=4)))))
    return Instance((x,), {"output_size": (draw(st.integers(1, 4)), draw(st.integers(1, 4)))})


@st.composite
def normalized(draw, *, parameters):
    # A large ε: where all numbers are alike, the rules would compare roundings divided by √ε.
    features = draw(hnp.array_shapes(max_dims=2, max_side=4))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    x = draw(floats((*batch, *features)))
    return Instance((x, *(draw(floats(features)) for _ in range(parameters))), {"eps": 0.5})


@st.composite
def grouped(draw):
    groups, size = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    places = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    C = groups * size
    x = draw(floats((draw(st.integers(0, 2)), C, *places)))
    return Instance((x, draw(floats(C)), draw(floats(C))), {"num_groups": groups, "eps": 0.5})


@st.composite
def batches(draw):
    C = draw(st.integers(1, 3))
    places = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    x = draw(floats((draw(st.integers(2, 4)), C, *places)))
    options = {"eps": 0.5}
    if draw(st.booleans()):
        options |= {"running_mean": draw(floats(C)), "running_var": np.ones(C)}
    return Instance((x, draw(floats(C)), draw(floats(C))), options)


@st.composite
def dropped(draw):
    x = draw(floats(draw(SHAPES)))
    p = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    return Instance((x,), {"p": p, "rng": _seeded(1), "training": draw(st.booleans())})


@st.composite
def sequences(draw, *, gates, states):
    B, T, d, H = draw(st.integers(0, 2)), *(draw(st.integers(1, 2)) for _ in range(3))
    shapes = [(B, T, d), *[(B, H)] * states, (gates * H, d), (gates * H, H)]
    shapes += [(gates * H,)] * 2
    # Large weights let an error grow from step to step, beyond any bound on one rounding.
    numbers = st.floats(-2, 2)
    args = tuple(draw(floats(shape, numbers)) for shape in shapes)
    return Instance(args)


ARGUMENTS = {
    "affine": affine(),
    "relu": elementwise(),
    "sigmoid": elementwise(),
    "tanh": elementwise(),
    "softmax": along_an_axis(),
    "log_softmax": along_an_axis(),
    "mse_loss": pairs(),
    "binary_cross_entropy_with_logits": pairs(st.floats(0.125, 0.875)),
    "cross_entropy": logits_and_targets(),
    "nll_loss": logits_and_classes(),
    "l1_loss": pairs(),
    "huber_loss": pairs(),
    "hinge_loss": pairs(st.sampled_from([-1.0, 1.0])),
    "gaussian_nll_loss": gaussians(),
    "kl_standard_normal": tuples(arrays=2),
    **{name: elementwise() for name in ("leaky_relu", "elu", "softplus", "silu", "gelu")},
    "glu": halves(),
    "swiglu": tuples(arrays=2, shapes=SHAPES),
    **{name: broadcast() for name in ("add", "sub", "mul")},
    "div": broadcast(st.floats(0.25, 8) | st.floats(-8, -0.25)),
    "neg": elementwise(),
    "exp": elementwise(),
    "log": positive(),
    "sqrt": positive(),
    "abs": elementwise(),
    "pow": powers(),
    "matmul": matrices(),
    "sum": reduced(shapes=SHAPES),
    "mean": reduced(),
    "logsumexp": reduced(),
    "reshape": reshaped(),
    "transpose": transposed(),
    "index": indexed(),
    "concatenate": two_parts(),
    "stack": stacked(),
    "embedding": looked_up(),
    "attention_weights": attended(values=False),
    "scaled_dot_product_attention": attended(values=True),
    "split_heads": with_heads(),
    "merge_heads": with_heads().map(lambda i: Instance(split_heads(*i.args, **i.options)[:1])),
    "rotary_embedding": rotated(),
    "conv2d": convolved(axes=2),
    "conv_transpose2d": convolved(axes=2, transposed=True),
    "conv1d": convolved(axes=1),
    "max_pool2d": pooled(axes=2),
    "avg_pool2d": pooled(axes=2),
    "adaptive_avg_pool2d": adapted(),
    "max_pool1d": pooled(axes=1),
    "avg_pool1d": pooled(axes=1),
    "layer_norm": normalized(parameters=2),
    "rms_norm": normalized(parameters=1),
    "group_norm": grouped(),
    "batch_norm": batches(),
    "dropout": dropped(),
    "rnn": sequences(gates=1, states=1),
    "lstm": sequences(gates=4, states=2),
    "gru": sequences(gates=3, states=1),
}


# Functions that refuse an empty array, and how: their strategies draw none.
NEVER_EMPTY = {
    **dict.fromkeys([n for n, case in CASES.items() if case.is_mean], "a mean"),
    "mean": "a mean",
    "logsumexp": "the logarithm of nothing",
    "batch_norm": "the statistics of nothing",
}
# Functions of any shape, a single number among them.
SCALARS = [name for name in REGISTRY if "any shape" in (REGISTRY[name].__doc__ or "")]


def test_every_function_has_a_strategy():
    assert set(ARGUMENTS) == set(REGISTRY)


@pytest.mark.parametrize("name", REGISTRY)
def test_the_strategy_reaches_empty_arrays_and_single_numbers(name):
    reaches = settings(max_examples=500, database=None, phases=[Phase.generate])
    if name not in NEVER_EMPTY:
        find(ARGUMENTS[name], lambda i: any(a.size == 0 for a in i.args), settings=reaches)
    if name in SCALARS:
        find(ARGUMENTS[name], lambda i: i.args[0].ndim == 0, settings=reaches)


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
