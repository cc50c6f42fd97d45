"""Forecasts and people needed as CSV files that people and other programs read.

A row is an interval of a queue. Its `start` is local time with its UTC offset, so that the two hours which the autumn change shows under
one clock time stay apart. Text that a spreadsheet would take for a formula is written behind an apostrophe, and read without it.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from wfm.domain.timegrid import INTERVAL_MINUTES, zone
from wfm.errors import InvalidInput, LineProblem, UnreadableFile
from wfm.service.planner_lines import instant_in, number_in
from wfm.service.queue_forecast import LEVELS

Floats = NDArray[np.float64]
KEYS = ("start", "zone", "queue", "interval_minutes")
FORECAST_COLUMNS = ("mean", *(f"q{level}" for level in LEVELS), "rate_cv", "aht_s")
STAFF_COLUMNS = ("volume", "aht_s", "load", "on_queue", "scheduled", "shrinkage")
MOST_PROBLEMS = 20
Check = Callable[[str, Mapping[str, Any]], tuple[str, str] | None]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True, eq=False)
class QueueSeries:
    """One queue of a file: columns of numbers over its intervals.

    Parameters
    ----------
    start_s
        Start of the intervals, s since 1970 UTC, ascending.
    columns
        Numbers by column name, NaN where the cell is empty.
    """

    queue: str
    zone: str
    interval_minutes: int
    start_s: NDArray[np.int64]
    columns: Mapping[str, Floats]


def write_series(path: Path, series: Iterable[QueueSeries], names: Sequence[str]) -> None:
    """Write queues as CSV, the whole file or nothing.

    Parameters
    ----------
    path
        Replaced where it is there; its folder must be.
    series
        Each with arrays of equal length for all `names`.
    names
        Columns behind the time, zone, queue and length of the interval.

    Raises
    ------
    InvalidInput
        When the folder is not there.
    """
    written(path, (*KEYS, *names), (row for one in series for row in _rows(one, names)))


def written(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a CSV file, the whole of it or nothing; the number of rows below its header.

    Parameters
    ----------
    header, rows
        Cells of the first line, and of every further one.

    Raises
    ------
    InvalidInput
        When the folder of `path` is not there.
    """
    part, count = _folder(path) / f"{path.name}.{os.getpid()}.part", 0
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            for count, row in enumerate(rows, start=1):  # noqa: B007  # counted
                writer.writerow(row)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return count


def read_series(source: Path | bytes, names: Sequence[str], check: Check | None = None) -> tuple[QueueSeries, ...]:
    """The queues of a file that has the columns `names`; further columns are left alone.

    Parameters
    ----------
    source
        Where the file lies, or its content.
    check
        Called with the queue and the values of a row by column; tells the column and what is wrong with it, None where all is well.

    Raises
    ------
    InvalidInput
        When the file cannot be read or lacks a column.
    UnreadableFile
        With line, column and reason for every cell that cannot be used.
    """
    found: dict[str, _Found] = {}
    problems: list[LineProblem] = []
    label = source.name if isinstance(source, Path) else "the file"
    try:
        with _opened(source) as file:
            reader = csv.DictReader(file)
            missing = [name for name in (*KEYS, *names) if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInput(f"{label} needs the column {missing[0]!r}; it has {', '.join(reader.fieldnames or ['none'])}")
            for row in reader:
                _take(found, row, reader.line_num, names, problems, check)
    except OSError as error:
        raise InvalidInput(f"{label} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{label} must be a CSV file in UTF-8: {error}") from error
    if problems:
        shown = "; ".join(str(problem) for problem in problems[:3])
        raise UnreadableFile(f"{label} has {len(problems)} cells that cannot be used: {shown}", problems[:MOST_PROBLEMS])
    if not found:
        raise InvalidInput(f"{label} has no rows")
    return tuple(one.series(queue, names) for queue, one in found.items())


def _opened(source: Path | bytes) -> TextIO:
    if isinstance(source, Path):
        return source.open(newline="", encoding="utf-8-sig")
    return io.TextIOWrapper(io.BytesIO(source), newline="", encoding="utf-8-sig")


class _Found:
    """Rows of one queue as they are read."""

    def __init__(self, zone_name: str, interval_minutes: int) -> None:
        self.zone_name, self.interval_minutes = zone_name, interval_minutes
        self.starts: list[int] = []
        self.lines: dict[int, int] = {}
        self.rows: list[list[float]] = []

    def series(self, queue: str, names: Sequence[str]) -> QueueSeries:
        """The rows as arrays in the order of time; `names` are those of the numbers in each row."""
        start_s, table = np.array(self.starts, np.int64), np.array(self.rows, np.float64).reshape(-1, len(names))
        order = np.argsort(start_s, kind="stable")
        return QueueSeries(queue, self.zone_name, self.interval_minutes, start_s[order], dict(zip(names, table[order].T, strict=True)))


def _take(
    found: dict[str, _Found],
    row: Mapping[str, str | None],
    line: int,
    names: Sequence[str],
    problems: list[LineProblem],
    check: Check | None,
) -> None:
    values: dict[str, Any] = {}
    for column, read in [("zone", _zone), ("interval_minutes", _minutes), ("start", instant_in), *((name, _number) for name in names)]:
        try:
            values[column] = read(row[column] or "")
        except (ValueError, TypeError, OverflowError) as error:
            problems.append(LineProblem(line, column, str(error)))
            return
    minutes, start_s, queue = values["interval_minutes"], values["start"], _plain(row["queue"] or "")
    one = found.setdefault(queue, _Found(values["zone"], minutes))
    if one.interval_minutes != minutes:
        problems.append(LineProblem(line, "interval_minutes", f"must be {one.interval_minutes} as before for this queue, got {minutes}"))
    if start_s in one.lines:
        problems.append(LineProblem(line, "start", f"queue {queue!r} has an interval twice, first on line {one.lines[start_s]}"))
    wrong = check(queue, values) if check else None
    if wrong:
        problems.append(LineProblem(line, *wrong))
    one.lines.setdefault(start_s, line)
    one.starts.append(start_s)
    one.rows.append([values[name] for name in names])


def _zone(text: str) -> str:
    return zone(text).key


def _minutes(text: str) -> int:
    if not text.isdigit() or int(text) not in INTERVAL_MINUTES:
        raise InvalidInput(f"must be one of {INTERVAL_MINUTES}, got {text!r}")
    return int(text)


def _number(text: str) -> float:
    """A number, NaN where the cell is blank or says nan: not known."""
    return number_in(text) if text.strip() and text.strip().lower() != "nan" else float("nan")


def _rows(one: QueueSeries, names: Sequence[str]) -> Iterable[list[str]]:
    here, queue = zone(one.zone), guarded(one.queue)
    columns = [one.columns[name].tolist() for name in names]
    for start_s, *values in zip(one.start_s.tolist(), *columns, strict=True):
        start = datetime.fromtimestamp(start_s, UTC).astimezone(here).isoformat()
        yield [start, one.zone, queue, str(one.interval_minutes), *(_told(value) for value in values)]


def _told(value: float) -> str:
    return "" if value != value else f"{value:.6g}"


def guarded(text: str) -> str:
    """Text that a spreadsheet would take for a formula, behind an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _folder(path: Path) -> Path:
    folder = path.resolve().parent
    if not folder.is_dir():
        raise InvalidInput(f"the folder of {path.name} does not exist: {folder}")
    return folder
