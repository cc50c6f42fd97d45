"""Versions of people needed and their queues."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import ForecastRow, QueueRequirementRow, QueueRow, RequirementRow


def version(session: Session, organisation_id: int, number: int | None = None) -> RequirementRow:
    """The version of that number, or the newest.

    Raises
    ------
    NotFound
        When there is none.
    """
    wanted = select(RequirementRow).where(RequirementRow.organisation_id == organisation_id)
    wanted = wanted.order_by(RequirementRow.number.desc()).limit(1) if number is None else wanted.where(RequirementRow.number == number)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound("people needed were not computed yet" if number is None else f"there is no version {number} of people needed")
    return row


def versions(session: Session, organisation_id: int, limit: int) -> Sequence[tuple[RequirementRow, int]]:
    """The newest versions with the number of their forecast, newest in front."""
    wanted = (
        select(RequirementRow, ForecastRow.number)
        .join(ForecastRow, ForecastRow.id == RequirementRow.forecast_id)
        .where(RequirementRow.organisation_id == organisation_id)
        .order_by(RequirementRow.number.desc())
        .limit(limit)
    )
    return [(row, number) for row, number in session.execute(wanted)]


def queues(session: Session, requirement: RequirementRow) -> Sequence[tuple[QueueRequirementRow, QueueRow]]:
    """Every queue of a version with the queue as it is now, by key."""
    wanted = (
        select(QueueRequirementRow, QueueRow)
        .join(QueueRow, QueueRow.id == QueueRequirementRow.queue_id)
        .where(QueueRequirementRow.requirement_id == requirement.id, QueueRequirementRow.organisation_id == requirement.organisation_id)
        .order_by(QueueRow.key)
    )
    return [(row, queue) for row, queue in session.execute(wanted)]


def of_queue(session: Session, requirement: RequirementRow, queue_id: int) -> QueueRequirementRow | None:
    """One queue of a version."""
    wanted = select(QueueRequirementRow).where(
        QueueRequirementRow.requirement_id == requirement.id,
        QueueRequirementRow.organisation_id == requirement.organisation_id,
        QueueRequirementRow.queue_id == queue_id,
    )
    return session.scalars(wanted).one_or_none()
