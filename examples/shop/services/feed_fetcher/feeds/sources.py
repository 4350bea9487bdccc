"""The suppliers and where their feeds are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FeedSource:
    name: str
    url: str
    format: str
    pages: int = 1


def load_sources(path: str) -> list[FeedSource]:
    return [FeedSource(**row) for row in json.loads(Path(path).read_text())]
