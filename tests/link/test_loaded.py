"""link: which modules a call loads by the name of a file, and what it must not guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.programs import program_of

LOADER = """
    import importlib.util
    from os.path import join, splitext

    def load_module(filename, folder):
        name = splitext(filename)[0]
        spec = importlib.util.spec_from_file_location(name, join(folder, filename))
        return spec
"""
PLUGINS = {"app/plugins/one.py": "x = 1", "app/plugins/two.py": "x = 2", "app/plugins/deep/three.py": "x = 3"}
ONE_TWO = {"app.plugins.one", "app.plugins.two"}


def loads(files: dict[str, str]) -> set[tuple[str, str, int]]:
    return {(e.importer, e.imported, e.line) for e in program_of(files).loads}


def loaded(text: str, **more: str) -> set[str]:
    """What `app/main.py` of this text loads, beside the plug-ins."""
    return {name for _, name, _ in loads({"app/main.py": text, **PLUGINS, **more})}


def test_a_folder_that_a_caller_hands_over_belongs_to_the_caller() -> None:
    files = {
        "app/loader.py": LOADER,
        "app/plugins/__init__.py": """
            from os.path import dirname, realpath
            from app.loader import load_module

            HERE = dirname(realpath(__file__))

            def start(name):
                return load_module(name + ".py", HERE)
        """,
        **PLUGINS,
    }
    assert loads(files) == {("app.plugins", name, 8) for name in ONE_TWO}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ('os.path.join(os.path.dirname(__file__), "plugins", "one.py")', {"app.plugins.one"}),
        ('Path(__file__).parent / "plugins" / f"{name}.py"', ONE_TWO),
        ('Path(__file__).resolve().parents[0].joinpath("plugins", "two.py")', {"app.plugins.two"}),
        ('Path(__file__).with_name("main2.py")', {"app.main2"}),
        ('"app/plugins/two.py"', {"app.plugins.two"}),
        ('"plugins/two.py"', {"app.plugins.two"}),  # beside the file that names it
        ("name", set()),
        ('os.path.join(name, "one.py")', set()),
        ('Path(__file__).parents[3] / "one.py"', set()),
        ('"/etc/app/one.py"', set()),
        ('Path(__file__).parent / "plugins" / "one.txt"', set()),
    ],
)
def test_a_path_is_followed_as_far_as_the_code_says_it(path: str, expected: set[str]) -> None:
    text = f"""
        import os, runpy
        from pathlib import Path

        def run(name):
            runpy.run_path({path})
    """
    assert loaded(text, **{"app/main2.py": ""}) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ('(HERE / "plugins").glob("*.py")', ONE_TWO),
        ('sorted((HERE / "plugins").iterdir())', ONE_TWO),
        ('(HERE / "plugins").rglob("*.py")', {*ONE_TWO, "app.plugins.deep.three"}),
        ('glob.glob(str(HERE / "plugins" / "t*.py"))', {"app.plugins.two"}),
        ("find()", set()),
    ],
)
def test_what_a_folder_lists_is_loaded(files: str, expected: set[str]) -> None:
    text = f"""
        import glob, importlib.util
        from pathlib import Path

        HERE = Path(__file__).parent
        for path in {files}:
            spec = importlib.util.spec_from_file_location(path.stem, path)
    """
    assert loaded(text) == expected


def test_a_file_that_is_read_and_executed_is_loaded_and_a_text_is_not() -> None:
    text = """
        def conf(text):
            exec(open("app/plugins/one.py").read())
            with open("app/plugins/two.py") as file:
                exec(compile(file.read(), "two.py", "exec"))
            exec(text)
            exec("import os")
    """
    assert loaded(text) == ONE_TWO


def test_what_nobody_names_is_counted() -> None:
    program = program_of({"app/loader.py": LOADER, **PLUGINS})
    assert program.loads == () and program.bounds_hit["files-loaded"] == 1


def test_a_test_loads_nothing_and_a_function_of_another_name_is_none_of_ours() -> None:
    text = 'import runpy\nrunpy.run_path("app/plugins/one.py")\n'
    assert loads({"tests/test_app.py": text, **PLUGINS}) == set()
    assert loaded("def run_path(name): ...\nrun_path('app/plugins/one.py')\n") == set()


@given(st.lists(st.sampled_from(["..", ".", "a", "plugins", "one.py", "*", "**", ""]), max_size=6))
def test_no_path_leads_out_of_the_folder_or_to_itself(parts: list[str]) -> None:
    text = f"import os, runpy\nrunpy.run_path(os.path.join(os.path.dirname(__file__), *{parts!r}))\n"
    joined = (
        f"import os, runpy\nrunpy.run_path(os.path.join(os.path.dirname(__file__), {', '.join(map(repr, parts))}))\n"
    )
    for one in (text, joined):
        assert loaded(one) <= {*ONE_TWO, "app.plugins.deep.three"}
