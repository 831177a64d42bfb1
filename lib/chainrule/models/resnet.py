"""A small residual network. Derived in the chapter ``convolution``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.models.inputs import require_images, require_sizes
from chainrule.nn import functional as F
from chainrule.nn.module import require_positive


class BasicBlock(nn.Module):
    """Residual block: y = relu(x + branch(x)), the branch two 3×3 convolutions with BatchNorm.

    Where the size or the number of channels changes, x passes a 1×1 convolution and BatchNorm,
    ``downsample``, before the sum.

    Parameters
    ----------
    in_channels, channels : int
        C and F.
    stride : int
        Of the first convolution, s.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Notes
    -----
    The convolutions have no biases, for BatchNorm subtracts them.
    Derived in the chapter ``convolution``; He, Zhang, Ren & Sun (2016), section 3.3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import BasicBlock
    >>> block = BasicBlock(8, 16, stride=2, rng=np.random.default_rng(0))
    >>> block(np.zeros((5, 8, 14, 14), np.float32)).shape
    (5, 16, 7, 7)
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        name = type(self).__name__
        require_positive(name, in_channels=in_channels, channels=channels, stride=stride)
        require_rng_and_dtype(name, rng, dtype)

        def convolution(c: int, size: int, stride: int) -> nn.Conv2d:
            padding = size // 2
            return nn.Conv2d(c, channels, size, stride, padding, bias=False, rng=rng, dtype=dtype)

        self.conv1 = convolution(in_channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels, dtype=dtype)
        self.conv2 = convolution(channels, 3, 1)
        self.bn2 = nn.BatchNorm2d(channels, dtype=dtype)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.downsample = nn.Sequential(
                convolution(in_channels, 1, stride), nn.BatchNorm2d(channels, dtype=dtype)
            )

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, H, W) → y (B, F, ⌈H/s⌉, ⌈W/s⌉)."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.downsample(x))


class ResNet(nn.Module):
    """Residual network for small images: a convolution, stages of blocks, a mean, logits.

    Parameters
    ----------
    in_channels, num_classes : int
        C and K.
    channels : sequence of int
        One for each stage. All stages but the first halve the image.
    blocks : int
        How many in each stage.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is not positive, or there is no stage.

    Notes
    -----
    Names are those of torchvision's. The mean over all positions lets it take images of any size.
    Weights are drawn as in the paper: normal with variance 2 / fan out.
    Derived in the chapter ``convolution``; He, Zhang, Ren & Sun (2016), section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import ResNet
    >>> model = ResNet(channels=(8, 16), rng=np.random.default_rng(0))
    >>> model(np.zeros((5, 1, 28, 28), np.float32)).shape
    (5, 10)
    >>> [name for name, _ in model.named_parameters() if name.startswith("layer2.0.downsample")]
    ['layer2.0.downsample.0.weight', 'layer2.0.downsample.1.weight', 'layer2.0.downsample.1.bias']
    """

    def __init__(
        self,
        in_channels: int = 1,
        num_classes: int = 10,
        channels: Sequence[int] = (16, 32),
        blocks: int = 1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive("ResNet", in_channels=in_channels, num_classes=num_classes, blocks=blocks)
        require_sizes("ResNet", least=1, channels=channels)
        require_rng_and_dtype("ResNet", rng, dtype)
        self.in_channels = in_channels
        c = channels[0]
        self.conv1 = nn.Conv2d(in_channels, c, 3, padding=1, bias=False, rng=rng, dtype=dtype)
        self.bn1 = nn.BatchNorm2d(c, dtype=dtype)
        self.stages = [f"layer{i}" for i in range(1, len(channels) + 1)]
        for stage, width in zip(self.stages, channels, strict=True):
            stride = 1 if stage == "layer1" else 2
            row = [BasicBlock(c, width, stride, rng=rng, dtype=dtype)]
            row += [BasicBlock(width, width, rng=rng, dtype=dtype) for _ in range(blocks - 1)]
            setattr(self, stage, nn.Sequential(*row))
            c = width
        self.fc = nn.Linear(c, num_classes, rng=rng, dtype=dtype)
        for _, module in self.named_modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", rng=rng)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, H, W) → logits (B, K)."""
        require_images("ResNet", x, self.in_channels)
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in self.stages:
            x = getattr(self, stage)(x)
        return self.fc(x.mean((2, 3)))
