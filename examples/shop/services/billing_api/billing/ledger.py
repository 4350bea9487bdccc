"""The ledger: append only, in its own table, over psycopg2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import psycopg2
from psycopg2.extensions import cursor
from shoplib.settings import load


@dataclass(frozen=True)
class Entry:
    charge_id: str
    customer: int
    amount: Decimal


@contextmanager
def transaction() -> Iterator[cursor]:
    connection = psycopg2.connect(load().database_url)
    try:
        with connection, connection.cursor() as rows:
            yield rows
    finally:
        connection.close()


def add_entry(charge_id: str, customer: int, amount: Decimal, who: str) -> None:
    with transaction() as rows:
        rows.execute(
            "INSERT INTO ledger (charge_id, customer, amount, written_by) VALUES (%s, %s, %s, %s)",
            (charge_id, customer, amount, who),
        )


def find_entry(charge_id: str) -> Entry | None:
    with transaction() as rows:
        rows.execute("SELECT charge_id, customer, amount FROM ledger WHERE charge_id = %s", (charge_id,))
        row = rows.fetchone()
    return Entry(*row) if row else None


def entries_of(customer: int) -> list[Entry]:
    with transaction() as rows:
        rows.execute("SELECT charge_id, customer, amount FROM ledger WHERE customer = %s", (customer,))
        return [Entry(*row) for row in rows.fetchall()]
