"""What somebody asserts about services from outside of the code: as the user writes it, and as the stages pass it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

CRITICALITIES = ("low", "normal", "high")
TEXTS = ("owner", "criticality")


class ServiceEvidence(Struct, frozen=True):
    """One `[[service]]`, or one line of a CSV: a service, or one route of it. Per instance where it is not said otherwise."""

    name: Annotated[str, Meta(description="Id or name of the service, as `readiness services` prints it.")]
    route: Annotated[
        str | None, Meta(description="Only this route, queue or task of it, as the report shows it.")
    ] = None  # fmt: skip
    requests_per_second: Annotated[
        float | None, Meta(description="Requests or messages a second, all instances together, mean over a busy hour.")
    ] = None
    p50_ms: Annotated[float | None, Meta(description="Half of the answers take at most this long.")] = None
    p95_ms: Annotated[float | None, Meta(description="95 of 100 answers take at most this long.")] = None
    p99_ms: Annotated[float | None, Meta(description="99 of 100 answers take at most this long.")] = None
    instances: Annotated[float | None, Meta(description="How many of it run.")] = None
    cpu_cores: Annotated[float | None, Meta(description="Processors that one instance keeps busy.")] = None
    memory_mib: Annotated[float | None, Meta(description="Memory that one instance uses, in MiB.")] = None
    start_seconds: Annotated[float | None, Meta(description="From the start to the first answer.")] = None
    cost_per_month: Annotated[float | None, Meta(description="What all its instances cost a month.")] = None
    growth_per_year: Annotated[
        float | None, Meta(description="Traffic in a year over traffic now: 1.5 is half more.")
    ] = None
    owner: Annotated[str | None, Meta(description="Who carries the pager.")] = None
    criticality: Annotated[str | None, Meta(description="low, normal or high: a critical service is no pilot.")] = None


class EvidenceFile(Struct, frozen=True):
    """A whole `readiness.evidence.toml`."""

    bill_per_month: Annotated[
        float | None, Meta(description="The whole bill for machines a month, of which services have their share.")
    ] = None
    person_day: Annotated[float | None, Meta(description="What a day of an engineer costs; for the payback.")] = None
    currency: Annotated[str, Meta(description="In which all of these are.")] = ""
    service: Annotated[tuple[ServiceEvidence, ...], Meta(description="One table per service or route.")] = ()


class Figure(Struct, frozen=True):
    """One number, with the line in which it stands."""

    value: float
    path: str
    line: int


class Asserted(Struct, frozen=True):
    """One row: what was said of a service, or of one route of it."""

    service: str
    route: str  # "" for the whole service
    path: str
    line: int
    key: str  # where it stands, as an error names it
    figures: Mapping[str, Figure] = {}
    owner: str = ""
    criticality: str = ""


class Hit(Struct, frozen=True):
    """The requests of one kind that an access log has."""

    method: str
    path: str  # without its query
    count: int
    seconds: float | None  # mean time to the answer, where the log has it
    line: int  # the first of them


class AccessLog(Struct, frozen=True):
    """An access log, summed up."""

    path: str
    service: str  # whose it is, "" where routes have to tell
    seconds: float  # from its first to its last request
    hits: tuple[Hit, ...]  # most first
    left_out: int  # requests that no hit stands for: too many kinds of them
    unread: int  # lines that are no request
    is_cut: bool = False  # only its beginning was read


class Evidence(Struct, frozen=True):
    """All that was asserted, in the order of files and lines."""

    rows: tuple[Asserted, ...] = ()
    logs: tuple[AccessLog, ...] = ()
    bill: Figure | None = None
    person_day: Figure | None = None
    currency: str = ""


NO_EVIDENCE = Evidence()


class AssertedRow(Struct, frozen=True):
    """One thing that the user says of a service, with its line."""

    name: str  # a key of types.evidence.ServiceEvidence
    value: float | None
    text: str  # of what is no number
    route: str  # "" for the whole service
    path: str
    line: int


class TrafficCase(Struct, frozen=True):
    """What more traffic would change, if cost and instances grow with it. Money a month."""

    factor: float
    demand: float | None  # requests a second or open at once, whichever is more
    cost: float
    low: float  # savings, at most
    likely: float
    high: float
    score: float
    verdict: str
    months: float | None = None  # until it is so, at the growth that was given


class Savings(Struct, frozen=True):
    """What a port saves a month at most, from a cost that the user gave in the line."""

    cost: float
    currency: str
    low: float
    likely: float
    high: float
    payback_months: (
        float | None
    )  # production days x the cost of a day / likely; None where nobody said what a day costs
    cases: tuple[TrafficCase, ...]
    path: str
    line: int
