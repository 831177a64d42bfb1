"""Arrays in a file and back: ``.npz``, a zip archive of ``.npy`` files, without pickles."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.arguments import require_instance
from chainrule.functional.contract import Array


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write arrays to an ``.npz`` file: beside ``path`` first, then put in its place.

    Parameters
    ----------
    path : path
        The file is called exactly so. Its folder must exist.
    arrays : mapping
        Name → array.

    Raises
    ------
    OSError
        If the file cannot be written. Then an older one of this name is what it was.
    TypeError
        If ``path`` is no path.
    """
    import tempfile  # with zipfile, a tenth of the import time of NumPy; few runs write a file
    import zipfile

    _require_path("save", path)
    folder, file_name = os.path.split(path)
    if folder and not os.path.isdir(folder):
        raise FileNotFoundError(
            f"save: there is no folder {folder}; make it first, or take another"
        )
    handle, temporary = tempfile.mkstemp(dir=folder or os.curdir, prefix=f".{file_name}.")
    try:
        # numpy.savez cannot be given arrays of any name: "file" is a parameter of its own.
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for name, a in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, a, allow_pickle=False)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_arrays(function: str, path: str | os.PathLike[str]) -> dict[str, Array]:
    """Read all arrays of an ``.npz`` file.

    Parameters
    ----------
    function : str
        Whom an error shall name.
    path : path

    Returns
    -------
    dict
        Name → array.

    Raises
    ------
    ValueError
        If the file is not an ``.npz`` file, is damaged, or has anything but numbers in it.
    OSError
        If the file cannot be opened.
    TypeError
        If ``path`` is no path.
    """
    import zipfile

    _require_path(function, path)
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return {
                    # All of a member is read before it is interpreted: the end has the checksum.
                    name.removesuffix(".npy"): np.lib.format.read_array(
                        io.BytesIO(archive.read(name)), allow_pickle=False
                    )
                    for name in archive.namelist()
                }
        # Damage can make the readers of zip and npy stumble over anything.
        except Exception as error:
            raise ValueError(
                f"{function}: {os.fspath(path)} is damaged, or is not an .npz file of numbers "
                f"({type(error).__name__}: {error}); nothing was loaded, take another copy"
            ) from error


def _require_path(function: str, path: Any) -> None:
    # open() also takes a number: that of a file which is open already.
    require_instance(function, str | os.PathLike, "pass the name of a file", path=path)
