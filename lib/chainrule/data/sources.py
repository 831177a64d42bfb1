"""Where the real data sets are read from: the files beside this one, and scikit-learn."""

from __future__ import annotations

import csv
from typing import Any

SHA256 = {
    "co2.csv": "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f",
    "first-names.csv": "2e7159c0a3591d3cacefae10d9c4314c7baf2ecfcec4c42b0bdd6133636960cb",
    "mnist10k.npz": "67d32855d2ff1eea345bbbec508509db45eff4d3724afdf873835cdabd1a8941",
    "product-reviews.csv": "69a0cdf4058c8628bd195fb3c52aeb577d98b51110e01cea611522a4f551c75f",
    "sunspots.csv": "79fb69a2d0daf507a9b876f2eafa3f88a3817cff73bf111350b265f7f9ee9314",
    "surnames.csv": "1897caeab33a45994818d28a6e8d93013fad59188fa18407931c13cc4220238a",
}
"""The files that ship with the library, and the checksum that each must have."""


def shipped(function: str, name: str) -> bytes:
    """Return the content of the shipped file ``name``, its checksum verified.

    Raises
    ------
    OSError
        If the file is missing or damaged.
    """
    import hashlib  # both, a tenth of the import time of NumPy; few runs read a file
    from importlib import resources

    try:
        content = (resources.files("chainrule.data") / name).read_bytes()
    except FileNotFoundError:
        raise OSError(
            f"{function}: {name} is missing from the installed library; install chainrule again"
        ) from None
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise OSError(
            f"{function}: {name} is damaged ({len(content):,} bytes, wrong checksum); "
            "install chainrule again"
        )
    return content


def columns(function: str, name: str) -> list[tuple[str, ...]]:
    """Return the columns of the shipped table ``name``, without its header."""
    _, *rows = csv.reader(shipped(function, name).decode("utf-8").splitlines())
    return list(zip(*rows, strict=True))


def sklearn_datasets(function: str) -> Any:
    """Return the module ``sklearn.datasets``.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.
    """
    try:
        import sklearn.datasets
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"{function}: this data set comes with scikit-learn, which is not installed; "
            "pip install scikit-learn"
        ) from None
    return sklearn.datasets
