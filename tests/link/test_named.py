"""Dotted texts and settings -> what they name in the program."""

from __future__ import annotations

import pytest

from readiness.types.program import Program
from tests.programs import program_of

HOOKS = """
    import requests

    class Timing:
        def __init__(self, get_response):
            self.get_response = get_response

        def __call__(self, request):
            return self.get_response(request)

    class Mail:
        def send_messages(self, messages):
            requests.post("http://mail")

    def hook(x):
        requests.get("http://hook")
    """


def reached(program: Program) -> dict[str, list[str]]:
    """Function -> the functions of the program that it calls."""
    found: dict[str, list[str]] = {}
    for edge in program.calls:
        if edge.callee >= 0 and edge.how == "call":
            found.setdefault(program.functions[edge.caller].target, []).append(program.functions[edge.callee].target)
    return found


@pytest.mark.parametrize(
    "body",
    [
        "from django.utils.module_loading import import_string\ndef f():\n    import_string('app.hooks.hook')(1)\n",
        "from pkgutil import resolve_name\ndef f():\n    resolve_name('app.hooks:hook')(1)\n",
        "from importlib import import_module\ndef f():\n    import_module('app.hooks').hook(1)\n",
        "from importlib import import_module\nNAME = 'app.hooks'\ndef f():\n    getattr(import_module(NAME), 'hook')(1)\n",
        (
            "from django.utils.module_loading import import_string\nfrom django.conf import settings\n"
            "def f():\n    import_string(settings.MY_HOOK)(1)\n"
        ),
    ],
)
def test_a_text_names_a_function_of_the_program(body: str) -> None:
    program = program_of(
        {"app/__init__.py": "", "app/hooks.py": HOOKS, "app/settings.py": "MY_HOOK = 'app.hooks.hook'\n", "m.py": body}
    )
    assert reached(program)["m:f"] == ["app.hooks:hook"]


def test_a_class_that_is_named_in_settings_has_its_methods() -> None:
    program = program_of({
        "app/__init__.py": "",
        "app/hooks.py": HOOKS,
        "conf.py": "EMAIL_BACKEND = 'app.hooks.Mail'\n",
        "other/settings.py": "EMAIL_BACKEND = 'app.hooks.hook'\n",
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf')\n",
        "m.py": """
            from django.conf import settings
            from django.utils.module_loading import import_string

            def send():
                import_string(settings.EMAIL_BACKEND)().send_messages([])
            """,
    })  # fmt: skip
    assert reached(program)["m:send"] == ["app.hooks:Mail.send_messages"]


def test_what_settings_name_is_imported_and_called_back() -> None:
    program = program_of({
        "app/__init__.py": "",
        "app/hooks.py": HOOKS,
        "manage.py": "import django\n",
        "app/settings.py": "A = 1\nMIDDLEWARE = ['django.middleware.X', 'app.hooks.Timing']\nLOGGING = {'a': {'()': 'app.hooks.hook'}}\nnote = 'app.hooks.Mail'\n",
    })  # fmt: skip
    called = {(program.functions[e.callee].qualname, e.line) for e in program.calls if e.how == "callback"}
    assert called == {("Timing.__init__", 2), ("Timing.__call__", 2), ("hook", 3)}
    assert {(e.importer, e.imported, e.line) for e in program.imports_dynamic} == {
        ("app.settings", "app.hooks", 2),
        ("app.settings", "app.hooks", 3),
    }


def test_settings_of_a_program_without_the_framework_name_nothing() -> None:
    program = program_of(
        {"app/__init__.py": "", "app/hooks.py": HOOKS, "app/settings.py": "HOOKS = ['app.hooks.Timing']\n"}
    )
    assert program.imports_dynamic == ()
    assert [e for e in program.calls if e.how == "callback"] == []


def test_modules_that_texts_name_where_a_text_is_imported() -> None:
    """A default of a setting, a list of plug-ins, `module:object`; not where every import is written out, nor what is no name."""
    files = {
        "app/__init__.py": "",
        "app/loading.py": "import importlib\ndef load(name):\n    return importlib.import_module(name)\n",
        "app/settings.py": (
            "define('STORE', 'app.stores.disk', 'app.stores is a package')\n"
            "PLUGINS = ['app.plugins.first', {'second': 'app.plugins.second:Second'}]\n"
            "WORDS = ['app', 'app.missing', 'os.path']\n"
        ),
        "app/stores/__init__.py": "",
        "app/stores/disk.py": "",
        "app/plugins/__init__.py": "",
        "app/plugins/first.py": "",
        "app/plugins/second.py": "class Second: ...\n",
    }
    named = [(e.importer, e.imported, e.line) for e in program_of(files).texts]
    assert named == [
        ("app.settings", "app.plugins.first", 2),
        ("app.settings", "app.plugins.second", 2),
        ("app.settings", "app.stores.disk", 1),
    ]
    spelled = files | {"app/loading.py": "import importlib\nimportlib.import_module('app.stores.disk')\n"}
    assert program_of(spelled).texts == ()
