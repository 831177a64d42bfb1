"""The instructor's command: results, resuming, interruption, canaries, and what it refuses."""

import copy
import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule import cli
from chainrule.grading import checks
from chainrule.grading.grader import canary, results, run, sandbox, submission
from chainrule.grading.grader.results import Results, stem
from chainrule.grading.grader.sandbox import SandboxError
from chainrule.grading.grader.schedule import in_processes, one_by_one
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.statistics import statistics, summary
from chainrule.grading.grader.submission import STATUSES, blank, grade
from chainrule.grading.grader.submissions import find
from tests.grading.sandboxed import needs_bubblewrap, workers
from tests.grading.sets import SLUGS
from tests.hostile.files import SLUG, as_bytes, exercise, notebook, solution
from tools.paths import ROOT

needs_posix = pytest.mark.skipif(os.name != "posix", reason="the grader needs Linux or macOS")
pytestmark = needs_posix

TRUSTED = Settings(SLUG, trust=True)
ONE = as_bytes(notebook())


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Three submissions of three people."""
    folder = tmp_path / "handed in"
    for name in ("ada", "bob", "cleo"):
        (folder / name).mkdir(parents=True)
        (folder / name / "sheet.ipynb").write_bytes(as_bytes(notebook(f"# {name}")))
    return folder


class Counting:
    """A scheduler that grades nothing, and knows what it was asked to grade."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.asked: list[str] = []
        self._stop_after = stop_after

    def __call__(self, tasks: Any, settings: Settings) -> Iterator[dict[str, Any]]:
        for name, content in tasks:
            if len(self.asked) == self._stop_after:
                raise KeyboardInterrupt
            self.asked.append(name)
            yield blank(name, content, settings)


@pytest.fixture
def unsung(monkeypatch: Any) -> None:
    """Without canaries and without a first worker, for tests of what comes after."""
    monkeypatch.setattr(run.canary, "sing", lambda *given: None)
    monkeypatch.setattr(run, "Process", lambda settings: io.BytesIO())


NAMES = ["ada/sheet.ipynb", "bob/sheet.ipynb", "cleo/sheet.ipynb"]


# --- results --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("unsung")
def test_each_submission_gets_a_result_a_text_and_a_row(handed_in: Path, tmp_path: Path) -> None:
    found = run.run([handed_in], TRUSTED, tmp_path / "out", scheduler=Counting())
    assert found["submissions"] == 3
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["submission"] for row in rows] == NAMES
    for row in rows:
        record = json.loads((tmp_path / "out" / row["result"]).read_text(encoding="utf-8"))
        assert record["submission"] == row["submission"]
        assert set(row) - {"result"} <= set(record) | {e["exercise"] for e in record["exercises"]}
    assert len(list((tmp_path / "out" / "feedback").iterdir())) == 3


@pytest.mark.usefixtures("unsung")
def test_what_is_done_is_not_done_again(handed_in: Path, tmp_path: Path) -> None:
    def graded(settings: Settings = TRUSTED) -> list[str]:
        scheduler = Counting()
        out = tmp_path / "out"
        found = run.run([handed_in], settings, out, resume=True, scheduler=scheduler)
        assert found["submissions"] == 3
        return scheduler.asked

    assert graded() == NAMES
    assert graded() == []
    (handed_in / "bob" / "sheet.ipynb").write_bytes(ONE)
    assert graded() == ["bob/sheet.ipynb"]
    (tmp_path / "out" / "results" / f"{stem('ada/sheet.ipynb')}.json").write_text('{"key": ')
    assert graded() == ["ada/sheet.ipynb"]
    assert graded(Settings(SLUG, trust=True, call_seconds=1)) == NAMES


@pytest.mark.usefixtures("unsung")
def test_other_checks_grade_anew(handed_in: Path, tmp_path: Path, monkeypatch: Any) -> None:
    run.run([handed_in], TRUSTED, tmp_path / "out", scheduler=Counting())
    monkeypatch.setattr(submission, "version", lambda: "another")
    scheduler = Counting()
    run.run([handed_in], TRUSTED, tmp_path / "out", resume=True, scheduler=scheduler)
    assert scheduler.asked == NAMES


def test_an_error_of_the_machine_is_tried_again(tmp_path: Path) -> None:
    stored = Results(tmp_path)
    stored.create(resume=False)
    record = blank("x", b"", TRUSTED)
    stored.write(record)
    assert stored.stored("x", record["key"]) == record
    stored.write(record | {"status": "infrastructure-error"})
    assert stored.stored("x", record["key"]) is None


