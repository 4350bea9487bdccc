"""What one service does with a shared function never changes another's numbers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.extract import extract
from readiness.types.program import CallEdge, Class, Effect, EntryPoint, Program
from readiness.types.report import ServiceRow
from readiness.types.services import Evidence, Service
from tests.assess.units import APIS, external, function, module, network, program, project, rate, route, service
from tests.programs import program_of

SHARED = 4  # functions 0-1 are of service a, 2-3 of service b, the others are shared
COUNT = 8


def reached(entry: int, calls: tuple[CallEdge, ...]) -> tuple[int, ...]:
    found, open_ = {entry}, [entry]
    while open_:
        at = open_.pop()
        for edge in calls:
            if edge.caller == at and edge.callee >= 0 and edge.callee not in found:
                found.add(edge.callee)
                open_.append(edge.callee)
    return tuple(sorted(found))


def two_services(
    is_async: list[bool], edges: list[tuple[int, int, str]], apis: list[tuple[int, int, int]], kinds: tuple[str, str]
) -> tuple[Program, Service, Service]:
    """Functions of a and b, each reaching whatever of the shared ones its calls lead to."""
    names = ["a", "a", "b", "b", "lib", "lib", "lib", "lib"]
    functions = tuple(function(names[i], f"f{i}", 10 * i + 1, is_async[i]) for i in range(COUNT))
    allowed = [(one, other, how) for one, other, how in edges if names[other] in (names[one], "lib")]
    calls = tuple(project(one, other, 10 * one + 2, how) for one, other, how in allowed)
    calls += tuple(external(i, api, 10 * i + 3, loop) for i, api, loop in apis)
    effects = tuple(network("blocking", names[i], 10 * i + 3) for i in range(COUNT))
    entries = (route("a", "f0", 1, 0, kinds[0]), route("b", "f2", 21, 2, kinds[1]))
    whole = program((module("a"), module("b"), module("lib")), functions, calls, effects, entries)
    first = replace(service("a", reached(0, calls), entries[:1]), shared=("lib",))
    return whole, first, replace(service("b", reached(2, calls), entries[1:]), shared=("lib",))


def without_b(whole: Program) -> Program:
    """The same repository before anybody wrote service b."""
    names = [f.module for f in whole.functions]
    return replace(
        whole,
        calls=tuple(edge for edge in whole.calls if names[edge.caller] != "b"),
        entries=whole.entries[:1],
    )


def row_of(name: str, rows: tuple[ServiceRow, ...]) -> ServiceRow:
    (found,) = [row for row in rows if row.id == name]
    return replace(found, rank=None, rank_stability=None, wave=None)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.booleans(), min_size=COUNT, max_size=COUNT),
    st.lists(
        st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.sampled_from(("call", "task", "thread"))),
        max_size=14,
    ),
    st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(0, len(APIS) - 1), st.integers(0, 1)), max_size=8),
    st.tuples(*(st.sampled_from(("http-route", "cli", "task")) for _ in range(2))),
)
def test_another_service_of_the_same_library_changes_no_number(
    is_async: list[bool], edges: list, apis: list, kinds: tuple[str, str]
) -> None:
    whole, first, second = two_services(is_async, edges, apis, kinds)
    together = row_of("a", rate(whole, first, second).services)
    assert together == row_of("a", rate(without_b(whole), first).services)


def test_a_blocking_call_holds_the_loop_of_the_service_that_has_one() -> None:
    whole, plain, loop = two_services(
        [False, False, True] + [False] * 5, [(0, 4, "call"), (2, 4, "call")], [(4, 0, 0)], ("http-route", "http-route")
    )
    rows = {row.id: row for row in rate(whole, plain, loop).services}
    held = {
        name: [(place.path, place.line) for part in row.contributions if part.signal == "blocking_in_async" for place in part.evidence]
        for name, row in rows.items()
    }  # fmt: skip
    assert held == {"a": [], "b": [("lib.py", 43)]}


def test_a_command_takes_no_part_of_what_servers_do_in_shared_code() -> None:
    """`serve` of the library is a handler of WSGI by its shape; a command calls it, as tests of a server do."""
    files = {
        "lib.py": "import time\n\nclass App:\n    def __call__(self, env, start_response):\n        return self.answer()\n\n"
        "    def answer(self):\n        while True:\n            time.sleep(1)\n",
        "tool.py": "from lib import App\n\ndef main():\n    App()({}, None)\n",
    }
    whole = program_of(files)
    facts = {path.removesuffix(".py"): extract(text.encode()) for path, text in files.items()}
    numbers = {row.qualname: i for i, row in enumerate(whole.functions) if row.qualname != "<module>"}
    begin = EntryPoint("cli", "tool.py", 3, "tool:main", "", numbers["main"], "", "")
    command = replace(service("tool", tuple(sorted(numbers.values())), (begin,)), shared=("lib",))
    staying = replace(command, id="daemon", evidence=(*command.evidence, Evidence("stays", "lib.py", 8, "", 0.4)))
    held = {
        row.id: {
            part.signal: part.value for part in row.contributions if part.signal in ("served", "resident", "one_shot")
        }
        for row in rate(whole, command, staying, facts=facts).services
    }
    assert held["tool"] == {"served": 0.0, "resident": 0.0, "one_shot": 1.0}
    assert held["daemon"]["one_shot"] == 0.0
    assert held["daemon"]["served"] == round(2 / 12, 4)  # App.__call__ and answer


def test_a_process_runs_the_overrides_of_its_own_modules_however_many_there_are() -> None:
    """The call graph leads to the base's method alone; the process owns the module of one subclass, another's is elsewhere."""
    functions = tuple(
        replace(function(name, f"{cls}.work", 1), owner=f"{name}:{cls}")
        for name, cls in (("base", "Daemon"), ("mine", "Mine"), ("other", "Other"))
    )
    classes = tuple(
        Class(f"{name}:{cls}", f"{name}.py", 1, ("base:Daemon",), ("base:Daemon",), False, False)
        for name, cls in (("mine", "Mine"), ("other", "Other"))
    )
    effects = (Effect(), network("blocking", "mine", 5), network("blocking", "other", 5))
    whole = program((module("base"), module("mine"), module("other")), functions, effects=effects)
    whole = replace(whole, classes=classes)
    one = replace(service("mine", (0,), (route("mine", "work", 1, 0, "task"),)), shared=("base", "other"))
    (row,) = rate(whole, one).services
    (waits,) = [part for part in row.contributions if part.signal == "waits"]
    assert (waits.value, [(place.path, place.line) for place in waits.evidence]) == (0.5, [("mine.py", 5)])
