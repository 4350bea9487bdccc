"""Verdict and signals -> the reason and the flips in words. Speaks of things that exist (paths, processes, days), never of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.assess.score import (
    DECOUPLE,
    KEEP,
    OPTIMISE,
    PORT_FIRST,
    Numbers,
    Values,
    family_weights,
    rescored,
    risk_weights,
    verdict,
)
from readiness.assess.signals import plural
from readiness.types.assess import Signal
from readiness.types.effort import EffortDays
from readiness.types.report import Contribution, Fix, Flip
from readiness.types.rulebook import Scoring

SIGNALS = {  # signal -> words; one that is not here is shown by its name
    "served": "On the path of requests",
    "machinery": "Threads, queues, locks",
    "waits": "Waits for other machines",
    "resident": "Stays in memory",
    "python_only": "Python-only libraries",
    "shell": "Starts other programs",
    "pages": "Pages and forms",
    "user_api": "Imported by users",
    "queries": "Queries on an ORM",
    "background": "Sleeps between rounds",
    "one_shot": "Runs once",
    "fanout": "Fan-out over I/O",
    "request_wait": "Requests that wait",
    "blocking_in_async": "Blocked event loop",
    "long_lived": "Connections kept open",
    "pool_width": "Wide thread pools",
    "consumer": "I/O per message",
    "proxy_shape": "Forwards to others",
    "cpu_loops": "Loops of arithmetic",
    "serialisation": "Encoding and decoding",
    "process_pool": "Pools of processes",
    "prefork_memory": "Memory of workers",
    "cold_start": "Cold start",
    "ship_binary": "Shipped to others",
    "cost_share": "Share of the bill",
    "replicas": "Replicas",
    "traffic": "Traffic",
    "ecosystem": "Missing libraries",
    "dynamic": "Dynamic Python",
    "cut": "Ties to other code",
    "data": "Shared data",
    "tests": "Few tests",
    "magic": "Framework magic",
    "cycles": "Import cycles",
    "types": "Missing annotations",
    "moving": "Changes often",
    "unknown": "Not known",
}
STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
GATE_WORDS = {
    "keep": "Python-only libraries, rendered pages or a platform that runs Python carry its work",
    "wire": "it exchanges pickled objects, which Go cannot read",
    "cycle": "an import cycle ties it to modules of others",
    "scripts": "it loads Python files that are named at run time, which only Python can",
    "no-oracle": "no test and no contract holds its behaviour",
    "library": "nothing shows that it is started on its own",
    "large": "it is more than one person's year of work: a part of it goes first",
    "owners": "fewer than two people own Go code: find them before the first wave",
}
UNREAD = {  # why a file has no tree -> (one file, several)
    "python2": ("is Python 2", "are Python 2"),
    "newer-syntax": ("is newer than the parser", "are newer than the parser"),
    "syntax-error": ("is broken", "are broken"),
    "no-metrics": ("has a tree and no metrics", "have a tree and no metrics"),
}
DAG_STAYS = "The DAG stays: its platform imports it and runs its tasks as Python."
LIBRARY = "Nothing shows that it is started on its own: a library is not ported first, the program that uses it is."


def unread_files(unread: Mapping[str, int]) -> str:
    """`ServiceRow.unread` in words, the largest group first: "3 files are Python 2, 1 is broken"; "" for none."""
    said: list[str] = []
    for word, count in sorted(unread.items(), key=lambda row: (-row[1], row[0])):
        one, several = UNREAD.get(word, (f"is left out ({word})", f"are left out ({word})"))
        files = "" if said else " file" if count == 1 else " files"
        said.append(f"{count}{files} {one if count == 1 else several}")
    return ", ".join(said)


def reason(
    of: str, rows: Sequence[Contribution], gates: Sequence[str], days: EffortDays, repairs: Sequence[Fix],
    traffic: str = "", stages: str | None = None,
) -> str:  # fmt: skip
    """One or two sentences: the two strongest things for, the strongest thing against, the days, what was not measured.

    `traffic`: what the user says of it. `stages`: of a pipeline, the stages that are rows of their own.
    """
    strong = [r for r in sorted(rows, key=lambda r: (-r.points, r.signal)) if r.points > 0 and r.state == "present"]
    gains = [_at(row) for row in strong if row.axis == "benefit"][:2]
    costs = [_at(row) for row in strong if row.axis == "risk"][:1]
    seen = " and ".join(gains) or "no concurrent I/O and no heavy computation was seen on its paths"
    gated = [GATE_WORDS[gate] for gate in gates if gate in GATE_WORDS and gate != "library"]
    against = "; ".join(gated[:2]) or (costs[0] if costs else "")
    count = len(repairs)
    fixes = (
        f" {plural(count, 'fix', 'fixes')} in Python: {plural(sum(fix.days for fix in repairs), 'day')}."
        if count
        else ""
    )
    cost = f"A port takes {days.expert:.0f} to {days.worst:.0f} days, likely {days.production:.0f}."
    library = f" {LIBRARY}" if "library" in gates else ""
    if of == KEEP and stages is not None:
        return f"{DAG_STAYS} {_proposed(stages)}"
    if of == KEEP:
        lost = [r for r in sorted(rows, key=lambda r: (r.points, r.signal)) if r.axis == "benefit" and r.points < 0]
        held = [_at(row) for row in lost[:2]] or (gated[:1] if "keep" in gates else [])
        why = "; ".join(held) or f"too little speaks for Go: {seen}"
        return f"Stays in Python: {why}.{library}"
    if of == OPTIMISE:
        cure = fixes or " No single fix was found by rule."
        return f"{_capital(seen)}: better code in Python gives most of the gain.{cure}{library}"
    if of == DECOUPLE:
        return f"{_capital(seen)}, but {against or 'it is tied to others'}. {cost}{library}"
    measured = f" It has {traffic}." if traffic else " Traffic was not measured."
    if of == PORT_FIRST:
        return f"Port first{'' if traffic else ', if traffic confirms'}: {seen}. {cost}{fixes}{measured}"
    return f"{_capital(seen)}{', but ' + against if against else ''}. {cost}{fixes}{measured}{library}"


def _proposed(stages: str) -> str:
    names = [name for name in stages.split(", ") if name and name != "none"]
    if not names:
        return "None of its stages stands apart far enough to be a task of its own."
    more = f" and {plural(len(names) - 3, 'more', 'more')}" if len(names) > 3 else ""
    return f"As tasks of their own, each a row below, could leave: {', '.join(names[:3])}{more}."


def _at(row: Contribution) -> str:
    where = f" ({row.evidence[0].path}:{row.evidence[0].line})" if row.evidence else ""
    return row.detail + where


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def flips(
    numbers: Numbers, signals: Mapping[str, Signal], values: Values, scoring: Scoring, goal: str
) -> tuple[Flip, ...]:
    """The smallest changes of one signal, in tenths of its range, and the gates, that turn the verdict; at most three."""
    here = verdict(numbers, scoring)
    found: list[tuple[float, str, str]] = []
    for gate in numbers.gates:
        other = verdict(replace(numbers, gates=tuple(g for g in numbers.gates if g != gate)), scoring)
        if other != here:
            found.append((0.5, f"without this: {GATE_WORDS.get(gate, gate)}", other))
    for name, value in sorted(values.items()):
        if value is None:
            continue
        for direction in (1, -1):
            steps = [to for to in (STEPS if direction > 0 else (0.0, *STEPS)[::-1]) if (to - value) * direction > 0.01]
            to, turned = _first_flip(steps, name, numbers, values, scoring, goal, here)
            if turned is not None:
                found.append((abs(to - value), _change(signals[name], value, to), turned))
    found.sort()
    return tuple(Flip(change, other) for _, change, other in found[:3])


def _first_flip(
    steps: Sequence[float], name: str, numbers: Numbers, values: Values, scoring: Scoring, goal: str, here: str
) -> tuple[float, str | None]:
    """The nearest step that turns the verdict. Along one signal it turns away and never back, so that the last step tells."""

    def at(to: float) -> str:
        return verdict(moved(numbers, {**values, name: to}, scoring, goal), scoring)

    if not steps or at(steps[-1]) == here:
        return 0.0, None
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if at(steps[middle]) != here else (middle + 1, high)
    return steps[low], at(steps[low])


def moved(numbers: Numbers, values: Values, scoring: Scoring, goal: str) -> Numbers:
    """The numbers of a verdict from signal values; confidence, evidence and gates stay."""
    return rescored(numbers, values, scoring, family_weights(scoring, goal), risk_weights(scoring))


def _change(signal: Signal, value: float, to: float) -> str:
    side = "less" if to < value else "more"
    return f"{inside(named(signal.name))} at {to:.0%} or {side}, where today it is {value:.0%}: {signal.detail}"


def named(signal: str) -> str:
    """A signal in words; one that has none by its name."""
    return SIGNALS.get(signal, signal.replace("_", " "))


def inside(label: str) -> str:
    """A label as it stands inside of a sentence: small at its start, but for a name ("Python") and letters that are one ("I/O")."""
    head = label.split(maxsplit=1)[0] if label else ""
    is_name = head.startswith("Python") or not head[1:2].islower()
    return label if is_name else label[0].lower() + label[1:]
