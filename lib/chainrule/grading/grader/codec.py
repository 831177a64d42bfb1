"""Data as bytes and back, for a pipe whose other end belongs to a stranger.

A message is two lengths, a JSON header and the raw entries of the arrays, one after the other:

    header length (8 bytes) | array bytes (8 bytes) | header | arrays

JSON has no tuples, no complex numbers and no exact floats, so these are objects with one key that
names the type: ``{"float": "0x1.8p+0"}``, ``{"tuple": [...]}``, ``{"array": ["<f8", [2, 3]]}``. An
array takes its bytes from what follows the header; how many is computed from its dtype and shape,
and at the end no byte may be left. Nothing in a message names a class, a function or a file.

:func:`decode` believes nothing. Whatever is not exactly a message that :func:`encode` could have
written is refused with :class:`DecodeError`, and no length is believed before memory is taken.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.grading.handles import DEEPEST, NotData, Raised, Returned

LENGTHS = struct.Struct("<QQ")
MOST_HEADER = 2**22  # bytes
MOST_ARRAYS = 2**24  # bytes of all arrays of a message
MOST_NODES = 100_000  # values in a message; arrays of any size count once
MOST_AXES = 32
MOST_DEPTH = 2 * DEEPEST  # an outcome with a dictionary of data takes a few levels of its own
MOST_DIGITS = 4_000  # of a whole number; Python itself refuses to read more than 4,300

DTYPES = {
    np.dtype(code).str: np.dtype(code) for code in "?bhilqBHILQefdgFDG"
}  # as np.dtype("<f8").str; little-endian or without order, on every machine that NumPy runs on
OUTCOMES = {"returned": Returned, "raised": Raised, "not data": NotData}


class EncodeError(ValueError):
    """The value is not data, or more of it than a message holds."""


class DecodeError(ValueError):
    """The bytes are not a message."""


# --- writing --------------------------------------------------------------------------------------


def encode(value: Any) -> bytes:
    """``value``, which is data or an outcome, as a message.

    Raises
    ------
    EncodeError
        If it is anything else, or too large.

    Examples
    --------
    >>> from chainrule.grading.grader.codec import decode, encode
    >>> decode(encode((1, [2.5, {"a": None}])))
    (1, [2.5, {'a': None}])
    """
    blobs: list[np.ndarray[Any, Any]] = []
    header = _WRITER.encode(_plain(value, blobs, 0)).encode("ascii")
    size = sum(blob.nbytes for blob in blobs)
    if len(header) > MOST_HEADER:
        raise EncodeError(f"{len(header)} bytes of text and numbers")
    if size > MOST_ARRAYS:
        raise EncodeError(f"arrays of more than {MOST_ARRAYS // 2**20} MiB")
    return b"".join([LENGTHS.pack(len(header), size), header, *map(np.ndarray.tobytes, blobs)])


_WRITER = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def _plain(value: Any, blobs: list[np.ndarray[Any, Any]], depth: int) -> Any:
    kind = type(value)
    if depth > MOST_DEPTH:
        raise EncodeError("data nested too deeply")
    if value is None or kind is bool:
        return value
    if kind is str:
        if len(value) > MOST_HEADER:
            raise EncodeError(f"str of {len(value)} characters")
        return value
    if kind is int:
        if value.bit_length() > 3 * MOST_DIGITS:
            raise EncodeError(f"int of {value.bit_length()} bits")
        return value
    if kind is float:
        return {"float": value.hex()}
    if kind is complex:
        return {"complex": [value.real.hex(), value.imag.hex()]}
    if kind is np.ndarray:
        return _array_node(value, blobs)
    if kind in (tuple, list, dict) and len(value) > MOST_NODES:
        raise EncodeError(f"{kind.__name__} of {len(value)} entries")
    if kind is tuple or kind is list:
        return {kind.__name__: [_plain(item, blobs, depth + 1) for item in value]}
    if kind is dict:
        return {"dict": [[key, _plain(item, blobs, depth + 1)] for key, item in value.items()]}
    for name, outcome in OUTCOMES.items():
        if kind is outcome:
            return {name: [_plain(item, blobs, depth + 1) for item in vars(value).values()]}
    raise EncodeError(f"not data: {kind.__name__}")


def _array_node(array: np.ndarray[Any, Any], blobs: list[np.ndarray[Any, Any]]) -> Any:
    code = array.dtype.str
    if code not in DTYPES:
        native = array.dtype.newbyteorder("=")
        code = native.str
        if code not in DTYPES:
            raise EncodeError(f"array of {array.dtype}")
        array = array.astype(native)
    if array.ndim > MOST_AXES or (array.size == 0 and _extent(array.shape) > MOST_ARRAYS):
        raise EncodeError(f"array of shape {array.shape}")
    blobs.append(array)
    return {"array": [code, list(array.shape)]}


def _extent(shape: Any) -> int:
    """The entries of an array, were every empty axis one long: (10**9, 0) is as long as 10**9."""
    return math.prod(max(size, 1) for size in shape)


# --- reading --------------------------------------------------------------------------------------


def lengths(start: bytes) -> tuple[int, int]:
    """How long header and arrays are, from the first 16 bytes of a message.

    Raises
    ------
    DecodeError
        If these are not 16 bytes, or the message is longer than allowed.
    """
    if len(start) != LENGTHS.size:
        raise DecodeError(f"a message starts with {LENGTHS.size} bytes, not {len(start)}")
    header, arrays = LENGTHS.unpack(start)
    if header > MOST_HEADER or arrays > MOST_ARRAYS:
        raise DecodeError(f"a message of {header} and {arrays} bytes")
    return header, arrays


def decode(message: bytes) -> Any:
    """The value that :func:`encode` was given.

    Raises
    ------
    DecodeError
        If ``message`` is anything that :func:`encode` does not write. No other exception escapes.
    """
    header, arrays = lengths(message[: LENGTHS.size])
    if len(message) != LENGTHS.size + header + arrays:
        raise DecodeError(f"{len(message)} bytes for a message of {header} and {arrays}")
    start = LENGTHS.size + header
    try:
        root = _READER.decode(message[LENGTHS.size : start].decode("ascii"))
    except DecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"the header is no JSON: {error}") from None
    reading = _Reading(memoryview(message)[start:])
    value = reading.value(root, 0)
    reading.finish()
    return value


class _Tagged(NamedTuple):
    tag: str
    content: Any


def _tagged(pairs: list[tuple[str, Any]]) -> _Tagged:
    if len(pairs) != 1:
        raise DecodeError(f"an object with {len(pairs)} keys")
    return _Tagged(*pairs[0])


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise DecodeError(f"a whole number of {len(digits)} digits")
    return int(digits)


_READER = json.JSONDecoder(object_pairs_hook=_tagged, parse_int=_whole)
_HEX = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4}|-?inf|nan", re.ASCII)


def _float(text: Any) -> float:
    if type(text) is not str or not _HEX.fullmatch(text):
        raise DecodeError("a float that is not written in hexadecimal")
    try:
        return float.fromhex(text)
    except OverflowError:
        raise DecodeError("a float out of range") from None


class _Reading:
    """What is left to read of the arrays, and how many values there have been."""

    def __init__(self, arrays: memoryview) -> None:
        self._arrays = arrays
        self._nodes = 0

    def finish(self) -> None:
        if len(self._arrays):
            raise DecodeError(f"{len(self._arrays)} bytes that belong to no array")

    def value(self, node: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES + MOST_DEPTH:
            raise DecodeError(f"more than {MOST_NODES} values")
        if depth > MOST_DEPTH:
            raise DecodeError(f"more than {MOST_DEPTH} levels")
        if node is None or type(node) in (bool, int, str):
            return node
        if type(node) is not _Tagged:
            raise DecodeError(f"a bare {type(node).__name__}")
        tag, content = node
        if tag == "float":
            return _float(content)
        if type(content) is not list:
            raise DecodeError(f"{tag[:20]!r} without a list of what it holds")
        if tag == "complex" and len(content) == 2:
            return complex(*map(_float, content))
        if tag == "array" and len(content) == 2:
            return self._array(*content)
        if tag == "list":
            return [self.value(item, depth + 1) for item in content]
        if tag == "tuple":
            return tuple(self.value(item, depth + 1) for item in content)
        if tag == "dict":
            return self._dict(content, depth)
        if tag in OUTCOMES:
            return self._outcome(tag, content, depth)
        raise DecodeError(f"an unknown type {tag[:20]!r}")

    def _dict(self, content: list[Any], depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for pair in content:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) not in (str, int):
                raise DecodeError("a dictionary with an entry that is no key and value")
            if pair[0] in found:
                raise DecodeError("a dictionary with the same key twice")
            found[pair[0]] = self.value(pair[1], depth + 1)
        return found

    def _array(self, code: Any, shape: Any) -> np.ndarray[Any, Any]:
        dtype = DTYPES.get(code) if type(code) is str else None
        if dtype is None:
            raise DecodeError("an array of an unknown dtype")
        if type(shape) is not list or len(shape) > MOST_AXES:
            raise DecodeError("an array without a shape")
        if not all(type(size) is int and 0 <= size <= MOST_ARRAYS for size in shape):
            raise DecodeError("an array with an impossible shape")
        size = math.prod(shape) * dtype.itemsize
        if size > len(self._arrays) or (size == 0 and _extent(shape) > MOST_ARRAYS):
            raise DecodeError("an array with fewer bytes than entries")
        taken, self._arrays = self._arrays[:size], self._arrays[size:]
        if dtype.kind == "b" and size and np.frombuffer(taken, np.uint8).max() > 1:
            raise DecodeError("a bool that is neither true nor false")
        return np.frombuffer(taken, dtype).reshape(shape).copy()

    def _outcome(self, tag: str, content: list[Any], depth: int) -> Returned | Raised | NotData:
        kind = OUTCOMES[tag]
        fields = dataclasses.fields(kind)
        if len(content) != len(fields):
            raise DecodeError(f"{tag!r} with {len(content)} fields")
        values = [self.value(item, depth + 1) for item in content]
        for field, value in zip(fields, values, strict=True):
            if not _FITS[str(field.type)](value):
                raise DecodeError(f"{tag!r} with a {field.name} of type {type(value).__name__}")
        return kind(*values)


def is_data(value: Any) -> bool:
    """Whether a decoded ``value`` is data alone: no outcome in it, and ``str`` keys only."""
    if isinstance(value, (tuple, list)):
        return all(map(is_data, value))
    if isinstance(value, dict):
        return all(type(key) is str and is_data(item) for key, item in value.items())
    return not isinstance(value, (Returned, Raised, NotData))


# What a field of an outcome may hold, by its annotation.
_FITS: dict[str, Callable[[Any], bool]] = {
    "Data": is_data,
    "str": lambda value: type(value) is str,
    "int | None": lambda value: value is None or type(value) is int,
    "dict[int, Data]": lambda value: (
        type(value) is dict
        and all(type(key) is int and is_data(item) for key, item in value.items())
    ),
}
