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

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn.serialization import read_arrays, write_arrays
from chainrule.tables import Table, table


class Module:
    """A function with state. Subclasses define ``forward`` and own things as attributes.

    State is found in the attributes of the module, of its submodules, and of lists or tuples of
    them. A tensor with ``requires_grad`` is a parameter; a tensor without is a buffer: it is saved,
    but not trained, such as the running statistics of batch normalization. A tensor that was
    computed from others, and may be kept to look at it, is neither.

    Attributes
    ----------
    training : bool
        Whether the module shall behave as in training, the default; see :meth:`train`.
    """

    training = True

    def forward(self, *args: Any, **options: Any) -> Any:
        """Compute the output; every subclass defines it."""
        raise TypeError(f"{type(self).__name__}: a module must define forward(self, …)")

    def __call__(self, *args: Any, **options: Any) -> Any:
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
        """Yield dotted name and tensor of each parameter; a shared one only once."""
        return ((name, tensor) for name, tensor in self._state() if tensor.requires_grad)

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield dotted name and tensor of each buffer; a shared one only once.

        A parameter that was frozen by ``requires_grad = False`` counts as one.
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
        *inputs : array or Tensor
            An example of what the module takes. With it, the table has the shapes of what every
            layer returns; it is computed in evaluation mode, which changes nothing.

        Returns
        -------
        Table
            A row for each submodule that has no submodules or owns parameters itself. Functions
            that ``forward`` calls are no modules and do not appear.
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
            shapes = self._output_shapes(*inputs)
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
        own = dict(self._state())
        arrays = {name: np.asarray(a) for name, a in state.items()}
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

    def _output_shapes(self, *inputs: Any) -> dict[Module, tuple[int, ...]]:
        shapes = {}

        def observe(module: Module, forward: Any) -> Any:
            def observed(*args: Any, **options: Any) -> Any:
                y = forward(*args, **options)
                shapes[module] = (y[0] if isinstance(y, tuple) else y).shape
                return y

            return observed

        with _evaluating(self) as modules:
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
    if not all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes.values()):
        listed = ", ".join(f"{name}={n!r}" for name, n in sizes.items())
        raise ValueError(f"{module}: sizes must be positive integers, got {listed}")


def _attributes(module: Module) -> Iterator[tuple[str, Any]]:
    """Name and value of each attribute; lists and tuples item by item."""
    for name, value in vars(module).items():
        if isinstance(value, (list, tuple)):
            yield from ((f"{name}.{i}", item) for i, item in enumerate(value))
        else:
            yield name, value


def _describe(name: str, a: Tensor | Array) -> str:
    return f"{name} {a.shape} {a.dtype}"


@contextmanager
def _evaluating(model: Module) -> Iterator[list[Module]]:
    modules = [module for _, module in model.named_modules()]
    before = [module.training for module in modules]
    model.eval()
    try:
        yield modules
    finally:
        for module, training in zip(modules, before, strict=True):
            module.training = training
