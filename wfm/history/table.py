"""The shape "one row per queue and interval": from text to compact columns.

A shape is a function from a `Source` to `RawRows`; times keep the file's own clock here, zones come later. A further shape (dates across,
one row per contact) is a further module with such a function and a line in `examine`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from wfm.errors import UnreadableFile
from wfm.history import values
from wfm.history.columns import AHT, QUEUE, TIMESTAMP, VOLUME, Columns, map_columns, squeeze
from wfm.history.guard import Guard, cell_kind, refuse_cell, shown
from wfm.history.problems import ProblemList
from wfm.history.source import EMPTY, Source
from wfm.history.values import BAD_TIME, BLANK, Memo
from wfm.history.waits import QueueWaits, WaitSums

DELIMITERS = (",", ";", "\t", "|")
MOST_QUEUES = 5_000
LARGEST_VOLUME = 1_000_000
LONGEST_NAME = 80
REFUSED = -1.0
_HEADER_LINES = 50
_CHUNK_ROWS = 2_000
_FOOTERS = frozenset({"total", "totals", "grandtotal", "summary", "average", "averages", "sum"})
_TIME_RULE = f"must be a time such as 2026-03-02 08:30, in {values.FIRST_YEAR} to {values.LAST_YEAR - 1}, with or without a UTC offset"

Row = list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written: its delimiter, the line of its header and the columns found in it."""

    delimiter: str
    header_line: int
    columns: Columns


@dataclass(frozen=True, slots=True, eq=False)
class RawRows:
    """The usable rows of a file in its own order; all arrays have the same length.

    Parameters
    ----------
    queues
        Names, in the order of first appearance.
    queue
        Index into `queues`.
    wall
        The written clock, s since 1970 of that clock.
    offset
        UTC offset of the written clock, s, or `values.NO_OFFSET`.
    volume
        Contacts; NaN where the cell is blank, `REFUSED` where it is a problem already noted.
    handle_s
        Total handle time, s, NaN where unknown; None without such a column.
    line
        Line in the file, counted from 1.
    skipped
        Number of lines left out on purpose: totals, averages, repeated headers.
    waits
        How long customers waited, by queue, where the file says so.
    """

    queues: tuple[str, ...]
    queue: npt.NDArray[np.int32]
    wall: npt.NDArray[np.int64]
    offset: npt.NDArray[np.int64]
    volume: npt.NDArray[np.float64]
    handle_s: npt.NDArray[np.float64] | None
    line: npt.NDArray[np.int64]
    skipped: int = 0
    waits: Mapping[str, QueueWaits] = field(default_factory=dict)


def find_layout(source: Source, *, only_queue: str = "") -> Layout:
    """The delimiter and the header line: those that name the most fields.

    Parameters
    ----------
    source
        The file.
    only_queue
        Queue of every row where the file has no queue column; "" when it must have one.

    Raises
    ------
    UnreadableFile
        When a needed column is missing; the message lists the columns found.
    """
    with source.text() as text:
        head = list(islice(text, _HEADER_LINES))
    if not any(line.strip() for line in head):
        raise UnreadableFile(EMPTY)
    tried = [_layout(head, delimiter) for delimiter in DELIMITERS]
    best = max(tried, key=lambda layout: (len(layout.columns.position), _evenness(head, layout)))
    missing = [name for name in best.columns.missing if not (name == QUEUE and only_queue)]
    if missing:
        raise UnreadableFile(f"the file needs a column for {' and '.join(missing)}; {_columns_found(best)}")
    return best


def _layout(head: Sequence[str], delimiter: str) -> Layout:
    rows = [(line, row) for line, row in _rows(iter(head), delimiter) if any(row)]
    wide = [(line, row) for line, row in rows if len(row) > 1] or rows[:1]
    scored = [(len(columns.position), -line, columns) for line, row in wide for columns in (map_columns(row),)]
    _, negative_line, columns = max(scored, key=lambda entry: entry[:2], default=(0, -1, map_columns([])))
    return Layout(delimiter, -negative_line, columns)


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        return


def _evenness(head: Sequence[str], layout: Layout) -> tuple[int, int]:
    widths = [len(row) for _, row in _rows(iter(head), layout.delimiter) if row]
    common = max(set(widths), key=widths.count, default=0)
    return (widths.count(common) if common > 1 else 0, common)


def _columns_found(layout: Layout) -> str:
    """The header cells, unless that line holds values instead of names."""
    headers = layout.columns.headers
    if not headers or any(cell_kind(header) or values.parse_count(header) >= 0 for header in headers):
        return "found no header line; the first line must name the columns"
    return "found " + ", ".join(repr(header[:40]) for header in headers[:30])


