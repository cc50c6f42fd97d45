"""Show what a file would become before anything is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np

from wfm.domain import timegrid
from wfm.domain.wallclock import SECONDS_PER_DAY
from wfm.errors import LineProblem, UnreadableFile
from wfm.history.columns import WANTED
from wfm.history.examine import Found, Gaps, Options, examine
from wfm.history.folding import PlacedRows, RepeatedHour
from wfm.history.record import Preview, PreviewRow
from wfm.history.table import Layout

PREVIEW_ROWS = 20


def preview(
    content: bytes,
    zone: str,
    *,
    name: str = "",
    gaps: Gaps = "refuse",
    repeated_hour: RepeatedHour = "refuse",
    queue_zones: Mapping[str, str] | None = None,
    queue: str = "",
) -> Preview:
    """What `read_history` would make of a file, with its problems instead of an exception.

    Parameters
    ----------
    content, zone, name, gaps, repeated_hour, queue_zones, queue
        As for `read_history`.

    Raises
    ------
    InvalidInput
        When an argument is outside what is allowed; never for what the file holds.

    Examples
    --------
    >>> seen = preview(b"timestamp,queue,volume\\n2026-03-02 08:00,billing,4\\n2026-03-02 08:30,billing,-1\\n", "America/Chicago")
    >>> seen.ready, str(seen.problems[0])
    (False, "line 3, volume: must be a number of contacts from 0 to 1,000,000, got '-1'")
    """
    options = Options(name, zone, gaps, repeated_hour, queue_zones or {}, queue)
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        found = examine(content, options)
    except UnreadableFile as error:
        problems = error.problems or (LineProblem(1, "", str(error)),)
        return Preview(name, sha256, zone, problems=problems, problem_count=len(problems))
    return _preview(sha256, options, found)


def _preview(sha256: str, options: Options, found: Found) -> Preview:
    rows = found.rows
    usable = np.flatnonzero(rows.volume >= 0)
    walls = rows.wall[usable]
    columns, unused = _columns(found.layout)
    first, last = (usable[walls.argmin()], usable[walls.argmax()]) if usable.size else (None, None)
    return Preview(
        name=options.name,
        sha256=sha256,
        zone=options.zone,
        rows=tuple(_row(found, int(i)) for i in usable[np.argsort(rows.line[usable], kind="stable")][:PREVIEW_ROWS]),
        row_count=int(usable.size),
        interval_minutes=found.interval_minutes,
        delimiter=found.layout.delimiter,
        encoding=found.source.encoding,
        columns=columns,
        unused=unused,
        first=None if first is None else _start(rows, int(first)),
        last=None if last is None else _start(rows, int(last)),
        per_day=_per_day(rows),
        totals=_totals(found),
        problems=found.problems.in_order(),
        problem_count=found.problems.count,
        gap_count=found.gap_count,
        repeated_hour_count=rows.once_count,
        warnings=found.warnings,
    )


def _columns(layout: Layout) -> tuple[Mapping[str, str], tuple[str, ...]]:
    position = layout.columns.position
    taken = set(position.values())
    mapped = {name: layout.columns.headers[position[name]] for name in WANTED if name in position}
    return mapped, tuple(header for i, header in enumerate(layout.columns.headers) if i not in taken)


def _row(found: Found, i: int) -> PreviewRow:
    rows = found.rows
    volume = float(rows.volume[i])
    handle_s = float("nan") if rows.handle_s is None else float(rows.handle_s[i])
    known = volume > 0 and not np.isnan(handle_s)
    return PreviewRow(int(rows.line[i]), found.names[int(rows.queue[i])], _start(rows, i), volume, handle_s / volume if known else None)


def _start(rows: PlacedRows, i: int) -> datetime:
    here = timegrid.zone(rows.clocks[int(rows.queue[i])].zone_name)
    return datetime.fromtimestamp(int(rows.start_utc[i]), UTC).astimezone(here)


def _per_day(rows: PlacedRows) -> tuple[tuple[date, float], ...]:
    usable = rows.volume >= 0
    days, index = np.unique(rows.wall[usable] // SECONDS_PER_DAY, return_inverse=True)
    volume = np.bincount(index, rows.volume[usable], days.size)
    return tuple((date(1970, 1, 1) + timedelta(int(day)), float(total)) for day, total in zip(days, volume, strict=True))


def _totals(found: Found) -> Mapping[str, float]:
    rows = found.rows
    usable = rows.volume >= 0
    volume = np.bincount(rows.queue[usable], rows.volume[usable], len(found.names))
    return {found.names[int(i)]: float(volume[i]) for i in np.unique(rows.queue[usable])}
