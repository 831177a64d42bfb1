"""Digits: what is in them, and how they are split."""

import numpy as np
import pytest

from chainrule.data import Split, digits, mnist
from chainrule.data.catalog import CATALOG

# How often each digit occurs in the first 10,000 of the official training file.
MNIST_COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
DIGITS_COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@pytest.mark.parametrize(("load", "counts"), [(mnist, MNIST_COUNTS), (digits, DIGITS_COUNTS)])
def test_ranges_and_labels(load, counts):
    split = load()
    assert isinstance(split, Split)
    for X, t in zip(split[0::2], split[1::2], strict=True):
        assert X.min() == 0
        assert X.max() == 1
        assert set(t) == set(range(10))
    t = np.concatenate([split.t_train, split.t_test])
    assert np.bincount(t).tolist() == counts


def test_the_counts_are_in_the_catalog():
    assert ", ".join(map(str, MNIST_COUNTS)) in CATALOG["mnist"].source


@pytest.mark.parametrize("load", [mnist, digits])
def test_no_example_is_in_both_parts(load):
    split = load()
    train = {x.tobytes() for x in split.X_train}
    assert not any(x.tobytes() in train for x in split.X_test)


def test_mnist_pixels_are_whole_grays():
    X = mnist().X_test * 255
    np.testing.assert_allclose(X, np.round(X), atol=1e-4)


def test_mnist_images_are_digits():
    # Ink is in the middle, not at the border, and a one has less of it than a zero.
    X, t, *_ = mnist()
    images = X.reshape(-1, 28, 28)
    border = np.concatenate([images[:, [0, -1]].ravel(), images[:, :, [0, -1]].ravel()])
    assert border.mean() < 0.01 * images.mean()
    assert X[t == 1].mean() < 0.5 * X[t == 0].mean()


def test_mnist_test_digits_are_as_mixed_as_the_training_digits():
    split = mnist()
    train, test = (np.bincount(t) / len(t) for t in (split.t_train, split.t_test))
    assert np.abs(train - test).max() < 0.03
