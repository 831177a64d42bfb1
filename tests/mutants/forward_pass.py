"""Answers to the exercises of ``forward-pass``: wrong ones as people give them, and right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905, RUF007 - this is how learners write

import math
from types import SimpleNamespace

import numpy as np

# --- network_size ---------------------------------------------------------------------------------


def neighbors(sizes):
    return list(zip(sizes[:-1], sizes[1:]))


def sizing(
    parameters=lambda sizes: sum(n * (m + 1) for m, n in neighbors(sizes)),
    multiplications=lambda sizes: sum(n * m for m, n in neighbors(sizes)),
    hidden_units=lambda sizes: sum(sizes[1:-1]),
):
    def network_size(sizes):
        return parameters(sizes), multiplications(sizes), hidden_units(sizes)

    return network_size


def size_overwriting(sizes):
    parameters = multiplications = 0
    for m, n in neighbors(sizes):
        multiplications = n * m
        parameters = n * (m + 1)
    return parameters, multiplications, sum(sizes[1:-1])


def size_popping(sizes):
    inputs = sizes.pop(0)
    parameters = multiplications = 0
    for size in sizes:
        parameters += size * (inputs + 1)
        multiplications += size * inputs
        inputs = size
    return parameters, multiplications, sum(sizes[:-1])


def size_by_matrices(sizes):
    weights = [np.zeros((n, m)) for m, n in neighbors(sizes)]
    biases = [np.zeros(n) for n in sizes[1:]]
    count = sum(W.size for W in weights)
    return count + sum(b.size for b in biases), count, sum(len(b) for b in biases[:-1])


def size_by_recursion(sizes):
    if len(sizes) < 2:
        return 0, 0, 0
    d_in, d_out, *rest = sizes
    parameters, multiplications, hidden = size_by_recursion(sizes[1:])
    own = d_in * d_out
    return parameters + own + d_out, multiplications + own, hidden + (d_out if rest else 0)


# --- two_layers -----------------------------------------------------------------------------------


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def running(order=("Z1", "A1", "Z2", "P"), **steps):
    """The right forward pass with some of its steps changed."""
    formulas = {
        "Z1": lambda n: n.X @ n.W1.T + n.b1,
        "A1": lambda n: np.maximum(n.Z1, 0),
        "Z2": lambda n: n.A1 @ n.W2.T + n.b2,
        "P": lambda n: sigmoid(n.Z2),
    } | steps

    def two_layers(X, W1, b1, W2, b2):
        n = SimpleNamespace(X=X, W1=W1, b1=b1, W2=W2, b2=b2)
        for name, formula in formulas.items():
            setattr(n, name, formula(n))
        results = tuple(getattr(n, name) for name in order)
        return results if len(results) > 1 else results[0]

    return two_layers


def layers_in_place(X, W1, b1, W2, b2):
    Z1 = X @ W1.T + b1
    A1 = np.maximum(Z1, 0, out=Z1)
    Z2 = A1 @ W2.T + b2
    return Z1, A1, Z2, sigmoid(Z2)


def layers_in_float64(X, W1, b1, W2, b2):
    Z1 = np.zeros((len(X), len(W1)))
    Z1 += X @ W1.T + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2.T + b2
    return Z1, A1, Z2, sigmoid(Z2)


def layers_by_loops(X, W1, b1, W2, b2):
    Z1, Z2 = np.zeros((len(X), len(W1)), X.dtype), np.zeros((len(X), 1), X.dtype)
    A1, P = np.zeros_like(Z1), np.zeros_like(Z2)
    for i in range(len(X)):
        Z2[i, 0] = b2[0]
        for j in range(len(W1)):
            Z1[i, j] = b1[j] + sum(X[i, k] * W1[j, k] for k in range(X.shape[1]))
            A1[i, j] = Z1[i, j] if Z1[i, j] > 0 else 0
            Z2[i, 0] += W2[0, j] * A1[i, j]
        P[i, 0] = 1 / (1 + math.exp(-Z2[i, 0]))
    return Z1, A1, Z2, P


def layers_in_columns(X, W1, b1, W2, b2):
    Z1 = W1 @ X.T + b1[:, None]
    A1 = Z1 * (Z1 > 0)
    Z2 = W2 @ A1 + b2[:, None]
    return Z1.T, A1.T, Z2.T, (np.exp(Z2) / (1 + np.exp(Z2))).T


def layers_of_first_row(X, W1, b1, W2, b2):
    for x in X:
        return running()(x[None], W1, b1, W2, b2)


# --- forward --------------------------------------------------------------------------------------


def passing(layer=lambda A, W, b: A @ W.T + b, last=lambda Z, activation: Z):
    def forward(X, parameters, activation):
        A = X
        for i, (W, b) in enumerate(parameters):
            A = layer(A, W, b)
            A = activation(A) if i < len(parameters) - 1 else last(A, activation)
        return A

    return forward


def forward_everywhere(X, parameters, activation):
    for W, b in parameters:
        X = activation(X @ W.T + b)
    return X


def forward_before(X, parameters, activation):
    A = X
    for W, b in parameters:
        A = activation(A) @ W.T + b
    return A


def forward_without_last(X, parameters, activation):
    A = X
    for W, b in parameters[:-1]:
        A = activation(A @ W.T + b)
    return A


def forward_returning_early(X, parameters, activation):
    A = X
    for W, b in parameters:
        A = A @ W.T + b
        return A


def forward_linear(X, parameters, activation):
    A = X
    for W, b in parameters:
        A = A @ W.T + b
    return A


def forward_bias_late(X, parameters, activation):
    *hidden, (V, c) = parameters
    A = X
    for W, b in hidden:
        A = activation(A @ W.T) + b
    return A @ V.T + c


def forward_from_x(X, parameters, activation):
    for W, b in parameters:
        Z = X @ W.T + b
    return Z


def forward_once(X, parameters, activation):
    A = X
    for i, (W, b) in enumerate(parameters):
        A = A @ W.T + b
        if i == 0 and len(parameters) > 1:
            A = activation(A)
    return A


def forward_two(X, parameters, activation):
    if len(parameters) == 1:
        return passing()(X, parameters, activation)
    return passing()(X, [parameters[0], parameters[-1]], activation)


def forward_turned(X, parameters, activation):
    return passing()(X, parameters[::-1], activation)


def forward_relu(X, parameters, activation):
    return passing()(X, parameters, lambda Z: np.maximum(Z, 0))


def forward_in_place(X, parameters, activation):
    Z = passing()(X, parameters, activation)
    X *= 2
    return Z


def forward_popping(X, parameters, activation):
    W, b = parameters.pop()
    return passing()(X, [*parameters, (W, b)], activation)


def forward_popping_biases(X, parameters, activation):
    A = X.astype(float)
    for i, (W, b) in enumerate(parameters):
        A = A @ W.T
        A += b
        A = activation(A) if i + 1 < len(parameters) else A
    return A


def forward_by_examples(X, parameters, activation):
    rows = []
    for x in X:
        a = x
        for W, b in parameters[:-1]:
            a = activation(W @ a + b)
        rows.append(parameters[-1][0] @ a + parameters[-1][1])
    return np.array(rows)


def forward_recursive(X, parameters, activation):
    (W, b), *rest = parameters
    Z = np.einsum("ik,jk->ij", X, W) + b
    return forward_recursive(activation(Z), rest, activation) if rest else Z


def forward_columns(X, parameters, activation):
    A = X.T
    for i in range(len(parameters) - 1):
        W, b = parameters[i]
        A = activation(W @ A + b[:, None])
    W, b = parameters[len(parameters) - 1]
    return (W @ A + b.reshape(-1, 1)).T


# --- changed --------------------------------------------------------------------------------------

CHANGED = {
    "X[0] + 1": 1,
    "X[0] and X[1] swapped": 2,
    "b2[0] + 1": 4,
    "b2 + 1": 0,
    "b1[2] + 1": 0,
    "units 0 and 1 swapped": 0,
    "layer 1 times 2, W2 / 2": 0,
    "X[0] + 1, along axis 0": 4,
}
MOVED, SWAPPED, ONE_LOGIT, ALL_LOGITS, OFF, RENAMED, SCALED, AXIS_0 = CHANGED


def predicting(question, answer):
    return CHANGED | {question: answer}


# --- representation -------------------------------------------------------------------------------


def reading(
    features=lambda n: np.maximum(n.X @ n.W1.T + n.b1, 0),
    distance=lambda n: n.lead / np.linalg.norm(n.w),
    order=("features", "distance"),
):
    def representation(X, W1, b1, W2, b2):
        n = SimpleNamespace(X=X, W1=W1, b1=b1, W2=W2, b2=b2, w=W2[1] - W2[0], o=b2[1] - b2[0])
        n.Z1 = X @ W1.T + b1
        n.A1 = np.maximum(n.Z1, 0)
        n.Z2 = n.A1 @ W2.T + b2
        n.lead = n.A1 @ n.w + n.o
        n.features, n.distance = features(n), distance(n)
        results = tuple(getattr(n, name) for name in order)
        return results if len(results) > 1 else results[0]

    return representation


def representation_normalizing_w2(X, W1, b1, W2, b2):
    length = np.linalg.norm(W2[1] - W2[0])
    W2 /= length
    features = np.maximum(X @ W1.T + b1, 0)
    return features, features @ (W2[1] - W2[0]) + (b2[1] - b2[0]) / length


def representation_by_loops(X, W1, b1, W2, b2):
    features = np.zeros((len(X), len(W1)), X.dtype)
    distance = np.zeros(len(X), X.dtype)
    w = [W2[1, j] - W2[0, j] for j in range(len(W1))]
    length = math.sqrt(sum(w_j**2 for w_j in w))
    for i, x in enumerate(X):
        for j in range(len(W1)):
            features[i, j] = max(sum(x[k] * W1[j, k] for k in range(len(x))) + b1[j], 0)
        lead = sum(w[j] * features[i, j] for j in range(len(W1))) + b2[1] - b2[0]
        distance[i] = lead / length
    return features, distance


def representation_by_logits(X, W1, b1, W2, b2):
    features = (X @ W1.T + b1).clip(0)
    Z = features @ W2.T + b2
    return features, np.diff(Z, axis=1)[:, 0] / np.sqrt(((W2[1] - W2[0]) ** 2).sum())


# --- local_map ------------------------------------------------------------------------------------


def mapping(
    M=lambda n: n.W2 @ (n.on[:, None] * n.W1),
    c=lambda n: n.W2 @ (n.on * n.b1) + n.b2,
    on=lambda n: n.z > 0,
):
    def local_map(x, W1, b1, W2, b2):
        n = SimpleNamespace(x=x, W1=W1, b1=b1, W2=W2, b2=b2, z=W1 @ x + b1)
        n.on = on(n)
        return M(n), c(n)

    return local_map


def map_in_place(x, W1, b1, W2, b2):
    off = W1 @ x + b1 <= 0
    W1[off] = 0
    b1[off] = 0
    return W2 @ W1, W2 @ b1 + b2


def map_in_float64(x, W1, b1, W2, b2):
    D = np.diag(np.where(W1 @ x + b1 > 0, 1.0, 0.0))
    return W2 @ D @ W1, W2 @ D @ b1 + b2


def map_by_units(x, W1, b1, W2, b2):
    M, c = np.zeros((len(W2), len(x)), x.dtype), b2.copy()
    for j in range(len(W1)):
        if W1[j] @ x + b1[j] > 0:
            M = M + np.outer(W2[:, j], W1[j])
            c = c + W2[:, j] * b1[j]
    return M, c


def map_by_selection(x, W1, b1, W2, b2):
    on = np.flatnonzero(W1 @ x + b1 > 0)
    return W2[:, on] @ W1[on], W2[:, on] @ b1[on] + b2


def map_by_subtraction(x, W1, b1, W2, b2):
    a = np.maximum(W1 @ x + b1, 0)
    M = (W2 * np.sign(a)) @ W1
    return M, W2 @ a + b2 - M @ x


def local_map_without_rows(x, W1, b1, W2, b2):
    on = W1 @ x + b1 > 0
    return W2 @ W1[on], W2 @ b1[on] + b2


# --- class_probabilities --------------------------------------------------------------------------


def classifying(
    P,
    A=lambda Z1: np.maximum(Z1, 0),
):
    def class_probabilities(X, W1, b1, W2, b2):
        return P(A(X @ W1.T + b1) @ W2.T + b2)

    return class_probabilities


def shares(E):
    return E / E.sum(axis=1, keepdims=True)


def stable(Z):
    return shares(np.exp(Z - Z.max(axis=1, keepdims=True)))


def probabilities_in_place(X, W1, b1, W2, b2):
    A = np.maximum(X @ W1.T + b1, 0)
    b2 -= b2.max()
    return stable(A @ W2.T + b2)


def probabilities_in_float64(X, W1, b1, W2, b2):
    P = np.zeros((len(X), len(W2)))
    P[:] = classifying(stable)(X, W1, b1, W2, b2)
    return P


def probabilities_one_by_one(X, W1, b1, W2, b2):
    """Each example through the code as it was."""
    return np.vstack([classifying(as_it_was)(x[None], W1, b1, W2, b2) for x in X])


def as_it_was(Z):
    return shares(np.exp(Z - Z.max(axis=0)))


def probabilities_by_loops(X, W1, b1, W2, b2):
    P = np.zeros((len(X), len(W2)), X.dtype)
    for i, x in enumerate(X):
        z = W2 @ np.maximum(W1 @ x + b1, 0) + b2
        for k in range(len(W2)):
            P[i, k] = math.exp(z[k] - max(z)) / sum(math.exp(z_c - max(z)) for z_c in z)
    return P


def probabilities_by_logs(X, W1, b1, W2, b2):
    Z = np.maximum(X @ W1.T + b1, 0) @ W2.T + b2
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))


WRONG = {
    "forward-pass.network_size": [
        (
            "no biases",
            sizing(parameters=lambda sizes: sum(n * m for m, n in neighbors(sizes))),
            "parameters",
            "leave out the biases",
        ),
        (
            "biases of inputs",
            sizing(parameters=lambda sizes: sum(n * m for m, n in neighbors(sizes)) + sum(sizes)),
            "parameters",
            "a bias for each input, too",
        ),
        (
            "bias per input",
            sizing(parameters=lambda sizes: sum(m * (n + 1) for m, n in neighbors(sizes))),
            "parameters",
            "for each input of a layer",
        ),
        (
            "one bias a layer",
            sizing(parameters=lambda sizes: sum(m * n + 1 for m, n in neighbors(sizes))),
            "parameters",
            "one bias for each layer",
        ),
        (
            "hidden biases only",
            sizing(
                parameters=lambda sizes: sum(m * n for m, n in neighbors(sizes)) + sum(sizes[1:-1])
            ),
            "parameters",
            "of the last layer have biases, too",
        ),
        ("overwriting", size_overwriting, "parameters", "the last layer only"),
        (
            "with biases",
            sizing(multiplications=lambda sizes: sum(n * (m + 1) for m, n in neighbors(sizes))),
            "multiplications",
            "A bias is added, not multiplied",
        ),
        (
            "product",
            sizing(multiplications=math.prod),
            "multiplications",
            "You multiply all sizes",
        ),
        (
            "twice",
            sizing(multiplications=lambda sizes: 2 * sum(n * m for m, n in neighbors(sizes))),
            "multiplications",
            "twice the expected one",
        ),
        (
            "outputs hidden",
            sizing(hidden_units=lambda sizes: sum(sizes[1:])),
            "hidden_units",
            "You count the outputs",
        ),
        (
            "inputs hidden",
            sizing(hidden_units=lambda sizes: sum(sizes[:-1])),
            "hidden_units",
            "You count the inputs",
        ),
        (
            "layers",
            sizing(hidden_units=lambda sizes: max(len(sizes) - 2, 0)),
            "hidden_units",
            "You count hidden layers",
        ),
        (
            "exchanged",
            lambda sizes: (sizing()(sizes)[1], sizing()(sizes)[0], sizing()(sizes)[2]),
            "parameters",
            "The first two results are exchanged",
        ),
        (
            "a float",
            sizing(parameters=lambda sizes: sum(n * (m + 1) for m, n in neighbors(sizes)) / 1),
            "whole number",
            "counted in int",
        ),
        ("parameters alone", lambda sizes: sizing()(sizes)[0], "shapes", "instead of 3 results"),
        (
            "a list",
            sizing(hidden_units=lambda sizes: sizes[1:-1]),
            "shapes",
            "it must be a single number",
        ),
        ("popping", size_popping, "inputs unchanged", "changes sizes"),
    ],
    "forward-pass.two_layers": [
        ("middle exchanged", running(("Z1", "Z2", "A1", "P")), "shapes", "The two middle results"),
        (
            "no parentheses",
            running(P=lambda n: 1 / 1 + np.exp(-n.Z2)),
            "P",
            "Python reads 1 / 1 + e",
        ),
        ("no b1", running(Z1=lambda n: n.X @ n.W1.T), "Z1", "b1 is not in your Z1"),
        ("W1", running(Z1=lambda n: n.X @ n.W1 + n.b1), "shapes", "You compute X @ W1"),
        (
            "W1 reshaped",
            running(Z1=lambda n: n.X @ n.W1.reshape(n.X.shape[1], -1) + n.b1),
            "Z1",
            "the weights are in other places",
        ),
        ("b1 a column", running(Z1=lambda n: n.X @ n.W1.T + n.b1[:, None]), "shapes", "down the"),
        ("in place", layers_in_place, "Z1", "has been through ReLU already"),
        ("no ReLU", running(A1=lambda n: n.Z1), "A1", "nothing is done between"),
        ("sigmoid", running(A1=lambda n: sigmoid(n.Z1)), "A1", "In this network it comes last"),
        ("tanh", running(A1=lambda n: np.tanh(n.Z1)), "A1", "You take tanh of the hidden"),
        ("abs", running(A1=lambda n: abs(n.Z1)), "A1", "You turn negative scores around"),
        ("minimum", running(A1=lambda n: np.minimum(n.Z1, 0)), "A1", "You keep the negative"),
        ("mask", running(A1=lambda n: (n.Z1 > 0) * 1.0), "A1", "whether a unit is on"),
        ("np.max", running(A1=lambda n: np.max(n.Z1)), "shapes", "stops with a ValueError"),
        ("from Z1", running(Z2=lambda n: n.Z1 @ n.W2.T + n.b2), "Z2", "gets the scores Z1"),
        ("no b2", running(Z2=lambda n: n.A1 @ n.W2.T), "Z2", "b2 is not in your Z2"),
        (
            "ReLU at the end",
            running(Z2=lambda n: np.maximum(n.A1 @ n.W2.T + n.b2, 0)),
            "Z2",
            "ReLU of the last scores",
        ),
        ("entry by entry", running(Z2=lambda n: n.A1 * n.W2 + n.b2), "shapes", "entry by entry"),
        (
            "no column",
            running(Z2=lambda n: (n.A1 @ n.W2.T + n.b2)[:, 0]),
            "shapes",
            "its second axis",
        ),
        ("sign", running(P=lambda n: 1 / (1 + np.exp(n.Z2))), "P", "without the minus"),
        (
            "softmax",
            running(P=lambda n: np.exp(n.Z2) / np.exp(n.Z2).sum(1, keepdims=True)),
            "P",
            "a softmax over the one logit",
        ),
        (
            "softmax of the batch",
            running(P=lambda n: np.exp(n.Z2) / np.exp(n.Z2).sum()),
            "P",
            "the examples share one probability",
        ),
        ("odds", running(P=lambda n: np.exp(n.Z2)), "P", "the odds"),
        ("class", running(P=lambda n: (n.Z2 > 0) * 1.0), "P", "the more probable class"),
        ("twice", running(P=lambda n: sigmoid(sigmoid(n.Z2))), "P", "You take the sigmoid twice"),
        ("P alone", running(("P",)), "shapes", "instead of 4 results"),
        ("first row", layers_of_first_row, "shapes", "it must have shape (B, d_h)"),
        ("float64", layers_in_float64, "float32", "it must stay float32"),
    ],
    "forward-pass.forward": [
        ("pops the last", forward_popping, "list unchanged", "changes the list of parameters"),
        ("everywhere", forward_everywhere, "one layer", "Logits stay as they are"),
        ("before", forward_before, "one layer", "to X as well"),
        ("no biases", passing(lambda A, W, b: A @ W.T), "one layer", "The biases are not"),
        ("minus", passing(lambda A, W, b: A @ W.T - b), "one layer", "You subtract the biases"),
        ("not transposed", passing(lambda A, W, b: A @ W + b), "one layer", "You compute A @ W."),
        ("columns", passing(lambda A, W, b: W @ A.T + b), "one layer", "in its columns"),
        ("last left out", forward_without_last, "one layer", "Your last layer is missing"),
        ("early return", forward_returning_early, "two layers", "after the first layer"),
        ("no activation", forward_linear, "two layers", "one affine layer"),
        ("bias late", forward_bias_late, "two layers", "after the activation function"),
        ("from X", forward_from_x, "two layers", "Each of your layers gets X"),
        ("turned around", forward_turned, "two layers", "from the last to the first"),
        ("once", forward_once, "any depth", "after the first layer only"),
        ("two at most", forward_two, "any depth", "The layers between them are left out"),
        ("always ReLU", forward_relu, "the activation", "whatever activation is handed in"),
        ("float64", forward_popping_biases, "float32", "not float32"),
        ("one by one", forward_by_examples, "empty batch", "X has no rows here"),
        ("a tuple", passing(last=lambda Z, activation: (Z, None)), "one layer", "Z"),
        ("in place", forward_in_place, "inputs unchanged", "changes X"),
    ],
    "forward-pass.changed": [
        ("all notice", predicting(MOVED, 4), MOVED, "do not notice"),
        ("unnoticed", predicting(MOVED, 0), MOVED, "Example 0 has other features"),
        ("the same set", predicting(SWAPPED, 0), SWAPPED, "in exchanged places"),
        ("all swapped", predicting(SWAPPED, 4), SWAPPED, "Rows 2 and 3"),
        ("row for class", predicting(ONE_LOGIT, 1), ONE_LOGIT, "not for each example"),
        ("cancels", predicting(ONE_LOGIT, 0), ONE_LOGIT, "Here one of three"),
        ("not cancelled", predicting(ALL_LOGITS, 4), ALL_LOGITS, "in softmax that cancels"),
        ("off unit", predicting(OFF, 4), OFF, "its bias is -9"),
        ("named units", predicting(RENAMED, 4), RENAMED, "adds up over the hidden units"),
        ("two units", predicting(RENAMED, 2), RENAMED, "Units are swapped"),
        ("scales", predicting(SCALED, 4), SCALED, "Half of W2 makes up"),
        ("one of a column", predicting(AXIS_0, 1), AXIS_0, "the others get less"),
        ("others only", predicting(AXIS_0, 3), AXIS_0, "Example 0 itself"),
        ("five", predicting(ALL_LOGITS, 5), ALL_LOGITS, "P has four rows"),
        ("true", predicting(OFF, False), OFF, "a whole number"),
        ("text", predicting(SCALED, "0"), SCALED, "a whole number"),
        ("a blank left", predicting(SWAPPED, ...), SWAPPED, "still waits"),
    ],
    "forward-pass.representation": [
        ("scores", reading(lambda n: n.Z1), "features", "the scores of the hidden layer"),
        ("logits", reading(lambda n: n.Z2), "shapes", "You return the logits"),
        (
            "no biases",
            reading(lambda n: np.maximum(n.X @ n.W1.T, 0)),
            "features",
            "b1 are not in your features",
        ),
        (
            "bias late",
            reading(lambda n: np.maximum(n.X @ n.W1.T, 0) + n.b1),
            "features",
            "You add b1 after ReLU",
        ),
        ("patterns", reading(lambda n: (n.Z1 > 0) * 1.0), "features", "which units are on"),
        ("not divided", reading(distance=lambda n: n.lead), "distance", "the same line"),
        (
            "other lead",
            reading(distance=lambda n: -n.lead),
            "distance",
            "the logit of class 0 less that of class 1",
        ),
        (
            "squared",
            reading(distance=lambda n: n.lead / (n.w @ n.w)),
            "distance",
            "The root is missing",
        ),
        (
            "no offset",
            reading(distance=lambda n: n.A1 @ n.w / np.linalg.norm(n.w)),
            "distance",
            "b2 is not in your distance",
        ),
        (
            "offset not divided",
            reading(distance=lambda n: n.A1 @ n.w / np.linalg.norm(n.w) + n.o),
            "distance",
            "and not the biases",
        ),
        (
            "other side",
            reading(distance=lambda n: -n.lead / np.linalg.norm(n.w)),
            "distance",
            "every sign is turned around",
        ),
        (
            "no sign",
            reading(distance=lambda n: abs(n.lead) / np.linalg.norm(n.w)),
            "distance",
            "is never negative",
        ),
        (
            "from the scores",
            reading(distance=lambda n: (n.Z1 @ n.w + n.o) / np.linalg.norm(n.w)),
            "distance",
            "You measure from the scores",
        ),
        (
            "length of W2",
            reading(distance=lambda n: n.lead / np.linalg.norm(n.W2)),
            "distance",
            "the length of all of W2",
        ),
        (
            "class 1 alone",
            reading(distance=lambda n: n.Z2[:, 1] / np.linalg.norm(n.W2[1])),
            "distance",
            "where both logits are equal",
        ),
        (
            "a probability",
            reading(distance=lambda n: sigmoid(n.lead)),
            "distance",
            "the probability of class 1",
        ),
        (
            "a column",
            reading(distance=lambda n: (n.lead / np.linalg.norm(n.w))[:, None]),
            "shapes",
            "has kept an axis of length 1",
        ),
        (
            "exchanged",
            reading(order=("distance", "features")),
            "shapes",
            "features has shape",
        ),
        ("features alone", reading(order=("features",)), "shapes", "instead of 2 results"),
        (
            "float64",
            reading(distance=lambda n: n.lead / np.float64(np.linalg.norm(n.w))),
            "float32",
            "it must stay float32",
        ),
        ("in place", representation_normalizing_w2, "inputs unchanged", "changes W2"),
    ],
    "forward-pass.local_map": [
        (
            "rows left out alone",
            local_map_without_rows,
            "shapes",
            "they must be equal",
        ),
        ("no mask", mapping(M=lambda n: n.W2 @ n.W1), "M", "with every unit on"),
        ("other units", mapping(on=lambda n: n.z <= 0), "M", "the units that are off"),
        ("no bias in the score", mapping(on=lambda n: n.W1 @ n.x > 0), "M", "The score has a bias"),
        ("responses", mapping(on=lambda n: np.maximum(n.z, 0)), "M", "by the responses"),
        (
            "columns",
            mapping(M=lambda n: n.W2 @ (n.on * n.W1)),
            "shapes",
            "one for each input",
        ),
        (
            "columns of the product",
            mapping(M=lambda n: n.W2 @ n.W1 * n.on),
            "shapes",
            "to the rows of W1",
        ),
        (
            "logits masked",
            mapping(M=lambda n: n.on[:, None] * (n.W2 @ n.W1)),
            "shapes",
            "The mask belongs between",
        ),
        ("head left out", mapping(M=lambda n: n.on[:, None] * n.W1), "shapes", "still to come"),
        (
            "weights rectified",
            mapping(M=lambda n: n.W2 @ np.maximum(n.W1, 0)),
            "M",
            "ReLU of the weights",
        ),
        (
            "transposed",
            mapping(M=lambda n: (n.W2 @ (n.on[:, None] * n.W1)).T),
            "shapes",
            "the transpose of the expected",
        ),
        ("on at 0", mapping(on=lambda n: n.z >= 0), "M", "M"),
        ("no mask for b1", mapping(c=lambda n: n.W2 @ n.b1 + n.b2), "c", "whatever its bias"),
        ("b2 alone", mapping(c=lambda n: n.b2), "c", "Your c is b2 alone"),
        ("no b2", mapping(c=lambda n: n.W2 @ (n.on * n.b1)), "c", "b2 is not in your c"),
        (
            "logits",
            mapping(c=lambda n: n.W2 @ np.maximum(n.z, 0) + n.b2),
            "c",
            "Your c is the logits themselves",
        ),
        (
            "at the origin",
            mapping(c=lambda n: n.W2 @ np.maximum(n.b1, 0) + n.b2),
            "c",
            "Another piece may lie there",
        ),
        ("M alone", lambda *a: mapping()(*a)[0], "shapes", "instead of 2 results"),
        ("float64", map_in_float64, "float32", "it must stay float32"),
        ("in place", map_in_place, "inputs unchanged", "changes W1"),
    ],
    "forward-pass.class_probabilities": [
        (
            "sums over the batch",
            classifying(
                lambda Z: (
                    np.exp(Z - Z.max(1, keepdims=True)) / np.exp(Z - Z.max(1, keepdims=True)).sum(0)
                )
            ),
            "P",
            "The shift is right now",
        ),
        (
            "shift by the mean",
            classifying(lambda Z: shares(np.exp(Z - Z.mean(1, keepdims=True)))),
            "large logits",
            "far above the mean",
        ),
        (
            "shift by the size",
            classifying(lambda Z: shares(np.exp(Z - abs(Z).max(1, keepdims=True)))),
            "large logits",
            "largest absolute value",
        ),
        ("as it was", classifying(as_it_was), "P", "what the code did already"),
        (
            "centered",
            classifying(lambda Z: shares(np.exp(Z - Z.mean(0)))),
            "P",
            "the mean of each class over the batch",
        ),
        (
            "axis 0",
            classifying(lambda Z: np.exp(Z) / np.exp(Z).sum(0)),
            "P",
            "Your columns add up to 1",
        ),
        ("one sum", classifying(lambda Z: np.exp(Z) / np.exp(Z).sum()), "P", "one sum over"),
        (
            "no keepdims",
            classifying(lambda Z: shares(np.exp(Z - Z.max(axis=1)))),
            "shapes",
            "Z.max(axis=1) has an entry for each example",
        ),
        (
            "no keepdims in the sum",
            classifying(lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1)),
            "shapes",
            "E.sum(axis=1) has an entry for each example",
        ),
        ("not divided", classifying(lambda Z: np.exp(Z - Z.max(1)[:, None])), "P", "do not add"),
        ("no ReLU", classifying(stable, A=lambda Z1: Z1), "P", "The ReLU has got lost"),
        ("ReLU twice", classifying(lambda Z: stable(np.maximum(Z, 0))), "P", "of the logits, too"),
        ("sigmoid", classifying(sigmoid), "P", "sigmoid of each logit"),
        ("twice", classifying(lambda Z: stable(stable(Z))), "P", "You take softmax twice"),
        ("one by one", probabilities_one_by_one, "P", "every class the same probability"),
        ("no shift", classifying(lambda Z: shares(np.exp(Z))), "large logits", "709.78"),
        (
            "one shift",
            classifying(lambda Z: shares(np.exp(Z - Z.max()))),
            "large logits",
            "0 / 0",
        ),
        (
            "clipped",
            classifying(lambda Z: shares(np.exp(np.clip(Z, -700, 700)))),
            "large logits",
            "What is exp(1000)?",
        ),
        ("classes", classifying(lambda Z: Z.argmax(1)), "shapes", "it must have shape (B, K)"),
        ("float64", probabilities_in_float64, "float32", "it must stay float32"),
        ("in place", probabilities_in_place, "inputs unchanged", "changes b2"),
    ],
}

RIGHT = {
    "forward-pass.network_size": [
        ("matrices", size_by_matrices),
        ("recursion", size_by_recursion),
    ],
    "forward-pass.two_layers": [
        ("loops", layers_by_loops),
        ("columns", layers_in_columns),
        ("einsum", running(Z1=lambda n: np.einsum("ik,jk->ij", n.X, n.W1) + n.b1)),
    ],
    "forward-pass.forward": [
        ("recursion", forward_recursive),
        ("columns", forward_columns),
        ("if", passing()),
    ],
    "forward-pass.changed": [
        ("in another order", dict(reversed(CHANGED.items()))),
        ("counted", {change: len(range(rows)) for change, rows in CHANGED.items()}),
    ],
    "forward-pass.representation": [
        ("loops", representation_by_loops),
        ("logits", representation_by_logits),
    ],
    "forward-pass.local_map": [
        ("unit by unit", map_by_units),
        ("selection", map_by_selection),
        ("subtraction", map_by_subtraction),
    ],
    "forward-pass.class_probabilities": [
        ("loops", probabilities_by_loops),
        ("logarithms", probabilities_by_logs),
    ],
}
