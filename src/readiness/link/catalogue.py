"""Rulebook -> Catalogue: the library pages as one look-up by qualified name. Never reads code."""

from __future__ import annotations

from readiness.types.program import ApiUse
from readiness.types.rulebook import Api, Entry, Rulebook


class Catalogue:
    """What is known of names outside the repository. Methods are looked up along the pages' class bases."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.api: dict[str, tuple[Api, str]] = {}
        self.entry: dict[str, tuple[Entry, str]] = {}
        self.bases: dict[str, tuple[str, ...]] = {}
        self.attributes: dict[str, str] = {}
        self.types: set[str] = set()
        self.uses: list[ApiUse] = []
        self._use_of: dict[str, int] = {}
        for library in rulebook.libraries:
            for api in library.apis:
                for name in api.names:
                    self.api.setdefault(name, (api, library.distribution))
                for known in (api.returns, api.enters, api.iterates, api.awaits):
                    if known:
                        self.types.add(known)
            for entry in library.entries:
                for name in entry.names:
                    self.entry.setdefault(name, (entry, library.distribution))
            self.bases.update(library.classes)
            self.attributes.update(library.attributes)
        for name in (*self.api, *self.entry):
            owner, _, last = name.rpartition(".")
            if owner and last[:1].islower() and owner.rpartition(".")[2][:1].isupper():
                self.types.add(owner)
        self.types.update(self.bases)

    def canonical(self, name: str) -> str:
        """The name under which the pages know a method: its own, or that of the first base that has it."""
        if name in self.api or name in self.entry or name in self.attributes:
            return name
        owner, _, method = name.rpartition(".")
        for base in self.lineage(owner)[1:]:
            candidate = f"{base}.{method}"
            if candidate in self.api or candidate in self.entry or candidate in self.attributes:
                return candidate
        return name

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


def argument_positions(text: str) -> list[str]:
    """`arg:0,kw:target` -> its parts."""
    return [part.strip() for part in text.split(",") if part.strip()]
