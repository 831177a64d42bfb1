"""Modules that own parameters, with PyTorch's names and shapes, and functions of tensors."""

from chainrule.nn import functional
from chainrule.nn.modules import Linear, Module, ReLU, Sequential, Sigmoid, Tanh

__all__ = ["Linear", "Module", "ReLU", "Sequential", "Sigmoid", "Tanh", "functional"]
