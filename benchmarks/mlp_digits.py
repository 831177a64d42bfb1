"""A network on scikit-learn's digits: chainrule against scikit-learn's MLPClassifier.

Both train 64-128-64-10 with ReLU on the same 1,437 digits in single precision, the same number of
epochs and size of batches, by stochastic gradient descent with momentum, without weight decay and
without stopping early. What differs is the draw of the initial weights: chainrule draws as PyTorch
does, scikit-learn as Glorot and Bengio (2010).
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.harness import Comparison, Quality
from chainrule import data, nn
from chainrule.nn import functional as F
from chainrule.optim import SGD
from chainrule.training import accuracy, fit

HIDDEN = (128, 64)
BATCH_SIZE = 32
LEARNING_RATE = 0.05
MOMENTUM = 0.9
EPOCHS = 5


def comparisons() -> Iterator[Comparison]:
    digits = data.digits()
    sizes = (digits.X_train.shape[1], *HIDDEN, 10)

    def ours(seed: int) -> Callable[[], Quality]:
        rng = np.random.default_rng(seed)
        layers: list[nn.Module] = []
        for d_in, d_out in itertools.pairwise(sizes):
            layers += [nn.Linear(d_in, d_out, rng=rng), nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        history = fit(
            model,
            F.cross_entropy,
            digits.X_train,
            digits.t_train,
            optimizer=SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM),
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            rng=rng,
            progress=False,
        )

        def measure() -> Quality:
            return {
                "train accuracy": accuracy(model(digits.X_train).data, digits.t_train),
                "test accuracy": accuracy(model(digits.X_test).data, digits.t_test),
                "final loss": history.loss[-1],
            }

        return measure

    def theirs(seed: int) -> Callable[[], Quality]:
        model = MLPClassifier(
            HIDDEN,
            solver="sgd",
            alpha=0,
            batch_size=BATCH_SIZE,
            learning_rate_init=LEARNING_RATE,
            momentum=MOMENTUM,
            nesterovs_momentum=False,
            max_iter=EPOCHS,
            n_iter_no_change=EPOCHS + 1,
            random_state=seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is fixed
            model.fit(digits.X_train, digits.t_train)

        def measure() -> Quality:
            assert model.n_iter_ == EPOCHS, "scikit-learn stopped early"
            assert model.coefs_[0].dtype == np.float32, "scikit-learn trained in another precision"
            return {
                "train accuracy": float(model.score(digits.X_train, digits.t_train)),
                "test accuracy": float(model.score(digits.X_test, digits.t_test)),
                "final loss": float(model.loss_),
            }

        return measure

    shape = "-".join(map(str, sizes))
    yield Comparison(
        name="mlp-digits",
        title=f"MLP {shape} on digits, {EPOCHS} epochs, batch {BATCH_SIZE}, against scikit-learn",
        contestants={
            "chainrule": lambda: ours,
            "scikit-learn MLPClassifier": lambda: theirs,
        },
        agree=False,  # they draw other weights; the accuracies are for the reader to compare
    )
