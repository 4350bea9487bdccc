"""folders of pages -> Rulebook: reads rule pages, library pages, Go counterparts and the scoring table.

Everything is data: loading runs nothing. What is wrong on a page is one RulebookError. Never reads facts or code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import msgpack
from msgspec.structs import replace

from readiness.paths import rules_folder
from readiness.prepared import prepared
from readiness.rulebook.check import RulebookError
from readiness.rulebook.libraries import library_of, read_counterparts
from readiness.rulebook.page import Page, read_page
from readiness.rulebook.patterns import read_patterns
from readiness.rulebook.rules import rule_of
from readiness.rulebook.scoring import read_scoring
from readiness.rulebook.source import source_of
from readiness.types.rulebook import Library, Rule, Rulebook

__all__ = ["RulebookError", "load_rulebook", "page_files"]
_HERE = Path(__file__).resolve().parent


def load_rulebook(folders: Sequence[Path]) -> Rulebook:
    """All pages of the folders, in order; the first folder must hold `scoring.toml`.

    A rule id stands once. A later folder's library page replaces an earlier one of the same file name, and a page
    replaces the line of its distribution in `go-equivalents.tsv`. Raises RulebookError, never anything else, for what
    a page says wrongly. The shipped pages alone are read once and kept (prepared.py).
    """
    if [*folders] != [rules_folder()]:
        return _read(folders)
    shipped = folders[0]
    sources = [path for place in (shipped, _HERE, _HERE.parent / "types") for path in _files(place)]
    return msgpack.decode(prepared(shipped, "rulebook", sources, lambda: msgpack.encode(_read(folders))), type=Rulebook)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".md", ".toml", ".tsv", ".go", ".py"))


def _read(folders: Sequence[Path]) -> Rulebook:
    digest = hashlib.blake2b(digest_size=16)
    rules: dict[str, Rule] = {}
    pages: dict[str, Library] = {}
    counterparts: dict[str, Library] = {}
    patterns = _patterns(folders, digest)
    for folder in folders:
        for path in page_files(folder):
            page = read_page(path, folder)
            _hash(digest, page.path, page.source)
            if page.path.startswith("libraries/"):
                pages[path.name] = library_of(page)
            else:
                _add_rule(rules, page, patterns)
        table = folder / "go-equivalents.tsv"
        if table.is_file():
            _hash(digest, table.name, source_of(table, table.name))
            counterparts |= {row.distribution: row for row in read_counterparts(table)}
    scoring_path = next((folder / "scoring.toml" for folder in folders if (folder / "scoring.toml").is_file()), None)
    if scoring_path is None:
        raise RulebookError("scoring.toml", "", "is missing in every rule folder")
    _hash(digest, scoring_path.name, source_of(scoring_path, scoring_path.name))
    known = {library.distribution for library in pages.values()}
    libraries = [*pages.values(), *(row for name, row in counterparts.items() if name not in known)]
    return Rulebook(
        rules=tuple(rules[name] for name in sorted(rules)),
        libraries=tuple(sorted(libraries, key=lambda library: (library.distribution, library.path))),
        scoring=read_scoring(scoring_path),
        digest=digest.hexdigest(),
        patterns=patterns,
    )


def page_files(folder: Path) -> Iterator[Path]:
    """Every page under `findings/` and `libraries/` of one rule folder, sorted. A folder that is none is an error."""
    if not folder.is_dir():
        raise RulebookError(folder.name, "", "is not a folder of rule pages")
    for part in ("findings", "libraries"):
        yield from sorted((folder / part).rglob("*.md"))


def _patterns(folders: Sequence[Path], digest: hashlib.blake2b) -> dict[str, str]:
    """The Go patterns of all folders; a name stands once."""
    files = [path for folder in folders for path in sorted((folder / "go").glob("*.go"))]
    for path in files:
        _hash(digest, path.name, source_of(path, path.name))
    return read_patterns(files)


def _add_rule(rules: dict[str, Rule], page: Page, patterns: Mapping[str, str]) -> None:
    rule = rule_of(page)
    if rule.pattern is not None:
        if rule.pattern not in patterns:
            raise RulebookError(
                page.path, "pattern", f"`{rule.pattern}` stands in no Go file; there are {', '.join(patterns)}"
            )
        rule = replace(rule, pattern=patterns[rule.pattern])
    if rule.id in rules:
        raise RulebookError(page.path, "id", f"{rule.id} is already the id of {rules[rule.id].path}")
    rules[rule.id] = rule


def _hash(digest: hashlib.blake2b, name: str, content: bytes) -> None:
    # lengths first, so that no two lists of pages give one stream
    digest.update(f"{len(name)}:{name}:{len(content)}:".encode())
    digest.update(content)
