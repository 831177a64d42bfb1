"""Initial values: random numbers of the right size, drawn into a parameter that exists.

Every layer multiplies the variance of what goes through it by (fan in) · Var[w], and the variance
of the gradient on its way back by (fan out) · Var[w]. The fan in is the number of inputs that one
output sees, the fan out the number of outputs that one input reaches. The functions here choose
Var[w] so that one or the other stays 1.

All work in place, as their trailing underscore says, and return the tensor. They raise
``TypeError`` if it is not a Tensor, or ``rng`` not a generator, and ``ValueError`` if they need a
fan and the tensor has fewer than two axes or no entries. Names are PyTorch's. Derived in the
chapter ``initialization``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.arguments import (
    require_choice,
    require_generator,
    require_instance,
    require_numbers,
)
from chainrule.autograd import Tensor


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Draw every entry from the uniform distribution on [a, b).

    Parameters
    ----------
    tensor : Tensor, any shape
        Is filled in place.
    a, b : float
    rng : numpy.random.Generator, keyword only

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> nn.init.uniform_(layer.bias, -1, 1, rng=np.random.default_rng(1)) is layer.bias
    True
    """
    _require_tensor_and_generator("uniform_", tensor, rng)
    require_numbers("uniform_", "(-inf, inf)", a=a, b=b)
    if not a <= b:
        raise ValueError(f"uniform_: takes a at most b, got a={a}, b={b}")
    tensor.data[...] = rng.uniform(a, b, tensor.shape)
    return tensor


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: np.random.Generator
) -> Tensor:
    """Draw every entry from the normal distribution.

    Parameters
    ----------
    tensor : Tensor, any shape
        Is filled in place.
    mean, std : float
        μ and σ.
    rng : numpy.random.Generator, keyword only

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> nn.init.normal_(layer.weight, std=0.02, rng=np.random.default_rng(1)).data.std().round(3)
    np.float32(0.02)
    """
    _require_tensor_and_generator("normal_", tensor, rng)
    require_numbers("normal_", "(-inf, inf)", mean=mean)
    require_numbers("normal_", "[0, inf)", std=std)
    tensor.data[...] = rng.normal(mean, std, tensor.shape)
    return tensor


