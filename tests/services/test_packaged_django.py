"""A packaged command that stands for manage.py -> the management commands that it starts."""

from __future__ import annotations

from tests.services.scans import found_in

COMMAND = """\
import time

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, *args, **options):
        while True:
            time.sleep(1)
"""


def test_a_packaged_command_that_hands_its_words_to_django_starts_management_commands() -> None:
    found = found_in(
        {
            "setup.cfg": "[options.entry_points]\nconsole_scripts =\n  shop-manage = shop:manage\n",
            "shop/__init__.py": """\
                def manage():
                    from django.core.management import execute_from_command_line
                    execute_from_command_line()
                """,
            "shop/main/__init__.py": "",
            "shop/main/management/__init__.py": "",
            "shop/main/management/commands/__init__.py": "",
            "shop/main/management/commands/dispatch_jobs.py": COMMAND,
            "supervisor.conf": "[program:jobs]\ncommand = shop-manage dispatch_jobs\n[program:schema]\ncommand = shop-manage migrate\n",
        }
    )
    assert [(s.name, [(e.path, e.target.partition(":")[2]) for e in s.entries]) for s in found.found] == [
        ("jobs", [("shop/main/management/commands/dispatch_jobs.py", "Command.handle")])
    ]
    assert [(e.kind, e.path, e.line) for e in found.found[0].evidence] == [
        ("supervisord", "supervisor.conf", 2),
        ("console-script", "setup.cfg", 3),
    ]


def test_a_django_project_loads_its_modules_by_name_but_not_those_of_another_code_base() -> None:
    found = found_in(
        {
            "Procfile": "web: gunicorn shop.wsgi:application\n",
            "manage.py": "",
            "shop/__init__.py": "",
            "shop/wsgi.py": "application = None\n",
            "shop/views.py": "x = 1\n",
            "kit/setup.py": "",
            "kit/kit/__init__.py": "",
            "kit/kit/client.py": "x = 1\n",
        }
    )
    assert [(s.name, s.own) for s in found.found] == [("web", ("manage", "shop", "shop.views", "shop.wsgi"))]
