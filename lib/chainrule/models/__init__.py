"""The models that the chapters train, built from :mod:`chainrule.nn` alone."""

from chainrule.models.autoencoder import Autoencoder, corrupt
from chainrule.models.char_rnn import CharRNN
from chainrule.models.denoisers import DenoisingMLP, StepEmbedding, UNet
from chainrule.models.diffusion import GaussianDiffusion, cosine_schedule, linear_schedule
from chainrule.models.gan import Discriminator, Generator, discriminator_loss, generator_loss
from chainrule.models.gpt import GPT
from chainrule.models.lenet import LeNet
from chainrule.models.mlp import MLP
from chainrule.models.resnet import BasicBlock, ResNet
from chainrule.models.sampling import next_token_probabilities, sample_tokens
from chainrule.models.transformer import Transformer
from chainrule.models.vae import VAE, elbo_loss
from chainrule.models.vit import VisionTransformer

__all__ = [
    "GPT",
    "MLP",
    "VAE",
    "Autoencoder",
    "BasicBlock",
    "CharRNN",
    "DenoisingMLP",
    "Discriminator",
    "GaussianDiffusion",
    "Generator",
    "LeNet",
    "ResNet",
    "StepEmbedding",
    "Transformer",
    "UNet",
    "VisionTransformer",
    "corrupt",
    "cosine_schedule",
    "discriminator_loss",
    "elbo_loss",
    "generator_loss",
    "linear_schedule",
    "next_token_probabilities",
    "sample_tokens",
]
