"""The report of the witnesses: ``prove(f)`` and ``show(f)``."""

from __future__ import annotations

import ast
import functools
import html
import inspect
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.functional.contract import Differentiable
from chainrule.proofs.case import Case, Vector
from chainrule.proofs.cases import CASES
from chainrule.proofs.comparison import relative_error
from chainrule.proofs.engine import engine_errors
from chainrule.proofs.finite_differences import directional_errors
from chainrule.proofs.recordings import recorded_vectors
from chainrule.proofs.symbolic import symbolic_witness

SEED = 0

# What each witness may differ by, relative to the largest entry, and why.
SYMPY_TOLERANCE = 1e-12  # the same formula in another order: a few thousand roundings of float64
ENGINE_TOLERANCE = 1e-12  # the same code, summed in another order
FINITE_DIFFERENCE_TOLERANCE = 1e-6  # see finite_differences.STEP; right ones stay below 1e-9
VECTOR_TOLERANCE = 1e-6  # most vectors are float32: eps is 1.2e-7


class ProofError(AssertionError):
    """Raised when a witness contradicts a function; its text is the report."""


@dataclass(frozen=True)
class Testimony:
    """What one witness says.

    Attributes
    ----------
    witness : str
        ``SymPy``, ``Finite differences``, ``Engine`` or ``Third party``.
    compared : str
        What was compared with what.
    error : float
        The largest relative error found.
    tolerance : float
        The largest that is allowed.
    contradicted : tuple of str
        What is wrong: ``value`` or names of arguments whose gradient is wrong.
    """

    witness: str
    compared: str
    error: float
    tolerance: float
    contradicted: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every error is below the tolerance."""
        return not self.contradicted


@dataclass(frozen=True)
class Proof:
    """The testimonies about one function. Shows as a table in a notebook, as lines elsewhere.

    Examples
    --------
    >>> from chainrule.functional import relu
    >>> from chainrule.proofs import examine
    >>> proof = examine(relu)
    >>> proof.holds
    True
    >>> [testimony.witness for testimony in proof.testimonies]
    ['SymPy', 'Finite differences', 'Engine', 'Third party']
    """

    name: str
    testimonies: tuple[Testimony, ...]

    @property
    def holds(self) -> bool:
        """Whether every witness agrees."""
        return all(t.agrees for t in self.testimonies)

    def __str__(self) -> str:
        width = max(len(t.compared) for t in self.testimonies)
        lines = [f"{self.name}: {self._verdict()}"]
        lines += [
            f"  {'✓' if t.agrees else '✗'} {t.witness:<18} {t.compared:<{width}}  "
            f"{_format_error(t.error):>7}  (allowed {t.tolerance:.0e})" + _complaint(t)
            for t in self.testimonies
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr data-state="{"pass" if t.agrees else "fail"}">'
            f'<th scope="row">{"✓" if t.agrees else "✗"} {html.escape(t.witness)}</th>'
            f"<td>{html.escape(t.compared + _complaint(t))}</td>"
            f"<td>{_format_error(t.error)}</td><td>{t.tolerance:.0e}</td></tr>"
            for t in self.testimonies
        )
        return (
            f'<div class="cr-proof" data-state="{"pass" if self.holds else "fail"}">'
            f"<table><caption><code>{html.escape(self.name)}</code>: {self._verdict()}</caption>"
            '<thead><tr><th scope="col">witness</th><th scope="col">compared</th>'
            '<th scope="col">largest error</th><th scope="col">allowed</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )

    def _verdict(self) -> str:
        if self.holds:
            return f"all {len(self.testimonies)} witnesses agree"
        against = [t.witness for t in self.testimonies if not t.agrees]
        return f"contradicted by {' and '.join(against)}"


def prove(function: Differentiable, *, like: str | None = None) -> Proof:
    """Call all witnesses on ``function`` and insist that they agree.

    Parameters
    ----------
    function : callable
        Of ``chainrule.functional``, or one of your own that keeps the contract.
    like : str, optional
        The library's function that yours claims to be, for instance ``"affine"``; by default the
        one with the same name.

    Returns
    -------
    Proof
        One line per witness with its largest error.

    Raises
    ------
    ProofError
        If a witness contradicts; a page with this call then fails to build.
    KeyError
        If there is no case to compare with.

    Examples
    --------
    >>> from chainrule.functional import relu
    >>> from chainrule.proofs import prove
    >>> print(prove(relu))
    relu: all 4 witnesses agree
      ✓ SymPy ...
      ✓ Finite differences ...
      ✓ Engine ...
      ✓ Third party ...

    A function of your own is held against the library's of the same name. This one forgets that the
    gradient passes only where x is positive:

    >>> def relu(x):
    ...     return x * (x > 0), lambda dy: (dy,)
    >>> prove(relu)
    Traceback (most recent call last):
    ...
    chainrule.proofs.report.ProofError: relu: contradicted by SymPy and Finite differences...
    """
    proof = examine(function, like=like)
    if not proof.holds:
        raise ProofError(str(proof))
    return proof


def examine(function: Differentiable, *, like: str | None = None) -> Proof:
    """Call all witnesses on ``function`` and report what they say, agreeing or not.

    Takes and returns the same as :func:`prove`. What a witness raises counts as a contradiction.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.proofs import examine
    >>> def tanh_with_wrong_slope(x):
    ...     y = np.tanh(x)
    ...     return y, lambda dy: (dy * (1 - y),)
    >>> examine(tanh_with_wrong_slope, like="tanh").holds
    False
    """
    name = like or getattr(function, "__name__", type(function).__name__)
    if name not in CASES:
        raise KeyError(
            f"prove: no case is registered for {name!r}; pass like= with one of "
            f"{', '.join(sorted(CASES))}"
        )
    case = CASES[name]
    witnesses = (_sympy, _finite_differences, _engine, _third_party)
    title = getattr(function, "__name__", name)
    return Proof(title, tuple(w(case, function) for w in witnesses))


def _sympy(case: Case, function: Differentiable) -> Testimony:
    label, compared = "SymPy", "derivation"

    def testify() -> Testimony:
        result = symbolic_witness(case, function, seed=SEED, tolerance=SYMPY_TOLERANCE)
        wrong = _above(result.errors, SYMPY_TOLERANCE)
        compared = f"{result.entries} expressions derived"
        proven = [_described(name) for name, same in result.identical.items() if same]
        if all(result.identical.values()):
            compared += ", identical in all symbols"
        elif not wrong:
            compared += ", equal at random points"
            compared += f", {' and '.join(proven)} identical" if proven else ""
        return Testimony(label, compared, _largest(result.errors), SYMPY_TOLERANCE, wrong)

    return _listen(testify, label, compared, SYMPY_TOLERANCE)


def _finite_differences(case: Case, function: Differentiable) -> Testimony:
    label, compared = "Finite differences", "random directions"

    def testify() -> Testimony:
        rng = np.random.default_rng(SEED)
        errors: dict[str, float] = {}
        instances = case.instances(rng)
        for instance in instances:
            found = directional_errors(function, instance.args, instance.options, rng=rng)
            for position, error in found.items():
                name = case.arguments[position]
                errors[name] = max(errors.get(name, 0.0), error)
        compared = f"random directions, {len(instances)} shapes"
        wrong = _above(errors, FINITE_DIFFERENCE_TOLERANCE)
        return Testimony(label, compared, _largest(errors), FINITE_DIFFERENCE_TOLERANCE, wrong)

    return _listen(testify, label, compared, FINITE_DIFFERENCE_TOLERANCE)


def _engine(case: Case, function: Differentiable) -> Testimony:
    label, compared = "Engine", "the batch against its examples one by one"
    if case.composed is not None:
        compared = "the graph of elementary operations"

    def testify() -> Testimony:
        errors = engine_errors(case, function, rng=np.random.default_rng(SEED))
        wrong = _above(errors, ENGINE_TOLERANCE)
        return Testimony(label, compared, _largest(errors), ENGINE_TOLERANCE, wrong)

    return _listen(testify, label, compared, ENGINE_TOLERANCE)


def _third_party(case: Case, function: Differentiable) -> Testimony:
    label, compared = "Third party", "values"

    def testify() -> Testimony:
        vectors = _vectors(case)
        errors = {"value": 0.0}
        for v in vectors:
            value, pullback = function(*v.instance.args, **v.instance.options)
            found = {"value": relative_error(v.part(value), v.value)}
            if v.dy is not None:
                pulled_back = zip(case.arguments, pullback(v.dy), v.gradients, strict=True)
                found |= {
                    name: relative_error(ours, theirs)
                    for name, ours, theirs in pulled_back
                    if theirs is not None
                }
            for name, error in found.items():
                errors[name] = max(errors.get(name, 0.0), error)
        wrong = _above(errors, VECTOR_TOLERANCE)
        return Testimony(label, _sources(vectors), _largest(errors), VECTOR_TOLERANCE, wrong)

    return _listen(testify, label, compared, VECTOR_TOLERANCE)


@functools.cache
def _vectors(case: Case) -> list[Vector]:
    return [*case.vectors(), *recorded_vectors(case.name)]


def _sources(vectors: list[Vector]) -> str:
    """Who computed what, for instance ``6 ONNX tests, 2 runs of ONNX's reference evaluator``."""
    values = [v.source for v in vectors if v.dy is None]
    gradients = [v.source for v in vectors if v.dy is not None]
    evaluated = sum(source.startswith("ONNX reference evaluator") for source in values)
    tests = sum(source.startswith("ONNX") for source in values) - evaluated
    named = [_counted(tests, "ONNX test")] if tests else []
    if evaluated:
        named.append(f"{_counted(evaluated, 'run')} of ONNX's reference evaluator")
    named += dict.fromkeys(source for source in values if not source.startswith("ONNX"))
    listed = [f"values of {', '.join(named)}"] if named else []
    for source in dict.fromkeys(gradients):
        listed.append(f"gradients of {_counted(gradients.count(source), 'run')} of {source}")
    return "; ".join(listed)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _listen(
    testify: Callable[[], Testimony], label: str, compared: str, tolerance: float
) -> Testimony:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            testimony = testify()
        except ModuleNotFoundError:
            raise  # the witness is missing, which says nothing about the function
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            testimony = Testimony(label, f"{compared}: {reason}", np.inf, tolerance, ("call",))
    if testimony.agrees:  # of a wrong function the report says enough
        for w in caught:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    return testimony


