"""Losses: numbers by hand, what they mean, their range, and digits at extreme logits."""

import math
import re

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.functional import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    hinge_loss,
    huber_loss,
    kl_standard_normal,
    l1_loss,
    log_softmax,
    mse_loss,
    nll_loss,
    sigmoid,
    softmax,
)

EPS = np.finfo(np.float64).eps
vectors = hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-100, 100))


def test_mse_by_hand():
    L, pullback = mse_loss(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, 3.0, 0.0]))
    assert L == 5
    dy, dt = pullback(2.0)
    assert np.array_equal(dy, [0, 2, 0, 4])
    assert np.array_equal(dt, [0, -2, 0, -4])


def test_mse_is_a_mean_over_all_entries_not_over_rows():
    y, t = np.full((2, 5), 3.0), np.zeros((2, 5))
    assert mse_loss(y, t)[0] == 9


@given(vectors, st.floats(-10, 10))
def test_mse_depends_on_the_difference_alone(y, shift):
    t = y[::-1].copy()
    L = mse_loss(y, t)[0]
    assert L >= 0
    assert mse_loss(t, y)[0] == L
    assert mse_loss(y + shift, t + shift)[0] == pytest.approx(L, rel=1e-9, abs=1e-9)


def test_binary_cross_entropy_by_hand():
    z, t = np.log([3.0, 1.0]), np.array([1.0, 0.0])  # probabilities 3/4 and 1/2
    L, pullback = binary_cross_entropy_with_logits(z, t)
    assert pytest.approx((math.log(4 / 3) + math.log(2)) / 2, rel=4 * EPS) == L
    dz, dt = pullback(1.0)
    np.testing.assert_allclose(dz, [-1 / 8, 1 / 4], rtol=4 * EPS)
    np.testing.assert_allclose(dt, [-math.log(3) / 2, 0], atol=EPS)


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_has_all_its_digits(t):
    for z in np.concatenate([-np.geomspace(700, 1e-3, 25), np.geomspace(1e-3, 700, 25)]):
        L, pullback = binary_cross_entropy_with_logits(np.array([z]), np.array([t]))
        with mpmath.workdps(400):  # log(1 − σ(700)) takes 305 digits before the first one
            p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
            exact = -mpmath.mpf(t) * mpmath.log(p) - (1 - mpmath.mpf(t)) * mpmath.log(1 - p)
            slope = p - mpmath.mpf(t)
        # z t and max(z, 0) are rounded once each.
        assert abs(L - float(exact)) <= 4 * EPS * max(float(exact), abs(z) * (0 < t < 1))
        assert abs(pullback(1.0)[0][0] - float(slope)) <= 4 * EPS


