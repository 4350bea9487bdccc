"""Paths of calls that no object can walk make no finding; nor do paths that are too long."""

from __future__ import annotations

from tests.findings.code import found

STORES = """
import requests

class Store:
    def all(self, names):
        return [self.load(name) for name in names]

    def load(self, name):
        raise NotImplementedError

class Disk(Store):
    def load(self, name):
        return name

    def each(self, names):
        for name in names:
            self.first(name)

    def first(self, name):
        return self.all([name])

class Remote(Store):
    def load(self, name):
        return requests.get(name)

class Both(Remote):
    def each(self, names):
        for name in names:
            self.all([name])
"""


def test_two_methods_on_one_object_are_of_one_class() -> None:
    rows = [(row.line, row.function) for row in found(STORES) if row.rule == "IO102"]
    assert rows == [(5, "app:Store.all"), (28, "app:Both.each")]


def test_the_seventh_call_behind_a_loop_is_no_finding() -> None:
    steps = "\n".join(f"def f{n}(url):\n    return f{n + 1}(url)" for n in range(1, 6))
    code = f"import requests\n{steps}\ndef f6(url):\n    return requests.get(url)\ndef far(urls):\n    for url in urls:\n        f1(url)\ndef near(urls):\n    for url in urls:\n        f2(url)\n"
    assert [row.function for row in found(code) if row.rule == "IO102"] == ["app:near"]
