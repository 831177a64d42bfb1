"""The benchmarks run, measure fairly, and write whole files."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.grading.sandboxed import needs_bubblewrap

# Imported by the tests below only in processes of their own: the package must come before NumPy.
ROOT = Path(__file__).resolve().parent.parent


def python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_quick_run_prints_a_table_and_writes_every_round(tmp_path):
    file = tmp_path / "results.json"
    # Whatever the environment says, the run has one thread.
    result = python("-m", "benchmarks", "--quick", "--json", file, OMP_NUM_THREADS="2")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "MLP 64-128-64-10, batch 64: training step" in result.stdout
    assert "ours / theirs" in result.stdout
    assert ("PyTorch is not installed" in result.stdout) == (find_spec("torch") is None)
    assert result.stdout.endswith(f"Every round is in {file}.\n")

    written = json.loads(file.read_text("utf8"))
    assert written["machine"]["threads"] == 1
    assert {"chainrule", "numpy", "scikit-learn"} <= set(written["machine"]["versions"])
    digits = written["comparisons"]["mlp-digits"]
    assert list(digits["contestants"]) == ["chainrule", "scikit-learn MLPClassifier"]
    for contestant in digits["contestants"].values():
        assert len(contestant["seconds"]) == 2
        assert 0 < contestant["fastest"] == min(contestant["seconds"])
        assert min(contestant["quality"]["train accuracy"]) > 0.7
    ours, theirs = (c["fastest"] for c in digits["contestants"].values())
    assert digits["ratio"] == ours / theirs
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"], "nothing else is left"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "no comparison is called no-such"),
        (["--json", "/no/such/folder/results.json"], "does not exist"),
        (["--record", "--quick"], "--record needs everything, measured in full"),
    ],
)
def test_a_wrong_command_is_refused_before_anything_runs(arguments, said):
    result = python("-m", "benchmarks", *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_numpy_must_not_come_first():
    result = python("-c", "import numpy, benchmarks")
    assert "import this before NumPy" in result.stderr


@pytest.mark.slow
def test_contestants_take_turns_and_the_first_calls_do_not_count():
    code = """
import benchmarks
from benchmarks import harness
from benchmarks.harness import Comparison, Result, compete, ratio, table

harness.ROUND_SECONDS = 0  # one call per round
calls = []
def contestant(name):
    def prepare():
        calls.append(name)
        def work(number):
            calls.append((name, number))
            return lambda: {"number": number}
        return work
    return prepare

comparison = Comparison("c", "A title", {"ours": contestant("a"), "theirs": contestant("b")}, 0.5)
results = compete(comparison, rounds=2)
assert calls[:6] == ["a", "b", ("a", 0), ("a", 0), ("b", 0), ("b", 0)], calls
assert calls[6:] == [("a", 0), ("b", 0), ("b", 1), ("a", 1)], calls
assert results["ours"].quality == {"number": [0, 1]}
assert len(results["ours"].seconds) == 2

results = {"ours": Result([0.2, 0.1]), "theirs": Result([6.0, 0.4])}
assert ratio(results) == 0.25
assert ratio({"ours": Result([0.2])}) is None
head, row = str(table([comparison], [results])).splitlines()
assert row.split() == ["A", "title", "100", "ms", "400", "ms", "0.25", "0.50"], row
"""
    result = python("-c", code)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_contestants_that_do_different_work_are_not_compared():
    code = """
import benchmarks
from benchmarks.harness import Comparison, compete
names = {"ours": 1.0, "theirs": 1.01}
contestants = {n: lambda v=v: lambda _: lambda: {"loss": v} for n, v in names.items()}
compete(Comparison("c", "A title", contestants), rounds=1)
"""
    result = python("-c", code)
    assert "loss is 1 for ours, but 1.01 for theirs" in result.stderr


@pytest.mark.slow
def test_results_that_cannot_be_written_leave_the_old_file(tmp_path):
    file = tmp_path / "results.json"
    file.write_text("old")
    code = f"""
import benchmarks
from pathlib import Path
from benchmarks.harness import write_json
try:
    write_json(Path({str(file)!r}), {{"first": 1, "second": object()}})
except TypeError:
    pass
else:
    raise AssertionError
"""
    result = python("-c", code)
    assert result.returncode == 0, result.stderr
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@needs_bubblewrap
@pytest.mark.slow
def test_grading_is_measured_and_its_record_needs_the_other_graders():
    result = python("-m", "benchmarks.grading", "--quick", CHAINRULE_PROGRESS="0")
    assert result.returncode == 0, result.stderr
    row = next(line for line in result.stdout.splitlines() if line.startswith("chainrule grade"))
    each, rate = re.search(r" 4 +([\d.]+) s +([\d.]+) ", row).groups()
    assert float(each) > 0.05, "the processes in the sandboxes are counted"
    assert float(rate) > 0
    refused = python("-m", "benchmarks.grading", "--quick", "--record")
    assert refused.returncode == 2
    assert "make interop installs them" in refused.stderr


def test_the_record_of_grading_says_what_was_measured():
    code = """
from benchmarks.grading import Cost, page
costs = {
    "ours": Cost(10, 5.0, 2.0), "small": Cost(10, 1.0, 1.0), "theirs": Cost(2, 10.0, 8.0)
}
print(page(costs, 0.5))
costs["small"] = Cost(10, 5.0, 20.0)
print(page(costs, 0.5))
"""
    result = python("-c", code, OMP_NUM_THREADS="1")
    assert result.returncode == 0, result.stderr
    assert "| ours | 10 | 0.20 s | 2 | 6 |" in result.stdout
    assert "| theirs | 2 | 4.00 s | 0.2 | 111 |" in result.stdout
    if os.cpu_count() == 2:
        assert "2.0 notebooks per second on 2 cores" in result.stdout
        assert "and 10.0 of those with two exercises answered" in result.stdout
        assert "reaches the target of 8" in result.stdout
        assert "misses the target of 8" in result.stdout