@given(vectors, st.data())
def test_binary_cross_entropy_knows_no_left_and_right(z, data):
    t = data.draw(hnp.arrays(np.float64, z.shape, elements=st.floats(0, 1)))
    L, pullback = binary_cross_entropy_with_logits(z, t)
    assert L >= 0
    mirrored, mirrored_pullback = binary_cross_entropy_with_logits(-z, 1 - t)
    assert mirrored == pytest.approx(L, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(mirrored_pullback(1.0)[0], -pullback(1.0)[0], atol=1e-15)


def test_binary_cross_entropy_is_least_where_the_probability_is_the_target():
    t = np.array([0.2])
    z = np.log(t / (1 - t))
    _, pullback = binary_cross_entropy_with_logits(z, t)
    assert abs(pullback(1.0)[0][0]) <= EPS
    assert sigmoid(z)[0] == pytest.approx(t)


@pytest.mark.parametrize(("z", "t"), [(1000.0, 1.0), (-1000.0, 0.0)])
def test_a_sure_and_right_logit_costs_nothing(z, t):
    L, pullback = binary_cross_entropy_with_logits(np.array([z]), np.array([t]))
    assert L == 0
    assert pullback(1.0)[0] == 0


@pytest.mark.parametrize(("z", "t"), [(1000.0, 0.0), (-1000.0, 1.0)])
def test_a_sure_and_wrong_logit_costs_itself(z, t):
    L, pullback = binary_cross_entropy_with_logits(np.array([z]), np.array([t]))
    assert L == 1000
    assert pullback(1.0)[0] == np.sign(z)


@pytest.mark.parametrize("wrong", [-1.0, 1.5, 255.0])
def test_targets_that_are_no_probabilities_are_refused(wrong):
    with pytest.raises(ValueError, match=rf"targets must lie in \[0, 1\], but t holds {wrong}; "):
        binary_cross_entropy_with_logits(np.zeros(2), np.array([0.5, wrong]))


def test_cross_entropy_by_hand():
    z = np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]])
    L, pullback = cross_entropy(z, np.array([2, 0]))
    assert pytest.approx((math.log(8 / 5) + math.log(4)) / 2, rel=4 * EPS) == L
    dz, dt = pullback(1.0)
    assert dt is None
    expected = np.array([[1 / 8, 2 / 8, 5 / 8 - 1], [1 / 4 - 1, 1 / 4, 2 / 4]]) / 2
    np.testing.assert_allclose(dz, expected, rtol=4 * EPS)


@pytest.mark.parametrize("K", [1, 2, 10])
def test_cross_entropy_of_equal_logits_is_log_k(K):
    L, _ = cross_entropy(np.full((4, K), 7.0), np.arange(4) % K)
    assert pytest.approx(math.log(K), abs=2 * EPS) == L


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5)),
        elements=st.floats(-1e3, 1e3),
    ),
    st.data(),
)
def test_cross_entropy_is_minus_the_mean_of_the_log_probabilities(z, data):
    classes = st.integers(0, z.shape[-1] - 1)
    t = data.draw(hnp.arrays(np.int64, z.shape[:-1], elements=classes))
    L, pullback = cross_entropy(z, t)
    picked = np.take_along_axis(log_softmax(z)[0], t[..., None], axis=-1)
    assert pytest.approx(-picked.mean(), rel=1e-12, abs=1e-12) == L
    onehot = t[..., None] == np.arange(z.shape[-1])
    np.testing.assert_allclose(pullback(1.0)[0], (softmax(z)[0] - onehot) / t.size, atol=1e-15)


def test_cross_entropy_of_extreme_logits():
    z = np.array([[1000.0, -1000.0]])
    right, pull_right = cross_entropy(z, np.array([0]))
    wrong, pull_wrong = cross_entropy(z, np.array([1]))
    assert right == 0
    assert wrong == 2000
    assert np.array_equal(pull_right(1.0)[0], [[0, 0]])
    assert np.array_equal(pull_wrong(1.0)[0], [[1, -1]])


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_any_integers_name_classes(dtype):
    z = np.random.default_rng(0).standard_normal((3, 4))
    t = np.array([3, 0, 1])
    assert cross_entropy(z, t.astype(dtype))[0] == cross_entropy(z, t)[0]
    assert cross_entropy(z[0], t.astype(dtype)[0])[0] == cross_entropy(z[0], t[0])[0]


@pytest.mark.parametrize(("t", "shown"), [([0, 3], "3"), ([-1, 0], "-1")])
def test_classes_out_of_range_are_refused(t, shown):
    message = rf"classes must lie in 0, …, 2 \(z has 3 columns\), but t holds {shown}; count"
    with pytest.raises(ValueError, match=message):
        cross_entropy(np.zeros((2, 3)), np.array(t))


