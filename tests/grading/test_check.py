"""``check`` as a learner calls it: in a terminal, in a notebook, and wrongly."""

import io
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from chainrule.grading import check
from chainrule.grading.checks import find
from chainrule.grading.report import Feedback
from tests.grading.sets import EXERCISES


def neuron(x: Any, w: Any, b: Any) -> Any:
    return w @ x


def test_it_prints_in_a_terminal_and_returns_nothing(capsys: Any) -> None:
    assert check("affine-layers.neuron", neuron) is None
    assert capsys.readouterr().out.startswith("neuron: not yet. Your z is the wrong number.\n")


@pytest.mark.parametrize("hint", [1, 2, 3])
def test_hints_on_request(hint: int, capsys: Any) -> None:
    check("affine-layers.neuron", neuron, hint=hint)
    assert f"Hint {hint} of 3" in capsys.readouterr().out


def test_a_notebook_gets_one_card_with_its_text(monkeypatch: Any, capsys: Any) -> None:
    shown: list[Any] = []
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: object()  # type: ignore[attr-defined]
    ipython.display = types.SimpleNamespace(display=shown.append)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    check("affine-layers.neuron", neuron)
    (feedback,) = shown
    assert isinstance(feedback, Feedback)
    assert 'data-state="fail"' in feedback._repr_html_()
    assert repr(feedback).startswith("neuron: not yet.")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("affine-layers.neurn", "did you mean 'affine-layers.neuron'"),
        ("affine_layers.affine", "did you mean 'affine-layers.affine'"),
        ("neuron", "did you mean 'affine-layers.neuron'"),
        ("affine-layers", "affine-layers.affine"),
        ("", f"there are: {EXERCISES[0].name}, "),
        ("zzzz.qqqq", f"there are: {EXERCISES[0].name}, "),
        (3, "there are: "),
    ],
)
def test_an_unknown_name_gets_those_that_come_close(name: Any, remedy: str) -> None:
    with pytest.raises(ValueError, match=r"check: there is no exercise") as caught:
        check(name, neuron)
    assert remedy in str(caught.value)
    with pytest.raises(ValueError, match=r"there is no exercise"):
        find(name)


@pytest.mark.parametrize("hint", [0, -1, 1.5, "2", True, None])
def test_a_hint_is_a_positive_number(hint: Any) -> None:
    with pytest.raises(ValueError, match=r"check: hint must be 1, 2, 3"):
        check("affine-layers.neuron", neuron, hint=hint)


def test_a_terminal_without_the_learners_characters_still_gets_the_text(monkeypatch: Any) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))

    def neuron(x: Any, w: Any, b: Any) -> Any:
        raise ValueError("σ ≠ Σ")

    check("affine-layers.neuron", neuron)
    sys.stdout.flush()
    assert rb"ValueError: \u03c3 \u2260 \u03a3" in raw.getvalue()


def test_a_decorated_and_a_nested_function_are_functions(capsys: Any) -> None:
    class Neuron:
        def __call__(self, x: Any, w: Any, b: Any) -> Any:
            return w @ x + b

    check("affine-layers.neuron", Neuron())
    assert capsys.readouterr().out.startswith("neuron: correct.")


def test_an_interrupt_goes_through_and_says_what_ran() -> None:
    def endless(x: Any, w: Any, b: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        check("affine-layers.neuron", endless)
    said = str(caught.value)
    assert said.startswith("check: interrupted while your function ran, in line ")
    assert ": raise KeyboardInterrupt\nDoes one of its loops never end?" in said
    assert caught.value._render_traceback_() == [said], "a notebook shows this and no traceback"


def test_importing_it_needs_numpy_and_nothing_that_renders_or_witnesses() -> None:
    code = (
        "import sys; from chainrule.grading import check\n"
        "heavy = {'IPython', 'nbformat', 'nbclient', 'jupytext', 'sympy', 'sklearn', 'matplotlib',"
        " 'hypothesis', 'chainrule.grading.authoring'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


BROKEN = """\
from chainrule.grading import check

def neuron(x, w, b):
    scale = 1 / len(x)
    return w @ x * scale + bias

check("affine-layers.neuron", neuron)
"""
SHOWN = r"line 5 +return w @ x \* scale \+ bias\n +raises +NameError: name 'bias' is not defined"


def test_an_exception_is_shown_at_the_learners_line_in_a_file(tmp_path: Path) -> None:
    script = tmp_path / "my answer.py"
    script.write_text(BROKEN, encoding="utf-8")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert re.search(SHOWN, run.stdout), run.stdout
    assert str(tmp_path) not in run.stdout
    assert run.stderr == ""


def test_an_exception_is_shown_at_the_learners_line_in_a_notebook_cell() -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"shell.run_cell('1 + 1')\nshell.run_cell({BROKEN!r}, store_history=True)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert re.search(SHOWN, run.stdout), run.stdout
    assert "<ipython-input" not in run.stdout


NUMPY_ALONE = """\
import importlib.abc, sys

class Nothing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top.startswith("_sysconfigdata")
        if not known and top not in ("numpy", "chainrule"):
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Nothing())
"""


def test_it_works_where_only_numpy_is_installed(tmp_path: Path) -> None:
    """No Hypothesis, no IPython: searching for the smallest input needs neither."""
    script = tmp_path / "answer.py"
    script.write_text(NUMPY_ALONE + BROKEN.replace("bias", "b + 1"), encoding="utf-8")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("neuron: not yet. Your z is the wrong number.")
    assert "Hint 1 of 3" in run.stdout
