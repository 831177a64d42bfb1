"""Answers to the exercises of ``activations``: wrong ones as people give them, and right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905 - this is how learners write

import math

import numpy as np


def swapped(answer):
    return lambda *arguments: answer(*arguments)[::-1]


def printing(answer):
    return lambda *arguments: print(answer(*arguments))


# --- predictions ----------------------------------------------------------------------------------

PREDICTIONS = {
    "sigmoid at 0: slope": 0.25,
    "sigmoid of 4z at 0: slope": 1,
    "tanh at 0: slope": 1,
    "relu at 0: slope": 0,
    "leaky relu at -5": -0.05,
    "elu at -100": -1,
    "gelu at 0: slope": 0.5,
    "gelu at -100": 0,
    "softmax of 1000 and 1000": 0.5,
    "softmax of log 3 and 0": 0.75,
}


def predicting(question, answer, says):
    what = f"{question}: {answer}"
    return what, PREDICTIONS | {question: answer}, question, says


# --- relu -----------------------------------------------------------------------------------------


def relu(a=lambda z: np.maximum(z, 0), slope=lambda z: (z > 0).astype(z.dtype)):
    """The right answer with other responses or other slopes."""
    return lambda z: (a(z), slope(z))


def relu_in_place(z):
    z[z < 0] = 0
    return z, (z > 0).astype(z.dtype)


def relu_by_if(z):
    if z > 0:
        return z, np.ones_like(z)
    return np.zeros_like(z), np.zeros_like(z)


def relu_by_loops(z):
    a, slope = np.zeros_like(z), np.zeros_like(z)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if z[i, j] > 0:
                a[i, j], slope[i, j] = z[i, j], 1
    return a, slope


def relu_stacking(z):
    pairs = [(np.maximum(row, 0), row > 0) for row in z]
    return np.stack([a for a, _ in pairs]), np.stack([on for _, on in pairs]).astype(z.dtype)


# --- sigmoid --------------------------------------------------------------------------------------


def sigma(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid(a=sigma, slope=lambda z: sigma(z) * (1 - sigma(z))):
    """The right answer with other responses or other slopes."""
    return lambda z: (a(z), slope(z))


def sigmoid_by_where(z):
    a = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
    return a, a * (1 - a)


def sigmoid_in_place(z):
    np.abs(z, out=z)
    return sigmoid()(z)


def sigmoid_by_masks(z):
    a = np.empty_like(z)
    on = z >= 0
    a[on] = 1 / (1 + np.exp(-z[on]))
    e = np.exp(z[~on])
    a[~on] = e / (1 + e)
    return a, a - a * a


def sigmoid_by_tanh(z):
    a = 0.5 * (1 + np.tanh(z / 2))
    return a, a * (1 - a)


def sigmoid_silenced(z):
    with np.errstate(over="ignore"):
        a = 1 / (1 + np.exp(-z))
    return a, a * (1 - a)


# --- leaky_relu -----------------------------------------------------------------------------------


def leaky(
    a=lambda z, c: np.where(z > 0, z, c * z),
    slope=lambda z, c: np.where(z > 0, 1, c).astype(z.dtype),
):
    """The right answer with other responses or other slopes."""
    return lambda z, c: (a(z, c), slope(z, c))


def leaky_in_place(z, c):
    slope = np.where(z > 0, 1, c).astype(z.dtype)
    z[z < 0] *= c
    return z, slope


def leaky_by_parts(z, c):
    on = (z > 0).astype(z.dtype)
    return np.maximum(z, 0) + c * np.minimum(z, 0), on + c * (1 - on)


def leaky_by_loops(z, c):
    a, slope = z.copy(), np.ones_like(z)
    for k in np.ndindex(z.shape):
        if z[k] <= 0:
            a[k], slope[k] = c * z[k], c
    return a, slope


# --- elu ------------------------------------------------------------------------------------------


def elu(
    left=lambda z, alpha: alpha * (np.exp(np.minimum(z, 0)) - 1),
    slope=lambda z, alpha: np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))),
):
    """The right answer with another left side or other slopes."""
    return lambda z, alpha: (np.where(z > 0, z, left(z, alpha)), slope(z, alpha))


def tail(z, alpha):
    return alpha * (np.exp(np.minimum(z, 0)) - 1)


def elu_in_place(z, alpha):
    z[z < 0] = tail(z, alpha)[z < 0]
    return z, np.where(z > 0, 1, z + alpha)


def elu_in_float64(z, alpha):
    slope = np.ones(z.shape)
    slope[z <= 0] = alpha * np.exp(z[z <= 0])
    return elu()(z, alpha)[0], slope


def elu_by_masks(z, alpha):
    a, slope = z.copy(), np.ones_like(z)
    off = z <= 0
    slope[off] = alpha * np.exp(z[off])
    a[off] = slope[off] - alpha
    return a, slope


def elu_by_parts(z, alpha):
    e = np.exp(np.minimum(z, 0))
    return np.maximum(z, 0) + alpha * (e - 1), (z > 0) + (z <= 0) * (alpha * e)


# --- gelu -----------------------------------------------------------------------------------------


def erf(x):
    return np.vectorize(math.erf, otypes=[x.dtype])(x)


def cdf(z):
    return (1 + erf(z / math.sqrt(2))) / 2


def density(z):
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def gelu(a=lambda z: z * cdf(z), slope=lambda z: cdf(z) + z * density(z)):
    """The right answer with other responses or other slopes."""
    return lambda z: (a(z), slope(z))


def gelu_by_tanh(z):
    u = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
    return 0.5 * z * (1 + np.tanh(u)), cdf(z) + z * density(z)


def gelu_in_float64(z):
    wide = np.vectorize(math.erf)(z / math.sqrt(2))
    Phi = (1 + wide) / 2
    return z * Phi, Phi + z * density(z)


def gelu_in_place(z):
    slope = cdf(z) + z * density(z)
    z *= cdf(z)
    return z, slope


def gelu_by_loops(z):
    a, slope = np.zeros_like(z), np.zeros_like(z)
    for k in np.ndindex(z.shape):
        x = float(z[k])
        Phi = 0.5 * math.erfc(-x / math.sqrt(2))
        a[k] = x * Phi
        slope[k] = Phi + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return a, slope


# --- softmax --------------------------------------------------------------------------------------


def shifted(m_of):
    """Softmax with ``m_of(z)`` subtracted first."""

    def softmax(z):
        E = np.exp(z - m_of(z))
        return E / E.sum(axis=1, keepdims=True)

    return softmax


stable = shifted(lambda z: z.max(axis=1, keepdims=True))


def softmax_in_place(z):
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


def softmax_of_the_last_row(z):
    p = np.zeros_like(z)
    for row in z:
        e = np.exp(row - row.max())
        p = e / e.sum()
    return p


def softmax_in_float64(z):
    p = np.zeros(z.shape)
    for i, row in enumerate(z):
        p[i] = stable(row[None])[0]
    return p


def softmax_by_log(z):
    return np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])


def softmax_by_loops(z):
    p = np.zeros_like(z)
    for i, row in enumerate(z):
        e = [np.exp(v - max(row)) for v in row]
        for k in range(len(row)):
            p[i, k] = e[k] / sum(e)
    return p


def softmax_by_differences(z):
    """1 / sum over c of exp(z_c - z_k), where what is infinite would be 0 anyway."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[:, None, :] - z[:, :, None]).sum(2)


