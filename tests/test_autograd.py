"""The engine: order, accumulation, depth, and what it refuses."""

import gc
import inspect
import itertools
import weakref

import numpy as np
import pytest

from chainrule import functional
from chainrule.autograd import Tensor, lift, topological_order
from chainrule.functional import REGISTRY, affine, mse_loss
from chainrule.nn import functional as F
from chainrule.proofs import CASES
from chainrule.proofs.case import is_integer

DEEP = 100_000  # far beyond Python's recursion limit


def parameter(*values):
    return Tensor(np.array(values), requires_grad=True)


@lift
def add(a, b):
    return a + b, lambda dy: (dy, dy)


@lift
def multiply(a, b):
    return a * b, lambda dy: (dy * b, dy * a)


@lift
def total(a):
    return a.sum(), lambda dy: (np.full(a.shape, dy),)


def positions(order, tensors):
    return [order.index(t) for t in tensors]


def assert_inputs_first(order):
    for tensor in order:
        for parent in tensor._parents:
            if parent.requires_grad:
                assert order.index(parent) < order.index(tensor)


def test_the_smallest_graph_that_a_wrong_order_gets_wrong():
    # x reaches z directly and by way of y. Going backward from z, an order by distance meets x
    # (distance 1) before y is done with it.
    x = parameter(3.0)
    y = multiply(x, x)
    z = add(y, x)
    w = multiply(y, z)
    assert topological_order(w) == [x, y, z, w]
    total(w).backward()
    # w = x² (x² + x), so dw/dx = 4x³ + 3x²
    assert x.grad == [4 * 27 + 3 * 9]


def test_diamond():
    x = parameter(2.0)
    left, right = multiply(x, x), add(x, x)
    top = multiply(left, right)  # 2 x³
    order = topological_order(top)
    assert order[0] is x
    assert order[-1] is top
    assert len(order) == 4
    top.backward()
    assert x.grad == [6 * 4]


def test_many_diamonds_are_walked_once_each():
    # 200 diamonds on top of each other have 2^200 paths.
    x = parameter(1.0)
    y = x
    for _ in range(200):
        y = add(y, y)
    assert len(topological_order(y)) == 201
    y.backward()
    assert x.grad == [2.0**200]


@pytest.mark.parametrize("seed", range(20))
def test_any_graph_lists_inputs_first_and_everything_once(seed):
    rng = np.random.default_rng(seed)
    tensors = [parameter(1.0), Tensor(np.array([2.0])), parameter(3.0)]
    for _ in range(15):
        a, b = rng.integers(0, len(tensors), 2)
        tensors.append(add(tensors[a], tensors[b]))
    order = topological_order(tensors[-1])
    assert len(set(order)) == len(order)
    assert all(t.requires_grad for t in order)
    assert_inputs_first(order)


def test_only_what_requires_a_gradient_is_listed():
    x, constant = parameter(1.0), Tensor(np.array([2.0]))
    y = add(multiply(constant, constant), x)
    assert topological_order(y) == [x, y]


def test_one_tensor_in_two_places_of_a_call():
    x = parameter(3.0)
    multiply(x, x).backward()
    assert x.grad == [6.0]


def test_a_gradient_shared_by_two_parents_is_not_shared_by_their_grads():
    a, b = parameter(1.0), parameter(2.0)
    add(a, b).backward()  # the pullback hands the same array to both
    a.grad += 10
    assert b.grad == [1.0]


def test_accumulating_does_not_change_an_array_that_was_handed_on():
    # dy goes to both parents as one array; adding in place to one would change the other.
    a, b = parameter(1.0), parameter(2.0)
    s = add(a, b)
    add(s, a).backward()
    assert a.grad == [2.0]
    assert b.grad == [1.0]


def test_backward_twice_adds_up():
    x = parameter(1.0, 2.0)
    y = total(multiply(x, x))
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    assert np.array_equal(x.grad, [4.0, 8.0])
    x.grad = None
    y.backward()
    assert np.array_equal(x.grad, [2.0, 4.0])


