"""What an answer is, told from its code: a stub, a class, or the library's own function."""

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest

import chainrule
import chainrule.autograd
import chainrule.functional
import chainrule.nn
from chainrule import data, functional
from chainrule.functional import affine
from chainrule.grading.handles import InProcess
from chainrule.grading.inspection import is_class


class Untouched:
    """A class as the notebook gives it."""

    unit = 1.0

    def __init__(self, data: float) -> None:
        self.data = data

    def __add__(self, other: Any) -> Any:
        """The sum."""
        ...

    @property
    def grad(self) -> Any: ...

    @staticmethod
    def zero() -> Any: ...


class Begun(Untouched):
    def __add__(self, other: Any) -> Any:
        return Begun(self.data + other.data)


class Inherited(Begun):
    unit = 2.0


class WithAProperty(Untouched):
    @property
    def grad(self) -> Any:
        return 0.0


class WithAStaticMethod(Untouched):
    @staticmethod
    def zero() -> Any:
        return Untouched(0.0)


class Nothing: ...


@dataclasses.dataclass
class Given:
    data: float

    def double(self) -> Any: ...


class Pretender(type):
    """A metaclass that hides what its classes hold."""

    __dict__ = {}  # type: ignore[assignment]


class Pretending(metaclass=Pretender):
    def double(self) -> Any:
        return 2


@pytest.mark.parametrize(
    ("answer", "given", "kind"),
    [
        (Untouched, ("__init__",), "stub"),
        (Untouched, (), "class"),
        (Begun, ("__init__",), "class"),
        (Inherited, ("__init__",), "class"),
        (WithAProperty, (), "class"),
        (WithAStaticMethod, (), "class"),
        (Nothing, (), "stub"),
        (Given, ("__init__", "__repr__", "__eq__"), "stub"),
        (Given, (), "class"),
        (Pretending, (), "class"),
        (object, (), "class"),
        (int, (), "class"),
        (Begun(1.0), (), "value"),
    ],
)
def test_a_class_is_a_stub_until_a_method_that_is_not_given_is_filled_in(
    answer: Any, given: Any, kind: str
) -> None:
    assert InProcess(answer).kind(given) == kind


def test_an_object_cannot_say_that_it_is_a_class() -> None:
    class Liar:
        @property
        def __class__(self) -> Any:
            return type

    assert isinstance(Liar(), type)
    assert not is_class(Liar())
    assert is_class(Liar)


def wrapping(x: Any, w: Any, b: Any) -> Any:
    return affine(x, w, b)[0]


def through_a_module(x: Any, w: Any, b: Any) -> Any:
    return functional.affine(x, w, b)[0]


def through_the_package(x: Any, w: Any, b: Any) -> Any:
    return chainrule.functional.affine(x, w, b)[0]


def importing(x: Any, w: Any, b: Any) -> Any:
    from chainrule.functional import affine as layer

    return layer(x, w, b)[0]


def through_a_helper(x: Any, w: Any, b: Any) -> Any:
    return [wrapping(row, w, b) for row in x]


def enclosing() -> Any:
    layer = affine
    return lambda x, w, b: layer(x, w, b)[0]


class Inheriting(chainrule.autograd.Tensor):
    def double(self) -> Any:
        return 2 * self


class Using:
    def __call__(self, x: Any, w: Any, b: Any) -> Any:
        return wrapping(x, w, b)


@functools.wraps(affine)
def renamed(*arguments: Any) -> Any:
    return 0.0


SHORTCUTS = {
    "itself": affine,
    "a module's": chainrule.nn.functional.affine,
    "a class": chainrule.nn.Linear,
    "an object": chainrule.nn.Linear(2, 1, rng=np.random.default_rng(0)),
    "partial": functools.partial(affine, b=0),
    "bound": chainrule.nn.Linear(2, 1, rng=np.random.default_rng(0)).forward,
    "subclass": Inheriting,
    "wrapping": wrapping,
    "through a module": through_a_module,
    "through the package": through_the_package,
    "importing": importing,
    "through a helper": through_a_helper,
    "enclosing": enclosing(),
    "in a class": Using,
    "in an object": Using(),
    "wrapped": renamed,
}


@pytest.mark.parametrize("answer", SHORTCUTS.values(), ids=SHORTCUTS.keys())
def test_the_librarys_own_is_recognized(answer: Any) -> None:
    assert InProcess(answer).kind() == "library"


def with_a_name_of_the_library(x: Any) -> Any:
    return x.affine + x.functional


def reading_data(x: Any) -> Any:
    return data


def reading_data_through_the_package(x: Any) -> Any:
    return chainrule.data


def recursing(n: int) -> Any:
    return recursing(n - 1) if n else Begun


@pytest.mark.parametrize(
    "answer",
    [
        with_a_name_of_the_library,
        reading_data,
        reading_data_through_the_package,
        recursing,
        np.dot,
        np.linalg.norm,
        print,
    ],
)
def test_what_does_not_use_the_library_is_the_learners_own(answer: Any) -> None:
    assert InProcess(answer).kind() == "function"
