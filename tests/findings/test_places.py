"""Stores that two services share: only what is started from outside is a service, and no second command of the same program."""

from __future__ import annotations

from readiness.findings.places import programs
from readiness.types.services import Evidence, Service, Services


def service(name: str, functions: tuple[int, ...], started_by: str = "compose") -> Service:
    proof = Evidence(started_by, "compose.yaml", 1, "", 0.9)
    return Service(
        name, name, ".", "deployable", "web", ("web",), (), (proof,), 0.9, (), functions, (), (), 10, 1.0
    )  # fmt: skip


def test_a_command_that_runs_the_functions_of_another_is_the_same_program() -> None:
    web = service("web", tuple(range(100)))
    command = service("command", (*range(40, 90), 100, 101))
    worker = service("worker", (*range(40, 90), *range(100, 120)))
    found = programs(Services((command, web, worker), ()))
    assert [row.name for row in found] == ["web", "worker"]


def test_packages_and_commands_of_one_distribution_are_one_program() -> None:
    web = service("web", (1, 2))
    found = programs(Services((service("pkg", (3, 4), "package"), service("cli", (5,), "console-script"), web), ()))
    assert [row.name for row in found] == ["web"]
