"""The audit trail: a chain of rows per organisation that can be added to and read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wfm.storage import organisations
from wfm.storage.tables import AuditRow

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did, before it is numbered and chained."""

    organisation_id: int
    site_id: int | None
    at: datetime
    user_id: int | None
    actor: str
    action: str
    object_kind: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    request_id: str


def append(session: Session, entry: Entry) -> AuditRow:
    """Chain an entry to its organisation's trail.

    The organisation's row is held from here to the end of the transaction, so this comes last in a use case.
    """
    owner = organisations.locked(session, entry.organisation_id)
    number, previous = owner.audit_count + 1, owner.audit_hash
    row = AuditRow(number=number, previous_hash=previous, hash=digest(number, previous, entry), **asdict(entry))
    owner.audit_count, owner.audit_hash = number, row.hash
    session.add(row)
    session.flush()
    return row


def digest(number: int, previous: str, entry: Entry) -> str:
    """SHA-256 over everything that an audit row says and over the hash of the row before it."""
    content = {**asdict(entry), "at": entry.at.isoformat(), "number": number, "previous_hash": previous}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class StoredRow(Protocol):
    """A row as it is read back: `Entry` with its place in the chain."""

    number: int
    previous_hash: str
    hash: str


def entry_of(row: StoredRow) -> Entry:
    """What a stored row says, without its number and hashes."""
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})


@contextmanager
def chain(session: Session, organisation_id: int, at_once: int = ROWS_AT_ONCE) -> Iterator[Iterable[StoredRow]]:
    """Every row of an organisation by number, `at_once` of them in memory."""
    wanted = select(AuditRow.__table__).where(AuditRow.organisation_id == organisation_id).order_by(AuditRow.number)
    with session.execute(wanted.execution_options(yield_per=at_once)) as rows:
        yield cast("Iterable[StoredRow]", rows)


def page(session: Session, organisation_id: int, first: int, limit: int, action: str | None) -> tuple[int, Sequence[AuditRow]]:
    """How many rows there are, and those from `first` on, newest in front; `action` keeps those that start with it."""
    wanted = select(AuditRow).where(AuditRow.organisation_id == organisation_id)
    if action:
        wanted = wanted.where(AuditRow.action.startswith(action, autoescape=True))
    count = session.scalar(select(func.count()).select_from(wanted.subquery()))
    return count or 0, session.scalars(wanted.order_by(AuditRow.number.desc()).offset(first).limit(limit)).all()
