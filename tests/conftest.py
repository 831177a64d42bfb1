"""What the test run says at its end: how many of the named wrong answers the checks reject."""

from collections import Counter
from typing import Any


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