@dataclass
class _Reading:
    """What one pass over the file gathers."""

    layout: Layout
    problems: ProblemList
    only_queue: str
    guard: Guard = field(init=False)
    times: Memo = field(default_factory=lambda: Memo(values.parse_time))
    counts: Memo = field(default_factory=lambda: Memo(values.parse_count))
    durations: Memo = field(init=False)
    queue_index: dict[str, int] = field(default_factory=dict)
    parts: list[tuple[npt.NDArray[Any], ...]] = field(default_factory=list)
    skipped: int = 0
    waits: WaitSums = field(init=False)

    def __post_init__(self) -> None:
        self.waits = WaitSums(self.layout.columns)
        scale = self.layout.columns.handle_scale
        self.durations = Memo(lambda text: values.parse_duration(text) * (1.0 if values.is_written_out(text) else scale))
        self.guard = Guard(self.layout.columns, self.layout.header_line)


def read_rows(source: Source, layout: Layout, problems: ProblemList, *, only_queue: str = "") -> RawRows:
    """All usable rows; what is wrong with the others goes to `problems`.

    Parameters
    ----------
    source, layout
        The file and how it is written.
    problems
        Gets every line that cannot be used.
    only_queue
        Queue of every row where the file has no queue column.

    Raises
    ------
    PersonalData
        When a column identifies people.
    """
    reading = _Reading(layout, problems, only_queue)
    reading.guard.check_headers()
    with source.text() as text:
        for _ in range(layout.header_line):
            next(text)
        for rows, lines in _chunks(text, reading):
            _take(reading, rows, lines)
    return _collected(reading)


def _chunks(text: TextIO, reading: _Reading) -> Iterator[tuple[list[Row], list[int]]]:
    reader = csv.reader(text, delimiter=reading.layout.delimiter)
    first, before = reading.layout.header_line, 0
    while True:
        rows: list[Row] = []
        try:
            rows += islice(reader, _CHUNK_ROWS)
        except csv.Error as error:
            reading.problems.add(first + before + len(rows) + 1, "", f"the line cannot be split into cells: {error}")
        except UnicodeDecodeError:
            raise UnreadableFile("the file must be text in one encoding, got bytes that are none") from None
        if not rows:
            return
        lines = list(range(first + before + 1, first + before + len(rows) + 1))
        if reader.line_num - before != len(rows):
            rows, lines = _single_lines(reading, rows, first + before + 1)
        yield rows, lines
        before = reader.line_num


def _single_lines(reading: _Reading, rows: list[Row], line: int) -> tuple[list[Row], list[int]]:
    """Without rows that run over several lines: most of them have a quotation mark that is not closed."""
    kept, kept_lines = [], []
    for row in rows:
        further = sum(cell.replace("\r\n", "\n").replace("\r", "\n").count("\n") for cell in row)
        if further:
            reading.problems.add(line, "", "a quoted cell runs over several lines; is a quotation mark not closed?")
        else:
            kept.append(row)
            kept_lines.append(line)
        line += 1 + further
    return kept, kept_lines


def _take(reading: _Reading, rows: list[Row], lines: list[int]) -> None:
    rows, lines = _even(reading, rows, lines)
    if not rows:
        return
    cells = list(zip(*rows, strict=True))
    reading.guard.check_cells(cells, lines)
    position = reading.layout.columns.position
    line = np.array(lines, dtype=np.int64)
    wall, offset, usable = _times(reading, cells[position[TIMESTAMP]], rows, line)
    queue = _queues(reading, cells, line, usable)
    volume = _volumes(reading, cells[position[VOLUME]], line, usable)
    handle_s = _handle_times(reading, cells, volume, line, usable)
    reading.waits.add(cells, np.where(usable, queue, -1).astype(np.int32), volume)
    reading.parts.append(tuple(part[usable] for part in (queue, wall, offset, volume, handle_s, line)))


def _even(reading: _Reading, rows: list[Row], lines: list[int]) -> tuple[list[Row], list[int]]:
    """Rows of exactly the header's width; blank lines go, short and long rows are problems."""
    width = len(reading.layout.columns.headers)
    if set(map(len, rows)) == {width} and all(map(itemgetter(0), rows)):
        return rows, lines
    kept: list[Row] = []
    kept_lines: list[int] = []
    for row, line in zip(rows, lines, strict=True):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < width and len(row) <= max(reading.layout.columns.position.values()) and not _is_footer(row):
            reading.problems.add(line, "", f"the line must have {width} cells, got {len(row)}")
            continue
        if any(cell.strip() for cell in row[width:]):
            reading.problems.add(line, "", f"the line must have {width} cells, got {len(row)}; quote cells that hold the delimiter")
            continue
        kept.append([*row[:width], *[""] * (width - len(row))])
        kept_lines.append(line)
    return kept, kept_lines


