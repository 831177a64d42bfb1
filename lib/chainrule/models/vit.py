"""The vision Transformer. Derived in the chapter ``transformers``."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.models.inputs import require_images
from chainrule.nn import functional as F
from chainrule.nn.module import parameter
from chainrule.nn.transformer import require_transformer


class VisionTransformer(nn.Module):
    """Patches of an image as a sequence, a Transformer encoder, logits from a class token.

    Parameters
    ----------
    image_size, patch_size : int
        S and P, a divisor of S. There are N = (S/P)² patches.
    in_channels, num_classes : int
        C and K.
    d_model, nhead, num_layers, dim_feedforward : int
    dropout : float
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is out of range, or ``patch_size`` does not divide ``image_size``.

    Notes
    -----
    A linear layer on each patch is a convolution with stride P, ``conv_proj``.
    Derived in the chapter ``transformers``; Dosovitskiy et al. (2021), section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import VisionTransformer
    >>> model = VisionTransformer(8, 2, d_model=32, nhead=4, rng=np.random.default_rng(0))
    >>> model(np.zeros((5, 1, 8, 8), np.float32)).shape, model.pos_embedding.shape
    ((5, 10), (1, 17, 32))
    """

    def __init__(
        self,
        image_size: int = 28,
        patch_size: int = 7,
        in_channels: int = 1,
        num_classes: int = 10,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int = 128,
        dropout: float = 0.0,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_transformer(
            "VisionTransformer",
            d_model=d_model,
            nhead=nhead,
            num_layers=num_layers,
            dim_feedforward=dim_feedforward,
            image_size=image_size,
            patch_size=patch_size,
            in_channels=in_channels,
            num_classes=num_classes,
            dropout=dropout,
            rng=rng,
            dtype=dtype,
        )
        if image_size % patch_size:
            raise ValueError(
                f"VisionTransformer: patch_size must divide image_size, got {patch_size} and "
                f"{image_size}"
            )
        self.image_size, self.in_channels = image_size, in_channels
        self.conv_proj = nn.Conv2d(
            in_channels, d_model, patch_size, patch_size, rng=rng, dtype=dtype
        )
        patches = (image_size // patch_size) ** 2
        self.class_token = parameter(1, 1, d_model, dtype=dtype)
        self.pos_embedding = parameter(1, patches + 1, d_model, dtype=dtype)
        nn.init.normal_(self.pos_embedding, std=0.02, rng=rng)
        self.dropout = nn.Dropout(dropout, rng=rng)
        self.layers = [
            nn.TransformerEncoderLayer(
                d_model,
                nhead,
                dim_feedforward,
                dropout,
                F.gelu,
                norm_first=True,
                rng=rng,
                dtype=dtype,
            )
            for _ in range(num_layers)
        ]
        self.norm = nn.LayerNorm(d_model, dtype=dtype)
        self.head = nn.Linear(d_model, num_classes, rng=rng, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, S, S) → logits (B, K)."""
        require_images("VisionTransformer", x, self.in_channels, self.image_size)
        x = self.conv_proj(x)  # (B, d, S/P, S/P)
        B, d = x.shape[:2]
        x = x.reshape(B, d, x.shape[2] * x.shape[3]).transpose(0, 2, 1)  # (B, N, d)
        token = self.class_token + np.zeros((B, 1, d), x.dtype)  # one for each image
        x = F.concatenate(token, x, axis=1) + self.pos_embedding  # (B, N + 1, d)
        x = self.dropout(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x[:, 0]))
