"""Whether what is computed is recorded, so that gradients can be sent back through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_recording: ContextVar[bool] = ContextVar("_recording", default=True)
is_recording = _recording.get


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without a record: what is computed inside needs no gradient and keeps no graph.

    Measuring and generating take less memory this way, for every intermediate result is free to go
    as soon as the next one stands. A context, or with parentheses a decorator. It holds in the
    thread (and the asynchronous task) that entered it, and ends with the block, also by an error.

    Notes
    -----
    As ``torch.no_grad``. Do not decorate a generator: its body runs when it is asked for the next
    item, long after the call.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor, no_grad
    >>> w = Tensor(np.array([2.0]), requires_grad=True)
    >>> with no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False
    >>> @no_grad()
    ... def square(x):
    ...     return x * x
    >>> square(w).requires_grad, (w * w).requires_grad
    (False, True)
    """
    before = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(before)
