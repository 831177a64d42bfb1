"""Broken on purpose: every witness contradicts what it can see, and nothing else."""

import pytest

from chainrule.functional import REGISTRY
from chainrule.proofs import examine
from tests.proofs.breaking import WITNESSES
from tests.proofs.defects import SPECIFIC, defects

FEWEST = 4
TABLE = [(name, defect) for name in REGISTRY for defect in defects(name)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "defect"), [pytest.param(n, d, id=f"{n}: {d.wrong}") for n, d in TABLE]
)
def test_witnesses_that_contradict(name, defect):
    proof = examine(defect.broken, like=name)
    assert {t.witness for t in proof.testimonies if not t.agrees} == defect.caught_by, str(proof)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_witness_catches_a_defect_of_every_function(name):
    assert {w for d in defects(name) for w in d.caught_by} == set(WITNESSES)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_function_has_defects_of_its_own(name):
    own = SPECIFIC[name]
    assert sum(bool(d.caught_by) for d in own) >= FEWEST
    wrong = [d.wrong for d in defects(name)]
    assert len(set(wrong)) == len(wrong)


def test_there_are_no_defects_of_unknown_functions():
    assert set(SPECIFIC) == set(REGISTRY)
