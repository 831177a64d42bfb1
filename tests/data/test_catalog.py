"""What holds for every data set of the library. A new one cannot escape: it must be in the catalog,
and the catalog says what it must return."""

import hashlib
import importlib
import inspect
import pkgutil
import re
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule.data
from chainrule import data
from chainrule.data.catalog import CATALOG, GENERATED
from chainrule.data.sources import SHA256
from tools.data_readme import README, readme
from tools.paths import ROOT

FOLDER = Path(chainrule.data.__file__).parent

# What each data set is called with here, and what it must at least be called with.
CALLS = {
    "adding_problem": {"n": 61, "length": 9},
    "associative_recall": {"n": 61, "pairs": 3},
    "modular_addition": {"modulus": 7},
    "ratings": {"n": 61, "users": 12, "items": 9},
}
FUNCTIONS = {name: getattr(data, name) for name in CATALOG}
DRAWN = [name for name, f in FUNCTIONS.items() if "rng" in inspect.signature(f).parameters]
FIXED = [name for name in CATALOG if name not in DRAWN]

# Public functions that are no data sets.
HELPERS = {
    "hold_out",
    "mean_imputer",
    "min_max_scaler",
    "mode_centers",
    "one_hot",
    "sliding_windows",
    "standardizer",
}
# Used by the data sets, and not shown to readers.
INTERNAL = {"hold_out_last", "write_date"}
INTERNAL_MODULES = {"chainrule.data.arrays", "chainrule.data.sources"}

# In these, every class is drawn equally often, up to one.
BALANCED = {"circles", "circles_and_squares", "gaussian_ring", "moons", "patterns", "spirals"}


def arguments(name):
    return CALLS.get(name, {"n": 61} if name in DRAWN else {})


def call(name, *, seed=0, **changes):
    rng = {"rng": np.random.default_rng(seed)} if name in DRAWN else {}
    return FUNCTIONS[name](**{**arguments(name), **rng, **changes})


def arrays(name, **options):
    """The arrays that a data set returns, by field."""
    returned = call(name, **options)
    if isinstance(returned, dict):
        return returned
    fields = getattr(returned, "_fields", CATALOG[name].arrays)
    return {k: a for k, a in zip(fields, returned, strict=True) if isinstance(a, np.ndarray)}


def test_every_public_function_is_in_the_catalog_or_a_helper():
    functions = {name for name in data.__all__ if inspect.isfunction(getattr(data, name))}
    assert functions - HELPERS == set(CATALOG)
    assert functions >= HELPERS


def test_every_function_of_a_data_module_is_public():
    found = set()
    for module in pkgutil.iter_modules([str(FOLDER)], "chainrule.data."):
        if module.name not in INTERNAL_MODULES:
            for name, thing in vars(importlib.import_module(module.name)).items():
                if inspect.isfunction(thing) and thing.__module__ == module.name and name[0] != "_":
                    found.add(name)
    assert found - INTERNAL == set(CATALOG) | HELPERS


def test_every_public_name_is_on_the_api_page_and_has_an_example():
    page = (ROOT / "api" / "data.md").read_text("utf8")
    shown = re.findall(r"^\.\. auto(?:function|class):: (\w+)$", page, re.M)
    assert sorted([*shown, "CATALOG"]) == sorted(data.__all__)
    for name in shown:
        thing = getattr(data, name)
        methods = [m for k, m in vars(thing).items() if k[0] != "_" and inspect.isfunction(m)]
        for documented in [thing, *(methods if inspect.isclass(thing) else [])]:
            assert ">>>" in (inspect.getdoc(documented) or ""), documented


@pytest.mark.parametrize("name", CATALOG)
def test_shapes_and_dtypes_are_those_of_the_catalog(name):
    found = arrays(name)
    signature = inspect.signature(FUNCTIONS[name])
    values = {p.name: p.default for p in signature.parameters.values()} | arguments(name)
    assert set(found) == set(CATALOG[name].arrays)
    for field, (shape, dtype) in CATALOG[name].arrays.items():
        expected = tuple(s if isinstance(s, int) else eval(s, {}, values) for s in shape)
        assert found[field].shape == expected, field
        assert found[field].dtype.kind == "U" if dtype == "str" else found[field].dtype == dtype
        assert found[field].flags.c_contiguous, field
        if dtype == "float32" and name != "co2":
            assert np.isfinite(found[field]).all(), field


@pytest.mark.parametrize("name", CATALOG)
def test_inputs_and_targets_are_pairs(name):
    found = arrays(name)
    for X, t in (("X", "t"), ("X_train", "t_train"), ("X_test", "t_test")):
        if X in found:
            assert len(found[X]) == len(found[t])
            # Classes (N,), quantities in columns (N, k): (N,) − (N, 1) would broadcast to (N, N).
            assert found[t].ndim == (2 if found[t].dtype == np.float32 else 1)


@pytest.mark.parametrize("name", CATALOG)
def test_two_calls_are_equal_and_share_nothing(name):
    first, again = arrays(name), arrays(name)
    for field in first:
        np.testing.assert_array_equal(first[field], again[field])
        assert not np.shares_memory(first[field], again[field])
        assert first[field].flags.writeable
        first[field][...] = first[field].flat[0]  # whatever is done to what was returned …
    for field, a in arrays(name).items():
        np.testing.assert_array_equal(a, again[field])  # … the next call knows nothing of it


