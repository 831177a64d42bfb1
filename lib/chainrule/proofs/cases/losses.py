"""The losses' cases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_tests, onnx_vector, scikit_learn_metric

VECTOR_SEED = 0
PAIR_SHAPES = [(2, 2), (5,), (2, 2, 3), (1,)]
KINK = 0.01  # how far errors stay from points where a loss has no derivative


def _tuples(rng: np.random.Generator, *, arrays: int) -> list[Instance]:
    """Arguments of equal shape."""
    draw = rng.standard_normal
    return [Instance(tuple(draw(shape) for _ in range(arrays))) for shape in PAIR_SHAPES]


def _l1_instances(rng: np.random.Generator) -> list[Instance]:
    pairs = (instance.args for instance in _tuples(rng, arrays=2))
    return [Instance((y + np.copysign(KINK, y - t), t)) for y, t in pairs]


def _huber_instances(rng: np.random.Generator) -> list[Instance]:
    # Errors of either size and sign, none within KINK of ±δ. SymPy tells three cases per entry
    # apart, hence 3⁴ for four entries, which would take half a minute.
    sizes = [rng.choice([0.3, 2.0], shape) for shape in [(2, 1), *PAIR_SHAPES[1:]]]
    return [
        Instance((t + size * rng.choice([-1.0, 1.0], t.shape) * rng.uniform(0.8, 1.2, t.shape), t))
        for size in sizes
        for t in [rng.standard_normal(size.shape)]
    ]


def _hinge_instances(rng: np.random.Generator) -> list[Instance]:
    pairs = [(rng.standard_normal(s), rng.choice([-1.0, 1.0], s)) for s in PAIR_SHAPES]
    return [Instance((z + t * np.copysign(KINK, t * z - 1), t)) for z, t in pairs]


def _mean_of(loss: Callable[..., Any]) -> Callable[..., Any]:
    """The mean of ``loss`` over corresponding entries of the arguments."""

    def definition(*arrays: Array) -> Any:
        entries = zip(*(a.flat for a in arrays), strict=True)
        return sp.Add(*(loss(*entry) for entry in entries)) / sp.Integer(arrays[0].size)

    return definition


def _huber(y: Any, t: Any) -> Any:
    e = y - t
    return sp.Piecewise(
        (e - sp.Rational(1, 2), e > 1), (-e - sp.Rational(1, 2), e < -1), (e**2 / 2, True)
    )


def _kl_of_rows(mean: Array, log_var: Array) -> Any:
    # ∫ q log(q / p) from the moments of q: E[x²] = μ² + σ², E[(x − μ)²] = σ².
    rows = [
        sp.Add(*((-s - 1 + m**2 + sp.exp(s)) / 2 for m, s in zip(means, logs, strict=True)))
        for means, logs in zip(mean, log_var, strict=True)
    ]
    return sum(rows) / sp.Integer(len(rows))


def _binary_instances(rng: np.random.Generator) -> list[Instance]:
    # SymPy gets the first two: each entry doubles the cases that it has to tell apart.
    shapes = [(1, 2), (2, 1), (2, 2), (5,), (2, 1, 3), (1,)]
    return [Instance((3 * rng.standard_normal(s), rng.uniform(0.1, 0.9, s))) for s in shapes]


def _binary_cross_entropy(z: Array, t: Array) -> Any:
    losses = []
    for a, target in zip(z.flat, t.flat, strict=True):
        p = 1 / (1 + sp.exp(-a))
        losses.append(-target * sp.log(p) - (1 - target) * sp.log(1 - p))
    return sum(losses) / sp.Integer(z.size)


def _class_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)), np.array([2, 0]))),
        Instance((draw((5, 4)), rng.integers(0, 4, 5))),
        Instance((draw((2, 3, 4)), rng.integers(0, 4, (2, 3)))),
        Instance((draw(3), np.array(1))),
        Instance((draw((2, 1)), np.array([0, 0]))),
    ]


def _cross_entropy_instances(rng: np.random.Generator) -> list[Instance]:
    def soft(*shape: int) -> Array:
        p = rng.uniform(0.2, 1, shape)
        return np.asarray(p / p.sum(-1, keepdims=True))

    draw = rng.standard_normal
    ids, *others = _class_instances(rng)
    smoothed = {"label_smoothing": 0.25}
    return [
        ids,
        Instance((draw((2, 2)), soft(2, 2)), smoothed),
        Instance((draw((2, 3)), np.array([1, 2])), smoothed),
        *others,
        Instance((draw((2, 3, 4)), soft(2, 3, 4))),
        Instance((draw(3), soft(3))),
        Instance((draw((4, 3)), np.array([2, -100, 0, -100])), {"ignore_index": -100}),
        Instance((draw((4, 3)), np.array([2, 0, 0, 1])), {"ignore_index": 0} | smoothed),
    ]


def _cross_entropy(z: Array, t: Array, label_smoothing: float = 0.0) -> Any:
    K, epsilon = z.shape[1], sp.Rational(label_smoothing)
    if t.ndim == 1:
        t = np.array([[sp.Integer(k == true) for k in range(K)] for true in t])
    losses = []
    for row, target in zip(z, t, strict=True):
        total = sum(sp.exp(a) for a in row)
        for a, q in zip(row, target, strict=True):
            losses.append(-((1 - epsilon) * q + epsilon / K) * sp.log(sp.exp(a) / total))
    return sum(losses) / sp.Integer(len(z))


def _onnx_loss(operator: str) -> list[Vector]:
    # ONNX keeps the classes in axis 1, and may give the sum over the examples, or one loss each.
    vectors = []
    for name in onnx_tests(operator):
        attributes, (scores, t), loss = onnx_vector(operator, name)
        scores, options = np.moveaxis(scores, 1, -1), {}
        counted = np.full(t.shape, True)
        if "ignore_index" in attributes:
            counted = t != attributes["ignore_index"]
            if operator == "SoftmaxCrossEntropyLoss":
                options = {"ignore_index": attributes["ignore_index"]}
            else:  # nll_loss ignores none, so that none that is ignored may come
                scores, t = scores[counted], t[counted]
        is_mean = attributes.get("reduction", b"mean") == b"mean"
        part = partial(np.multiply, np.float32(1 if is_mean else counted.sum()))
        call = Instance((scores, t), options)
        vectors.append(Vector(f"ONNX {name}", call, loss.sum(), part=part))
    return vectors


def _scipy_cross_entropy() -> list[Vector]:
    """Of probabilities and with label smoothing: H(q, p) = H(q) + KL(q ‖ p)."""
    from scipy.special import softmax
    from scipy.stats import entropy

    rng = np.random.default_rng(VECTOR_SEED)
    z, q = 2 * rng.standard_normal((6, 4)), rng.dirichlet(np.ones(4), 6)
    p, ids = softmax(z, -1), rng.integers(0, 4, 6)
    vectors = []
    for t, epsilon in ((q, 0.0), (q, 0.1), (ids, 0.1)):
        target = (1 - epsilon) * (q if t is q else np.eye(4)[ids]) + epsilon / 4
        value = (entropy(target, axis=-1) + entropy(target, p, axis=-1)).mean()
        instance = Instance((z, t), {"label_smoothing": epsilon})
        vectors.append(Vector("SciPy entropy", instance, np.asarray(value)))
    return vectors


def _scikit_learn(metric: str) -> Callable[[], list[Vector]]:
    """A vector from one of scikit-learn's metrics of targets and predictions."""

    def vectors() -> list[Vector]:
        y, t = np.random.default_rng(VECTOR_SEED).standard_normal((2, 10, 2))
        value = scikit_learn_metric(metric)(t, y)
        return [Vector(f"scikit-learn {metric}", Instance((y, t)), np.asarray(value))]

    return vectors


