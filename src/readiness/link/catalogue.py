"""Rulebook -> Catalogue: the library pages as one look-up by qualified name. Never reads code."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from readiness.link.orm import words_of
from readiness.rulebook.typetext import read_type
from readiness.types.program import ApiUse
from readiness.types.rulebook import Api, Entry, Library, Rulebook

Row = TypeVar("Row")
Typed = tuple[tuple[Any, ...], ...]  # values as the link stage writes them


class Names(Generic[Row]):
    """Names of the pages -> rows. A name that no page spells out is held against the pages' patterns."""

    def __init__(self) -> None:
        self.exact: dict[str, Row] = {}
        self._patterns: dict[str, list[tuple[list[str], Row]]] = {}  # by their first segment
        self._seen: dict[str, Row | None] = {}

    def add(self, name: str, row: Row) -> None:
        """The first row of a name counts; of patterns the one with most letters of its own."""
        if "*" not in name:
            self.exact.setdefault(name, row)
            return
        parts = name.split(".")
        rows = self._patterns.setdefault(parts[0], [])
        rows.append((parts, row))
        rows.sort(key=lambda each: (-sum(len(part.strip("*")) for part in each[0]), each[0]))

    def get(self, name: str) -> Row | None:
        found = self.exact.get(name)
        if found is None and name not in self._seen:
            parts = name.split(".")
            near = (*self._patterns.get(parts[0], ()), *self._patterns.get("**", ()))
            self._seen[name] = next((row for pattern, row in near if _matches(pattern, parts)), None)
        return self._seen[name] if found is None else found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None


