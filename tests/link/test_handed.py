"""Work that is handed over: to parameters, wrappers, threads, tasks, and who of the callers reaches it."""

from __future__ import annotations

from tests.programs import calls, program_of, reached


def test_a_thread_runs_its_work_where_it_is_started() -> None:
    program = program_of(
        {
            "a.py": """
            import threading, time
            def work():
                time.sleep(1)
            def make():
                return threading.Thread(target=work)
            def run():
                make().start()
            """
        }
    )

    assert reached(program, "a:make") == {}
    assert reached(program, "a:run") == {("sleep", "async"): [8, 4]}
    assert ("a:run", "a:work", 8, "thread") in calls(program)


def test_a_thread_that_nobody_is_seen_to_start_counts_where_it_is_made() -> None:
    program = program_of(
        {
            "a.py": "import threading, time\ndef work():\n    time.sleep(1)\ndef make():\n    return threading.Thread(target=work)\n"
        }
    )

    assert ("a:make", "a:work", 5, "thread") in calls(program)


def test_a_class_of_threads_runs_its_own_method() -> None:
    program = program_of(
        {
            "a.py": """
            import threading, time
            class Worker(threading.Thread):
                def run(self):
                    time.sleep(1)
            class Given(threading.Thread):
                def __init__(self):
                    super().__init__(target=self.loop)
                def loop(self):
                    time.sleep(1)
            def f():
                Worker().start()
            def g():
                Given().start()
            """
        }
    )

    assert ("a:f", "a:Worker.run", 12, "thread") in calls(program)
    assert ("a:g", "a:Given.loop", 14, "thread") in calls(program)


def test_what_came_in_as_a_parameter_is_reached_by_the_one_who_handed_it_over() -> None:
    program = program_of(
        {
            "a.py": """
            import time
            def retry(work):
                return work()
            def slow():
                time.sleep(1)
            def quick():
                return 1
            def f():
                retry(slow)
            def g():
                retry(quick)
            """
        }
    )

    assert reached(program, "a:retry") == {("sleep", "blocking"): [4, 6]}
    assert reached(program, "a:f") == {("sleep", "blocking"): [10, 6]}
    assert reached(program, "a:g") == {}


def test_a_parameter_that_is_handed_on_is_still_the_first_callers() -> None:
    program = program_of(
        {
            "a.py": """
            import time
            def inner(work):
                work()
            def outer(work):
                inner(work)
            def f():
                outer(lambda: time.sleep(1))
            def g():
                outer(lambda: 1)
            """
        }
    )

    assert ("sleep", "blocking") in reached(program, "a:f")
    assert reached(program, "a:g") == {}


def test_a_wrapper_runs_what_it_wraps_and_nothing_else() -> None:
    program = program_of(
        {
            "a.py": """
            import functools, time
            def logged(work):
                @functools.wraps(work)
                def wrapper(*args):
                    return work(*args)
                return wrapper
            @logged
            def slow():
                time.sleep(1)
            @logged
            def quick():
                return 1
            def f():
                slow()
            def g():
                quick()
            """
        }
    )

    assert ("sleep", "blocking") in reached(program, "a:f")
    assert reached(program, "a:g") == {}


def test_a_spawned_task_is_not_waited_for_and_a_gathered_one_is() -> None:
    program = program_of(
        {
            "a.py": """
            import asyncio, time
            async def work():
                time.sleep(1)
            async def spawn():
                asyncio.create_task(work())
            async def gather():
                await asyncio.gather(work(), work())
            """
        }
    )

    assert list(reached(program, "a:spawn")) == [("sleep", "async")]
    assert list(reached(program, "a:gather")) == [("sleep", "blocking")]


def test_partial_and_submit_hand_their_arguments_on() -> None:
    program = program_of(
        {
            "a.py": """
            from concurrent.futures import ThreadPoolExecutor
            from functools import partial
            class C:
                def m(self): pass
            def one(x):
                x.m()
            def two(x):
                x.m()
            def f(pool: ThreadPoolExecutor):
                partial(one, C())()
                pool.submit(two, C())
            """
        }
    )

    assert {("a:one", "a:C.m", 7, "call"), ("a:two", "a:C.m", 9, "call")} <= calls(program)
    assert ("a:f", "a:two", 12, "thread") in calls(program)


def test_a_library_says_what_it_hands_to_a_callback_and_to_a_method() -> None:
    program = program_of(
        {
            "a.py": """
            import asyncio
            async def serve(reader, writer):
                await reader.readline()
            async def main():
                await asyncio.start_server(serve, "", 80)
            class Lines(asyncio.Protocol):
                def connection_made(self, transport):
                    self.transport = transport
                def data_received(self, data):
                    self.transport.write(data)
            """
        }
    )

    assert reached(program, "a:serve") == {("network", "async"): [4]}
    assert list(reached(program, "a:Lines.data_received")) == [("network", "async")]


def test_a_module_that_stands_for_another_has_its_functions() -> None:
    program = program_of({"a.py": "from eventlet.green import time\ndef f():\n    time.sleep(1)\n"})

    assert list(reached(program, "a:f")) == [("sleep", "blocking")]


def test_a_dependency_runs_before_the_function_that_names_it_and_gives_its_parameter() -> None:
    program = program_of(
        {
            "a.py": """
            from typing import Annotated
            import requests
            from fastapi import Depends
            class Store:
                def save(self):
                    requests.get("a")
            def store():
                yield Store()
            def user():
                return requests.get("b")
            def first(kept=Depends(store)):
                kept.save()
            Who = Annotated[str, Depends(user)]
            def second(who: Who):
                return who
            """
        }
    )

    assert reached(program, "a:first") == {("network", "blocking"): [13, 7]}
    assert reached(program, "a:second") == {("network", "blocking"): [15, 11]}
    assert reached(program, "a:<module>") == {}


