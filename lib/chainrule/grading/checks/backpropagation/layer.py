"""A layer that remembers: an affine layer as a class."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Mistake,
    Program,
    Programs,
    agrees,
    inputs_unchanged,
)


class _Affine:
    """The solution, in the pieces in which people get it wrong."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def forward(self, X: Array) -> Any:
        self.keep(X)
        return X @ self.W.T + self.b

    def backward(self, dZ: Array) -> Any:
        dW, db = self.gradients(dZ)
        self.dW, self.db = self.dW + dW, self.db + db
        return dZ @ self.W

    def zero_grad(self) -> None:
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def keep(self, X: Array) -> None:
        self.X = X

    def gradients(self, dZ: Array) -> tuple[Array, Array]:
        return dZ.T @ self.X, dZ.sum(0)


class _WithoutBias(_Affine):
    def forward(self, X: Array) -> Any:
        self.keep(X)
        return X @ self.W.T


class _NotTransposed(_Affine):
    def forward(self, X: Array) -> Any:
        self.keep(X)
        return X @ self.W + self.b


class _WrongOrder(_Affine):
    def forward(self, X: Array) -> Any:
        self.keep(X)
        return self.W @ X + self.b


class _SilentForward(_Affine):
    def forward(self, X: Array) -> Any:
        self.keep(X)


class _SilentBackward(_Affine):
    def backward(self, dZ: Array) -> Any:
        super().backward(dZ)


class _WrongSide(_Affine):
    def backward(self, dZ: Array) -> Any:
        super().backward(dZ)
        return dZ @ self.W.T


class _ReturningAll(_Affine):
    def backward(self, dZ: Array) -> Any:
        dX = super().backward(dZ)
        return dX, self.dW, self.db


class _ReturningDW(_Affine):
    def backward(self, dZ: Array) -> Any:
        super().backward(dZ)
        return self.dW


class _Stepping(_Affine):
    def backward(self, dZ: Array) -> Any:
        dW, db = self.gradients(dZ)
        self.W, self.b = self.W - dW, self.b - db
        return dZ @ self.W


class _SteppingFirst(_Affine):
    """Adds the gradients, takes a step, and goes on with the new W."""

    rate = 1.0

    def backward(self, dZ: Array) -> Any:
        dW, db = self.gradients(dZ)
        self.dW, self.db = self.dW + dW, self.db + db
        self.W, self.b = self.W - self.rate * self.dW, self.b - self.rate * self.db
        return dZ @ self.W


class _SteppingATenth(_SteppingFirst):
    rate = 0.1


class _SteppingAHundredth(_SteppingFirst):
    rate = 0.01


class _ZeroInForward(_Affine):
    def forward(self, X: Array) -> Any:
        self.zero_grad()
        return super().forward(X)


class _UsingDX(_Affine):
    def backward(self, dZ: Array) -> Any:
        dX = dZ @ self.W
        dW, db = self.gradients(dX)
        self.dW, self.db = self.dW + dW, self.db + db
        return dX


class _AddingToX(_Affine):
    def backward(self, dZ: Array) -> Any:
        self.dX = getattr(self, "dX", 0) + super().backward(dZ)
        return self.dX


class _Overwriting(_Affine):
    def backward(self, dZ: Array) -> Any:
        self.dW, self.db = self.gradients(dZ)
        return dZ @ self.W


class _OverwritingW(_Affine):
    def backward(self, dZ: Array) -> Any:
        self.dW = 0 * self.dW
        return super().backward(dZ)


class _OverwritingB(_Affine):
    def backward(self, dZ: Array) -> Any:
        self.db = 0 * self.db
        return super().backward(dZ)


class _Averaging(_Affine):
    def gradients(self, dZ: Array) -> tuple[Array, Array]:
        dW, db = super().gradients(dZ)
        return dW / len(dZ), db / len(dZ)


class _AveragingB(_Affine):
    def gradients(self, dZ: Array) -> tuple[Array, Array]:
        dW, db = super().gradients(dZ)
        return dW, db / len(dZ)


class _TransposedW(_Affine):
    def gradients(self, dZ: Array) -> tuple[Array, Array]:
        dW, db = super().gradients(dZ)
        return dW.T, db


class _SummingOutputs(_Affine):
    def gradients(self, dZ: Array) -> tuple[Array, Array]:
        dW, _ = super().gradients(dZ)
        return dW, dZ.sum(1)


