"""Instruments: what happens inside a network while it trains.

Each notes a few quantities of every layer or parameter at every step, and is the same in
:func:`~chainrule.training.fit` and in a loop of your own. Read in the chapter ``diagnostics``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from chainrule.arguments import require_instance, require_integers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import Module, Sigmoid, Tanh
from chainrule.tables import Table, table

SATURATED = 0.05  # of the largest slope


class Instrument:
    """A record of some quantities of every name, step by step.

    ``instrument["norm"]`` is an array (steps, names), to be plotted over ``instrument.steps``.

    Parameters
    ----------
    names : sequence of str
        What is measured: layers or parameters.
    every : int
        Measure only every so many steps, to save time.

    Attributes
    ----------
    quantities : tuple of str
        What is known of each name.
    names : list of str
    steps : list of int
        The steps that were measured, counted from 0.

    Raises
    ------
    ValueError
        If ``every`` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.training import Instrument
    >>> class Sizes(Instrument):
    ...     quantities = ("size",)
    >>> sizes = Sizes(["a", "b"])
    >>> sizes.note(0, [(2,), (3,)])
    >>> sizes.note(1, [(4,), (5,)])
    >>> sizes["size"]
    array([[2., 3.],
           [4., 5.]])
    >>> sizes.table()
    Step 1
    name  size
    a        4
    b        5
    """

    quantities: tuple[str, ...] = ()

    def __init__(self, names: Sequence[str], *, every: int = 1) -> None:
        require_integers(type(self).__name__, every=every)
        if not isinstance(names, (tuple, list)) or not all(isinstance(n, str) for n in names):
            raise TypeError(
                f"{type(self).__name__}: names must be a list of strings, got {names!r}; "
                "take one for each thing that is measured"
            )
        self.names, self.every = list(names), every
        self.steps: list[int] = []
        self._values: list[Array] = []
        self._step = -1  # the step that is running

    def note(self, step: int, values: Any) -> None:
        """Write down ``values`` (names, quantities) of one step."""
        self._values.append(np.array(values, float).reshape(len(self.names), -1))
        self.steps.append(step)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        measured = ", ".join(self.quantities)
        return f"{type(self).__name__}({measured} of {len(self.names)} at {len(self)} steps)"

    def __getitem__(self, quantity: str) -> Array:
        if quantity not in self.quantities:
            raise KeyError(
                f"{type(self).__name__}: there is no {quantity!r}; it has "
                + ", ".join(map(repr, self.quantities))
            )
        column = self.quantities.index(quantity)
        shape = (len(self), len(self.names))
        return np.array([values[:, column] for values in self._values]).reshape(shape)

    def table(self, index: int = -1) -> Table:
        """Tabulate one measurement, by default the last: a row for each name.

        Raises
        ------
        IndexError
            If there is no such measurement.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(
                f"{type(self).__name__}: there is no measurement {index}, only {len(self)} were "
                "made; train while it is attached"
            )
        columns = {q: self._values[index][:, i].tolist() for i, q in enumerate(self.quantities)}
        return table({"name": self.names, **columns}, caption=f"Step {self.steps[index]}")

    def _begin_step(self) -> bool:
        """Count a step; return whether it is one to measure."""
        self._step += 1
        return self._step % self.every == 0


class GradientNorms(Instrument):
    """The norm of the gradient of each parameter; call it after each backward pass.

    Parameters
    ----------
    model : Module
    every : int, keyword only
        Measure only every so many steps.

    Notes
    -----
    The quantity is ``"norm"``: the root of the sum of squares, NaN for a parameter without a
    gradient. As the callback of ``fit`` it sees gradients before they are clipped.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.training import GradientNorms
    >>> model = nn.Linear(2, 1, rng=np.random.default_rng(0))
    >>> norms = GradientNorms(model)
    >>> model(np.array([[3.0, 4.0]], np.float32)).sum().backward()
    >>> norms()  # or fit(…, callback=norms)
    >>> norms.table()
    Step 0
    name    norm
    weight     5
    bias       1
    """

    quantities = ("norm",)

    def __init__(self, model: Module, *, every: int = 1) -> None:
        require_instance(type(self).__name__, Module, "pass the model", model=model)
        named = dict(model.named_parameters())
        super().__init__(list(named), every=every)
        self._parameters = list(named.values())

    def __call__(self, step: Any = None) -> None:
        """Measure now; ``step`` is what ``fit`` hands to its callback, and is not needed."""
        if self._begin_step():
            gradients = [p.grad for p in self._parameters]
            self.note(self._step, [[math.nan if g is None else _norm(g)] for g in gradients])


