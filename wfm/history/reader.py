"""Read a history file: all of it, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from wfm.errors import UnreadableFile
from wfm.history.examine import Found, Gaps, Options, examine
from wfm.history.folding import RepeatedHour
from wfm.history.record import HistoryFile

_Number = TypeVar("_Number", np.int32, np.int64, np.float64)


def read_history(
    content: bytes,
    *,
    zone: str,
    name: str = "",
    gaps: Gaps = "refuse",
    repeated_hour: RepeatedHour = "refuse",
    queue_zones: Mapping[str, str] | None = None,
    queue: str = "",
) -> HistoryFile:
    """Read a CSV of interval history: all of it, or not at all.

    Parameters
    ----------
    content
        The bytes of the upload: CSV with comma, semicolon, tab or bar, in UTF-8, UTF-16 or Windows-1252, plain or packed with gzip, at
        most 200 MB unpacked and 2.5 million lines. It needs columns for the time, the queue and the volume; AHT or total handle time is
        welcome. Common names of the columns are known.
    zone
        IANA zone of wall clock times without a UTC offset.
    name
        What the file is called, for messages.
    gaps
        What a missing interval means, inside the hours in which the queue is usually open: "refuse" the file and list them, "unknown" to
        leave them out, "zero" to count them as no contacts.
    repeated_hour
        What an interval of the repeated autumn hour means that stands only once: "refuse", "first" or "split"; see `folding.place`.
    queue_zones
        Zones of single queues whose clock is not that of `zone`.
    queue
        The queue of every row where the file has no queue column; "" when it must have one.

    Returns
    -------
    HistoryFile
        Rows in UTC, sorted by queue and start.

    Raises
    ------
    UnreadableFile
        With every problem by line, column and reason, at most 200 of them in words.
    PersonalData
        When a column identifies patients or callers.
    InvalidInput
        When an argument is outside what is allowed.

    Examples
    --------
    >>> text = "timestamp,queue,volume,aht\\n2026-03-02 08:00,billing,4,240\\n2026-03-02 08:30,billing,6,250\\n"
    >>> file = read_history(text.encode(), zone="America/Chicago")
    >>> file.interval_minutes, dict(file.totals), file.first.isoformat(), file.handle_s.tolist()
    (30, {'billing': 10.0}, '2026-03-02T14:00:00+00:00', [960.0, 1500.0])
    """
    options = Options(name, zone, gaps, repeated_hour, queue_zones or {}, queue)
    found = examine(content, options)
    if found.problems.count or found.interval_minutes is None:
        raise UnreadableFile(found.problems.summary(name), found.problems.in_order())
    return _history_file(content, options, found)


def _history_file(content: bytes, options: Options, found: Found) -> HistoryFile:
    """Canonical rows: queues by name, rows by queue and start, arrays locked."""
    rows = found.rows
    present = np.unique(rows.queue)
    names = sorted(found.names[int(i)] for i in present)
    rank = np.zeros(len(found.names), dtype=np.int32)
    rank[[found.names.index(name) for name in names]] = np.arange(len(names), dtype=np.int32)
    queue = rank[rows.queue]
    order = np.lexsort((rows.start_utc, queue))
    assert found.interval_minutes is not None
    return HistoryFile(
        name=options.name,
        sha256=hashlib.sha256(content).hexdigest(),
        zone=options.zone,
        queue_zones=dict(options.queue_zones),
        interval_minutes=found.interval_minutes,
        queues=tuple(names),
        queue=_locked(queue[order]),
        start_utc=_locked(rows.start_utc[order]),
        volume=_locked(rows.volume[order]),
        handle_s=None if rows.handle_s is None else _locked(rows.handle_s[order]),
        line=_locked(rows.line[order]),
        warnings=found.warnings,
        waits={name: sums for name, sums in found.waits.items() if name in names},
    )


def _locked(column: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    column.setflags(write=False)
    return column
