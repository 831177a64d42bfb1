"""Witness: third parties, who computed the value of the same function without us.

ONNX, the exchange format for networks, specifies its operators with test cases made by reference
code of its own; the package ``onnx`` generates them in memory. Where ONNX has no such operator,
scikit-learn's implementation of the same formula is run.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.functional.contract import Array


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
    """
    try:
        from onnx.backend.test.case import node
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "prove: the third-party vectors come with the package onnx, which is not installed; "
            'pip install "chainrule[chapters]"'
        ) from None
    state = np.random.get_state()  # noqa: NPY002 (onnx seeds NumPy's global generator; put it back)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases overflow on purpose
        importlib.import_module(f"onnx.backend.test.case.node.{module}")
    np.random.set_state(state)  # noqa: NPY002
    return {
        case.name: case
        for case in node._NodeTestCases
        if case.name.startswith("test_") and "_expanded" not in case.name
    }


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


def onnx_vector(module: str, name: str) -> tuple[dict[str, Any], list[Array], Array]:
    """Return the attributes, inputs and first output of one of ONNX's node tests."""
    case = onnx_node_tests(module)[name]  # first: it says so if onnx is missing

    from onnx.helper import get_attribute_value

    (graph_node,) = case.model.graph.node
    attributes = {a.name: get_attribute_value(a) for a in graph_node.attribute}
    inputs, outputs = case.data_sets[0]
    return attributes, [np.asarray(a) for a in inputs], np.asarray(outputs[0])