def test_without_its_graph_a_result_does_not_go_backward_again():
    x = parameter(1.0, 2.0)
    shared = multiply(x, x)
    first, second = total(shared), total(multiply(shared, shared))
    first.backward()
    for result in (first, second):  # the second meets what the first let go
        with pytest.raises(RuntimeError, match="call that one with retain_graph=True"):
            result.backward()
    assert not first.is_leaf
    assert not shared.is_leaf


def test_going_backward_frees_what_was_remembered_on_the_way():
    alive = []

    @lift
    def remember(a):
        memory = np.ones(3)
        reference = weakref.ref(memory)

        def pullback(dy):
            alive.append(sum(r() is not None for r in references))
            return (dy * memory,)

        references.append(reference)
        return a * memory, pullback

    references = []
    y = x = parameter(1.0, 1.0, 1.0)
    for _ in range(5):
        y = remember(y)
    y = total(y)
    y.backward()
    assert alive == [5, 4, 3, 2, 1]
    assert np.array_equal(x.grad, [1, 1, 1])
    assert all(r() is None for r in references), "though y is still there"


def test_gradients_of_two_losses_add_up():
    x = parameter(1.0, 2.0)
    total(x).backward()
    first = x.grad
    total(multiply(x, x)).backward()
    assert np.array_equal(x.grad, [3.0, 5.0])
    assert np.array_equal(first, [1.0, 1.0]), "the array of the first gradient was changed"


def test_only_leaves_keep_a_gradient():
    x = parameter(1.0)
    y = multiply(x, x)
    z = add(y, x)
    z.backward()
    assert x.is_leaf
    assert not y.is_leaf
    assert x.grad is not None
    assert y.grad is None
    assert z.grad is None


def test_a_leaf_is_its_own_gradient():
    x = parameter(5.0)
    x.backward()
    assert x.grad == [1.0]


def test_a_chain_deeper_than_the_recursion_limit():
    x = parameter(1.0)
    y = x
    one = Tensor(np.array([1.0]))
    for _ in range(DEEP):
        y = add(y, one)
    assert y.data == [1.0 + DEEP]
    assert len(topological_order(y)) == DEEP + 1
    y.backward()
    assert x.grad == [1.0]
    del y


def test_a_deep_graph_that_was_never_used_is_freed_without_recursion():
    x = parameter(1.0)
    y = x
    for i in range(DEEP):
        y = add(y, x)
        if i == DEEP // 2:
            inner = weakref.ref(y)
    gc.disable()
    try:
        del y
        assert inner() is None
    finally:
        gc.enable()


def test_after_backward_only_the_result_is_left():
    x = parameter(1.0)
    y, inner = x, []
    for _ in range(1000):
        y = add(y, x)
        inner.append(weakref.ref(y))
    gc.disable()
    try:
        y.backward()
        assert [r() is None for r in inner] == [True] * 999 + [False]
    finally:
        gc.enable()


def test_a_graph_is_freed_with_its_last_reference():
    x = parameter(1.0)
    y = multiply(x, x)
    inner = weakref.ref(y)
    z = add(y, x)
    z.backward(retain_graph=True)
    gc.disable()
    try:
        del y, z
        assert inner() is None, "a cycle keeps the graph alive until the collector runs"
    finally:
        gc.enable()


def test_more_than_one_number_needs_a_gradient_from_above():
    x = parameter(1.0, 2.0)
    y = multiply(x, x)
    with pytest.raises(ValueError, match=r"shape \(2,\); reduce it to a loss, or pass gradient="):
        y.backward()
    assert x.grad is None
    y.backward(np.array([1.0, 10.0]))
    assert np.array_equal(x.grad, [2.0, 40.0])


@pytest.mark.parametrize("wrong", [1.0, np.ones(1), np.ones(3), np.ones((2, 1))])
def test_a_gradient_from_above_in_another_shape_is_refused(wrong):
    x = parameter(1.0, 2.0)
    message = r"gradient must have the shape of the tensor, \(2,\), got"
    with pytest.raises(ValueError, match=message):
        multiply(x, x).backward(wrong)
    assert x.grad is None


