"""The standard normal distribution, which NumPy lacks and :func:`chainrule.functional.gelu` needs.

For a ≥ 0, Φ(−a) = φ(a) R(a), and Mills' ratio R is so smooth in t = (a − c) / (a + c) that a short
polynomial gives it. The idea is Schonfelder's (1978), for the error function. The polynomial is
fitted here, when it is first needed, to Python's own ``math.erfc``.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from chainrule.functional.contract import Array

BEND = 4.0  # c
END = 8.5  # of the fit; beyond, Φ is 1 to the last digit of float64
TERMS = {np.dtype(np.float64): 19, np.dtype(np.float32): 8}  # more do not make it more exact


def normal(x: Array) -> tuple[Array, Array]:
    """Distribution function Φ and density φ of the standard normal distribution.

    Parameters
    ----------
    x : floating-point array, any shape

    Returns
    -------
    cdf : array, the shape and dtype of ``x``
        Φ(x) = ½ (1 + erf(x/√2)), within 2e-15 in float64 and 2e-7 in float32.
    density : array, the shape and dtype of ``x``
        φ(x) = exp(−x²/2) / √(2π).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.normal import normal
    >>> cdf, density = normal(np.array([-1.0, 0.0, 1.0]))
    >>> cdf.round(4)
    array([0.1587, 0.5   , 0.8413])
    >>> density.round(4)
    array([0.242 , 0.3989, 0.242 ])
    """
    with np.errstate(over="ignore"):  # exp(−∞) = 0 is the right answer
        density = np.exp(-0.5 * x * x)
    density *= 1 / math.sqrt(2 * math.pi)
    if hasattr(x, "erf"):  # arrays of symbols bring their own
        scaled: Any = x * math.sqrt(0.5)
        return 0.5 * (1 + scaled.erf()), density
    t = np.abs(x)
    t += BEND
    t = -2 * BEND / t
    t += 1
    last, *coefficients = reversed(_mills_coefficients(TERMS.get(x.dtype, max(TERMS.values()))))
    tail = np.full_like(t, last)
    for coefficient in coefficients:
        tail *= t
        tail += coefficient
    tail *= density  # Φ(−|x|)
    return np.abs((x > 0) - tail), density


def _mills_ratio(t: Any) -> Any:
    a = BEND * (1 + t) / (1 - t)
    return np.array([math.erfc(v * math.sqrt(0.5)) * math.exp(v * v / 2) for v in a]) * math.sqrt(
        math.pi / 2
    )


@functools.cache
def _mills_coefficients(terms: int) -> tuple[float, ...]:
    """Coefficients of a polynomial in t that is close to R, lowest power first."""
    from numpy.polynomial import Chebyshev, Polynomial  # they take longer to load than the fit

    domain = [-1, (END - BEND) / (END + BEND)]
    series = Chebyshev.interpolate(_mills_ratio, terms - 1, domain)
    return tuple(float(c) for c in series.convert(kind=Polynomial).coef)
