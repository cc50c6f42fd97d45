"""Planners' edits of forecasts: added, marked as reverted, never deleted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import EditRow

LAST_S = 7_258_118_400  # 2200


def active(session: Session, organisation_id: int, queue_id: int | None = None) -> Sequence[EditRow]:
    """Edits that count, of one queue or of all, in the order in which they were made."""
    wanted = select(EditRow).where(EditRow.organisation_id == organisation_id, EditRow.reverted_at.is_(None))
    if queue_id is not None:
        wanted = wanted.where(EditRow.queue_id == queue_id)
    return session.scalars(wanted.order_by(EditRow.number)).all()


def of_queue(session: Session, organisation_id: int, queue_id: int, limit: int) -> Sequence[EditRow]:
    """The newest edits of a queue, reverted ones too, newest first."""
    wanted = select(EditRow).where(EditRow.organisation_id == organisation_id, EditRow.queue_id == queue_id)
    return session.scalars(wanted.order_by(EditRow.number.desc()).limit(limit)).all()


def of_batch(session: Session, organisation_id: int, batch: int) -> Sequence[EditRow]:
    """The edits of one typed total, reverted ones too, held to the end of the transaction."""
    wanted = select(EditRow).where(EditRow.organisation_id == organisation_id, EditRow.batch == batch)
    return session.scalars(wanted.order_by(EditRow.number).with_for_update()).all()


def changed_since(session: Session, organisation_id: int, queue_id: int, revision: int, begin_s: int, end_s: int) -> Sequence[EditRow]:
    """Edits of the queue that touch the stretch and were made or reverted after `revision`, oldest change first."""
    wanted = select(EditRow).where(EditRow.organisation_id == organisation_id, EditRow.queue_id == queue_id, EditRow.revision > revision)
    return session.scalars(wanted.where(EditRow.begin_s < end_s, EditRow.end_s > begin_s).order_by(EditRow.revision)).all()


def revision(session: Session, organisation_id: int) -> int:
    """The number of changes to edits so far."""
    return session.scalar(select(func.max(EditRow.revision)).where(EditRow.organisation_id == organisation_id)) or 0


def edit(session: Session, organisation_id: int, number: int) -> EditRow:
    """One edit, held to the end of the transaction.

    Raises
    ------
    NotFound
        When there is none of that number.
    """
    wanted = select(EditRow).where(EditRow.organisation_id == organisation_id, EditRow.number == number).with_for_update()
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound(f"there is no edit {number}")
    return row
