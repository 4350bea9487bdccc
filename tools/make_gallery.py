"""Public repositories -> docs/gallery: of each the report as Markdown, a summary as JSON, a picture of the page, and what history did.

    python tools/make_gallery.py [--work DIR] [--cache-dir DIR] [--sources DIR] [NAME ...]

Which ones: `benchmarks/gallery.json` and the ports in `benchmarks/ports/cases/`. Sources come by `pip download` and `git clone` into
DIR of --work; what lies in --sources under its name is taken as it is (a folder, or NAME.root with the place of one below --sources).
A scan that --work holds already is not made again. Names write those alone, and the whole index from what was written before.
The picture needs playwright and a Chromium. Nothing is executed but pip, git, Chromium and readiness.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gallery_history

TOP = Path(__file__).resolve().parent.parent
FOOTPRINT = ("distribution", "footprint", "shared", "memory")  # drivers for which a port is not about load
MOST_SERVICES, MOST_UNITS = 8, 30
CLOSE = ("port-first", "port-later", "decouple-first")
PATIENCE = 600_000  # ms for Chromium on a busy machine
Case = Mapping[str, Any]


def main() -> None:
    options = _options()
    gallery, work = TOP / "docs" / "gallery", Path(options.work).resolve()
    entries = _entries()
    unknown = sorted(set(options.names) - {entry["name"] for entry in entries})
    if unknown:
        sys.exit(f"not in the gallery: {', '.join(unknown)}")
    wanted = [entry for entry in entries if not options.names or entry["name"] in options.names]
    for entry in wanted:
        print(entry["name"], file=sys.stderr, flush=True)
        _write(entry, gallery, work, options)
    _pictures([(work / f"{entry['name']}.html", gallery / entry["name"] / "page.png") for entry in wanted])
    written = [entry for entry in entries if (gallery / entry["name"] / "summary.json").exists()]
    (gallery / "index.md").write_text(_index(written, gallery), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--work", default="gallery-work")
    parser.add_argument("--sources")
    parser.add_argument("--cache-dir")
    return parser.parse_args()


def _entries() -> list[dict[str, Any]]:
    """The repositories, then the ports, each with a name, a title, a goal and its case."""
    known = json.loads((TOP / "benchmarks" / "gallery.json").read_text("utf-8"))
    found = [{**row, "goal": "throughput", "case": None} for row in known]
    for file in sorted((TOP / "benchmarks" / "ports" / "cases").glob("*.json")):
        case = json.loads(file.read_text("utf-8"))
        goal = "footprint" if case["driver"]["reason"].startswith(FOOTPRINT) else "throughput"
        found.append({"name": case["id"], "title": case["title"], "goal": goal, "case": case} | _source(case))
    return found


def _source(row: Case) -> dict[str, Any]:
    return {"source": row["source"], "scan_root": row["scan_root"]}


def _write(entry: Case, gallery: Path, work: Path, options: argparse.Namespace) -> None:
    """One folder of the gallery."""
    folder, document = gallery / entry["name"], work / f"{entry['name']}.json"
    folder.mkdir(parents=True, exist_ok=True)
    if not document.exists():
        root = _fetched(entry, work, options.sources) / entry["scan_root"]
        cache = ["--cache-dir", options.cache_dir] if options.cache_dir else ["--no-cache"]
        _run(
            "scan", str(root), "--goal", entry["goal"], "--format", "json", "--output", str(document), "--quiet", *cache
        )
    page = work / f"{entry['name']}.html"
    _run("report", str(document), "--quiet", "--format", "html", "--output", str(page))
    _run("report", str(document), "--quiet", "--format", "md", "--output", str(folder / "report.md"))
    summary = _summary(entry, json.loads(document.read_text("utf-8")))
    (folder / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "readiness", *words], check=False)
    if done.returncode not in (0, 3):  # 3: some of it could not be analysed, which the report says
        sys.exit(f"readiness {words[0]} ended with {done.returncode}")


def _fetched(entry: Case, work: Path, sources: str | None) -> Path:
    """The unpacked source; downloaded where it is not there."""
    name, source = entry["name"], entry["source"]
    if sources and (Path(sources) / name).exists():
        moved = Path(sources) / f"{name}.root"
        return Path(sources).resolve() / (moved.read_text("utf-8").strip() if moved.exists() else name)
    folder = work / "sources" / name
    if folder.exists():
        return _inner(folder)
    folder.mkdir(parents=True)
    if source["kind"] == "github":
        subprocess.run(["git", "clone", "-q", f"https://github.com/{source['repo']}", str(folder)], check=True)
        subprocess.run(["git", "-C", str(folder), "checkout", "-q", source["commit"]], check=True)
        return folder
    kind = "--only-binary" if source["artifact"] == "wheel" else "--no-binary"
    line = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", kind, ":all:", "--dest", str(folder)]
    subprocess.run([*line, f"{source['package']}=={source['version']}"], check=True)
    for archive in list(folder.iterdir()):
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(folder)
        else:
            shutil.unpack_archive(archive, folder, filter="data")
        archive.unlink()
    return _inner(folder)


def _inner(folder: Path) -> Path:
    """The one folder that a source archive holds; a wheel holds more."""
    found = list(folder.iterdir())
    return found[0] if len(found) == 1 and found[0].is_dir() else folder


def _pictures(pages: Sequence[tuple[Path, Path]]) -> None:
    """The first screen of each page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = os.environ.get("READINESS_CHROMIUM") or shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE)
        view = browser.new_page(viewport={"width": 1060, "height": 700}, java_script_enabled=False)
        view.set_default_timeout(PATIENCE)
        for page, picture in pages:
            top = page.with_suffix(
                ".top.html"
            )  # what stands below the ranking is not in the picture, and slow to lay out
            top.write_text(page.read_text("utf-8").partition('<section class="part" id="ranking"')[0], encoding="utf-8")
            view.goto(top.as_uri())
            view.screenshot(path=picture)
        browser.close()


