"""Unit -> signals of what holds code in Python: each 0-1 with its lines, taken off the benefit. None where it cannot apply.

In ports that happened these parts stayed although they do I/O: they are no risk of a move but the absence of a reason for one.
"""

from __future__ import annotations

from collections.abc import Callable

from readiness.assess.columns import chosen, total
from readiness.assess.confidence import is_deployed
from readiness.assess.dependencies import KEEP, TOOLING, UNKNOWN
from readiness.assess.ground import Ground, Unit
from readiness.assess.risks import is_pipeline
from readiness.assess.score import HOLDS
from readiness.assess.signals import PLACES, ROUTES, doing, fanout_share, handlers_of, places, plural, width_share
from readiness.types.assess import Signal
from readiness.types.report import Place

STANDARD = "stdlib"
ONCE = frozenset({"main", "cli"})


def hold_signals(unit: Unit, ground: Ground) -> tuple[Signal, ...]:
    """All signals of the families `hold` and `idle` of scoring.toml, in its order."""
    rows = [name for name, row in ground.scoring.signals.items() if row.family in HOLDS]
    return tuple(READERS[name](unit, ground) for name in rows)


def _python_only(unit: Unit, ground: Ground) -> Signal:
    """Share of the calls of libraries that go to ones without a counterpart; of the imports, where no call was resolved."""
    calls = {name: count for name, count in unit.calls.items() if ground.fits.fit.get(name, UNKNOWN) != TOOLING}
    imports: dict[str, list[Place]] = {}
    for module in unit.own:
        for name, line in ground.imports.get(module, {}).items():
            if ground.fits.fit[name] not in (TOOLING, STANDARD):
                imports.setdefault(name, []).append(Place(ground.modules[module].path, line))
    kept = sorted(name for name in imports if ground.fits.fit[name] == KEEP)
    if not kept:
        return Signal("python_only", 0.0, "no library that only Python has")
    by_call = sum(calls.get(name, 0) for name in kept) / sum(calls.values()) if calls else 0.0
    by_import = sum(len(imports[name]) for name in kept) / sum(len(rows) for rows in imports.values())
    found = sorted((place for name in kept for place in imports[name]), key=lambda place: (place.path, place.line))
    return Signal("python_only", max(by_call, by_import), f"it works on {', '.join(kept[:3])}", tuple(found[:PLACES]))


def _shell(unit: Unit, ground: Ground) -> Signal:
    """Share of the functions with I/O that start other programs."""
    does = doing(unit, ground)
    acting, starting = total(does.any, unit.functions), total(does.starting, unit.functions)
    if not starting:
        return Signal("shell", 0.0, "it starts no other program")
    found = [
        Place(via.hops[-1].path, via.hops[-1].line)
        for i in chosen(does.starting, unit.functions)
        if "subprocess" in ground.program.effects[i].direct
        for via in ground.program.effects[i].via
        if via.kind == "subprocess"
    ]
    detail = f"{starting} of {plural(acting, 'function')} with I/O start other programs"
    return Signal("shell", starting / acting, detail, tuple(dict.fromkeys(found))[:PLACES])


def _pages(unit: Unit, ground: Ground) -> Signal:
    """Share of the routes that render pages; without routes, of the functions and classes that are forms, pages or an admin."""
    marks = unit.marked.get("render", [])
    routes = [entry.function for entry in unit.entries if entry.kind in ROUTES and entry.function >= 0]
    rendering = sum(ground.marks.renders[function] for function in routes)
    classes = [place for module in unit.own for place in ground.page_classes.get(module, ())]
    if not marks and not classes and not rendering:
        return Signal("pages", 0.0, "it renders no page")
    rows = {(row.path, row.line) for row in marks}
    count = total(ground.marks.renders, unit.functions)
    of_functions = count / max(1, len(unit.functions))
    of_classes = len(classes) / max(1, sum(ground.classes.get(module, 0) for module in unit.own))
    value = max(rendering / len(routes) if routes else 0.0, of_functions, of_classes)
    detail = f"{plural(len(rows) + len(classes), 'place')} of templates, forms or an admin"
    if rendering and not rows and not classes:  # what it calls renders them
        detail = f"{rendering} of {plural(len(routes), 'route')} render templates, forms or an admin"
    return Signal(
        "pages",
        min(1.0, value),
        detail,
        (places(marks) + tuple(sorted(classes, key=lambda p: (p.path, p.line))))[:PLACES],
    )


def _user_api(unit: Unit, ground: Ground) -> Signal:
    """Share of its lines that users' programs or a host load by name, where no request or message of its own reaches them.

    Pipelines are all their platform's: it imports them and runs their tasks as Python, and a stage is what may leave.
    """
    if unit.service is not None and is_pipeline(unit.service):
        begins = tuple(Place(row.path, row.line or 1) for row in unit.service.evidence[:PLACES])
        return Signal("user_api", 1.0, "its platform imports it and runs its tasks as Python", begins)
    if _is_process(unit):
        return _shared_with_users(unit, ground)
    handed = ground.handed if unit.service is not None and unit.service.kind == "seam" else frozenset()
    lines = {name: ground.modules[name].lines for name in unit.own if name in ground.modules}
    shown = [name for name in lines if name in ground.exposed or name in handed]
    # of a package that nothing of the repository starts, what requests reach is run by its users' programs
    reached = len(unit.served) / max(1, len(unit.functions))
    given = sum(lines[name] * (1.0 if name in handed else 1 - reached) for name in shown)
    value = given / max(1, sum(lines.values()))
    if not value:
        return Signal("user_api", 0.0, "its names are not handed out at the top of a package")
    found = sorted(
        {ground.exposed[name] for name in shown if name in ground.exposed}, key=lambda place: (place.path, place.line)
    )
    detail = f"{plural(len(shown), 'module is', 'modules are')} loaded by users' programs or a host"
    return Signal("user_api", value, detail, tuple(found[:PLACES]))


