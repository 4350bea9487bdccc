"""Names <-> rows of the embedding tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Vocabulary:
    visitors: dict[str, int]
    items: dict[str, int]
    names: list[str]

    @classmethod
    def read(cls, path: str) -> Vocabulary:
        raw = json.loads(Path(path).read_text())
        items = {name: row for row, name in enumerate(raw["items"])}
        return cls({name: row + 1 for row, name in enumerate(raw["visitors"])}, items, raw["items"])