# --- swiglu ---------------------------------------------------------------------------------------


def swiglu(
    y=lambda u, v: u * sigma(u) * v,
    du=lambda u, v, dy: dy * v * (sigma(u) + u * sigma(u) * (1 - sigma(u))),
    dv=lambda u, v, dy: dy * u * sigma(u),
):
    """The right answer with some of its lines changed."""
    return lambda u, v, dy: (y(u, v), du(u, v, dy), dv(u, v, dy))


def swiglu_naive(u, v, dy):
    s = 1 / (1 + np.exp(-u))
    return u * s * v, dy * v * (s + u * s * (1 - s)), dy * u * s


def swiglu_from_plus(u, v, dy):
    s = np.exp(u) / (1 + np.exp(u))
    return u * s * v, dy * v * (s + u * s * (1 - s)), dy * u * s


def swiglu_in_float64(u, v, dy):
    return swiglu()(u, v, dy.astype(float))


def swiglu_in_place(u, v, dy):
    result = swiglu()(u, v, dy)
    dy *= v
    return result


def swiglu_by_steps(u, v, dy):
    s = 0.5 + 0.5 * np.tanh(0.5 * u)
    gate = u * s
    d_gate = dy * v
    du = d_gate * s
    ds = d_gate * u
    du = du + ds * s * (1 - s)
    return gate * v, du, dy * gate


