"""Checkpointing, on layers that count how often they are called and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.grading.exercises import Array, Mistake, Program, Programs, agrees

# Stands in the notebook.
SINES = '''
import weakref


class Sines:
    """n layers that count their calls, and the results that exist"""

    def __init__(self, n):
        self.layers = [lambda x, i=i: self.run(i, x) for i in range(n)]
        self.calls = [0] * n
        self.now = self.most = 0

    def run(self, i, x):
        y = np.sin(x[::-1] + i)
        self.calls[i] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        weakref.finalize(y, self.forget)
        return y, lambda dy: ((np.cos(x[::-1] + i) * dy)[::-1],)

    def forget(self):
        self.now -= 1
'''


def _kept(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Array]:
    """Everything is kept."""
    pullbacks = []
    for layer in layers:
        x, pullback = layer(x)
        pullbacks.append(pullback)
    for pullback in reversed(pullbacks):
        (dy,) = pullback(dy)
    return x, dy


def _segments(
    back: Callable[[Sequence[Any]], Any] = reversed,
    segments: Callable[[list[Any]], Any] = reversed,
    start: Callable[[list[Array]], list[Array]] = lambda kept: kept,
    keep: Callable[[Array, Array], Array] = lambda value, result: value,
) -> Callable[..., Any]:
    """Checkpointing that can go wrong: in where segments start, and in which order they go back."""

    def wrong(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Array]:
        kept, y = [], x
        for i, layer in enumerate(layers):
            value, y = y, layer(y)[0]
            if i % every == 0:
                kept.append(keep(value, y))
        kept = start(kept)
        for s in segments(list(range(len(kept)))):
            value, pullbacks = kept[s], []
            for layer in layers[s * every : (s + 1) * every]:
                value, pullback = layer(value)
                pullbacks.append(pullback)
            for pullback in back(pullbacks):
                (dy,) = pullback(dy)
        return y, dy

    return wrong


def _by_number(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Array]:
    """Takes ``every`` for the number of segments."""
    return _segments()(layers, x, dy, len(layers) // every)


def _tuples(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Any]:
    """The tuple that a pullback returns goes on as it is."""
    pullbacks = []
    for layer in layers:
        x, pullback = layer(x)
        pullbacks.append(pullback)
    for pullback in reversed(pullbacks):
        dy = pullback(dy)
    return x, dy


def _resent(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Array]:
    """The pullbacks of later segments are still in the list."""
    kept, y = [], x
    for i, layer in enumerate(layers):
        if i % every == 0:
            kept.append(y)
        y, _ = layer(y)
    pullbacks: list[Any] = []
    for s in reversed(range(len(kept))):
        value = kept[s]
        for layer in layers[s * every : (s + 1) * every]:
            value, pullback = layer(value)
            pullbacks.append(pullback)
        for pullback in reversed(pullbacks):
            (dy,) = pullback(dy)
    return y, dy


def _to_the_end(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Array]:
    """Each segment is run on to the last layer."""
    y = _kept(layers, x, dy, every)[0]
    for start in reversed(range(0, len(layers), every)):
        dy = _kept(layers[start:], _kept(layers[:start], x, dy, every)[0], dy, every)[1]
    return y, dy


def _each_from_dy(layers: Sequence[Any], x: Array, dy: Array, every: int) -> tuple[Array, Array]:
    """Every pullback gets dy."""
    y, _ = _kept(layers, x, dy, every)
    return y, layers[0](x)[1](dy)[0]


def _net(n: int, x: str, dy: str, every: int, results: Sequence[str], **words: Any) -> Program:
    return Program(
        f"net = Sines({n})\n"
        f"y, dx = checkpointed(net.layers, np.array({x}), np.array({dy}), {every})",
        results,
        **words,
    )


CHECKPOINTED = Programs(
    "automatic-differentiation.checkpointed",
    reference=_kept,
    given=SINES,
    checks=[
        agrees(
            "y",
            [
                _net(n, "[0.5, -1.0]", "[1.0, 2.0]", every, ["y"])
                for n, every in ((1, 1), (2, 1), (3, 3), (4, 2), (5, 2), (2, 5), (3, 5))
            ],
            "y is what the last layer returns on the way forward. Is it still in your variable "
            "when you return it?",
        ),
        agrees(
            "one segment",
            [
                _net(n, "[0.5, -1.0]", "[1.0, 2.0]", every, ["dx"])
                for n, every in ((1, 1), (2, 2), (3, 3), (4, 4))
            ],
            "One segment holds all layers: call each with its input, keep the pullbacks, send dy "
            "through them. In which order?",
            "A pullback returns a tuple with one gradient. What it returns goes into the pullback "
            "of the layer before.",
        ),
        agrees(
            "more segments",
            [
                _net(n, "[0.5, -1.0]", "[1.0, 2.0]", every, ["dx"])
                for n, every in ((2, 1), (4, 2), (6, 2), (6, 3))
            ],
            "With which input does the second segment begin, and with which gradient does the "
            "first segment go backward?",
            "The segments from the last to the first, and inside each the pullbacks from the last "
            "to the first.",
        ),
        agrees(
            "shorter last segment",
            [
                _net(n, "[0.5, -1.0]", "[1.0, 2.0]", every, ["dx"])
                for n, every in ((2, 5), (3, 2), (5, 2), (5, 3), (7, 3))
            ],
            "Which layers are in the last segment? Write down where each segment begins and ends.",
        ),
        agrees(
            "calls",
            [
                _net(
                    n,
                    "[0.5]",
                    "[1.0]",
                    every,
                    ["max(net.calls) <= 2"],
                    expected={"max(net.calls) <= 2": True},
                    says="A layer is called more than twice. Print net.calls to see which.",
                )
                for n, every in ((6, 1), (6, 2), (12, 4))
            ],
            "Once forward and once backward. From where do you compute anew: from x, or from what "
            "was kept for this segment?",
            basic=False,
        ),
        agrees(
            "memory",
            [
                _net(
                    n,
                    "[0.5]",
                    "[1.0]",
                    every,
                    [f"net.most <= {n} / {every} + {every} + 3"],
                    expected={f"net.most <= {n} / {every} + {every} + 3": True},
                    says="More results of layers exist at one time than the bound allows. Print "
                    "net.most to see how many.",
                )
                for n, every in ((36, 6), (60, 10))
            ],
            "Who still holds a result? A list of values, a list of pullbacks (each remembers its "
            "input), a variable of the loop.",
            "Going forward, drop the pullbacks and keep one input for each segment. Going "
            "backward, let the pullbacks of a segment go before you begin the next.",
            basic=False,
        ),
    ],
    mistakes=[
        Mistake(
            "pullbacks in forward order",
            "Inside a segment you send the gradient through the pullbacks in forward order. It "
            "arrives at the last layer first.",
            _segments(back=list),
        ),
        Mistake(
            "segments in forward order",
            "You take the segments in forward order. The gradient arrives at the last one first.",
            _segments(segments=list),
        ),
        Mistake(
            "everything in forward order",
            "You send the gradient from the first layer to the last. It arrives at the last one "
            "first.",
            _segments(segments=list, back=list),
        ),
        Mistake(
            "every segment from x",
            "You run every segment from x. Each begins with the input that was kept for it.",
            _segments(start=lambda kept: [kept[0]] * len(kept)),
        ),
        Mistake(
            "outputs kept",
            "You keep the output of the first layer of each segment and run that layer on it once "
            "more. Keep its input.",
            _segments(keep=lambda value, result: result),
        ),
        Mistake(
            "last segment only",
            "Only one segment is sent back through. Does a loop return too early?",
            _segments(segments=lambda numbers: numbers[-1:]),
        ),
        Mistake(
            "shorter segment dropped",
            "The layers of the last, shorter segment are missing on the way back.",
            lambda layers, x, dy, every: (
                _kept(layers, x, dy, every)[0],
                _kept(layers[: len(layers) // every * every], x, dy, every)[1],
            ),
        ),
        Mistake(
            "shorter segment dropped forward",
            "The layers of the last, shorter segment are missing, forward and back.",
            lambda layers, x, dy, every: _kept(
                layers[: len(layers) // every * every], x, dy, every
            ),
        ),
        Mistake(
            "number of segments",
            "You take every for the number of segments. It is the number of layers in each.",
            _by_number,
        ),
        Mistake(
            "segments to the end",
            "You run each segment on to the last layer. It ends where the next one begins.",
            _to_the_end,
        ),
        Mistake(
            "pullbacks sent through again",
            "The pullbacks of the segments that are done are still in your list, and the gradient "
            "is sent through them again. Each segment has a list of its own.",
            _resent,
        ),
        Mistake(
            "every pullback from dy",
            "Every pullback gets dy. It is to get what the pullback of the layer after it has "
            "returned.",
            _each_from_dy,
        ),
        Mistake(
            "tuples passed on",
            "A pullback returns a tuple with one gradient, and you hand on the tuple. Take the "
            "gradient out of it.",
            _tuples,
        ),
        Mistake(
            "dx first",
            "You return dx first. The order is y, dx.",
            lambda layers, x, dy, every: _kept(layers, x, dy, every)[::-1],
        ),
        Mistake(
            "end of the first segment for y",
            "Your y is where the first segment ends: the way back has overwritten it. Keep what "
            "the last layer returned.",
            lambda layers, x, dy, every: (
                _kept(layers[:every], x, dy, every)[0],
                _kept(layers, x, dy, every)[1],
            ),
        ),
        Mistake(
            "dx alone",
            "You return dx alone, and its entries are taken for the two results. Return y, dx.",
            lambda layers, x, dy, every: _kept(layers, x, dy, every)[1],
        ),
        Mistake(
            "dy untouched",
            "Your dx is dy as it came in: nothing has been sent through a pullback.",
            lambda layers, x, dy, every: (_kept(layers, x, dy, every)[0], dy),
        ),
        Mistake(
            "x for y",
            "Your y is the x that came in. Does a variable of the way back overwrite it?",
            lambda layers, x, dy, every: (x, _kept(layers, x, dy, every)[1]),
        ),
    ],
)
