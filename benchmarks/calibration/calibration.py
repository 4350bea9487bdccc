"""Ports whose history is public -> how far the estimated days are from the days on which people committed. Never asks the network.

    python benchmarks/calibration/calibration.py count CLONES                              # writes actual.tsv
    python benchmarks/calibration/calibration.py estimate SOURCES CACHE [PORT ...]         # writes estimate.tsv
    python benchmarks/calibration/calibration.py table                                     # prints what docs/calibration.md shows

CLONES has a clone of each Go repository of ports.tsv as owner+name, SOURCES the Python of each port, unpacked, under the port's name.

author-days  distinct pairs of author and day with a commit on the Go files of the port, from its first commit to what ended it. It is
             the measure of effort that every public history has: a day counts once, long or short, and a day without a commit not at all.
largest      the part of all added lines that the largest commit brought. Above one half (`SQUASHED`) the days before it are hidden.
estimate     the program's own arithmetic (`assess.plan.effort`) over the ported modules as one unit of the repository before the port.
"""

from __future__ import annotations

import csv
import io
import statistics
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from readiness import scan as spine
from readiness.assess.ground import Border, Ground, survey
from readiness.assess.plan import CAUTION, effort, size
from readiness.assess.risks import risk_signals
from readiness.assess.score import risk, risk_weights, tune
from readiness.assess.units import borders, module_unit
from readiness.types.config import Config

HERE = Path(__file__).parent
SCENARIOS = ("expert", "production", "worst")
SQUASHED = 0.5
NOT_JUDGED = "not judged"
NOT_WRITTEN = ("vendor/", "Godeps/", "testdata/")
Row = dict[str, str]


class Back(NamedTuple):
    """One port of the back-test; days of the three scenarios in their order."""

    port: str
    actual: float
    days: tuple[float, ...]
    why_not: str  # why it counts for nothing; empty where it counts


def main(words: Sequence[str]) -> None:
    if len(words) == 2 and words[0] == "count":
        _write("actual.tsv", [counted(row, Path(words[1])) for row in read("ports.tsv")])
    elif len(words) > 2 and words[0] == "estimate":
        known = {row["port"]: row for row in read("estimate.tsv")} if (HERE / "estimate.tsv").exists() else {}
        for row in read("ports.tsv"):
            if not words[3:] or row["port"] in words[3:]:
                known[row["port"]] = estimated(row, *(Path(word) for word in words[1:3]))
                _write("estimate.tsv", [known[port["port"]] for port in read("ports.tsv") if port["port"] in known])
    elif list(words) == ["table"]:
        print(table(read("actual.tsv"), read("estimate.tsv")))
    else:
        sys.exit(__doc__)


