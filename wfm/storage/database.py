"""The engine and its transactions: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, UpdateBase, create_engine, event, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from wfm.errors import Conflict, InvalidInput, Unavailable

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 10
POOL = {"pool_size": 8, "max_overflow": 8, "pool_timeout": 10}


class Database:
    """One database and its connections.

    Parameters
    ----------
    url
        `sqlite:///file` or `postgresql+psycopg://...`.

    Raises
    ------
    InvalidInput
        When the URL names another kind of database.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise InvalidInput(f"database_url must start with sqlite:/// or postgresql+psycopg://, got {url.split(':')[0]!r}")
        self.url = url
        self.engine: Engine = _sqlite(url) if url.startswith("sqlite") else _postgres(url)

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves nothing behind.

        SQLite takes its one write lock at the start, so two writers queue up instead of failing half-way.
        """
        with _answering(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and changes nothing."""
        with _answering(), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN DEFERRED")
            else:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
            yield session

    def lock(self, session: Session, name: str, number: int = 0) -> None:
        """Let one transaction at a time pass for this name and number; held to the end of the transaction.

        SQLite has one writer anyway: `transaction` already holds its lock.
        """
        if not self.is_sqlite:
            key = int.from_bytes(hashlib.sha256(f"{name}/{number}".encode()).digest()[:8], "big", signed=True)
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def ping(self) -> None:
        """Raise `Unavailable` unless the database answers."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def rows_of(session: Session, statement: UpdateBase) -> int:
    """Execute an insert, update or delete; how many rows it met."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable("the database does not answer; try again in a moment") from error
    except (DataError, OverflowError, UnicodeEncodeError) as error:
        raise InvalidInput("a value cannot be looked up or stored: a number too large, or characters that no text may hold") from error
    except IntegrityError as error:
        if _is_twice(error):
            raise Conflict("somebody else stored the same at the same moment; look again") from error
        raise
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise Unavailable("the database file cannot be used: it is damaged or no database at all; restore a backup") from error
        if error.connection_invalidated:
            raise Unavailable("the database connection was lost; try again in a moment") from error
        raise


def _is_twice(error: IntegrityError) -> bool:
    """True where a value that must be unique was there already."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def _sqlite(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if path and path != ":memory:":
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}, **POOL)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late for a write lock: transactions start by hand (`transaction`, `reading`).
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_S * 1000}"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgres(url: str) -> Engine:
    waits = {"connect_timeout": CONNECT_TIMEOUT_S, "options": f"-c lock_timeout={BUSY_TIMEOUT_S}s"}
    try:
        return create_engine(url, pool_pre_ping=True, connect_args=waits, **POOL)
    except ModuleNotFoundError as error:
        raise Unavailable("PostgreSQL needs a driver; install it with: pip install 'wfm[postgres]'") from error
