"""What models refuse, in words that name the model, what was wrong, and the remedy."""

import numpy as np
import pytest

from chainrule import models
from tests.models.models import MODELS

F32 = np.float32


def build(name):
    return MODELS[name].build(dtype=F32)


def images(*shape):
    return np.zeros(shape, F32)


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("LeNet", [images(3, 2, 8, 8)], r"LeNet: takes images \(B, 1, 8, 8\), got shape \(3, 2, 8"),
        ("LeNet", [images(3, 1, 9, 8)], r"LeNet: takes images .*; reshape them, or build the mod"),
        ("LeNet", [images(8, 8)], r"LeNet: takes images .*got shape \(8, 8\)"),
        ("ResNet", [images(3, 3, 8, 8)], r"ResNet: takes images \(B, 1, H, W\), got shape \(3, 3"),
        ("VisionTransformer", [images(3, 1, 12, 12)], r"VisionTransformer: takes .*\(B, 1, 8, 8\)"),
        ("UNet", [images(3, 2, 8, 8), np.ones(3, int)], r"UNet: takes images \(B, 1, H, W\)"),
        ("UNet", [images(3, 1, 7, 8), np.ones(3, int)], "UNet: height and width must be multiples"),
        ("CharRNN", [np.array([[3, 7]])], "CharRNN: token ids must lie in 0, …, 6, but got 7"),
        ("CharRNN", [np.array([3, 2])], r"CharRNN: takes token ids \(B, T\) .*got shape \(2,\)"),
        ("CharRNN", [np.zeros((2, 0), int)], r"with T at least 1, got shape \(2, 0\)"),
        ("GPT", [np.array([[-1]])], "GPT: token ids must lie in 0, …, 6, but got -1"),
        ("GPT", [np.zeros((1, 6), int)], "GPT: a sequence has at most 5 tokens, got 6; cut it, or"),
        ("Transformer", [np.array([[7]]), np.array([[1]])], "Transformer: token ids must lie in 0"),
        ("Transformer", [np.array([[1]]), np.array([[6]])], "0, …, 5, but got 6; build the model"),
        ("Generator", [images(3, 3)], "Generator: was built with num_classes=4, pass labels"),
        ("Generator", [images(3, 3), np.array([1, 2])], r"labels must have shape \(3,\), got \(2,"),
        ("Generator", [images(3, 3), np.full(3, 4)], "labels must lie in 0, …, 3, but got 4"),
        ("Discriminator", [images(3, 4)], r"Discriminator: takes examples \(B, 1, 2, 2\), got sha"),
        ("DenoisingMLP", [images(3, 3), np.ones(3, int)], "affine"),
        ("DenoisingMLP", [images(3, 2), np.ones(3, int), np.full(3, 5)], "labels must lie in 0, …"),
        ("MLP", [images(3, 7)], "affine"),
        ("Autoencoder", [images(3, 7)], "affine"),
    ],
)
def test_inputs_that_do_not_fit(name, inputs, message):
    with pytest.raises(ValueError, match=message):
        build(name)(*inputs)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: models.MLP([3], **o), "MLP: sizes must be a list of at least 2 positive integ"),
        (lambda o: models.VAE([5, 2], **o), "VAE: sizes must be a list of at least 3 positive in"),
        (lambda o: models.LeNet(8, **o), "LeNet: an image of size 8 is too small for a kernel of"),
        (lambda o: models.LeNet(28, kernel_size=4, **o), "or the kernel is not odd"),
        (lambda o: models.GPT(5, 8, 10, 4, **o), "GPT: nhead must divide d_model, got nhead=4, d"),
        (lambda o: models.VisionTransformer(28, 5, **o), "patch_size must divide image_size, got"),
        (lambda o: models.UNet(channels=(6,), **o), "UNet: groups must divide all channels, got"),
        (lambda o: models.DenoisingMLP(2, 7, **o), "DenoisingMLP: hidden must be an even number"),
        (lambda o: models.StepEmbedding(7, **o), "StepEmbedding: d must be an even number, got 7"),
    ],
)
def test_sizes_that_do_not_fit_together(make, message):
    with pytest.raises(ValueError, match=message):
        make({"rng": np.random.default_rng(0)})


def test_labels_for_a_model_without_classes():
    G = models.Generator(3, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="Generator: was built without num_classes and takes no"):
        G(images(2, 3), np.array([0, 1]))
    with pytest.raises(TypeError, match="Generator: labels must be integers, got dtype float64"):
        build("Generator")(images(3, 3), np.ones(3))


def test_a_state_of_another_size_is_refused_with_every_difference(tmp_path):
    small, large = (models.GPT(7, 8, d, 2, 1, rng=np.random.default_rng(0)) for d in (8, 16))
    small.save(tmp_path / "gpt.npz")
    with pytest.raises(ValueError, match=r"gpt\.npz does not fit this GPT") as caught:
        large.load(tmp_path / "gpt.npz")
    assert len(str(caught.value).splitlines()) == 1 + len(small.state_dict())
