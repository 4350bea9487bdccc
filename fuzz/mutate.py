"""bytes, random numbers -> other bytes: what a fuzzer of single bytes finds late. Lines moved and repeated, words swapped, nests, odd text."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*|\d+|[^\sA-Za-z_0-9]")
NESTS = (
    (b"(", b")"),
    (b"[", b"]"),
    (b"{", b"}"),
    (b"{{", b"}}"),
    (b"{% if x %}", b"{% endif %}"),
    (b"${", b"}"),
    (b'"', b'"'),
)
ODD = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\x0c", b"\xe2\x80\xa8", b"'", b'"', b"\\", b"\\\n", b"\t", b" ", b"",
    b"-1", b"1e999", b"nan", b"0", b"9" * 30, b"&a", b"*a", b"<<: *a", b"!!python/name:os.system", b"---", b"%", b"$(", b"`", b"&&", b"|",
    b"async ", b"await ", b"yield ", b"lambda: ", b"not ", b"*", b"**", b":=", b"@", b"# type: ", b"f'{x!r:>{y}}'", b"t'{x}'", b"[[", b"]]",
    b"../", b"/", b"//", b".", b"true", b"null", b"~", b"[]", b"{}", b"=", b"1979-05-27", b"<script>", "\ufb01\u202e".encode(),
)  # fmt: skip
NEST = 60  # levels: what a parser's process dies of is another test's business


def mutated(data: bytes, other: bytes, dice: random.Random, most: int) -> bytes:
    """One to four changes, cut to `most` bytes. `other` is another seed, to take lines from."""
    for _ in range(dice.randint(1, 4)):
        data = dice.choice(CHANGES)(data, other, dice)
    return data[:most]


def _moved(data: bytes, other: bytes, dice: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        lines.insert(dice.randrange(len(lines)), lines.pop(dice.randrange(len(lines))))
    return b"".join(lines)


def _dropped(data: bytes, other: bytes, dice: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    begin = dice.randrange(len(lines) + 1)
    return b"".join(lines[:begin] + lines[begin + dice.randint(1, 4) :])


def _spliced(data: bytes, other: bytes, dice: random.Random) -> bytes:
    lines, more = data.splitlines(keepends=True), other.splitlines(keepends=True)
    place, begin = dice.randrange(len(lines) + 1), dice.randrange(len(more) + 1)
    return b"".join(lines[:place] + more[begin : begin + dice.randint(1, 12)] + lines[place:])


def _repeated(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Some lines many times: what is quadratic shows."""
    lines = data.splitlines(keepends=True)
    begin = dice.randrange(len(lines) + 1)
    part = lines[begin : begin + dice.randint(1, 3)]
    return b"".join(lines[:begin] + part * dice.choice((2, 10, 100, 400)) + lines[begin:])


def _stretched(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """A word many times in its place."""
    words = list(WORD.finditer(data))
    if not words:
        return data
    word = dice.choice(words)
    between = dice.choice((b"", b" ", b".", b", ", b" + ", b"/", b"-"))
    return data[: word.start()] + between.join([word[0]] * dice.choice((2, 10, 60, 300))) + data[word.end() :]


def _swapped(data: bytes, other: bytes, dice: random.Random) -> bytes:
    words, more = list(WORD.finditer(data)), WORD.findall(other)
    if not words:
        return data
    word = dice.choice(words)
    instead = dice.choice(more) if more and dice.random() < 0.6 else dice.choice(words)[0]
    return data[: word.start()] + instead + data[word.end() :]


def _odd(data: bytes, other: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice(ODD) * dice.choice((1, 1, 1, 2, 40)) + data[place + dice.choice((0, 0, 1, 3)) :]


def _nested(data: bytes, other: bytes, dice: random.Random) -> bytes:
    words = list(WORD.finditer(data))
    if not words:
        return data
    word, (left, right), depth = dice.choice(words), dice.choice(NESTS), dice.randint(1, NEST)
    return data[: word.start()] + left * depth + word[0] + right * (depth - dice.choice((0, 0, 1))) + data[word.end() :]


def _indented(data: bytes, other: bytes, dice: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    begin, by = dice.randrange(len(lines)), dice.choice((b" ", b"  ", b"    ", b"\t", b"- "))
    end = begin + dice.randint(1, 10)
    return b"".join(lines[:begin] + [by + line for line in lines[begin:end]] + lines[end:])


def _cut(data: bytes, other: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


CHANGES: Sequence[Callable[[bytes, bytes, random.Random], bytes]] = (
    _moved, _dropped, _spliced, _spliced, _repeated, _stretched, _swapped, _swapped, _odd, _odd, _nested, _indented, _cut,
)  # fmt: skip
