"""Witness: PyTorch, whose values and gradients were recorded once, and are shipped as numbers.

Other third parties know values only. PyTorch knows gradients too, but is too large to install for
a page, so ``pytorch.json`` holds what it computed: for each function the arguments, the options,
the value, a ``dy`` and the gradients. ``tests/parity/record.py`` makes the file, and the tests of
parity make sure that PyTorch still computes the same.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.proofs.case import Instance, Vector

PATH = Path(__file__).with_name("pytorch.json")

# Functions without a recording, and why.
NOT_RECORDED = {
    "dropout": "PyTorch draws its own mask, which ours could not take",
}


@functools.cache
def recording() -> dict[str, Any]:
    """Return the whole file: where the numbers are from, and under ``functions`` the numbers."""
    contents: dict[str, Any] = json.loads(PATH.read_text("utf8"))
    return contents


def recorded_vectors(name: str) -> list[Vector]:
    """Return what PyTorch computed for the function ``name``, value and gradients.

    Parameters
    ----------
    name : str
        A function of the registry.

    Returns
    -------
    list of Vector
        Empty if nothing is recorded; :data:`NOT_RECORDED` says why.

    Examples
    --------
    >>> from chainrule.proofs.recordings import recorded_vectors
    >>> vector = recorded_vectors("relu")[0]
    >>> vector.gradients[0].shape == vector.instance.args[0].shape
    True
    """
    contents = recording()
    return [
        Vector(
            f"PyTorch {contents['torch']}",
            Instance(
                tuple(decode(a) for a in call["args"]),
                {key: decode(option) for key, option in call["options"].items()},
            ),
            decode(call["value"]),
            dy=decode(call["dy"]),
            gradients=tuple(decode(g) for g in call["gradients"]),
        )
        for call in contents["functions"].get(name, [])
    ]


def encode(value: Any) -> Any:
    """Turn an argument or option into what JSON can hold; :func:`decode` turns it back.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.proofs.recordings import encode
    >>> encode((slice(None, None, -1), np.array([1.5, 2.0])))
    {'tuple': [{'slice': [None, None, -1]}, {'float64': [1.5, 2.0]}]}
    """
    if isinstance(value, (np.ndarray, np.generic)):
        return {str(value.dtype): value.tolist()}
    if isinstance(value, tuple):
        return {"tuple": [encode(v) for v in value]}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if value is Ellipsis:
        return {"ellipsis": True}
    return value


def decode(value: Any) -> Any:
    """Turn what :func:`encode` returned back into the argument or option.

    Examples
    --------
    >>> from chainrule.proofs.recordings import decode
    >>> decode({"tuple": [{"slice": [None, None, -1]}, {"float64": [1.5, 2.0]}]})
    (slice(None, None, -1), array([1.5, 2. ]))
    """
    if not isinstance(value, Mapping):
        return value
    ((kind, contents),) = value.items()
    if kind == "tuple":
        return tuple(decode(v) for v in contents)
    if kind == "slice":
        return slice(*contents)
    if kind == "ellipsis":
        return Ellipsis
    return np.array(contents, dtype=kind)
