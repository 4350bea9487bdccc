"""The same photo under two article numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imagery import frames
from imagery.photos import open_photo


def difference_hash(key: str) -> int:
    grey = np.asarray(open_photo(key).convert("L").resize((9, 8)), dtype=np.int16)
    bits = (grey[:, 1:] > grey[:, :-1]).flatten()
    return int(np.packbits(bits).view(">u8")[0])


def mark_duplicates(ds: str, **context: Any) -> None:
    sizes = frames.read("sizes", ds)
    small = sizes.loc[sizes["width"] == 160, ["sku", "key"]].copy()
    small["hash"] = small["key"].map(difference_hash).astype("uint64")
    groups = small.groupby("hash")["sku"].agg(["min", "nunique"]).rename(columns={"min": "same_as"})
    joined = small.merge(groups, on="hash")
    frames.write("duplicates", ds, joined[joined["nunique"] > 1][["sku", "same_as"]].pipe(pd.DataFrame))
