"""All six gradients of the two-layer network."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.grading.checks.backpropagation.network import (
    Pass,
    rectified,
    run_network,
    softmax,
)
from chainrule.grading.exercises import (
    Array,
    Function,
    complex_step,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import (
    Misconception,
    divided,
    exchanged,
    instead,
    multiplied,
)
from chainrule.grading.search import Arrays, Case, Fill, ones


class _Classified(Arrays):
    """Arguments among which ``t`` holds classes, whole numbers below K; there are two at least.

    The other entries are half of what they usually are: large logits have probabilities that are
    0 or 1 to the last digit, and then nothing is left to see of a gradient.
    """

    def cases(self) -> list[Case]:
        return self._chosen

    @cached_property
    def _chosen(self) -> list[Case]:
        """Of the many small shapes, those in which at most one size is 3; and all the probes."""
        chosen = []
        for case in super().cases():
            sizes = self.sizes(case)
            threes = list(sizes.values()).count(3)
            if sizes["K"] > 1 and (max(sizes.values()) > 3 or threes < 2):
                chosen.append(case)
        return chosen

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        B, K = sizes["B"], sizes["K"]
        rng = random.Random(100 * B + K)
        if fill is not ones:
            case = {name: value / 2 for name, value in case.items()}
        return case | {"t": np.array([int(K * rng.random()) for _ in range(B)], dtype=int)}

    def simpler(self, case: Case) -> Iterator[Case]:
        for simple in super().simpler(case):
            K = self.sizes(simple)["K"]
            if K > 1 and simple["t"].max() < K:
                yield simple


def _two_layer(
    X: Array, t: Array, W1: Array, b1: Array, W2: Array, b2: Array
) -> Mapping[str, Array]:
    examples = np.arange(len(t))

    def loss(
        *, W1: Array = W1, b1: Array = b1, W2: Array = W2, b2: Array = b2, Z1: Any = 0, Z2: Any = 0
    ) -> Array:
        """For stacks of parameters; ``Z1`` and ``Z2`` are nudges."""
        hidden = rectified(X @ W1.swapaxes(-1, -2) + b1[..., None, :] + Z1)
        logits = hidden @ W2.swapaxes(-1, -2) + b2[..., None, :] + Z2
        losses = np.log(np.exp(logits).sum(-1)) - logits[..., examples, t]
        return np.asarray(losses.mean(-1))

    return {
        "dZ2": complex_step(lambda nudges: loss(Z2=nudges), (len(t), len(b2))),
        "dW2": complex_step(lambda nudges: loss(W2=W2 + nudges), W2.shape),
        "db2": complex_step(lambda nudges: loss(b2=b2 + nudges), b2.shape),
        "dZ1": complex_step(lambda nudges: loss(Z1=nudges), (len(t), len(b1))),
        "dW1": complex_step(lambda nudges: loss(W1=W1 + nudges), W1.shape),
        "db1": complex_step(lambda nudges: loss(b1=b1 + nudges), b1.shape),
    }


def _two_layer_size(
    X: Array, t: Array, W1: Array, b1: Array, W2: Array, b2: Array
) -> Mapping[str, Array]:
    """Bounds for what is added up.

    A logit that is off by d moves its probabilities by the factor exp(2d) at most, hence the
    factor of ``P``.
    """
    run = run_network(X, np.eye(len(b2))[t], W1, b1, W2, b2)
    A1 = abs(X) @ abs(W1).T + abs(b1)
    Z2 = A1 @ abs(W2).T + abs(b2)
    dZ2 = (run.P * (1 + 2 * Z2.max(1, keepdims=True)) + run.Y) / len(X)
    dZ1 = (dZ2 @ abs(W2)) * (run.Z1 > 0)
    return {
        "dZ2": dZ2,
        "dW2": dZ2.T @ A1,
        "db2": dZ2.sum(0),
        "dZ1": dZ1,
        "dW1": dZ1.T @ abs(X),
        "db1": dZ1.sum(0),
    }


def _because_two_layer(result: str, index: tuple[int, ...], value: float) -> str:
    place = ", ".join(map(str, index))
    if not value:
        return f"raising {result[1:]}[{place}] by a tiny h does not change the loss"
    change = "raises" if value > 0 else "lowers"
    return f"raising {result[1:]}[{place}] by a tiny h {change} the loss by {abs(value):.4g} h"


def _computes(name: str, result: str, formula: Callable[[Pass], Array], says: str) -> Misconception:
    def wrong(t: Array, b2: Array, **case: Array) -> Array:
        return formula(run_network(Y=np.eye(len(b2))[t], b2=b2, **case))

    return instead(name, result, wrong, says)


_AVERAGED = "the mean over the batch is already in dZ2, and everything below inherits it"

TWO_LAYER_GRADIENTS = Function(
    "backpropagation.two_layer_gradients",
    _Classified({"X": "B d_in", "t": "B", "W1": "d_h d_in", "b1": "d_h", "W2": "K d_h", "b2": "K"}),
    returns={
        "dZ2": "B K",
        "dW2": "K d_h",
        "db2": "K",
        "dZ1": "B d_h",
        "dW1": "d_h d_in",
        "db1": "d_h",
    },
    truth=_two_layer,
    magnitude=_two_layer_size,
    checks=[
        shapes(
            "A gradient has the shape of the thing it belongs to. Write the six shapes down "
            "before the six lines.",
            "W2 is (K, d_h): which product of dZ2, (B, K), and A1, (B, d_h), has that shape and "
            "sums over the batch?",
            "dA1 must be (B, d_h). You have dZ2 with (B, K) and W2 with (K, d_h).",
        ),
        values(
            "dZ2",
            "Compute the logits of the first example by hand and turn them into probabilities. "
            "What should they have been?",
            "The gradient is the difference between what was said, P, and what was true, Y. The "
            "loss is a mean over examples; where does that show?",
            "np.eye(K)[t] has a row for each example: zeros with a single 1, at the true class.",
        ),
        values(
            "dW2",
            "The second layer is an affine layer. What went into it?",
            "W2[k, j] acts on Z2[i, k] for every example i, with slope A1[i, j].",
        ),
        values(
            "db2",
            "b2[k] is added to Z2[i, k] for every example i. What does sharing forward mean "
            "for the way back?",
            "db2 is a sum of the rows of dZ2.",
        ),
        values(
            "dZ1",
            "There are two steps back from dZ2 to dZ1. Which are they, and what does each need "
            "from the way forward?",
            "First through the second layer: dA1[i, j] collects from every class k, with "
            "weight W2[k, j]. Then through ReLU.",
            "Through ReLU goes what belongs to a unit that was on: the mask asks about Z1. A unit "
            "at exactly 0 counts as off.",
        ),
        values(
            "dW1",
            "The first layer is an affine layer as well. What went into it, and which gradient "
            "arrives at its output?",
            "What arrives is dZ1, after the mask, not dA1.",
        ),
        values(
            "db1",
            "b1 is to dZ1 what b2 is to dZ2.",
            "What arrives at the first layer is dZ1, after the mask. Which axis is the batch?",
        ),
        keeps_float32(
            "Which line makes a new array or a new number, and of which dtype is it? np.eye(K) is "
            "float64 unless you say dtype=."
        ),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged(
            {"dZ2": "dZ1", "dW2": "dW1", "db2": "db1", "dZ1": "dZ2", "dW1": "dW2", "db1": "db2"},
            "Your six gradients are right; the first layer's come first. The order is that in "
            "which they are computed: dZ2, dW2, db2, dZ1, dW1, db1.",
        ),
        multiplied("dZ2", "B", "the batch size", "the loss is a mean over examples, so divide"),
        divided("dZ2", "K", "the number of classes", "the mean is over examples only"),
        _computes(
            "mean over the classes",
            "dZ2",
            lambda run: (run.P - run.Y) / run.Z2.shape[1],
            "You divide by K, the number of classes. The loss is a mean over the B examples.",
        ),
        _computes(
            "gradient of the probabilities",
            "dZ2",
            lambda run: -run.Y / run.P / run.B,
            "-Y / P is the gradient with respect to the probabilities P. Between P and Z2 stands "
            "the softmax; with its Jacobian, the two together are P - Y.",
        ),
        _computes(
            "true class only",
            "dZ2",
            lambda run: (run.P - 1) * run.Y / run.B,
            "Your dZ2 is zero at all classes but the true one. Their logits are in the loss as "
            "well, in the denominator of the softmax: raise one of them and P changes.",
        ),
        _computes(
            "no truth",
            "dZ2",
            lambda run: run.P / run.B,
            "Your dZ2 is P / B: the truth Y has not been subtracted.",
        ),
        instead(
            "classes for rows",
            "dZ2",
            lambda t, **case: run_network(Y=t, **case).dZ2,
            "You subtract t, the numbers of the classes. Y has a row for each example: zeros with "
            "a single 1, at the true class.",
        ),
        instead(
            "classes in a column",
            "dZ2",
            lambda t, **case: run_network(Y=t[:, None], **case).dZ2,
            "You subtract t, the numbers of the classes, from all probabilities of an example. Y "
            "has a row for each example: zeros with a single 1, at the true class.",
        ),
        instead(
            "classes for rows, no mean",
            "dZ2",
            lambda t, **case: len(t) * run_network(Y=t, **case).dZ2,
            "You subtract t, the numbers of the classes. Y has a row for each example: zeros with "
            "a single 1, at the true class. And the loss is a mean over examples: divide by B.",
        ),
        _computes(
            "logits",
            "dZ2",
            lambda run: (run.Z2 - run.Y) / run.B,
            "You subtract Y from the logits Z2. It is subtracted from the probabilities P.",
        ),
        _computes(
            "no ReLU forward",
            "dZ2",
            lambda run: (softmax(run.Z1 @ run.W2.T + run.b2, 1) - run.Y) / run.B,
            "On the way forward you leave out the ReLU: the second layer gets A1, not Z1.",
        ),
        _computes(
            "no b1",
            "dZ2",
            lambda run: run_network(run.X, run.Y, run.W1, 0 * run.b1, run.W2, run.b2).dZ2,
            "On the way forward you leave out the bias b1.",
        ),
        _computes(
            "no b2",
            "dZ2",
            lambda run: run_network(run.X, run.Y, run.W1, run.b1, run.W2, 0 * run.b2).dZ2,
            "On the way forward you leave out the bias b2.",
        ),
        _computes(
            "sigmoid",
            "dZ2",
            lambda run: (1 / (1 + np.exp(-run.Z2)) - run.Y) / run.B,
            "You use the sigmoid where the softmax is asked for: the classes of an example share "
            "a probability of 1.",
        ),
        _computes(
            "softmax over the batch",
            "dZ2",
            lambda run: (softmax(run.Z2, 0) - run.Y) / run.B,
            "Your softmax runs over axis 0, so the examples compete with each other. The "
            "classes of one example are along axis 1.",
        ),
        _computes(
            "softmax over all",
            "dZ2",
            lambda run: (softmax(run.Z2, None) - run.Y) / run.B,
            "Your softmax divides by one sum over the whole batch. Each example, each row, has "
            "a sum of its own.",
        ),
        _computes(
            "softmax twice",
            "dZ2",
            lambda run: (softmax(run.P, 1) - run.Y) / run.B,
            "You take the softmax of P, which is a softmax already. Take it once, of Z2.",
        ),
        _computes(
            "largest class only",
            "dZ2",
            lambda run: ((run.Z2.max(1, keepdims=True) == run.Z2) - run.Y) / run.B,
            "Your P is 1 at the largest logit and 0 elsewhere. The softmax gives a probability to "
            "every class.",
        ),
        _computes(
            "slope of softmax once more",
            "dZ2",
            lambda run: (run.P - run.Y) * run.P * (1 - run.P) / run.B,
            "You multiply by P (1 - P) once more. In P - Y the softmax has been differentiated "
            "already, together with the logarithm.",
        ),
        _computes(
            "dW2 from the inputs",
            "dW2",
            lambda run: run.dZ2.T @ run.X,
            "Your dW2 is made of X. What goes into the second layer is A1.",
        ),
        _computes(
            "dW2 from the scores",
            "dW2",
            lambda run: run.dZ2.T @ run.Z1,
            "You use the scores Z1. What goes into the second layer is A1, after the ReLU.",
        ),
        divided("dW2", "B", "the batch size", _AVERAGED),
        multiplied("dW2", "B", "the batch size", "the mean over the batch has been lost"),
        divided("db2", "B", "the batch size", _AVERAGED),
        multiplied("db2", "B", "the batch size", "the mean over the batch has been lost"),
        _computes(
            "db2 along classes",
            "db2",
            lambda run: run.dZ2.sum(1),
            "You sum dZ2 over axis 1, the classes. The bias is shared over the batch, axis 0.",
        ),
        _computes(
            "db2 one number",
            "db2",
            lambda run: run.dZ2.sum(),
            "Your db2 is one number: dZ2.sum() adds up over the classes too. Each has its own "
            "bias; the sum is over the batch, axis 0.",
        ),
        _computes(
            "db2 not summed",
            "db2",
            lambda run: run.dZ2,
            "Your db2 is dZ2 itself. The examples share one bias, so their rows are added up.",
        ),
        _computes(
            "db2 with an axis too many",
            "db2",
            lambda run: run.dZ2.sum(0, keepdims=True),
            "The numbers in your db2 are right, but it has kept the batch as an axis of length 1.",
        ),
        _computes(
            "no mask",
            "dZ1",
            lambda run: run.dA1,
            "Your dZ1 is dA1: on the way back, nothing is masked. (A1 >= 0 is true everywhere and "
            "masks nothing.)",
        ),
        _computes(
            "wrong side",
            "dZ1",
            lambda run: (run.dZ2 @ run.W2.T) * (run.Z1 > 0),
            "You compute dA1 as dZ2 @ W2.T. Forward the product was with W2.T; going back, the "
            "axes of classes have to meet.",
        ),
        _computes(
            "times the score",
            "dZ1",
            lambda run: run.dA1 * run.Z1,
            "You multiply dA1 by the score Z1. The slope of ReLU is 1 or 0.",
        ),
        _computes(
            "mask from the gradient",
            "dZ1",
            lambda run: run.dA1 * (run.dA1 > 0),
            "Your mask asks dA1 about its own sign. It must ask whether the unit was on: Z1 > 0.",
        ),
        _computes(
            "mask from the logits",
            "dZ1",
            lambda run: run.dA1 * (run.Z2 > 0),
            "Your mask asks about Z2. The ReLU stands behind the first layer: Z1 > 0.",
        ),
        _computes(
            "times the response",
            "dZ1",
            lambda run: run.dA1 * run.A1,
            "You multiply dA1 by the response A1. The slope of ReLU is 1 wherever it is on.",
        ),
        _computes(
            "slope of the sigmoid",
            "dZ1",
            lambda run: run.dA1 * run.A1 * (1 - run.A1),
            "A1 (1 - A1) is the slope of the sigmoid. This network has a ReLU.",
        ),
        _computes(
            "without W2",
            "dZ1",
            lambda run: run.dZ2 * (run.Z1 > 0),
            "You send dZ2 straight to the ReLU. Between the two stands the second layer, W2.",
        ),
        multiplied("dZ1", "B", "the batch size", "the mean over the batch has been lost"),
        divided("dZ1", "B", "the batch size", _AVERAGED),
        _computes(
            "dW1 before the mask",
            "dW1",
            lambda run: run.dA1.T @ run.X,
            "Your dW1 is made of dA1. What arrives at the first layer is dZ1, after the mask.",
        ),
        _computes(
            "dW1 from the responses",
            "dW1",
            lambda run: run.dZ1.T @ run.A1,
            "Your dW1 is made of A1. What goes into the first layer is X.",
        ),
        divided("dW1", "B", "the batch size", _AVERAGED),
        multiplied("dW1", "B", "the batch size", "the mean over the batch has been lost"),
        _computes(
            "db1 before the mask",
            "db1",
            lambda run: run.dA1.sum(0),
            "Your db1 is made of dA1. What arrives at the first layer is dZ1, after the mask.",
        ),
        divided("db1", "B", "the batch size", _AVERAGED),
        multiplied("db1", "B", "the batch size", "the mean over the batch has been lost"),
        _computes(
            "db1 along units",
            "db1",
            lambda run: run.dZ1.sum(1),
            "You sum dZ1 over axis 1, the units. The bias is shared over the batch, axis 0.",
        ),
        _computes(
            "db1 one number",
            "db1",
            lambda run: run.dZ1.sum(),
            "Your db1 is one number: dZ1.sum() adds up over the units too. Each has its own bias; "
            "the sum is over the batch, axis 0.",
        ),
        _computes(
            "db1 not summed",
            "db1",
            lambda run: run.dZ1,
            "Your db1 is dZ1 itself. The examples share one bias, so their rows are added up.",
        ),
        _computes(
            "db1 with an axis too many",
            "db1",
            lambda run: run.dZ1.sum(0, keepdims=True),
            "The numbers in your db1 are right, but it has kept the batch as an axis of length 1.",
        ),
    ],
    because=_because_two_layer,
)
