"""Handwritten digits: 1,797 small ones that come with scikit-learn, 10,000 of MNIST that come
with this library. Provenance and licences are in ``README.md`` beside this file."""

from __future__ import annotations

import hashlib
import io
from importlib import resources
from typing import NamedTuple

import numpy as np

from chainrule.functional.contract import Array

MNIST_FILE = "mnist10k.npz"
MNIST_SHA256 = "67d32855d2ff1eea345bbbec508509db45eff4d3724afdf873835cdabd1a8941"
MNIST_TEST_SIZE = 2_000
DIGITS_TEST_SIZE = 360


class Split(NamedTuple):
    """Inputs and targets, for training and held out."""

    X_train: Array
    t_train: Array
    X_test: Array
    t_test: Array


def mnist() -> Split:
    """Load 10,000 MNIST digits: 8,000 to train on, 2,000 held out.

    Returns
    -------
    Split
        X float32 (N, 784), ink in [0, 1], pixels row by row (``reshape(-1, 28, 28)`` gives the
        images); t int64 (N,), the digit. The test part is the last 2,000 of the shuffled file.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.
    """
    try:
        content = (resources.files("chainrule.data") / MNIST_FILE).read_bytes()
    except FileNotFoundError:
        raise OSError(
            f"mnist: {MNIST_FILE} is missing from the installed library; install chainrule again"
        ) from None
    if hashlib.sha256(content).hexdigest() != MNIST_SHA256:
        raise OSError(
            f"mnist: {MNIST_FILE} is damaged ({len(content):,} bytes, wrong checksum); "
            "install chainrule again"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        X = arrays["X"].reshape(-1, 28 * 28).astype(np.float32) / 255
        t = arrays["y"].astype(np.int64)
    return _hold_out_last(X, t, MNIST_TEST_SIZE)


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
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "digits: this data set comes with scikit-learn, which is not installed; "
            "pip install scikit-learn"
        ) from None
    X, t = load_digits(return_X_y=True)
    return _hold_out_last((X / 16).astype(np.float32), t.astype(np.int64), DIGITS_TEST_SIZE)


def _hold_out_last(X: Array, t: Array, test_size: int) -> Split:
    return Split(X[:-test_size], t[:-test_size], X[-test_size:], t[-test_size:])