def swiglu_by_loops(u, v, dy):
    y, du, dv = np.zeros_like(u), np.zeros_like(u), np.zeros_like(u)
    for k in np.ndindex(u.shape):
        e = np.exp(-abs(u[k]))
        s = (1 if u[k] >= 0 else e) / (1 + e)
        y[k] = u[k] * s * v[k]
        du[k] = dy[k] * v[k] * (s + y[k] / v[k] * (1 - s)) if v[k] else 0
        dv[k] = dy[k] * u[k] * s
    return y, du, dv


# --- legal_softmax --------------------------------------------------------------------------------


def divided(E):
    return E / E.sum(axis=1, keepdims=True)


def legal_in_place(z, legal):
    z[legal == 0] = -np.inf
    return stable(z)


def legal_in_float64(z, legal):
    return stable(z + np.where(legal, 0.0, -np.inf) * np.ones(z.shape))


def legal_by_loops(z, legal):
    p = np.zeros_like(z)
    for i in range(len(z)):
        moves = [k for k in range(z.shape[1]) if legal[i, k]]
        best = max(z[i, k] for k in moves)
        total = sum(np.exp(z[i, k] - best) for k in moves)
        for k in moves:
            p[i, k] = np.exp(z[i, k] - best) / total
    return p


def legal_by_rows(z, legal):
    p = np.zeros_like(z)
    for row, scores, mask in zip(p, z, legal > 0):
        row[mask] = stable(scores[mask][None])[0]
    return p