class UpdateRatios(Instrument):
    """How far each update moves each parameter, relative to its size.

    A context: inside, the ``step`` of the optimizer is measured, whoever calls it. After it, also
    after an error, the optimizer is what it was.

    Parameters
    ----------
    model : Module
    optimizer : Optimizer
    every : int, keyword only
        Measure only every so many steps.

    Notes
    -----
    With θ before and θ′ after the update, the quantities are ``"weight_norm"`` ‖θ‖,
    ``"update_norm"`` ‖θ′ − θ‖ and ``"ratio"``, the second by the first, NaN where θ is zero.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.optim import SGD
    >>> from chainrule.training import UpdateRatios
    >>> model = nn.Linear(2, 1, bias=False, rng=np.random.default_rng(0))
    >>> model.weight.data[...] = [[30.0, 40.0]]
    >>> optimizer = SGD(model.parameters(), lr=0.01)
    >>> with UpdateRatios(model, optimizer) as ratios:
    ...     model(np.array([[3.0, 4.0]], np.float32)).sum().backward()
    ...     optimizer.step()
    >>> ratios.table()
    Step 0
    name    weight_norm  update_norm  ratio
    weight           50         0.05  0.001
    """

    quantities = ("weight_norm", "update_norm", "ratio")

    def __init__(self, model: Module, optimizer: Any, *, every: int = 1) -> None:
        require_instance(type(self).__name__, Module, "pass the model", model=model)
        named = dict(model.named_parameters())
        super().__init__(list(named), every=every)
        if not callable(getattr(optimizer, "step", None)):
            raise TypeError(
                f"UpdateRatios: optimizer must have a method step, got {optimizer!r}; "
                "pass an optimizer of chainrule.optim"
            )
        self._parameters, self._optimizer = list(named.values()), optimizer
        self._overlays = _Overlays()

    def __enter__(self) -> Self:
        self._overlays.put(self._optimizer, "step", self._measured)
        return self

    def __exit__(self, *error: object) -> None:
        self._overlays.remove()

    def _measured(self, step: Callable[[], None]) -> Callable[[], None]:
        def measured() -> None:
            if not self._begin_step():
                return step()
            before = [p.data.copy() for p in self._parameters]
            step()
            moved = (p.data - old for p, old in zip(self._parameters, before, strict=True))
            norms = [(_norm(old), _norm(d)) for old, d in zip(before, moved, strict=True)]
            self.note(self._step, [(w, u, u / w if w else math.nan) for w, u in norms])

        return measured