def test_the_gradient_from_above_is_not_changed_or_kept():
    gradient = np.array([1.0, 2.0])
    x = parameter(1.0, 2.0)
    x.backward(gradient)
    assert x.grad is not gradient
    x.grad += 1
    assert np.array_equal(gradient, [1.0, 2.0])


def test_without_parameters_there_is_nothing_to_do():
    y = add(Tensor(np.ones(1)), Tensor(np.ones(1)))
    assert not y.requires_grad
    assert y.is_leaf, "a result that needs no gradient keeps no graph"
    with pytest.raises(RuntimeError, match=r"requires a gradient; make the parameters with Tensor"):
        y.backward()


def test_a_tensor_is_no_gradient_from_above():
    x = parameter(1.0, 2.0)
    y = multiply(x, x)
    with pytest.raises(TypeError, match="gradients of gradients are not recorded, so pass its"):
        y.backward(Tensor(np.ones(2)))
    assert x.grad is None
    y.backward(np.ones(2))
    assert type(x.grad) is np.ndarray, "which has no backward of its own"


def test_the_array_of_a_result_is_read_only():
    x = parameter(1.0, 2.0)
    y = multiply(x, x)
    with pytest.raises(ValueError, match="read-only"):
        y.data += 1
    x.data += 1  # as optimizers do
    identity = lift(lambda a: (a, lambda dy: (dy,)))
    assert identity(x).data is x.data
    x.data += 1


def test_detached_tensors_send_no_gradient_back():
    x = parameter(3.0)
    y = multiply(x, x).detach()
    assert y.data == [9.0]
    assert y.is_leaf
    assert not y.requires_grad
    assert x.detach().data is x.data
    multiply(x, y).backward()
    assert x.grad == [9.0]


@pytest.mark.parametrize("is_data", [True, False])
def test_a_function_is_told_whether_its_first_argument_needs_a_gradient(is_data):
    told = []

    @lift
    def product(x, w, *, needs_dx=True):
        told.append(needs_dx)
        return x * w, lambda dy: (dy * w if needs_dx else None, dy * x)

    x, w = Tensor(np.array([2.0]), requires_grad=not is_data), parameter(3.0)
    product(x, w).backward()
    assert told == [not is_data]
    assert (w.grad, x.grad) == ([2.0], None if is_data else [3.0])
    product(x, w, needs_dx=True)
    assert told[-1] is True, "whoever asks is told what was asked"


@pytest.mark.parametrize(
    "name",
    [name for name in REGISTRY if "needs_dx" in inspect.signature(REGISTRY[name]).parameters],
)
def test_without_dx_nothing_else_changes(name):
    case = CASES[name]
    rng = np.random.default_rng(0)
    for instance in case.instances(rng):
        value, pullback = case.function(*instance.args, **instance.options)
        without, shorter_pullback = case.function(
            *instance.args, **instance.options, needs_dx=False
        )
        dy = np.asarray(rng.standard_normal(np.shape(value)))
        assert np.array_equal(without, value)
        dx, *others = shorter_pullback(dy)
        assert dx is None
        for ours, expected in zip(others, pullback(dy)[1:], strict=True):
            assert (ours is None and expected is None) or np.array_equal(ours, expected)


def test_a_pullback_of_another_shape_is_refused():
    @lift
    def broadcasting_add(a, b):
        return a + b, lambda dy: (dy, dy)

    x, b = parameter([1.0, 2.0], [3.0, 4.0]), parameter(1.0, 1.0)
    with pytest.raises(
        ValueError, match=r"gradient of shape \(2, 2\) for an argument of shape \(2,\)"
    ):
        total(broadcasting_add(x, b)).backward()


def test_a_pullback_with_too_few_gradients_is_refused():
    broken = lift(lambda a, b: (a + b, lambda dy: (dy,)))
    with pytest.raises(ValueError, match="shorter"):
        broken(parameter(1.0), parameter(1.0)).backward()


@pytest.mark.parametrize("data", [[1, 2], [True], ["a"], [1j], np.array([1], np.uint8)])
def test_only_floating_point_data_has_a_gradient(data):
    with pytest.raises(TypeError, match="only floating-point data has a gradient, got dtype"):
        Tensor(data, requires_grad=True)


