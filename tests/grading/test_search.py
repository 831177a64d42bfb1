"""The search for the smallest failing input."""

import dataclasses
import math
from typing import Any

import numpy as np

from chainrule.grading.search import MOST_TRIALS, Arrays, Lists, smallest

LAYER = Arrays({"X": "B d_in", "W": "d_out d_in", "b": "d_out"})


@dataclasses.dataclass(frozen=True)
class Found:
    kind: str = "found"


def sizes(case: dict[str, Any]) -> int:
    return sum(np.size(value) for value in case.values())


def test_inputs_go_from_small_to_large() -> None:
    total = [sizes(case) for case in LAYER.cases()[: -len(LAYER.probes())]]
    assert total == sorted(total)
    assert total[0] == 3
    assert all((value == 1).all() for value in LAYER.cases()[0].values())


def test_inputs_share_their_dimensions() -> None:
    for case in LAYER.cases():
        B, d_in, d_out = LAYER.sizes(case).values()
        shapes = [value.shape for value in case.values()]
        assert shapes == [(B, d_in), (d_out, d_in), (d_out,)]


def test_entries_are_ones_then_whole_then_real_and_the_same_everywhere() -> None:
    first, second = LAYER.cases()[:2]
    assert set(np.concatenate([v.ravel() for v in first.values()])) == {1.0}
    assert [v.ravel().tolist() for v in second.values()] == [[-3.0], [2.0], [1.0]]
    real = LAYER.probes()[0]
    assert real["X"][0, 0] == 1.173360335046652
    assert not np.allclose(real["X"].ravel()[:4], real["W"].ravel()[:4])


def test_probes_have_distinct_equal_and_pairwise_equal_sizes() -> None:
    chosen = [tuple(LAYER.sizes(case).values()) for case in LAYER.probes()]
    assert len(set(chosen)) == len(chosen)
    kinds = [len(set(three)) for three in chosen]
    assert kinds.count(3) >= 3
    assert kinds.count(1) >= 2
    for i, k in ((0, 1), (0, 2), (1, 2)):
        assert sum(three[i] == three[k] and len(set(three)) == 2 for three in chosen) >= 2


def test_a_number_is_a_dimension_of_its_own_and_no_dimension_is_a_float() -> None:
    domain = Arrays({"W": "1 d", "c": ""})
    for case in domain.cases():
        assert case["W"].shape[0] == 1
        assert type(case["c"]) is float
        assert list(domain.sizes(case)) == ["d"]


def test_the_failing_input_is_the_smallest() -> None:
    def two_examples(case: dict[str, Any]) -> Found | None:
        return Found() if len(case["X"]) >= 2 and case["X"].shape[1] >= 2 else None

    case, _ = smallest(LAYER, LAYER.cases(), two_examples) or ({}, None)
    assert LAYER.sizes(case) == {"B": 2, "d_in": 2, "d_out": 1}


def test_a_large_failing_input_is_shrunk() -> None:
    def has_a_negative_weight(case: dict[str, Any]) -> Found | None:
        return Found() if (case["W"] < -0.25).any() else None

    start = [LAYER.probes()[-1]]
    case, _ = smallest(LAYER, start, has_a_negative_weight) or ({}, None)
    assert LAYER.sizes(case) == {"B": 1, "d_in": 1, "d_out": 1}
    entries = {name: value.ravel().tolist() for name, value in case.items()}
    assert entries["X"] in ([0.0], [1.0])
    assert entries["b"] in ([0.0], [1.0])
    assert entries["W"][0] < -0.25
    assert entries["W"][0] == round(entries["W"][0], 1)


def test_shrinking_keeps_the_way_of_failing() -> None:
    def fails(case: dict[str, Any]) -> Found:
        return Found("many" if len(case["X"]) > 2 else "few")

    case, found = smallest(LAYER, [LAYER.probes()[-1]], fails) or ({}, Found())
    assert found.kind == "many"
    assert len(case["X"]) == 3


def test_shrinking_ends() -> None:
    calls = []

    def always(case: dict[str, Any]) -> Found:
        calls.append(case)
        return Found()

    large = LAYER.filled({"B": 30, "d_in": 30, "d_out": 30}, lambda n, rng: [math.pi] * n)
    smallest(LAYER, [large], always)
    assert len(calls) <= MOST_TRIALS + 1


def test_nothing_fails() -> None:
    assert smallest(LAYER, LAYER.cases(), lambda case: None) is None


def test_the_search_leaves_the_inputs_of_the_domain_alone() -> None:
    before = [{name: value.copy() for name, value in case.items()} for case in LAYER.cases()]
    smallest(LAYER, LAYER.cases()[40:], lambda case: Found())
    for case, copy in zip(LAYER.cases(), before, strict=True):
        assert all(np.array_equal(case[name], copy[name]) for name in copy)


def test_lists_start_short_and_shrink() -> None:
    domain = Lists("sizes", probes=[[784, 10, 10]])
    cases = list(domain.cases())
    assert cases[0] == {"sizes": [1, 1]}
    assert {"sizes": [3]} in cases
    case, _ = smallest(
        domain, domain.probes(), lambda c: Found() if c["sizes"][0] > 4 else None
    ) or (
        {},
        None,
    )
    assert case == {"sizes": [5]} or case["sizes"][0] > 4
    assert len(case["sizes"]) == 1
