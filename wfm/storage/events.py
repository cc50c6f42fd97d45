"""Special days and drivers: added, changed, marked as removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import DriverRow, QueueRow, SpecialDayRow

Told = TypeVar("Told", SpecialDayRow, DriverRow)


def present(session: Session, table: type[Told], organisation_id: int) -> Sequence[tuple[Told, str | None]]:
    """Those that count, with the key of their queue (None for all queues), in the order in which they were made."""
    wanted = select(table, QueueRow.key).outerjoin(QueueRow, QueueRow.id == table.queue_id)
    wanted = wanted.where(table.organisation_id == organisation_id, table.removed_at.is_(None)).order_by(table.id)
    return [(row, key) for row, key in session.execute(wanted)]


def one(session: Session, table: type[Told], organisation_id: int, row_id: int) -> Told:
    """One that counts, held to the end of the transaction.

    Raises
    ------
    NotFound
        When there is none of that id.
    """
    wanted = select(table).where(table.organisation_id == organisation_id, table.id == row_id, table.removed_at.is_(None))
    row = session.scalars(wanted.with_for_update()).first()
    if row is None:
        raise NotFound(f"there is no special day or count {row_id}; somebody may have removed it")
    return row
