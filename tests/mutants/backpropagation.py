"""Answers to the exercises of ``backpropagation``: wrong ones as people give them, and right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905 - this is how learners write

from types import SimpleNamespace

import numpy as np

# --- relu_pullback --------------------------------------------------------------------------------


def relu_in_place(dA, Z):
    dA[Z <= 0] = 0
    return dA


def relu_where(dA, Z):
    return dA * np.where(Z > 0, 1.0, 0.0)


def relu_keeping_scores(dA, Z):
    return np.where(Z > 0, dA, Z)


def relu_by_if(dA, Z):
    if Z > 0:
        return dA
    return 0 * dA


def relu_by_loops(dA, Z):
    dZ = np.zeros_like(dA)
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            if Z[i, j] > 0:
                dZ[i, j] = dA[i, j]
    return dZ


def relu_stacking(dA, Z):
    return np.stack([g * (z > 0) for g, z in zip(dA, Z)])


def relu_first_row(dA, Z):
    dZ = np.zeros_like(dA)
    for i in range(len(Z)):
        dZ[i] = dA[i] * (Z[i] > 0)
        return dZ
    return dZ


def relu_copying(dA, Z):
    dZ = dA.copy()
    dZ[Z <= 0] = 0
    return dZ


# --- Affine ---------------------------------------------------------------------------------------


class Affine:
    """A right one, from which the wrong ones differ in a method or two."""

    def __init__(self, W, b):
        self.W, self.b = W, b
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def forward(self, X):
        self.X = X
        return X @ self.W.T + self.b

    def backward(self, dZ):
        self.dW += dZ.T @ self.X
        self.db += dZ.sum(0)
        return dZ @ self.W

    def zero_grad(self):
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)


def affine(**methods):
    """The right class with some of its methods changed."""
    return type("Affine", (), {**vars(Affine), **methods})


def forward_without_bias(self, X):
    self.X = X
    return X @ self.W.T


def forward_without_transpose(self, X):
    self.X = X
    return X @ self.W + self.b


def forward_the_other_way(self, X):
    self.X = X
    return self.W @ X + self.b


def forward_clearing(self, X):
    self.zero_grad()
    self.X = X
    return X @ self.W.T + self.b


def backward_after_a_step(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)
    self.W = self.W - 0.1 * self.dW
    self.b = self.b - 0.1 * self.db
    return dZ @ self.W


def forward_without_return(self, X):
    self.X = X
    self.Z = X @ self.W.T + self.b


def forward_without_memory(self, X):
    return X @ self.W.T + self.b


def forward_keeping_the_first(self, X):
    if not hasattr(self, "X"):
        self.X = X
    return X @ self.W.T + self.b


def forward_keeping_z(self, X):
    self.X = X @ self.W.T + self.b
    return self.X


def forward_in_the_class(self, X):
    type(self).X = X
    return X @ self.W.T + self.b


def backward_clearing(self, dZ):
    dX = Affine.backward(self, dZ)
    dZ[:] = 0  # it is done with
    return dX


def backward_without_return(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)


def backward_returning_all(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)
    return dZ @ self.W, self.dW, self.db


def backward_returning_dw(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)
    return self.dW


def backward_only_stepping(self, dZ):
    self.W -= dZ.T @ self.X
    self.b -= dZ.sum(0)
    return dZ @ self.W


def backward_using_dx(self, dZ):
    dX = dZ @ self.W
    self.dW += dX.T @ self.X
    self.db += dX.sum(0)
    return dX


def backward_through_w_t(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)
    return dZ @ self.W.T


def backward_adding_dx(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)
    self.dX = getattr(self, "dX", 0) + dZ @ self.W
    return self.dX


def backward_overwriting(self, dZ):
    self.dW = dZ.T @ self.X
    self.db = dZ.sum(0)
    return dZ @ self.W


def backward_overwriting_w(self, dZ):
    self.dW = dZ.T @ self.X
    self.db += dZ.sum(0)
    return dZ @ self.W


def backward_overwriting_b(self, dZ):
    self.dW += dZ.T @ self.X
    self.db = dZ.sum(0)
    return dZ @ self.W


def backward_averaging(self, dZ):
    self.dW += dZ.T @ self.X / len(dZ)
    self.db += dZ.mean(0)
    return dZ @ self.W


def backward_averaging_b(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.mean(0)
    return dZ @ self.W


def backward_transposed(self, dZ):
    self.dW = self.dW + self.X.T @ dZ
    self.db += dZ.sum(0)
    return dZ @ self.W


def backward_over_outputs(self, dZ):
    self.dW += dZ.T @ self.X
    self.db = self.db + dZ.sum(1)
    return dZ @ self.W


def backward_twice(self, dZ):
    self.dW += 2 * dZ.T @ self.X
    self.db += dZ.sum(0)
    return dZ @ self.W


def backward_forgetting_self(self, dZ):
    dW = dZ.T @ self.X  # noqa: F841
    db = dZ.sum(0)  # noqa: F841
    return dZ @ self.W


def backward_stepping(self, dZ):
    self.dW += dZ.T @ self.X
    self.db += dZ.sum(0)
    dX = dZ @ self.W
    self.W = self.W - self.dW
    return dX


def backward_stepping_in_place(self, dZ):
    dX = Affine.backward(self, dZ)
    self.W -= 0.1 * self.dW
    return dX


def zero_grad_of_w(self):
    self.dW = np.zeros_like(self.W)


def zero_grad_of_b(self):
    self.db = np.zeros_like(self.b)


def zero_grad_to_numbers(self):
    self.dW = self.db = 0.0


def zero_grad_to_none(self):
    self.dW = self.db = None


def zero_grad_in_float64(self):
    self.dW = np.zeros(self.W.shape)
    self.db = np.zeros(self.b.shape)


def zero_grad_of_names(self):
    dW = np.zeros_like(self.W)  # noqa: F841
    db = np.zeros_like(self.b)  # noqa: F841


def zero_grad_in_place(self):
    self.dW[:] = 0
    self.db[:] = 0


def backward_by_einsum(self, dZ):
    self.dW = self.dW + np.einsum("ij,ik->jk", dZ, self.X)
    self.db = self.db + np.einsum("ij->j", dZ)
    return np.einsum("ij,jk->ik", dZ, self.W)


class AffineByLoops:
    """One example after the other; the inputs are kept as a list of rows."""

    def __init__(self, W, b):
        self.W, self.b = W, b
        self.zero_grad()

    def forward(self, X):
        self.rows = list(X)
        Z = np.empty((len(X), len(self.b)), X.dtype)
        for i, x in enumerate(self.rows):
            for j, (w, b) in enumerate(zip(self.W, self.b)):
                Z[i, j] = sum(w * x) + b
        return Z

    def backward(self, dZ):
        dX = []
        for x, dz in zip(self.rows, dZ):
            for j, g in enumerate(dz):
                self.dW[j] += g * x
                self.db[j] += g
            dX.append(sum(g * w for g, w in zip(dz, self.W)))
        return np.array(dX)

    def zero_grad(self):
        self.dW, self.db = 0 * self.W, 0 * self.b


# --- two_layer_gradients --------------------------------------------------------------------------


def softmax(Z, axis=1):
    E = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


LINES = {
    "Z1": lambda n: n.X @ n.W1.T + n.b1,
    "A1": lambda n: np.maximum(n.Z1, 0),
    "Z2": lambda n: n.A1 @ n.W2.T + n.b2,
    "P": lambda n: softmax(n.Z2),
    "Y": lambda n: np.eye(len(n.b2), dtype=n.X.dtype)[n.t],
    "dZ2": lambda n: (n.P - n.Y) / len(n.X),
    "dW2": lambda n: n.dZ2.T @ n.A1,
    "db2": lambda n: n.dZ2.sum(0),
    "dA1": lambda n: n.dZ2 @ n.W2,
    "dZ1": lambda n: n.dA1 * (n.Z1 > 0),
    "dW1": lambda n: n.dZ1.T @ n.X,
    "db1": lambda n: n.dZ1.sum(0),
}
SIX = ("dZ2", "dW2", "db2", "dZ1", "dW1", "db1")


def six(results=SIX, **changed):
    """The right answer with some of its lines changed; a line may use those before it."""

    def two_layer_gradients(X, t, W1, b1, W2, b2):
        n = SimpleNamespace(X=X, t=t, W1=W1, b1=b1, W2=W2, b2=b2)
        for name, line in (LINES | changed).items():
            setattr(n, name, line(n))
        return tuple(getattr(n, name) for name in results)

    return two_layer_gradients


def six_in_place(X, t, W1, b1, W2, b2):
    X -= X.mean()
    return six()(X, t, W1, b1, W2, b2)


def six_by_loops(X, t, W1, b1, W2, b2):
    B, d_in = X.shape
    K, d_h = W2.shape
    dZ1, dZ2 = np.zeros((B, d_h), X.dtype), np.zeros((B, K), X.dtype)
    dW1, db1, dW2, db2 = map(np.zeros_like, (W1, b1, W2, b2))
    for i in range(B):
        z1 = [sum(W1[j, k] * X[i, k] for k in range(d_in)) + b1[j] for j in range(d_h)]
        a1 = [max(z, X.dtype.type(0)) for z in z1]
        z2 = [sum(W2[k, j] * a1[j] for j in range(d_h)) + b2[k] for k in range(K)]
        total = sum(np.exp(z) for z in z2)
        for k in range(K):
            dZ2[i, k] = (np.exp(z2[k]) / total - (k == t[i])) / B
            db2[k] += dZ2[i, k]
            for j in range(d_h):
                dW2[k, j] += dZ2[i, k] * a1[j]
                if z1[j] > 0:
                    dZ1[i, j] += dZ2[i, k] * W2[k, j]
        for j in range(d_h):
            db1[j] += dZ1[i, j]
            for k in range(d_in):
                dW1[j, k] += dZ1[i, j] * X[i, k]
    return dZ2, dW2, db2, dZ1, dW1, db1


def six_in_columns(X, t, W1, b1, W2, b2):
    """With examples as columns, transposed at the end; P - Y by subtracting 1 in place."""
    X = X.T
    Z1 = W1 @ X + b1[:, None]
    A1 = Z1 * (Z1 > 0)
    E = np.exp(W2 @ A1 + b2[:, None])
    dZ2 = E / E.sum(0)
    dZ2[t, np.arange(len(t))] -= 1
    dZ2 /= len(t)
    dZ1 = W2.T @ dZ2 * (A1 > 0)
    return dZ2.T, dZ2 @ A1.T, dZ2.sum(1), dZ1.T, dZ1 @ X.T, dZ1.sum(1)


def six_through_jacobians(X, t, W1, b1, W2, b2):
    """Example by example, softmax by its Jacobian, and the mean taken at the end."""
    parts = []
    for x, c in zip(X, t):
        z1 = W1 @ x + b1
        a1 = np.maximum(z1, 0)
        p = softmax((W2 @ a1 + b2)[None])[0]
        dp = np.zeros_like(p)
        dp[c] = -1 / p[c]
        dz2 = (np.diag(p) - np.outer(p, p)) @ dp
        dz1 = W2.T @ dz2 * (z1 > 0)
        parts.append((dz2, np.outer(dz2, a1), dz2, dz1, np.outer(dz1, x), dz1))
    dz2, dw2, db2, dz1, dw1, db1 = (np.stack(part) / len(X) for part in zip(*parts))
    return dz2, dw2.sum(0), db2.sum(0), dz1, dw1.sum(0), db1.sum(0)


# --- twins ----------------------------------------------------------------------------------------

TWINS = {
    "all zero": 1,
    "all 0.5": 1,
    "random W1": 4,
    "random W2": 4,
    "random b1": 4,
    "paired W1": 2,
    "paired W1 and random W2": 4,
}


def predicting(start, answer):
    return TWINS | {start: answer}


# --- gradient_check -------------------------------------------------------------------------------


def relative(g, n):
    largest = max(np.linalg.norm(g), np.linalg.norm(n))
    return np.linalg.norm(g - n) / largest if largest > 0 else 0.0


def checking(h=1e-5, difference=None, error=relative):
    """The right answer with another step, another difference or another error."""

    def central(f, x, k, h):
        nudge = np.zeros_like(x)
        nudge[k] = h
        return (f(x + nudge) - f(x - nudge)) / (2 * h)

    def gradient_check(f, x, gradient):
        n = np.zeros_like(x)
        for k in np.ndindex(x.shape):
            n[k] = (difference or central)(f, x, k, h)
        return n, error(gradient, n)

    return gradient_check


def piling_up(f, x, k, h):
    nudge = np.zeros(x.size)
    nudge[: np.ravel_multi_index(k, x.shape) + 1] = h
    nudge = nudge.reshape(x.shape)
    return (f(x + nudge) - f(x - nudge)) / (2 * h)


def one_sided(f, x, k, h):
    nudged = x.copy()
    nudged[k] += h
    return (f(nudged) - f(x)) / h


def divided_by_h(f, x, k, h):
    up, down = x.copy(), x.copy()
    up[k] += h
    down[k] -= h
    return (f(up) - f(down)) / h


def not_divided(f, x, k, h):
    up, down = x.copy(), x.copy()
    up[k] += h
    down[k] -= h
    return f(up) - f(down)


def times_h(f, x, k, h):
    up, down = x.copy(), x.copy()
    up[k] += h
    down[k] -= h
    return (f(up) - f(down)) / 2 * h


def added(f, x, k, h):
    up, down = x.copy(), x.copy()
    up[k] += h
    down[k] -= h
    return (f(up) + f(down)) / (2 * h)


def without_x(f, x, k, h):
    nudge = np.zeros_like(x)
    nudge[k] = h
    return (f(nudge) - f(-nudge)) / (2 * h)


def in_place(f, x, k, h):
    x[k] += h
    up = f(x)
    x[k] -= 2 * h
    down = f(x)
    x[k] += h
    return (up - down) / (2 * h)


def restored(f, x, k, h):
    before = x[k]
    x[k] = before + h
    up = f(x)
    x[k] = before - h
    down = f(x)
    x[k] = before
    return (up - down) / (2 * h)


def all_at_once(f, x, gradient):
    h = 1e-5
    n = (f(x + h) - f(x - h)) / (2 * h)
    return n, relative(gradient, n)


def all_at_once_in_an_array(f, x, gradient):
    n = np.full_like(x, all_at_once(f, x, gradient)[0])
    return n, relative(gradient, n)


def not_restored(f, x, gradient):
    h, n, x = 1e-5, np.zeros_like(x), x.copy()
    for k in np.ndindex(x.shape):
        x[k] += h
        up = f(x)
        x[k] -= 2 * h
        down = f(x)
        n[k] = (up - down) / (2 * h)
    return n, relative(gradient, n)


def rows_at_once(f, x, gradient):
    h, n = 1e-5, np.zeros_like(x)
    for k in range(len(x)):
        nudge = np.zeros_like(x)
        nudge[k] = h
        n[k] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return n, relative(gradient, n)


def flattened(f, x, gradient):
    n = checking()(f, x, gradient)[0].ravel()
    return n, relative(gradient.ravel(), n)


def matrices_only(f, x, gradient):
    h, n = 1e-5, np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            up, down = x.copy(), x.copy()
            up[i, j] += h
            down[i, j] -= h
            n[i, j] = (f(up) - f(down)) / (2 * h)
    return n, relative(gradient, n)


def claimed(f, x, gradient):
    return gradient.copy(), 0.0


def only_the_error(f, x, gradient):
    return checking()(f, x, gradient)[1]


def counting_entries(f, x, gradient):
    n = np.zeros_like(x)
    for k in range(x.size):
        nudge = np.zeros_like(x)
        nudge[k] = 1e-5
        n[k] = (f(x + nudge) - f(x - nudge)) / 2e-5
    return n, relative(gradient, n)


def by_columns_of_the_identity(f, x, gradient):
    h = 2e-6
    slopes = [
        (f(x + e.reshape(x.shape)) - f(x - e.reshape(x.shape))) / (2 * h)
        for e in h * np.eye(x.size)
    ]
    n = np.array(slopes).reshape(x.shape)
    norms = np.sqrt((gradient**2).sum()), np.sqrt((n**2).sum())
    if max(norms) == 0:
        return n, 0.0
    return n, np.sqrt(((gradient - n) ** 2).sum()) / max(norms)


def extrapolated(f, x, k, h):
    """Two central differences, combined so that the error in h**2 cancels (Richardson)."""
    e = np.zeros_like(x)
    e[k] = 1.0
    near = (f(x + h * e) - f(x - h * e)) / (2 * h)
    far = (f(x + 2 * h * e) - f(x - 2 * h * e)) / (4 * h)
    return (4 * near - far) / 3


# --- train_xor ------------------------------------------------------------------------------------

X_XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T_XOR = np.array([0, 1, 1, 0])


def descend(parameters, lr=0.5, steps=400, gradients=None, change=None):
    for _ in range(steps):
        _, dW2, db2, _, dW1, db1 = (gradients or six())(X_XOR, T_XOR, *parameters)
        taken = [lr * g for g in (dW1, db1, dW2, db2)]
        if change is not None:
            taken = change(*taken)
        parameters = [p - step for p, step in zip(parameters, taken)]
    return tuple(parameters)


def drawn(rng, d_h=16, scale=1.0):
    W1, W2 = rng.standard_normal((d_h, 2)), rng.standard_normal((2, d_h))
    return [scale * W1, np.zeros(d_h), scale * W2, np.zeros(2)]


def training(d_h=16, scale=1.0, **options):
    """The right answer with another width, start, rate, gradient or step."""
    return lambda rng: descend(drawn(rng, d_h, scale), **options)


def train_from_constants(rng):
    return descend([np.full((16, 2), 0.5), np.zeros(16), np.full((2, 16), 0.5), np.zeros(2)])


def train_from_a_seed(rng):
    rng = np.random.default_rng(7)
    return training()(rng)


def train_in_columns(rng):
    W1, b1, W2, b2 = training()(rng)
    return W1.T, b1, W2.T, b2


def train_with_lists(rng):
    W1, b1, W2, b2 = training()(rng)
    return W1, list(b1), W2, list(b2)


def train_with_columns(rng):
    W1, b1, W2, b2 = training()(rng)
    return W1, b1[:, None], W2, b2[:, None]


def train_to_one_score(rng):
    W1, b1, W2, b2 = training()(rng)
    return W1, b1, W2[:1], b2[:1]


LEFT = {}


def train_on_or(rng):
    def gradients(X, t, *parameters):
        return six()(X, np.array([0, 1, 1, 1]), *parameters)

    return descend(drawn(rng), gradients=gradients)


def train_unpacking_four(rng):
    W1, b1, W2, b2 = drawn(rng)
    dW1, db1, dW2, db2 = six()(X_XOR, T_XOR, W1, b1, W2, b2)
    return W1 - dW1, b1 - db1, W2 - dW2, b2 - db2


def train_going_on(rng):
    """Goes on where an earlier call has stopped, as with parameters that live outside."""
    parameters = drawn(rng)
    start = float(parameters[0][0, 0])
    if start in LEFT:
        return descend(LEFT.pop(start), steps=100)
    LEFT[start] = descend(parameters)
    return LEFT[start]


def train_example_by_example(rng):
    """Steps on one point at a time, with a sum over two uniform starts for the weights."""
    W1, W2 = rng.uniform(-1, 1, (24, 2)), rng.uniform(-1, 1, (2, 24))
    b1, b2 = rng.uniform(0, 0.1, 24), np.zeros(2)
    for step in range(800):
        i = [step % 4]
        _, dW2, db2, _, dW1, db1 = six_in_columns(X_XOR[i], T_XOR[i], W1, b1, W2, b2)
        for p, g in zip((W1, b1, W2, b2), (dW1, db1, dW2, db2)):
            p -= 0.3 * g
    return W1, b1, W2, b2


def train_until_learned(rng):
    """As long as it takes, in float32."""
    W1 = rng.standard_normal((32, 2), dtype=np.float32)
    W2 = rng.standard_normal((2, 32), dtype=np.float32)
    b1, b2 = np.zeros(32, np.float32), np.zeros(2, np.float32)
    X = X_XOR.astype(np.float32)
    for _ in range(2000):
        P = softmax(np.maximum(X @ W1.T + b1, 0) @ W2.T + b2)
        if -np.log(P[range(4), T_XOR]).mean() < 0.03:
            break
        _, dW2, db2, _, dW1, db1 = six()(X, T_XOR, W1, b1, W2, b2)
        W1, b1, W2, b2 = (
            p - np.float32(0.3) * g for p, g in zip((W1, b1, W2, b2), (dW1, db1, dW2, db2))
        )
    return W1, b1, W2, b2


# --- mended_pullback ------------------------------------------------------------------------------


def mended_in_place(dY, X):
    dY -= dY.mean(axis=0)
    return dY


def mended_in_float64(dY, X):
    B = len(X)
    return (np.eye(B) - np.ones((B, B)) / B) @ dY


def mended_without_keeping_columns(dY, X):
    return dY - dY.mean(axis=1)


def mended_by_loops(dY, X):
    dX = dY.copy()
    for k in range(dY.shape[1]):
        column = dY[:, k]
        for i in range(len(dY)):
            dX[i, k] -= sum(column) / len(column)
    return dX


def mended_by_matrix(dY, X):
    """Centering is a symmetric matrix, so its transpose is itself."""
    B = len(X)
    return ((np.eye(B) - np.full((B, B), 1 / B)).T @ dY).astype(dY.dtype)


def softmax_pullback(dY, X):
    Y = softmax(X)
    return Y * (dY - (dY * Y).sum(1, keepdims=True))


WRONG = {
    "backpropagation.relu_pullback": [
        ("no mask", lambda dA, Z: 1 * dA, "dZ", "You return dA itself"),
        ("scores kept", relu_keeping_scores, "dZ", "you put its score Z"),
        ("open at zero", lambda dA, Z: dA * (Z >= 0), "dZ", "where Z is exactly 0"),
        ("mask alone", lambda dA, Z: Z > 0, "shapes", "True or False at each place"),
        ("both positive", lambda dA, Z: dA * (dA > 0) * (Z > 0), "dZ", "may be negative"),
        ("picked out", lambda dA, Z: dA[Z > 0], "shapes", "picks out the entries"),
        ("half at zero", lambda dA, Z: dA * np.heaviside(Z, 0.5), "dZ", "the slope 1/2"),
        ("of the gradient", lambda dA, Z: dA * (dA > 0), "dZ", "about its own sign"),
        ("forward of dA", lambda dA, Z: np.maximum(dA, 0), "dZ", "about its own sign"),
        ("confused", lambda Z, dA: dA * (Z > 0), "dZ", "You take dA for Z, and Z for dA"),
        ("turned around", lambda dA, Z: dA * (Z < 0), "dZ", "turned around"),
        ("mask alone", lambda dA, Z: (Z > 0).astype(Z.dtype), "dZ", "multiplied by dA"),
        ("a mask of booleans", lambda dA, Z: Z > 0, "shapes", "an array of bool"),
        ("forward", lambda dA, Z: np.maximum(Z, 0), "dZ", "the way forward"),
        ("times A", lambda dA, Z: dA * np.maximum(Z, 0), "dZ", "by the response"),
        ("times Z", lambda dA, Z: dA * Z, "dZ", "by the score Z"),
        ("sign", lambda dA, Z: dA * np.sign(Z), "dZ", "the slope of abs(Z)"),
        ("leaky", lambda dA, Z: np.where(Z > 0, dA, 0.01 * dA), "dZ", "leaky ReLU"),
        ("matrix product", lambda dA, Z: dA @ (Z > 0), "shapes", "You multiply with @"),
        ("summed", lambda dA, Z: (dA * (Z > 0)).sum(0), "shapes", "add up over the batch"),
        ("negated", lambda dA, Z: -dA * (Z > 0), "dZ", "every sign"),
        ("an if for arrays", relu_by_if, "shapes", "stops with a ValueError"),
        ("first row", relu_first_row, "dZ", "wrong values"),
        ("float64", relu_where, "float32", "it must stay float32"),
        ("no empty batch", relu_stacking, "empty batch", "stops with a ValueError"),
        ("in place", relu_in_place, "inputs unchanged", "changes dA"),
    ],
    "backpropagation.Affine": [
        ("no bias", affine(forward=forward_without_bias), "forward", "the bias is not in it"),
        ("W first", affine(forward=forward_the_other_way), "forward", "You compute W @ X. An"),
        ("forward clears", affine(forward=forward_clearing), "adds", "Each forward sets dW and db"),
        (
            "a step before dX",
            affine(backward=backward_after_a_step),
            "backward",
            "changes W before it computes dX",
        ),
        ("no transpose", affine(forward=forward_without_transpose), "forward", "compute X @ W."),
        ("forward silent", affine(forward=forward_without_return), "forward", "returns nothing"),
        ("no memory", affine(forward=forward_without_memory), "backward", "no attribute 'X'"),
        ("returns dW", affine(backward=backward_returning_dw), "backward", "backward returns dW"),
        ("steps only", affine(backward=backward_only_stepping), "backward", "changes W and b"),
        ("dW of dX", affine(backward=backward_using_dx), "backward", "dW and db from dX"),
        ("keeps Z", affine(forward=forward_keeping_z), "backward", "You keep Z where X"),
        ("X of the class", affine(forward=forward_in_the_class), "two layers", "share one X"),
        (
            "keeps the first X",
            affine(forward=forward_keeping_the_first),
            "last forward",
            "the X of the first forward",
        ),
        (
            "backward silent",
            affine(backward=backward_without_return),
            "backward",
            "returns nothing",
        ),
        ("returns all", affine(backward=backward_returning_all), "backward", "returns dX alone"),
        ("dX through W.T", affine(backward=backward_through_w_t), "backward", "dZ @ W.T"),
        ("dX added up", affine(backward=backward_adding_dx), "adds", "You add up dX"),
        ("overwrites", affine(backward=backward_overwriting), "adds", "erases what the first"),
        ("overwrites dW", affine(backward=backward_overwriting_w), "adds", "your dW does not"),
        ("overwrites db", affine(backward=backward_overwriting_b), "adds", "your db does not"),
        ("averages", affine(backward=backward_averaging), "backward", "You divide dW and db by"),
        ("averages db", affine(backward=backward_averaging_b), "backward", "You average dZ"),
        ("dW transposed", affine(backward=backward_transposed), "backward", "Your dW is X.T @ dZ"),
        ("db over outputs", affine(backward=backward_over_outputs), "backward", "axis 1, the out"),
        ("dW twice", affine(backward=backward_twice), "backward", "twice the expected"),
        ("no self", affine(backward=backward_forgetting_self), "backward", "is zero whatever"),
        (
            "steps",
            affine(backward=backward_stepping),
            "parameters kept",
            "After backward your layer.W",
        ),
        (
            "steps in place",
            affine(backward=backward_stepping_in_place),
            "parameters kept",
            "After backward your layer.W",
        ),
        ("zero_grad empty", affine(zero_grad=lambda self: None), "zero_grad", "as they are"),
        ("zero_grad of names", affine(zero_grad=zero_grad_of_names), "zero_grad", "as they are"),
        ("zero_grad of dW", affine(zero_grad=zero_grad_of_w), "zero_grad", "forgets db"),
        ("zero_grad of db", affine(zero_grad=zero_grad_of_b), "zero_grad", "forgets dW"),
        ("zeros", affine(zero_grad=zero_grad_to_numbers), "zero_grad", "the number 0"),
        ("None", affine(zero_grad=zero_grad_to_none), "zero_grad", "makes None of"),
        ("float64", affine(zero_grad=zero_grad_in_float64), "float32", "float32"),
        ("clears dZ", affine(backward=backward_clearing), "inputs unchanged", "changes dZ"),
        ("an instance", Affine(np.ones((1, 1)), np.ones(1)), None, "This is not a class"),
    ],
    "backpropagation.two_layer_gradients": [
        ("no mean", six(dZ2=lambda n: n.P - n.Y), "dZ2", "the loss is a mean over examples"),
        ("softmax twice", six(P=lambda n: softmax(softmax(n.Z2))), "dZ2", "which is a softmax al"),
        (
            "largest class only",
            six(P=lambda n: (n.Z2.max(1, keepdims=True) == n.Z2) * 1.0),
            "dZ2",
            "Your P is 1 at the largest logit",
        ),
        (
            "classes in a column",
            six(Y=lambda n: n.t[:, None]),
            "dZ2",
            "from all probabilities of an example",
        ),
        ("db2 one number", six(db2=lambda n: n.dZ2.sum()), "shapes", "Your db2 is one number"),
        ("db1 one number", six(db1=lambda n: n.dZ1.sum()), "shapes", "Your db1 is one number"),
        ("mean over all", six(dZ2=lambda n: (n.P - n.Y) / n.P.size), "dZ2", "number of classes"),
        ("truth minus said", six(dZ2=lambda n: (n.Y - n.P) / len(n.X)), "dZ2", "every sign"),
        ("over classes", six(dZ2=lambda n: (n.P - n.Y) / len(n.b2)), "dZ2", "You divide by K"),
        ("of P", six(dZ2=lambda n: -n.Y / n.P / len(n.X)), "dZ2", "with respect to the prob"),
        (
            "true class",
            six(dZ2=lambda n: (n.P - 1) * n.Y / len(n.X)),
            "dZ2",
            "at all classes but the true one",
        ),
        (
            "diagonal of the Jacobian",
            six(dZ2=lambda n: -n.Y / n.P * n.P * (1 - n.P) / len(n.X)),
            "dZ2",
            "at all classes but the true one",
        ),
        ("dW2 of X", six(dW2=lambda n: n.dZ2.T @ n.X), "shapes", "Your dW2 is made of X"),
        ("Z1 >= 0", six(dZ1=lambda n: n.dA1 * (n.Z1 >= 0)), "dZ1", "wrong values"),
        ("times Z1", six(dZ1=lambda n: n.dA1 * n.Z1), "dZ1", "by the score Z1"),
        ("truth forgotten", six(dZ2=lambda n: n.P / len(n.X)), "dZ2", "Y has not been subtracted"),
        ("t for Y", six(Y=lambda n: n.t), "shapes", "You subtract t"),
        (
            "t for Y, no mean",
            six(Y=lambda n: n.t, dZ2=lambda n: n.P - n.Y),
            "shapes",
            "And the loss is a mean",
        ),
        ("logits", six(P=lambda n: n.Z2), "dZ2", "subtract Y from the logits"),
        ("sigmoid", six(P=lambda n: 1 / (1 + np.exp(-n.Z2))), "dZ2", "You use the sigmoid"),
        ("softmax, axis 0", six(P=lambda n: softmax(n.Z2, 0)), "dZ2", "examples compete"),
        ("softmax of all", six(P=lambda n: softmax(n.Z2, None)), "dZ2", "Each example, each row"),
        (
            "softmax twice",
            six(dZ2=lambda n: (n.P - n.Y) * n.P * (1 - n.P) / len(n.X)),
            "dZ2",
            "differentiated already",
        ),
        (
            "a row for each class",
            six(Y=lambda n: np.eye(len(n.X))[n.t]),
            "shapes",
            "stops with an IndexError",
        ),
        ("no ReLU", six(A1=lambda n: n.Z1, dZ1=lambda n: n.dA1), "dZ2", "leave out the ReLU"),
        ("no b1", six(Z1=lambda n: n.X @ n.W1.T), "dZ2", "leave out the bias b1"),
        ("no b2", six(Z2=lambda n: n.A1 @ n.W2.T), "dZ2", "leave out the bias b2"),
        ("dW2 of scores", six(dW2=lambda n: n.dZ2.T @ n.Z1), "dW2", "You use the scores Z1"),
        ("dW2 transposed", six(dW2=lambda n: n.A1.T @ n.dZ2), "shapes", "the transpose"),
        ("dW2 averaged", six(dW2=lambda n: n.dZ2.T @ n.A1 / len(n.X)), "dW2", "already in dZ2"),
        ("db2 averaged", six(db2=lambda n: n.dZ2.mean(0)), "db2", "already in dZ2"),
        ("db2 over classes", six(db2=lambda n: n.dZ2.sum(1)), "shapes", "axis 1, the classes"),
        ("db2 not summed", six(db2=lambda n: n.dZ2), "shapes", "Your db2 is dZ2 itself"),
        (
            "db2 keeps its axis",
            six(db2=lambda n: n.dZ2.sum(0, keepdims=True)),
            "shapes",
            "kept the batch as an axis",
        ),
        ("no mask", six(dZ1=lambda n: n.dA1), "dZ1", "nothing is masked"),
        ("wrong side of W2", six(dA1=lambda n: n.dZ2 @ n.W2.T), "shapes", "dZ2 @ W2.T"),
        ("A1 >= 0", six(dZ1=lambda n: n.dA1 * (n.A1 >= 0)), "dZ1", "A1 >= 0 is true everywhere"),
        ("mask of dA1", six(dZ1=lambda n: n.dA1 * (n.dA1 > 0)), "dZ1", "about its own sign"),
        ("mask of Z2", six(dZ1=lambda n: n.dA1 * (n.Z2 > 0)), "shapes", "Your mask asks about Z2"),
        ("times A1", six(dZ1=lambda n: n.dA1 * n.A1), "dZ1", "by the response A1"),
        ("sigmoid back", six(dZ1=lambda n: n.dA1 * n.A1 * (1 - n.A1)), "dZ1", "slope of the sig"),
        ("W2 left out", six(dA1=lambda n: n.dZ2), "shapes", "straight to the ReLU"),
        ("dW1 unmasked", six(dW1=lambda n: n.dA1.T @ n.X), "dW1", "Your dW1 is made of dA1"),
        ("dW1 of A1", six(dW1=lambda n: n.dZ1.T @ n.A1), "shapes", "Your dW1 is made of A1"),
        ("dW1 transposed", six(dW1=lambda n: n.X.T @ n.dZ1), "shapes", "the transpose"),
        ("dW1 averaged", six(dW1=lambda n: n.dZ1.T @ n.X / len(n.X)), "dW1", "already in dZ2"),
        ("db1 unmasked", six(db1=lambda n: n.dA1.sum(0)), "db1", "Your db1 is made of dA1"),
        ("db1 averaged", six(db1=lambda n: n.dZ1.mean(0)), "db1", "already in dZ2"),
        (
            "first layer first",
            six(("dZ1", "dW1", "db1", "dZ2", "dW2", "db2")),
            "shapes",
            "the first layer's come first",
        ),
        ("four of six", six(("dW1", "db1", "dW2", "db2")), "shapes", "4 results instead of 6"),
        ("float64", six(Y=lambda n: np.eye(len(n.b2))[n.t]), "float32", "np.eye(K) is float64"),
        ("in place", six_in_place, "dZ2", "wrong values"),
    ],
    "backpropagation.twins": [
        ("zeros part", predicting("all zero", 4), "all zero", "they stay twins"),
        ("none left", predicting("all zero", 0), "all zero", "four equal rows are one row"),
        ("a float", predicting("all zero", 1.0), "all zero", "is not a whole number"),
        ("a shape", predicting("all zero", (1, 2)), "all zero", "Answer with a whole number"),
        ("ten", predicting("all 0.5", 10), "all 0.5", "W1 has four rows"),
        ("constants part", predicting("all 0.5", 4), "all 0.5", "any constant does it"),
        ("by classes", predicting("all 0.5", 2), "all 0.5", "every unit hears both"),
        ("W2 zero", predicting("random W1", 1), "random W1", "not become equal"),
        ("W1 zero", predicting("random W2", 1), "random W2", "its own column of W2"),
        ("one step", predicting("random b1", 1), "random b1", "from the second step on"),
        ("pairs part", predicting("paired W1", 4), "paired W1", "Two units of a"),
        (
            "pairs stay",
            predicting("paired W1 and random W2", 2),
            "paired W1 and random W2",
            "W2 weighs them differently",
        ),
        ("three", predicting("random W1", 3), "random W1", "Which two?"),
        ("text", predicting("random W2", "4"), "random W2", "a whole number"),
        ("a blank left", predicting("random b1", ...), "random b1", "still waits"),
        (
            "an entry lost",
            {start: rows for start, rows in TWINS.items() if start != "all 0.5"},
            "all 0.5",
            "no entry for 'all 0.5'",
        ),
    ],
    "backpropagation.gradient_check": [
        ("nudges pile up", checking(difference=piling_up), "n", "are still nudged"),
        ("entries counted", counting_entries, "n", "Your loop counts the entries of x"),
        (
            "largest difference, divided",
            checking(error=lambda g, n: abs(g - n).max() / max(map(np.linalg.norm, (g, n)))),
            "error",
            "You divide the largest difference of two entries",
        ),
        (
            "a matrix norm",
            checking(error=lambda g, n: np.linalg.norm(g - n, 2)),
            "n",
            "it takes all entries of any array",
        ),
        ("one-sided", checking(difference=one_sided), "both sides", "not equally far from x"),
        ("one-sided, fine", checking(1e-8, one_sided), "both sides", "not equally far from x"),
        ("divided by h", checking(difference=divided_by_h), "n", "2 h apart"),
        ("not divided", checking(difference=not_divided), "n", "has not been divided"),
        ("parentheses", checking(difference=times_h), "n", "Python reads a / 2 * h"),
        ("a sum", checking(difference=added), "n", "wrong"),
        ("all at once", all_at_once, "n", "all entries at once"),
        ("all in an array", all_at_once_in_an_array, "n", "all entries of x at once"),
        ("row by row", rows_at_once, "n", "You nudge whole rows"),
        ("not restored", not_restored, "one at a time", "still there when the next"),
        ("x left out", checking(difference=without_x), "n on curves", "at h and at -h"),
        ("flattened", flattened, "n", "has lost the axes"),
        ("matrices only", matrices_only, "n", "IndexError"),
        ("n is the claim", claimed, "n", "the gradient that was claimed"),
        ("the error alone", only_the_error, "n", "n"),
        ("exchanged", lambda *a: checking()(*a)[::-1], "n", "You return the error first"),
        ("h = 0.001", checking(1e-3), "h not too large", "Your step h is too large"),
        ("h = 1e-8", checking(1e-8), "h not too small", "this is rounding"),
        ("h = 1e-12", checking(1e-12), "h not too small", "this is rounding"),
        ("h = 0", checking(0.0), "n", "nan"),
        (
            "absolute",
            checking(error=lambda g, n: np.linalg.norm(g - n)),
            "error",
            "the norm of the difference, absolute",
        ),
        (
            "largest difference",
            checking(error=lambda g, n: np.abs(g - n).max()),
            "error",
            "the largest difference",
        ),
        (
            "entry by entry",
            checking(error=lambda g, n: (abs(g - n) / np.maximum(abs(g), abs(n))).max()),
            "error",
            "by its own entries",
        ),
        ("a verdict", lambda *a: checking()(*a)[1] < 1e-6, "n", "several names on the left"),
        (
            "by the sum",
            checking(error=lambda g, n: np.linalg.norm(g - n) / np.linalg.norm(g + n)),
            "error",
            "error",
        ),
        (
            "by the sum of norms",
            checking(
                error=lambda g, n: np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n))
            ),
            "error",
            "by the sum of the two norms",
        ),
        (
            "by n",
            checking(error=lambda g, n: np.linalg.norm(g - n) / np.linalg.norm(n)),
            "error",
            "by the norm of n",
        ),
        (
            "by the claim",
            checking(error=lambda g, n: np.linalg.norm(g - n) / np.linalg.norm(g)),
            "error",
            "by the norm of the claimed gradient",
        ),
        ("squared", checking(error=lambda g, n: relative(g, n) ** 2), "error", "the roots are"),
        (
            "not zero over zero",
            checking(
                error=lambda g, n: np.linalg.norm(g - n) / max(np.linalg.norm(g), np.linalg.norm(n))
            ),
            "both zero",
            "nan",
        ),
        (
            "compares norms",
            checking(
                error=lambda g, n: (
                    abs(np.linalg.norm(g) - np.linalg.norm(n))
                    / max(np.linalg.norm(g), np.linalg.norm(n))
                )
            ),
            "error",
            "You compare the two norms",
        ),
        ("in place", checking(difference=in_place), "inputs unchanged", "changes x"),
    ],
    "backpropagation.train_xor": [
        ("another task", train_on_or, "learns", "Was it trained on other classes than t_xor?"),
        ("four of six", train_unpacking_four, "shapes", "Print the shapes of the four arrays"),
        ("far uphill", training(lr=-0.5, steps=1000), "learns", "or the steps go uphill"),
        ("uphill", training(lr=-0.5), "learns", "Either the steps go up the slope"),
        ("far too large", training(lr=1e6, steps=50), "learns", "the learning rate is too large"),
        ("too large", training(lr=20.0), "learns", "the learning rate is too large"),
        ("too short", training(steps=30), "learns", "There is more to gain"),
        ("too timid", training(lr=0.01), "learns", "There is more to gain"),
        ("no steps", training(steps=0), "learns", "still zero"),
        ("all zero", training(scale=0.0), "learns", "Zero weights get no gradient"),
        ("all 0.5", train_from_constants, "learns", "stay twins"),
        ("tiny start", training(scale=0.001, lr=0.1), "learns", "on the plateau"),
        ("one unit", training(d_h=1, lr=0.1), "learns", "One hidden unit is one line"),
        (
            "biases left",
            training(change=lambda a, b, c, d: (a, 0 * b, c, 0 * d)),
            "learns",
            "Both biases are",
        ),
        (
            "no mask",
            training(gradients=six(dZ1=lambda n: n.dA1)),
            "learns",
            "not follow the gradient",
        ),
        ("lucky starts", training(d_h=8), "from other starts", "The training is stuck"),
        ("own rng", train_from_a_seed, "draws from rng", "from rng"),
        ("goes on", train_going_on, "deterministic", "two different results"),
        ("columns", train_in_columns, "shapes", "Your W1 has shape (2, 16)"),
        ("b1 a list", train_with_lists, "shapes", "Your b1 is not an array of floats"),
        ("b1 a column", train_with_columns, "shapes", "Your b1 has shape (16, 1)"),
        ("one score", train_to_one_score, "shapes", "Your W2 has shape (1, 16)"),
        ("names lost", lambda rng: W1, "shapes", "NameError"),  # noqa: F821
        ("W1 and W2 alone", lambda rng: training()(rng)[::2], "shapes", "not enough values"),
    ],
    "backpropagation.mended_pullback": [
        ("as it was", lambda dY, X: dY.copy(), "dX", "it takes the mean for a constant"),
        ("tanh", lambda dY, X: dY * (1 - np.tanh(X) ** 2), "dX", "the pullback of tanh"),
        (
            "leaky ReLU",
            lambda dY, X: np.where(X > 0, dY, 0.1 * dY),
            "dX",
            "the pullback of leaky_relu",
        ),
        ("softmax", softmax_pullback, "dX", "the pullback of softmax_rows"),
        (
            "softmax, diagonal",
            lambda dY, X: softmax(X) * (1 - softmax(X)) * dY,
            "dX",
            "the diagonal of the Jacobian",
        ),
        (
            "weighted",
            lambda dY, X: dY * X.sum(1, keepdims=True) + (dY * X).sum(1, keepdims=True),
            "dX",
            "the pullback of weighted",
        ),
        ("own share", lambda dY, X: dY - dY / len(X), "dX", "on the other rows"),
        ("sum", lambda dY, X: dY - dY.sum(0), "dX", "the sum of dY over the batch"),
        ("mean of all", lambda dY, X: dY - dY.mean(), "dX", "one mean of all of dY"),
        (
            "mean of rows",
            lambda dY, X: dY - dY.mean(1, keepdims=True),
            "dX",
            "the mean of each row",
        ),
        ("axis 1", mended_without_keeping_columns, "shapes", "lays it along the features"),
        (
            "divided by d",
            lambda dY, X: dY - dY.sum(0) / X.shape[1],
            "dX",
            "You divide the sum over the batch by d",
        ),
        ("times Y", lambda dY, X: dY * (X - X.mean(0)), "dX", "You multiply dY by Y"),
        ("mean of X", lambda dY, X: dY - X.mean(0), "dX", "each of its terms has a dY"),
        ("added", lambda dY, X: dY + dY.mean(0), "dX", "Forward the mean was subtracted"),
        ("forward", lambda dY, X: X - X.mean(0), "dX", "You return Y, the way forward"),
        ("mean alone", lambda dY, X: 0 * dY - dY.mean(0), "dX", "leave out the direct way"),
        ("lost its rows", lambda dY, X: -dY.mean(0), "shapes", "it must have shape (B, d)"),
        ("float64", mended_in_float64, "float32", "it must stay float32"),
        ("in place", mended_in_place, "inputs unchanged", "changes dY"),
    ],
}

RIGHT = {
    "backpropagation.relu_pullback": [
        ("loops", relu_by_loops),
        ("a copy with holes", relu_copying),
        ("where", lambda dA, Z: np.where(Z > 0, dA, 0)),
        ("from A", lambda dA, Z: dA * (np.maximum(Z, 0) > 0)),
    ],
    "backpropagation.Affine": [
        ("loops", AffineByLoops),
        ("einsum", affine(backward=backward_by_einsum)),
        ("zeros in place", affine(zero_grad=zero_grad_in_place)),
    ],
    "backpropagation.two_layer_gradients": [
        ("loops", six_by_loops),
        ("columns", six_in_columns),
        ("Jacobians", six_through_jacobians),
        ("mask from A1", six(dZ1=lambda n: n.dA1 * (n.A1 > 0))),
    ],
    "backpropagation.twins": [
        ("in another order", dict(reversed(TWINS.items()))),
        ("counted", {start: len(set(range(rows))) for start, rows in TWINS.items()}),
    ],
    "backpropagation.gradient_check": [
        ("rows of the identity", by_columns_of_the_identity),
        ("h = 1e-4", checking(1e-4, error=lambda g, n: float(relative(g, n)))),
        ("h = 1e-7", checking(1e-7)),
        ("put back", checking(difference=restored)),
        ("extrapolated", checking(1e-3, extrapolated)),
    ],
    "backpropagation.train_xor": [
        ("another width", training(d_h=24, lr=0.3, steps=800)),
        ("one example at a time", train_example_by_example),
        ("until learned, float32", train_until_learned),
    ],
    "backpropagation.mended_pullback": [
        ("loops", mended_by_loops),
        ("a matrix", mended_by_matrix),
        ("sum and divide", lambda dY, X: dY - dY.sum(0) / len(dY)),
    ],
}
