"""Grading on a Dask cluster: a real scheduler and workers, each in a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule import cli
from chainrule.grading.grader import cluster, command
from tests.grading.sandboxed import needs_bubblewrap, workers
from tests.hostile.files import SLUG, as_bytes, notebook
from tools.paths import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="the grader needs Linux or macOS"),
]

PATIENCE = 120  # seconds; the machine may be busy
SUBMISSIONS = 8
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "CHAINRULE_PROGRESS": "0"}


def start(*command: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=ENVIRONMENT, stdout=file, stderr=file
        )


def until(condition: Any, what: str) -> Any:
    """The first true value of ``condition``."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    pytest.fail(f"waited in vain for {what}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Cluster:
    """A scheduler and two workers without nannies: what is killed stays away."""

    def __init__(self, folder: Path) -> None:
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler_log = folder / "scheduler.log"
        self._processes = [
            start(
                *("distributed.cli.dask_scheduler", "--host", self.address, "--no-dashboard"),
                log=self.scheduler_log,
            )
        ]
        self.workers = [
            start(
                *("distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny"),
                *("--no-dashboard", "--local-directory", str(folder)),
                log=folder / f"worker-{number}.log",
            )
            for number in range(2)
        ]
        self._processes += self.workers

    def joined(self) -> bool:
        """Whether both workers are there."""
        return self.scheduler_log.read_text().count("Register worker") >= 2

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    try:
        yield started
    finally:
        started.end()


MEMORY = 741  # MiB, by which to find the workers


def grade(folder: Path, out: Path, address: str, *more: str) -> list[str]:
    asked = ["chainrule.cli", "grade", str(folder), "--exercise", SLUG, "--out", str(out)]
    return [*asked, "--dask", address, "--memory", str(MEMORY), *more]


def hand_in(folder: Path) -> Path:
    """Submissions that all take a while and deserve the same."""
    folder.mkdir()
    for number in range(SUBMISSIONS):
        slow = notebook(f"import time; time.sleep(0.5)  # {number}")
        (folder / f"{number}.ipynb").write_bytes(as_bytes(slow))
    return folder


@needs_bubblewrap
def test_a_worker_is_killed_and_every_submission_is_graded_once(
    dask: Cluster, tmp_path: Path
) -> None:
    folder, out = hand_in(tmp_path / "handed in"), tmp_path / "out"
    until(dask.joined, "two workers")
    grading = start(*grade(folder, out, dask.address), log=tmp_path / "grade.log")
    results = out / "results"
    try:
        until(lambda: len(list(results.glob("*.json"))) >= 2 or ended(grading), "two results")
        # What forks stays a child of the worker; a sandbox is one while a submission is graded.
        victim = dask.workers[0]
        until(lambda: len(children(victim.pid)) > 1 or ended(grading), "a submission under way")
        victim.send_signal(signal.SIGKILL)
        before = len(list(results.glob("*.json")))
        assert before < SUBMISSIONS, "it was killed in the middle"
        said = (tmp_path / "grade.log").read_text
        assert grading.wait(PATIENCE) == 0, said()
    finally:
        grading.kill()
    assert f"{SUBMISSIONS} submissions: {SUBMISSIONS} graded" in said()
    assert "retrying" in (log := dask.scheduler_log.read_text()) or "Remove worker" in log
    records = [json.loads(path.read_text("utf-8")) for path in results.iterdir()]
    counted = Counter(record["submission"] for record in records)
    assert counted == {f"{number}.ipynb": 1 for number in range(SUBMISSIONS)}
    assert {(record["status"], record["points"]) for record in records} == {("graded", 1.0)}
    rows = (out / "grades.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + SUBMISSIONS
    until(lambda: not workers(MEMORY * 2**20), "the end of every sandbox, its own too")


def ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = re.match(r"\d+ \(.*\) \S (\d+)", entry.read_text(errors="replace"), re.DOTALL)
        except OSError:
            continue
        if parent and int(parent[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)  # as if it were not installed
    assert cli.main(grade(tmp_path, tmp_path / "out", "tcp://127.0.0.1:1")[1:]) == command.MISUSED
    assert capsys.readouterr().err == (
        "chainrule: grade: --dask needs the package distributed, which is not installed; "
        "pip install 'chainrule[dask]'\n"
    )
    assert not (tmp_path / "out").exists()


def test_no_scheduler_is_said(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    run = cluster.on_cluster(address)
    with pytest.raises(cluster.ClusterError, match=f"no Dask scheduler answers at {address}"):
        list(run([], cluster.Settings(SLUG, trust=True)))


class Client:
    """A connection to two workers, of which one says ``said``."""

    def __init__(self, said: Any) -> None:
        self._said = said

    def wait_for_workers(self, count: int, timeout: float) -> None:
        if self._said is None:
            raise TimeoutError

    def run(self, call: Any, *arguments: Any, on_error: str) -> dict[str, Any]:
        return {"tcp://one": cluster.version(), "tcp://two": self._said}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (None, "has no workers; start some"),
        ("0123", r"tcp://two does not have the library .* \(it has 0123\); install the same"),
        (ModuleNotFoundError("No module named 'chainrule'"), "tcp://two .* No module named"),
        (cluster.SandboxError("grade: no bubblewrap"), "no bubblewrap .on the Dask worker tcp://t"),
    ],
)
def test_workers_that_cannot_grade_are_refused(said: Any, message: str) -> None:
    with pytest.raises(cluster.ClusterError, match=message):
        cluster._prepare(Client(said), cluster.Settings(SLUG))
