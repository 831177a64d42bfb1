"""The parts of the library that answer exercises, as a worker has them: names without a meaning.

A learner may well import them, to compare with or to try a given piece of code, in the very cell
in which the answer stands. So importing succeeds, and the rest of the cell is run. Whatever uses
such a name fails.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn


class Hidden:
    """What is imported from a hidden part."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __call__(self, *given: object, **options: object) -> NoReturn:
        """Refuse to be used."""
        raise RuntimeError(f"{self.__dict__['name']} is not there while answers are graded")

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        self()


class _Importer:
    """Finds and makes the modules of the hidden parts."""

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = frozenset(parts)

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if ".".join(name.split(".")[:2]) not in self._parts:
            return None
        loader: Any = self
        return ModuleSpec(name, loader, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        def named(attribute: str) -> Hidden:
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return Hidden(f"{spec.name}.{attribute}")

        module = ModuleType(spec.name)
        module.__dict__["__getattr__"] = named
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def hide(parts: Iterable[str]) -> None:
    """Let imports of ``parts``, such as ``chainrule.functional``, give names without a meaning."""
    importer: Any = _Importer(parts)
    sys.meta_path.insert(0, importer)
