"""A small GPT, and attention alone, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import against_pytorch
from benchmarks.harness import Comparison
from chainrule.models import GPT
from chainrule.nn import functional as F

CHARACTERS, WIDTH, HEADS, LAYERS, T, BATCH = 64, 64, 4, 2, 64, 16


def build(rng: np.random.Generator) -> GPT:
    return GPT(CHARACTERS, T, WIDTH, HEADS, LAYERS, rng=rng)


def build_torch(torch: Any) -> Any:
    class TorchGPT(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.token_embedding = torch.nn.Embedding(CHARACTERS, WIDTH)
            self.position_embedding = torch.nn.Embedding(T, WIDTH)
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
            # True: may not attend. PyTorch wants the mask even where it is told that it is causal.
            self.mask = torch.ones(T, T, dtype=torch.bool).triu(1)

        def forward(self, ids: Any) -> Any:
            x = self.token_embedding(ids) + self.position_embedding(torch.arange(ids.shape[1]))
            for layer in self.layers:
                x = layer(x, src_mask=self.mask, is_causal=True)
            return torch.nn.functional.linear(self.norm(x), self.token_embedding.weight)

    return TorchGPT()


def attention_torch(torch: Any, q: Any, k: Any, v: Any) -> Any:
    return torch.nn.functional.scaled_dot_product_attention(q, k, v)


def comparisons() -> Iterator[Comparison]:
    rng = np.random.default_rng(0)
    ids = rng.integers(0, CHARACTERS, (BATCH, T + 1))
    X, t = ids[:, :-1].copy(), ids[:, 1:].copy()
    title = f"GPT, d {WIDTH}, {HEADS} heads, {LAYERS} layers, T {T}, batch {BATCH}"
    yield against_pytorch.training("gpt", title, build, build_torch, (X, t), target=1.05)
    yield against_pytorch.inference("gpt", title, build, build_torch, X)

    qkv = [rng.standard_normal((8, 4, 256, 32), np.float32) for _ in range(3)]
    yield against_pytorch.function(
        "attention",
        "attention 8×4×256×32",
        F.scaled_dot_product_attention,
        attention_torch,
        qkv,
        target=1.3,
    )
