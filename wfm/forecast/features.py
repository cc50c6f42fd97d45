"""The columns that explain a day's total: weekday, season, place in the month, level and named days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.calendar import Calendar, among
from wfm.forecast.drivers import driver_column
from wfm.forecast.grid import BoolArray, DayArray, FloatArray, IntArray, weekday_of
from wfm.forecast.ridge import FREE

WEEKDAY, SEASON, MONTH, LEVEL, STEP, HOLIDAY, NEIGHBOUR, NAMED, NAMED_NEIGHBOUR, ALIKE, OBSERVANCE, OBSERVED, EVENT, DRIVER = range(14)

# strength (in columns) and value of the variance believed beforehand, on the log scale of totals
PRIOR = {
    WEEKDAY: (1.0, 0.1),
    SEASON: (1.0, 0.01),
    MONTH: (2.0, 0.0005),
    LEVEL: (2.0, 0.01),
    STEP: (1.0, 0.25),
    HOLIDAY: (1.0, 0.5),
    NEIGHBOUR: (1.0, 0.02),
    NAMED: (2.0, 0.1),
    NAMED_NEIGHBOUR: (4.0, 0.01),
    ALIKE: (1.0, 1.0),
    OBSERVANCE: (1.0, 0.02),
    OBSERVED: (2.0, 0.01),
    EVENT: (1.0, 0.3),
    DRIVER: (1.0, 0.1),
}
YEAR_DAYS = 365.25
SEASON_FROM_DAYS = 380
SEASON_PAIRS = 10
MONTH_PAIRS = 3
LEVEL_STEP_DAYS = 56


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Design matrix of days.

    Parameters
    ----------
    design
        Shape (days, columns).
    group
        Group of every column, length of the columns.
    told
        Names of the planner's events and drivers by column.
    """

    design: FloatArray
    group: IntArray
    told: dict[int, str]

    @property
    def lasting(self) -> BoolArray:
        """True for the columns that do not describe the slow level."""
        return np.asarray((self.group != LEVEL) & (self.group != STEP))


class _Columns:
    """Collects columns with their group."""

    def __init__(self) -> None:
        self.columns: list[FloatArray] = []
        self.groups: list[int] = []
        self.told: dict[int, str] = {}

    def add(self, column: FloatArray | BoolArray, group: int, name: str = "") -> None:
        if name:
            self.told[len(self.columns)] = name
        self.columns.append(np.asarray(column, dtype=float))
        self.groups.append(group)


def day_features(days: DayArray, past: int, calendar: Calendar, weekday_height: FloatArray, steps: list[int]) -> Features:
    """Describe `days`, of which the first `past` are history.

    Parameters
    ----------
    days
        History and horizon, `datetime64[D]`.
    past
        Number of days of history.
    calendar
        Public holidays and special days.
    weekday_height
        Log size of a weekday above the quietest one, length 7: a holiday is a quiet day, so it loses the height of its weekday.
    steps
        Rows on which the level jumped to stay.
    """
    table = _Columns()
    table.add(np.ones(len(days)), FREE)
    _add_weekdays(table, days)
    _add_season(table, days, past)
    _add_month(table, days)
    _add_level(table, len(days), past)
    for row in steps:
        table.add(np.arange(len(days)) >= row, STEP)
    _add_holidays(table, days, past, calendar, weekday_height)
    _add_events(table, days, past, calendar)
    _add_drivers(table, days, past, calendar)
    return Features(np.stack(table.columns, axis=1), np.array(table.groups), table.told)


def _add_weekdays(table: _Columns, days: DayArray) -> None:
    weekday = weekday_of(days)
    for number in range(7):
        table.add(weekday == number, WEEKDAY)


def _add_season(table: _Columns, days: DayArray, past: int) -> None:
    if past < SEASON_FROM_DAYS:
        return
    since = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    angle = 2 * np.pi * since / YEAR_DAYS
    for wave in range(1, SEASON_PAIRS + 1):
        table.add(np.sin(wave * angle) / wave, SEASON)
        table.add(np.cos(wave * angle) / wave, SEASON)


def _add_month(table: _Columns, days: DayArray) -> None:
    month = days.astype("datetime64[M]")
    since = (days - month.astype("datetime64[D]")).astype(np.int64)
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    for wave in range(1, MONTH_PAIRS + 1):
        angle = 2 * np.pi * wave * since / length
        table.add(np.sin(angle), MONTH)
        table.add(np.cos(angle), MONTH)
    for number in range(3):
        table.add(since == number, MONTH)
    table.add(length - since == 1, MONTH)


def _add_level(table: _Columns, count: int, past: int) -> None:
    when = np.arange(count) - past
    hats = past // LEVEL_STEP_DAYS + 1
    for number in range(hats):
        centre = -number * LEVEL_STEP_DAYS - LEVEL_STEP_DAYS // 2
        hat = np.clip(1 - np.abs(when - centre) / LEVEL_STEP_DAYS, 0, 1)
        if number == 0:
            hat = np.where(when > centre, 1.0, hat)
        if number == hats - 1:
            hat = np.where(when < centre, 1.0, hat)
        table.add(hat, LEVEL)


def _add_holidays(table: _Columns, days: DayArray, past: int, calendar: Calendar, weekday_height: FloatArray) -> None:
    if not calendar.named:
        return
    weekday = weekday_of(days)
    here = calendar.is_holiday(days)
    eve, morrow = calendar.is_holiday(days, 1) & ~here, calendar.is_holiday(days, -1) & ~here
    table.add(here, HOLIDAY)
    table.add(here * weekday_height[weekday], ALIKE)
    table.add(eve, NEIGHBOUR)
    table.add(morrow, NEIGHBOUR)
    table.add((morrow & (weekday == 4)) | (eve & (weekday == 0)), NEIGHBOUR)
    table.add(calendar.is_observance(days), OBSERVANCE)
    for named in calendar.named:
        effects = ((0, NAMED), (-1, NAMED_NEIGHBOUR), (1, NAMED_NEIGHBOUR)) if named.public else ((0, OBSERVED),)
        for offset, group in effects:
            column = among(days, named.days + np.timedelta64(offset, "D"))
            column = column if offset == 0 else column & ~here
            if column[:past].any():
                table.add(column, group)


def _add_events(table: _Columns, days: DayArray, past: int, calendar: Calendar) -> None:
    for event in calendar.events:
        column = np.isin(days, np.array(event.days, dtype="datetime64[D]"))
        if event.effect is None and column[:past].any():
            table.add(column, EVENT, event.name)


def _add_drivers(table: _Columns, days: DayArray, past: int, calendar: Calendar) -> None:
    ordinary = ~(calendar.is_holiday(days) | calendar.is_event(days))
    for driver in calendar.drivers:
        column = driver_column(driver, days, past, ordinary)
        if column is not None:
            table.add(column, DRIVER, driver.name)
