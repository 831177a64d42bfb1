"""The character code: there and back, padding, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import CharCodec, first_names


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8).filter(lambda ts: any(ts)))
def test_there_and_back(texts):
    codec = CharCodec(texts)
    batch = codec.batch(texts)
    assert [codec.decode(row) for row in batch] == texts
    assert [codec.decode(codec.encode(text)) for text in texts] == texts
    assert (batch != codec.pad).sum(1).tolist() == [len(text) + 2 for text in texts]
    assert (batch[:, 0] == codec.start).all()
    assert ((batch == codec.end).sum(1) == 1).all()
    assert batch.max() < len(codec)
    assert batch.dtype == np.int64


def test_the_order_of_the_texts_does_not_matter():
    names = first_names().name[:200]
    assert CharCodec(names).tokens == CharCodec(names[::-1]).tokens


def test_every_name_of_the_census():
    names = np.unique(first_names().name)
    codec = CharCodec(names)
    assert len(codec) == 3 + 52
    batch = codec.batch(names)
    assert batch.shape == (5163, 13)
    assert [codec.decode(row) for row in batch[::100]] == names[::100].tolist()


def test_inputs_and_targets_of_a_language_model():
    codec = CharCodec(["ab"])
    batch = codec.batch(["ab", "a"])
    inputs, targets = batch[:, :-1], batch[:, 1:]
    assert inputs.tolist() == [[codec.start, 3, 4], [codec.start, 3, codec.end]]
    assert targets.tolist() == [[3, 4, codec.end], [3, codec.end, codec.pad]]


def test_decoding_stops_at_the_end():
    codec = CharCodec(["abc"])
    assert codec.decode(np.array([1, 3, 2, 4, 5])) == "a"
    assert codec.decode(np.array([], dtype=int)) == ""
    assert codec.decode([3, 4]) == "ab"


def test_characters_that_look_like_special_tokens_are_characters():
    codec = CharCodec(["<pad>"])
    assert codec.decode(codec.encode("<pad>")) == "<pad>"
    assert len(codec) == 3 + 5


def test_repr_says_what_is_in_it():
    assert repr(CharCodec(["ba"])) == "CharCodec(5 tokens: 'ab')"


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda c: CharCodec([]), ValueError, "CharCodec: there is no character"),
        (lambda c: CharCodec([""]), ValueError, "CharCodec: there is no character"),
        (lambda c: CharCodec("abc"), TypeError, "CharCodec: .* put 'abc' in a list"),
        (lambda c: CharCodec([1]), TypeError, "CharCodec: texts must be strings, got int"),
        (lambda c: c.encode("axb"), ValueError, "CharCodec.encode: .* 'x' in 'axb' is not"),
        (lambda c: c.encode(3), TypeError, "CharCodec.encode: .* strings, got int"),
        (lambda c: c.batch("ab"), TypeError, "CharCodec.batch: .* put 'ab' in a list"),
        (lambda c: c.batch([]), ValueError, "CharCodec.batch: there are no texts"),
        (lambda c: c.batch(["ab"], length=3), ValueError, "length must be at least 4, .* got 3"),
        (lambda c: c.decode(np.array([6])), ValueError, "in 0, …, 5, got 6"),
        (lambda c: c.decode(np.array([-1])), ValueError, "in 0, …, 5, got -1"),
        (lambda c: c.decode(np.array([[3]])), ValueError, r"one text, got array\(\[\[3\]\]\)"),
        (lambda c: c.decode(np.array([3.0])), TypeError, "whole numbers, got float64"),
    ],
)
def test_refused(use, error, message):
    with pytest.raises(error, match=message):
        use(CharCodec(["abc"]))
