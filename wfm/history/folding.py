"""From the file's clock to UTC: the spring hour that is missing, the autumn hour that comes twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from wfm.domain.wallclock import SECONDS_PER_DAY, WallClock, wall_clock
from wfm.history.problems import ProblemList
from wfm.history.table import RawRows
from wfm.history.values import NO_OFFSET

RepeatedHour = Literal["refuse", "first", "split"]
_DOUBLED = 1.5

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PlacedRows:
    """Rows in UTC, in no particular order; all arrays have the same length.

    Parameters
    ----------
    queue, volume, handle_s, line
        As in `RawRows`.
    start_utc
        Start, s since 1970 UTC.
    wall
        Start on the queue's local wall clock, s since 1970 of that clock.
    clocks
        Clock of each queue, by its index.
    warnings
        What was decided on the way.
    once_count
        Intervals of a repeated hour that stand once in the file.
    """

    queue: npt.NDArray[np.int32]
    start_utc: Ints
    wall: Ints
    volume: npt.NDArray[np.float64]
    handle_s: npt.NDArray[np.float64] | None
    line: Ints
    clocks: Mapping[int, WallClock]
    warnings: tuple[str, ...] = ()
    once_count: int = 0


@dataclass
class _Placing:
    """The decisions of one file, queue zone by queue zone."""

    raw: RawRows
    interval_s: int
    repeated_hour: RepeatedHour
    problems: ProblemList
    column: str
    start_utc: Ints
    keep: Mask
    halve: Mask
    skipped_zeros: int = 0
    once: int = 0
    taken_first: int = 0


def place(
    raw: RawRows, zones: Mapping[int, str], interval_minutes: int, repeated_hour: RepeatedHour, problems: ProblemList, column: str
) -> PlacedRows:
    """Give every row its instant.

    Parameters
    ----------
    raw
        Rows with the file's own clock.
    zones
        IANA zone of each queue, by its index.
    interval_minutes
        Length of the intervals.
    repeated_hour
        What to do with an interval of the repeated autumn hour that stands only once: "refuse" it, take it for the "first" of the two
        (the second is unknown), or "split" its contacts evenly over both. Two sets are always told apart, by their order in the file.
    problems
        Gets missing and ambiguous hours.
    column
        Name of the time column.
    """
    size = raw.wall.size
    everything, nothing = np.ones(size, np.bool_), np.zeros(size, np.bool_)
    placing = _Placing(raw, interval_minutes * 60, repeated_hour, problems, column, raw.wall - raw.offset, everything, nothing)
    clocks: dict[int, WallClock] = {}
    wall = raw.wall.copy()
    for zone_name in sorted(set(zones.values())):
        members = [index for index, name in zones.items() if name == zone_name]
        rows = np.flatnonzero(np.isin(raw.queue, members))
        clock = wall_clock(zone_name, int(raw.wall[rows].min()), int(raw.wall[rows].max())) if rows.size else wall_clock(zone_name, 0, 0)
        clocks.update(dict.fromkeys(members, clock))
        naive = raw.offset[rows] == NO_OFFSET
        _place_naive(placing, clock, rows[naive])
        aware = rows[~naive]
        wall[aware] = clock.to_wall(placing.start_utc[aware])
    return _placed(placing, wall, clocks)


def _place_naive(placing: _Placing, clock: WallClock, rows: Ints) -> None:
    wall = placing.raw.wall[rows]
    placing.start_utc[rows] = clock.to_utc(wall)
    _drop_missing(placing, clock, rows[clock.is_missing(wall)])
    _fold_repeated(placing, clock, rows[clock.is_repeated(wall)])


def _drop_missing(placing: _Placing, clock: WallClock, rows: Ints) -> None:
    """Rows wholly inside the missing hour; one that reaches beyond it starts with the change."""
    if not rows.size:
        return
    begins, ends = clock.missing_spans
    wall = placing.raw.wall[rows]
    end = ends[np.searchsorted(begins, wall, side="right") - 1]
    beyond = wall + placing.interval_s > end
    placing.start_utc[rows[beyond]] = clock.to_utc(end[beyond])
    inside = rows[~beyond]
    placing.keep[inside] = False
    counted = ~(placing.raw.volume[inside] > 0)
    placing.skipped_zeros += int(counted.sum())
    for i in placing.problems.find_room(inside[~counted].tolist()):
        placing.problems.add(
            int(placing.raw.line[i]),
            placing.column,
            f"{_at(placing.raw.wall[i])} does not exist in {clock.zone_name}: the clock skips it; "
            "is the file in another time zone? Otherwise remove the line",
        )


def _fold_repeated(placing: _Placing, clock: WallClock, rows: Ints) -> None:
    """First appearance is the first hour, second appearance the second; files that run backwards the other way round."""
    if not rows.size:
        return
    raw = placing.raw
    begins, ends = clock.repeated_spans
    span = np.searchsorted(begins, raw.wall[rows], side="right") - 1
    rows = rows[placing.interval_s <= (ends - begins)[span]]
    order = np.lexsort((rows, raw.wall[rows], raw.queue[rows]))
    rows = rows[order]
    fresh = np.ones(rows.size, np.bool_)
    fresh[1:] = (raw.wall[rows][1:] != raw.wall[rows][:-1]) | (raw.queue[rows][1:] != raw.queue[rows][:-1])
    group = np.cumsum(fresh) - 1
    count = np.bincount(group)[group] if rows.size else np.zeros(0, dtype=np.int64)
    rank = np.arange(rows.size) - np.flatnonzero(fresh)[group]
    second = np.where(_runs_backwards(raw)[raw.queue[rows]], (rank == 0) & (count > 1), rank > 0)
    placing.start_utc[rows] = clock.to_utc(raw.wall[rows], second)
    _judge_single(placing, clock, rows[count == 1])


def _runs_backwards(raw: RawRows) -> Mask:
    """For each queue, whether the file has its newest rows first."""
    last = np.full(len(raw.queues), -1)
    last[raw.queue] = np.arange(raw.queue.size)
    first = np.full(len(raw.queues), -1)
    first[raw.queue[::-1]] = np.arange(raw.queue.size)[::-1]
    known = first >= 0
    backwards = np.zeros(len(raw.queues), np.bool_)
    backwards[known] = raw.wall[last[known]] < raw.wall[first[known]]
    return backwards


def _judge_single(placing: _Placing, clock: WallClock, rows: Ints) -> None:
    placing.once += int(rows.size)
    if placing.repeated_hour == "split":
        placing.halve[rows] = True
        return
    counted = placing.raw.volume[rows] > 0
    placing.taken_first += int(rows.size if placing.repeated_hour == "first" else (~counted).sum())
    if placing.repeated_hour == "first":
        return
    ratio = _ratios(placing.raw, rows)
    for i in placing.problems.find_room(rows[counted].tolist()):
        placing.problems.add(
            int(placing.raw.line[i]),
            placing.column,
            f"{_at(placing.raw.wall[i])} comes twice in {clock.zone_name} as the clock goes back, and stands here once"
            f"{_level(float(ratio[placing.raw.queue[i]]))}; "
            'split it where the file adds both up (repeated_hour="split"), or take it for the first (repeated_hour="first")',
        )


def _ratios(raw: RawRows, rows: Ints) -> npt.NDArray[np.float64]:
    """For each queue, the volume of these rows over what is usual at their time of the week; about 2 points to both hours added up."""
    time_of_week = raw.wall % (7 * SECONDS_PER_DAY)
    key = raw.queue * np.int64(7 * SECONDS_PER_DAY) + time_of_week
    volume = np.maximum(np.nan_to_num(raw.volume), 0)
    kinds, kind = np.unique(key, return_inverse=True)
    single = np.zeros(key.size, np.bool_)
    single[rows] = True
    others = np.bincount(kind[~single], minlength=kinds.size)
    usual = np.bincount(kind[~single], volume[~single], kinds.size) / np.maximum(others, 1)
    expected = np.bincount(raw.queue[rows], usual[kind[rows]], len(raw.queues))
    stands = np.bincount(raw.queue[rows], volume[rows], len(raw.queues))
    return np.divide(stands, expected, out=np.zeros(len(raw.queues)), where=expected > 0)


def _level(ratio: float) -> str:
    guess = "both added up" if ratio >= _DOUBLED else "one left out"
    return f" with {ratio:.1f} times its usual volume ({guess}, it seems)" if ratio > 0 else ""


def _placed(placing: _Placing, wall: Ints, clocks: Mapping[int, WallClock]) -> PlacedRows:
    raw, keep, halved = placing.raw, placing.keep, np.flatnonzero(placing.halve)
    divisor = np.where(placing.halve, 2.0, 1.0)
    later = np.array([clocks[int(raw.queue[i])].to_utc(wall[i : i + 1], np.ones(1, np.bool_))[0] for i in halved], dtype=np.int64)
    take = np.append(np.flatnonzero(keep), halved)
    start_utc = np.append(placing.start_utc[keep], later)
    volume = (raw.volume / divisor)[take]
    handle_s = None if raw.handle_s is None else (raw.handle_s / divisor)[take]
    return PlacedRows(raw.queue[take], start_utc, wall[take], volume, handle_s, raw.line[take], clocks, _warnings(placing), placing.once)


def _warnings(placing: _Placing) -> tuple[str, ...]:
    said = (
        (placing.skipped_zeros, "rows without contacts in the missing spring hour, left out"),
        (int(placing.halve.sum()), "intervals of the repeated autumn hour that stand once, split evenly over both hours"),
        (placing.taken_first, "intervals of the repeated autumn hour that stand once, counted for the first hour, the second unknown"),
    )
    return tuple(f"{what}: {count:,}" for count, what in said if count)


def _at(wall: np.int64) -> str:
    return datetime.fromtimestamp(int(wall), UTC).strftime("%Y-%m-%d %H:%M")
