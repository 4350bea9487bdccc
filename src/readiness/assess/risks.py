"""Unit -> risk signals and gates: how hard one line is to move. Size is not in it. None where nothing could be seen."""

from __future__ import annotations

from collections.abc import Callable

from readiness.assess.columns import total
from readiness.assess.dependencies import KEEP, TOOLING, UNKNOWN
from readiness.assess.ground import Ground, Unit, source_lines
from readiness.assess.marks import PICKLES, family
from readiness.assess.score import limit
from readiness.assess.signals import PLACES, ROUTES, places, plural, saturate
from readiness.types.assess import Signal
from readiness.types.report import Place
from readiness.types.services import Service

CHURN_HALF = 10.0  # commits in 90 days per 1,000 lines that count one half; MODEL gives no number, this is a judgement
ONE_AUTHOR = 0.8  # above this share of a year's commits one person holds the knowledge

IN_GO = {  # fit of a library -> what Go has
    "keep-python": "only Python has it",
    "none": "Go has nothing like it",
    "partial": "Go has a part of it",
    "close": "Go has something close",
    "drop-in": "Go has the same",
    "stdlib": "Go's standard library has it",
    "tooling": "it is not ported",
}


def risk_signals(unit: Unit, ground: Ground) -> tuple[Signal, ...]:
    """All risk signals of scoring.toml, in its order."""
    rows = [name for name, row in ground.scoring.signals.items() if row.axis == "risk"]
    return tuple(
        READERS[name](unit, ground) if name in READERS else Signal(name, None, "not measured") for name in rows
    )


def gates_of(unit: Unit, values: dict[str, float | None], at_risk: float, ground: Ground) -> tuple[str, ...]:
    """Gates that overrule the scores. For a module only `keep`: the others are about services."""
    service = unit.service
    is_library = service is not None and service.kind == "seam"
    is_theirs = is_library and (values.get("user_api") or 0.0) >= limit(ground.scoring, "keep_exposed")
    gates = ["keep"] if is_theirs or _is_keep(unit, ground) else []
    if service is None:
        return tuple(gates)
    if service.strength < limit(ground.scoring, "library_entry") or service.archetype == "library":
        gates.append("library")
    if any(wire.serialisation in PICKLES for wire in (*service.calls_out, *service.called_by)):
        gates.append("wire")
    if _foreign_cycles(unit, ground):
        gates.append("cycle")
    if service.kind == "deployable" and scripts(unit, ground):
        gates.append("scripts")
    is_blind = values.get("tests") == 1.0 and not service.contracts
    if is_blind and at_risk >= limit(ground.scoring, "oracle_risk"):
        gates.append("no-oracle")
    return tuple(gates)


def scripts(unit: Unit, ground: Ground) -> list[Place]:
    """Where own modules load files of Python that somebody names at run time. Whoever calls what they hold is not seen: it is called
    by its name."""
    marks = (row for name in unit.own for i in ground.functions_of.get(name, ()) for row in ground.marks.rows[i])
    return sorted(
        {Place(row.path, row.line) for row in marks if row.signal == "script"}, key=lambda p: (p.path, p.line)
    )


def is_pipeline(service: Service) -> bool:
    """DAGs: their platform imports them. What may leave is a stage, which is a unit of its own."""
    return service.kind == "deployable" and "dag" in service.roles


def _is_keep(unit: Unit, ground: Ground) -> bool:
    """Python-only libraries carry the calls, most routes render templates, forms or an admin, or a platform runs it as Python."""
    if unit.service is not None and is_pipeline(unit.service):
        return True
    fit = ground.fits.fit
    calls = {name: count for name, count in unit.calls.items() if name in fit and fit[name] != TOOLING}
    kept = sum(count for name, count in calls.items() if ground.fits.fit[name] == KEEP)
    if kept and kept >= limit(ground.scoring, "keep_sites") * sum(calls.values()):
        return True
    routes = [entry.function for entry in unit.entries if entry.kind in ROUTES and entry.function >= 0]
    rendering = sum(ground.marks.renders[function] for function in routes)
    return bool(routes) and rendering >= limit(ground.scoring, "keep_templates") * len(routes)


def _foreign_cycles(unit: Unit, ground: Ground) -> list[int]:
    """Import cycles at load time that tie own modules to modules that are not the unit's own."""
    own = set(unit.own)
    numbers = {row.cycle_load for name in unit.own if (row := ground.coupling.modules.get(name)) is not None}
    crossing = {
        cycle.id for cycle in ground.coupling.cycles_load if cycle.id in numbers and not own.issuperset(cycle.modules)
    }
    return sorted(crossing)


