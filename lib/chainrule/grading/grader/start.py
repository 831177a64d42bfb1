"""The first lines that run in a worker: limits, the pipe out of reach of ``print``, the library.

Run as a script with its settings as JSON in the first argument; see
:mod:`chainrule.grading.grader.sandbox`. A worker that was forked begins with :func:`begin`; see
:mod:`chainrule.grading.grader.entering`. The order matters. Whoever started it, it gives up its
rights and sets its limits first. Then the descriptors 0, 1 and 2, to which code prints and from
which it reads, are pointed at nothing, while the pipe moves to numbers of its own. The package
``chainrule.grading`` is made here and not imported, so that it has no checks in it: its ``check``
and whatever else it offers does nothing. What a notebook says about itself counts for nothing.
"""

import json
import os
import resource
import sys
import types
from collections.abc import Callable
from typing import Any


def limit(settings: dict[str, Any]) -> None:
    """Bound what this process can take; without isolation the sizes of files stay free."""
    bounds = {
        resource.RLIMIT_AS: settings["memory"],
        resource.RLIMIT_CPU: settings["cpu_seconds"],
        resource.RLIMIT_CORE: 0,
    }
    if settings["isolated"]:
        bounds |= {
            resource.RLIMIT_FSIZE: settings["file_bytes"],
            resource.RLIMIT_NOFILE: settings["files"],
            resource.RLIMIT_NPROC: settings["processes"],
        }
    for which, bound in bounds.items():
        _, most = resource.getrlimit(which)
        bound = bound if most == resource.RLIM_INFINITY else min(bound, most)
        try:
            resource.setrlimit(which, (bound, bound))
        except (OSError, ValueError):  # macOS takes no limit of memory, and has no sandbox
            if settings["isolated"]:
                raise


def drop(uid: int | None) -> None:
    """Stop being root, for good. Nobody else runs under ``uid``, so what is counted by user, such
    as processes, is counted for each sandbox on its own."""
    if uid is None:
        return
    os.setgroups([])
    for nobody in (uid, 65534):  # a container may know only the first 65536
        try:
            os.setresgid(nobody, nobody, nobody)
            os.setresuid(nobody, nobody, nobody)
            return
        except OSError as error:
            refused = error
    raise refused


def pipe() -> tuple[int, int]:
    """The descriptors of requests and replies; 0, 1 and 2 lead nowhere from now on."""
    requests, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return requests, replies


def library(names: list[str], path: str) -> None:
    """Make ``chainrule.grading`` a package without checks, whose functions ``names`` do nothing.
    ``path`` is the folder that the library is in."""

    def nothing(*given: object, **options: object) -> None:
        """The checks run elsewhere."""

    package: Any = types.ModuleType("chainrule.grading")
    package.__path__ = [os.path.join(path, "chainrule", "grading")]
    package.__dict__.update(dict.fromkeys(names, nothing))
    package.__all__ = names
    sys.modules["chainrule.grading"] = package


def begin(settings: dict[str, Any], give_up_rights: Callable[[], None] = lambda: None) -> None:
    """Give up every right that the answer is not to have, then serve it.

    ``give_up_rights`` does what bubblewrap has not done already.
    """
    drop(settings["uid"])
    limit(settings)
    give_up_rights()
    # What Python's site module does in an environment; it is left out, since it takes its time.
    sys.prefix = sys.exec_prefix = settings["prefix"]
    library(settings["names"], settings["library"])
    from chainrule.grading.grader.hidden import hide
    from chainrule.grading.grader.worker import serve

    hide(settings["hidden"])
    serve(*pipe())


if __name__ == "__main__":
    told, sys.argv = json.loads(sys.argv[1]), [""]
    begin(told)
