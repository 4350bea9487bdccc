"""Program and Facts -> whether a path of calls is told: a longer one only where each call leads to one place.

Behind a call that may mean several methods the chance halves; behind three of them nobody believes the claim. Never looks for
another path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readiness.types.facts import Facts
from readiness.types.program import CallEdge, Function, Hop, Program

SHORT = 3  # calls, the one to the library among them
MOST = 3  # functions that one call of a short path may mean; more are a guess


class Certain:
    """Answers are kept: paths share their ends."""

    def __init__(self, program: Program, facts: Mapping[str, Facts], edges: Sequence[Sequence[CallEdge]]) -> None:
        self._functions: Sequence[Function] = program.functions
        self._facts, self._edges = facts, edges
        self._numbers = {row.target: number for number, row in enumerate(program.functions)}
        self._counts: dict[tuple[str, int, str], int] = {}

    def is_told(self, hops: Sequence[Hop], is_near: bool) -> bool:
        """The last hop stands at the library's call. `is_near`: no long way will do."""
        if is_near and len(hops) > SHORT:
            return False
        most = MOST if len(hops) <= SHORT else 1
        after = [*(hop.target for hop in hops[1:]), ""]
        return all(self._meant(hop, target) <= most for hop, target in zip(hops, after, strict=True))

    def name_of(self, hop: Hop, name: str) -> str:
        """The name of what is called there; `library.Class.*` where the call may be one of several of its methods."""
        edges = [edge for edge in self._edges[self._numbers[hop.target]] if edge.line == hop.line and edge.api >= 0]
        site = next((edge.call for edge in edges if edge.external == name), -1)
        names = {edge.external for edge in edges if edge.call == site}
        owner = name.rpartition(".")[0]
        is_open = site >= 0 and len(names) > 1 and all(other.startswith(f"{owner}.") for other in names)
        return f"{owner}.*" if is_open and "." in owner else name

    def _meant(self, hop: Hop, target: str) -> int:
        """How many functions the plainest call on this line that leads there can mean."""
        key = (hop.target, hop.line, target)
        if key not in self._counts:
            self._counts[key] = self._count(*key)
        return self._counts[key]

    def _count(self, caller: str, line: int, target: str) -> int:
        sites: dict[int, set[int]] = {}  # call -> the functions of the program that it can mean
        wanted = self._numbers.get(target, -1)
        reaching = set()
        for edge in self._edges[self._numbers[caller]]:
            if edge.line == line and edge.how != "callback":
                sites.setdefault(edge.call, set()).update(() if self._is_stub(edge.callee) else (edge.callee,))
                if edge.callee == wanted:
                    reaching.add(edge.call)
        return min((len(sites[site]) if site >= 0 else 1 for site in reaching), default=1)

    def _is_stub(self, number: int) -> bool:
        if number < 0:
            return False
        row = self._functions[number]
        scopes = self._facts[row.module].scopes  # none of a file that was not parsed
        return row.scope < len(scopes) and scopes[row.scope].is_stub
