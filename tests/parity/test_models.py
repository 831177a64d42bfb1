"""Whole models: the same weights and data give the same loss, the same gradient of every weight."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence
from torch.func import functional_call
from torch.nn import functional as TF

from chainrule import models, nn, optim
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from tests.parity.bridge import LEAST_SCALE, TALLY, TOLERANCE, difference, to_torch

B, V, T, D = 4, 7, 5, 8
Weights = dict[str, torch.Tensor]


# What PyTorch computes, from its own functions and the weights of our model by name. Where it has
# the whole network or a layer of it, that is what runs.


def at(w: Weights, prefix: str) -> Weights:
    return {key.removeprefix(prefix): a for key, a in w.items() if key.startswith(prefix)}


def linear(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return TF.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))


def conv(w: Weights, name: str, x: torch.Tensor, **options: Any) -> torch.Tensor:
    return TF.conv2d(x, w[f"{name}.weight"], w.get(f"{name}.bias"), **options)


def mlp(w: Weights, prefix: str, x: torch.Tensor, activation: Any = torch.relu) -> torch.Tensor:
    places = sorted({int(key.removeprefix(prefix).split(".")[0]) for key in w if prefix in key})
    for place in places:
        x = linear(w, f"{prefix}{place}", activation(x) if place else x)
    return x


def batch_norm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    running = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    return TF.batch_norm(x, *running, w[f"{name}.weight"], w[f"{name}.bias"], training=True)


def group_norm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return TF.group_norm(x, 4, w[f"{name}.weight"], w[f"{name}.bias"])


def layer_norm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return TF.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])


def encoder(w: Weights, x: torch.Tensor, causal: bool) -> torch.Tensor:
    for i in range(2):
        layer = torch.nn.TransformerEncoderLayer(
            D, 2, 4 * D, 0.0, TF.gelu, batch_first=True, norm_first=True, dtype=torch.float64
        )
        mask = torch.nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=torch.float64)
        options = {"src_mask": mask} if causal else {}
        x = functional_call(layer, at(w, f"layers.{i}."), (x,), options)
    return layer_norm(w, "norm", x)


def sines(positions: torch.Tensor, d: int) -> torch.Tensor:
    powers = 10_000 ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = positions[..., None] / powers
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)


def lenet(w: Weights, x: torch.Tensor) -> torch.Tensor:
    x = TF.max_pool2d(TF.relu(conv(w, "features.0", x, padding=1)), 2)
    x = TF.max_pool2d(TF.relu(conv(w, "features.3", x)), 2)
    return mlp(w, "classifier.", x.flatten(1))


def residual(w: Weights, name: str, x: torch.Tensor, stride: int = 1) -> torch.Tensor:
    y = batch_norm(w, f"{name}bn1", conv(w, f"{name}conv1", x, stride=stride, padding=1))
    y = batch_norm(w, f"{name}bn2", conv(w, f"{name}conv2", TF.relu(y), padding=1))
    if f"{name}downsample.0.weight" in w:
        x = batch_norm(w, f"{name}downsample.1", conv(w, f"{name}downsample.0", x, stride=stride))
    return TF.relu(x + y)


def resnet(w: Weights, x: torch.Tensor) -> torch.Tensor:
    x = TF.relu(batch_norm(w, "bn1", conv(w, "conv1", x, padding=1)))
    x = residual(w, "layer1.1.", residual(w, "layer1.0.", x))
    x = residual(w, "layer2.1.", residual(w, "layer2.0.", x, stride=2))
    return linear(w, "fc", TF.adaptive_avg_pool2d(x, 1).flatten(1))


def vit(w: Weights, x: torch.Tensor) -> torch.Tensor:
    x = conv(w, "conv_proj", x, stride=4).flatten(2).transpose(1, 2)
    x = torch.cat([w["class_token"].expand(len(x), -1, -1), x], 1) + w["pos_embedding"]
    return linear(w, "head", encoder(w, x, causal=False)[:, 0])


def char_rnn(kind: str) -> Callable[[Weights, torch.Tensor], torch.Tensor]:
    def network(w: Weights, ids: torch.Tensor) -> torch.Tensor:
        rnn = getattr(torch.nn, kind)(D, D, 2, batch_first=True, dtype=torch.float64)
        x = TF.embedding(ids, w["embedding.weight"])
        return linear(w, "head", functional_call(rnn, at(w, "rnn."), (x,))[0])

    return network


def gpt(w: Weights, ids: torch.Tensor) -> torch.Tensor:
    table = w["token_embedding.weight"]
    x = TF.embedding(ids, table) + w["position_embedding.weight"][: ids.shape[1]]
    return TF.linear(encoder(w, x, causal=True), w.get("head.weight", table))


def transformer(w: Weights, src: torch.Tensor, tgt: torch.Tensor) -> torch.Tensor:
    whole = torch.nn.Transformer(
        D, 2, 2, 2, 4 * D, dropout=0.0, batch_first=True, dtype=torch.float64
    )

    def embedded(name: str, ids: torch.Tensor) -> torch.Tensor:
        x = TF.embedding(ids, w[f"{name}_embedding.weight"])
        return x * math.sqrt(D) + sines(torch.arange(ids.shape[1]), D)

    padding = src == 0
    masks = {
        "tgt_mask": torch.nn.Transformer.generate_square_subsequent_mask(
            tgt.shape[1], dtype=torch.float64
        ),
        "src_key_padding_mask": padding,
        "memory_key_padding_mask": padding,
    }
    own = {k: a for k, a in w.items() if k.startswith(("encoder.", "decoder."))}
    y = functional_call(whole, own, (embedded("src", src), embedded("tgt", tgt)), masks)
    return linear(w, "head", y)


def step_embedding(w: Weights, t: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    d = len(w["step.linear1.weight"])
    e = linear(w, "step.linear2", TF.silu(linear(w, "step.linear1", sines(t, d))))
    return e + TF.embedding(labels, w["step.labels.weight"])


def denoising_mlp(w: Weights, x: torch.Tensor, t: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    e, h = step_embedding(w, t, c), linear(w, "first", x)
    for i in range(2):
        h = h + linear(w, f"layers.{i}", TF.silu(h + e))
    return linear(w, "last", TF.silu(h))


def unet_block(w: Weights, name: str, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
    h = conv(w, f"{name}.conv1", TF.silu(group_norm(w, f"{name}.norm1", x)), padding=1)
    h = h + linear(w, f"{name}.step", TF.silu(e))[:, :, None, None]
    h = conv(w, f"{name}.conv2", TF.silu(group_norm(w, f"{name}.norm2", h)), padding=1)
    return h + (conv(w, f"{name}.shortcut", x) if f"{name}.shortcut.weight" in w else x)


def unet(w: Weights, x: torch.Tensor, t: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    e = step_embedding(w, t, c)
    top = unet_block(w, "down.0", conv(w, "first", x, padding=1), e)
    low = unet_block(w, "down.1", TF.avg_pool2d(top, 2), e)
    grown = TF.conv_transpose2d(low, w["up.0.grow.weight"], w["up.0.grow.bias"], stride=2)
    h = unet_block(w, "up.0.block", torch.cat([grown, top], 1), e)
    return conv(w, "last", TF.silu(group_norm(w, "norm", h)), padding=1)


# The models, their data, and the losses.

RNG = np.random.default_rng(0)
IMAGES, POINTS = RNG.standard_normal((B, 1, 8, 8)), RNG.standard_normal((B, D))
LABELS, IDS, NEXT = RNG.integers(0, 3, B), RNG.integers(0, V, (B, T)), RNG.integers(0, V, (B, T))
SOURCES = np.where(np.arange(6) < [[6], [4], [5], [2]], RNG.integers(1, V, (B, 6)), 0)
STEPS = RNG.integers(1, 100, B)

Loss = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def classified(targets: np.ndarray) -> Loss:
    """Cross-entropy of logits with the classes in the last axis, in both libraries."""
    t = torch.from_numpy(targets.reshape(-1))
    return (
        lambda z: F.cross_entropy(z[0] if isinstance(z, tuple) else z, targets),
        lambda z: TF.cross_entropy(z.reshape(len(t), -1), t),
    )


def near(targets: np.ndarray) -> Loss:
    return lambda y: F.mse_loss(y, targets), lambda y: TF.mse_loss(y, torch.from_numpy(targets))


def autoencoder(w: Weights, x: torch.Tensor) -> torch.Tensor:
    return mlp(w, "decoder.", mlp(w, "encoder.", x))


def tied_autoencoder(w: Weights, x: torch.Tensor) -> torch.Tensor:
    h = mlp(w, "encoder.", x)
    h = TF.linear(h, w["encoder.2.weight"].T, w["decoder.biases.0"])
    return TF.linear(TF.relu(h), w["encoder.0.weight"].T, w["decoder.biases.1"])


LENET = {"image_size": 8, "num_classes": 3, "channels": (2, 3), "hidden": (5,), "kernel_size": 3}
RESNET = {"num_classes": 3, "channels": (3, 4), "blocks": 2}
LANGUAGE = {"d_model": D, "nhead": 2}
UNTIED = LANGUAGE | {"tie_weights": False}
TRANSLATION = LANGUAGE | {"dim_feedforward": 4 * D, "pad_id": 0}
VIT = {"image_size": 8, "patch_size": 4, "num_classes": 3} | LANGUAGE | {"dim_feedforward": 4 * D}
UNET = {"channels": (4, 8), "num_classes": 3}
DENOISER = {"dim": D, "hidden": 6, "num_layers": 2, "num_classes": 3}
CLASSES, WORDS = classified(LABELS), classified(NEXT)
NOISE_OF_POINTS, NOISE_OF_IMAGES = near(POINTS[::-1].copy()), near(IMAGES[::-1].copy())
# Class, its arguments and options; the same network in PyTorch; data; loss.
FEED_FORWARD: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], Any, tuple[Any, ...], Loss]] = {
    "MLP": ("MLP", ((D, 6, 3),), {}, lambda w, x: mlp(w, "", x), (POINTS,), CLASSES),
    "LeNet": ("LeNet", (), LENET, lenet, (IMAGES,), CLASSES),
    "ResNet": ("ResNet", (), RESNET, resnet, (IMAGES,), CLASSES),
    "ViT": ("VisionTransformer", (), VIT, vit, (IMAGES,), CLASSES),
    "CharRNN": ("CharRNN", (V, D, D, "RNN", 2), {}, char_rnn("RNN"), (IDS,), WORDS),
    "CharRNN, GRU": ("CharRNN", (V, D, D, "GRU", 2), {}, char_rnn("GRU"), (IDS,), WORDS),
    "CharRNN, LSTM": ("CharRNN", (V, D, D, "LSTM", 2), {}, char_rnn("LSTM"), (IDS,), WORDS),
    "GPT": ("GPT", (V, T), LANGUAGE, gpt, (IDS,), WORDS),
    "GPT, untied": ("GPT", (V, T), UNTIED, gpt, (IDS,), WORDS),
    "Transformer": ("Transformer", (V, V), TRANSLATION, transformer, (SOURCES, IDS), WORDS),
    "Autoencoder": ("Autoencoder", ((D, 6, 2),), {}, autoencoder, (POINTS,), near(POINTS)),
    "Autoencoder, tied": (
        "Autoencoder",
        ((D, 6, 2),),
        {"tied": True},
        tied_autoencoder,
        (POINTS,),
        near(POINTS),
    ),
    "DenoisingMLP": (
        "DenoisingMLP",
        (),
        DENOISER,
        denoising_mlp,
        (POINTS, STEPS, LABELS),
        NOISE_OF_POINTS,
    ),
    "UNet": ("UNet", (), UNET, unet, (IMAGES, STEPS, LABELS), NOISE_OF_IMAGES),
}
ELSEWHERE = {"VAE", "Generator", "Discriminator"}  # tests of their own
PARTS = {"BasicBlock", "StepEmbedding"}  # of ResNet and of the denoisers


def made(name: str, *args: Any, **options: Any) -> Any:
    model = getattr(models, name)(*args, **options, rng=np.random.default_rng(1), dtype=np.float64)
    rng = np.random.default_rng(2)
    for parameter in model.parameters():  # weights that are all 0 or 1 would hide a mistake
        parameter.data += 0.3 * rng.standard_normal(parameter.shape)
    return model


def weights(model: nn.Module) -> Weights:
    w = {key: to_torch(a) for key, a in model.state_dict().items()}
    parameters = {key for key, _ in model.named_parameters()}
    for key in parameters:
        w[key].requires_grad_()
    # What is shared has one name among the parameters, and two in the state.
    return {
        key: a
        for key, a in w.items()
        if key in parameters or not a.is_floating_point() or "running" in key
    }


def compared(kind: str, model: nn.Module, w: Weights, ours: Tensor, theirs: torch.Tensor) -> None:
    ours.backward()
    theirs.backward()
    errors = {"loss": abs(ours.item() - theirs.item()) / abs(theirs.item())}
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None
        assert w[key].grad is not None
        errors[key] = difference(to_torch(parameter.grad), w[key].grad, LEAST_SCALE)
    state = model.state_dict()
    for key in w:
        if "running" in key:
            errors[key] = difference(to_torch(state[key]), w[key])
    assert max(errors.values()) <= TOLERANCE[torch.float64], errors
    TALLY.add("models, torch.float64", kind, max(errors.values()))


@pytest.mark.parametrize("kind", FEED_FORWARD)
def test_loss_and_gradients(kind: str) -> None:
    name, args, options, network, inputs, (our_loss, their_loss) = FEED_FORWARD[kind]
    model = made(name, *args, **options)
    w = weights(model)
    given = [Tensor(a) if a.dtype.kind == "f" else a for a in inputs]
    ours = our_loss(model(*given))
    theirs = their_loss(network(w, *map(torch.from_numpy, inputs)))
    compared(kind, model, w, ours, theirs)


@pytest.mark.parametrize("beta", [1.0, 0.3])
def test_vae(beta: float) -> None:
    """The bound from PyTorch's distributions, with the same noise."""
    model = made("VAE", (D, 6, 2))
    w, x = weights(model), 1 / (1 + np.exp(-POINTS))
    noise = np.random.default_rng(3).standard_normal((B, 2))
    model.rng = np.random.default_rng(3)
    ours = models.elbo_loss(*model(Tensor(x)), x, beta=beta)
    h = TF.relu(linear(w, "encoder.0", torch.from_numpy(x)))
    posterior = Normal(linear(w, "mean", h), torch.exp(linear(w, "log_var", h)).sqrt())
    z = posterior.loc + posterior.scale * torch.from_numpy(noise)
    pixels = Bernoulli(logits=mlp(w, "decoder.", z), validate_args=False)
    divergence = kl_divergence(posterior, Normal(0.0, 1.0)).sum(1)
    bound = pixels.log_prob(torch.from_numpy(x)).sum(1) - beta * divergence
    compared(f"VAE, beta {beta}", model, w, ours, -bound.mean())


