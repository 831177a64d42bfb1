"""A handle that passes everything through bytes, as one to another process does."""

from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.grading.grader.codec import decode, encode
from chainrule.grading.handles import Handle, Kind, Layout, Outcome


class ThroughBytes:
    """The handle ``inner``, with every argument and outcome encoded and decoded on the way."""

    def __init__(self, inner: Handle) -> None:
        self._inner = inner

    def kind(self, given: Sequence[str] = ()) -> Kind:
        return decode(encode(self._inner.kind(decode(encode(tuple(given))))))

    def read(self) -> Outcome:
        return decode(encode(self._inner.read()))

    def call(self, *arguments: Any, layout: Layout = "contiguous") -> Outcome:
        received = decode(encode((arguments, layout)))
        return decode(encode(self._inner.call(*received[0], layout=received[1])))

    def run(
        self, program: str, inputs: Mapping[str, Any], results: Sequence[str], *, name: str
    ) -> Outcome:
        received = decode(encode((program, dict(inputs), tuple(results), name)))
        return decode(encode(self._inner.run(*received[:3], name=received[3])))