def _scikit_learn_hinge() -> list[Vector]:
    hinge_loss = scikit_learn_metric("hinge_loss")
    z, t = np.random.default_rng(VECTOR_SEED).standard_normal(20), np.arange(20.0) % 2 * 2 - 1
    return [Vector("scikit-learn hinge_loss", Instance((z, t)), np.asarray(hinge_loss(t, z)))]


def _scipy_huber() -> list[Vector]:
    from scipy.special import huber

    y, t = 2 * np.random.default_rng(VECTOR_SEED).standard_normal((2, 20))
    return [Vector("SciPy huber", Instance((y, t)), np.asarray(huber(1.0, y - t).mean()))]


def _scipy_gaussian() -> list[Vector]:
    from scipy.stats import norm

    mean, t, log_var = np.random.default_rng(VECTOR_SEED).standard_normal((3, 20))
    value = -norm.logpdf(t, mean, np.exp(log_var / 2)).mean()
    return [Vector("SciPy norm.logpdf", Instance((mean, t, log_var)), np.asarray(value))]


def _scipy_kl() -> list[Vector]:
    from scipy.integrate import fixed_quad
    from scipy.stats import norm

    mean, log_var = np.random.default_rng(VECTOR_SEED).standard_normal((2, 4, 3))
    deviation = np.exp(log_var / 2)

    def integrand(u: Array) -> Array:  # u of shape (200,), in standard deviations from the mean
        x = mean[..., None] + deviation[..., None] * u
        q, p = norm(mean[..., None], deviation[..., None]), norm()
        return deviation[..., None] * q.pdf(x) * (q.logpdf(x) - p.logpdf(x))

    value = fixed_quad(integrand, -12, 12, n=200)[0].sum(1).mean()
    return [Vector("SciPy integration", Instance((mean, log_var)), np.asarray(value))]


