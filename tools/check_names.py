"""library pages + an environment in which the libraries are installed -> which names of the pages really exist there.

`python tools/check_names.py PYTHON [PAGE ...] --out benchmarks/results/library-names.tsv`. PYTHON is the interpreter of a
scratch environment: the libraries are imported there, one process a page, never here. A name counts as there when it is
found from the longest importable module on, through attributes, annotations and fields. Types that a page itself calls
`handles` have no name in the library; names below them and patterns are counted apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.rulebook.typetext import read_type
from readiness.types.rulebook import Api, Library

SECONDS = 120
CHILD = r"""
import dataclasses, importlib, importlib.metadata, importlib.util, inspect, json, sys, warnings
warnings.simplefilter("ignore")

def found(name):
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        except Exception:
            return "import fails"
        for part in parts[cut:]:
            try:
                value = getattr(value, part)
                continue
            except Exception:
                pass
            lines = getattr(value, "__mro__", (value,))
            notes = [n for c in lines for n in getattr(c, "__annotations__", {})]
            slots = [n for c in lines for n in (getattr(c, "__slots__", None) or ())]
            fields = [f.name for f in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
            if part in notes or part in slots or part in fields or assigned(value, part):
                return "there" if part == parts[-1] else "not found"
            return "not found"
        return "there"
    return "import fails" if importlib.util.find_spec(parts[0]) else "no module"

def assigned(value, part):
    # a field that a constructor sets: the text of the class says so
    for cls in getattr(value, "__mro__", ())[:-1]:
        text = "\n".join(source(item) for item in (cls, *vars(cls).values()))
        if f"self.{part} =" in text or f"self.{part}:" in text or f"def {part}(" in text:
            return True
    return False

def source(item):
    try:
        return inspect.getsource(item)
    except Exception:
        return ""

asked = json.load(sys.stdin)
try:
    version = importlib.metadata.version(asked["distribution"])
except importlib.metadata.PackageNotFoundError:
    version = None
real = sys.stdout
sys.stdout = sys.stderr
def asked_for(name):
    try:
        return found(name)
    except Exception:  # a library that wants its settings first
        return "import fails"

answer = {name: asked_for(name) for name in asked["names"]}
json.dump({"version": version, "python": sys.version.split()[0], "found": answer}, real)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="the interpreter of the scratch environment")
    parser.add_argument("pages", nargs="*", help="distributions; all pages where none is given")
    parser.add_argument("--out", type=Path, help="the table to write")
    chosen = parser.parse_args()
    rows = []
    for library in load_rulebook([rules_folder()]).libraries:
        if library.path.startswith("libraries/") and (not chosen.pages or library.distribution in chosen.pages):
            row = check(library, chosen.python)
            rows.append(row)
            print("\t".join(row), flush=True)
    if chosen.out:
        head = "distribution\tversion\tpython\tnames\tthere\tapart\timport fails\tnot found"
        chosen.out.write_text("\n".join([head, *("\t".join(row) for row in rows)]) + "\n", encoding="utf-8")


def check(library: Library, python: str) -> tuple[str, ...]:
    """One line of the table: distribution, version, Python, names, those that are there, those apart, those not found."""
    every = sorted(set(names_of(library)))
    apart = [
        name for name in every if "*" in name or any(name == h or name.startswith(f"{h}.") for h in library.handles)
    ]
    asked = [name for name in every if name not in apart]
    distribution = library.distribution.partition(":")[0]
    request = json.dumps({"distribution": distribution, "names": asked})
    try:
        done = subprocess.run(
            [python, "-c", CHILD], check=False, input=request, capture_output=True, text=True, timeout=SECONDS
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        return (library.distribution, "-", "-", str(len(every)), "-", str(len(apart)), "-", type(error).__name__)
    version = answer["python"] if distribution == "python" else answer["version"]
    if version is None:
        return (
            library.distribution,
            "-",
            answer["python"],
            str(len(every)),
            "-",
            str(len(apart)),
            "-",
            "not installed",
        )
    wrong = [name for name, text in answer["found"].items() if text not in ("there", "import fails")]
    failed = [name for name, text in answer["found"].items() if text == "import fails"]
    row = (len(every), len(asked) - len(wrong) - len(failed), len(apart), len(failed))
    return (library.distribution, version, answer["python"], *map(str, row), " ".join(wrong))


def names_of(library: Library) -> Iterator[str]:
    """Everything on a page that names something of the library, `since` and `until` names left out."""
    dated = {name for api in library.apis if api.since or api.until for name in api.names}
    for api in library.apis:
        yield from (name for name in (*api.names, *types_of(api)) if name not in dated)
    for entry in library.entries:
        yield from entry.names
    for name, bases in library.classes.items():
        yield from (name, *bases)
    for name, text in library.attributes.items():
        yield from (name, *type_names(text))


def types_of(api: Api) -> Iterator[str]:
    for text in (api.returns, api.enters, api.iterates, api.awaits):
        yield from type_names(text) if text and not text.startswith("arg:") else ()


def type_names(text: str) -> Iterator[str]:
    form, parts = read_type(text)
    for part in parts:
        yield from (part,) if form == "type" else type_names(part)


if __name__ == "__main__":
    main()
