"""bytes of one file -> Facts: what a file says, before any rule or other file is known. Never a path, never a module name.

Everything here is a plain frozen record, so it can cross processes and lie in the store (msgpack, typed on the way in).

References. A value is a `Ref`: a string of a root and at most eight steps, joined by SEP. `extract` substitutes nothing:
a name stays `local:x` until `link` looks it up in the scope chain of its context.

    roots   local:NAME              a name, to be looked up from the context's scope outwards (then builtins)
            import:a.b              what `import a.b` binds (with `as`: the module a.b; without: `import:a`)
            relative:LEVEL:a.b      the module of a relative import
            call:N                  the result of calls[N]          (so a call in a chain keeps its arguments)
            expr:N                  exprs[N]
            scope:N                 the function, lambda or class defined by scopes[N]
            str:TEXT  bytes:  int:  float:  bool:True  none:  ellipsis:      literals, text cut at 200 characters
            fstr:TEXT               an f-string; each replacement field is `{}`
            unknown:                anything else
    steps   .name   ['key']   [0]   []  (other index)   [:]  (slice)   [*1:-1]  (starred rest of an unpacking: from, to)
            await   iter   aiter   enter   aenter
"""

from __future__ import annotations

from msgspec import Struct

SEP = "\x1f"
WINDOWS = "windows"  # in Facts.conditions: the platform is Windows
MAX_STEPS = 8
MAX_LITERAL = 200

Ref = str


class Failure(Struct, frozen=True, array_like=True, gc=False):
    """Why a file has no tree or no metrics."""

    reason: str  # syntax-error | python2 | newer-syntax | undecodable | too-large | too-deep | crashed | timed-out | out-of-memory | unreadable
    detail: str
    line: int | None = None


class Param(Struct, frozen=True, array_like=True, gc=False):
    name: str
    kind: str  # positional | any | keyword | star | double-star
    annotation: Ref = ""
    default: Ref = ""


class Scope(Struct, frozen=True, array_like=True, gc=False):
    """A module, class, function, lambda or comprehension. scopes[0] is the module."""

    kind: str  # module | class | function | lambda | comprehension
    name: str
    qualname: str  # Python's own: `A.f`, `f.<locals>.g`; `<module>`; a lambda is `<lambda>@LINE` inside its scope
    parent: int  # index of the enclosing scope, -1 for the module
    line: int  # of `def`, `class` or the expression; 1 for the module
    end_line: int
    context: int  # the Context in which the definition stands (0 for the module)
    is_async: bool = False
    is_generator: bool = False
    params: tuple[Param, ...] = ()
    returns: Ref = ""  # the annotation
    results: tuple[
        Ref, ...
    ] = ()  # what `return` (a lambda's body, a comprehension's element) gives; references of this scope
    yields: tuple[Ref, ...] = ()
    decorators: tuple[Ref, ...] = ()  # outermost first
    bases: tuple[Ref, ...] = ()
    keywords: tuple[tuple[str, Ref], ...] = ()  # class keywords, `metaclass` among them
    global_names: tuple[str, ...] = ()
    nonlocal_names: tuple[str, ...] = ()
    complexity: int | None = None  # radon's, None where it was not measured
    is_stub: bool = False  # the body is only a docstring, `pass`, `...` or `raise NotImplementedError`


class Branch(Struct, frozen=True, array_like=True, gc=False):
    """One arm of a statement that may not run. Two places exclude each other when they lie in different arms of one node."""

    parent: int  # enclosing branch, -1 for none
    node: int  # number of the statement
    arm: int
    kind: str  # if | else | main (`if __name__ == "__main__"`) | typing | try | except | finally | match | while | for | ifexp | boolop
    line: int


class Loop(Struct, frozen=True, array_like=True, gc=False):
    """A `for`, `async for`, `while` or one `for` clause of a comprehension."""

    parent: int  # enclosing loop of the same scope (a comprehension goes on in its parent's), -1 for none
    kind: str  # for | async-for | while | comprehension | async-comprehension
    iterates: Ref  # "" for while
    line: int
    operations: (
        int  # arithmetic, comparison, subscript and augmented assignments directly in this loop (not in inner ones)
    )
    leaves: tuple[int, ...] = ()  # the branches in which a `break` or `return` ends it early
    arithmetic: int = 0  # those of the operations that compute: no comparison, no subscript, nothing with text


class Region(Struct, frozen=True, array_like=True, gc=False):
    """One item of a `with` or `async with`."""

    parent: int  # enclosing region of the same scope, -1 for none
    manager: Ref
    is_async: bool
    line: int


class Context(Struct, frozen=True, array_like=True, gc=False):
    """Where a call, binding or read stands; shared by all that stand in one place. -1 means none."""

    scope: int
    branch: int
    loop: int
    region: int


class Import(Struct, frozen=True, array_like=True, gc=False):
    module: str  # as written, without the dots; "" for `from . import x`
    name: str | None  # None for `import a.b`, "*" for a star import
    alias: str | None
    level: int
    line: int  # the first line of the statement
    when: str  # typing > lazy > conditional (below if, try, match) > runtime
    context: int


