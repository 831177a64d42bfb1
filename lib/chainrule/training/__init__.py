"""Training: mini-batches, the loop, a record of what happened, and instruments that look inside.

:func:`fit` trains a model that takes one array and is judged by one loss. Where two models train
each other, or a step has several losses, write the loop: :func:`minibatches`, an optimizer and the
instruments work the same in it. Derived in the chapters ``backpropagation``, ``gradient-descent``,
``regularization`` and ``diagnostics``.
"""

from chainrule.training.batches import minibatches, next_token_windows, token_streams
from chainrule.training.early_stopping import EarlyStopping
from chainrule.training.evaluation import accuracy, predict
from chainrule.training.history import History
from chainrule.training.instruments import (
    ActivationStatistics,
    GradientNorms,
    Instrument,
    UpdateRatios,
)
from chainrule.training.loop import Step, fit
from chainrule.training.range_test import RangeTest, learning_rate_range

__all__ = [
    "ActivationStatistics",
    "EarlyStopping",
    "GradientNorms",
    "History",
    "Instrument",
    "RangeTest",
    "Step",
    "UpdateRatios",
    "accuracy",
    "fit",
    "learning_rate_range",
    "minibatches",
    "next_token_windows",
    "predict",
    "token_streams",
]
