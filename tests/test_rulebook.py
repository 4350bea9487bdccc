"""folders of pages -> Rulebook: what is read, and what is said of a broken page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from readiness.paths import rules_folder
from readiness.rulebook import RulebookError, load_rulebook
from readiness.rulebook.typetext import is_type, read_type
from readiness.rulebook.versions import at_versions
from readiness.types.declared import Declared
from readiness.types.rulebook import GoChoice

RULE = """# Pattern

Why.

```toml
id = "IO900"
category = "optional"
severity = "info"
message = "{name} in {function}"
effect = ["network"]
```

```py
x = 1  # ok: nothing
```
"""
LIBRARY = """# thing

```toml
distribution = "thing"
imports = ["thing"]
clients = ["thing.Client"]

[[api]]
of = "thing.Client"
name = ["get", "put"]
kind = "network"
mode = "blocking"
latency = "wan"
returns = "thing.Answer"

[[entry]]
form = "decorator"
name = "thing.route"
kind = "http-route"
from = "arg:0"

[classes]
"thing.Other" = ["thing.Client"]

[go]
modules = ["net/http"]
fit = "stdlib"
```
"""
SCORING = (rules_folder() / "scoring.toml").read_text(encoding="utf-8")


def folder_with(tmp_path: Path, **pages: str) -> Path:
    names = {"rule": "findings/io/IO900-pattern.md", "library": "libraries/thing.md"}
    for key, text in pages.items():
        path = tmp_path / names.get(key, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "scoring.toml").write_text(SCORING, encoding="utf-8")
    return tmp_path


def test_a_rule_page_and_a_library_page_are_read(tmp_path: Path) -> None:
    book = load_rulebook([folder_with(tmp_path, rule=RULE, library=LIBRARY)])
    rule, library = book.rules[0], book.libraries[0]
    assert (rule.id, rule.pack, rule.title, rule.text, rule.when.effect) == (
        "IO900",
        "io",
        "Pattern",
        "Why.",
        ("network",),
    )
    assert library.apis[0].names == ("thing.Client.get", "thing.Client.put")
    assert library.apis[0].returns == "thing.Answer"
    assert library.apis[1].names == ("thing.Client",) and library.apis[1].kind is None
    assert library.entries[0].name_from == "arg:0"
    assert library.classes == {"thing.Other": ("thing.Client",)}
    assert library.go is not None and library.go.fit == "stdlib"


@pytest.mark.parametrize(
    ("page", "old", "new", "words"),
    [
        ("rule", 'effect = ["network"]', 'effects = ["network"]', ["effects", "did you mean `effect`", "not_context"]),
        ("rule", '"network"', '"netwrok"', ["effect", "netwrok", "did you mean `network`", "filesystem"]),
        ("rule", "{function}", "{where}", ["message", "{where}", "function"]),
        ("rule", '"IO900"', '"io-900"', ["id", "io-900"]),
        ("rule", 'severity = "info"', "", ["severity", "is missing"]),
        ("rule", 'severity = "info"', "severity = 3", ["severity", "must be a string, not a number"]),
        ("rule", 'effect = ["network"]', "", ["a rule needs one of", "metric"]),
        ("rule", 'effect = ["network"]', 'metric = "hub"', ["metric", "min stand together"]),
        ("rule", "# Pattern", "Pattern", ["title"]),
        ("rule", "```toml", "```yaml", ["one ```toml block", "has 0"]),
        ("rule", "x = 1  # ok: nothing\n```", "x = 1", ["never closed"]),
        ("rule", 'severity = "info"', "severity = ", ["toml", "line"]),
        ("library", 'mode = "blocking"', "", ["api[0].mode", "blocking, async"]),
        ("library", 'kind = "http-route"', 'kind = "http"', ["entry[0].kind", "did you mean `http-route`"]),
        ("library", 'fit = "stdlib"', 'fit = "good"', ["go.fit", "drop-in"]),
        ("library", 'returns = "thing.Answer"', 'return = "thing.Answer"', ["api[0].return", "did you mean `returns`"]),
        ("library", 'returns = "thing.Answer"', 'hands = "thread"', ["hands", "stand together"]),
        ("library", 'returns = "thing.Answer"', 'width = "first"', ["width", "arg:N"]),
        ("library", "[go]", '[orm]\nname = "thing"\nwrite = ["save"]\n\n[go]', ["orm.write", "did you mean `writes`"]),
        (
            "library",
            "[go]",
            '[addresses]\n"thing.get" = "GET url"\n\n[go]',
            ["addresses.thing.get", "METHOD PLACES", "kw:NAME"],
        ),
        ("library", "[go]", "[settings]\nthing_retries = 3\n\n[go]", ["settings.thing_retries", "must be a string"]),
    ],
)
def test_a_broken_page_is_one_clear_error(tmp_path: Path, page: str, old: str, new: str, words: list[str]) -> None:
    text = {"rule": RULE, "library": LIBRARY}[page]
    assert old in text
    with pytest.raises(RulebookError) as caught:
        load_rulebook([folder_with(tmp_path, **{page: text.replace(old, new)})])
    names = {"rule": "findings/io/IO900-pattern.md", "library": "libraries/thing.md"}
    assert str(caught.value).startswith(names[page])
    assert all(word in str(caught.value) for word in words), str(caught.value)


GO = "package p\n\nfunc wait() {\n\t// pattern: waiting\n\tif true {\n\t\tselect {}\n\t}\n\t// end\n}\n"


def test_a_rule_shows_the_lines_of_the_go_file_that_it_names(tmp_path: Path) -> None:
    rule = RULE.replace("effect =", 'pattern = "waiting"\neffect =')
    book = load_rulebook([folder_with(tmp_path, rule=rule, **{"go/p.go": GO})])
    assert book.patterns == {"waiting": "if true {\n    select {}\n}"}
    assert book.rules[0].pattern == book.patterns["waiting"]


@pytest.mark.parametrize(
    ("go", "words"),
    [
        (GO.replace("pattern: waiting", "pattern: other"), ["IO900", "waiting", "other"]),
        (GO.replace("\t// end\n", ""), ["p.go", "waiting", "not closed"]),
        (GO.replace("\tif true", "\tx()\n\ty()\n\tz()\n\tif true"), ["p.go", "6 lines", "1 to 5"]),
        (GO + GO.replace("package p", ""), ["p.go", "line 17", "twice"]),
        (GO.replace("\t// end", "\t// pattern: more"), ["p.go", "line 8", "not closed"]),
    ],
)
def test_a_broken_pattern_is_one_clear_error(tmp_path: Path, go: str, words: list[str]) -> None:
    rule = RULE.replace("effect =", 'pattern = "waiting"\neffect =')
    with pytest.raises(RulebookError) as raised:
        load_rulebook([folder_with(tmp_path, rule=rule, **{"go/p.go": go})])
    assert all(word in str(raised.value) for word in words), raised.value


def test_the_digest_follows_the_go_files(tmp_path: Path) -> None:
    before = load_rulebook([folder_with(tmp_path, rule=RULE, **{"go/p.go": GO})]).digest
    assert load_rulebook([folder_with(tmp_path, **{"go/p.go": GO.replace("true", "false")})]).digest != before


COUNTERPARTS = "distribution\timports\tgo\tfit\tas_of\tlicence\tcgo\tnote\nleft\tleft;left_\tgithub.com/a/left\tclose\t2026-11\tMIT\tyes\t-\n"


def test_a_line_of_the_counterparts_says_what_was_looked_up(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, **{"go-equivalents.tsv": COUNTERPARTS})
    (row,) = load_rulebook([folder]).libraries
    assert (row.distribution, row.imports) == ("left", ("left", "left_"))
    assert row.go == GoChoice(("github.com/a/left",), "close", cgo=True, licence="MIT", as_of="2026-11")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("yes", "maybe", ["line 2", "maybe", "yes, no"]),
        ("\t-\n", "\n", ["line 2", "7 cells"]),
        ("\t-\n", "\t-\tmodels\n", ["line 2", "models", "model, frames"]),
    ],
)
def test_a_broken_line_of_the_counterparts_is_one_clear_error(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    folder = folder_with(tmp_path, **{"go-equivalents.tsv": COUNTERPARTS.replace(old, new)})
    with pytest.raises(RulebookError) as raised:
        load_rulebook([folder])
    assert all(word in str(raised.value) for word in words)


def test_an_id_stands_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, rule=RULE, **{"findings/io/IO900-again.md": RULE})
    with pytest.raises(RulebookError, match="IO900 is already the id of findings/io/IO900-again.md"):
        load_rulebook([folder])


def test_a_users_library_page_replaces_the_shipped_one(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, **{"libraries/requests.md": LIBRARY.replace('"thing"', '"requests"')})
    book = load_rulebook([rules_folder(), folder])
    assert [library.apis[0].names[0] for library in book.libraries if library.distribution == "requests"] == [
        "thing.Client.get"
    ]


def test_the_digest_follows_every_page(tmp_path: Path) -> None:
    one = load_rulebook([folder_with(tmp_path / "a", rule=RULE)]).digest
    two = load_rulebook([folder_with(tmp_path / "b", rule=RULE.replace("Why", "For"))]).digest
    assert one != two
    assert one == load_rulebook([folder_with(tmp_path / "c", rule=RULE)]).digest


def test_a_weight_without_a_reason_is_an_error(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, rule=RULE)
    text = '[families.io]\nvalue = 1\nfamily = "io"\nsource = "x"\n'
    (folder / "scoring.toml").write_text(f'version = "1"\n{text}', encoding="utf-8")
    with pytest.raises(RulebookError, match="families.io.why: is missing"):
        load_rulebook([folder])


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="is not a folder of rule pages"):
        load_rulebook([tmp_path / "nowhere"])


def test_the_models_numbers_stand_in_the_scoring_table() -> None:
    scoring = load_rulebook([rules_folder()]).scoring
    assert {name: scoring.families[name].value for name in scoring.families} == {
        "io": 0.75, "cpu": 0.60, "foot": 0.60, "lever": 0.30, "hold": 1.0, "idle": 1.0,
    }  # fmt: skip
    risks = {name: row.value for name, row in scoring.signals.items() if row.axis == "risk"}
    assert sum(risks.values()) == pytest.approx(1.0)
    fanout = scoring.signals["fanout"]
    assert (fanout.value, fanout.remedy, fanout.half, fanout.family) == (0.80, 0.50, 2, "io")
    assert scoring.thresholds["off_goal"].value == 0.3
    assert scoring.tables["latency"]["wan"] == 1.0
    assert scoring.tables["fit"]["keep-python"] == 1.0


def test_names_that_a_version_does_not_have_are_left_out(tmp_path: Path) -> None:
    page = LIBRARY.replace('returns = "thing.Answer"', 'since = "2.1"').replace(
        "[[entry]]", '[[api]]\nname = "thing.old"\nuntil = "1.9"\n\n[[entry]]', 1
    )
    book = load_rulebook([folder_with(tmp_path, library=page)])

    def names(version: str | None) -> list[str]:
        declared = {"thing": Declared("thing", "requirements.txt", 1, "", version)}
        return [name for api in at_versions(book, declared).libraries[0].apis for name in api.names]

    assert names(None) == ["thing.Client.get", "thing.Client.put", "thing.old", "thing.Client"]
    assert names("1.9.4") == ["thing.old", "thing.Client"]
    assert names("2.0") == ["thing.Client"]
    assert names("2.1rc1") == names("3.0") == ["thing.Client.get", "thing.Client.put", "thing.Client"]


@pytest.mark.parametrize(
    ("text", "form"),
    [("a.B", "type"), ("[a.B]", "list"), ("{a.B}", "mapping"), ("a.B, [c.D]", "tuple"), ("[a.B], [c.D]", "tuple")],
)
def test_the_text_of_a_type_has_a_closed_form(text: str, form: str) -> None:
    assert is_type(text) and read_type(text)[0] == form


@pytest.mark.parametrize("text", ["", "a b", "[a", "a.B]", "arg:x", "a..b", "a.B,", "[[a]"])
def test_what_is_no_type_is_refused(text: str) -> None:
    assert not is_type(text)


@pytest.mark.parametrize("name", ["thing.*", "**.*_pb2_grpc.*Stub", "thing.get_*", "thing.*Client.*"])
def test_a_name_may_be_a_pattern(tmp_path: Path, name: str) -> None:
    page = LIBRARY.replace('of = "thing.Client"\n', "").replace('["get", "put"]', f'"{name}"')
    assert load_rulebook([folder_with(tmp_path, library=page)]).libraries[0].apis[0].names == (name,)


@pytest.mark.parametrize("name", ["*", "**.*", "thing.a*b", "thing.*a*", "a.**.bcd", "**.ab*", "thing..*"])
def test_a_pattern_has_a_closed_form(tmp_path: Path, name: str) -> None:
    page = LIBRARY.replace('of = "thing.Client"\n', "").replace('["get", "put"]', f'"{name}"')
    with pytest.raises(RulebookError, match="is no pattern"):
        load_rulebook([folder_with(tmp_path, library=page)])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "findings/t/deep.md",
            b"# T\n\n```toml\nid = " + b"[" * 5_000 + b"\n```\n",
            ["deep.md: toml: nested too deeply"],
        ),
        ("findings/t/bytes.md", b"# T \xff\n", ["bytes.md: is not UTF-8"]),
        ("findings/t/large.md", b"# T\n" + b"x" * (1 << 20), ["large.md: is larger than 1048576 bytes"]),
        ("go/bytes.go", b"// pattern: x\n\xff\n// end\n", ["bytes.go: is not UTF-8"]),
        ("go-equivalents.tsv", b"distribution\xff\n", ["go-equivalents.tsv: is not UTF-8"]),
        ("scoring.toml", b"version = \xff\n", ["scoring.toml: is not UTF-8"]),
        ("scoring.toml", b"version = " + b"[" * 5_000, ["scoring.toml: nested too deeply"]),
    ],
)
def test_what_is_no_text_is_one_clear_error(tmp_path: Path, name: str, content: bytes, words: list[str]) -> None:
    """Found by fuzzing: the tables were read without asking what they are."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RulebookError) as caught:
        load_rulebook([tmp_path])  # it is read before anything is missed
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("name", ["findings/t/pipe.md", "go/pipe.go"])
def test_a_pipe_among_the_pages_is_not_waited_for(tmp_path: Path, name: str) -> None:
    """The setting `rules` of a stranger's repository names the folder."""
    (tmp_path / name).parent.mkdir(parents=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(RulebookError, match=r"cannot be read \(no regular file\)"):
        load_rulebook([tmp_path])
