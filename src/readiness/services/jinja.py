"""A manifest that is a Jinja template -> the text as it may look when it is rendered, line for line. Never renders: text is cut out only.

Ansible and Salt keep unit files, supervisor configurations and Dockerfiles so. Of a condition both branches are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from readiness.services.helm import MAX_LINE, UNKNOWN
from readiness.services.launches import Launch
from readiness.types.tree import Text

SUFFIX = re.compile(r"\.(j2|jinja2?)$")
TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}")
DEFAULT = re.compile(r"\{\{[^}]*\|\s*default\(\s*[\"']?([^\"'),]*)[\"']?[^}]*\}\}")
VALUE = re.compile(r"\{\{.*?\}\}")


def plain_texts(texts: Iterable[Text]) -> tuple[tuple[Text, ...], dict[str, str]]:
    """Texts with those templates that no file stands for already, under the rendered file's name; and name -> template."""
    texts = tuple(texts)
    paths = {text.path for text in texts}
    templates = {name: text for text in texts if (name := SUFFIX.sub("", text.path)) != text.path and name not in paths}
    kept = [text for text in texts if not SUFFIX.search(text.path)]
    kept += [Text(name, rendered(text.text)) for name, text in templates.items()]
    return tuple(sorted(kept, key=lambda text: text.path)), {name: text.path for name, text in templates.items()}


def rendered(text: str) -> str:
    return "\n".join(rendered_line(raw) for raw in text.splitlines()) + "\n"


def rendered_line(raw: str) -> str:
    if "{" not in raw:
        return raw
    if len(raw) > MAX_LINE:
        return ""
    line = TAG.sub("", raw)
    if not line.strip():
        return ""
    return VALUE.sub(UNKNOWN, DEFAULT.sub(r"\1", line))


def in_template(row: Launch, templates: Mapping[str, str]) -> Launch:
    """The launch with the template's own path."""
    via = tuple((templates.get(path, path), line) for path, line in row.via)
    return replace(row, path=templates.get(row.path, row.path), via=via)
