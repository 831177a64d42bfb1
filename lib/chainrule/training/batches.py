"""Mini-batches: of examples in random order, and of a long sequence of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.arguments import require_generator, require_integers
from chainrule.functional.contract import Array


def minibatches(
    X: Array, t: Array, batch_size: int, *, rng: np.random.Generator, drop_last: bool = False
) -> Iterator[tuple[Array, Array]]:
    """Yield the examples in random order, each once, in batches of ``batch_size``.

    Parameters
    ----------
    X, t : array (N, …)
        Inputs and targets, one per example. They are left alone: batches are copies.
    batch_size : int
        The last batch may be smaller.
    rng : numpy.random.Generator
        Draws the order.
    drop_last : bool
        Leave a last batch that is smaller out, for instance for batch normalization, which cannot
        train on one example.

    Raises
    ------
    ValueError
        If X and t differ in length, are empty, or ``batch_size`` is not positive, or, with
        ``drop_last``, larger than the number of examples.
    TypeError
        If X or t is not an array, or ``batch_size`` or ``rng`` of another type.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.training import minibatches
    >>> X, t = np.arange(5.0), np.arange(5)
    >>> for x_batch, t_batch in minibatches(X, t, 2, rng=np.random.default_rng(0)):
    ...     print(x_batch, t_batch)
    [2. 4.] [2 4]
    [3. 0.] [3 0]
    [1.] [1]
    """
    count_batches("minibatches", X, t, batch_size, drop_last=drop_last)
    require_generator("minibatches", rng)
    order = rng.permutation(len(X))
    if drop_last:
        order = order[: len(X) // batch_size * batch_size]
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], t[batch]


def next_token_windows(
    tokens: Array, length: int, *, stride: int | None = None
) -> tuple[Array, Array]:
    """Cut a long sequence into windows whose target is the next token at every position.

    Parameters
    ----------
    tokens : integer array (M,)
        The whole text, usually integers.
    length : int
        T, tokens in a window.
    stride : int, optional
        From the start of one window to that of the next; by default T, so that each token is a
        target once. What does not fill a window at the end is left out.

    Returns
    -------
    X, t : arrays (N, T)
        ``t[:, i]`` follows ``X[:, i]``. Views of ``tokens`` that cannot be written to; batches
        taken from them by :func:`minibatches` are copies.

    Raises
    ------
    ValueError
        If ``tokens`` is not one sequence, or not longer than ``length``, or ``length`` or
        ``stride`` is not positive.
    TypeError
        If ``tokens`` is not an array, or ``length`` or ``stride`` not an integer.

    Notes
    -----
    Used in the chapter ``language-models``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.training import next_token_windows
    >>> X, t = next_token_windows(np.arange(8), length=3)
    >>> X
    array([[0, 1, 2],
           [3, 4, 5]])
    >>> t
    array([[1, 2, 3],
           [4, 5, 6]])
    """
    require_integers("next_token_windows", length=length)
    stride = length if stride is None else stride
    require_integers("next_token_windows", stride=stride)
    _require_tokens("next_token_windows", tokens, length + 1)
    windows = np.lib.stride_tricks.sliding_window_view(tokens, length + 1)[::stride]
    return windows[:, :-1], windows[:, 1:]


def token_streams(tokens: Array, batch_size: int, length: int) -> Iterator[tuple[Array, Array]]:
    """Yield windows of a long sequence such that each row of a batch goes on in the next batch.

    For truncated backpropagation through time: the hidden state after one batch is the initial
    state of the next, without its gradient.

    Parameters
    ----------
    tokens : integer array (M,)
        Cut into ``batch_size`` streams of equal length; what is left over is not used.
    batch_size : int
        ``B``.
    length : int
        T, tokens in a window; the last windows may be shorter.

    Yields
    ------
    x, t : arrays (B, T)
        ``t[:, i]`` follows ``x[:, i]``.

    Raises
    ------
    ValueError
        If ``tokens`` is not one sequence, there are fewer than two for each stream, or a number
        is not positive.
    TypeError
        If ``tokens`` is not an array, or ``batch_size`` or ``length`` not an integer.

    Notes
    -----
    Used in the chapter ``recurrence``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.training import token_streams
    >>> for x, t in token_streams(np.arange(10), batch_size=2, length=3):
    ...     print(x.tolist(), t.tolist())
    [[0, 1, 2], [5, 6, 7]] [[1, 2, 3], [6, 7, 8]]
    [[3], [8]] [[4], [9]]
    """
    require_integers("token_streams", batch_size=batch_size)
    require_integers("token_streams", length=length)
    _require_tokens("token_streams", tokens, 2 * batch_size)
    streams = tokens[: len(tokens) // batch_size * batch_size].reshape(batch_size, -1)
    for start in range(0, streams.shape[1] - 1, length):
        window = streams[:, start : start + length + 1]
        yield window[:, :-1], window[:, 1:]


def count_batches(function: str, X: Any, t: Any, batch_size: int, *, drop_last: bool) -> int:
    """Return how many batches an epoch has; raise what :func:`minibatches` says."""
    for name, a in (("X", X), ("t", t)):
        if not isinstance(a, np.ndarray):
            raise TypeError(
                f"{function}: {name} must be a NumPy array, got {type(a).__name__}; "
                f"convert it with np.asarray({name})"
            )
        if a.ndim == 0:
            raise ValueError(f"{function}: {name} must have one entry per example, got shape ()")
    if len(X) != len(t):
        raise ValueError(
            f"{function}: X has {len(X)} examples but t has {len(t)}; pair them up (X has shape "
            f"{X.shape}, t must have as many rows, but has shape {t.shape})"
        )
    if len(X) == 0:
        raise ValueError(f"{function}: there are no examples; X and t are empty")
    require_integers(function, batch_size=batch_size)
    if drop_last and batch_size > len(X):
        raise ValueError(
            f"{function}: drop_last leaves no batch, for {len(X)} examples do not fill one of "
            f"{batch_size}; take a smaller batch_size"
        )
    return len(X) // batch_size if drop_last else -(-len(X) // batch_size)


def _require_tokens(function: str, tokens: Any, least: int) -> None:
    if not isinstance(tokens, np.ndarray):
        raise TypeError(
            f"{function}: tokens must be a NumPy array, got {type(tokens).__name__}; "
            "convert it with np.asarray(tokens)"
        )
    if tokens.dtype.kind not in "iu":
        raise TypeError(
            f"{function}: tokens must be integers, got dtype {tokens.dtype}; "
            "encode text with chainrule.data.CharCodec"
        )
    if tokens.ndim != 1 or len(tokens) < least:
        raise ValueError(
            f"{function}: tokens must be one sequence of at least {least}, got shape "
            f"{tokens.shape}; pass more of them, or ask for fewer or shorter rows"
        )
