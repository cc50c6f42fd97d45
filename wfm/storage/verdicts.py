"""Days that were played again, and the verdicts on their queues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, defer

from wfm.storage.tables import QueueRow, ReplayedDayRow, VerdictRow


def days(session: Session, organisation_id: int, first_day: date, last_day: date) -> Sequence[ReplayedDayRow]:
    """The days of a span that were played, in order."""
    wanted = select(ReplayedDayRow).where(ReplayedDayRow.organisation_id == organisation_id)
    wanted = wanted.where(ReplayedDayRow.day >= first_day, ReplayedDayRow.day <= last_day)
    return session.scalars(wanted.order_by(ReplayedDayRow.day)).all()


def put(session: Session, day: ReplayedDayRow, verdicts: Iterable[Mapping[str, Any]]) -> None:
    """Store a day in place of what was stored of it; the caller holds the lock of the organisation's replays."""
    old = select(ReplayedDayRow.id).where(ReplayedDayRow.organisation_id == day.organisation_id, ReplayedDayRow.day == day.day)
    ids = list(session.scalars(old))
    session.execute(delete(VerdictRow).where(VerdictRow.replayed_day_id.in_(ids)))
    session.execute(delete(ReplayedDayRow).where(ReplayedDayRow.id.in_(ids)))
    session.add(day)
    session.flush()
    rows = [{"organisation_id": day.organisation_id, "replayed_day_id": day.id, **values} for values in verdicts]
    if rows:
        session.execute(insert(VerdictRow), rows)


def verdicts(
    session: Session, organisation_id: int, first_day: date, last_day: date, *, with_series: bool = True
) -> list[tuple[date, QueueRow, VerdictRow]]:
    """The verdicts of a span with their days and queues, by queue and day; without series where only the sums are wanted."""
    wanted = (
        select(ReplayedDayRow.day, QueueRow, VerdictRow)
        .join(VerdictRow, VerdictRow.replayed_day_id == ReplayedDayRow.id)
        .join(QueueRow, QueueRow.id == VerdictRow.queue_id)
        .where(ReplayedDayRow.organisation_id == organisation_id, VerdictRow.organisation_id == organisation_id)
        .where(ReplayedDayRow.day >= first_day, ReplayedDayRow.day <= last_day)
        .order_by(QueueRow.key, ReplayedDayRow.day)
    )
    if not with_series:
        wanted = wanted.options(defer(VerdictRow.series))
    return [(day, queue, row) for day, queue, row in session.execute(wanted)]
