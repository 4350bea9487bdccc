"""An argv -> Start: what a command line starts and in which role. Text only; nothing is looked up and nothing runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from msgspec import Struct

ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")
PYTHON = re.compile(r"(python|pypy)(\d+(\.\d+)*)?$")
WORD = re.compile(r"[a-z][a-z0-9_-]*$")
FILE_VALUE = re.compile(r"^[^-].*[/.]")  # of an option: a path or a file
ATTACHED = re.compile(r".*=|-[A-Za-z][^A-Za-z-]")  # `--x=1`, `-w4`: the value is there already
REDIRECTED = re.compile(
    r"(?<=\s)(\d?>&\d|&?\d?>>?\s*[\w./$&-]+)(?=\s|$|[;|&)])"
)  # where output goes says nothing of what is started
MAX_DEPTH = 6  # of wrappers; a command in more of them is none that a person wrote

# Programs that only start another one -> how many words of their own they take beside options.
WRAPPERS = {
    "exec": 0, "env": 0, "tini": 0, "dumb-init": 0, "catatonit": 0, "nohup": 0, "nice": 0, "ionice": 0, "time": 0, "command": 0,
    "timeout": 1, "gosu": 1, "su-exec": 1, "s6-setuidgid": 1, "setpriv": 0, "sudo": 0, "chpst": 0, "with-contenv": 0,
    "opentelemetry-instrument": 0, "watchmedo": 1, "ddtrace-run": 0, "catchsegv": 0, "stdbuf": 0, "envdir": 1, "setuidgid": 1, "envuidgid": 1,
    "flock": 1, "taskset": 1, "authbind": 0, "softlimit": 0, "prlimit": 0, "unbuffer": 0, "faketime": 1, "runuser": 0, "xvfb-run": 0,
}  # fmt: skip
WRAPPER_VALUES = frozenset(
    {"-u", "-g", "-n", "-k", "-s", "-c", "-e", "-o", "-U", "--user", "--signal", "--service_name"}
)
RUNNERS = frozenset(
    {"doppler", "infisical", "op", "dotenv", "poetry", "pipenv", "uv", "pdm", "hatch", "rye", "conda", "micromamba"}
)
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
WEB_SERVERS = frozenset(
    {"gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "waitress-serve", "gunicorn3", "circusd"}
)
# Servers of applications that are given a file.
FILE_SERVERS = frozenset({"streamlit", "chainlit", "gradio", "panel", "bokeh", "voila", "mod_wsgi-express", "shiny"})
# Options whose next word is a value; a word after another option is taken for the option's value as well, but for these
# servers' switches.
SWITCHES = frozenset({
    "--reload", "--preload", "--ws", "--access-log", "--no-access-log", "--proxy-headers", "--factory", "--http1", "--daemon",
    "--proxy-protocol", "--use-colors", "--no-use-colors", "--call", "--capture-output", "--enable-stdio-inheritance",
    "--no-server-header", "--no-date-header", "--no-ws", "--respawn-failed-workers", "--expose-tracebacks", "--no-expose-tracebacks",
})  # fmt: skip
ROLE_OPTIONS = frozenset(
    {"--server", "--service", "--role", "--component", "--mode", "--type", "--worker-type", "--process"}
)
CELERY_ROLES = {"worker": "worker", "beat": "scheduler", "flower": "monitor", "events": "monitor"}
QUEUE_RUNNERS = {"dramatiq": "worker", "huey_consumer": "worker", "huey_consumer.py": "worker", "arq": "worker",
                 "faust": "worker", "taskiq": "worker", "rq": "worker", "rqworker": "worker", "nameko": "rpc"}  # fmt: skip
# manage.py commands that are a step of a set-up or a tool at a prompt.
STEPS = frozenset({
    "migrate", "makemigrations", "collectstatic", "check", "compilemessages", "makemessages", "loaddata", "dumpdata", "createsuperuser",
    "shell", "shell_plus", "dbshell", "test", "flush", "createcachetable", "showmigrations", "compress", "clearsessions", "init",
    "changepassword", "diffsettings", "inspectdb", "sqlmigrate", "startapp", "help", "version", "rebuild_index", "update_index",
})  # fmt: skip


class Start(Struct, frozen=True):
    """What a command starts."""

    role: str  # web | worker | scheduler | monitor | rpc | operator | load | dag | process | command
    kind: str  # module (a dotted name) | file | configured (a file that names the app) | script (a program on PATH) | django (a management command) | wsgi (Django's own)
    value: str
    name: str = ""  # the object within a module
    part: str = ""  # the sub-command or `--server X` that makes it a process of its own
    program: str = ""  # gunicorn, celery, python ...
    workers: int | None = None
    queues: tuple[str, ...] = ()  # of a worker: those that it takes work from, () where it says none


def parse_command(argv: Sequence[str], depth: int = 0) -> Start | None:
    """What `argv` starts, or None where it starts nothing of this repository's Python that can be told."""
    words = strip_wrappers(argv)
    if not words or depth > MAX_DEPTH:
        return None
    program, rest = words[0].rsplit("/", 1)[-1], words[1:]
    if program in SHELLS:
        return parse_shell(rest, depth)
    if PYTHON.match(program):
        return parse_python(rest, depth)
    if program in WEB_SERVERS:
        return parse_web(program, rest)
    if program == "uwsgi":
        return parse_uwsgi(rest)
    if program == "celery":
        return parse_celery(rest)
    if program in QUEUE_RUNNERS:
        return parse_queue(program, rest)
    if program in ("flask", "fastapi", "sanic", "litestar"):
        return parse_app_runner(program, rest)
    if program == "kopf" and rest[:1] == ["run"]:
        return parse_operator(rest[1:])
    if program == "dagster" and (rest[:2] in (["code-server", "start"], ["api", "grpc"])):
        return parse_code_location(rest[2:])
    if program == "locust":
        return Start("load", "file", option(rest, "-f", "--locustfile") or "locustfile.py", program=program)
    if program in FILE_SERVERS:
        path = next((word for word in rest if word.endswith((".py", ".wsgi"))), "")
        return Start("web", "file", path, program=program) if path else None
    if program == "pserve":
        path = next((word for word in rest if word.split("#")[0].endswith((".ini", ".cfg"))), "")
        return Start("web", "configured", path.split("#")[0], program=program) if path else None
    if program == "django-admin":
        return parse_manage("manage.py", rest)
    if program.endswith(".py"):
        return parse_file(words[0], rest)
    return Start("process", "script", program, part=part_of(rest), program=words[0])


