"""What a request passes through: handlers by the shape of a protocol, and calls that only a rare name resolves."""

from __future__ import annotations

from textwrap import dedent

from readiness.assess.named import named_edges
from readiness.assess.protocols import protocol_handlers
from readiness.assess.reach import closure, members, spread, ways
from readiness.extract import extract
from readiness.types.facts import Facts
from readiness.types.program import Program
from tests.programs import program_of


def both(files: dict[str, str]) -> tuple[Program, dict[str, Facts]]:
    files = {path: dedent(text) for path, text in files.items()}
    facts = {path.removesuffix(".py"): extract(text.encode()) for path, text in files.items()}
    return program_of(files), facts


def names(program: Program, functions: tuple[int, ...] | set[int]) -> list[str]:
    return sorted(program.functions[i].qualname for i in functions)


def test_protocols_are_known_by_their_shape() -> None:
    program, facts = both(
        {
            "server.py": """
            import asyncio
            import socketserver

            class Proxy:
                def __call__(self, env, start_response):
                    return self.GET(env)

                def GET(self, req):
                    return req

                def get(self, req):
                    return req

            async def app(scope, receive, send):
                await send({})

            class Line(socketserver.StreamRequestHandler):
                def handle(self):
                    pass

                def finish(self):
                    pass

            class Wire(asyncio.Protocol):
                def data_received(self, data):
                    pass

            class Store(store_pb2_grpc.StoreServicer):
                def Put(self, request, context):
                    pass

                def _lock(self):
                    pass

            def GET(url):
                pass
            """,
        }
    )
    assert names(program, sorted(i for row in protocol_handlers(program, facts) for i in row)) == [
        "Line.handle", "Proxy.GET", "Proxy.__call__", "Store.Put", "Wire.data_received", "app",
    ]  # fmt: skip


def test_a_loop_that_takes_the_next_message_answers_messages() -> None:
    program, facts = both(
        {
            "stages.py": """
            import queue

            def stage(work, settings):
                while True:
                    one = work.get(timeout=1)
                    handle(one)

            async def peer(comm):
                while not comm.closed():
                    message = await comm.read()

            def accepting(sock):
                while True:
                    for _ in range(9):
                        client, _ = sock.accept()

            def recv_exactly(sock, count):
                while count:
                    count -= len(sock.recv(count))

            def looked_up(table):
                while True:
                    return table.get("key")

            def once(work):
                return work.get()

            def each(rows):
                for row in rows:
                    row.get()

            async def copied(file):
                while True:
                    part = await file.read(4096)

            def handle(one):
                pass

            def worker(work):
                while running():
                    take_and_handle(work)

            def take_and_handle(work):
                handle(work.get(True, 4))

            def emptied(work):
                while True:
                    handle(work.get(False))

            def subscriber(client):
                while True:
                    handle(client.pull(subscription="s"))

            def consumer(client, child):
                while child.poll() is None:
                    client.poll(1.0)

            def waiting(child):
                while child.poll() is None:
                    handle(child)
            """,
        }
    )
    assert names(program, sorted(i for row in protocol_handlers(program, facts) for i in row)) == [
        "accepting", "consumer", "peer", "stage", "subscriber", "take_and_handle",
    ]  # fmt: skip


def test_a_word_in_a_message_picks_a_method_from_a_table() -> None:
    program, facts = both(
        {
            "core.py": """
            class Server:
                async def handle(self, comm):
                    while True:
                        message = await comm.read()
                        self.handlers[message["op"]](comm)
            """,
            "scheduler.py": """
            import core

            class Scheduler(core.Server):
                def __init__(self):
                    self.handlers = {"add": self.add, "drop": self.drop, "list": self.list, "stop": self.stop}
                    self.words = {"a": self.add}

                def add(self, comm): ...
                def drop(self, comm): ...
                def list(self, comm): ...
                def stop(self, comm): ...
                def other(self, comm): ...

            class Machine:
                def __init__(self):
                    self.steps = {"a": self.a, "b": self.b, "c": self.c, "d": self.d}

                def a(self): ...
                def b(self): ...
                def c(self): ...
                def d(self): ...

            def implementation(base):
                class Store(base):
                    def Put(self, request, context=None): ...
                    def _put(self, request): ...
                return Store
            """,
        }
    )
    assert names(program, sorted(i for row in protocol_handlers(program, facts) for i in row)) == [
        "Scheduler.add", "Scheduler.drop", "Scheduler.list", "Scheduler.stop", "Server.handle", "implementation.<locals>.Store.Put",
    ]  # fmt: skip


def test_who_reads_a_table_of_functions_can_run_any_of_them() -> None:
    program, facts = both(
        {
            "functions.py": """
            def total(rows): ...
            def mean(rows): ...
            def least(rows): ...
            def most(rows): ...
            def hidden(rows): ...

            Known = {"total": total, "mean": mean, "least": least, "most": most}
            Pair = {"a": total, "b": hidden}
            """,
            "api.py": """
            import functions

            def render(name, rows):
                return functions.Known[name](rows)

            def pair(name):
                return functions.Pair[name]
            """,
        }
    )
    at = {row.qualname: i for i, row in enumerate(program.functions)}
    followed = named_edges(program, facts, ways(program).every)
    assert names(program, followed[at["render"]]) == ["least", "mean", "most", "total"]
    assert names(program, followed[at["pair"]]) == []


def test_a_rare_name_leads_a_request_to_the_methods_of_that_name() -> None:
    program, facts = both(
        {
            "handlers.py": """
            def create(request, registry):
                store = registry()["x"]
                store.create_run(request)
                store.update({})
            """,
            "stores.py": """
            class SqlStore:
                def create_run(self, request):
                    return self._write(request)

                def _write(self, request):
                    return request

                def update(self, other):
                    pass
            """,
        }
    )
    edges = named_edges(program, facts, ways(program).every)
    numbers = {row.qualname: i for i, row in enumerate(program.functions)}
    assert names(program, edges[numbers["create"]]) == ["SqlStore.create_run"]  # dict has an update of its own
    reached = closure([numbers["create"]], edges)
    assert names(program, {i for i, hit in enumerate(reached) if hit}) == [
        "SqlStore._write", "SqlStore.create_run", "create",
    ]  # fmt: skip


def test_bits_stay_inside_their_unit() -> None:
    edges: list[set[int]] = [{2}, {2}, {3}, set()]
    inside = members([(0, 2, 3), (1, 2)], 4)
    assert inside == [1, 2, 3, 1]
    assert spread({0: 1, 1: 2}, edges, inside) == [1, 2, 3, 1]
    assert spread({1: 2}, edges, inside) == [0, 2, 2, 0]  # function 3 is not of the second unit


def test_an_abstract_method_leads_requests_to_every_override() -> None:
    """However many there are: any of them can run. Names alone stop at eight."""
    kinds = "".join(
        f"class Kind{i}(Base):\n    def process(self, m):\n        return step{i}(m)\n\n" for i in range(12)
    )
    steps = "".join(f"def step{i}(m):\n    return m\n\n" for i in range(12))
    program, facts = both(
        {
            "kinds.py": "class Base:\n    def process(self, m):\n        raise NotImplementedError\n\n" + kinds + steps,
            "server.py": "from kinds import Base\n\ndef answer(base: Base, m):\n    return base.process(m)\n",
        }
    )
    edges = named_edges(program, facts, ways(program).every)
    start = next(i for i, row in enumerate(program.functions) if row.qualname == "answer")
    reached = closure([start], edges)
    assert {row.qualname for i, row in enumerate(program.functions) if reached[i]} >= {f"step{i}" for i in range(12)}
