"""Handwritten digits: 1,797 small ones that come with scikit-learn, 10,000 of MNIST that come
with this library. Provenance and licenses are in ``README.md`` beside this file."""

from __future__ import annotations

import io

import numpy as np

from chainrule.data.sources import shipped, sklearn_datasets
from chainrule.data.splitting import Split, hold_out_last

MNIST_TEST_SIZE = 2_000
DIGITS_TEST_SIZE = 360


def mnist() -> Split:
    """Load 10,000 MNIST digits: 8,000 to train on, 2,000 held out.

    Returns
    -------
    Split
        X float32 (N, 784), ink in [0, 1], pixels row by row (``reshape(-1, 1, 28, 28)`` gives the
        images); t int64 (N,), the digit. The test part is the last 2,000 of the shuffled file.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.

    Notes
    -----
    LeCun, Bottou, Bengio & Haffner (1998). Used from the chapter ``backpropagation`` on.

    Examples
    --------
    >>> X_train, t_train, X_test, t_test = mnist()
    >>> X_train.shape, X_test.shape
    ((8000, 784), (2000, 784))
    """
    with np.load(io.BytesIO(shipped("mnist", "mnist10k.npz")), allow_pickle=False) as arrays:
        X = arrays["X"].reshape(-1, 28 * 28).astype(np.float32) / 255
        t = arrays["y"].astype(np.int64)
    return hold_out_last(X, t, MNIST_TEST_SIZE)


def digits() -> Split:
    """Load scikit-learn's 1,797 digits of 8 × 8 pixels: 1,437 to train on, 360 held out.

    Returns
    -------
    Split
        X float32 (N, 64), ink in [0, 1], pixels row by row; t int64 (N,), the digit. The test part
        is the last 360 of the file, not a random draw: 13 people wrote all of them, and a random
        draw would put nearly the same digit by the same hand into both parts.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.

    Notes
    -----
    Alpaydin & Kaynak (1998). Used from the chapter ``why-neural-networks`` on.

    Examples
    --------
    >>> X_train, t_train, X_test, t_test = digits()
    >>> X_train.shape, t_test[:5].tolist()
    ((1437, 64), [2, 3, 4, 5, 6])
    """
    X, t = sklearn_datasets("digits").load_digits(return_X_y=True)
    return hold_out_last((X / 16).astype(np.float32), t.astype(np.int64), DIGITS_TEST_SIZE)
