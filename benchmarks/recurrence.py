"""A character LSTM, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import against_pytorch
from benchmarks.harness import Comparison
from chainrule import nn
from chainrule.autograd import Tensor

CHARACTERS, HIDDEN, T, BATCH = 64, 128, 64, 32


class CharLSTM(nn.Module):
    """Scores of the next character, at every position."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.embedding = nn.Embedding(CHARACTERS, HIDDEN, rng=rng)
        self.lstm = nn.LSTM(HIDDEN, HIDDEN, rng=rng)
        self.head = nn.Linear(HIDDEN, CHARACTERS, rng=rng)

    def forward(self, ids: Tensor) -> Tensor:
        h, _ = self.lstm(self.embedding(ids))  # (B, T, H)
        return self.head(h)  # (B, T, K)


def build_torch(torch: Any) -> Any:
    class TorchCharLSTM(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Embedding(CHARACTERS, HIDDEN)
            self.lstm = torch.nn.LSTM(HIDDEN, HIDDEN, batch_first=True)
            self.head = torch.nn.Linear(HIDDEN, CHARACTERS)

        def forward(self, ids: Any) -> Any:
            h, _ = self.lstm(self.embedding(ids))
            return self.head(h)

    return TorchCharLSTM()


def comparisons() -> Iterator[Comparison]:
    ids = np.random.default_rng(0).integers(0, CHARACTERS, (BATCH, T + 1))
    X, t = ids[:, :-1].copy(), ids[:, 1:].copy()
    title = f"character LSTM, H {HIDDEN}, T {T}, batch {BATCH}"
    yield against_pytorch.training("char-lstm", title, CharLSTM, build_torch, (X, t), target=1.3)
    yield against_pytorch.inference("char-lstm", title, CharLSTM, build_torch, X)
