"""The exercises of the book: one module per chapter, named by its slug.

A module ``affine_layers`` has a tuple ``EXERCISES``, in the order of the exercise notebook.
Importing this package imports none of them; an exercise is found by its name.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence

from chainrule.grading.exercises import Exercise


def slugs() -> list[str]:
    """The chapters that have exercises, in alphabetical order."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def exercises(slug: str) -> Sequence[Exercise]:
    """The exercises of a chapter, in order."""
    module = importlib.import_module(f"{__name__}.{slug.replace('-', '_')}")
    found: Sequence[Exercise] = module.EXERCISES
    return found


def find(name: str) -> Exercise:
    """The exercise called ``name``, as in ``"affine-layers.neuron"``.

    Raises
    ------
    ValueError
        If there is none; the message has the names that come close.
    """
    slug = str(name).partition(".")[0]
    if slug in slugs():
        for exercise in exercises(slug):
            if exercise.name == name:
                return exercise
    names = [exercise.name for known in slugs() for exercise in exercises(known)]
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    near = near or [known for known in names if known.partition(".")[2] == str(name)]
    remedy = (
        f"did you mean {' or '.join(map(repr, near))}?"
        if near
        else f"there are: {', '.join(names)}"
    )
    raise ValueError(f"check: there is no exercise {name!r}; {remedy}")
