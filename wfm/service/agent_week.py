"""One person's published week, for the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from wfm.domain.timegrid import zone
from wfm.errors import NotFound
from wfm.service import centre, publishing
from wfm.service.context import Actor, Service
from wfm.service.publication_views import PublishedShift

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One local day: clock times of shift, breaks and activities on the person's clock; None and empty on a day off."""

    day: date
    start: str | None
    end: str | None
    breaks: tuple[str, ...]
    activities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentWeek:
    """Seven days of one person."""

    name: str
    zone: str
    days: tuple[WeekDay, ...]


def week_of(service: Service, actor: Actor, agent_key: str, first_day: date | None = None) -> AgentWeek:
    """The published shifts of one person, from `first_day` or this week's Monday on.

    Raises
    ------
    NotFound
        When there is no such agent.
    """
    person = next((view for view in centre.agents(service, actor) if view.key == agent_key), None)
    if person is None:
        raise NotFound(f"there is no agent {agent_key!r}")
    here = zone(person.zone)
    today = service.now().astimezone(here).date()
    begin = first_day or today - timedelta(today.weekday())
    shifts = {
        shift.start.astimezone(here).date(): shift
        for shift in publishing.published_shifts(service, actor, begin, WEEK_DAYS)
        if shift.agent == agent_key
    }
    return AgentWeek(person.name, person.zone, tuple(_day(begin + timedelta(n), shifts, here) for n in range(WEEK_DAYS)))


def _day(day: date, shifts: dict[date, PublishedShift], here: tzinfo) -> WeekDay:
    shift = shifts.get(day)
    if shift is None:
        return WeekDay(day, None, None, ())
    breaks = tuple(f"{_clock(start, here)}–{_clock(end, here)}" for start, end, _ in shift.breaks)
    activities = tuple(f"{_clock(start, here)}–{_clock(end, here)} {name}" for start, end, name, _ in shift.activities)
    return WeekDay(day, _clock(shift.start, here), _clock(shift.end, here), breaks, activities)


def _clock(moment: datetime, here: tzinfo) -> str:
    return f"{moment.astimezone(here):%H:%M}"
