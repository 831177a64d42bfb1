"""Recurrent networks that own their weights, several layers, one or both directions.

Formulas and conventions are those of the functions in :mod:`chainrule.functional`. Derived in the
chapter ``recurrence``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_numbers, require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F
from chainrule.nn.dropout import Dropout
from chainrule.nn.init import uniform_
from chainrule.nn.module import Module, parameter, require_arrays, require_positive

REVERSED = (slice(None), slice(None, None, -1))  # (B, T, …), the last time first


class _Recurrent(Module):
    """Layers of one kind of network, each on the outputs of the one before."""

    gates: int
    function: Callable[..., Tensor]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bias: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive(
            type(self).__name__,
            input_size=input_size,
            hidden_size=hidden_size,
            num_layers=num_layers,
        )
        require_numbers(type(self).__name__, "[0, 1]", dropout=dropout)
        require_rng_and_dtype(type(self).__name__, rng, dtype)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.directions = ("", "_reverse") if bidirectional else ("",)
        self.dropout = Dropout(dropout, rng=rng)
        self._no_bias = None if bias else np.zeros(self.gates * hidden_size, dtype)
        for layer in range(num_layers):
            columns = hidden_size * len(self.directions) if layer else input_size
            for direction in self.directions:
                self._draw(f"l{layer}{direction}", columns, rng, dtype)

    def _draw(self, name: str, columns: int, rng: np.random.Generator, dtype: DTypeLike) -> None:
        H, rows = self.hidden_size, self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, columns), "weight_hh": (rows, H)}
        if self._no_bias is None:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        for kind, shape in shapes.items():
            tensor = parameter(*shape, dtype=dtype)
            setattr(self, f"{kind}_{name}", uniform_(tensor, -1 / H**0.5, 1 / H**0.5, rng=rng))

    def _weights(self, name: str) -> list[Any]:
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [getattr(self, f"{kind}_{name}", self._no_bias) for kind in kinds]

    def _run(self, x: Tensor, initial: list[Any], mask: Array | None) -> tuple[Tensor, Tensor]:
        """Outputs y (B, T, directions · H), and the final states of all networks (n, B, S)."""
        H = self.hidden_size
        self._require_sequences(x, initial)
        finals: list[Tensor] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self.directions:
                states = type(self).function(
                    x[REVERSED] if direction else x,
                    *(s[len(finals)] for s in initial),
                    *self._weights(f"l{layer}{direction}"),
                    mask=mask[REVERSED] if direction and mask is not None else mask,
                )  # (B, T, S)
                finals.append(states[np.newaxis, :, -1])
                y = states if states.shape[2] == H else states[..., :H]  # without cells
                outputs.append(y[REVERSED] if direction else y)
            x = F.concatenate(*outputs, axis=2) if len(outputs) > 1 else outputs[0]
            if layer < self.num_layers - 1:
                x = self.dropout(x)
        return x, F.concatenate(*finals)

    def _zeros(self, x: Tensor) -> Array:
        """Initial states for the sequences x, of which this is the first to look at the shape."""
        require_arrays(type(self).__name__, x=x)
        B = x.shape[0] if x.shape else 0
        return np.zeros((self.num_layers * len(self.directions), B, self.hidden_size), x.dtype)

    def _require_sequences(self, x: Tensor, initial: list[Any]) -> None:
        name, expected = type(self).__name__, self._zeros(x).shape
        if len(x.shape) != 3 or x.shape[2] != self.input_size or x.shape[1] == 0:
            raise ValueError(
                f"{name}: x must have shape (B, T, {self.input_size}) with T at least 1, got "
                f"{x.shape}; one sequence becomes a batch with x[np.newaxis]"
            )
        for s in initial:
            got = s.shape if isinstance(s, (Tensor, np.ndarray)) else type(s).__name__
            if got != expected:
                raise ValueError(
                    f"{name}: an initial state must be a Tensor or an array of shape "
                    f"(layers · directions, B, H) = {expected}, got {got}"
                )

    def extra_repr(self) -> str:
        """Sizes, and the options that are not the usual ones."""
        options = f"{self.input_size}, {self.hidden_size}"
        options += f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        options += ", bias=False" if self._no_bias is not None else ""
        return options + (", bidirectional=True" if len(self.directions) > 1 else "")


class RNN(_Recurrent):
    """Recurrent network: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t−1) + b_hh).

    Parameters
    ----------
    input_size, hidden_size : int
        d and H.
    num_layers : int
    bias : bool
        Without it, the biases are zero and no parameters.
    dropout : float
        The probability that, in training, an output of a layer is dropped on its way to the next.
    bidirectional : bool
        Whether each layer has a second network that begins at the end; outputs are side by side.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights and biases, uniformly from ±1/√H, as PyTorch does. Then it draws
        dropout.
    dtype : dtype, keyword only

    Attributes
    ----------
    weight_ih_l0 : Tensor (H, d)
        Of layer 0; the others take what the one before returns. ``weight_ih_l0_reverse`` and its
        like are those of the other direction.
    weight_hh_l0 : Tensor (H, H)
    bias_ih_l0, bias_hh_l0 : Tensor (H,)

    Raises
    ------
    ValueError
        If a size is not positive, or ``dropout`` no probability.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.RNN(3, 4, bidirectional=True, rng=np.random.default_rng(0))
    >>> y, h_n = layer(np.ones((2, 5, 3), np.float32))
    >>> y.shape, h_n.shape
    ((2, 5, 8), (2, 2, 4))
    """

    gates = 1
    function = staticmethod(F.rnn)

    def forward(
        self, x: Tensor, h_0: Any = None, *, mask: Array | None = None
    ) -> tuple[Tensor, Tensor]:
        """Run along the sequences, from zero or from ``h_0``.

        Parameters
        ----------
        x : Tensor (B, T, d)
            Sequences, padded to one length.
        h_0 : Tensor (layers · directions, B, H)
            Of layer 0 forward, layer 0 backward, layer 1 forward, …
        mask : boolean array (B, T), keyword only
            True where there is an input. Where there is none, the state stays what it was.

        Returns
        -------
        y : Tensor (B, T, directions · H)
            The states of the last layer at all times.
        h_n : Tensor (layers · directions, B, H)
            The final states; those of a backward network are its states at time 1.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        return self._run(x, [self._zeros(x) if h_0 is None else h_0], mask)


