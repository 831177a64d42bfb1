"""Answers to the exercises of ``automatic-differentiation``: wrong ones and right ones.

``WRONG``: exercise → (what is wrong, the answer, the check that must reject it, words that the
learner must read). ``RIGHT``: exercise → (how it is written, the answer). See CONTRIBUTING.
"""

# ruff: noqa: B905, B006, RUF012 - this is how learners write

from collections import deque
from graphlib import TopologicalSorter

import numpy as np

# --- gradients_by_hand ----------------------------------------------------------------------------

BY_HAND = {
    "dc/db": 2,
    "dc/da": 4,
    "dz/dy": 3,
    "dz/dx": 27,
    "ds/dp": 1,
    "a.grad overwritten": 1,
    "a.grad after two calls": 8,
    "forward runs": 1000,
    "reverse runs": 2,
}


def predicting(question, answer):
    return BY_HAND | {question: answer}


# --- Dual -----------------------------------------------------------------------------------------


def dual(*without, **methods):
    """The right class without some of its methods, or with others in their place."""

    class Dual:
        def __init__(self, value, slope=0.0):
            self.value = value
            self.slope = slope

        def __add__(self, other):
            other = as_dual(other)
            return Dual(self.value + other.value, self.slope + other.slope)

        def __sub__(self, other):
            other = as_dual(other)
            return Dual(self.value - other.value, self.slope - other.slope)

        def __mul__(self, other):
            other = as_dual(other)
            slope = self.slope * other.value + self.value * other.slope
            return Dual(self.value * other.value, slope)

        def __truediv__(self, other):
            other = as_dual(other)
            slope = (self.slope * other.value - self.value * other.slope) / other.value**2
            return Dual(self.value / other.value, slope)

        def __radd__(self, other):
            return self + other

        def __rmul__(self, other):
            return self * other

        def __rsub__(self, other):
            return as_dual(other) - self

        def __rtruediv__(self, other):
            return as_dual(other) / self

        def exp(self):
            return Dual(np.exp(self.value), np.exp(self.value) * self.slope)

    def as_dual(other):
        return other if isinstance(other, Dual) else Dual(other)

    for name in without:
        delattr(Dual, name)
    for name, method in methods.items():
        setattr(Dual, name, method)
    return Dual


def pair(x):
    """Value and slope of a dual or a number."""
    return getattr(x, "value", x), getattr(x, "slope", 0.0)


def made(self, value, slope):
    return type(self)(value, slope)


def starting_with_another_name(self, value, slope=0.0):
    self.val, self.slope = value, slope


def product_of_slopes(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u * v, du * dv)


def half_a_product_rule(self, other):
    (u, du), (v, _) = pair(self), pair(other)
    return made(self, u * v, du * v)


def second_order_kept(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u * v, du * v + u * dv + du * dv)


def sum_forgetting_slope(self, other):
    if not hasattr(other, "value"):
        return made(self, self.value + other, 0.0)
    return made(self, self.value + other.value, self.slope + other.slope)


def product_scaling_the_value(self, other):
    if not hasattr(other, "value"):
        return made(self, self.value * other, self.slope)
    return made(self, self.value * other.value, self.slope * other.value + self.value * other.slope)


def own_factors(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u * v, u * du + v * dv)


def quotient_with_plus(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u / v, (du * v + u * dv) / v**2)


def quotient_turned_around(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u / v, (u * dv - du * v) / v**2)


def quotient_not_squared(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u / v, (du * v - u * dv) / v)


def quotient_of_slopes(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u / v, du / dv if dv else du / v)


def difference_adding_slopes(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u - v, du + dv)


def sum_keeping_one_slope(self, other):
    (u, du), (v, _) = pair(self), pair(other)
    return made(self, u + v, du)


def sum_counting_constants(self, other):
    (u, du), (v, _) = pair(self), pair(other)
    return made(self, u + v, du + getattr(other, "slope", 1.0))


def sum_in_place(self, other):
    v, dv = pair(other)
    self.value += v
    self.slope += dv
    return self


def sum_as_a_number(self, other):
    return self.value + pair(other)[0]


def sum_of_duals_only(self, other):
    return made(self, self.value + other.value, self.slope + other.slope)


def sum_as_a_tuple(self, other):
    return self.value + pair(other)[0], self.slope + pair(other)[1]


def difference_as_a_number(self, other):
    return other - self.value


def product_adding_slopes(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u * v, du + dv)


def quotient_over_the_slope(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u / v, (du * v - u * dv) / dv**2 if dv else float("nan"))


