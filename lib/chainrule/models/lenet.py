"""A small convolutional network. Derived in the chapter ``convolution``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import require_function, require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.models.inputs import MODULE_REMEDY, require_images, require_sizes
from chainrule.models.mlp import MLP
from chainrule.nn.module import require_positive


class LeNet(nn.Module):
    """Twice convolution, activation and pooling; then an MLP: images → logits.

    The first convolution keeps the size of the image, the second has no padding, and each pooling
    halves it: 28 → 28 → 14 → 10 → 5 with a kernel of 5, and 8 → 8 → 4 → 2 → 1 with one of 3.

    Parameters
    ----------
    image_size, in_channels, num_classes : int
        S, C and K.
    channels : (int, int)
        Of the two convolutions.
    hidden : sequence of int
        Sizes of the hidden layers behind the convolutions.
    kernel_size : int
        k, an odd number.
    activation : callable, keyword only
        Makes the module behind each layer but the last.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is not positive, or the image is too small for the kernel.

    Notes
    -----
    LeNet-5 with maxima instead of trained averages and ReLU instead of tanh.
    Derived in the chapter ``convolution``; LeCun, Bottou, Bengio & Haffner (1998), section II.B.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import LeNet
    >>> model = LeNet(rng=np.random.default_rng(0))
    >>> model(np.zeros((5, 1, 28, 28), np.float32)).shape, model.num_parameters()
    ((5, 10), 61706)
    >>> small = LeNet(8, channels=(8, 16), hidden=(), kernel_size=3, rng=np.random.default_rng(0))
    >>> small(np.zeros((5, 1, 8, 8), np.float32)).shape, small.num_parameters()
    ((5, 10), 1418)
    """

    def __init__(
        self,
        image_size: int = 28,
        in_channels: int = 1,
        num_classes: int = 10,
        channels: tuple[int, int] = (6, 16),
        hidden: Sequence[int] = (120, 84),
        kernel_size: int = 5,
        *,
        activation: Callable[[], nn.Module] = nn.ReLU,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive(
            "LeNet",
            image_size=image_size,
            in_channels=in_channels,
            num_classes=num_classes,
            kernel_size=kernel_size,
        )
        require_sizes("LeNet", least=2, channels=channels)
        require_sizes("LeNet", hidden=hidden)
        if len(channels) > 2:
            raise ValueError(f"LeNet: channels must be a pair, got {channels!r}")
        require_function("LeNet", MODULE_REMEDY, activation=activation)
        require_rng_and_dtype("LeNet", rng, dtype)
        k, (first, second) = kernel_size, channels
        left = (image_size // 2 - k + 1) // 2
        if left < 1 or k % 2 == 0:
            raise ValueError(
                f"LeNet: an image of size {image_size} is too small for a kernel of size {k}, or "
                "the kernel is not odd; take kernel_size=3 for images of 8×8"
            )
        self.image_size, self.in_channels = image_size, in_channels
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, first, k, padding=k // 2, rng=rng, dtype=dtype),
            activation(),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, k, rng=rng, dtype=dtype),
            activation(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        sizes = [second * left * left, *hidden, num_classes]
        self.classifier = MLP(sizes, activation=activation, rng=rng, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, S, S) → logits (B, K)."""
        require_images("LeNet", x, self.in_channels, self.image_size)
        return self.classifier(self.features(x))