def test_integers_are_fine_without_one():
    t = Tensor(np.array([2, 0]))
    z = Tensor(np.zeros((2, 3)), requires_grad=True)
    F.cross_entropy(z, t).backward()
    assert t.grad is None
    assert z.grad.shape == (2, 3)


def test_a_tensor_keeps_its_array():
    x = np.zeros((2, 3), np.float32)
    tensor = Tensor(x)
    assert tensor.data is x
    assert (tensor.shape, tensor.dtype, tensor.ndim, len(tensor)) == ((2, 3), np.float32, 2, 2)
    assert Tensor(np.array([2.5])).item() == 2.5
    assert isinstance(Tensor(np.float32(2.5)).item(), float)
    with pytest.raises(ValueError, match="size 1"):
        tensor.item()


def test_repr_says_what_is_inside():
    assert repr(Tensor(np.array([1.0, 2.0]))) == "Tensor([1., 2.])"
    assert repr(parameter(1.0)) == "Tensor([1.], requires_grad=True)"
    assert repr(Tensor(np.float64(0.5))) == "Tensor(0.5)"
    assert repr(Tensor(np.zeros((2, 2)))).splitlines()[1].startswith("        [0")


def test_lift_passes_options_and_takes_arrays_for_tensors():
    x = np.arange(6.0).reshape(2, 3)
    as_tensor = F.softmax(Tensor(x, requires_grad=True), axis=0)
    as_array = F.softmax(x, axis=0)
    expected = functional.softmax(x, axis=0)[0]
    assert np.array_equal(as_tensor.data, expected)
    assert np.array_equal(as_array.data, expected)
    assert as_tensor.requires_grad
    assert not as_array.requires_grad


def test_lift_keeps_name_docstring_and_errors():
    assert F.affine.__name__ == "affine"
    assert F.affine.__doc__ == affine.__doc__
    with pytest.raises(ValueError, match="affine: the last axis of x must be d_in = 3"):
        F.affine(np.zeros((2, 4)), np.zeros((5, 3)), np.zeros(5))
    with pytest.raises(TypeError, match="relu: x must hold real floating-point numbers"):
        F.relu(Tensor([1, 2]))


@pytest.mark.parametrize("name", REGISTRY)
def test_lifted_functions_pull_back_as_by_hand(name):
    case = CASES[name]
    rng = np.random.default_rng(1)
    for instance in case.instances(rng):
        value, pullback = case.function(*instance.args, **instance.options)
        dy = np.asarray(rng.standard_normal(np.shape(value)))
        tensors = [Tensor(a, requires_grad=not is_integer(a)) for a in instance.args]
        y = getattr(F, name)(*tensors, **instance.options)
        assert np.array_equal(y.data, value)
        y.backward(dy)
        for tensor, expected in zip(tensors, pullback(dy), strict=True):
            if expected is None:
                assert tensor.grad is None
            else:
                assert np.array_equal(tensor.grad, expected)
                assert tensor.grad.dtype == tensor.dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_is_the_pullbacks_one_after_the_other(dtype):
    rng = np.random.default_rng(0)
    shapes = [(5, 4), (3, 4), (3,), (2, 3), (2,), (5, 2)]
    X, W1, b1, W2, b2, t = (rng.standard_normal(s).astype(dtype) for s in shapes)

    tensors = [Tensor(a, requires_grad=True) for a in (X, W1, b1, W2, b2)]
    x, w1, c1, w2, c2 = tensors
    loss = F.mse_loss(F.affine(F.relu(F.affine(x, w1, c1)), w2, c2), t)
    loss.backward()

    z, pull_z = affine(X, W1, b1)
    h, pull_h = functional.relu(z)
    y, pull_y = affine(h, W2, b2)
    L, pull_L = mse_loss(y, t)
    dy, _ = pull_L(1.0)
    dh, dW2, db2 = pull_y(dy)
    (dz,) = pull_h(dh)
    dX, dW1, db1 = pull_z(dz)
    assert loss.item() == L
    for tensor, by_hand in zip(tensors, (dX, dW1, db1, dW2, db2), strict=True):
        assert np.array_equal(tensor.grad, by_hand)
        assert tensor.grad.dtype == dtype


