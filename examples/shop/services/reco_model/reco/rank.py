"""Scores -> the best products."""

from __future__ import annotations

import torch

from reco.model import TwoTower
from reco.vocabulary import Vocabulary


def recommend(model: TwoTower, vocabulary: Vocabulary, visitor: str, count: int) -> list[str]:
    row = torch.tensor([vocabulary.visitors.get(visitor, 0)])
    scores = model(row, torch.arange(len(vocabulary.names))).squeeze(0)
    best = torch.topk(scores, min(count, len(vocabulary.names))).indices
    return [vocabulary.names[index] for index in best.tolist()]


def similar(model: TwoTower, vocabulary: Vocabulary, sku: str, count: int) -> list[str]:
    items = model.items(torch.arange(len(vocabulary.names)))
    own = vocabulary.items[sku]
    scores = items @ items[own]
    scores[own] = -torch.inf
    return [vocabulary.names[index] for index in torch.topk(scores, count).indices.tolist()]
