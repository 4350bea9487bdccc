"""Calls whose first name nothing binds: known by their name alone, apart from all others until that is asked for."""

from __future__ import annotations

from textwrap import dedent

import pytest

from readiness.extract import extract
from readiness.link import link
from readiness.types.program import Program
from tests.programs import program_of, shipped_rulebook, tree_of

HELPED = "def fetch(u):\n    return requests.get(u)\ndef load(u):\n    return fetch(u)\n"


def test_what_only_a_name_tells_is_kept_apart_with_its_way() -> None:
    program = program_of({"a.py": HELPED})

    effects = {f.qualname: program.effects[n] for n, f in enumerate(program.functions)}
    assert [(e.direct, e.reachable, e.via, e.bound) for e in effects.values()] == [((), (), (), "unknown")] * 3
    assert [(v.kind, v.confidence, v.api, [h.line for h in v.hops]) for v in effects["load"].named] == [
        ("network", "named", "requests.get", [4, 2])
    ]
    assert [(e.external, e.line, e.confidence) for e in program.named] == [("requests.get", 2, "named")]
    assert "requests.get" not in {e.external for e in program.calls}


def test_it_counts_like_any_other_where_that_is_asked_for() -> None:
    program = counted(HELPED)

    effects = {f.qualname: program.effects[n] for n, f in enumerate(program.functions)}
    assert effects["fetch"].direct == ("network",) and effects["fetch"].bound == "io"
    assert [(v.kind, v.confidence, [h.line for h in v.hops]) for v in effects["load"].via] == [
        ("network", "named", [4, 2])
    ]
    assert not effects["load"].named and not program.named


def test_what_is_known_for_sure_is_not_said_twice() -> None:
    program = program_of({"a.py": "import httpx\ndef f(u):\n    httpx.get(u)\n    requests.get(u)\n"})

    assert [e.named for e in program.effects] == [(), ()]
    assert [e.line for e in program.named] == [4]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(u):\n    request.urlopen(u)\n", ["urllib.request.urlopen"]),  # the end of one name
        ("def f(u):\n    urlopen(u)\n", []),  # a word alone tells too little
        ("from requests import *\ndef f(u):\n    requests.get(u)\n", []),  # the star may have bound it
        ("def g():\n    global requests\n    import requests\ndef f(u):\n    other.requests.get(u)\n", []),
        ("def f(u, requests):\n    requests.get(u)\n", []),
        ("def f(u):\n    print.run(u)\n    str.join(u)\n", []),  # the language's own
        ("def f(u):\n    Session.get(u)\n    client.get(u)\n", []),  # a method is nobody's alone
        ("def f(u):\n    requests.codes(u)\n    requests.nothing(u)\n", []),  # no I/O, no such name
    ],
)  # fmt: skip
def test_only_one_function_of_a_module_is_meant(text: str, names: list[str]) -> None:
    assert [edge.external for edge in program_of({"a.py": text}).named] == names


def test_a_star_import_of_a_library_binds_its_names() -> None:
    program = program_of(
        {"a.py": "from subprocess import *\nfrom time import *\ndef f():\n    run(['x'])\n    open('y')\n"}
    )

    assert [(e.external, e.line, e.confidence) for e in program.calls] == [
        ("subprocess.run", 4, "exact"),
        ("builtins.open", 5, "exact"),
    ]


def counted(text: str) -> Program:
    tree = tree_of({"a.py": text})
    return link(tree, {"a.py": extract(dedent(text).encode())}, shipped_rulebook(), counts_named=True)