@pytest.mark.parametrize(
    ("t", "kind", "remedy"),
    [
        (np.eye(3, dtype=int)[[0, 1]], r"int64 of shape \(2, 3\)", "from one-hot rows take t.arg"),
        (np.array([0.0, 1.0]), r"float64 of shape \(2,\)", "convert class ids with t.astype"),
    ],
)
def test_integers_are_class_ids_and_floats_are_probabilities(t, kind, remedy):
    with pytest.raises(TypeError, match=f"got {kind}; {remedy}"):
        cross_entropy(np.zeros((2, 3)), t)
    with pytest.raises(TypeError, match=r"nll_loss: .* from one-hot rows take t\.argmax\(-1\)"):
        nll_loss(np.zeros((2, 3)), np.eye(3)[[0, 1]])


def test_class_ids_are_probabilities_of_one():
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((4, 3)), np.array([2, 0, 1, 1])
    for options in ({}, {"label_smoothing": 0.3}, {"label_smoothing": 1.0}):
        (L, pull), (hot, pull_hot) = (cross_entropy(z, a, **options) for a in (t, np.eye(3)[t]))
        assert pytest.approx(hot, rel=1e-15) == L
        np.testing.assert_allclose(pull(1.0)[0], pull_hot(1.0)[0], atol=1e-16)
        assert pull(1.0)[1] is None


def test_probabilities_by_hand():
    z = np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]])
    q = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    L, pullback = cross_entropy(z, q)
    expected = (math.log(8) + math.log(4)) / 2 + 1.5 * math.log(2)
    assert pytest.approx(expected / 2, rel=4 * EPS) == L
    dz, dq = pullback(2.0)
    np.testing.assert_allclose(dz, [[-3 / 8, -1 / 4, 5 / 8], [0, 0, 0]], atol=EPS)
    np.testing.assert_allclose(dq, np.log([[8, 4, 8 / 5], [4, 4, 2]]), rtol=4 * EPS)


def test_label_smoothing_mixes_in_the_mean_over_all_classes():
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((5, 4)), rng.integers(0, 4, 5)
    uniform = cross_entropy(z, np.full((5, 4), 0.25))[0]
    smoothed = cross_entropy(z, t, label_smoothing=0.1)[0]
    assert pytest.approx(0.9 * cross_entropy(z, t)[0] + 0.1 * uniform, rel=1e-14) == smoothed
    assert pytest.approx(cross_entropy(z, t, label_smoothing=1.0)[0], rel=1e-14) == uniform


@pytest.mark.parametrize("ignored", [-100, 1, 7])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_ignored_examples_might_as_well_be_absent(ignored, smoothing):
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((2, 3, 4)), np.array([[0, ignored, 2], [ignored, 3, ignored]])
    kept = t != ignored
    L, pullback = cross_entropy(z, t, ignore_index=ignored, label_smoothing=smoothing)
    alone, pull_alone = cross_entropy(z[kept], t[kept], label_smoothing=smoothing)
    assert pytest.approx(alone, rel=1e-15) == L
    dz, dt = pullback(1.0)
    assert dt is None
    np.testing.assert_allclose(dz[kept], pull_alone(1.0)[0], atol=1e-16)
    assert not dz[~kept].any()


def test_a_class_that_is_not_ignored_is_refused():
    with pytest.raises(ValueError, match=r"but t holds -1; .* with ignore_index"):
        cross_entropy(np.zeros((2, 3)), np.array([-1, -100]), ignore_index=-100)
    with pytest.raises(ValueError, match="all examples have the class -100, which is ignored"):
        cross_entropy(np.zeros((2, 3)), np.array([-100, -100]), ignore_index=-100)
    with pytest.raises(TypeError, match=r"ignore_index must be an integer, got '0'; take"):
        cross_entropy(np.zeros((2, 3)), np.array([0, 1]), ignore_index="0")
    with pytest.raises(ValueError, match=r"leave out the rows instead, z\[kept\]"):
        cross_entropy(np.zeros((2, 3)), np.full((2, 3), 1 / 3), ignore_index=0)


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]], r"a row of t sums to 2; .* take binary_cross_entropy"),
        ([[3.0, 0.0, 0.0], [0.0, 1.0, 0.0]], r"targets must lie in \[0, 1\], but t holds 3.0"),
        ([[0.0, 1.0, 0.0]], r"must have the shape of z, .* got \(1, 3\) and \(2, 3\)"),
    ],
)
def test_what_are_no_probabilities_of_classes_is_refused(q, said):
    with pytest.raises(ValueError, match=f"cross_entropy: .*{said}"):
        cross_entropy(np.zeros((2, 3)), np.array(q))


