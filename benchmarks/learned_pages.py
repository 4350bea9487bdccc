"""folders of libraries that have a page -> how far `readiness learn` says the same of them as the page that was written by hand.

`python benchmarks/learned_pages.py FOLDER ...`. Of the names that the page spells out as waiting: how many the library's source
tells under that name, with the same kind, and with the same mode too; and of the names that learning says wait, how many the page
says wait for nothing. The library's own page is taken out of the rulebook first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

from readiness.learn.read import read_library
from readiness.link.catalogue import Catalogue
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.rulebook.libraries import library_of
from readiness.rulebook.page import page_of
from readiness.types.config import Config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    book = load_rulebook([rules_folder()])
    for folder in parser.parse_args().folders:
        top = folder.name.partition("-")[0]
        page = next(library for library in book.libraries if top in library.imports and library.apis)
        others = replace(book, libraries=tuple(row for row in book.libraries if row is not page))
        text = read_library(folder, others, Config(), None)
        learnt = Catalogue(replace(book, libraries=(library_of(page_of("learnt", text.encode())),)))
        by_hand = Catalogue(replace(book, libraries=(page,)))
        rows = {name: api for api in page.apis for name in api.names if api.kind and "*" not in name}
        told = {name: known[0] for name in rows if (known := learnt.api.get(learnt.canonical(name)))}
        same = [name for name, api in told.items() if api.kind == rows[name].kind]
        mode = [name for name in same if told[name].mode == rows[name].mode]
        claimed = {
            name: by_hand.api.get(by_hand.canonical(name)) for name, row in learnt.api.exact.items() if row[0].kind
        }
        against = sorted(name for name, known in claimed.items() if known is not None and known[0].kind is None)
        print(f"{page.distribution}: {len(told)} of {len(rows)} told, {len(same)} of the same kind, {len(mode)} and mode; "
              f"of {len(claimed)} that wait the page denies {len(against)}: {' '.join(against[:8])}")  # fmt: skip
        print("  other kind:", " ".join(f"{name}={told[name].kind}" for name in told if name not in same))


if __name__ == "__main__":
    main()
