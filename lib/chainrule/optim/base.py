"""What all optimizers have in common: parameters in groups, steps, and a state to save."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np

from chainrule.arguments import require_instance, require_numbers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn.serialization import read_arrays, write_arrays

Parameters = Iterable[Tensor] | Sequence[Mapping[str, Any]]


class Optimizer:
    """What all optimizers have in common: the parameters, and how they are updated together.

    Parameters
    ----------
    parameters : iterable of Tensor, or sequence of groups
        What to train, for instance ``model.parameters()``. A group is a mapping with the key
        ``"params"`` and, if these parameters shall have their own, ``"weight_decay"``.
    lr : float
        The learning rate, greater than 0. An attribute that may be changed between steps;
        ``initial_lr`` stays, and schedules start from it.
    weight_decay : float
        λ, at least 0, of the groups that do not say otherwise.

    Raises
    ------
    ValueError
        If there is nothing to train, a parameter comes twice, or a number is out of range.
    TypeError
        If something among the parameters is no Tensor that requires a gradient, or a group has
        another key.

    Examples
    --------
    A subclass turns the gradients of parameters, put end to end, into what is to be subtracted:

    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> class SignDescent(Optimizer):
    ...     def _change(self, where, t, g):
    ...         return self.lr * np.sign(g)
    >>> w = Tensor(np.array([1.0, -1.0]), requires_grad=True)
    >>> w.grad = np.array([20.0, -0.1])
    >>> SignDescent([w], lr=0.25).step()
    >>> w.data
    array([ 0.75, -0.75])

    Weight decay for the weights and none for the biases, as is common:

    >>> from chainrule import nn
    >>> model = nn.Linear(3, 2, rng=np.random.default_rng(0))
    >>> groups = [{"params": [model.weight]}, {"params": [model.bias], "weight_decay": 0.0}]
    >>> from chainrule.optim import AdamW
    >>> AdamW(groups, lr=1e-3, weight_decay=0.1).decays
    [0.1, 0.0]
    """

    decoupled = False  # whether weight decay shrinks θ, or adds λ θ to the gradient

    def __init__(self, parameters: Parameters, lr: float, *, weight_decay: float = 0.0) -> None:
        name = type(self).__name__
        require_numbers(name, "(0, inf)", lr=lr)
        self.lr = self.initial_lr = lr
        self.parameters: list[Tensor] = []
        self.decays: list[float] = []  # λ of each parameter
        for tensors, decay in _groups(name, parameters, weight_decay):
            self.parameters += tensors
            self.decays += [decay] * len(tensors)
        if not self.parameters:
            raise ValueError(f"{name}: there is no parameter to train; pass model.parameters()")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError(f"{name}: a parameter comes twice; each belongs to one group")
        self._steps = [0] * len(self.parameters)  # updates of each parameter so far
        # What is remembered of all parameters stands end to end in one array, so that one pass
        # over it serves small parameters as well: a call of NumPy costs as much as 1000 numbers.
        self._ends = list(itertools.accumulate((p.data.size for p in self.parameters), initial=0))
        self._dtype = np.result_type(*(p.data for p in self.parameters))
        self._state: dict[str, Array] = {}

    def zero_grad(self) -> None:
        """Forget the gradients of the last step; otherwise the next ones add to them.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> from chainrule.optim import SGD
        >>> w = Tensor(np.ones(2), requires_grad=True)
        >>> optimizer = SGD([w], lr=0.1)
        >>> w.sum().backward()
        >>> optimizer.zero_grad()
        >>> w.grad is None
        True
        """
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Update each parameter that has a gradient.

        Raises
        ------
        ValueError
            If a gradient has not the shape of its parameter.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> from chainrule.optim import SGD
        >>> w = Tensor(np.array([3.0]), requires_grad=True)
        >>> optimizer = SGD([w], lr=0.5)
        >>> (w * w).sum().backward()  # the gradient is 2 w = 6
        >>> optimizer.step()
        >>> w.data
        array([0.])
        """
        for run in self._runs():
            tensors, decay = [self.parameters[i] for i in run], self.decays[run.start]
            self._require_gradients(tensors)
            g = self._end_to_end([p.grad for p in tensors])
            if decay and not self.decoupled:
                g += decay * self._end_to_end([p.data for p in tensors])
            for i in run:
                self._steps[i] += 1
            start, stop = self._ends[run.start], self._ends[run.stop]
            change = self._change(slice(start, stop), self._steps[run.start], g)
            for i, p in zip(run, tensors, strict=True):
                if decay and self.decoupled:
                    p.data *= 1 - self.lr * decay
                own = change[self._ends[i] - start : self._ends[i + 1] - start]
                p.data -= own.reshape(p.data.shape)

    def state_dict(self) -> dict[str, Array]:
        """Copy all that the next step depends on besides parameters and gradients.

        Returns
        -------
        dict
            Name → array: the learning rate, the number of updates of each parameter, and the
            averages that the optimizer keeps, such as ``"velocity.0"``, of the first parameter.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> from chainrule.optim import SGD
        >>> w = Tensor(np.ones(2), requires_grad=True)
        >>> sorted(SGD([w], lr=0.1, momentum=0.9).state_dict())
        ['initial_lr', 'lr', 'steps', 'velocity.0']
        """
        return {
            "lr": np.array(self.lr, float),
            "initial_lr": np.array(self.initial_lr, float),
            "steps": np.array(self._steps, np.int64),
            **{name: a.copy() for name, a in self._named_state().items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state_dict` returned, to the last bit.

        Parameters
        ----------
        state : mapping
            From an optimizer of the same kind for parameters of the same shapes and dtype.

        Raises
        ------
        ValueError
            If a name is missing or unexpected, or an array has another shape or dtype; the message
            lists all differences. Then nothing is set.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> from chainrule.optim import Adam
        >>> w = Tensor(np.ones(2), requires_grad=True)
        >>> optimizer = Adam([w], lr=0.1)
        >>> before = w.data.copy(), optimizer.state_dict()
        >>> w.grad = np.array([1.0, 2.0])
        >>> optimizer.step()
        >>> w.data[...] = before[0]
        >>> optimizer.load_state_dict(before[1])  # as if the step had not been taken
        >>> optimizer.state_dict()["steps"]
        array([0])
        """
        self._load_state("load_state_dict", "state", state)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the state to an ``.npz`` file, in one piece or not at all.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        A run goes on where it stopped if its model, optimizer, schedule and generators do:

        >>> import tempfile, pathlib
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> from chainrule.optim import Adam
        >>> w = Tensor(np.ones(2), requires_grad=True)
        >>> optimizer = Adam([w], lr=0.25)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     optimizer.save(pathlib.Path(folder) / "optimizer.npz")
        ...     again = Adam([w], lr=0.001)
        ...     again.load(pathlib.Path(folder) / "optimizer.npz")
        >>> again.lr
        0.25
        """
        write_arrays(path, self.state_dict())

    def load(self, path: str | PathLike[str]) -> None:
        """Continue from a file that :meth:`save` wrote; see there for an example.

        Raises
        ------
        ValueError
            If the file is damaged, or does not fit this optimizer; the message lists all
            differences. Then nothing is set.
        OSError
            If the file cannot be read.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> from chainrule.optim import SGD
        >>> optimizer = SGD([Tensor(np.ones(2), requires_grad=True)], lr=0.1)
        >>> optimizer.load("no_such_file.npz")
        Traceback (most recent call last):
        ...
        FileNotFoundError: [Errno 2] No such file or directory: 'no_such_file.npz'
        """
        self._load_state("load", str(path), read_arrays("load", path))

    def __repr__(self) -> str:
        public = {name: value for name, value in vars(self).items() if name[0] != "_"}
        options = {n: v for n, v in public.items() if isinstance(v, (int, float, tuple))}
        listed = "".join(f", {name}={value}" for name, value in options.items())
        return f"{type(self).__name__}({len(self.parameters)} parameters{listed})"

    def _change(self, where: slice, t: int, g: Array) -> Array:
        """Turn the gradient ``g`` into what θ ← θ − … subtracts; every optimizer defines it.

        It may overwrite ``g``. What :meth:`_zeros` made is in the same order as ``g`` at ``where``,
        and this is the t-th update.
        """
        name = type(self).__name__
        raise TypeError(f"{name}: an optimizer must define _change(self, where, t, g)")

    def _zeros(self, name: str) -> Array:
        """A zero for each number that is trained, saved and restored under this name."""
        self._state[name] = np.zeros(self._ends[-1], self._dtype)
        return self._state[name]

    def _require_gradients(self, tensors: list[Tensor]) -> None:
        # Put end to end, a transposed gradient would be as long, and wrong.
        if [getattr(p.grad, "shape", None) for p in tensors] != [p.data.shape for p in tensors]:
            for p in tensors:
                got = getattr(p.grad, "shape", type(p.grad).__name__)
                if got != p.data.shape:
                    raise ValueError(
                        f"{type(self).__name__}: .grad of a parameter of shape {p.shape} must be "
                        f"an array of this shape, got {got}; look where it was set"
                    )

    def _end_to_end(self, arrays: list[Any]) -> Array:
        return np.concatenate([a.reshape(-1) for a in arrays], dtype=self._dtype)

    def _runs(self) -> Iterator[range]:
        """Neighbors that have a gradient, one decay and as many updates: as a rule, all."""

        def kind(i: int) -> tuple[bool, float, int]:
            return self.parameters[i].grad is None, self.decays[i], self._steps[i]

        for (skipped, _, _), run in itertools.groupby(range(len(self.parameters)), kind):
            indices = list(run)
            if not skipped:
                yield range(indices[0], indices[-1] + 1)

    def _named_state(self) -> dict[str, Array]:
        return {
            f"{name}.{i}": array[self._ends[i] : self._ends[i + 1]].reshape(p.data.shape)
            for name, array in self._state.items()
            for i, p in enumerate(self.parameters)
        }

    def _load_state(self, function: str, source: str, state: Mapping[str, Any]) -> None:
        remedy = "pass what state_dict() returned; a file is read by load(path)"
        require_instance(function, Mapping, remedy, state=state)
        own = self.state_dict()
        new = {name: np.asarray(a) for name, a in state.items()}
        differences = [
            *(f"missing: {name}" for name in own if name not in new),
            *(f"unexpected: {name}" for name in new if name not in own),
        ]
        for name in own:
            if name in new and (own[name].shape, own[name].dtype) != (
                new[name].shape,
                new[name].dtype,
            ):
                differences.append(
                    f"{name} must be {own[name].shape} {own[name].dtype}, "
                    f"got {new[name].shape} {new[name].dtype}"
                )
        if differences:
            raise ValueError(
                f"{function}: {source} does not fit this {type(self).__name__}; nothing was set. "
                "Make the optimizer as the saved one, for the same parameters.\n  "
                + "\n  ".join(differences)
            )
        self.lr, self.initial_lr = float(new["lr"]), float(new["initial_lr"])
        self._steps = new["steps"].tolist()
        for name, a in self._named_state().items():
            a[...] = new[name]


def _groups(
    optimizer: str, parameters: Parameters, weight_decay: float
) -> list[tuple[list[Tensor], float]]:
    """Pair the parameters of each group with their weight decay."""
    try:
        if isinstance(parameters, Tensor):  # which can be iterated as well, row by row
            raise TypeError
        given: list[Any] = list(parameters)
    except TypeError:
        raise TypeError(
            f"{optimizer}: parameters must be an iterable of Tensors, got {parameters!r}; "
            "pass model.parameters()"
        ) from None
    if not (given and all(isinstance(group, Mapping) for group in given)):
        given = [{"params": given}]
    groups = []
    for group in given:
        if not {"params"} <= set(group) <= {"params", "weight_decay"}:
            raise TypeError(
                f"{optimizer}: a group has the key 'params' and may have 'weight_decay', got "
                f"{sorted(group)}; what else differs needs an optimizer of its own"
            )
        tensors, decay = list(group["params"]), group.get("weight_decay", weight_decay)
        for p in tensors:
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise TypeError(
                    f"{optimizer}: parameters must be Tensors with requires_grad=True, got "
                    f"{type(p).__name__}; pass model.parameters()"
                )
            if not p.is_leaf:
                raise TypeError(
                    f"{optimizer}: parameters must not be computed from others, got the result of "
                    f"{p._operation}, to which backward leaves no gradient; pass what it was "
                    "computed from"
                )
        require_numbers(optimizer, "[0, inf)", weight_decay=decay)
        groups.append((tensors, decay))
    return groups
