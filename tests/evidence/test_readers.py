"""Tables and logs from outside -> rows with their lines; what is wrong in them is told by line and key; bytes of any kind do no harm."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.config import ConfigError
from readiness.evidence.access import MOST_KINDS, read_log
from readiness.evidence.table import read_csv
from readiness.evidence.written import read_toml
from readiness.types.evidence import Asserted, Hit

TOML = b"""# what runs
bill_per_month = 1000
currency = "EUR"

[[service]]
name = "edge"
requests_per_second = 12.5
"p50-ms" = 80

[[service]]
route = "/home"
name = "edge"
cost_per_month = 10
owner = "team"
criticality = "high"
"""
WORDS = (
    "requests_per_second, p50_ms, p95_ms, p99_ms, instances, cpu_cores, memory_mib, start_seconds, cost_per_month, "
    "growth_per_year, owner, criticality"
)
NGINX = b'10.0.0.1 - bob [%s] "GET %s HTTP/1.1" 200 512 "https://x.example/?secret=1" "curl 7" %s\n'
TIMES = (b"10/Oct/2026:13:00:00 +0000", b"10/Oct/2026:13:00:20 +0000", b"10/Oct/2026:14:00:40 +0100")


def figures(row: Asserted) -> dict[str, tuple[float, int]]:
    return {name: (figure.value, figure.line) for name, figure in row.figures.items()}


def mistakes(read: object, data: bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(data, "f")  # type: ignore[operator]
    return str(caught.value).splitlines()


def test_a_number_in_toml_keeps_its_line() -> None:
    said = read_toml(TOML, "e.toml")
    first, second = said.rows
    assert (first.service, first.route, first.line) == ("edge", "", 5)
    assert figures(first) == {"requests_per_second": (12.5, 7), "p50_ms": (80.0, 8)}
    assert (second.route, second.owner, second.criticality, figures(second)) == (
        "/home",
        "team",
        "high",
        {"cost_per_month": (10.0, 13)},
    )
    assert said.bill is not None and (said.bill.value, said.bill.line, said.currency) == (1000.0, 2, "EUR")


def test_every_mistake_in_toml_is_told_with_its_key() -> None:
    assert mistakes(read_toml, b'[[service]]\nname = "a"\nrequest_per_second = 1\nmemory-mib = "2"\n') == [
        "f: service[0].request_per_second: unknown key, did you mean `requests-per-second`?",
        "f: service[0].memory-mib: must be a number, is a string",
    ]
    assert mistakes(
        read_toml, b'[[service]]\nname = "a"\np95_ms = nan\n[[service]]\nname = "b"\ncriticality = "hihg"\n'
    ) == [
        "f: service[0].p95_ms: must be a number from 0 to 1e+15, is nan",
        "f: service[1].criticality: 'hihg' is no criticality, did you mean `high`?; allowed: low, normal, high",
    ]
    assert mistakes(read_toml, b'[[service]]\nname = "a"\n')[0].startswith(
        "f: service[0]: says nothing of 'a'; allowed: requests"
    )
    assert mistakes(read_toml, b"bill_per_month = 0\n") == ["f: bill_per_month: must be a number above 0, is 0"]
    assert "invalid" in mistakes(read_toml, b"= 1")[0].lower()


@pytest.mark.parametrize("encode", [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t")], ids=str)
def test_a_table_is_read_as_spreadsheets_write_it(encode: tuple[str, str]) -> None:
    encoding, mark = encode
    text = (
        'Service,Route,Requests per second,memory-mib\r\nedge,,12.5,\r\n\r\n"two\nlines",,,1e3\r\nedge,/home,0.5,\r\n'
    )
    rows = read_csv(text.replace(",", mark).encode(encoding), "m.csv").rows
    assert [(row.service, row.route, row.line, figures(row)) for row in rows] == [
        ("edge", "", 2, {"requests_per_second": (12.5, 2)}),
        ("two\nlines", "", 4, {"memory_mib": (1000.0, 4)}),
        ("edge", "/home", 6, {"requests_per_second": (0.5, 6)}),
    ]


def test_every_mistake_in_a_table_is_told_with_its_line_and_column() -> None:
    assert mistakes(read_csv, b"service,p95ms,service\nedge,1\n") == [
        f"f:1: p95ms: unknown column, did you mean `p95-ms`?; allowed: service, route, {WORDS}",
        "f:1: service: there twice",
    ]
    assert mistakes(read_csv, b"p95_ms\n1\n") == ["f:1: no column `service`"]
    table = b"service,p95_ms,criticality\nedge,=1+1,\nedge,-1,\nedge,1,urgent\nedge,1,low,9\n,1,\nedge,,\n"
    assert mistakes(read_csv, table) == [
        "f:2: p95_ms: '=1+1' is no number",
        "f:3: p95_ms: must be a number from 0 to 1e+15, is -1.0",
        "f:4: criticality: 'urgent' is no criticality; allowed: low, normal, high",
        "f:5: 4 cells under 3 columns",
        "f:6: service: is empty",
        f"f:7: says nothing of 'edge'; allowed: {WORDS}",
    ]
    assert mistakes(read_csv, b"service,p95_ms\n" + b"edge,x\n" * 100)[-1] == "f: and 80 more"
    assert mistakes(read_csv, b"service\n\x00") == ["f: no table: it holds a NUL"]
    assert mistakes(read_csv, b"service,owner\n" + b"a,b\n" * 10_001) == ["f: more than 10000 rows"]


def test_a_log_is_summed_up_by_path_with_its_span_and_times() -> None:
    lines = [
        NGINX % (TIMES[0], b"/home?user=7", b"0.200"),
        NGINX % (TIMES[1], b"/home", b"rt=0.400"),
        NGINX % (TIMES[2], b"/orders/1", b'"urt" "250000"'),
        b'::1 - - [10/Oct/2026:13:00:10 +0000] "POST /home HTTP/1.1" 201 -\n',
        b"what is this\n",
        b'1 - - [99/Oct/2026:13:00:10 +0000] "GET / HTTP/1.1" 200 1\n',
    ]
    log = read_log(b"".join(lines), "access.log", "edge")
    assert (log.path, log.service, log.seconds, log.unread, log.left_out) == ("access.log", "edge", 40.0, 2, 0)
    assert [(hit.method, hit.path, hit.count, hit.line) for hit in log.hits] == [
        ("GET", "/home", 2, 1), ("POST", "/home", 1, 4), ("GET", "/orders/1", 1, 3),
    ]  # fmt: skip
    assert [hit.seconds for hit in log.hits] == [pytest.approx(0.3), None, 0.25]
    assert "secret" not in repr(log) and "bob" not in repr(log) and "10.0.0.1" not in repr(log)


def test_more_kinds_of_requests_than_are_kept_are_counted() -> None:
    lines = b"".join(NGINX % (TIMES[0], b"/%d" % number, b"0.1") for number in range(MOST_KINDS + 3))
    log = read_log(lines, "l", "")
    assert (len(log.hits), log.left_out) == (MOST_KINDS, 3)


def test_a_hostile_log_costs_time_in_proportion() -> None:
    begin = time.process_time()
    read_log(b'1 - - [10/Oct/2026:13:00:10 +0000] "GET /' + b" =1" * 5_000 + b"\n" * 3, "l", "")
    read_log((b'1 - - [10/Oct/2026:13:00:10 +0000] "GET / HTTP" 200 1' + b' "1' * 5_000 + b"\n") * 20, "l", "")
    read_log(b"a" * 3_000_000, "l", "")
    assert time.process_time() - begin < 5


@given(st.one_of(st.binary(), st.text().map(str.encode), st.lists(st.sampled_from((*NGINX.split(b" "), TIMES[0], b"\n", b'"'))).map(b" ".join)))  # fmt: skip
def test_no_bytes_do_harm(data: bytes) -> None:
    for read in (read_toml, read_csv):
        try:
            read(data, "f")
        except ConfigError as error:
            assert all(line.startswith("f") for line in str(error).splitlines())
    assert all(isinstance(hit, Hit) for hit in read_log(data, "f", "").hits)
