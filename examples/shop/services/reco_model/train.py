"""Trains the model from exported clicks. Run by hand on a machine with a GPU; not a service."""

from __future__ import annotations

import argparse

import numpy as np
import torch
from reco.model import TwoTower
from reco.vocabulary import Vocabulary
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


def train(clicks: np.ndarray, vocabulary: Vocabulary, epochs: int) -> TwoTower:
    model = TwoTower(len(vocabulary.visitors), len(vocabulary.items))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(torch.from_numpy(clicks)), batch_size=2048, shuffle=True)
    for _ in range(epochs):
        for (batch,) in loader:
            optimiser.zero_grad()
            loss = F.cross_entropy(model(batch[:, 0], batch[:, 1]), torch.arange(len(batch)))
            loss.backward()
            optimiser.step()
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("clicks")
    parser.add_argument("vocabulary")
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    trained = train(np.load(arguments.clicks), Vocabulary.read(arguments.vocabulary), arguments.epochs)
    torch.save(trained.state_dict(), "reco.pt")
