"""The shipped pages: each one parses, names are unique, the vocabulary is closed, examples are there."""

from __future__ import annotations

import ast
import hashlib
import re
import time

import pytest

from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook, page_files
from readiness.rulebook.check import CONSTRUCTS
from readiness.rulebook.page import Page, read_page
from readiness.rulebook.patterns import read_patterns
from readiness.rulecheck import FINDING, IO, OK, Seen, check_pages

FOLDER = rules_folder()
PAGES = {path.stem: read_page(path, FOLDER) for path in page_files(FOLDER)}
BOOK = load_rulebook([FOLDER])
LICENCES = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "ISC", "AGPL-3.0"}  # by their SPDX names
RULE_OF = {
    "eval-exec": "PT401",
    "dynamic-import": "PT402",
    "entry-point-plugins": "PT411",
    "metaclass": "PT403",
    "abc-metaclass": "PT429",
    "init-subclass": "PT410",
    "type-call": "PT408",
    "getattr-dynamic": "PT420",
    "getattr-literal": "PT421",
    "setattr-dynamic": "PT420",
    "dunder-getattr": "PT405",
    "module-getattr": "PT405",
    "dunder-dict": "PT423",
    "monkeypatch": "PT404",
    "gevent-patch": "PT407",
    "descriptor": "PT424",
    "property": "PT425",
    "slots-weakref": "PT461",
    "multiple-inheritance": "PT426",
    "deep-inheritance": "PT427",
    "super-call": "PT428",
    "decorator-stateful": "PT430",
    "decorator-use": "PT431",
    "kwargs-passthrough": "PT432",
    "keyword-args": "PT433",
    "star-args": "PT432",
    "duck-typing": "PT436",
    "union-types": "PT434",
    "optional": "PT435",
    "heterogeneous-dict": "PT437",
    "dict-order": "PT462",
    "generator": "PT439",
    "generator-send": "PT440",
    "async-generator": "PT439",
    "comprehension": "PT441",
    "nested-comprehension": "PT442",
    "context-manager": "PT443",
    "exceptions-control": "PT444",
    "broad-except": "PT445",
    "exception-groups": "PT444",
    "finally": "PT446",
    "operator-overload": "PT447",
    "hash-eq": "PT447",
    "reference-semantics": "PT448",
    "mutable-global": "CC207",
    "import-side-effect": "PT416",
    "star-import": "PT450",
    "conditional-import": "PT451",
    "circular-import": "CP301",
    "frames": "PT409",
    "inspect-source": "PT413",
    "pickle": "DA501",
    "copy-deepcopy": "PT449",
    "del-finalizer": "PT414",
    "bigint": "PT452",
    "float-int-division": "PT453",
    "string-unicode": "PT454",
    "negative-slice": "PT455",
    "regex-lookaround": "PT412",
    "strftime": "PT456",
    "naive-datetime": "PT457",
    "json-any": "PT438",
    "orm-models": "DA504",
    "orm-signals": "DA503",
    "orm-lazy": "DA505",
    "django-admin": "PT464",
    "forms-templates": "PT465",
    "middleware-magic": "PT458",
    "di-container": "PT459",
    "singledispatch": "PT431",
    "lru-cache": "PT431",
    "c-extension": "PT415",
    "fork-semantics": "CC209",
    "thread-local": "PT458",
    "signals-main-thread": "PT460",
    "global-interpreter-atomicity": "CC207",
    "type-ignore": "PT463",
}  # feature of the scoring table -> the rule that finds it
NO_PATTERN = {"OP901", "OP902", "OP903", "OP904"}  # about comments
NO_EXAMPLE = {"CP301", "CP302", "DA502"}  # need more modules or services than a snippet has


def test_a_name_is_said_on_one_page_only() -> None:
    where: dict[str, str] = {}
    for library in BOOK.libraries:
        for name in (name for api in library.apis for name in api.names):
            assert name not in where, f"{name}: {library.path} and {where[name]}"
            where[name] = library.path


def test_a_distribution_has_one_page() -> None:
    pages = [library.distribution for library in BOOK.libraries]
    assert len(pages) == len(set(pages))


def test_go_verdicts_say_when_their_module_was_looked_up() -> None:
    for library in BOOK.libraries:
        if library.go is not None and library.go.modules:
            assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", library.go.as_of or ""), library.path
            assert set((library.go.licence or "MIT").split(";")) <= LICENCES, library.distribution


