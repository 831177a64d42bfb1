"""Normalization: worked examples, identities, batch statistics, and errors."""

import numpy as np
import pytest

from chainrule.functional import batch_norm, group_norm, layer_norm, rms_norm


@pytest.fixture
def draw():
    return np.random.default_rng(0).standard_normal


def test_batch_norm_of_one_to_four():
    x = np.array([[1.0], [2.0], [3.0], [4.0]])
    y, _ = batch_norm(x, np.array([2.0]), np.array([0.5]), eps=0.0)
    np.testing.assert_allclose(y, 2 * (x - 2.5) / np.sqrt(1.25) + 0.5, rtol=1e-14)


def test_equal_numbers_become_beta():
    x, gamma, beta = np.full((2, 3), 2.0), np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    y, pullback = layer_norm(x, gamma, beta)
    np.testing.assert_array_equal(y, [beta, beta])
    assert np.isfinite(pullback(np.ones((2, 3)))[0]).all()


def test_scale_and_shift_of_the_input_do_not_matter(draw):
    x, gamma, beta = draw((4, 6)), draw(6), draw(6)
    for norm, moved in [(layer_norm, 3 * x + 5), (batch_norm, 3 * x + draw(6))]:
        y, expected = norm(moved, gamma, beta, eps=0)[0], norm(x, gamma, beta, eps=0)[0]
        np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    y, expected = rms_norm(3 * x, gamma, eps=0)[0], rms_norm(x, gamma, eps=0)[0]
    np.testing.assert_allclose(y, expected, rtol=1e-12)


def test_large_mean_costs_no_accuracy_beyond_that_of_the_input():
    # The mean of squares minus the square of the mean would leave nothing in single precision.
    x = (1e4 + np.array([[-1.0, 0.0, 1.0, 2.0]])).astype(np.float32)
    y, _ = layer_norm(x, np.ones(4, np.float32), np.zeros(4, np.float32), eps=0)
    np.testing.assert_allclose(y, (np.array([[-1.5, -0.5, 0.5, 1.5]])) / np.sqrt(1.25), rtol=1e-3)


def test_groups_join_layer_and_instance_normalization(draw):
    x, gamma, beta = draw((2, 6, 3, 4)), draw(6), draw(6)
    y, _ = group_norm(x, gamma, beta, num_groups=1)
    spread = [np.broadcast_to(a[:, None, None], (6, 3, 4)) for a in (gamma, beta)]
    np.testing.assert_allclose(y, layer_norm(x, *spread)[0], rtol=1e-12, atol=1e-12)
    y, _ = group_norm(x, gamma, beta, num_groups=6)
    alone = [batch_norm(x[n : n + 1], gamma, beta)[0] for n in range(2)]
    np.testing.assert_allclose(y, np.concatenate(alone), rtol=1e-10, atol=1e-12)


def test_batch_norm_shows_its_statistics_and_keeps_none(draw):
    x, gamma, beta, seen = draw((5, 3, 2)), draw(3), draw(3), []
    y, _ = batch_norm(x, gamma, beta, observe=lambda mean, var: seen.append((mean, var)))
    ((mean, var),) = seen
    np.testing.assert_allclose(mean, x.mean((0, 2)), rtol=1e-12)
    np.testing.assert_allclose(var, x.var((0, 2)), rtol=1e-12)
    # With its own statistics as the running ones, evaluation equals training.
    same, _ = batch_norm(x, gamma, beta, running_mean=mean, running_var=var)
    np.testing.assert_allclose(same, y, rtol=1e-12, atol=1e-12)
    batch_norm(x, gamma, beta, running_mean=mean, running_var=var, observe=seen.append)
    assert len(seen) == 1


def test_in_evaluation_examples_do_not_depend_on_their_company(draw):
    x, gamma, beta = draw((5, 3)), draw(3), draw(3)
    running = {"running_mean": draw(3), "running_var": draw(3) ** 2}
    y, pullback = batch_norm(x, gamma, beta, **running)
    alone, alone_pullback = batch_norm(x[:1], gamma, beta, **running)
    np.testing.assert_array_equal(alone, y[:1])
    dy = draw((5, 3))
    np.testing.assert_array_equal(alone_pullback(dy[:1])[0], pullback(dy)[0][:1])


def test_training_gradient_has_no_part_along_one_and_the_normalized_input(draw):
    x, gamma = draw((6, 3)), draw(3)
    y, pullback = batch_norm(x, gamma, np.zeros(3), eps=0)
    dx, _, _ = pullback(draw((6, 3)))
    np.testing.assert_allclose(dx.sum(0), 0, atol=1e-12)
    np.testing.assert_allclose((dx * y).sum(0), 0, atol=1e-12)


@pytest.mark.parametrize("norm", [batch_norm, lambda *a: group_norm(*a, num_groups=2)])
def test_memory_layout_changes_nothing(draw, norm):
    x, gamma, beta = draw((3, 4, 2, 5)), draw(4), draw(4)
    laid = np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    (y, pullback), (expected, expected_pullback) = norm(laid, gamma, beta), norm(x, gamma, beta)
    np.testing.assert_array_equal(y, expected)
    dy = draw(y.shape)
    for ours, theirs in zip(pullback(dy), expected_pullback(dy), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


X, GAMMA = np.ones((4, 3)), np.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layer_norm(X, np.ones(4), np.ones(4)), r"last axes of x must be those of gamma"),
        (lambda: layer_norm(X, GAMMA, np.ones(2)), "gamma and beta must have one shape"),
        (lambda: layer_norm(X, GAMMA, GAMMA, eps=-1), "eps must be at least 0, got -1"),
        (lambda: rms_norm(X[:, :0], GAMMA[:0]), "at least one axis and one entry"),
        (lambda: rms_norm(X[0], X), "last axes of x must be those of gamma"),
        (lambda: group_norm(X, GAMMA, GAMMA, num_groups=2), "divides the 3 channels, got 2"),
        (lambda: batch_norm(X[:1], GAMMA, GAMMA), "at least two numbers.*has 1: one number minus"),
        (lambda: batch_norm(X[:0], GAMMA, GAMMA), "an empty batch has no mean"),
        (lambda: batch_norm(X[0], GAMMA, GAMMA), r"x must have shape \(N, C, ...\)"),
        (lambda: batch_norm(np.ones((2, 4, 3)), GAMMA, GAMMA), "channels of x seem to be last"),
        (lambda: batch_norm(X, GAMMA, GAMMA, running_mean=GAMMA), "both, for evaluation"),
        (
            lambda: batch_norm(X, GAMMA, GAMMA, running_mean=GAMMA, running_var=-GAMMA),
            "running_var must not be negative, got -1",
        ),
    ],
)
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_running_statistics_take_the_dtype_of_the_input():
    x, gamma = X.astype(np.float32), GAMMA.astype(np.float32)
    y, pullback = batch_norm(x, gamma, gamma, running_mean=0 * GAMMA, running_var=GAMMA)
    assert {a.dtype for a in (y, *pullback(y))} == {np.dtype(np.float32)}
    with pytest.raises(TypeError, match="batch_norm: running_mean must hold real floating-point"):
        batch_norm(X, GAMMA, GAMMA, running_mean=np.zeros(3, int), running_var=GAMMA)
