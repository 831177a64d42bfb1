"""The diffusion process: closed forms against the chain they stand for, and what is refused."""

import numpy as np
import pytest

from chainrule import models
from chainrule.autograd import Tensor
from chainrule.models import GaussianDiffusion, cosine_schedule, linear_schedule

PROCESS = GaussianDiffusion(linear_schedule(20, 0.01, 0.3))


def rng(seed=0):
    return np.random.default_rng(seed)


def at(t, n=1):
    return np.full(n, t)


def test_the_closed_form_is_the_chain_of_steps():
    """Mean and variance of q(x_t | x_0), step by step from q(x_t | x_(t−1))."""
    scale, variance, one = 1.0, 0.0, np.ones((1, 1))
    for t in range(PROCESS.steps + 1):
        beta = PROCESS.betas[t]
        scale, variance = np.sqrt(1 - beta) * scale, (1 - beta) * variance + beta
        assert PROCESS.add_noise(one, at(t), 0 * one)[0, 0] == pytest.approx(scale, rel=1e-12)
        deviation = PROCESS.add_noise(0 * one, at(t), one)[0, 0]
        assert deviation**2 == pytest.approx(variance, rel=1e-12)


def test_the_start_is_the_data_and_the_end_is_noise():
    x, noise = rng().standard_normal((2, 5, 3))
    assert np.array_equal(PROCESS.add_noise(x, at(0, 5), noise), x)
    for betas in (linear_schedule(1000), cosine_schedule(1000), cosine_schedule(50)):
        assert GaussianDiffusion(betas).alpha_bars[-1] < 1e-4
        assert GaussianDiffusion(betas).alpha_bars[1] > 0.95


