"""What the models compute, against the formulas that they stand for."""

import numpy as np
import pytest

from chainrule import models, nn
from chainrule.autograd import Tensor
from chainrule.models import discriminator_loss, elbo_loss, generator_loss


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_code_of_a_vae_has_the_mean_and_the_deviation_it_says():
    model = models.VAE([4, 3, 2], rng=rng(), dtype=np.float64)
    n, mean, deviation = 40_000, np.array([0.5, -0.3]), np.array([1.2, 0.8])
    shape = (n, 2)
    mu, s = (np.broadcast_to(a, shape).copy() for a in (mean, 2 * np.log(deviation)))
    z = model.reparameterize(Tensor(mu), Tensor(s)).data
    # Five standard errors of a mean and of a deviation.
    assert (np.abs(z.mean(0) - mean) < 5 * deviation / np.sqrt(n)).all()
    assert (np.abs(z.std(0) - deviation) < 5 * deviation / np.sqrt(2 * n)).all()
    assert np.array_equal(model.eval().reparameterize(Tensor(mu), Tensor(s)).data, mu)


def test_the_bound_is_a_sum_over_pixels_and_dimensions_and_a_mean_over_examples():
    z, mean, log_var = (rng(i).standard_normal((3, d)) for i, d in enumerate((5, 2, 2)))
    x = rng(3).uniform(size=(3, 5))
    p = 1 / (1 + np.exp(-z))
    pixels = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(1)
    kl = 0.5 * (mean**2 + np.exp(log_var) - log_var - 1).sum(1)
    for beta in (1.0, 0.0, 4.0):
        loss = elbo_loss(Tensor(z), Tensor(mean), Tensor(log_var), x, beta=beta)
        assert loss.item() == pytest.approx((pixels + beta * kl).mean(), rel=1e-12)


def test_the_losses_of_the_two_players():
    real, fake = rng(0).standard_normal(6), rng(1).standard_normal(6)
    D_real, D_fake = (1 / (1 + np.exp(-z)) for z in (real, fake))
    expected = -np.log(D_real).mean() - np.log(1 - D_fake).mean()
    assert discriminator_loss(Tensor(real), Tensor(fake)).item() == pytest.approx(expected)
    smooth = -(0.9 * np.log(D_real) + 0.1 * np.log(1 - D_real)).mean() - np.log(1 - D_fake).mean()
    got = discriminator_loss(Tensor(real), Tensor(fake), smoothing=0.1).item()
    assert got == pytest.approx(smooth, rel=1e-12)
    assert generator_loss(Tensor(fake)).item() == pytest.approx(-np.log(D_fake).mean())
    saturating = generator_loss(Tensor(fake), saturating=True).item()
    assert saturating == pytest.approx(np.log(1 - D_fake).mean(), rel=1e-12)


def test_padding_a_source_changes_nothing():
    model = models.Transformer(7, 6, 8, 2, 2, 16, pad_id=0, rng=rng(), dtype=np.float64)
    src, tgt = np.array([[3, 1, 5]]), np.array([[1, 4]])
    padded = np.array([[3, 1, 5, 0, 0]])
    np.testing.assert_allclose(model(padded, tgt).data, model(src, tgt).data, rtol=1e-12)
    blind = models.Transformer(7, 6, 8, 2, 2, 16, rng=rng(), dtype=np.float64)
    assert not np.allclose(blind(padded, tgt).data, blind(src, tgt).data)


def test_a_residual_branch_of_zeros_leaves_the_shortcut():
    block = models.BasicBlock(2, 2, rng=rng(), dtype=np.float64)
    block.bn2.weight.data[:] = 0
    x = rng(1).standard_normal((3, 2, 4, 4))
    assert np.array_equal(block(x).data, np.maximum(x, 0))


def test_a_linear_autoencoder_with_tied_weights_is_a_product_with_the_transpose():
    model = models.Autoencoder(
        [5, 2], tied=True, activation=nn.Identity, rng=rng(), dtype=np.float64
    )
    W, b = (p.data for p in model.encoder.parameters())
    x = rng(1).standard_normal((3, 5))
    np.testing.assert_allclose(model(x).data, (x @ W.T + b) @ W, rtol=1e-12)


def test_the_evidence_of_images_is_summed_over_all_pixels():
    rng = np.random.default_rng(0)
    x, logits = rng.random((3, 1, 4, 5)), rng.standard_normal((3, 1, 4, 5))
    latent = Tensor(rng.standard_normal((3, 2)))
    flat = models.elbo_loss(Tensor(logits.reshape(3, 20)), latent, latent, x.reshape(3, 20))
    assert models.elbo_loss(Tensor(logits), latent, latent, x).item() == flat.item()
    with pytest.raises(ValueError, match="elbo_loss: the mean loss of an empty batch is undefined"):
        models.elbo_loss(Tensor(logits[:0]), latent, latent, x[:0])
