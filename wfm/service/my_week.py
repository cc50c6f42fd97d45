"""An agent's own week: only what is published, in the agent's own clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from wfm.domain import timegrid
from wfm.domain.roster import Shift
from wfm.errors import NotFound
from wfm.service import audit, fields, policy
from wfm.service.context import Actor, Service
from wfm.service.schedule_diff import ChangeKind, from_document, paid_hours
from wfm.storage import publications as store
from wfm.storage import staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WEEK = 7
LOOK_AHEAD = 28


class MomentKind(StrEnum):
    """What an agent does for a while."""

    WORK = "work"
    BREAK = "break"
    ACTIVITY = "activity"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of one kind; aware local times, None where no end or beginning is known.

    `name` is what an activity is called, `lead` who leads it where that is somebody else.
    """

    kind: MomentKind
    start: datetime | None
    end: datetime | None
    paid: bool = True
    name: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class MyShift:
    """A shift in the reader's clock; `moments` are its stretches of work and break in order."""

    start: datetime
    end: datetime
    moments: tuple[Moment, ...]
    paid_hours: float

    @property
    def breaks(self) -> tuple[Moment, ...]:
        """Its breaks in order."""
        return tuple(moment for moment in self.moments if moment.kind is MomentKind.BREAK)


@dataclass(frozen=True, slots=True)
class MyDay:
    """One day of the reader's clock; `published` is False where no schedule is known yet."""

    day: date
    is_today: bool
    published: bool
    shifts: tuple[MyShift, ...]

    @property
    def shift(self) -> MyShift | None:
        """The day's first shift; None for a free day."""
        return self.shifts[0] if self.shifts else None


@dataclass(frozen=True, slots=True)
class MyChange:
    """A day that changed and that the agent has not acknowledged; spans are aware local start and end."""

    publication: int
    published_at: datetime
    reason: str
    day: date
    kind: ChangeKind
    before: tuple[tuple[datetime, datetime], ...]
    after: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class MyWeek:
    """What an agent needs on a phone.

    Parameters
    ----------
    queues
        Names of the queues that the agent takes.
    now
        The present instant in the reader's zone.
    current, following
        What the agent does now and what comes next; `following` is None when nothing is published ahead.
    shift_end
        End of the shift under way, or None.
    days
        Seven days from `first_day`.
    changes
        Not acknowledged, one a day (the newest), in the order of days.
    """

    agent: str
    name: str
    zone: str
    queues: tuple[str, ...]
    now: datetime
    current: Moment
    following: Moment | None
    shift_end: datetime | None
    first_day: date
    days: tuple[MyDay, ...]
    changes: tuple[MyChange, ...]


def my_week(service: Service, actor: Actor, first_day: date | None = None) -> MyWeek:
    """The actor's own week as published.

    Parameters
    ----------
    first_day
        First of the seven days; None for today.

    Raises
    ------
    NotFound
        When the account belongs to no agent.
    """
    policy.require(actor, "week.own")
    agent_id = _agent_id(actor)
    here = timegrid.zone(actor.zone)
    now = service.now().astimezone(here)
    first = fields.day("first_day", first_day or now.date())
    with service.database.reading() as session:
        row = staff.agent_by_id(session, actor.organisation_id, agent_id)
        names = staff.queue_names(session, actor.organisation_id)
        known, shifts = _shifts(session, actor, agent_id, min(first, now.date()), max(first, now.date()) + timedelta(LOOK_AHEAD))
        changes = _changes(session, actor, row.key, now, here)
        leads = staff.agent_names(session, actor.organisation_id)
    mine = tuple(_my_shift(shift, here, leads) for shift in shifts)
    current, following, shift_end = _around(mine, now)
    return MyWeek(
        agent=row.key,
        name=row.name,
        zone=actor.zone,
        queues=tuple(names.get(key, key) for key in row.definition["queues"]),
        now=now,
        current=current,
        following=following,
        shift_end=shift_end,
        first_day=first,
        days=tuple(_my_day(first + timedelta(n), now.date(), known, mine) for n in range(WEEK)),
        changes=changes,
    )


def _agent_id(actor: Actor) -> int:
    if actor.agent_id is None:
        raise NotFound("this account belongs to no agent")
    return actor.agent_id