def test_gradients_of_a_network_are_differences():
    rng = np.random.default_rng(0)
    X, t = rng.standard_normal((4, 3)), rng.integers(0, 2, 4)
    W, b = rng.standard_normal((2, 3)), rng.standard_normal(2)

    def loss(W, b):
        return F.cross_entropy(F.tanh(F.affine(X, W, b)), t)

    tensors = Tensor(W, requires_grad=True), Tensor(b, requires_grad=True)
    loss(*tensors).backward()
    h = 1e-6
    for k, (tensor, a) in enumerate(zip(tensors, (W, b), strict=True)):
        for index in itertools.islice(np.ndindex(a.shape), 3):
            nudge = np.zeros_like(a)
            nudge[index] = h
            plus, minus = [W, b], [W, b]
            plus[k], minus[k] = a + nudge, a - nudge
            slope = (loss(*plus).item() - loss(*minus).item()) / (2 * h)
            assert tensor.grad[index] == pytest.approx(slope, rel=1e-6, abs=1e-9)


OPERATORS = {
    "+": (lambda a, b: a + b),
    "-": (lambda a, b: a - b),
    "*": (lambda a, b: a * b),
    "/": (lambda a, b: a / b),
}


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_operators_with_tensors_arrays_and_numbers_on_either_side(sign, dtype):
    operator = OPERATORS[sign]
    a = np.array([[1.0, 2.0], [4.0, 8.0]], dtype)
    for other in (Tensor(np.array([2.0, 4.0], dtype)), np.array([2.0, 4.0], dtype), 2.0, 2):
        array = other.data if isinstance(other, Tensor) else dtype(1) * other
        for left in (True, False):
            x = Tensor(a, requires_grad=True)
            y = operator(x, other) if left else operator(other, x)
            expected = operator(a, array) if left else operator(array, a)
            assert isinstance(y, Tensor)
            assert y.dtype == dtype
            assert np.array_equal(y.data, expected)
            y.sum().backward()
            slope = {
                "+": np.ones_like(a),
                "-": np.full_like(a, 1 if left else -1),
                "*": np.broadcast_to(array, a.shape),
                "/": 1 / np.broadcast_to(array, a.shape) if left else -array / (a * a),
            }[sign]
            assert x.grad.dtype == dtype
            np.testing.assert_allclose(x.grad, slope, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_matrix_products_with_arrays_on_either_side(dtype):
    a, b = np.arange(6, dtype=dtype).reshape(2, 3), np.arange(12, dtype=dtype).reshape(3, 4)
    for y in (Tensor(a, requires_grad=True) @ b, a @ Tensor(b, requires_grad=True)):
        assert isinstance(y, Tensor)
        assert y.dtype == dtype
        assert np.array_equal(y.data, a @ b)
    x = Tensor(a, requires_grad=True)
    (x @ b).sum().backward()
    assert np.array_equal(x.grad, np.tile(b.sum(1), (2, 1)))
    w = Tensor(b, requires_grad=True)
    (a @ w).sum().backward()
    assert np.array_equal(w.grad, np.tile(a.sum(0)[:, None], (1, 4)))


def test_methods_are_the_functions_of_the_same_name():
    rng = np.random.default_rng(0)
    x = Tensor(rng.standard_normal((2, 3, 4)), requires_grad=True)
    for ours, expected in [
        (-x, -x.data),
        (x[:, 1], x.data[:, 1]),
        (x[..., [0, 0]], x.data[..., [0, 0]]),
        (x.sum(), x.data.sum()),
        (x.sum(1, keepdims=True), x.data.sum(1, keepdims=True)),
        (x.mean((0, -1)), x.data.mean((0, -1))),
        (x.reshape(6, -1), x.data.reshape(6, 4)),
        (x.transpose(2, 0, 1), x.data.transpose(2, 0, 1)),
        (x.transpose(), x.data.transpose()),
        (x.T, x.data.T),
    ]:
        assert isinstance(ours, Tensor)
        assert ours.requires_grad
        assert np.array_equal(ours.data, expected)


def test_a_formula_of_operators_has_the_gradient_of_the_function():
    rng = np.random.default_rng(0)
    y, t = Tensor(rng.standard_normal((5, 2)), requires_grad=True), rng.standard_normal((5, 2))
    ((y - t) * (y - t)).mean().backward()
    by_operators, y.grad = y.grad, None
    F.mse_loss(y, t).backward()
    np.testing.assert_allclose(by_operators, y.grad, rtol=1e-14)


def test_what_is_broadcast_gets_the_sum():
    b = Tensor(np.zeros(3), requires_grad=True)
    (np.ones((4, 3)) + b).sum().backward()
    assert np.array_equal(b.grad, [4, 4, 4])


@pytest.mark.parametrize("other", ["a word", None, 1j])
def test_operators_refuse_what_is_no_number(other):
    with pytest.raises(TypeError):
        Tensor(np.ones(2)) + other
    with pytest.raises(TypeError):
        other * Tensor(np.ones(2))


def test_operators_refuse_another_precision():
    x = Tensor(np.ones(2, np.float32))
    with pytest.raises(TypeError, match="float64"):
        x + np.ones(2)
    with pytest.raises(TypeError, match="float64"):
        np.ones(2) * x


def test_a_power_of_a_tensor_is_the_function():
    w = parameter(2.0, 3.0)
    (w**3).sum().backward()
    np.testing.assert_allclose(w.grad, [12.0, 27.0])
    with pytest.raises(TypeError, match="pow: exponent must be one number, got Tensor"):
        w**w


def test_shapes_and_axes_may_be_one_tuple():
    x = Tensor(np.arange(6.0))
    assert x.reshape((2, 3)).shape == x.reshape(2, 3).shape == (2, 3)
    assert x.reshape(-1).shape == (6,)
    assert x.reshape(3, 2).transpose((1, 0)).shape == (2, 3)


def test_a_single_number_is_one_to_python():
    L = Tensor(np.array(0.25, np.float32), requires_grad=True)
    assert float(L) == 0.25
    assert f"{L:.3f}" == "0.250"
    assert f"{L}" == repr(L)
    assert bool(L)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(parameter(1.0, 2.0))


def test_numpy_gets_the_array_unless_it_would_lose_the_gradient():
    assert np.array_equal(np.asarray(Tensor(np.ones(3))), np.ones(3))
    assert np.asarray(Tensor(np.ones(3)), np.float32).dtype == np.float32
    for use in (np.asarray, np.mean, lambda w: np.array([w, w])):
        with pytest.raises(TypeError, match=r"take \.data of the tensor|Tensor.mean"):
            use(parameter(1.0, 2.0))


def test_a_tensor_is_not_made_of_tensors_or_of_ragged_rows():
    with pytest.raises(TypeError, match=r"Tensor: data is a Tensor already; .* \.detach\(\)"):
        Tensor(parameter(1.0))
    with pytest.raises(TypeError, match=r"take \.data"):
        Tensor([parameter(1.0), parameter(2.0)])
    with pytest.raises(ValueError, match="Tensor: data must be an array of numbers, rows of one"):
        Tensor([[1.0, 2.0], [3.0]])


def test_arrays_may_be_passed_by_name():
    y, t = parameter(1.0, 3.0), Tensor(np.zeros(2))
    F.mse_loss(y=y, t=t).backward()
    by_name, y.grad = y.grad, None
    F.mse_loss(y, t=t).backward()
    assert np.array_equal(y.grad, by_name)
    logits = parameter(1.0, 2.0)
    F.cross_entropy(logits, t=np.array(1)).backward()
    assert logits.grad.shape == (2,)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        F.mse_loss(t=t)


def test_a_gradient_from_above_of_another_precision_is_refused_and_a_list_is_not():
    w = parameter(1.0, 2.0)
    with pytest.raises(TypeError, match=r"backward: gradient must have the dtype .* float64"):
        w.backward(np.ones(2, np.float32))
    single = Tensor(np.ones(2, np.float32), requires_grad=True)
    (single * 2.0).backward([1, 3])
    assert single.grad.tolist() == [2, 6]
    assert single.grad.dtype == np.float32
