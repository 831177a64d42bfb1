"""Every entry of the API reference has an example, and every example in the library is run."""

import doctest
import functools
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import chainrule
from chainrule.functional.contract import REGISTRY

ROOT = Path(__file__).parents[1]
DIRECTIVE = re.compile(r"^\.\. automodule:: (?P<module>[\w.]+)\n(?P<options>(?:   :.*\n)*)", re.M)
SINGLE = re.compile(r"^\.\. auto(?:function|class):: (?P<name>[\w.]+)$", re.M)
NUMBERED = re.compile(r"^\s+[A-Za-z]\.(?:\s|$)", re.M)
"""Lines that reStructuredText takes for an entry of a list: "K." is shown as the number 11."""
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

MODULES = [
    chainrule.__name__,
    *sorted(m.name for m in pkgutil.walk_packages(chainrule.__path__, "chainrule.")),
]


def public(module: ModuleType) -> dict[str, Any]:
    """The names that the API page of ``module`` shows if it lists none."""
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    return {name: getattr(module, name) for name in names}


def entries() -> dict[str, Any]:
    """Every function and class of the API reference, by its full name.

    Protocols and exceptions are left out: neither is called by a reader.
    """
    found: dict[str, Any] = {}
    for page in sorted((ROOT / "api").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for single in SINGLE.finditer(text):
            module = importlib.import_module(f"chainrule.{page.stem}")
            thing = functools.reduce(getattr, single["name"].split("."), module)
            found[f"{_home(thing)}.{thing.__name__}"] = thing
        for directive in DIRECTIVE.finditer(text):
            module = importlib.import_module(directive["module"])
            options = directive["options"]
            listed = re.search(r":members:(.*)", options)
            if listed is None:
                continue
            if listed[1].strip():
                shown = {n.strip(): getattr(module, n.strip()) for n in listed[1].split(",")}
            else:
                shown = public(module)
                if ":imported-members:" not in options:
                    shown = {n: o for n, o in shown.items() if _home(o) == module.__name__}
            for name, thing in shown.items():
                if inspect.isfunction(thing) or (inspect.isclass(thing) and not _is_kind(thing)):
                    found.setdefault(f"{_home(thing)}.{name}", thing)
    return found


def _is_kind(thing: type) -> bool:
    return issubclass(thing, BaseException) or getattr(thing, "_is_protocol", False)


def _home(thing: Any) -> str:
    return getattr(thing, "__module__", "")


def examples(thing: Any, name: str) -> doctest.DocTest:
    """The examples in the docstring of ``thing``, to be run in a namespace of their own."""
    home = vars(importlib.import_module(_home(thing)))
    return doctest.DocTestParser().get_doctest(
        inspect.getdoc(thing) or "", dict(home), name, inspect.getsourcefile(thing), 0
    )


def documented() -> dict[str, Any]:
    """Every docstring of the library that has examples, methods included."""
    found: dict[str, Any] = {}
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        if ">>>" in (module.__doc__ or ""):
            found[module_name] = module
        for name, thing in vars(module).items():
            if not (inspect.isclass(thing) or inspect.isfunction(thing)):
                continue
            if _home(thing) != module_name or thing.__name__ != name:
                continue
            found[f"{module_name}.{name}"] = thing
            if inspect.isclass(thing):
                methods = {n: m for n, m in vars(thing).items() if inspect.isfunction(m)}
                found |= {f"{module_name}.{name}.{n}": m for n, m in methods.items()}
    return {name: thing for name, thing in found.items() if ">>>" in (thing.__doc__ or "")}


def test_every_function_of_the_registry_is_in_the_reference() -> None:
    assert {f"{f.__module__}.{name}" for name, f in REGISTRY.items()} <= set(entries())


@pytest.mark.parametrize("name", sorted(entries()))
def test_every_entry_of_the_reference_has_an_example(name: str) -> None:
    assert examples(entries()[name], name).examples, f"{name} has no Examples section"


@pytest.mark.parametrize("name", sorted(entries()))
def test_no_letter_in_a_docstring_is_shown_as_a_number(name: str) -> None:
    thing = entries()[name]
    members = vars(thing).values() if inspect.isclass(thing) else []
    for documented_thing in (thing, *members):
        found = NUMBERED.search(getattr(documented_thing, "__doc__", None) or "")
        assert not found, f"{name}: write ``{found[0].strip(' .')}`` for it"


@pytest.mark.parametrize("name", sorted(documented()))
def test_the_examples_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    thing = documented()[name]
    test = (
        doctest.DocTestParser().get_doctest(thing.__doc__, dict(vars(thing)), name, None, 0)
        if inspect.ismodule(thing)
        else examples(thing, name)
    )
    doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(test)
    printed = capsys.readouterr().out
    assert not printed, printed
