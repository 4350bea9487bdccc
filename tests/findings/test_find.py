"""Rulebook x Program -> findings: lines, names, paths, suppressions, fingerprints."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from msgspec.structs import replace

from readiness.findings import find
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.facts import SEP, Binding, Call, Context, Facts, Region, Scope
from readiness.types.program import (
    ApiUse,
    CallEdge,
    Coupling,
    Cycle,
    Effect,
    Function,
    Hop,
    ImportEdge,
    Module,
    ModuleCoupling,
    Program,
    Via,
)
from tests.findings.code import BOOK, NO_COUPLING, NO_SERVICES, found, places

BLOCKS = """
    import requests


    def load(url):
        return requests.get(url)


    async def handler(url):
        return load(url)
"""


def test_a_blocking_call_behind_a_helper_is_found_with_its_path() -> None:
    (row,) = found(BLOCKS)
    assert (row.rule, row.line, row.function, row.name) == ("IO101", 9, "app:handler", "requests.get")
    assert [(hop.target, hop.line) for hop in row.hops] == [("app:handler", 9), ("app:load", 5)]
    assert row.message == "requests.get blocks the event loop of handler"


def test_a_moved_line_keeps_its_fingerprint_and_repeats_get_their_own() -> None:
    (before,) = found(BLOCKS)
    (after,) = found("\n\nX = 1\n" + dedent(BLOCKS))
    assert (before.line, after.line) == (9, 11) and before.fingerprint == after.fingerprint
    twice = found(dedent(BLOCKS).replace("return load(url)", "load(url)\n    load(url)"))
    assert [row.line for row in twice] == [9, 10]
    assert len({row.fingerprint for row in twice}) == 2


def test_work_handed_to_a_thread_does_not_block() -> None:
    code = """
        import asyncio
        import requests


        def load(url):
            return requests.get(url)


        async def handler(url):
            await asyncio.to_thread(load, url)
            await asyncio.get_running_loop().run_in_executor(None, load, url)
    """
    assert [row.rule for row in found(code)] == ["CC203", "CC203"]


def test_a_coroutine_that_blocks_is_told_once_where_it_blocks() -> None:
    code = """
        import time


        async def inner():
            time.sleep(1)


        async def outer():
            await inner()
    """
    assert places(found(code)) == [("IO101", 5, "time.sleep")]


def test_rules_are_selected_and_ignored_by_id_prefix_and_file() -> None:
    assert found(BLOCKS, Config(select=("CC",))) == []
    assert found(BLOCKS, Config(ignore=("IO1",))) == []
    assert found(BLOCKS, Config(per_file_ignores={"ap*.py": ("IO101",)})) == []
    assert [row.rule for row in found(BLOCKS, Config(select=("IO101",), per_file_ignores={"x.py": ("IO101",)}))] == [
        "IO101"
    ]


def test_loops_that_wait_are_no_loops_over_elements() -> None:
    code = """
        import requests


        def poll(url):
            while True:
                requests.get(url)


        def each(urls):
            return [requests.get(url) for url in urls]
    """
    assert places(found(code)) == [("IO102", 10, "requests.get")]


def test_a_repeated_attempt_is_no_element() -> None:
    code = """
        import requests


        def retry(url):
            for attempt in range(3):
                try:
                    return requests.get(url)
                except requests.ConnectionError:
                    pass


        def each(url, pages):
            for page in range(pages):
                requests.get(url, params={"page": page})
    """
    assert places(found(code)) == [("IO102", 14, "requests.get")]


def test_a_lock_of_an_instance_is_known_by_its_attribute() -> None:
    code = """
        import threading
        import requests


        class Cache:
            def __init__(self):
                self._guard = threading.Lock()

            def load(self, url):
                with self._guard:
                    return requests.get(url)
    """
    assert places(found(code)) == [("CC202", 11, "requests.get")]


def test_a_literal_name_is_no_dynamic_import() -> None:
    code = """
        import importlib

        json = importlib.import_module("json")


        def load(name):
            return importlib.import_module(name)
    """
    assert places(found(code)) == [("PT402", 7, "importlib.import_module")]


HOUSE = """# Calls that this house calls slow

They are slow.

