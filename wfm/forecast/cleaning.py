"""Outages and other intervals that say nothing about demand: found, proposed, left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.grid import BoolArray, DayGrid, FloatArray, interval_minutes, mean_of_rows
from wfm.forecast.hours import by_week

WEEKS_AROUND = 4
LEAST_EXPECTED = 15.0
FALLEN_BELOW = 0.1
LEAST_SLOT_EXPECTED = 2.0
SPIKE_ABOVE = 4.0
SPIKE_DEVIATIONS = 12.0
LEAST_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch of history that looks wrong.

    Parameters
    ----------
    start, end
        Local wall clock; `end` is the end of the last interval.
    kind
        `outage` (contacts fell away and came back) or `spike` (far more than ever).
    volume, expected
        Contacts seen, and usual for these intervals.
    """

    start: datetime
    end: datetime
    kind: str
    volume: float
    expected: float

    @property
    def reason(self) -> str:
        """Why it is flagged, in words.

        Examples
        --------
        >>> Flag(datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 10), "outage", 0, 41.2).reason
        'outage: 0 contacts from 2026-03-02 09:00 to 10:00, about 41 are usual'
        """
        upto = f"{self.end:%H:%M}" if self.end.date() == self.start.date() else f"{self.end:%Y-%m-%d %H:%M}"
        return f"{self.kind}: {self.volume:.0f} contacts from {self.start:%Y-%m-%d %H:%M} to {upto}, about {self.expected:.0f} are usual"


def find_flags(past: DayGrid, calendar: Calendar) -> tuple[Flag, ...]:
    """Outages and spikes of a history, in order of time; holidays and their neighbours are never flagged."""
    expected = usual_volumes(past)
    ordinary = ~_excused(past, calendar)[:, None]
    outage = outages(past, expected) & ordinary
    spike = _spikes(past, expected) & ordinary
    flags = [*_stretches(past, expected, outage, "outage"), *_stretches(past, expected, spike, "spike")]
    return tuple(sorted(flags, key=lambda flag: flag.start))


def without_outages(past: DayGrid, calendar: Calendar) -> DayGrid:
    """The history with its outages set to "not observed", but for stretches that are kept."""
    if not _may_hold_outages(past):
        return past
    gone = outages(past, usual_volumes(past)) & ~_excused(past, calendar)[:, None] & ~calendar.is_kept(past.days, past.slots)
    return DayGrid(past.days, past.slots, np.where(gone, np.nan, past.values)) if gone.any() else past


def usual_volumes(past: DayGrid) -> FloatArray:
    """Median of the four same weekdays before and after, slot by slot; NaN where fewer than four were seen; shape (D, S)."""
    weeks, first_row = by_week(past)
    wide = np.pad(weeks, ((WEEKS_AROUND, WEEKS_AROUND), (0, 0), (0, 0)), constant_values=np.nan)
    around = np.stack([wide[k : k + len(weeks)] for k in range(2 * WEEKS_AROUND + 1) if k != WEEKS_AROUND])
    around.sort(axis=0)  # NaN last
    seen = (~np.isnan(around)).sum(axis=0)
    low, high = np.maximum((seen - 1) // 2, 0), np.maximum(seen // 2, 0)
    high = np.minimum(high, len(around) - 1)
    median = (np.take_along_axis(around, low[None], 0)[0] + np.take_along_axis(around, high[None], 0)[0]) / 2
    flat = np.where(seen >= LEAST_WEEKS, median, np.nan).reshape(-1, len(past.slots))
    return np.asarray(flat[-first_row : -first_row + len(past.days)])


def _may_hold_outages(past: DayGrid) -> bool:
    """A cheap look before the medians: whether any day lost a third of what makes an outage against its weekday's mean."""
    mean = np.stack([np.nan_to_num(mean_of_rows(past.values[past.weekday == number])) for number in range(7)])
    usual = mean[past.weekday]
    fallen = (past.values <= FALLEN_BELOW * 3 * usual) & (usual >= LEAST_SLOT_EXPECTED / 3)
    return bool((np.where(fallen, usual, 0.0).sum(axis=1) >= LEAST_EXPECTED / 3).any())


def outages(past: DayGrid, expected: FloatArray) -> BoolArray:
    """True in runs of slots of one day that lost nine tenths of at least 15 usual contacts; shape (D, S)."""
    fallen = (past.values <= FALLEN_BELOW * expected) & (expected >= LEAST_SLOT_EXPECTED)
    gone = np.zeros_like(fallen)
    lost = np.where(fallen, expected, 0.0).sum(axis=1)
    for row in np.flatnonzero(lost >= LEAST_EXPECTED):
        for first, last in _runs_of(fallen[row]):
            if expected[row, first:last].sum() >= LEAST_EXPECTED:
                gone[row, first:last] = True
    return gone


def _spikes(past: DayGrid, expected: FloatArray) -> BoolArray:
    least = np.maximum(SPIKE_ABOVE * expected, expected + SPIKE_DEVIATIONS * np.sqrt(expected + 1))
    return np.asarray(past.values > least)


def _excused(past: DayGrid, calendar: Calendar) -> BoolArray:
    return calendar.is_named(past.days) | calendar.is_observance(past.days)


def _runs_of(marks: BoolArray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _stretches(past: DayGrid, expected: FloatArray, marks: BoolArray, kind: str) -> list[Flag]:
    step = interval_minutes(past.slots) or 60
    found = []
    for row in np.flatnonzero(marks.any(axis=1)):
        midnight = past.days[row].astype("datetime64[m]")
        for first, last in _runs_of(marks[row]):
            start = (midnight + int(past.slots[first])).item()
            end = (midnight + int(past.slots[last - 1]) + step).item()
            seen, usual = float(np.nansum(past.values[row, first:last])), float(np.nansum(expected[row, first:last]))
            found.append(Flag(start, end, kind, seen, usual))
    return found