def _above(errors: dict[str, float], tolerance: float) -> tuple[str, ...]:
    return tuple(name for name, error in errors.items() if not error <= tolerance)


def _largest(errors: dict[str, float]) -> float:
    return max(errors.values(), default=np.inf)


def _format_error(error: float) -> str:
    return "0" if error == 0 else f"{error:.0e}"


def _complaint(t: Testimony) -> str:
    if t.agrees:
        return ""
    named = ", ".join(_described(name) for name in t.contradicted)
    return "" if t.contradicted == ("call",) else f"; wrong: {named}"


def _described(name: str) -> str:
    return "the value" if name == "value" else f"d{name}"


@dataclass(frozen=True)
class Source:
    """The source of a function. Shows highlighted in a notebook."""

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def show(function: Callable[..., object], *, docstring: bool = False) -> Source:
    """Show the real source of ``function``, as it stands in the library.

    Parameters
    ----------
    function : callable or class
    docstring : bool
        Whether to show the whole docstring; by default its first line stands for it.

    Returns
    -------
    Source

    Raises
    ------
    TypeError, OSError
        If there is no Python source.

    Examples
    --------
    >>> from chainrule.functional import relu
    >>> from chainrule.proofs import show
    >>> show(relu)
    @differentiable
    def relu(x: Array) -> tuple[Array, Pullback]:
        \"\"\"...\"\"\"
    ...
    """
    source = textwrap.dedent(inspect.getsource(function)).rstrip()
    if docstring:
        return Source(source)
    lines = source.splitlines()
    # From the last to the first, so that the line numbers above stay right.
    nodes = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node)
    ]
    for node in sorted(nodes, key=lambda node: node.lineno, reverse=True):
        statement = node.body[0]
        assert statement.end_lineno is not None
        summary = (ast.get_docstring(node) or "").splitlines()[0]
        indent = " " * statement.col_offset
        lines[statement.lineno - 1 : statement.end_lineno] = [f'{indent}"""{summary}"""']
    return Source("\n".join(lines))
