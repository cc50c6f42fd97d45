"""The rows of a forecast version: begun, filled queue by queue, or taken over from the version before. Under the lock of the caller."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from wfm.service.context import Actor, Service
from wfm.service.queue_forecast import QueueForecast
from wfm.storage.numbering import next_number
from wfm.storage.series import pack
from wfm.storage.tables import ForecastRow, QueueForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def begun(service: Service, actor: Actor, session: Session, first_day: date, days: int, source: str = "") -> ForecastRow:
    """A new version without its queues; `source` names where one made elsewhere is from."""
    row = ForecastRow(
        organisation_id=actor.organisation_id,
        number=next_number(session, ForecastRow, actor.organisation_id),
        made_at=service.now(),
        made_by=actor.name,
        first_day=first_day,
        days=days,
        cutoff=service.now(),
        source=source,
    )
    session.add(row)
    session.flush()
    return row


def queue_part(row: ForecastRow, queue_id: int, made: QueueForecast) -> QueueForecastRow:
    """One queue of a version."""
    return QueueForecastRow(
        organisation_id=row.organisation_id,
        forecast_id=row.id,
        queue_id=queue_id,
        interval_minutes=made.interval_minutes,
        report=dict(made.report),
        series=pack(made.arrays()),
    )


def copied(row: ForecastRow, part: QueueForecastRow) -> QueueForecastRow:
    """One queue of another version, taken over as it is."""
    return QueueForecastRow(
        organisation_id=row.organisation_id,
        forecast_id=row.id,
        queue_id=part.queue_id,
        interval_minutes=part.interval_minutes,
        report=dict(part.report),
        series=part.series,
    )
