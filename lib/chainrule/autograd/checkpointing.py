"""Less memory for more time: forget what happened inside, and compute it again going backward.

Derived in the chapter ``automatic-differentiation``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.arguments import require_function, require_generator
from chainrule.autograd.recording import is_recording
from chainrule.autograd.tensor import Tensor
from chainrule.functional.contract import Array


def checkpoint(
    function: Callable[..., Tensor], *args: Any, rng: np.random.Generator | None = None
) -> Tensor:
    """y = function(args), of which the graph keeps nothing but the arguments and y.

    Going backward, ``function`` is called again. A network of n layers, each of them or some in
    turn under a checkpoint, keeps the results between the checkpoints, and the inner ones of one
    part at a time, for the price of a second forward pass.

    Parameters
    ----------
    function : callable
        Takes ``args``, returns a Tensor. The parameters of a module that it calls get their
        gradients as well.
    *args : Tensor or anything else
    rng : numpy.random.Generator, keyword only
        What ``function`` draws from, for instance in dropout: the second call draws the same
        numbers as the first. Afterward the generator goes on where it was.

    Returns
    -------
    Tensor

    Raises
    ------
    TypeError
        If ``function`` does not return a Tensor, or ``rng`` is no generator.
    RuntimeError
        Going backward, if the second call returns something else than the first, since the
        gradient would be wrong: ``function`` draws from a generator other than ``rng``, or a
        parameter was changed in between.

    Notes
    -----
    What else ``function`` does, it does twice: batch normalization counts a batch twice in its
    running statistics.
    Derived in the chapter ``automatic-differentiation``; Chen, Xu, Zhang & Guestrin (2016),
    section 4.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor, checkpoint
    >>> w = Tensor(np.array([2.0, 3.0]), requires_grad=True)
    >>> checkpoint(lambda x: (x * x * x).sum(), w).backward()
    >>> w.grad
    array([12., 27.])
    """
    require_function("checkpoint", "pass what takes args and returns a Tensor", function=function)
    if rng is not None:
        require_generator("checkpoint", rng)
    generator = None if rng is None else rng.bit_generator
    state: Any = None if generator is None else generator.state
    parents = tuple(a for a in args if isinstance(a, Tensor))

    def run() -> tuple[Tensor, list[Tensor]]:
        """Compute y from leaves of its own, so that its graph ends there."""
        leaves = [Tensor(p.data, requires_grad=p.requires_grad) for p in parents]
        rest = iter(leaves)
        y = function(*(next(rest) if isinstance(a, Tensor) else a for a in args))
        if not isinstance(y, Tensor):
            raise TypeError(f"checkpoint: function must return a Tensor, got {type(y).__name__}")
        return y, leaves

    first, _ = run()
    value = first.data

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        if generator is not None:
            now, generator.state = generator.state, state
        y, leaves = run()
        if generator is not None:
            generator.state = now
        if not np.array_equal(y.data, value, equal_nan=True):
            raise RuntimeError(
                "checkpoint: the second call of function returned something else than the first; "
                "if it draws random numbers, pass its generator as rng=…, and change no parameter "
                "between going forward and going backward"
            )
        # What function closes over may have a graph of its own, which is not ours to let go.
        y.backward(dy, retain_graph=True)
        return tuple(leaf.grad for leaf in leaves)

    result = Tensor(value)
    if is_recording() and first.requires_grad:
        result.requires_grad = True
        result._parents, result._pullback, result._operation = parents, pullback, "checkpoint"
    return result
