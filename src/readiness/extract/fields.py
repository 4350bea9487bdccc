"""LibCST node class -> the names of its fields that hold syntax, in source order. White space and punctuation are left out."""

from __future__ import annotations

import dataclasses

import libcst as cst

ORDER: dict[str, tuple[str, ...]] = {
    "FunctionDef": ("decorators", "params", "returns", "body"),
    "ClassDef": ("decorators", "bases", "keywords", "body"),
    "IfExp": ("body", "test", "orelse"),
    "Parameters": ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    "Param": ("annotation", "default"),
    "Attribute": ("value",),
    "Name": (),
    "Import": (),
    "ImportFrom": (),
    "Global": (),
    "Nonlocal": (),
    "SimpleString": (),
    "Integer": (),
    "Float": (),
    "Imaginary": (),
    "Pass": (),
    "Break": (),
    "Continue": (),
    "Ellipsis": (),
    "TypeParameters": (),
    "AsName": ("name",),
    "ExceptHandler": ("type", "name", "body"),
    "ExceptStarHandler": ("type", "name", "body"),
    "MatchCase": ("pattern", "guard", "body"),
    "SimpleStatementSuite": ("body",),
    "ImportAlias": (),
    "LazyImport": (),
    "LazyImportFrom": (),
    "DictElement": ("key", "value"),
}
PUNCTUATION = (
    "whitespace", "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "leading_lines", "lines_after",
    "header", "footer", "semicolon", "comma", "equal", "operator", "colon", "dot", "indent", "separator", "start", "end",
    "trailing", "type_parameters", "star", "keyword", "asynchronous", "bar", "first_colon", "second_colon", "encoding",
    "default_indent", "default_newline", "has_trailing_newline", "first_line", "last_line",
)  # fmt: skip

_known: dict[type, tuple[str, ...]] = {}


def fields_of(cls: type[cst.CSTNode]) -> tuple[str, ...]:
    """The syntactic fields of a node class."""
    found = _known.get(cls)
    if found is None:
        found = ORDER.get(cls.__name__)
        if found is None:
            found = tuple(f.name for f in dataclasses.fields(cls) if not f.name.startswith(PUNCTUATION))
        _known[cls] = found
    return found
