"""Report <-> compressed msgpack. A table goes in piece by piece: the whole of a report of 1.1 MLOC takes 100 MB before it is compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec
from msgspec.structs import fields

from readiness.types.report import Report

MAX_REPORT = 1 << 30  # bytes unpacked: no report has as many
BATCH = 500  # rows
FIX_ARRAY = 16  # https://github.com/msgpack/msgpack/blob/master/spec.md: an array of fewer has one byte of head, up to 65,535 three


def deflated(report: Report) -> bytes:
    """As `msgspec.msgpack.encode` has it, compressed at the lowest level."""
    packer = zlib.compressobj(1)
    return b"".join([*map(packer.compress, _pieces(report)), packer.flush()])


def inflated(data: bytes) -> Report:
    """Raises zlib.error or msgspec.MsgspecError for anything else than a report that was deflated."""
    stream = zlib.decompressobj()
    found = stream.decompress(data, MAX_REPORT)
    if not stream.eof:
        raise zlib.error("longer than any report")
    return msgspec.msgpack.decode(found, type=Report)


def _pieces(report: Report) -> Iterator[bytes]:
    encode = msgspec.msgpack.Encoder().encode
    names = fields(report)
    yield b"\xde" + len(names).to_bytes(2, "big")
    for name in names:
        yield encode(name.encode_name)
        value = getattr(report, name.name)
        if not isinstance(value, tuple):
            yield encode(value)
            continue
        yield b"\xdd" + len(value).to_bytes(4, "big")
        for begin in range(0, len(value), BATCH):
            rows = value[begin : begin + BATCH]
            yield encode(rows)[1 if len(rows) < FIX_ARRAY else 3 :]
