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


def test_what_a_function_gives_back_is_what_this_call_handed_over() -> None:
    program = program_of(
        {
            "a.py": """
            class One:
                def m(self): pass
            class Two:
                def m(self): pass
            def same(x, flag=False):
                return x
            def f():
                same(One()).m()
                same(x=Two()).m()
            """
        }
    )

    found = {(line, callee) for caller, callee, line, _ in calls(program) if caller == "a:f" and callee.endswith(".m")}
    assert found == {(9, "a:One.m"), (10, "a:Two.m")}


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
