"""What link gives: the program as a whole. Functions are referred to by their index in `Program.functions`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readiness.types.facts import Metrics


class Module(Struct, frozen=True, gc=False):
    module: str  # unique
    name: str  # import name
    path: str
    is_package: bool
    lines: int
    metrics: Metrics | None
    is_judged: bool  # it has a tree
    is_test: bool


class ImportEdge(Struct, frozen=True, gc=False):
    importer: str
    imported: str
    line: int
    when: str


class ExternalImport(Struct, frozen=True, gc=False):
    """An import of something outside the repository: `name` is the dotted name as far as it was written."""

    importer: str
    name: str
    line: int
    when: str


class Function(Struct, frozen=True, gc=False):
    """A function, method, lambda or a module's own code (`<module>`)."""

    module: str
    qualname: str
    path: str
    line: int
    end_line: int
    is_async: bool
    is_generator: bool
    complexity: int | None
    owner: str | None  # the class's target
    parameters: int  # without self and cls
    annotated: int  # parameters with an annotation, plus one for an annotated return
    decorators: tuple[str, ...]  # resolved names
    is_public: bool
    unresolved: int  # call sites that stay unresolved
    scope: int = 0  # index into the module's Facts.scopes

    @property
    def target(self) -> str:
        return f"{self.module}:{self.qualname}"


class Class(Struct, frozen=True, gc=False):
    target: str  # module:qualname
    path: str
    line: int
    bases: tuple[str, ...]  # project targets or external names, resolved; unknown ones left out
    ancestors: tuple[str, ...]  # all of them, in method resolution order, external ones included
    is_abstract: bool
    has_metaclass: bool


class CallEdge(Struct, frozen=True, gc=False):
    """One possible callee of one call site."""

    caller: int
    callee: int  # -1 for something outside the repository
    external: str  # its qualified name, "" for a project function
    line: int
    column: int
    end_line: int
    call: int  # index into the module's Facts.calls, -1 for an implied call (a property, `with`, `for`)
    how: str  # call | task | thread | process | queue | callback | override   (callback: handed over, runs some time in the same thread)
    confidence: str  # exact | typed | named
    is_awaited: bool
    loop: int  # number of loops around it in its function
    api: int = -1  # index into Program.apis where the external name is on a library page
    is_parameter: bool = (
        False  # the callee came in as a parameter: who calls the caller reaches what it hands over itself
    )
    is_waited: bool = True  # False: spawned as a task of its own, nobody waits for it here
    is_locked: bool = False  # stands in a `with` over a lock
    is_first: bool = False  # what it gives is kept, and was just found missing: it runs the first time only


class ApiUse(Struct, frozen=True, gc=False):
    """What a library page says of one external name, flattened for the stages behind link."""

    name: str
    distribution: str
    kind: str | None
    mode: str | None
    latency: str | None
    construct: str | None
    serialises: str | None
    native: bool
    tags: tuple[str, ...]


class Hop(Struct, frozen=True, gc=False):
    target: str
    path: str
    line: int


class Via(Struct, frozen=True, gc=False):
    """One kind of I/O that a function reaches, over the shortest path. The last hop's line is the call itself."""

    kind: str
    mode: str  # blocking | async
    confidence: str
    hops: tuple[Hop, ...]
    api: str
    latency: str | None = None
    contexts: tuple[str, ...] = ()  # on the way: async | fan-out | handler | import-time | lock | loop, sorted


class Effect(Struct, frozen=True, gc=False):
    """I/O of one function. `direct` and `reachable` are kinds of CONTRACT, sorted."""

    direct: tuple[str, ...] = ()
    reachable: tuple[str, ...] = ()
    via: tuple[Via, ...] = ()
    bound: str = "unknown"  # io | cpu | mixed | unknown
    named: tuple[Via, ...] = ()  # what it reaches besides by the names of calls alone, where that is not counted


class EntryReach(Struct, frozen=True, gc=False):
    """What one entry point does when it runs: call sites of I/O that it reaches, each counted once, the strongest word first."""

    kinds: tuple[str, ...] = ()
    concurrent: int = 0  # sites in tasks, threads, processes
    looped: int = 0  # sites in a loop, one after another
    sequential: int = 0  # all others
    width: int | None = (
        None  # the widest fan-out that is literal: a pool's size, a semaphore, the arguments of a gather
    )
    bound: str = "unknown"  # io | cpu | mixed | unknown