WRONG = {
    "activations.predictions": [
        predicting("softmax of 1000 and 1000", np.nan, "inf / inf would be nan"),
        predicting("sigmoid at 0: slope", 0.5, "1/2 is the response at 0"),
        predicting("sigmoid at 0: slope", 1, "the slope of tanh at 0"),
        predicting("sigmoid of 4z at 0: slope", 0.25, "four times as fast as z"),
        predicting("sigmoid of 4z at 0: slope", 2, "4 times the slope"),
        predicting("tanh at 0: slope", 0, "0 is the response at 0"),
        predicting("tanh at 0: slope", 0.25, "that of the sigmoid"),
        predicting("relu at 0: slope", 1, "the slope on the right"),
        predicting("relu at 0: slope", 0.5, "SymPy's convention"),
        predicting("leaky relu at -5", 0, "0 is ReLU"),
        predicting("leaky relu at -5", 0.05, "The sign"),
        predicting("elu at -100", -100, "ELU is not a line on the left"),
        predicting("gelu at 0: slope", 0, "0 is the response at 0"),
        predicting("gelu at 0: slope", 0.9, "multiplied by z, which is 0"),
        predicting("gelu at -100", -1, "-1 is where ELU ends"),
        predicting("softmax of 1000 and 1000", np.inf, "subtracts the largest score first"),
        predicting("softmax of log 3 and 0", 3, "3 is the exponential"),
        predicting("softmax of log 3 and 0", "3/4", "Answer with a number"),
    ],
    "activations.relu": [
        ("identity", relu(lambda z: z), "a", "Negative scores become 0"),
        ("absolute", relu(abs), "a", "You turn negative scores around"),
        ("minimum", relu(lambda z: np.minimum(z, 0)), "a", "cut off the positive ones"),
        ("leaky", relu(lambda z: np.maximum(z, 0.01 * z)), "a", "That is leaky ReLU"),
        ("maximum of all", relu(lambda z: max(z.max(), 0) + 0 * z), "a", "wrong values"),
        ("if", relu_by_if, "shapes", "np.where chooses entry by entry"),
        ("stack", relu_stacking, "empty batch", "stops with a ValueError"),
        ("open", relu(slope=lambda z: (z >= 0) * 1.0), "slope", "this book takes 0"),
        ("half", relu(slope=lambda z: np.heaviside(z, 0.5)), "slope", "as SymPy has it"),
        ("sign", relu(slope=np.sign), "slope", "ReLU is flat there"),
        ("ones", relu(slope=np.ones_like), "slope", "Where a unit is off it is 0"),
        ("response", relu(slope=lambda z: np.maximum(z, 0)), "slope", "You return a once more"),
        ("mask", relu(slope=lambda z: z > 0), "shapes", "an array of bool"),
        ("a alone", lambda z: np.maximum(z, 0), "shapes", "instead of 2 results"),
        ("exchanged", swapped(relu()), "a", "The two results are exchanged"),
        ("prints", printing(relu()), "shapes", "Is a return missing?"),
        ("float64", relu(slope=lambda z: np.where(z > 0, 1.0, 0.0)), "float32", "stay float32"),
        ("in place", relu_in_place, "inputs unchanged", "changes z"),
    ],
    "activations.sigmoid": [
        ("of abs(z)", sigmoid(lambda z: sigma(abs(z))), "a", "never below 1/2"),
        (
            "clipped at 30",
            sigmoid(lambda z: 1 / (1 + np.exp(-np.clip(z, -30, 30)))),
            "large scores",
            "more than rounding explains",
        ),
        (
            "textbook",
            sigmoid(lambda z: 1 / (1 + np.exp(-z))),
            "large scores",
            "NumPy warns on the way to it",
        ),
        (
            "plus",
            sigmoid(lambda z: np.exp(z) / (1 + np.exp(z))),
            "large scores",
            "inf / inf for a large z",
        ),
        ("where", sigmoid_by_where, "large scores", "np.where computes both branches"),
        (
            "slope as printed",
            sigmoid(slope=lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
            "large scores",
            "Your slope has exponentials of its own",
        ),
        (
            "clipped",
            sigmoid(lambda z: 1 / (1 + np.exp(-np.clip(z, -20, 20)))),
            "large scores",
            "wrong values",
        ),
        ("falls", sigmoid(lambda z: sigma(-z)), "a", "the exponent has the wrong sign"),
        ("tanh", sigmoid(np.tanh), "a", "Your a is tanh(z)"),
        ("steep", sigmoid(lambda z: (1 + np.tanh(z)) / 2), "a", "twice as steep"),
        (
            "precedence",
            sigmoid(lambda z: 1 / 1 + np.exp(-z)),
            "a",
            "the sum below the line needs parentheses",
        ),
        ("softmax", sigmoid(stable), "a", "The sigmoid takes each number alone"),
        ("of z", sigmoid(slope=lambda z: z * (1 - z)), "slope", "it wants the response"),
        (
            "twice",
            sigmoid(slope=lambda z: sigma(sigma(z)) * (1 - sigma(sigma(z)))),
            "slope",
            "through the sigmoid once more",
        ),
        ("of tanh", sigmoid(slope=lambda z: 1 - sigma(z) ** 2), "slope", "the slope of tanh"),
        (
            "not squared",
            sigmoid(slope=lambda z: np.exp(-z) / (1 + np.exp(-z))),
            "slope",
            "or the square below the line",
        ),
        (
            "a quarter",
            sigmoid(slope=lambda z: 0 * z + 0.25),
            "slope",
            "the slope at 0, the largest",
        ),
        (
            "math",
            sigmoid(lambda z: 1 / (1 + math.exp(-z))),
            "shapes",
            # Before NumPy 2.4 the functions of `math` take an array with one entry.
            "stops with a TypeError"
            if np.lib.NumpyVersion(np.__version__) >= "2.4.0"
            else "Your a is a float",
        ),
        (
            "float64",
            sigmoid(
                lambda z: np.where(z >= 0, 1.0, np.zeros(z.shape)) * sigma(z) + (z < 0) * sigma(z)
            ),
            "float32",
            "stay float32",
        ),
        ("in place", sigmoid_in_place, "a", "wrong values"),
    ],
    "activations.leaky_relu": [
        ("1 + c", leaky(slope=lambda z, c: (z > 0) + c), "slope", "on the right is 1 + c"),
        ("minus", leaky(lambda z, c: np.maximum(z, 0) - c * z), "a", "on both sides"),
        ("maximum", leaky(lambda z, c: np.maximum(z, c * z)), "a", "right for c <= 1 only"),
        ("if", leaky(lambda z, c: z if z > 0 else c * z), "shapes", "np.where chooses entry by"),
        ("ReLU", leaky(lambda z, c: np.maximum(z, 0)), "a", "Your negative side is 0"),
        ("0.01", leaky(lambda z, c: np.where(z > 0, z, 0.01 * z)), "a", "Your leak is 0.01"),
        ("constant", leaky(lambda z, c: np.where(z > 0, z, c)), "a", "the constant c"),
        ("upward", leaky(lambda z, c: np.where(z > 0, z, -c * z)), "a", "rises to the left"),
        ("everywhere", leaky(lambda z, c: c * z), "a", "The positive ones come through whole"),
        ("open", leaky(slope=lambda z, c: np.where(z >= 0, 1, c)), "slope", "of the left side, c"),
        (
            "two masks",
            leaky(slope=lambda z, c: (z > 0) + c * (z < 0)),
            "slope",
            "neither of your masks is on",
        ),
        ("slope of ReLU", leaky(slope=lambda z, c: (z > 0) * 1.0), "slope", "On the left it is c"),
        (
            "response",
            leaky(slope=lambda z, c: np.where(z > 0, 1, c * z)),
            "slope",
            "you return the response c z",
        ),
        (
            "falling",
            leaky(slope=lambda z, c: np.where(z > 0, 1, -c)),
            "slope",
            "The line c z rises",
        ),
        ("exchanged", swapped(leaky()), "a", "The two results are exchanged"),
        ("float64", leaky(slope=lambda z, c: np.where(z > 0, 1, c)), "float32", "stay float32"),
        ("in place", leaky_in_place, "inputs unchanged", "changes z"),
    ],
    "activations.elu": [
        (
            "exp(-z)",
            elu(lambda z, alpha: alpha * (np.exp(-np.minimum(z, 0)) - 1)),
            "a",
            "exp(-z), which grows",
        ),
        (
            "maximum",
            lambda z, alpha: (np.maximum(z, elu()(np.minimum(z, 0), alpha)[0]), elu()(z, alpha)[1]),
            "a",
            "the larger of the two sides",
        ),
        (
            "both branches",
            elu(lambda z, alpha: alpha * (np.exp(z) - 1)),
            "large scores",
            "NumPy warns on the way to it",
        ),
        (
            "slope by where",
            elu(slope=lambda z, alpha: np.where(z > 0, 1, alpha * np.exp(z))),
            "large scores",
            "np.where computes both branches",
        ),
        (
            "slope by masks",
            elu(slope=lambda z, alpha: (z > 0) + (z <= 0) * alpha * np.exp(z)),
            "large scores",
            "0 times inf is nan",
        ),
        ("no alpha", elu(lambda z, alpha: tail(z, 1.0)), "a", "does not know alpha"),
        (
            "no 1",
            elu(lambda z, alpha: alpha * np.exp(np.minimum(z, 0))),
            "a",
            "You forget to subtract 1",
        ),
        (
            "1 outside",
            elu(lambda z, alpha: alpha * np.exp(np.minimum(z, 0)) - 1),
            "a",
            "alpha multiplies both",
        ),
        ("positive", elu(lambda z, alpha: -tail(z, alpha)), "a", "Your negative side is positive"),
        ("line", elu(lambda z, alpha: alpha * z), "a", "That is leaky ReLU"),
        (
            "exponent",
            elu(lambda z, alpha: np.exp(np.minimum(alpha * z, 0)) - 1),
            "a",
            "You put alpha into the exponent",
        ),
        (
            "open",
            elu(slope=lambda z, alpha: np.where(z >= 0, 1, alpha * np.exp(np.minimum(z, 0)))),
            "slope",
            "of the left side, alpha",
        ),
        (
            "slope without alpha",
            elu(slope=lambda z, alpha: np.exp(np.minimum(z, 0))),
            "slope",
            "wrong values",
        ),
        (
            "slope exp on the left",
            elu(slope=lambda z, alpha: np.where(z > 0, 1, np.exp(np.minimum(z, 0)))),
            "slope",
            "The factor alpha stays",
        ),
        (
            "a + 1",
            elu(slope=lambda z, alpha: np.where(z > 0, 1, tail(z, alpha) + 1)),
            "slope",
            "That is right for alpha = 1 only",
        ),
        (
            "response",
            elu(slope=lambda z, alpha: np.where(z > 0, 1, tail(z, alpha))),
            "slope",
            "On the left you return the response",
        ),
        ("slope of ReLU", elu(slope=lambda z, alpha: (z > 0) * 1.0), "slope", "that of ReLU"),
        ("a alone", lambda z, alpha: elu()(z, alpha)[0], "shapes", "instead of 2 results"),
        ("float64", elu_in_float64, "float32", "stay float32"),
        ("in place", elu_in_place, "inputs unchanged", "changes z"),
    ],
    "activations.gelu": [
        (
            "no parentheses",
            gelu(slope=lambda z: cdf(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2) * math.pi),
            "slope",
            "needs parentheses",
        ),
        (
            "one term",
            gelu(slope=lambda z: cdf(z) * z * density(z)),
            "slope",
            "two terms of the product rule",
        ),
        (
            "square not halved",
            gelu(slope=lambda z: cdf(z) + z * np.exp(-(z**2)) / 2 / math.sqrt(2 * math.pi)),
            "slope",
            "the exponent that is halved",
        ),
        ("tanh form", gelu_by_tanh, "a", "That is the tanh form"),
        ("1.702", gelu(lambda z: z * sigma(1.702 * z)), "a", "a rough approximation of GELU"),
        ("SiLU", gelu(lambda z: z * sigma(z)), "a", "The gate of GELU is Phi"),
        ("erf(z)", gelu(lambda z: z * (1 + erf(z)) / 2), "a", "The argument of erf is z / sqrt(2)"),
        (
            "no 1",
            gelu(lambda z: z * erf(z / math.sqrt(2)) / 2),
            "a",
            "You forget the 1 that is added",
        ),
        ("no half", gelu(lambda z: z * (1 + erf(z / math.sqrt(2)))), "a", "twice the expected one"),
        ("gate", gelu(cdf), "a", "It multiplies z"),
        ("ReLU", gelu(lambda z: np.maximum(z, 0)), "a", "whose gate is a switch"),
        ("slope Phi", gelu(slope=cdf), "slope", "the product rule has a second term"),
        ("slope z phi", gelu(slope=lambda z: z * density(z)), "slope", "has a first term as well"),
        (
            "no z",
            gelu(slope=lambda z: cdf(z) + density(z)),
            "slope",
            "By the product rule it is z phi",
        ),
        (
            "not normalized",
            gelu(slope=lambda z: cdf(z) + z * np.exp(-(z**2) / 2)),
            "slope",
            "lacks its factor",
        ),
        (
            "sign of the square",
            gelu(slope=lambda z: cdf(z) + z * np.exp((-z) ** 2 / 2) / math.sqrt(2 * math.pi)),
            "slope",
            "wrong values",
        ),
        (
            "as of a sigmoid",
            gelu(slope=lambda z: cdf(z) + z * cdf(z) * (1 - cdf(z))),
            "slope",
            "The slope of Phi is the density",
        ),
        ("math.erf", gelu(lambda z: z * (1 + math.erf(z))), "shapes", "functions of math take"),
        ("float64", gelu_in_float64, "float32", "stay float32"),
        ("in place", gelu_in_place, "inputs unchanged", "changes z"),
    ],
    "activations.softmax": [
        (
            "no keepdims at all",
            lambda z: np.exp(z - z.max(1)) / np.exp(z - z.max(1)).sum(1),
            "shapes",
            "and so has the sum",
        ),
        ("first score", shifted(lambda z: z[:, :1]), "large scores", "overflow"),
        ("last row", softmax_of_the_last_row, "shapes", "the last row alone"),
        ("naive", shifted(lambda z: 0), "large scores", "exp of the scores as they are"),
        ("one maximum", shifted(lambda z: z.max()), "large scores", "a maximum of its own"),
        (
            "mean",
            shifted(lambda z: z.mean(axis=1, keepdims=True)),
            "large scores",
            "You subtract the mean of the row",
        ),
        (
            "padded",
            lambda z: np.exp(z - z.max()) / (np.exp(z - z.max()).sum(1, keepdims=True) + 1e-8),
            "p",
            "wrong values",
        ),
        ("axis 0", lambda z: np.exp(z) / np.exp(z).sum(0), "p", "Your columns add up to 1"),
        ("all", lambda z: np.exp(z) / np.exp(z).sum(), "p", "All entries together add up to 1"),
        ("no keepdims", lambda z: np.exp(z) / np.exp(z).sum(1), "shapes", "keepdims=True"),
        ("not divided", lambda z: np.exp(z), "p", "Your p is exp(z)"),
        ("proportional", lambda z: z / z.sum(1, keepdims=True), "p", "divide the scores by their"),
        ("sigmoid", sigma, "p", "You take the sigmoid of each score"),
        ("hard", lambda z: (z == z.max(1, keepdims=True)) * 1.0, "p", "Softmax is soft"),
        (
            "divided by the maximum",
            lambda z: stable(z / z.max(1, keepdims=True)),
            "p",
            "You divide the scores by the largest",
        ),
        ("negated", lambda z: stable(-z), "p", "The smallest score gets the largest probability"),
        ("logarithm", lambda z: np.log(stable(z)), "p", "You return the logarithm of p"),
        ("list", lambda z: [stable(z[:1])[0]], "shapes", "np.array(...) makes an array"),
        ("float64", softmax_in_float64, "float32", "stay float32"),
        ("in place", softmax_in_place, "inputs unchanged", "changes z"),
    ],
    "activations.swiglu": [
        ("GLU", swiglu(lambda u, v: sigma(u) * v), "y", "the plain GLU"),
        ("gates exchanged", swiglu(lambda u, v: v * sigma(v) * u), "y", "open the gate with v"),
        ("SiLU", swiglu(lambda u, v: u * sigma(u)), "y", "It multiplies v"),
        ("matrix product", swiglu(lambda u, v: (u * sigma(u)) @ v), "shapes", "ValueError"),
        (
            "no v",
            swiglu(du=lambda u, v, dy: dy * (sigma(u) + u * sigma(u) * (1 - sigma(u)))),
            "du",
            "lacks the factor v",
        ),
        (
            "no dy",
            swiglu(du=lambda u, v, dy: v * (sigma(u) + u * sigma(u) * (1 - sigma(u)))),
            "du",
            "does not depend on dy",
        ),
        (
            "slope of the sigmoid",
            swiglu(du=lambda u, v, dy: dy * v * sigma(u) * (1 - sigma(u))),
            "du",
            "The gate is u sigma(u), a product",
        ),
        ("fixed gate", swiglu(du=lambda u, v, dy: dy * v * sigma(u)), "du", "for a constant"),
        (
            "silu",
            swiglu(du=lambda u, v, dy: dy * v * u * sigma(u)),
            "du",
            "Its slope belongs there",
        ),
        (
            "no u",
            swiglu(du=lambda u, v, dy: dy * v * (sigma(u) + sigma(u) * (1 - sigma(u)))),
            "du",
            "it has the factor u",
        ),
        ("dv without dy", swiglu(dv=lambda u, v, dy: u * sigma(u)), "dv", "does not depend on dy"),
        ("dv without u", swiglu(dv=lambda u, v, dy: dy * sigma(u)), "dv", "is silu(u)"),
        ("dv of a product", swiglu(dv=lambda u, v, dy: dy * u), "dv", "Your dv has the factor u"),
        (
            "dv with v",
            swiglu(dv=lambda u, v, dy: dy * u * sigma(u) * v),
            "dv",
            "its slope has no v",
        ),
        (
            "summed",
            swiglu(dv=lambda u, v, dy: (dy * u * sigma(u)).sum(0)),
            "shapes",
            "it must have shape (B, n)",
        ),
        (
            "order",
            lambda u, v, dy: (swiglu()(u, v, dy)[0], *swiglu()(u, v, dy)[:0:-1]),
            "du",
            "The order is y, du, dv",
        ),
        ("naive", swiglu_naive, "large scores", "larger than any float64"),
        ("plus", swiglu_from_plus, "large scores", "inf / inf for a large u"),
        ("float64", swiglu_in_float64, "float32", "stay float32"),
        ("in place", swiglu_in_place, "inputs unchanged", "changes dy"),
    ],
    "activations.legal_softmax": [
        ("untouched", lambda z, legal: stable(z * legal), "p", "still have the score 0"),
        ("where 0", lambda z, legal: stable(np.where(legal, z, 0)), "p", "exp(0) is 1"),
        ("multiplied", lambda z, legal: stable(z) * legal, "p", "what they had is lost"),
        ("one row", lambda z, legal: stable(z * legal)[0], "shapes", "it must have shape (B, K)"),
        ("ignored", lambda z, legal: stable(z), "p", "You do not look at legal at all"),
        (
            "turned around",
            lambda z, legal: stable(np.where(legal == 0, z, 0)),
            "p",
            "Your mask is turned around",
        ),
        ("no mask", lambda z, legal: stable(z[legal]), "shapes", "1 and 0 are places"),
        ("added", lambda z, legal: stable(z + legal), "p", "You add the mask to the scores"),
        (
            "smallest",
            lambda z, legal: stable(np.where(legal, z, z.min())),
            "p",
            "It is a score all the same",
        ),
        (
            "uniform",
            lambda z, legal: legal / legal.sum(1, keepdims=True),
            "p",
            "The scores say which is better",
        ),
        (
            "renormalized",
            lambda z, legal: divided(stable(z) * legal),
            "large scores",
            "You divide anew after the illegal moves are out",
        ),
        (
            "masked exponentials",
            lambda z, legal: divided(np.exp(z) * legal),
            "large scores",
            "larger than any float64",
        ),
        (
            "not shifted",
            lambda z, legal: divided(np.exp(np.where(legal, z, -np.inf))),
            "large scores",
            "is still to be subtracted",
        ),
        (
            "-1000",
            lambda z, legal: stable(np.where(legal, z, -1000)),
            "large scores",
            "A legal move can have a score as low as that",
        ),
        ("float64", legal_in_float64, "float32", "stay float32"),
        ("in place", legal_in_place, "inputs unchanged", "changes z"),
    ],
}

RIGHT = {
    "activations.predictions": [
        ("NumPy's numbers", {q: np.float64(a) for q, a in PREDICTIONS.items()}),
        ("in another order", dict(reversed(PREDICTIONS.items()))),
    ],
    "activations.relu": [
        ("loops", relu_by_loops),
        ("product", relu(lambda z: z * (z > 0))),
    ],
    "activations.sigmoid": [
        ("masks", sigmoid_by_masks),
        ("tanh", sigmoid_by_tanh),
        ("silenced", sigmoid_silenced),
    ],
    "activations.leaky_relu": [
        ("parts", leaky_by_parts),
        ("loops", leaky_by_loops),
    ],
    "activations.elu": [
        ("masks", elu_by_masks),
        ("parts", elu_by_parts),
    ],
    "activations.gelu": [
        ("erfc in loops", gelu_by_loops),
        (
            "from the slope",
            gelu(slope=lambda z: cdf(z) + z * np.exp(-z * z / 2) * 0.3989422804014327),
        ),
    ],
    "activations.softmax": [
        ("logarithm", softmax_by_log),
        ("loops", softmax_by_loops),
        ("differences", softmax_by_differences),
    ],
    "activations.swiglu": [
        ("steps", swiglu_by_steps),
        ("loops", swiglu_by_loops),
    ],
    "activations.legal_softmax": [
        ("loops", legal_by_loops),
        ("rows", legal_by_rows),
        ("very low", lambda z, legal: stable(np.where(legal, z, -1e9).astype(z.dtype))),
    ],
}
