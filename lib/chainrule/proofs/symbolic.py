"""Witness: SymPy, which derives the gradients itself.

The function's textbook definition is evaluated on small arrays of symbols, weighted with symbols
dy, summed, and differentiated by SymPy with respect to every input. The result must equal the
library's pullback

* at random points, as numbers, and
* where the difference reduces to zero, *identically*: the library's own code is run on the symbols,
  so that the comparison holds for all numbers at once, but for kinks, where there is no derivative.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from chainrule.functional.contract import Array, Differentiable
from chainrule.proofs.case import Case, is_integer
from chainrule.proofs.comparison import relative_error

POINTS = 3
EPS = float(np.finfo(np.float64).eps)
LARGEST_DENOMINATOR = 1000  # of a simple fraction: one in a billion numbers is that near to one
SMALLEST_MARGIN = 1e-6  # of conditions that hold at once, all made of numbers of order one


@dataclass(frozen=True)
class SymbolicResult:
    """What SymPy found.

    Attributes
    ----------
    errors : dict
        ``"value"`` or the name of an argument → largest relative error at the random points.
    identical : dict
        The same keys → whether the function's code on symbols minus SymPy's derivation reduces to
        zero in every entry. Not asked of a function whose numbers are wrong, nor of code that does
        not run on symbols.
    entries : int
        How many expressions were compared.
    """

    errors: dict[str, float]
    identical: dict[str, bool]
    entries: int


@dataclass(frozen=True)
class _Derivation:
    """What SymPy derives of a function, whoever wrote it: symbols, expressions, and numbers."""

    args: tuple[Array, ...]
    options: Mapping[str, Any]
    dy: Array
    derived: dict[str, Array]
    points: list[tuple[list[Array], Array, dict[str, Array]]]  # arguments, dy, the right results


def symbolic_witness(
    case: Case, function: Differentiable, *, seed: int, tolerance: float
) -> SymbolicResult:
    """Let SymPy derive the pullback of ``case`` and compare ``function`` with it.

    Errors above ``tolerance`` are wrong numbers, and end the comparison. The derivation is kept,
    for other functions that claim to be the same.
    """
    errors: dict[str, float] = {}
    identical: dict[str, bool] = {}
    entries = 0
    for number in range(case.small):
        known = _derivation(case, seed, number)
        here = _errors(case, function, known)
        same = dict.fromkeys(known.derived, False)
        if max(here.values()) <= tolerance:
            same = _identical(case, function, known)
        errors |= {name: max(error, errors.get(name, 0.0)) for name, error in here.items()}
        identical |= {name: equal and identical.get(name, True) for name, equal in same.items()}
        entries += sum(a.size for a in known.derived.values())
    return SymbolicResult(errors, identical, entries)


def _errors(case: Case, function: Differentiable, known: _Derivation) -> dict[str, float]:
    """Numbers: SymPy's expressions against the function, at a few random points."""
    errors = dict.fromkeys(known.derived, 0.0)
    for point, g, truth in known.points:
        for name, ours in _run(case, function, [*point], g, known.options).items():
            errors[name] = max(errors[name], relative_error(ours, truth[name]))
    return errors


def _identical(case: Case, function: Differentiable, known: _Derivation) -> dict[str, bool]:
    """Symbols: the function's own code, run on them."""
    try:
        ours = _run(case, function, list(known.args), known.dy, known.options)
    except (AttributeError, TypeError, ValueError):  # np.where, SciPy and the like take numbers
        return dict.fromkeys(known.derived, False)
    return {name: _equal(ours[name], known.derived[name]) for name in known.derived}


