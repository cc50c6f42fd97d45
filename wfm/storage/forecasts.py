"""Forecast versions and their queues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import ForecastRow, QueueForecastRow, QueueRow


def version(session: Session, organisation_id: int, number: int | None = None) -> ForecastRow:
    """The version of that number, or the newest.

    Raises
    ------
    NotFound
        When there is none.
    """
    wanted = select(ForecastRow).where(ForecastRow.organisation_id == organisation_id)
    wanted = wanted.order_by(ForecastRow.number.desc()).limit(1) if number is None else wanted.where(ForecastRow.number == number)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound("there is no forecast yet" if number is None else f"there is no forecast {number}")
    return row


def versions(session: Session, organisation_id: int, limit: int) -> Sequence[ForecastRow]:
    """The newest versions, newest in front."""
    wanted = select(ForecastRow).where(ForecastRow.organisation_id == organisation_id).order_by(ForecastRow.number.desc()).limit(limit)
    return session.scalars(wanted).all()


def queues(session: Session, forecast: ForecastRow) -> Sequence[tuple[QueueForecastRow, QueueRow]]:
    """Every queue of a version with the queue as it is now, by key."""
    wanted = (
        select(QueueForecastRow, QueueRow)
        .join(QueueRow, QueueRow.id == QueueForecastRow.queue_id)
        .where(QueueForecastRow.forecast_id == forecast.id, QueueForecastRow.organisation_id == forecast.organisation_id)
        .order_by(QueueRow.key)
    )
    return [(row, queue) for row, queue in session.execute(wanted)]


def of_queue(session: Session, forecast: ForecastRow, queue_id: int) -> QueueForecastRow | None:
    """One queue of a version."""
    return part(session, forecast.organisation_id, forecast.id, queue_id)


def part(session: Session, organisation_id: int, forecast_id: int, queue_id: int) -> QueueForecastRow | None:
    """One queue of the version with that row id."""
    row = QueueForecastRow
    wanted = select(row).where(row.organisation_id == organisation_id, row.forecast_id == forecast_id, row.queue_id == queue_id)
    return session.scalars(wanted).one_or_none()


def made_before(session: Session, organisation_id: int, day: date) -> Sequence[ForecastRow]:
    """Versions that were made for `day` and begin on it or before it, newest first: the most recent look ahead comes first."""
    wanted = select(ForecastRow).where(ForecastRow.organisation_id == organisation_id, ForecastRow.first_day <= day)
    return session.scalars(wanted.order_by(ForecastRow.number.desc())).all()
