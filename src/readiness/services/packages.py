"""Program -> its top-level packages as seams, for repositories where nothing is started. Never a service: nobody deploys a package."""

from __future__ import annotations

import re
from collections.abc import Sequence

from readiness.services.boundaries import draw_boundaries, reaches_of
from readiness.services.launches import folder_of
from readiness.services.processes import ASIDE
from readiness.types.program import Module, Program
from readiness.types.services import Evidence, Service

MIGRATION = re.compile(r"(^|/)(migrations?|alembic)/")
MAX_SEAMS_LISTED = 60
MAX_DEPTH = 3  # of packages that are told by their sub-packages
MIN_SPLIT = 10_000  # lines below which one package is one seam
MOST = 0.6  # share of all lines


def package_seams(program: Program, taken: frozenset[str] = frozenset()) -> tuple[Service, ...]:
    """The packages of code that nothing starts, each a seam that could be cut out. `taken`: ids that services have."""
    modules_ = [
        m
        for m in program.modules
        if not m.is_test
        and not ASIDE.search(m.path)
        and not MIGRATION.search(m.path)
        and m.path.rsplit("/", 1)[-1] != "setup.py"
    ]
    groups = packages_of(modules_)
    largest = sorted(groups, key=lambda name: (-sum(m.lines for m in groups[name]), name))[:MAX_SEAMS_LISTED]
    names = sorted(largest)
    seeds = [(name, name, tuple(m.module for m in groups[name])) for name in names]
    boundaries = draw_boundaries(program, seeds, reaches_of(program, seeds), [frozenset() for _ in names])
    found = []
    for name, boundary in zip(names, boundaries, strict=True):
        modules = groups[name]
        inside = {module.module for module in modules}
        lines = sum(module.lines for module in modules)
        top = min(modules, key=lambda m: (m.path.count("/"), not m.is_package, m.path))
        functions = tuple(n for n, f in enumerate(program.functions) if f.module in inside)
        found.append(Service(
            id=f"{name}@package" if name in taken else name, name=name, root=folder_of(top.path) or ".", kind="seam", archetype="library", archetypes=("library",), roles=(),
            evidence=(Evidence("package", top.path, 1, "a package; nothing starts it on its own", 0.1),), strength=0.1,
            entries=tuple(e for e in program.entries if e.target.split(":")[0] in inside), functions=functions,
            own=tuple(sorted(inside)), shared=tuple(sorted(set(boundary.reach) - inside)), lines=lines,
            judged=round(sum(m.lines for m in modules if m.is_judged) / lines, 4) if lines else 1.0,
            seams=boundary.seams, cut=boundary.cut,
        ))  # fmt: skip
    return tuple(found)


def packages_of(modules: Sequence[Module]) -> dict[str, list[Module]]:
    """Top-level packages; one that is nearly everything, and large, is told by its sub-packages, at most MAX_DEPTH levels down."""
    groups = grouped(modules, 1)
    total = sum(m.lines for m in modules)
    for depth in range(2, MAX_DEPTH + 1):
        name = max(groups, key=lambda key: (sum(m.lines for m in groups[key]), key), default="")
        lines = sum(m.lines for m in groups.get(name, ()))
        inner = grouped(groups.get(name, ()), depth)
        if lines < MIN_SPLIT or lines < MOST * total or len(inner) < 3:
            break
        groups = {key: rows for key, rows in groups.items() if key != name} | inner
    return groups


def grouped(modules: Sequence[Module], depth: int) -> dict[str, list[Module]]:
    """Modules by the first `depth` steps of their names; what lies directly in a package stays with the package."""
    groups: dict[str, list[Module]] = {}
    for module in modules:
        steps = module.module.split("@")[0].split(".")
        inside = steps if module.is_package else steps[:-1] or steps
        groups.setdefault(".".join(inside[:depth]), []).append(module)
    return groups