class Catalogue:
    """What is known of names outside the repository. Methods are looked up along the pages' class bases."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.api: Names[tuple[Api, str]] = Names()
        self.entry: Names[tuple[Entry, str]] = Names()
        self.bases: dict[str, tuple[str, ...]] = {}
        self.attributes: Names[str] = Names()
        self.types: set[str] = set()
        self.uses: list[ApiUse] = []
        self._canonical: dict[str, str] = {}
        self._use_of: dict[str, int] = {}
        self._alike: dict[str, list[tuple[str, str]]] = {}  # last part -> (name, page) of functions that do I/O
        self.parameters: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.holders: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        for library in rulebook.libraries:
            self._read(library)
        for name in (*self.api.exact, *self.entry.exact):
            owner, _, last = name.rpartition(".")
            if owner and last[:1].islower() and owner.rpartition(".")[2][:1].isupper():
                self.types.add(owner)
        self.types.update(self.bases)
        self.carriers = self._carriers()
        self.orm = words_of(library.orm for library in rulebook.libraries if library.orm is not None)
        self._same: dict[str, list[tuple[str, str]]] = {}  # by first part of the name
        for own, other in sorted(
            (pair for library in rulebook.libraries for pair in library.same.items()), reverse=True
        ):
            self._same.setdefault(own.partition(".")[0], []).append((own, other))

    def last_names(self) -> frozenset[str]:
        """The last parts of all calls that the pages spell out."""
        return frozenset(name.rpartition(".")[2] for name in self.api.exact)

    def named_alike(self, written: str) -> str:
        """The I/O function of a module that is called so: by its whole name, else by the end of it where one page alone has such a name."""
        if not self._alike:
            for name, (api, page) in self.api.exact.items():
                owner, _, last = name.rpartition(".")
                if api.kind is not None and not owner.rpartition(".")[2][:1].isupper():
                    self._alike.setdefault(last, []).append((name, page))
        rows = [row for row in self._alike.get(written.rpartition(".")[2], ()) if f".{row[0]}".endswith(f".{written}")]
        whole = [name for name, _ in rows if name == written]
        return whole[0] if whole else min(rows)[0] if len({page for _, page in rows}) == 1 else ""

    def _read(self, library: Library) -> None:
        """Adds what one page says."""
        for api in library.apis:
            for name in api.names:
                self.api.add(name, (api, library.distribution))
            for known in (api.returns, api.enters, api.iterates, api.awaits):
                self.types.update(_type_names(known) if known else ())
        for entry in library.entries:
            for name in entry.names:
                self.entry.add(name, (entry, library.distribution))
        self.bases.update(library.classes)
        for name, text in library.attributes.items():
            self.attributes.add(name, text)
        self.parameters.update(library.parameters)
        self.settings.update(library.settings)
        self.options.update(library.options)
        self.holders.update(library.holders)
        self.addresses.update(library.addresses)

    def _carriers(self) -> dict[str, str]:
        """Classes with a method that starts what the constructor was given (`made`) -> where that stood."""
        found = {}
        for name, (api, _) in self.api.exact.items():
            owner = self.api.get(name.rpartition(".")[0])
            if api.hands_argument and "made" in api.hands_argument.split(",") and owner is not None:
                found[name.rpartition(".")[0]] = owner[0].hands_argument or ""
        return found

    def canonical(self, name: str) -> str:
        """The name under which the pages know a method: its own, or that of the first base that has it.

        What is spelled out on a base goes before a pattern on the class itself.
        """
        known = self._canonical.get(name)
        if known is None:
            known = self._canonical[name] = self._find_canonical(name)
        return known

    def _find_canonical(self, name: str) -> str:
        if self.spells_out(name):
            return name
        owner, _, method = name.rpartition(".")
        candidates = [f"{base}.{method}" for base in self.lineage(owner)[1:]] if owner in self.bases else []
        for candidate in candidates:
            if self.spells_out(candidate):
                return candidate
        tables = (self.api, self.entry, self.attributes)
        return next((each for each in (name, *candidates) if any(each in table for table in tables)), name)

    def spells_out(self, name: str) -> bool:
        """Whether a page names it, without a pattern."""
        return name in self.api.exact or name in self.entry.exact or name in self.attributes.exact

    def attribute(self, name: str) -> str | None:
        """The type text of an attribute; a method that a page spells out is none, whatever a pattern says."""
        if name in self.attributes.exact or name not in self.api.exact and name not in self.entry.exact:
            return self.attributes.get(name)
        return None

    def typed(self, text: str) -> Typed:
        """What a page's type text stands for (forms in rulebook/typetext.py); `arg:N` is the caller's business."""
        form, parts = read_type(text)
        if form == "type":
            return (("E", text),)
        inner = [self.typed(part) for part in parts]
        if form == "tuple":
            return (("T", tuple(inner)),)
        return (("L", inner[0]),) if form == "list" else (("D", (), inner[0]),)

    def handed_types(self, name: str) -> Typed:
        """What the parameters of a callback get, or those of a method that a subclass writes: one type each, () unknown."""
        owner, _, method = name.rpartition(".")
        for each in self.lineage(owner):
            text = self.parameters.get(f"{each}.{method}")
            if text is not None:
                found = self.typed(text)
                return tuple(found[0][1]) if found[0][0] == "T" else (found,)
        return ()

    def real_name(self, name: str) -> str:
        """The module that a name stands for, where a library has one of another library under a name of its own."""
        for own, other in self._same.get(name.partition(".")[0], ()):
            if name == own or name.startswith(f"{own}."):
                return f"{other}{name[len(own) :]}".lstrip(".") or name
        return name

    def result_of(self, name: str) -> Typed:
        """What calling a name gives, as far as its page says it without the arguments."""
        known = self.api.get(self.canonical(name))
        returned = known[0].returns if known is not None else None
        return self.typed(returned) if returned and not returned.startswith(("arg:", "named:")) else ()

    def carries(self, name: str) -> bool:
        """Whether objects of a class keep the work that they were made with until they are started."""
        return any(owner in self.carriers for owner in self.lineage(name))

    def carried(self, name: str) -> str:
        """Where the constructor of such a class takes its work."""
        return next((self.carriers[owner] for owner in self.lineage(name) if owner in self.carriers), "")

    def lineage(self, owner: str) -> list[str]:
        """A library class and its bases as the pages tell them, nearest first."""
        seen = [owner]
        for name in seen:
            seen += [base for base in self.bases.get(name, ()) if base not in seen]
            if len(seen) > 32:
                break
        return seen

    def is_type(self, name: str) -> bool:
        return name in self.types or name.rpartition(".")[2][:1].isupper()

    def use(self, name: str) -> int:
        """Index into `uses` of a name that is on a page, -1 for any other."""
        if name in self._use_of:
            return self._use_of[name]
        found = self.api.get(name)
        index = -1
        if found is not None:
            api, distribution = found
            index = len(self.uses)
            self.uses.append(
                ApiUse(
                    name,
                    distribution,
                    api.kind,
                    api.mode,
                    api.latency,
                    api.construct,
                    api.serialises,
                    api.native,
                    api.tags,
                )
            )
        self._use_of[name] = index
        return index


def _matches(pattern: list[str], parts: list[str]) -> bool:
    """`**.*_pb2_grpc.*Stub`: `**` in front is any packages; one `*` a segment, at its start or end."""
    if pattern[0] == "**":
        pattern = pattern[1:]
        parts = parts[-len(pattern) :]
    return len(pattern) == len(parts) and all(_fits(one, part) for one, part in zip(pattern, parts, strict=True))


def _fits(pattern: str, part: str) -> bool:
    """A `*` in front takes no private name: what begins with `_` is the library's own."""
    head, star, tail = pattern.partition("*")
    if not star:
        return pattern == part
    if not head and part.startswith("_"):
        return False
    return len(part) >= len(head) + len(tail) and part.startswith(head) and part.endswith(tail)


def _type_names(text: str) -> list[str]:
    form, parts = read_type(text)
    return parts if form == "type" else [name for part in parts for name in _type_names(part)]