def _shifts(session: Session, actor: Actor, agent_id: int, first: date, last: date) -> tuple[set[date], list[Shift]]:
    """Days that are published and the agent's shifts on them, a day more at either end for other clocks."""
    covered = store.covering(session, actor.organisation_id, first - timedelta(1), last + timedelta(1))
    return set(covered), [shift for _, _, shift in store.effective(session, covered, agent_id)]


def _my_shift(shift: Shift, here: ZoneInfo, names: Mapping[str, str]) -> MyShift:
    moments, at = [], shift.start
    for moment in sorted((*_breaks(shift), *_activities(shift, names)), key=_begins):
        start, end = moment.start or shift.start, moment.end or shift.end
        if start > at:
            moments.append(Moment(MomentKind.WORK, at.astimezone(here), start.astimezone(here)))
        moments.append(replace(moment, start=start.astimezone(here), end=end.astimezone(here)))
        at = max(at, end)
    if shift.end > at:
        moments.append(Moment(MomentKind.WORK, at.astimezone(here), shift.end.astimezone(here)))
    return MyShift(shift.start.astimezone(here), shift.end.astimezone(here), tuple(moments), paid_hours(shift))


def _begins(moment: Moment) -> float:
    return moment.start.timestamp() if moment.start else 0.0


def _breaks(shift: Shift) -> Iterator[Moment]:
    return (Moment(MomentKind.BREAK, pause.start, pause.end, pause.paid) for pause in shift.breaks)


def _activities(shift: Shift, names: Mapping[str, str]) -> Iterator[Moment]:
    for part in shift.activities:
        lead = names.get(part.lead, part.lead) if part.lead != shift.agent else ""
        yield Moment(MomentKind.ACTIVITY, part.start, part.end, True, part.activity, lead)


def _my_day(day: date, today: date, known: set[date], shifts: tuple[MyShift, ...]) -> MyDay:
    return MyDay(day, day == today, day in known, tuple(shift for shift in shifts if shift.start.date() == day))


def _around(shifts: tuple[MyShift, ...], now: datetime) -> tuple[Moment, Moment | None, datetime | None]:
    """What is now, what follows and when the shift under way ends. Instants are compared in UTC: wall clocks repeat in autumn."""
    at = now.timestamp()
    moments = [moment for shift in shifts for moment in shift.moments if moment.end is not None and moment.end.timestamp() > at]
    ends = [shift.end for shift in shifts if shift.start.timestamp() <= at < shift.end.timestamp()]
    if not ends:
        return Moment(MomentKind.FREE, None, moments[0].start if moments else None), moments[0] if moments else None, None
    over = ends[0].timestamp()
    inside = [moment for moment in moments if moment.start is not None and moment.start.timestamp() < over]
    free = Moment(MomentKind.FREE, ends[0], moments[len(inside)].start if len(moments) > len(inside) else None)
    return inside[0], inside[1] if len(inside) > 1 else free, ends[0]


def _changes(session: Session, actor: Actor, agent_key: str, now: datetime, here: ZoneInfo) -> tuple[MyChange, ...]:
    newest = {}
    for change, version in store.waiting_changes(session, actor.organisation_id, _agent_id(actor), now.date()):
        before, after = (
            tuple((shift.start.astimezone(here), shift.end.astimezone(here)) for shift in from_document(agent_key, side))
            for side in (change.before, change.after)
        )
        published_at = version.published_at.astimezone(here)
        newest[change.day] = MyChange(version.number, published_at, version.reason, change.day, ChangeKind(change.kind), before, after)
    return tuple(newest[day] for day in sorted(newest))


def acknowledge(service: Service, actor: Actor, publication_number: int) -> int:
    """Say "got it" to a version and those before it; how many of the agent's changes that settles.

    Raises
    ------
    NotFound
        When there is no such version, or the account belongs to no agent.
    """
    policy.require(actor, "week.own")
    agent_id = _agent_id(actor)
    with service.database.transaction() as session:
        row = store.publication(session, actor.organisation_id, publication_number)
        settled = store.acknowledge(session, actor.organisation_id, agent_id, row.number, service.now())
        if settled:
            audit.record(session, service, actor, "schedule.acknowledge", "publication", row.number, after={"changes": settled})
        return settled
