"""What a new schedule changes for whom: compared agent by agent and day by day."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from wfm.domain.roster import Break, RosterProblem, Shift
from wfm.domain.staff import Agent, FixedActivity

LATE = timedelta(hours=72)
Day = tuple[str, date]


class ChangeKind(StrEnum):
    """What happens to an agent's day."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    BREAKS = "breaks"
    ACTIVITIES = "activities"


@dataclass(frozen=True, slots=True)
class DayChange:
    """One agent's day before and after.

    Parameters
    ----------
    before, after
        Its shifts, UTC; empty for a free day.
    notice_hours
        Hours from now to the day's first shift, old or new; below 0 for the past.
    late
        True where the day had been published before and less than 72 hours are left.
    """

    agent: str
    day: date
    kind: ChangeKind
    before: tuple[Shift, ...]
    after: tuple[Shift, ...]
    notice_hours: float
    late: bool

    @property
    def hours(self) -> float:
        """Paid hours more (above 0) or less."""
        return sum(map(paid_hours, self.after)) - sum(map(paid_hours, self.before))


def paid_hours(shift: Shift) -> float:
    """Length less unpaid breaks, hours."""
    unpaid_s = sum((part.end - part.start).total_seconds() for part in shift.breaks if not part.paid)
    return ((shift.end - shift.start).total_seconds() - unpaid_s) / 3_600


def with_activities_of(problem: RosterProblem | None, shifts: Iterable[Shift]) -> list[Shift]:
    """Shifts with the activities that a problem fixes for their people, without due dates: those are the planners' own."""
    known = problem.agent_of if problem else {}
    return [replace(shift, activities=_inside(known[shift.agent], shift)) if shift.agent in known else shift for shift in shifts]


def _inside(agent: Agent, shift: Shift) -> tuple[FixedActivity, ...]:
    return tuple(replace(part, due=None) for part in agent.fixed if shift.start <= part.start and part.end <= shift.end)


def by_day(shifts: Iterable[tuple[date, Shift]]) -> dict[Day, tuple[Shift, ...]]:
    """Shifts in order by agent and local day."""
    found: dict[Day, list[Shift]] = defaultdict(list)
    for day, shift in sorted(shifts, key=lambda one: one[1].start):
        found[shift.agent, day].append(shift)
    return {key: tuple(some) for key, some in found.items()}


def differences(
    before: Mapping[Day, tuple[Shift, ...]], after: Mapping[Day, tuple[Shift, ...]], published: Iterable[date], now: datetime
) -> tuple[DayChange, ...]:
    """Every agent's day that differs, by agent and day.

    Parameters
    ----------
    published
        Days that agents have been told of already.
    now
        The present instant.
    """
    told = frozenset(published)
    found = []
    for agent, day in sorted(before.keys() | after.keys()):
        old, new = before.get((agent, day), ()), after.get((agent, day), ())
        if old != new:
            notice = min(shift.start for shift in (*old, *new)) - now
            late = day in told and notice < LATE
            found.append(DayChange(agent, day, _kind(old, new), old, new, round(notice.total_seconds() / 3_600, 2), late))
    return tuple(found)


def _kind(old: tuple[Shift, ...], new: tuple[Shift, ...]) -> ChangeKind:
    if not old or not new:
        return ChangeKind.REMOVED if old else ChangeKind.ADDED
    same_times = [(shift.start, shift.end) for shift in old] == [(shift.start, shift.end) for shift in new]
    if not same_times:
        return ChangeKind.MOVED
    return ChangeKind.BREAKS if [shift.breaks for shift in old] != [shift.breaks for shift in new] else ChangeKind.ACTIVITIES


def contradictions(shifts: Iterable[tuple[date, Shift]], first_day: date, last_day: date, around: Iterable[Shift]) -> tuple[str, ...]:
    """What no schedule may hold: shifts outside its days, one person in two places, breaks outside their shift.

    Parameters
    ----------
    around
        Published shifts of the days next to it.
    """
    found, mine = [], list(shifts)
    outside = [(day, shift) for day, shift in mine if not first_day <= day <= last_day]
    found += [f"{shift.agent}: the shift of {day} lies outside {first_day} to {last_day}" for day, shift in outside]
    found += [f"{shift.agent}: a break on {day} lies outside the shift" for day, shift in mine if not _breaks_fit(shift)]
    per_agent: dict[str, list[Shift]] = defaultdict(list)
    for shift in (*(shift for _, shift in mine), *around):
        per_agent[shift.agent].append(shift)
    for agent, some in sorted(per_agent.items()):
        some.sort(key=lambda shift: shift.start)
        found += [
            f"{agent}: two shifts overlap at {later.start.isoformat()}"
            for earlier, later in pairwise(some)
            if later.start < earlier.end
        ]
    return tuple(found)


def _breaks_fit(shift: Shift) -> bool:
    edges = [shift.start, *(edge for part in shift.breaks for edge in (part.start, part.end)), shift.end]
    return edges == sorted(edges)


def digest(zone: str, first_day: date, last_day: date, shifts: Iterable[Shift]) -> str:
    """SHA-256 over the days and every shift in one order: the same schedule has the same hash."""
    rows = [[shift.agent, *_told(shift), [[*_told(part), part.paid] for part in shift.breaks], *_activities(shift)] for shift in shifts]
    content = [zone, first_day.isoformat(), last_day.isoformat(), sorted(rows)]
    return hashlib.sha256(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _activities(shift: Shift) -> list[Any]:
    """Its activities as one more part of a row; nothing where there are none, so that schedules without any keep their hash."""
    told = [[*_told(part), part.activity, part.kind, part.session, part.lead] for part in shift.activities]
    return [told] if told else []


def _told(span: Shift | Break | FixedActivity) -> list[Any]:
    return [moment.astimezone(UTC).isoformat() for moment in (span.start, span.end)]


def document(shifts: tuple[Shift, ...]) -> dict[str, Any] | None:
    """One side of a change as its row keeps it; None for a free day."""
    if not shifts:
        return None
    return {"shifts": list(map(_shift_document, shifts))}


def _shift_document(shift: Shift) -> dict[str, Any]:
    start, end = _told(shift)
    activities = {"activities": _activities(shift)[0]} if shift.activities else {}
    return {"start": start, "end": end, "breaks": [[*_told(part), part.paid] for part in shift.breaks], **activities}


def from_document(agent: str, content: Mapping[str, Any] | None) -> tuple[Shift, ...]:
    """The shifts that `document` wrote down."""
    return tuple(_shift_from(agent, one) for one in (content["shifts"] if content else ()))


def _shift_from(agent: str, content: Mapping[str, Any]) -> Shift:
    at = datetime.fromisoformat
    breaks = tuple(Break(at(begin), at(end), paid) for begin, end, paid in content["breaks"])
    activities = tuple(FixedActivity(at(begin), at(end), *named) for begin, end, *named in content.get("activities", ()))
    return Shift(agent, at(content["start"]), at(content["end"]), breaks, activities)
