"""Packaged commands with sub-commands: those that stay are processes of their own."""

from __future__ import annotations

from tests.programs import program_of
from tests.services.scans import found_in

CLI = """
    import time
    import click
    import schedule
    import uvicorn

    @click.group()
    def tool(): ...

    @tool.group("jobs")
    def jobs():
        from tool import tasks

    @jobs.command("start")
    def start_jobs():
        prepare()
        keep()

    def keep():
        while True:
            schedule.run_pending()
            time.sleep(1)

    def prepare():
        click.echo("x")

    @jobs.command("list")
    def list_jobs():
        for job in schedule.get_jobs():
            click.echo(job)

    @tool.command()
    def consume():
        plugin().instance.run()

    @tool.command("web")
    def web():
        uvicorn.run("tool.app:app")

    @tool.command("develop")
    def develop():
        uvicorn.run("tool.app:app", reload=True)

    @tool.command("dump")
    def dump(path):
        with open(path) as file:
            while True:
                if not file.read(10):
                    break
    """
SCRIPTS = '[project]\nname = "tool"\n[project.scripts]\ntool = "tool.cli:tool"\n'


def test_a_subcommand_that_stays_is_a_service_and_one_that_ends_is_none() -> None:
    found = found_in({"tool/__init__.py": "", "tool/cli.py": CLI, "tool/tasks.py": "", "pyproject.toml": SCRIPTS})
    staying = {one.name: one for one in found.found if one.archetype != "cli"}
    assert {(one.name, one.roles, one.entries[0].line) for one in staying.values()} == {
        ("jobs", ("scheduler",), 15),
        ("consume", ("command",), 33),
        ("web", ("web",), 37),
    }
    assert [(e.kind, e.line) for e in staying["jobs"].evidence] == [
        ("console-script", 4),
        ("sub-command", 15),
        ("stays", 21),
    ]
    assert "tool.tasks" in (*staying["jobs"].own, *staying["jobs"].shared)
    assert "tool.tasks" not in (*staying["web"].own, *staying["web"].shared)


def test_sub_commands_of_a_table_and_of_argparse_are_found_by_what_they_start() -> None:
    found = found_in({
        "tool/__init__.py": "",
        "tool/work.py": "import time\ndef listen(): \n    while True:\n        time.sleep(1)\ndef once():\n    print(1)\n",
        "tool/cli.py": """
            import argparse
            from tool.load import lazy

            def serve(args):
                from http.server import HTTPServer
                HTTPServer(("", 1), None).serve_forever()

            TABLE = (Command(name="listener", func=lazy("tool.work.listen")), Command(name="once", func=lazy("tool.work.once")))

            def main():
                subparsers = argparse.ArgumentParser().add_subparsers()
                parser = subparsers.add_parser("serve")
                parser.set_defaults(func=serve)
                parser.parse_args().func()
            """,
        "pyproject.toml": '[project.entry-points."console_scripts"]\ntool = "tool.cli:main"\n',
    }).found  # fmt: skip
    names = {one.name: one.entries[0].target for one in found if one.archetype != "cli"}
    assert names == {"listener": "tool.work:listen", "serve": "tool.cli:serve"}


def test_a_plain_manage_file_has_sub_commands_and_development_arms_are_none() -> None:
    found = found_in({
        "manage.py": "from app.cli import manager\nmanager()\n",
        "app/cli.py": """
            from flask.cli import AppGroup
            manager = AppGroup()

            @manager.command()
            def scheduler():
                start()
            """,
        "start.sh": "#!/bin/bash\nscheduler() {\n  exec ./manage.py rq scheduler\n}\ncase $1 in\nscheduler) scheduler ;;\n"
        "dev_scheduler) exec ./manage.py rq other ;;\nmanage) exec ./manage.py $* ;;\ncreate_db) exec ./manage.py database create_tables ;;\nesac\n",
        "Dockerfile": 'FROM python\nCOPY . /app\nENTRYPOINT ["/app/start.sh"]\nCMD ["scheduler"]\n',
    }).found  # fmt: skip
    assert [(one.name, one.archetype, one.entries[0].target) for one in found] == [
        ("scheduler", "scheduler", "app.cli:scheduler")
    ]


