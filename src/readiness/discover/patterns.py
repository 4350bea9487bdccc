"""A file or folder name -> what it is to us. The tables of discover: what is left out and why, and which text is kept."""

from __future__ import annotations

import re

REASONS = {
    "ignored": "a .gitignore names it",
    "excluded": "the configuration excludes it",
    "virtual-environment": "an installed Python environment",
    "cache": "the cache or data of a tool",
    "vendored": "a copy of somebody else's code",
    "generated": "written by a program, not by hand",
    "template": "a template of code, with placeholders",
    "build-output": "made by a build",
    "other-repository": "a repository or work tree of its own",
    "link": "a symbolic link; the file it leads to is read where it lies",
    "special-file": "no regular file",
    "too-large": "above the size limit",
    "unreadable": "the system does not let us read it",
    "name-clash": "its name cannot be told from another's",
}

# Nothing of interest can lie there and every repository has many: not even listed.
UNLISTED = frozenset({".git", ".hg", ".svn", ".bzr", "__pycache__", ".readiness_cache"})

CACHES = frozenset(
    [
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".eggs",
        ".cache",
        ".ipynb_checkpoints",
        ".idea",
        ".vs",
        ".terraform",
        ".serverless",
        ".pytype",
        ".pyre",
        ".import_linter_cache",
        ".gradle",
        ".next",
        ".nuxt",
        ".pants.d",
        ".sass-cache",
        "CVS",
    ]
)
VENDORED = frozenset(
    [
        "_vendor",
        "_vendored",
        "vendored",
        "_vendored_packages",
        "vendor",
        "third_party",
        "thirdparty",
        "third-party",
        "3rdparty",
        "node_modules",
        "bower_components",
        "jspm_packages",
        "site-packages",
        "dist-packages",
        "__pypackages__",
    ]
)
# `vendor` is also a supplier in a shop: with one of these files it is an application.
APPLICATION_FILES = frozenset({"models.py", "views.py", "urls.py", "apps.py", "admin.py", "routes.py", "service.py"})
ENVIRONMENTS = frozenset({".venv", ".virtualenv"})
GENERATED_FOLDERS = frozenset({"generated", "_generated", "__generated__"})
GENERATED = re.compile(
    r".+_pb2(_grpc|_twirp)?\.py|.+_pb2_\w+\.py|.+(_generated|\.gen|_gen)\.py|ui_.+\.py|.+_rc\.py|(parsetab|lextab)\.py|.+_thrift\.py"
)
TEMPLATE_FOLDER = re.compile(r"(?i).*(template|skeleton|scaffold|cookiecutter|boilerplate).*")
PLACEHOLDER = re.compile(rb"\{\{-?\s*[A-Za-z_][\w.]*(\s*\|[^}\n]*)?\s*-?\}\}|\{%-?\s*[a-z]+\s")

# strings and comments, so that a placeholder in them does not count; an unclosed one reaches to the end, which keeps this linear
STRINGS = re.compile(
    rb'"""(?:\\.|[^\\])*?(?:"""|\Z)|' + rb"'''(?:\\.|[^\\])*?(?:'''|\Z)|"
    rb'"(?:\\.|[^"\\\n])*"?|' + rb"'(?:\\.|[^'\\\n])*'?|#[^\n]*",
    re.DOTALL,
)

PYTHON_SUFFIXES = (".py", ".pyw", ".wsgi")
SHEBANG = re.compile(
    rb"#![^\n]*?(?:(?P<python>\b(?:python|pypy)[0-9.]*w?\b|\buv\s+run\b)|(?P<shell>\b(?:ba|da|z|k|a)?sh\b))"
)
UNKNOWN_SUFFIX = re.compile(r"\.\d[^.]*|\.cgi")  # `tool-2.7` has no suffix either

# Text that says how code is started, built, deployed or owned. On the file's name:
TEXT_NAME = re.compile(
    r"""(?ix)
    (docker|container)file ([.-].*)? | .+\.(docker|container)file
  | procfile ([.-].*)? | .+\.procfile | supervisor.*\.(conf|ini) | circus.*\.ini | uwsgi.*\.(ini|ya?ml|xml)
  | .+\.(service|socket|timer|spec|conf|cfg|ini|toml|ya?ml|sh|bash|proto|thrift|graphqls?|avsc|tf|hcl|nomad|bzl|mk|star)
  | makefile | gnumakefile | justfile | taskfile | jenkinsfile ([.-].*)? | vagrantfile | tiltfile | fabfile | earthfile | snapcraft
  | pipfile | setup\.py | manage\.py | noxfile\.py | conda.*\.yml | (.*requirements.*|constraints.*)\.(txt|in|pip) | entry_points\.txt
  | package\.json | app\.json | cdk\.json | vercel\.json | zappa_settings\.json | .*task.?def.*\.json | function\.json | host\.json
  | codeowners | maintainers | owners | go\.mod | go\.work | build(\.bazel)? | build\.pants | runtime\.txt | \.python-version
  | crontab.* | .+\.cron | tox\.ini | \.gitlab-ci\.yml | gunicorn.*
    """
)
# ... on the path: s6 and runit services, cron folders, chalice.
TEXT_PATH = re.compile(
    r"(.*/)?((s6-rc\.d|services\.d|s6|sv|service)/.+/(run|up|finish|type)|cron\.\w+/[^/]+|requirements/[^/]+\.(txt|in)|\.chalice/config\.json|init\.d/[^/]+)"
)
LOCK_NAME = re.compile(r"(?i).+\.lock|Pipfile\.lock|package-lock\.json|pnpm-lock\.yaml|go\.sum")
# Names above whose text extract reads as Python, too.
MANIFESTS = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})
MAX_TEXT = 256 * 1024
MAX_TEXTS = 64 * 1024 * 1024
