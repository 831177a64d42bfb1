"""Digits: what is in them, how they are split, and what a damaged file says."""

import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import chainrule.data
from chainrule.data import Split, digits, mnist

README = Path(chainrule.data.__file__).parent / "README.md"
MNIST_FILE = Path(chainrule.data.__file__).parent / "mnist10k.npz"

# How often each digit occurs in the first 10,000 of the official training file.
MNIST_COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
DIGITS_COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@pytest.mark.parametrize(
    ("load", "sizes", "pixels", "counts"),
    [(mnist, (8000, 2000), 784, MNIST_COUNTS), (digits, (1437, 360), 64, DIGITS_COUNTS)],
)
def test_shapes_dtypes_ranges_and_labels(load, sizes, pixels, counts):
    split = load()
    assert isinstance(split, Split)
    for X, t, n in zip(split[0::2], split[1::2], sizes, strict=True):
        assert X.shape == (n, pixels)
        assert t.shape == (n,)
        assert X.dtype == np.float32
        assert t.dtype == np.int64
        assert X.min() == 0
        assert X.max() == 1
        assert set(t) == set(range(10))
    t = np.concatenate([split.t_train, split.t_test])
    assert np.bincount(t).tolist() == counts


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


@pytest.mark.parametrize("load", [mnist, digits])
def test_loading_twice_gives_arrays_of_its_own(load):
    first = load()
    first.X_train[...] = -1
    assert load().X_train.min() == 0


def redirected(monkeypatch, folder):
    """Let the library look for its data in ``folder``."""
    monkeypatch.setattr(resources, "files", lambda package: folder)


def test_a_missing_file_says_so(monkeypatch, tmp_path):
    redirected(monkeypatch, tmp_path)
    with pytest.raises(
        OSError, match=r"mnist: mnist10k\.npz is missing .*; install chainrule again"
    ):
        mnist()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:1000] + bytes([content[1000] ^ 1]) + content[1001:],
        lambda content: b"version https://git-lfs.github.com/spec/v1\n",
    ],
)
def test_a_damaged_file_says_so(monkeypatch, tmp_path, damage):
    content = damage(MNIST_FILE.read_bytes())
    (tmp_path / MNIST_FILE.name).write_bytes(content)
    redirected(monkeypatch, tmp_path)
    message = rf"mnist10k\.npz is damaged \({len(content):,} bytes, wrong checksum\); install"
    with pytest.raises(OSError, match=message):
        mnist()


def test_the_redirection_redirects(monkeypatch, tmp_path):
    shutil.copy(MNIST_FILE, tmp_path)
    redirected(monkeypatch, tmp_path)
    assert len(mnist().X_train) == 8000


def test_every_shipped_file_has_its_provenance():
    shipped = {path.name for path in README.parent.iterdir() if path.suffix in {".npz", ".csv"}}
    text = README.read_text("utf8")
    assert shipped
    assert all(f"`{name}`" in text for name in shipped)
    assert ", ".join(map(str, MNIST_COUNTS)) in text
