"""discover: which files are read, what the code itself calls them, and what was left out why."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.discover import REASONS, discover
from readiness.disk import on_disk, shown
from readiness.types.config import Config
from readiness.types.tree import GitFacts, Tree


def make(root: Path, *paths: str, **texts: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    for path, text in texts.items():
        (root / path).write_text(text)


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def tree(root: Path, **settings: object) -> Tree:
    found = discover(root, msgspec.convert(settings, Config), GitFacts())
    assert {row.reason for row in found.skipped} <= REASONS.keys()
    msgspec.json.encode(found)  # every name can stand in JSON
    return found


def modules(found: Tree) -> dict[str, tuple[str, str]]:
    return {source.path: (source.module, source.root) for source in found.sources}


def reasons(found: Tree) -> dict[str, str]:
    return {row.path: row.reason for row in found.skipped}


def test_flat_packages_and_scripts(tmp_path: Path) -> None:
    make(
        tmp_path,
        "app/__init__.py",
        "app/sub/__init__.py",
        "app/sub/x.py",
        "app/__main__.py",
        "run.py",
        "tests/test_x.py",
    )
    assert modules(tree(tmp_path)) == {
        "app/__init__.py": ("app", "."),
        "app/__main__.py": ("app.__main__", "."),
        "app/sub/__init__.py": ("app.sub", "."),
        "app/sub/x.py": ("app.sub.x", "."),
        "run.py": ("run", "."),
        "tests/test_x.py": ("test_x", "tests"),
    }


def test_src_layout_and_a_namespace_package_in_it(tmp_path: Path) -> None:
    make(tmp_path, "pyproject.toml", "src/app/__init__.py", "src/acme/billing/__init__.py", "src/acme/billing/db.py")
    assert modules(tree(tmp_path)) == {
        "src/app/__init__.py": ("app", "src"),
        "src/acme/billing/__init__.py": ("acme.billing", "src"),
        "src/acme/billing/db.py": ("acme.billing.db", "src"),
    }


def test_services_below_a_plain_src_folder_are_roots_of_their_own(tmp_path: Path) -> None:
    make(tmp_path, "src/email/server.py", "src/email/client.py", "src/cart/server.py")
    assert modules(tree(tmp_path)) == {
        "src/cart/server.py": ("server@src/cart", "src/cart"),
        "src/email/client.py": ("client", "src/email"),
        "src/email/server.py": ("server@src/email", "src/email"),
    }


def test_imports_tell_a_namespace_package_from_a_folder_of_scripts(tmp_path: Path) -> None:
    write(tmp_path, "acme/billing/api.py", "from acme.billing import db\nfrom acme.billing.db import x\n")
    write(tmp_path, "acme/billing/db.py", "")
    write(tmp_path, "tools/gen.py", "import helper\n")
    write(tmp_path, "tools/helper.py", "")
    assert modules(tree(tmp_path)) == {
        "acme/billing/api.py": ("acme.billing.api", "."),
        "acme/billing/db.py": ("acme.billing.db", "."),
        "tools/gen.py": ("gen", "tools"),
        "tools/helper.py": ("helper", "tools"),
    }


def test_a_forgotten_init_below_a_package(tmp_path: Path) -> None:
    make(tmp_path, "app/__init__.py", "app/jobs/mail.py")
    write(tmp_path, "app/main.py", "from app.jobs import mail\n")
    assert modules(tree(tmp_path))["app/jobs/mail.py"] == ("app.jobs.mail", ".")


def test_a_configured_source_root(tmp_path: Path) -> None:
    make(tmp_path, "code/python/acme/x.py")
    assert modules(tree(tmp_path, source_roots=["code/python"])) == {"code/python/acme/x.py": ("acme.x", "code/python")}


def test_path_inside_a_package(tmp_path: Path) -> None:
    make(tmp_path, "app/__init__.py", "app/sub/__init__.py", "app/sub/x.py", "app/sub/deep/__init__.py", "app/other.py")
    assert modules(tree(tmp_path / "app" / "sub")) == {
        "__init__.py": ("app.sub", "../.."),
        "deep/__init__.py": ("app.sub.deep", "../.."),
        "x.py": ("app.sub.x", "../.."),
    }


def test_equal_names_are_told_by_root_and_then_by_path(tmp_path: Path) -> None:
    make(tmp_path, "a/main.py", "b/main.py", "c/x.py", "c/x/__init__.py")
    assert modules(tree(tmp_path)) == {
        "a/main.py": ("main@a", "a"),
        "b/main.py": ("main@b", "b"),
        "c/x.py": ("x@c/x.py", "c"),
        "c/x/__init__.py": ("x@c", "c"),
    }


@pytest.mark.parametrize(
    ("first", "is_python"),
    [
        ("#!/usr/bin/python", True),
        ("#!/usr/bin/env python3", True),
        ("#!/usr/bin/env -S python3.12 -u", True),
        ("#!python", True),
        ("#!/usr/bin/env -S uv run --script", True),
        ("#!/opt/pypy3/bin/pypy3", True),
        ("#!/bin/sh", False),
        ("#!/usr/bin/pythonic-tool", False),
        ("import os", False),
    ],
)
def test_scripts_by_their_first_line(tmp_path: Path, first: str, is_python: bool) -> None:
    write(tmp_path, "bin/my-daemon", first + "\nprint(1)\n")
    assert [source.path for source in tree(tmp_path).sources] == (["bin/my-daemon"] if is_python else [])


def test_a_shell_script_without_suffix_is_text(tmp_path: Path) -> None:
    write(tmp_path, "docker/entrypoint", "#!/usr/bin/env bash\nexec gunicorn app:app\n")
    assert [(text.path, text.text[-8:]) for text in tree(tmp_path).texts] == [("docker/entrypoint", "app:app\n")]


def test_gitignore_at_every_level(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "out/b.py", "pkg/c.py", "pkg/d.py", "pkg/keep/e.py", "x_gen/f.py")
    write(tmp_path, ".gitignore", "/out/\n*_gen/\nd.py\n# a comment\n[\n")
    write(tmp_path, "pkg/.gitignore", "c.py\n!d.py\n")
    found = tree(tmp_path)
    assert [source.path for source in found.sources] == ["a.py", "pkg/d.py", "pkg/keep/e.py"]
    assert reasons(found) == {"out": "ignored", "pkg/c.py": "ignored", "x_gen": "ignored"}


def test_a_folder_that_is_taken_back_takes_its_files_back(tmp_path: Path) -> None:
    make(tmp_path, "a/b/a.py", "a/c/d.py")
    write(tmp_path, "a/.gitignore", "**/b\n!b/\n**/c\n")
    assert [source.path for source in tree(tmp_path).sources] == ["a/b/a.py"]


def test_a_gitignore_that_no_expression_can_be_made_of_or_that_never_ends_costs_its_line(tmp_path: Path) -> None:
    long = "a" * 240
    write(tmp_path, ".gitignore", f"x[b-a].py\n[[\n{'*a' * 60}b\n{'*' * 280}.txt\n/out.py\nl***g.py\n")
    for name in ("out.py", "long.py", f"{long}.py", "kept.py"):
        write(tmp_path, name, "")
    begin = time.process_time()
    assert [source.path for source in discover(tmp_path, Config(), GitFacts()).sources] == [f"{long}.py", "kept.py"]
    assert time.process_time() - begin < 2


def test_gitignore_above_the_scanned_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    make(tmp_path, "svc/app/a.py", "svc/app/b.py", "svc/app/local/c.py", "build/x/d.py")
    write(tmp_path, ".gitignore", "/svc/app/b.py\nlocal/\nbuild/\n")
    assert [source.path for source in tree(tmp_path / "svc").sources] == ["app/a.py"]
    assert [source.path for source in tree(tmp_path / "build" / "x").sources] == ["d.py"]


IGNORE_LINES = [
    "*.py",
    "!a.py",
    "/a",
    "a/",
    "b/*",
    "**/b",
    "a/**/b.py",
    "!b/",
    "a.py",
    "?.py",
    "!/a/a.py",
    "#a",
    "a/b",
    "[ab].py",
]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(IGNORE_LINES), max_size=4),
    st.lists(st.sampled_from(IGNORE_LINES), max_size=3),
    st.sets(
        st.sampled_from(["a.py", "b.py", "a/a.py", "a/b.py", "a/b/a.py", "b/a.py", "b/a/b.py", "a/c.py"]), min_size=1
    ),
)
def test_ignored_files_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], inner: list[str], paths: set[str]
) -> None:
    root = tmp_path_factory.mktemp("ignore")
    make(root, *paths)
    write(root, ".gitignore", "\n".join(top))
    write(root, "a/.gitignore", "\n".join(inner))
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    command = ["git", "ls-files", "--others", "--exclude-standard", "-z", "*.py"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
    assert [source.path for source in tree(root).sources] == sorted(path for path in listed if path)


def test_what_is_left_out_and_why(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    make(
        tmp_path,
        "setup.py",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        ".tox/py/x.py",
        "app/_vendor/x.py",
        "node_modules/a/x.py",
        "web/site-packages/x.py",
        "app/service_pb2.py",
        "app/service_pb2_grpc.py",
        "app/__pycache__/x.py",
        "build/lib/app/x.py",
        "{{cookiecutter.name}}/x.py",
        "clone/.git/config",
        "clone/x.py",
        "app/x.py",
    )
    write(tmp_path, "app/project_template/y.py", "import {{ name }}\n")
    write(tmp_path, "app/project_template/z.py", "x = 1\n")
    write(tmp_path, "app/template/engine.py", '"""Fills `{{ name }}` in."""\nclass Engine: pass\n')
    found = tree(tmp_path)
    assert [source.path for source in found.sources] == [
        "app/project_template/z.py",
        "app/template/engine.py",
        "app/x.py",
        "setup.py",
    ]
    assert reasons(found) == {
        ".tox": "cache",
        "app/_vendor": "vendored",
        "app/project_template/y.py": "template",
        "app/service_pb2.py": "generated",
        "app/service_pb2_grpc.py": "generated",
        "build": "build-output",
        "clone": "other-repository",
        "env": "virtual-environment",
        "node_modules": "vendored",
        "web/site-packages": "vendored",
        "{{cookiecutter.name}}": "template",
    }


def test_generated_modules_can_be_imported(tmp_path: Path) -> None:
    make(tmp_path, "app/__init__.py", "app/a_pb2.py", "app/generated/__init__.py", "app/generated/b.py")
    found = tree(tmp_path)
    assert [(source.path, source.module) for source in found.importable] == [
        ("app/a_pb2.py", "app.a_pb2"),
        ("app/generated/__init__.py", "app.generated"),
        ("app/generated/b.py", "app.generated.b"),
    ]
    assert reasons(found) == {"app/a_pb2.py": "generated", "app/generated": "generated"}


def test_a_vendor_folder_of_a_shop_is_code(tmp_path: Path) -> None:
    make(tmp_path, "shop/vendor/models.py", "shop/vendor/__init__.py", "lib/vendor/six.py")
    found = tree(tmp_path)
    assert [source.path for source in found.sources] == ["shop/vendor/__init__.py", "shop/vendor/models.py"]
    assert reasons(found) == {"lib/vendor": "vendored"}


def test_the_configuration_excludes_and_includes(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "old/b.py", "third_party/mine/c.py", "third_party/d.py", "x_pb2.py", ".venv/e.py")
    found = tree(tmp_path, exclude=["old/"], include=["third_party/mine/", "*_pb2.py"])
    assert [source.path for source in found.sources] == ["a.py", "third_party/mine/c.py", "x_pb2.py"]
    assert reasons(found) == {".venv": "virtual-environment", "old": "excluded", "third_party": "vendored"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "app/x.py")
    make(tmp_path, "outside/secret.py")
    (root / "loop").symlink_to(".")
    (root / "alias").symlink_to("app")
    (root / "out").symlink_to("../outside")
    (root / "y.py").symlink_to("/etc/passwd")
    (root / "gone.py").symlink_to("nowhere.py")
    found = tree(root)
    assert [source.path for source in found.sources] == ["app/x.py"]
    assert {row.path: row.detail for row in found.skipped} == {
        "alias": "leads to app",
        "gone.py": "leads nowhere",
        "loop": "leads to .",
        "out": "leads out of the scanned folder",
        "y.py": "leads out of the scanned folder",
    }


def test_a_root_that_is_a_link(tmp_path: Path) -> None:
    make(tmp_path, "real/x.py")
    (tmp_path / "link").symlink_to("real")
    found = tree(tmp_path / "link")
    assert (found.name, [source.path for source in found.sources]) == ("real", ["x.py"])


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "Dockerfile")
    assert reasons(tree(tmp_path)) == {"pipe.py": "special-file", "Dockerfile": "special-file"}


def test_a_large_file_is_counted_and_left_out(tmp_path: Path) -> None:
    write(tmp_path, "big.py", "x = 1\n" * 100)
    (row,) = tree(tmp_path, max_file_bytes=500).skipped
    assert (row.path, row.reason, row.lines) == ("big.py", "too-large", 100)


def test_odd_names_survive(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path)
    names = [b"caf\xe9.py", b"a b.py", b"new\nline.py", b"<script>.py", "ünï.py".encode(), b"\\xff.py", b"\xff.py"]
    for name in names:
        with open(raw + b"/" + name, "wb") as stream:
            stream.write(name)
    found = tree(tmp_path)
    assert reasons(found) == {"\\xff.py": "name-clash"}
    for source in found.sources:
        with open(on_disk(tmp_path, source.path), "rb") as stream:
            assert shown(os.fsdecode(stream.read())) == source.path
    assert len({source.module for source in found.sources}) == len(names) - 1


TEXTS = [
    "Dockerfile",
    "Dockerfile.dev",
    "api.dockerfile",
    "Containerfile",
    "docker-compose.yml",
    "k8s/a.yaml",
    "Procfile",
    "Procfile.dev",
    "x.service",
    "supervisord.conf",
    "conf/supervisord-web.conf",
    "uwsgi.ini",
    "etc/services.d/web/run",
    "etc/s6-rc.d/web/up",
    "start.sh",
    "Makefile",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "requirements.txt",
    "requirements/dev.txt",
    "requirements-prod.in",
    "Pipfile",
    "tox.ini",
    "Jenkinsfile",
    "package.json",
    "app.yaml",
    "a.proto",
    "x.spec",
    "CODEOWNERS",
    ".github/CODEOWNERS",
    ".github/workflows/ci.yml",
    "go.mod",
    ".gitlab-ci.yml",
    "fly.toml",
    "main.tf",
    "job.nomad",
    "crontab",
    "etc/cron.d/job",
    "a.dist-info/entry_points.txt",
    "gunicorn.conf.py",
]
NO_TEXTS = ["readme.md", "data.json", "page.html", "run", "image.png", "notes.txt"]


def test_which_text_is_kept(tmp_path: Path) -> None:
    for path in [*TEXTS, *NO_TEXTS]:
        write(tmp_path, path, path)
    found = tree(tmp_path)
    assert {text.path: text.text for text in found.texts} == {path: path for path in TEXTS}
    assert set(found.files) == {*TEXTS, *NO_TEXTS}


def test_lock_files_of_python_are_text_others_only_names_and_large_texts_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "poetry.lock", "x" * 1_000_000)
    write(tmp_path, "sub/uv.lock", "x" * 5_000_000)
    write(tmp_path, "yarn.lock", "left-pad@1.0.0")
    write(tmp_path, "big.yaml", "x" * 300_000)
    (tmp_path / "bytes.yaml").write_bytes(b"\xef\xbb\xbfa: \xff\n")
    found = tree(tmp_path)
    assert {text.path: text.text for text in found.texts} == {
        "bytes.yaml": "a: \ufffd\n",
        "poetry.lock": "x" * 1_000_000,
        "yarn.lock": "",
    }
    assert reasons(found) == {"big.yaml": "too-large", "sub/uv.lock": "too-large"}


SIGNED = [
    "# Code generated by mockery v2. DO NOT EDIT.\nx = 1\n",
    "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n# @generated by protoc-gen\n",
    "#\n# Autogenerated by Thrift Compiler (0.19.0)\n#\n# DO NOT EDIT UNLESS YOU ARE SURE THAT YOU KNOW WHAT YOU ARE DOING\n",
    "# Generated from Expr.g4 by ANTLR 4.13.1\nfrom antlr4 import *\n",
    '"""\n    Shop API\n\n    Generated by OpenAPI Generator (https://openapi-generator.tech)\n\n    Do not edit the class manually.\n"""\n',
    "# This file was automatically generated by SWIG\nimport sys\n",
    "# DO NOT EDIT! This file is generated.\n",
]
UNSIGNED = [
    "# Generated by Django 5.2 on 2026-01-01 10:00\nfrom django.db import migrations\n",
    "x = 1\n# Code generated by mockery v2. DO NOT EDIT.\n",
    'HEADER = """# Code generated by us. DO NOT EDIT."""\n',
    '"""Writes the generated client. The header says `@generated`."""\n',
    "# Reads generated files.\n",
    "# Do not change the order.\nimport os\n",
]