class EntryPoint(Struct, frozen=True, gc=False):
    """A place where work comes in. `function` is -1 where the handler could not be resolved."""

    kind: str  # http-route | websocket | rpc-method | task | consumer | schedule | cli | main | lambda | other
    path: str
    line: int
    target: str
    detail: str  # the route, the queue, the command
    function: int
    framework: str  # the distribution whose page says so; "" for the language itself
    app: str  # module:name of the object that carries it (an app, a router, a Celery app), "" where unknown
    reach: EntryReach | None = None  # None where the handler could not be resolved
    serialises: str = ""  # the form in which a task wants its messages, "" where the code does not say it
    verbs: tuple[str, ...] = ()  # the methods of HTTP that a route answers; empty where the code does not say it


class DataUse(Struct, frozen=True, gc=False):
    """A table, cache, queue, bucket, file or environment variable that a function touches."""

    function: int
    kind: str  # table | cache | queue | bucket | file | env
    name: str
    access: str  # read | write | declare
    path: str
    line: int
    store: str = ""  # the library or technology that says so


class Outgoing(Struct, frozen=True, gc=False):
    """A call that leaves over a wire, at the place that says where it goes."""

    function: int
    kind: str  # http | websocket | rpc | queue | topic
    address: (
        str  # a URL with `${NAME=default}` and `{}` for what is not known; `channel#Service/Method`; a task; a topic
    )
    method: str  # GET, POST ...; "" where unknown
    path: str
    line: int
    api: str
    serialisation: str | None
    certainty: float  # that the call is given this address


class AppObject(Struct, frozen=True, gc=False):
    """An application, server or router object in module code: evidence for services."""

    target: str  # module:name
    path: str
    line: int
    api: str  # the qualified constructor
    kind: str  # app | router
    scope: str = "<module>"  # qualname of the function in which it is made
    library: str = ""  # the distribution whose page names it


class Program(Struct, frozen=True):
    modules: tuple[Module, ...]
    imports: tuple[ImportEdge, ...]
    imports_dynamic: tuple[ImportEdge, ...]
    imports_external: tuple[ExternalImport, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    calls: tuple[CallEdge, ...]
    apis: tuple[ApiUse, ...]
    effects: tuple[Effect, ...]  # one per function
    entries: tuple[EntryPoint, ...]
    data: tuple[DataUse, ...]
    apps: tuple[AppObject, ...]
    resolved: int  # call sites
    external: int
    unresolved: int
    unresolved_reasons: Mapping[str, int] = {}
    bounds_hit: Mapping[str, int] = {}  # a limit of the analysis that was reached -> how often
    outgoing: tuple[Outgoing, ...] = ()
    queued: tuple[CallEdge, ...] = ()  # who puts work into a queue -> what a worker runs for it; not among `calls`
    blind_writes: tuple[int, ...] = ()  # functions that write rows of a class which is told at run time only
    # among imports_dynamic, too: modules that are loaded by the names of their files, and that literal texts name in a package that
    # imports by a text
    loads: tuple[ImportEdge, ...] = ()
    texts: tuple[ImportEdge, ...] = ()
    # calls that are known by their name alone; among `calls` instead where they are counted
    named: tuple[CallEdge, ...] = ()


class Cycle(Struct, frozen=True):
    """A strongly connected component of more than one module, or one that imports itself over others."""

    id: int
    modules: tuple[str, ...]
    cuts: tuple[ImportEdge, ...]  # the cheapest edges whose removal breaks it
    is_load_time: bool  # still a cycle without the lazy imports


class ModuleCoupling(Struct, frozen=True, gc=False):
    afferent: int
    efferent: int
    instability: float | None
    abstractness: float | None
    distance: float | None
    cycle: int | None
    cycle_load: int | None
    betweenness: float


class Coupling(Struct, frozen=True):
    modules: Mapping[str, ModuleCoupling]
    cycles: tuple[Cycle, ...]
    cycles_load: tuple[Cycle, ...]
    betweenness_samples: int | None  # None: exact
