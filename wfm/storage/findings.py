"""What the night found, and how forecasts did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import AccuracyRow, FindingRow, QueueRow


def of_organisation(session: Session, organisation_id: int, limit: int, *, settled: bool) -> Sequence[tuple[FindingRow, str | None]]:
    """Findings with the key of their queue: open ones by weight, settled ones newest first."""
    order = FindingRow.settled_at.desc() if settled else FindingRow.weight.desc()
    wanted = (
        select(FindingRow, QueueRow.key)
        .outerjoin(QueueRow, QueueRow.id == FindingRow.queue_id)
        .where(FindingRow.organisation_id == organisation_id)
        .where(FindingRow.settled_at.is_not(None) if settled else FindingRow.settled_at.is_(None))
        .order_by(order, FindingRow.id)
        .limit(limit)
    )
    return [(row, key) for row, key in session.execute(wanted)]


def finding(session: Session, organisation_id: int, finding_id: int) -> FindingRow:
    """One finding, held to the end of the transaction.

    Raises
    ------
    NotFound
        When there is none.
    """
    wanted = select(FindingRow).where(FindingRow.organisation_id == organisation_id, FindingRow.id == finding_id).with_for_update()
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound(f"there is no finding {finding_id}")
    return row


def latest_by_queue(session: Session, organisation_id: int, kind: str) -> dict[int, FindingRow]:
    """The newest finding of a kind by row id of its queue, settled or not."""
    wanted = select(FindingRow).where(FindingRow.organisation_id == organisation_id, FindingRow.kind == kind)
    return {row.queue_id: row for row in session.scalars(wanted.order_by(FindingRow.id)) if row.queue_id is not None}


def supersede(session: Session, organisation_id: int, kinds: Sequence[str], at: datetime, by: str) -> None:
    """Settle the open findings of these kinds: newer ones take their place."""
    open_ones = update(FindingRow).where(
        FindingRow.organisation_id == organisation_id, FindingRow.kind.in_(kinds), FindingRow.settled_at.is_(None)
    )
    session.execute(open_ones.values(settled_at=at, settled_by=by).execution_options(synchronize_session=False))


def put_accuracy(session: Session, rows: Sequence[AccuracyRow]) -> None:
    """Store how forecasts did, in place of what was stored for the same queue, day and lead (actuals may have been corrected)."""
    for row in rows:
        same = (AccuracyRow.queue_id == row.queue_id, AccuracyRow.day == row.day, AccuracyRow.lead_days == row.lead_days)
        session.execute(delete(AccuracyRow).where(AccuracyRow.organisation_id == row.organisation_id, *same))
    session.add_all(rows)


def accuracy(session: Session, organisation_id: int, since: date, queue_id: int | None = None) -> Sequence[AccuracyRow]:
    """How forecasts did from that day on, by day."""
    wanted = select(AccuracyRow).where(AccuracyRow.organisation_id == organisation_id, AccuracyRow.day >= since)
    if queue_id is not None:
        wanted = wanted.where(AccuracyRow.queue_id == queue_id)
    return session.scalars(wanted.order_by(AccuracyRow.day, AccuracyRow.queue_id, AccuracyRow.lead_days)).all()
