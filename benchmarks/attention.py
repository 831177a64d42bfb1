"""A small GPT, and attention alone, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import against_pytorch
from benchmarks.harness import Comparison
from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.nn import functional as F

CHARACTERS, WIDTH, HEADS, LAYERS, T, BATCH = 64, 64, 4, 2, 64, 16


class GPT(nn.Module):
    """Token and position, layers of causal attention and networks, scores of the next token."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.token = nn.Embedding(CHARACTERS, WIDTH, rng=rng)
        self.position = nn.Embedding(T, WIDTH, rng=rng)
        self.layers = [
            nn.TransformerEncoderLayer(
                WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation=F.gelu, norm_first=True, rng=rng
            )
            for _ in range(LAYERS)
        ]
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, CHARACTERS, rng=rng)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token(ids) + self.position(np.arange(ids.shape[1]))  # (B, T, d)
        for layer in self.layers:
            x = layer(x, causal=True)
        return self.head(self.norm(x))


def build_torch(torch: Any) -> Any:
    class TorchGPT(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.token = torch.nn.Embedding(CHARACTERS, WIDTH)
            self.position = torch.nn.Embedding(T, WIDTH)
            self.layers = torch.nn.ModuleList(
                torch.nn.TransformerEncoderLayer(
                    WIDTH,
                    HEADS,
                    4 * WIDTH,
                    dropout=0.0,
                    activation="gelu",
                    norm_first=True,
                    batch_first=True,
                )
                for _ in range(LAYERS)
            )
            self.norm = torch.nn.LayerNorm(WIDTH)
            self.head = torch.nn.Linear(WIDTH, CHARACTERS)
            # True: may not attend. PyTorch wants the mask even where it is told that it is causal.
            self.mask = torch.ones(T, T, dtype=torch.bool).triu(1)

        def forward(self, ids: Any) -> Any:
            x = self.token(ids) + self.position(torch.arange(ids.shape[1]))
            for layer in self.layers:
                x = layer(x, src_mask=self.mask, is_causal=True)
            return self.head(self.norm(x))

    return TorchGPT()


def attention_torch(torch: Any, q: Any, k: Any, v: Any) -> Any:
    return torch.nn.functional.scaled_dot_product_attention(q, k, v)


def comparisons() -> Iterator[Comparison]:
    rng = np.random.default_rng(0)
    ids = rng.integers(0, CHARACTERS, (BATCH, T + 1))
    X, t = ids[:, :-1].copy(), ids[:, 1:].copy()
    title = f"GPT, d {WIDTH}, {HEADS} heads, {LAYERS} layers, T {T}, batch {BATCH}"
    yield against_pytorch.training("gpt", title, GPT, build_torch, (X, t), target=1.05)
    yield against_pytorch.inference("gpt", title, GPT, build_torch, X)

    qkv = [rng.standard_normal((8, 4, 256, 32), np.float32) for _ in range(3)]
    yield against_pytorch.function(
        "attention",
        "attention 8×4×256×32",
        F.scaled_dot_product_attention,
        attention_torch,
        qkv,
        target=1.3,
    )
