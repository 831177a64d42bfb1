"""Mapping the grader over a class on a Dask cluster: ``chainrule grade --dask ADDRESS``.

The scheduler of Dask keeps a submission until it is graded. If a worker ends before that, killed or
cut off, another one grades it; there is one record in any case. Each worker starts sandboxes of its
own and needs the same version of the library.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from chainrule.grading.grader.process import Process
from chainrule.grading.grader.sandbox import SandboxError
from chainrule.grading.grader.schedule import Scheduler, Task
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.submission import Record, blank, grade, version

CONNECT_SECONDS = 10.0
WORKER_SECONDS = 60.0  # a cluster may still be starting
AHEAD = 2  # submissions for each thread of the cluster: one is graded, one waits at its side


class ClusterError(Exception):
    """The cluster cannot grade; the message says why and what to do."""


def on_cluster(address: str) -> Scheduler:
    """Grade on the workers of the Dask scheduler at ``address``.

    Raises
    ------
    ModuleNotFoundError
        If ``distributed``, the package of Dask that does this, is not installed.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise ModuleNotFoundError(
            "grade: --dask needs the package distributed, which is not installed; "
            "pip install 'chainrule[dask]'"
        ) from None

    def run(tasks: Iterable[Task], settings: Settings) -> Iterator[Record]:
        with _connected(distributed, address) as client:
            _prepare(client, settings)
            yield from _graded(distributed, client, iter(tasks), settings)

    return run


def _connected(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"grade: no Dask scheduler answers at {address} ({error}); start one with "
            "dask scheduler, and workers with dask worker ADDRESS --nthreads 1"
        ) from None


def _prepare(client: Any, settings: Settings) -> None:
    """See that there are workers, that their library is ours, and that they have a sandbox."""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise ClusterError(
            "grade: the Dask scheduler has no workers; start some with "
            "dask worker ADDRESS --nthreads 1"
        ) from None
    for worker, said in client.run(_ready, settings, on_error="return").items():
        if isinstance(said, SandboxError):
            raise ClusterError(f"{said} (on the Dask worker {worker})")
        if said != version():
            what = f"it has {said}" if isinstance(said, str) else f"{type(said).__name__}: {said}"
            raise ClusterError(
                f"grade: the Dask worker {worker} does not have the library {version()} that is "
                f"here ({what}); install the same version of chainrule and NumPy on every worker"
            )


def _ready(settings: Settings) -> str:
    """On a worker: start a sandbox; the version of the library."""
    Process(settings).close()
    return version()


def _graded(
    distributed: Any, client: Any, waiting: Iterator[Task], settings: Settings
) -> Iterator[Record]:
    """The records, as they come; only a few submissions for each worker are under way."""
    under_way: dict[Any, Task] = {}
    finished = distributed.as_completed(loop=client.loop)
    while True:
        most = AHEAD * max(1, sum(client.nthreads().values()))
        for task in islice(waiting, max(0, most - len(under_way))):
            # The notebook goes with the call, so that the scheduler can repeat it elsewhere.
            future = client.submit(_grade, *task, settings, pure=False)
            under_way[future] = task
            finished.add(future)
        if not under_way:
            return
        future = next(finished)
        yield _record(distributed, future, under_way.pop(future), settings)


def _record(distributed: Any, future: Any, task: Task, settings: Settings) -> Record:
    try:
        record: Record = future.result()
    except distributed.scheduler.KilledWorker as error:
        reason = f"the workers that graded it ended: {error}"
    except (distributed.CancelledError, OSError) as error:
        raise ClusterError(
            f"grade: the Dask scheduler is gone ({type(error).__name__}); what is graded is kept, "
            "continue with --resume"
        ) from None
    else:
        if record["versions"]["checks"] == version():
            return record
        reason = f"it was graded by another version of the library, {record['versions']['checks']}"
    return blank(*task, settings) | {"status": "infrastructure-error", "reason": reason}


_ALONE = threading.Lock()


def _grade(name: str, content: bytes, settings: Settings) -> Record:
    """On a worker. One at a time in each process: the limits of a sandbox are for its user, and
    the sandboxes of one process share theirs."""
    with _ALONE:
        return grade(name, content, settings)
