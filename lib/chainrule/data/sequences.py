"""Tasks on sequences whose answer is known: remember two numbers, look one up, add modulo p."""

from __future__ import annotations

import numpy as np

from chainrule.arguments import require_generator, require_integers
from chainrule.data.arrays import Floats, Integers


def adding_problem(n: int, *, length: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw sequences of numbers of which two are marked; the target is the sum of those two.

    Parameters
    ----------
    n : int
        Number of sequences.
    length : int
        T, at least 2. One mark lies in the first half (T // 2 steps), one in the rest.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, T, 2)
        Feature 0 is uniform in [0, 1], feature 1 is the mark, 1 twice and 0 elsewhere.
    t : float32 array (n, 1)
        In [0, 2]. Answering 1 every time has mean squared error 1/6, the variance of the sum.

    Raises
    ------
    ValueError
        If ``n`` is less than 1 or ``length`` less than 2.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    After Hochreiter & Schmidhuber (1997), experiment 4, in the form of Le, Jaitly & Hinton (2015).
    Used in the chapter ``recurrence``.

    Examples
    --------
    >>> X, t = adding_problem(10_000, length=50, rng=np.random.default_rng(0))
    >>> bool(np.allclose((X[..., 0] * X[..., 1]).sum(1), t[:, 0]))
    True
    >>> round(float(((t - 1) ** 2).mean()), 2)  # 1/6
    0.17
    """
    require_integers("adding_problem", n=n)
    require_integers("adding_problem", least=2, length=length)
    require_generator("adding_problem", rng)
    value = rng.uniform(0, 1, (n, length)).astype(np.float32)
    row = np.arange(n)
    first = rng.integers(0, length // 2, n)
    second = rng.integers(length // 2, length, n)
    mark = np.zeros_like(value)
    mark[row, first] = mark[row, second] = 1
    t = value[row, first] + value[row, second]
    return np.stack([value, mark], axis=2), t[:, None]


def associative_recall(
    n: int, *, pairs: int = 4, keys: int = 8, values: int = 8, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Draw lists of (key, value) pairs and a key from the list; the target is its value.

    Parameters
    ----------
    n : int
        Number of lists.
    pairs : int
        ``P``. The keys of one list are all different, their values need not be.
    keys : int
        How many different keys there are, at least P.
    values : int
        K, how many different values there are, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    X : int64 array (n, P + 1, 2)
        Each step is a key, 0 to ``keys`` − 1, and a value, 0 to K − 1. The last step is the
        question: the key asked for, and K in the place of the value. As one sequence of tokens, for
        a model of more than one layer: ``(X + [0, keys]).reshape(n, -1)[:, :-1]``.
    t : int64 array (n,)
        The value asked for, 0 to K − 1. Guessing is right once in K.

    Raises
    ------
    ValueError
        If ``n`` or ``pairs`` is less than 1, ``keys`` less than ``pairs``, or ``values`` less than
        2.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    After Ba et al. (2016). Used in the chapter ``attention``.

    Examples
    --------
    >>> X, t = associative_recall(1, pairs=3, rng=np.random.default_rng(0))
    >>> X[0].tolist(), int(t[0])
    ([[2, 1], [4, 6], [3, 5], [3, 8]], 5)
    """
    require_integers("associative_recall", n=n)
    require_integers("associative_recall", pairs=pairs)
    require_integers("associative_recall", least=pairs, keys=keys)
    require_integers("associative_recall", least=2, values=values)
    require_generator("associative_recall", rng)
    key = rng.permuted(np.tile(np.arange(keys), (n, 1)), axis=1)[:, :pairs]
    value = rng.integers(0, values, (n, pairs))
    row, asked = np.arange(n), rng.integers(0, pairs, n)
    question = np.stack([key[row, asked], np.full(n, values)], axis=1)
    X = np.concatenate([np.stack([key, value], axis=2), question[:, None]], axis=1)
    return X.astype(np.int64), value[row, asked].astype(np.int64)


def modular_addition(modulus: int) -> tuple[Integers, Integers]:
    """Return the whole table of addition modulo p.

    Parameters
    ----------
    modulus : int
        p, at least 2. A prime in the literature, usually 97 or 113.

    Returns
    -------
    X : int64 array (p², 2)
        Every pair (a, b), in order.
    t : int64 array (p²,)
        (a + b) mod p, each answer p times.

    Raises
    ------
    ValueError
        If ``modulus`` is less than 2.
    TypeError
        If ``modulus`` is not a whole number.

    Notes
    -----
    Power et al. (2022), *Grokking: Generalization beyond overfitting on small algorithmic
    datasets*. Used in the chapter ``generalization``, with a share of the table held out.

    Examples
    --------
    >>> X, t = modular_addition(3)
    >>> X.T.tolist(), t.tolist()
    ([[0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2, 0, 1, 2, 0, 1, 2]], [0, 1, 2, 1, 2, 0, 2, 0, 1])
    """
    require_integers("modular_addition", least=2, modulus=modulus)
    a, b = np.divmod(np.arange(modulus * modulus, dtype=np.int64), modulus)
    return np.stack([a, b], axis=1), (a + b) % modulus
