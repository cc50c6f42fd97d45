"""History as a grid of local days and slots of the day, and its checks.

A row of the grid is a calendar day, a column is a slot (minutes after local midnight); NaN says "not observed", which is neither zero nor
closed. The two hours that the autumn change shows under one clock time share a cell and are averaged, as a cell is a rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
DayArray = NDArray[np.datetime64]

LONGEST_DAYS = 60 * 366
LARGEST_VOLUME = 1e9
CHANGE_ENDS_MINUTES = 240


@dataclass(frozen=True, slots=True, eq=False)
class DayGrid:
    """Volumes of consecutive local days.

    Parameters
    ----------
    days
        Consecutive days, `datetime64[D]`, length D.
    slots
        Minutes after local midnight, ascending, length S.
    values
        Contacts per interval, shape (D, S); NaN where not observed.

    Examples
    --------
    >>> days = np.arange("2026-03-02", "2026-03-04", dtype="datetime64[D]")
    >>> DayGrid(days, np.array([480, 510]), np.ones((2, 2))).weekday.tolist()
    [0, 1]
    """

    days: DayArray
    slots: IntArray
    values: FloatArray

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.days), len(self.slots)):
            raise InvalidInput(f"values must have shape {(len(self.days), len(self.slots))}, got {self.values.shape}")

    @property
    def weekday(self) -> IntArray:
        """0 for Monday to 6 for Sunday, length D."""
        return weekday_of(self.days)

    @property
    def observed(self) -> BoolArray:
        """True where a volume was seen, shape (D, S)."""
        return ~np.isnan(self.values)

    def first(self, count: int) -> DayGrid:
        """The grid of the first `count` days."""
        return DayGrid(self.days[:count], self.slots, self.values[:count])

    def last(self, count: int) -> DayGrid:
        """The grid of the last `count` days."""
        start = max(0, len(self.days) - count)
        return DayGrid(self.days[start:], self.slots, self.values[start:])


@dataclass(frozen=True, slots=True, eq=False)
class Horizon:
    """The cells that are asked for.

    Parameters
    ----------
    days
        Distinct days asked for, ascending, `datetime64[D]`.
    day, slot
        Row in `days` and column in the grid's slots of every target, in the order of the targets.
    """

    days: DayArray
    day: IntArray
    slot: IntArray


def weekday_of(days: DayArray) -> IntArray:
    """0 for Monday to 6 for Sunday.

    Examples
    --------
    >>> weekday_of(np.array(["2026-03-02", "2026-03-08"], dtype="datetime64[D]")).tolist()
    [0, 6]
    """
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % 7, dtype=np.int64)


def mean_of_rows(values: FloatArray) -> FloatArray:
    """Mean over rows, NaN where a column was never observed; length of the columns."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def to_grid(history: pd.DataFrame, targets: pd.DatetimeIndex) -> tuple[DayGrid, Horizon]:
    """Lay history and targets on one grid; rows at or after the first target are not used.

    Parameters
    ----------
    history
        Columns `timestamp` (naive local wall clock, start of interval) and `volume` (contacts, at least 0; NaN is unknown); in any order.
    targets
        Naive local starts of the intervals wanted, at least one.

    Raises
    ------
    InvalidInput
        When a column is missing, a value is out of bounds, a timestamp is doubled outside an autumn change, or the targets do
        not stand on the history's intervals.
    """
    stamps, volume = _checked_history(history)
    wanted = _checked_targets(targets)
    before = stamps < wanted.min()
    if not before.any():
        raise InvalidInput(f"history must hold at least one row before the first target, {wanted.min()}, got none")
    stamps, volume = stamps[before], volume[before]
    slots = _common_slots(stamps, wanted)
    return _fill(stamps, volume, slots), _horizon(wanted, slots)


def past_grid(stamps: NDArray[np.datetime64], volume: FloatArray) -> DayGrid:
    """A history without targets on a grid of its own slots.

    Parameters
    ----------
    stamps
        Naive local starts of the intervals, at least one; those of a repeated autumn hour are averaged.
    volume
        Contacts per interval, at least 0, one for each start.

    Examples
    --------
    >>> past_grid(np.array(["2026-03-02T08:00", "2026-03-03T08:30"], dtype="datetime64[m]"), np.array([4.0, 6.0])).values.tolist()
    [[4.0, nan], [nan, 6.0]]
    """
    return _fill(stamps, volume, np.unique(minute_of_day(stamps)))


def sibling_grid(history: pd.DataFrame, like: DayGrid, first_target: np.datetime64) -> DayGrid | None:
    """Another queue's history on the slots of `like`, from its first day to the last of `like`; None where the two have nothing in common.

    Parameters
    ----------
    history
        As for `to_grid`; rows at or after the first target and those of other slots are not used.

    Raises
    ------
    InvalidInput
        As for `to_grid`.
    """
    stamps, volume = _checked_history(history)
    other = interval_minutes(np.unique(minute_of_day(stamps)))
    used = (stamps < first_target) & (stamps.astype("datetime64[D]") <= like.days[-1]) & np.isin(minute_of_day(stamps), like.slots)
    if not used.any() or other != interval_minutes(like.slots):
        return None
    return _fill(stamps[used], volume[used], like.slots)