@pytest.mark.parametrize("text", SIGNED)
def test_a_generator_s_mark_before_all_code(tmp_path: Path, text: str) -> None:
    write(tmp_path, "client.py", text)
    found = tree(tmp_path)
    assert reasons(found) == {"client.py": "generated"}
    assert [source.path for source in found.importable] == ["client.py"]


@pytest.mark.parametrize("text", UNSIGNED)
def test_words_that_are_no_generator_s_mark(tmp_path: Path, text: str) -> None:
    write(tmp_path, "client.py", text)
    assert [source.path for source in tree(tmp_path).sources] == ["client.py"]


@pytest.mark.parametrize("head", [b"#" * 9000, b"#\n" * 5000, b'"' * 9000, b"\\" * 9000, b'r"""' + b"generated " * 900])
def test_the_mark_is_looked_for_in_linear_time(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "odd.py").write_bytes(head)
    begin = time.process_time()
    tree(tmp_path)
    assert time.process_time() - begin < 1


def test_an_empty_folder_and_a_missing_one(tmp_path: Path) -> None:
    assert tree(tmp_path).sources == ()
    with pytest.raises(OSError, match="missing"):
        tree(tmp_path / "missing")


def test_very_deep_folders_end_as_a_row(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(40):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    make(tmp_path, "a.py")
    found = tree(tmp_path)
    assert [source.path for source in found.sources] == ["a.py"]
    assert [row.reason for row in found.skipped] == ["unreadable"]
    subprocess.run(["rm", "-rf", str(tmp_path / ("d" * 200))], check=True)


def test_twice_the_same(tmp_path: Path) -> None:
    make(tmp_path, "b/x.py", "a/x.py", "c.yaml", "Dockerfile", ".venv/pyvenv.cfg", "z_pb2.py")
    assert tree(tmp_path) == tree(tmp_path)