PAGES = """
import requests

def main():
    while True:
        rows = requests.get("http://store").json()
        if not rows:
            break
"""
ATTEMPT = """
import requests

def main():
    while True:
        try:
            requests.post("http://store")
            return
        except OSError:
            pass
"""
ROUNDS = """
import time
import requests

def main():
    rounds = 0
    while True:
        requests.post("http://store")
        rest()
        rounds += 1
        if rounds > 10:
            break

def rest():
    time.sleep(60)
"""
ASKED = """
import time
import requests

def main():
    for row in rows():
        print(row)

def rows():
    while True:
        time.sleep(1)
        yield requests.post("http://store")
"""
SERVE = """
import requests

def main():
    while True:
        try:
            requests.post("http://store")
        except KeyboardInterrupt:
            break
"""
FLAG = """
import time
import requests

class Watcher:
    def start(self):
        while self.running:
            requests.post("http://store")
            self.sleep_for(60)

    def sleep_for(self, seconds):
        time.sleep(seconds)

def main():
    Watcher().start()
"""
RETRIES = """
import time
import requests

def main():
    page = 1
    while page:
        page = fetch(page)

def fetch(page):
    time.sleep(1)
    return requests.post(f"http://store/{page}").json()
"""


def test_a_loop_that_ends_with_its_work_keeps_no_process() -> None:
    texts = {
        "pages": PAGES,
        "attempt": ATTEMPT,
        "serve": SERVE,
        "rounds": ROUNDS,
        "asked": ASKED,
        "flag": FLAG,
        "retries": RETRIES,
    }
    scripts = "".join(f'{name} = "tool.{name}:main"\n' for name in texts)
    files = {f"tool/{name}.py": text for name, text in texts.items()}
    project = f'[project]\nname = "tool"\n[project.scripts]\n{scripts}'
    found = found_in({"tool/__init__.py": "", "pyproject.toml": project, **files})
    stays = {one.name: [row.line for row in one.evidence if row.kind == "stays"] for one in found.found}
    assert stays == {"rounds": [7], "serve": [5], "flag": [7]}
    ended = [row.name for row in found.rejected if "beside others of its project that stay" in row.reason]
    assert sorted(ended) == ["asked", "attempt", "pages", "retries"]


BASE = """
import time

class Daemon:
    def run(self):
        while True:
            self.once()
            time.sleep(1)

    def once(self):
        raise NotImplementedError
"""
ONE = """
from tool.base import Daemon

class {name}(Daemon):
    def once(self):
        print(1)

def main():
    run({name}())

def run(daemon: Daemon):
    daemon.run()
"""


def test_a_process_runs_no_code_of_modules_that_only_another_one_loads() -> None:
    files = {f"tool/{name.lower()}.py": ONE.format(name=name) for name in ("Audit", "Watch")}
    scripts = 'audit = "tool.audit:main"\nwatch = "tool.watch:main"\n'
    project = f'[project]\nname = "tool"\n[project.scripts]\n{scripts}'
    files |= {"tool/__init__.py": "", "tool/base.py": BASE, "pyproject.toml": project}
    program = program_of({path: text for path, text in files.items() if path.endswith(".py")})
    run = {
        one.name: sorted(program.functions[i].target for i in one.functions if "once" in program.functions[i].qualname)
        for one in found_in(files).found
    }
    assert run == {
        "audit": ["tool.audit:Audit.once", "tool.base:Daemon.once"],
        "watch": ["tool.base:Daemon.once", "tool.watch:Watch.once"],
    }


HELPER = """
def as_daemon(callback):
    callback()
"""
COMMAND = """
from tool.helper import as_daemon
import time
import requests

def main():
    as_daemon({body})
"""


def test_a_helper_that_runs_what_it_is_handed_makes_no_server_of_every_command() -> None:
    names = {"hub": "lambda: __import__('uvicorn').run('app:x')", "tidy": "lambda: print(1)", "renew": "renewing"}
    files = {f"tool/{name}.py": COMMAND.format(body=body) for name, body in names.items()}
    files["tool/hub.py"] = files["tool/hub.py"].replace("__import__('uvicorn')", "uvicorn") + "\nimport uvicorn\n"
    files["tool/renew.py"] += "\ndef renewing():\n    while True:\n        time.sleep(1)\n"
    scripts = "".join(f'{name} = "tool.{name}:main"\n' for name in names)
    project = f'[project]\nname = "tool"\n[project.scripts]\n{scripts}'
    found = found_in({"tool/__init__.py": "", "tool/helper.py": HELPER, "pyproject.toml": project, **files})
    stays = {one.name: [row.detail for row in one.evidence if row.kind == "stays"] for one in found.found}
    assert stays == {
        "hub": ["uvicorn.run serves until it is stopped"],
        "renew": ["a loop that waits for work in renewing"],
    }
    assert [row.name for row in found.rejected if "that stay" in row.reason] == ["tidy"]
