"""What a new schedule changes for whom: compared agent by agent and day by day."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from wfm.domain.roster import Break, Shift

LATE = timedelta(hours=72)
Day = tuple[str, date]


class ChangeKind(StrEnum):
    """What happens to an agent's day."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    BREAKS = "breaks"


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
    return ChangeKind.BREAKS if same_times else ChangeKind.MOVED


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
    rows = [[shift.agent, *_told(shift), [[*_told(part), part.paid] for part in shift.breaks]] for shift in shifts]
    content = [zone, first_day.isoformat(), last_day.isoformat(), sorted(rows)]
    return hashlib.sha256(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _told(span: Shift | Break) -> list[Any]:
    return [moment.astimezone(UTC).isoformat() for moment in (span.start, span.end)]


def document(shifts: tuple[Shift, ...]) -> dict[str, Any] | None:
    """One side of a change as its row keeps it; None for a free day."""
    if not shifts:
        return None
    return {"shifts": [{"start": _told(s)[0], "end": _told(s)[1], "breaks": [[*_told(b), b.paid] for b in s.breaks]} for s in shifts]}


def from_document(agent: str, content: Mapping[str, Any] | None) -> tuple[Shift, ...]:
    """The shifts that `document` wrote down."""
    at = datetime.fromisoformat
    return tuple(
        Shift(agent, at(s["start"]), at(s["end"]), tuple(Break(at(begin), at(end), paid) for begin, end, paid in s["breaks"]))
        for s in (content["shifts"] if content else ())
    )
