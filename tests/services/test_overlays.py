"""Skaffold, kustomize, Cloud Run, timetables and .proto files of the small repositories -> services."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from readiness.types.services import Service
from tests.services.scans import found_in

REPOS = Path(__file__).parent.parent / "repos"


def files_of(name: str) -> dict[str, str]:
    return {
        path.relative_to(REPOS / name).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((REPOS / name).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.name != "expected.toml"
    }


def services_in(name: str, more: dict[str, str] | None = None) -> dict[str, Service]:
    return {row.name: row for row in found_in({**files_of(name), **(more or {})}).found if row.kind == "deployable"}


def places(row: Service) -> set[tuple[str, str, int | None]]:
    return {(e.kind, e.path, e.line) for e in row.evidence}


def test_an_overlay_says_replicas_and_requests_and_skaffold_from_where_the_image_is_built() -> None:
    row = services_in("overlaid")["ordering"]
    assert (row.replicas, dict(row.operations)["memory_request"], dict(row.operations)["cpu_request"]) == (
        6,
        "512Mi",
        "100m",
    )
    overlay = "code/ordering/k8s/overlays/production"
    assert places(row) >= {
        ("kubernetes", "code/ordering/k8s/base/deployment.yaml", 10),
        ("skaffold", "skaffold.yaml", 5),
        ("dockerfile", "code/ordering/Dockerfile", 4),
        ("kustomize", f"{overlay}/kustomization.yaml", 4),
        ("kustomize", f"{overlay}/memory.yaml", 9),
    }


def test_an_overlay_for_development_says_nothing() -> None:
    more = {
        "code/ordering/k8s/overlays/dev/kustomization.yaml": "resources: [../../base]\nreplicas: [{name: ordering, count: 9}]\n"
    }
    assert services_in("overlaid", more)["ordering"].replicas == 6


def test_overlays_that_all_name_each_other_are_walked_once() -> None:
    """Ways between twelve folders that lead through eight of them: more than any walk of each could end."""
    folders = [f"ring{n}" for n in range(12)]
    more = {
        f"{own}/kustomization.yaml": "resources:\n- ../code/ordering/k8s/base\n"
        + "".join(f"- ../{other}\n" for other in folders)
        + f"replicas: [{{name: ordering, count: {10 + number}}}]\n"
        for number, own in enumerate(folders)
    }
    row = services_in("overlaid", more)["ordering"]
    assert row.replicas == 21
    assert {(f"{own}/kustomization.yaml", 15) for own in folders} <= {(e.path, e.line) for e in row.evidence}


@pytest.mark.parametrize(
    ("patch", "replicas"),
    [
        (
            "patches:\n  - target: {kind: Deployment, name: ordering}\n    patch: |-\n      - {op: replace, path: /spec/replicas, value: 8}\n",
            8,
        ),
        (
            "patches:\n  - target: {kind: Deployment}\n    patch: |-\n      - {op: replace, path: /spec/replicas, value: 8}\n",
            8,
        ),
        (
            "patches:\n  - target: {kind: StatefulSet}\n    patch: |-\n      - {op: replace, path: /spec/replicas, value: 8}\n",
            6,
        ),
        (
            "patchesStrategicMerge:\n  - |-\n    kind: Deployment\n    metadata: {name: ordering}\n    spec: {replicas: 7}\n",
            7,
        ),
        ("patchesStrategicMerge: [nowhere.yaml]\n", 6),
        ("patches:\n  - path: ../../../../../../../../etc/passwd\n", 6),
    ],
)
def test_patches_in_all_forms(patch: str, replicas: int) -> None:
    more = {"code/ordering/k8s/overlays/south/kustomization.yaml": f"resources: [../production]\n{patch}"}
    assert services_in("overlaid", more)["ordering"].replicas == replicas


def test_overlays_that_stand_on_each_other_end() -> None:
    more = {
        "a/kustomization.yaml": "resources: [../b, .]\nreplicas: [{name: ordering, count: 2}]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
        "c/kustomization.yaml": "a: [&a [x], *a, *a\n",
    }
    assert services_in("overlaid", more)["ordering"].replicas == 6


def test_a_patch_that_gives_another_command_is_another_process() -> None:
    patch = "kind: Deployment\nmetadata: {name: ordering}\nspec:\n  template:\n    spec:\n      containers:\n        - {name: server, command: [celery, -A, jobs, worker]}\n"
    more = {
        "code/ordering/jobs.py": "import celery\n\napp = celery.Celery()\n",
        "code/ordering/k8s/overlays/work/kustomization.yaml": "resources: [../../base]\npatches: [{path: command.yaml}]\n",
        "code/ordering/k8s/overlays/work/command.yaml": patch,
    }
    found = found_in({**files_of("overlaid"), **more}).found
    assert sorted((row.roles, row.entries[0].path) for row in found if row.root == "code/ordering") == [
        (("web",), "code/ordering/orders/web.py"),
        (("worker",), "code/ordering/jobs.py"),
    ]


def test_cloud_run_says_how_many_it_keeps_and_its_limits() -> None:
    row = services_in("overlaid")["pages"]
    assert (row.replicas, dict(row.operations)["memory_request"], row.roles) == (2, "256Mi", ("web",))


def test_what_a_timetable_starts_says_when() -> None:
    nightly = services_in("overlaid")["nightly"]
    assert dict(nightly.operations)["schedule"] == "15 2 * * *"
    found = services_in("timetable")
    assert {name: (dict(row.operations)["schedule"], row.entries[0].path) for name, row in found.items()} == {
        "mirror": ("*-*-* 04:30:00 (ops/systemd/mirror.timer:2)", "jobs/mirror.py"),
        "prices": ("*/10 * * * * (ops/cron.d/shop:3)", "jobs/prices.py"),
        "sweep": ("@daily (ops/cron.d/shop:4)", "jobs/sweep.py"),
    }


@pytest.mark.parametrize(
    ("line", "schedule"),
    [
        ("5 4 * * 1-5 python jobs/prices.py", "5 4 * * 1-5 (crontab:1)"),
        ("0 */2 * * MON,FRI  root  python jobs/prices.py", "0 */2 * * MON,FRI (crontab:1)"),
        ("@hourly python jobs/prices.py", "@hourly (crontab:1)"),
        ("PATH=/usr/bin python jobs/prices.py", ""),
        ("please run python jobs/prices.py every day", ""),
    ],
)
def test_lines_of_a_crontab(line: str, schedule: str) -> None:
    files = {"jobs/prices.py": "print(1)\n", "crontab": f"{line}\n"}
    assert [dict(row.operations).get("schedule", "") for row in found_in(files).found if row.kind == "deployable"] == (
        [schedule] if schedule else []
    )


def test_a_script_of_a_cron_folder() -> None:
    files = {"jobs/prices.py": "print(1)\n", "etc/cron.daily/prices": "#!/bin/sh\nexec python /app/jobs/prices.py\n"}
    (row,) = (row for row in found_in(files).found if row.kind == "deployable")
    assert (dict(row.operations)["schedule"], row.entries[0].path) == (
        "@daily (etc/cron.daily/prices:1)",
        "jobs/prices.py",
    )


def test_a_proto_names_what_clients_can_call_and_what_goes_over_the_wire() -> None:
    found = services_in("proto_elsewhere")
    send = "shop.mail.v1.Mail/Send(Letter) returns (Receipt) (protos/mail.proto:6)"
    follow = "shop.mail.v1.Mail/Follow(Receipt) returns (stream State) (protos/mail.proto:7)"
    assert [(c.name, c.declared) for c in found["mail"].contracts] == [("Mail/Follow", follow), ("Mail/Send", send)]
    assert [(w.service, w.line, w.declared) for w in found["front"].calls_out] == [
        (None, 17, "shop.mail.v1.Depot/Take(Parcel) returns (Receipt) (protos/mail.proto:10)"),
        ("mail", 18, send),
    ]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("path", "text", "rows"),
    [
        ("skaffold.yaml", BOMB, 1),
        ("kustomization.yaml", BOMB, 1),
        ("kustomization.yaml", "\0" * 100, 1),
        ("kustomization.yaml", "resources: [" + "../" * 5_000 + "x]\n", 0),
        ("skaffold-more.yaml", "build: {artifacts: 7}\n", 0),
        ("stacks.yaml", "services:\n" * 26_000, 0),
        ("crontab", "* * * * * " + "x" * 100_000 + "\n", 0),
        ("crontab", ("* " * 20_000) + "\n", 0),
        ("etc/cron.d/a", "*/5 * * * * root '\"unclosed\n", 0),
        ("a.proto", "service A { rpc B (" + "(" * 50_000, 0),
        ("a.proto", "/*" * 50_000, 0),
        ("a.proto", 'service "' * 20_000, 0),
        ("a/b.timer", "OnCalendar=" * 20_000, 0),
        ("other.yaml", "services:\n" + " image: x\n" * 10_000, 1),
    ],
)
def test_a_hostile_file_costs_one_row_and_little_time(path: str, text: str, rows: int) -> None:
    files = {"Procfile": "web: python m.py\n", "m.py": "print(1)\n", path: text}
    begun = time.process_time()
    found = found_in(files)
    assert time.process_time() - begun < 5
    assert [s.name for s in found.found if s.kind == "deployable"] == ["web"]
    assert len([r for r in found.rejected if r.path == path]) <= rows
