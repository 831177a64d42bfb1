"""Initial values: their variance, what variance is for, orthogonality, seed, and errors."""

import math

import numpy as np
import pytest

from chainrule.autograd import Tensor
from chainrule.nn import init


def rng(seed=0):
    return np.random.default_rng(seed)


def weights(*shape, dtype=np.float64):
    return Tensor(np.zeros(shape, dtype), requires_grad=True)


# name, options, variance of one weight for fan in 200·9 and fan out 300·9, whether uniform
FANS = (200 * 9, 300 * 9)
VARIANCES = [
    ("xavier_uniform_", {"gain": 2.0}, 4 * 2 / sum(FANS), True),
    ("xavier_normal_", {}, 2 / sum(FANS), False),
    ("kaiming_uniform_", {}, 2 / FANS[0], True),
    ("kaiming_uniform_", {"a": 0.5}, 2 / 1.25 / FANS[0], True),
    ("kaiming_normal_", {"nonlinearity": "relu"}, 2 / FANS[0], False),
    ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "tanh"}, 25 / 9 / FANS[1], False),
    ("lecun_normal_", {}, 1 / FANS[0], False),
    ("orthogonal_", {"gain": 3.0}, 9 / FANS[0], False),
]


@pytest.mark.parametrize(("name", "options", "variance", "uniform"), VARIANCES)
def test_variance_and_distribution(name, options, variance, uniform):
    if name == "orthogonal_":  # W Wᵀ = 9 I: a row of 1800 entries has the squared length 9
        variance = 9 / FANS[0]
    tensor = weights(300, 200, 3, 3)
    assert getattr(init, name)(tensor, rng=rng(), **options) is tensor
    w = tensor.data
    assert abs(w.mean()) < 0.01 * math.sqrt(variance)
    assert w.var() == pytest.approx(variance, rel=0.01)
    fourth = np.mean(w**4) / variance**2  # 9/5 for uniform, 3 for normal numbers
    assert fourth == pytest.approx(1.8 if uniform else 3.0, rel=0.02)


@pytest.mark.parametrize("shape", [(30, 30), (20, 50), (50, 20), (16, 4, 3, 3)])
def test_orthogonal(shape):
    w = init.orthogonal_(weights(*shape), gain=2.0, rng=rng()).data.reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)


def test_orthogonal_matrices_are_uniformly_distributed():
    # Without the signs of R, LAPACK's Q has a first entry that is never positive.
    generator = rng()
    first = [init.orthogonal_(weights(2, 2), rng=generator).data[0, 0] for _ in range(400)]
    assert abs(np.mean(first)) < 0.1
    assert abs(np.mean(np.sign(first))) < 0.1


@pytest.mark.parametrize(
    ("fill", "activation"),
    [(init.kaiming_normal_, lambda z: np.maximum(z, 0)), (init.lecun_normal_, lambda z: z)],
)
def test_the_second_moment_is_kept_from_layer_to_layer(fill, activation):
    generator = rng()
    x = activation(generator.standard_normal((500, 400)))
    z = x @ fill(weights(4000, 400), rng=generator).data.T
    assert np.mean(activation(z) ** 2) == pytest.approx(np.mean(x**2), rel=0.03)


def test_uniform_normal_and_constant():
    assert init.uniform_(weights(1000), 2, 3, rng=rng()).data.min() >= 2
    w = init.normal_(weights(10_000), 5, 0.1, rng=rng()).data
    assert w.mean() == pytest.approx(5, rel=1e-3)
    assert w.std() == pytest.approx(0.1, rel=0.03)
    assert np.array_equal(init.constant_(weights(3), 0.5).data, [0.5, 0.5, 0.5])


DRAWING = ["uniform_", "normal_", *sorted({name for name, *_ in VARIANCES})]


@pytest.mark.parametrize("name", DRAWING)
def test_in_place_seeded_and_in_the_dtype_of_the_tensor(name):
    fill = getattr(init, name)
    tensor = weights(4, 6, dtype=np.float32)
    array = tensor.data
    fill(tensor, rng=rng(1))
    assert tensor.data is array
    assert array.dtype == np.float32
    assert np.array_equal(fill(weights(4, 6, dtype=np.float32), rng=rng(1)).data, array)
    assert not np.array_equal(fill(weights(4, 6, dtype=np.float32), rng=rng(2)).data, array)


@pytest.mark.parametrize("name", DRAWING)
def test_what_is_refused(name):
    fill = getattr(init, name)
    with pytest.raises(TypeError, match=f"{name}: tensor must be of type Tensor, got ndarray"):
        fill(np.zeros((2, 2)), rng=rng())
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator, got int"):
        fill(weights(2, 2), rng=0)
    if name not in ("uniform_", "normal_"):
        for shape in ((3,), (0, 3)):
            with pytest.raises(ValueError, match=f"{name}: takes weights .out, in, .kernel. with"):
                fill(weights(*shape), rng=rng())


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="kaiming_normal_: mode must be 'fan_in' or 'fan_out', g"):
        init.kaiming_normal_(weights(2, 2), mode="fan", rng=rng())
    with pytest.raises(ValueError, match=r"kaiming_uniform_: nonlinearity must be .*, got .sin."):
        init.kaiming_uniform_(weights(2, 2), nonlinearity="sin", rng=rng())


def test_gains():
    assert init.calculate_gain("relu") ** 2 == pytest.approx(2)
    assert init.calculate_gain("leaky_relu", 1.0) == 1
    assert init.calculate_gain("leaky_relu") ** 2 == pytest.approx(2 / 1.0001)
    assert init.calculate_gain("tanh") == 5 / 3
