"""Engine and sessions. One engine per process, made on first use so that forked workers do not share connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from shoplib.settings import load


class Base(DeclarativeBase):
    """Root of the shared tables."""


@lru_cache(maxsize=1)
def engine() -> Engine:
    return create_engine(load().database_url, pool_size=5, max_overflow=10, pool_pre_ping=True)


def new_session() -> Session:
    return sessionmaker(bind=engine(), expire_on_commit=False)()


@contextmanager
def session_scope() -> Iterator[Session]:
    """A session that commits at the end and rolls back when the block raises."""
    session = new_session()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
