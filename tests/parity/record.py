"""Record PyTorch's values and gradients for the witnesses: `make vectors`.

Every function that PyTorch has a counterpart of is called with all instances of its case, drawn
anew from SEED and rounded, so that the file stays small and can be read. The numbers go to
`lib/chainrule/proofs/pytorch.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import numpy as np
import torch

from chainrule.functional import REGISTRY
from chainrule.proofs.cases import CASES
from chainrule.proofs.recordings import NOT_RECORDED, PATH, encode
from tests.parity.bridge import to_numpy, to_torch
from tests.parity.counterparts import COUNTERPARTS

SEED = 0
DECIMALS = 3  # of arguments and dy: finer than the distance that instances keep from kinks
DIGITS = 15  # of PyTorch's numbers: all that float64 is sure of


def theirs(name: str, args: Any, options: Any, dy: Any) -> tuple[Any, list[Any]]:
    """PyTorch's value and gradients; None for integer arguments."""
    tensors = [to_torch(a) for a in args]
    leaves = [a.requires_grad_() for a in tensors if a.is_floating_point()]
    value = COUNTERPARTS[name](*tensors, **options)
    found = iter(torch.autograd.grad(value, leaves, to_torch(dy)))
    gradients = [to_numpy(next(found)) if a.is_floating_point() else None for a in tensors]
    return to_numpy(value), gradients


def calls(name: str) -> list[dict[str, Any]]:
    """What is recorded of the function ``name``: every instance that is not empty."""
    rng = np.random.default_rng(SEED)
    recorded = []
    for instance in CASES[name].instances(rng):
        args = tuple(_rounded(a) for a in instance.args)
        value, _ = CASES[name].function(*args, **instance.options)
        dy = _rounded(np.asarray(rng.standard_normal(np.shape(value))))
        if dy.size == 0 or any(a.size == 0 for a in args):
            continue
        value, gradients = theirs(name, args, instance.options, dy)
        recorded.append(
            {
                "args": [encode(a) for a in args],
                "options": {key: encode(option) for key, option in instance.options.items()},
                "dy": encode(dy),
                "value": encode(_shortened(value)),
                "gradients": [None if g is None else encode(_shortened(g)) for g in gradients],
            }
        )
    return recorded


def _rounded(a: Any) -> Any:
    return np.round(a, DECIMALS) + 0.0 if a.dtype.kind == "f" else a  # and no −0


def _shortened(a: Any) -> Any:
    return np.array([float(f"{x:.{DIGITS}g}") for x in a.flat]).reshape(a.shape)


def checksum(functions: Any) -> str:
    return hashlib.sha256(json.dumps(functions, sort_keys=True).encode()).hexdigest()


def main() -> None:
    functions = {name: calls(name) for name in REGISTRY if name not in NOT_RECORDED}
    head = {
        "about": "Values and gradients that PyTorch computed in float64; see recordings.py.",
        "made_by": "python -m tests.parity.record",
        "torch": torch.__version__.partition("+")[0],
        "numpy": np.__version__,
        "seed": SEED,
        "sha256": checksum(functions),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    lines.append('  "functions": {')
    for i, (name, recorded) in enumerate(functions.items()):
        rows = ",\n".join("      " + json.dumps(call, separators=(",", ":")) for call in recorded)
        lines.append(f"    {json.dumps(name)}: [\n{rows}\n    ]" + "," * (i < len(functions) - 1))
    text = "\n".join(["{", *lines, "  }", "}"]) + "\n"
    temporary = PATH.with_suffix(".tmp")
    temporary.write_text(text, "utf8")
    os.replace(temporary, PATH)
    count = sum(map(len, functions.values()))
    print(f"Recorded {count} calls of {len(functions)} functions: {len(text) / 1024:.0f} kB")


if __name__ == "__main__":
    main()
