"""Every model can learn: from a seeded start, it fits one small batch below a bound.

The bounds have a meaning: next to the loss before training, which is stated, a tenth or less is
left, or all but the irreducible part.
"""

import numpy as np
import pytest

from chainrule import data, models, nn, optim
from chainrule.models import (
    GaussianDiffusion,
    cosine_schedule,
    discriminator_loss,
    elbo_loss,
    generator_loss,
)
from chainrule.nn import functional as F


def rng(seed=0):
    return np.random.default_rng(seed)


def digits(n):
    """n digits of 8×8 pixels in [0, 1], float32."""
    split = data.digits()
    return split.X_train[:n], split.t_train[:n]


def train(model, loss, steps, lr=1e-2):
    """The first and the last loss of ``steps`` steps of Adam."""
    optimizer = optim.Adam(list(model.parameters()), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses[0], losses[-1]


@pytest.mark.parametrize(
    ("make", "shape", "steps"),
    [
        (lambda: models.MLP([64, 32, 10], rng=rng()), (64,), 60),
        (lambda: models.LeNet(8, 1, 10, (6, 12), (32,), 3, rng=rng()), (1, 8, 8), 100),
        (lambda: models.ResNet(channels=(8, 16), rng=rng()), (1, 8, 8), 40),
        (
            lambda: models.VisionTransformer(8, 2, d_model=32, num_layers=1, rng=rng()),
            (1, 8, 8),
            60,
        ),
    ],
    ids=["MLP", "LeNet", "ResNet", "VisionTransformer"],
)
def test_classifiers_know_32_digits_by_heart(make, shape, steps):
    X, t = digits(32)
    X, model = X.reshape(-1, *shape), make()
    first, last = train(model, lambda: F.cross_entropy(model(X), t), steps)
    assert 1.8 < first < 3.5  # log 10 = 2.30
    assert last < 0.1
    assert (model.train()(X).data.argmax(1) == t).all()


TEXT = np.array([[1, 2, 3, 4, 2, 5, 6, 1], [4, 1, 6, 6, 3, 1, 2, 5]])


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
def test_a_recurrent_network_continues_what_it_knows_by_heart(cell):
    model = models.CharRNN(7, 8, 32, cell, rng=rng())
    x, t = TEXT[:, :-1], TEXT[:, 1:]
    first, last = train(model, lambda: F.cross_entropy(model(x)[0], t), 80)
    assert 1.7 < first < 2.2  # log 7 = 1.95
    assert last < 0.1
    continued = model.generate(TEXT[:, :1], 7, rng=rng(), temperature=0)
    assert np.array_equal(continued, TEXT)


def test_gpt_continues_what_it_knows_by_heart():
    model = models.GPT(7, 8, 32, 4, 1, rng=rng())
    x, t = TEXT[:, :-1], TEXT[:, 1:]
    first, last = train(model, lambda: F.cross_entropy(model(x), t), 60)
    assert abs(first - np.log(7)) < 0.1  # small weights: every token is about as likely
    assert last < 0.1
    assert np.array_equal(model.generate(TEXT[:, :1], 7, rng=rng(), temperature=0), TEXT)


def test_a_transformer_turns_sequences_around():
    model = models.Transformer(8, 8, 32, 4, 1, 64, pad_id=0, rng=rng())
    src = rng(1).integers(3, 8, (16, 4))
    src[8:, 3] = 0  # some are shorter
    tgt = np.full((16, 6), 2)
    for row, ids in zip(tgt, src, strict=True):
        backward = ids[ids > 0][::-1]
        row[: len(backward) + 1] = [1, *backward]
    first, last = train(model, lambda: F.cross_entropy(model(src, tgt[:, :-1]), tgt[:, 1:]), 80)
    assert first > 1.7
    assert last < 0.1
    assert np.array_equal(model.greedy_decode(src, start=1, end=2, max_len=6), tgt)


@pytest.mark.parametrize("tied", [False, True])
def test_an_autoencoder_says_again_what_it_heard(tied):
    X, _ = digits(32)
    model = models.Autoencoder([64, 64, 16], tied=tied, activation=nn.Tanh, rng=rng())
    first, last = train(model, lambda: F.mse_loss(model(X), X), 150)
    assert first > 0.1
    assert last < 0.01


def test_an_autoencoder_learns_to_remove_noise():
    X, _ = digits(200)
    draw, model = rng(1), models.Autoencoder([64, 64], rng=rng())
    train(model, lambda: F.mse_loss(model(models.corrupt(X, noise=0.3, rng=draw)), X), 150)
    noisy = models.corrupt(X, noise=0.3, rng=rng(2))
    before, after = (np.mean((a - X) ** 2) for a in (noisy, model(noisy).data))
    assert before == pytest.approx(0.09, rel=0.05)
    assert after < before / 3


def test_a_vae_beats_the_code_that_knows_nothing():
    X, _ = digits(64)
    model = models.VAE([64, 64, 8], rng=rng())
    first, last = train(model, lambda: elbo_loss(*model(X), X), 200)
    # What independent pixels with their own means need, and no code: the best of a collapsed VAE.
    p = np.clip(X.mean(0), 1e-6, 1 - 1e-6)
    collapsed = -(X * np.log(p) + (1 - X) * np.log1p(-p)).sum(1).mean()
    assert first > 64 * np.log(2) * 0.95
    assert last < collapsed - 2


def test_a_generator_finds_the_circle():
    G, D = models.Generator(4, rng=rng()), models.Discriminator(rng=rng(1))
    draw = rng(2)
    steps = {
        "D": optim.Adam(list(D.parameters()), lr=2e-3, betas=(0.5, 0.9)),
        "G": optim.Adam(list(G.parameters()), lr=2e-3, betas=(0.5, 0.9)),
    }

    def real(n):
        angle = draw.uniform(0, 2 * np.pi, n)
        points = np.stack([2 * np.cos(angle), 2 * np.sin(angle)], axis=1)
        return (points + 0.1 * draw.standard_normal((n, 2))).astype(np.float32)

    before = np.linalg.norm(G.sample(500, rng=rng(3)), axis=1)
    for _ in range(400):
        z = draw.standard_normal((64, 4)).astype(np.float32)
        fake = G(z)
        for name, loss in (
            ("D", lambda fake=fake: discriminator_loss(D(real(64)), D(fake.data))),
            ("G", lambda fake=fake: generator_loss(D(fake))),
        ):
            steps["D"].zero_grad()
            steps["G"].zero_grad()
            loss().backward()
            steps[name].step()
    radius = np.linalg.norm(G.sample(500, rng=rng(3)), axis=1)
    assert abs(before.mean() - 2) > 1
    assert abs(radius.mean() - 2) < 0.3
    assert radius.std() < 0.5


def test_diffusion_moves_points_to_where_their_label_says():
    draw, diffusion = rng(1), GaussianDiffusion(cosine_schedule(50))
    labels = draw.integers(0, 2, 256)
    X = (labels[:, np.newaxis] * 4 - 2 + 0.1 * draw.standard_normal((256, 2))).astype(np.float32)
    model = models.DenoisingMLP(2, 64, 2, num_classes=2, rng=rng())
    train(model, lambda: diffusion.loss(model, X, labels, rng=draw), 400, lr=5e-3)
    asked = np.arange(100) % 2
    for options in ({}, {"steps": 10, "eta": 0.0}, {"steps": 10, "eta": 0.0, "guidance": 1.0}):
        points = diffusion.sample(model, (100, 2), asked, rng=rng(2), clip=3, **options)
        distance = np.linalg.norm(points - (asked[:, np.newaxis] * 4 - 2), axis=1)
        assert np.median(distance) < 0.5, options
    anything = diffusion.sample(model, (100, 2), rng=rng(2), clip=3)
    assert 20 < (anything[:, 0] > 0).sum() < 80


def test_a_unet_sees_the_noise_in_one_batch():
    X, _ = digits(16)
    diffusion = GaussianDiffusion(cosine_schedule(50))
    model = models.UNet(channels=(8, 16), rng=rng())
    x_0 = 2 * X.reshape(-1, 1, 8, 8) - 1
    first, last = train(model, lambda: diffusion.loss(model, x_0, rng=rng(7)), 100, lr=5e-3)
    assert first > 0.9  # 1 would be said by a network that always answers 0
    assert last < 0.15
