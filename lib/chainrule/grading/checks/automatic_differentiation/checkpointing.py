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
                for n, every in ((1, 1), (2, 1), (3, 3), (4, 2), (5, 2), (3, 5))
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
