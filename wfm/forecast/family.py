"""A young queue borrows the past of its family: what its siblings had before its first day, brought to its own size and shape.

Each sibling's contacts are scaled to those that the young queue had at the same time; they are added up and bent by what the queue's own
weeks show of its weekdays and its hours, as far as that is more than chance:

    lent = sum_k (own / theirs_k) * contacts_k * theirs_k / sum_k theirs_k,   own, theirs_k: contacts of the intervals that both know

Holidays, weekdays, seasons and opening hours are then learned from the longer history by the same families of models as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wfm.forecast.backtest import LEAST_PAST_DAYS, Backtest, Window, past_windows
from wfm.forecast.calendar import Calendar, Event
from wfm.forecast.events import typed_factors
from wfm.forecast.grid import DayArray, DayGrid, FloatArray, IntArray, sibling_grid, weekday_of
from wfm.forecast.hours import EXPECTED_TO_CLOSE, over_runs
from wfm.forecast.protocol import Task

if TYPE_CHECKING:
    import pandas as pd

YOUNG_DAYS = 364
GATED_FROM_DAYS = 91
LEAST_OWN_DAYS = 14
LEAST_DAY_GAIN = 0.2
LEAST_EARLIER_DAYS = 56
LEAST_SHARED_DAYS = 7
SMALL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Sibling:
    """A queue of the same family.

    Parameters
    ----------
    name
        What people read.
    history
        As for `forecast_queue`; in the intervals of the young queue. Rows after the young queue's last day are not used.
    """

    name: str
    history: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Siblings on the slots of a young queue.

    Parameters
    ----------
    names
        Of the siblings, length K.
    days
        From the first day of the oldest sibling to the last of the young queue, length D.
    values
        Contacts per interval, NaN where not known, shape (K, D, S).
    """

    names: tuple[str, ...]
    days: DayArray
    values: FloatArray

    def until(self, count: int) -> Family:
        """What was known of the siblings when the young queue had `count` days fewer."""
        keep = len(self.days) - count
        return Family(self.names, self.days[:keep], self.values[:, :keep])


def family_of(
    past: DayGrid, siblings: Sequence[Sibling], first_target: np.datetime64, events: Sequence[Event], longest_days: int
) -> Family | None:
    """The siblings that have something to lend; None where none has, or the queue is a year old.

    One lends that is at least eight weeks older, and has a week of contacts in common with the queue. Days whose effect was typed for
    the queue tell nothing of its siblings, nor do days that lie `longest_days` or more back.

    Raises
    ------
    InvalidInput
        When a sibling's history cannot be used.
    """
    if len(past.days) >= YOUNG_DAYS or not siblings:
        return None
    grids = [(one.name, sibling_grid(one.history, past, first_target)) for one in siblings]
    found = [(name, grid) for name, grid in grids if grid is not None and _lends(grid, past)]
    if not found:
        return None
    first = max(min(grid.days[0] for _, grid in found), past.days[-1] + 1 - longest_days)
    days = np.arange(first, past.days[-1] + 1)
    values = np.stack([_laid_on(grid, days) for _, grid in found])
    values[:, typed_factors(days, events) != 1] = np.nan
    return Family(tuple(name for name, _ in found), days, values)


def _lends(grid: DayGrid, past: DayGrid) -> bool:
    earlier = int((past.days[0] - grid.days[0]).astype(int))
    if earlier < LEAST_EARLIER_DAYS:
        return False
    theirs = grid.values[earlier:]
    shared = past.observed[: len(theirs)] & (np.nan_to_num(theirs) > 0)
    return int(shared.any(axis=1).sum()) >= LEAST_SHARED_DAYS


def _laid_on(grid: DayGrid, days: DayArray) -> FloatArray:
    table = np.full((len(days), len(grid.slots)), np.nan)
    shown = grid.days >= days[0]
    table[(grid.days[shown] - days[0]).astype(int)] = grid.values[shown]
    return table


def lengthened(own: DayGrid, family: Family) -> DayGrid:
    """The queue's history with what the family lends before its first day; NaN there where no sibling is known."""
    known = np.pad(own.values, ((len(family.days) - len(own.days), 0), (0, 0)), constant_values=np.nan)
    values = _bent(known, _scaled_sum(known, family.values), weekday_of(family.days))
    values[-len(own.days) :] = own.values
    return DayGrid(family.days, own.slots, values)


