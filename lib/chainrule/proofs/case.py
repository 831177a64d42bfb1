"""What the witnesses need to know of a function: examples, its definition in SymPy, vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.functional import REGISTRY
from chainrule.functional.contract import Array, Differentiable


@dataclass(frozen=True)
class Instance:
    """Arguments and options for one call."""

    args: tuple[Array, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Vector:
    """An instance whose value, and perhaps gradients, a third party computed.

    Attributes
    ----------
    source : str
        Who computed it, for instance ``ONNX test_relu``.
    instance : Instance
    value : array
    part : callable
        Takes our value, returns the part of it that the third party computed; by default all.
    dy : array, optional
        The gradient that arrives from above.
    gradients : tuple of array or None
        What the pullback of ``dy`` is then, by the third party.
    """

    source: str
    instance: Instance
    value: Array
    part: Callable[[Array], Array] = lambda value: value
    dy: Array | None = None
    gradients: tuple[Array | None, ...] = ()


@dataclass(frozen=True)
class Case:
    """All that is known about a function apart from its code.

    Attributes
    ----------
    name : str
        Its name in ``chainrule.functional``.
    formula : str
        Its definition in LaTeX.
    chapter : str
        The slug of the chapter that derives it.
    arguments : tuple of str
        Its positional arguments.
    instances : callable
        Takes a random generator, returns instances in float64 of all the shapes that the docstring
        promises, away from points where the function has no derivative. The first ``small`` ones
        are small and have a batch axis: SymPy and the engine work on them.
    definition : callable
        Takes the arguments as object arrays of SymPy expressions and the options, returns the
        value, written from the textbook definition and not from the code.
    shared : frozenset of str
        The arguments that all examples of a batch share; the others have one row per example.
    is_mean : bool
        Whether the value is a mean over the examples, rather than one row per example.
    vectors : callable
        Returns the third-party vectors.
    small : int
        How many instances SymPy and the engine work on, for functions that take several kinds of
        arguments.
    composed : callable, optional
        The same function, with the same arguments and options, written with elementary operations
        on tensors. For functions in which examples of a batch depend on each other or on a draw,
        so that the engine cannot take them one by one: it then pulls back this graph instead.
    """

    name: str
    formula: str
    chapter: str
    arguments: tuple[str, ...]
    instances: Callable[[np.random.Generator], list[Instance]]
    definition: Callable[..., Any]
    vectors: Callable[[], list[Vector]]
    shared: frozenset[str] = frozenset()
    is_mean: bool = False
    small: int = 1
    composed: Callable[..., Any] | None = None

    @property
    def function(self) -> Differentiable:
        """The function itself, from the registry."""
        return REGISTRY[self.name]


def is_integer(a: Any) -> bool:
    """Whether ``a`` is an integer argument: indices or classes, which have no gradient."""
    return isinstance(a, np.ndarray) and a.dtype.kind in "iu"