def _summary(entry: Case, report: dict[str, Any]) -> dict[str, Any]:
    """What the index shows, small enough to read: totals, the first services, the parts of a port with what became of them."""
    labels: dict[str, Any] = _labels(entry["case"], report) if entry["case"] else _known(entry["name"], report)
    services = [
        {
            "rank": row["rank"], "name": row["name"], "kind": row["kind"], "verdict": row["verdict"], "score": row["score"],
            "benefit": row["benefit"], "risk": row["risk"], "days": row["effort_days"], "grade": row["grade"],
            "lines": row["lines"], "history": labels.get(row["id"]),
        }
        for row in sorted(report["services"], key=lambda row: (row["rank"] is None, row["rank"] or 0, row["name"]))
    ]  # fmt: skip
    return {
        "name": entry["name"], "title": entry["title"], "source": entry["source"], "goal": report["goal"],
        "tool": report["tool"], "lines": report["repository"]["lines"], "files": report["repository"]["files"],
        "parsed": report["repository"]["parsed"], "summary": report["summary"], "services": services,
        "parts": _parts(entry["case"], report) if entry["case"] else [],
    }  # fmt: skip


def _known(repository: str, report: dict[str, Any]) -> dict[str, Any]:
    return {row["id"]: gallery_history.became_of(repository, row["name"]) for row in report["services"]}


