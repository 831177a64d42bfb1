"""Optimizers move parameters; schedules change their learning rate; clipping bounds gradients.

Names, arguments and numbers are PyTorch's where PyTorch has the thing. Derived in the chapters
``gradient-descent`` and ``optimizers``.
"""

from chainrule.optim.base import Optimizer
from chainrule.optim.clipping import clip_grad_norm_, clip_grad_value_
from chainrule.optim.optimizers import SGD, Adagrad, Adam, AdamW, Lion, RMSprop
from chainrule.optim.schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearLR",
    "Lion",
    "OneCycleLR",
    "Optimizer",
    "RMSprop",
    "ReduceLROnPlateau",
    "Schedule",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
]
