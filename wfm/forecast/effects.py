"""What the planner told: learned effects of events and drivers, taken out of the past and put back on the days to come.

Every family then forecasts ordinary days, so that an effect counts in full whichever family is chosen. A driver is used only when the
backtest says so: when day totals of stretches not yet seen come out better by at least a fiftieth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from wfm.forecast.backtest import WINDOW_MEMORY, Window
from wfm.forecast.calendar import Calendar, Event
from wfm.forecast.drivers import Driver
from wfm.forecast.events import days_of, typed_factors
from wfm.forecast.grid import DayArray, DayGrid, FloatArray, weekday_of
from wfm.forecast.protocol import Task

LARGEST_LOG = 3.0
UNKNOWN_BELOW = 0.05
LEAST_GAIN = 0.02
LEAST_SHARE_SEEN = 0.9


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event or a driver does to the days that were forecast.

    Parameters
    ----------
    name
        Of the event or driver.
    kind
        `typed` (an event's own figure), `learned` (an event, from earlier days of its name) or `driver`.
    used
        Whether it counts in the forecast: False for a driver that did not make the past better, or for an event never seen before.
    days, shares
        Coming days and the change of their volume, as shares (0.3 is 30 % more).
    error_without, error_with
        WAPE of day totals on the past without and with a driver, as shares; NaN for events and where nothing could be tested.
    """

    name: str
    kind: str
    used: bool
    days: tuple[date, ...]
    shares: tuple[float, ...]
    error_without: float = math.nan
    error_with: float = math.nan


@dataclass(frozen=True, slots=True)
class Trial:
    """How a driver did: WAPE of day totals of the past without and with it, as shares."""

    driver: Driver
    without: float
    with_it: float

    @property
    def helps(self) -> bool:
        """Whether it gains at least a fiftieth; False where nothing could be tried."""
        return self.with_it <= (1 - LEAST_GAIN) * self.without


def lifted(task: Task) -> Task:
    """The task with the learned effects of its calendar taken out of the past, to be put back on its days."""
    ordinary = Calendar(task.calendar.named, kept=task.calendar.kept)
    if not task.fit.told:
        return replace(task, calendar=ordinary)
    factor = np.exp(np.clip(sum(task.fit.told.values()), -LARGEST_LOG, LARGEST_LOG))
    count = len(task.past.days)
    known = np.where(factor[:count] > UNKNOWN_BELOW, factor[:count], np.nan)
    past = DayGrid(task.past.days, task.past.slots, task.past.values / known[:, None])
    return Task(past, task.days, ordinary, factor[count:])


def try_drivers(windows: Sequence[Window], drivers: Sequence[Driver]) -> tuple[Trial, ...]:
    """Every driver on the past: one by one on top of those that already helped, the order as given.

    Parameters
    ----------
    windows
        Stretches of the past with what came; empty where the history is too short to try anything.
    drivers
        At least 0 of them, with names that differ.
    """
    trials: list[Trial] = []
    chosen: tuple[Driver, ...] = ()
    if not windows:
        return tuple(Trial(driver, math.nan, math.nan) for driver in drivers)
    best = _day_error(windows, chosen)
    for driver in drivers:
        trials.append(Trial(driver, best, _day_error(windows, (*chosen, driver))))
        if trials[-1].helps:
            chosen, best = (*chosen, driver), trials[-1].with_it
    return tuple(trials)


def with_drivers(windows: Sequence[Window], drivers: tuple[Driver, ...]) -> tuple[Window, ...]:
    """The windows with these drivers in their calendars, in place of those that were there."""
    return tuple(
        Window(replace(window.task, calendar=replace(window.task.calendar, drivers=drivers)), window.actual) for window in windows
    )


def _day_error(windows: Sequence[Window], drivers: tuple[Driver, ...]) -> float:
    """WAPE of day totals in which recent windows count more, as a share; NaN where no day can be judged.

    Days count of which nine tenths of the usual contacts were seen: many histories have no rows for closed hours.
    """
    error = size = 0.0
    for back, window in enumerate(reversed(with_drivers(windows, drivers))):
        seen = (window.task.totals.profile[weekday_of(window.task.days)] * ~np.isnan(window.actual)).sum(axis=1)
        known = seen >= LEAST_SHARE_SEEN
        total = np.nansum(window.actual[known], axis=1) / seen[known]
        error += WINDOW_MEMORY**back * float(np.abs(window.task.fit.coming[known] - total).sum())
        size += WINDOW_MEMORY**back * float(total.sum())
    return error / size if size > 0 else math.nan


def effects_of(task: Task, events: Sequence[Event], trials: Sequence[Trial]) -> tuple[Effect, ...]:
    """Effects on the task's days, events first.

    Parameters
    ----------
    task
        What is forecast, before it was lifted; its calendar has the drivers that help.
    events, trials
        What planners told: all events, and how every driver did.
    """
    return (*(_of_event(task, event) for event in events), *(_of_driver(task, trial) for trial in trials))


def _of_event(task: Task, event: Event) -> Effect:
    here = np.isin(task.days, days_of(event))
    if event.effect is not None:
        return _effect(event.name, "typed", task.days[here], typed_factors(task.days[here], [event]) - 1)
    share = _learned(task, event.name)
    return _effect(event.name, "learned", task.days[here], None if share is None else share[here])


def _of_driver(task: Task, trial: Trial) -> Effect:
    made = _effect(trial.driver.name, "driver", task.days, _learned(task, trial.driver.name))
    return replace(made, error_without=trial.without, error_with=trial.with_it)


def _learned(task: Task, name: str) -> FloatArray | None:
    """Change of the coming days' volume by an event or driver; None where nothing was learned of it."""
    log_effect = task.fit.told.get(name)
    if log_effect is None:
        return None
    return np.asarray(np.expm1(np.clip(log_effect[len(task.past.days) :], -LARGEST_LOG, LARGEST_LOG)))


def _effect(name: str, kind: str, days: DayArray, shares: FloatArray | None) -> Effect:
    if shares is None:
        return Effect(name, kind, False, (), ())
    return Effect(name, kind, True, tuple(days.tolist()), tuple(shares.tolist()))