def _score() -> Any:
    """benchmarks/ports/score.py, which says how a part gets its score."""
    spec = importlib.util.spec_from_file_location("score", TOP / "benchmarks" / "ports" / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _parts(case: Case, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts that history decided on, the best score first."""
    found = _score().unit_scores(case, report)
    rows = [
        {
            "part": unit["name"],
            "history": unit["label"],
            "score": round(found[unit["name"]][0], 1),
            "lines": found[unit["name"]][1],
        }
        for unit in case["units"]
        if unit["label"] in ("ported", "kept")
    ]
    return sorted(rows, key=lambda row: (-row["score"], row["part"]))


def _labels(case: Case, report: dict[str, Any]) -> dict[str, str | None]:
    """Service -> what became of most of its own lines; None where history decided on less than half of them."""
    owner = _score().owner
    label = {unit["name"]: unit["label"] for unit in case["units"]}
    modules = {row["module"]: row for row in report["modules"]}
    found: dict[str, str | None] = {}
    for service in report["services"]:
        lines: dict[str | None, int] = {}
        for name in service["modules"]["own"]:
            home = owner(modules[name]["path"], case["units"])
            lines[label.get(home)] = lines.get(label.get(home), 0) + modules[name]["lines"]
        best = max(lines, key=lambda key: (lines[key], str(key)), default=None)
        found[service["id"]] = best if best is not None and lines[best] * 2 >= sum(lines.values()) else None
    return found


HEAD = """# Gallery

What the report says of public repositories, and of parts that really were ported to Go, with what history did beside each rank. Nobody
chose these for their answers: the ports are all cases of `benchmarks/ports`, misses included, and traffic, cost and teams are unknown to
a scan. Of the repositories, what became of a service was looked for in their issues, pull requests and pages, and stands in
`benchmarks/gallery-history.tsv` with its source and the source's date; *moved* means that it, or a part of it, runs in another language
where its makers run it, *nothing known* that nothing was found, which is no proof that nothing happened. Written by

```sh
python tools/make_gallery.py --work gallery-work
```

Each has its picture, its report as Markdown and a summary as JSON. For the whole page: `readiness scan` on the same source.
"""


def _index(entries: Sequence[Case], gallery: Path) -> str:
    summaries = [
        (entry, json.loads((gallery / entry["name"] / "summary.json").read_text("utf-8"))) for entry in entries
    ]
    plain = [(entry, found) for entry, found in summaries if not entry["case"]]
    ports = [(entry, found) for entry, found in summaries if entry["case"]]
    blocks = [HEAD, "## Repositories\n", _table(plain), *(_section(entry, found) for entry, found in plain)]
    blocks += ["## Ports that really happened\n", _ports_table(ports)]
    return "\n".join([*blocks, *(_port(entry, found) for entry, found in ports)])


def _table(rows: Sequence[tuple[Case, Case]]) -> str:
    lines = ["| repository | lines | services | first | verdict | days |", "| --- | ---: | ---: | --- | --- | ---: |"]
    for entry, found in rows:
        first = found["services"][0] if found["services"] else None
        cells = (
            [_safe(first["name"]), first["verdict"], _days(first)] if first else ["–", "no service found", "–"]
        )  # fmt: skip
        lines.append(
            f"| [{entry['name']}](#{entry['name']}) | {found['lines']:,} | {len(found['services'])} | {' | '.join(cells)} |"
        )
    return "\n".join([*lines, ""])


def _section(entry: Case, found: Case) -> str:
    return "\n".join(
        [
            _heading(entry, found),
            "",
            _services(found, gallery_history.cell),
            "",
            gallery_history.missed(found["services"]),
            "",
        ]
    )


def _heading(entry: Case, found: Case) -> str:
    source, name = entry["source"], entry["name"]
    at = (
        f"{source['package']} {source['version']}, {source['artifact']}"
        if source["kind"] == "pypi"
        else f"{source['repo']} at {source['commit'][:12]}"
    )
    return (
        f"### {name}\n\n{entry['title']}: {at}; {found['lines']:,} lines, goal {found['goal']}. "
        f"[Report]({name}/report.md), [summary]({name}/summary.json).\n\n![The first screen of the page]({name}/page.png)"
    )


def _services(found: Case, said: Callable[[Any], str]) -> str:
    """The first services with what history did beside each, and of the others those of which something is known."""
    lines = [
        "| rank | service | verdict | score | days | what history did |",
        "| ---: | --- | --- | ---: | ---: | --- |",
    ]
    shown = [row for i, row in enumerate(found["services"]) if i < MOST_SERVICES or isinstance(row["history"], dict)]
    for row in shown:
        place, name = row["rank"] or "–", _safe(row["name"])
        lines.append(
            f"| {place} | {name} | {row['verdict']} | {_number(row['score'])} | {_days(row)} | {said(row['history'])} |"
        )
    rest = len(found["services"]) - len(shown)
    return "\n".join(lines) + (f"\n\nand {rest} more." if rest > 0 else "")


def _ports_table(rows: Sequence[tuple[Case, Case]]) -> str:
    lines = ["| port | parts | ported above stayed | first part | told to port |", "| --- | ---: | ---: | --- | --- |"]
    for entry, found in rows:
        parts = found["parts"]
        told = sum(row["verdict"] in ("port-first", "port-later") for row in found["services"])
        near = sum(row["verdict"] in CLOSE for row in found["services"]) - told
        both = len({row["history"] for row in parts}) == 2
        share = f"{_auc(parts):.0%}" if both else "whole repository"
        first = f"{_safe(parts[0]['part'])}, {_history(parts[0]['history'])}" if both else "–"
        lines.append(
            f"| [{entry['name']}](#{entry['name']}) | {len(parts)} | {share} | {first} | {told} of {len(found['services'])}, {near} after decoupling |"
        )
    return "\n".join([*lines, ""])


def _auc(parts: Sequence[Case]) -> float:
    return float(_score().auc([(row["history"] == "ported", row["score"]) for row in parts]))


def _port(entry: Case, found: Case) -> str:
    """The services with what history did beside each rank, the parts in the order of their scores, and what was missed."""
    case, parts = entry["case"], found["parts"]
    basis = case["driver"]["basis"]
    basis = "inferred" + basis[1:] if basis.split(":")[0] == "i" else basis
    why = f"Why it was ported: {case['driver']['reason']} ({basis})."
    rows = ["| place | part | score | lines | what history did |", "| ---: | --- | ---: | ---: | --- |"]
    rows += [
        f"| {place} | {_safe(row['part'])} | {_number(row['score'])} | {row['lines']:,} | {_history(row['history'])} |"
        for place, row in enumerate(parts[:MOST_UNITS], 1)
    ]
    return "\n".join(
        [_heading(entry, found), "", why, "", _services(found, _history), "", *rows, "", _missed(found), ""]
    )


def _missed(found: Case) -> str:
    """What stands on the wrong side: parts that stayed above all ported ones, ported ones below half of the others, or told to stay."""
    parts = found["parts"]
    kept = sorted(row["score"] for row in parts if row["history"] == "kept")
    ported = [row["score"] for row in parts if row["history"] == "ported"]
    above = [row["part"] for row in parts if kept and row["history"] == "kept" and row["score"] >= max(ported)]
    below = [
        row["part"] for row in parts if kept and row["history"] == "ported" and row["score"] < kept[len(kept) // 2]
    ]
    gone = [row for row in found["services"] if row["history"] == "ported"]
    stay = [f"{row['name']} ({row['verdict']})" for row in gone if row["verdict"] not in CLOSE]
    said = [f"stayed in Python, yet ranked above every ported part: {_listed(above)}"] if above else []
    said += [f"ported, yet ranked below half of what stayed: {_listed(below)}"] if below else []
    said += [f"ported, yet told to stay: {_listed(stay)}"] if stay else []
    said += [] if gone else ["no service stands for what was ported"]
    return f"**Missed:** {'; '.join(said)}." if said else "**Missed:** nothing of what was ported."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_safe(name) for name in names)


def _history(label: str | None) -> str:
    return {"ported": "**ported**", "kept": "stayed"}.get(label or "", "not decided")


def _days(row: Case) -> str:
    days = row["days"]
    return f"{days['expert']:,.0f}–{days['worst']:,.0f}" if days else "–"


def _number(score: float | None) -> str:
    return f"{score:.0f}" if score is not None and score >= 0 else "–"


def _safe(name: str) -> str:
    return name.replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*")


if __name__ == "__main__":
    main()
