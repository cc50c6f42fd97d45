"""Observed intervals: read and written a queue or a file at a time, with the way back of every import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, and_, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session, aliased

from wfm.errors import NotFound
from wfm.storage.numbering import next_number
from wfm.storage.tables import HistoryChangeRow, HistoryRow, ImportRow, QueueRow

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


def changed_count(session: Session, import_id: int) -> int:
    """Intervals whose way back an import has noted."""
    return session.scalar(select(func.count()).select_from(HistoryChangeRow).where(HistoryChangeRow.import_id == import_id)) or 0


def changes(session: Session, import_id: int, limit: int) -> Sequence[tuple[str, int, float, float | None, float | None, float | None]]:
    """The first intervals that an import changed: queue key, start in s, then old volume and handle time, new volume and handle time."""
    way, next_way = HistoryChangeRow, aliased(HistoryChangeRow)
    same_place = and_(HistoryRow.queue_id == way.queue_id, HistoryRow.start_s == way.start_s, HistoryRow.import_id == import_id)
    later = and_(next_way.queue_id == way.queue_id, next_way.start_s == way.start_s, next_way.old_import_id == import_id)
    volume = func.coalesce(HistoryRow.volume, next_way.old_volume)
    handle_s = func.coalesce(HistoryRow.handle_s, next_way.old_handle_s)
    wanted = select(QueueRow.key, way.start_s, way.old_volume, way.old_handle_s, volume, handle_s)
    wanted = wanted.join(QueueRow, QueueRow.id == way.queue_id).outerjoin(HistoryRow, same_place).outerjoin(next_way, later)
    return session.execute(wanted.where(way.import_id == import_id).order_by(QueueRow.key, way.start_s).limit(limit)).all()


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
