"""Computing without a record."""

import threading

import numpy as np
import pytest

from chainrule.autograd import Tensor, is_recording, no_grad


def computed():
    x = Tensor(np.array([2.0]), requires_grad=True)
    return x * x


def test_inside_nothing_is_recorded_and_outside_it_is_again():
    with no_grad():
        y = computed()
        assert not is_recording()
    assert not y.requires_grad
    assert y.is_leaf
    assert y._parents == ()
    with pytest.raises(RuntimeError, match="compute outside of no_grad"):
        y.backward()
    assert computed().requires_grad


def test_it_ends_with_an_error():
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert computed().requires_grad


def test_inside_each_other():
    with no_grad():
        with no_grad():
            pass
        assert not computed().requires_grad
    assert computed().requires_grad


def test_as_a_decorator_again_and_again_and_recursively():
    @no_grad()
    def measure(depth):
        """Its docstring."""
        if depth:
            measure(depth - 1)
        return computed()

    for _ in range(2):
        assert not measure(3).requires_grad
        assert computed().requires_grad
    assert measure.__doc__ == "Its docstring."


def test_other_threads_record():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(computed().requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_parameters_made_inside_are_parameters():
    with no_grad():
        x = Tensor(np.array([2.0]), requires_grad=True)
    assert x.requires_grad
    (x * x).backward()
    assert x.grad == [4.0]


def test_going_backward_inside_is_fine():
    y = computed()
    x = y._parents[0]
    with no_grad():
        y.backward()
    assert x.grad == [4.0]
