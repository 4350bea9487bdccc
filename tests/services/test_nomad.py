"""Nomad job files: what their tasks start, how often, when; what is no job and what a template leaves unknown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from readiness.services.artifacts import Built
from readiness.services.images import read_image
from readiness.services.manifests import read_manifests
from readiness.services.nomad import is_nomad, read_nomad
from readiness.types.tree import Text

JOB = """\
job "orders" {
  type = "service"  # stays
  group "web" {
    count = 3
    task "api" {
      driver = "docker"
      env { SECRET = "${{SECRET}}"
        ${{MORE}}
      }
      template { data = <<EOF
task "no" { driver = "docker" config { command = "python" args = ["no.py"] } }
EOF
      }
      config {
        image = "registry/orders:1"
        args  = ["--workers", "4", "orders.web:app"]
      }
      resources {
        cpu    = 500
        memory = 256
      }
      service {
        check { type = "http" path = "/health" }
      }
    }
    task "migrate" {
      lifecycle { hook = "prestart" }
      driver = "docker"
      config { command = "python" args = ["migrate.py"] }
    }
  }
}
"""
IMAGE = 'FROM python\nENTRYPOINT ["gunicorn"]\nCMD ["other:app"]\n'


def test_a_task_takes_its_image_s_entry_point_and_says_how_it_runs() -> None:
    built = Built({"orders/Dockerfile": read_image("orders/Dockerfile", IMAGE)})
    (row,) = read_nomad("deploy/orders.nomad", JOB, built)
    assert (row.kind, row.path, row.line, row.name) == ("nomad", "deploy/orders.nomad", 16, "api")
    assert row.argv == ("gunicorn", "--workers", "4", "orders.web:app")
    assert row.via == (("orders/Dockerfile", 3),)
    assert row.replicas == 3
    assert row.keeps == "a service of Nomad"
    assert row.resources == (
        ("cpu_request", "500 MHz"), ("memory_request", "256 MB"), ("probes", "check (deploy/orders.nomad:23)"),
    )  # fmt: skip


def test_a_periodic_job_has_its_timetable_and_the_job_s_name_where_it_is_one_task() -> None:
    text = 'job "nightly" {\n type = "batch"\n periodic { cron = "0 3 * * *" }\n group "g" { task "t" {\n driver = "raw_exec"\n'
    text += ' config {\n command = "python3"\n args = ["jobs/nightly.py"]\n } } } }\n'
    (row,) = read_nomad("nightly.hcl", text, Built({}))
    assert (row.name, row.line, row.argv, row.keeps) == ("nightly", 7, ("python3", "jobs/nightly.py"), "")
    assert row.resources == (("schedule", "0 3 * * *"),)


def test_templates_are_read_and_other_hcl_is_none() -> None:
    text = (
        'job "FETCH_${{INDEX}}" {\n group "jobs" { task "fetch" { driver = "docker"\n config { image = "${{IMAGE}}"\n'
    )
    text += ' args = ["python3", "manage.py", "fetch"]\n memory = ${{RAM}}\n } } } }\n'
    launches, unread = read_manifests((Text("jobs/fetch.nomad.tpl", text),))
    assert [(row.name, row.line, row.argv) for row in launches] == [("fetch", 4, ("python3", "manage.py", "fetch"))]
    assert unread == ()
    assert not is_nomad("main.hcl", 'resource "aws_instance" "web" { ami = "x" }')
    assert not is_nomad("job.yaml", JOB)


@given(st.text(alphabet='job task{}[]="\n $#/<E', max_size=200))
def test_no_text_is_too_broken(text: str) -> None:
    for row in read_nomad("x.nomad", 'job "a" {\n' + text, Built({})):
        assert row.argv
