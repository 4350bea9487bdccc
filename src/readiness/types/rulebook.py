"""What the pages under rules/ say: finding rules, libraries, Go counterparts, the scoring table. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Api(Struct, frozen=True):
    """One name (or family of names) of a library and what calling it does. Names are fully qualified, methods by class.

    A segment of a name may hold one `*`, at its start or end; `**.` in front stands for any packages: `**.*_pb2_grpc.*Stub`.
    """

    names: tuple[str, ...]
    kind: str | None = None  # an I/O kind of CONTRACT
    mode: str | None = None  # blocking | async
    latency: str | None = None  # local | cache | db | rpc | wan | long
    construct: str | None = None  # a concurrency construct of CONTRACT
    hands: str | None = None  # what happens to a callable argument: task | thread | process | queue | callback | sync
    hands_argument: str | None = None  # arg:N, args:N (N and all after), kw:name, self; several by `,`
    returns: str | None = (
        None  # type of the result: `lib.T`, `[T]` (iterates T), `{T}` (maps to T), `T, T`, `arg:N` (its type), `named:arg:N`
    )
    enters: str | None = None  # what `with` / `async with` gives
    iterates: str | None = None  # what `for` / `async for` gives
    awaits: str | None = None  # what `await` gives, where it differs from `returns`
    data: str | None = None  # table | cache | queue | bucket | file | env: what store is touched
    data_access: str | None = None  # read | write
    data_name: str | None = None  # arg:N, kw:name: where the store's name stands
    serialises: str | None = None  # json | pickle | protobuf | yaml | xml | msgpack | csv | marshal | orm
    native: bool = False  # the work is done in compiled code
    width: str | None = None  # arg:N, kw:name: where the width of a pool or semaphore stands
    tags: tuple[
        str, ...
    ] = ()  # further words that signals ask for: template, form, admin, proxy, stream, process-pool, ship ...
    remedy: str | None = None  # what to use instead in async code, where it is not what the library's page names
    since: str | None = None  # the first version of the library that has the names
    until: str | None = None  # the last version that has them
    returns_with: Mapping[str, str] = {}  # constant of the library -> type of the result where it is an argument
    nothing_with: tuple[str, ...] = ()  # constants of the library with which, as an argument, the call waits for nobody


class Entry(Struct, frozen=True):
    """How a library marks an entry point."""

    form: str  # decorator | call | base-class | instance
    names: tuple[str, ...]
    kind: str  # an entry-point kind of CONTRACT; app | router for objects that carry entries; mount for calls that give one a prefix
    name_from: str | None = None  # arg:N | kw:name | attr:name | class-name | method-name | function-name
    handler: str | None = None  # for form call: arg:N or kw:name that is the handler
    methods: tuple[
        str, ...
    ] = ()  # the methods that are entries: of classes below a base-class, of a class that stands as a call's handler
    prefix: str | None = None  # kw:name or arg:N with a path prefix
    replaces: bool = False  # for kind mount: its prefix stands instead of the router's own
    texts: bool = False  # a text that the handler returns is sent as it is, not as JSON
    hooks: tuple[
        str, ...
    ] = ()  # for call: the methods of a class that stands as handler, where it has none of `methods`


class GoChoice(Struct, frozen=True):
    modules: tuple[str, ...]
    fit: str  # stdlib | drop-in | close | partial | none | keep-python | tooling
    maturity: str | None = None  # official | foundation | community
    cgo: bool | None = None
    licence: str | None = None
    as_of: str | None = None
    lost: str | None = None
    note: str | None = None


class Orm(Struct, frozen=True):
    """What a library that maps rows to objects calls things, where only the name tells them (`rules/README.md`)."""

    name: str
    table: str | None = None
    unit_of_work: bool = False
    models: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    backwards: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    scalars: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    relation_writes: tuple[str, ...] = ()
    session_writes: tuple[str, ...] = ()
    class_writes: tuple[str, ...] = ()
    class_reads: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    editing: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()


class Library(Struct, frozen=True):
    """One library page, or one line of go-equivalents.tsv (then without apis)."""

    distribution: str
    imports: tuple[str, ...]
    path: str  # of the page, relative to its rule folder
    title: str
    apis: tuple[Api, ...] = ()
    entries: tuple[Entry, ...] = ()
    classes: Mapping[str, tuple[str, ...]] = {}  # class -> its bases, for methods found on a base
    attributes: Mapping[str, str] = {}  # "library.Class.attr" -> qualified type
    go: GoChoice | None = None
    remedy: str | None = None
    import_ms: float | None = None
    resident_mib: float | None = None
    handles: tuple[str, ...] = ()  # types that only the page names: what calls give back has no public name
    parameters: Mapping[
        str, str
    ] = {}  # method of a base class, or function that takes a callback -> types of the parameters
    same: Mapping[str, str] = {}  # module -> the module whose names it has, "" for top-level ones below it
    family: tuple[str, ...] = ()  # what the library is for: rulebook.check.FAMILIES
    serves: tuple[str, ...] = ()  # calls that come back only when somebody stops the process
    roots: tuple[str, ...] = ()  # names of folders that the library puts on sys.path
    settings: Mapping[str, str] = {}  # name of a setting of the library -> the row of a service's ledger that shows it
    options: Mapping[str, str] = {}  # keyword where an entry is declared -> the same
    orm: Orm | None = None
    addresses: Mapping[
        str, str
    ] = {}  # call -> the HTTP method (or its place, `-`, `websocket`) and the places of the URL
    holders: Mapping[
        str, str
    ] = {}  # object with the settings -> the variable of the environment that names their module
    loop: Mapping[str, str] = {}  # name of asyncio -> what does the same on this library's own event loop


class Condition(Struct, frozen=True):
    """When a rule holds; every key that is given has to hold."""

    effect: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    not_context: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    construct: tuple[str, ...] = ()
    metric: str | None = None
    min: float | None = None
    edge: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    decorator: tuple[str, ...] = ()
    feature: tuple[str, ...] = ()
    written: tuple[str, ...] = ()  # globs over the callee as the source writes it, for names that nothing resolves
    serialises: tuple[str, ...] = ()
    grandbase: tuple[str, ...] = ()  # as base, but who stands directly below only prepares: it is none itself


class Rule(Struct, frozen=True):
    id: str
    pack: str
    title: str
    category: str  # mandatory | optional | potential
    severity: str  # info | warning | error
    message: str  # with {name}, {function} and other fields of findings.FIELDS
    text: str  # the page's prose
    path: str
    when: Condition
    go: str | None = None
    days: float | None = None
    since: str | None = None
    fix: str | None = None  # the concrete change in Python
    fix_days: float | None = None
    is_preview: bool = False
    change: str | None = None  # the fix at one place, with {name} {remedy} {function} {helper}
    mend: str = "here"  # where it is mended: here (the finding's line) | end (where its path ends)
    pattern: str | None = None  # the usual Go for it, one to five lines that compile; never a translation of a line
    sure: tuple[str, ...] = ()  # the proofs without which a hit is only possible, and shown with the previews


class Weight(Struct, frozen=True):
    """One signal or threshold of scoring.toml."""

    name: str
    value: float
    why: str
    source: str
    axis: str | None = None  # benefit | risk
    family: str | None = None  # io | cpu | foot | lever
    remedy: float | None = None  # the share of the gain that the best Python fix gives
    half: float | None = None  # K: the count that gives 0.5


class Scoring(Struct, frozen=True):
    version: str
    families: Mapping[str, Weight]
    signals: Mapping[str, Weight]
    thresholds: Mapping[str, Weight]
    tables: Mapping[str, Mapping[str, float]] = {}  # latency classes, fits, feature points ...


class Rulebook(Struct, frozen=True):
    rules: tuple[Rule, ...]
    libraries: tuple[Library, ...]
    scoring: Scoring
    digest: str  # of all pages, for the store and the report
    patterns: Mapping[str, str] = {}  # name -> lines of Go; a concurrency construct has one of its own name
