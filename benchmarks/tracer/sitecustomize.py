"""One process of a test suite -> one JSON file of what its functions did: loaded at start by `benchmarks/traced_io.py` alone.

Never part of `readiness`: it watches a running program. Calls of C functions that do I/O are seen by `sys.monitoring` and the audit
hook, calls of a few Python functions (asyncio's streams and transports) by their start. Each is written to the functions of the
package that stand on the stack: `direct` for the innermost, `transitive` for those around it, `via_test` where code of the suite stands
between, `via_loop` where an event loop does, that is: around a loop, not in it. What an import, a warning or a finaliser does is nobody's.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import stat
import sys
import threading
import types
from pathlib import Path
from typing import Any

MONITORING: Any = getattr(sys, "monitoring", None)
TOOL = 3
OWN, TEST, MOCK, STOP, LOOP, OTHER = range(6)
BUCKETS = ("direct", "transitive", "via_loop", "via_test")
LIBRARY = str(Path(os.__file__).parent) + os.sep
SILENT = ("warnings.py", "linecache.py", "traceback.py", "inspect.py", "tokenize.py")
LOOPS = {("asyncio", "Handle._run"), ("asyncio", "BaseEventLoop._run_once"), ("trio", "unrolled_run")}
OWN_PIPE = {
    "_write_to_self",
    "_read_from_self",
    "_make_self_pipe",
    "wakeup_thread_and_signal_safe",
}  # a loop wakes itself up

SOCKET = (
    "connect", "connect_ex", "send", "sendall", "sendto", "sendmsg", "recv", "recv_into", "recvfrom", "recvfrom_into",
    "recvmsg", "recvmsg_into", "_accept", "bind", "listen",
)  # fmt: skip
FILE = ("read", "read1", "readline", "readlines", "readinto", "readall", "write", "writelines", "flush", "truncate")
FILES = ("FileIO", "BufferedReader", "BufferedWriter", "BufferedRandom", "TextIOWrapper")
OS = {
    "filesystem": (
        "remove", "unlink", "mkdir", "rmdir", "rename", "replace", "link", "symlink", "listdir", "scandir", "chmod",
        "chown", "truncate", "ftruncate", "fsync", "utime", "open", "sendfile",
    ),
    "fs_meta": ("stat", "lstat", "access", "readlink"),
    "subprocess": ("waitpid", "wait", "fork", "posix_spawn", "posix_spawnp", "system", "execv", "execve"),
    "descriptor": ("read", "write", "readv", "writev"),
}  # fmt: skip
AUDITED = {
    "open": "filesystem", "sqlite3.connect": "database", "subprocess.Popen": "subprocess", "os.listdir": "filesystem",
    "os.scandir": "filesystem", "os.remove": "filesystem", "os.mkdir": "filesystem", "os.rename": "filesystem",
    "os.system": "subprocess", "socket.connect": "network", "socket.bind": "network", "socket.getaddrinfo": "dns",
    "socket.gethostbyname": "dns",
}  # fmt: skip
SOCKETS_OF_LOOP = (
    "sock_recv",
    "sock_recv_into",
    "sock_recvfrom",
    "sock_sendall",
    "sock_sendto",
    "sock_connect",
    "sock_accept",
)
STARTS = {
    "asyncio": {
        **{f"StreamReader.{n}": "network" for n in ("read", "readline", "readexactly", "readuntil")},
        "StreamWriter.drain": "network", "_SelectorSocketTransport.write": "network",
        "_SelectorSocketTransport.writelines": "network", "_SelectorDatagramTransport.sendto": "network",
        "_SSLProtocolTransport.write": "network", "BaseEventLoop.create_connection": "network",
        "BaseEventLoop.create_server": "network", "BaseEventLoop.create_datagram_endpoint": "network",
        "_UnixSelectorEventLoop.create_unix_connection": "network", "_UnixSelectorEventLoop.create_unix_server": "network",
        "BaseEventLoop.start_tls": "network", "BaseEventLoop.sendfile": "network", "BaseEventLoop.getaddrinfo": "dns",
        "BaseEventLoop.getnameinfo": "dns", "BaseEventLoop.subprocess_exec": "subprocess",
        "BaseEventLoop.subprocess_shell": "subprocess", "Process.wait": "subprocess", "Process.communicate": "subprocess",
        **{f"BaseSelectorEventLoop.{n}": "network" for n in SOCKETS_OF_LOOP}, "sleep": "sleep", "gather": "task",
        "ensure_future": "task", "wait_for": "task", "BaseEventLoop.create_task": "task", "TaskGroup.create_task": "task",
        "BaseEventLoop.run_in_executor": "thread",
    },
    "threading": {"Thread.start": "thread"},
    "concurrent": {"ThreadPoolExecutor.submit": "thread", "ProcessPoolExecutor.submit": "thread"},
    "multiprocessing": {"BaseProcess.start": "subprocess", "BaseProcess.join": "subprocess"},
    "anyio": {"SocketStream.receive": "network", "SocketStream.send": "network", "Process.wait": "subprocess"},
    "trio": {"Nursery.start_soon": "task"},
}  # fmt: skip


class Record:
    """What was seen so far in this process: (file, first line, name) -> counts. Clears itself in a forked child."""

    def __init__(self, roots: list[str], tests: list[str], out: str) -> None:
        self.roots, self.tests, self.out = roots, tests, out
        self.rows: dict[tuple[str, int, str], dict[str, Any]] = {}
        self.lock = threading.RLock()

    def row(self, code: types.CodeType) -> dict[str, Any]:
        key = (code.co_filename, code.co_firstlineno, code.co_qualname)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = {"calls": 0, "test_code_calls": 0, "mock_calls": 0, "returns_lazy": False, "ops": {}}
            row |= {bucket: {} for bucket in BUCKETS}
        return row

    def write(self) -> None:
        with self.lock:
            rows = [
                {"file": key[0], "first_line": key[1], "qualname": key[2], **row}
                for key, row in sorted(self.rows.items())
            ]
            self.rows.clear()
        name = f"{os.getpid()}-{os.urandom(4).hex()}.json"
        Path(self.out, name).write_text(json.dumps(rows))


def start(record: Record) -> None:
    """Watches from here on until the process ends."""
    place_of = functools.lru_cache(None)(functools.partial(place, record))
    note = functools.partial(walk, record, place_of)
    calls = c_calls()
    MONITORING.use_tool_id(TOOL, "traced_io")
    events = MONITORING.events
    watched = {
        events.CALL: functools.partial(on_call, calls, note),
        events.PY_START: functools.partial(on_start, record, place_of, note),
        events.PY_RETURN: functools.partial(on_return, record, place_of),
    }
    for event, callback in watched.items():
        MONITORING.register_callback(TOOL, event, callback)
    sys.addaudithook(functools.partial(on_audit, note))
    MONITORING.set_events(TOOL, events.CALL | events.PY_START | events.PY_RETURN)
    leave = os._exit

    def leave_written(status: int) -> None:
        record.write()
        leave(status)

    os._exit = leave_written  # type: ignore[assignment]
    os.register_at_fork(after_in_child=record.rows.clear)
    atexit.register(record.write)


def place(record: Record, code: types.CodeType) -> int:
    """What a code object is to this record."""
    file = code.co_filename
    if file.startswith("<frozen importlib") or code.co_name == "__del__" or code.co_name in OWN_PIPE:
        return STOP
    if any(is_below(file, test) for test in record.tests):
        return TEST
    if any(is_below(file, root) for root in record.roots):
        return OWN
    if file.startswith(LIBRARY) and "site-packages" not in file:
        if os.path.basename(file) in SILENT:
            return STOP
        if file.endswith("unittest/mock.py"):
            return MOCK
    return LOOP if (package_of(file), code.co_qualname) in LOOPS else OTHER


def is_below(file: str, root: str) -> bool:
    return file == root or file.startswith(root + os.sep)


def package_of(file: str) -> str:
    """The top-level package or module that a library's file belongs to."""
    rest = file.rpartition("site-packages" + os.sep)[2] if "site-packages" in file else file.removeprefix(LIBRARY)
    return rest.partition(os.sep)[0].removesuffix(".py")


