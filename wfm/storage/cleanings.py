"""Decisions on stretches of history: made, marked as undone, never deleted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import CleaningRow


def of_queue(session: Session, organisation_id: int, queue_id: int) -> Sequence[CleaningRow]:
    """All decisions on a queue, undone ones too, newest first."""
    wanted = select(CleaningRow).where(CleaningRow.organisation_id == organisation_id, CleaningRow.queue_id == queue_id)
    return session.scalars(wanted.order_by(CleaningRow.number.desc())).all()


def standing(session: Session, organisation_id: int, queue_id: int) -> Sequence[CleaningRow]:
    """Decisions on a queue that count, oldest first."""
    return [row for row in reversed(of_queue(session, organisation_id, queue_id)) if row.undone_at is None]


def numbered(session: Session, organisation_id: int, number: int) -> CleaningRow:
    """One decision, held to the end of the transaction.

    Raises
    ------
    NotFound
        When there is none of that number.
    """
    wanted = select(CleaningRow).where(CleaningRow.organisation_id == organisation_id, CleaningRow.number == number)
    row = session.scalars(wanted.with_for_update()).first()
    if row is None:
        raise NotFound(f"there is no cleaning {number}")
    return row
