"""One pass over a file: everything found, right and wrong. `reader` and `previewing` decide what to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np

from wfm.domain import timegrid
from wfm.domain.wallclock import SECONDS_PER_DAY
from wfm.errors import InvalidInput
from wfm.history.columns import AHT, HANDLE, TIMESTAMP, VOLUME
from wfm.history.folding import Mask, PlacedRows, RepeatedHour, place
from wfm.history.gaps import Gap, find_gaps
from wfm.history.grain import check_grain, detect_interval
from wfm.history.problems import ProblemList
from wfm.history.source import Source, open_source
from wfm.history.table import Layout, RawRows, find_layout, read_rows
from wfm.history.values import NO_OFFSET
from wfm.history.waits import QueueWaits
from wfm.units import SECONDS_PER_MINUTE

Gaps = Literal["refuse", "unknown", "zero"]
LONGEST_SPAN_DAYS = 20 * 366
SHORTEST_AHT_S, LONGEST_AHT_S = 20.0, 3_600.0
MILLISECONDS_FROM_S = 36_000.0


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments of `read_history`, checked."""

    name: str
    zone: str
    gaps: Gaps
    repeated_hour: RepeatedHour
    queue_zones: Mapping[str, str]
    queue: str

    def __post_init__(self) -> None:
        for field_name, value, allowed in (
            ("gaps", self.gaps, get_args(Gaps)),
            ("repeated_hour", self.repeated_hour, get_args(RepeatedHour)),
        ):
            if value not in allowed:
                raise InvalidInput(f"{field_name} must be one of {', '.join(allowed)}, got {value!r}")
        for zone_name in (self.zone, *self.queue_zones.values()):
            timegrid.zone(zone_name)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a file holds.

    Parameters
    ----------
    source, layout
        How it is written.
    names
        Queues by index.
    interval_minutes
        Detected length; None when it cannot be told.
    rows
        The usable rows, gaps already settled as the options say.
    problems
        What stands in the way.
    gap_count
        Missing intervals.
    warnings
        What does not stand in the way.
    waits
        How long customers waited, by queue, where the file says so.
    """

    source: Source
    layout: Layout
    names: tuple[str, ...]
    interval_minutes: int | None
    rows: PlacedRows
    problems: ProblemList
    gap_count: int = 0
    warnings: tuple[str, ...] = ()
    waits: Mapping[str, QueueWaits] = field(default_factory=dict)


@dataclass
class _Notes:
    """Warnings as they come up."""

    said: list[str] = field(default_factory=list)

    def count(self, number: int, what: str) -> None:
        """Say how often something was met, if it was."""
        if number:
            self.said.append(f"{what}: {number:,}")


def examine(content: bytes, options: Options) -> Found:
    """Read, place and check.

    Raises
    ------
    UnreadableFile
        When the file cannot be looked into at all: no text, no header, personal data.
    """
    problems, notes = ProblemList(), _Notes()
    source = open_source(content)
    layout = find_layout(source, only_queue=options.queue)
    raw = read_rows(source, layout, problems, only_queue=options.queue)
    interval_minutes = _interval(raw, layout, problems)
    zones = {i: options.queue_zones.get(name, options.zone) for i, name in enumerate(raw.queues)}
    column = layout.columns.header(TIMESTAMP)
    if interval_minutes is None:
        rows = place(_none_of(raw), zones, 60, options.repeated_hour, problems, column)
        return Found(source, layout, raw.queues, None, rows, problems)
    mixed = check_grain(raw, interval_minutes, problems, column)
    rows = place(raw, zones, interval_minutes, options.repeated_hour, problems, column)
    notes.said.extend(rows.warnings)
    _check_twice(rows, problems, column)
    rows = _settle_blanks(rows, options, layout, problems, notes)
    rows, missing = _settle_gaps(rows, raw.queues, interval_minutes, options, mixed, problems, notes)
    _notice(raw, rows, layout, problems, notes)
    return Found(source, layout, raw.queues, interval_minutes, rows, problems, missing, tuple(notes.said), raw.waits)


def _none_of(raw: RawRows) -> RawRows:
    none = slice(0, 0)
    handle_s = None if raw.handle_s is None else raw.handle_s[none]
    return RawRows(raw.queues, raw.queue[none], raw.wall[none], raw.offset[none], raw.volume[none], handle_s, raw.line[none])


def _interval(raw: RawRows, layout: Layout, problems: ProblemList) -> int | None:
    column = layout.columns.header(TIMESTAMP)
    if not raw.wall.size:
        problems.add(layout.header_line, "", "the file must hold rows below its header, got none that can be used")
        return None
    low, high = int(raw.wall.argmin()), int(raw.wall.argmax())
    days = int(raw.wall[high] - raw.wall[low]) // SECONDS_PER_DAY
    if days > LONGEST_SPAN_DAYS:
        middle = int(np.median(raw.wall))
        odd = low if middle - raw.wall[low] > raw.wall[high] - middle else high
        problems.add(int(raw.line[odd]), column, f"a file must span at most 20 years, got {days // 365} up to this date; is it a slip?")
        return None
    interval_minutes = detect_interval(raw)
    if interval_minutes is None:
        reason = "the length of the intervals cannot be told: no queue has two rows of one day that are 5 to 60 minutes apart"
        problems.add(int(raw.line[0]), column, reason)
    return interval_minutes


def _check_twice(rows: PlacedRows, problems: ProblemList, column: str) -> None:
    order = np.lexsort((rows.line, rows.start_utc, rows.queue))
    queue, start, line = rows.queue[order], rows.start_utc[order], rows.line[order]
    again = np.flatnonzero((queue[1:] == queue[:-1]) & (start[1:] == start[:-1])) + 1
    for i in problems.find_room(again.tolist()):
        problems.add(int(line[i]), column, f"a queue's interval must stand once, this one stands on line {line[i - 1]} already")


def _settle_blanks(rows: PlacedRows, options: Options, layout: Layout, problems: ProblemList, notes: _Notes) -> PlacedRows:
    """A blank volume was not observed: it is a gap that has a line."""
    blank = np.isnan(rows.volume)
    if not blank.any():
        return rows
    if options.gaps == "refuse":
        reason = 'is blank; write 0 for no contacts, or leave these rows out (gaps="unknown") or count them as no contacts (gaps="zero")'
        for line in problems.find_room(rows.line[blank].tolist()):
            problems.add(line, layout.columns.header(VOLUME), reason)
        return rows
    if options.gaps == "zero":
        notes.count(int(blank.sum()), "rows with a blank volume, counted as no contacts")
        handle_s = None if rows.handle_s is None else np.where(blank, 0.0, rows.handle_s)
        return replace(rows, volume=np.where(blank, 0.0, rows.volume), handle_s=handle_s)
    notes.count(int(blank.sum()), "rows with a blank volume, left out as unknown")
    return _select(rows, ~blank)


def _select(rows: PlacedRows, keep: Mask) -> PlacedRows:
    handle_s = None if rows.handle_s is None else rows.handle_s[keep]
    return replace(
        rows,
        queue=rows.queue[keep],
        start_utc=rows.start_utc[keep],
        wall=rows.wall[keep],
        volume=rows.volume[keep],
        handle_s=handle_s,
        line=rows.line[keep],
    )


def _settle_gaps(
    rows: PlacedRows,
    names: tuple[str, ...],
    interval_minutes: int,
    options: Options,
    mixed: frozenset[int],
    problems: ProblemList,
    notes: _Notes,
) -> tuple[PlacedRows, int]:
    gaps = _all_gaps(rows, interval_minutes, mixed)
    missing = sum(gap.walls.size for gap in gaps)
    if options.gaps == "refuse":
        for gap in problems.find_room(gaps):
            reason = gap.describe(names[gap.queue], interval_minutes)
            problems.add(gap.line, "", f'{reason}; leave them out (gaps="unknown") or count them as no contacts (gaps="zero")')
        return rows, missing
    if options.gaps == "unknown":
        notes.count(missing, f"intervals without a row (gaps: {len(gaps)}), left out as unknown")
        return rows, missing
    notes.count(missing, f"intervals without a row (gaps: {len(gaps)}), counted as no contacts")
    return _with_zeros(rows, gaps, interval_minutes), missing


def _all_gaps(rows: PlacedRows, interval_minutes: int, mixed: frozenset[int]) -> list[Gap]:
    order = np.argsort(rows.queue, kind="stable")
    queues, starts = np.unique(rows.queue[order], return_index=True)
    gaps: list[Gap] = []
    for queue, members in zip(queues.tolist(), np.split(order, starts[1:]), strict=True):
        if queue not in mixed:
            gaps += find_gaps(rows.wall[members], rows.line[members], queue, interval_minutes, rows.clocks[queue])
    return gaps


def _with_zeros(rows: PlacedRows, gaps: list[Gap], interval_minutes: int) -> PlacedRows:
    queue, wall, start = [rows.queue], [rows.wall], [rows.start_utc]
    for gap in gaps:
        clock = rows.clocks[gap.queue]
        twice = gap.walls[clock.is_repeated(gap.walls)] if interval_minutes <= 60 else gap.walls[:0]
        walls = np.append(gap.walls, twice)
        second = np.arange(walls.size) >= gap.walls.size
        queue.append(np.full(walls.size, gap.queue, dtype=np.int32))
        wall.append(walls)
        start.append(clock.to_utc(walls, second))
    made = sum(part.size for part in wall[1:])
    zeros = np.zeros(made)
    return replace(
        rows,
        queue=np.concatenate(queue),
        start_utc=np.concatenate(start),
        wall=np.concatenate(wall),
        volume=np.append(rows.volume, zeros),
        handle_s=None if rows.handle_s is None else np.append(rows.handle_s, zeros),
        line=np.append(rows.line, np.zeros(made, dtype=np.int64)),
    )


def _notice(raw: RawRows, rows: PlacedRows, layout: Layout, problems: ProblemList, notes: _Notes) -> None:
    """What a planner should know of, though the file can be used."""
    notes.count(raw.skipped, "lines with totals, averages or a repeated header, left out")
    notes.count(int((raw.volume % 1 > 0).sum()), "volumes that are fractions of contacts")
    aware = int((raw.offset != NO_OFFSET).sum())
    if 0 < aware < raw.offset.size:
        notes.count(aware, f"times with a UTC offset, while the other {raw.offset.size - aware:,} were read on the local clock")
    lowered = {name.lower() for name in raw.queues}
    notes.count(len(raw.queues) - len(lowered), "queue names that differ from another one by capital letters only")
    _notice_durations(rows, layout, problems, notes)


def _notice_durations(rows: PlacedRows, layout: Layout, problems: ProblemList, notes: _Notes) -> None:
    if rows.handle_s is None:
        notes.said.append("the file has no column for AHT or handle time")
        return
    busy = rows.volume > 0
    aht_s = rows.handle_s[busy] / rows.volume[busy]
    known = aht_s[~np.isnan(aht_s)]
    notes.count(int(np.isnan(aht_s).sum()), "rows with contacts and no handle time")
    if known.size and float(np.median(known)) > MILLISECONDS_FROM_S:
        name = HANDLE if HANDLE in layout.columns.position else AHT
        hours = np.median(known) / 3_600
        reason = f"AHT must be plausible, got a median of {hours:.0f} hours; is the column in milliseconds? Then add (ms) to its name"
        problems.add(layout.header_line, layout.columns.header(name), reason)
        return
    odd = int(((known < SHORTEST_AHT_S) | (known > LONGEST_AHT_S)).sum())
    notes.count(odd, f"rows with an AHT outside {SHORTEST_AHT_S:.0f} s to {LONGEST_AHT_S / SECONDS_PER_MINUTE:.0f} min")
