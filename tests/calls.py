"""A call that works of everything public that takes options, for tests that spoil one at a time.

Functions of the contract, layers and models come from their registries; what remains is written
down in ``OTHERS``. Data sets are not here: their catalog drives ``tests/data/test_catalog.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import autograd, data, models, nn, optim, training
from chainrule.autograd import Tensor
from chainrule.functional import REGISTRY
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.proofs import CASES
from tests.models.models import MODELS
from tests.nn.layers import LAYERS, outputs

SEED = 0


@dataclass(frozen=True)
class Call:
    """``function(*args, **options)`` works, and so does ``then`` with what it returns.

    ``then`` uses an object whose options are looked at only when it is used; all that it draws
    from a generator or returns bit by bit happens there.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    options: dict[str, Any] | None = None
    then: Callable[[Any], Any] = lambda result: result

    @property
    def parameters(self) -> dict[str, inspect.Parameter]:
        return dict(inspect.signature(self.function).parameters)

    def __call__(self, **spoilt: Any) -> Any:
        """Make the call with some arguments replaced."""
        bound = inspect.signature(self.function).bind(*self.args, **(self.options or {}))
        for name, value in spoilt.items():
            several = self.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
            bound.arguments[name] = (value,) if several else value
        return self.then(self.function(*bound.args, **bound.kwargs))


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def of_function(name: str) -> Call:
    instance = CASES[name].instances(rng())[0]
    return Call(REGISTRY[name], instance.args, dict(instance.options))


def of_module(layer: Any) -> Call:
    options = dict(layer.make.keywords)
    options |= {"rng": rng()} if layer.draws else {}
    options |= {"dtype": np.float64} if layer.typed else {}
    return Call(
        layer.make.func, layer.make.args, options, lambda module: outputs(module, *layer.inputs())
    )


def parameter() -> Tensor:
    tensor = Tensor(np.ones((3, 2)), requires_grad=True)
    tensor.grad = np.ones((3, 2))
    return tensor


def of_optimizer(kind: Any) -> Call:
    return Call(kind, ([parameter()],), {"lr": 0.1}, lambda optimizer: optimizer.step())


def of_schedule(kind: Any, *args: Any, **options: Any) -> Call:
    def step(schedule: Any) -> None:
        schedule.step(1.0) if kind is optim.ReduceLROnPlateau else schedule.step()

    return Call(kind, (optim.SGD([parameter()], lr=0.1), *args), options, step)


def sequential() -> Call:
    optimizer = optim.SGD([parameter()], lr=0.1)
    parts = [optim.StepLR(optimizer, 1), optim.StepLR(optimizer, 1)]
    return Call(optim.SequentialLR, (optimizer, parts, [1]), {}, lambda schedule: schedule.step())


def of_initializer(name: str) -> Call:
    drawn = {} if name == "constant_" else {"rng": rng()}
    args = (parameter(), 1.0) if name == "constant_" else (parameter(),)
    return Call(getattr(init, name), args, drawn)


MODEL = nn.Linear(3, 2, rng=rng(), dtype=np.float64)
X, T = np.ones((4, 3)), np.zeros(4, np.int64)
LOGITS = np.zeros((2, 5))
DIFFUSION = models.GaussianDiffusion(models.cosine_schedule(8))
DENOISER = models.DenoisingMLP(2, 8, 1, 3, rng=rng(), dtype=np.float64)
POINTS, STEPS, CLASSES = np.ones((4, 2)), np.array([1, 2, 3, 4]), np.array([0, 1, 2, 0])

SMALL: dict[str, Any] = {"rng": rng(), "dtype": np.float64}
IDS = np.array([[1, 2], [3, 0]])
CODEC = data.CharCodec(["abc"])


def learning(function: Any, **options: Any) -> Call:
    given = {"optimizer": optim.SGD(MODEL.parameters(), lr=1e-3), "rng": rng(), "batch_size": 2}
    return Call(function, (MODEL, F.cross_entropy, X, T), given | options)


