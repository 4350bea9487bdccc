"""What the templates call -> markup and words: filters, macros' helpers, and the environment that escapes everything else."""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from readiness.assess.words import inside, named, unread_files
from readiness.prepared import prepared
from readiness.report import dossier, flow, known, source, text, view
from readiness.report.answer import against, change_of, is_open, said, why
from readiness.report.matrix import Matrix
from readiness.types.program import EntryReach
from readiness.types.report import ServiceRow

MOST_WORD, MOST_SENTENCE = 300, 1_200  # characters of a text that are shown
PLACE = re.compile(r"\(([^\s()]+:\d+)\)")
EXPRESSION = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
END_TAG = re.compile("</(?:td|th|tr|thead|tbody|li|dt|dd|option)>")
QUOTED = re.compile(r'(?<= )([a-z-]+)="([\w.-]+)"(?=[ >\n])')
STAYS = ("keep-in-python", "not-judged")  # folded: nobody plans to move them


@cache
def environment(folder: Path) -> Environment:
    """Templates of a folder. Every text is escaped, cut where nobody would read on, and rid of what cannot be seen."""
    env = Environment(
        loader=_Slim(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: text.clean(value, _most(value)) if type(value) is str else value,
        bytecode_cache=_Compiled(folder),
    )
    env.filters |= FILTERS
    env.globals |= GLOBALS
    return env


class _Slim(FileSystemLoader):
    """Templates without the end tags and quotes that HTML lets one leave out: an eighth of a page of tables."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_fresh = super().get_source(environment, template)
        return slim(source), path, is_fresh


def slim(source: str) -> str:
    """A template as it is compiled. What stands between braces is no markup and stays as it is."""
    parts = EXPRESSION.split(source)
    return "".join(
        part if index % 2 else QUOTED.sub(r"\1=\2", END_TAG.sub("", part)) for index, part in enumerate(parts)
    )


class _Compiled(BytecodeCache):
    """All templates as Python compiled them, kept beside them (prepared.py): to compile them takes longer than to fill them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._codes: dict[str, CodeType] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        if not self._codes:
            files = sorted(self._folder.glob("*.html"))

            def compiled() -> bytes:
                env = bucket.environment
                sources = {file.name: slim(file.read_text("utf-8")) for file in files}
                return marshal.dumps({name: env.compile(text, name) for name, text in sources.items()})

            kept = prepared(self._folder, "templates", [*files, Path(__file__)], compiled, version("jinja2"))
            self._codes = marshal.loads(kept)
        bucket.code = self._codes.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Nothing: all were kept at once."""


def is_planned(service: ServiceRow) -> bool:
    """Whether somebody may move it: it is neither decided nor to stay in Python."""
    return is_open(service) and service.verdict not in STAYS


def _most(value: str) -> int:
    """Characters that are shown: a sentence is read to its end, unless a word of it is one that nobody would read."""
    is_prose = len(value) > MOST_WORD and all(len(word) <= MOST_WORD for word in value.split())
    return MOST_SENTENCE if is_prose else MOST_WORD


def _cell(found: Matrix, row: int, column: int) -> Markup:
    """A cell of the matrix. Most are empty and there are thousands: no quotes, no end tag, both of which HTML allows."""
    cell = found.cells.get((row, column))
    block = next((b for b in found.blocks if b[0] <= row <= b[1] and b[0] <= column <= b[1]), None)
    names = []
    if block is not None:
        edges = (
            (row == block[0], "bt"),
            (row == block[1], "bb"),
            (column == block[0], "bl"),
            (column == block[1], "br"),
        )
        names = ["cy", *(name for is_there, name in edges if is_there)]
    if row == column:
        names.append("dg")
    elif cell is not None:
        names.append("h1" if cell.imports < 4 else "h2" if cell.imports < 10 else "h3")
        names += ["back"] if cell.is_back else []
    attribute = "" if not names else f" class={names[0]}" if len(names) == 1 else f' class="{" ".join(names)}"'
    title = f' title="{cell.lazy} of them lazy"' if cell is not None and cell.lazy else ""
    return Markup(f"<td{attribute}{title}>{cell.imports if cell is not None else ''}")


def _cited(sentence: str) -> Markup:
    """A sentence with its places, `(path:line)`, as code."""
    whole = str(escape(text.clean(sentence, MOST_SENTENCE)))
    return Markup(PLACE.sub(lambda found: f"(<code>{found[1].replace('/', '/<wbr>')}</code>)", whole))  # escaped before


def _reach(found: EntryReach | None) -> str:
    """What an entry point waits for, by how: one after another, in a loop, side by side."""
    if found is None or not found.kinds:
        return "–"
    ways = ((found.sequential, "in a row"), (found.looped, "in a loop"), (found.concurrent, "side by side"))
    return f"{', '.join(f'{number} {how}' for number, how in ways if number)}: {', '.join(found.kinds)}"


def _record(service: str) -> Markup:
    """The lines of the decision file for a service, as far as the report knows them. A text of several lines would be put on one."""
    name = json.dumps(text.clean(service))
    return Markup(
        '[[decision]]\nservice = {}\nstatus = "accepted"  # or rejected, deferred, done\nowner = "…"\ndate = YYYY-MM-DD'
    ).format(name)


def _code(line: str) -> Markup:
    """A line of source, its indentation kept, invisible characters spelt out."""
    body = line.rstrip("\r\n")
    indent = body[: len(body) - len(body.lstrip(" \t"))].expandtabs(4)[:40]
    return Markup("{}{}").format(indent, text.clean(body.lstrip(" \t"), 160))


FILTERS = {
    "number": text.number,
    "days": text.days,
    "work": text.work,
    "count": text.count,
    "listed": text.listed,
    "plain": text.plain,
    "record": _record,
    "cited": _cited,
    "reach": _reach,
    "brief": text.brief,
    "inside": inside,
    "tail": text.tail,
    "code": _code,
    "cell": _cell,
    "signal": named,
    "unread": unread_files,
}
GLOBALS = {
    "VERDICTS": text.VERDICTS,
    "PORTS": text.PORTS,
    "FITS": view.FITS,
    "waterfall": view.waterfall,
    "shown": view.shown,
    "why": why,
    "said": said,
    "change_of": change_of,
    "is_planned": is_planned,
    "dedented": source.dedented,
    "against": against,
    "sentence": text.sentence,
    "cut_of": flow.cut,
    "roads": dossier.roads,
    "known": known,
    "ledger": dossier.ledger,
    "proof": dossier.proof,
    "moving": dossier.moving,
    "unmended": dossier.unmended,
}