def _ecosystem(unit: Unit, ground: Ground) -> Signal:
    gaps = ground.scoring.tables["fit"]
    users: dict[str, list[Place]] = {}
    for module in (*unit.own, *unit.shared):
        for name, line in ground.imports.get(module, {}).items():
            users.setdefault(name, []).append(Place(ground.modules[module].path, line))
    graded = {name: gaps[ground.fits.fit[name]] for name in users if ground.fits.fit[name] in gaps}
    if not graded:
        blind = sorted(name for name in users if ground.fits.fit[name] == UNKNOWN)
        detail = f"no page knows {', '.join(blind[:3])}" if blind else "no third-party library"
        return Signal("ecosystem", None if blind else 0.0, detail)
    sites = dict.fromkeys(graded, 1)
    for name, count in unit.calls.items():
        if family(name) in sites:
            sites[family(name)] += count
    mean = sum(graded[name] * sites[name] for name in graded) / sum(sites.values())
    often = [gap for name, gap in graded.items() if len(users[name]) >= 2 or len(unit.own) == 1]
    worst = max(graded, key=lambda name: (graded[name], name))
    fit = ground.fits.fit[worst]
    detail = f"the hardest of {plural(len(graded), 'library', 'libraries')} is {worst}: {IN_GO.get(fit, fit)}"
    return Signal("ecosystem", 0.5 * mean + 0.5 * max(often, default=mean), detail, tuple(users[worst][:PLACES]))


def _lines(unit: Unit, ground: Ground) -> int:
    return sum(source_lines(ground.modules[name]) for name in unit.own if name in ground.modules)


def _dynamic(unit: Unit, ground: Ground) -> Signal:
    lines = _lines(unit, ground)
    if not lines or not any(ground.modules[name].is_judged for name in unit.own if name in ground.modules):
        return Signal("dynamic", None, "no line could be read")
    rate = 1000 * sum(ground.points.get(name, 0.0) for name in unit.own) / lines
    worst = max(unit.own, key=lambda name: (ground.points.get(name, 0.0), name))
    found = (Place(ground.modules[worst].path, 1),) if ground.points.get(worst) else ()
    detail = f"dynamic Python weighs {rate:.0f} per 1,000 lines, most of it in {worst}"
    return Signal("dynamic", saturate(rate, ground.scoring.signals["dynamic"].half), detail, found)


def _cut(unit: Unit, ground: Ground) -> Signal:
    """Half conductance (cut weight over the volume of the unit), half functions called over the border."""
    border, table = unit.border, ground.scoring.tables["cut"]
    given = unit.service.cut if unit.service else None
    volume = border.across + 2 * border.inside
    conductance = given if given is not None else border.across / volume if volume else 0.0
    symbols = saturate(border.symbols, ground.scoring.signals["cut"].half)
    seams = unit.service.seams if unit.service else ()
    found = tuple(
        Place(ground.modules[seam.importer].path, seam.line)
        for seam in seams[:PLACES]
        if seam.importer in ground.modules
    )
    value = table["conductance"] * min(1.0, conductance) + table["symbols"] * symbols
    return Signal(
        "cut", value, f"{plural(border.symbols, 'function is', 'functions are')} called over its border", found
    )


def _data(unit: Unit, ground: Ground) -> Signal:
    table, stores = ground.scoring.tables["data"], []
    if unit.service is not None:
        stores = [(row.name, row.writes > 0, bool(row.also)) for row in unit.service.data if row.kind != "env"]
    else:
        own = set(unit.own)
        by_name: dict[tuple[str, str], bool] = {}
        for name in unit.own:
            for kind, store, access in ground.data_of.get(name, []):
                by_name[(kind, store)] = by_name.get((kind, store), False) or access == "write"
        stores = [(key[1], is_w, not ground.users_of_data[key] <= own) for key, is_w in sorted(by_name.items())]
    if not stores:
        # I/O to a store whose table or queue has no name here may be shared: that is unknown, not absent
        nameless = _has_nameless_store(unit, ground)
        return Signal(
            "data",
            None if nameless else 0.0,
            "it uses a store, but which tables or queues is not seen"
            if nameless
            else "no table, cache or queue was seen",
        )
    shared = [row for row in stores if row[2]]
    reads, writes = len(shared) / len(stores), sum(1 for row in shared if row[1]) / len(stores)
    if not shared and _has_nameless_store(unit, ground):
        return Signal("data", None, "none of the stores it names is shared, but it uses more than it names")
    names = ", ".join(sorted(row[0] for row in shared)[:3])
    detail = f"{len(shared)} of {plural(len(stores), 'store is', 'stores are')} shared with others{': ' + names if names else ''}"
    return Signal("data", min(1.0, table["shared_read"] * reads + table["shared_write"] * writes), detail)


