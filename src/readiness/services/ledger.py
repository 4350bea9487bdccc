"""A process and its image -> its operations ledger: what runs it today, from files only. No sizes or costs are made up.

The last rows say what a single static binary would remove and what it keeps; what files cannot tell is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from readiness.services.commands import WRAPPERS
from readiness.services.images import Image
from readiness.services.processes import Process

BUILD_ONLY = frozenset(
    {
        "gcc",
        "g++",
        "build-essential",
        "python3-dev",
        "python-dev",
        "libpq-dev",
        "libffi-dev",
        "musl-dev",
        "make",
        "cargo",
        "rustc",
        "git",
        "pkg-config",
    }
)
MAX_LISTED = 12


def ledger(one: Process, images: Mapping[str, Image]) -> dict[str, str]:
    """Name -> text, in a fixed order; a row that no file tells is left out."""
    rows: dict[str, str] = {}
    image = images.get(one.image)
    if one.program:
        rows["process_manager"] = one.program.rsplit("/", 1)[-1]
    wrappers = [word for word in one.command.split(" ")[:6] if word.rsplit("/", 1)[-1] in WRAPPERS]
    if wrappers:
        rows["wrappers"] = ", ".join(wrappers)
    if one.queues:
        rows["queues"] = ", ".join(one.queues)
    rows.update(one.resources)
    if image is not None:
        probes = [row for row in (rows.get("probes"), image_rows(image).get("probes")) if row]
        rows.update(image_rows(image))
        if probes:
            rows["probes"] = ", ".join(probes)
    if image is not None or one.workers:
        removes = ["the interpreter and the installed distributions"] if image is not None else []
        removes += [f"{one.workers} worker processes of one program"] if one.workers and one.workers > 1 else []
        rows["go_removes"] = "; ".join(removes) or "unknown"
        kept = [name for name in image.packages if name not in BUILD_ONLY] if image is not None else []
        rows["go_keeps"] = (
            ", ".join(kept[:MAX_LISTED]) + (" (unless only Python needs them)" if kept else "") or "unknown"
        )
    return rows


def image_rows(image: Image) -> dict[str, str]:
    rows = {"image": f"{image.path}:{image.line}" if image.line else image.path}
    if image.base:
        rows["base_image"] = image.base
    rows["stages"] = str(max(1, image.stages))
    if image.packages:
        more = len(image.packages) - MAX_LISTED
        rows["system_packages"] = ", ".join(image.packages[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
    if image.probe:
        rows["probes"] = f"HEALTHCHECK ({image.path}:{image.probe})"
    return rows
