"""Witness: third parties, who computed the value of the same function without us.

ONNX, the exchange format for networks, specifies its operators with test cases made by reference
code of its own; the package ``onnx`` generates them in memory. All that it has of an operator which
a function of ours computes are used, except those that ``chainrule.proofs.operators`` names, with
the reason. Where ONNX has no such operator, scikit-learn or SciPy runs the same formula.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chainrule.functional.contract import Array
from chainrule.proofs.case import Instance, Vector
from chainrule.proofs.operators import OPERATORS

OLDEST_ONNX = (1, 23)


@functools.cache
def onnx_node_tests(module: str) -> dict[str, Any]:
    """Return ONNX's node tests that one of its case modules makes, by name.

    Parameters
    ----------
    module : str
        File name below ``onnx.backend.test.case.node``, for instance ``gemm``. Making all 1,800
        takes seven seconds, those of one operator almost nothing.

    Returns
    -------
    dict
        Name → test case with ``model`` and ``data_sets``; variants "expanded" into smaller
        operators repeat their originals and are left out.

    Raises
    ------
    ModuleNotFoundError
        If the package ``onnx`` is not installed.
    ImportError
        If it is older than 1.23: ONNX's own values were wrong before, of grouped attention for
        instance, and it had no final cell state of an LSTM.
    """
    try:
        import onnx
        from onnx.backend.test.case import node
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "prove: the third-party vectors come with the package onnx, which is not installed; "
            'pip install "chainrule[chapters]"'
        ) from None
    if tuple(map(int, onnx.__version__.split(".")[:2])) < OLDEST_ONNX:
        raise ImportError(
            "prove: the third-party vectors need onnx 1.23 or newer, here is "
            f'{onnx.__version__}; pip install --upgrade "chainrule[chapters]"'
        )
    state = np.random.get_state()  # noqa: NPY002 (onnx seeds NumPy's global generator; put it back)
    with warnings.catch_warnings(), _no_pooling_of_volumes():
        warnings.simplefilter("ignore")  # the cases overflow on purpose
        importlib.import_module(f"onnx.backend.test.case.node.{module}")
    np.random.set_state(state)  # noqa: NPY002
    return {
        case.name: case
        for case in node._NodeTestCases
        if case.name.startswith("test_") and "_expanded" not in case.name
    }


@contextmanager
def _no_pooling_of_volumes() -> Iterator[None]:
    """Spare ONNX six seconds: its tests that pool volumes are skipped, and their values zeros."""
    try:
        from onnx.reference.ops import op_pool_common
    except ImportError:  # another version of ONNX keeps it elsewhere, and takes its time
        yield
        return
    pool = op_pool_common.pool

    def of_planes(padded: Array, x_shape: Any, *args: Any, **options: Any) -> Any:
        if len(x_shape) == 5:
            return np.zeros(1, padded.dtype)
        return pool(padded, x_shape, *args, **options)

    op_pool_common.pool = of_planes
    try:
        yield
    finally:
        op_pool_common.pool = pool


def onnx_tests(operator: str) -> list[str]:
    """Return the names of ONNX's node tests of one operator, without the skipped ones.

    Parameters
    ----------
    operator : str
        One of ``OPERATORS``, for instance ``Gemm``.

    Returns
    -------
    list of str
    """
    known = OPERATORS[operator]
    return [
        name
        for name, case in onnx_node_tests(known.module).items()
        if [node.op_type for node in case.model.graph.node] == [operator]
        and known.reason_to_skip(name) is None
    ]


def scikit_learn_metric(name: str) -> Callable[..., Any]:
    """Return the function ``name`` of ``sklearn.metrics``.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.
    """
    try:
        from sklearn import metrics
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "prove: scikit-learn computes the third-party vectors of this function, and is not "
            'installed; pip install "chainrule[chapters]"'
        ) from None
    metric: Callable[..., Any] = getattr(metrics, name)
    return metric


def onnx_vector(operator: str, name: str) -> tuple[dict[str, Any], list[Array], Array]:
    """Return the attributes, inputs and first output of one of ONNX's tests of an operator."""
    attributes, inputs, outputs = onnx_call(operator, name)
    return attributes, list(inputs.values()), next(iter(outputs.values()))


def onnx_call(
    operator: str, name: str
) -> tuple[dict[str, Any], dict[str, Array], dict[str, Array]]:
    """Return the attributes, inputs and outputs of one of ONNX's tests, by their names."""
    case = onnx_node_tests(OPERATORS[operator].module)[name]  # first: it says so if onnx is missing

    from onnx.helper import get_attribute_value

    (graph_node,) = case.model.graph.node
    attributes = {a.name: get_attribute_value(a) for a in graph_node.attribute}
    inputs, outputs = case.data_sets[0]
    return attributes, _named(graph_node.input, inputs), _named(graph_node.output, outputs)


def _named(names: Any, arrays: Any) -> dict[str, Array]:
    given = (name for name in names if name)  # one that is left out has an empty name
    return {name: np.asarray(a) for name, a in zip(given, arrays, strict=True)}


def onnx_vectors(operator: str, call: Callable[..., Instance]) -> list[Vector]:
    """Return a vector for every test of an operator.

    Parameters
    ----------
    operator : str
    call : callable
        Takes the attributes and the inputs of a test, returns the same call of our function.
    """
    vectors = []
    for name in onnx_tests(operator):
        attributes, inputs, y = onnx_vector(operator, name)
        vectors.append(Vector(f"ONNX {name}", call(attributes, *inputs), y))
    return vectors


def onnx_model_vector(
    name: str,
    nodes: list[tuple[str, list[str], list[str], dict[str, Any]]],
    inputs: dict[str, Array],
    output: str,
    instance: Instance,
) -> Vector:
    """Let ONNX's reference evaluator run a small model on inputs of our choice.

    For operators that ONNX has no test of, or whose tests have weights too regular to notice a
    mistake.

    Parameters
    ----------
    name : str
        What the model computes, for the source line.
    nodes : list
        ONNX operator, names of its inputs, names of its outputs, attributes; in order.
    inputs : dict
        Name → array.
    output : str
        The name of the result.
    instance : Instance
        The same call for the library's function.
    """
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    graph = helper.make_graph(
        [helper.make_node(op, ins, outs, **attributes) for op, ins, outs, attributes in nodes],
        name,
        [
            helper.make_tensor_value_info(key, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
            for key, a in inputs.items()
        ],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
    )
    (value,) = ReferenceEvaluator(helper.make_model(graph)).run([output], inputs)
    return Vector(f"ONNX reference evaluator, {name}", instance, np.asarray(value))
