"""Published schedules: versions that are added and read, never changed, and what each changed for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from wfm.domain import timegrid
from wfm.domain.roster import Break, Shift
from wfm.errors import NotFound
from wfm.storage.database import rows_of
from wfm.storage.definitions import fixed, fixed_definition
from wfm.storage.numbering import next_number
from wfm.storage.tables import AgentRow, DraftShiftRow, PublicationRow, PublishedShiftRow, ScheduleChangeRow


def shift_of(row: DraftShiftRow | PublishedShiftRow, agent_key: str) -> Shift:
    """A stored shift as the domain has it."""
    activities = row.activities if isinstance(row, PublishedShiftRow) else ()
    return Shift(agent_key, row.start, row.end, tuple(_break(part) for part in row.breaks), tuple(map(fixed, activities)))


def breaks_of(shift: Shift) -> list[dict[str, Any]]:
    """Breaks as rows keep them."""
    return [{"start": _told(part.start), "end": _told(part.end), "paid": part.paid} for part in shift.breaks]


def _break(part: Mapping[str, Any]) -> Break:
    return Break(_instant(part["start"]), _instant(part["end"]), part["paid"])


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def add(session: Session, **values: Any) -> PublicationRow:
    """A new version under the next number; the caller holds the lock of the organisation's publications."""
    row = PublicationRow(number=next_number(session, PublicationRow, values["organisation_id"]), **values)
    session.add(row)
    session.flush()
    return row


def add_shifts(session: Session, publication: PublicationRow, shifts: Iterable[Shift], agent_ids: Mapping[str, int]) -> None:
    """The shifts of a new version."""
    common = {"organisation_id": publication.organisation_id, "publication_id": publication.id}
    values = [
        {
            **common,
            "agent_id": agent_ids[shift.agent],
            "start": shift.start,
            "end": shift.end,
            "breaks": breaks_of(shift),
            "activities": [fixed_definition(part) for part in shift.activities],
        }
        for shift in shifts
    ]
    if values:
        session.execute(insert(PublishedShiftRow), values)


def add_changes(session: Session, publication: PublicationRow, changes: Iterable[Mapping[str, Any]]) -> None:
    """What a new version changes: `agent_id`, `day`, `kind`, `before`, `after`."""
    common = {"organisation_id": publication.organisation_id, "publication_id": publication.id}
    values = [{**common, **change} for change in changes]
    if values:
        session.execute(insert(ScheduleChangeRow), values)


def publications(session: Session, organisation_id: int, limit: int) -> Sequence[PublicationRow]:
    """The newest versions, newest in front."""
    wanted = select(PublicationRow).where(PublicationRow.organisation_id == organisation_id)
    return session.scalars(wanted.order_by(PublicationRow.number.desc()).limit(limit)).all()


def publication(session: Session, organisation_id: int, number: int) -> PublicationRow:
    """One version.

    Raises
    ------
    NotFound
        When the organisation has none of that number.
    """
    wanted = select(PublicationRow).where(PublicationRow.organisation_id == organisation_id, PublicationRow.number == number)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound(f"there is no published version {number}")
    return row


def of_draft(session: Session, draft_id: int, sha256: str) -> int | None:
    """Number of the version that this state of a draft was published as, or None."""
    return session.scalar(select(PublicationRow.number).where(PublicationRow.draft_id == draft_id, PublicationRow.sha256 == sha256))


def shifts(session: Session, publication: PublicationRow) -> list[Shift]:
    """Every shift of a version, by agent and start."""
    wanted = select(PublishedShiftRow, AgentRow.key).join(AgentRow, AgentRow.id == PublishedShiftRow.agent_id)
    wanted = wanted.where(PublishedShiftRow.publication_id == publication.id)
    return [shift_of(row, key) for row, key in session.execute(wanted.order_by(AgentRow.key, PublishedShiftRow.start))]


def versions_over(session: Session, organisation_id: int, first_day: date, last_day: date) -> Sequence[PublicationRow]:
    """Every version that covers any of these local days, oldest first."""
    overlaps = and_(PublicationRow.first_day <= last_day, PublicationRow.last_day >= first_day)
    wanted = select(PublicationRow).where(PublicationRow.organisation_id == organisation_id, overlaps).order_by(PublicationRow.number)
    return session.scalars(wanted).all()


