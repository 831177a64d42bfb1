"""Write the data of the interactive figures: `python -m tools.figure_data`.

A figure has its data from a script of its own, `assets/figures/data/<kind>.js`, since a page that
was opened from a folder may not fetch a file. Each is made here by the library, seeded; a test
makes them anew and compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.data import circles, digits, moons, spirals, standardizer, xor
from chainrule.models import GPT
from chainrule.nn import attention_maps
from chainrule.nn import functional as F
from chainrule.optim import Adam
from tools.paths import ROOT, shown

DATA = ROOT / "assets" / "figures" / "data"
SEED = 7
POINTS = 100


def rounded(values: Any, digits: int = 2) -> Any:
    """Numbers as short as the figure needs them."""
    return np.round(np.asarray(values, np.float64), digits).tolist()


def playground() -> dict[str, Any]:
    """The points of each problem, standardized."""
    rng = np.random.default_rng(SEED)
    corners, classes = xor()
    which = np.arange(POINTS) % 4
    problems: dict[str, tuple[Any, Any]] = {
        "xor": (corners[which] + 0.12 * rng.standard_normal((POINTS, 2)), classes[which]),
        "moons": moons(POINTS, rng=rng),
        "circles": circles(POINTS, noise=0.05, rng=rng),
        "spirals": spirals(POINTS, rng=rng),
    }
    return {
        name: {"X": rounded(standardizer(X)(X)), "t": t.tolist()}
        for name, (X, t) in problems.items()
    }


def convolution() -> dict[str, Any]:
    """One image of each digit, ink from 0 to 16, as scikit-learn has them."""
    split = digits()
    first = [int(np.flatnonzero(split.t_train == digit)[0]) for digit in range(10)]
    ink = (16 * split.X_train[first]).round().astype(int)
    return {str(digit): image.reshape(8, 8).tolist() for digit, image in enumerate(ink)}


LETTERS, MARK = "abcdefgh", ">"
LENGTH = 6
TASKS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "reverse": (lambda x: x[:, ::-1], 150),
    "sort": (lambda x: np.sort(x, axis=1), 300),
}
"""What is asked for each row of letters, and the steps of training that it takes."""


def letters(n: int, rng: np.random.Generator) -> Any:
    """Rows of letters drawn at random: integers (n, 6)."""
    return rng.integers(0, len(LETTERS), (n, LENGTH))


def with_answers(task: str, x: Any) -> Any:
    """Letters (n, 6), a mark, and the letters reversed or sorted: integers (n, 13)."""
    n = len(x)
    return np.concatenate([x, np.full((n, 1), len(LETTERS)), TASKS[task][0](x)], axis=1)


def attention() -> dict[str, Any]:
    """A Transformer of one layer and two heads for each task, and its maps on a few sequences."""
    return {task: attention_of(task) for task in TASKS}


def attention_of(task: str, examples: int = 4) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    # float64: rounding then differs between machines by far less than the digits that are kept.
    model = GPT(len(LETTERS) + 1, 2 * LENGTH, 32, 2, 1, rng=rng, dtype=np.float64)
    optimizer = Adam(model.parameters(), lr=5e-3)
    for _ in range(TASKS[task][1]):
        ids = with_answers(task, letters(64, rng))
        logits = model(ids[:, :-1])[:, LENGTH:]  # what follows the mark can be known
        model.zero_grad()
        F.cross_entropy(
            logits.reshape(-1, len(LETTERS) + 1), ids[:, LENGTH + 1 :].ravel()
        ).backward()
        optimizer.step()
    fresh = with_answers(task, letters(1000, rng))
    found = model(fresh[:, :-1]).data.argmax(axis=-1)[:, LENGTH:]
    # All different, so that the map says which one is meant.
    distinct = [rng.permutation(len(LETTERS))[:LENGTH] for _ in range(examples)]
    shown = with_answers(task, np.array(distinct))
    (maps,) = attention_maps(model, shown[:, :-1]).values()  # (examples, heads, T, T)
    answers = model(shown[:, :-1]).data.argmax(axis=-1)
    return {
        "right": float((found == fresh[:, LENGTH + 1 :]).mean().round(3)),
        "examples": [
            {
                "tokens": spelled(tokens[:-1]),
                "answers": spelled(answer),
                "maps": [
                    [
                        (100 * row[: t + 1]).round().astype(int).tolist()
                        for t, row in enumerate(head)
                    ]
                    for head in heads
                ],
            }
            for tokens, answer, heads in zip(shown, answers, maps, strict=True)
        ],
    }


def percent(head: Any) -> list[list[int]]:
    """One map (T, T) in percent, without what the causal mask leaves 0."""
    return [(100 * row[: t + 1]).round().astype(int).tolist() for t, row in enumerate(head)]


def spelled(tokens: Any) -> str:
    return "".join((LETTERS + MARK)[token] for token in tokens)


MADE: dict[str, Callable[[], Any]] = {
    "attention": attention,
    "convolution": convolution,
    "playground": playground,
}


def script(kind: str) -> str:
    """The text of the script that holds the data of one kind of figure."""
    text = json.dumps(MADE[kind](), separators=(",", ":"))
    return (
        "// Written by tools/figure_data.py. Do not edit.\n"
        f"(globalThis.figureData ??= {{}}).{kind} = {text};\n"
    )


def main() -> None:
    for kind in MADE:
        target = DATA / f"{kind}.js"
        target.write_text(script(kind), "utf8")
        print(f"{shown(target)}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
