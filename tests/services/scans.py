"""Small repositories for tests: files in, Services out, by the shipped library pages."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from msgspec.structs import replace

from readiness.coupling import couple
from readiness.extract import extract
from readiness.link import link
from readiness.services import find_services
from readiness.types.config import Config
from readiness.types.rulebook import Rulebook
from readiness.types.services import Services
from readiness.types.tree import Text
from tests.programs import shipped_rulebook, tree_of


def found_in(files: Mapping[str, str], config: Config | None = None, rulebook: Rulebook | None = None) -> Services:
    """What a repository of these files has; texts are kept as discover would keep them."""
    texts = {path: dedent(text) for path, text in files.items()}
    code = {path: text for path, text in texts.items() if path.endswith(".py")}
    rest = tuple(Text(path, text) for path, text in sorted(texts.items()) if path not in code)
    tree = replace(tree_of(code), texts=rest, files=tuple(sorted(texts)))
    facts = {path: extract(text.encode()) for path, text in code.items()}
    rules = rulebook or shipped_rulebook()
    program = link(tree, facts, rules)
    by_module = {source.module: facts[source.path] for source in tree.sources}
    return find_services(tree, by_module, program, couple(program), rules, config or Config())
