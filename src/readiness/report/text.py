"""Text and numbers of a report for people. Names come from the scanned repository: nothing invisible or endless passes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

VERDICTS: dict[
    str, tuple[str, str]
] = {  # verdict -> (letter of its mark, words); the order is that of every list of verdicts
    "port-first": ("F", "Port first"),
    "port-later": ("L", "Port later"),
    "decouple-first": ("D", "Decouple first"),
    "optimise-in-python": ("O", "Optimise in Python"),
    "keep-in-python": ("K", "Keep in Python"),
    "not-judged": ("N", "Not judged"),
}
PORTS = ("port-first", "port-later")
SPECIAL_WORDS = {
    "enter": "with",
    "exit": "with",
    "aenter": "async with",
    "aexit": "async with",
    "iter": "the iteration over",
    "next": "the iteration over",
    "aiter": "the iteration over",
    "anext": "the iteration over",
    "call": "a call of",
    "await": "await",
}
SPECIAL = re.compile(rf"([\w.]+)\.__({'|'.join(SPECIAL_WORDS)})__")
# What Markdown reads as markup, and `@` and `#`, with which a hostile name would call people or link issues; `_` inside a word is none
MARKUP = re.compile(r"[\\`*{}\[\]<>#|~@&]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.")
PART_END = re.compile(r"[._/-]")
CLAUSE_END = re.compile(r"[,;:](?= )| (?=\()")
# Cf (format: bidi controls, zero width), Cc (control), Cs (surrogates), Zl and Zp (line and paragraph separators)
HIDDEN = frozenset({"Cf", "Cc", "Cs", "Zl", "Zp"})


def clean(text: str, most: int = 300) -> str:
    """The text on one line, with invisible characters spelt out as \\uXXXX and cut after `most` characters, saying how many are left."""
    rest = len(text) - most
    if rest > 40:  # a little over is shown whole: the note would be as long
        text = text[:most]
    if not (text.isascii() and text.isprintable()):
        text = "".join(_visible(char) for char in text)
    return f"{text} [{number(rest)} more characters]" if rest > 40 else text


def plain(text: str) -> str:
    """Names of special methods as the statement that calls them: `a.B.__aenter__` is "async with a.B"."""
    return SPECIAL.sub(lambda found: f"{SPECIAL_WORDS[found[2]]} {found[1]}", text)


def clause(text: str, most: int) -> str:
    """As many whole clauses of a sentence as fit; where not even the first does, its words, with an ellipsis."""
    shown = clean(text, 10_000)
    if len(shown) <= most:
        return shown
    ends = [found.start() for found in CLAUSE_END.finditer(shown[: most + 1])]
    if ends and ends[-1] >= most // 3:
        return shown[: ends[-1]]
    head, space, _ = shown[:most].rpartition(" ")
    return f"{head if space else shown[: most - 1]}…"


def brief(text: str, most: int = 80) -> str:
    """A name that is a heading or stands in a chart: cut with an ellipsis, so that it never takes more than `most` characters."""
    shown = clean(text, 10_000)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def tail(name: str, most: int) -> str:
    """The end of a dotted name, which tells more than its start; whole parts where they fit."""
    shown = clean(name, 10_000)
    if len(shown) <= most:
        return shown
    cut = shown[-(most - 1) :]
    part = PART_END.search(cut)
    return f"…{cut[part.end() :] if part is not None and part.start() < most // 2 else cut}"


def in_markdown(text: str, most: int = 300) -> str:
    """Text of the repository in Markdown: one line, no markup, no HTML, no link, nobody called, no table cell that ends."""
    return MARKUP.sub(lambda found: f"&#{ord(found[0])};", clean(text, most).strip())


def in_code(text: str, most: int = 300) -> str:
    """The same between back-ticks, in a table too."""
    return re.sub(r"[`|]+", "_", clean(text, most))


def _visible(char: str) -> str:
    if char in "\t\n\r":
        return " "
    return char if unicodedata.category(char) not in HIDDEN else f"\\u{ord(char):04x}"


def number(value: float) -> str:
    """1234 -> 1,234; a float to the nearest whole number."""
    return f"{round(value):,}"


def days(value: float) -> str:
    """Person-days: one decimal below ten, none above; 0.04 is "under 0.1"."""
    if value >= 9.95:
        return number(value)
    if 0 < value < 0.05:
        return "under 0.1"
    return f"{value:.1f}".removesuffix(".0")


def money(value: float) -> str:
    """An amount without its currency: whole from a hundred on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


def work(value: float) -> str:
    """1 day, 2.5 days."""
    return f"{days(value)} {'day' if days(value) == '1' else 'days'}"


def count(amount: int, noun: str, plural: str | None = None) -> str:
    """1 file, 2 files."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """a, b and c; or a, b, c and 4 more."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def sentence(text: str) -> str:
    """The text as a sentence: ends with one full stop, starts with a capital unless it starts with a name in another case."""
    text = text.strip()
    if not text:
        return ""
    head = text.split(maxsplit=1)[0].rstrip(",:;")
    if head.isalpha() and head.islower():
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!" else text + "."
