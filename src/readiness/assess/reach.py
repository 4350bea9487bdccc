"""The call graph -> who is reached from where: closures, the entries that reach a function, and bits per unit. Never weighs anything.

Bits: one number per function with one bit per unit, so that all units take one walk, and what one unit does never shows in
another's bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from readiness.types.program import Program

ENTRY_CAP = 8  # entries remembered per function; counts of entries saturate at two, so more would change nothing
SPAWNS = frozenset({"task", "thread", "process"})


class Ways(NamedTuple):
    """Callees per function, and their reverse."""

    direct: list[set[int]]  # those that run at once in the same thread
    every: list[set[int]]
    callers: list[set[int]]


def ways(program: Program) -> Ways:
    count = len(program.functions)
    found = Ways([set() for _ in range(count)], [set() for _ in range(count)], [set() for _ in range(count)])
    for edge in program.calls:
        if edge.callee >= 0:
            found.every[edge.caller].add(edge.callee)
            found.callers[edge.callee].add(edge.caller)
            if edge.how not in SPAWNS and not program.functions[edge.callee].is_async:
                found.direct[edge.caller].add(edge.callee)
    return found


def closure(seeds: Iterable[int], edges: Sequence[Iterable[int]]) -> bytearray:
    """1 for every function that the seeds reach, themselves included."""
    seen = bytearray(len(edges))
    stack = list(seeds)
    for seed in stack:
        seen[seed] = 1
    while stack:
        for callee in edges[stack.pop()]:
            if not seen[callee]:
                seen[callee] = 1
                stack.append(callee)
    return seen


def near(seeds: Iterable[int], edges: Sequence[Iterable[int]], steps: int) -> bytearray:
    """1 for every function that the seeds reach over at most so many edges, themselves included."""
    seen = bytearray(len(edges))
    level = list(seeds)
    for seed in level:
        seen[seed] = 1
    for _ in range(steps):
        level = [other for function in level for other in edges[function] if not seen[other]]
        for other in level:
            seen[other] = 1
    return seen


def reaching_entries(program: Program, edges: Sequence[Iterable[int]]) -> list[list[int]]:
    """The first ENTRY_CAP entries that reach each function.

    A search stops at a function whose list is full: all behind it is full too, so the cost is at most ENTRY_CAP passes.
    """
    reach: list[list[int]] = [[] for _ in program.functions]
    for number, entry in enumerate(program.entries):
        stack = [entry.function] if entry.function >= 0 else []
        while stack:
            function = stack.pop()
            row = reach[function]
            if len(row) >= ENTRY_CAP or (row and row[-1] == number):
                continue
            row.append(number)
            stack.extend(edges[function])
    return reach


def members(units: Sequence[Iterable[int]], count: int) -> list[int]:
    """Function -> bits of the units that have it."""
    found = [0] * count
    for number, functions in enumerate(units):
        bit = 1 << number
        for function in functions:
            found[function] |= bit
    return found


def spread(seeds: Mapping[int, int], edges: Sequence[Iterable[int]], inside: Sequence[int]) -> list[int]:
    """Bits that flow from the seeds along the edges, each through functions of its own unit only (`inside`)."""
    found = [0] * len(inside)
    for function, bits in seeds.items():
        found[function] = bits & inside[function]
    stack = [function for function in seeds if found[function]]
    while stack:
        function = stack.pop()
        bits = found[function]
        for callee in edges[function]:
            more = bits & inside[callee] & ~found[callee]
            if more:
                found[callee] |= more
                stack.append(callee)
    return found
