"""An access log in the common or combined format -> AccessLog: requests per path, their span, their times. Never reads a file.

At the end of a line may stand the time to the answer: seconds with a point (nginx `$request_time`) or whole microseconds (Apache `%D`).
Addresses, users, queries and referrers are never kept.
"""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

from readiness.types.evidence import AccessLog, Hit

LINE = re.compile(
    rb'\S+ \S+ \S+ \[(?P<when>[^\]]{20,32})\] "(?P<method>[A-Z]{3,10}) (?P<path>[^\s"?#]{1,2000})[^"]{0,8000}" \d{3} \S+'
    rb'(?:.*?[ =](?P<quote>"?)(?P<took>\d{1,12}(?:\.\d{1,9})?)(?P=quote)|.*)\s*'
)
MONTHS = {
    name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
MOST_KINDS = 5_000
LONGEST = 16_384  # a line above this is no request


class _Sum(NamedTuple):
    requests: int
    timed: int
    seconds: float
    line: int


def read_log(data: bytes, where: str, service: str) -> AccessLog:
    """The log of `service`, "" where its routes have to tell whose a request is."""
    sums: dict[tuple[bytes, bytes], _Sum] = {}
    first, last, unread, left_out = 0.0, 0.0, 0, 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        found = LINE.fullmatch(line) if len(line) <= LONGEST else None
        when = _seconds(found["when"]) if found else None
        if found is None or when is None:
            unread += bool(line.strip())
            continue
        first, last = min(first or when, when), max(last, when)
        key = (found["method"], found["path"])
        before = sums.get(key)
        if before is None and len(sums) >= MOST_KINDS:
            left_out += 1
            continue
        requests, timed, seconds, begin = before or _Sum(0, 0, 0.0, number)
        took = _took(found["took"])
        sums[key] = _Sum(requests + 1, timed + (took is not None), seconds + (took or 0.0), begin)
    hits = [
        Hit(method.decode(), path.decode("utf-8", "backslashreplace"), row.requests, row.seconds / row.timed if row.timed else None, row.line)
        for (method, path), row in sums.items()
    ]  # fmt: skip
    hits.sort(key=lambda hit: (-hit.count, hit.path, hit.method))
    return AccessLog(where, service, last - first, tuple(hits), left_out, unread)


def _seconds(text: bytes) -> float | None:
    """`10/Oct/2000:13:55:36 -0700` as Unix seconds; None where it is no such time."""
    try:
        day, month, rest = text[:2], text[3:6], text[7:]
        year, hour, minute, second = (int(part) for part in rest[:13].split(b":"))
        zone = int(rest[14:19])
        offset = datetime.timezone(
            datetime.timedelta(minutes=(abs(zone) // 100 * 60 + abs(zone) % 100) * (1 if zone >= 0 else -1))
        )
        return datetime.datetime(year, MONTHS[month], int(day), hour, minute, second, tzinfo=offset).timestamp()
    except (ValueError, KeyError, OverflowError):
        return None


def _took(text: bytes | None) -> float | None:
    if text is None:
        return None
    return float(text) if b"." in text else int(text) / 1e6
