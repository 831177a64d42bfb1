"""Modules: functions that own their parameters, can be taken apart by name, and saved.

Names, shapes and the keys of ``state_dict`` are PyTorch's, so that its weights fit. First used in
the chapter ``backpropagation``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import is_integer, require_instance, require_integers
from chainrule.autograd import Tensor, no_grad
from chainrule.functional.contract import Array
from chainrule.nn.serialization import read_arrays, write_arrays
from chainrule.tables import Table, table


class Module:
    """A function with state. Subclasses define ``forward`` and own things as attributes.

    State is found in the attributes of the module, of its submodules, and of lists, tuples or
    dicts of them, however nested: ``self.blocks = [a, b]`` needs no other kind of list. A tensor
    with ``requires_grad`` is a parameter; a tensor without is a buffer: it is saved, but not
    trained, such as the running statistics of batch normalization. A tensor that was computed from
    others, and may be kept to look at it, is neither.

    Attributes
    ----------
    training : bool
        Whether the module shall behave as in training, the default; see :meth:`train`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> class Residual(nn.Module):
    ...     def __init__(self, d, *, rng):
    ...         self.layers = [nn.Linear(d, d, rng=rng), nn.ReLU(), nn.Linear(d, d, rng=rng)]
    ...
    ...     def forward(self, x):
    ...         y = x
    ...         for layer in self.layers:
    ...             y = layer(y)
    ...         return y + x
    >>> model = Residual(3, rng=np.random.default_rng(0))
    >>> model(np.ones((2, 3), np.float32)).shape
    (2, 3)
    >>> [name for name, _ in model.named_parameters()]
    ['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']
    >>> model.num_parameters()
    24
    """

    training = True

    def forward(self, *args: Any, **options: Any) -> Any:
        """Compute the output; every subclass defines it."""
        raise TypeError(f"{type(self).__name__}: a module must define forward(self, …)")

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What ``forward`` returns: subclasses define that, and are called by this."""
        return self.forward(*args, **options)

    def children(self) -> Iterator[tuple[str, Module]]:
        """Yield name and module of each direct submodule."""
        for name, value in _attributes(self):
            if isinstance(value, Module):
                yield name, value

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield dotted name and module, this one first, under an empty name, and each once."""
        seen: set[Module] = set()
        for name, module in self._walk():
            if module not in seen:
                seen.add(module)
                yield name, module

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield dotted name and tensor of each parameter; a shared one only once.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule import nn
        >>> rng = np.random.default_rng(0)
        >>> model = nn.Sequential(nn.Linear(4, 3, rng=rng), nn.BatchNorm1d(3))
        >>> {name: p.shape for name, p in model.named_parameters()}
        {'0.weight': (3, 4), '0.bias': (3,), '1.weight': (3,), '1.bias': (3,)}
        """
        return ((name, tensor) for name, tensor in self._state() if tensor.requires_grad)

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield dotted name and tensor of each buffer; a shared one only once.

        A parameter that was frozen by ``requires_grad = False`` counts as one.

        Examples
        --------
        >>> from chainrule import nn
        >>> [name for name, _ in nn.BatchNorm1d(3).named_buffers()]
        ['running_mean', 'running_var', 'num_batches_tracked']
        """
        return ((name, tensor) for name, tensor in self._state() if not tensor.requires_grad)

    def parameters(self) -> Iterator[Tensor]:
        """Yield each parameter once."""
        return (tensor for _, tensor in self.named_parameters())

    def num_parameters(self) -> int:
        """Count the numbers that are trained."""
        return sum(tensor.data.size for tensor in self.parameters())

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for tensor in self.parameters():
            tensor.grad = None

    def train(self, mode: bool = True) -> Self:
        """Let this module and all in it behave as in training, and return it.

        Dropout drops and batch normalization uses the statistics of the batch. With ``mode=False``
        as :meth:`eval`.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule import nn
        >>> model = nn.Sequential(nn.Dropout(0.5, rng=np.random.default_rng(0)))
        >>> model.eval()[0].training, model.train()[0].training
        (False, True)
        """
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Let this module and all in it behave as in evaluation, and return it."""
        return self.train(False)

    def state_dict(self) -> dict[str, Array]:
        """Copy parameters and buffers: dotted name → array. Training on does not change them.

        A shared tensor comes once, under its first name.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule import nn
        >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
        >>> before = layer.state_dict()
        >>> layer.bias.data[:] = 7
        >>> layer.load_state_dict(before)
        >>> bool((layer.bias.data == 7).any())
        False
        """
        return {name: tensor.data.copy() for name, tensor in self._state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set parameters and buffers, in place, to what :meth:`state_dict` returned.

        Parameters
        ----------
        state : mapping
            Dotted name → array, for all names of this module and no other.

        Raises
        ------
        ValueError
            If a name is missing or unexpected, or an array has another shape or dtype; the message
            lists all differences. Then nothing is set.
        TypeError
            If ``state`` is no mapping.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule import nn
        >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
        >>> layer.load_state_dict({"weight": np.zeros((2, 4), np.float32)})
        Traceback (most recent call last):
            ...
        ValueError: load_state_dict: state does not fit this Linear; nothing was set. Build the ...
          missing: bias (2,) float32
          wrong shape: weight must be (2, 3), got (2, 4)
        """
        self._load_state("load_state_dict", "state", state)

    def save(self, path: str | PathLike[str]) -> None:
        """Write parameters and buffers to an ``.npz`` file, which ``numpy.load`` reads as well.

        It is written beside ``path`` and then put in its place, so that there is never half a
        file, nor is an older one lost.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import os, tempfile
        >>> import numpy as np
        >>> from chainrule import nn
        >>> first, second = (nn.Linear(3, 2, rng=np.random.default_rng(seed)) for seed in (0, 1))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first.save(os.path.join(folder, "model.npz"))
        ...     second.load(os.path.join(folder, "model.npz"))
        >>> np.array_equal(first.weight.data, second.weight.data)
        True
        """
        write_arrays(path, self.state_dict())

    def load(self, path: str | PathLike[str]) -> None:
        """Set parameters and buffers, in place, to those of a file that :meth:`save` wrote.

        Nothing in the file is executed: it holds numbers only, and no pickles are read.

        Raises
        ------
        ValueError
            If the file is damaged, or does not fit this module; the message lists all differences.
            Then nothing is set.
        OSError
            If the file cannot be read.
        """
        self._load_state("load", str(path), read_arrays("load", path))

    def summary(self, *inputs: Any) -> Table:
        """Tabulate the layers and the numbers that each trains.

        Parameters
        ----------
        *inputs : array, Tensor or tuple of int
            An example of what the module takes, or its shape, which stands for zeros of the dtype
            of the parameters. With it, the table has the shapes of what every layer returns; it is
            computed in evaluation mode, which changes nothing.

        Returns
        -------
        Table
            A row for each submodule that has no submodules or owns parameters itself. Functions
            that ``forward`` calls are no modules and do not appear.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule import nn
        >>> rng = np.random.default_rng(0)
        >>> model = nn.Sequential(nn.Linear(784, 9, rng=rng), nn.ReLU(), nn.Linear(9, 10, rng=rng))
        >>> model.summary()
        Sequential: 7,165 parameters
        module  type    parameters
        0       Linear       7,065
        1       ReLU             0
        2       Linear         100
        >>> model.summary((32, 784)).columns
        ('module', 'type', 'output', 'parameters')
        """
        rows = [
            (name, module)
            for name, module in self.named_modules()
            if not any(module.children()) or any(True for _ in module._own_tensors())
        ]
        columns: dict[str, list[Any]] = {
            "module": [name or "(itself)" for name, _ in rows],
            "type": [type(module).__name__ for _, module in rows],
        }
        if inputs:
            shapes = self._output_shapes(*map(self._example, inputs))
            columns["output"] = [shapes.get(module, "not called") for _, module in rows]
        counted: set[Tensor] = set()
        columns["parameters"] = []
        for _, module in rows:
            own = {p for _, p in module._own_tensors() if p.requires_grad} - counted
            counted |= own
            columns["parameters"].append(sum(p.data.size for p in own))
        caption = f"{type(self).__name__}: {self.num_parameters():,} parameters"
        return table(columns, caption=caption)

    def _load_state(self, function: str, source: str, state: Mapping[str, Any]) -> None:
        remedy = "pass what state_dict() returned; a file is read by load(path)"
        require_instance(function, Mapping, remedy, state=state)
        own = dict(self._state())
        arrays = {
            name: a.data if isinstance(a, Tensor) else np.asarray(a) for name, a in state.items()
        }
        differences = [
            *(f"missing: {_describe(name, own[name])}" for name in own if name not in arrays),
            *(f"unexpected: {_describe(name, arrays[name])}" for name in arrays if name not in own),
        ]
        for name in own:
            if name in arrays:
                for what in ("shape", "dtype"):
                    expected, got = getattr(own[name], what), getattr(arrays[name], what)
                    if expected != got:
                        differences.append(f"wrong {what}: {name} must be {expected}, got {got}")
        if differences:
            raise ValueError(
                f"{function}: {source} does not fit this {type(self).__name__}; nothing was set. "
                "Build the module with the sizes and the dtype of the saved one.\n  "
                + "\n  ".join(differences)
            )
        for name, tensor in own.items():
            tensor.data[...] = arrays[name]

    def _example(self, given: Any) -> Any:
        if not isinstance(given, tuple):
            return given
        require_integers("summary", **{f"inputs[{i}]": n for i, n in enumerate(given)})
        return np.zeros(given, next((p.dtype for p in self.parameters()), np.dtype(np.float32)))

    def _output_shapes(self, *inputs: Any) -> dict[Module, tuple[int, ...]]:
        shapes = {}

        def observe(module: Module, forward: Any) -> Any:
            def observed(*args: Any, **options: Any) -> Any:
                y = forward(*args, **options)
                shapes[module] = (y[0] if isinstance(y, tuple) else y).shape
                return y

            return observed

        modules = [module for _, module in self.named_modules()]
        with evaluating(self):
            try:
                for module in modules:  # an attribute hides the method of the class
                    vars(module)["forward"] = observe(module, module.forward)
                self(*inputs)
            finally:
                for module in modules:
                    vars(module).pop("forward", None)
        return shapes

    def _walk(self) -> Iterator[tuple[str, Module]]:
        yield "", self
        for name, child in self.children():
            for inner, module in child._walk():
                yield f"{name}.{inner}" if inner else name, module

    def _own_tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, value in _attributes(self):
            if isinstance(value, Tensor) and value.is_leaf:
                yield name, value

    def _state(self) -> Iterator[tuple[str, Tensor]]:
        seen: set[Tensor] = set()
        for path, module in self._walk():
            for name, tensor in module._own_tensors():
                if tensor not in seen:
                    seen.add(tensor)
                    yield f"{path}.{name}" if path else name, tensor

    def extra_repr(self) -> str:
        """What stands in the parentheses of ``repr``: the options, for subclasses to define."""
        return ""

    def __repr__(self) -> str:
        lines = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.children()]
        inside = self.extra_repr()
        if lines:
            inside = "\n".join(["", *([f"  {inside}"] if inside else []), *lines, ""])
        return f"{type(self).__name__}({inside})"


def parameter(*shape: int, dtype: DTypeLike = np.float32) -> Tensor:
    """A tensor of zeros that requires a gradient, for :mod:`chainrule.nn.init` to fill."""
    return Tensor(np.zeros(shape, dtype), requires_grad=True)


def require_positive(module: str, **sizes: Any) -> None:
    """Raise ``ValueError`` unless all ``sizes`` are positive integers."""
    if not all(is_integer(n) and n > 0 for n in sizes.values()):
        listed = ", ".join(f"{name}={n!r}" for name, n in sizes.items())
        raise ValueError(f"{module}: sizes must be positive integers, got {listed}")


def require_arrays(module: str, **inputs: Any) -> None:
    """Raise ``TypeError`` unless all ``inputs`` are tensors or arrays, which have a shape."""
    remedy = "convert it with np.asarray, in the dtype of the parameters"
    require_instance(module, Tensor | np.ndarray, remedy, **inputs)


def _attributes(module: Module) -> Iterator[tuple[str, Any]]:
    """Name and value of each attribute; lists, tuples and dicts item by item."""
    for name, value in vars(module).items():
        yield from _items(name, value)


def _items(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _items(f"{name}.{i}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _items(f"{name}.{key}", item)
    else:
        yield name, value


def _describe(name: str, a: Tensor | Array) -> str:
    return f"{name} {a.shape} {a.dtype}"


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Measure or generate: in evaluation mode, without a record of gradients, and then as before.

    Parameters
    ----------
    model : Module
        Every module in it gets its own mode back, also after an error.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Dropout(0.5, rng=np.random.default_rng(0))
    >>> with nn.evaluating(layer):
    ...     print(layer(np.ones(3)))
    Tensor([1., 1., 1.])
    >>> layer.training
    True
    """
    require_instance("evaluating", Module, "pass the model", model=model)
    modules = [module for _, module in model.named_modules()]
    before = [module.training for module in modules]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, training in zip(modules, before, strict=True):
            module.training = training
