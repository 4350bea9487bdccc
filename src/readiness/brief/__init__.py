"""A report, one of its services, the program's facts -> the files of a folder to begin the port with. Writes and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.brief.cases import cases
from readiness.brief.contract import service_contract
from readiness.brief.golang import go_module
from readiness.brief.openapi import openapi
from readiness.brief.proxy import first_route, nginx
from readiness.brief.shapes import Shapes
from readiness.brief.words import brief_text, open_points
from readiness.types.facts import Facts
from readiness.types.report import Report, ServiceRow
from readiness.types.tree import Source

SHIPPED = ("test_characterisation.py", "load.py", "main.go")


def brief(
    report: Report, row: ServiceRow, sources: tuple[Source, ...], facts: Mapping[str, Facts], shipped: Mapping[str, str]
) -> Mapping[str, str]:
    """Relative path -> text, sorted. `facts` by path; `shipped` are the files of SHIPPED by name."""
    known = [s for s in sources if s.path in facts and facts[s.path].scopes]
    names: dict[str, tuple[str, ...]] = {}
    for source in known:
        names[source.name] = (*names.get(source.name, ()), source.module)
    shapes = Shapes({s.module: facts[s.path] for s in known}, names, {s.module: s.path for s in known})
    contract = service_contract(row.entry_points, shapes)
    files = {"BRIEF.md": brief_text(report, row, contract, open_points(contract)), "load.py": shipped["load.py"]}
    if contract.operations:
        files["openapi.yaml"] = openapi(row.name, contract)
        files["proxy/nginx.conf"] = nginx(row.name, first_route(contract.operations))
        files["characterisation/test_characterisation.py"] = shipped["test_characterisation.py"]
        files |= cases(contract)
    files |= {f"go/{path}": text for path, text in go_module(row, contract, shipped["main.go"]).items()}
    return dict(sorted(files.items()))
