"""Processes -> the same without packaged commands that are for people at a prompt, beside others of the repository that run by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.services.launches import base_of
from readiness.services.processes import Process, correction
from readiness.types.services import Rejected

MIN_STAYING = 2  # packaged commands of a project that stay: what else it packages is for people


def without_tools(
    found: Sequence[Process], markers: frozenset[str], packaged: frozenset[str]
) -> tuple[list[Process], list[Rejected]]:
    """Processes without the commands of projects that nothing deploys, beside others of the repository that something does.

    Such a project (a folder of `markers` with a package of its own) is a tool for people at a prompt, or a client of what is
    deployed. Where nothing is deployed, or the command belongs to a project that is, it may be what is shipped, and stays; but
    where manifests start other commands of the project by their names, or others stay, the rest are for people.
    `packaged`: kinds of evidence that say that a command exists, not that it runs.
    """
    deployed: set[str] = set()
    named: set[str] = set()
    staying: list[str] = []
    for one in found:
        kinds, home = {row.kind for row in one.evidence}, base_of(one.entry, markers)
        if not kinds <= packaged:
            deployed.add(home)
            named |= {home} if "console-script" in kinds else set()
        elif not one.is_packaged:
            staying.append(home)
    named |= {home for home in staying if staying.count(home) >= MIN_STAYING}
    kept: list[Process] = []
    rejected: list[Rejected] = []
    for one in found:
        home = base_of(one.entry, markers)
        reason = ""
        if one.is_packaged and home in named:
            reason = "a packaged command that ends, beside others of its project that stay or that manifests start"
        elif one.is_packaged and home and deployed and home not in deployed:
            reason = "a packaged command that ends, of a project that nothing deploys beside others that something does"
        if reason:
            row = one.evidence[0]
            rejected.append(Rejected(one.name, row.path, row.line, row.kind, reason, correction(one.entry)))
        else:
            kept.append(one)
    return kept, rejected