def constant_(tensor: Tensor, value: float) -> Tensor:
    """Set every entry to ``value``.

    Parameters
    ----------
    tensor : Tensor, any shape
        Is filled in place.
    value : float

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.init.constant_(nn.Linear(3, 2, rng=np.random.default_rng(0)).bias, 0.5)
    Tensor([0.5, 0.5], requires_grad=True)
    """
    _require_tensor("constant_", tensor)
    require_numbers("constant_", "(-inf, inf)", value=value)
    tensor.data[...] = value
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By which factor weights must be larger because of the nonlinearity that follows.

    Parameters
    ----------
    nonlinearity : str
        ``"linear"``, ``"conv1d"``, ``"conv2d"``, ``"conv_transpose2d"`` or ``"sigmoid"``: 1;
        ``"tanh"``: 5/3; ``"relu"``: √2; ``"leaky_relu"``: √(2 / (1 + a²)); ``"selu"``: 3/4.
    param : float, optional
        a, the slope of the leaky ReLU for negative numbers, 0.01 if not given.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there is no gain of this name.

    Notes
    -----
    For ReLU it is exact: of a symmetric distribution, half of the second moment is left. The
    numbers for tanh, sigmoid and SELU are PyTorch's conventions.
    Derived in the chapter ``initialization``; He, Zhang, Ren & Sun (2015), section 2.2.

    Examples
    --------
    >>> from chainrule import nn
    >>> round(nn.init.calculate_gain("relu") ** 2, 12), nn.init.calculate_gain("sigmoid")
    (2.0, 1.0)
    """
    slope = 0.01 if param is None else param
    require_numbers("calculate_gain", "(-inf, inf)", param=slope)
    return _gain("calculate_gain", nonlinearity, slope)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Xavier (Glorot): uniform with Var[w] = 2 gain² / (fan in + fan out).

    Parameters
    ----------
    tensor : Tensor (out, in, *kernel)
        Is filled in place, from ±gain √(6 / (fan in + fan out)).
    gain : float
        See :func:`calculate_gain`.
    rng : numpy.random.Generator, keyword only

    Notes
    -----
    A compromise between forward and backward pass, which want the fan in and the fan out.
    Derived in the chapter ``initialization``; Glorot & Bengio (2010), equation 16.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> w = nn.init.xavier_uniform_(layer.weight, rng=np.random.default_rng(1))
    >>> print(f"{w.data.var():.4f}, {2 / (256 + 512):.4f}")
    0.0026, 0.0026
    """
    std = _xavier_std("xavier_uniform_", tensor, gain, rng)
    return _uniform_of(tensor, std, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Xavier (Glorot): normal with Var[w] = 2 gain² / (fan in + fan out).

    Parameters
    ----------
    tensor : Tensor (out, in, *kernel)
        Is filled in place.
    gain : float
        See :func:`calculate_gain`.
    rng : numpy.random.Generator, keyword only

    Notes
    -----
    Derived in the chapter ``initialization``; Glorot & Bengio (2010), equation 12.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> w = nn.init.xavier_normal_(layer.weight, rng=np.random.default_rng(1))
    >>> print(f"{w.data.var():.4f}, {2 / (256 + 512):.4f}")
    0.0026, 0.0026
    """
    std = _xavier_std("xavier_normal_", tensor, gain, rng)
    return normal_(tensor, 0, std, rng=rng)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator,
) -> Tensor:
    """Kaiming (He): uniform with Var[w] = gain² / fan.

    Parameters
    ----------
    tensor : Tensor (out, in, *kernel)
        Is filled in place, from ±gain √(3 / fan).
    a : float
        The slope of the leaky ReLU for negative numbers; 0 is ReLU.
    mode : {"fan_in", "fan_out"}
        Whether the variance is kept forward or backward.
    nonlinearity : str
        See :func:`calculate_gain`.
    rng : numpy.random.Generator, keyword only

    Raises
    ------
    ValueError
        If there is no such mode or nonlinearity.

    Notes
    -----
    Derived in the chapter ``initialization``; He, Zhang, Ren & Sun (2015), equations 10 and 14.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> w = nn.init.kaiming_uniform_(layer.weight, rng=np.random.default_rng(1))
    >>> print(f"{w.data.var():.4f}, {2 / 256:.4f}")
    0.0078, 0.0078
    """
    std = _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity, rng)
    return _uniform_of(tensor, std, rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator,
) -> Tensor:
    """Kaiming (He): normal with Var[w] = gain² / fan.

    Parameters
    ----------
    tensor : Tensor (out, in, *kernel)
        Is filled in place.
    a : float
        The slope of the leaky ReLU for negative numbers; 0 is ReLU.
    mode : {"fan_in", "fan_out"}
        Whether the variance is kept forward or backward.
    nonlinearity : str
        See :func:`calculate_gain`.
    rng : numpy.random.Generator, keyword only

    Raises
    ------
    ValueError
        If there is no such mode or nonlinearity.

    Notes
    -----
    Derived in the chapter ``initialization``; He, Zhang, Ren & Sun (2015), equations 10 and 14.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> w = nn.init.kaiming_normal_(layer.weight, rng=np.random.default_rng(1))
    >>> print(f"{w.data.var():.4f}, {2 / 256:.4f}")
    0.0078, 0.0078
    """
    return normal_(
        tensor, 0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity, rng), rng=rng
    )


def lecun_normal_(tensor: Tensor, *, rng: np.random.Generator) -> Tensor:
    """LeCun: normal with Var[w] = 1 / fan in, which keeps the variance of a linear layer.

    Parameters
    ----------
    tensor : Tensor (out, in, *kernel)
        Is filled in place.
    rng : numpy.random.Generator, keyword only

    Notes
    -----
    Derived in the chapter ``initialization``; LeCun, Bottou, Orr & Müller (1998), section 4.6.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> w = nn.init.lecun_normal_(layer.weight, rng=np.random.default_rng(1))
    >>> print(f"{w.data.var():.4f}, {1 / 256:.4f}")
    0.0039, 0.0039
    """
    fan_in, _ = _fans("lecun_normal_", tensor)
    require_generator("lecun_normal_", rng)
    return normal_(tensor, 0, 1 / math.sqrt(fan_in), rng=rng)


def orthogonal_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Orthogonal: W Wᵀ = gain² I or Wᵀ W = gain² I, whichever is the smaller matrix.

    Parameters
    ----------
    tensor : Tensor (out, in, *kernel)
        Is filled in place; W is (out, in · kernel entries).
    gain : float
        See :func:`calculate_gain`.
    rng : numpy.random.Generator, keyword only

    Notes
    -----
    The Q of the QR decomposition of a normal matrix. Where R has a negative diagonal, the column
    is turned, without which Q would not be uniformly distributed.
    Derived in the chapter ``initialization``; Saxe, McClelland & Ganguli (2014); the signs:
    Mezzadri (2007), section 5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(256, 512, rng=np.random.default_rng(0))
    >>> w = nn.init.orthogonal_(layer.weight, rng=np.random.default_rng(1))
    >>> np.allclose(w.data.T @ w.data, np.eye(256), atol=1e-5)
    True
    """
    _fans("orthogonal_", tensor)
    require_generator("orthogonal_", rng)
    require_numbers("orthogonal_", "[0, inf)", gain=gain)
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    tensor.data[...] = gain * (q if rows >= columns else q.T).reshape(tensor.shape)
    return tensor


def _fans(function: str, tensor: Tensor) -> tuple[int, int]:
    """Fan in and fan out of weights (out, in, *kernel)."""
    _require_tensor(function, tensor)
    if tensor.ndim < 2 or 0 in tensor.shape:
        raise ValueError(
            f"{function}: takes weights (out, in, *kernel) with at least one entry, got shape "
            f"{tensor.shape}; biases have no fan in, leave them 0"
        )
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def _xavier_std(function: str, tensor: Tensor, gain: float, rng: Any) -> float:
    fans = _fans(function, tensor)
    require_generator(function, rng)
    require_numbers(function, "[0, inf)", gain=gain)
    return gain * math.sqrt(2 / sum(fans))


def _kaiming_std(
    function: str, tensor: Tensor, a: float, mode: str, nonlinearity: str, rng: Any
) -> float:
    fans = _fans(function, tensor)
    require_generator(function, rng)
    require_numbers(function, "(-inf, inf)", a=a)
    require_choice(function, ("fan_in", "fan_out"), mode=mode)
    return _gain(function, nonlinearity, a) / math.sqrt(fans[mode == "fan_out"])


def _gain(function: str, nonlinearity: str, slope: float) -> float:
    gains = {
        "linear": 1.0,
        "conv1d": 1.0,
        "conv2d": 1.0,
        "conv_transpose2d": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + slope * slope)),
        "selu": 3 / 4,
    }
    require_choice(function, list(gains), nonlinearity=nonlinearity)
    return gains[nonlinearity]


def _uniform_of(tensor: Tensor, std: float, rng: np.random.Generator) -> Tensor:
    bound = math.sqrt(3) * std  # the standard deviation of a uniform distribution on ±1 is 1/√3
    return uniform_(tensor, -bound, bound, rng=rng)


def _require_tensor_and_generator(function: str, tensor: Any, rng: Any) -> None:
    _require_tensor(function, tensor)
    require_generator(function, rng)


def _require_tensor(function: str, tensor: Any) -> None:
    require_instance(function, Tensor, "pass a parameter, such as layer.weight", tensor=tensor)
