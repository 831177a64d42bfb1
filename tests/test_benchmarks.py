"""The benchmarks run, measure fairly, and write whole files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert "MLP 64-128-64-10 on digits" in result.stdout
    assert "times ours" in result.stdout
    assert result.stdout.endswith(f"Every round is in {file}.\n")

    written = json.loads(file.read_text("utf8"))
    assert written["machine"]["threads"] == 1
    contestants = written["comparisons"]["mlp-digits"]["contestants"]
    assert list(contestants) == ["chainrule", "scikit-learn MLPClassifier"]
    for contestant in contestants.values():
        assert len(contestant["seconds"]) == 3
        assert min(contestant["seconds"]) > 0
        assert min(contestant["quality"]["train accuracy"]) > 0.7
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"], "nothing else is left"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "no comparison is called no-such"),
        (["--json", "/no/such/folder/results.json"], "does not exist"),
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
def test_contestants_take_turns_and_the_first_round_does_not_count():
    code = """
import benchmarks
from benchmarks.harness import Comparison, compete, table

calls = []
def contestant(name):
    def run(seed):
        calls.append((name, seed))
        return lambda: {"seed": seed}
    return run

comparison = Comparison("c", "A title", {"ours": contestant("a"), "theirs": contestant("b")}, {})
results = compete(comparison, rounds=2)
assert calls == [("a", 0), ("b", 0), ("b", 0), ("a", 0), ("a", 1), ("b", 1)], calls
assert results["ours"].quality == {"seed": [0, 1]}
assert len(results["ours"].seconds) == 2

# Their rounds took 2, 3 and 30 times as long as ours: the median is 3.
results["ours"].seconds, results["theirs"].seconds = [0.1, 0.1, 0.2], [0.2, 0.3, 6.0]
title, rule, head, _, ours, theirs, _ = table(comparison, results).splitlines()
assert title == "A title"
assert head.split() == ["median", "fastest–slowest", "times", "ours", "seed"]
assert ours.split() == ["ours", "100", "ms", "100–200", "ms", "1.00", "0.5000"], ours
assert theirs.split() == ["theirs", "300", "ms", "200–6000", "ms", "3.00", "0.5000"], theirs
"""
    result = python("-c", code)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_results_that_cannot_be_written_leave_the_old_file(tmp_path):
    file = tmp_path / "results.json"
    file.write_text("old")
    code = f"""
import benchmarks
from pathlib import Path
from benchmarks.harness import write
try:
    write(Path({str(file)!r}), {{"first": 1, "second": object()}})
except TypeError:
    pass
else:
    raise AssertionError
"""
    result = python("-c", code)
    assert result.returncode == 0, result.stderr
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