def _has_nameless_store(unit: Unit, ground: Ground) -> bool:
    """Whether a function uses a database, queue or cache without a name of a table, queue or key to be seen."""
    return total(ground.columns.nameless, unit.functions) > 0


def _tests(unit: Unit, ground: Ground) -> Signal:
    if not ground.has_tests:
        return Signal("tests", None, "the scanned folder holds no tests")
    modules = sorted({test for name in unit.own for test in ground.tests_of.get(name, ())})
    lines = sum(source_lines(ground.modules[name]) for name in modules)
    need = (ground.scoring.signals["tests"].half or 0.6) * max(1, _lines(unit, ground))
    detail = f"{plural(len(modules), 'test module imports', 'test modules import')} it, {lines} lines"
    found = tuple(Place(ground.modules[name].path, 1) for name in modules[:PLACES])
    return Signal("tests", 1 - min(1.0, lines / need), detail if modules else "no test imports it", found)


def _magic(unit: Unit, ground: Ground) -> Signal:
    rows = unit.marked.get("magic", [])
    value = saturate(len(rows), ground.scoring.signals["magic"].half)
    detail = f"{plural(len(rows), 'use')} of templates, forms, admin, signals or context locals"
    return Signal("magic", value, detail if rows else "no framework magic was seen", places(rows))


def _cycles(unit: Unit, ground: Ground) -> Signal:
    own = set(unit.own)
    numbers = {row.cycle for name in unit.own if (row := ground.coupling.modules.get(name)) is not None}
    crossing = [row for row in ground.coupling.cycles if row.id in numbers and not own.issuperset(row.modules)]
    count = sum(len(cycle.modules) for cycle in crossing)
    found = tuple(Place(ground.modules[c.importer].path, c.line) for cycle in crossing for c in cycle.cuts)[:PLACES]
    detail = (
        f"import cycles of {plural(count, 'module')} cross its border"
        if count
        else "no import cycle crosses its border"
    )
    return Signal("cycles", saturate(count, ground.scoring.signals["cycles"].half), detail, found)


def _types(unit: Unit, ground: Ground) -> Signal:
    public = [
        row
        for name in unit.own
        for i in ground.functions_of.get(name, [])
        if (row := ground.program.functions[i]).is_public and row.qualname != "<module>"
    ]
    places_to_fill = sum(row.parameters + 1 for row in public)
    if not places_to_fill:
        return Signal("types", None, "no public function")
    filled = sum(min(row.annotated, row.parameters + 1) for row in public) / places_to_fill
    bare = [Place(row.path, row.line) for row in public if not row.annotated][:PLACES]
    return Signal("types", 1 - filled, f"{filled:.0%} of parameters and results are annotated", tuple(bare))


def _moving(unit: Unit, ground: Ground) -> Signal:
    if not ground.git.commits or ground.git.is_shallow:
        return Signal("moving", None, "no complete git history was read")
    rows = [ground.history[p] for name in unit.own if (p := ground.modules[name].path) in ground.history]
    recent = sum(row.commits_90 for row in rows)
    authors: dict[str, int] = {}
    for row in rows:
        for author, count in row.authors.items():
            authors[author] = authors.get(author, 0) + count
    churn = saturate(1000 * recent / max(1, _lines(unit, ground)), CHURN_HALF)
    top = max(authors.values(), default=0) / max(1, sum(authors.values()))
    detail = f"{plural(recent, 'change')} of its files in 90 days by {plural(len(authors), 'author')}"
    return Signal("moving", (churn + (top > ONE_AUTHOR)) / 2, detail)


READERS: dict[str, Callable[[Unit, Ground], Signal]] = {
    "ecosystem": _ecosystem,
    "dynamic": _dynamic,
    "cut": _cut,
    "data": _data,
    "tests": _tests,
    "magic": _magic,
    "cycles": _cycles,
    "types": _types,
    "moving": _moving,
}
