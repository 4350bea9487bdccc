"""What `services` finds: units that are started on their own, slices, seams; and what was rejected."""

from __future__ import annotations

from msgspec import Struct

from readiness.types.program import EntryPoint

STAGES = "task_stages"  # row of a pipeline's ledger: its stages that could be tasks of their own, by comma
LOOPS = "a loop that waits for work"  # how the evidence `stays` begins where no server keeps the process


class Evidence(Struct, frozen=True):
    """One reason to believe that something is a process of its own."""

    kind: str  # dockerfile | compose | kubernetes | procfile | systemd | start-script | console-script | app-object | main-guard | ...
    path: str
    line: int | None
    detail: str
    strength: float  # 0-1


class Seam(Struct, frozen=True):
    """An import edge to cut before a service can leave."""

    importer: str
    imported: str
    line: int
    reason: str


class SharedData(Struct, frozen=True):
    store: str  # the distribution or technology
    kind: str  # table | cache | queue | bucket | file | env
    name: str
    reads: int
    writes: int
    also: tuple[str, ...]  # ids of other services that touch it


class Contract(Struct, frozen=True):
    kind: str  # http | rpc | queue | websocket | cli
    name: str
    target: str
    declared: str = ""  # of rpc: the method as a .proto of the repository declares it, with its place


class Wire(Struct, frozen=True):
    """A call over a wire, seen from one end."""

    service: str | None  # id of the other end, None where it is unknown
    contract: str
    target: str  # the caller's
    path: str
    line: int
    serialisation: str | None
    confidence: float
    declared: str = ""  # of rpc: as a .proto of the repository declares the method


class Service(Struct, frozen=True):
    id: str  # unique, stable: made of the name and, where needed, the root
    name: str
    root: str
    kind: str  # deployable | slice | seam
    archetype: str
    archetypes: tuple[str, ...]  # all that match
    roles: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    strength: float  # 1 - prod(1 - strength) over distinct kinds
    entries: tuple[EntryPoint, ...]
    functions: tuple[int, ...]  # indices of functions that its entries reach, own and shared
    own: tuple[str, ...]  # modules, unique names
    shared: tuple[str, ...]
    lines: int  # of own modules
    judged: float
    seams: tuple[Seam, ...] = ()
    data: tuple[SharedData, ...] = ()
    contracts: tuple[Contract, ...] = ()
    calls_out: tuple[Wire, ...] = ()
    called_by: tuple[Wire, ...] = ()
    replicas: int | None = None
    workers: int | None = None
    ships: tuple[Evidence, ...] = ()  # PyInstaller, packages, DaemonSet ...
    command: str = ""
    cut: float | None = None  # cut weight / volume of its own modules
    operations: tuple[tuple[str, str], ...] = ()  # the ledger: what runs it, from files only
    api: tuple[Seam, ...] = ()  # the cheapest border to other services: functions that would become an API
    alone: tuple[int, ...] = ()  # of a slice: the functions that leave with it, since only its entries run them


class Rejected(Struct, frozen=True):
    """Something that looks like a service and is none."""

    name: str
    path: str
    line: int | None
    evidence: str  # the kind
    reason: str
    correction: str  # the configuration line that would take it in


class Services(Struct, frozen=True):
    found: tuple[Service, ...]
    rejected: tuple[Rejected, ...]
    staying: tuple[int, ...] = ()  # functions that begin a process which does not end by itself, in order