def test_an_impossible_class_costs_nothing_unless_it_is_true():
    z = np.array([[0.0, -np.inf, 0.0]])
    for t in (np.array([0]), np.array([[0.5, 0.0, 0.5]])):
        L, pullback = cross_entropy(z, t)
        assert pytest.approx(math.log(2)) == L
        assert pullback(1.0)[0][0, 1] == 0
    assert cross_entropy(z, np.array([1]))[0] == np.inf
    assert cross_entropy(z, np.array([0]), label_smoothing=0.1)[0] == np.inf
    for bad in (np.array([[np.nan, -np.inf, 0.0]]), np.array([[np.nan, 0.0, 0.0]])):
        assert np.isnan(cross_entropy(bad, np.array([2]))[0])


@pytest.mark.parametrize(
    ("loss", "args"),
    [
        (mse_loss, (np.array([np.inf, 0.0]), np.zeros(2))),
        (binary_cross_entropy_with_logits, (np.array([-np.inf, 0.0]), np.array([1.0, 0.0]))),
        (cross_entropy, (np.array([[-np.inf, 0.0]]), np.array([0]))),
    ],
)
def test_an_infinite_loss_is_shown(loss, args):
    assert loss(*args)[0] == np.inf


ERRORS = np.array([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0])


def test_l1_by_hand_with_slope_zero_at_zero():
    L, pullback = l1_loss(ERRORS, np.zeros(7))
    assert pytest.approx(9 / 7, rel=1e-15) == L
    dy, dt = pullback(7.0)
    np.testing.assert_array_equal(dy, [-1, -1, -1, 0, 1, 1, 1])
    np.testing.assert_array_equal(dt, -dy)


@pytest.mark.parametrize(
    ("delta", "L", "slopes"),
    [
        (1.0, 2.5 + 0.5 + 0.125 + 0 + 0.125 + 0.5 + 2.5, [-1, -1, -0.5, 0, 0.5, 1, 1]),
        (2.0, 4 + 0.5 + 0.125 + 0 + 0.125 + 0.5 + 4, [-2, -1, -0.5, 0, 0.5, 1, 2]),
    ],
)
def test_huber_by_hand(delta, L, slopes):
    value, pullback = huber_loss(ERRORS, np.zeros(7), delta=delta)
    assert value * 7 == pytest.approx(L, rel=1e-15)
    np.testing.assert_allclose(pullback(7.0)[0], slopes, rtol=1e-15)


def test_huber_is_half_the_square_or_the_size():
    y, t = np.random.default_rng(0).standard_normal((2, 50))
    assert huber_loss(y, t, delta=100.0)[0] == pytest.approx(mse_loss(y, t)[0] / 2, rel=1e-14)
    small = 1e-6
    assert huber_loss(y, t, delta=small)[0] / small == pytest.approx(l1_loss(y, t)[0], rel=1e-5)


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan")])
def test_huber_refuses_a_delta_that_is_not_positive(delta):
    with pytest.raises(ValueError, match="huber_loss: delta must be greater than 0, got"):
        huber_loss(np.ones(2), np.ones(2), delta=delta)


def test_hinge_by_hand_with_slope_zero_at_the_margin():
    z, t = np.array([2.0, 1.0, 0.5, -1.0]), np.array([1.0, 1.0, -1.0, -1.0])
    L, pullback = hinge_loss(z, t)
    assert L * 4 == 1.5
    dz, dt = pullback(4.0)
    np.testing.assert_array_equal(dz, [0, 0, 1, 0])
    np.testing.assert_array_equal(dt, [0, 0, -0.5, 0])