def _is_footer(row: Sequence[str]) -> bool:
    first = next((cell for cell in row if cell.strip()), "")
    return squeeze(first) in _FOOTERS or not squeeze("".join(row))


def _times(
    reading: _Reading, column: Sequence[str], rows: list[Row], line: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    packed = np.fromiter(map(reading.times.__getitem__, column), dtype=np.int64, count=line.size)
    wall, offset = values.unpack_times(packed)
    usable = packed != BAD_TIME
    headers = [squeeze(header) for header in reading.layout.columns.headers]
    for i in np.flatnonzero(~usable).tolist():
        if reading.problems.full:
            reading.problems.count += 1
        elif _is_footer(rows[i]) or [squeeze(cell) for cell in rows[i]] == headers:
            reading.skipped += 1
        else:
            _complain(reading, TIMESTAMP, column[i], int(line[i]), _TIME_RULE)
    return wall, offset, usable


def _queues(
    reading: _Reading, cells: Sequence[Sequence[str]], line: npt.NDArray[np.int64], usable: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int32]:
    position = reading.layout.columns.position
    if QUEUE not in position:
        reading.queue_index[reading.only_queue] = 0
        return np.zeros(line.size, dtype=np.int32)
    column = cells[position[QUEUE]]
    index_of = {text: _queue_index(reading, text) for text in dict.fromkeys(column)}
    index = np.fromiter(map(index_of.__getitem__, column), dtype=np.int32, count=line.size)
    for i in reading.problems.find_room(np.flatnonzero((index < 0) & usable).tolist()):
        _complain(reading, QUEUE, column[i], int(line[i]), f"must be a name of 1 to {LONGEST_NAME} printable characters")
    usable &= index >= 0
    return index


def _queue_index(reading: _Reading, text: str) -> int:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return -1
    if name not in reading.queue_index and len(reading.queue_index) >= MOST_QUEUES:
        header = reading.layout.columns.header(QUEUE)
        raise UnreadableFile(f"a file must hold at most {MOST_QUEUES:,} queues; is {header!r} the column with the queue's name?")
    return reading.queue_index.setdefault(name, len(reading.queue_index))


def _volumes(
    reading: _Reading, column: Sequence[str], line: npt.NDArray[np.int64], usable: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    volume = np.fromiter(map(reading.counts.__getitem__, column), dtype=np.float64, count=line.size)
    blank = volume == BLANK
    fits = (volume >= 0) & (volume <= LARGEST_VOLUME)
    for i in reading.problems.find_room(np.flatnonzero(~fits & ~blank & usable).tolist()):
        _complain(reading, VOLUME, column[i], int(line[i]), f"must be a number of contacts from 0 to {LARGEST_VOLUME:,}")
    volume[blank] = np.nan
    volume[~fits & ~blank] = REFUSED
    return volume


def _handle_times(
    reading: _Reading,
    cells: Sequence[Sequence[str]],
    volume: npt.NDArray[np.float64],
    line: npt.NDArray[np.int64],
    usable: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """Total handle seconds; an average is multiplied by the volume."""
    name = reading.layout.columns.duration_field
    if name is None:
        return np.zeros(line.size)
    column = cells[reading.layout.columns.position[name]]
    seconds = np.fromiter(map(reading.durations.__getitem__, column), dtype=np.float64, count=line.size)
    blank = seconds == BLANK
    fits = seconds >= 0
    for i in reading.problems.find_room(np.flatnonzero(~fits & ~blank & usable).tolist()):
        _complain(reading, name, column[i], int(line[i]), "must be a duration of at least 0, such as 245 or 00:04:05")
    seconds[~fits] = np.nan
    total = seconds * volume if name == AHT else seconds
    return np.where((volume == 0) & np.isnan(total), 0.0, total)


def _complain(reading: _Reading, name: str, cell: str, line: int, rule: str) -> None:
    columns = reading.layout.columns
    if kind := cell_kind(cell):
        raise refuse_cell(columns, columns.position[name], line, kind)
    reading.problems.add(line, columns.header(name), f"{rule}, got {shown(cell)}")


def _collected(reading: _Reading) -> RawRows:
    kinds = (np.int32, np.int64, np.int64, np.float64, np.float64, np.int64)
    parts = reading.parts or [tuple(np.zeros(0) for _ in kinds)]
    queue, wall, offset, volume, handle_s, line = (
        np.concatenate(part).astype(kind, copy=False) for part, kind in zip(zip(*parts, strict=True), kinds, strict=True)
    )
    timed = reading.layout.columns.duration_field is not None
    names = tuple(reading.queue_index)
    waits = reading.waits.by_queue(names)
    return RawRows(names, queue, wall, offset, volume, handle_s if timed else None, line, reading.skipped, waits)