class Binding(Struct, frozen=True, array_like=True, gc=False):
    """A name, attribute or element gets a value."""

    context: int
    order: int  # position among all bindings, calls and reads of the file, in order of execution inside one statement
    kind: str  # assign | augment | for | with | except | param | narrow | import | star-import | def | class | del | walrus | declare | match
    name: str  # the name; for `obj.attr = v` the step `.attr`; for `obj[k] = v` the step `['k']` or `[]`
    target: Ref  # "" for a plain name, else the reference of `obj`
    value: Ref  # steps of unpacking are on it: `iter`, `[0]`, `[*1:]`, `enter`; narrow: the class or tuple of classes
    annotation: Ref
    line: int


class Call(Struct, frozen=True, array_like=True, gc=False):
    context: int
    order: int
    callee: Ref
    args: tuple[Ref, ...]  # positional; a starred one begins with `*`
    keywords: tuple[tuple[str, Ref], ...]  # `**` for a double-starred one
    line: int
    column: int
    end_line: int
    is_awaited: bool
    is_discarded: bool  # an expression statement: nobody keeps the result
    handed_to: int  # index of the call of which this one is an argument (through displays and comprehensions), else -1
    digest: str  # 16 hex digits of the normalised statement (no white space, no comments)


class Read(Struct, frozen=True, array_like=True, gc=False):
    """An attribute chain or name that is read as a value (not as a callee); one row per (reference, context)."""

    context: int
    order: int
    value: Ref
    line: int


class Expr(Struct, frozen=True, array_like=True, gc=False):
    kind: str  # union | tuple | list | set | dict | concat | operation | comprehension | generator | dict-comprehension | starred | yield | fstring | without (a narrow's: none of these)
    items: tuple[Ref, ...]  # a comprehension: `scope:N`; a dict: its values
    keys: tuple[
        Ref, ...
    ] = ()  # a dict's keys, `**` for an unpacked mapping; an f-string's text (items: what its fields hold)
    context: int = 0


class Sql(Struct, frozen=True, array_like=True, gc=False):
    """A string that reads as SQL."""

    context: int
    verb: str  # select | insert | update | delete | create | alter | drop | merge | copy
    tables: tuple[str, ...]
    line: int


class Feature(Struct, frozen=True, array_like=True, gc=False):
    """A language feature that calls, bindings and scopes do not show."""

    name: str
    context: int
    line: int


class Suppression(Struct, frozen=True, array_like=True, gc=False):
    """`# readiness: ignore[RULE,RULE2] reason until=2027-03-31`, `# readiness: ignore-file[RULE] reason`."""

    rules: tuple[str, ...]
    reason: str
    until: str | None
    line: int
    is_file: bool


class Missing(Struct, frozen=True, array_like=True, gc=False):
    """From `order` on, in this context, a place was found to be None, false, empty or not there.

    `if not x.y:`, `x is None`, `key not in x`, `not hasattr(x, "y")`; behind `if x.y: return` too. Below `or` it may be there.
    """

    context: int
    order: int
    place: Ref


class Metrics(Struct, frozen=True, gc=False):
    """radon's own figures of a file. Lines are lines; Halstead volume in bits, effort without unit; maintainability 0-100."""

    loc: int
    lloc: int
    sloc: int
    comments: int
    multi: int
    blank: int
    complexity_total: int
    complexity_max: int
    maintainability: float
    halstead_volume: float
    halstead_effort: float


class Facts(Struct, frozen=True, array_like=True, gc=False):
    """All that one file says. Without a tree (`failure`) everything but lines and metrics is empty."""

    lines: int
    failure: Failure | None = None
    metrics: Metrics | None = None
    metrics_failure: Failure | None = None
    scopes: tuple[Scope, ...] = ()
    contexts: tuple[Context, ...] = ()
    branches: tuple[Branch, ...] = ()
    loops: tuple[Loop, ...] = ()
    regions: tuple[Region, ...] = ()
    imports: tuple[Import, ...] = ()
    bindings: tuple[Binding, ...] = ()
    calls: tuple[Call, ...] = ()
    reads: tuple[Read, ...] = ()
    exprs: tuple[Expr, ...] = ()
    sql: tuple[Sql, ...] = ()
    features: tuple[Feature, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    has_shebang: bool = False
    raises: tuple[Read, ...] = ()  # `raise Name`: the class is called without parentheses
    missing: tuple[Missing, ...] = ()
    raising: tuple[tuple[int, int], ...] = ()  # (context, order) of every `raise`
    # (branch, `True`, the name of a constant or `windows`, whether that has to hold for the branch to run)
    conditions: tuple[tuple[int, str, bool], ...] = ()


def loops_around(facts: Facts, loop: int) -> list[int]:
    """A loop and those around it, innermost first; none for -1."""
    found = []
    while loop >= 0:
        found.append(loop)
        loop = facts.loops[loop].parent
    return found


def is_within(facts: Facts, branch: int, outer: int) -> bool:
    """Whether a branch is another one or lies in it; all lie in -1."""
    while branch != outer and branch >= 0:
        branch = facts.branches[branch].parent
    return branch == outer


def with_inner(facts: Facts, branches: set[int]) -> set[int]:
    """These branches and all that lie in them."""
    found = set(branches)
    for number, row in enumerate(facts.branches):  # a branch stands behind the one around it
        if row.parent in found:
            found.add(number)
    return found


def last_name(ref: Ref) -> str:
    """The last word of a reference: `get` of `local:client`.`.get`, `Cart` of `local:Cart`."""
    return ref.rpartition(SEP)[2].lstrip(".").rpartition(":")[2]