def test_gaussian_nll_is_minus_the_log_of_the_density():
    mean, t, log_var = np.random.default_rng(0).standard_normal((3, 20))
    deviation = np.exp(log_var / 2)
    density = np.exp(-((t - mean) ** 2) / (2 * deviation**2)) / (deviation * math.sqrt(2 * math.pi))
    assert gaussian_nll_loss(mean, t, log_var)[0] == pytest.approx(
        -np.log(density).mean(), rel=1e-13
    )


def test_the_best_variance_of_a_gaussian_is_the_squared_error():
    mean, t = np.array([0.0, 1.0]), np.array([0.5, 4.0])
    _, pullback = gaussian_nll_loss(mean, t, np.log((mean - t) ** 2))
    np.testing.assert_allclose(pullback(1.0)[2], 0, atol=1e-15)


def test_kl_by_hand():
    mean, log_var = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[0.0, 0.0], [0.0, np.log(2)]])
    # ½ · 3² and ½ (2 − log 2 − 1), halved by the mean over two rows
    expected = (4.5 + 0.5 * (1 - math.log(2))) / 2
    L, pullback = kl_standard_normal(mean, log_var)
    assert pytest.approx(expected, rel=1e-15) == L
    np.testing.assert_allclose(pullback(2.0)[0], [[0, 0], [3, 0]], rtol=1e-15)
    np.testing.assert_allclose(pullback(2.0)[1], [[0, 0], [0, 0.5]], rtol=1e-15)


def test_kl_is_the_integral():
    mean, log_var = 0.7, -0.4

    def log_density(x, m, s):
        return -0.5 * (mpmath.log(2 * mpmath.pi) + s + (x - m) ** 2 * mpmath.exp(-s))

    def integrand(x):
        log_q = log_density(x, mean, log_var)
        return mpmath.exp(log_q) * (log_q - log_density(x, 0, 0))

    integral = float(mpmath.quad(integrand, [-12, 0, 1, 12]))
    L, _ = kl_standard_normal(np.array([mean]), np.array([log_var]))
    assert pytest.approx(integral, rel=1e-10) == L


def test_nll_of_log_softmax_is_cross_entropy():
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((2, 3, 4)), rng.integers(0, 4, (2, 3))
    log_p, pull_log_p = log_softmax(z)
    (L, pull_L), (expected, pull_expected) = nll_loss(log_p, t), cross_entropy(z, t)
    assert pytest.approx(expected, rel=1e-15) == L
    dlog_p, nothing = pull_L(1.0)
    assert nothing is None
    np.testing.assert_allclose(pull_log_p(dlog_p)[0], pull_expected(1.0)[0], atol=1e-16)


def test_a_hinge_refuses_zeros_and_says_how_to_make_signs():
    with pytest.raises(ValueError, match=r"−1 or \+1, but t holds 0, .* 2 \* t - 1"):
        hinge_loss(np.ones(3), np.array([0.0, 1.0, 1.0]))


@pytest.mark.parametrize(
    ("t", "remedy"),
    [
        ([0, 1, 2], "np.asarray(t)"),
        (np.array([0.0, 1.0, 2.0]), "t.astype(np.int64)"),
        (np.array([True, False, True]), "t.astype(np.int64)"),
        (np.array(["cat", "dog", "cat"]), "np.unique(t, return_inverse=True)[1]"),
        (np.eye(4, dtype=int)[:3], "t.argmax(-1)"),
        (np.array([[0], [1], [2]]), "t.reshape(3,)"),
    ],
)
def test_what_are_no_class_ids_is_told_how_to_become_some(t, remedy):
    with pytest.raises((TypeError, ValueError), match=re.escape(remedy)):
        cross_entropy(np.zeros((3, 4)), t)
