"""The workflows can do only what they must, with actions that nobody can change under them.

What GitHub would refuse is found by actionlint (see CONTRIBUTING.md); here stand our own rules.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
COMMAND = re.compile(r"python3? -m (tools\.\w+)")


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(path.read_text("utf8"))["jobs"]


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


def problems(path: Path) -> list[str]:
    """The rules that a workflow breaks."""
    found = []
    workflow = yaml.safe_load(path.read_text("utf8"))
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("it may do more than read")
    for name, job in workflow["jobs"].items():
        if "timeout-minutes" not in job:
            found.append(f"{name} has no timeout")
        if "write" in str(job.get("permissions")) and name != "publish":
            found.append(f"{name} may write")
        for step in job["steps"]:
            action = step.get("uses", "")
            if action and not PINNED.fullmatch(action):
                found.append(f"{action} is not pinned")
            if "/checkout@" in action and (step.get("with") or {}).get("persist-credentials", True):
                found.append(f"{name} leaves its token in the checkout")
            if "${{ github.event" in step.get("run", ""):
                found.append(f"{name} runs what others write")
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_keeps_the_rules(path: Path) -> None:
    assert problems(path) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_version_stands_beside_each_pin(path: Path) -> None:
    uses = [line for line in path.read_text("utf8").splitlines() if "uses:" in line]
    assert [line for line in uses if not re.search(r" # v\d+\.\d+\.\d+$", line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_commands_that_it_runs_exist(path: Path) -> None:
    commands = {name for step in steps(path) for name in COMMAND.findall(step.get("run", ""))}
    missing = [c for c in commands if not (ROOT / f"{c.replace('.', '/')}.py").exists()]
    assert missing == []


def test_what_is_published_is_checked_before_and_after() -> None:
    runs = [
        step.get("run", step.get("uses", "")) for step in jobs(WORKFLOWS[0])["publish"]["steps"]
    ]
    (deployed,) = [n for n, run in enumerate(runs) if "deploy-pages" in run]
    assert any("tools.published check" in run for run in runs[:deployed])
    assert any("tools.published await" in run for run in runs[deployed:])


@pytest.mark.parametrize(
    ("found", "wanted", "said"),
    [
        ("permissions:\n  contents: read", "permissions: write-all", "more than read"),
        ("checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "checkout@v7", "not pinned"),
        ("timeout-minutes: 90", "", "book has no timeout"),
        ("persist-credentials: false", "", "leaves its token"),
        ("bash .ci/run", "echo ${{ github.event.head_commit.message }}", "what others write"),
    ],
)
def test_a_broken_rule_is_found(tmp_path: Path, found: str, wanted: str, said: str) -> None:
    text = WORKFLOWS[0].read_text("utf8")
    assert found in text
    broken = tmp_path / "broken.yml"
    broken.write_text(text.replace(found, wanted), "utf8")
    assert said in problems(broken)[0]