class _KeepingTheFirst(_Affine):
    def keep(self, X: Array) -> None:
        self.X = getattr(self, "X", X)


class _KeepingZ(_Affine):
    def forward(self, X: Array) -> Any:
        self.keep(super().forward(X))
        return self.X


class _Collecting(_Affine):
    def keep(self, X: Array) -> None:
        self.seen = [*getattr(self, "seen", []), X]

    def gradients(self, dZ: Array) -> tuple[Array, Array]:
        X = np.concatenate(self.seen)
        return dZ.T @ X, dZ.sum(0)


class _NeverZero(_Affine):
    def zero_grad(self) -> None:
        pass


class _ZeroW(_Affine):
    def zero_grad(self) -> None:
        self.dW = np.zeros_like(self.W)


class _ZeroB(_Affine):
    def zero_grad(self) -> None:
        self.db = np.zeros_like(self.b)


class _ZeroNumbers(_Affine):
    def zero_grad(self) -> None:
        self.dW = self.db = 0.0  # type: ignore[assignment]


class _ZeroNone(_Affine):
    def zero_grad(self) -> None:
        self.dW = self.db = None  # type: ignore[assignment]


class _Shared(_Affine):
    """``X`` belongs to the class, so all layers of a network share it."""

    def keep(self, X: Array) -> None:
        _Shared.X = X


def _batches(B: int, d_in: int, d_out: int, count: int = 1) -> dict[str, Array]:
    """Parameters of a layer, and batches X, dZ (X1, dZ1, X2, dZ2, ... of several)."""
    rng = random.Random(100 * B + 10 * d_in + d_out)

    def filled(*shape: int) -> Array:
        entries = [float(rng.choice((-3, -2, -1, 1, 2, 3))) for _ in range(int(np.prod(shape)))]
        return np.array(entries).reshape(shape)

    inputs = {"W": filled(d_out, d_in), "b": filled(d_out)}
    for i in range(1, count + 1):
        number = str(i) if count > 1 else ""
        # Mostly of different sizes, so that a batch that is mistaken for another shows.
        rows = B if B == 2 else B + i - 1
        inputs |= {f"X{number}": filled(rows, d_in), f"dZ{number}": filled(rows, d_out)}
    return inputs


_SIZES = ((1, 1, 1), (1, 2, 3), (2, 2, 2), (3, 2, 4), (4, 5, 3))


def _uses(lines: str, *results: str, count: int = 1, **options: Any) -> list[Program]:
    """The same program on layers of several sizes; inputs that it does not mention are left out."""
    programs = []
    for sizes in _SIZES:
        inputs = _batches(*sizes, count=count)
        used = {k: v for k, v in inputs.items() if re.search(rf"\b{k}\b", lines)}
        programs.append(Program(lines, results, used, **options))
    return programs


def _narrow(programs: Sequence[Program]) -> list[Program]:
    return [
        replace(program, inputs={k: v.astype(np.float32) for k, v in program.inputs.items()})
        for program in programs
    ]


_FORWARD = "layer = Affine(W, b)\nZ = layer.forward(X)"
_BACKWARD = "layer = Affine(W, b)\nlayer.forward(X)\ndX = layer.backward(dZ)"
_ONCE = "layer = Affine(W, b)\nlayer.forward(X)\nlayer.backward(dZ)"
_TWO_BATCHES = (
    "layer = Affine(W, b)\n"
    "layer.forward(X1)\nlayer.backward(dZ1)\n"
    "layer.forward(X2)\nlayer.backward(dZ2)"
)
_TWICE = "layer = Affine(W, b)\nlayer.forward(X)\nlayer.backward(1 * dZ)\nlayer.backward(2 * dZ)"
_LAST = "layer = Affine(W, b)\nlayer.forward(X1)\nlayer.forward(X2)\ndX = layer.backward(dZ2)"
_ZEROED = f"{_ONCE}\nlayer.zero_grad()"
_AFRESH = (
    "layer = Affine(W, b)\n"
    "layer.forward(X1)\nlayer.backward(dZ1)\n"
    "layer.zero_grad()\n"
    "layer.forward(X2)\nlayer.backward(dZ2)"
)
_STACK = (
    "first, second = Affine(W1, b1), Affine(W2, b2)\n"
    "A = first.forward(X)\nsecond.forward(A)\n"
    "dA = second.backward(dZ)\ndX = first.backward(dA)"
)