def _checked_history(history: pd.DataFrame) -> tuple[NDArray[np.datetime64], FloatArray]:
    for name in ("timestamp", "volume"):
        if name not in history:
            raise InvalidInput(f"history needs the columns timestamp and volume, got {', '.join(map(str, history.columns))}")
    if history.empty:
        raise InvalidInput("history must hold at least one row, got none")
    stamps = minutes_of("timestamp", history["timestamp"])
    volume = _volumes(history["volume"])
    known = ~np.isnan(volume)
    if not known.any():
        raise InvalidInput("history must hold at least one volume that is a number, got only blanks")
    stamps, volume = stamps[known], volume[known]
    if (stamps.max() - stamps.min()).astype(np.int64) > LONGEST_DAYS * units.MINUTES_PER_DAY:
        raise InvalidInput(f"history must span at most {LONGEST_DAYS} days, got {stamps.min()} to {stamps.max()}")
    _refuse_doubles(stamps)
    return stamps, volume


def _volumes(column: pd.Series) -> FloatArray:
    try:
        volume = np.asarray(column.to_numpy(dtype=float, na_value=np.nan), dtype=float)
    except (TypeError, ValueError) as problem:
        raise InvalidInput(f"volume must be a number of contacts, {problem}") from None
    wrong = (volume < 0) | (volume > LARGEST_VOLUME)
    if wrong.any():
        raise InvalidInput(f"volume must lie in 0 to {LARGEST_VOLUME:g} contacts, got {volume[wrong][0]:g}")
    return volume


def minutes_of(name: str, column: pd.Series[Any] | pd.Index[Any]) -> NDArray[np.datetime64]:
    """The timestamps of a column as `datetime64[m]`.

    Raises
    ------
    InvalidInput
        When one is blank, has a zone, or does not stand on a whole minute.
    """
    if getattr(column.dtype, "tz", None) is not None:
        raise InvalidInput(f"{name} must be naive local wall clock times, got zone {column.dtype.tz}")  # type: ignore[union-attr]
    raw = column.to_numpy()
    if raw.dtype.kind != "M":
        raise InvalidInput(f"{name} must hold dates with times, got {raw.dtype}")
    if np.isnat(raw).any():
        raise InvalidInput(f"{name} must be filled in every row, got {int(np.isnat(raw).sum())} blank")
    minutes = raw.astype("datetime64[m]")
    if (minutes != raw).any():
        raise InvalidInput(f"{name} must stand on whole minutes, got {raw[minutes != raw][0]}")
    return np.asarray(minutes)


def _checked_targets(targets: pd.DatetimeIndex) -> NDArray[np.datetime64]:
    if len(targets) == 0:
        raise InvalidInput("targets must hold at least one interval, got none")
    return minutes_of("targets", targets)


def _refuse_doubles(stamps: NDArray[np.datetime64]) -> None:
    distinct, count = np.unique(stamps, return_counts=True)
    doubled = distinct[count > 1]
    if not len(doubled):
        return
    days = np.unique(doubled.astype("datetime64[D]"))
    late = minute_of_day(doubled) >= CHANGE_ENDS_MINUTES
    years = days.astype("datetime64[Y]")
    if late.any() or count.max() > 2 or len(np.unique(years)) < len(days):
        first = doubled[late][0] if late.any() else doubled[0]
        raise InvalidInput(f"every timestamp may stand once (twice only in the repeated autumn hour), got {first} more often")


def minute_of_day(stamps: NDArray[np.datetime64]) -> IntArray:
    """Minutes after local midnight."""
    return np.asarray((stamps - stamps.astype("datetime64[D]")).astype(np.int64), dtype=np.int64)


def _common_slots(stamps: NDArray[np.datetime64], wanted: NDArray[np.datetime64]) -> IntArray:
    past, future = np.unique(minute_of_day(stamps)), np.unique(minute_of_day(wanted))
    step, wished = interval_minutes(past), interval_minutes(future)
    if step and wished and (wished < step or np.any((future - past[0]) % step)):
        raise InvalidInput(f"targets must stand on the history's intervals of {step} minutes, got steps of {wished} minutes")
    return np.asarray(np.union1d(past, future), dtype=np.int64)


def interval_minutes(slots: IntArray) -> int:
    """Length of an interval in minutes, 0 where a single slot does not tell.

    Examples
    --------
    >>> interval_minutes(np.array([480, 510, 600]))
    30
    """
    return int(np.gcd.reduce(np.diff(slots))) if len(slots) > 1 else 0


def _fill(stamps: NDArray[np.datetime64], volume: FloatArray, slots: IntArray) -> DayGrid:
    day = stamps.astype("datetime64[D]")
    days = np.arange(day.min(), day.max() + 1, dtype="datetime64[D]")
    row = (day - days[0]).astype(np.int64)
    cell = row * len(slots) + np.searchsorted(slots, minute_of_day(stamps))
    size = len(days) * len(slots)
    seen = np.bincount(cell, minlength=size)
    total = np.bincount(cell, weights=volume, minlength=size)
    values = np.where(seen > 0, total / np.maximum(seen, 1), np.nan)
    return DayGrid(days, slots, values.reshape(len(days), len(slots)))


def _horizon(wanted: NDArray[np.datetime64], slots: IntArray) -> Horizon:
    day = wanted.astype("datetime64[D]")
    days, row = np.unique(day, return_inverse=True)
    return Horizon(days, row.astype(np.int64), np.searchsorted(slots, minute_of_day(wanted)).astype(np.int64))