def test_files_are_called_like_what_they_describe() -> None:
    for rule in BOOK.rules:
        assert rule.path.startswith(f"findings/{rule.pack}/{rule.id}-"), rule.path
    for library in BOOK.libraries:
        if library.path.startswith("libraries/"):
            name = library.distribution.replace(":", "-")  # `python:socket` stands in python-socket.md
            assert library.path == f"libraries/{name}.md"


@pytest.mark.parametrize("page", list(PAGES.values()), ids=list(PAGES))
def test_examples_parse(page: Page) -> None:
    for example in page.examples:
        ast.parse(example.code)


def test_every_rule_says_what_to_do_and_shows_both_sides() -> None:
    for rule in BOOK.rules:
        text = "".join(example.code for example in PAGES[rule.path.rpartition("/")[2][:-3]].examples)
        assert (rule.fix is None) == (rule.fix_days is None), rule.id  # what no one has to fix has neither
        assert OK in text, rule.id
        assert f"{FINDING} {rule.id}" in text or rule.id in NO_EXAMPLE, rule.id


def test_rules_and_constructs_show_go_that_a_compiler_saw() -> None:
    for rule in BOOK.rules:
        assert rule.pattern or rule.id in NO_PATTERN, rule.id
    assert set(CONSTRUCTS) <= set(BOOK.patterns)
    rows = (FOLDER.parent / "benchmarks/results/go-patterns.tsv").read_text(encoding="utf-8").splitlines()[1:]
    checked = {row.split("\t")[0]: row.split("\t")[1:3] for row in rows}
    for path in (FOLDER / "go").glob("*.go"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        assert checked[path.name] == [digest, " ".join(read_patterns([path]))], "run tools/check_patterns.py"


def test_every_feature_that_is_hard_in_go_has_a_rule() -> None:
    rules = {rule.id: rule for rule in BOOK.rules}
    assert set(RULE_OF) == set(BOOK.scoring.tables["features"])
    assert [feature for feature, name in RULE_OF.items() if name not in rules] == []
    said = {feature: rule.id for rule in BOOK.rules for feature in rule.when.feature}
    assert [feature for feature in RULE_OF if said.get(feature, RULE_OF[feature]) != RULE_OF[feature]] == []


def test_every_kind_of_io_that_a_page_claims_has_an_example() -> None:
    for library in BOOK.libraries:
        page = PAGES.get(library.path.removeprefix("libraries/").removesuffix(".md"))
        for kind in {api.kind for api in library.apis if api.kind} if page is not None else ():
            assert page is not None and any(f"{IO} {kind}" in example.code for example in page.examples), library.path


def test_what_calls_give_is_known_by_page() -> None:
    apis = {name: api for library in BOOK.libraries for api in library.apis for name in api.names}
    assert apis["builtins.open"].returns == "io.TextIOWrapper"
    assert apis["aiohttp.ClientSession.get"].returns == "aiohttp.ClientResponse"
    assert (apis["threading.Thread"].hands, apis["threading.Thread"].hands_argument) == ("thread", "arg:1,kw:target")
    assert apis["concurrent.futures.ProcessPoolExecutor.submit"].hands == "process"
    assert apis["boto3.client"].returns == "botocore.client.BaseClient"
    assert apis["celery.app.task.Task.delay"].kind == "broker"
    assert apis["requests.Session"].kind is None  # a session does nothing before its first request


def test_loading_is_cheap() -> None:
    begin = time.process_time()
    load_rulebook([FOLDER])
    assert time.process_time() - begin < 1.0  # measured: 0.09 s; the bound is loose for loaded machines


def test_claims_that_do_not_hold_are_problems() -> None:
    nothing = check_pages(BOOK, [FOLDER], lambda code: Seen(frozenset(), frozenset()))
    assert any(
        p.path == "findings/io/IO101-blocking-call-in-async.md" and "IO101 is not found" in p.problem for p in nothing
    )
    assert any(p.path == "libraries/requests.md" and p.problem == "no network is seen here" for p in nothing)

    def everything(code: str) -> Seen:
        lines = range(1, code.count("\n") + 2)
        return Seen(frozenset((n, "IO101") for n in lines), frozenset((n, "network") for n in lines))

    too_much = check_pages(BOOK, [FOLDER], everything)
    assert any(p.path.endswith("IO101-blocking-call-in-async.md") and "does not say so" in p.problem for p in too_much)
    assert any(p.path == "libraries/requests.md" and "says that there is none" in p.problem for p in too_much)