def quotient_cut(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u // v, (du * v - u * dv) / v**2)


def quotient_cut_and_used(self, other):
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u // v, (du - u // v * dv) / v)


def exp_without_slope(self):
    return made(self, np.exp(self.value), np.exp(self.value))


def exp_of_slope(self):
    return made(self, np.exp(self.value), np.exp(self.slope))


def exp_by_power_rule(self):
    return made(self, np.exp(self.value), self.value * np.exp(self.value - 1) * self.slope)


def square_counted_once(self, other):
    """Right, except that x * x has one factor only."""
    (u, du), (v, dv) = pair(self), pair(other)
    return made(self, u * v, u * dv if self is other else du * v + u * dv)


class DualByTuples:
    """All operations from one: the value of f(u, v) and its two partial derivatives."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def combine(self, other, f, df):
        u, v = self, other if isinstance(other, DualByTuples) else DualByTuples(other)
        fu, fv = df(u.value, v.value)
        return DualByTuples(f(u.value, v.value), fu * u.slope + fv * v.slope)

    def __add__(self, other):
        return self.combine(other, lambda u, v: u + v, lambda u, v: (1, 1))

    def __mul__(self, other):
        return self.combine(other, lambda u, v: u * v, lambda u, v: (v, u))

    def __sub__(self, other):
        return self.combine(other, lambda u, v: u - v, lambda u, v: (1, -1))

    def __rsub__(self, other):
        return self.combine(other, lambda u, v: v - u, lambda u, v: (-1, 1))

    def __truediv__(self, other):
        return self.combine(other, lambda u, v: u / v, lambda u, v: (1 / v, -u / v**2))

    def __rtruediv__(self, other):
        return self.combine(other, lambda u, v: v / u, lambda u, v: (-v / u**2, 1 / u))

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self.combine(0, lambda u, v: np.exp(u), lambda u, v: (np.exp(u), 0))


class DualByMatrices:
    """u + u' eps as the matrix [[u, u'], [0, u]], which obeys the same rules."""

    def __init__(self, value, slope=0.0):
        self.matrix = np.array([[value, slope], [0.0, value]], dtype=float)

    value = property(lambda self: self.matrix[0, 0])
    slope = property(lambda self: self.matrix[0, 1])

    @classmethod
    def of(cls, x):
        if isinstance(x, np.ndarray):
            return cls(x[0, 0], x[0, 1])
        return x if isinstance(x, cls) else cls(x)

    def __add__(self, other):
        return self.of(self.matrix + self.of(other).matrix)

    def __sub__(self, other):
        return self.of(self.matrix - self.of(other).matrix)

    def __mul__(self, other):
        return self.of(self.matrix @ self.of(other).matrix)

    def __truediv__(self, other):
        return self.of(self.matrix @ np.linalg.inv(self.of(other).matrix))

    def __radd__(self, other):
        return self.of(other) + self

    def __rsub__(self, other):
        return self.of(other) - self

    def __rmul__(self, other):
        return self.of(other) * self

    def __rtruediv__(self, other):
        return self.of(other) / self

    def exp(self):
        return self.of(np.exp(self.value) * np.array([[1, self.slope], [0, 1]]))


# --- topological_order ----------------------------------------------------------------------------


def order_by_first_meeting(parents, root):
    """Depth first, listed on meeting, turned around."""
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        if node not in order:
            order.append(node)
            stack.extend(parents[node])
    return order[::-1]


def order_breadth_first(parents, root):
    order, queue = [], deque([root])
    while queue:
        node = queue.popleft()
        if node not in order:
            order.append(node)
            queue.extend(parents[node])
    return order[::-1]


def order_root_first(parents, root):
    return order_by_stack(parents, root)[::-1]


def order_with_repeats(parents, root):
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(parents[node])
    return order[::-1]


def order_recursive(parents, root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in parents[node]:
                visit(parent)
            order.append(node)

    visit(root)
    return order


def order_walking_every_path(parents, root):
    """No memory of what has been walked through, only of what is listed."""
    order, stack = [], [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            if node not in order:
                order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order


def order_without_root(parents, root):
    return order_by_stack(parents, root)[:-1]


def order_of_everything(parents, root):
    return list(TopologicalSorter(parents).static_order())


def order_with_default_list(parents, root, order=[]):
    order.extend(order_by_stack(parents, root))
    return order


def order_of_parents_only(parents, root):
    """Nodes that nothing was computed from do not count."""
    return [node for node in order_by_stack(parents, root) if parents[node]]


def order_emptying_the_graph(parents, root):
    order, stack = [], [root]
    while stack:
        node = stack[-1]
        if parents[node]:
            parent = parents[node].pop()
            if parent not in order:
                stack.append(parent)
        else:
            stack.pop()
            if node not in order:
                order.append(node)
    return order


def order_of_the_dictionary(parents, root):
    return [node for node in parents if node in order_by_stack(parents, root)]


def order_by_name(parents, root):
    return sorted(order_by_stack(parents, root))


def order_waiting_twice(parents, root):
    """Waits for each use of a parent, and counts each user once."""
    waiting = {node: len(uses) for node, uses in parents.items()}
    ready = [node for node in parents if not waiting[node]]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for user, uses in parents.items():
            if node in uses:
                waiting[user] -= 1
                if waiting[user] == 0:
                    ready.append(user)
    return order


def order_as_a_set(parents, root):
    return set(order_by_stack(parents, root))


def order_printing(parents, root):
    print(order_by_stack(parents, root))


def order_by_stack(parents, root):
    """A stack of iterators over parents."""
    order, seen, stack = [], {root}, [(root, iter(parents[root]))]
    while stack:
        node, rest = stack[-1]
        for parent in rest:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(parents[parent])))
                break
        else:
            stack.pop()
            order.append(node)
    return order


def order_from_the_root(parents, root):
    """Kahn: take away nodes that nobody uses any more, and turn the list around."""
    needed, todo = {root}, [root]
    while todo:
        for parent in parents[todo.pop()]:
            if parent not in needed:
                needed.add(parent)
                todo.append(parent)
    users = dict.fromkeys(needed, 0)
    for node in needed:
        for parent in parents[node]:
            users[parent] += 1
    free, order = [root], []
    while free:
        node = free.pop()
        order.append(node)
        for parent in parents[node]:
            users[parent] -= 1
            if users[parent] == 0:
                free.append(parent)
    order.reverse()
    return order


def order_by_graphlib(parents, root):
    needed, todo = {}, [root]
    while todo:
        node = todo.pop()
        if node not in needed:
            needed[node] = parents[node]
            todo += parents[node]
    return tuple(TopologicalSorter(needed).static_order())


# --- Value ----------------------------------------------------------------------------------------


def value(*without, **methods):
    """A right class, with slopes on its edges, without some of its methods or with others."""

    class Value:
        def __init__(self, data, parents=(), slopes=()):
            self.data, self.grad = data, 0.0
            self.parents, self.slopes = parents, slopes

        def new(self, data, parents, slopes):
            return Value(data, parents, slopes)

        def lift(self, other):
            return other if isinstance(other, Value) else Value(other)

        def __add__(self, other):
            other = self.lift(other)
            return self.new(self.data + other.data, (self, other), (1.0, 1.0))

        def __sub__(self, other):
            other = self.lift(other)
            return self.new(self.data - other.data, (self, other), (1.0, -1.0))

        def __mul__(self, other):
            other = self.lift(other)
            return self.new(self.data * other.data, (self, other), (other.data, self.data))

        def __truediv__(self, other):
            other = self.lift(other)
            slopes = 1 / other.data, -self.data / other.data**2
            return self.new(self.data / other.data, (self, other), slopes)

        def __radd__(self, other):
            return self + other

        def __rsub__(self, other):
            return self.lift(other) - self

        def __rmul__(self, other):
            return self * other

        def __rtruediv__(self, other):
            return self.lift(other) / self

        def __neg__(self):
            return self.new(-self.data, (self,), (-1.0,))

        def __pow__(self, k):
            return self.new(self.data**k, (self,), (k * self.data ** (k - 1),))

        def exp(self):
            return self.new(np.exp(self.data), (self,), (np.exp(self.data),))

        def tanh(self):
            return self.new(np.tanh(self.data), (self,), (1 - np.tanh(self.data) ** 2,))

        def relu(self):
            return self.new(max(self.data, 0.0), (self,), (float(self.data > 0),))

        def order(self):
            order, seen, stack = [], set(), [(self, False)]
            while stack:
                node, ready = stack.pop()
                if ready:
                    order.append(node)
                elif node not in seen:
                    seen.add(node)
                    stack.append((node, True))
                    stack.extend((parent, False) for parent in node.parents)
            return order

        def backward(self):
            arrived = {self: 1.0}
            for node in reversed(self.order()):
                node.grad += arrived[node]
                for parent, slope in zip(node.parents, node.slopes):
                    arrived[parent] = arrived.get(parent, 0.0) + slope * arrived[node]

    for name in without:
        delattr(Value, name)
    for name, method in methods.items():
        setattr(Value, name, method)
    return Value


def recording(data, slopes, operands=2):
    """An operation from the formulas of its result and of its slopes."""
    if operands == 1:
        return lambda self: self.new(data(self.data), (self,), slopes(self.data))

    def binary(self, other):
        other = self.lift(other)
        return self.new(data(self.data, other.data), (self, other), slopes(self.data, other.data))

    return binary


def raising_to(slope):
    return lambda self, k: self.new(self.data**k, (self,), (slope(self.data, k),))


def backward_overwriting(self):
    arrived = {self: 1.0}
    for node in reversed(self.order()):
        node.grad += arrived[node]
        for parent, slope in zip(node.parents, node.slopes):
            arrived[parent] = slope * arrived[node]


def backward_into_grad(self):
    """Collects in ``grad`` itself, and what an earlier call left there is passed on again."""
    self.grad = 1.0
    for node in reversed(self.order()):
        for parent, slope in zip(node.parents, node.slopes):
            parent.grad += slope * node.grad


def backward_by_recursion_with_totals(self, gradient=1.0):
    self.grad += gradient
    for parent, slope in zip(self.parents, self.slopes):
        backward_by_recursion_with_totals(parent, slope * self.grad)


def backward_along_every_path(self):
    """Right, but it walks along each path on its own."""
    stack = [(self, 1.0)]
    while stack:
        node, gradient = stack.pop()
        node.grad += gradient
        stack.extend((p, s * gradient) for p, s in zip(node.parents, node.slopes))


def backward_breadth_first(self):
    arrived, seen, queue = {self: 1.0}, {self}, deque([self])
    while queue:
        node = queue.popleft()
        node.grad += arrived[node]
        for parent, slope in zip(node.parents, node.slopes):
            arrived[parent] = arrived.get(parent, 0.0) + slope * arrived[node]
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)


def order_on_meeting(self):
    """Depth first, a node listed as soon as it is met."""
    order, seen, stack = [], set(), [self]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(node.parents)
    return order[::-1]


def order_by_recursion(self):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(self)
    return order


def order_by_data(self):
    """Takes two nodes with the same number for one."""
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node.data not in seen:
            seen.add(node.data)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def backward_of_what_arrived(self):
    arrived = {self: 1.0}
    for node in reversed(self.order()):
        node.grad += arrived.get(node, 0.0)
        for parent, slope in zip(node.parents, node.slopes):
            arrived[parent] = arrived.get(parent, 0.0) + slope * arrived.get(node, 0.0)


def backward_setting(self):
    """Does not add to what an earlier call left."""
    arrived = {self: 1.0}
    for node in reversed(self.order()):
        node.grad = arrived[node]
        for parent, slope in zip(node.parents, node.slopes):
            arrived[parent] = arrived.get(parent, 0.0) + slope * arrived[node]


def backward_without_chain(self):
    self.grad += 1.0
    for node in reversed(self.order()):
        for parent, slope in zip(node.parents, node.slopes):
            parent.grad += slope


def backward_without_seed(self):
    for node in reversed(self.order()):
        for parent, slope in zip(node.parents, node.slopes):
            parent.grad += slope * node.grad


def backward_once(self):
    """Lets the graph go."""
    arrived = {self: 1.0}
    for node in reversed(self.order()):
        node.grad += arrived[node]
        for parent, slope in zip(node.parents, node.slopes):
            arrived[parent] = arrived.get(parent, 0.0) + slope * arrived[node]
        node.parents = node.slopes = ()


def backward_of_parents(self):
    """Stops after the first step."""
    for parent, slope in zip(self.parents, self.slopes):
        parent.grad += slope


def backward_of_self(self):
    """The same, with a gradient of its own."""
    self.grad += 1.0
    for parent, slope in zip(self.parents, self.slopes):
        parent.grad += slope


def backward_doing_nothing(self):
    pass


def backward_by_counting(self):
    """A value is passed on when as many uses have arrived as it has."""
    uses, todo = {self: 0}, [self]
    while todo:
        for parent in todo.pop().parents:
            if parent not in uses:
                uses[parent] = 0
                todo.append(parent)
            uses[parent] += 1
    arrived, ready = dict.fromkeys(uses, 0.0), [self]
    arrived[self] = 1.0
    while ready:
        node = ready.pop()
        node.grad += arrived[node]
        for parent, slope in zip(node.parents, node.slopes):
            arrived[parent] += slope * arrived[node]
            uses[parent] -= 1
            if not uses[parent]:
                ready.append(parent)


def backward_changing_data(self):
    """A training step in the wrong place."""
    backward_of_what_arrived(self)
    for node in self.order():
        node.data = node.data - 0.1 * node.grad


def backward_scaling_data(self):
    """Only what has two parents is touched."""
    backward_of_what_arrived(self)
    for parent in self.parents:
        if len(self.parents) == 2 and self.data == 7.0:
            parent.data = parent.data + 1


def add_in_place(self, other):
    other = self.lift(other)
    self.data += other.data
    return self


def add_numbers(self, other):
    return self.data + self.lift(other).data


def add_values_only(self, other):
    return self.new(self.data + other.data, (self, other), (1.0, 1.0))


def add_without_recording(self, other):
    return self.new(self.data + self.lift(other).data, (), ())


def starting_with_shared_lists(self, data, parents=[], slopes=[]):
    self.data, self.grad = data, 0.0
    self.parents, self.slopes = parents, slopes


def new_by_appending(self, data, parents, slopes):
    result = type(self)(data)
    result.parents.extend(parents)
    result.slopes.extend(slopes)
    return result


def shared_lists():
    return value(__init__=starting_with_shared_lists, new=new_by_appending)


def starting_without_grad(self, data, parents=(), slopes=()):
    self.data, self.parents, self.slopes = data, parents, slopes
    self.grad = None


class Micrograd:
    """Closures that hold their own output; gradients of the values between are set back."""

    def __init__(self, data, children=()):
        self.data, self.grad = data, 0.0
        self._prev = set(children)
        self._backward = None

    def __add__(self, other):
        other = other if isinstance(other, Micrograd) else Micrograd(other)
        out = Micrograd(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Micrograd) else Micrograd(other)
        out = Micrograd(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __pow__(self, other):
        out = Micrograd(self.data**other, (self,))

        def _backward():
            self.grad += other * self.data ** (other - 1) * out.grad

        out._backward = _backward
        return out

    def unary(self, y, slope):
        out = Micrograd(y, (self,))

        def _backward():
            self.grad += slope * out.grad

        out._backward = _backward
        return out

    def exp(self):
        return self.unary(np.exp(self.data), np.exp(self.data))

    def tanh(self):
        t = (np.exp(2 * self.data) - 1) / (np.exp(2 * self.data) + 1)
        return self.unary(t, 1 - t**2)

    def relu(self):
        return self.unary(0.0 if self.data < 0 else self.data, (self.data > 0) * 1.0)

    def backward(self):
        topo, visited, stack = [], set(), [(self, iter(self._prev))]
        visited.add(self)
        while stack:
            node, rest = stack[-1]
            child = next((c for c in rest if c not in visited), None)
            if child is None:
                topo.append(node)
                stack.pop()
            else:
                visited.add(child)
                stack.append((child, iter(child._prev)))
        for node in topo:
            if node._backward is not None:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(topo):
            if node._backward is not None:
                node._backward()

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, Micrograd) else 1 / other)

    def __rtruediv__(self, other):
        return other * self**-1


class Taped:
    """A tape: operations are numbered as they are made, so going down the numbers is an order."""

    tape = []

    def __init__(self, data, edges=None):
        self.data, self.grad = float(data), 0.0
        self.edges = edges  # (number of the parent, slope), or None for a leaf
        self.number = len(Taped.tape)
        Taped.tape.append(self)

    @staticmethod
    def op(data, *edges):
        return Taped(data, [(parent.number, slope) for parent, slope in edges])

    @staticmethod
    def of(x):
        return x if isinstance(x, Taped) else Taped(x)

    def __add__(self, other):
        other = self.of(other)
        return self.op(self.data + other.data, (self, 1), (other, 1))

    def __sub__(self, other):
        other = self.of(other)
        return self.op(self.data - other.data, (self, 1), (other, -1))

    def __mul__(self, other):
        other = self.of(other)
        return self.op(self.data * other.data, (self, other.data), (other, self.data))

    def __truediv__(self, other):
        return self * self.of(other) ** -1

    def __pow__(self, k):
        return self.op(self.data**k, (self, k * self.data ** (k - 1)))

    def __neg__(self):
        return self.op(-self.data, (self, -1))

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self.op(np.exp(self.data), (self, np.exp(self.data)))

    def tanh(self):
        return self.op(np.tanh(self.data), (self, 1 / np.cosh(self.data) ** 2))

    def relu(self):
        return self.op(self.data, (self, 1)) if self.data > 0 else self.op(0.0, (self, 0))

    def backward(self):
        gradients = [0.0] * self.number + [1.0]
        for number in range(self.number, -1, -1):
            node = Taped.tape[number]
            if node.edges is None:
                node.grad += gradients[number]
                continue
            for parent, slope in node.edges:
                gradients[parent] += slope * gradients[number]


# --- pullback -------------------------------------------------------------------------------------


def to_shape(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def pulling(to_shape=to_shape, **operators):
    """The right answer with another way back to a shape, or another rule for an operator."""
    rules = {
        "add": lambda dz, x, y: (dz, dz),
        "mul": lambda dz, x, y: (dz * y, dz * x),
        "matmul": lambda dz, x, y: (dz @ y.T, x.T @ dz),
    } | operators
    names = {"+": "add", "*": "mul", "@": "matmul"}

    def pullback(operator, dz, x, y):
        dx, dy = rules[names[operator]](dz, x, y)
        if operator == "@":
            return dx, dy
        return to_shape(dx, x.shape), to_shape(dy, y.shape)

    return pullback


def leading_axes_only(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    return gradient


def ones_lost(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, length in reversed(list(enumerate(shape))):
        if length == 1:
            gradient = gradient.sum(axis=axis)
    return gradient


def ones_only(gradient, shape):
    for axis, length in enumerate(shape):
        if length == 1 and gradient.ndim == len(shape):
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def averaged(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.mean(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.mean(axis=axis, keepdims=True)
    return gradient


def first_entries(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient[0]
    return gradient[tuple(slice(0, length) for length in shape)]


def last_axis_first(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=-1)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def reshaped(gradient, shape):
    return np.resize(gradient, shape)


def lacking_kept(gradient, shape):
    lacking = gradient.ndim - len(shape)
    return to_shape(gradient, shape).reshape((1,) * lacking + shape)


def summed_on_the_right(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=-1)
    return gradient.sum(axis=tuple(i for i, size in enumerate(shape) if size == 1), keepdims=True)


def ones_averaged(gradient, shape):
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    return gradient.mean(axis=tuple(i for i, size in enumerate(shape) if size == 1), keepdims=True)


def pullback_turned(operator, dz, x, y):
    return pulling()(operator, dz, x, y)[::-1]


def pullback_in_place(operator, dz, x, y):
    if operator == "*":
        dx = dz * y
        dz *= x
        return to_shape(dx, x.shape), to_shape(dz, y.shape)
    return pulling()(operator, dz, x, y)


def pullback_in_float64(operator, dz, x, y):
    return tuple(np.zeros(g.shape) + g for g in pulling()(operator, dz, x, y))


def pullback_reading_memory(operator, dz, x, y):
    x = np.frombuffer(x, dtype=x.dtype).reshape(x.shape)
    return pulling()(operator, dz, x, y)


def pullback_for_matrices(operator, dz, x, y):
    """Axis 0 is summed, whatever the shapes."""
    if operator == "@":
        return dz @ y.T, x.T @ dz
    dx, dy = (dz, dz) if operator == "+" else (dz * y, dz * x)
    return dx, dy.sum(axis=0)


def pullback_forgetting_matmul(operator, dz, x, y):
    if operator in "+*":
        return pulling()(operator, dz, x, y)


def pullback_by_loops(operator, dz, x, y):
    """Entry by entry; broadcast views tell which entry of an argument each place came from."""
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    if operator == "@":
        for i in range(x.shape[0]):
            for j in range(y.shape[1]):
                for k in range(x.shape[1]):
                    dx[i, k] += dz[i, j] * y[k, j]
                    dy[k, j] += dz[i, j] * x[i, k]
        return dx, dy
    places_x = np.broadcast_to(np.arange(x.size).reshape(x.shape), dz.shape)
    places_y = np.broadcast_to(np.arange(y.size).reshape(y.shape), dz.shape)
    for place in np.ndindex(dz.shape):
        i, j = places_x[place], places_y[place]
        dx.reshape(-1)[i] += dz[place] * (1 if operator == "+" else y.reshape(-1)[j])
        dy.reshape(-1)[j] += dz[place] * (1 if operator == "+" else x.reshape(-1)[i])
    return dx, dy


def pullback_by_padding(operator, dz, x, y):
    """Shapes padded with ones on the left, one sum, one reshape."""

    def back(gradient, shape):
        padded = (1,) * (gradient.ndim - len(shape)) + shape
        axes = tuple(i for i in range(gradient.ndim) if padded[i] != gradient.shape[i])
        return np.sum(gradient, axis=axes, keepdims=True).reshape(shape)

    if operator == "@":
        return np.einsum("ij,kj->ik", dz, y), np.einsum("ik,ij->kj", x, dz)
    if operator == "*":
        return back(np.multiply(dz, y), x.shape), back(np.multiply(dz, x), y.shape)
    return back(dz, x.shape), back(dz, y.shape)


# --- gradient_error -------------------------------------------------------------------------------


def error(step=1e-5, both_sides=True, measure=None, upstream=None, gradient=None):
    """The right answer with some of its lines replaced."""

    def gradient_error(f, x, dy):
        value, pullback = f(x)
        dx = pullback(dy)[0] if gradient is None else gradient(pullback, dy)
        weights = dy if upstream is None else upstream(dy)
        measured = np.zeros_like(x)
        for k in np.ndindex(x.shape):
            e = np.zeros_like(x)
            e[k] = step
            if both_sides:
                change = (f(x + e)[0] - f(x - e)[0]) / (2 * step)
            else:
                change = (f(x + e)[0] - value) / step
            measured[k] = (weights * change).sum()
        if measure is not None:
            return measure(dx, measured)
        return abs(dx - measured).max()

    return gradient_error


def error_of_all_at_once(f, x, dy):
    h = 1e-5
    (dx,) = f(x)[1](dy)
    measured = np.sum(dy * (f(x + h)[0] - f(x - h)[0])) / (2 * h)
    return np.max(np.abs(dx - measured))


def error_of_rows(f, x, dy):
    h = 1e-5
    (dx,) = f(x)[1](dy)
    measured = np.zeros_like(x)
    for k in range(len(x)):
        e = np.zeros_like(x)
        e[k] = h
        measured[k] = np.sum(dy * (f(x + e)[0] - f(x - e)[0])) / (2 * h)
    return np.max(np.abs(dx - measured))


def error_of_tuples(f, x, dy):
    (dx,) = f(x)[1](dy)
    return abs(dx - (f(x + 1e-5) - f(x - 1e-5)) / 2e-5).max()


def error_of_the_first_row(f, x, dy):
    (dx,) = f(x)[1](dy)
    worst = 0.0
    for k in range(len(x)):
        e = np.zeros_like(x)
        e[k] = 1e-5
        measured = np.sum(dy * (f(x + e)[0] - f(x - e)[0])) / 2e-5
        worst = max(worst, np.max(np.abs(dx[k] - measured)))
    return worst


def error_not_stepping_back(f, x, dy):
    (dx,) = f(x)[1](dy)
    x = x.copy()
    measured = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        x[k] += 1e-5
        above = f(x)[0]
        x[k] -= 2e-5
        measured[k] = np.sum(dy * (above - f(x)[0])) / 2e-5
    return np.max(np.abs(dx - measured))


def error_in_place(f, x, dy):
    (dx,) = f(x.copy())[1](dy)
    measured = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        x[k] += 1e-5
        above = f(x)[0]
        x[k] -= 2e-5
        below = f(x)[0]
        x[k] += 1e-5
        measured[k] = np.sum(dy * (above - below)) / 2e-5
    return np.max(np.abs(dx - measured))


def error_without_h(f, x, dy):
    return error(measure=lambda dx, n: abs(dx - n * 2e-5).max())(f, x, dy)


def error_by_columns(f, x, dy):
    """Flat, and the Jacobian first."""
    value, pullback = f(x)
    h, jacobian = 1e-5, np.zeros((np.size(value), x.size))
    for k in range(x.size):
        e = np.zeros(x.size)
        e[k] = h
        e = e.reshape(x.shape)
        jacobian[:, k] = (np.ravel(f(x + e)[0]) - np.ravel(f(x - e)[0])) / (2 * h)
    difference = np.ravel(pullback(dy)[0]) - np.ravel(dy) @ jacobian
    return float(np.linalg.norm(difference, np.inf))


def error_restoring(f, x, dy):
    """Moves entries of a copy, and puts back what was there."""
    dx = np.asarray(f(x)[1](dy)[0])
    x, worst = x.copy(), 0.0
    for k in np.ndindex(x.shape):
        here, sides = x[k], []
        for x[k] in (here + 1e-5, here - 1e-5):
            sides.append(float(np.vdot(dy, f(x.copy())[0])))
        x[k] = here
        worst = max(worst, abs(dx[k] - (sides[0] - sides[1]) / 2e-5))
    return worst


# --- checkpointed ---------------------------------------------------------------------------------


def keeping_everything(layers, x, dy, every):
    pullbacks = []
    for layer in layers:
        x, pullback = layer(x)
        pullbacks.append(pullback)
    for pullback in reversed(pullbacks):
        (dy,) = pullback(dy)
    return x, dy


def keeping_every_value(layers, x, dy, every):
    values = [x]
    for layer in layers:
        values.append(layer(values[-1])[0])
    for i in reversed(range(len(layers))):
        (dy,) = layers[i](values[i])[1](dy)
    return values[-1], dy


def keeping_nothing(layers, x, dy, every):
    y = x
    for layer in layers:
        y = layer(y)[0]
    for i in reversed(range(len(layers))):
        value = x
        for layer in layers[: i + 1]:
            value, pullback = layer(value)
        (dy,) = pullback(dy)
    return y, dy


def in_segments(
    bounds=None, keep=None, order=reversed, back=None, result=None, unpack=lambda g: g[0]
):
    """The right answer with some of its lines replaced."""

    def checkpointed(layers, x, dy, every):
        kept, y = {}, x
        starts = list(range(0, len(layers), every))
        for i, layer in enumerate(layers):
            if i in starts:
                kept[i] = y if keep is None else keep(y, layer)
            y = layer(y)[0]
        for start in starts[::-1] if back is None else back(starts):
            value, pullbacks = kept.pop(start), []
            end = start + every if bounds is None else bounds(start, every)
            for layer in layers[start:end]:
                value, pullback = layer(value)
                pullbacks.append(pullback)
            for pullback in order(pullbacks):
                dy = unpack(pullback(dy))
        return (y, dy) if result is None else result(y, dy, value)

    return checkpointed


def dropping_the_rest(layers, x, dy, every):
    """The last, shorter segment is not sent back through."""
    kept, y = [], x
    for i, layer in enumerate(layers):
        if i % every == 0:
            kept.append(y)
        y = layer(y)[0]
    for s in reversed(range(len(layers) // every)):
        value, pullbacks = kept[s], []
        for layer in layers[s * every : (s + 1) * every]:
            value, pullback = layer(value)
            pullbacks.append(pullback)
        for pullback in reversed(pullbacks):
            (dy,) = pullback(dy)
    return y, dy


def starting_from_x(layers, x, dy, every):
    """Every segment is run from the first input."""
    kept, y = [], x
    for i, layer in enumerate(layers):
        if i % every == 0:
            kept.append(y)
        y = layer(y)[0]
    for s in reversed(range(len(kept))):
        value, pullbacks = x, []
        for layer in layers[s * every : (s + 1) * every]:
            value, pullback = layer(value)
            pullbacks.append(pullback)
        for pullback in reversed(pullbacks):
            (dy,) = pullback(dy)
    return y, dy


def keeping_all_pullbacks(layers, x, dy, every):
    """Segments going forward, but the pullbacks of all segments stay."""
    kept, y = [], x
    for i, layer in enumerate(layers):
        if i % every == 0:
            kept.append(y)
        y = layer(y)[0]
    pullbacks = []
    for s, value in enumerate(kept):
        for layer in layers[s * every : (s + 1) * every]:
            value, pullback = layer(value)
            pullbacks.append(pullback)
    for pullback in reversed(pullbacks):
        (dy,) = pullback(dy)
    return y, dy


def by_number(layers, x, dy, every):
    size, kept = len(layers) // every, []
    for i, layer in enumerate(layers):
        if i % size == 0:
            kept.append(x)
        x, _ = layer(x)
    y = x
    while kept:
        x, pullbacks = kept.pop(), []
        for layer in layers[size * len(kept) : size * len(kept) + size]:
            x, pullback = layer(x)
            pullbacks.append(pullback)
        for pullback in pullbacks[::-1]:
            (dy,) = pullback(dy)
    return y, dy


def running_to_the_end(layers, x, dy, every):
    return in_segments(bounds=lambda start, every: None)(layers, x, dy, every)


def leaving_the_rest(layers, x, dy, every):
    return in_segments()(layers[: len(layers) // every * every], x, dy, every)


def sending_again(layers, x, dy, every):
    kept, y = [], x
    for i, layer in enumerate(layers):
        if i % every == 0:
            kept.append(y)
        y = layer(y)[0]
    pullbacks = []
    while kept:
        value = kept.pop()
        start = every * len(kept)
        for layer in layers[start : start + every]:
            value, pullback = layer(value)
            pullbacks.append(pullback)
        for pullback in pullbacks[::-1]:
            (dy,) = pullback(dy)
    return y, dy


def each_from_dy(layers, x, dy, every):
    for layer in layers:
        x, pullback = layer(x)
        if layer is layers[0]:
            first = pullback
    return x, first(dy)[0]


def adding_gradients(layers, x, dy, every):
    y, dx = keeping_everything(layers, x, dy, every)
    return y, dx + dy


def checkpointed_by_recursion(layers, x, dy, every):
    """The first segment, the rest, and then the first segment again."""
    if not layers:
        return x, dy
    first, rest = layers[:every], layers[every:]
    y = x
    for layer in first:
        y = layer(y)[0]
    y, dy = checkpointed_by_recursion(rest, y, dy, every)

    def back(remaining, x, dy):
        if not remaining:
            return dy
        x, pullback = remaining[0](x)
        return pullback(back(remaining[1:], x, dy))[0]

    return y, back(first, x, dy)


# --- gradients ------------------------------------------------------------------------------------


def gradients_with_shared_default(graph, root, total={}):
    total[root] = total.get(root, 0.0) + 1.0
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope * total[node]
    return dict(total)


def gradients_passing_totals(graph, root):
    total, stack = {}, [(root, 1.0)]
    while stack:
        node, gradient = stack.pop()
        total[node] = total.get(node, 0.0) + gradient
        for parent, slope in graph[node]:
            stack.append((parent, slope * total[node]))
    return total


def gradients_recursive_totals(graph, root):
    total = {}

    def visit(node, gradient):
        total[node] = total.get(node, 0.0) + gradient
        for parent, slope in graph[node]:
            visit(parent, slope * total[node])

    visit(root, 1.0)
    return total


def gradients_at_each_meeting(graph, root):
    total, todo = {root: 1.0}, [root]
    while todo:
        node = todo.pop()
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope * total[node]
            todo.append(parent)
    return total


def gradients_recursive(graph, node, gradient=1.0, total=None):
    if total is None:
        total = {}
    total[node] = total.get(node, 0.0) + gradient
    for parent, slope in graph[node]:
        gradients_recursive(graph, parent, slope * gradient, total)
    return total


def gradients_along_every_path(graph, root):
    total, stack = {}, [(root, 1.0)]
    while stack:
        node, gradient = stack.pop()
        total[node] = total.get(node, 0.0) + gradient
        for parent, slope in graph[node]:
            stack.append((parent, slope * gradient))
    return total


def gradients_overwriting(graph, root):
    total = {root: 1.0}
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] = slope * total[node]
    return total


def gradients_breadth_first(graph, root):
    total, seen, queue = {root: 1.0}, {root}, deque([root])
    while queue:
        node = queue.popleft()
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope * total[node]
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)
    return total


def gradients_in_order_of_the_dictionary(graph, root):
    total = dict.fromkeys(graph, 0.0)
    total[root] = 1.0
    for node in reversed(list(graph)):
        for parent, slope in graph[node]:
            total[parent] += slope * total[node]
    return {node: g for node, g in total.items() if node in graph_order(graph, root)}


def gradients_of_everything(graph, root):
    return dict.fromkeys(graph, 0.0) | gradients_in_order(graph, root)


def gradients_of_leaves(graph, root):
    return {n: g for n, g in gradients_in_order(graph, root).items() if not graph[n]}


def gradients_adding_slopes(graph, root):
    total = {root: 1.0}
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope
    return total


def gradients_forgetting_root(graph, root):
    total = gradients_in_order(graph, root)
    del total[root]
    return total


def gradients_as_a_list(graph, root):
    return list(gradients_in_order(graph, root).values())


def gradients_clearing_the_graph(graph, root):
    total = gradients_in_order(graph, root)
    for node in total:
        graph[node].clear()
    return total


def graph_order(graph, root):
    parents = {node: [parent for parent, _ in uses] for node, uses in graph.items()}
    return order_by_stack(parents, root)[::-1]


def gradients_forward(graph, root):
    total = dict.fromkeys(graph_order(graph, root), 0.0) | {root: 1.0}
    for node in graph_order(graph, root)[::-1]:
        for parent, slope in graph[node]:
            total[parent] += slope * total[node]
    return total


def gradients_of_sets(graph, root):
    return gradients_in_order({node: list(set(uses)) for node, uses in graph.items()}, root)


def gradients_from_leaves(graph, root):
    total = {}
    for node in graph_order(graph, root)[::-1]:
        total[node] = sum(s * total[p] for p, s in graph[node]) if graph[node] else 1.0
    return total


def gradients_from(start, graph, root):
    total = dict.fromkeys(graph_order(graph, root), start)
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] += slope * total[node]
    return total


def gradients_from_one(graph, root):
    return gradients_from(1.0, graph, root)


def gradients_of_zero(graph, root):
    return gradients_from(0.0, graph, root)


def gradients_plus(graph, root):
    total = {root: 1.0}
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope + total[node]
    return total


def gradients_times(graph, root):
    total = {root: 1.0}
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 1.0) * slope * total[node]
    return total


def gradients_in_order(graph, root):
    total = {root: 1.0}
    for node in graph_order(graph, root):
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope * total[node]
    return total


def gradients_by_waiting(graph, root):
    """A node is passed on when as many uses have arrived as it has."""
    uses, todo, seen = {root: 0}, [root], {root}
    while todo:
        for parent, _ in graph[todo.pop()]:
            uses[parent] = uses.get(parent, 0) + 1
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    total, ready = dict.fromkeys(uses, 0.0), [root]
    total[root] = 1.0
    while ready:
        node = ready.pop()
        for parent, slope in graph[node]:
            total[parent] += slope * total[node]
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)
    return total


def gradients_by_pulling(graph, root):
    """Each node asks those that use it, in topological order."""
    order = graph_order(graph, root)
    users = {node: [] for node in order}
    for node in order:
        for parent, slope in graph[node]:
            users[parent].append((node, slope))
    found = {}
    for node in order:
        found[node] = sum(slope * found[user] for user, slope in users[node])
        if node == root:
            found[node] = 1.0
    return found


WRONG = {
    "automatic-differentiation.gradients_by_hand": [
        ("one use", predicting("dc/db", 1), "dc/db", "1 is the slope for one use"),
        ("too far", predicting("dc/db", 4), "dc/db", "4 is dc/da"),
        ("one stage", predicting("dc/da", 2), "dc/da", "2 is one stage"),
        ("one path", predicting("dc/da", 1), "dc/da", "How many paths"),
        ("the value", predicting("dc/da", 12), "dc/da", "12 is the value of c"),
        ("other factor", predicting("dz/dy", 9), "dz/dy", "the other way around"),
        ("direct only", predicting("dz/dx", 9), "dz/dx", "There is a second way"),
        ("indirect only", predicting("dz/dx", 18), "dz/dx", "x is also used directly"),
        ("slopes added", predicting("dz/dx", 15), "dz/dx", "slopes multiply: dz/dy times"),
        ("relu ignored", predicting("ds/dp", 3), "ds/dp", "You let a gradient through relu"),
        ("nothing", predicting("ds/dp", 0), "ds/dp", "does not go through q"),
        (
            "right engine",
            predicting("a.grad overwritten", 4),
            "a.grad overwritten",
            "What is left",
        ),
        (
            "half overwritten",
            predicting("a.grad overwritten", 2),
            "a.grad overwritten",
            "keep one only",
        ),
        (
            "forgetful",
            predicting("a.grad after two calls", 4),
            "a.grad after two calls",
            "adds to what is",
        ),
        (
            "squared",
            predicting("a.grad after two calls", 16),
            "a.grad after two calls",
            "nothing is mult",
        ),
        ("by outputs", predicting("forward runs", 2), "forward runs", "of one input only"),
        ("by inputs", predicting("reverse runs", 1000), "reverse runs", "starts from one out"),
        ("like a loss", predicting("reverse runs", 1), "reverse runs", "There are two outputs"),
        ("as text", predicting("dz/dx", "27"), "dz/dx", "Answer with a number"),
        ("an array", predicting("dz/dx", np.array([27.0])), "dz/dx", "Answer with a number"),
        ("one blank left", predicting("reverse runs", ...), "reverse runs", "still waits"),
    ],
    "automatic-differentiation.Dual": [
        ("product of slopes", dual(__mul__=product_of_slopes), "*", "the product of the slopes"),
        ("half a product rule", dual(__mul__=half_a_product_rule), "*", "as if the second factor"),
        ("eps squared kept", dual(__mul__=second_order_kept), "*", "You keep the term u' v'"),
        (
            "slope lost",
            dual(__add__=sum_forgetting_slope),
            "numbers",
            "without the slope of x",
        ),
        (
            "value scaled",
            dual(__mul__=product_scaling_the_value),
            "numbers",
            "the slope is multiplied too",
        ),
        ("own factors", dual(__mul__=own_factors), "*", "that of the other factor"),
        ("quotient with plus", dual(__truediv__=quotient_with_plus), "/", "is subtracted"),
        (
            "quotient turned around",
            dual(__truediv__=quotient_turned_around),
            "/",
            "the wrong way around",
        ),
        ("not squared", dual(__truediv__=quotient_not_squared), "/", "belongs over v * v"),
        (
            "quotient of slopes",
            dual(__truediv__=quotient_of_slopes),
            "/",
            "the quotient of the slopes",
        ),
        ("minus adds", dual(__sub__=difference_adding_slopes), "-", "You add the slopes"),
        ("one slope", dual(__add__=sum_keeping_one_slope), "+", "the first operand alone"),
        (
            "constants move",
            dual(__add__=sum_counting_constants),
            "numbers",
            "Your y.slope is the wrong number",
        ),
        (
            "in place",
            dual(__add__=sum_in_place),
            "operands unchanged",
            "x.value is not what it was",
        ),
        (
            "sums are numbers",
            dual(__add__=sum_as_a_number),
            "+",
            "has no attribute 'value'",
        ),
        ("duals only", dual(__add__=sum_of_duals_only), "numbers", "has no attribute 'value'"),
        ("exp without chain", dual(exp=exp_without_slope), "exp", "The slope of the inside"),
        ("exp of the slope", dual(exp=exp_of_slope), "exp", "You take exp of the slope"),
        ("exp by power rule", dual(exp=exp_by_power_rule), "exp", "You lower the exponent"),
        (
            "no reflection",
            dual("__radd__", "__rsub__", "__rmul__", "__rtruediv__"),
            "numbers",
            "Yours has none of them",
        ),
        ("no __radd__", dual("__radd__"), "numbers", "__radd__. Yours has none"),
        ("no __rmul__", dual("__rmul__"), "numbers", "__rmul__. Yours has none"),
        ("no __rtruediv__", dual("__rtruediv__"), "numbers", "__rtruediv__. Yours has none"),
        (
            "rsub is sub",
            dual(__rsub__=lambda self, other: self - other),
            "numbers",
            "For 2 - x you compute x - 2",
        ),
        (
            "rtruediv is truediv",
            dual(__rtruediv__=lambda self, other: self / other),
            "numbers",
            "For 2 / x you compute x / 2",
        ),
        (
            "another name",
            dual(__init__=starting_with_another_name),
            "+",
            "has no attribute 'value'",
        ),
        ("sums are tuples", dual(__add__=sum_as_a_tuple), "+", "but a number or a tuple"),
        (
            "reflected difference is a number",
            dual(__rsub__=difference_as_a_number),
            "numbers",
            "Your __rsub__ does not return a Dual",
        ),
        (
            "slopes of a product added",
            dual(__mul__=product_adding_slopes),
            "*",
            "is the sum of the slopes",
        ),
        (
            "over the slope",
            dual(__truediv__=quotient_over_the_slope),
            "/",
            "by the square of the slope v'",
        ),
        ("cut", dual(__truediv__=quotient_cut), "/", "// rounds a quotient down"),
        ("cut and used", dual(__truediv__=quotient_cut_and_used), "/", "// rounds a quotient down"),
        ("no division yet", dual("__truediv__", "__rtruediv__"), "/", "unsupported operand"),
        (
            "remembers exp",
            dual(exp=lambda self: made(self, np.exp(self.value), 3 * np.exp(self.value))),
            "exp",
            "Your y.slope is the wrong number",
        ),
        (
            "square counted once",
            dual(__mul__=square_counted_once),
            "formulas",
            "Each operation is right on its own",
        ),
    ],
    "automatic-differentiation.topological_order": [
        ("on meeting", order_by_first_meeting, "short cuts", "by a short way and by a longer one"),
        ("breadth first", order_breadth_first, "short cuts", "by a short way and by a longer one"),
        ("root first", order_root_first, "chains", "turned around"),
        ("repeats", order_with_repeats, "chains", "Keep a set of the nodes"),
        ("recursive", order_recursive, "depth", "RecursionError"),
        ("every path", order_walking_every_path, "each node once", "stopped after 20,000 calls"),
        ("no root", order_without_root, "chains", "root belongs into its own order"),
        ("everything", order_of_everything, "other nodes", "You go through the whole dictionary"),
        (
            "of the dictionary",
            order_of_the_dictionary,
            "chains",
            "in which the nodes stand in the dictionary (here that is by name as well)",
        ),
        ("by name", order_by_name, "chains", "Nobody has promised that parents come first"),
        ("waiting twice", order_waiting_twice, "chains", "wait for both uses, and count one"),
        ("remembers", order_with_default_list, "same each time", "Something survives"),
        ("no leaves", order_of_parents_only, "chains", "Nodes without parents are missing"),
        ("empties", order_emptying_the_graph, "inputs unchanged", "changes parents"),
        ("a set", order_as_a_set, "chains", "is or contains a set"),
        ("nothing", order_printing, "chains", "None"),
    ],
    "automatic-differentiation.Value": [
        ("overwrites", value(backward=backward_overwriting), "reuse", "writes over what the other"),
        ("into grad", value(backward=backward_into_grad), "adds up", "passed on a second time"),
        ("shared lists", shared_lists(), "separate", "All values share one list"),
        (
            "totals",
            value(backward=backward_by_recursion_with_totals),
            "reuse",
            "earlier contributions are passed on again",
        ),
        (
            "every path",
            value(backward=backward_along_every_path),
            "each value once",
            "stopped after 20,000 calls",
        ),
        ("breadth first", value(backward=backward_breadth_first), "order", "topological order"),
        (
            "on meeting",
            value(backward=backward_of_what_arrived, order=order_on_meeting),
            "order",
            "before all of its uses have sent theirs",
        ),
        ("recursive", value(order=order_by_recursion), "depth", "RecursionError"),
        (
            "equal numbers merged",
            value(backward=backward_of_what_arrived, order=order_by_data),
            "relu",
            "take two values for the same one",
        ),
        ("sets", value(backward=backward_setting), "adds up", "Calls add up"),
        ("no chain", value(backward=backward_without_chain), "chain", "the chain rule"),
        ("no seed", value(backward=backward_without_seed), "leaf", "starts from there"),
        ("once", value(backward=backward_once), "adds up", "takes the graph apart"),
        ("one step", value(backward=backward_of_parents), "leaf", "starts from there"),
        ("one step and itself", value(backward=backward_of_self), "chain", "to pass it on"),
        ("nothing", value(backward=backward_doing_nothing), "leaf", "starts from there"),
        (
            "changes data",
            value(backward=backward_changing_data),
            "leaf",
            "Your a.data is the wrong number",
        ),
        ("sum in place", value(__add__=add_in_place), "+", "changes the operand on its left"),
        ("numbers", value(__add__=add_numbers), "+", "__add__ does not return a Value"),
        ("values only", value(__add__=add_values_only), "numbers", "has no attribute 'data'"),
        ("no record", value(__add__=add_without_recording), "+", "a.grad is zero"),
        (
            "sum like a product",
            value(__add__=recording(lambda a, b: a + b, lambda a, b: (b, a))),
            "+",
            "You send the gradient through + as if it were *",
        ),
        (
            "sum with its own numbers",
            value(__add__=recording(lambda a, b: a + b, lambda a, b: (a, b))),
            "+",
            "You multiply by the operand in a + b",
        ),
        (
            "factor lowered",
            value(__pow__=raising_to(lambda a, k: (k - 1) * a**k)),
            "**",
            "Your slope of a ** k is (k - 1) * a ** k",
        ),
        (
            "exp of its input",
            value(exp=recording(np.exp, lambda a: (a,), 1)),
            "exp",
            "Your slope of exp is a, its input",
        ),
        (
            "leaky",
            value(
                relu=recording(
                    lambda a: a if a > 0 else 0.01 * a, lambda a: (1.0 if a > 0 else 0.01,), 1
                )
            ),
            "relu",
            "That is leaky ReLU",
        ),
        (
            "equality of its own",
            value(__eq__=lambda self, other: self.data == other.data, __hash__=None),
            "leaf",
            "a class that defines __eq__ gets no __hash__",
        ),
        ("grad is None", value(__init__=starting_without_grad), "leaf", "Your a.grad is None"),
        ("no __radd__", value("__radd__"), "numbers", "__radd__. Yours has none"),
        ("no __rmul__", value("__rmul__"), "numbers", "__rmul__. Yours has none"),
        (
            "no reflection",
            value("__radd__", "__rsub__", "__rmul__", "__rtruediv__"),
            "numbers",
            "Yours has none of them",
        ),
        (
            "rsub is sub",
            value(__rsub__=lambda self, other: self - other),
            "numbers",
            "For 2 - a you compute a - 2",
        ),
        (
            "own factor",
            value(__mul__=recording(lambda a, b: a * b, lambda a, b: (a, b))),
            "*",
            "is b, not a: the other factor",
        ),
        (
            "sign of a difference",
            value(__sub__=recording(lambda a, b: a - b, lambda a, b: (1.0, 1.0))),
            "-",
            "the difference gets smaller",
        ),
        (
            "sign of a quotient",
            value(__truediv__=recording(lambda a, b: a / b, lambda a, b: (1 / b, a / b**2))),
            "/",
            "a larger denominator",
        ),
        (
            "quotient not squared",
            value(__truediv__=recording(lambda a, b: a / b, lambda a, b: (1 / b, -a / b))),
            "/",
            "you divide by b once",
        ),
        (
            "no numerator",
            value(__truediv__=recording(lambda a, b: a / b, lambda a, b: (1 / b, -1 / b**2))),
            "/",
            "the numerator is missing",
        ),
        (
            "sign of the negative",
            value(__neg__=recording(lambda a: -a, lambda a: (1.0,), 1)),
            "negative",
            "its slope is -1",
        ),
        (
            "exponent kept",
            value(__pow__=raising_to(lambda a, k: k * a**k)),
            "**",
            "The exponent goes down by one",
        ),
        (
            "no factor",
            value(__pow__=raising_to(lambda a, k: a ** (k - 1))),
            "**",
            "comes down as a factor",
        ),
        (
            "squares only",
            value(__pow__=raising_to(lambda a, k: 2 * a)),
            "**",
            "whatever k",
        ),
        (
            "exp unchanged",
            value(exp=recording(np.exp, lambda a: (1.0,), 1)),
            "exp",
            "through exp unchanged",
        ),
        (
            "exp by power rule",
            value(exp=recording(np.exp, lambda a: (a * np.exp(a - 1),), 1)),
            "exp",
            "as for a power",
        ),
        (
            "tanh of the input",
            value(tanh=recording(np.tanh, lambda a: (1 - a**2,), 1)),
            "tanh",
            "with the output",
        ),
        (
            "tanh not squared",
            value(tanh=recording(np.tanh, lambda a: (1 - np.tanh(a),), 1)),
            "tanh",
            "The output is squared",
        ),
        (
            "tanh as sigmoid",
            value(tanh=recording(np.tanh, lambda a: (np.tanh(a) * (1 - np.tanh(a)),), 1)),
            "tanh",
            "belongs to the sigmoid",
        ),
        (
            "relu always on",
            value(relu=recording(lambda a: max(a, 0.0), lambda a: (1.0,), 1)),
            "relu",
            "even where its input is negative",
        ),
        (
            "relu of the output",
            value(relu=recording(lambda a: max(a, 0.0), lambda a: (max(a, 0.0),), 1)),
            "relu",
            "It is 1 where the input is positive",
        ),
        (
            "backward changes operands",
            value(backward=backward_scaling_data),
            "operands unchanged",
            "is not what it was",
        ),
    ],
    "automatic-differentiation.pullback": [
        ("not summed", pulling(lambda g, shape: g), "repeated", "is the sum over the repetitions"),
        ("lacking axes only", pulling(leading_axes_only), "repeated", "It is repeated along both"),
        ("ones lost", pulling(ones_lost), "repeated", "keepdims=True"),
        ("ones only", pulling(ones_only), "repeated", "it must have the shape of"),
        ("averaged", pulling(averaged), "repeated", "a sum, not a mean"),
        ("first entries", pulling(first_entries), "repeated", "All of them contribute"),
        ("last axis", pulling(last_axis_first), "repeated", "Your dx has the right shape but"),
        ("resized", pulling(reshaped), "repeated", "has the right shape but wrong values"),
        (
            "own factors",
            pulling(mul=lambda dz, x, y: (dz * x, dz * y)),
            "*",
            "You multiply by x itself",
        ),
        ("no factors", pulling(mul=lambda dz, x, y: (dz, dz)), "*", "the other factor is missing"),
        ("no dz", pulling(mul=lambda dz, x, y: (y + 0 * dz, x + 0 * dz)), "*", "every entry of dz"),
        (
            "ones for a sum",
            pulling(add=lambda dz, x, y: (np.ones_like(dz), np.ones_like(dz))),
            "+",
            "does not depend on dz",
        ),
        (
            "not transposed",
            pulling(matmul=lambda dz, x, y: (dz @ y, x @ dz)),
            "@",
            "You compute dz @ y",
        ),
        (
            "dx the wrong way around",
            pulling(matmul=lambda dz, x, y: (y.T @ dz, x.T @ dz)),
            "@",
            "You have the factors of dx in the wrong order",
        ),
        (
            "dy turned",
            pulling(matmul=lambda dz, x, y: (dz @ y.T, dz.T @ x)),
            "@",
            "is the transpose of the gradient of y",
        ),
        (
            "matmul entry by entry",
            pulling(matmul=lambda dz, x, y: (dz * y, x * dz)),
            "@",
            "Your dx of @ is that of *",
        ),
        ("lacking axes kept", pulling(lacking_kept), "repeated", "that x lacks are still in"),
        ("summed on the right", pulling(summed_on_the_right), "repeated", "over the last ones"),
        ("ones averaged", pulling(ones_averaged), "repeated", "axes where x has length 1"),
        (
            "sum times its own",
            pulling(add=lambda dz, x, y: (dz * x, dz * y)),
            "+",
            "You multiply by x in a sum. The slope",
        ),
        (
            "sum like a product",
            pulling(add=lambda dz, x, y: (dz * y, dz * x)),
            "+",
            "You multiply by y in a sum, as if it were a product",
        ),
        ("dy first", pullback_turned, "*", "in the wrong order: dx comes first"),
        (
            "reshape",
            pulling(lambda g, shape: g.reshape(shape)),
            "repeated",
            "reshape keeps all entries",
        ),
        (
            "the other sign",
            pulling(add=lambda dz, x, y: (dz, -dz)),
            "+",
            "Your dy has the right shape but wrong values",
        ),
        ("in place", pullback_in_place, "inputs unchanged", "changes dz"),
        ("float64", pullback_in_float64, "float32", "it must stay float32"),
        ("one axis, whatever", pullback_for_matrices, "+", "Your dy has shape ()"),
        ("no @", pullback_forgetting_matmul, "@", "Is a return missing?"),
        ("reads memory", pullback_reading_memory, "views", "views into larger ones"),
    ],
    "automatic-differentiation.gradient_error": [
        (
            "no absolute value",
            error(measure=lambda dx, n: (dx - n).max()),
            "wrong pullbacks",
            "without its absolute value",
        ),
        ("mean", error(measure=lambda dx, n: abs(dx - n).mean()), "wrong pullbacks", "You average"),
        ("sum", error(measure=lambda dx, n: abs(dx - n).sum()), "wrong pullbacks", "add the diff"),
        (
            "length",
            error(measure=lambda dx, n: np.linalg.norm(dx - n)),
            "wrong pullbacks",
            "the root of the sum of their squares",
        ),
        (
            "sums compared",
            error(measure=lambda dx, n: abs(dx.sum() - n.sum())),
            "wrong pullbacks",
            "Errors in two entries can cancel",
        ),
        (
            "largest compared",
            error(measure=lambda dx, n: abs(abs(dx).max() - abs(n).max())),
            "wrong pullbacks",
            "You compare the largest entry of dx",
        ),
        (
            "sign lost",
            error(measure=lambda dx, n: abs(abs(dx) - abs(n)).max()),
            "wrong pullbacks",
            "so a wrong sign passes",
        ),
        (
            "relative",
            error(measure=lambda dx, n: (abs(dx - n) / abs(n)).max()),
            "wrong pullbacks",
            "You divide the difference by n",
        ),
        (
            "relative to the largest",
            error(measure=lambda dx, n: abs(dx - n).max() / abs(n).max()),
            "wrong pullbacks",
            "You divide by the largest entry of n",
        ),
        (
            "allclose",
            error(measure=lambda dx, n: np.allclose(dx, n)),
            "wrong pullbacks",
            "Your error is False; it must be a single number",
        ),
        (
            "first entry",
            error(measure=lambda dx, n: abs(dx - n).flat[0]),
            "wrong pullbacks",
            "the first entry only",
        ),
        (
            "last entry",
            error(measure=lambda dx, n: abs(dx - n).flat[-1]),
            "wrong pullbacks",
            "the last entry only",
        ),
        ("all at once", error_of_all_at_once, "wrong pullbacks", "all entries of x at once"),
        ("rows", error_of_rows, "wrong pullbacks", "You move whole rows of x"),
        (
            "ones",
            error(gradient=lambda pullback, dy: pullback(np.ones_like(dy))[0]),
            "dy",
            "You call the pullback with ones",
        ),
        ("values and pullbacks", error_of_tuples, "wrong pullbacks", "return more than one thing"),
        ("by rows", error_of_the_first_row, "wrong pullbacks", "You move whole rows of x"),
        ("not stepping back", error_not_stepping_back, "right pullbacks", "right, and your error"),
        ("not divided", error_without_h, "wrong pullbacks", "what you have is a change"),
        (
            "times h",
            error(measure=lambda dx, n: abs(dx - n * 2e-5 / 2 * 1e-5).max()),
            "wrong pullbacks",
            "Python reads a / 2 * h as (a / 2) * h",
        ),
        (
            "divided by h",
            error(measure=lambda dx, n: abs(dx - 2 * n).max()),
            "wrong pullbacks",
            "your n is twice the slope",
        ),
        (
            "half",
            error(measure=lambda dx, n: abs(dx - n / 2).max()),
            "wrong pullbacks",
            "your n is half the slope",
        ),
        ("no dy", error(upstream=np.ones_like), "dy", "dy is not in it"),
        ("one side", error(both_sides=False), "wrong pullbacks", "You step to one side only"),
        (
            "one side, small",
            error(step=1e-8, both_sides=False),
            "small errors",
            "This pullback is right, and your error",
        ),
        ("long step", error(step=1e-2), "wrong pullbacks", "Your error is the wrong number"),
        ("tiny step", error(step=1e-12), "wrong pullbacks", "by another amount"),
        ("in place", error_in_place, "inputs unchanged", "changes x"),
        (
            "another point",
            error(gradient=lambda pullback, dy: pullback(2 * dy)[0]),
            "wrong pullbacks",
            "by another amount",
        ),
    ],
    "automatic-differentiation.checkpointed": [
        ("everything kept", keeping_everything, "memory", "More results of layers exist"),
        ("every value kept", keeping_every_value, "memory", "More results of layers exist"),
        ("every pullback kept", keeping_all_pullbacks, "memory", "More results of layers exist"),
        ("nothing kept", keeping_nothing, "calls", "called more than twice"),
        ("forward inside", in_segments(order=list), "one segment", "in forward order"),
        (
            "segments forward",
            in_segments(back=lambda starts: starts),
            "more segments",
            "You take the segments in forward order",
        ),
        (
            "one layer too few",
            in_segments(bounds=lambda start, every: start + every - 1),
            "one segment",
            "Your dx",
        ),
        (
            "one layer too many",
            in_segments(bounds=lambda start, every: start + every + 1),
            "more segments",
            "Your dx has the right shape but wrong values",
        ),
        (
            "outputs kept",
            in_segments(keep=lambda y, layer: layer(y)[0]),
            "one segment",
            "You keep the output of the first layer",
        ),
        ("tuples", in_segments(unpack=lambda g: g), "one segment", "you hand on the tuple"),
        ("number of segments", by_number, "y", "You take every for the number of segments"),
        ("to the end", running_to_the_end, "more segments", "You run each segment on to the last"),
        ("sent again", sending_again, "more segments", "the gradient is sent through them again"),
        ("each from dy", each_from_dy, "one segment", "Every pullback gets dy"),
        ("rest never run", leaving_the_rest, "y", "are missing, forward and back"),
        ("rest dropped", dropping_the_rest, "shorter last segment", "shorter segment are missing"),
        ("from x", starting_from_x, "more segments", "You run every segment from x"),
        ("added", adding_gradients, "one segment", "Your dx has the right shape but wrong"),
        (
            "y overwritten",
            in_segments(result=lambda y, dy, value: (value, dy)),
            "y",
            "Your y is where the first segment ends",
        ),
        (
            "dx first",
            in_segments(result=lambda y, dy, value: (dy, y)),
            "y",
            "You return dx first",
        ),
        (
            "dx only",
            in_segments(result=lambda y, dy, value: dy),
            "y",
            "You return dx alone",
        ),
        (
            "last segment only",
            in_segments(back=lambda starts: starts[-1:]),
            "more segments",
            "Only one segment is sent back through",
        ),
    ],
    "automatic-differentiation.gradients": [
        ("shared default", gradients_with_shared_default, "same each time", "Something survives"),
        ("totals passed on", gradients_passing_totals, "reuse", "passed on before is passed on"),
        ("recursive totals", gradients_recursive_totals, "reuse", "passed on before is passed on"),
        (
            "passed on at each meeting",
            gradients_at_each_meeting,
            "reuse",
            "A node that is met again",
        ),
        ("recursive", gradients_recursive, "depth", "RecursionError"),
        ("every path", gradients_along_every_path, "each node once", "after 20,000 calls"),
        ("overwriting", gradients_overwriting, "reuse", "writes over what its other uses"),
        ("breadth first", gradients_breadth_first, "reuse", "before all of its uses have sent"),
        (
            "order of the dictionary",
            gradients_in_order_of_the_dictionary,
            "trees",
            "Nobody has promised",
        ),
        ("everything", gradients_of_everything, "trees", "on which the root does not depend"),
        ("leaves", gradients_of_leaves, "trees", "only the nodes without parents"),
        ("slopes added", gradients_adding_slopes, "trees", "without multiplying them"),
        ("forward order", gradients_forward, "trees", "You go from the leaves to the root"),
        ("a set of uses", gradients_of_sets, "reuse", "with the same slope counts once"),
        ("from the leaves", gradients_from_leaves, "trees", "You start with 1 at the leaves"),
        ("1 everywhere", gradients_from_one, "trees", "Every node starts with the gradient 1"),
        ("0 everywhere", gradients_of_zero, "trees", "Your gradients are all 0"),
        ("slope plus gradient", gradients_plus, "trees", "You add the slope to the gradient"),
        ("multiplied", gradients_times, "reuse", "You multiply the contributions"),
        ("no root", gradients_forgetting_root, "trees", "The root itself is missing"),
        ("clears the graph", gradients_clearing_the_graph, "inputs unchanged", "changes graph"),
        ("a list", gradients_as_a_list, "trees", "must be a dict"),
    ],
}

RIGHT = {
    "automatic-differentiation.gradients_by_hand": [
        ("floats", {question: float(number) for question, number in BY_HAND.items()}),
        ("arrays", {question: np.array(number) for question, number in BY_HAND.items()}),
        ("another order", dict(reversed(BY_HAND.items()))),
    ],
    "automatic-differentiation.Dual": [
        ("rules written out", dual()),
        ("partial derivatives", DualByTuples),
        ("matrices", DualByMatrices),
    ],
    "automatic-differentiation.topological_order": [
        ("iterators", order_by_stack),
        ("from the root", order_from_the_root),
        ("graphlib", order_by_graphlib),
    ],
    "automatic-differentiation.Value": [
        ("slopes on edges", value()),
        ("closures", Micrograd),
        ("a tape", Taped),
        ("closures without classes' own gradients", value(backward=backward_by_counting)),
    ],
    "automatic-differentiation.pullback": [
        ("loops", pullback_by_loops),
        ("padded shapes", pullback_by_padding),
        ("while and keepdims", pulling()),
    ],
    "automatic-differentiation.gradient_error": [
        ("steps", error()),
        ("Jacobian", error_by_columns),
        ("restoring", error_restoring),
    ],
    "automatic-differentiation.checkpointed": [
        ("dictionary", in_segments()),
        ("recursion", checkpointed_by_recursion),
    ],
    "automatic-differentiation.gradients": [
        ("in order", gradients_in_order),
        ("waiting", gradients_by_waiting),
        ("pulling", gradients_by_pulling),
    ],
}
