"""One instance of every model, with what it takes, what it returns and what it owns.

Where PyTorch or torchvision has the model, the names of its state are written down from there.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from chainrule import models, nn
from tests.nn.layers import Layer, attention, norms, recurrent


def linear(prefix: str, d_in: int, d_out: int) -> dict[str, tuple[int, ...]]:
    return {f"{prefix}weight": (d_out, d_in), f"{prefix}bias": (d_out,)}


def mlp(prefix: str, *sizes: int, step: int = 2) -> dict[str, tuple[int, ...]]:
    state: dict[str, tuple[int, ...]] = {}
    for i, (d_in, d_out) in enumerate(pairwise(sizes)):
        state |= linear(f"{prefix}{i * step}.", d_in, d_out)
    return state


def norm(prefix: str, d: int) -> dict[str, tuple[int, ...]]:
    return {f"{prefix}weight": (d,), f"{prefix}bias": (d,)}


def batch_norm(prefix: str, d: int) -> dict[str, tuple[int, ...]]:
    statistics = {f"{prefix}running_mean": (d,), f"{prefix}running_var": (d,)}
    return norm(prefix, d) | statistics | {f"{prefix}num_batches_tracked": ()}


def block(prefix: str, cross: bool = False) -> dict[str, tuple[int, ...]]:
    """A layer of the Transformer, d = 8 and 32 hidden units."""
    parts = attention("self_attn.") | (attention("multihead_attn.") if cross else {})
    parts |= linear("linear1.", 8, 32) | linear("linear2.", 32, 8)
    parts |= norms(1, 2, 3) if cross else norms(1, 2)
    return {prefix + name: shape for name, shape in parts.items()}


def residual(prefix: str, c_in: int, c: int) -> dict[str, tuple[int, ...]]:
    state = {f"{prefix}conv1.weight": (c, c_in, 3, 3), f"{prefix}conv2.weight": (c, c, 3, 3)}
    state |= batch_norm(f"{prefix}bn1.", c) | batch_norm(f"{prefix}bn2.", c)
    if c_in != c:
        state |= {f"{prefix}downsample.0.weight": (c, c_in, 1, 1)}
        state |= batch_norm(f"{prefix}downsample.1.", c)
    return state


def unet_block(prefix: str, c_in: int, c: int) -> dict[str, tuple[int, ...]]:
    state = norm(f"{prefix}norm1.", c_in) | norm(f"{prefix}norm2.", c)
    state |= {f"{prefix}conv1.weight": (c, c_in, 3, 3), f"{prefix}conv1.bias": (c,)}
    state |= {f"{prefix}conv2.weight": (c, c, 3, 3), f"{prefix}conv2.bias": (c,)}
    state |= linear(f"{prefix}step.", 16, c)
    if c_in != c:
        state |= {f"{prefix}shortcut.weight": (c, c_in, 1, 1), f"{prefix}shortcut.bias": (c,)}
    return state


def step(prefix: str, d: int, labels: int) -> dict[str, tuple[int, ...]]:
    state = linear(f"{prefix}linear1.", d, d) | linear(f"{prefix}linear2.", d, d)
    return state | {f"{prefix}labels.weight": (labels + 1, d)}


IMAGES, TOKENS = (3, 1, 8, 8), (3, 4)
MODELS: dict[str, Layer] = {
    "MLP": Layer(
        partial(models.MLP, [6, 5, 4, 2], activation=nn.Tanh, dropout=0.3),
        ((3, 6),),
        ((3, 2),),
        mlp("", 6, 5, 4, 2, step=3),
    ),
    "LeNet": Layer(
        partial(models.LeNet, 8, 1, 10, (2, 3), (5,), 3),
        (IMAGES,),
        ((3, 10),),
        {"features.0.weight": (2, 1, 3, 3), "features.0.bias": (2,)}
        | {"features.3.weight": (3, 2, 3, 3), "features.3.bias": (3,)}
        | mlp("classifier.", 3, 5, 10),
    ),
    "BasicBlock": Layer(
        partial(models.BasicBlock, 2, 4, 2), ((3, 2, 5, 5),), ((3, 4, 3, 3),), residual("", 2, 4)
    ),
    "ResNet": Layer(
        partial(models.ResNet, 1, 10, (2, 4), 2),
        (IMAGES,),
        ((3, 10),),
        {"conv1.weight": (2, 1, 3, 3)}
        | batch_norm("bn1.", 2)
        | residual("layer1.0.", 2, 2)
        | residual("layer1.1.", 2, 2)
        | residual("layer2.0.", 2, 4)
        | residual("layer2.1.", 4, 4)
        | linear("fc.", 4, 10),
    ),
    "CharRNN": Layer(
        partial(models.CharRNN, 7, 3, 4, "LSTM", 2, 0.2),
        (TOKENS,),
        ((3, 4, 7), (2, 3, 4), (2, 3, 4)),
        {"embedding.weight": (7, 3)}
        | recurrent(4, "rnn.", "0")
        | recurrent(4, "rnn.", "1", d=4)
        | linear("head.", 4, 7),
        integers={0: 7},
    ),
    "Autoencoder": Layer(
        partial(models.Autoencoder, [6, 4, 2], activation=nn.Tanh, tied=True),
        ((3, 6),),
        ((3, 6),),
        mlp("encoder.", 6, 4, 2) | {"decoder.biases.0": (4,), "decoder.biases.1": (6,)},
    ),
    "VAE": Layer(
        partial(models.VAE, [6, 4, 2], activation=nn.Tanh),
        ((3, 6),),
        ((3, 6), (3, 2), (3, 2)),
        linear("encoder.0.", 6, 4)
        | linear("mean.", 4, 2)
        | linear("log_var.", 4, 2)
        | mlp("decoder.", 2, 4, 6),
    ),
    "Generator": Layer(
        partial(models.Generator, 3, (1, 2, 2), (5,), 4, output=nn.Tanh),
        ((3, 3), (3,)),
        ((3, 1, 2, 2),),
        mlp("net.", 7, 5, 4),
        integers={1: 4},
    ),
    "Discriminator": Layer(
        partial(models.Discriminator, (1, 2, 2), (5,), 4),
        ((3, 1, 2, 2), (3,)),
        ((3,),),
        mlp("net.", 8, 5, 1),
        integers={1: 4},
    ),
    "Transformer": Layer(
        partial(models.Transformer, 7, 6, 8, 2, 1, 32, 0.2, 0),
        ((3, 5), TOKENS),
        ((3, 4, 6),),
        {"src_embedding.weight": (7, 8), "tgt_embedding.weight": (6, 8)}
        | block("encoder.layers.0.")
        | norm("encoder.norm.", 8)
        | block("decoder.layers.0.", cross=True)
        | norm("decoder.norm.", 8)
        | linear("head.", 8, 6),
        integers={0: 7, 1: 6},
    ),
    "GPT": Layer(
        partial(models.GPT, 7, 5, 8, 2, 2, 0.2),
        (TOKENS,),
        ((3, 4, 7),),
        {"token_embedding.weight": (7, 8), "position_embedding.weight": (5, 8)}
        | block("layers.0.")
        | block("layers.1.")
        | norm("norm.", 8),
        integers={0: 7},
    ),
    "VisionTransformer": Layer(
        partial(models.VisionTransformer, 8, 4, 1, 10, 8, 2, 1, 32, 0.2),
        (IMAGES,),
        ((3, 10),),
        {"conv_proj.weight": (8, 1, 4, 4), "conv_proj.bias": (8,)}
        | {"class_token": (1, 1, 8), "pos_embedding": (1, 5, 8)}
        | block("layers.0.")
        | norm("norm.", 8)
        | linear("head.", 8, 10),
    ),
    "StepEmbedding": Layer(
        partial(models.StepEmbedding, 8, 4),
        ((3,), (3,)),
        ((3, 8),),
        step("", 8, 4),
        integers={0: 9, 1: 5},
    ),
    "DenoisingMLP": Layer(
        partial(models.DenoisingMLP, 2, 8, 2, 4),
        ((3, 2), (3,), (3,)),
        ((3, 2),),
        step("step.", 8, 4)
        | linear("first.", 2, 8)
        | linear("layers.0.", 8, 8)
        | linear("layers.1.", 8, 8)
        | linear("last.", 8, 2),
        integers={1: 9, 2: 5},
    ),
    "UNet": Layer(
        partial(models.UNet, 1, (4, 8), 3, 2),
        (IMAGES, (3,), (3,)),
        (IMAGES,),
        step("step.", 16, 3)
        | {"first.weight": (4, 1, 3, 3), "first.bias": (4,)}
        | unet_block("down.0.", 4, 4)
        | unet_block("down.1.", 4, 8)
        | {"up.0.grow.weight": (8, 4, 2, 2), "up.0.grow.bias": (4,)}
        | unet_block("up.0.block.", 8, 4)
        | norm("norm.", 4)
        | {"last.weight": (1, 4, 3, 3), "last.bias": (1,)},
        integers={1: 9, 2: 4},
    ),
}
