"""Answers to the exercises of ``losses``: wrong ones as people give them, and right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905 - this is how learners write

import math

import numpy as np

# --- predictions ----------------------------------------------------------------------------------

PREDICTIONS = {
    "best answer by squares": 2,
    "best answer by absolute errors": 0,
    "best answer by Huber's loss": 0.25,
    "spam at z = -50: loss": 50,
    "spam at z = -50: slope": -1,
    "spam at z = -50: slope of the square": 0,
    "letter at z = 50 in float32": np.inf,
    "four equal logits": 1.39,
    "500 added to every logit": 0,
    "20 copies for 10": 0.5,
}


def predicting(question, answer):
    return PREDICTIONS | {question: answer}


# --- mse ------------------------------------------------------------------------------------------


def mse(L=lambda e: (e**2).mean(), dy=lambda e: 2 * e / e.size):
    """The right answer with another loss or another gradient of the errors."""
    return lambda y, t: (L(y - t), dy(y - t))


def mse_in_place(y, t):
    y -= t
    return (y**2).mean(), 2 * y / y.size


def mse_by_loops(y, t):
    L, dy = 0, np.zeros_like(y)
    for i in range(y.shape[0]):
        for k in range(y.shape[1]):
            L += (y[i, k] - t[i, k]) ** 2 / y.size
            dy[i, k] = 2 * (y[i, k] - t[i, k]) / y.size
    return L, dy


def mse_in_float64(y, t):
    dy = np.zeros(y.shape)
    for i in range(len(y)):
        dy[i] = 2 * (y[i] - t[i]) / y.size
    return ((y - t) ** 2).mean(), dy


def mse_expanded(y, t):
    e = y - t
    return np.einsum("ik,ik->", e, e) / e.size, (e + e) * (1 / e.size)


def mse_through_norm(y, t):
    return np.linalg.norm(y - t) ** 2 / y.size, (y - t) / (y.size / 2)


# --- logsumexp ------------------------------------------------------------------------------------


def softmax(z, axis=1):
    E = np.exp(z - z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def lse(value=lambda z: np.logaddexp.reduce(z, axis=1), p=softmax):
    """The right answer with another value or another gradient."""
    return lambda z: (value(z), p(z))


def lse_shifted(m_of):
    """With ``m_of(z)`` taken out and put back."""

    def logsumexp(z):
        E = np.exp(z - m_of(z))
        s = E.sum(axis=1, keepdims=True)
        return (m_of(z) + np.log(s))[:, 0], E / s

    return logsumexp


def lse_inside(z):
    m = z.max(axis=1, keepdims=True)
    return np.log(np.exp(z - m).sum(axis=1) + m[:, 0])


def lse_of_softmax(z):
    m = z.max(axis=1, keepdims=True)
    return np.log(np.exp(z) / np.exp(z - m).sum(axis=1, keepdims=True)).sum(axis=1)


def lse_in_place(z):
    m = z.max(axis=1)
    z -= m[:, None]
    E = np.exp(z)
    return m + np.log(E.sum(axis=1)), E / E.sum(axis=1, keepdims=True)


def lse_in_float64(z):
    value = np.zeros(len(z))
    for i, row in enumerate(z):
        value[i] = row.max() + math.log(sum(math.exp(v - row.max()) for v in row))
    return value, softmax(z)


def lse_by_loop(z):
    value, p = np.zeros(len(z), z.dtype), np.zeros_like(z)
    for i, row in enumerate(z):
        m = max(row)
        e = [np.exp(v - m) for v in row]
        value[i] = m + np.log(sum(e))
        for k in range(len(row)):
            p[i, k] = e[k] / sum(e)
    return value, p


def lse_by_logaddexp(z):
    value = np.logaddexp.reduce(z, axis=1)
    return value, np.exp(z - value[:, None])


def lse_above_the_largest(z):
    """The largest term is 1, so it is left out and log1p does the rest."""
    m, k = z.max(1), z.argmax(1)
    E = np.exp(z - m[:, None])
    E[np.arange(len(z)), k] = 0
    value = m + np.log1p(E.sum(1))
    return value, np.exp(z - value[:, None])


# --- bce_with_logits ------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logsumexp_by_the_first(z):
    E = np.exp(z - z[:, :1])
    total = E.sum(1, keepdims=True)
    return (z[:, :1] + np.log(total))[:, 0], E / total


def smoothed_by_the_mean(z, t, eps):
    z = z - z.mean(1, keepdims=True)
    E = np.exp(z)
    P = E / E.sum(1, keepdims=True)
    log_p = z - np.log(E.sum(1, keepdims=True))
    q = (1 - eps) * np.eye(z.shape[1], dtype=z.dtype)[t] + eps / z.shape[1]
    return -(q * log_p).sum(1).mean(), (P - q) / len(z)


def bce(L=None, dz=lambda p, t: (p - t) / len(t)):
    """The textbook's answer, or another: a loss of (z, p, t), a gradient of (p, t)."""

    def right(z, p, t):
        e = np.exp(-np.abs(z))
        return (np.maximum(z, 0) - z * t + np.log1p(e)).mean()

    def bce_with_logits(z, t):
        e = np.exp(-np.abs(z))
        p = np.where(z >= 0, 1, e) / (1 + e)
        return (L or right)(z, p, t), dz(p, t)

    return bce_with_logits