LEAF = [n for n in vars(init) if n.endswith("_") and not n.startswith("_")]
SCHEDULES = {
    "StepLR": of_schedule(optim.StepLR, 2),
    "ExponentialLR": of_schedule(optim.ExponentialLR, 0.9),
    "CosineAnnealingLR": of_schedule(optim.CosineAnnealingLR, 5),
    "LinearLR": of_schedule(optim.LinearLR),
    "OneCycleLR": of_schedule(optim.OneCycleLR, 0.1, 5),
    "ReduceLROnPlateau": of_schedule(optim.ReduceLROnPlateau),
    "SequentialLR": sequential(),
}
OPTIMIZERS = ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "Lion")
TRAINING = {
    "fit": learning(training.fit, epochs=1),
    "learning_rate_range": learning(training.learning_rate_range, steps=3),
    "minibatches": Call(training.minibatches, (X, T, 2), {"rng": rng()}, list),
    "predict": Call(training.predict, (MODEL, X)),
    "accuracy": Call(training.accuracy, (LOGITS, np.zeros(2, int))),
    "next_token_windows": Call(training.next_token_windows, (np.arange(9), 3)),
    "token_streams": Call(training.token_streams, (np.arange(9), 2, 3), {}, list),
    "EarlyStopping": Call(training.EarlyStopping),
    "Instrument": Call(training.Instrument, (["a"],)),
    "GradientNorms": Call(training.GradientNorms, (MODEL,)),
    "UpdateRatios": Call(training.UpdateRatios, (MODEL, optim.SGD(MODEL.parameters(), lr=0.1))),
    "ActivationStatistics": Call(training.ActivationStatistics, (MODEL,)),
}
METHODS: dict[str, Call] = {
    "GPT.generate": Call(models.GPT(5, 8, 2, 1, 4, **SMALL).generate, (IDS, 2), {"rng": rng()}),
    "CharRNN.generate": Call(models.CharRNN(5, 3, 4, **SMALL).generate, (IDS, 2), {"rng": rng()}),
    "Transformer.greedy_decode": Call(
        models.Transformer(5, 5, 8, 2, 1, 16, **SMALL).greedy_decode,
        (IDS,),
        {"start": 1, "end": 2, "max_len": 3},
    ),
    "VAE.sample": Call(models.VAE((6, 4, 2), **SMALL).sample, (3,), {"rng": rng()}),
    "Generator.sample": Call(
        models.Generator(2, (3,), (4,), 3, **SMALL).sample,
        (4, CLASSES),
        {"rng": rng()},
    ),
    "KeyValueCache.append": Call(nn.KeyValueCache().append, (np.ones((2, 2, 1, 4)),) * 2),
    "ReduceLROnPlateau.step": Call(
        optim.ReduceLROnPlateau(optim.SGD([parameter()], lr=0.1)).step, (1.0,)
    ),
    "EarlyStopping.update": Call(training.EarlyStopping().update, (1.0, MODEL)),
    "CharCodec.encode": Call(CODEC.encode, ("cab",)),
    "CharCodec.decode": Call(CODEC.decode, (np.array([1, 2]),)),
    "CharCodec.batch": Call(CODEC.batch, (["a", "bc"],), {"length": 4}),
}
OTHERS: dict[str, Call] = {
    "checkpoint": Call(autograd.checkpoint, (lambda x: x * x, parameter()), {"rng": rng()}),
    "lift": Call(autograd.lift, (lambda x: (x, lambda dy: (dy,)),)),
    "topological_order": Call(autograd.topological_order, (parameter(),)),
    **METHODS,
    "evaluating": Call(nn.evaluating, (MODEL,), {}, lambda context: context.__enter__()),
    "attention_maps": Call(
        nn.attention_maps,
        (nn.MultiheadAttention(4, 2, rng=rng(), dtype=np.float64), *[np.ones((1, 2, 4))] * 3),
    ),
    **{f"init.{name}": of_initializer(name) for name in LEAF},
    "init.calculate_gain": Call(init.calculate_gain, ("leaky_relu",)),
    **{name: of_optimizer(getattr(optim, name)) for name in OPTIMIZERS},
    **SCHEDULES,
    "clip_grad_norm_": Call(optim.clip_grad_norm_, ([parameter()], 1.0)),
    "clip_grad_value_": Call(optim.clip_grad_value_, ([parameter()], 1.0)),
    **TRAINING,
    "corrupt": Call(models.corrupt, (X,), {"rng": rng()}),
    "elbo_loss": Call(
        models.elbo_loss, (Tensor(np.zeros((4, 3))), *[Tensor(np.zeros((4, 2)))] * 2, 0.5 * X)
    ),
    "discriminator_loss": Call(models.discriminator_loss, (Tensor(X), Tensor(X))),
    "generator_loss": Call(models.generator_loss, (Tensor(X),)),
    "linear_schedule": Call(models.linear_schedule, (5,)),
    "cosine_schedule": Call(models.cosine_schedule, (5,)),
    "GaussianDiffusion": Call(models.GaussianDiffusion, (np.array([0.1, 0.2]),)),
    "GaussianDiffusion.add_noise": Call(DIFFUSION.add_noise, (POINTS, STEPS, POINTS)),
    "GaussianDiffusion.predict_x_0": Call(DIFFUSION.predict_x_0, (POINTS, STEPS, POINTS)),
    "GaussianDiffusion.posterior": Call(DIFFUSION.posterior, (POINTS, POINTS, STEPS)),
    "GaussianDiffusion.step_back": Call(
        DIFFUSION.step_back, (POINTS, STEPS, STEPS - 1, POINTS, POINTS)
    ),
    "GaussianDiffusion.loss": Call(DIFFUSION.loss, (DENOISER, POINTS, CLASSES), {"rng": rng()}),
    "GaussianDiffusion.sample": Call(
        DIFFUSION.sample, (DENOISER, (4, 2), CLASSES), {"rng": rng(), "steps": 2}
    ),
    "next_token_probabilities": Call(models.next_token_probabilities, (LOGITS,)),
    "sample_tokens": Call(models.sample_tokens, (LOGITS,), {"rng": rng()}),
    "standardizer": Call(data.standardizer, (X,)),
    "min_max_scaler": Call(data.min_max_scaler, (X,)),
    "mean_imputer": Call(data.mean_imputer, (X,)),
    "one_hot": Call(data.one_hot, (T, 3)),
    "hold_out": Call(data.hold_out, (X, T), {"rng": rng()}),
    "sliding_windows": Call(data.sliding_windows, (np.arange(9.0), 3)),
    "mode_centers": Call(data.mode_centers, (8,)),
    "CharCodec": Call(data.CharCodec, (["abc"],)),
}

CALLS: dict[str, Call] = {
    **{f"F.{name}": of_function(name) for name in REGISTRY},
    **{name: of_module(layer) for name, layer in (LAYERS | MODELS).items()},
    "Sequential": Call(nn.Sequential, (nn.Linear(3, 2, rng=rng(), dtype=np.float64), nn.ReLU())),
    **OTHERS,
}