def _stack(B: int, d_in: int, d_h: int, d_out: int) -> Program:
    below, above = _batches(B, d_in, d_h), _batches(B, d_h, d_out)
    inputs = {"W1": below["W"], "b1": below["b"], "W2": above["W"], "b2": above["b"]}
    inputs |= {"X": below["X"], "dZ": above["dZ"]}
    results = ["second.dW", "second.db", "first.dW", "first.db", "dX"]
    return Program(_STACK, results, inputs)


AFFINE = Programs(
    "backpropagation.Affine",
    reference=_Affine,
    given_methods=["__init__"],
    checks=[
        agrees(
            "forward",
            _uses(_FORWARD, "Z"),
            "Compute the first entry of Z by hand: which row of X does it need, which row of W, "
            "which entry of b?",
            "Z = X W^T + b, and W is kept in self.W. Does forward return it?",
        ),
        agrees(
            "backward",
            _uses(_BACKWARD, "dX", "layer.dW", "layer.db"),
            "Write the shapes of dZ, of the X that forward has kept and of self.W side by side. "
            "Which products of two of them have the shapes of X and of W?",
            "X[i, k] acts on the whole row Z[i], on entry j with slope W[j, k]. The weight W[j, k] "
            "acts on Z[i, j] for every example i, with slope X[i, k].",
            "Sum over what was shared: dW and db over the batch. A mean, if there is one, is "
            "already in dZ.",
        ),
        agrees(
            "last forward",
            _uses(_LAST, "dX", "layer.dW", "layer.db", count=2),
            "backward belongs to the last forward before it. Which X does your backward use, if "
            "there have been two?",
        ),
        agrees(
            "adds",
            [
                *_uses(_TWICE, "layer.dW", "layer.db"),
                *_uses(_TWO_BATCHES, "layer.dW", "layer.db", count=2),
            ],
            "What was in layer.dW before the second backward, and what is in it afterwards?",
            "The gradients of both calls belong together. Only zero_grad starts afresh.",
        ),
        agrees(
            "zero_grad",
            [
                *_uses(_ZEROED, "layer.dW", "layer.db"),
                *_uses(_AFRESH, "layer.dW", "layer.db", count=2),
            ],
            "Which two attributes hold gradients, and what shapes must they have after zero_grad?",
            "After zero_grad the next backward adds to them again. np.zeros_like makes zeros of "
            "the shape and dtype of an array.",
        ),
        agrees(
            "two layers",
            [_stack(1, 1, 1, 1), _stack(1, 2, 2, 1), _stack(3, 2, 2, 2)],
            "Two layers, one behind the other. What of the first does the second get to see? "
            "Does each keep an X of its own?",
            "What is written as self.X belongs to one layer. What is written in the body of the "
            "class, or as Affine.X, belongs to all of them.",
        ),
        agrees(
            "float32",
            _narrow(
                _uses(
                    f"{_BACKWARD}\nZ = layer.forward(X)",
                    *(
                        "str(Z.dtype)",
                        "str(dX.dtype)",
                        "str(layer.dW.dtype)",
                        "str(layer.db.dtype)",
                    ),
                )[:1]
                + _uses(
                    f"{_ZEROED}\nlayer.forward(X)\nlayer.backward(dZ)",
                    *("str(layer.dW.dtype)", "str(layer.db.dtype)"),
                )[:1]
            ),
            "Which line makes a new array, and of which dtype is it? np.zeros(shape) is float64 "
            "unless you say dtype=.",
            basic=False,
        ),
        agrees(
            "parameters kept",
            _uses(
                _ONCE,
                "layer.W",
                "layer.b",
                says="After backward your {result} is another one. backward computes gradients; "
                "taking a step is up to whoever trains.",
            ),
            "Which line of backward writes to self.W or self.b, or into the array behind it?",
            basic=False,
        ),
        inputs_unchanged(
            [
                *_uses(_TWO_BATCHES, "layer.dW", "layer.db", count=2),
                *_uses(_ZEROED, "layer.dW", "layer.db"),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "no bias",
            "Your Z is X @ W.T alone: the bias is not in it.",
            _WithoutBias,
        ),
        Mistake(
            "W not transposed",
            "You compute X @ W. A row of W holds the weights of one unit, so rows of X must meet "
            "rows of W.",
            _NotTransposed,
        ),
        Mistake(
            "W before X",
            "You compute W @ X. An example is a row of X, so rows of X must meet rows of W: "
            "X @ W.T.",
            _WrongOrder,
        ),
        Mistake(
            "forward without return",
            "Your forward returns nothing. It keeps X, and it must return Z as well.",
            _SilentForward,
        ),
        Mistake(
            "backward without return",
            "Your backward returns nothing. dW and db stay in the layer; dX is for the layer below "
            "and must be returned.",
            _SilentBackward,
        ),
        Mistake(
            "dX through W.T",
            "You compute dX as dZ @ W.T. Forward the product was with W.T; going back, the axes of "
            "outputs have to meet.",
            _WrongSide,
        ),
        Mistake(
            "backward returns all",
            "Your backward returns dX, dW and db. Here it returns dX alone; dW and db stay in the "
            "layer.",
            _ReturningAll,
        ),
        Mistake(
            "backward returns dW",
            "Your backward returns dW. dW stays in the layer; what is returned is dX, for the "
            "layer below.",
            _ReturningDW,
        ),
        Mistake(
            "a step in backward",
            "Your backward changes W and b and leaves dW and db as they were. It computes "
            "gradients and adds them to dW and db; taking a step is up to whoever trains.",
            _Stepping,
        ),
        *(
            Mistake(
                f"a step of {kind.rate:g} before dX",
                "Your backward changes W before it computes dX, which belongs to the W of the way "
                "forward. It only computes gradients; taking a step is up to whoever trains.",
                kind,
            )
            for kind in (_SteppingFirst, _SteppingATenth, _SteppingAHundredth)
        ),
        Mistake(
            "dX for dZ",
            "You compute dW and db from dX. They are made of dZ, the gradient that arrives.",
            _UsingDX,
        ),
        Mistake(
            "dX added up",
            "You add up dX over calls of backward. Only dW and db belong to the layer and add up; "
            "each dX belongs to its own batch.",
            _AddingToX,
        ),
        Mistake(
            "overwritten",
            "The second backward erases what the first one found: = where += is needed.",
            _Overwriting,
        ),
        Mistake(
            "zero in forward",
            "Each forward sets dW and db back to zero, so what the first half of a batch found is "
            "gone. Only zero_grad does that.",
            _ZeroInForward,
        ),
        Mistake(
            "dW overwritten",
            "Your db adds up and your dW does not: = where += is needed.",
            _OverwritingW,
        ),
        Mistake(
            "db overwritten",
            "Your dW adds up and your db does not: = where += is needed.",
            _OverwritingB,
        ),
        Mistake(
            "averaged",
            "You divide dW and db by the batch size. If the loss is a mean, the division is "
            "already in dZ.",
            _Averaging,
        ),
        Mistake(
            "db averaged",
            "You average dZ over the batch for db. If the loss is a mean, the division is already "
            "in dZ.",
            _AveragingB,
        ),
        Mistake(
            "dW transposed",
            "Your dW is X.T @ dZ, the transpose of what is needed.",
            _TransposedW,
        ),
        Mistake(
            "db along outputs",
            "For db you sum over axis 1, the outputs. The bias is shared over the batch, axis 0.",
            _SummingOutputs,
        ),
        Mistake(
            "Z for X",
            "You keep Z where X is needed. dW is made of what came in, not of what went out.",
            _KeepingZ,
        ),
        Mistake(
            "first X",
            "You go back with the X of the first forward. backward belongs to the last one.",
            _KeepingTheFirst,
        ),
        Mistake(
            "all X",
            "You collect the X of all calls of forward. backward belongs to the last one only.",
            _Collecting,
        ),
        Mistake("zero_grad empty", "Your zero_grad leaves dW and db as they are.", _NeverZero),
        Mistake("zero_grad of W", "Your zero_grad forgets db.", _ZeroW),
        Mistake("zero_grad of b", "Your zero_grad forgets dW.", _ZeroB),
        Mistake(
            "zero_grad to numbers",
            "Your zero_grad makes the number 0 of dW and db. They must be arrays of zeros, in the "
            "shapes of W and b.",
            _ZeroNumbers,
        ),
        Mistake(
            "zero_grad to None",
            "Your zero_grad makes None of dW and db, to which nothing can be added.",
            _ZeroNone,
        ),
        Mistake(
            "X shared by all layers",
            "All your layers share one X, that of the layer which ran last. It belongs to the "
            "object: self.X.",
            _Shared,
        ),
    ],
)
