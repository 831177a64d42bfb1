"""From an answer to what the learner reads: run the checks, pick the first problem, write it down.

The order is always the same: the verdict; the smallest failing input with what came out and what
was expected; the diagnosis, if a known mistake fits exactly; one hint, and how to get the next; how
many checks pass. As plain text it is ASCII wherever the learner's own code is, so that any terminal
can show it.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chainrule.grading.exercises import Check, Exercise, Problem
from chainrule.grading.handles import Handle
from chainrule.grading.literals import literal, marked

State = Literal["pass", "fail", "not-attempted"]

WIDTH = 92
LONGEST = 16  # a longer label has a line of its own, or a phone has no room for what is beside it
UNTOUCHED = "Replace the ... above with your code, run that cell, then this one."
BORROWED = "This calls the library's own code. Write it yourself: that is what the exercise is for."
PROSE = (
    "raises",
    "warns",
    "that is",
    "because",
    "off by",
)  # labels of the example whose text may be wrapped


@dataclass(frozen=True)
class Report:
    """The result of one exercise, as data.

    Attributes
    ----------
    exercise : str
    state : str
    verdict : str
        One sentence or two.
    problem : Problem or None
        The first that was found.
    failed : str or None
        The check that found it.
    diagnosis : str or None
        What the learner is told of the misconception, if a known one explains the problem.
    misconception : str or None
        The name of that misconception, the same for everybody who has it.
    hints : tuple of str
        All hints of that check, the first first.
    passed, missed, waiting : tuple of str
        The checks that pass, that fail, and that only run once the basic ones pass.
    when_graded : int
        How many more run when an instructor grades.
    """

    exercise: str
    state: State
    verdict: str
    problem: Problem | None = None
    failed: str | None = None
    diagnosis: str | None = None
    misconception: str | None = None
    hints: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    when_graded: int = 0


def evaluate(
    exercise: Exercise,
    handle: Handle,
    *,
    graded: bool = False,
    lost: Callable[[Exception, Check | None], Problem | None] = lambda error, check: None,
) -> Report:
    """Run the checks of ``exercise`` against the answer behind ``handle``.

    Parameters
    ----------
    exercise : Exercise
    handle : Handle
    graded : bool, keyword only
        Also run the checks that only an instructor's grading runs.
    lost : callable, keyword only
        What the handle raises inside a check → the problem of that check, and the others go on; or
        ``None``, and it is raised. Without a check it was raised by the search for a diagnosis.
    """

    def judge(check: Check) -> Problem | None:
        try:
            return check.judge(subject)
        except Exception as error:
            if (problem := lost(error, check)) is None:
                raise
            return problem

    checks = [check for check in exercise.checks if graded or not check.graded]
    names = tuple(check.name for check in checks)
    later = len(exercise.checks) - len(checks)
    if exercise.untouched(handle):
        return Report(exercise.name, "not-attempted", UNTOUCHED, waiting=names, when_graded=later)
    if handle.kind() == "library" and not exercise.may_use_library:
        return Report(exercise.name, "not-attempted", BORROWED, waiting=names, when_graded=later)
    problem = exercise.wrong_kind(handle)
    if problem is not None:
        return Report(
            exercise.name, "fail", problem.verdict, problem, missed=names, when_graded=later
        )
    subject = exercise.subject(handle)
    found: dict[str, Problem | None] = {c.name: judge(c) for c in checks if c.basic}
    if not any(found.values()):
        found |= {c.name: judge(c) for c in checks if not c.basic}
    passed = tuple(name for name, problem in found.items() if problem is None)
    missed = tuple(name for name, problem in found.items() if problem is not None)
    waiting = tuple(name for name in names if name not in found)
    if not missed:
        return Report(exercise.name, "pass", "correct", passed=passed, when_graded=later)
    first = next(check for check in checks if check.name == missed[0])
    problem = found[first.name]
    assert problem is not None
    try:
        diagnosis = exercise.diagnose(subject, problem)
    except Exception as error:
        if lost(error, None) is None:
            raise
        diagnosis = None
    return Report(
        exercise.name,
        "fail",
        problem.verdict,
        problem,
        failed=first.name,
        diagnosis=diagnosis.says if diagnosis else None,
        misconception=diagnosis.name if diagnosis else None,
        hints=tuple(first.hints if problem.hints is None else problem.hints),
        passed=passed,
        missed=missed,
        waiting=waiting,
        when_graded=later,
    )


class Feedback:
    """A report as the learner sees it: plain text, and a card in a notebook.

    Parameters
    ----------
    report : Report
    hint : int
        Which hint to show, from 1.
    """

    def __init__(self, report: Report, hint: int = 1) -> None:
        self.report = report
        self.hint = min(hint, max(len(report.hints), 1))

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return self._card()

    @property
    def _answer(self) -> str:
        return self.report.exercise.partition(".")[2]

    @property
    def _headline(self) -> str:
        """What comes before the verdict."""
        states = {"pass": "correct.", "fail": "not yet.", "not-attempted": "not attempted yet."}
        return f"{self._answer}: {states[self.report.state]}"

    @property
    def _verdict(self) -> str:
        return "" if self.report.state == "pass" else self.report.verdict

    def _example(self) -> list[tuple[str, str]]:
        """The failing input and what came of it, as rows of label and text."""
        problem = self.report.problem
        if problem is None:
            return []
        rows = []
        case = problem.case or {}
        widest = max(map(len, case), default=0)
        for i, (name, value) in enumerate(case.items()):
            start = f"{name:{widest}} = "
            rows.append(("for" if i == 0 else "", start + literal(value, len(start))))
        if problem.program:
            rows.append(("" if rows else "for", problem.program))
        return rows + list(problem.shown)

    def _help(self) -> Iterator[tuple[str, str]]:
        """Diagnosis and hint, each with its title."""
        report = self.report
        if report.diagnosis:
            yield "Diagnosis", report.diagnosis
        if report.hints:
            count = len(report.hints)
            title = f"Hint {self.hint} of {count}" if count > 1 else "Hint"
            yield title, report.hints[self.hint - 1]

    def _next_hint(self) -> str:
        if self.hint >= len(self.report.hints):
            return ""
        return f'check("{self.report.exercise}", {self._answer}, hint={self.hint + 1})'

    def _counts(self) -> str:
        report = self.report
        total = len(report.passed) + len(report.missed) + len(report.waiting)
        kind = "visible checks" if report.when_graded else "checks"
        if total == 1:
            kind = kind.removesuffix("s")
        if report.state == "not-attempted":
            text = f"{total} {kind} to pass."
        elif report.state == "pass":
            text = f"All {total} {kind} pass{_listed(report.passed)}."
        else:
            text = f"{len(report.passed)} of {total} {kind} pass{_listed(report.passed)}."
        if report.waiting and report.state != "not-attempted":
            text += f" Still to run: {', '.join(report.waiting)}."
        if report.when_graded:
            runs = "runs" if report.when_graded == 1 else "run"
            text += f" {report.when_graded} more {runs} when graded."
        return text

    def _label_width(self) -> int:
        labels = [label for label, _ in self._example() if len(label) <= LONGEST]
        return max([len("expected"), *map(len, labels)])

    def _table(self, *, wrap: bool) -> list[str]:
        example = self._example()
        width = self._label_width()
        lines = []
        for label, text in example:
            if wrap and label in PROSE:
                text = "\n".join(_wrapped(text, "", WIDTH - width - 4))
            if len(label) > LONGEST:
                lines.append(label)
                label = ""
                if not text:
                    continue
            first, *rest = text.splitlines() or [""]
            lines.append(f"{label:{width}}  {first}".rstrip())
            lines += [f"{'':{width}}  {line}".rstrip() for line in rest]
        return lines

    def _lines(self) -> Iterator[str]:
        yield from _wrapped(f"{self._headline} {self._verdict}".rstrip(), "")
        if table := self._table(wrap=True):
            yield ""
            yield from (f"  {marked(line, '', '')}" for line in table)
        for title, text in self._help():
            yield ""
            yield from _wrapped(f"{title}: {text}", "  ")
        if self._next_hint():
            yield f"  Next hint: {self._next_hint()}"
        yield ""
        yield from _wrapped(self._counts(), "  ")

    def _card(self) -> str:
        def e(text: str) -> str:
            return html.escape(text, quote=True)

        parts = [f"<strong>{e(self._headline)}</strong> {e(self._verdict)}".rstrip()]
        if table := self._table(wrap=False):  # the browser does
            text = marked(e("\n".join(table)), f'<strong style="{WRONG}">', "</strong>")
            indent = self._label_width() + 2  # where a narrow screen goes on with a long line
            hanging = f"{LINE};padding-left:{indent}ch;text-indent:-{indent}ch"
            lines = (f'<span style="{hanging}">{line}</span>' for line in text.splitlines(True))
            parts.append(f'<pre style="{PRE}">{"".join(lines)}</pre>')
        parts += [f"<strong>{e(title)}.</strong> {e(text)}" for title, text in self._help()]
        if self._next_hint():
            parts[-1] += f'<br>Next hint: <code style="{CODE}">{e(self._next_hint())}</code>'
        parts.append(e(self._counts()))
        blocks = "\n".join(
            part if part.startswith("<pre") else f'<p style="{PARAGRAPH}">{part}</p>'
            for part in parts
        )
        state = self.report.state
        return (
            f'<div class="cr-card" data-state="{state}" role="group" '
            f'aria-label="Check of {e(self._headline.rstrip("."))}" '
            f'style="{CARD};border-left:0.3em solid {EDGE[state]}">\n{blocks}\n</div>'
        )


# The card inherits the colors of the page, light or dark, and needs no style sheet. Its state is in
# words; the color of its edge repeats it.
CARD = "margin:0.5em 0;padding:0.4em 0.9em;max-width:52em"
PARAGRAPH = "margin:0.5em 0;text-align:left"
# JupyterLab gives a pre the font of the text around it, and breaks its words anywhere.
FONT = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
CODE = (
    f"{FONT};background:transparent;color:inherit;padding:0;font-size:0.92em;overflow-wrap:anywhere"
)
PRE = (
    f"{FONT};background:transparent;color:inherit;border:0;box-shadow:none;margin:0.5em 0;"
    "padding:0;font-size:0.92em;line-height:1.45;white-space:pre-wrap;word-break:normal;"
    "overflow-wrap:anywhere"
)
LINE = "display:block"  # the line's own end stays in it, for whoever copies the text
WRONG = "text-decoration:underline;text-underline-offset:0.2em"
EDGE = {"pass": "#2e7d32", "fail": "#b45309", "not-attempted": "#6b7280"}


def _wrapped(text: str, indent: str, width: int = WIDTH) -> list[str]:
    """``text`` as lines; a shape such as (2, 3) stays on one."""
    lines = textwrap.wrap(
        re.sub(r"(?<=\d), (?=\d)", ",\0", text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\0", " ") for line in lines]


def _listed(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""