@functools.cache
def _derivation(case: Case, seed: int, number: int) -> _Derivation:
    rng = np.random.default_rng(seed)
    small = case.instances(rng)[number]
    args = tuple(
        a if is_integer(a) else symbols(name, a.shape)
        for name, a in zip(case.arguments, small.args, strict=True)
    )
    value = np.asarray(case.definition(*args, **small.options), dtype=object)
    dy = symbols("g", value.shape)
    derived = {"value": value} | derive(value, dy, dict(zip(case.arguments, args, strict=True)))
    points = []
    for _ in range(POINTS):
        drawn = case.instances(rng)[number].args
        point = [a if is_integer(a) else new for a, new in zip(args, drawn, strict=True)]
        g = rng.standard_normal(dy.shape)
        numbers = {
            symbol: sp.Float(number)
            for names, values in zip((*args, dy), (*point, g), strict=True)
            if not is_integer(names)
            for symbol, number in zip(names.flat, np.ravel(values), strict=True)
        }
        points.append((point, g, _evaluate(derived, numbers)))
    return _Derivation(args, small.options, dy, derived, points)


def _evaluate(expressions: dict[str, Array], numbers: dict[sp.Expr, sp.Expr]) -> dict[str, Array]:
    """Replace symbols by numbers, every subexpression once, however often it occurs."""
    known = dict(numbers)

    def number(expression: sp.Expr) -> sp.Expr:
        if expression not in known:
            result = (
                expression.func(*map(number, expression.args)) if expression.args else expression
            )
            known[expression] = sp.N(result) if result.is_number else result
        return known[expression]

    return {
        name: np.array([float(number(sp.sympify(e))) for e in a.flat]).reshape(a.shape)
        for name, a in expressions.items()
    }


def symbols(name: str, shape: tuple[int, ...]) -> Array:
    """Return an array of real SymPy symbols, ``name_12`` in row 1, column 2.

    NumPy's functions work on it: ``np.exp`` of such an array is an array of ``sympy.exp``.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.proofs import symbols
    >>> x = symbols("x", (2,))
    >>> np.exp(x).tolist()
    [exp(x_1), exp(x_2)]
    """
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        suffix = "".join(str(i + 1) for i in index)
        array[index] = sp.Symbol(f"{name}_{suffix}" if suffix else name, real=True)
    return array.view(_SymbolArray)


def derive(value: Array, dy: Array, inputs: dict[str, Array]) -> dict[str, Array]:
    """Differentiate Σ dy · value with respect to every symbol of every non-integer input.

    Parameters
    ----------
    value : object array
        Expressions in the symbols of ``inputs``.
    dy : object array, the shape of ``value``
    inputs : dict
        Name → array of symbols, or integer array, which is skipped.

    Returns
    -------
    dict
        Name → object array in the shape of the input: what a right pullback returns.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.proofs import derive, symbols
    >>> x, dy = symbols("x", (2,)), symbols("dy", (2,))
    >>> derive(np.exp(x), dy, {"x": x})["x"].tolist()
    [dy_1*exp(x_1), dy_2*exp(x_2)]
    """
    terms = list(zip(np.ravel(dy), np.ravel(value), strict=True))

    def derivative(symbol: sp.Symbol) -> sp.Expr:
        known: dict[sp.Expr, sp.Expr] = {symbol: sp.Integer(1)}
        return sp.Add(*(g * _derivative(sp.sympify(y), symbol, known) for g, y in terms))

    differentiate = np.frompyfunc(derivative, 1, 1)
    return {
        name: np.asarray(differentiate(np.asarray(a)), dtype=object)
        for name, a in inputs.items()
        if not is_integer(a)
    }


