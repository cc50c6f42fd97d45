"""Observed intervals: read and written a queue or a file at a time, with the way back of every import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.numbering import next_number
from wfm.storage.tables import HistoryChangeRow, HistoryRow, ImportRow, QueueRow

Change = tuple[str, int, float, float | None, float, float | None]
LONGEST_S = 25 * 3_600
HISTORY_COLUMNS = ("queue_id", "start_s", "organisation_id", "import_id", "line", "interval_minutes", "volume", "handle_s")
CHANGE_COLUMNS = (
    "import_id",
    "queue_id",
    "start_s",
    "organisation_id",
    "old_import_id",
    "old_line",
    "old_interval_minutes",
    "old_volume",
    "old_handle_s",
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredRows:
    """Intervals of one queue in the order of time; arrays of one length.

    Parameters
    ----------
    start_s
        Start, s since 1970 UTC.
    interval_minutes
        Length, minutes; 1440 for a whole local day.
    volume
        Contacts offered.
    handle_s
        Total handle time, s; NaN where unknown.
    import_id, line
        The import that stored the interval, and the line in its file.
    """

    start_s: npt.NDArray[np.int64]
    interval_minutes: npt.NDArray[np.int64]
    volume: npt.NDArray[np.float64]
    handle_s: npt.NDArray[np.float64]
    import_id: npt.NDArray[np.int64]
    line: npt.NDArray[np.int64]


def rows(session: Session, organisation_id: int, queue_id: int, first_s: int | None = None, end_s: int | None = None) -> StoredRows:
    """Intervals of one queue that start in [`first_s`, `end_s`), s since 1970 UTC; None for no bound."""
    row = HistoryRow
    columns = (row.start_s, row.interval_minutes, row.volume, row.handle_s, row.import_id, row.line)
    wanted = select(*columns).where(HistoryRow.queue_id == queue_id, HistoryRow.organisation_id == organisation_id)
    if first_s is not None:
        wanted = wanted.where(HistoryRow.start_s >= first_s)
    if end_s is not None:
        wanted = wanted.where(HistoryRow.start_s < end_s)
    found = session.execute(wanted.order_by(HistoryRow.start_s)).all()
    parts: Sequence[Sequence[Any]] = list(zip(*found, strict=True)) if found else [()] * len(columns)
    whole, real = np.int64, np.float64
    return StoredRows(
        np.array(parts[0], whole),
        np.array(parts[1], whole),
        np.array(parts[2], real),
        np.array(parts[3], real),
        np.array(parts[4], whole),
        np.array(parts[5], whole),
    )


def last_start(session: Session, organisation_id: int, queue_id: int) -> int | None:
    """Start of the queue's last interval, s since 1970 UTC; None without history."""
    wanted = select(func.max(HistoryRow.start_s)).where(HistoryRow.queue_id == queue_id, HistoryRow.organisation_id == organisation_id)
    return session.scalar(wanted)


def rows_at(
    session: Session, organisation_id: int, queue_id: int, starts_s: Iterable[int]
) -> Sequence[tuple[HistoryRow, int, str]]:
    """Intervals that start at given instants, newest first, with number and file name of their imports."""
    wanted = select(HistoryRow, ImportRow.number, ImportRow.file_name).join(ImportRow, ImportRow.id == HistoryRow.import_id)
    wanted = wanted.where(HistoryRow.queue_id == queue_id, HistoryRow.organisation_id == organisation_id)
    return session.execute(wanted.where(HistoryRow.start_s.in_(list(starts_s))).order_by(HistoryRow.start_s.desc())).all()


def imports_behind(session: Session, organisation_id: int, queue_id: int) -> list[tuple[int, str, int, int, int]]:
    """Number, file name, standing intervals, first and last line of each import of a queue's history, newest first."""
    row = HistoryRow
    wanted = select(ImportRow.number, ImportRow.file_name, func.count(), func.min(row.line), func.max(row.line))
    wanted = wanted.join(ImportRow, ImportRow.id == row.import_id).where(row.queue_id == queue_id, row.organisation_id == organisation_id)
    found = session.execute(wanted.group_by(ImportRow.number, ImportRow.file_name).order_by(ImportRow.number.desc())).all()
    return [(number, name, count, first, last) for number, name, count, first, last in found]


def add_rows(session: Session, values: Iterable[Sequence[Any]]) -> None:
    """Store intervals, each a tuple in the order of `HISTORY_COLUMNS`."""
    _write(session.connection(), "history", HISTORY_COLUMNS, values)


def note_changes(session: Session, values: Iterable[Sequence[Any]]) -> None:
    """Store the way back of changed intervals, each a tuple in the order of `CHANGE_COLUMNS`."""
    _write(session.connection(), "history_change", CHANGE_COLUMNS, values)


