"""Count the parameters of a stack of layers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    leaves_inputs_alone,
    shapes,
    values,
    whole_number,
)
from chainrule.grading.misconceptions import instead
from chainrule.grading.search import Lists


def _count(sizes: list[int]) -> Mapping[str, Array]:
    return {"count": np.asarray(sum(m * n + n for m, n in pairwise(sizes)))}


COUNT_PARAMETERS = Function(
    "affine-layers.count_parameters",
    Lists(
        "sizes",
        probes=[[3, 2], [2, 5], [4, 3, 2], [2, 3, 4], [5, 1, 4, 2], [2, 3, 4, 5, 6], [784, 10, 10]],
    ),
    returns={"count": ""},
    truth=_count,
    checks=[
        shapes("One number is asked for: all parameters of all layers together."),
        values(
            "count",
            "Draw the network above. How many arrows lead into one unit of the second column, "
            "and how many units are there?",
            "A list of n sizes describes n - 1 layers: one between each two neighbors.",
            "A layer from m inputs to n outputs has an (n, m) matrix and a bias for each output.",
        ),
        whole_number("count"),
        leaves_inputs_alone(
            "sizes belongs to the caller. Look for sizes.pop, sizes.append, sizes[...] = or del."
        ),
    ],
    mistakes=[
        instead(
            "biases of the output alone",
            "count",
            lambda sizes: (
                sum(m * n for m, n in pairwise(sizes)) + (sizes[-1] if len(sizes) > 1 else 0)
            ),
            "You count the biases of the last layer only. Each layer has its own.",
        ),
        instead(
            "every layer from the input",
            "count",
            lambda sizes: sum(sizes[0] * n + n for n in sizes[1:]),
            "You connect every layer to the first size. A layer's inputs are the outputs of the "
            "layer before it.",
        ),
        instead(
            "no biases",
            "count",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)),
            "You count the weights and leave out the biases.",
        ),
        instead(
            "biases of the input",
            "count",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)) + sum(sizes),
            "You count a bias for each input too. The first size is data, not a layer.",
        ),
        instead(
            "bias per input",
            "count",
            lambda sizes: sum(m * n + m for m, n in pairwise(sizes)),
            "You count a bias for every input of a layer. A layer has one for every output.",
        ),
        instead(
            "one bias per layer",
            "count",
            lambda sizes: sum(m * n + 1 for m, n in pairwise(sizes)),
            "You count one bias for each layer. Every unit of the layer has its own.",
        ),
        instead(
            "no output layer",
            "count",
            lambda sizes: sum(m * n + n for m, n in pairwise(sizes[:-1])),
            "The last layer is missing: a list of n sizes has n - 1 layers.",
        ),
        instead(
            "first layer only",
            "count",
            lambda sizes: sum(m * n + n for m, n in pairwise(sizes[:2])),
            "You count the first layer only. Does a loop return too early?",
        ),
        instead(
            "last layer only",
            "count",
            lambda sizes: sum(m * n + n for m, n in pairwise(sizes[-2:])),
            "You count the last layer only. Does your loop overwrite the count instead of adding "
            "to it?",
        ),
        instead(
            "units",
            "count",
            lambda sizes: sum(sizes),
            "You count the units. Parameters sit on the connections between them.",
        ),
        instead(
            "product of all sizes",
            "count",
            lambda sizes: np.prod(sizes),
            "You multiply all sizes. Only neighbors are connected, and layers add up.",
        ),
    ],
)
