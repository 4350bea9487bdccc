"""Nomad job files (HCL, templates of them among them) -> Launches: what each task starts, how often and when. Text only, bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from readiness.services.artifacts import Built
from readiness.services.launches import Launch
from readiness.services.workloads import launch

JOB = re.compile(r"^[ \t]*job[ \t]+\"", re.MULTILINE)
FILE = re.compile(r"\.(nomad|hcl)(\.hcl)?(\.(tpl|tmpl))?$")
TOKEN = re.compile(r"\s+|\"(?P<string>(?:[^\"\\]|\\.)*)\"|(?P<word>[\w.-]+)|(?P<sign>.)")
COMMENT = re.compile(r"(^|\s)(#|//).*|/\*.*?\*/")
DOCUMENT = re.compile(r"<<-?[\"']?(\w+)")
TEMPLATED = re.compile(r"\$\{|\{\{|\[\[")
DRIVEN = frozenset({"docker", "podman", "containerd-driver", "exec", "raw_exec", "exec2"})
MAX_LINE = 4_000
MAX_TOKENS = 40_000
MAX_DEPTH = 20
STRENGTH = 1.0


class Token(Struct, frozen=True):
    kind: str  # string | word | sign
    text: str
    line: int


class Block(Struct):
    """`kind "label" { ... }`; a value is the strings and words of one assignment, with its line. Filled while it is read."""

    kind: str
    label: str
    line: int
    values: dict[str, tuple[tuple[str, ...], int]]
    inner: list[Block]

    def word(self, name: str) -> str:
        """The first word of a value, "" where it is not given or put in by a template."""
        words = self.values.get(name, ((), 0))[0]
        return words[0] if words and not TEMPLATED.search(words[0]) else ""

    def named(self, kind: str) -> list[Block]:
        return [block for block in self.inner if block.kind == kind]


def is_nomad(path: str, text: str) -> bool:
    """A job file by its name and by a `job` block; other HCL (Terraform, Packer) has none."""
    return bool(FILE.search(path)) and bool(JOB.search(text))


def read_nomad(path: str, text: str, built: Built) -> Iterator[Launch]:
    """One launch for each task that stays or does the job's work; what runs before or after the others is a step."""
    for job in blocks_of(text).named("job"):
        groups = (*job.named("group"), job)
        labels = [job.label] if sum(len(group.named("task")) for group in groups) == 1 else []
        for group in groups:
            for task in group.named("task"):
                row = started(path, task, built) if task.word("driver") in DRIVEN else None
                if row is None or any(hook.word("sidecar") != "true" for hook in task.named("lifecycle")):
                    continue
                count = group.word("count")
                name = next((n for n in (*labels, task.label, job.label) if n and not TEMPLATED.search(n)), "")
                is_service = (job.word("type") or "service") in ("service", "system")
                yield replace(
                    row, name=name, replicas=int(count) if count.isdigit() and len(count) < 6 else None,
                    keeps="a service of Nomad" if is_service else "",
                    resources=(*timetable(job), *wanted(task), *probes(path, group, task)),
                )  # fmt: skip


def started(path: str, task: Block, built: Built) -> Launch | None:
    """`entrypoint`, `command` and `args` of a task over those of its image."""
    config = next(iter(task.named("config")), None)
    if config is None:
        return None
    image, via = built.find(config.word("image"))
    given = [config.values[name] for name in ("entrypoint", "command", "args") if name in config.values]
    entry, command, arguments = (config.values.get(n, ((), 0))[0] for n in ("entrypoint", "command", "args"))
    words = (entry or (image.entry if image else ())) + (
        (*command, *arguments) or (image.command if image and not entry else ())
    )
    if not words:
        return None
    line = min((line for _, line in given), default=config.line)
    row = launch("nomad", path, line, words, "", image, "", STRENGTH)
    return replace(row, via=(*row.via, *via))


def timetable(job: Block) -> list[tuple[str, str]]:
    """`periodic { cron = "..." }`."""
    return [
        ("schedule", found) for block in job.named("periodic") if (found := block.word("cron") or block.word("crons"))
    ]


def wanted(task: Block) -> list[tuple[str, str]]:
    """What a task is promised: MHz or cores, and MB, as Nomad counts."""
    rows = []
    for block in task.named("resources")[:1]:
        for name, row, unit in (
            ("cpu", "cpu_request", " MHz"),
            ("cores", "cpu_request", " cores"),
            ("memory", "memory_request", " MB"),
        ):
            if (value := block.word(name)).isdigit():
                rows.append((row, value + unit))
    return rows


def probes(path: str, group: Block, task: Block) -> list[tuple[str, str]]:
    checks = [c for holder in (group, task) for service in holder.named("service") for c in service.named("check")]
    found = [f"check ({path}:{check.line})" for check in checks]
    return [("probes", ", ".join(found))] if found else []


def blocks_of(text: str) -> Block:
    """The blocks of a file below a nameless one. What is no HCL (a template's own marks) is passed over."""
    top = Block("", "", 1, {}, [])
    tokens = list(islice(tokens_of(text), MAX_TOKENS))
    at = 0
    while at < len(tokens):
        at = fill(top, tokens, at, 0)
    return top


def tokens_of(text: str) -> Iterator[Token]:
    """Strings, words and signs with their lines; comments and here-documents left out."""
    until = ""
    for line, raw in enumerate(text.splitlines(), 1):
        if until or len(raw) > MAX_LINE:
            until = "" if raw.strip() == until else until
            continue
        for match in TOKEN.finditer(COMMENT.sub(" ", raw)):
            if match.lastgroup:
                yield Token(match.lastgroup, match[match.lastgroup], line)
        document = DOCUMENT.search(raw)
        until = document[1] if document else ""


def fill(block: Block, tokens: Sequence[Token], at: int, depth: int) -> int:
    """Reads into `block` up to its closing brace; the place behind it."""
    while at < len(tokens):
        token = tokens[at]
        if is_sign(tokens, at, "}"):
            return at + 1
        if token.kind == "word" and is_sign(tokens, at + 1, "="):
            words, at = value_at(tokens, at + 2)
            block.values.setdefault(token.text, (words, token.line))
            continue
        end = at + (token.kind == "word")
        while end > at and end < len(tokens) and tokens[end].kind == "string":
            end += 1
        at += 1
        if is_sign(tokens, end, "{") and depth < MAX_DEPTH:
            label = tokens[end - 1].text if end > at else ""
            inner = Block(token.text, label, token.line, {}, [])
            block.inner.append(inner)
            at = fill(inner, tokens, end + 1, depth + 1)
    return at


def value_at(tokens: Sequence[Token], at: int) -> tuple[tuple[str, ...], int]:
    """The strings and words of a value, and the place behind it; of a map nothing."""
    if at < len(tokens) and tokens[at].kind != "sign":
        return (tokens[at].text,), at + 1
    if not is_sign(tokens, at, "["):
        return (), at
    end = next((n for n in range(at, len(tokens)) if is_sign(tokens, n, "]")), len(tokens))
    return tuple(token.text for token in tokens[at:end] if token.kind != "sign"), end + 1


def is_sign(tokens: Sequence[Token], at: int, text: str) -> bool:
    return at < len(tokens) and tokens[at].kind == "sign" and tokens[at].text == text
