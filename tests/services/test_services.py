"""Trees and programs made by hand -> services."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.services import find_services
from readiness.types.config import Config, ServiceRule
from readiness.types.program import AppObject, Coupling, ImportEdge, Module, Program
from readiness.types.rulebook import Library, Rulebook, Scoring
from readiness.types.services import Services
from readiness.types.tree import GitFacts, Source, Text, Tree

AIRFLOW = Library("apache-airflow", ("airflow",), "airflow.md", "airflow", family=("orchestrator",))
RULEBOOK = Rulebook((), (AIRFLOW,), Scoring("1", {}, {}, {}), "")


def services(
    paths: list[str],
    texts: Mapping[str, str],
    imports: tuple[tuple[str, str], ...] = (),
    config: Config | None = None,
    apps: tuple[AppObject, ...] = (),
) -> Services:
    names = {path: path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths}
    sources = tuple(
        Source(path, name, name, ".", path.endswith("__init__.py"), 1, 0, 0) for path, name in names.items()
    )
    tree = Tree("x", sources, tuple(Text(path, text) for path, text in texts.items()), (), GitFacts())
    modules = tuple(Module(n, n, p, p.endswith("__init__.py"), 10, None, True, "tests/" in p) for p, n in names.items())
    edges = tuple(ImportEdge(importer, imported, 3, "runtime") for importer, imported in imports)
    program = Program(modules, edges, (), (), (), (), (), (), (), (), (), apps, 0, 0, 0)
    return find_services(tree, {}, program, Coupling({}, (), (), None), RULEBOOK, config or Config())


def test_each_role_of_one_script_is_a_service() -> None:
    found = services(
        ["shop/__init__.py", "shop/web.py", "shop/jobs.py"],
        {
            "Dockerfile": 'FROM python\nCOPY . /app\nENTRYPOINT ["/app/start.sh"]\n',
            "start.sh": "#!/bin/sh\ncase $1 in\nweb) exec gunicorn shop.web:app ;;\nworker) exec celery -A shop.jobs worker ;;\n"
            "beat) exec celery -A shop.jobs beat ;;\nesac\n",
        },
    )
    assert [(s.name, s.roles, s.entries[0].path, s.evidence[0].line) for s in found.found] == [
        ("web", ("web",), "shop/web.py", 3),
        ("worker", ("worker",), "shop/jobs.py", 4),
        ("beat", ("scheduler",), "shop/jobs.py", 5),
    ]


def test_one_command_in_two_manifests_is_one_service_and_equal_file_names_stay_apart() -> None:
    docker = 'FROM python\nWORKDIR /app\nCOPY {0} /app\nCMD ["python", "main.py"]\n'
    found = services(
        ["a/main.py", "b/main.py"],
        {
            "a/Dockerfile": docker.format("a"),
            "b/Dockerfile": docker.format("b"),
            "docker-compose.yml": "services:\n  first:\n    build: a\n  second:\n    build: {context: ., dockerfile: b/Dockerfile}\n",
        },
    )
    assert [(s.name, s.root, s.entries[0].path) for s in found.found] == [
        ("first", "a", "a/main.py"),
        ("second", "b", "b/main.py"),
    ]
    assert {e.kind for e in found.found[0].evidence} == {"compose", "dockerfile"}


def test_a_packaged_command_with_a_role_is_one_service_each() -> None:
    found = services(
        ["p/__init__.py", "p/cmd.py"],
        {
            "pyproject.toml": '[project.scripts]\np-server = "p.cmd:main"\n',
            "u/engine.service": "ExecStart=/usr/bin/p-server --server engine\n",
            "u/api.service": "ExecStart=/usr/bin/p-server --server api\n",
        },
    )
    assert [(s.name, s.entries[0].path) for s in found.found] == [("api", "p/cmd.py"), ("engine", "p/cmd.py")]


def test_tests_and_examples_are_rejected_with_a_correction() -> None:
    found = services(
        ["examples/a.py", "b.py"],
        {
            "examples/Dockerfile": "FROM p\nCMD python a.py\n",
            "compose.test.yml": "services:\n  b:\n    command: python b.py\n",
        },
    )
    assert [(s.kind, s.id) for s in found.found] == [("seam", "b")]
    assert [(r.path, r.line, "match" in r.correction) for r in found.rejected] == [
        ("compose.test.yml", 3, True),
        ("examples/Dockerfile", 2, True),
    ]


def test_modules_are_own_or_shared_and_crossing_imports_are_seams() -> None:
    found = services(
        ["a/main.py", "a/own.py", "b/main.py", "lib/db.py", "tests/t.py"],
        {"Procfile": "one: python a/main.py\ntwo: python b/main.py\n"},
        (("a.main", "a.own"), ("a.own", "lib.db"), ("b.main", "lib.db"), ("tests.t", "a.own")),
    )
    one, two = found.found
    assert (one.name, one.own, one.shared) == ("one", ("a.main", "a.own"), ("lib.db",))
    assert (two.name, two.own, two.shared) == ("two", ("b.main",), ("lib.db",))
    assert [(s.importer, s.imported, s.line, s.reason) for s in two.seams] == [
        ("b.main", "lib.db", 3, "also used by one")
    ]


def test_without_a_process_packages_are_seams() -> None:
    found = services(["p/__init__.py", "p/a.py", "tests/x.py", "docs/conf.py", "setup.py"], {}, (("p", "p.a"),)).found
    assert [(s.id, s.kind, s.archetype, s.own) for s in found] == [("p", "seam", "library", ("p", "p.a"))]


def test_the_configuration_names_excludes_and_adds() -> None:
    rules = (
        ServiceRule(("a.py",), name="first"), ServiceRule(("b.py",), exclude=True), ServiceRule((), name="more", entry="c.py"),
    )  # fmt: skip
    found = services(
        ["a.py", "b.py", "c.py"], {"Procfile": "x: python a.py\ny: python b.py\n"}, config=Config(services=rules)
    )
    assert [(s.name, s.entries[0].path) for s in found.found] == [("first", "a.py"), ("more", "c.py")]
    assert [(r.path, r.reason) for r in found.rejected] == [("b.py", "left out by the configuration")]


def test_steps_before_the_last_command_of_a_start_script_are_no_processes() -> None:
    found = services(
        ["p/management/commands/fill.py", "p/management/commands/listen.py", "p/management/commands/once.py"],
        {
            "s6/svc-listen/run": "#!/bin/sh\npython manage.py fill\nexec python manage.py listen\n",
            "s6/init-once/run": "#!/bin/sh\nexec python manage.py once\n",
        },
    )
    assert [(s.name, s.entries[0].path, s.evidence[0].line) for s in found.found] == [
        ("listen", "p/management/commands/listen.py", 3)
    ]


def test_a_version_names_no_service_and_set_up_commands_are_rejected() -> None:
    found = services(
        ["cmd/median/v1beta1/main.py", "p/tool.py"],
        {
            "cmd/median/v1beta1/Dockerfile": "FROM p\nCOPY . /x\nWORKDIR /x/cmd/median/v1beta1\nCMD python main.py\n",
            "pyproject.toml": '[project.scripts]\np-manage = "p.tool:main"\n',
        },
    )
    assert [(s.name, s.entries[0].path) for s in found.found] == [("median", "cmd/median/v1beta1/main.py")]
    assert [(r.name, r.reason) for r in found.rejected] == [
        ("p-manage", "a packaged command that sets something up and ends")
    ]


def test_dags_of_a_folder_are_one_row_and_an_app_beside_manifests_is_rejected() -> None:
    apps = (
        AppObject("dags.a:d", "dags/a.py", 4, "airflow.DAG", "app"),
        AppObject("dags.b:d", "dags/b.py", 5, "airflow.DAG", "app"),
        AppObject("old.wsgi:app", "old/wsgi.py", 6, "flask.Flask", "app"),
    )
    found = services(["dags/a.py", "dags/b.py", "old/wsgi.py", "m.py"], {"Procfile": "run-m: python m.py\n"}, apps=apps)
    assert [(s.name, s.archetype, [(e.path, e.line) for e in s.evidence]) for s in found.found] == [
        ("run-m", "daemon", [("Procfile", 1)]),
        ("dags", "pipeline", [("dags/a.py", 4), ("dags/b.py", 5)]),
    ]
    assert [(r.path, r.line, r.evidence) for r in found.rejected] == [("old/wsgi.py", 6, "app-object")]


def test_an_app_is_a_service_where_no_manifest_starts_anything() -> None:
    found = services(["api/app.py"], {}, apps=(AppObject("api.app:app", "api/app.py", 6, "fastapi.FastAPI", "app"),))
    assert [(s.kind, s.name, s.roles, s.strength) for s in found.found] == [("deployable", "api", ("web",), 0.6)]


def test_a_base_compose_file_names_before_its_overrides_and_a_mock_server_is_rejected() -> None:
    found = services(
        ["a/main.py", "mock-server/main.py"],
        {
            "start.sh": "#!/bin/sh\nexec python a/main.py\n",
            "compose.yaml": "services:\n  updater:\n    build: .\n    command: ./start.sh\n",
            "compose.prod.yaml": "services:\n  next-updater:\n    build: .\n    command: ./start.sh\n"
            "  other:\n    build: .\n    command: python mock-server/main.py\n",
        },
    )
    assert [s.name for s in found.found] == ["updater"]
    assert [(r.path, r.line, r.reason.split(":")[0]) for r in found.rejected] == [
        ("compose.prod.yaml", 7, "`mock` in mock-server/main.py")
    ]


def test_what_a_manifest_starts_again_whenever_it_ends_stays() -> None:
    found = services(
        ["a.py", "b.py", "c.py", "d.py", "job.py"],
        {
            "run.sh": "#!/bin/sh\nexec python a.py\n",
            "compose.yaml": "services:\n  a:\n    command: ./run.sh\n    restart: always\n"
            "  d:\n    command: python d.py\n    restart: on-failure\n",
            "b.service": "[Service]\nExecStart=/usr/bin/python b.py\nRestart=always\n",
            "c.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}\nspec:\n  template:\n    spec:\n      containers:\n"
            "        - name: c\n          command: [python, c.py]\n",
            "job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: job}\nspec:\n  template:\n    spec:\n      containers:\n"
            "        - name: job\n          command: [python, job.py]\n",
        },
    )
    kept = {s.name: [(e.path, e.line, e.detail) for e in s.evidence if e.kind == "stays"] for s in found.found}
    again = "started again when it ends"
    assert kept == {
        "a": [("compose.yaml", 3, f"restart: always: {again}")],
        "b": [("b.service", 2, f"Restart=always: {again}")],
        "c": [("c.yaml", 9, f"Deployment: {again}")],
        "d": [],
        "job": [],
    }


def test_manifests_that_are_jinja_templates_are_read_with_their_own_path() -> None:
    found = services(
        ["shop/__init__.py", "shop/wsgi.py", "shop/jobs.py", "shop/other.py"],
        {
            "roles/files/uwsgi.ini": "[uwsgi]\nprocesses = 5\nmount = %(_)=shop.wsgi:application\n",
            "roles/templates/supervisor.conf.j2": "[program:jobs]\n{% if dev | bool %}\ncommand = make jobs\n{% else %}\n"
            "command = {{ venv | default('/venv') }}/bin/python -m shop.jobs\n{% endif %}\n",
            "roles/templates/other.service.j2": "[Service]\nExecStart={{ python }} -m shop.other\nRestart=always\n",
            "roles/templates/other.service": "[Service]\nExecStart=/usr/bin/python -m shop.other\n",
        },
    )
    assert [(s.name, s.entries[0].path, s.workers, s.evidence[0].path, s.evidence[0].line) for s in found.found] == [
        ("shop", "shop/wsgi.py", 5, "roles/files/uwsgi.ini", 3),
        ("jobs", "shop/jobs.py", None, "roles/templates/supervisor.conf.j2", 5),
        ("other", "shop/other.py", None, "roles/templates/other.service", 2),
    ]