def covering(session: Session, organisation_id: int, first_day: date, last_day: date) -> dict[date, PublicationRow]:
    """For each local day that any version covers, the newest that does."""
    found = {}
    for row in versions_over(session, organisation_id, first_day, last_day):
        for day in range(max(first_day, row.first_day).toordinal(), min(last_day, row.last_day).toordinal() + 1):
            found[date.fromordinal(day)] = row
    return found


def effective(
    session: Session, covered: Mapping[date, PublicationRow], agent_id: int | None = None
) -> list[tuple[date, PublicationRow, Shift]]:
    """The shifts that count on the days of `covering`, each with its day and version, by agent and start; of one agent or of all."""
    found = []
    for version in {row.id: row for row in covered.values()}.values():
        days = [day for day, row in covered.items() if row.id == version.id]
        begin = timegrid.local_midnight(min(days), version.zone)
        end = timegrid.local_midnight(max(days) + timedelta(1), version.zone)
        wanted = select(PublishedShiftRow, AgentRow.key).join(AgentRow, AgentRow.id == PublishedShiftRow.agent_id)
        wanted = wanted.where(PublishedShiftRow.publication_id == version.id)
        wanted = wanted.where(PublishedShiftRow.start >= begin, PublishedShiftRow.start < end)
        if agent_id is not None:
            wanted = wanted.where(PublishedShiftRow.agent_id == agent_id)
        here, wanted_days = timegrid.zone(version.zone), set(days)
        for row, key in session.execute(wanted):
            day = row.start.astimezone(here).date()
            if day in wanted_days:
                found.append((day, version, shift_of(row, key)))
    return sorted(found, key=lambda one: (one[2].agent, one[2].start))


def changes(session: Session, publication: PublicationRow) -> Sequence[tuple[ScheduleChangeRow, AgentRow]]:
    """What a version changed, by agent and day."""
    wanted = select(ScheduleChangeRow, AgentRow).join(AgentRow, AgentRow.id == ScheduleChangeRow.agent_id)
    wanted = wanted.where(ScheduleChangeRow.publication_id == publication.id)
    return [(change, agent) for change, agent in session.execute(wanted.order_by(AgentRow.key, ScheduleChangeRow.day))]


def waiting_counts(session: Session, organisation_id: int) -> dict[int, int]:
    """Per version id, how many changes nobody has acknowledged."""
    wanted = select(ScheduleChangeRow.publication_id, func.count()).where(ScheduleChangeRow.organisation_id == organisation_id)
    wanted = wanted.where(ScheduleChangeRow.acknowledged_at.is_(None)).group_by(ScheduleChangeRow.publication_id)
    return dict(session.execute(wanted).all())


def waiting_changes(
    session: Session, organisation_id: int, agent_id: int, since: date
) -> Sequence[tuple[ScheduleChangeRow, PublicationRow]]:
    """What an agent has not acknowledged, from a day on, oldest version first."""
    wanted = select(ScheduleChangeRow, PublicationRow).join(PublicationRow, PublicationRow.id == ScheduleChangeRow.publication_id)
    wanted = wanted.where(ScheduleChangeRow.organisation_id == organisation_id, ScheduleChangeRow.agent_id == agent_id)
    wanted = wanted.where(ScheduleChangeRow.acknowledged_at.is_(None), ScheduleChangeRow.day >= since)
    found = session.execute(wanted.order_by(PublicationRow.number, ScheduleChangeRow.day))
    return [(change, version) for change, version in found]


def acknowledge(session: Session, organisation_id: int, agent_id: int, upto_number: int, now: datetime) -> int:
    """Note that an agent has seen the changes of all versions up to one; how many."""
    versions = select(PublicationRow.id).where(PublicationRow.organisation_id == organisation_id, PublicationRow.number <= upto_number)
    wanted = update(ScheduleChangeRow).where(
        ScheduleChangeRow.organisation_id == organisation_id,
        ScheduleChangeRow.agent_id == agent_id,
        ScheduleChangeRow.acknowledged_at.is_(None),
        ScheduleChangeRow.publication_id.in_(versions),
    )
    return rows_of(session, wanted.values(acknowledged_at=now))
