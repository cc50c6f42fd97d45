"""Publish drafts as immutable numbered versions, compare before, go back after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from wfm import units
from wfm.domain import timegrid
from wfm.domain.roster import Shift
from wfm.errors import Conflict, InvalidInput
from wfm.service import audit, centre, fields, policy
from wfm.service.context import Actor, Service
from wfm.service.my_week import MyWeek, acknowledge, my_week
from wfm.service.problem_document import unpacked
from wfm.service.publication_views import AgentChange, PublicationDetail, PublicationView, PublishedShift, PublishPreview, Totals
from wfm.service.schedule_diff import (
    ChangeKind,
    DayChange,
    by_day,
    contradictions,
    differences,
    digest,
    document,
    from_document,
    paid_hours,
    with_activities_of,
)
from wfm.storage import drafts, staff
from wfm.storage import publications as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import PublicationRow

__all__ = [
    "AgentChange",
    "MyWeek",
    "PublicationDetail",
    "PublicationView",
    "PublishPreview",
    "PublishedShift",
    "Totals",
    "acknowledge",
    "diff",
    "my_week",
    "publication",
    "publications",
    "publish",
    "published_shifts",
    "revert",
]
SHOWN_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A schedule on its way to becoming a version, with what it changes."""

    zone: str
    first_day: date
    last_day: date
    shifts: tuple[Shift, ...]
    changes: tuple[DayChange, ...]
    totals: Totals
    faults: tuple[str, ...]

    @property
    def sha256(self) -> str:
        return digest(self.zone, self.first_day, self.last_day, self.shifts)


def diff(service: Service, actor: Actor, draft_number: int) -> PublishPreview:
    """What publishing a draft would do, against what is published now."""
    policy.require(actor, "publication.read")
    with service.database.reading() as session:
        draft = drafts.draft(session, actor.organisation_id, draft_number)
        proposal = _of_draft(session, service, draft)
        return PublishPreview(
            draft_number=draft.number,
            row_version=draft.row_version,
            zone=draft.zone,
            first_day=draft.first_day,
            days=draft.days,
            shifts=len(proposal.shifts),
            changes=_per_agent(session, actor, proposal.changes),
            totals=proposal.totals,
            rules_broken=(*draft.report.get("rules_broken", ()), *proposal.faults),
            published_as=store.of_draft(session, draft.id, proposal.sha256),
        )


def publish(service: Service, actor: Actor, draft_number: int, reason: str = "", row_version: int | None = None) -> PublicationView:
    """Make a draft the schedule that agents see, as a new immutable version; each state of a draft once.

    Parameters
    ----------
    reason
        Needed where published days change less than 72 hours ahead.
    row_version
        State of the draft that was looked at; None takes what is there.

    Raises
    ------
    Conflict
        When the draft breaks rules, was published already, or changed since it was looked at.
    InvalidInput
        When a late change has no reason.
    """
    policy.require(actor, "publication.change")
    reason = fields.note("reason", reason, 2_000, blank=True)
    with service.database.transaction() as session:
        service.database.lock(session, "publish", actor.organisation_id)
        draft = drafts.draft(session, actor.organisation_id, draft_number, to_change=True)
        if row_version is not None and draft.row_version != row_version:
            raise Conflict(f"draft {draft_number} was changed meanwhile; look at what would change again, then publish")
        proposal = _of_draft(session, service, draft)
        earlier = store.of_draft(session, draft.id, proposal.sha256)
        if earlier is not None:
            raise Conflict(f"draft {draft_number} was published already, as version {earlier}")
        _refuse_faults(f"draft {draft_number}", (*draft.report.get("rules_broken", ()), *proposal.faults))
        return _add(session, service, actor, proposal, reason, draft_id=draft.id)


def revert(service: Service, actor: Actor, number: int, reason: str) -> PublicationView:
    """Bring an earlier version back: its shifts become a new version.

    Raises
    ------
    Conflict
        When it is what counts now, its rows are damaged, or it does not fit what is published around it.
    InvalidInput
        Without a reason.
    """
    policy.require(actor, "publication.change")
    reason = fields.note("reason", reason, 2_000)
    with service.database.transaction() as session:
        service.database.lock(session, "publish", actor.organisation_id)
        old = store.publication(session, actor.organisation_id, number)
        shifts = store.shifts(session, old)
        if not _is_intact(old, shifts):
            raise Conflict(f"version {number} is not as it was published; it cannot be brought back")
        proposal = _proposal(session, service, actor.organisation_id, old.zone, old.first_day, old.last_day, shifts)
        if not proposal.changes:
            raise Conflict(f"version {number} is what is published now")
        _refuse_faults(f"version {number}", proposal.faults)
        return _add(session, service, actor, proposal, reason, reverts_to=number)


