"""Every function of the registry keeps every rule, and none stands outside of the registry."""

import importlib
import inspect
import pkgutil
import re

import numpy as np
import pytest

import chainrule.functional
import chainrule.nn.functional
from chainrule.functional import REGISTRY, contract
from chainrule.proofs import CASES
from tests.functional.rules import RULES, instances


def public_functions():
    """Every public function that a module of chainrule.functional defines, with that module."""
    package = chainrule.functional
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if info.name == contract.__name__:
            continue
        module = importlib.import_module(info.name)
        for name, function in vars(module).items():
            if (
                inspect.isfunction(function)
                and function.__module__ == info.name
                and not name.startswith("_")
            ):
                yield name, function


# What is public without being a differentiable function, and why.
HELPERS = {
    "alibi_bias": "a constant: it has no array argument",
    "sinusoidal_encoding": "a constant: its argument is integer",
    "im2col": "shown in the chapter on convolution; a part of conv2d, proven with it",
    "col2im": "shown in the chapter on convolution; the part of im2col in the pullback of conv2d",
    "entries_of_windows": "slices, which convolution and pooling share",
    "output_size": "an integer, which convolution and pooling share",
    "require_lengths": "checks arguments of convolution and pooling",
    "center_rows": "the part of the normalizations before they differ",
    "normalize_rows": "shown in the chapter on normalization; its pullback is that of a part",
    "sum_along": "a sum whose pullback others bring",
    "max_along": "a maximum along which no gradient flows",
    "sum_of_rows": "what the pullbacks of normalization share",
    "dots_of_rows": "what the functions and pullbacks of normalization share",
    "keep_freed_memory": "a setting of the C library, made once",
    "unbroadcast": "what the pullbacks of functions that broadcast share",
    "normal": "the part of gelu that NumPy lacks: the distribution and its derivative",
}
FOUND = dict(public_functions())
FUNCTIONS = {name: function for name, function in FOUND.items() if name not in HELPERS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_registered_exported_lifted_and_has_a_case(name):
    function = FUNCTIONS[name]
    assert REGISTRY[name] is function, "decorate it with @differentiable"
    assert name in chainrule.functional.__all__
    assert getattr(chainrule.functional, name) is function
    assert inspect.unwrap(getattr(chainrule.nn.functional, name)) is inspect.unwrap(function)
    assert CASES[name].function is function


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_is_there_documented_and_not_registered(name):
    assert inspect.getdoc(FOUND[name])
    assert name not in REGISTRY


def test_nothing_else_is_registered_lifted_or_has_a_case():
    lifted = {
        name
        for name, function in vars(chainrule.nn.functional).items()
        if hasattr(function, "__wrapped__")
    }
    assert set(REGISTRY) == set(FUNCTIONS) == set(CASES) == lifted
    assert set(chainrule.functional.__all__) == set(FUNCTIONS) | {"REGISTRY", "differentiable"}
    assert sorted(chainrule.functional.__all__) == chainrule.functional.__all__


@pytest.mark.parametrize("name", REGISTRY)
def test_the_case_names_the_positional_arguments_in_order(name):
    parameters = inspect.signature(REGISTRY[name]).parameters.values()
    positional = []
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:  # any number of arrays; the case has some
            positional += [f"{p.name}[{i}]" for i in range(len(CASES[name].arguments))]
        elif p.kind is not p.KEYWORD_ONLY:
            positional.append(p.name)
            assert p.default is p.empty, "an array without which the function works is an option"
    assert list(CASES[name].arguments) == positional
    assert CASES[name].shared <= set(positional)


@pytest.mark.parametrize("name", REGISTRY)
def test_docstring(name):
    function, case = REGISTRY[name], CASES[name]
    text = inspect.getdoc(function)
    summary, blank = text.splitlines()[:2]
    assert re.fullmatch(r"\S.*: \w+ = .+\.", summary), "one line: what it is, and its formula"
    assert blank == ""
    sections = dict(re.findall(r"^(\w+)\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", text, re.M | re.S))
    required = ["Parameters", "Returns", "Raises", "Notes"]
    assert list(sections) in (required, [*required, "Examples"])
    lines = re.findall(r"^\*?(\w+(?:, \w+)*) : (.+)$", sections["Parameters"], re.M)
    documented = [(n, kind) for names, kind in lines for n in names.split(", ")]
    assert [n for n, _ in documented] == list(inspect.signature(function).parameters)
    assert all("array" in kind for n, kind in documented if n in case.arguments)
    assert re.search(
        r"^pullback : callable\n    \w+ .*→ (None, )*(d\w|its part)", sections["Returns"], re.M
    )
    assert re.search(r"^TypeError$", sections["Raises"], re.M)
    flat = " ".join(sections["Notes"].split())
    derivation = re.search(r"Derived in the chapters? (.+?); (.+)\.$", flat)
    assert derivation, "the notes end with the chapter and the source"
    assert f"``{case.chapter}``" in derivation[1]
    assert re.search(r"\(\d{4}\)", derivation[2]), "the source has a year"


@pytest.mark.parametrize("name", REGISTRY)
def test_instances_are_what_the_witnesses_need(name):
    case = CASES[name]
    drawn = list(instances(case))
    assert all(len(i.args) == len(case.arguments) for i in drawn)
    assert all(a.dtype in (np.float64, np.int64) for i in drawn for a in i.args)
    batches = [
        {
            len(a)
            for argument, a in zip(case.arguments, instance.args, strict=True)
            if argument not in case.shared
        }
        for instance in drawn[: case.small]
    ]
    assert all(len(batch) == 1 for batch in batches), "the arguments of an instance are one batch"
    assert set().union(*batches) <= {1, 2, 3}, "a small instance is a small batch"
    assert any(max(batch) > 1 for batch in batches), "one of them is a batch of several"
    assert len({tuple(a.shape for a in i.args) for i in drawn}) >= 3, "at least three shapes"
    if "any shape" in inspect.getdoc(case.function):
        assert len({i.args[0].ndim for i in drawn}) >= 3, "any shape: three numbers of axes"


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", REGISTRY)
def test_rule(rule, name):
    for instance in instances(CASES[name]):
        RULES[rule](CASES[name], REGISTRY[name], instance)