@pytest.mark.parametrize("name", DRAWN)
def test_another_seed_draws_another_set(name):
    first, other = arrays(name), arrays(name, seed=1)
    assert not np.array_equal(first["X"], other["X"])


@pytest.mark.parametrize("name", DRAWN)
def test_it_draws_from_the_generator_and_from_nothing_else(name):
    rng = np.random.default_rng(0)
    first = FUNCTIONS[name](**arguments(name), rng=rng)
    second = FUNCTIONS[name](**arguments(name), rng=rng)
    assert not np.array_equal(first[0], second[0]), "the generator moves on"
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    call(name)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("name", sorted(BALANCED))
@pytest.mark.parametrize("n", [60, 61, 67])
def test_balanced(name, n):
    counts = np.bincount(call(name, n=n)[1])
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1
    assert len(counts) >= 2


def test_every_statement_of_balance_is_tested():
    documented = {name for name in DRAWN if "in turn" in (FUNCTIONS[name].__doc__ or "")}
    assert documented == BALANCED


def refused(name, error, match, **changes):
    with pytest.raises(error, match=rf"^{name}: .*{match}"):
        call(name, **changes)


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("rng", [None, 0, np.random, np.random.RandomState(0)])
def test_what_is_not_a_generator_is_refused(name, rng):
    kind = re.escape(type(rng).__name__)
    refused(name, TypeError, f"numpy.random.Generator, got {kind}; pass", rng=rng)


def parameters(annotation):
    """Each parameter of a data set with this annotation."""
    return [
        (name, p.name)
        for name, f in FUNCTIONS.items()
        for p in inspect.signature(f).parameters.values()
        if p.annotation == annotation
    ]


@pytest.mark.parametrize(("name", "parameter"), parameters("int"))
def test_counts_that_are_none_are_refused(name, parameter):
    for count in (-1, 0):
        refused(
            name,
            ValueError,
            rf"{parameter} must be at least \d+, got {count}$",
            **{parameter: count},
        )
    for count in (2.5, "3", None, float("nan"), True):
        refused(name, TypeError, f"{parameter} must be an integer, got ", **{parameter: count})


@pytest.mark.parametrize(("name", "parameter"), parameters("float"))
def test_numbers_that_cannot_be_are_refused(name, parameter):
    for value in (-0.1, float("nan"), float("inf")):
        refused(name, ValueError, f"{parameter} must .*got {value}$", **{parameter: value})
    for value in ("a word", None, [0.5], 1j):
        refused(name, TypeError, f"{parameter} must be a real number, got ", **{parameter: value})


def test_there_are_parameters_to_refuse():
    assert len(parameters("int")) > 20
    assert len(parameters("float")) > 10
    assert {p for _, p in parameters("float")} >= {"noise", "radius", "turns", "curvature"}


@pytest.mark.parametrize("name", CATALOG)
def test_offline(name, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a data set opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    call(name)


@pytest.mark.parametrize("name", [n for n, entry in CATALOG.items() if entry.from_sklearn])
def test_without_scikit_learn_it_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(
        ModuleNotFoundError, match=rf"^{name}: .* scikit-learn, .*; pip install scikit-learn$"
    ):
        call(name)


@pytest.mark.parametrize("name", [n for n, entry in CATALOG.items() if not entry.from_sklearn])
def test_without_scikit_learn_the_others_work(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    call(name)


def test_without_pillow_the_photographs_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match=r"^photographs: Pillow .*; pip install pillow$"):
        data.photographs()


def test_each_entry_says_where_from_and_under_which_license():
    for name, entry in CATALOG.items():
        assert entry.what, name
        assert entry.source, name
        assert entry.license, name
        assert (entry.source == GENERATED) == (not entry.file and not entry.from_sklearn), name
        assert "\n" not in entry.what + entry.source + entry.license
        assert "|" not in entry.what + entry.source + entry.license


def test_the_readme_is_made_from_the_catalog():
    assert README.read_text("utf8") == readme(), "run python -m tools.data_readme"


def test_every_shipped_file_is_in_the_readme_with_its_checksum():
    shipped = {path for path in FOLDER.iterdir() if path.suffix not in {".py", ".md"}}
    shipped = {path for path in shipped if path.name != "__pycache__"}
    assert {path.name for path in shipped} == set(SHA256)
    assert {entry.file for entry in CATALOG.values() if entry.file} == set(SHA256)
    table = dict(re.findall(r"^\| `(\S+)` \| `([0-9a-f]{64})` \|$", README.read_text("utf8"), re.M))
    for path in shipped:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == table[path.name], path.name


@pytest.mark.parametrize("name", [n for n, entry in CATALOG.items() if entry.file])
def test_a_missing_or_damaged_file_says_so(name, monkeypatch, tmp_path):
    file = CATALOG[name].file
    content = (FOLDER / file).read_bytes()
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    with pytest.raises(OSError, match=rf"^{name}: {re.escape(file)} is missing .* again$"):
        call(name)
    # Half a file, none, one bit, the line ends of another system, what Git LFS leaves behind.
    for damaged in (
        content[: len(content) // 2],
        b"",
        content[:1000] + bytes([content[1000] ^ 1]) + content[1001:],
        content.replace(b"\n", b"\r\n"),
        b"version https://git-lfs.github.com/spec/v1\n",
    ):
        (tmp_path / file).write_bytes(damaged)
        size = f"{len(damaged):,}"
        with pytest.raises(OSError, match=rf"^{name}: {re.escape(file)} is damaged \({size} b"):
            call(name)
    (tmp_path / file).write_bytes(content)
    call(name)
