"""What a history file would change in what is stored, as a whole: found in arrays, queue by queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wfm import history, units
from wfm.storage import history as store
from wfm.storage import staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DAY_MINUTES = units.MINUTES_PER_DAY


@dataclass(frozen=True, slots=True, eq=False)
class QueuePlan:
    """One queue of a file beside what is stored of it.

    Parameters
    ----------
    name
        As in the file.
    queue_id
        None for a queue that is not set up yet.
    rows
        Where its rows stand in the file.
    found
        Which of them are new, changed, the same.
    stored
        What is stored in the span of the file.
    other_grain
        Length, minutes, of stored intervals in that span where it is another one.
    """

    name: str
    queue_id: int | None
    rows: slice
    found: history.Comparison
    stored: store.StoredRows
    other_grain: int | None

    @property
    def touched(self) -> npt.NDArray[np.bool_]:
        """Rows that have to be written."""
        return self.found.added | self.found.changed


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All queues of a file; `stamp` tells whether the plan still holds."""

    file: history.HistoryFile
    queues: tuple[QueuePlan, ...]
    stamp: tuple[int, int]

    @property
    def added(self) -> int:
        """Intervals that are new."""
        return sum(int(part.found.added.sum()) for part in self.queues)

    @property
    def changed(self) -> int:
        """Intervals with other figures."""
        return sum(int(part.found.changed.sum()) for part in self.queues)

    @property
    def same(self) -> int:
        """Intervals that stay as they are."""
        return sum(int(part.found.same.sum()) for part in self.queues)

    @property
    def new_queues(self) -> tuple[str, ...]:
        """Names that no queue has yet."""
        return tuple(part.name for part in self.queues if part.queue_id is None)

    @property
    def obstacle(self) -> str:
        """Why it cannot be stored; empty where it can."""
        for part in self.queues:
            if part.other_grain is not None:
                stored, given = _length(part.other_grain), _length(self.file.interval_minutes)
                return f"queue {part.name} is stored {stored} in this span, the file has it {given}; a queue keeps one length of interval"
        return ""

    def history_rows(self, organisation_id: int, import_id: int, queue_ids: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
        """What has to be written, in the order of `storage.history.HISTORY_COLUMNS`."""
        for part in sorted(self.queues, key=lambda part: queue_ids[part.name]):
            take = np.flatnonzero(part.touched) + part.rows.start
            handle_s = repeat(None) if self.file.handle_s is None else _or_none(self.file.handle_s[take])
            yield from zip(
                repeat(queue_ids[part.name]),
                self.file.start_utc[take].tolist(),
                repeat(organisation_id),
                repeat(import_id),
                self.file.line[take].tolist(),
                repeat(self.file.interval_minutes),
                self.file.volume[take].tolist(),
                handle_s,
                strict=False,
            )

    def way_back(self, organisation_id: int, import_id: int) -> Iterator[tuple[Any, ...]]:
        """What is stored where the file differs, in the order of `storage.history.CHANGE_COLUMNS`."""
        for part in self.queues:
            take, old = part.found.stored_row[part.found.changed], part.stored
            yield from zip(
                repeat(import_id),
                repeat(part.queue_id),
                old.start_s[take].tolist(),
                repeat(organisation_id),
                old.import_id[take].tolist(),
                old.line[take].tolist(),
                old.interval_minutes[take].tolist(),
                old.volume[take].tolist(),
                _or_none(old.handle_s[take]),
                strict=False,
            )

    def first_changes(self, limit: int) -> Iterator[tuple[str, int, float, float | None, float, float | None]]:
        """The first changed intervals: queue, start in s, old volume and handle time, new volume and handle time."""
        return islice((change for part in self.queues for change in self._changes(part)), limit)

    def _changes(self, part: QueuePlan) -> Iterator[tuple[str, int, float, float | None, float, float | None]]:
        new, old = np.flatnonzero(part.found.changed) + part.rows.start, part.found.stored_row[part.found.changed]
        handle_s = [None] * new.size if self.file.handle_s is None else _or_none(self.file.handle_s[new])
        yield from zip(
            [part.name] * new.size,
            self.file.start_utc[new].tolist(),
            part.stored.volume[old].tolist(),
            _or_none(part.stored.handle_s[old]),
            self.file.volume[new].tolist(),
            handle_s,
            strict=True,
        )


def plan_for(session: Session, organisation_id: int, file: history.HistoryFile) -> Plan:
    """Compare a file with what an organisation has stored."""
    known = staff.queue_ids(session, organisation_id)
    stamp = store.stamp(session, organisation_id)
    parts = tuple(_queue_plan(session, organisation_id, file, name, known.get(name)) for name in file.queues)
    return Plan(file, parts, stamp)


def _queue_plan(session: Session, organisation_id: int, file: history.HistoryFile, name: str, queue_id: int | None) -> QueuePlan:
    rows = file.bounds[name]
    start_utc = file.start_utc[rows]
    first_s, last_s = int(start_utc[0]), int(start_utc[-1])
    stored, other = _nothing(), None
    if queue_id is not None:
        stored = store.rows(session, organisation_id, queue_id, first_s, last_s + 1)
        end_s = last_s + file.interval_minutes * units.SECONDS_PER_MINUTE
        other = store.first_other_grain(session, organisation_id, queue_id, first_s, end_s, file.interval_minutes)
    handle_s = None if file.handle_s is None else file.handle_s[rows]
    found = history.compare_rows(start_utc, file.volume[rows], handle_s, stored.start_s, stored.volume, stored.handle_s)
    return QueuePlan(name, queue_id, rows, found, stored, other)


def _nothing() -> store.StoredRows:
    whole, real = np.empty(0, np.int64), np.empty(0, np.float64)
    return store.StoredRows(whole, whole, real, real, whole, whole)


def _or_none(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _length(interval_minutes: int) -> str:
    return "by the day" if interval_minutes == DAY_MINUTES else f"by {interval_minutes} minutes"