def _refuse_faults(what: str, faults: tuple[str, ...]) -> None:
    if faults:
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise Conflict(f"{what} breaks rules and cannot be published: {'; '.join(faults[:3])}{more}")


def _of_draft(session: Session, service: Service, draft: Any) -> _Proposal:
    shifts = with_activities_of(unpacked(draft.problem) if draft.problem else None, _shifts_of(session, draft))
    last_day = draft.first_day + timedelta(draft.days - 1)
    return _proposal(session, service, draft.organisation_id, draft.zone, draft.first_day, last_day, shifts)


def _shifts_of(session: Session, draft: Any) -> list[Shift]:
    return [store.shift_of(row, agent.key) for row, agent in drafts.shifts(session, draft)]


def _proposal(
    session: Session, service: Service, organisation_id: int, zone: str, first_day: date, last_day: date, shifts: Iterable[Shift]
) -> _Proposal:
    here = timegrid.zone(zone)
    mine = [(shift.start.astimezone(here).date(), shift) for shift in shifts]
    covered = store.covering(session, organisation_id, first_day - timedelta(2), last_day + timedelta(2))
    now_counts = [(day, shift) for day, _, shift in store.effective(session, covered)]
    inside = [(day, shift) for day, shift in now_counts if first_day <= day <= last_day]
    around = [shift for day, shift in now_counts if not first_day <= day <= last_day]
    told = [day for day in covered if first_day <= day <= last_day]
    changes = differences(by_day(inside), by_day(mine), told, service.now())
    faults = contradictions(mine, first_day, last_day, around)
    some = tuple(shift for _, shift in mine)
    return _Proposal(zone, first_day, last_day, some, changes, _totals(changes, [shift for _, shift in inside], some), faults)


def _totals(changes: tuple[DayChange, ...], before: Iterable[Shift], after: Iterable[Shift]) -> Totals:
    kinds = [change.kind for change in changes]
    return Totals(
        agents=len({change.agent for change in changes}),
        added=kinds.count(ChangeKind.ADDED),
        removed=kinds.count(ChangeKind.REMOVED),
        moved=kinds.count(ChangeKind.MOVED),
        breaks=kinds.count(ChangeKind.BREAKS),
        activities=kinds.count(ChangeKind.ACTIVITIES),
        hours_before=round(sum(map(paid_hours, before)), 2),
        hours_after=round(sum(map(paid_hours, after)), 2),
        notice_hours=min((change.notice_hours for change in changes), default=None),
        late=sum(change.late for change in changes),
    )


def _add(
    session: Session,
    service: Service,
    actor: Actor,
    proposal: _Proposal,
    reason: str,
    draft_id: int | None = None,
    reverts_to: int | None = None,
) -> PublicationView:
    """The version, its shifts, what it changes for whom and the audit row, in the caller's transaction."""
    if proposal.totals.late and not reason:
        raise InvalidInput(f"say why: {proposal.totals.late} days that people know already change less than 72 hours ahead")
    totals = _kept(proposal.totals)
    row = store.add(
        session,
        organisation_id=actor.organisation_id,
        draft_id=draft_id,
        reverts_to=reverts_to,
        zone=proposal.zone,
        first_day=proposal.first_day,
        last_day=proposal.last_day,
        published_at=service.now(),
        published_by=actor.name,
        reason=reason,
        shift_count=len(proposal.shifts),
        sha256=proposal.sha256,
        summary=totals,
    )
    ids = staff.agent_ids(session, actor.organisation_id)
    store.add_shifts(session, row, proposal.shifts, ids)
    store.add_changes(session, row, (_change_row(change, ids[change.agent]) for change in proposal.changes))
    told = {"sha256": row.sha256, "shifts": row.shift_count, "reason": reason, "reverts_to": reverts_to, **totals}
    action = "schedule.publish" if reverts_to is None else "schedule.revert"
    audit.record(session, service, actor, action, "publication", row.number, after=told)
    return _view(session, row, len(proposal.changes))


def _kept(totals: Totals) -> dict[str, Any]:
    return {name: getattr(totals, name) for name in Totals.__dataclass_fields__}


