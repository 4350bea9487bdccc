"""Applications of the AWS CDK -> Launches: the functions that constructs deploy, in TypeScript or in Python. Text and facts only.

A construct names the file and the function; no template lies in the repository, for the CDK makes it. Nothing is synthesised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from readiness.services.launches import Launch, folder_of, join
from readiness.types.facts import Call, Facts, last_name
from readiness.types.tree import Source, Text

HANDLER = re.compile(r"\bhandler\s*:\s*([\"'`])([A-Za-z_][\w./-]*)\1")
INDEX = re.compile(r"\bindex\s*:\s*([\"'`])([\w./-]+)\1")
CODE = re.compile(
    r"\b(?:entry|code)\s*:\s*((?:[^(){},\n]|\([^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200}){0,4}\)){1,200})"
)
RUNTIME = re.compile(r"\bruntime\s*:\s*([^,}\n]{1,120})")
NAME = re.compile(r"([\"'`])([\w-]+)\1\s*,\s*$")
LITERAL = re.compile(r"[\"'`]([\w./ -]+)[\"'`]")
NESTED = re.compile(r"\{[^{}]*\}")
MAX_AROUND = 4_000  # characters of one object literal, to either side of the word
MAX_HANDLERS = 500  # of one file
HANDED = ("event", "context")  # what a function is called with
NAMED = 0.7  # a text that names a handler
STRENGTH = 1.0


def stack_launches(text: Text, apps: Sequence[str]) -> Iterator[Launch]:
    """The Python functions of one TypeScript file. `apps`: folders with a cdk.json, against which plain paths are meant."""
    for count, found in enumerate(HANDLER.finditer(text.text)):
        if count == MAX_HANDLERS:
            return
        begin, end = literal_around(text.text, found.start())
        body = flat(text.text[begin:end])
        runtime = RUNTIME.search(body)
        if runtime is not None and "python" not in runtime[1].lower() and "." in runtime[1]:
            continue  # of another language
        index = INDEX.search(body)
        code = CODE.search(body)
        target = target_of(found[2], index[2] if index else "", code is not None and "entry" in code[0][:6])
        if not target or (runtime is None and index is None):
            continue
        name = NAME.search(text.text[max(0, begin - 200) : begin])
        line = text.text.count("\n", 0, found.start()) + 1
        folder = folder_named(code[1] if code else "", text.path, apps)
        yield Launch(
            "serverless", text.path, line, (target,), name[2] if name else "", folder, strength=STRENGTH, handler=True
        )


def literal_around(text: str, at: int) -> tuple[int, int]:
    """From the brace that opens around a place to the one that closes it; braces in strings are rare and cost one row."""
    depth, begin = 0, at
    for begin in range(at - 1, max(-1, at - MAX_AROUND), -1):
        depth += (text[begin] == "}") - (text[begin] == "{")
        if depth < 0:
            break
    depth, end = 0, at
    for end in range(at, min(len(text), at + MAX_AROUND)):
        depth += (text[end] == "{") - (text[end] == "}")
        if depth < 0:
            break
    return begin, end


def flat(body: str) -> str:
    """An object literal without the literals in it, whose keys are not its own."""
    inner = body[1:]
    for _ in range(8):
        shorter = NESTED.sub(" ", inner)
        if shorter == inner:
            break
        inner = shorter
    return inner


def target_of(handler: str, index: str, is_entry: bool) -> str:
    """`module.function`: of `handler` alone, or of a file (`index`) and a function."""
    if index.endswith(".py"):
        return f"{index.removesuffix('.py')}.{handler}"
    if "." in handler.strip("."):
        return handler
    return f"index.{handler}" if is_entry else ""


def folder_named(expression_text: str, path: str, apps: Sequence[str]) -> str:
    """The folder that `path.join(__dirname, "..", "app")` or `fromAsset("lambda")` means; "" where no literal says it."""
    words = LITERAL.findall(expression_text)
    if not words:
        return ""
    if "__dirname" in expression_text or "__file__" in expression_text:
        return join(folder_of(path), *words)
    app = next((one for one in sorted(apps, key=len, reverse=True) if path.startswith(f"{one}/" if one else "")), "")
    return join(app, *words)


def construct_launches(
    sources: Sequence[Source], facts: Mapping[str, Facts], apps: Sequence[str]
) -> tuple[Launch, ...]:
    """The same of applications that are written in Python: calls with `handler` and `code` or `entry`, below a cdk.json."""
    found: list[Launch] = []
    for source in sources if apps else ():
        known = facts.get(source.module)
        if known is None or not any(source.path.startswith(f"{app}/" if app else "") for app in apps):
            continue
        for number, call in enumerate(known.calls):
            row = construct(number, call, source, known, apps)
            if row is not None:
                found.append(row)
    return tuple(found)


def construct(number: int, call: Call, source: Source, facts: Facts, apps: Sequence[str]) -> Launch | None:
    """`Function(self, "Name", handler="index.handler", code=Code.from_asset("lambda"))`, `PythonFunction(..., entry=..., index=...)`."""
    given = dict(call.keywords)
    where = given.get("code", given.get("entry", ""))
    handler = given.get("handler", "str:handler" if "Python" in last_name(call.callee) else "")
    runtime = given.get("runtime", "").upper()
    is_python = "PYTHON" in runtime or (not runtime and "entry" in given)
    if not where or not handler.startswith("str:") or not is_python:
        return None
    target = target_of(handler[4:], given.get("index", "").removeprefix("str:"), "entry" in given)
    if not where.startswith("str:"):  # `Code.from_asset("lambda")`, `os.path.join(...)`
        inner = [one.args[0] for one in facts.calls if one.handed_to == number and one.args]
        where = next((ref for ref in inner if ref.startswith("str:")), "")
    folder = folder_named(f'"{where[4:]}"', source.path, apps) if where else ""
    name = next((word[4:] for word in call.args if word.startswith("str:")), given.get("id", "").removeprefix("str:"))
    if not target:
        return None
    return Launch("serverless", source.path, call.line, (target,), name, folder, strength=STRENGTH, handler=True)


def named_handlers(sources: Sequence[Source], facts: Mapping[str, Facts]) -> tuple[Launch, ...]:
    """Functions of (event, context) that a call elsewhere names as text, `"a.b.handler"`: code that writes what a cloud will start."""
    known = {target: source.path for source in sources for target in handlers_of(source, facts.get(source.module))}
    found: dict[str, Launch] = {}
    for source in sources if known else ():
        own = facts.get(source.module)
        for call in own.calls if own is not None else ():
            for value in (*call.args, *(value for _, value in call.keywords)):
                target = value[4:]
                if value.startswith("str:") and known.get(target, source.path) != source.path:
                    name = folder_of(known[target]).rsplit("/", 1)[-1]
                    row = Launch(
                        "serverless", source.path, call.line, (target,), name, "", strength=NAMED, handler=True
                    )
                    found.setdefault(target, row)
    return tuple(found[target] for target in sorted(found))


def handlers_of(source: Source, facts: Facts | None) -> Iterator[str]:
    """`module.function` of the functions of a file that take an event and its context."""
    for scope in facts.scopes if facts is not None else ():
        params = [param.name for param in scope.params]
        if scope.kind == "function" and scope.parent == 0 and params[:1] == ["event"] and len(params) == len(HANDED):
            yield f"{source.module.partition('@')[0]}.{scope.name}"
