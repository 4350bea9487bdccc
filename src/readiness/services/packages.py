"""Program -> its top-level packages as seams, for repositories where nothing is started. Never a service: nobody deploys a package."""

from __future__ import annotations

from readiness.services.boundaries import draw_boundaries, reaches_of
from readiness.services.launches import folder_of
from readiness.services.processes import ASIDE
from readiness.types.program import Module, Program
from readiness.types.services import Evidence, Service

MAX_SEAMS_LISTED = 60


def package_seams(program: Program) -> tuple[Service, ...]:
    """Top-level packages, where nothing is started: each a seam that could be cut out."""
    groups: dict[str, list[Module]] = {}
    for module in program.modules:
        if not module.is_test and not ASIDE.search(module.path) and module.path.rsplit("/", 1)[-1] != "setup.py":
            groups.setdefault(module.module.split("@")[0].split(".")[0], []).append(module)
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
            id=name, name=name, root=folder_of(top.path) or ".", kind="seam", archetype="library", archetypes=("library",), roles=(),
            evidence=(Evidence("package", top.path, 1, "a top-level package; nothing starts it", 0.1),), strength=0.1,
            entries=tuple(e for e in program.entries if e.target.split(":")[0] in inside), functions=functions,
            own=tuple(sorted(inside)), shared=tuple(sorted(set(boundary.reach) - inside)), lines=lines,
            judged=round(sum(m.lines for m in modules if m.is_judged) / lines, 4) if lines else 1.0,
            seams=boundary.seams, cut=boundary.cut, unparsed=tuple(sorted(m.path for m in modules if not m.is_judged)),
        ))  # fmt: skip
    return tuple(found)
