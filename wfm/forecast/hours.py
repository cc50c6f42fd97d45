"""Opening hours, learned: which slots of a weekday are closed, and since when a slot is what it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.grid import BoolArray, DayGrid, FloatArray, IntArray, mean_of_rows

LEAST_RUN = 3
LEAST_OPEN_WEEKS = 2
EXPECTED_TO_DOUBT = 10.0
EXPECTED_TO_CLOSE = 4.6
"""Contacts to be expected where none ever came, for that to be no chance: a Poisson count of this mean is 0 once in a hundred times."""
LEAST_OF_USUAL = 0.1
"""Share of the usual slot that a slot needs to tell anything of other weekdays; less is a stray contact or a quiet night."""
RECENT_WEEKS = 26
LONGEST_DAYS = 728


@dataclass(frozen=True, slots=True, eq=False)
class OpeningHours:
    """What a week looks like at the end of a history.

    Parameters
    ----------
    closed
        True where a slot of a weekday takes no contacts, shape (7, S).
    since
        Day of the history from which on the slot is as it is now, shape (7, S); what was before tells nothing.
    """

    closed: BoolArray
    since: IntArray


def learn_hours(past: DayGrid) -> OpeningHours:
    """Read the opening hours off a history.

    A slot is closed when it never had a contact, unless so few were to be expected that this can be chance, or has had none for at
    least three weeks in which ten were to be expected. A slot opened when its contacts began after such a run of zeros and came again
    in a later week: one wild count opens nothing.

    Examples
    --------
    >>> days = np.arange("2026-03-02", "2026-03-30", dtype="datetime64[D]")
    >>> nine_to_five = np.tile([0.0, 20.0], (28, 1))
    >>> learn_hours(DayGrid(days, np.array([420, 540]), nine_to_five)).closed[0].tolist()
    [True, False]
    """
    weeks, first_row = by_week(past.last(LONGEST_DAYS))
    first_row += max(0, len(past.days) - LONGEST_DAYS)
    zeros, opened, last_contact = _runs(weeks)
    count = np.arange(len(weeks))[:, None, None]
    recent = (count > last_contact - RECENT_WEEKS) & (count <= last_contact)
    usual = np.nan_to_num(mean_of_rows(np.where(recent, weeks, np.nan)))
    never = _never_open(weeks)
    seen_days = (~np.isnan(weeks).all(axis=2)).sum(axis=0)[:, None]
    unseen = np.isnan(weeks).all(axis=0)
    closed = np.where(unseen, (seen_days >= LEAST_RUN) | _never_a_day(weeks), never)
    closed |= (zeros >= LEAST_RUN) & (zeros * usual >= EXPECTED_TO_DOUBT)
    after = _lower_median(np.where(count >= opened, weeks, np.nan))
    before_zero = _zeros_before(weeks, opened)
    changed = (before_zero >= LEAST_RUN) & (before_zero * after >= EXPECTED_TO_DOUBT) & ~closed
    since = np.where(changed, opened * 7 + np.arange(7)[:, None] + first_row, 0)
    return OpeningHours(closed, np.maximum(since, 0))


def _never_open(weeks: FloatArray) -> BoolArray:
    """True where no contact ever came, and more than chance kept it away, shape (7, S).

    What was to be expected is the mean of the slot over all weekdays, between its neighbours where no weekday has any, times the size of
    the weekday; it counts over a whole run of empty slots, as a day ends at one time and not slot by slot.
    """
    contacts, known = np.nansum(weeks, axis=0), (~np.isnan(weeks)).sum(axis=0)
    never = contacts <= 0
    usual = _between_neighbours(contacts.sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    size = contacts.sum(axis=1) / np.maximum(known @ usual, 1e-12)
    expected = known * usual * size[:, None]
    by_chance = (usual > 0) & (size > 0)[:, None] & (over_runs(expected, never) < EXPECTED_TO_CLOSE)
    everywhere = never.all(axis=0)
    by_chance &= ~everywhere | (over_runs(expected.sum(axis=0)[None], everywhere[None]) < EXPECTED_TO_CLOSE)
    return np.asarray(never & ~by_chance)


def _between_neighbours(usual: FloatArray) -> FloatArray:
    """Slots with next to nothing get the smaller of what the nearest others before and after them have, 0 at the ends; shape (S,)."""
    seen = usual >= LEAST_OF_USUAL * (usual[usual > 0].mean() if (usual > 0).any() else 1.0)
    kept = np.where(seen, usual, 0.0)
    place = np.arange(len(usual))
    before = np.maximum.accumulate(np.where(seen, place, -1))
    after = np.minimum.accumulate(np.where(seen, place, len(usual))[::-1])[::-1]
    inside = (before >= 0) & (after < len(usual))
    return np.where(inside, np.minimum(kept[before], kept[np.minimum(after, len(usual) - 1)]), 0.0)


def over_runs(values: FloatArray, marked: BoolArray) -> FloatArray:
    """Every marked place gets the sum of `values` over its run of marked places, the others 0; shape of `values`, (rows, S)."""
    start = marked & ~np.concatenate([np.zeros_like(marked[:, :1]), marked[:, :-1]], axis=1)
    run = np.where(marked.ravel(), np.cumsum(start.ravel()), 0)
    sums = np.bincount(run, weights=np.where(marked, values, 0.0).ravel())
    return np.asarray(np.where(marked, sums[run].reshape(values.shape), 0.0))


def _lower_median(weeks: FloatArray) -> FloatArray:
    """Median over weeks, the smaller of the middle two; 0 where fewer than two weeks are known; shape (7, S)."""
    ordered = np.sort(weeks, axis=0)  # NaN last
    known = (~np.isnan(ordered)).sum(axis=0)
    middle = np.take_along_axis(ordered, np.maximum((known - 1) // 2, 0)[None], 0)[0]
    return np.asarray(np.where(known >= LEAST_OPEN_WEEKS, middle, 0.0))


def by_week(past: DayGrid) -> tuple[FloatArray, int]:
    """The grid as weeks from Monday, shape (weeks, 7, S), and the row (at most 0) at which the first Monday stands."""
    lead = int(past.weekday[0])
    tail = -(lead + len(past.days)) % 7
    padded = np.pad(past.values, ((lead, tail), (0, 0)), constant_values=np.nan)
    return padded.reshape(-1, 7, len(past.slots)), -lead


def _never_a_day(weeks: FloatArray) -> BoolArray:
    """True for weekdays that three or more full weeks never showed, while they showed others; shape (7, 1)."""
    days = ~np.isnan(weeks).all(axis=2)
    shown = np.count_nonzero(days, axis=0)
    return np.asarray((shown == 0) & (np.count_nonzero(np.count_nonzero(days, axis=1)) >= LEAST_RUN))[:, None]


def _runs(weeks: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Zeros at the end, week of the last opening after a run of zeros, week of the last contact; each of shape (7, S)."""
    number = np.arange(len(weeks))[:, None, None]
    taken, empty = weeks > 0, np.cumsum(weeks == 0, axis=0)
    at_contact = np.maximum.accumulate(np.where(taken, empty, 0), axis=0)  # zeros up to the last contact so far
    before = np.concatenate([np.zeros_like(at_contact[:1]), at_contact[:-1]])
    opened = np.where(taken & (empty - before >= LEAST_RUN), number, 0).max(axis=0)
    last_contact = np.where(taken, number, -1).max(axis=0)
    return empty[-1] - at_contact[-1], opened, last_contact


def _zeros_before(weeks: FloatArray, opened: IntArray) -> IntArray:
    before = np.arange(len(weeks))[:, None, None] < opened
    contacts = np.where(before, weeks, 0.0) > 0
    last = np.where(contacts.any(axis=0), len(weeks) - 1 - np.argmax(contacts[::-1], axis=0), -1)
    between = before & (np.arange(len(weeks))[:, None, None] > last)
    return np.asarray(((weeks == 0) & between).sum(axis=0), dtype=np.int64)
