"""All steps -> one table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from imagery import frames


def write_table(ds: str, **context: Any) -> int:
    sizes = frames.read("sizes", ds).pivot_table(index="sku", columns="width", values="key", aggfunc="first")
    colours = frames.read("colours", ds).groupby("sku")["colours"].agg(",".join)
    same = frames.read("duplicates", ds).set_index("sku")["same_as"]
    table = pd.concat([sizes.add_prefix("photo_"), colours, same], axis=1).reset_index()
    frames.write("table", ds, table)
    return len(table)
