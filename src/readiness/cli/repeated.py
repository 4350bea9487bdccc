"""A scan that is about to begin -> what it writes and says; out of the store where nothing that it depends on has changed.

To read a stored report of a million lines and to make its page again takes ten times as long as to see that no file has changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, msgpack

from readiness.cache import digest_of
from readiness.cli import outcome, outputs
from readiness.paths import reports_folder, rules_folder
from readiness.question import said_key

if TYPE_CHECKING:
    from readiness.cli.options import Asked
    from readiness.types.report import Report

MOST_BYTES = 8_000_000  # of all pages together: more is made again


class Told(Struct, frozen=True):
    """What a scan says on the terminal, and the files that it writes."""

    summary: str
    outcome: outcome.Outcome
    left_out: tuple[str, ...]  # with --verbose: each path that was left out, and why
    pages: tuple[bytes, ...]  # as the targets stand; fewer where one went out in pieces: then nothing is kept


def repeated(
    asked: Asked, wanted: Sequence[outputs.Target], gates: Sequence[str], *, is_verbose: bool, is_timed: bool = False
) -> Told:
    """Writes the files; those of the last time where everything that they depend on is as it was. What `is_timed` never is."""
    beside = digest_of(msgpack.encode(([(t.format, str(t.path)) for t in wanted], gates, is_verbose, _templates())))
    known = _known(asked, beside) if not is_timed else None
    if known is not None:
        for target, page in zip(wanted, known.pages, strict=True):
            outputs.write(target, page)
        return known
    done = asked.answer()
    pages = []
    for target in wanted:
        data = outputs.render(done.report, target.format, is_timed=is_timed)
        outputs.write(target, data)
        pages.append(data)
    told = _told(done.report, wanted, gates, [page for page in pages if isinstance(page, bytes)], is_verbose=is_verbose)
    if (
        not is_timed
        and done.key is not None
        and len(told.pages) == len(wanted)
        and sum(map(len, told.pages)) <= MOST_BYTES
    ):
        data = zlib.compress(msgpack.encode(told))
        asked.store.put_said(asked.question.root, digest_of(done.key + beside), data)
    return told


def _templates() -> list[bytes]:
    """Digests of what a page is made of besides the report and the program: the templates and the Go patterns."""
    folders = (reports_folder(), rules_folder() / "go")
    return [digest_of(file.read_bytes()) for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]


def _known(asked: Asked, beside: bytes) -> Told | None:
    key = said_key(asked.question, asked.question.key)
    data = asked.store.said(digest_of(key + beside)) if key is not None else None
    return msgpack.decode(zlib.decompress(data), type=Told) if data is not None else None


def _told(
    report: Report, wanted: Sequence[outputs.Target], gates: Sequence[str], pages: Sequence[bytes], *, is_verbose: bool
) -> Told:
    from readiness.report.terminal import render_summary

    left_out = []
    for row in report.repository.skipped if is_verbose else ():
        where = f"{row.path}:{row.line}" if row.line else row.path
        left_out.append(f"{where}: {row.reason}: {row.detail}".rstrip(": "))
    summary = render_summary(report, outputs.paths(wanted))
    return Told(summary, outcome.judge(report, gates), tuple(left_out), tuple(pages))