def test_a_decorator_that_gives_the_function_back_keeps_it() -> None:
    program = program_of(
        {
            "a.py": """
            import time
            names = []
            def listed(work):
                names.append(work.__name__)
                return work
            @listed
            def slow():
                time.sleep(1)
            @listed
            def quick():
                return 1
            def f():
                slow()
            def g():
                quick()
            """
        }
    )

    assert reached(program, "a:f") == {("sleep", "blocking"): [14, 9]}
    assert reached(program, "a:g") == {}
    assert ("a:g", "a:slow", 16, "call") not in calls(program)


RETRY = """
    import requests
    def retry(work, *given):
        for _ in range(3):
            return work(*given)
    def fetch(url, get=requests.get):
        return get(url)
    """


def test_what_is_outside_and_handed_over_counts_for_whoever_hands_it_and_not_for_all_callers() -> None:
    program = program_of({
        "lib.py": RETRY,
        "a.py": """
            import os, requests
            from lib import fetch, retry
            def net(u):
                return retry(requests.get, u)
            def plain(u):
                return retry(str.upper, u)
            def on(work):
                return retry(work)
            def sizes():
                return on(os.listdir)
            def by_default(u):
                return fetch(u)
            """,
    })  # fmt: skip

    assert reached(program, "a:net") == {("network", "blocking"): [5]}
    assert reached(program, "a:plain") == {}
    assert reached(program, "a:sizes") == {("filesystem", "blocking"): [11]}
    assert reached(program, "a:by_default") == {("network", "blocking"): [13, 7]}


def test_what_a_handed_function_gives_is_given_to_whoever_handed_it() -> None:
    program = program_of({
        "lib.py": RETRY,
        "a.py": """
            from lib import retry
            def rows(folder):
                found = retry(open, folder)
                return found.read()
            def names(folder):
                found = retry(sorted, folder)
                return found.read()
            """,
    })  # fmt: skip

    assert ("a:rows", "io.IOBase.read", 5, "call") in calls(program)
    assert not [row for row in calls(program) if row[0] == "a:names" and row[1].endswith(".read")]


def test_a_method_that_is_chosen_by_name_is_one_of_those_that_callers_name() -> None:
    program = program_of({
        "a.py": """
            import requests
            class Shards:
                def __init__(self):
                    self.session = requests.Session()
                def clear(self):
                    return self._each("load")
                def fetch(self, url):
                    return self._send("get", url)
                def _each(self, name):
                    return getattr(self, name)()
                def _send(self, verb, url):
                    return getattr(self.session, verb)(url)
                def load(self):
                    open("x").read()
            """,
    })  # fmt: skip

    assert reached(program, "a:Shards.clear") == {("filesystem", "blocking"): [7, 11, 15]}
    assert reached(program, "a:Shards.fetch") == {("network", "blocking"): [9, 13]}


def test_a_stand_in_of_tests_is_no_receiver_in_the_program() -> None:
    stubs = "".join(f"class Stub{n}(Store):\n    def get(self):\n        open('x')\n" for n in range(14))
    program = program_of({
        "aa/tests/test_a.py": "from store import Store\n" + stubs,
        "store.py": """
            import requests
            class Store:
                def get(self):
                    raise NotImplementedError
                def load(self):
                    return self.get()
            class Remote(Store):
                def get(self):
                    return requests.get("x")
            """,
    })  # fmt: skip

    assert reached(program, "store:Store.load") == {("network", "blocking"): [7, 10]}


def test_work_that_is_put_into_a_queue_counts_for_whoever_puts_it_and_for_the_worker() -> None:
    program = program_of({
        "a.py": """
            import queue, sqlite3, threading
            from functools import partial
            def worker(jobs):
                while True:
                    done, work = jobs.get()
                    work()
            class Base:
                def __init__(self, db: sqlite3.Connection):
                    self.db = db
                    self.jobs = queue.SimpleQueue()
                    threading.Thread(target=worker, args=(self.jobs,)).start()
                def _later(self, work, *given):
                    job = partial(work, *given)
                    self.jobs.put((None, job))
                def commit(self):
                    self._later(self.db.commit)
                def plain(self):
                    self._later(str.upper, "x")
            """,
    })  # fmt: skip

    assert reached(program, "a:Base.commit") == {("database", "async"): [17]}
    assert reached(program, "a:Base.plain") == {}
    assert reached(program, "a:worker") == {("database", "blocking"): [7]}


def test_a_parameter_that_is_said_to_be_text_is_no_file_whoever_hands_one_over() -> None:
    body = """
        import sys
        from typing import Optional
        def plain(value: str): return [c for c in value]
        def maybe(value: str | None): return [c for c in value]
        def other(value): return [c for c in value]
        def partly(value: "str | Unknown"): return [c for c in value]
        def run():
            f = open("x")
            plain(f); maybe(f); other(f); partly(f)
        """
    program = program_of({"a.py": body})
    found = {f.qualname: program.effects[n].reachable for n, f in enumerate(program.functions)}
    assert {name: found[name] for name in ("plain", "maybe", "other", "partly")} == {
        "plain": (), "maybe": (), "other": ("filesystem",), "partly": ("filesystem",),
    }  # fmt: skip


def test_an_annotation_that_says_callable_leaves_which_function_it_is_to_the_code() -> None:
    body = """
        from collections.abc import Callable
        def make(path) -> Callable[[int], str]:
            def inner(x):
                return open(path)
            return inner
        def use(path):
            app = make(path)
            return app(1)
        """
    program = program_of({"a.py": body})
    assert ("a:use", "a:make.<locals>.inner", 9, "call") in calls(program)