def _scikit_learn_binary_cross_entropy() -> list[Vector]:
    log_loss = scikit_learn_metric("log_loss")
    rng = np.random.default_rng(VECTOR_SEED)
    z, t = 3 * rng.standard_normal(20), np.arange(20.0) % 2
    p = 1 / (1 + np.exp(-z))
    return [Vector("scikit-learn log_loss", Instance((z, t)), np.asarray(log_loss(t, p)))]


CASES = [
    Case(
        name="mse_loss",
        formula=r"L = \frac{1}{N} \sum_i (y_i - t_i)^2",
        chapter="losses",
        arguments=("y", "t"),
        instances=partial(_tuples, arrays=2),
        definition=_mean_of(lambda y, t: (y - t) ** 2),
        vectors=_scikit_learn("mean_squared_error"),
        is_mean=True,
    ),
    Case(
        name="l1_loss",
        formula=r"L = \frac{1}{N} \sum_i |y_i - t_i|",
        chapter="losses",
        arguments=("y", "t"),
        instances=_l1_instances,
        definition=_mean_of(lambda y, t: sp.Piecewise((y - t, y > t), (t - y, True))),
        vectors=_scikit_learn("mean_absolute_error"),
        is_mean=True,
    ),
    Case(
        name="huber_loss",
        formula=r"L = \frac{1}{N} \sum_i \tfrac12 e_i^2 \text{ if } |e_i| \le \delta,"
        r" \text{ else } \delta (|e_i| - \tfrac12 \delta)",
        chapter="losses",
        arguments=("y", "t"),
        instances=_huber_instances,
        definition=_mean_of(_huber),
        vectors=_scipy_huber,
        is_mean=True,
    ),
    Case(
        name="hinge_loss",
        formula=r"L = \frac{1}{N} \sum_i \max(0, 1 - t_i z_i)",
        chapter="losses",
        arguments=("z", "t"),
        instances=_hinge_instances,
        definition=_mean_of(lambda z, t: sp.Piecewise((1 - t * z, t * z < 1), (0, True))),
        vectors=_scikit_learn_hinge,
        is_mean=True,
    ),
    Case(
        name="gaussian_nll_loss",
        formula=r"L = -\frac{1}{N} \sum_i \log \mathcal{N}(t_i; \mu_i, e^{s_i})",
        chapter="probabilistic-models",
        arguments=("mean", "t", "log_var"),
        instances=partial(_tuples, arrays=3),
        definition=_mean_of(
            lambda m, t, s: (
                -sp.log(sp.exp(-((t - m) ** 2) / (2 * sp.exp(s))) / sp.sqrt(2 * sp.pi * sp.exp(s)))
            )
        ),
        vectors=_scipy_gaussian,
        is_mean=True,
    ),
    Case(
        name="kl_standard_normal",
        formula=r"\mathrm{KL} = \frac{1}{2N} \sum_{ij} \mu_{ij}^2 + e^{s_{ij}} - s_{ij} - 1",
        chapter="variational-autoencoders",
        arguments=("mean", "log_var"),
        instances=partial(_tuples, arrays=2),
        definition=_kl_of_rows,
        vectors=_scipy_kl,
        is_mean=True,
    ),
    Case(
        name="nll_loss",
        formula=r"L = -\frac{1}{N} \sum_i \log p_{i t_i}",
        chapter="losses",
        arguments=("log_p", "t"),
        instances=_class_instances,
        definition=lambda log_p, t: (
            -sum(row[k] for row, k in zip(log_p, t, strict=True)) / sp.Integer(len(t))
        ),
        vectors=lambda: _onnx_loss("NegativeLogLikelihoodLoss"),
        is_mean=True,
    ),
    Case(
        name="binary_cross_entropy_with_logits",
        formula=r"L = \frac{1}{N} \sum_i -t_i \log \sigma(z_i) - (1 - t_i) \log(1 - \sigma(z_i))",
        chapter="losses",
        arguments=("z", "t"),
        instances=_binary_instances,
        definition=_binary_cross_entropy,
        vectors=_scikit_learn_binary_cross_entropy,
        is_mean=True,
        small=2,
    ),
    Case(
        name="cross_entropy",
        formula=r"L = -\frac{1}{N} \sum_{ik} q_{ik} \log \operatorname{softmax}(z_i)_k",
        chapter="backpropagation",
        arguments=("z", "t"),
        instances=_cross_entropy_instances,
        definition=_cross_entropy,
        vectors=lambda: _onnx_loss("SoftmaxCrossEntropyLoss") + _scipy_cross_entropy(),
        is_mean=True,
        small=2,
    ),
]