@pytest.mark.usefixtures("unsung")
def test_results_of_another_run_are_not_overwritten(handed_in: Path, tmp_path: Path) -> None:
    run.run([handed_in], TRUSTED, tmp_path / "out", scheduler=Counting())
    with pytest.raises(FileExistsError, match="--resume"):
        run.run([handed_in], TRUSTED, tmp_path / "out", scheduler=Counting())


@pytest.mark.usefixtures("unsung")
def test_an_interruption_loses_nothing(handed_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run.run([handed_in], TRUSTED, out, scheduler=Counting(stop_after=2))
    assert len((out / "grades.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2
    scheduler = Counting()
    run.run([handed_in], TRUSTED, out, resume=True, scheduler=scheduler)
    assert scheduler.asked == ["cleo/sheet.ipynb"]
    assert len((out / "grades.csv").read_text(encoding="utf-8").splitlines()) == 1 + 3


def test_names_become_different_safe_file_names() -> None:
    names = [
        "a/b.ipynb",
        "a_b.ipynb",
        "a b.ipynb",
        "../x",
        "-rf",
        "",
        "x" * 300,
        "ü",
        "ö",
        "\udcff",
    ]
    stems = [stem(name) for name in names]
    assert len(set(stems)) == len(names)
    for made in stems:
        assert made.isascii()
        assert len(made) < 150
        assert not made.startswith((".", "-"))
        assert "/" not in made


def test_submissions_are_named_by_what_tells_them_apart(handed_in: Path) -> None:
    files = [handed_in / "bob" / "sheet.ipynb", handed_in / "ada" / "sheet.ipynb"]
    assert [found.name for found in find(files)] == NAMES[:2]
    assert [found.name for found in find([handed_in])] == NAMES
    assert [found.name for found in find([handed_in, *files])] == NAMES
    assert [found.name for found in find(files[:1])] == ["sheet.ipynb"]


def test_copies_that_jupyter_keeps_are_no_submissions(handed_in: Path) -> None:
    hidden = handed_in / "ada" / ".ipynb_checkpoints"
    hidden.mkdir()
    (hidden / "sheet-checkpoint.ipynb").write_bytes(ONE)
    (handed_in / "ada" / "notes.txt").write_text("x")
    assert [found.name for found in find([handed_in])] == NAMES


def test_statistics_say_what_fails_and_why() -> None:
    def record(
        points: float, state: str, missed: list[str], name: str | None, says: str = ""
    ) -> Any:
        made = blank("x", b"", TRUSTED) | {"points": points}
        made["exercises"][1] |= {
            "state": state,
            "missed": missed,
            "misconception": name,
            "diagnosis": says,
        }
        return made

    found = statistics(
        [
            record(7.0, "pass", [], None),
            record(3.0, "fail", ["z", "views"], "divided", "Divided by B = 2."),
            record(3.5, "fail", ["z"], "divided", "Divided by B = 3."),
            record(3.5, "fail", ["z"], "divided", "Divided by B = 3."),
            blank("x", b"", TRUSTED) | {"status": "died"},
        ]
    )
    assert found["statuses"] == dict.fromkeys(STATUSES, 0) | {"graded": 4, "died": 1}
    assert found["share"]["distribution"] == [1, 0, 0, 0, 1, 2, 0, 0, 0, 1]
    assert found["share"]["median"] == pytest.approx(3.5 / 7, abs=1e-4)
    neuron = found["exercises"]["neuron"]
    assert list(neuron["missed checks"].items()) == [("z", 3), ("views", 1)]
    # One misconception, whatever numbers it is told with.
    assert neuron["diagnoses"] == {"divided": {"count": 3, "says": "Divided by B = 3."}}
    assert neuron["states"] == {"fail": 3, "not-graded": 1, "pass": 1}
    text = summary(found)
    assert "neuron: 1 of 5 right; most often missed: z (3)" in text
    assert "most common mistake (3): Divided by B = 3." in text
    assert summary(statistics([])) == "0 submissions: "


# --- grading --------------------------------------------------------------------------------------


def test_points_are_shares_of_checks() -> None:
    half = as_bytes(notebook("def affine(X, W, b):\n    return np.zeros((len(X), len(W)))"))
    record = grade("x", half, Settings(SLUG, trust=True, points={"neuron": 10, "affine": 3}))
    points = {done["exercise"]: (done["points"], done["of"]) for done in record["exercises"]}
    assert points["neuron"] == (10.0, 10.0)
    assert points["affine"] == (0.5, 3.0)  # the shapes are one of six checks
    assert (record["points"], record["of"]) == (10.5, 18.0)
    assert record["isolation"].startswith("none")


@pytest.mark.parametrize(
    "settings", [TRUSTED, pytest.param(Settings(SLUG), marks=needs_bubblewrap)]
)
def test_two_gradings_give_the_same_bytes_but_for_the_time(settings: Settings) -> None:
    wrong = as_bytes(notebook("def affine(X, W, b):\n    print(object())\n    return X @ W.T"))
    texts = [json.dumps(grade("x", wrong, settings) | {"seconds": 0}) for _ in range(2)]
    assert texts[0] == texts[1]
    assert "bias" in texts[0]


def test_a_bug_in_a_check_is_no_fault_of_the_submission(monkeypatch: Any) -> None:
    def fail(*given: Any, **options: Any) -> Any:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(submission, "evaluate", fail)
    record = grade("x", ONE, TRUSTED)
    assert record["status"] == "infrastructure-error"
    assert "ZeroDivisionError: a bug" in record["exercises"][1]["feedback"]


# --- canaries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", checks.slugs())
def test_the_canaries_of_every_set_get_what_they_deserve(slug: str) -> None:
    """So every set can be graded: its notebooks need nothing that the worker does not have."""
    canary.sing(ROOT, Settings(slug, trust=not sandboxed()))


def sandboxed() -> bool:
    try:
        sandbox.isolation(False)
    except SandboxError:
        return False
    return True


RIGHT: dict[str, Any] = {}  # the records of the canaries, graded once


def sung_by(change: Any) -> Any:
    """A grader that is wrong as ``change`` says."""

    def wrong(name: str, content: bytes, settings: Settings) -> Any:
        if name not in RIGHT:
            RIGHT[name] = grade(name, content, settings)
        record = copy.deepcopy(RIGHT[name])
        change(name, record)
        return record

    return wrong


def all_pass(name: str, record: Any) -> None:
    for done in record["exercises"]:
        done["state"] = "pass"


def points_for_nothing(name: str, record: Any) -> None:
    if "untouched" in name:
        record["points"] = 1.0


def one_exercise_lost(name: str, record: Any) -> None:
    if "solution" in name:
        record["exercises"][3]["state"] = "fail"


def died(name: str, record: Any) -> None:
    record["status"] = "died"


@pytest.mark.parametrize("change", [all_pass, points_for_nothing, one_exercise_lost, died])
def test_a_wrong_canary_stops_the_run(change: Any) -> None:
    with pytest.raises(canary.CanaryError, match="is graded wrongly, so nothing was graded"):
        canary.sing(ROOT, TRUSTED, sung_by(change))


def test_a_canary_comes_before_any_submission(
    handed_in: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(submission, "LONGEST_FEEDBACK", 0)
    monkeypatch.setattr(canary, "_canaries", lambda *given: [("a stub", ONE, {"not-attempted"})])
    scheduler = Counting()
    with pytest.raises(canary.CanaryError, match="neuron pass"):
        run.run([handed_in], TRUSTED, tmp_path / "out", scheduler=scheduler)
    assert scheduler.asked == []


def test_without_a_checkout_it_says_what_is_missing(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert canary.course(SLUG) == ROOT
    with pytest.raises(FileNotFoundError, match="name one with --course"):
        canary.course(SLUG, tmp_path)


# --- several processes ----------------------------------------------------------------------------


@pytest.mark.slow
def test_more_processes_grade_the_same() -> None:
    tasks = [(f"{i}", as_bytes(notebook(f"# {i}"))) for i in range(5)]
    alone = [record | {"seconds": 0} for record in one_by_one(tasks, TRUSTED)]
    together = [record | {"seconds": 0} for record in in_processes(3)(tasks, TRUSTED)]
    assert sorted(together, key=lambda record: record["submission"]) == alone


@pytest.mark.slow
def test_a_killed_process_loses_no_submission() -> None:
    tasks = [(f"{i}", as_bytes(notebook(f"# {i}"))) for i in range(6)]
    records = []
    for record in in_processes(2)(tasks, TRUSTED):
        records.append(record)
        if len(records) == 2:
            for process in multiprocessing.active_children():
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
    assert sorted(record["submission"] for record in records) == [name for name, _ in tasks]
    assert [record["status"] for record in records] == ["graded"] * 6


@pytest.mark.slow
@needs_bubblewrap
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL], ids=lambda s: s.name)
def test_what_ends_a_run_ends_every_process_and_resuming_finishes(
    ended_by: signal.Signals, handed_in: Path, tmp_path: Path
) -> None:
    """Ctrl-C as at a terminal, where the whole group gets the signal, and kill -9."""
    slow = notebook("import time\ntime.sleep(3)")
    (handed_in / "bob" / "sheet.ipynb").write_bytes(as_bytes(slow))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "chainrule.cli", "grade", str(handed_in), "--out", str(out)]
    command += ["--exercise", SLUG, "--jobs", "2", "--memory", "733"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    ends = time.monotonic() + 60
    memory = 733 * 2**20
    while not (list(out.glob("results/ada*")) and workers(memory)) and time.monotonic() < ends:
        time.sleep(0.02)
    if ended_by == signal.SIGINT:
        os.killpg(first.pid, ended_by)
    else:
        first.send_signal(ended_by)
    _, said = first.communicate(timeout=60)
    if ended_by == signal.SIGINT:
        assert first.returncode == 130, said
        assert "continue with --resume" in said
    assert "Traceback" not in said
    while workers(memory) and time.monotonic() < ends:
        time.sleep(0.02)
    assert workers(memory) == []
    done = {path: path.read_bytes() for path in out.glob("results/*.json")}
    assert 1 <= len(done) < 3
    assert not list(out.glob("results/.writing-*")) or ended_by == signal.SIGKILL
    second = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    assert len(list(out.glob("results/*.json"))) == 3
    assert {path: path.read_bytes() for path in done} == done, "what was done is kept"


# --- what it refuses ------------------------------------------------------------------------------


@pytest.fixture
def isolation_unknown() -> Iterator[None]:
    sandbox.isolation.cache_clear()
    yield
    sandbox.isolation.cache_clear()


def said(capsys: Any, *arguments: Any) -> tuple[int, str]:
    code = cli.main(["grade", *map(str, arguments)])
    return code, capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is the system that is wrong")
@pytest.mark.usefixtures("isolation_unknown")
def test_without_bubblewrap_it_says_how_to_get_it_and_grades_nothing(
    handed_in: Path, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "out"
    code, text = said(capsys, handed_in, "--exercise", SLUG, "--out", out)
    assert code == 1
    assert "apt install bubblewrap" in text
    assert "--trust" in text
    assert not out.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is the system that is wrong")
@pytest.mark.usefixtures("isolation_unknown")
def test_a_bubblewrap_that_does_not_work_is_quoted(
    handed_in: Path, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho bwrap: No permissions to create new namespace >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}{os.pathsep}{os.environ['PATH']}")
    code, text = said(capsys, handed_in, "--exercise", SLUG, "--out", tmp_path / "out")
    assert code == 1
    assert "No permissions to create new namespace" in text
    assert "apparmor_restrict_unprivileged_userns" in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--exercise": "unknown"}, f"no exercise set 'unknown'; there are: {', '.join(SLUGS)}"),
        ({"--points": "nobody=1"}, "affine-layers has no exercise 'nobody'; it has: shapes"),
        ({"--points": "neuron=-1"}, "-1.0 points for neuron; give a number from 0 up"),
        ({"--points": "neuron=nan"}, "nan points for neuron"),
        ({"--course": "nowhere"}, "there is no solutions/affine-layers.ipynb"),
    ],
)
def test_a_wrong_option_is_named(
    change: dict[str, str], says: str, handed_in: Path, tmp_path: Path, capsys: Any
) -> None:
    options = {"--exercise": SLUG, "--out": str(tmp_path / "out")} | change
    flat = [part for option in options.items() for part in option]
    code, text = said(capsys, handed_in, "--trust", *flat)
    assert (code, says in text) == (2, True), text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option",
    [
        "--jobs=0",
        "--jobs=x",
        "--timeout=0",
        "--timeout=inf",
        "--call-timeout=-1",
        "--points=neuron",
    ],
)
def test_a_value_that_no_option_takes_is_refused(option: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        cli.main(["grade", str(tmp_path), "--exercise", SLUG, "--out", "x", option])


def test_nothing_to_grade_is_said(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    code, text = said(capsys, tmp_path / "none", "--exercise", SLUG, "--out", out)
    assert (code, "there is no" in text) == (2, True)
    code, text = said(capsys, tmp_path, "--exercise", SLUG, "--out", out)
    assert (code, "no .ipynb file" in text) == (2, True)
    assert not out.exists()


@pytest.mark.slow
def test_the_command_prints_what_the_class_did(tmp_path: Path, capsys: Any) -> None:
    for name, content in (("ada", solution()), ("bob", exercise())):
        (tmp_path / f"{name}.ipynb").write_bytes(as_bytes(content))
    out = tmp_path / "out"
    code = cli.main(
        ["grade", str(tmp_path), "--exercise", SLUG, "--out", str(out), "--trust", "--jobs", "1"]
    )
    printed = capsys.readouterr().out
    assert code == 0
    assert "2 submissions: 2 graded" in printed
    assert "points: mean 50%, median 50%" in printed
    assert "neuron: 1 of 2 right" in printed
    text = next((out / "feedback").glob("ada*")).read_text(encoding="utf-8")
    assert "7 of 7 points" in text
    assert results.stem("ada.ipynb") in (out / "grades.csv").read_text(encoding="utf-8")