def read(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _write(name: str, rows: Sequence[Row]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def counted(row: Row, clones: Path) -> Row:
    """What the history of the Go side says. Days are those of the author, so that a rebase moves nothing."""
    clone, paths = clones / row["go"].replace("/", "+"), [path for path in row["go_paths"].split() if path != "."]
    form = ("--no-merges", "--no-renames", "--numstat", "--date=short", "--format=@%H %ad %an")
    wanted = [f"{path}/*.go" for path in paths] or ["*.go"]
    said = _git(clone, "log", *form, row["last"], "--", *wanted, ":(exclude)*vendor/*").decode(errors="replace")
    days: set[tuple[str, str]] = set()
    added: dict[str, int] = {}
    commit = day = author = ""
    for line in said.splitlines():
        if line.startswith("@"):
            commit, day, author = line[1:].split(" ", 2)
        elif line and row["since"] <= day <= row["until"] and "[bot]" not in author and is_written(line.split("\t")[2]):
            days.add((author, day))
            number = line.split("\t")[0]
            added[commit] = added.get(commit, 0) + (int(number) if number.isdigit() else 0)
    return {
        "port": row["port"], "author_days": str(len(days)), "authors": str(len({author for author, _ in days})),
        "commits": str(len(added)), "largest": f"{max(added.values()) / sum(added.values()):.2f}",
        "go_lines": str(_go_lines(clone, row["last"], paths)),
    }  # fmt: skip


def is_written(path: str) -> bool:
    """A Go file that somebody wrote: neither vendored nor made by a program."""
    return path.endswith(".go") and not path.endswith((".pb.go", "bindata.go")) and not any(
        part in f"/{path}" for part in (f"/{name}" for name in NOT_WRITTEN)
    )  # fmt: skip


def _go_lines(clone: Path, commit: str, paths: Sequence[str]) -> int:
    """Lines of Go at the end that are neither blank nor a line comment; without tests."""
    lines = 0
    with tarfile.open(fileobj=io.BytesIO(_git(clone, "archive", commit, *_wanted(clone, commit, paths)))) as archive:
        for member in archive:
            file = archive.extractfile(member) if is_written(member.name) else None
            if file and not member.name.endswith("_test.go"):
                stripped = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines()]
                lines += sum(bool(line) and not line.startswith("//") for line in stripped)
    return lines


def _wanted(clone: Path, commit: str, paths: Sequence[str]) -> list[str]:
    """Go files below those folders that the last commit still has: some were renamed on the way."""
    return [f"{path}/*.go" for path in paths if _git(clone, "ls-tree", commit, path)] or ["*.go"]


def _git(clone: Path, *words: str) -> bytes:
    return subprocess.run(["git", "-C", str(clone), *words], check=True, capture_output=True).stdout


def estimated(row: Row, sources: Path, cache: Path) -> Row:
    """What a scan of the repository before the port says of the modules that were ported."""
    kept: Row = {"port": row["port"]}

    def keep(*given: Any) -> Any:
        program, facts, coupling, _, findings, rulebook, config, git, declared = given[:9]
        ground = survey(program, facts, coupling, rulebook, tune(rulebook.scoring, config), config, git, declared)
        kept.update(_unit(row["python_paths"].split(), findings, ground))
        return assess(*given)

    assess, spine.assess = spine.assess, keep
    report, spine.Store.report = spine.Store.report, lambda self, key: None  # type: ignore[method-assign]
    spine.scan(
        sources / row["port"], Config(snippets=False, workers=1), spine.ScanOptions(cache_dir=cache), lambda *_: None
    )
    spine.assess, spine.Store.report = assess, report  # type: ignore[method-assign]
    return kept


def _unit(paths: Sequence[str], findings: Sequence[Any], ground: Ground) -> Row:
    ported = {
        name: module
        for name, module in ground.modules.items()
        if not module.is_test and any(path == "." or f"{module.path}/".startswith(f"{path}/") for path in paths)
    }
    names = tuple(name for name, module in ported.items() if module.is_judged)
    judged = sum(ported[name].lines for name in names) / sum(module.lines for module in ported.values())
    border = borders(ground.program, {name: ("port",) for name in names}).get("port", Border(0, 0, 0))
    unit = module_unit(names, border, ground)
    at_risk = risk({row.name: row.value for row in risk_signals(unit, ground)}, risk_weights(ground.scoring))[0]
    found = effort(unit, at_risk, [finding for finding in findings if finding.module in names], ground)
    days = {name: str(getattr(found.days, name)) for name in SCENARIOS}
    return {
        "modules": str(len(names)),
        "judged": f"{judged:.2f}",
        "python_lines": str(size(unit, ground)),
        "risk": f"{at_risk:.0f}",
        **days,
    }


def table(actual: Sequence[Row], estimate: Sequence[Row]) -> str:
    """The back-test as Markdown: every port, how far off the scenarios are, and what calibration by the other ports would have given."""
    backs = paired(actual, estimate)
    shown = [back for back in backs if not back.why_not]
    lines = ["| port | author-days | expert | production | worst | actual / production |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    for back in backs:
        days = " | ".join("–" if back.why_not == NOT_JUDGED else f"{value:,.0f}" for value in back.days)
        ratio = back.why_not or f"{back.actual / back.days[1]:.2f}"
        lines.append(f"| {back.port} | {back.actual:,.0f} | {days} | {ratio} |")
    lines += ["", "| days | median of actual / estimate | from | to | within a factor of 2 | median factor off |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    for at, name in enumerate(SCENARIOS):
        lines.append(_off(name, [back.actual / back.days[at] for back in shown]))
    left = [left_out(back, shown) for back in shown]
    lines.append(_off("production, calibrated by the others", [row.actual / row.days[1] for row in left]))
    for name, rows in (("as shipped", shown), ("calibrated by the others", left)):
        held = sum(row.days[0] <= row.actual <= row.days[2] for row in rows)
        wide = statistics.median(row.days[2] / row.days[0] for row in rows)
        lines.append(
            f"\n{name}: between expert and worst {held} of {len(rows)}; worst is {wide:.1f} times expert (median)"
        )
    return "\n".join(lines)


def _off(name: str, ratios: Sequence[float]) -> str:
    near = sum(0.5 <= ratio <= 2 for ratio in ratios)
    return (
        f"| {name} | {statistics.median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} | {near} of {len(ratios)} | "
        f"{off_by(ratios):.2f} |"
    )


def paired(actual: Sequence[Row], estimate: Sequence[Row]) -> list[Back]:
    said = {row["port"]: row for row in estimate}
    return [
        Back(
            row["port"], float(row["author_days"]), tuple(float(said[row["port"]][name]) for name in SCENARIOS),
            NOT_JUDGED if float(said[row["port"]]["judged"]) < 0.99 else "squashed" if float(row["largest"]) > SQUASHED else "",
        )
        for row in actual if row["port"] in said
    ]  # fmt: skip


def left_out(back: Back, backs: Sequence[Back]) -> Back:
    """A port as its days would have been after all the others were told as `actuals`: docs/method.md, section 9.

    The days of blocker rules are scaled as well, which the program does not do; they are a small part.
    """
    ratios = [other.actual / other.days[1] for other in backs if other.port != back.port]
    factor = statistics.median(ratios)
    expert, production, worst = (value * factor for value in back.days)
    met = production * max(1.0, max(ratios) / factor)
    return back._replace(
        days=(expert, production, worst - len(ratios) / (len(ratios) + CAUTION) * max(0.0, worst - met))
    )


def off_by(ratios: Sequence[float]) -> float:
    """The median of max(r, 1 / r): 1 is exact."""
    return statistics.median(max(ratio, 1 / ratio) for ratio in ratios)


if __name__ == "__main__":
    main(sys.argv[1:])
