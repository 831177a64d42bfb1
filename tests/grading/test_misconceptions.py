"""The recognizers: each fires when it fits exactly on several inputs, and not otherwise."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from chainrule.grading import misconceptions as known
from chainrule.grading.misconceptions import Misconception, Probe

Formula = Callable[[np.ndarray, np.ndarray], Mapping[str, np.ndarray]]


def right(X: np.ndarray, G: np.ndarray) -> Mapping[str, np.ndarray]:
    return {"M": G.T @ X, "s": G.sum(0)}


def probes(
    answer: Callable[[np.ndarray, np.ndarray], Any], shapes: Any = ((2, 3, 4), (3, 4, 2), (3, 3, 3))
) -> list[Probe]:
    """The probes of an answer to ``right``, at sizes (B, k, j)."""
    found = []
    for B, k, j in shapes:
        rng = np.random.default_rng(100 * B + 10 * k + j)
        X, G = rng.standard_normal((B, k)), rng.standard_normal((B, j))
        try:
            returned = dict(answer(X, G))
        except ValueError:
            returned = None
        found.append(Probe({"X": X, "G": G}, {"B": B, "k": k, "j": j}, right(X, G), returned))
    return found


def with_(**changes: Any) -> Callable[[np.ndarray, np.ndarray], Any]:
    return lambda X, G: {
        **right(X, G),
        **{name: change(X, G, right(X, G)[name]) for name, change in changes.items()},
    }


# A recognizer, and the answer that makes its mistake.
PAIRS: dict[str, tuple[Misconception, Any]] = {
    "divided": (
        known.divided("s", "B", "the batch size", "why"),
        with_(s=lambda X, G, s: G.mean(0)),
    ),
    "multiplied": (
        known.multiplied("s", "B", "the batch size", "why"),
        with_(s=lambda X, G, s: s * len(X)),
    ),
    "transposed": (known.transposed("M"), with_(M=lambda X, G, M: X.T @ G)),
    "negated": (known.negated("M"), with_(M=lambda X, G, M: -M)),
    "exchanged": (
        known.exchanged({"M": "s", "s": "M"}, "exchanged"),
        lambda X, G: {"M": G.sum(0), "s": G.T @ X},
    ),
    "truncated": (known.truncated("M"), with_(M=lambda X, G, M: M.astype(int))),
    "vanished": (known.vanished("s"), with_(s=lambda X, G, s: 0 * s)),
    "twice": (known.scaled("M", 2.0, "twice"), with_(M=lambda X, G, M: 2 * M)),
    "not summed": (
        known.instead("not summed", "s", lambda X, G: G, "says"),
        with_(s=lambda X, G, s: G),
    ),
    "wrong axis": (
        known.instead("wrong axis", "s", lambda X, G: G.sum(1), "says"),
        with_(s=lambda X, G, s: G.sum(1)),
    ),
    "entry by entry": (
        known.instead("entry by entry", "M", lambda X, G: G * X, "says"),
        with_(M=lambda X, G, M: G * X),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_it_fires_on_its_own_mistake_and_on_no_other(name: str) -> None:
    shapes = ((2, 3, 4), (3, 4, 2), (3, 3, 3), (2, 2, 2))
    recognizer, _ = PAIRS[name]
    fired = {
        other for other, (_, answer) in PAIRS.items() if recognizer.fits(probes(answer, shapes))
    }
    assert fired == {name}


@pytest.mark.parametrize("name", PAIRS)
def test_it_does_not_fire_on_the_truth(name: str) -> None:
    assert not PAIRS[name][0].fits(probes(right))


@pytest.mark.parametrize("name", PAIRS)
def test_nearly_is_not_exactly(name: str) -> None:
    """One entry of one probe is off by a millionth."""
    recognizer, answer = PAIRS[name]
    result = next(iter(recognizer.wrong(probes(answer)[-1])))
    for spoiled in range(3):
        found = probes(answer)
        returned = found[spoiled].returned
        if returned is None:
            continue
        returned[result] = np.array(returned[result], dtype=float)
        returned[result].flat[0] += 1e-6
        assert not recognizer.fits(found)


def test_it_does_not_fire_where_mistake_and_truth_agree() -> None:
    """With one example a mean is a sum; on symmetric results nothing is transposed."""
    one = ((1, 3, 4), (1, 4, 2), (1, 2, 2))
    mean, answer = PAIRS["divided"]
    assert not mean.fits(probes(answer, one))
    assert mean.fits(probes(answer))
    scalars = ((5, 1, 1), (4, 1, 1), (3, 1, 1))
    assert not PAIRS["transposed"][0].fits(probes(PAIRS["transposed"][1], scalars))


def test_one_telling_probe_is_not_enough() -> None:
    recognizer, answer = PAIRS["divided"]
    assert not recognizer.fits(probes(answer, ((1, 3, 4), (3, 4, 2))))
    assert recognizer.fits(probes(answer, ((2, 3, 4), (3, 4, 2))))


def test_where_the_mistake_cannot_run_the_answer_must_fail_too() -> None:
    recognizer, answer = PAIRS["entry by entry"]
    square = ((3, 3, 3), (2, 2, 2))
    oblong = ((2, 3, 4), (3, 4, 2))
    assert recognizer.fits(probes(answer, square + oblong))

    def careful(X: np.ndarray, G: np.ndarray) -> Any:
        return answer(X, G) if X.shape == G.shape else right(X, G)

    assert recognizer.fits(probes(careful, square))
    assert not recognizer.fits(probes(careful, square + oblong))
    assert not recognizer.fits(probes(answer, oblong)), "failing everywhere tells nothing"


def test_shapes_must_agree_before_entries_are_compared() -> None:
    assert not known.same(np.ones((2, 1)), np.ones(2))
    assert not known.same(np.ones(1), np.ones(3))
    assert not known.same(None, np.ones(3))
    assert not known.same(np.array([np.nan]), np.array([np.nan]))
    assert known.same(np.array([0.1 + 0.2]), np.array([0.3]))