def _bent(known: FloatArray, lent: FloatArray, weekday: IntArray) -> FloatArray:
    """What is lent with the weekdays, hours and closed slots of the queue's own days; `known` has NaN on other days; shape (D, S)."""
    both = ~np.isnan(known) & ~np.isnan(lent)
    ours, theirs = np.where(both, known, 0.0), np.where(both, lent, 0.0)
    rows = both.any(axis=1)
    of_day = np.eye(7)[weekday[rows]]
    seen, usual = of_day.T @ ours[rows], of_day.T @ theirs[rows]
    day_noise = _noise(ours[rows].sum(axis=1, keepdims=True), theirs[rows].sum(axis=1, keepdims=True), of_day)
    slot_noise = _noise(ours[rows], theirs[rows], of_day)
    by_day = _believed(seen.sum(axis=1), usual.sum(axis=1), day_noise)
    factor = by_day[:, None] * _believed(seen.sum(axis=0), by_day @ usual, slot_noise)
    closed = (seen <= 0) & (over_runs(usual, seen <= 0) >= EXPECTED_TO_CLOSE)
    return np.asarray(lent * np.where(closed, 0.0, factor)[weekday])


def _scaled_sum(known: FloatArray, values: FloatArray) -> FloatArray:
    """The mean of the siblings at the queue's size, in which large ones count more; shape (D, S)."""
    total, weight = np.zeros_like(known), np.zeros_like(known)
    for theirs in values:
        both = ~np.isnan(known) & ~np.isnan(theirs)
        size = float(theirs[both].sum())
        if size > 0:
            total += np.nan_to_num(theirs) * float(known[both].sum())
            weight += np.where(np.isnan(theirs), 0.0, size)
    return np.where(weight > 0, total / np.maximum(weight, SMALL), np.nan)


def _noise(seen: FloatArray, usual: FloatArray, of_day: FloatArray) -> float:
    """Variance of contacts about the mean of their weekday and column, over that mean; 1 for counts by chance alone, at least 1.

    Parameters
    ----------
    seen, usual
        Contacts of the queue, and what is lent for the same intervals; shape (days, columns).
    of_day
        1 at the weekday of each day, shape (days, 7).
    """
    theirs = of_day.T @ usual
    expected = usual * (of_day @ ((of_day.T @ seen) / np.maximum(theirs, SMALL)))
    free = max(int((usual > 0).sum()) - int((theirs > 0).sum()), 1)
    return max(1.0, float(((seen - expected) ** 2).sum()) * int((usual > 0).sum()) / max(float(expected.sum()), SMALL) / free)


def _believed(seen: FloatArray, expected: FloatArray, noise: float) -> FloatArray:
    """Factors seen / expected, drawn towards 1 by as much of their spread as chance explains; 1 where nothing was expected.

    With O_i ~ (E_i f_i, noise E_i) and f_i ~ (1, v), v by moments, the best linear estimate is 1 + (O_i / E_i - 1) v E_i / (v E_i + noise).
    """
    some = expected > 0
    energy = float((expected[some] ** 2).sum())
    spread = max(0.0, float(((seen - expected)[some] ** 2 - noise * expected[some]).sum())) / max(energy, SMALL)
    trust = spread * expected / (spread * expected + noise)
    return np.where(some, 1 + (seen / np.maximum(expected, SMALL) - 1) * trust, 1.0)


def family_windows(own: DayGrid, family: Family, calendar: Calendar, horizon_days: int) -> tuple[Window, ...]:
    """Stretches of the queue's own days to be forecast, oldest first; none when it has fewer than three weeks.

    Each is forecast from what was known of the queue and its family before it; what is lent is worked out anew for it. From 13 weeks
    on they are those of the queue alone, so that the two can be compared.
    """
    least = LEAST_OWN_DAYS if len(own.days) < GATED_FROM_DAYS else LEAST_PAST_DAYS
    return tuple(_borrowing(window, own, family) for window in past_windows(own, calendar, horizon_days, least))


def _borrowing(window: Window, own: DayGrid, family: Family) -> Window:
    before = window.task.past
    known = family.until(len(own.days) - len(before.days))
    return replace(window, task=task_with(before, known, window.task.days, window.task.calendar))


def task_with(own: DayGrid, family: Family, days: DayArray, calendar: Calendar) -> Task:
    """The question to every model family, with what is lent."""
    return Task(lengthened(own, family), days, calendar)


def pays(alone: Backtest, borrowed: Backtest) -> bool:
    """Whether borrowing made the past so much better that it is no chance: day totals by a fifth, and intervals not worse."""
    own, lent = alone.errors, borrowed.errors
    return lent.interval <= own.interval and lent.day <= (1 - LEAST_DAY_GAIN) * own.day
