"""Look at stored history: day by day, as a series, and down to the rows behind a number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wfm import units
from wfm.domain import timegrid
from wfm.errors import InvalidInput
from wfm.service import fields, policy
from wfm.service.context import Actor, Service
from wfm.storage import history as store
from wfm.storage import staff

if TYPE_CHECKING:
    from wfm.storage.tables import HistoryRow

PATTERN_DAYS = 56
WEEKS_BACK = 26
LAST_S = 7_258_118_400


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """All stored intervals of one queue in the order of time; arrays of one length.

    Parameters
    ----------
    start_s
        Start, s since 1970 UTC.
    interval_minutes
        Length, minutes; 1440 for a whole local day.
    volume
        Contacts offered.
    handle_s
        Total handle time, s; NaN where unknown.
    import_number, line
        The import that brought the interval, and the line in its file (0: not in the file, counted as zero).
    """

    start_s: npt.NDArray[np.int64]
    interval_minutes: npt.NDArray[np.int64]
    volume: npt.NDArray[np.float64]
    handle_s: npt.NDArray[np.float64]
    import_number: npt.NDArray[np.int64]
    line: npt.NDArray[np.int64]


class DayStatus(StrEnum):
    """How much of a day is known: closed, missing and a volume of zero are three things."""

    COMPLETE = "complete"
    GAP = "gap"
    MISSING = "missing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DayQuality:
    """One local day of one queue.

    Parameters
    ----------
    volume
        Contacts in the intervals that are known.
    intervals, expected
        Intervals that are known, and those in which the queue is usually open on such a weekday.
    """

    day: date
    status: DayStatus
    volume: float
    intervals: int
    expected: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One stored interval and where it came from; `start` in the queue's zone, handle time in s or None."""

    start: datetime
    volume: float
    handle_s: float | None
    interval_minutes: int
    import_number: int
    file_name: str
    line: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An import that brought intervals of a queue: how many still stand, and the first and last of their lines."""

    import_number: int
    file_name: str
    intervals: int
    first_line: int
    last_line: int


def source_files(service: Service, actor: Actor, queue_key: str) -> tuple[SourceFile, ...]:
    """The imports that the history of a queue comes from, newest first."""
    policy.require(actor, "history.read")
    with service.database.reading() as session:
        row = staff.queue(session, actor.organisation_id, queue_key)
        return tuple(SourceFile(*found) for found in store.imports_behind(session, actor.organisation_id, row.id))


def series(service: Service, organisation_id: int, queue_id: int, since: datetime | None = None) -> Series:
    """The history of a queue, for a forecast; empty arrays where there is none or the queue is another organisation's.

    Parameters
    ----------
    queue_id
        `QueueView.id`.
    since
        First instant wanted; None for all.
    """
    first_s = None if since is None else int(since.timestamp())
    with service.database.reading() as session:
        found = store.rows(session, organisation_id, queue_id, first_s)
        numbers = store.import_numbers(session, organisation_id)
    ids, place = np.unique(found.import_id, return_inverse=True)
    number = np.array([numbers[int(one)] for one in ids], np.int64)[place]
    return Series(found.start_s, found.interval_minutes, found.volume, found.handle_s, number, found.line)


def day_quality(service: Service, actor: Actor, queue_key: str, first_day: date, days: int) -> tuple[DayQuality, ...]:
    """How much is known of each local day of a queue.

    When a queue is open is taken from what was observed: an interval of the local clock counts as open on a weekday when it was
    seen on at least half of the days of that weekday in the eight weeks before the span and in the span itself.

    Parameters
    ----------
    days
        Number of days, 1 to 800.
    """
    policy.require(actor, "history.read")
    first_day, days = fields.day("first_day", first_day), min(units.whole("days", days, at_least=1), 800)
    with service.database.reading() as session:
        row = staff.queue(session, actor.organisation_id, queue_key)
        begin = timegrid.local_midnight(first_day - timedelta(PATTERN_DAYS), row.zone)
        end = timegrid.local_midnight(first_day + timedelta(days), row.zone)
        found = store.rows(session, actor.organisation_id, row.id, int(begin.timestamp()), int(end.timestamp()))
    slots, volume = _by_day(found, row.zone)
    usual = _usually_open(slots)
    return tuple(_quality(day, slots, volume, usual, row.zone) for day in (first_day + timedelta(n) for n in range(days)))


def _by_day(found: store.StoredRows, zone: str) -> tuple[dict[date, Counter[int]], dict[date, float]]:
    """Minutes after local midnight at which intervals of each day start (a repeated hour counts twice), and contacts of each day."""
    slots: dict[date, Counter[int]] = defaultdict(Counter)
    volume: dict[date, float] = defaultdict(float)
    here = timegrid.zone(zone)
    for start_s, contacts in zip(found.start_s.tolist(), found.volume.tolist(), strict=True):
        local = datetime.fromtimestamp(start_s, here)
        slots[local.date()][local.hour * 60 + local.minute] += 1
        volume[local.date()] += contacts
    return slots, volume


def _usually_open(slots: dict[date, Counter[int]]) -> dict[int, frozenset[int]]:
    """Per weekday the slots that were seen on at least half of its days between the first and the last day that were seen at all."""
    if not slots:
        return {}
    first, last = min(slots), max(slots)
    usual = {}
    for weekday in range(7):
        dates = [first + timedelta(n) for n in range((last - first).days + 1) if (first + timedelta(n)).weekday() == weekday]
        seen = Counter(slot for day in dates for slot in slots.get(day, ()))
        usual[weekday] = frozenset(slot for slot, count in seen.items() if 2 * count >= len(dates))
    return usual


def _quality(
    day: date, slots: dict[date, Counter[int]], volume: dict[date, float], usual: dict[int, frozenset[int]], zone: str
) -> DayQuality:
    wanted = _on_the_clock(day, usual.get(day.weekday(), frozenset()), zone)
    seen = slots.get(day, Counter())
    status = DayStatus.COMPLETE
    if not seen:
        status = DayStatus.MISSING if wanted else DayStatus.CLOSED
    elif wanted - seen:
        status = DayStatus.GAP
    return DayQuality(day, status, volume.get(day, 0.0), seen.total(), wanted.total())


def _on_the_clock(day: date, slots: Iterable[int], zone: str) -> Counter[int]:
    """How often each slot stands on the clock that day: not at all in the missing spring hour, twice in the repeated autumn hour."""
    count = {}
    for slot in slots:
        wall = datetime(day.year, day.month, day.day, slot // 60, slot % 60)  # noqa: DTZ001  # a wall clock
        count[slot] = 0 if timegrid.is_missing(wall, zone) else 1 + timegrid.is_repeated(wall, zone)
    return Counter({slot: times for slot, times in count.items() if times})


def source_rows(service: Service, actor: Actor, queue_key: str, start_s: int, weeks: int = 8) -> tuple[SourceRow, ...]:
    """The observed intervals behind a forecast one: same weekday and same time of the local clock, newest first.

    Parameters
    ----------
    start_s
        Start of the interval in question, s since 1970 UTC.
    weeks
        How many of them at most, 1 to 26.
    """
    policy.require(actor, "history.read")
    weeks = min(units.whole("weeks", weeks, at_least=1), WEEKS_BACK)
    if not 0 <= start_s < LAST_S:
        raise InvalidInput(f"start_s must lie in 0 to {LAST_S} (seconds since 1970), got {start_s}")
    with service.database.reading() as session:
        row = staff.queue(session, actor.organisation_id, queue_key)
        last = store.last_start(session, actor.organisation_id, row.id)
        if last is None:
            return ()
        places = _weeks_before(start_s, last, row.zone)
        found = store.rows_at(session, actor.organisation_id, row.id, places)[:weeks]
        return tuple(_source_row(interval, number, name, row.zone) for interval, number, name in found)


def _weeks_before(start_s: int, last_s: int, zone: str) -> list[int]:
    """The same wall clock time in the weeks before `start_s`, from the last one with history back."""
    here = timegrid.zone(zone)
    wall = datetime.fromtimestamp(start_s, here).replace(tzinfo=None)
    skipped = max(0, (start_s - last_s) // (7 * units.SECONDS_PER_MINUTE * units.MINUTES_PER_DAY))
    walls = (wall - timedelta(weeks=skipped + n) for n in range(1, WEEKS_BACK + 1))
    return [int(moment.replace(tzinfo=here).astimezone(UTC).timestamp()) for moment in walls]


def _source_row(row: HistoryRow, number: int, name: str, zone: str) -> SourceRow:
    start = datetime.fromtimestamp(row.start_s, timegrid.zone(zone))
    return SourceRow(start, row.volume, row.handle_s, row.interval_minutes, number, name, row.line)
