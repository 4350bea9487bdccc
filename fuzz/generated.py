"""Programs made by hypothesmith, from Python's grammar and from LibCST's nodes -> does extract read them? `python -m fuzz.generated --count 200`.

Each compiles, so a failure other than a limit of LibCST is told; an exception ends the run.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter

import hypothesmith
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from readiness.extract import extract


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    asked = parser.parse_args()
    found: Counter[str] = Counter()

    @settings(
        max_examples=asked.count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(hypothesmith.from_grammar(), hypothesmith.from_node()))
    def read(source: str) -> None:
        facts = extract(source.encode("utf-8", "surrogatepass"))
        found["programs"] += 1
        found["lines"] += facts.lines
        found["no tree: " + facts.failure.reason if facts.failure else "a tree"] += 1
        found["no metrics: " + facts.metrics_failure.reason if facts.metrics_failure else "metrics"] += 1

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
