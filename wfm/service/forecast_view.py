"""A forecast as a page shows it: figures, curve with bands and actuals, day totals, how it was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.timegrid import TimeGrid, local_midnight, zone
from wfm.domain.wallclock import wall_clock
from wfm.errors import NotFound
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.observations import observed
from wfm.service.policy import require
from wfm.storage import findings, forecasts
from wfm.storage.series import unpack
from wfm.storage.tables import AccuracyRow, ForecastRow, QueueForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WEEK_DAYS = 7
ACCURACY_DAYS = 28
MOST_DAYS = 62
_BAND_80 = 1.2815515655446004  # normal quantile of 0.9
_NAMES = ("mean", "q0.025", "q0.1", "q0.5", "q0.9", "q0.975", "aht_s")

Floats = NDArray[np.float64]
Number = float | None


@dataclass(frozen=True, slots=True)
class ForecastVersion:
    """A forecast over all queues.

    Parameters
    ----------
    number
        1, 2, 3 within the organisation.
    first_day, days
        The local days that it covers.
    cutoff
        Nothing at or after this instant was used.
    """

    number: int
    made_at: datetime
    made_by: str
    first_day: date
    days: int
    cutoff: datetime


@dataclass(frozen=True, slots=True)
class Points:
    """The curve; all of one length, None where there is nothing.

    Parameters
    ----------
    start_s
        Start of the intervals, s since 1970 UTC.
    wall_s
        The same on the queue's wall clock, as if that were UTC: for axes and labels.
    mean, median, low_80, high_80, low_95, high_95
        Contacts per interval.
    aht_s
        Handle time, s.
    actual
        Contacts that came.
    """

    start_s: tuple[int, ...]
    wall_s: tuple[int, ...]
    mean: tuple[Number, ...]
    median: tuple[Number, ...]
    low_80: tuple[Number, ...]
    high_80: tuple[Number, ...]
    low_95: tuple[Number, ...]
    high_95: tuple[Number, ...]
    aht_s: tuple[Number, ...]
    actual: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class DayTotal:
    """One local day: expected contacts with the band that holds four of five, and what came (None where nothing did)."""

    day: date
    mean: Number
    low_80: Number
    high_80: Number
    actual: Number


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures above the curve, over the next days.

    Parameters
    ----------
    first_day, days
        The days that `total` and the others are about.
    total, total_low, total_high
        Contacts, with the band that holds four of five such totals.
    busiest_wall_s, busiest, busiest_low, busiest_high
        The busiest interval.
    aht_s, aht_before_s
        Handle time expected, and observed in the seven days before, s; None where unknown.
    wape, spreadsheet_wape, floor
        Error of intervals in the backtest, of the mean of the last six same weekdays, and of a perfect mean, as shares.
    band_kept
        Share of intervals of the backtest inside the 80 % band.
    """

    first_day: date
    days: int
    total: float
    total_low: float
    total_high: float
    busiest_wall_s: int | None
    busiest: float
    busiest_low: float
    busiest_high: float
    aht_s: Number
    aht_before_s: Number
    wape: Number
    spreadsheet_wape: Number
    floor: Number
    band_kept: Number


@dataclass(frozen=True, slots=True)
class AccuracyDay:
    """How the forecast of one past day did; shares of the contacts that came."""

    day: date
    lead_days: int
    volume: float
    mean: float
    wape: Number
    bias: Number
    coverage: Number


@dataclass(frozen=True, slots=True)
class ForecastView:
    """One queue of a version, as the page shows it.

    Parameters
    ----------
    first_day, days
        The local days shown; days before the version's first show the newest version that looked ahead to them.
    backtest
        One row per method: name, label, wape, day_wape, bias, cover80, weight (shares) and seconds.
    accuracy
        Past days, each judged by the forecast that looked the shortest way ahead.
    sentence
        The choice in plain words.
    low_confidence
        True where there is too little history.
    """

    version: ForecastVersion
    queue: centre.QueueView
    interval_minutes: int
    first_day: date
    days: int
    figures: Figures
    points: Points
    totals: tuple[DayTotal, ...]
    backtest: tuple[Mapping[str, Any], ...]
    sentence: str
    low_confidence: bool
    accuracy: tuple[AccuracyDay, ...]


def version_view(row: ForecastRow) -> ForecastVersion:
    """A stored version as people see it."""
    return ForecastVersion(row.number, row.made_at, row.made_by, row.first_day, row.days, row.cutoff)


