"""Main colours of a photo, as names that customers filter by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imagery import frames
from imagery.photos import open_photo

NAMES = pd.DataFrame(
    {
        "name": ["black", "white", "grey", "red", "green", "blue", "yellow", "brown"],
        "r": [20, 240, 128, 200, 40, 40, 230, 120],
        "g": [20, 240, 128, 30, 150, 70, 200, 80],
        "b": [20, 240, 128, 40, 60, 190, 40, 50],
    }
)


def nearest_names(pixels: np.ndarray) -> pd.Series:
    table = NAMES[["r", "g", "b"]].to_numpy(dtype=np.float32)
    distance = np.linalg.norm(pixels[:, None, :] - table[None, :, :], axis=2)
    return pd.Series(NAMES["name"].to_numpy()[distance.argmin(axis=1)])


def main_colours(key: str) -> list[str]:
    pixels = np.asarray(open_photo(key).resize((64, 64)), dtype=np.float32).reshape(-1, 3)
    share = nearest_names(pixels).value_counts(normalize=True)
    return share[share >= 0.15].index.tolist()


def add_colours(ds: str, **context: Any) -> None:
    sizes = frames.read("sizes", ds)
    small = sizes[sizes["width"] == sizes["width"].min()].copy()
    small["colours"] = small["key"].map(main_colours)
    frames.write("colours", ds, small[["sku", "colours"]].explode("colours"))
