"""A report, one of its services, the program's facts -> the files of a folder to begin the port with. Writes and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.brief.cases import cases
from readiness.brief.contract import service_contract
from readiness.brief.golang import go_module
from readiness.brief.openapi import openapi
from readiness.brief.proxy import first_route, nginx
from readiness.brief.rpc import rpc_files
from readiness.brief.shapes import Shapes
from readiness.brief.words import brief_text, open_points
from readiness.link import resolver_of
from readiness.types.facts import Facts
from readiness.types.report import Report, ServiceRow
from readiness.types.rulebook import Rulebook
from readiness.types.tree import Tree

SHIPPED = ("test_characterisation.py", "load.py", "main.go", "router.go")


def brief(
    report: Report,
    row: ServiceRow,
    tree: Tree,
    facts: Mapping[str, Facts],
    rulebook: Rulebook,
    shipped: Mapping[str, str],
) -> Mapping[str, str]:
    """Relative path -> text, sorted. `facts` by path; `shipped` are the files of SHIPPED by name."""
    contract = service_contract(row.entry_points, Shapes(resolver_of(tree, facts, rulebook)))
    files = {"BRIEF.md": brief_text(report, row, contract, open_points(contract)), "load.py": shipped["load.py"]}
    if contract.operations:
        files["openapi.yaml"] = openapi(row.name, contract)
        files["proxy/nginx.conf"] = nginx(row.name, first_route(contract.operations))
        files["characterisation/test_characterisation.py"] = shipped["test_characterisation.py"]
        files |= cases(contract)
    files |= {
        f"go/{path}": text for path, text in go_module(row, contract, shipped["main.go"], shipped["router.go"]).items()
    }
    files |= rpc_files(row, tree.texts)
    return dict(sorted(files.items()))