def strip_wrappers(argv: Sequence[str]) -> list[str]:
    """The command without environment assignments and programs that only start it."""
    words = list(argv)
    while words:
        head = words[0].rsplit("/", 1)[-1]
        if ASSIGNMENT.match(words[0]) or head in ("--", "!"):
            words = words[1:]
        elif head in ("su", "runuser") and "-c" in words[:-1]:
            words = ["sh", "-c", words[words.index("-c") + 1]]
            break
        elif words[:2] == ["set", "--"]:  # a script's own way to say what it will start
            words = words[2:]
        elif words[1:2] == ["run"] and head in RUNNERS:
            words = strip_options(words[2:])
        elif words[1:2] == ["run-program"] and head == "newrelic-admin":
            words = words[2:]
        elif head in WRAPPERS:
            words = strip_options(words[1:])[WRAPPERS[head] :]
        else:
            break
    return words


def strip_options(words: Sequence[str]) -> list[str]:
    """Without the leading options and the values of those that take one."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "--":
            return list(words[at + 1 :])
        at += 2 if words[at] in WRAPPER_VALUES else 1
    return list(words[at:])


def parse_shell(rest: Sequence[str], depth: int) -> Start | None:
    """`sh -c "text"` (the last command of the text that starts something) or `sh file`."""
    for at, word in enumerate(rest):
        if word.startswith("-") and "c" in word and not word.startswith("--") and at + 1 < len(rest):
            found = [parse_command(argv, depth + 1) for argv in split_text(rest[at + 1])]
            return next((start for start in reversed(found) if start is not None), None)
        if not word.startswith("-"):
            return Start("process", "script", word, part=part_of(rest[at + 1 :]), program="sh")
    return None


def split_text(text: str) -> list[list[str]]:
    """The simple commands of one line of shell; empty where its quotes do not close."""
    lexer = shlex.shlex(REDIRECTED.sub(" ", text), posix=True, punctuation_chars=";&|()")
    lexer.whitespace_split, lexer.commenters = True, "#"
    commands: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word and not word.strip(";&|()"):
                commands.append([])
            else:
                commands[-1].append(word)
    except ValueError:
        return []
    return [command for command in commands if command]


def parse_python(rest: Sequence[str], depth: int) -> Start | None:
    at = 0
    while at < len(rest) and rest[at].startswith("-"):
        if rest[at] == "-c":
            return None
        if rest[at] == "-m":
            return parse_module(rest[at + 1 :], depth)
        at += 2 if rest[at] in ("-W", "-X") else 1
    return parse_file(rest[at], rest[at + 1 :]) if at < len(rest) else None


def parse_module(rest: Sequence[str], depth: int) -> Start | None:
    if not rest or not DOTTED.match(rest[0]):
        return None
    known = WEB_SERVERS | set(QUEUE_RUNNERS) | {"celery", "flask", "locust", "fastapi"}
    if rest[0] in known:
        return parse_command(rest, depth + 1)
    if rest[0] in ("pip", "venv", "pytest", "unittest", "ensurepip", "compileall", "debugpy", "build"):
        return None
    return Start("process", "module", rest[0], part=part_of(rest[1:]), program="python -m")


def parse_file(path: str, rest: Sequence[str]) -> Start | None:
    if path.rsplit("/", 1)[-1] == "manage.py":
        return parse_manage(path, rest)
    is_named = path.endswith(".py") or ("/" in path and "." not in path.rsplit("/", 1)[-1])  # scripts need no suffix
    return Start("process", "file", path, part=part_of(rest), program="python") if is_named else None


def parse_manage(path: str, rest: Sequence[str]) -> Start | None:
    command = next((word for word in rest if not word.startswith("-")), "")
    if not command or command in STEPS or not WORD.match(command):
        return None
    if command in ("runserver", "runserver_plus"):
        return Start("web", "wsgi", path, program="manage.py")
    return Start("command", "django", command, program="manage.py")


def parse_web(program: str, rest: Sequence[str]) -> Start | None:
    """`gunicorn a.b:app`, `uvicorn --factory a:create_app`, `gunicorn "a:create_app()"`, `gunicorn -c file.py`."""
    workers = number(option(rest, "-w", "--workers"))
    pasted = option(rest, "--paste", "--paster")
    if pasted:
        return Start("web", "configured", pasted.split("#")[0], program=program, workers=workers)
    targets = [word for word in plain_words(rest) if is_target(word)]
    best = next((word for word in targets if ":" in word), targets[-1] if targets else "")
    if not best:
        given = option(rest, "-c", "--config").removeprefix("file:") if program.startswith("gunicorn") else ""
        return Start("web", "configured", given, program=program, workers=workers) if given.endswith(".py") else None
    module, _, name = best.partition(":")
    return Start("web", "module", module, re.split(r"[(\s]", name)[0], program=program, workers=workers)


def is_target(word: str) -> bool:
    module, _, name = word.partition(":")
    return bool(DOTTED.match(module)) and (not name or bool(re.match(r"[A-Za-z_]", name)))


def parse_uwsgi(rest: Sequence[str]) -> Start | None:
    target = option(rest, "--module", "-w", "--wsgi")
    if target and is_target(target):
        module, _, name = target.partition(":")
        return Start("web", "module", module, name, program="uwsgi", workers=number(option(rest, "--processes", "-p")))
    pasted = option(rest, "--paste", "--ini-paste", "--ini-paste-logged").removeprefix("config:")
    if pasted:
        return Start("web", "configured", pasted, program="uwsgi")
    path = option(rest, "--wsgi-file", "--file")
    return Start("web", "file", path, program="uwsgi") if path else None


def parse_celery(rest: Sequence[str]) -> Start | None:
    app = option(rest, "-A", "--app")
    role = next((CELERY_ROLES[word] for word in rest if word in CELERY_ROLES), None)
    if role is None:
        return None
    module, _, name = app.partition(":")
    workers = number(option(rest, "-c", "--concurrency"))
    queues = tuple(name for name in option(rest, "-Q", "--queues").split(",") if WORD.match(name))
    module = module if DOTTED.match(module) else ""
    return Start(role, "celery", module, name, program="celery", workers=workers, queues=queues)


def parse_queue(program: str, rest: Sequence[str]) -> Start | None:
    module = option(rest, "-A", "--app", "--path") or next((word for word in plain_words(rest) if is_target(word)), "")
    if module in ("worker", "run"):
        module = next((word for word in plain_words(rest)[1:] if is_target(word)), "")
    if program in ("rq", "rqworker"):
        module = option(rest, "-c", "--config")
    module, _, name = module.partition(":")
    return Start(QUEUE_RUNNERS[program], "module", module, name, program=program) if module else None


def parse_operator(rest: Sequence[str]) -> Start | None:
    """`kopf run -m a.b`, `kopf run path.py`."""
    module = option(rest, "-m", "--module")
    if module and DOTTED.match(module):
        return Start("operator", "module", module, program="kopf")
    path = next((word for word in rest if word.endswith(".py")), "")
    return Start("operator", "file", path, program="kopf") if path else None


def parse_code_location(rest: Sequence[str]) -> Start | None:
    """`dagster code-server start --module-name a.b`, `dagster api grpc -f path.py`: the platform imports it and runs its jobs."""
    path, module = option(rest, "-f", "--python-file"), option(rest, "-m", "--module-name", "--package-name")
    if path.endswith(".py"):
        return Start("dag", "file", path, program="dagster")
    return Start("dag", "module", module, program="dagster") if DOTTED.match(module) else None


def parse_app_runner(program: str, rest: Sequence[str]) -> Start | None:
    """`flask --app x run`, `fastapi run path.py`, `sanic a.b:app`."""
    words = plain_words(rest)
    app = option(rest, "--app", "-A")
    if program != "sanic" and "run" not in words:
        if program == "flask" and words:
            return Start("command", "script", "flask", part=words[0], program=program) if not app else None
        return None
    app = app or next((word for word in words if word not in ("run", "dev")), "")
    if app.endswith(".py"):
        return Start("web", "file", app, program=program)
    module, _, name = app.partition(":")
    return Start("web", "module", module or "app", name, program=program) if program != "fastapi" or module else None


def option(words: Sequence[str], *names: str) -> str:
    """The value of an option, `--name value` or `--name=value`; "" where it is not given."""
    for at, word in enumerate(words):
        if word in names:
            return words[at + 1] if at + 1 < len(words) else ""
        for name in names:
            if name.startswith("--") and word.startswith(name + "="):
                return word[len(name) + 1 :]
    return ""


def plain_words(words: Sequence[str]) -> list[str]:
    """The words that are neither an option nor the value of one."""
    found, at = [], 0
    while at < len(words):
        if not words[at].startswith("-"):
            found.append(words[at])
        elif not ATTACHED.match(words[at]) and words[at] not in SWITCHES and at + 2 < len(words):
            at += 0 if words[at + 1].startswith("-") else 1
        at += 1
    return found


def part_of(rest: Sequence[str]) -> str:
    """The sub-command words, or the value of an option that chooses a role; at most two words."""
    chosen = option(rest, *sorted(ROLE_OPTIONS))
    if chosen:
        return chosen if WORD.match(chosen) else ""
    words: list[str] = []
    at = 0
    while at + 1 < len(rest) and rest[at].startswith("-") and FILE_VALUE.search(rest[at + 1]):
        at += 2  # `-c /etc/it.ini worker`: options of the whole program stand before the sub-command
    for word in rest[at : at + 2]:
        if not WORD.match(word):
            break
        words.append(word)
    return " ".join(words)


def number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 5 else None
