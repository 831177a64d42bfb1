"""Gradient clipping: bounds on the step that one bad batch can cause."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.arguments import require_numbers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array

MARGIN = 1e-6  # PyTorch adds it to the norm


def clip_grad_norm_(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients by one factor, so that their common norm is at most ``max_norm``.

    The direction of the step stays; entries are not clipped one by one.

    Parameters
    ----------
    parameters : iterable of Tensor
    max_norm : float
        Greater than 0.

    Returns
    -------
    float
        The norm before: the root of the sum of all squared entries of all gradients.

    Raises
    ------
    ValueError
        If ``max_norm`` is not positive.
    FloatingPointError
        If the norm is infinite or NaN: scaling could only hide it. Nothing is changed then.

    Notes
    -----
    Derived in the chapter ``optimizers``; Pascanu, Mikolov & Bengio (2013), algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.zeros(2), requires_grad=True)
    >>> w.grad = np.array([3.0, -4.0])
    >>> clip_grad_norm_([w], max_norm=1.0)
    5.0
    >>> w.grad.round(4)
    array([ 0.6, -0.8])
    """
    require_numbers("clip_grad_norm_", "(0, inf]", max_norm=max_norm)
    gradients = _gradients("clip_grad_norm_", parameters)
    norm = math.sqrt(sum(float(np.vdot(g, g)) for g in gradients))
    if not math.isfinite(norm):
        raise FloatingPointError(
            f"clip_grad_norm_: the norm of the gradients is {norm}; look for the first layer with "
            "an infinite or NaN gradient, or lower the learning rate"
        )
    factor = max_norm / (norm + MARGIN)
    if factor < 1:
        for g in gradients:
            g *= factor
    return norm


def clip_grad_value_(parameters: Iterable[Tensor], clip_value: float) -> None:
    """Clip every entry of every gradient to [−c, c], with c the ``clip_value``.

    Parameters
    ----------
    parameters : iterable of Tensor
    clip_value : float
        Greater than 0.

    Raises
    ------
    ValueError
        If ``clip_value`` is not positive.

    Notes
    -----
    The direction of the step changes. Derived in the chapter ``optimizers``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> w = Tensor(np.zeros(2), requires_grad=True)
    >>> w.grad = np.array([3.0, -0.5])
    >>> clip_grad_value_([w], clip_value=1.0)
    >>> w.grad
    array([ 1. , -0.5])
    """
    require_numbers("clip_grad_value_", "(0, inf]", clip_value=clip_value)
    for g in _gradients("clip_grad_value_", parameters):
        np.clip(g, -clip_value, clip_value, out=g)


def _gradients(function: str, parameters: Any) -> list[Array]:
    tensors = list(parameters) if isinstance(parameters, Iterable) else [parameters]
    for p in tensors:
        if not isinstance(p, Tensor):
            raise TypeError(
                f"{function}: parameters must be Tensors, got {type(p).__name__}; "
                "pass model.parameters()"
            )
    return [p.grad for p in tensors if p.grad is not None]
