"""Forecast versions and what came, laid out on one grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.timegrid import TimeGrid, local_midnight
from wfm.errors import NotFound
from wfm.service.edited import Change, EditKind, edited
from wfm.service.observations import observed
from wfm.service.queue_forecast import LEVELS
from wfm.storage import edits, forecasts
from wfm.storage.series import unpack
from wfm.storage.tables import EditRow, ForecastRow, QueueForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.service import centre
    from wfm.service.context import Service

NAMES = ("mean", *(f"q{level}" for level in LEVELS), "aht_s")
WEEK = timedelta(7)

Floats = NDArray[np.float64]
Number = float | None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Forecast arrays on a grid of whole days, NaN where no version looked ahead.

    Parameters
    ----------
    start_s
        Start of the intervals, s since 1970 UTC.
    columns
        `NAMES`, contacts per interval and s.
    dispersion
        `common` and `own` of the version shown.
    """

    grid: TimeGrid
    start_s: NDArray[np.int64]
    columns: Mapping[str, Floats]
    dispersion: Mapping[str, float]

    def with_edits(self, changes: Iterable[Change]) -> Curve:
        """The same with edits on it."""
        arrays = edited({"start_s": self.start_s, **self.columns}, changes, self.dispersion)
        return replace(self, columns={name: arrays[name] for name in self.columns})


def grid_starts(grid: TimeGrid) -> NDArray[np.int64]:
    """Start of every interval, s since 1970 UTC."""
    return int(grid.begin.timestamp()) + grid.interval_s * np.arange(grid.count, dtype=np.int64)


def placed(start_s: NDArray[np.int64], known_s: NDArray[np.int64], values: Floats) -> Floats:
    """`values` known at `known_s` (ascending) laid out at `start_s`; NaN where nothing is known."""
    found = np.full(len(start_s), np.nan)
    if len(known_s):
        index = np.minimum(np.searchsorted(known_s, start_s), len(known_s) - 1)
        hit = known_s[index] == start_s
        found[hit] = values[index[hit]]
    return found


def changes_of(session: Session, organisation_id: int, queue_id: int) -> tuple[Change, ...]:
    """The edits of a queue that count, in the order in which they were made."""
    return tuple(change_of(row) for row in edits.active(session, organisation_id, queue_id))


def change_of(row: EditRow) -> Change:
    """A stored edit as figures."""
    return Change(EditKind(row.kind), row.begin_s, row.end_s, row.value, row.number)


def arrays_of(part: QueueForecastRow, changes: Iterable[Change] = ()) -> dict[str, NDArray[Any]]:
    """A stored queue forecast with edits on it."""
    return edited(unpack(part.series), changes, part.report.get("dispersion", {}))


def part_of(session: Session, row: ForecastRow, queue: centre.QueueView) -> QueueForecastRow:
    """One queue of a version.

    Raises
    ------
    NotFound
        When the version does not have it.
    """
    part = forecasts.of_queue(session, row, queue.id)
    if part is None:
        raise NotFound(f"forecast {row.number} has no queue {queue.key}; it had no history then")
    return part


def stitched(session: Session, row: ForecastRow, part: QueueForecastRow, queue: centre.QueueView, grid: TimeGrid) -> Curve:
    """The version itself, and before its first day the newest earlier version that looked ahead to a day; without edits."""
    start_s = grid_starts(grid)
    columns = {name: np.full(grid.count, np.nan) for name in NAMES}
    _lay(columns, start_s, part, int(grid.end.timestamp()))
    begin = row.first_day
    for older in forecasts.made_before(session, row.organisation_id, begin - timedelta(1)):
        if begin <= grid.first_day:
            break
        older_part = forecasts.of_queue(session, older, queue.id)
        if older.number < row.number and older.first_day < begin and older_part and older_part.interval_minutes == part.interval_minutes:
            _lay(columns, start_s, older_part, int(local_midnight(begin, queue.zone).timestamp()))
            begin = older.first_day
    return Curve(grid, start_s, columns, part.report.get("dispersion", {}))


def _lay(columns: dict[str, Floats], start_s: NDArray[np.int64], part: QueueForecastRow, until_s: int) -> None:
    arrays = unpack(part.series)
    for name, column in columns.items():
        new = placed(start_s, arrays["start_s"], arrays[name])
        put = (start_s < until_s) & ~np.isnan(new)
        column[put] = new[put]


def came(service: Service, organisation_id: int, queue: centre.QueueView, grid: TimeGrid, begin: date) -> tuple[Floats, Number]:
    """Contacts that came, on the grid, and the handle time of the seven days before `begin`."""
    week_before = local_midnight(begin - WEEK, queue.zone)
    seen = observed(service, organisation_id, queue.id, min(grid.begin, week_before))
    if grid.interval_minutes > seen.interval_minutes and grid.interval_minutes % seen.interval_minutes == 0:
        seen = seen.longer(grid.interval_minutes)
    lately = (seen.start_s >= week_before.timestamp()) & (seen.start_s < local_midnight(begin, queue.zone).timestamp())
    known = lately & ~np.isnan(seen.handle_s)
    contacts = float(seen.volume[known].sum())
    aht_s = float(seen.handle_s[known].sum()) / contacts if contacts else None
    return placed(grid_starts(grid), seen.start_s, seen.volume), aht_s