def _derivative(y: sp.Expr, symbol: sp.Symbol, known: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    """What ``sp.diff`` gives, where an expression that occurs again is not differentiated again.

    SymPy differentiates the operations, and the chain rule puts them together. Where an expression
    uses its own results over and over, as a recurrent network does, this is ten times faster.
    """
    if y in known:
        return known[y]
    if not isinstance(y, (sp.Add, sp.Mul, sp.Pow, sp.Function)) or isinstance(y, sp.Piecewise):
        known[y] = sp.diff(y, symbol)
    else:
        inner = [_derivative(part, symbol, known) for part in y.args]
        pattern = tuple(part if part.is_number else None for part in y.args)
        places, slopes = _slopes(y.func, pattern) if any(inner) else ((), ())
        here = dict(zip(places, y.args, strict=False))
        known[y] = sp.Add(
            *(k.xreplace(here) * d for k, d in zip(slopes, inner, strict=False) if d != 0)
        )
    return known[y]


@functools.cache
def _slopes(
    operation: Any, pattern: tuple[sp.Expr | None, ...]
) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """Unknowns for the arguments of an operation that are no numbers, and its slopes in each."""
    places = tuple(sp.Dummy(real=True) if a is None else a for a in pattern)
    y = operation(*places)
    return places, tuple(sp.diff(y, p) if p.is_Dummy else sp.Integer(0) for p in places)


def _run(
    case: Case, function: Differentiable, args: list[Array], dy: Array, options: Any
) -> dict[str, Any]:
    value, pullback = function(*args, **options)
    gradients = pullback(dy if dy.ndim or dy.dtype == object else float(dy))
    named = zip(case.arguments, args, gradients, strict=True)
    return {"value": value} | {name: g for name, a, g in named if not is_integer(a)}


def _equal(ours: Any, derived: Array) -> bool:
    ours = np.asarray(ours, dtype=object)
    if ours.shape != derived.shape:
        return False
    return all(_is_zero(sp.sympify(a) - b) for a, b in zip(ours.flat, derived.flat, strict=True))


def _is_zero(difference: sp.Expr) -> bool:
    # A maximum that is subtracted for stability drops out whatever its value is: any number m does.
    parts = _subexpressions(difference)
    maxima = {m: sp.Dummy("m", real=True) for m in parts if isinstance(m, sp.Max)}
    decimals = {x: _exact(x) for x in parts if isinstance(x, sp.Float)}
    difference = difference.xreplace(maxima | decimals)
    if _is_zero_fraction(difference):
        return True
    difference = difference.rewrite(sp.Piecewise).rewrite(sp.exp)
    if difference.has(sp.Piecewise):
        return all(_is_zero(branch) for branch in _branches(difference, []))
    # With exp(x − m) written as exp(x) exp(−m), and logarithms of products as sums, the difference
    # is a rational function of exponentials and logarithms, and the one fraction it reduces to is
    # zero exactly if it is. Far faster than simplify.
    difference = _split_logarithms(sp.expand_power_exp(difference))
    return sp.cancel(sp.together(difference)) == 0


def _branches(expression: sp.Expr, positive: list[sp.Expr]) -> Iterator[sp.Expr]:
    """What the cases of an expression leave of it, where all expressions ``positive`` are.

    A condition a > b is decided by the sign of a − b. Where that is 0 there is a kink, and no
    derivative to compare.
    """
    conditions = (r for r in _subexpressions(expression) if isinstance(r, Relational))
    by_margin: dict[sp.Expr, list[Relational]] = {}
    for r in conditions:
        if not r.has(sp.Piecewise):  # else it waits until what is inside is decided
            margin = sp.expand(r.lhs - r.rhs)
            by_margin.setdefault(max(margin, -margin, key=sp.default_sort_key), []).append(r)
    if not by_margin:
        yield expression
        return
    margin, relations = next(iter(by_margin.items()))
    for side in (margin, -margin):
        known = [*positive, side]
        if _possible(known):
            decided = {r: _holds(r, side) for r in relations}
            yield from _branches(expression.xreplace(decided), known)


def _holds(relation: Relational, positive: sp.Expr) -> sp.Basic:
    if isinstance(relation, (sp.Eq, sp.Ne)):
        return sp.sympify(isinstance(relation, sp.Ne))
    return sp.sympify(sp.expand(relation.gts - relation.lts - positive) == 0)


def _possible(positive: list[sp.Expr]) -> bool:
    """Whether there are numbers for which all those of ``positive`` that are linear are."""
    from scipy.optimize import linprog

    symbols = sorted({s for p in positive for s in p.free_symbols}, key=str)
    linear = [p for p in positive if sp.Poly(p, *symbols).is_linear]
    if not linear:
        return True
    # The largest margin, at most 1, by which they can be: p(x) ≥ margin.
    slopes = [[-float(p.coeff(s)) for s in symbols] + [1.0] for p in linear]
    bounds = [float(p.subs(dict.fromkeys(symbols, 0))) for p in linear]
    ranges = [(None, None)] * len(symbols) + [(None, 1)]
    best = linprog([0.0] * len(symbols) + [-1.0], A_ub=slopes, b_ub=bounds, bounds=ranges)
    return bool(best.x[-1] > SMALLEST_MARGIN)


def _subexpressions(expression: sp.Expr) -> set[sp.Basic]:
    """Everything that ``expression`` is made of, each visited once; SymPy's ``atoms`` repeats."""
    seen: set[sp.Basic] = set()
    stack: list[sp.Basic] = [expression]
    while stack:
        part = stack.pop()
        if part not in seen:
            seen.add(part)
            stack.extend(part.args)
    return seen


def _exact(decimal: sp.Float) -> sp.Expr:
    """The number that a decimal in the code stands for, if a few roundings explain it.

    A simple fraction r, √r, √(r/π), √(rπ) or ½ log(rπ); else the fraction that the decimal is.
    """
    x = float(decimal)
    sign = sp.Integer(1 if x > 0 else -1)
    forms: tuple[tuple[float, Callable[[sp.Rational], sp.Expr]], ...] = (
        (x, lambda r: r),
        (x * x, lambda r: sign * sp.sqrt(r)),
        (x * x * math.pi, lambda r: sign * sp.sqrt(r / sp.pi)),
        (x * x / math.pi, lambda r: sign * sp.sqrt(r * sp.pi)),
        (math.exp(min(2 * x, 1e2)) / math.pi, lambda r: sp.log(r * sp.pi) / 2),
    )
    for value, number in forms:
        simple = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
        if simple and abs(float(simple) - value) <= 4 * EPS * abs(value):
            return sp.sympify(number(sp.Rational(simple)))
    fraction = sp.nsimplify(decimal, rational=True)
    exact = abs(float(fraction) - x) <= 2 * EPS * abs(x)
    return fraction if exact else sp.Rational(x)


def _split_logarithms(expression: sp.Expr) -> sp.Expr:
    def split(argument: sp.Expr) -> sp.Expr:
        return sp.expand_log(sp.log(sp.factor(sp.together(argument))), force=True)

    return expression.replace(sp.log, split)


def _is_zero_fraction(difference: sp.Expr) -> bool:
    """Whether it is zero as a fraction of polynomials in unknowns: its exponentials and tanhs.

    This is enough for most functions, and SymPy decides it much faster than it simplifies.
    """
    unknowns: dict[Any, sp.Dummy] = {}

    def unknown(what: Any) -> sp.Dummy:
        return unknowns.setdefault(what, sp.Dummy(positive=True))

    def exponential(exponent: sp.Expr) -> sp.Expr:
        # exp(2 a − b) = exp(a)² / exp(b)
        terms = (t.as_coeff_Mul() for t in sp.Add.make_args(sp.expand(exponent)))
        return sp.Mul(*(unknown((sp.exp, term)) ** factor for factor, term in terms))

    # Where 1 + exp(a) occurs, a sigmoid σ does: exp(a) = 1/σ − 1 leaves products of sigmoids.
    sums = (a for a in _subexpressions(difference) if isinstance(a, sp.Add) and len(a.args) == 2)
    sigmoids = {
        a.args[1]: 1 / unknown(a) - 1
        for a in sums
        if a.args[0] == 1 and isinstance(a.args[1], sp.exp)
    }
    known: dict[sp.Basic, sp.Expr] = sigmoids

    def simplified(e: sp.Basic) -> sp.Expr:
        # From the inside out, every subexpression once; SymPy's replace repeats.
        if e not in known:
            parts = [simplified(part) for part in e.args]
            if isinstance(e, sp.exp):
                known[e] = exponential(parts[0])
            elif isinstance(e, (sp.tanh, sp.erf)):
                known[e] = unknown((e.func, sp.expand(parts[0])))
            else:
                known[e] = e if all(map(operator.is_, parts, e.args)) else e.func(*parts)
        return known[e]

    fraction = simplified(difference)
    try:
        return _is_zero_polynomial(fraction)
    except ValueError:  # a root, a sum in a denominator, or what is no number
        numerator = sp.numer(sp.together(fraction))
    try:  # multiplying out in a ring of polynomials is many times faster than expand
        return not sp.ring(sorted(numerator.free_symbols, key=str), sp.QQ)[0].from_expr(numerator)
    except ValueError:
        return sp.expand(numerator) == 0


def _is_zero_polynomial(expression: sp.Expr) -> bool:
    """Whether it is zero as a polynomial in its symbols and their inverses.

    Every subexpression is multiplied out once, which spares together its long way to one fraction.

    Raises
    ------
    ValueError
        If it is no such polynomial.
    """
    symbols = sorted(expression.free_symbols, key=str)
    n = len(symbols)
    ring = sp.ring([f"x{i}" for i in range(2 * n)], sp.QQ)[0]  # the symbols, then their inverses
    known = dict(zip(symbols, ring.gens[:n], strict=True))
    inverses = dict(zip(symbols, ring.gens[n:], strict=True))

    def cancelled(polynomial: Any) -> Any:
        result = ring.zero
        for powers, factor in polynomial.items():
            both = list(map(min, powers[:n], powers[n:])) * 2
            left = tuple(map(operator.sub, powers, both)) if any(both) else powers
            result[left] = result.get(left, 0) + factor
        return ring.from_dict({powers: factor for powers, factor in result.items() if factor})

    def polynomial(e: sp.Expr) -> Any:
        if e not in known:
            if e.is_Rational:
                known[e] = ring.ground_new(sp.QQ.from_sympy(e))
            elif e.is_Add:
                known[e] = functools.reduce(operator.add, map(polynomial, e.args))
            elif e.is_Mul:
                known[e] = cancelled(functools.reduce(operator.mul, map(polynomial, e.args)))
            elif e.is_Pow and e.exp.is_Integer and e.exp > 0:
                known[e] = cancelled(polynomial(e.base) ** int(e.exp))
            elif e.is_Pow and e.exp.is_Integer and e.base in inverses:
                known[e] = inverses[e.base] ** -int(e.exp)
            else:
                raise ValueError(f"{e} is no polynomial")
        return known[e]

    return not cancelled(polynomial(expression))


def _piecewise(when: Any, then: Any, otherwise: Any) -> sp.Expr:
    return sp.Piecewise((then, when), (otherwise, True))


_RULES = {
    np.exp: (sp.exp, 1),
    np.log: (sp.log, 1),
    np.sqrt: (sp.sqrt, 1),
    np.log1p: (lambda x: sp.log(1 + x), 1),
    np.tanh: (sp.tanh, 1),
    np.sign: (lambda x: sp.Piecewise((1, x > 0), (-1, x < 0), (0, True)), 1),
    np.absolute: (lambda x: _piecewise(x > 0, x, -x), 1),
    np.maximum: (lambda x, y: _piecewise(x > y, x, y), 2),
    np.minimum: (lambda x, y: _piecewise(x > y, y, x), 2),
    np.expm1: (lambda x: sp.exp(x) - 1, 1),
    np.greater: (lambda x, y: _piecewise(x > y, 1, 0), 2),
    np.less_equal: (lambda x, y: _piecewise(x > y, 0, 1), 2),
    np.greater_equal: (lambda x, y: _piecewise(y > x, 0, 1), 2),
}


class _SymbolArray(np.ndarray):
    """An object array of SymPy expressions for which NumPy's functions mean SymPy's."""

    def erf(self) -> Any:
        return np.frompyfunc(sp.erf, 1, 1)(np.asarray(self)).view(_SymbolArray)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        plain = [np.asarray(a) if isinstance(a, _SymbolArray) else a for a in inputs]
        if method == "reduce" and ufunc is np.maximum:
            result = np.frompyfunc(sp.Max, 2, 1).reduce(*plain, **options)
        elif method == "__call__" and ufunc in _RULES:
            rule, arguments = _RULES[ufunc]
            result = np.frompyfunc(rule, arguments, 1)(*plain)
        else:
            result = getattr(ufunc, method)(*plain, **options)
        if out is not None:
            target = np.asarray(out[0])
            target[...] = result
            return out[0]
        return result.view(_SymbolArray) if isinstance(result, np.ndarray) else result
