"""Stores that two services share: a second command of the same program is no other service."""

from __future__ import annotations

from readiness.findings.places import programs
from readiness.types.services import Service, Services


def service(name: str, functions: tuple[int, ...]) -> Service:
    return Service(
        name, name, ".", "deployable", "web", ("web",), (), (), 0.9, (), functions, (), (), 10, 1.0
    )  # fmt: skip


def test_a_command_that_runs_the_functions_of_another_is_the_same_program() -> None:
    web = service("web", tuple(range(100)))
    command = service("command", (*range(40, 90), 100, 101))
    worker = service("worker", (*range(40, 90), *range(100, 120)))
    found = programs(Services((command, web, worker), ()))
    assert [row.name for row in found] == ["web", "worker"]
