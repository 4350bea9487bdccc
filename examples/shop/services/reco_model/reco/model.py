"""The network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reco.vocabulary import Vocabulary


class Tower(nn.Module):
    def __init__(self, rows: int, width: int = 128) -> None:
        super().__init__()
        self.table = nn.Embedding(rows, width)
        self.layers = nn.Sequential(nn.Linear(width, 256), nn.ReLU(), nn.Dropout(0.1), nn.Linear(256, width))

    def forward(self, rows: Tensor) -> Tensor:
        return F.normalize(self.layers(self.table(rows)), dim=-1)


class TwoTower(nn.Module):
    def __init__(self, visitors: int, items: int) -> None:
        super().__init__()
        self.visitors = Tower(visitors + 1)
        self.items = Tower(items)
        self.temperature = nn.Parameter(torch.tensor(0.07))

    def forward(self, visitors: Tensor, items: Tensor) -> Tensor:
        return self.visitors(visitors) @ self.items(items).T / self.temperature


def load_model(path: str, vocabulary: Vocabulary) -> TwoTower:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = TwoTower(len(vocabulary.visitors), len(vocabulary.items))
    model.load_state_dict(torch.load(path, map_location=device, weights_only=True))
    return model.to(device).eval()