class GRU(_Recurrent):
    """Gated recurrent unit: h_t = (1 − z) n + z h_(t−1), with the gates r, z, n.

    Parameters, attributes and errors are those of :class:`RNN`, but that the weights and biases
    have 3H rows: r, z and n, one below the other.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.GRU(3, 4, num_layers=2, rng=np.random.default_rng(0))
    >>> padded = np.ones((2, 5, 3), np.float32)
    >>> y, h_n = layer(padded, mask=np.arange(5) < np.array([[5], [3]]))
    >>> y.shape, h_n.shape
    ((2, 5, 4), (2, 2, 4))
    """

    gates = 3
    function = staticmethod(F.gru)

    def forward(
        self, x: Tensor, h_0: Any = None, *, mask: Array | None = None
    ) -> tuple[Tensor, Tensor]:
        """Run along the sequences, from zero or from ``h_0``. As in :class:`RNN`."""
        return self._run(x, [self._zeros(x) if h_0 is None else h_0], mask)


class LSTM(_Recurrent):
    """Long short-term memory: c_t = f c_(t−1) + i g, h_t = o tanh(c_t), with the gates i, f, g, o.

    Parameters, attributes and errors are those of :class:`RNN`, but that the weights and biases
    have 4H rows: i, f, g and o, one below the other.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.LSTM(3, 4, rng=np.random.default_rng(0))
    >>> x = np.ones((2, 5, 3), np.float32)
    >>> _, states = layer(x[:, :3])
    >>> y, (h_n, c_n) = layer(x[:, 3:], states)  # goes on where it was
    >>> y.shape, h_n.shape, c_n.shape
    ((2, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4
    function = staticmethod(F.lstm)

    def forward(
        self, x: Tensor, states: tuple[Any, Any] | None = None, *, mask: Array | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run along the sequences, from zero or from ``states``.

        Parameters
        ----------
        x : Tensor (B, T, d)
            Sequences, padded to one length.
        states : (h_0, c_0), each Tensor (layers · directions, B, H)
            Of layer 0 forward, layer 0 backward, layer 1 forward, …
        mask : boolean array (B, T), keyword only
            True where there is an input. Where there is none, the state stays what it was.

        Returns
        -------
        y : Tensor (B, T, directions · H)
            The states of the last layer at all times.
        (h_n, c_n) : each Tensor (layers · directions, B, H)
            The final states and cells; those of a backward network are its states at time 1.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        if states is not None and not (isinstance(states, (tuple, list)) and len(states) == 2):
            listed = isinstance(states, (tuple, list))
            got = f"{len(states)} arrays" if listed else type(states).__name__
            raise ValueError(f"LSTM: takes a pair of initial states, (h_0, c_0), got {got}")
        initial = [self._zeros(x)] * 2 if states is None else list(states)
        y, finals = self._run(x, initial, mask)
        H = self.hidden_size
        return y, (finals[..., :H], finals[..., H:])
