"""The codec: data survive it to the last bit; of what strangers write only data get through."""

import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.grading.grader import codec
from chainrule.grading.grader.codec import LENGTHS, DecodeError, EncodeError, decode, encode
from chainrule.grading.handles import NotData, Raised, Returned, identical

numbers = st.sampled_from(list(codec.DTYPES.values()))
arrays = numbers.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
single = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**300), max_value=10**300)
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | arrays
)
data = st.recursive(
    single,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
texts = st.text(max_size=5)
outcomes = (
    st.builds(Returned, data, st.dictionaries(st.integers(0, 5), data, max_size=2), texts)
    | st.builds(Raised, texts, texts, st.none() | st.integers(), texts, texts, texts)
    | st.builds(NotData, texts, texts, texts)
)
messages = (data | outcomes).map(encode)


@given(data)
@example(-0.0)
@example(5e-324)
@example(np.array(["nan"], "<f4"))
def test_data_survive_to_the_last_bit(value: Any) -> None:
    assert identical(decode(encode(value)), value)


@given(outcomes)
def test_outcomes_survive(outcome: Any) -> None:
    received = decode(encode(outcome))
    assert type(received) is type(outcome)
    for mine, theirs in zip(vars(outcome).values(), vars(received).values(), strict=True):
        assert encode(mine) == encode(theirs)


def test_another_order_of_bytes_becomes_this_machines() -> None:
    assert identical(decode(encode(np.arange(3, dtype=">i2"))), np.arange(3, dtype="i2"))


@pytest.mark.parametrize(
    "value",
    [
        object(),
        (1, object()),
        b"bytes",
        {1, 2},
        np.float64(1.0),
        np.array([None]),
        np.array(["a"]),
        np.zeros(codec.MOST_ARRAYS + 1, np.uint8),
        [np.zeros(codec.MOST_ARRAYS // 2 + 1, np.uint8)] * 2,
        np.zeros((10**12, 0)),
        "x" * (codec.MOST_HEADER + 1),
        ["x" * codec.MOST_HEADER, "x"],
        10**100_000,
        [None] * (codec.MOST_NODES + 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_data_or_too_much_is_not_written(value: Any) -> None:
    with pytest.raises(EncodeError):
        encode(value)


def test_data_that_contain_themselves_are_not_written() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(EncodeError, match="nested too deeply"):
        encode(endless)


# --- what strangers write -------------------------------------------------------------------------


def received(message: bytes) -> None:
    """Read it: data come out, or a DecodeError; what comes out is what would have been written."""
    try:
        value = decode(message)
    except DecodeError:
        return
    assert identical_outcome(decode(encode(value)), value)


def identical_outcome(a: Any, b: Any) -> bool:
    return type(a) is type(b) and encode(a) == encode(b)


@settings(max_examples=300)
@given(st.binary())
def test_random_bytes_are_refused_or_data(noise: bytes) -> None:
    received(noise)


@settings(max_examples=300)
@given(st.binary(max_size=60), st.binary(max_size=40))
def test_random_headers_of_the_right_length(header: bytes, arrays: bytes) -> None:
    received(LENGTHS.pack(len(header), len(arrays)) + header + arrays)


@settings(max_examples=300)
@given(messages, st.data())
def test_changed_messages_are_refused_or_data(message: bytes, draw: Any) -> None:
    changed = bytearray(message)
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(0, len(changed)))
        removed = draw.draw(st.integers(0, 8))
        changed[place : place + removed] = draw.draw(st.binary(max_size=8))
    received(bytes(changed))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["array", "tuple", "dict", "float", "complex", "returned", "raised"])
            | st.text(max_size=3),
            inner,
            max_size=2,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(json_values, st.binary(max_size=32))
def test_any_json_with_any_bytes_behind_it(root: Any, arrays: bytes) -> None:
    received(framed(root, arrays))


def framed(root: Any, arrays: bytes = b"") -> bytes:
    header = root if isinstance(root, bytes) else json.dumps(root).encode()
    return LENGTHS.pack(len(header), len(arrays)) + header + arrays


@settings(max_examples=100)
@given(messages, st.data())
def test_a_message_cut_short_or_with_more_behind_it_is_refused(message: bytes, draw: Any) -> None:
    cut = draw.draw(st.integers(0, len(message) - 1))
    for wrong in (message[:cut], message + draw.draw(st.binary(min_size=1))):
        with pytest.raises(DecodeError):
            decode(wrong)


FAR = 2**62
REFUSED = {
    "nothing": b"",
    "lengths only": LENGTHS.pack(0, 0),
    "a long header": LENGTHS.pack(FAR, 0),
    "long arrays": LENGTHS.pack(2, FAR) + b"{}",
    "two values": framed(b"1 2"),
    "not ASCII": framed('"é"'.encode()),
    "a bare list": framed([1]),
    "a bare float": framed(b"1.5"),
    "NaN": framed(b"NaN"),
    "Infinity": framed(b"-Infinity"),
    "an exponent": framed(b"1e999"),
    "a number of many digits": framed(b"9" * (codec.MOST_DIGITS + 1)),
    "a number of more digits than Python reads": framed(b"9" * 10_000),
    "an empty object": framed({}),
    "two tags": framed({"list": [], "tuple": []}),
    "the same tag twice": framed(b'{"list": [], "list": [1]}'),
    "an unknown tag": framed({"object": []}),
    "a class": framed({"builtins.eval": ["1"]}),
    "a decimal float": framed({"float": "1.5"}),
    "a float that is a number": framed({"float": 1}),
    "a float with spaces": framed({"float": " 0x1.0p+0"}),
    "a float out of range": framed({"float": "0x1.0p+9999"}),
    "a complex number of one": framed({"complex": ["nan"]}),
    "an array of objects": framed({"array": ["|O", [1]]}, bytes(8)),
    "an array of text": framed({"array": ["<U1", [1]]}, bytes(4)),
    "an array of dates": framed({"array": ["<M8[s]", [1]]}, bytes(8)),
    "a record array": framed({"array": ["i4,i4", [1]]}, bytes(8)),
    "the other order of bytes": framed({"array": [">f8", [1]]}, bytes(8)),
    "no dtype": framed({"array": [None, [1]]}, bytes(8)),
    "a dtype that is a list": framed({"array": [["a", "<f8"], [1]]}, bytes(8)),
    "a shape that is a number": framed({"array": ["<f8", 1]}, bytes(8)),
    "a negative axis": framed({"array": ["<f8", [-1]]}, bytes(8)),
    "two negative axes": framed({"array": ["<f8", [-1, -1]]}, bytes(8)),
    "an axis of true": framed({"array": ["<f8", [True]]}, bytes(8)),
    "an axis of text": framed({"array": ["<f8", ["1"]]}, bytes(8)),
    "a long axis": framed({"array": ["<f8", [FAR]]}, bytes(8)),
    "axes that overflow": framed({"array": ["<f8", [2**32, 2**32]]}),
    "long and empty": framed({"array": ["<f8", [2**24, 2**24, 0]]}),
    "many axes": framed({"array": ["<f8", [1] * 100]}, bytes(8)),
    "too few bytes": framed({"array": ["<f8", [2]]}, bytes(8)),
    "too many bytes": framed({"array": ["<f8", [1]]}, bytes(9)),
    "the same bytes twice": framed({"list": [{"array": ["<f8", [1]]}] * 2}, bytes(8)),
    "a bool of two": framed({"array": ["|b1", [1]]}, b"\2"),
    "a list of text": framed({"list": "abc"}),
    "a dictionary of keys": framed({"dict": ["a"]}),
    "a key that is a list": framed({"dict": [[[], 1]]}),
    "a key of none": framed({"dict": [[None, 1]]}),
    "the same key twice": framed({"dict": [["a", 1], ["a", 2]]}),
    "an outcome with too few fields": framed({"returned": [1]}),
    "an outcome with text for changes": framed({"returned": [1, "x", ""]}),
    "an outcome inside an outcome": framed(
        {"returned": [{"not data": ["", "", ""]}, {"dict": []}, ""]}
    ),
    "an outcome in the data": framed(
        {"returned": [{"list": [{"not data": ["", "", ""]}]}, {"dict": []}, ""]}
    ),
    "a line that is text": framed({"raised": ["E", "m", "1", "", "", ""]}),
    "a type that is a number": framed({"not data": [1, "", ""]}),
    "deep JSON": framed(b"[" * 100_000),
    "deep tags": framed(b'{"list": [' * 200 + b"]}" * 200),
    "many values": framed({"list": [None] * (codec.MOST_NODES + 100)}),
}


@pytest.mark.parametrize(
    "long", [(codec.MOST_HEADER + 1, 0), (0, codec.MOST_ARRAYS + 1), (FAR, FAR)]
)
def test_a_long_message_is_refused_by_its_lengths_alone(long: tuple[int, int]) -> None:
    with pytest.raises(DecodeError):
        codec.lengths(LENGTHS.pack(*long))


@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED.keys())
def test_what_nobody_would_write_is_refused_before_memory_is_taken(message: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError):
            decode(message)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20 * len(message) + 2**20


def test_a_header_takes_a_bounded_amount_of_memory() -> None:
    """Empty objects in a list are what JSON can make most of from few bytes."""
    header = b"[" + b"[]," * 2**16 + b"[]]"
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError):
            decode(framed(header))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 50 * len(header)