def _change_row(change: DayChange, agent_id: int) -> dict[str, Any]:
    return {
        "agent_id": agent_id,
        "day": change.day,
        "kind": change.kind,
        "before": document(change.before),
        "after": document(change.after),
        "notice_hours": change.notice_hours,
        "late": change.late,
        "acknowledged_at": None,
    }


def publications(service: Service, actor: Actor, limit: int = SHOWN_VERSIONS) -> tuple[PublicationView, ...]:
    """The newest versions, newest in front."""
    policy.require(actor, "publication.read")
    limit = units.whole("limit", limit, at_least=1)
    with service.database.reading() as session:
        waiting = store.waiting_counts(session, actor.organisation_id)
        return tuple(_view(session, row, waiting.get(row.id, 0)) for row in store.publications(session, actor.organisation_id, limit))


def publication(service: Service, actor: Actor, number: int) -> PublicationDetail:
    """One version with what it changed per agent; its rows are checked against its hash."""
    policy.require(actor, "publication.read")
    with service.database.reading() as session:
        row = store.publication(session, actor.organisation_id, number)
        stored = store.changes(session, row)
        waiting = {agent.key for change, agent in stored if change.acknowledged_at is None}
        changes = tuple(
            DayChange(
                agent.key,
                change.day,
                ChangeKind(change.kind),
                from_document(agent.key, change.before),
                from_document(agent.key, change.after),
                change.notice_hours,
                change.late,
            )
            for change, agent in stored
        )
        view = _view(session, row, sum(change.acknowledged_at is None for change, _ in stored))
        return PublicationDetail(view, _per_agent(session, actor, changes, waiting), _is_intact(row, store.shifts(session, row)))


def published_shifts(service: Service, actor: Actor, first_day: date, days: int) -> tuple[PublishedShift, ...]:
    """The shifts that count on some local days (a supervisor those of the own site), by agent and start.

    Parameters
    ----------
    days
        Number of days, 1 to 366.
    """
    policy.require(actor, "publication.read")
    first_day, days = fields.day("first_day", first_day), min(units.whole("days", days, at_least=1), 366)
    with service.database.reading() as session:
        names = _names(session, actor)
        covered = store.covering(session, actor.organisation_id, first_day, first_day + timedelta(days - 1))
        found = store.effective(session, covered)
        return tuple(_published(day, row, shift, names[shift.agent]) for day, row, shift in found if shift.agent in names)


def _published(day: date, row: PublicationRow, shift: Shift, name: str) -> PublishedShift:
    breaks = tuple((part.start, part.end, part.paid) for part in shift.breaks)
    activities = tuple((part.start, part.end, part.activity, part.kind) for part in shift.activities)
    return PublishedShift(shift.agent, name, day, shift.start, shift.end, breaks, paid_hours(shift), row.number, activities)


def _names(session: Session, actor: Actor) -> dict[str, str]:
    """Name by key, of the agents that the actor may see."""
    return {row.key: row.name for row, *_ in staff.agents(session, actor.organisation_id, centre.visible_site(actor))}


def _per_agent(
    session: Session, actor: Actor, changes: tuple[DayChange, ...], waiting: Iterable[str] | None = None
) -> tuple[AgentChange, ...]:
    names = _names(session, actor)
    grouped: dict[str, list[DayChange]] = {}
    for change in changes:
        grouped.setdefault(change.agent, []).append(change)
    seen = frozenset(grouped if waiting is None else waiting)
    return tuple(
        AgentChange(agent, names[agent], tuple(days), round(sum(day.hours for day in days), 2), agent not in seen)
        for agent, days in grouped.items()
        if agent in names
    )


def _is_intact(row: PublicationRow, shifts: list[Shift]) -> bool:
    return len(shifts) == row.shift_count and digest(row.zone, row.first_day, row.last_day, shifts) == row.sha256


def _view(session: Session, row: PublicationRow, waiting: int) -> PublicationView:
    return PublicationView(
        number=row.number,
        draft_number=drafts.number_of(session, row.draft_id),
        reverts_to=row.reverts_to,
        zone=row.zone,
        first_day=row.first_day,
        days=(row.last_day - row.first_day).days + 1,
        published_at=row.published_at,
        published_by=row.published_by,
        reason=row.reason,
        shifts=row.shift_count,
        totals=Totals(**row.summary),
        sha256=row.sha256,
        waiting=waiting,
    )
