"""Answers to the exercises of ``why-neural-networks``: wrong ones as people give them, right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905 - this is how learners write

import itertools
import math

import numpy as np

# --- perceptron_step ------------------------------------------------------------------------------


def stepping(condition=lambda w, x, t: t * (w @ x) <= 0, step=lambda w, x, t: w + t * x):
    def perceptron_step(w, x, t):
        if condition(w, x, t):
            return step(w, x, t)
        return w

    return perceptron_step


def step_without_else(w, x, t):
    if t * (w @ x) <= 0:
        return w + t * x


def step_in_place(w, x, t):
    if t * (w @ x) <= 0:
        w += t * x
    return w


def step_lost(w, x, t):
    if t * (w @ x) <= 0:
        w + t * x
    return w


def step_of_weights_alone(w, x, t):
    if t * (w @ x) <= 0:
        return np.append((w + t * x)[:-1], w[-1])
    return w


def step_of_bias_alone(w, x, t):
    new = w.copy()
    if t * (w @ x) <= 0:
        new[-1] += t
    return new


def step_by_the_residual(w, x, t):
    return w + (t - w @ x) * x


def step_by_the_answer(w, x, t):
    answer = 1 if w @ x > 0 else -1
    if t * (w @ x) <= 0:
        w = w + (t - answer) * x
    return w


def step_returning_the_score(w, x, t):
    z = w @ x
    if t * z <= 0:
        w = w + t * x
    return w, z


def step_appending(w, x, t):
    x = np.append(x, 1)
    if t * (w @ x) <= 0:
        w = w + t * x
    return w


def step_widened(w, x, t):
    new = np.zeros(len(w))
    new[:] = w
    if t * (w @ x) <= 0:
        new += t * x
    return new


def step_in_a_list(w, x, t):
    if t * (w @ x) <= 0:
        return [w_k + t * x_k for w_k, x_k in zip(w, x)]
    return list(w)


def step_by_loop(w, x, t):
    z = 0
    for w_k, x_k in zip(w, x):
        z += w_k * x_k
    new = w.copy()
    if (z > 0 and t > 0) or (z < 0 and t < 0):
        return new
    for k in range(len(w)):
        new[k] += t * x[k]
    return new


def step_without_if(w, x, t):
    return w + (t * (w * x).sum() <= 0) * np.float32(t) * x


def step_by_sign(w, x, t):
    return w if np.sign(np.dot(x, w)) == t else np.add(w, t * x)


# --- perceptron -----------------------------------------------------------------------------------


def looping(
    mistaken=lambda margin: margin <= 0,
    step=lambda x, t: t * x,
    restart=False,
    at_once=False,
    first=lambda passes: passes,
    results=lambda w, counts, passes: (w, sum(counts), len(counts)),
):
    def perceptron(X, t, passes):
        w, counts = np.zeros(X.shape[1]), []
        for _ in range(first(passes)):
            if restart:
                w = np.zeros(X.shape[1])
            old, count = w, 0
            for x_i, t_i in zip(X, t):
                if mistaken(t_i * ((old if at_once else w) @ x_i)):
                    w = w + step(x_i, t_i)
                    count += 1
            counts.append(count)
            if count == 0:
                break
        return results(w, counts, passes)

    return perceptron


def loop_counting_on(X, t, passes):
    w, mistakes = np.zeros(X.shape[1]), 0
    for made in range(1, passes + 1):  # noqa: B007
        for x_i, t_i in zip(X, t):
            if t_i * (w @ x_i) <= 0:
                w = w + t_i * x_i
                mistakes += 1
        if mistakes == 0:
            break
    return w, mistakes, made


def loop_returning_early(X, t, passes):
    w, mistakes = np.zeros(X.shape[1]), 0
    for made in range(1, passes + 1):
        for x_i, t_i in zip(X, t):
            if t_i * (w @ x_i) <= 0:
                w = w + t_i * x_i
                mistakes += 1
            return w, mistakes, made


def loop_shuffling(X, t, passes):
    order = np.random.default_rng(0).permutation(len(X))
    return looping()(X[order], t[order], passes)


def loop_writing_into_x(X, t, passes):
    X *= t[:, None]
    return looping()(X, np.ones(len(t)), passes)


def loop_with_an_axis(X, t, passes):
    w, mistakes, made = looping()(X, t, passes)
    return w[:, None], mistakes, made


def loop_counting_in_an_array(X, t, passes):
    w, mistakes, made = looping()(X, t, passes)
    return w, float(mistakes), made


def loop_counting_passes_in_an_array(X, t, passes):
    w, mistakes, made = looping()(X, t, passes)
    return w, mistakes, np.zeros(()) + made


def loop_of_flipped_rows(X, t, passes):
    rows = [list(t_i * x_i) for x_i, t_i in zip(X, t)]
    w, mistakes, made, clean = [0.0] * X.shape[1], 0, 0, False
    while made < passes and not clean:
        clean = True
        for row in rows:
            if sum(w_k * r_k for w_k, r_k in zip(w, row)) <= 0:
                w = [w_k + r_k for w_k, r_k in zip(w, row)]
                mistakes, clean = mistakes + 1, False
        made += 1
    return np.array(w), mistakes, made


def loop_of_multipliers(X, t, passes):
    """The dual form: how often each example was a mistake."""
    alpha = np.zeros(len(X))
    made, before = 0, -1.0
    while made < passes and alpha.sum() > before:
        before = alpha.sum()
        made += 1
        for i in range(len(X)):
            if t[i] * ((alpha * t) @ (X @ X[i])) <= 0:
                alpha[i] += 1
    return (alpha * t) @ X, int(alpha.sum()), made


# --- predicted ------------------------------------------------------------------------------------

PREDICTED = {
    "perceptron(10 * X, AND, 1000)": 18,
    "perceptron(X, -AND, 1000)": 18,
    "perceptron(twice_X, twice_AND, 1000)": 18,
    "perceptron(X, XOR, 1000)": 4000,
    "perceptron(X, AND_01, 1000)": 3001,
    "perceptron(X[:, :2], OR, 1000)": 1002,
}
SCALED, TURNED, TWICE, ENDLESS, ZERO_ONE, NO_BIAS = PREDICTED


def predicting(run, answer):
    return PREDICTED | {run: answer}


# --- mistake_bound --------------------------------------------------------------------------------


def bounding(
    gamma=lambda X, t, u: (t * (X @ u)).min() / np.linalg.norm(u),
    R=lambda X: np.linalg.norm(X, axis=1).max(),
    bound=lambda gamma, R, n: (R / gamma) ** 2,
    fit=lambda X, t, u: (t * (X @ u) > 0).all(),
):
    def mistake_bound(X, t, u):
        if not fit(X, t, u):
            raise ValueError("u does not separate the classes")
        g, r = gamma(X, t, u), R(X)
        return g, r, bound(g, r, len(X))

    return mistake_bound


def bound_asserting(X, t, u):
    assert (t * (X @ u) > 0).all()
    return bounding()(X, t, u)


def bound_scaling_in_place(X, t, u):
    if not (t * (X @ u) > 0).all():
        raise ValueError
    u /= np.linalg.norm(u)
    return bounding()(X, t, u)


def bound_by_loops(X, t, u):
    length = math.sqrt(sum(u_k**2 for u_k in u))
    margins, lengths = [], []
    for x, t_i in zip(X, t):
        margins.append(t_i * sum(x_k * u_k for x_k, u_k in zip(x, u)))
        lengths.append(math.sqrt(sum(x_k**2 for x_k in x)))
    if min(margins) <= 0:
        raise ValueError("not separated")
    gamma, R = min(margins) / length, max(lengths)
    return gamma, R, R * R / (gamma * gamma)


def bound_of_flipped_rows(X, t, u):
    Y, v = X * t[:, None], u
    if np.any(Y @ v <= 0):
        raise ValueError("not separated")
    gamma = np.min(Y @ (v / np.sqrt(v @ v)))
    R = np.sqrt(np.max(np.einsum("ij,ij->i", X, X)))
    return gamma, R, np.max(np.sum(X * X, axis=1)) / gamma**2


# --- neurons --------------------------------------------------------------------------------------

NEURONS = {
    "OR": (1, 1, -0.5),
    "AND": (1, 1, -1.5),
    "h1 but not h2": (1, -1, -0.5),
    "x1 but not x2": (1, -1, -0.5),
    "x2 but not x1": (-1, 1, -0.5),
}


def setting(question, answer):
    return NEURONS | {question: answer}


# --- collapse -------------------------------------------------------------------------------------


def collapsing(w=lambda W1, W2, w3: w3 @ W2 @ W1, b=lambda b1, W2, b2, w3, b3: None):
    def collapse(W1, b1, W2, b2, w3, b3):
        found = b(b1, W2, b2, w3, b3)
        return w(W1, W2, w3), w3 @ (W2 @ b1 + b2) + b3 if found is None else found

    return collapse


def collapse_in_float64(W1, b1, W2, b2, w3, b3):
    w = np.zeros(W1.shape[1])
    w += w3 @ W2 @ W1
    return w, w3 @ (W2 @ b1 + b2) + b3


def collapse_bias_in_place(W1, b1, W2, b2, w3, b3):
    b2 += W2 @ b1
    return w3 @ W2 @ W1, w3 @ b2 + b3


def collapse_at_unit_inputs(W1, b1, W2, b2, w3, b3):
    def score(x):
        return w3 @ (W2 @ (W1 @ x + b1) + b2) + b3

    return np.array([score(e) for e in np.eye(W1.shape[1])]), score(np.zeros(W1.shape[1]))


def collapse_by_loops(W1, b1, W2, b2, w3, b3):
    w, b = np.zeros(W1.shape[1], W1.dtype), b3
    for i in range(len(W2)):
        b = b + w3[i] * b2[i]
        for j in range(len(W1)):
            b = b + w3[i] * W2[i, j] * b1[j]
            for k in range(W1.shape[1]):
                w[k] += w3[i] * W2[i, j] * W1[j, k]
    return w, b


def collapse_with_hats(W1, b1, W2, b2, w3, b3):
    """Matrices with a row and a column more, for the biases."""

    def hat(W, b):
        last = np.append(np.zeros_like(W[0]), W.dtype.type(1))
        return np.vstack([np.column_stack([W, b]), last])

    row = np.append(w3, w3.dtype.type(b3)) @ hat(W2, b2) @ hat(W1, b1)
    return row[:-1], row[-1]


# --- distance_spread ------------------------------------------------------------------------------


def all_pairs(X):
    return np.array([((a - b) ** 2).sum() for a, b in itertools.combinations(X, 2)])


def spreading(
    squares=all_pairs,
    average=lambda q: q.mean(),
    spread=lambda q: q.std() / q.mean(),
):
    def distance_spread(X):
        q = squares(X)
        return average(q), spread(q)

    return distance_spread


def spread_in_place(X):
    X -= X.mean(0)
    return spreading()(X)


def spread_by_products(X):
    n = len(X)
    lengths = (X**2).sum(1)
    table = lengths[:, None] - 2 * X @ X.T + lengths
    q = table[np.triu_indices(n, 1)]
    return q.mean(), np.sqrt((q**2).mean() - q.mean() ** 2) / q.mean()


def spread_of_both_orders(X):
    q = [math.dist(X[i], X[m]) ** 2 for i in range(len(X)) for m in range(len(X)) if i != m]
    average = sum(q) / len(q)
    return average, math.sqrt(sum((v - average) ** 2 for v in q) / len(q)) / average


# --- nearest_class --------------------------------------------------------------------------------


def table_of(A, A_new):
    return np.sqrt(((A_new[:, None, :] - A) ** 2).sum(axis=2))


def answering(scale, choose=np.argmin):
    def nearest_class(X_train, t_train, X_new):
        A, A_new = scale(X_train, X_new)
        distances = table_of(A, A_new)
        i = choose(distances, axis=1)
        return t_train[i], distances[np.arange(len(i)), i]

    return nearest_class


def by_training(X, X_new):
    return (X - X.mean(0)) / X.std(0), (X_new - X.mean(0)) / X.std(0)


def by_each(X, X_new):
    return (X - X.mean(0)) / X.std(0), (X_new - X_new.mean(0)) / X_new.std(0)


def guarded(X):
    return (X - X.mean(0)) / (X.std(0) + 1e-8)


def by_both(X, X_new):
    both = np.concatenate([X, X_new])
    return (X - both.mean(0)) / both.std(0), (X_new - both.mean(0)) / both.std(0)


def by_stored_alone(X, X_new):
    return (X - X.mean(0)) / X.std(0), X_new


def by_new(X, X_new):
    return (X - X_new.mean(0)) / X_new.std(0), (X_new - X_new.mean(0)) / X_new.std(0)


def by_one_width(X, X_new):
    return (X - X.mean()) / X.std(), (X_new - X.mean()) / X.std()


def by_variance(X, X_new):
    return (X - X.mean(0)) / X.var(0), (X_new - X.mean(0)) / X.var(0)


def by_sample(X, X_new):
    return (X - X.mean(0)) / X.std(0, ddof=1), (X_new - X.mean(0)) / X.std(0, ddof=1)


def by_examples(X, X_new):
    def scaled(A):
        return (A - A.mean(1, keepdims=True)) / A.std(1, keepdims=True)

    return scaled(X), scaled(X_new)


def each_guarded(X_train, t_train, X_new):
    """As it was, but a single example is left as it is."""
    if len(X_new) == 1:
        return answering(by_training)(X_train, t_train, X_new)
    return answering(by_each)(X_train, t_train, X_new)


def indices_for_classes(X_train, t_train, X_new):
    distances = table_of(*by_training(X_train, X_new))
    return distances.argmin(1), distances.min(1)


def squares_for_distances(X_train, t_train, X_new):
    classes, distance = answering(by_training)(X_train, t_train, X_new)
    return classes, distance**2


def over_the_wrong_axis(X_train, t_train, X_new):
    distances = table_of(*by_training(X_train, X_new))
    return t_train[distances.argmin(0)], distances.min(0)


def class_of_the_farthest(X_train, t_train, X_new):
    distances = table_of(*by_training(X_train, X_new))
    return t_train[distances.argmax(1)], distances.min(1)


def scaled_in_place(X_train, t_train, X_new):
    mean, std = X_train.mean(0), X_train.std(0)
    X_new -= mean
    X_new /= std
    distances = table_of((X_train - mean) / std, X_new)
    return t_train[distances.argmin(1)], distances.min(1)


def one_answer(X_train, t_train, X_new):
    distances = table_of(*by_training(X_train, X_new))
    return t_train[distances[0].argmin()], distances[0].min()


def nearest_by_loops(X_train, t_train, X_new):
    mean, std = X_train.mean(0), X_train.std(0)
    classes, found = [], []
    for x in X_new:
        best, label = math.inf, None
        for stored, t in zip(X_train, t_train):
            distance = math.sqrt((((x - mean) / std - (stored - mean) / std) ** 2).sum())
            if distance < best:
                best, label = distance, t
        classes.append(label)
        found.append(best)
    return np.array(classes), np.array(found)


def nearest_by_weights(X_train, t_train, X_new):
    """The means cancel: each feature counts by one over its variance."""
    weights = 1 / X_train.var(0)
    products = (X_new * weights) @ X_train.T
    squares = ((X_new**2) @ weights)[:, None] - 2 * products + (X_train**2) @ weights
    return np.take(t_train, squares.argmin(1)), squares.min(1) ** 0.5


WRONG = {
    "why-neural-networks.perceptron_step": [
        (
            "answers of 0 and 1",
            lambda w, x, t: w + t * x if (1 if w @ x > 0 else 0) != t else w,
            "w",
            "answers of 0 and 1",
        ),
        ("strict", stepping(lambda w, x, t: t * (w @ x) < 0), "w", "score of exactly 0"),
        (
            "0 is +1",
            stepping(lambda w, x, t: (1 if w @ x >= 0 else -1) != t),
            "w",
            "0 as the class +1",
        ),
        (
            "0 is -1",
            stepping(lambda w, x, t: (1 if w @ x > 0 else -1) != t),
            "w",
            "0 as the class -1",
        ),
        ("always", stepping(lambda w, x, t: True), "w", "corrects its mistakes only"),
        ("never", step_lost, "w", "Your weights never change"),
        ("away", stepping(step=lambda w, x, t: w - t * x), "w", "You subtract t * x"),
        ("class left out", stepping(step=lambda w, x, t: w + x), "w", "whatever its class"),
        ("turned around", stepping(lambda w, x, t: t * (w @ x) > 0), "w", "is turned around"),
        ("class not asked", stepping(lambda w, x, t: w @ x <= 0), "w", "at the score alone"),
        ("replaced", stepping(step=lambda w, x, t: t * x), "w", "added to the weights"),
        ("by the answer", step_by_the_answer, "w", "(t - answer) * x"),
        ("by the residual", step_by_the_residual, "w", "another rule, of least squares"),
        (
            "by the score",
            stepping(step=lambda w, x, t: w - t * (w @ x) * x),
            "w",
            "in proportion to the score",
        ),
        ("a tenth", stepping(step=lambda w, x, t: w + 0.1 * t * x), "w", "no learning rate here"),
        ("weights alone", step_of_weights_alone, "w", "It is the bias"),
        ("bias alone", step_of_bias_alone, "w", "times its own feature"),
        ("no else", step_without_else, "shapes", "returns nothing (None)"),
        ("with the score", step_returning_the_score, "shapes", "2"),
        ("a 1 too many", step_appending, "shapes", "stops with a ValueError"),
        ("a list", step_in_a_list, "shapes", "it must be a NumPy array"),
        ("float64", step_widened, "float32", "it must stay float32"),
        ("in place", step_in_place, "inputs unchanged", "changes w"),
    ],
    "why-neural-networks.perceptron": [
        ("strict", looping(lambda margin: margin < 0), "w", "Your weights stay zero"),
        ("always", looping(lambda margin: True), "w", "corrects its mistakes only"),
        ("turned around", looping(lambda margin: margin >= 0), "w", "is turned around"),
        ("class left out", looping(step=lambda x, t: x), "w", "t does both"),
        ("away", looping(step=lambda x, t: -t * x), "w", "You subtract t * x"),
        ("all at once", looping(at_once=True), "w", "from before the pass"),
        ("starts anew", looping(restart=True), "w", "start from zero in every pass"),
        ("one pass", looping(first=lambda passes: 1), "w", "your loop ends after the first pass"),
        ("one example", loop_returning_early, "w", "Only the first example"),
        ("a pass too few", looping(first=lambda passes: passes - 1), "w", "one pass fewer"),
        (
            "bias kept",
            looping(step=lambda x, t: t * np.append(x[:-1], 0)),
            "w",
            "The last entry of your weights",
        ),
        ("shuffled", loop_shuffling, "w", "in order"),
        (
            "nothing counted",
            looping(results=lambda w, counts, passes: (w, 0, len(counts))),
            "mistakes",
            "always 0",
        ),
        (
            "last pass",
            looping(results=lambda w, counts, passes: (w, counts[-1], len(counts))),
            "mistakes",
            "of the last pass",
        ),
        (
            "first pass",
            looping(results=lambda w, counts, passes: (w, counts[0], len(counts))),
            "mistakes",
            "of the first pass",
        ),
        ("counting on", loop_counting_on, "passes_made", "start at 0 in each pass"),
        (
            "counting on, from zero",
            lambda X, t, passes: (*loop_counting_on(X, t, passes)[:2], passes - 1),
            "passes_made",
            "the last allowed pass",
        ),
        (
            "clean pass left out",
            looping(results=lambda w, counts, passes: (w, sum(counts), sum(c > 0 for c in counts))),
            "passes_made",
            "It has been made, too",
        ),
        (
            "from zero",
            looping(results=lambda w, counts, passes: (w, sum(counts), len(counts) - 1)),
            "passes_made",
            "counted from 0",
        ),
        (
            "a list of counts",
            looping(results=lambda w, counts, passes: (w, counts, len(counts))),
            "shapes",
            "it must be a single number",
        ),
        (
            "two results",
            looping(results=lambda w, counts, passes: (w, sum(counts))),
            "shapes",
            "2 results instead of 3",
        ),
        ("an axis too many", loop_with_an_axis, "shapes", "it must have shape (d+1,)"),
        ("a float", loop_counting_in_an_array, "whole mistakes", "counted in int"),
        (
            "passes in an array",
            loop_counting_passes_in_an_array,
            "whole passes",
            "counted in int",
        ),
        ("in place", loop_writing_into_x, "inputs unchanged", "changes X"),
    ],
    "why-neural-networks.predicted": [
        ("longer steps", predicting(SCALED, 180), SCALED, "its sign is the same"),
        ("sooner", predicting(SCALED, 2), SCALED, "do not get there sooner"),
        ("none", predicting(TURNED, 0), TURNED, "a mistake for either class"),
        ("twice", predicting(TWICE, 36), TWICE, "the second pass would have been"),
        ("half", predicting(TWICE, 9), TWICE, "half as many passes"),
        ("never wrong", predicting(ENDLESS, 0), ENDLESS, "no pass can be free"),
        ("one a pass", predicting(ENDLESS, 1000), ENDLESS, "At least one mistake"),
        ("one pass", predicting(ENDLESS, 4), ENDLESS, "That is one pass"),
        ("as before", predicting(ZERO_ONE, 18), ZERO_ONE, "in place of -1"),
        ("three a pass", predicting(ZERO_ONE, 3000), ZERO_ONE, "What about the fourth"),
        ("the first pass", predicting(ZERO_ONE, 4), ZERO_ONE, "That is the first pass"),
        ("with a bias", predicting(NO_BIAS, 9), NO_BIAS, "with the constant feature"),
        ("no origin", predicting(NO_BIAS, 2), NO_BIAS, "You leave out the example (0, 0)"),
        ("origin alone", predicting(NO_BIAS, 1000), NO_BIAS, "wrong at first, too"),
        ("text", predicting(TURNED, "18"), TURNED, "a whole number"),
        ("a float", predicting(TWICE, 18.0), TWICE, "a whole number"),
        ("another", predicting(TURNED, 17), TURNED, "another number of mistakes"),
        ("a blank left", predicting(NO_BIAS, ...), NO_BIAS, "still waits"),
    ],
    "why-neural-networks.mistake_bound": [
        (
            "u as it is",
            bounding(gamma=lambda X, t, u: (t * (X @ u)).min()),
            "gamma",
            "You take u as long as it is",
        ),
        (
            "by the square",
            bounding(gamma=lambda X, t, u: (t * (X @ u)).min() / (u @ u)),
            "gamma",
            "the square of the length of u",
        ),
        (
            "no classes",
            bounding(gamma=lambda X, t, u: (X @ u).min() / np.linalg.norm(u)),
            "gamma",
            "You take the smallest score",
        ),
        (
            "largest",
            bounding(gamma=lambda X, t, u: (t * (X @ u)).max() / np.linalg.norm(u)),
            "gamma",
            "the largest of the margins",
        ),
        (
            "mean",
            bounding(gamma=lambda X, t, u: (t * (X @ u)).mean() / np.linalg.norm(u)),
            "gamma",
            "the mean of the margins",
        ),
        (
            "angles",
            bounding(
                gamma=lambda X, t, u: (
                    (t * (X @ u)) / np.linalg.norm(X, axis=1) / np.linalg.norm(u)
                ).min()
            ),
            "gamma",
            "Only u is scaled",
        ),
        (
            "all margins",
            bounding(gamma=lambda X, t, u: t * (X @ u) / np.linalg.norm(u)),
            "shapes",
            "a single number",
        ),
        ("squared R", bounding(R=lambda X: (X**2).sum(1).max()), "R", "square of the length"),
        ("largest entry", bounding(R=np.max), "R", "R"),
        ("largest size", bounding(R=lambda X: abs(X).max()), "R", "the largest entry of X"),
        ("one norm", bounding(R=np.linalg.norm), "R", "one length for all of X"),
        (
            "columns",
            bounding(R=lambda X: np.linalg.norm(X, axis=0).max()),
            "R",
            "lengths of the columns",
        ),
        ("sums", bounding(R=lambda X: abs(X).sum(1).max()), "R", "You add up absolute values"),
        (
            "shortest",
            bounding(R=lambda X: np.linalg.norm(X, axis=1).min()),
            "R",
            "the shortest example",
        ),
        (
            "no constant",
            bounding(R=lambda X: np.linalg.norm(X[:, :-1], axis=1).max()),
            "R",
            "You leave out the last feature",
        ),
        ("not squared", bounding(bound=lambda g, R, n: R / g), "bound", "the square of that"),
        ("upside down", bounding(bound=lambda g, R, n: (g / R) ** 2), "bound", "upside down"),
        ("gamma squared", bounding(bound=lambda g, R, n: R / g**2), "bound", "but not R"),
        ("R squared", bounding(bound=lambda g, R, n: R**2 / g), "bound", "but not gamma"),
        ("times n", bounding(bound=lambda g, R, n: n * (R / g) ** 2), "bound", "does not contain"),
        ("whole", bounding(bound=lambda g, R, n: int((R / g) ** 2)), "bound", "lost everything"),
        (
            "refuses nothing",
            bounding(fit=lambda X, t, u: True),
            "refuses bad directions",
            "accepts an input it must refuse",
        ),
        (
            "refuses the negative",
            bounding(fit=lambda X, t, u: (t * (X @ u) >= 0).all()),
            "refuses bad directions",
            "must be positive",
        ),
        ("asserts", bound_asserting, "refuses bad directions", "raises AssertionError"),
        ("exchanged", lambda *a: (*bounding()(*a)[1::-1], bounding()(*a)[2]), "gamma", "R where"),
        ("bound alone", lambda *a: bounding()(*a)[2], "shapes", "instead of 3 results"),
        ("in place", bound_scaling_in_place, "inputs unchanged", "changes u"),
    ],
    "why-neural-networks.neurons": [
        ("AND for OR", setting("OR", (1, 1, -1.5)), "OR", "Your neuron computes AND"),
        ("no bias in OR", setting("OR", (0.5, 0.5, 0.5)), "OR", "true whatever the inputs"),
        ("one input", setting("OR", (1, 0, -0.5)), "OR", "x1, whatever x2 is"),
        ("a score of 0", setting("OR", (1, 1, -1)), "OR", "A score of exactly 0 is false"),
        ("OR for AND", setting("AND", (1, 1, -0.5)), "AND", "Your neuron computes OR"),
        ("NAND for AND", setting("AND", (-2, -2, 3)), "AND", "Your neuron computes NAND"),
        ("2 too high", setting("AND", (1, 1, -2)), "AND", "A score of exactly 0 is false"),
        ("adds h2", setting("h1 but not h2", (2, 2, -1)), "h1 but not h2", "hands on h1"),
        ("AND of both", setting("h1 but not h2", (2, 2, -3)), "h1 but not h2", "hands on h2"),
        ("equal", setting("h1 but not h2", (-1, 2, 0.5)), "h1 but not h2", "the opposite"),
        ("low", setting("h1 but not h2", (1, -1, -1)), "h1 but not h2", "bias too low?"),
        ("biased", setting("h1 but not h2", (1, -2, 0.5)), "h1 but not h2", "the bias alone"),
        ("exchanged", setting("x1 but not x2", (-1, 1, -0.5)), "x1 but not x2", "x2 but not x1"),
        ("either", setting("x2 but not x1", (1, 1, -0.5)), "x2 but not x1", "computes OR"),
        ("not x1", setting("x2 but not x1", (-1, 0, 0.5)), "x2 but not x1", "not x1, whatever"),
        ("two numbers", setting("OR", (1, 1)), "OR", "A neuron is three numbers"),
        ("nested", setting("AND", ((1, 1), -1.5)), "AND", "A neuron is three numbers"),
        ("text", setting("AND", "1, 1, -1.5"), "AND", "A neuron is three numbers"),
        ("not a number", setting("OR", (np.nan, 1, 1)), "OR", "A neuron is three numbers"),
        ("a blank left", setting("AND", ...), "AND", "still waits"),
    ],
    "why-neural-networks.collapse": [
        (
            "last neuron left out",
            collapsing(w=lambda W1, W2, w3: (W2 @ W1).sum(0)),
            "w",
            "The last neuron weighs them",
        ),
        (
            "two layers",
            collapsing(w=lambda W1, W2, w3: W2 @ W1),
            "shapes",
            "the first two layers as one",
        ),
        (
            "second left out",
            collapsing(w=lambda W1, W2, w3: w3 @ W1),
            "shapes",
            "W2 stands between them",
        ),
        ("first left out", collapsing(w=lambda W1, W2, w3: w3 @ W2), "shapes", "W1 is not in"),
        (
            "other order",
            collapsing(w=lambda W1, W2, w3: W1 @ W2 @ w3),
            "shapes",
            "at the right end: w3 @ W2 @ W1",
        ),
        (
            "rows",
            collapsing(w=lambda W1, W2, w3: W2 @ w3 @ W1),
            "shapes",
            "one for each neuron of the second layer",
        ),
        (
            "entry by entry",
            collapsing(w=lambda W1, W2, w3: (w3[:, None] * W2 * W1.T).sum(0)),
            "shapes",
            "entry by entry",
        ),
        (
            "an axis",
            collapsing(w=lambda W1, W2, w3: w3[None] @ W2 @ W1),
            "shapes",
            "has kept an axis of length 1",
        ),
        ("with the bias", collapse_at_unit_inputs, "w", "less the score at 0"),
        ("b3 alone", collapsing(b=lambda b1, W2, b2, w3, b3: b3), "b", "Your b is b3 alone"),
        (
            "added up",
            collapsing(b=lambda b1, W2, b2, w3, b3: b1.sum() + b2.sum() + b3),
            "b",
            "You add up all biases",
        ),
        (
            "arrays added",
            collapsing(b=lambda b1, W2, b2, w3, b3: b1 + b2 + b3),
            "shapes",
            "as they are",
        ),
        ("no b1", collapsing(b=lambda b1, W2, b2, w3, b3: w3 @ b2 + b3), "b", "b1 is not in"),
        ("no b2", collapsing(b=lambda b1, W2, b2, w3, b3: w3 @ W2 @ b1 + b3), "b", "b2 is not in"),
        ("no b3", collapsing(b=lambda b1, W2, b2, w3, b3: w3 @ (W2 @ b1 + b2)), "b", "b3 is not"),
        (
            "b1 past W2",
            collapsing(b=lambda b1, W2, b2, w3, b3: w3 @ (b1 + b2) + b3),
            "shapes",
            "b1 passes W2",
        ),
        (
            "b an array",
            collapsing(b=lambda b1, W2, b2, w3, b3: np.array([w3 @ (W2 @ b1 + b2) + b3])),
            "shapes",
            "packed in an array",
        ),
        ("float64", collapse_in_float64, "float32", "it must stay float32"),
        ("in place", collapse_bias_in_place, "inputs unchanged", "changes b2"),
    ],
    "why-neural-networks.distance_spread": [
        (
            "not squared",
            spreading(average=lambda q: np.sqrt(q).mean()),
            "average",
            "leave the root out",
        ),
        (
            "root of the mean",
            spreading(average=lambda q: np.sqrt(q.mean())),
            "average",
            "the root of the mean",
        ),
        (
            "with itself",
            spreading(lambda X: ((X[:, None] - X) ** 2).sum(2)),
            "average",
            "each point's distance to itself",
        ),
        (
            "table of norms",
            spreading(lambda X: np.linalg.norm(X[:, None] - X, axis=2)),
            "average",
            "and you count each point's",
        ),
        (
            "over the points",
            spreading(lambda X: ((X[:, None] - X) ** 2).sum(1)),
            "average",
            "You add up over the points",
        ),
        ("sum", spreading(average=lambda q: q.sum()), "average", "the sum over all pairs"),
        (
            "by the points",
            lambda X: (all_pairs(X).sum() / len(X), spreading()(X)[1]),
            "average",
            "the number of points",
        ),
        (
            "mean over features",
            spreading(lambda X: all_pairs(X) / X.shape[1]),
            "average",
            "the number of features",
        ),
        (
            "neighbors",
            spreading(lambda X: ((X[1:] - X[:-1]) ** 2).sum(1)),
            "average",
            "with the next one only",
        ),
        (
            "from the first",
            spreading(lambda X: ((X[1:] - X[0]) ** 2).sum(1)),
            "average",
            "from the first point only",
        ),
        (
            "from the center",
            spreading(lambda X: ((X - X.mean(0)) ** 2).sum(1)),
            "average",
            "from the mean of all points",
        ),
        ("columns", spreading(lambda X: all_pairs(X.T)), "average", "A point is a row"),
        (
            "absolute",
            spreading(
                lambda X: np.array([abs(a - b).sum() for a, b in itertools.combinations(X, 2)])
            ),
            "average",
            "absolute differences",
        ),
        ("one array", lambda X: np.array(spreading()(X)), "shapes", "one array instead of 2"),
        ("all distances", spreading(average=lambda q: q), "shapes", "a single number"),
        ("variance", spreading(spread=lambda q: q.var() / q.mean()), "spread", "is its root"),
        (
            "squared",
            spreading(spread=lambda q: q.var() / q.mean() ** 2),
            "spread",
            "the root of the variance is missing",
        ),
        ("not relative", spreading(spread=np.std), "spread", "as a fraction of the mean"),
        ("upside down", spreading(spread=lambda q: q.mean() / q.std()), "spread", "upside down"),
        (
            "ddof",
            spreading(spread=lambda q: q.std(ddof=1) / q.mean()),
            "spread",
            "np.std without ddof",
        ),
        (
            "of distances",
            spreading(spread=lambda q: np.sqrt(q).std() / np.sqrt(q).mean()),
            "spread",
            "that of the distances",
        ),
        (
            "theory",
            lambda X: (spreading()(X)[0], np.sqrt(7 / (5 * X.shape[1]))),
            "spread",
            "it is to be measured",
        ),
        ("exchanged", lambda X: spreading()(X)[::-1], "average", "average comes first"),
        ("in place", spread_in_place, "inputs unchanged", "changes X"),
    ],
    "why-neural-networks.nearest_class": [
        ("as it was", answering(by_each), "distance", "what the code did already"),
        (
            "guarded",
            answering(lambda X, X_new: (by_each(X, X)[0], guarded(X_new))),
            "distance",
            "keeps the division from failing",
        ),
        ("one alone mended", each_guarded, "distance", "who else is asked about"),
        ("pooled", answering(by_both), "distance", "old and new examples together"),
        ("stored scaled alone", answering(by_stored_alone), "distance", "with the same ruler"),
        ("not scaled", answering(lambda X, X_new: (X, X_new)), "distance", "counts for more"),
        ("by the new", answering(by_new), "distance", "everything by the new examples"),
        ("one width", answering(by_one_width), "distance", "has its own: axis=0"),
        ("variance", answering(by_variance), "distance", "You divide by the variance"),
        ("ddof", answering(by_sample), "distance", "ddof=1"),
        ("each example", answering(by_examples), "distance", "each row, by its own mean"),
        ("farthest", answering(by_training, np.argmax), "distance", "the farthest stored"),
        ("squares", squares_for_distances, "distance", "the root is missing"),
        ("wrong axis", over_the_wrong_axis, "shapes", "Which axis of your table"),
        ("indices", indices_for_classes, "t_new", "the number of the nearest example"),
        ("far classes", class_of_the_farthest, "t_new", "class of the farthest"),
        (
            "first classes",
            lambda X, t, X_new: (t[: len(X_new)], answering(by_training)(X, t, X_new)[1]),
            "shapes",
            "t_new",
        ),
        ("one answer", one_answer, "shapes", "it must have shape (m,)"),
        (
            "classes alone",
            lambda *a: answering(by_training)(*a)[0],
            "shapes",
            "one array instead of 2 results",
        ),
        ("in place", scaled_in_place, "inputs unchanged", "changes X_new"),
    ],
}

RIGHT = {
    "why-neural-networks.perceptron_step": [
        ("loop", step_by_loop),
        ("without if", step_without_if),
        ("by sign", step_by_sign),
    ],
    "why-neural-networks.perceptron": [
        ("lists of flipped rows", loop_of_flipped_rows),
        ("dual form", loop_of_multipliers),
    ],
    "why-neural-networks.predicted": [
        ("in another order", dict(reversed(PREDICTED.items()))),
        ("computed", {run: int(str(count)) for run, count in PREDICTED.items()}),
    ],
    "why-neural-networks.mistake_bound": [
        ("loops", bound_by_loops),
        ("flipped rows", bound_of_flipped_rows),
    ],
    "why-neural-networks.neurons": [
        (
            "the chapter's",
            {
                "OR": [2, 2, -1],
                "AND": [2, 2, -3],
                "h1 but not h2": [2, -2, -1],
                "x1 but not x2": [2, -2, -1],
                "x2 but not x1": [-2, 2, -1],
            },
        ),
        (
            "arrays, uneven",
            {
                "OR": np.array([3.0, 5.0, -0.1]),
                "AND": np.array([3.0, 5.0, -6.5], dtype=np.float32),
                "h1 but not h2": np.array([7, -90, -2]),
                "x1 but not x2": (0.3, -0.4, np.float64(-0.1)),
                "x2 but not x1": (-40, 4, -1),
            },
        ),
    ],
    "why-neural-networks.collapse": [
        ("loops", collapse_by_loops),
        ("hats", collapse_with_hats),
        ("einsum", collapsing(w=lambda W1, W2, w3: np.einsum("n,nm,md->d", w3, W2, W1))),
    ],
    "why-neural-networks.distance_spread": [
        ("combinations", spreading()),
        ("products", spread_by_products),
        ("both orders", spread_of_both_orders),
    ],
    "why-neural-networks.nearest_class": [
        ("loops", nearest_by_loops),
        ("weights", nearest_by_weights),
    ],
}