@pytest.mark.parametrize("saturating", [False, True])
def test_gan(saturating: bool) -> None:
    """Three steps of both players with Adam, from PyTorch's binary cross-entropy."""
    G = made("Generator", 3, (2,), (6,), 3)
    D = made("Discriminator", (2,), (6,), 3)
    g, d = weights(G), weights(D)
    options = {"lr": 0.02, "betas": (0.5, 0.999)}
    ours = [optim.Adam(p.parameters(), **options) for p in (G, D)]
    theirs = [
        torch.optim.Adam([w[key] for key, _ in model.named_parameters()], **options)
        for w, model in ((g, G), (d, D))
    ]
    one_hot = TF.one_hot(torch.from_numpy(LABELS), 3).double()

    def net(w: Weights, x: torch.Tensor) -> torch.Tensor:
        return mlp(w, "net.", torch.cat([x, one_hot], 1), lambda a: TF.leaky_relu(a, 0.2))

    def against(logits: torch.Tensor, target: float) -> torch.Tensor:
        return TF.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))

    rng = np.random.default_rng(4)
    for _ in range(3):
        x, z = rng.standard_normal((B, 2)), rng.standard_normal((B, 3))
        fake = G(Tensor(z), LABELS)
        D_loss = models.discriminator_loss(
            D(Tensor(x), LABELS), D(fake.detach(), LABELS), smoothing=0.1
        )
        generated = net(g, torch.from_numpy(z))
        judged = net(d, generated.detach())[:, 0]
        expected = against(net(d, torch.from_numpy(x))[:, 0], 0.9) + against(judged, 0.0)
        for model, optimizer, loss in ((D, ours[1], D_loss), (None, theirs[1], expected)):
            (model or optimizer).zero_grad()
            loss.backward()
            optimizer.step()
        G_loss = models.generator_loss(D(fake, LABELS), saturating=saturating)
        judged = net(d, generated)[:, 0]
        other = -against(judged, 0.0) if saturating else against(judged, 1.0)
        for model, optimizer, loss in ((G, ours[0], G_loss), (None, theirs[0], other)):
            (model or optimizer).zero_grad()
            loss.backward()
            optimizer.step()
    errors = {"D": abs(D_loss.item() - expected.item()), "G": abs(G_loss.item() - other.item())}
    for model, w in ((G, g), (D, d)):
        for key, a in model.state_dict().items():
            errors[key] = difference(to_torch(a), w[key].detach())
    assert max(errors.values()) <= TOLERANCE[torch.float64], errors
    TALLY.add("models, torch.float64", f"GAN, saturating {saturating}", max(errors.values()))


def test_every_model_is_compared() -> None:
    public = {n: getattr(models, n) for n in models.__all__}
    modules = {n for n, m in public.items() if isinstance(m, type) and issubclass(m, nn.Module)}
    assert modules == {row[0] for row in FEED_FORWARD.values()} | ELSEWHERE | PARTS
