"""Names of the census: what is known of them."""

import numpy as np

from chainrule.data import first_names, surnames


def plain(names):
    """Whether each is of letters A to Z, the first and only the first a capital."""
    return all(n.isascii() and n.isalpha() and n == n.capitalize() for n in names.tolist())


def test_first_names():
    name, sex, percent = first_names()
    assert plain(name)
    lengths = np.char.str_len(name)
    assert (lengths.min(), lengths.max()) == (2, 11)
    assert set(sex) == {"F", "M"}
    assert (np.count_nonzero(sex == "F"), np.count_nonzero(sex == "M")) == (4275, 1219)
    assert (sex[:4275] == "F").all(), "women first"
    assert len(np.unique(name)) == 5163
    for which, first in (
        ("F", ["Mary", "Patricia", "Linda", "Barbara", "Elizabeth"]),
        ("M", ["James", "John", "Robert", "Michael", "William"]),
    ):
        mine = sex == which
        assert name[mine][:5].tolist() == first
        assert len(np.unique(name[mine])) == mine.sum(), "each once"
        assert (np.diff(percent[mine]) <= 0).all()
        # The bureau cut the lists at nine people in ten.
        assert abs(percent[mine].sum() - 90) < 0.1


def test_surnames():
    name, percent = surnames()
    assert plain(name)
    lengths = np.char.str_len(name)
    assert (lengths.min(), lengths.max()) == (2, 13)
    assert name[:5].tolist() == ["Smith", "Johnson", "Williams", "Jones", "Brown"]
    assert len(np.unique(name)) == 20_000
    assert (np.diff(percent) <= 0).all()
    np.testing.assert_allclose(percent[:2], [1.006, 0.810], rtol=1e-6)
    assert percent.min() == 0
    assert 79 < percent.sum() < 80