def walk(record: Record, place_of: Any, kind: str, op: str) -> None:
    """Writes one operation to the functions on the stack of the caller's caller."""
    frame: types.FrameType | None = sys._getframe(2)
    bucket, met = "direct", set()
    while frame is not None:
        what = place_of(frame.f_code)
        if what == STOP:
            return
        if what in (LOOP, TEST) and bucket != "via_test":
            bucket = "via_loop" if what == LOOP else "via_test"
        elif what == OWN and (frame.f_code, bucket) not in met:
            met.add((frame.f_code, bucket))
            with record.lock:
                row = record.row(frame.f_code)
                row[bucket][kind] = row[bucket].get(kind, 0) + 1
                names = row["ops"].setdefault(bucket, {})
                names[op] = names.get(op, 0) + 1
            bucket = "transitive" if bucket == "direct" else bucket
        frame = frame.f_back


def c_calls() -> dict[Any, tuple[str, str]]:
    """C functions and unbound methods -> (kind, name of the operation); `file` and `descriptor` are told apart at the call."""
    import _io
    import _socket
    import _ssl
    import fcntl
    import select
    import sqlite3
    import time

    found: dict[Any, tuple[str, str]] = {
        time.sleep: ("sleep", "time.sleep"),
        fcntl.flock: ("filesystem", "fcntl.flock"),
    }
    sources: list[tuple[Any, str, tuple[str, ...], str]] = [
        (_socket.socket, "socket", SOCKET, "network"),
        (_ssl._SSLSocket, "ssl", ("read", "write", "do_handshake", "shutdown"), "network"),
        (_ssl._SSLContext, "ssl", ("load_verify_locations", "load_cert_chain", "set_default_verify_paths"), "filesystem"),
        (_socket, "socket", ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo"), "dns"),
        (select, "select", ("select",), "network"),
        (type(select.poll()), "select", ("poll",), "network"),
        (type(select.epoll()), "select", ("poll",), "network"),
        (sqlite3.Connection, "sqlite3", ("execute", "executemany", "executescript", "commit", "rollback", "backup"), "database"),
        (sqlite3.Cursor, "sqlite3", ("execute", "executemany", "executescript", "fetchone", "fetchall", "fetchmany"), "database"),
        *((getattr(_io, name), "file", FILE, "file") for name in FILES),
        *((os, "os", names, kind) for kind, names in OS.items()),
    ]  # fmt: skip
    for owner, word, names, kind in sources:
        found |= {getattr(owner, name): (kind, f"{word}.{name}") for name in names if hasattr(owner, name)}
    return found


def on_call(
    calls: dict[Any, tuple[str, str]], note: Any, code: types.CodeType, at: int, called: Any, first: Any
) -> Any:
    """A call instruction: of a C function or method that does I/O, or of anything else."""
    if type(called) is types.BuiltinFunctionType:
        owner = called.__self__
        if owner is not None and type(owner) is not types.ModuleType:
            called, first = getattr(type(owner), called.__name__, None), owner
            if type(called) is not types.MethodDescriptorType:
                return None
    elif type(called) is not types.MethodDescriptorType:
        return None
    found = calls.get(called)
    if found is None or code.co_filename == __file__:
        return None
    kind, op = found
    if op == "file.flush" and type(first).__name__ == "BufferedReader":
        return None
    if kind in ("file", "descriptor"):
        kind = kind_of_descriptor(first)
    elif op.startswith("select.") and code.co_filename == LIBRARY + "selectors.py":
        kind = kind_of_wait()
    elif op.startswith("ssl.") and code.co_filename == LIBRARY + "asyncio/sslproto.py":
        kind = ""
    if kind:
        note(kind, op)
    return None


def kind_of_descriptor(first: Any) -> str:
    """What lies behind a file object or a descriptor; nothing for the three standard streams and for buffers in memory."""
    try:
        number = first if isinstance(first, int) else first.fileno()
        mode = os.fstat(number).st_mode
    except (OSError, ValueError, AttributeError, TypeError):
        return ""
    if number < 3:
        return ""
    return (
        "network"
        if stat.S_ISSOCK(mode)
        else "pipe"
        if stat.S_ISFIFO(mode)
        else "filesystem"
        if stat.S_ISREG(mode)
        else ""
    )


def kind_of_wait() -> str:
    """An event loop waits for itself, a wait on the pipes of a child for the child."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == LIBRARY + "selectors.py":
        frame = frame.f_back
    file = frame.f_code.co_filename if frame is not None else ""
    return "" if package_of(file) == "asyncio" else "subprocess" if file == LIBRARY + "subprocess.py" else "network"


def on_audit(note: Any, event: str, args: tuple[Any, ...]) -> None:
    """What C code does on behalf of others."""
    kind = AUDITED.get(event)
    if kind is not None and not (event == "open" and isinstance(args[0], int)):
        note(kind, event)


def on_start(record: Record, place_of: Any, note: Any, code: types.CodeType, at: int) -> Any:
    """The start of a function: counted for the package's own; of the suite's it says that those around it ran foreign code."""
    what = place_of(code)
    if what == OWN:
        with record.lock:
            record.row(code)["calls"] += 1
        return None
    if what in (TEST, MOCK):
        word = "mock_calls" if what == MOCK else "test_code_calls"
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            if place_of(frame.f_code) == OWN:
                with record.lock:
                    record.row(frame.f_code)[word] += 1
            frame = frame.f_back
        return None
    kind = STARTS.get(package_of(code.co_filename), {}).get(code.co_qualname)
    if kind is None:
        return MONITORING.DISABLE
    note(kind, code.co_qualname)
    return None


def on_return(record: Record, place_of: Any, code: types.CodeType, at: int, value: Any) -> Any:
    """A function that gives a coroutine or a generator has its work done by others."""
    if place_of(code) != OWN:
        return MONITORING.DISABLE
    if hasattr(type(value), "__await__") or isinstance(value, types.GeneratorType | types.AsyncGeneratorType):
        record.row(code)["returns_lazy"] = True
    return None


if MONITORING is not None and "TRACED_IO_OUT" in os.environ:
    start(
        Record(
            os.environ["TRACED_IO_ROOTS"].split(os.pathsep),
            os.environ["TRACED_IO_TESTS"].split(os.pathsep),
            os.environ["TRACED_IO_OUT"],
        )
    )
