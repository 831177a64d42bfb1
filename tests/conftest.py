"""How examples are drawn, and what the run says at its end: how many wrong answers are rejected."""

import os
import signal
from collections import Counter
from typing import Any

from hypothesis import settings

# Two runs try the same examples, and a busy machine fails none of them for being slow.
settings.register_profile("book", derandomize=True, deadline=None)
settings.load_profile("book")

os.environ["CHAINRULE_HOME"] = ""  # a test is nobody's progress

# A shell has what it starts in the background ignore Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    tried: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, exercise_set in getattr(report, "user_properties", []):
                if name == "mutant" and report.when == "call":
                    tried[exercise_set] += 1
                    killed[exercise_set] += outcome == "passed"
    if tried:
        terminalreporter.section("wrong answers rejected, by exercise set")
        for exercise_set, count in sorted(tried.items()):
            rate = killed[exercise_set] / count
            terminalreporter.line(f"{exercise_set:24} {killed[exercise_set]}/{count}  {rate:.0%}")