```toml
id = "HOUSE1"
category = "mandatory"
severity = "warning"
message = "{name} in {function}"
written = ["*session.get", "slow"]
context = ["async"]
not_context = ["awaited"]
fix = "another"
fix_days = 1
```
"""


def test_a_house_names_calls_as_they_are_written(tmp_path: Path) -> None:
    page = tmp_path / "findings" / "io" / "HOUSE1-slow.md"
    page.parent.mkdir(parents=True)
    page.write_text(HOUSE)
    code = """
        def slow(session):
            session.get("a")


        async def handler(my):
            [slow() for _ in "ab"]
            await slow()
            my.session.get("a")
            my.session("b").get("a")
    """
    rows = found(code, Config(select=("HOUSE1",)), book=load_rulebook([rules_folder(), tmp_path]))
    assert places(rows) == [("HOUSE1", 6, "slow"), ("HOUSE1", 8, "my.session.get")]
    assert rows[0].message == "slow in handler"


# --- hand-made programs: what no source is needed for


def function(name: str, line: int, is_async: bool, scope: int) -> Function:
    return Function("m", name, "m.py", line, line + 3, is_async, False, 1, None, 0, 0, (), True, 0, scope)


def program(**changed: object) -> Program:
    module = Module("m", "m", "m.py", False, 9, None, True, False)
    empty = Program((module,), (), (), (), (), (), (), (), (), (), (), (), 0, 0, 0)
    return replace(empty, **changed)


def test_an_effect_over_two_hops_is_told_at_the_call_in_the_coroutine() -> None:
    via = Via("database", "blocking", "typed", (Hop("m:load", "m.py", 7),), "psycopg2.connect", "db")
    made = program(
        functions=(function("handle", 1, True, 1), function("load", 6, False, 2)),
        effects=(Effect(), Effect(("database",), ("database",), (via,), "io")),
        calls=(CallEdge(0, 1, "", 2, 5, 2, 0, "call", "exact", False, 0),),
    )
    facts = Facts(
        lines=9,
        scopes=(Scope("module", "", "<module>", -1, 1, 9, 0), Scope("function", "handle", "handle", 0, 1, 4, 0, True)),
        contexts=(Context(0, -1, -1, -1), Context(1, -1, -1, -1)),
        calls=(Call(1, 0, "local:load", (), (), 2, 5, 2, False, True, -1, "00000000000000aa"),),
    )
    (row,) = find(made, {"m": facts}, NO_COUPLING, NO_SERVICES, BOOK, Config())
    assert (row.rule, row.line, row.column, row.name) == ("IO101", 2, 5, "psycopg2.connect")
    assert row.hops == (Hop("m:handle", "m.py", 2), Hop("m:load", "m.py", 7))
    handed = replace(made, calls=(replace(made.calls[0], how="thread"),))
    assert [r.rule for r in find(handed, {"m": facts}, NO_COUPLING, NO_SERVICES, BOOK, Config())] == ["CC203"]
    later = replace(made, calls=(replace(made.calls[0], how="callback"),))
    assert find(later, {"m": facts}, NO_COUPLING, NO_SERVICES, BOOK, Config()) == ()


def test_a_lock_around_a_call_is_seen_through_the_name_it_was_bound_to() -> None:
    uses = (
        ApiUse("threading.Lock", "python", None, None, None, "lock", None, False, ()),
        ApiUse("requests.get", "requests", "network", "blocking", "wan", None, None, False, ()),
    )
    made = program(
        functions=(function("<module>", 1, False, 0), function("load", 3, False, 1)),
        effects=(Effect(), Effect()),
        apis=uses,
        calls=(
            CallEdge(0, -1, "threading.Lock", 1, 1, 1, 0, "call", "exact", False, 0, 0),
            CallEdge(1, -1, "requests.get", 5, 9, 5, 1, "call", "exact", False, 0, 1),
        ),
    )
    facts = Facts(
        lines=9,
        scopes=(Scope("module", "", "<module>", -1, 1, 9, 0), Scope("function", "load", "load", 0, 3, 5, 0)),
        contexts=(Context(0, -1, -1, -1), Context(1, -1, -1, 0)),
        regions=(Region(-1, f"local:state{SEP}.gate", False, 4),),
        bindings=(Binding(0, 1, "assign", ".gate", "local:state", "call:0", "", 1),),
        calls=(
            Call(0, 0, "import:threading", (), (), 1, 1, 1, False, False, -1, "0" * 16),
            Call(1, 2, "import:requests", (), (), 5, 9, 5, False, False, -1, "1" * 16),
        ),
    )
    assert places(list(find(made, {"m": facts}, NO_COUPLING, NO_SERVICES, BOOK, Config()))) == [
        ("CC202", 5, "requests.get")
    ]


def test_cycles_and_hubs_are_told_at_modules() -> None:
    coupling = Coupling(
        {"m": ModuleCoupling(20, 15, 0.43, 0.0, 0.57, 1, 1, 0.0)},
        (Cycle(1, ("m", "n"), (ImportEdge("m", "n", 4, "runtime"),), True),),
        (),
        None,
    )
    rows = find(program(), {}, coupling, NO_SERVICES, BOOK, Config())
    assert [(row.rule, row.line, row.message) for row in rows] == [
        ("CP302", 1, "m is imported by and imports at least 15 modules"),
        ("CP301", 4, "2 modules import each other: m, n"),
    ]


def test_tests_are_not_judged() -> None:
    module = Module("m", "m", "m.py", False, 9, None, True, True)
    made = replace(
        program(),
        modules=(module,),
        functions=(function("t", 1, False, 0),),
        effects=(Effect(),),
        calls=(CallEdge(0, -1, "builtins.eval", 2, 1, 2, -1, "call", "exact", False, 0),),
    )
    assert find(made, {}, NO_COUPLING, NO_SERVICES, BOOK, Config()) == ()


def test_a_file_without_a_tree_has_no_findings() -> None:
    assert found("def f(:\n") == []


MIGRATION = """
    {head}
    import requests


    def change(urls):
        for url in urls:
            requests.get(url)
"""


def test_what_changes_a_database_once_is_not_judged() -> None:
    assert found(MIGRATION.format(head="revision, down_revision = 'b', 'a'")) == []
    django = "from django.db import migrations\n    class M(migrations.Migration): pass"
    assert found(MIGRATION.format(head=django)) == []
    assert [row.rule for row in found(MIGRATION.format(head="revision = 'b'"))] == ["IO102"]