def test_prediction_undoes_the_noise():
    x, noise = rng().standard_normal((2, 5, 3))
    t = np.array([0, 1, 7, 15, 20])
    x_t = PROCESS.add_noise(x, t, noise)
    np.testing.assert_allclose(PROCESS.predict_x_0(x_t, t, noise), x, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("t", [2, 9, 20])
def test_the_posterior_is_bayes_rule(t):
    """Completing the square of q(x_t | x_s) q(x_s | x_0) in x_s, s = t − 1."""
    x_0, x_t = 0.7, -0.4
    beta, before = PROCESS.betas[t], PROCESS.alpha_bars[t - 1]
    precision = (1 - beta) / beta + 1 / (1 - before)
    mean = (np.sqrt(1 - beta) * x_t / beta + np.sqrt(before) * x_0 / (1 - before)) / precision
    got, variance = PROCESS.posterior(np.array([[x_0]]), np.array([[x_t]]), at(t))
    assert got[0, 0] == pytest.approx(mean, rel=1e-12)
    assert variance[0, 0] == pytest.approx(1 / precision, rel=1e-12)


@pytest.mark.parametrize("t", [1, 2, 20])
def test_with_eta_one_a_step_is_a_draw_from_the_posterior(t):
    x_t, noise, fresh = rng().standard_normal((3, 4, 2))
    x_0 = PROCESS.predict_x_0(x_t, at(t, 4), noise)
    mean, variance = PROCESS.posterior(x_0, x_t, at(t, 4))
    got = PROCESS.step_back(x_t, at(t, 4), at(t - 1, 4), noise, fresh, eta=1.0)
    np.testing.assert_allclose(got, mean + np.sqrt(variance) * fresh, rtol=1e-9, atol=1e-12)


def test_ddim_with_the_true_noise_runs_along_the_forward_process():
    x, noise = rng().standard_normal((2, 4, 2))
    x_t = PROCESS.add_noise(x, at(20, 4), noise)
    for t, s in ((20, 13), (13, 4), (4, 0)):
        x_t = PROCESS.step_back(x_t, at(t, 4), at(s, 4), noise, np.ones((4, 2)))
        expected = PROCESS.add_noise(x, at(s, 4), noise)
        np.testing.assert_allclose(x_t, expected, rtol=1e-10, atol=1e-12)


def test_clipping_keeps_what_is_inside_and_cuts_what_is_not():
    x, noise = rng().uniform(-1, 1, (4, 2)), rng(1).standard_normal((4, 2))
    x_t = PROCESS.add_noise(x, at(9, 4), noise)
    free, cut = (
        PROCESS.step_back(x_t, at(9, 4), at(3, 4), noise, 0 * x, clip=c) for c in (None, 1.0)
    )
    np.testing.assert_allclose(cut, free, rtol=1e-10)
    far = PROCESS.step_back(10 + x_t, at(9, 4), at(0, 4), noise, 0 * x, clip=1.0)
    assert far.max() == 1


def test_samples_of_a_perfect_model_have_the_distribution_of_the_data():
    """Data N(3, ½²) in one dimension: the best ε is known, and so what must come out."""

    class Perfect(models.DenoisingMLP):
        def forward(self, x, t, labels=None):
            a = process.alpha_bars[t][:, np.newaxis]
            x = getattr(x, "data", x)
            variance = a * 0.25 + 1 - a
            return Tensor(np.sqrt(1 - a) * (x - np.sqrt(a) * 3) / variance)

    process = GaussianDiffusion(cosine_schedule(200))
    model = Perfect(1, rng=rng(), dtype=np.float64)
    for options in ({}, {"eta": 0.0}, {"eta": 0.0, "steps": 50}):
        x = process.sample(model, (4000, 1), rng=rng(1), **options)
        assert x.mean() == pytest.approx(3, abs=0.04)
        assert x.std() == pytest.approx(0.5, abs=0.03)


def test_guidance_goes_beyond_the_label():
    model = models.DenoisingMLP(2, 8, 1, num_classes=3, rng=rng(), dtype=np.float64)
    x, labels, t = rng(1).standard_normal((4, 2)), np.array([0, 1, 2, 0]), at(20, 4)
    with_label = model(x, t, labels).data
    without = model(x, t).data
    assert np.array_equal(without, model(x, t, at(3, 4)).data)
    options = {"rng": rng(2), "steps": 1, "eta": 0.0}
    seen = []
    step_back = PROCESS.step_back

    class Watched(GaussianDiffusion):
        def step_back(self, x_t, t, s, noise, fresh, **options):
            seen.append((x_t, noise))
            return step_back(x_t, t, s, noise, fresh, **options)

    Watched(PROCESS.betas[1:]).sample(model, (4, 2), labels, guidance=2.0, **options)
    x, noise = seen[0]
    with_label, without = model(x, t, labels).data, model(x, t).data
    np.testing.assert_allclose(noise, 3 * with_label - 2 * without, rtol=1e-12)


def test_the_loss_of_a_model_that_says_nothing_is_the_variance_of_the_noise():
    model = models.DenoisingMLP(3, 8, 1, num_classes=2, rng=rng(), dtype=np.float64)
    model.last.weight.data[:] = 0
    model.last.bias.data[:] = 0
    x = rng(1).standard_normal((4000, 3))
    for labels in (None, rng(1).integers(0, 2, 4000)):
        assert PROCESS.loss(model, x, labels, rng=rng(2)).item() == pytest.approx(1, abs=0.05)
    one, same, other = (PROCESS.loss(model, x, rng=rng(seed)).item() for seed in (2, 2, 3))
    assert one == same != other


def test_samples_keep_single_precision_and_leave_the_model_training():
    model = models.UNet(channels=(4, 8), groups=2, rng=rng())
    x = PROCESS.sample(model, (2, 1, 8, 8), steps=2, rng=rng())
    assert x.dtype == np.float32
    assert model.training
    assert PROCESS.loss(model, x, rng=rng()).dtype == np.float32


@pytest.mark.parametrize("betas", [[], [0.1, 0.0], [0.1, 1.0], [0.1, np.nan], [[0.1]], 0.1])
def test_variances_out_of_range_are_refused(betas):
    with pytest.raises(ValueError, match="betas must be variances between 0 and 1, one for each"):
        GaussianDiffusion(betas)


def test_steps_labels_and_guidance_that_do_not_fit_are_refused():
    x, model = np.zeros((4, 2)), models.DenoisingMLP(2, rng=rng(), dtype=np.float64)
    with pytest.raises(ValueError, match=r"t must lie in 0, …, 20, got 21 to 21"):
        PROCESS.add_noise(x, at(21, 4), x)
    for t in (at(3, 5), np.ones(4), 3):
        with pytest.raises(ValueError, match="t must hold one integer for each of the"):
            PROCESS.add_noise(x, t, x)
    for steps in (0, 21):
        with pytest.raises(ValueError, match=f"steps must lie in 1, …, 20, got {steps}"):
            PROCESS.sample(model, (4, 2), rng=rng(), steps=steps)
    with pytest.raises(ValueError, match="guidance goes toward labels; pass them"):
        PROCESS.sample(model, (4, 2), rng=rng(), guidance=1.0)
    with pytest.raises(ValueError, match="DenoisingMLP: was built without num_classes"):
        PROCESS.loss(model, x, at(0, 4), rng=rng())