class ActivationStatistics(Instrument):
    """What each layer puts out in training mode: its mean and spread, dead and saturated units.

    A context: inside, every call of the model in training mode is one step. After it, also after an
    error, the model is what it was. Layers are modules that have no submodules or own parameters
    themselves; functions that a ``forward`` calls are not seen.

    Parameters
    ----------
    model : Module
    every : int, keyword only
        Measure only every so many steps.

    Notes
    -----
    The quantities, over all entries that a layer put out in the step:

    ``"mean"``, ``"std"``
        Mean and standard deviation.
    ``"zero"``
        The fraction of entries that are 0, as those that a ReLU cut off.
    ``"dead"``
        The fraction of units that are 0 for every example of the batch. A unit is a position on
        all axes but the first.
    ``"saturated"``
        For :class:`~chainrule.nn.Sigmoid` and :class:`~chainrule.nn.Tanh`, the fraction of entries
        where the slope is below 5 % of its largest; NaN for other layers.

    A layer that is called several times in a step counts with all its calls; for ``"dead"``, the
    mean over the calls. One that is not called has NaN. Of a layer that returns a tuple, the first
    part is measured.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.training import ActivationStatistics
    >>> model = nn.Sequential(nn.ReLU(), nn.Tanh())
    >>> with ActivationStatistics(model) as activations:
    ...     y = model(np.array([[-1.0, 3.0], [-2.0, 0.0]]))
    >>> activations.names
    ['0', '1']
    >>> activations["zero"], activations["dead"]
    (array([[0.75, 0.75]]), array([[0.5, 0.5]]))
    >>> activations["saturated"]
    array([[ nan, 0.25]])
    """

    quantities = ("mean", "std", "zero", "dead", "saturated")

    def __init__(self, model: Module, *, every: int = 1) -> None:
        require_instance(type(self).__name__, Module, "pass the model", model=model)
        layers = [(name, m) for name, m in model.named_modules() if _is_layer(m)]
        super().__init__([name or "(itself)" for name, _ in layers], every=every)
        self._model, self._layers = model, [m for _, m in layers]
        self._overlays = _Overlays()
        self._calls: dict[Module, list[Array]] | None = None  # of the running step, if measured

    def __enter__(self) -> Self:
        for layer in self._layers:
            self._overlays.put(layer, "forward", functools.partial(self._observed, layer))
        self._overlays.put(self._model, "forward", self._stepping)
        return self

    def __exit__(self, *error: object) -> None:
        self._overlays.remove()

    def _stepping(self, forward: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*args: Any, **options: Any) -> Any:
            if not self._model.training or not self._begin_step():
                return forward(*args, **options)
            self._calls = {}
            try:
                y = forward(*args, **options)
                rows = [_statistics(self._calls.get(m, [])) for m in self._layers]
                self.note(self._step, rows)
            finally:
                self._calls = None
            return y

        return stepping

    def _observed(self, layer: Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def observed(*args: Any, **options: Any) -> Any:
            y = forward(*args, **options)
            first = y[0] if isinstance(y, tuple) else y
            if self._calls is not None and isinstance(first, Tensor):
                self._calls.setdefault(layer, []).append(_summary(layer, first.data))
            return y

        return observed


class _Overlays:
    """Attributes of objects that hide the methods of their class, until they are removed."""

    def __init__(self) -> None:
        self._put: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        self._put.append((owner, name, vars(owner).get(name)))
        vars(owner)[name] = wrap(getattr(owner, name))

    def remove(self) -> None:
        while self._put:
            owner, name, before = self._put.pop()
            if before is None:
                del vars(owner)[name]
            else:
                vars(owner)[name] = before


def _is_layer(module: Module) -> bool:
    own = any("." not in name for name, _ in module.named_parameters())
    return own or not any(module.children())


def _summary(layer: Module, y: Array) -> Array:
    """Count, sum, sum of squares, zeros, dead fraction and saturated entries of one call."""
    zero = y == 0
    slope = None
    if isinstance(layer, Sigmoid):
        slope = 4 * y * (1 - y)
    elif isinstance(layer, Tanh):
        slope = 1 - y * y
    saturated = math.nan if slope is None else (slope < SATURATED).sum()
    dead = zero.all(axis=0).mean() if y.ndim and y.size else math.nan
    total, squares = y.sum(dtype=float), np.square(y, dtype=float).sum()
    return np.array([y.size, total, squares, zero.sum(), dead, saturated])


def _statistics(calls: list[Array]) -> tuple[float, ...]:
    size, total, squares, zero, dead, saturated = np.sum(calls, axis=0) if calls else np.zeros(6)
    if not size:
        return (math.nan,) * 5
    mean = total / size
    std = math.sqrt(max(squares / size - mean * mean, 0.0))
    return mean, std, zero / size, dead / len(calls), saturated / size


def _norm(a: Array) -> float:
    return float(np.linalg.norm(a))
