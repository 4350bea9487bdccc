"""Manifests as text -> launches with lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.services.lines import Broken, read_yaml
from readiness.services.manifests import read_manifests
from readiness.services.shell import read_script
from readiness.types.tree import Text

DOCKER = 'FROM python AS base\nWORKDIR /app\nFROM base\nCOPY src /app\nENTRYPOINT ["tini", "--"]\nCMD ["python", \\\n  "main.py"]\n'
COMPOSE = """\
x-base: &base
  build: .
services:
  api:
    <<: *base
    command: uvicorn a:app
  jobs:
    extends: api
    command: ["celery", "-A", "a", "worker"]
  db:
    image: postgres
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: hub}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: hub
          image: r/hub
          command: [python]
          args: ["-m", hub.server]
"""
SAM = """\
Resources:
  Resize:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn/
      Handler: resize.handler
      Runtime: python3.12
"""
CASES = [
    ("s/Dockerfile", DOCKER, [("dockerfile", 6, "s", ("tini", "--", "python", "main.py"))]),
    (
        "Dockerfile.jobs",
        "FROM x\nENV M=a\nCMD python -m $M\n",
        [("dockerfile", 3, "jobs", ("sh", "-c", "python -m a"))],
    ),
    (
        "compose.yaml",
        COMPOSE,
        [("compose", 6, "api", ("uvicorn", "a:app")), ("compose", 9, "jobs", ("celery", "-A", "a", "worker"))],
    ),
    ("k8s/hub.yml", DEPLOYMENT, [("kubernetes", 11, "hub", ("python", "-m", "hub.server"))]),
    ("template.yaml", SAM, [("serverless", 6, "Resize", ("resize.handler",))]),
    ("Procfile", "release: x\nweb: gunicorn a:b\n", [("procfile", 2, "web", ("sh", "-c", "gunicorn a:b"))]),
    (
        "u/mail.service",
        "[Service]\nExecStart=-/usr/bin/python a.py\n",
        [("systemd", 2, "mail", ("sh", "-c", "/usr/bin/python a.py"))],
    ),
    ("s6/svc-web/run", "#!/bin/sh\nexec granian a:b\n", [("supervised", 1, "web", ("sh", "s6/svc-web/run"))]),
    ("x/sup.conf", "[program:w]\ncommand=python w.py\n", [("supervisord", 2, "w", ("sh", "-c", "python w.py"))]),
    ("pyproject.toml", '[project.scripts]\nrun-it = "a.b:main"\n', [("console-script", 2, "run-it", ("a.b:main",))]),
    (
        "setup.cfg",
        "[options.entry_points]\nconsole_scripts =\n    it = a:main\n",
        [("console-script", 3, "it", ("a:main",))],
    ),
]


@pytest.mark.parametrize(("path", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_manifest_gives_launches_with_lines(path: str, text: str, expected: list[tuple[object, ...]]) -> None:
    launches, unread = read_manifests((Text(path, text),))
    assert [(row.kind, row.line, row.name, row.argv) for row in launches] == expected
    assert unread == ()


def test_replicas_are_kept() -> None:
    assert [row.replicas for row in read_manifests((Text("a.yaml", DEPLOYMENT),))[0]] == [3]


BOMB = "services:\n  a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"  {chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
HOSTILE = [
    ("compose.yml", BOMB),
    ("compose.yml", "services:\n" + "[" * 500),
    ("compose.yml", "a: !!python/object/apply:os.system [x]\n{{- if .x }}\n"),
    ("compose.yml", "services: {a: \0}"),
    ("compose.yml", "a: " + "x" * 30_000),
    ("pyproject.toml", "[[["),
    ("setup.cfg", "no section\n= ["),
]


@pytest.mark.parametrize(("path", "text"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_manifest_costs_one_row(path: str, text: str) -> None:
    launches, unread = read_manifests((Text("Procfile", "web: python a.py"), Text(path, text)))
    assert [row.path for row in launches] == ["Procfile"]
    assert [row.path for row in unread] == [path]


def test_aliases_are_bounded() -> None:
    assert isinstance(read_yaml(BOMB), Broken)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Dockerfile", "compose.yml", "a.service", "setup.cfg", "pyproject.toml", "Procfile"]),
    st.text(max_size=80),
)
def test_any_text_is_survived(path: str, text: str) -> None:
    read_manifests((Text(path, text),))
    read_script(text, ("worker",))


SCRIPT = """\
#!/bin/sh
APP=a.b
serve() {
  exec gunicorn $APP:app
}
case "$1" in
  worker)
    exec celery -A $APP \\
       worker
    ;;
  *) exec "$@" ;;
esac
python last.py
"""


def test_a_script_gives_commands_with_guard_and_line() -> None:
    rows = [(row.argv, row.line, row.guard) for row in read_script(SCRIPT, ("x", "y"))]
    assert rows == [
        (("exec", "gunicorn", "a.b:app"), 4, "serve"),
        (("exec", "celery", "-A", "a.b", "worker"), 8, "worker"),
        (("exec", "x", "y"), 11, "*"),
        (("python", "last.py"), 13, ""),
    ]


@pytest.mark.parametrize(
    ("test", "guard"),
    [
        ('"$ROLE" = "worker"', "worker"),
        ('"$USE_TLS" = "true"', ""),  # a condition is no name of a process
        ('"${LOCAL_DEV:-false}" = "true"', "dev"),
        ('"$DEBUG" = 0', ""),
    ],
)
def test_a_switch_names_no_process_and_one_of_development_says_so(test: str, guard: str) -> None:
    rows = read_script(f"if [ {test} ]; then\n  exec python a.py\nelse\n  exec python b.py\nfi\n")
    assert [(row.argv[-1], row.guard) for row in rows] == [("a.py", guard), ("b.py", "")]


def test_a_value_with_quotes_and_brackets_does_not_end_the_command_into_which_it_is_put() -> None:
    text = '#!/bin/sh\nFORMAT=\'%(h)s "%(r)s" & (x)\'\nexec gunicorn --access-logformat "${FORMAT}" shop.wsgi:application\n'
    (row,) = read_script(text)
    assert (row.argv[0], row.argv[1], row.argv[-1], row.line) == ("exec", "gunicorn", "shop.wsgi:application", 3)
