"""Answers to the exercises of ``affine-layers``: wrong ones as people give them, and right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905, RUF007 - this is how learners write

import numpy as np

# --- shapes ---------------------------------------------------------------------------------------

SHAPES = {
    "w @ x": (),
    "X @ w": (5,),
    "X @ W.T": (5, 4),
    "X @ W": "error",
    "X @ W.T + b": (5, 4),
    "X @ W.T + t": "error",
    "y + b": (5, 4),
    "y - t": (5, 5),
}


def predicting(question, answer):
    return SHAPES | {question: answer}


# --- neuron ---------------------------------------------------------------------------------------


def neuron_returning_early(x, w, b):
    z = 0.0
    for weight, value in zip(w, x):
        z += weight * value
        return z + b


def neuron_skipping_the_last(x, w, b):
    z = b
    for k in range(len(x) - 1):
        z += w[k] * x[k]
    return z


def neuron_skipping_the_first(x, w, b):
    z = b
    for k in range(1, len(x)):
        z += w[k] * x[k]
    return z


def neuron_overwriting(x, w, b):
    z = 0
    for k in range(len(x)):
        z = w[k] * x[k]
    return z + b


def neuron_printing(x, w, b):
    print(w @ x + b)


def neuron_in_place(x, w, b):
    x *= w
    return x.sum() + b


def neuron_by_loop(x, w, b):
    z = b
    for k in range(len(x)):
        z = z + w[k] * x[k]
    return z


# --- affine ---------------------------------------------------------------------------------------


def affine_first_example(X, W, b):
    Z = np.zeros((X.shape[0], W.shape[0]), X.dtype)
    for i in range(len(X)):
        Z[i] = W @ X[i] + b
        return Z
    return Z


def affine_in_integers(X, W, b):
    Z = np.zeros((X.shape[0], W.shape[0]), dtype=int)
    Z[:] = X @ W.T + b
    return Z


def affine_in_float64(X, W, b):
    Z = np.zeros((X.shape[0], W.shape[0]))
    for i in range(X.shape[0]):
        for j in range(W.shape[0]):
            Z[i, j] = X[i] @ W[j] + b[j]
    return Z


def affine_stacking(X, W, b):
    return np.stack([W @ x + b for x in X])


def affine_in_place(X, W, b):
    b += 1
    return X @ W.T + b - 1


def affine_reading_memory(X, W, b):
    return np.frombuffer(X, dtype=X.dtype).reshape(X.shape) @ W.T + b


def affine_by_loops(X, W, b):
    Z = np.empty((X.shape[0], W.shape[0]), dtype=X.dtype)
    for i in range(X.shape[0]):
        for j in range(W.shape[0]):
            total = b[j]
            for k in range(X.shape[1]):
                total = total + X[i, k] * W[j, k]
            Z[i, j] = total
    return Z


def affine_with_ones(X, W, b):
    """The bias as the weight of an input that is always 1."""
    ones = np.ones((len(X), 1), dtype=X.dtype)
    return np.hstack([X, ones]) @ np.hstack([W, b[:, None]]).T


# --- affine_pullback ------------------------------------------------------------------------------


def pullback_overwriting(dZ, X, W):
    dW = np.zeros_like(W)
    for i in range(len(X)):
        dW = np.outer(dZ[i], X[i])
    return dZ @ W, dW, dZ.sum(0)


def pullback_scaling_in_place(dZ, X, W):
    dZ *= 2
    dZ /= 2
    dZ -= 1
    dZ += 1
    result = dZ @ W, dZ.T @ X, dZ.sum(0)
    dZ[:] = 0
    return result


def pullback_in_float64(dZ, X, W):
    db = np.zeros(W.shape[0])
    for row in dZ:
        db += row
    return dZ @ W, dZ.T @ X, db


def pullback_stacking(dZ, X, W):
    dX = np.stack([W.T @ row for row in dZ])
    return dX, dZ.T @ X, dZ.sum(0)


def pullback_by_loops(dZ, X, W):
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(W[:, 0])
    for i in range(X.shape[0]):
        for j in range(W.shape[0]):
            db[j] += dZ[i, j]
            for k in range(X.shape[1]):
                dX[i, k] += dZ[i, j] * W[j, k]
                dW[j, k] += dZ[i, j] * X[i, k]
    return dX, dW, db


def pullback_by_einsum(dZ, X, W):
    return (
        np.einsum("ij,jk->ik", dZ, W),
        np.einsum("ij,ik->jk", dZ, X),
        np.einsum("ij->j", dZ),
    )


def pullback_in_a_list(dZ, X, W):
    """A list unpacks like a tuple; a mean times its count is a sum, up to rounding."""
    outer = [np.outer(g, x) for g, x in zip(dZ, X)]
    dW = sum(outer, start=np.zeros_like(W))
    return [(W.T @ dZ.T).T, dW, np.ones(len(dZ), dtype=dZ.dtype) @ dZ]


# --- affine_columns -------------------------------------------------------------------------------


def columns(Z=None, dX=None, dW=None, db=None):
    """The right answer with some of its lines replaced."""

    def affine_columns(X, W, b, dZ):
        return (
            W @ X + b[:, None] if Z is None else Z(X, W, b, dZ),
            W.T @ dZ if dX is None else dX(X, W, b, dZ),
            dZ @ X.T if dW is None else dW(X, W, b, dZ),
            dZ.sum(1) if db is None else db(X, W, b, dZ),
        )

    return affine_columns


def columns_by_rows(X, W, b, dZ):
    """Through the row convention and back."""
    X, dZ = X.T, dZ.T
    return (X @ W.T + b).T, (dZ @ W).T, dZ.T @ X, dZ.sum(0)


def columns_by_einsum(X, W, b, dZ):
    return (
        np.einsum("jk,ki->ji", W, X) + b.reshape(-1, 1),
        np.einsum("jk,ji->ki", W, dZ),
        np.einsum("ji,ki->jk", dZ, X),
        np.einsum("ji->j", dZ),
    )


# --- count_parameters -----------------------------------------------------------------------------


def count_overwriting(sizes):
    count = 0
    for m, n in zip(sizes, sizes[1:]):
        count = m * n + n
    return count


def count_returning_early(sizes):
    count = 0
    for m, n in zip(sizes, sizes[1:]):
        count += m * n + n
        return count
    return count


def count_past_the_end(sizes):
    count = 0
    for i in range(len(sizes)):
        count += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return count


def count_popping(sizes):
    count, m = 0, sizes.pop(0)
    while sizes:
        n = sizes.pop(0)
        count += n * (m + 1)
        m = n
    return count


def count_recursively(sizes):
    if len(sizes) < 2:
        return 0
    return sizes[1] * (sizes[0] + 1) + count_recursively(sizes[1:])


# --- residual_summary -----------------------------------------------------------------------------


def summary(residuals=None, guard=None, first=None, second=None):
    """The right answer with some of its lines replaced."""

    def residual_summary(X, W, b, t):
        if guard is None:
            if t.shape != (len(X),):
                raise ValueError(f"t must have shape ({len(X)},), got {t.shape}")
        else:
            guard(X, t)
        Z = X @ W.T + b
        R = Z[:, 0] - t if residuals is None else residuals(Z, t)
        return (
            R.mean() if first is None else first(R, t),
            (R**2).mean() if second is None else second(R, t),
        )

    return residual_summary


def accept_everything(X, t):
    pass


def assert_shape(X, t):
    assert t.shape == (len(X),)


def compare_lengths(X, t):
    if np.size(t) != len(X):
        raise ValueError("wrong number of targets")


def ask_for_columns(X, t):
    if t.shape != (len(X), 1):
        raise ValueError(f"expected {(len(X), 1)}, got {t.shape}")


def complain(X, t):
    if t.shape != (len(X),):
        raise ValueError("bad targets")


def raise_type_error(X, t):
    if t.shape != (len(X),):
        raise TypeError("wrong shape")


def summary_by_loop(X, W, b, t):
    if np.ndim(t) != 1 or len(t) != len(X):
        raise ValueError(f"expected shape ({len(X)},), got {np.shape(t)}")
    total = squares = 0.0
    for x, target in zip(X, t):
        residual = W[0] @ x + b[0] - target
        total += residual
        squares += residual * residual
    return total / len(t), squares / len(t)


def summary_as_columns(X, W, b, t):
    if t.shape != X.shape[:1]:
        raise ValueError("t has shape " + str(t.shape) + ", not " + str(X.shape[:1]))
    residuals = X @ W.T + b - t.reshape(-1, 1)
    return np.mean(residuals), np.mean(np.square(residuals))


WRONG = {
    "affine-layers.shapes": [
        ("halves", predicting("X @ w", (5.0,)), "X @ w", "whole numbers, such as 3"),
        ("a table of one", predicting("w @ x", (1, 1)), "w @ x", "no axis is left"),
        ("a row", predicting("X @ w", (1, 5)), "X @ w", "no row is made of it"),
        ("stretched", predicting("X @ W.T + t", (5, 5)), "X @ W.T + t", "cannot become 5"),
        ("products kept apart", predicting("w @ x", (3,)), "w @ x", "the shape of w * x"),
        ("outer product", predicting("w @ x", (3, 3)), "w @ x", "np.outer"),
        ("one axis for a number", predicting("w @ x", (1,)), "w @ x", "no axis at all"),
        ("a number for a shape", predicting("w @ x", 1), "w @ x", "A shape is a tuple"),
        ("entry by entry", predicting("X @ w", (5, 3)), "X @ w", "the shape of X * w"),
        ("a column", predicting("X @ w", (5, 1)), "X @ w", "to make a column of"),
        ("no comma", predicting("X @ w", (5)), "X @ w", "has a comma: (5,)"),
        ("reversed", predicting("X @ W.T", (4, 5)), "X @ W.T", "axes are in reverse"),
        ("kept the inner axis", predicting("X @ W.T", (5, 3)), "X @ W.T", "cannot be in"),
        ("forgot there is no .T", predicting("X @ W", (5, 4)), "X @ W", "That is X @ W.T"),
        ("kept the axes of X", predicting("X @ W", (5, 3)), "X @ W", "as long as the first"),
        ("refused", predicting("X @ W.T + b", "error"), "X @ W.T + b", "that is allowed"),
        ("shrunk", predicting("X @ W.T + b", (4,)), "X @ W.T + b", "never makes an array smaller"),
        (
            "by rows",
            predicting("X @ W.T + t", (5, 4)),
            "X @ W.T + t",
            "one number of t to each row",
        ),
        ("1 refused", predicting("y + b", "error"), "y + b", "repeated as often as needed"),
        ("1 kept", predicting("y + b", (5, 1)), "y + b", "repeated to match"),
        ("rows lost", predicting("y + b", (4,)), "y + b", "5 rows of y are still there"),
        ("row by row", predicting("y - t", (5, 1)), "y - t", "the 5 of t meets the 1 of y"),
        ("entry by entry", predicting("y - t", (5,)), "y - t", "the 5 of t meets the 1 of y"),
        ("refused", predicting("y - t", "error"), "y - t", "that is the danger"),
        ("in quotes", predicting("y - t", "(5, 5)"), "y - t", "The only answer in quotes"),
        ("not a shape", predicting("y - t", np.ones((5, 5))), "y - t", "Answer with a tuple"),
        ("one blank left", predicting("y - t", ...), "y - t", "still waits for your answer"),
        (
            "one entry lost",
            {question: shape for question, shape in SHAPES.items() if question != "y - t"},
            "y - t",
            "no entry for 'y - t'",
        ),
    ],
    "affine-layers.neuron": [
        ("bias twice", lambda x, w, b: sum(w * x, b) + b, "z", "You add the bias twice"),
        ("largest", lambda x, w, b: max(w * x) + b, "z", "the largest product alone"),
        (
            "row times column",
            lambda x, w, b: x.reshape(1, -1) @ w.reshape(-1, 1) + b,
            "shapes",
            "an array of shape (1, 1)",
        ),
        ("no bias", lambda x, w, b: w @ x, "z", "the bias b is not in it"),
        ("products not summed", lambda x, w, b: w * x + b, "shapes", "have to be added up"),
        ("bias per input", lambda x, w, b: np.sum(w * x + b), "z", "to each of the 2 products"),
        ("bias subtracted", lambda x, w, b: w @ x - b, "z", "You subtract the bias"),
        ("bias multiplied", lambda x, w, b: (w @ x) * b, "z", "You multiply by the bias"),
        ("mean", lambda x, w, b: np.mean(w * x) + b, "z", "the mean of the products"),
        ("sums first", lambda x, w, b: w.sum() * x.sum() + b, "z", "multiply first"),
        ("returns early", neuron_returning_early, "z", "Only the first input counts"),
        ("skips the last", neuron_skipping_the_last, "z", "one step too early"),
        ("overwrites", neuron_overwriting, "z", "Only the last input counts"),
        ("rectified", lambda x, w, b: max(w @ x + b, 0.0), "z", "cut off at zero"),
        (
            "an axis too many",
            lambda x, w, b: np.array([w @ x + b]),
            "shapes",
            "an array of length 1",
        ),
        ("whole numbers", lambda x, w, b: int(w @ x + b), "z", "after the decimal point"),
        ("prints", neuron_printing, "shapes", "Is a return missing?"),
        ("in place", neuron_in_place, "inputs unchanged", "changes x"),
        ("negated", lambda x, w, b: -(w @ x) - b, "z", "every sign is turned around"),
        ("bias on the inputs", lambda x, w, b: w @ (x + b), "z", "add the bias to each input"),
        ("sigmoid", lambda x, w, b: 1 / (1 + np.exp(-(w @ x + b))), "z", "through a sigmoid"),
        ("tanh", lambda x, w, b: np.tanh(w @ x + b), "z", "through a tanh"),
        ("from the second", neuron_skipping_the_first, "z", "counts places from 0"),
        ("misspelled", lambda x, w, b: w @ x + bias, "shapes", "NameError"),  # noqa: F821
        (
            "an argument missing",
            lambda x, w: w @ x,
            "shapes",
            "cannot be called as neuron(x, w, b)",
        ),
        ("as text", lambda x, w, b: str(w @ x + b), "shapes", "Your z is a str"),
    ],
    "affine-layers.affine": [
        ("one row", lambda X, W, b: (W @ X[0] + b)[None], "shapes", "for the first example alone"),
        ("W.T @ X", lambda X, W, b: W.T @ X + b, "shapes", "You compute W.T @ X"),
        ("no bias", lambda X, W, b: X @ W.T, "Z", "the bias b is not in it"),
        ("W not transposed", lambda X, W, b: X @ W + b, "shapes", "You compute X @ W."),
        ("W first", lambda X, W, b: W @ X + b, "shapes", "You compute W @ X."),
        ("W @ X.T", lambda X, W, b: W @ X.T + b, "shapes", "the examples in its columns"),
        ("columns", lambda X, W, b: W @ X.T + b[:, None], "shapes", "the transpose"),
        ("bias down", lambda X, W, b: X @ W.T + b[:, None], "shapes", "one entry per example"),
        ("biases summed", lambda X, W, b: X @ W.T + b.sum(), "Z", "the sum of all biases"),
        ("bias subtracted", lambda X, W, b: X @ W.T - b, "Z", "it is added"),
        ("entry by entry", lambda X, W, b: X * W + b, "shapes", "You multiply with *"),
        ("first example", affine_first_example, "Z", "Only the first row"),
        (
            "mean",
            lambda X, W, b: X @ W.T / X.shape[1] + b,
            "Z",
            "divided by 2, the number of inputs",
        ),
        ("reshaped", lambda X, W, b: X @ W.reshape(X.shape[1], -1) + b, "Z", "You reshape W"),
        ("rectified", lambda X, W, b: np.maximum(X @ W.T + b, 0), "Z", "cut off at zero"),
        (
            "a matrix",
            lambda X, W, b: np.matrix(X) * np.matrix(W).T + b,
            "shapes",
            "np.asarray makes a plain array",
        ),
        ("bias twice", lambda X, W, b: X @ W.T + 2 * b, "Z", "wrong values"),
        ("integers", affine_in_integers, "Z", "after the decimal point"),
        ("a list", lambda X, W, b: (X @ W.T + b).tolist(), "shapes", "makes an array of a list"),
        ("in a tuple", lambda X, W, b: (X @ W.T + b,), "shapes", "Is there a comma"),
        ("float64", affine_in_float64, "float32", "it must stay float32"),
        ("no empty batch", affine_stacking, "empty batch", "stops with a ValueError"),
        ("reads memory", affine_reading_memory, "views", "views into larger ones"),
        ("in place", affine_in_place, "inputs unchanged", "changes b"),
    ],
    "affine-layers.affine_pullback": [
        (
            "db averaged",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, dZ.mean(0)),
            "db",
            "divided by B = 2, the",
        ),
        (
            "dW averaged",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X / len(X), dZ.sum(0)),
            "dW",
            "divided by B = 2",
        ),
        (
            "dX averaged",
            lambda dZ, X, W: (dZ @ W / len(X), dZ.T @ X, dZ.sum(0)),
            "dX",
            "no mean over",
        ),
        (
            "batch twice",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X * len(X), dZ.sum(0)),
            "dW",
            "times B = 2, the",
        ),
        ("dX with W.T", lambda dZ, X, W: (dZ @ W.T, dZ.T @ X, dZ.sum(0)), "shapes", "dZ @ W.T"),
        (
            "Z for dZ",
            lambda dZ, X, W: (X @ W.T @ W, dZ.T @ X, dZ.sum(0)),
            "dX",
            "You send the scores Z back",
        ),
        (
            "db of ones",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, np.ones(len(W), W.dtype)),
            "db",
            "Your db is 1 throughout",
        ),
        ("dX is dZ", lambda dZ, X, W: (dZ, dZ.T @ X, dZ.sum(0)), "shapes", "W must be in it"),
        (
            "dX of the sum of Z",
            lambda dZ, X, W: (np.ones_like(dZ) @ W, dZ.T @ X, dZ.sum(0)),
            "dX",
            "does not depend on dZ",
        ),
        (
            "dW transposed",
            lambda dZ, X, W: (dZ @ W, X.T @ dZ, dZ.sum(0)),
            "shapes",
            "the transpose",
        ),
        ("dW overwritten", pullback_overwriting, "dW", "the last example only"),
        (
            "dW of one example",
            lambda dZ, X, W: (dZ @ W, np.outer(dZ[0], X[0]), dZ.sum(0)),
            "dW",
            "the first example only",
        ),
        (
            "dW of the sum of Z",
            lambda dZ, X, W: (dZ @ W, np.ones_like(dZ).T @ X, dZ.sum(0)),
            "dW",
            "does not depend on dZ",
        ),
        (
            "db not summed",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, dZ),
            "shapes",
            "Your db is dZ itself",
        ),
        (
            "db axis 1",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, dZ.sum(1)),
            "shapes",
            "which is the other",
        ),
        (
            "db one number",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, dZ.sum()),
            "shapes",
            "Each output has",
        ),
        (
            "db kept its axis",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, dZ.sum(0, keepdims=True)),
            "shapes",
            "an axis of length 1",
        ),
        (
            "db first row",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, 1 * dZ[0]),
            "db",
            "the first row of dZ",
        ),
        (
            "db counts",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, np.full(len(W), float(len(X)))),
            "db",
            "the number of examples",
        ),
        (
            "dW and dX exchanged",
            lambda dZ, X, W: (dZ.T @ X, dZ @ W, dZ.sum(0)),
            "shapes",
            "dW where dX",
        ),
        (
            "W, b, X",
            lambda dZ, X, W: (dZ.T @ X, dZ.sum(0), dZ @ W),
            "shapes",
            "another order: dW, db, dX",
        ),
        ("reversed", lambda dZ, X, W: (dZ.sum(0), dZ.T @ X, dZ @ W), "shapes", "in reverse order"),
        ("descending", lambda dZ, X, W: (-dZ @ W, dZ.T @ X, dZ.sum(0)), "dX", "every sign"),
        (
            "dW transposed and averaged",
            lambda dZ, X, W: (dZ @ W, X.T @ dZ / len(X), dZ.sum(0)),
            "shapes",
            "Two things at once. First: Your dW is the transpose of the expected one. Second: Your",
        ),
        (
            "db averaged and negated",
            lambda dZ, X, W: (dZ @ W, dZ.T @ X, -dZ.mean(0)),
            "db",
            "Two things at once. First: Your db is minus the expected one",
        ),
        (
            "half",
            lambda dZ, X, W: (dZ @ W, 0.5 * dZ.T @ X, dZ.sum(0)),
            "dW",
            "half of the expected",
        ),
        ("dW never filled", lambda dZ, X, W: (dZ @ W, 0 * W, dZ.sum(0)), "dW", "zero whatever"),
        ("db forgotten", lambda dZ, X, W: (dZ @ W, dZ.T @ X), "shapes", "2 results instead of 3"),
        ("a dict", lambda dZ, X, W: {"dX": dZ @ W}, "shapes", "a dict of 1 instead of 3 results"),
        ("float64", pullback_in_float64, "float32", "your db is float64"),
        ("no empty batch", pullback_stacking, "empty batch", "stops with a ValueError"),
        ("in place", pullback_scaling_in_place, "inputs unchanged", "changes dZ"),
    ],
    "affine-layers.affine_columns": [
        (
            "Z last",
            lambda X, W, b, dZ: (W.T @ dZ, dZ @ X.T, dZ.sum(1), W @ X + b[:, None]),
            "shapes",
            "Z comes first",
        ),
        ("no bias", columns(Z=lambda X, W, b, dZ: W @ X), "Z", "the bias b is not in it"),
        (
            "bias along the batch",
            columns(Z=lambda X, W, b, dZ: W @ X + b),
            "shapes",
            "which is now the batch",
        ),
        ("rows", columns(Z=lambda X, W, b, dZ: X @ W.T + b), "shapes", "row convention"),
        ("Z transposed", columns(Z=lambda X, W, b, dZ: X.T @ W.T + b), "shapes", "the transpose"),
        ("dX of rows", columns(dX=lambda X, W, b, dZ: dZ @ W), "shapes", "dZ @ W is the row"),
        ("dX through W", columns(dX=lambda X, W, b, dZ: W @ dZ), "shapes", "You compute W @ dZ"),
        (
            "dX averaged",
            columns(dX=lambda X, W, b, dZ: W.T @ dZ / X.shape[1]),
            "dX",
            "no mean over",
        ),
        ("dW of rows", columns(dW=lambda X, W, b, dZ: dZ.T @ X), "shapes", "dZ.T @ X is the row"),
        ("dW transposed", columns(dW=lambda X, W, b, dZ: X @ dZ.T), "shapes", "the transpose"),
        (
            "dW averaged",
            columns(dW=lambda X, W, b, dZ: dZ @ X.T / X.shape[1]),
            "dW",
            "divided by B = 2",
        ),
        (
            "db axis 0",
            columns(db=lambda X, W, b, dZ: dZ.sum(0)),
            "shapes",
            "axis 0 holds the outputs",
        ),
        (
            "db a column",
            columns(db=lambda X, W, b, dZ: dZ.sum(1, keepdims=True)),
            "shapes",
            "axis of length 1",
        ),
        ("db not summed", columns(db=lambda X, W, b, dZ: dZ), "shapes", "Your db is dZ itself"),
        ("db averaged", columns(db=lambda X, W, b, dZ: dZ.mean(1)), "db", "divided by B = 2"),
        (
            "db float64",
            columns(db=lambda X, W, b, dZ: dZ.sum(1, dtype=float)),
            "float32",
            "your db is float64",
        ),
        (
            "Z forgotten",
            lambda X, W, b, dZ: columns()(X, W, b, dZ)[1:],
            "shapes",
            "3 results instead of 4",
        ),
    ],
    "affine-layers.count_parameters": [
        (
            "biases of the output",
            lambda s: sum(m * n for m, n in zip(s, s[1:])) + (s[-1] if s[1:] else 0),
            "count",
            "the biases of the last layer only",
        ),
        (
            "always from the input",
            lambda s: sum(s[0] * n + n for n in s[1:]),
            "count",
            "the outputs of the layer before it",
        ),
        (
            "no biases",
            lambda s: sum(m * n for m, n in zip(s, s[1:])),
            "count",
            "leave out the biases",
        ),
        (
            "biases of inputs",
            lambda s: sum(m * n for m, n in zip(s, s[1:])) + sum(s),
            "count",
            "a bias for each input too",
        ),
        (
            "bias per input",
            lambda s: sum(m * n + m for m, n in zip(s, s[1:])),
            "count",
            "every input",
        ),
        (
            "bias per layer",
            lambda s: sum(m * n + 1 for m, n in zip(s, s[1:])),
            "count",
            "one bias for",
        ),
        (
            "no output layer",
            lambda s: count_recursively(s[:-1]),
            "count",
            "The last layer is missing",
        ),
        ("first layer", count_returning_early, "count", "the first layer only"),
        ("last layer", count_overwriting, "count", "the last layer only"),
        ("units", lambda s: sum(s), "count", "You count the units"),
        ("product", lambda s: int(np.prod(s)), "count", "You multiply all sizes"),
        ("float", lambda s: float(count_recursively(s)), "whole number", "counted in int"),
        (
            "per layer",
            lambda s: [n * (m + 1) for m, n in zip(s, s[1:])],
            "shapes",
            "a single number",
        ),
        ("past the end", count_past_the_end, "shapes", "Print the index and the length"),
        ("pops", count_popping, "inputs unchanged", "changes sizes"),
    ],
    "affine-layers.residual_summary": [
        (
            "root",
            lambda X, W, b, t: (
                (X @ W.T + b)[:, 0].mean() - t.mean(),
                np.sqrt((((X @ W.T + b)[:, 0] - t) ** 2).mean()),
            ),
            "mean_square",
            "The root is not asked for",
        ),
        ("columns asked for", summary(guard=ask_for_columns), "shapes", "it must get through"),
        (
            "says nothing",
            summary(guard=complain),
            "refuses bad targets",
            "its message does not say (2,) and (1,)",
        ),
        ("variance", summary(second=lambda R, t: R.var()), "mean_square", "take the variance"),
        ("untouched", summary(lambda Z, t: Z - t), "mean_square", "You average 2 * 2 squares"),
        ("transposed t", summary(lambda Z, t: Z - t.T), "mean_square", "pairs every score"),
        (
            "divides by B",
            summary(lambda Z, t: Z - t, second=lambda R, t: (R**2).sum() / len(t)),
            "mean_square",
            "Dividing differently does not mend it",
        ),
        ("first score", summary(lambda Z, t: Z[0] - t), "mean_residual", "Z[0] is a row"),
        (
            "first score in the square",
            summary(second=lambda R, t: ((R[0] + t[0] - t) ** 2).mean()),
            "mean_square",
            "Z[0] is a row",
        ),
        (
            "target minus score",
            summary(lambda Z, t: t - Z[:, 0]),
            "mean_residual",
            "score minus target",
        ),
        (
            "sum of squares",
            summary(second=lambda R, t: (R**2).sum()),
            "mean_square",
            "the sum of the",
        ),
        ("sum", summary(first=lambda R, t: R.sum()), "mean_residual", "the sum of the residuals"),
        (
            "square of the mean",
            summary(second=lambda R, t: R.mean() ** 2),
            "mean_square",
            "Square each",
        ),
        ("absolute", summary(second=lambda R, t: abs(R).mean()), "mean_square", "absolute values"),
        (
            "exchanged",
            lambda X, W, b, t: summary()(X, W, b, t)[::-1],
            "mean_residual",
            "The two results are exchanged",
        ),
        ("no bias", lambda X, W, b, t: summary()(X, W, 0 * b, t), "mean_residual", "lack the bias"),
        (
            "one result",
            lambda X, W, b, t: summary()(X, W, b, t)[1],
            "shapes",
            "instead of 2 results",
        ),
        ("no check", summary(guard=accept_everything), "refuses bad targets", "t has shape (1,)"),
        (
            "lengths",
            summary(lambda Z, t: Z[:, 0] - t.ravel(), compare_lengths),
            "refuses bad targets",
            "(2, 1)",
        ),
        ("assert", summary(guard=assert_shape), "refuses bad targets", "raises AssertionError"),
        ("TypeError", summary(guard=raise_type_error), "refuses bad targets", "raises TypeError"),
    ],
}

RIGHT = {
    "affine-layers.shapes": [
        ("lists", {q: list(s) if isinstance(s, tuple) else s for q, s in SHAPES.items()}),
        ("in another order", dict(reversed(SHAPES.items()))),
    ],
    "affine-layers.neuron": [
        ("loop", neuron_by_loop),
        ("einsum", lambda x, w, b: np.einsum("k,k->", x, w) + b),
        ("dot of a row and a column", lambda x, w, b: (x[None] @ w[:, None])[0, 0] + b),
        ("Python numbers", lambda x, w, b: sum(p * q for p, q in zip(x.tolist(), w.tolist())) + b),
    ],
    "affine-layers.affine": [
        ("loops", affine_by_loops),
        ("einsum", lambda X, W, b: np.einsum("ik,jk->ij", X, W) + b),
        ("columns and back", lambda X, W, b: (W @ X.T + b[:, None]).T),
        ("broadcast and sum", lambda X, W, b: (X[:, None, :] * W[None]).sum(-1) + b),
        ("a bias input", affine_with_ones),
    ],
    "affine-layers.affine_pullback": [
        ("loops", pullback_by_loops),
        ("einsum", pullback_by_einsum),
        ("list of sums", pullback_in_a_list),
    ],
    "affine-layers.affine_columns": [
        ("through rows", columns_by_rows),
        ("einsum", columns_by_einsum),
    ],
    "affine-layers.count_parameters": [
        ("recursion", count_recursively),
        ("NumPy", lambda s: np.sum(np.array(s[1:], dtype=int) * (np.array(s[:-1], dtype=int) + 1))),
        ("by index", lambda s: sum(s[i] * s[i - 1] + s[i] for i in range(1, len(s)))),
    ],
    "affine-layers.residual_summary": [
        ("loop", summary_by_loop),
        ("columns", summary_as_columns),
        ("squeeze", summary(lambda Z, t: Z.squeeze(1) - t)),
    ],
}