def view(
    service: Service, actor: Actor, queue_key: str, version: int | None = None, first_day: date | None = None, days: int = WEEK_DAYS
) -> ForecastView:
    """One queue of a version, the newest where none is named.

    Parameters
    ----------
    first_day
        First local day shown; None for the Monday of the week in which the next days begin.
    days
        Local days shown, 1 to 62.

    Raises
    ------
    NotFound
        When there is no such version, or it does not have the queue.
    """
    require(actor, "forecast.read")
    days = min(units.whole("days", days, at_least=1), MOST_DAYS)
    queue = centre.queue(service, actor, queue_key)
    with service.database.reading() as session:
        row = forecasts.version(session, actor.organisation_id, version)
        part = _part(session, row, queue)
        begin = _next_day(row, service.now().astimezone(zone(queue.zone)).date())
        shown = first_day or begin - timedelta(begin.weekday())
        curve = _stitched(session, row, part, queue, TimeGrid(queue.zone, shown, days, part.interval_minutes))
        accuracy = findings.accuracy(session, actor.organisation_id, begin - timedelta(ACCURACY_DAYS), queue.id)
        accuracy_days = _accuracy_days(accuracy)
        own, report, made = unpack(part.series), dict(part.report), version_view(row)
        interval_minutes = part.interval_minutes
    actual, aht_before_s = _actuals(service, actor, queue, curve.grid, begin)
    return ForecastView(
        version=made,
        queue=queue,
        interval_minutes=interval_minutes,
        first_day=shown,
        days=days,
        figures=_figures(own, TimeGrid(queue.zone, begin, _next_days(made, begin), interval_minutes), report, aht_before_s),
        points=_points(curve, actual),
        totals=_totals(curve, actual, report.get("dispersion", {})),
        backtest=tuple(report.get("backtest", ())),
        sentence=str(report.get("sentence", "")),
        low_confidence=bool(report.get("low_confidence", False)),
        accuracy=accuracy_days,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """Forecast arrays on a grid, NaN where no version looked ahead."""

    grid: TimeGrid
    start_s: NDArray[np.int64]
    columns: Mapping[str, Floats]


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


def _part(session: Session, row: ForecastRow, queue: centre.QueueView) -> QueueForecastRow:
    part = forecasts.of_queue(session, row, queue.id)
    if part is None:
        raise NotFound(f"forecast {row.number} has no queue {queue.key}; it had no history then")
    return part


def _next_day(row: ForecastRow, today: date) -> date:
    last = row.first_day + timedelta(max(0, row.days - WEEK_DAYS))
    return max(row.first_day, min(today, last))


def _next_days(version: ForecastVersion, begin: date) -> int:
    return min(WEEK_DAYS, (version.first_day + timedelta(version.days) - begin).days)


def _stitched(session: Session, row: ForecastRow, part: QueueForecastRow, queue: centre.QueueView, grid: TimeGrid) -> _Curve:
    """The version itself, and before its first day the newest earlier version that looked ahead to a day."""
    start_s = grid_starts(grid)
    columns = {name: np.full(grid.count, np.nan) for name in _NAMES}
    until = int(grid.end.timestamp())
    _lay(columns, start_s, part, until)
    begin = row.first_day
    for older in forecasts.made_before(session, row.organisation_id, begin - timedelta(1)):
        if begin <= grid.first_day:
            break
        older_part = forecasts.of_queue(session, older, queue.id)
        if older.number < row.number and older.first_day < begin and older_part and older_part.interval_minutes == part.interval_minutes:
            _lay(columns, start_s, older_part, int(local_midnight(begin, queue.zone).timestamp()))
            begin = older.first_day
    return _Curve(grid, start_s, columns)


def _lay(columns: dict[str, Floats], start_s: NDArray[np.int64], part: QueueForecastRow, until_s: int) -> None:
    arrays = unpack(part.series)
    for name, column in columns.items():
        new = placed(start_s, arrays["start_s"], arrays[name])
        put = (start_s < until_s) & ~np.isnan(new)
        column[put] = new[put]


def _actuals(service: Service, actor: Actor, queue: centre.QueueView, grid: TimeGrid, begin: date) -> tuple[Floats, Number]:
    """Contacts that came, on the grid, and the handle time of the seven days before `begin`."""
    week_before = local_midnight(begin - timedelta(WEEK_DAYS), queue.zone)
    seen = observed(service, actor.organisation_id, queue.id, min(grid.begin, week_before))
    if grid.interval_minutes > seen.interval_minutes and grid.interval_minutes % seen.interval_minutes == 0:
        seen = seen.longer(grid.interval_minutes)
    lately = (seen.start_s >= week_before.timestamp()) & (seen.start_s < local_midnight(begin, queue.zone).timestamp())
    known = lately & ~np.isnan(seen.handle_s)
    contacts = float(seen.volume[known].sum())
    aht_s = float(seen.handle_s[known].sum()) / contacts if contacts else None
    return placed(grid_starts(grid), seen.start_s, seen.volume), aht_s


def _figures(arrays: Mapping[str, NDArray[Any]], grid: TimeGrid, report: Mapping[str, Any], aht_before_s: Number) -> Figures:
    start_s = grid_starts(grid)
    mean, low, high, aht_s = (placed(start_s, arrays["start_s"], arrays[name]) for name in ("mean", "q0.1", "q0.9", "aht_s"))
    known = np.nan_to_num(mean)
    total = float(known.sum())
    spread = total_spread([float(known[a:b].sum()) for a, b in grid.day_bounds], report.get("dispersion", {}))
    top = int(np.argmax(known)) if total > 0 else None
    timed = ~np.isnan(aht_s) & (known > 0)
    wall_s = wall_clock(grid.zone_name, int(start_s[0]), int(start_s[-1])).to_wall(start_s)
    return Figures(
        first_day=grid.first_day,
        days=grid.days,
        total=total,
        total_low=max(0.0, total - spread),
        total_high=total + spread,
        busiest_wall_s=None if top is None else int(wall_s[top]),
        busiest=0.0 if top is None else float(known[top]),
        busiest_low=0.0 if top is None else float(low[top]),
        busiest_high=0.0 if top is None else float(high[top]),
        aht_s=float((aht_s[timed] * known[timed]).sum() / known[timed].sum()) if timed.any() else None,
        aht_before_s=aht_before_s,
        wape=report.get("wape"),
        spreadsheet_wape=report.get("spreadsheet_wape"),
        floor=report.get("floor"),
        band_kept=report.get("band_kept"),
    )


def total_spread(of_days: Sequence[float], dispersion: Mapping[str, float]) -> float:
    """Half the width of the 80 % band of a total over days, contacts.

    With `var(Y) = m + b m + a m^2` in each interval, `b` is free between intervals and `a` common to those of a day; half of `a` is taken
    for the error of the level, which all days share, and half for that of the single day.

    Parameters
    ----------
    of_days
        Expected contacts of each day.
    dispersion
        `common` (a) and `own` (b).
    """
    total, squares = float(np.sum(of_days)), float(np.square(of_days).sum())
    common = dispersion.get("common", 0.0)
    return _BAND_80 * float(np.sqrt((1.0 + dispersion.get("own", 0.0)) * total + 0.5 * common * (total**2 + squares)))


def _points(curve: _Curve, actual: Floats) -> Points:
    wall_s = wall_clock(curve.grid.zone_name, int(curve.start_s[0]), int(curve.start_s[-1])).to_wall(curve.start_s)
    columns = {name: _numbers(values) for name, values in curve.columns.items()}
    return Points(
        start_s=tuple(curve.start_s.tolist()),
        wall_s=tuple(wall_s.tolist()),
        mean=columns["mean"],
        median=columns["q0.5"],
        low_80=columns["q0.1"],
        high_80=columns["q0.9"],
        low_95=columns["q0.025"],
        high_95=columns["q0.975"],
        aht_s=columns["aht_s"],
        actual=_numbers(actual),
    )


def _totals(curve: _Curve, actual: Floats, dispersion: Mapping[str, float]) -> tuple[DayTotal, ...]:
    totals = []
    for day, (a, b) in zip(curve.grid.dates, curve.grid.day_bounds, strict=True):
        mean, came = curve.columns["mean"][a:b], actual[a:b]
        known = np.nan_to_num(mean)
        spread = total_spread([float(known.sum())], dispersion)
        total = None if np.isnan(mean).all() else float(known.sum())
        low, high = (None, None) if total is None else (max(0.0, total - spread), total + spread)
        totals.append(DayTotal(day, total, low, high, None if np.isnan(came).all() else float(np.nansum(came))))
    return tuple(totals)


def _accuracy_days(rows: Iterable[AccuracyRow]) -> tuple[AccuracyDay, ...]:
    """One judgement a day: that of the forecast which looked the shortest way ahead."""
    shortest: dict[date, AccuracyRow] = {}
    for row in rows:
        if row.day not in shortest or row.lead_days < shortest[row.day].lead_days:
            shortest[row.day] = row
    return tuple(_accuracy(shortest[day]) for day in sorted(shortest))


def _accuracy(row: AccuracyRow) -> AccuracyDay:
    came = row.volume
    return AccuracyDay(
        day=row.day,
        lead_days=row.lead_days,
        volume=came,
        mean=row.mean,
        wape=row.absolute_error / came if came else None,
        bias=(row.mean - came) / came if came else None,
        coverage=row.inside_80 / row.intervals if row.intervals else None,
    )


def _numbers(values: Floats) -> tuple[Number, ...]:
    return tuple(None if value != value else round(value, 3) for value in values.tolist())


