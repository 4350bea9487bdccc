"""Claims -> the Markdown of a library page, with the evidence as comments and examples that hold. Sorted; no clock, no absolute path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from readiness.learn.claims import Claim, Claims
from readiness.rulebook.check import IO_KINDS
from readiness.types.rulebook import Entry

MOST_LISTED = 40  # names in one comment
IMPLIED_USES = {"__call__": "{}()", "__enter__": "with {}: pass", "__iter__": "for _ in {}: pass"}


def page_text(distribution: str, claims: Claims) -> str:
    """The whole page. What somebody has to look over is said in its first paragraph."""
    toml = [f"distribution = {_toml(distribution)}", f"imports = {_toml(claims.imports)}"]
    plain = [claim for claim in claims.claims if _is_client(claim)]
    toml += [f"clients = {_toml([claim.names[0] for claim in plain])}"] if plain else []
    for table in _apis([claim for claim in claims.claims if not _is_client(claim)]):
        toml += ["", *table]
    for entry in claims.entries:
        toml += ["", *_entry(entry)]
    toml += (
        ["", "[classes]", *(f"{_toml(name)} = {_toml(bases)}" for name, bases in claims.classes)]
        if claims.classes
        else []
    )
    toml += (
        ["", "[attributes]", *(f"{_toml(name)} = {_toml(text)}" for name, text in claims.attributes)]
        if claims.attributes
        else []
    )
    toml += _doubts(claims)
    parts = [f"# {distribution}", "", INTRODUCTION, "", "```toml", *toml, "```"]
    for example in _examples(claims.claims):
        parts += ["", "```py", *example, "```"]
    return "\n".join(parts) + "\n"


INTRODUCTION = (
    "Written by `readiness learn` from the library's source, nothing of which ran. Look it over: a comment names the line where the\n"
    "library waits. What it calls over names that nobody could follow is missing. Say what stands for it in Go under `[go]`."
)


def _is_client(claim: Claim) -> bool:
    """A class that only makes an object."""
    return claim.returns == claim.names[0] and not any((claim.kind, claim.hands, claim.enters, claim.iterates))


def _apis(claims: Sequence[Claim]) -> Iterator[list[str]]:
    """One table for all names that do and give the same; methods of one class together."""
    groups: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        owner = claim.names[0].rpartition(".")[0] if claim.is_method else ""
        said = tuple(getattr(claim, key) or "" for key in KEYS)
        groups.setdefault((owner, *said), []).append(claim)
    for key, rows in sorted(groups.items()):
        owner = key[0]
        names = [name.removeprefix(f"{owner}.") if owner else name for claim in rows for name in claim.names]
        yield [
            *(f"# {_last(claim)}: {_comment(claim.evidence)}" for claim in rows if claim.evidence),
            "[[api]]",
            *([f"of = {_toml(owner)}"] if owner else []),
            f"name = {_toml(sorted(names))}",
            *(f"{name} = {_toml(value)}" for name, value in zip(KEYS, key[1:], strict=True) if value),
        ]


KEYS = ("kind", "mode", "latency", "hands", "hands_argument", "returns", "enters", "iterates")


def _last(claim: Claim) -> str:
    return claim.names[0].rpartition(".")[2]


def _entry(entry: Entry) -> list[str]:
    named = [f"from = {_toml(entry.name_from)}"] if entry.name_from else []
    return [
        "[[entry]]",
        f"form = {_toml(entry.form)}",
        f"name = {_toml(list(entry.names))}",
        f"kind = {_toml(entry.kind)}",
        *named,
    ]


def _doubts(claims: Claims) -> Iterator[str]:
    """What a person has to decide, as comments."""
    if claims.unclear:
        yield from (
            "",
            f"# not every call of these could be followed, so they claim nothing: {_listed(claims.unclear)}",
        )
    if claims.keeps:
        yield from (
            "",
            f"# these keep a function that they are given; entries, if it is called later ([[entry]], with its kind): {_listed(claims.keeps)}",
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def _examples(claims: Iterable[Claim]) -> Iterator[list[str]]:
    """For each kind that is claimed a line where it is seen, and the same call on something else where it is not."""
    first: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda claim: (_is_implied(claim), claim.names[0].count("."), claim.names)):
        if claim.kind is not None:
            first.setdefault(claim.kind, claim)
    shown = [first[kind] for kind in IO_KINDS if kind in first]
    for claim in shown:
        yield _shown(claim)
    if shown:
        yield ["def near(send):", f"    send.{_last(shown[0]).strip('_')}()  # ok: of something that nobody knows"]


def _is_implied(claim: Claim) -> bool:
    return _last(claim).startswith("__")


def _shown(claim: Claim) -> list[str]:
    owner, _, last = claim.names[0].rpartition(".")
    if not claim.is_method:
        return [f"import {owner}", "", "", "def use():", f"    {owner}.{last}()  # io: {claim.kind}"]
    module, _, cls = owner.rpartition(".")
    use = IMPLIED_USES.get(last.replace("__a", "__").replace("__exit__", "__enter__"), f"{{}}.{last}()").format("thing")
    if last.startswith("__a"):
        return [
            f"from {module} import {cls}",
            "",
            "",
            f"async def use(thing: {cls}):",
            f"    async {use}  # io: {claim.kind}",
        ]
    return [f"from {module} import {cls}", "", "", f"def use(thing: {cls}):", f"    {use}  # io: {claim.kind}"]


def _toml(value: str | Sequence[str]) -> str:
    """What JSON writes of plain text is TOML."""
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)


def _comment(text: str) -> str:
    """A path of a library that nobody trusts ends no comment."""
    return "".join(char if char.isprintable() else "?" for char in text)
