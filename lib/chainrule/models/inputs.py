"""What the models check before they compute, so that an error names the model and the remedy."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.arguments import is_integer
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn.module import require_arrays

MODULE_REMEDY = "pass a class, for instance nn.ReLU"


def require_sizes(model: str, *, least: int = 0, **sizes: Any) -> None:
    """Raise unless all ``sizes`` are lists or tuples of at least ``least`` positive integers.

    Examples
    --------
    >>> from chainrule.models.inputs import require_sizes
    >>> require_sizes("MLP", least=2, sizes=[784, 0])
    Traceback (most recent call last):
        ...
    ValueError: MLP: sizes must be a list of at least 2 positive integers, got [784, 0]
    """
    for name, given in sizes.items():
        counted = f"at least {least} " if least else ""
        wanted = f"{model}: {name} must be a list of {counted}positive integers, got {given!r}"
        if not isinstance(given, (tuple, list)):
            raise TypeError(wanted)
        if len(given) < least or not all(is_integer(n) and n > 0 for n in given):
            raise ValueError(wanted)


def require_images(model: str, x: Tensor | Array, channels: int, size: int | None = None) -> None:
    """Raise unless ``x`` is an array (B, channels, size, size), or of any size if None.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models.inputs import require_images
    >>> require_images("LeNet", np.zeros((5, 28, 28)), 1, 28)
    Traceback (most recent call last):
        ...
    ValueError: LeNet: takes images (B, 1, 28, 28), got shape (5, 28, 28); ...
    """
    require_arrays(model, x=x)
    height, width = ("H", "W") if size is None else (size, size)
    expected = f"(B, {channels}, {height}, {width})"
    fits = len(x.shape) == 4 and x.shape[1] == channels
    if not fits or (size is not None and x.shape[2:] != (size, size)):
        raise ValueError(
            f"{model}: takes images {expected}, got shape {x.shape}; "
            "reshape them, or build the model for this size"
        )


def require_tokens(model: str, ids: Any, vocab_size: int, max_len: int | None = None) -> Array:
    """The array ``ids`` (B, T), if it holds token ids below ``vocab_size`` and T is allowed.

    Raises
    ------
    ValueError
        If ``ids`` has another number of axes, is empty or longer than ``max_len``, or if an id is
        outside the vocabulary.
    TypeError
        If ``ids`` does not hold integers.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models.inputs import require_tokens
    >>> require_tokens("GPT", np.array([[3, 9]]), vocab_size=5)
    Traceback (most recent call last):
        ...
    ValueError: GPT: token ids must lie in 0, …, 4, but got 9; ...
    """
    tokens = ids.data if isinstance(ids, Tensor) else np.asarray(ids)
    if tokens.dtype.kind not in "iu":
        raise TypeError(
            f"{model}: token ids must be integers, got dtype {tokens.dtype}; "
            "convert with np.asarray(ids, dtype=np.int64)"
        )
    if tokens.ndim != 2 or tokens.shape[1] == 0:
        raise ValueError(
            f"{model}: takes token ids (B, T) with T at least 1, got shape {tokens.shape}; "
            "one sequence becomes a batch with ids[np.newaxis]"
        )
    outside = tokens[(tokens < 0) | (tokens >= vocab_size)]
    if outside.size:
        raise ValueError(
            f"{model}: token ids must lie in 0, …, {vocab_size - 1}, but got {outside[0]}; "
            "build the model with the size of the vocabulary"
        )
    if max_len is not None and tokens.shape[1] > max_len:
        raise ValueError(
            f"{model}: a sequence has at most {max_len} tokens, got {tokens.shape[1]}; "
            "cut it, or build the model with a larger max_len"
        )
    return tokens


def require_labels(model: str, labels: Any, num_classes: int | None, batch: int) -> Array:
    """The integer array ``labels`` (batch,), if each lies in 0, …, ``num_classes`` − 1.

    Raises
    ------
    ValueError
        If labels are missing or not asked for, or their number or a value does not fit.
    TypeError
        If they are not integers.

    Examples
    --------
    >>> from chainrule.models.inputs import require_labels
    >>> require_labels("Generator", None, 10, 5)
    Traceback (most recent call last):
        ...
    ValueError: Generator: was built with num_classes=10, pass labels, an integer for each of ...
    """
    if num_classes is None:
        raise ValueError(f"{model}: was built without num_classes and takes no labels")
    if labels is None:
        raise ValueError(
            f"{model}: was built with num_classes={num_classes}, pass labels, an integer for each "
            f"of the {batch} examples"
        )
    labels = labels.data if isinstance(labels, Tensor) else np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{model}: labels must be integers, got dtype {labels.dtype}")
    if labels.shape != (batch,):
        raise ValueError(f"{model}: labels must have shape ({batch},), got {labels.shape}")
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if outside.size:
        raise ValueError(
            f"{model}: labels must lie in 0, …, {num_classes - 1}, but got {outside[0]}"
        )
    return labels
