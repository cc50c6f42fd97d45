"""What a history file becomes: canonical rows in columns, and the preview of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from wfm.domain import timegrid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from wfm.errors import LineProblem
    from wfm.history.waits import QueueWaits


@dataclass(frozen=True, eq=False)
class HistoryFile:
    """The observed intervals of a file, sorted by queue and start; all arrays are read-only and equally long.

    Parameters
    ----------
    name
        What the file is called.
    sha256
        Hash of the upload's bytes, hexadecimal.
    zone
        IANA zone of the wall clock of queues that are not in `queue_zones`.
    queue_zones
        Zones of single queues.
    interval_minutes
        Length of every interval: 5, 10, 15, 20, 30, 60, or 1440 for whole local days.
    queues
        Names as in the file, sorted.
    queue
        Index into `queues`.
    start_utc
        Start of the interval, s since 1970 UTC.
    volume
        Contacts offered, at least 0; whole, except where the file has fractions or a repeated hour was split.
    handle_s
        Total handle time of these contacts, s, NaN where unknown; None when the file has no such column.
    line
        Line in the file, counted from 1; 0 for an interval that was not in the file and counts as zero.
    warnings
        What was noticed and did not stand in the way.
    waits
        How long customers waited, by queue, where the file says so.
    """

    name: str
    sha256: str
    zone: str
    queue_zones: Mapping[str, str]
    interval_minutes: int
    queues: tuple[str, ...]
    queue: npt.NDArray[np.int32]
    start_utc: npt.NDArray[np.int64]
    volume: npt.NDArray[np.float64]
    handle_s: npt.NDArray[np.float64] | None
    line: npt.NDArray[np.int64]
    warnings: tuple[str, ...] = ()
    waits: Mapping[str, QueueWaits] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of intervals, over all queues."""
        return int(self.start_utc.size)

    @cached_property
    def bounds(self) -> Mapping[str, slice]:
        """Where each queue's rows stand."""
        edges = self.queue.searchsorted(range(len(self.queues) + 1))
        return {name: slice(int(edges[i]), int(edges[i + 1])) for i, name in enumerate(self.queues)}

    @cached_property
    def totals(self) -> Mapping[str, float]:
        """Contacts per queue."""
        return {name: float(self.volume[rows].sum()) for name, rows in self.bounds.items()}

    @property
    def first(self) -> datetime:
        """Start of the first interval, UTC."""
        return datetime.fromtimestamp(int(self.start_utc.min()), UTC)

    @property
    def last(self) -> datetime:
        """Start of the last interval, UTC."""
        return datetime.fromtimestamp(int(self.start_utc.max()), UTC)

    @property
    def days(self) -> int:
        """Local days from the first interval's to the last one's, both counted."""
        here = timegrid.zone(self.zone)
        return (self.last.astimezone(here).date() - self.first.astimezone(here).date()).days + 1

    def zone_of(self, queue: str) -> str:
        """Zone of a queue's wall clock."""
        return self.queue_zones.get(queue, self.zone)

    def rows(self) -> Iterator[tuple[str, int, float, float | None, int]]:
        """Queue, start in s since 1970 UTC, volume, handle time in s or None, line: one row after the other, for storage."""
        handle_s = [None] * len(self) if self.handle_s is None else [None if s != s else s for s in self.handle_s.tolist()]
        names = [self.queues[i] for i in self.queue.tolist()]
        return zip(names, self.start_utc.tolist(), self.volume.tolist(), handle_s, self.line.tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it was understood; `start` is aware local time, `aht_s` None where unknown."""

    line: int
    queue: str
    start: datetime
    volume: float
    aht_s: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would become, for a person to judge before anything is stored.

    Parameters
    ----------
    name, sha256, zone
        As in `HistoryFile`.
    rows
        The first rows in the order of the file, at most 20.
    row_count
        Rows that can be used.
    interval_minutes
        Detected length; None when it cannot be told.
    delimiter, encoding
        How the file is written; "" when it could not be opened.
    columns
        Field to the file's own column name.
    unused
        Columns that were not understood or are not needed.
    first, last
        Local start of the first and last interval; None without rows.
    per_day
        Contacts per local day, over all queues.
    totals
        Contacts per queue.
    problems, problem_count
        What stands in the way, at most 200 in words, and how many there are.
    gap_count
        Intervals without a row inside the hours that each queue is usually open.
    repeated_hour_count
        Intervals of a repeated autumn hour that stand only once.
    warnings
        What was noticed and does not stand in the way.
    """

    name: str
    sha256: str
    zone: str
    rows: tuple[PreviewRow, ...] = ()
    row_count: int = 0
    interval_minutes: int | None = None
    delimiter: str = ""
    encoding: str = ""
    columns: Mapping[str, str] | None = None
    unused: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    per_day: tuple[tuple[date, float], ...] = ()
    totals: Mapping[str, float] | None = None
    problems: tuple[LineProblem, ...] = ()
    problem_count: int = 0
    gap_count: int = 0
    repeated_hour_count: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """True when the file can be imported as it stands."""
        return self.problem_count == 0