def _write(connection: Connection, table: str, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Many rows at once, past the ORM: COPY on PostgreSQL, one prepared statement on SQLite."""
    names = ", ".join(columns)
    cursor = cast("Any", connection.connection.cursor())
    try:
        if connection.dialect.name == "sqlite":
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", values)  # noqa: S608
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
    finally:
        cursor.close()


def drop_noted(session: Session, import_id: int) -> None:
    """Delete the intervals whose way back an import has noted, so that its own can take their place."""
    noted = select(HistoryChangeRow.queue_id, HistoryChangeRow.start_s).where(HistoryChangeRow.import_id == import_id)
    session.execute(delete(HistoryRow).where(tuple_(HistoryRow.queue_id, HistoryRow.start_s).in_(noted)))


def take_back(session: Session, import_id: int) -> None:
    """Delete what an import stored and put back, exactly, what it had changed."""
    way = HistoryChangeRow
    session.execute(delete(HistoryRow).where(HistoryRow.import_id == import_id))
    kept = (way.queue_id, way.start_s, way.organisation_id, way.old_import_id, way.old_line, way.old_interval_minutes)
    before = select(*kept, way.old_volume, way.old_handle_s).where(way.import_id == import_id)
    session.execute(insert(HistoryRow).from_select(HISTORY_COLUMNS, before))
    session.execute(delete(way).where(way.import_id == import_id))


def later_imports(session: Session, import_id: int) -> Sequence[int]:
    """Numbers of the imports that changed intervals which this one had stored."""
    wanted = select(ImportRow.number).join(HistoryChangeRow, HistoryChangeRow.import_id == ImportRow.id)
    return session.scalars(wanted.where(HistoryChangeRow.old_import_id == import_id).distinct().order_by(ImportRow.number)).all()


def add_import(session: Session, **values: Any) -> ImportRow:
    """A new import under the next number; the caller holds the lock of the organisation's imports."""
    row = ImportRow(number=next_number(session, ImportRow, values["organisation_id"]), **values)
    session.add(row)
    session.flush()
    return row


def imports(session: Session, organisation_id: int) -> Sequence[ImportRow]:
    """Every import, newest first."""
    return session.scalars(select(ImportRow).where(ImportRow.organisation_id == organisation_id).order_by(ImportRow.number.desc())).all()


def import_numbered(session: Session, organisation_id: int, number: int) -> ImportRow:
    """One import.

    Raises
    ------
    NotFound
        When the organisation has none of that number.
    """
    wanted = select(ImportRow).where(ImportRow.organisation_id == organisation_id, ImportRow.number == number)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound(f"there is no import {number}")
    return row


def import_of(session: Session, organisation_id: int, sha256: str) -> ImportRow | None:
    """The last import of the same bytes that still stands, or None."""
    wanted = select(ImportRow).where(ImportRow.organisation_id == organisation_id, ImportRow.sha256 == sha256)
    return session.scalars(wanted.where(ImportRow.undone_at.is_(None)).order_by(ImportRow.number.desc())).first()


def stamp(session: Session, organisation_id: int) -> tuple[int, int]:
    """Goes up with every import and every undo."""
    wanted = select(func.count(), func.count(ImportRow.undone_at)).where(ImportRow.organisation_id == organisation_id)
    count, undone = session.execute(wanted).one()
    return count, undone


def import_numbers(session: Session, organisation_id: int) -> Mapping[int, int]:
    """Number by row id."""
    return dict(session.execute(select(ImportRow.id, ImportRow.number).where(ImportRow.organisation_id == organisation_id)).all())


def changes(session: Session, import_id: int, limit: int) -> list[Change]:
    """The first intervals that an import changed, by queue and time: old figures, and the ones that it brought.

    What it brought stands in the history, or, where a later import changed it again, in that one's way back.
    """
    way = HistoryChangeRow
    wanted = select(way, QueueRow.key).join(QueueRow, QueueRow.id == way.queue_id).where(way.import_id == import_id)
    found = session.execute(wanted.order_by(way.queue_id, way.start_s).limit(limit)).all()
    places = [(old.queue_id, old.start_s) for old, _ in found]
    stands = select(HistoryRow.queue_id, HistoryRow.start_s, HistoryRow.volume, HistoryRow.handle_s)
    stands = stands.where(HistoryRow.import_id == import_id, tuple_(HistoryRow.queue_id, HistoryRow.start_s).in_(places))
    later = select(way.queue_id, way.start_s, way.old_volume, way.old_handle_s)
    later = later.where(way.old_import_id == import_id, tuple_(way.queue_id, way.start_s).in_(places))
    brought = {(row[0], row[1]): (row[2], row[3]) for part in (stands, later) for row in session.execute(part)}
    return [(key, old.start_s, old.old_volume, old.old_handle_s, *brought[old.queue_id, old.start_s]) for old, key in found]


def first_other_grain(
    session: Session, organisation_id: int, queue_id: int, first_s: int, end_s: int, interval_minutes: int
) -> int | None:
    """Length, minutes, of a stored interval that overlaps [`first_s`, `end_s`) and is not `interval_minutes` long; None without one."""
    wanted = select(HistoryRow.interval_minutes).where(
        HistoryRow.queue_id == queue_id,
        HistoryRow.organisation_id == organisation_id,
        HistoryRow.start_s.between(first_s - LONGEST_S, end_s - 1),
        HistoryRow.start_s + HistoryRow.interval_minutes * 60 > first_s,
        HistoryRow.interval_minutes != interval_minutes,
    )
    return session.scalar(wanted.limit(1))
