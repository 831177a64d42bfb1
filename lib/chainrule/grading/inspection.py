"""What an answer is, told from its code without running it: a class, empty, or the library's own.

Nothing here asks an object about itself, because an object can lie: ``isinstance`` would ask it for
its ``__class__``, ``cls.__dict__`` would ask its metaclass.
"""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import CellType, CodeType, FunctionType, MethodType, ModuleType

LIBRARY = __name__.partition(".")[0]
OPEN = ("data", "plotting", "progress", "tables")  # parts that answer no exercise
_IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}

_body = type.__dict__["__dict__"].__get__
_mro = type.__dict__["__mro__"].__get__
_flags = type.__dict__["__flags__"].__get__
WRITTEN_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE


def is_class(answer: object) -> bool:
    """Whether ``answer`` is a class, whatever it says."""
    return type in _mro(type(answer))


def is_empty(answer: object, given: Sequence[str] = ()) -> bool:
    """Whether the body is only a docstring, ``...``, ``pass`` or ``return None``.

    A class, and what it inherits from the learner's classes, may also have attributes, the methods
    ``given`` and empty methods.
    """
    if is_class(answer):
        if not _flags(answer) & WRITTEN_IN_PYTHON:
            return False
        return all(
            is_empty(method)
            for kind in _mro(answer)
            for name, method in _methods(kind)
            if name not in given
            and (kind is answer or not is_installed(method.__code__.co_filename))
        )
    if type(answer) is not FunctionType:
        return False
    instructions = list(dis.get_instructions(answer))
    returned = [
        i.argval for i in instructions if i.opname in ("LOAD_CONST", "RETURN_CONST", "RETURN_VALUE")
    ]
    return all(i.opname in _IDLE for i in instructions) and set(returned) == {None}


def uses_library(answer: object) -> bool:
    """Whether the answer is, inherits from, or calls something that solves exercises of the book.

    Followed are the global names and closures that its code reads, through functions and classes
    of the learner's own. This catches who takes a shortcut; it is not made for who hides one.
    """
    seen: set[int] = set()
    pending = [answer]
    while pending:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if type(thing) is ModuleType:
            if _solves(thing.__name__):
                return True
        elif is_class(thing):
            if any(_solves(_body(kind).get("__module__")) for kind in _mro(thing)):
                return True
            pending += [method for _, method in _methods(thing)]
        elif type(thing) is FunctionType:
            if is_installed(thing.__code__.co_filename):
                if _solves(thing.__module__):
                    return True
                continue
            pending += _read_by(thing.__code__, thing.__globals__)
            pending += [value for cell in thing.__closure__ or () for value in _held(cell)]
            pending.append(thing.__dict__.get("__wrapped__"))
        elif type(thing) is partial:
            pending.append(thing.func)
        elif type(thing) is MethodType:
            pending += [thing.__func__, thing.__self__]
        else:
            pending.append(type(thing))
    return False


def _solves(module: object) -> bool:
    top, _, rest = module.partition(".") if type(module) is str else ("", "", "")
    return top == LIBRARY and rest.partition(".")[0] not in OPEN


def _methods(answer: object) -> Iterator[tuple[str, FunctionType]]:
    """The functions in the body of a class, and those behind properties and the like."""
    for name, value in _body(answer).items():
        if type(value) is property:
            behind = [value.fget, value.fset, value.fdel]
        elif type(value) in (staticmethod, classmethod):
            behind = [value.__func__]
        else:
            behind = [value]
        yield from ((name, function) for function in behind if type(function) is FunctionType)


def _read_by(code: CodeType, space: Mapping[str, object]) -> Iterator[object]:
    """What ``code`` and the functions inside it read of the names in ``space``, and import."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            value = space.get(instruction.argval)
            if type(value) is ModuleType and value.__name__ == LIBRARY:
                yield from _parts(code)
            else:
                yield value
        elif instruction.opname == "IMPORT_NAME":
            yield ModuleType(instruction.argval)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _read_by(constant, space)


def _parts(code: CodeType) -> Iterator[object]:
    """The parts of the library that ``code`` names: chainrule.data may be read, not all of it."""
    yield from (sys.modules.get(f"{LIBRARY}.{name}") for name in code.co_names)


def _held(cell: CellType) -> Iterator[object]:
    try:
        yield cell.cell_contents
    except ValueError:  # a name that is not bound yet
        return


_INSTALLED = tuple(
    os.path.join(os.path.realpath(folder), "")
    for folder in {
        os.path.dirname(os.path.dirname(__file__)),
        *(sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")),
    }
)


def is_installed(path: str) -> bool:
    """Whether the code in ``path`` is Python's, a package's or the library's own."""
    return path.startswith("<frozen") or os.path.realpath(path).startswith(_INSTALLED)
