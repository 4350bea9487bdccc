"""Packaged commands with sub-commands: those that stay are processes of their own."""

from __future__ import annotations

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
