"""Entry of the model server."""

from __future__ import annotations

import os

import torch
import uvicorn
from fastapi import FastAPI, HTTPException
from reco.model import TwoTower, load_model
from reco.rank import recommend, similar
from reco.vocabulary import Vocabulary

app = FastAPI(title="reco")
vocabulary = Vocabulary.read(os.environ.get("VOCABULARY", "/models/vocabulary.json"))
model: TwoTower = load_model(os.environ.get("MODEL", "/models/reco.pt"), vocabulary)


@app.get("/recommend/{visitor}")
def get_recommendations(visitor: str, count: int = 12) -> list[str]:
    with torch.inference_mode():
        return recommend(model, vocabulary, visitor, count)


@app.get("/similar/{sku}")
def get_similar(sku: str, count: int = 8) -> list[str]:
    if sku not in vocabulary.items:
        raise HTTPException(404, "no such product")
    with torch.inference_mode():
        return similar(model, vocabulary, sku, count)


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=9000)