def bce_of_p(z, p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def bce_clipped(z, p, t):
    return bce_of_p(z, np.clip(p, 1e-7, 1 - 1e-7), t)


def bce_padded(z, p, t):
    return -(t * np.log(p + 1e-8) + (1 - t) * np.log(1 - p + 1e-8)).mean()


def bce_padded_a_little(z, p, t):
    return -(t * np.log(p + 1e-12) + (1 - t) * np.log(1 - p + 1e-12)).mean()


def bce_of_spam_and_letters(z, t):
    L = np.where(t == 1, np.logaddexp(0, -z), np.logaddexp(0, z)).mean()
    return L, bce()(z, t)[1]


def bce_naive_sigmoid(z, t):
    return bce()(z, t)[0], (sigmoid(z) - t) / len(z)


def bce_by_cases(z, t):
    """Right for targets that are 0 or 1, and for no others."""
    L = np.where(t == 1, np.logaddexp(0, -z), np.logaddexp(0, z)).mean()
    return L, bce()(z, t)[1]


def bce_by_where(z, t):
    losses = np.where(z > 0, z + np.log(1 + np.exp(-z)), np.log(1 + np.exp(z))) - z * t
    return losses.mean(), bce()(z, t)[1]


def bce_in_place(z, t):
    L, dz = bce()(z, t)
    t *= -1
    return L, dz


def bce_in_float64(z, t):
    L, dz = bce()(z, t)
    return np.float64(L), dz.astype(float)


def bce_by_logaddexp(z, t):
    p = np.exp(-np.logaddexp(0, -z))
    return (np.logaddexp(0, z) - z * t).mean(), (p - t) / z.size


def bce_by_loop(z, t):
    L, dz = 0, np.zeros_like(z)
    for i, (score, target) in enumerate(zip(z, t)):
        e = np.exp(-abs(score))
        L += max(score, 0) - score * target + np.log1p(e)
        dz[i] = ((1 if score >= 0 else e) / (1 + e) - target) / len(z)
    return L / z.dtype.type(len(z)), dz


def bce_by_tanh(z, t):
    p = (1 + np.tanh(z / 2)) / 2
    return (np.logaddexp(0, z) - z * t).mean(), (p - t) / len(z)


# --- cross_entropy --------------------------------------------------------------------------------


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def onehot(z, t):
    return np.eye(z.shape[1], dtype=z.dtype)[t]


def picked(a, t):
    return a[np.arange(len(t)), t]


def ce(
    L=lambda z, t: -picked(log_softmax(z), t).mean(),
    dz=lambda z, t: (softmax(z) - onehot(z, t)) / len(t),
):
    """The right answer with another loss or another gradient."""
    return lambda z, t: (L(z, t), dz(z, t))


def ce_all_pairs(z, t):
    return -log_softmax(z)[:, t].mean()


def ce_naive(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def ce_shifted_by_all(z, t):
    E = np.exp(z - z.max())
    P = E / E.sum(axis=1, keepdims=True)
    return -np.log(picked(P, t)).mean(), (P - onehot(z, t)) / len(t)


def ce_in_place(z, t):
    L = -picked(log_softmax(z), t).mean()
    z[:] = softmax(z)
    z[np.arange(len(t)), t] -= 1
    return L, z / len(t)


def ce_subtracting(z, t):
    log_p = log_softmax(z)
    dz = np.exp(log_p)
    dz[np.arange(len(t)), t] -= 1
    return -picked(log_p, t).mean(), dz / len(t)


def ce_by_loops(z, t):
    L, dz = 0, np.zeros_like(z)
    for i in range(len(z)):
        e = [np.exp(v - max(z[i])) for v in z[i]]
        L += (np.log(sum(e)) + max(z[i]) - z[i, t[i]]) / z.dtype.type(len(z))
        for k in range(z.shape[1]):
            dz[i, k] = (e[k] / sum(e) - (k == t[i])) / len(z)
    return L, dz


def ce_through_the_jacobian(z, t):
    P, Q, log_p = softmax(z), onehot(z, t), log_softmax(z)
    dz = P * Q.sum(1, keepdims=True) - Q
    return -(Q * log_p).sum() / len(t), dz / len(t)


# --- huber ----------------------------------------------------------------------------------------


def huber(L=None, dy=lambda e, d: np.clip(e, -d, d)):
    """The right answer with another loss or another slope of an error, before the mean."""

    def right(e, d):
        return np.where(abs(e) <= d, e**2 / 2, d * (abs(e) - d / 2))

    return lambda y, t, delta: ((L or right)(y - t, delta).mean(), dy(y - t, delta) / len(y))


def huber_with_if(y, t, delta):
    e = y - t
    if abs(e) <= delta:
        return (e**2 / 2).mean(), e / len(y)
    return (delta * (abs(e) - delta / 2)).mean(), delta * np.sign(e) / len(y)


def huber_in_place(y, t, delta):
    L = huber()(y, t, delta)[0]
    y -= t
    return L, np.clip(y, -delta, delta) / len(y)


def huber_in_float64(y, t, delta):
    dy = np.zeros(len(y))
    dy[:] = np.clip(y - t, -delta, delta) / len(y)
    return huber()(y, t, delta)[0], dy


def huber_in_one_formula(y, t, delta):
    c = np.minimum(np.maximum(y - t, -delta), delta)
    return (c * (y - t - c / 2)).mean(), c / y.size


def huber_by_loop(y, t, delta):
    L, dy = 0, np.zeros_like(y)
    for i, e in enumerate(y - t):
        if abs(e) <= delta:
            L, dy[i] = L + e * e / 2, e / len(y)
        else:
            L = L + delta * abs(e) - delta**2 / 2
            dy[i] = (delta if e > 0 else -delta) / len(y)
    return L / len(y), dy


# --- ridge ----------------------------------------------------------------------------------------


def ridge(
    loss=lambda e: (e**2).mean(),
    penalty=lambda w, b, lam: lam / 2 * (w**2).sum(),
    dy=lambda e: 2 * e / len(e),
    dw=lambda X, dy, w, lam: X.T @ dy + lam * w,
    db=lambda dy, b, lam: dy.sum(),
):
    """The right answer with some of its lines changed."""

    def answer(X, t, w, b, lam):
        e = X @ w + b - t
        return loss(e) + penalty(w, b, lam), dw(X, dy(e), w, lam), db(dy(e), b, lam)

    return answer


def ridge_in_place(X, t, w, b, lam):
    result = ridge()(X, t, w, b, lam)
    w -= 0.1 * result[1]
    return result


def ridge_without_bias(X, t, w, b, lam):
    return ridge()(X, t, w, 0.0, lam)


def ridge_broadcasting(X, t, w, b, lam):
    e = X @ w[:, None] + b - t  # (N, 1) - (N,)
    return (e**2).mean() + lam / 2 * (w**2).sum(), X.T @ e.mean(1) + lam * w, 2 * e.mean()


def ridge_by_loops(X, t, w, b, lam):
    N, d = X.shape
    J, dw, db = lam / 2 * sum(v * v for v in w), lam * w, X.dtype.type(0)
    for i in range(N):
        e = sum(X[i, k] * w[k] for k in range(d)) + b - t[i]
        J = J + e * e / N
        db = db + 2 * e / N
        for k in range(d):
            dw[k] += 2 * e * X[i, k] / N
    return J, dw, db


def ridge_as_a_square(X, t, w, b, lam):
    """The penalty as further rows of the data."""
    N = X.dtype.type(len(t))
    e = X @ w + b - t
    dw = (2 / N) * (np.vstack([X, np.eye(len(w), dtype=X.dtype)]).T @ np.append(e, lam * N / 2 * w))
    return e @ e / N + lam / 2 * (w @ w), dw, 2 * e.mean()


# --- smoothed_cross_entropy -----------------------------------------------------------------------


def right_q(Y, eps):
    return (1 - eps) * Y + eps / Y.shape[1]


def smoothed(q=right_q, q_back=None, log_p=log_softmax, mean=lambda a: a.sum(1).mean()):
    """The right answer with another target, forward or back, or another logarithm."""

    def answer(z, t, eps):
        Y = onehot(z, t)
        dz = (softmax(z) - (q_back or q)(Y, eps)) / len(t)
        return mean(-q(Y, eps) * log_p(z)), dz

    return answer


def smoothed_said(z, t, eps):
    P = right_q(softmax(z), eps)
    return -np.log(picked(P, t)).mean(), (P - onehot(z, t)) / len(t)


def smoothed_in_float64(z, t, eps):
    q = right_q(np.eye(z.shape[1])[t], eps)
    return -(q * log_softmax(z)).sum(1).mean(), (softmax(z) - q) / len(t)


def smoothed_in_place(z, t, eps):
    z -= z.max(1, keepdims=True)
    return smoothed()(z, t, eps)


def smoothed_in_two_parts(z, t, eps):
    """The plain loss and the mean over all classes, mixed."""
    log_p, K = log_softmax(z), z.shape[1]
    P = np.exp(log_p)
    L = -(1 - eps) * picked(log_p, t).mean() - eps * log_p.mean()
    return L, ((1 - eps) * (P - onehot(z, t)) + eps * (P - 1 / K)) / len(t)


def smoothed_by_loops(z, t, eps):
    N, K = z.shape
    log_p, L, dz = log_softmax(z), 0, np.zeros_like(z)
    for i in range(N):
        for k in range(K):
            q = eps / K + (1 - eps if k == t[i] else 0)
            L = L - q * log_p[i, k] / N
            dz[i, k] = (np.exp(log_p[i, k]) - q) / N
    return L, dz


# --- mended_objective -----------------------------------------------------------------------------


def objective(
    loss=lambda Z, Y: -(Y * log_softmax(Z)).sum(1).mean(),
    penalty=lambda W, b, lam: lam / 2 * (W**2).sum(),
    dZ=lambda Z, Y: (softmax(Z) - Y) / len(Z),
    decay=lambda W, t, lam: lam * W,
    db=lambda dZ, b, lam: dZ.sum(0),
):
    """The right answer with some of its lines changed."""

    def mended_objective(X, t, W, b, lam):
        Z = X @ W.T + b
        Y = onehot(Z, t)
        back = dZ(Z, Y)
        return (
            loss(Z, Y) + penalty(W, b, lam),
            back.T @ X + decay(W, t, lam),
            db(back, b, lam),
        )

    return mended_objective


def softmax_by_one_maximum(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


def log_softmax_around(middle, Z):
    Z = Z - middle(Z, axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def broken_objective(X, t, W, b, lam):
    P = softmax_by_one_maximum(X @ W.T + b)
    Y = np.eye(len(b), dtype=X.dtype)[t]
    J = -(Y * np.log(P)).mean() + lam / 2 * (W**2).sum()
    dZ = (P - Y) / len(t)
    return J, dZ.T @ X + 2 * lam * W, dZ.sum(axis=0)


def objective_in_place(X, t, W, b, lam):
    result = objective()(X, t, W, b, lam)
    W -= lam * W
    return result


def objective_in_float64(X, t, W, b, lam):
    return objective()(X.astype(float), t, W, b, lam)


def objective_by_examples(X, t, W, b, lam):
    N = X.dtype.type(len(t))
    J, dW, db = lam / 2 * (W**2).sum(), lam * W, np.zeros_like(b)
    for x, c in zip(X, t):
        z = W @ x + b
        m = z.max()
        e = np.exp(z - m)
        J = J + (m + np.log(e.sum()) - z[c]) / N
        dz = e / e.sum()
        dz[c] -= 1
        dW = dW + np.outer(dz, x) / N
        db = db + dz / N
    return J, dW, db


def objective_in_columns(X, t, W, b, lam):
    Z = W @ X.T + b[:, None]
    log_P = Z - np.logaddexp.reduce(Z, axis=0)
    examples = np.arange(len(t))
    dZ = np.exp(log_P)
    dZ[t, examples] -= 1
    dZ /= len(t)
    J = -log_P[t, examples].mean() + lam * np.square(W).sum() / 2
    return J, dZ @ X + lam * W, dZ.sum(1)


def swapped(answer):
    return lambda *arguments: answer(*arguments)[::-1]


def printing(answer):
    return lambda *arguments: print(answer(*arguments))


WRONG = {
    "losses.predictions": [
        ("median", predicting("best answer by squares", 0), "best answer by squares", "the median"),
        ("of four", predicting("best answer by squares", 2.5), "best answer by squares", "five"),
        (
            "mean",
            predicting("best answer by absolute errors", 2),
            "best answer by absolute errors",
            "the mean",
        ),
        (
            "Huber: median",
            predicting("best answer by Huber's loss", 0),
            "best answer by Huber's loss",
            "the median",
        ),
        (
            "target clipped",
            predicting("best answer by Huber's loss", 0.2),
            "best answer by Huber's loss",
            "It is the error that is clipped",
        ),
        (
            "infinite",
            predicting("spam at z = -50: loss", float("inf")),
            "spam at z = -50: loss",
            "it is not 0",
        ),
        (
            "negative loss",
            predicting("spam at z = -50: loss", -50),
            "spam at z = -50: loss",
            "A loss is never negative",
        ),
        ("sign", predicting("spam at z = -50: slope", 1), "spam at z = -50: slope", "The sign"),
        (
            "vanished",
            predicting("spam at z = -50: slope", 0.0),
            "spam at z = -50: slope",
            "0 is the slope of the squared error",
        ),
        (
            "first factor",
            predicting("spam at z = -50: slope of the square", -2),
            "spam at z = -50: slope of the square",
            "the slope of the sigmoid, which is flat at -50",
        ),
        (
            "on paper",
            predicting("letter at z = 50 in float32", 50),
            "letter at z = 50 in float32",
            "p is rounded first",
        ),
        (
            "minus infinity",
            predicting("letter at z = 50 in float32", -np.inf),
            "letter at z = 50 in float32",
            "there is a minus before it",
        ),
        ("probability", predicting("four equal logits", 0.25), "four equal logits", "0.25 is the"),
        ("bits", predicting("four equal logits", 2), "four equal logits", "in bits"),
        (
            "shifted",
            predicting("500 added to every logit", 500),
            "500 added to every logit",
            "and so does lse",
        ),
        ("twice", predicting("20 copies for 10", 2), "20 copies for 10", "the other way around"),
        ("shared", predicting("20 copies for 10", 1), "20 copies for 10", "own logit"),
        (
            "word",
            predicting("20 copies for 10", "half"),
            "20 copies for 10",
            "Answer with a number",
        ),
    ],
    "losses.mse": [
        ("one slope", mse(dy=lambda e: 2 * e.mean()), "shapes", "the slopes into one number"),
        ("sum", mse(L=lambda e: (e**2).sum()), "L", "the sum of the squares"),
        ("rows", mse(L=lambda e: (e**2).sum() / len(e)), "L", "not of rows"),
        ("root", mse(L=lambda e: np.sqrt((e**2).mean())), "L", "the RMSE"),
        ("absolute", mse(L=lambda e: abs(e).mean()), "L", "the MAE"),
        ("half", mse(L=lambda e: (e**2).mean() / 2), "L", "one half of the square"),
        ("mean first", mse(L=lambda e: e.mean() ** 2), "L", "errors of different sign cancel"),
        ("each", mse(L=lambda e: e**2), "shapes", "it must have no axes: a single number"),
        ("per example", mse(L=lambda e: (e**2).mean(1)), "shapes", "a single number"),
        ("no mean in dy", mse(dy=lambda e: 2 * e), "dy", "the slope of the sum"),
        ("len", mse(dy=lambda e: 2 * e / len(e)), "dy", "not of rows"),
        ("no 2", mse(dy=lambda e: e / e.size), "dy", "brings down a 2"),
        ("errors", mse(dy=lambda e: e), "dy", "the error itself"),
        ("turned around", mse(dy=lambda e: -2 * e / e.size), "dy", "it is the gradient in t"),
        ("of the square", mse(dy=lambda e: 2 * e**2 / e.size), "dy", "the square in it"),
        ("scalar", mse(dy=lambda e: 2 * e.mean()), "shapes", "dy has shape ()"),
        ("exchanged", swapped(mse()), "shapes", "The two results are exchanged"),
        ("L alone", lambda y, t: ((y - t) ** 2).mean(), "shapes", "instead of 2 results"),
        ("prints", printing(mse()), "shapes", "Is a return missing?"),
        ("float64", mse_in_float64, "float32", "it must stay float32"),
        ("in place", mse_in_place, "inputs unchanged", "changes y"),
    ],
    "losses.logsumexp": [
        ("first logit", logsumexp_by_the_first, "large logits", "overflow"),
        (
            "naive",
            lse(lambda z: np.log(np.exp(z).sum(1))),
            "large logits",
            "You take exp of the logits as they are",
        ),
        (
            "one maximum",
            lse_shifted(lambda z: z.max()),
            "large logits",
            "Each row needs a maximum of its own",
        ),
        (
            "mean for maximum",
            lse_shifted(lambda z: z.mean(1, keepdims=True)),
            "large logits",
            "You take the mean of the row out",
        ),
        (
            "naive softmax",
            lse(p=lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True)),
            "large logits",
            "larger than any float64",
        ),
        (
            "padded",
            lse(lambda z: z.max(1) + np.log(np.exp(z - z.max(1, keepdims=True)).sum(1) + 1e-8)),
            "lse",
            "wrong values",
        ),
        (
            "not put back",
            lse(lambda z: np.log(np.exp(z - z.max(1, keepdims=True)).sum(1))),
            "lse",
            "do not put it back",
        ),
        ("inside", lse(lse_inside), "lse", "It belongs outside"),
        ("maximum", lse(lambda z: z.max(1)), "lse", "a smooth maximum, a little above it"),
        ("no logarithm", lse(lambda z: np.exp(z).sum(1)), "lse", "Its logarithm is asked for"),
        ("sum of logs", lse(lambda z: np.log(np.exp(z)).sum(1)), "lse", "so you add up logits"),
        ("mean", lse(lambda z: np.log(np.exp(z).mean(1))), "lse", "log K too low"),
        ("axis 0", lse(lambda z: np.log(np.exp(z).sum(0))), "shapes", "You sum over axis 0"),
        ("all", lse(lambda z: np.log(np.exp(z).sum())), "shapes", "the whole batch"),
        (
            "column",
            lse(lambda z: np.log(np.exp(z).sum(1, keepdims=True))),
            "shapes",
            "has been kept, with length 1",
        ),
        ("log2", lse(lambda z: np.log2(np.exp(z).sum(1))), "lse", "to base 2"),
        ("of softmax", lse(lse_of_softmax), "lse", "wrong values"),
        ("list", lse(lambda z: list(z.max(1))), "shapes", "np.array(...) makes an array"),
        ("lse alone", lambda z: lse()(z)[0], "shapes", "instead of 2 results"),
        ("exchanged", swapped(lse()), "shapes", "The two results are exchanged"),
        ("not divided", lse(p=np.exp), "p", "That of its logarithm is divided by it"),
        ("over the batch", lse(p=lambda z: softmax(z, 0)), "p", "Your columns add up to 1"),
        (
            "log p",
            lse(p=lambda z: z - np.logaddexp.reduce(z, axis=1)[:, None]),
            "p",
            "That is the logarithm of p",
        ),
        (
            "hard",
            lse(p=lambda z: np.where(z == z.max(1, keepdims=True), 1.0, 0.0)),
            "p",
            "that is the slope of the maximum",
        ),
        ("float64", lse_in_float64, "float32", "it must stay float32"),
        ("in place", lse_in_place, "inputs unchanged", "changes z"),
    ],
    "losses.bce_with_logits": [
        ("any other is 0", bce_of_spam_and_letters, "L", "every target below 1 as 0"),
        ("padded a little", bce(bce_padded_a_little), "L", "more than rounding explains"),
        ("textbook", bce(bce_of_p), "large logits", "From z = 37 on it is rounded to 1"),
        ("clipped", bce(bce_clipped), "large logits", "the loss ends at 16.1"),
        ("padded", bce(bce_padded), "L", "You add 1e-08 inside of the logarithms"),
        ("naive sigmoid", bce_naive_sigmoid, "large logits", "NumPy warns on the way to it"),
        ("where", bce_by_where, "large logits", "np.where computes both branches"),
        (
            "log of 1 + exp",
            bce(lambda z, p, t: (np.log(1 + np.exp(z)) - z * t).mean()),
            "large logits",
            "exp(z) is inf from z = 710 on",
        ),
        (
            "spam only",
            bce(lambda z, p, t: -(t * np.log(p)).mean()),
            "L",
            "no term for t = 0",
        ),
        ("hard targets", bce_by_cases, "L", "wrong number"),
        (
            "sum",
            bce(lambda z, p, t: (np.logaddexp(0, z) - z * t).sum()),
            "L",
            "a mean is needed, not a sum",
        ),
        (
            "exchanged targets",
            bce(lambda z, p, t: bce_of_p(z, p, 1 - t)),
            "L",
            "You pay for the right answers",
        ),
        ("squared", bce(lambda z, p, t: ((p - t) ** 2).mean()), "L", "the squared error after"),
        (
            "sign of the loss",
            bce(lambda z, p, t: -bce_of_p(z, p, t)),
            "L",
            "every sign is turned around",
        ),
        (
            "twice",
            bce(lambda z, p, t: bce_of_p(z, sigmoid(p), t)),
            "L",
            "You take the sigmoid twice",
        ),
        (
            "each",
            bce(lambda z, p, t: np.logaddexp(0, z) - z * t),
            "shapes",
            "it must have no axes: a single number",
        ),
        (
            "times the slope",
            bce(dz=lambda p, t: (p - t) * p * (1 - p) / len(t)),
            "dz",
            "once too often",
        ),
        ("no mean", bce(dz=lambda p, t: p - t), "dz", "so are its slopes"),
        ("turned around", bce(dz=lambda p, t: (t - p) / len(t)), "dz", "minus the expected one"),
        (
            "slope in p",
            bce(dz=lambda p, t: (p - t) / (p * (1 - p)) / len(t)),
            "dz",
            "That is the slope in p",
        ),
        (
            "decision",
            bce(dz=lambda p, t: ((p > 0.5) - t) / len(t)),
            "dz",
            "from the decision, 0 or 1",
        ),
        (
            "of the square",
            bce(dz=lambda p, t: 2 * (p - t) * p * (1 - p) / len(t)),
            "dz",
            "the one that vanishes",
        ),
        ("float64", bce_in_float64, "float32", "it must stay float32"),
        ("in place", bce_in_place, "inputs unchanged", "changes t"),
    ],
    "losses.cross_entropy": [
        ("all classes", ce(lambda z, t: -log_softmax(z).mean()), "L", "over all classes"),
        (
            "naive",
            ce(
                lambda z, t: -np.log(picked(ce_naive(z), t)).mean(),
                lambda z, t: (ce_naive(z) - onehot(z, t)) / len(t),
            ),
            "large logits",
            "You take exp of the logits as they are",
        ),
        (
            "log of softmax",
            ce(lambda z, t: -np.log(picked(softmax(z), t)).mean()),
            "large logits",
            "Your logarithm comes after the division",
        ),
        ("one maximum", ce_shifted_by_all, "large logits", "Each row needs a maximum of its own"),
        (
            "one-hot times log",
            ce(lambda z, t: -(onehot(z, t) * np.log(softmax(z))).sum(1).mean()),
            "large logits",
            "so a one-hot factor does not help",
        ),
        ("all pairs", ce(ce_all_pairs), "L", "Each row has one true class"),
        (
            "sum",
            ce(lambda z, t: -picked(log_softmax(z), t).sum()),
            "L",
            "a mean is needed, not a sum",
        ),
        (
            "mean over entries",
            ce(lambda z, t: -(onehot(z, t) * log_softmax(z)).mean()),
            "L",
            "the mean runs over examples, not over entries",
        ),
        (
            "probability",
            ce(lambda z, t: -picked(softmax(z), t).mean()),
            "L",
            "Its logarithm is missing",
        ),
        (
            "log of the mean",
            ce(lambda z, t: -np.log(picked(softmax(z), t).mean())),
            "L",
            "Take the logarithm of each",
        ),
        (
            "over the batch",
            ce(lambda z, t: -np.log(picked(softmax(z, 0), t)).mean()),
            "L",
            "over axis 0, the examples",
        ),
        (
            "softmax twice",
            ce(lambda z, t: -picked(log_softmax(softmax(z)), t).mean()),
            "L",
            "You take softmax twice",
        ),
        (
            "logit alone",
            ce(lambda z, t: -picked(z, t).mean()),
            "L",
            "Logits are no log probabilities",
        ),
        (
            "each",
            ce(lambda z, t: -picked(log_softmax(z), t)),
            "shapes",
            "it must have no axes: a single number",
        ),
        (
            "no mean in dz",
            ce(dz=lambda z, t: softmax(z) - onehot(z, t)),
            "dz",
            "so are its slopes",
        ),
        (
            "diagonal",
            ce(dz=lambda z, t: (softmax(z) - 1) * onehot(z, t) / len(t)),
            "dz",
            "the wrong logits act on p[t] too",
        ),
        (
            "turned around",
            ce(dz=lambda z, t: (onehot(z, t) - softmax(z)) / len(t)),
            "dz",
            "minus the expected one",
        ),
        (
            "times the slope",
            ce(
                dz=lambda z, t: (softmax(z) - onehot(z, t)) * softmax(z) * (1 - softmax(z)) / len(t)
            ),
            "dz",
            "once too often",
        ),
        (
            "probabilities",
            ce(dz=lambda z, t: softmax(z) / len(t)),
            "dz",
            "What was true is",
        ),
        (
            "true column",
            ce(dz=lambda z, t: picked(softmax(z) - 1, t) / len(t)),
            "shapes",
            "it must have shape (N, K)",
        ),
        (
            "float64",
            ce(dz=lambda z, t: (softmax(z) - np.eye(z.shape[1])[t]) / len(t)),
            "float32",
            "it must stay float32",
        ),
        ("in place", ce_in_place, "inputs unchanged", "changes z"),
    ],
    "losses.huber": [
        (
            "delta / 2",
            huber(lambda e, d: np.where(abs(e) <= d, e**2 / 2, d * abs(e) - d / 2)),
            "L",
            "in the parentheses",
        ),
        (
            "no constant",
            huber(lambda e, d: np.where(abs(e) <= d, e**2 / 2, d * abs(e))),
            "L",
            "makes them meet",
        ),
        (
            "whole square",
            huber(lambda e, d: np.where(abs(e) <= d, e**2, d * (abs(e) - d / 2))),
            "L",
            "Huber's is half of it",
        ),
        (
            "signed question",
            huber(lambda e, d: np.where(e <= d, e**2 / 2, d * (abs(e) - d / 2))),
            "L",
            "ask about abs(e)",
        ),
        (
            "signed line",
            huber(lambda e, d: np.where(abs(e) <= d, e**2 / 2, d * (e - d / 2))),
            "L",
            "would earn something",
        ),
        (
            "delta of 1",
            huber(lambda e, d: np.where(abs(e) <= 1, e**2 / 2, abs(e) - 0.5)),
            "L",
            "whatever delta is",
        ),
        (
            "slope of 1",
            huber(lambda e, d: np.where(abs(e) <= d, e**2 / 2, abs(e) - d / 2)),
            "L",
            "Your line has slope 1",
        ),
        (
            "square of the clipped",
            huber(lambda e, d: np.clip(e, -d, d) ** 2 / 2),
            "L",
            "is clipped",
        ),
        (
            "sum",
            lambda y, t, delta: (len(y) * huber()(y, t, delta)[0], huber()(y, t, delta)[1]),
            "L",
            "a mean is needed, not a sum",
        ),
        ("if", huber_with_if, "shapes", "np.where chooses entry by entry"),
        ("not clipped", huber(dy=lambda e, d: e), "dy", "however large"),
        (
            "sign alone",
            huber(dy=lambda e, d: np.where(abs(e) <= d, e, np.sign(e))),
            "dy",
            "It is delta or -delta",
        ),
        (
            "no sign",
            huber(dy=lambda e, d: np.where(abs(e) <= d, e, d)),
            "dy",
            "Beyond delta your slope is always positive",
        ),
        (
            "zero beyond",
            huber(dy=lambda e, d: np.where(abs(e) <= d, e, 0)),
            "dy",
            "outliers would not count at all",
        ),
        ("above only", huber(dy=lambda e, d: np.minimum(e, d)), "dy", "and not those below"),
        (
            "no mean",
            lambda y, t, delta: (huber()(y, t, delta)[0], np.clip(y - t, -delta, delta)),
            "dy",
            "so are its slopes",
        ),
        ("float64", huber_in_float64, "float32", "it must stay float32"),
        ("in place", huber_in_place, "inputs unchanged", "changes y"),
    ],
    "losses.ridge": [
        ("plus w", ridge(dw=lambda X, dy, w, lam: X.T @ dy + w), "dw", "has lambda in it"),
        ("no penalty", ridge(penalty=lambda w, b, lam: 0), "J", "The price of long weights"),
        (
            "not halved",
            ridge(penalty=lambda w, b, lam: lam * (w**2).sum()),
            "J",
            "so that its slope is lam w",
        ),
        (
            "length",
            ridge(penalty=lambda w, b, lam: lam / 2 * np.linalg.norm(w)),
            "J",
            "np.linalg.norm takes a root",
        ),
        ("L1", ridge(penalty=lambda w, b, lam: lam / 2 * abs(w).sum()), "J", "that is L1"),
        (
            "bias",
            ridge(penalty=lambda w, b, lam: lam / 2 * ((w**2).sum() + b**2)),
            "J",
            "The bias is in your penalty",
        ),
        (
            "mean of weights",
            ridge(penalty=lambda w, b, lam: lam / 2 * (w**2).mean()),
            "J",
            "averages over the weights",
        ),
        ("sum", ridge(loss=lambda e: (e**2).sum()), "J", "You add up the squared errors"),
        ("half", ridge(loss=lambda e: (e**2).mean() / 2), "J", "You halve the mean squared error"),
        ("no bias", ridge_without_bias, "J", "lack the bias b"),
        ("column", ridge_broadcasting, "J", "pairs every one with every other"),
        (
            "penalty forgotten on the way back",
            ridge(dw=lambda X, dy, w, lam: X.T @ dy),
            "dw",
            "The penalty has a slope as well",
        ),
        (
            "2 lam w",
            ridge(dw=lambda X, dy, w, lam: X.T @ dy + 2 * lam * w),
            "dw",
            "meets the 1/2 of lam / 2",
        ),
        (
            "lam w / 2",
            ridge(dw=lambda X, dy, w, lam: X.T @ dy + lam / 2 * w),
            "dw",
            "The square brings down a 2",
        ),
        (
            "minus lam w",
            ridge(dw=lambda X, dy, w, lam: X.T @ dy - lam * w),
            "dw",
            "they would grow",
        ),
        ("no 2", ridge(dy=lambda e: e / len(e)), "dw", "their square brings down a 2"),
        ("no mean", ridge(dy=lambda e: 2 * e), "dw", "J has their mean: divide by N"),
        (
            "bias decayed",
            ridge(db=lambda dy, b, lam: dy.sum() + lam * b),
            "db",
            "The bias is not in the penalty",
        ),
        ("mean in db", ridge(db=lambda dy, b, lam: dy.mean()), "db", "the mean is taken twice"),
        ("db of each", ridge(db=lambda dy, b, lam: dy), "shapes", "it must have no axes"),
        (
            "X not transposed",
            ridge(dw=lambda X, dy, w, lam: X @ dy + lam * w),
            "shapes",
            "stops with a ValueError",
        ),
        (
            "float64",
            ridge(dw=lambda X, dy, w, lam: X.T @ dy + lam * np.eye(len(w)) @ w),
            "float32",
            "it must stay float32",
        ),
        ("a step", ridge_in_place, "inputs unchanged", "changes w"),
    ],
    "losses.smoothed_cross_entropy": [
        ("mean taken out", smoothed_by_the_mean, "large logits", "overflow"),
        ("not smoothed", smoothed(lambda Y, eps: Y), "L", "nothing is smoothed here"),
        (
            "not smoothed back",
            smoothed(q_back=lambda Y, eps: Y),
            "dz",
            "nothing is smoothed here",
        ),
        (
            "K - 1",
            smoothed(lambda Y, eps: np.where(Y == 1, 1 - eps, eps / (Y.shape[1] - 1))),
            "L",
            "all K classes share it",
        ),
        (
            "no share",
            smoothed(lambda Y, eps: np.where(Y == 1, 1 - eps, eps / Y.shape[1])),
            "L",
            "Your target adds up to 1 - eps / K",
        ),
        ("not shared", smoothed(lambda Y, eps: (1 - eps) * Y + eps), "L", "They share it"),
        ("on top", smoothed(lambda Y, eps: Y + eps / Y.shape[1]), "L", "It gives up eps first"),
        (
            "exchanged",
            smoothed(lambda Y, eps: eps * Y + (1 - eps) / Y.shape[1]),
            "L",
            "eps and 1 - eps are exchanged",
        ),
        (
            "by the batch",
            smoothed(lambda Y, eps: (1 - eps) * Y + eps / len(Y)),
            "L",
            "shared by the classes of one example",
        ),
        ("said", smoothed_said, "L", "You smooth what the classifier says"),
        ("sum", smoothed(mean=np.sum), "L", "a mean is needed, not a sum"),
        ("mean", smoothed(mean=np.mean), "L", "not over entries"),
        (
            "factor",
            lambda z, t, eps: (
                smoothed()(z, t, eps)[0],
                (1 - eps) * (softmax(z) - onehot(z, t)) / len(t),
            ),
            "dz",
            "has a gradient as well",
        ),
        (
            "no mean",
            lambda z, t, eps: (smoothed()(z, t, eps)[0], softmax(z) - right_q(onehot(z, t), eps)),
            "dz",
            "so are its slopes",
        ),
        (
            "log of softmax",
            smoothed(log_p=lambda z: np.log(softmax(z))),
            "large logits",
            "Your logarithm comes after the division",
        ),
        ("exchanged results", swapped(smoothed()), "shapes", "The two results are exchanged"),
        ("float64", smoothed_in_float64, "float32", "it must stay float32"),
        ("in place", smoothed_in_place, "inputs unchanged", "changes z"),
    ],
    "losses.mended_objective": [
        (
            "mean over classes",
            objective(lambda Z, Y: -(Y * log_softmax(Z)).sum(0).mean()),
            "J",
            "average over the classes",
        ),
        (
            "penalty averaged",
            objective(penalty=lambda W, b, lam: lam / 2 * (W**2).mean()),
            "J",
            "It adds up their squares",
        ),
        ("untouched", broken_objective, "J", "The mean still runs over all"),
        (
            "mean over entries",
            objective(lambda Z, Y: -(Y * log_softmax(Z)).mean()),
            "J",
            "too small. Add up over the classes",
        ),
        (
            "sum",
            objective(lambda Z, Y: -(Y * log_softmax(Z)).sum()),
            "J",
            "You add up over the examples as well",
        ),
        (
            "J fitted",
            objective(
                penalty=lambda W, b, lam: lam * (W**2).sum(), decay=lambda W, t, lam: 2 * lam * W
            ),
            "J",
            "it is the gradient that was wrong",
        ),
        (
            "bias in the penalty",
            objective(penalty=lambda W, b, lam: lam / 2 * ((W**2).sum() + (b**2).sum())),
            "J",
            "It was rightly left out",
        ),
        (
            "2 lam W",
            objective(decay=lambda W, t, lam: 2 * lam * W),
            "dW",
            "The penalty still has the slope 2 lam W",
        ),
        ("no decay", objective(decay=lambda W, t, lam: 0), "dW", "with another factor"),
        (
            "decay over N",
            objective(decay=lambda W, t, lam: lam * W / len(t)),
            "dW",
            "outside of the mean",
        ),
        (
            "dZ of entries",
            objective(dZ=lambda Z, Y: (softmax(Z) - Y) / Z.size),
            "dW",
            "It was right: it is J",
        ),
        (
            "bias decayed",
            objective(db=lambda dZ, b, lam: dZ.sum(0) + lam * b),
            "db",
            "The bias is not in the penalty",
        ),
        ("mean in db", objective(db=lambda dZ, b, lam: dZ.mean(0)), "db", "divided by N already"),
        (
            "one maximum",
            objective(
                lambda Z, Y: -(Y * np.log(softmax_by_one_maximum(Z))).sum(1).mean(),
                dZ=lambda Z, Y: (softmax_by_one_maximum(Z) - Y) / len(Z),
            ),
            "far examples",
            "You still take one number out of the whole batch",
        ),
        (
            "mean taken out",
            objective(lambda Z, Y: -(Y * log_softmax_around(np.mean, Z)).sum(1).mean()),
            "far examples",
            "You take the mean out of each row",
        ),
        (
            "median taken out, picked",
            objective(lambda Z, Y: -log_softmax_around(np.median, Z)[Y == 1].mean()),
            "far examples",
            "You take the median out of each row",
        ),
        (
            "log of P",
            objective(lambda Z, Y: -(Y * np.log(softmax(Z))).sum(1).mean()),
            "far examples",
            "0 times log(0) is nan",
        ),
        (
            "clipped",
            objective(lambda Z, Y: -(Y * np.log(np.maximum(softmax(Z), 1e-12))).sum(1).mean()),
            "far examples",
            "a loss of 1000 is reported as 27.6",
        ),
        (
            "padded",
            objective(lambda Z, Y: -(Y * np.log(softmax(Z) + 1e-8)).sum(1).mean()),
            "J",
            "You add 1e-08 inside of the logarithm",
        ),
        (
            "db over classes",
            objective(db=lambda dZ, b, lam: dZ.sum(1)),
            "shapes",
            "it must have shape (K,)",
        ),
        ("float64", objective_in_float64, "float32", "it must stay float32"),
        ("in place", objective_in_place, "inputs unchanged", "changes W"),
    ],
}

RIGHT = {
    "losses.predictions": [
        ("exact", PREDICTIONS | {"four equal logits": np.log(4), "20 copies for 10": 1 / 2}),
        ("NumPy's numbers", {q: np.float64(a) for q, a in PREDICTIONS.items()}),
    ],
    "losses.mse": [
        ("loops", mse_by_loops),
        ("einsum", mse_expanded),
        ("norm", mse_through_norm),
    ],
    "losses.logsumexp": [
        ("loop", lse_by_loop),
        ("logaddexp", lse_by_logaddexp),
        ("log1p", lse_above_the_largest),
    ],
    "losses.bce_with_logits": [
        ("logaddexp", bce_by_logaddexp),
        ("loop", bce_by_loop),
        ("tanh", bce_by_tanh),
    ],
    "losses.cross_entropy": [
        ("subtracting 1", ce_subtracting),
        ("loops", ce_by_loops),
        ("one-hot", ce_through_the_jacobian),
    ],
    "losses.huber": [
        ("one formula", huber_in_one_formula),
        ("loop", huber_by_loop),
    ],
    "losses.ridge": [
        ("loops", ridge_by_loops),
        ("stacked", ridge_as_a_square),
    ],
    "losses.smoothed_cross_entropy": [
        ("two parts", smoothed_in_two_parts),
        ("loops", smoothed_by_loops),
    ],
    "losses.mended_objective": [
        ("examples", objective_by_examples),
        ("columns", objective_in_columns),
    ],
}
