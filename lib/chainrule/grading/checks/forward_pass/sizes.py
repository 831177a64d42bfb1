"""How large is a network: parameters, multiplications and hidden units, from its sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    leaves_inputs_alone,
    shapes,
    values,
    whole_number,
)
from chainrule.grading.misconceptions import Misconception, exchanged, instead
from chainrule.grading.search import Lists


def _size(sizes: list[int]) -> Mapping[str, Array]:
    return {
        "parameters": np.asarray(sum(n * (m + 1) for m, n in pairwise(sizes))),
        "multiplications": np.asarray(sum(n * m for m, n in pairwise(sizes))),
        "hidden_units": np.asarray(sum(sizes[1:-1])),
    }


def _parameters(name: str, formula: Callable[[list[int]], Any], says: str) -> Misconception:
    return instead(name, "parameters", formula, says)


def _multiplications(name: str, formula: Callable[[list[int]], Any], says: str) -> Misconception:
    return instead(name, "multiplications", formula, says)


def _hidden(name: str, formula: Callable[[list[int]], Any], says: str) -> Misconception:
    return instead(name, "hidden_units", formula, says)


NETWORK_SIZE = Function(
    "forward-pass.network_size",
    Lists(
        "sizes",
        probes=[[3, 2], [2, 3, 1], [4, 3, 2], [2, 3, 4], [5, 1, 4, 2], [2, 3, 4, 5, 6], [9, 7, 7]],
    ),
    returns={"parameters": "", "multiplications": "", "hidden_units": ""},
    truth=_size,
    checks=[
        shapes(
            "Three single numbers are asked for: return parameters, multiplications, hidden_units."
        ),
        values(
            "parameters",
            "Draw the network above. How many numbers does one neuron of the second column own?",
            "A list of n sizes describes n - 1 layers: one between each two neighbors.",
            "A layer from m to n has an (n, m) matrix of weights and a bias for each of its n "
            "neurons.",
        ),
        values(
            "multiplications",
            "With what is each weight multiplied when one example passes? And each bias?",
            "Each weight is used in one multiplication. A bias is added.",
        ),
        values(
            "hidden_units",
            "Cross out the inputs and the outputs. What is left?",
            "Hidden units are all neurons but those of the last layer; inputs are no neurons.",
        ),
        whole_number("parameters"),
        leaves_inputs_alone(
            "sizes belongs to the caller. Look for sizes.pop, sizes.append, sizes[...] = or del."
        ),
    ],
    mistakes=[
        exchanged(
            {"parameters": "multiplications", "multiplications": "parameters"},
            "The first two results are exchanged: parameters come first.",
        ),
        _parameters(
            "no biases",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)),
            "You count the weights and leave out the biases.",
        ),
        _parameters(
            "biases of the inputs",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)) + sum(sizes),
            "You count a bias for each input, too. Inputs are data.",
        ),
        _parameters(
            "bias per input",
            lambda sizes: sum(m * (n + 1) for m, n in pairwise(sizes)),
            "You count a bias for each input of a layer. Each of its neurons has one.",
        ),
        _parameters(
            "one bias per layer",
            lambda sizes: sum(m * n + 1 for m, n in pairwise(sizes)),
            "You count one bias for each layer. Each of its neurons has one.",
        ),
        _parameters(
            "no output layer",
            lambda sizes: sum(n * (m + 1) for m, n in pairwise(sizes[:-1])),
            "The last layer is missing: a list of n sizes has n - 1 layers.",
        ),
        _parameters(
            "first layer only",
            lambda sizes: sizes[1] * (sizes[0] + 1),
            "You count the first layer only. Does a loop return too early?",
        ),
        _parameters(
            "last layer only",
            lambda sizes: sizes[-1] * (sizes[-2] + 1),
            "You count the last layer only. Does your loop overwrite the count where it should add "
            "to it?",
        ),
        _parameters(
            "bias of hidden units only",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)) + sum(sizes[1:-1]),
            "The neurons of the last layer have biases, too.",
        ),
        _parameters(
            "units",
            lambda sizes: sum(sizes),
            "You add up the sizes. Parameters sit on the connections between the layers.",
        ),
        _multiplications(
            "with biases",
            lambda sizes: sum(n * (m + 1) for m, n in pairwise(sizes)),
            "You count a multiplication for each bias. A bias is added, not multiplied.",
        ),
        _multiplications(
            "activations counted",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)) + sum(sizes[1:-1]),
            "You count one more for each hidden unit. Multiplications by weights are asked for; an "
            "activation function is none.",
        ),
        _multiplications(
            "product of all sizes",
            lambda sizes: np.prod(sizes),
            "You multiply all sizes. Only neighbors are connected, and layers add up.",
        ),
        _multiplications(
            "multiplications of the first layer",
            lambda sizes: sizes[1] * sizes[0],
            "You count the first layer only. Does a loop return too early?",
        ),
        _multiplications(
            "squares",
            lambda sizes: sum(n * n for n in sizes[1:]),
            "You multiply each size by itself. A layer connects two neighboring sizes.",
        ),
        _hidden(
            "with the outputs",
            lambda sizes: sum(sizes[1:]),
            "You count the outputs as hidden. Their scores are the answer, which is seen.",
        ),
        _hidden(
            "with the inputs",
            lambda sizes: sum(sizes[:-1]),
            "You count the inputs. They are data and have no neurons.",
        ),
        _hidden(
            "everything",
            lambda sizes: sum(sizes),
            "You add up all sizes. Inputs are data, and outputs are not hidden.",
        ),
        _hidden(
            "layers",
            lambda sizes: len(sizes) - 2,
            "You count hidden layers. Each of them has as many units as its size says.",
        ),
        _hidden(
            "the widest",
            lambda sizes: max(sizes[1:-1], default=0),
            "You take the widest hidden layer. The units of all hidden layers count.",
        ),
    ],
)