def _shared_with_users(unit: Unit, ground: Ground) -> Signal:
    """Share of the lines a packaged process runs in modules of a library that users' programs import as well, and that are not its
    own: they stay in Python for the users, and a port would be a second library that has to give the same answers."""
    if is_deployed(unit):
        return Signal("user_api", 0.0, "a process, not a library")
    functions, own = ground.program.functions, {*unit.own}
    shown = [i for i in unit.functions if (module := functions[i].module) in ground.offered and module not in own]
    value = total(ground.columns.outer, shown) / max(1, total(ground.columns.outer, unit.functions))
    if not value:
        return Signal("user_api", 0.0, "a process, not a library")
    found = sorted({ground.exposed[functions[i].module] for i in shown}, key=lambda place: (place.path, place.line))
    detail = f"{value:.0%} of what it runs is a library that users' programs import as well"
    return Signal("user_api", value, detail, tuple(found[:PLACES]))


def _is_process(unit: Unit) -> bool:
    return unit.service is not None and unit.service.kind == "deployable"


def _queries(unit: Unit, ground: Ground) -> Signal:
    """Share of the functions with I/O that build queries on an ORM, of the handlers that come to one, or of the classes that are
    its models."""
    rows = unit.marked.get("orm", [])
    models = [place for module in unit.own for place in ground.model_classes.get(module, ())]
    if not rows and not models:
        return Signal("queries", 0.0, "it builds no query on an ORM")
    doing = chosen(ground.columns.acting, unit.functions)
    asking = chosen(ground.columns.asking, doing)
    of_classes = len(models) / max(1, sum(ground.classes.get(module, 0) for module in unit.own))
    handlers = handlers_of(unit, ground) if unit.service is not None else set()
    of_handlers = total(ground.marks.querying, handlers) / len(handlers) if handlers else 0.0
    value = max(len(asking) / len(doing) if doing else 0.0, of_handlers, of_classes)
    detail = f"{plural(len(asking), 'function builds', 'functions build')} queries on an ORM"
    return Signal("queries", value, detail, (places(rows) + tuple(models))[:PLACES])


def _background(unit: Unit, ground: Ground) -> Signal:
    """It sleeps between its rounds and serves nobody; less so where a round goes over many objects at once."""
    rows = unit.marked.get("stays", [])
    if not rows or unit.served:
        return Signal("background", 0.0, "it serves others" if rows else "it does not sleep between rounds")
    share = 1.0
    if not _is_process(unit):  # a package is the union of its modules
        paths = {row.path for row in rows}
        lines = [(m.lines, m.path in paths) for name in unit.own if (m := ground.modules.get(name)) is not None]
        share = sum(count for count, sleeps in lines if sleeps) / max(1, sum(count for count, _ in lines))
    value = share * _one_by_one(unit, ground)
    return Signal("background", value, "it sleeps between rounds, and nobody waits for it", places(rows))


def _one_by_one(unit: Unit, ground: Ground) -> float:
    """How far a round goes over its objects one after another."""
    width = max((row.weight for row in unit.marked.get("pool_width", [])), default=1.0)
    return (1 - fanout_share(unit.marked, ground)) * (1 - width_share(width, ground))


def _one_shot(unit: Unit, ground: Ground) -> Signal:
    """It runs once and ends; of a module, what no process that stays runs; of a package that could be cut out, the modules in
    which its commands stand."""
    kinds = {entry.kind for entry in unit.entries}
    if not kinds or not kinds <= ONCE:
        return Signal(
            "one_shot",
            0.0 if kinds else None,
            "it serves requests, messages or a timetable" if kinds else "no entry reaches it",
        )
    if unit.served or unit.marked.get("stays") or _is_kept(unit):
        return Signal("one_shot", 0.0, "it stays in memory")
    found = tuple(Place(entry.path, entry.line) for entry in unit.entries[:PLACES])
    share = 1.0
    if unit.service is None:
        share -= total(ground.staying, unit.functions) / max(1, len(unit.functions))
    elif _is_timed(unit):
        share = _one_by_one(unit, ground)  # a round comes again, and the next one waits for it
    elif not _is_process(unit):
        commands = {entry.path for entry in unit.entries}
        lines = [(m.lines, m.path in commands) for name in unit.own if (m := ground.modules.get(name)) is not None]
        share = sum(count for count, starts in lines if starts) / max(1, sum(count for count, _ in lines))
    return Signal("one_shot", share, "it is started by hand or by a timetable, does its work and ends", found)


def _is_timed(unit: Unit) -> bool:
    """Whether a timetable starts it, by the files of its deployment."""
    return unit.service is not None and any(name == "schedule" for name, _ in unit.service.operations)


def _is_kept(unit: Unit) -> bool:
    """Whether code or manifest of a service say that it does not end."""
    return unit.service is not None and any(row.kind == "stays" for row in unit.service.evidence)


READERS: dict[str, Callable[[Unit, Ground], Signal]] = {
    "python_only": _python_only,
    "shell": _shell,
    "pages": _pages,
    "user_api": _user_api,
    "queries": _queries,
    "background": _background,
    "one_shot": _one_shot,
}
