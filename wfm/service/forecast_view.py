"""A forecast as a page shows it: figures, curve with bands and actuals, day totals, how it was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm import units
from wfm.domain.timegrid import TimeGrid, zone
from wfm.domain.wallclock import wall_clock
from wfm.errors import InvalidInput
from wfm.service import centre
from wfm.service.accuracy_view import shortest_lead
from wfm.service.context import Actor, Service
from wfm.service.edited import Change
from wfm.service.forecast_curve import (
    Curve,
    Floats,
    Number,
    arrays_of,
    came,
    changes_of,
    grid_starts,
    part_of,
    placed,
    stitched,
)
from wfm.service.forecast_figures import Figures, day_spread, figures_of
from wfm.service.policy import require
from wfm.storage import edits, findings, forecasts
from wfm.storage.tables import AccuracyRow, ForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["Figures", "ForecastVersion", "ForecastView", "grid_starts", "placed", "version_view", "view"]

WEEK_DAYS = 7
ACCURACY_DAYS = 28
MOST_DAYS = 62


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
    source
        Where a version from outside came from; empty for one made here.
    """

    number: int
    made_at: datetime
    made_by: str
    first_day: date
    days: int
    cutoff: datetime
    source: str = ""


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
    before
        Contacts as forecast, before the planners' edits.
    other
        Contacts in the version compared with.
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
    before: tuple[Number, ...]
    other: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class DayTotal:
    """One local day: expected contacts with the band that holds four of five, and what came (None where nothing did).

    Parameters
    ----------
    before, other
        Contacts before the planners' edits, and in the version compared with.
    """

    day: date
    mean: Number
    low_80: Number
    high_80: Number
    actual: Number
    before: Number
    other: Number


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
    edit_revision
        What the reader has seen of the edits; give it back with a new one.
    is_edited
        Whether an edit changes any of the days shown.
    other
        The version compared with, with the same edits on it; the version itself for its state before the edits; None without comparison.
    effects
        What special days and drivers do to the coming days, as `wfm.forecast` reports it.
    is_like_another
        Whether a planner has it forecast like a similar queue.
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
    edit_revision: int
    is_edited: bool
    other: ForecastVersion | None
    effects: tuple[Mapping[str, Any], ...]
    is_like_another: bool


def version_view(row: ForecastRow) -> ForecastVersion:
    """A stored version as people see it."""
    return ForecastVersion(row.number, row.made_at, row.made_by, row.first_day, row.days, row.cutoff, row.source)


def view(
    service: Service,
    actor: Actor,
    queue_key: str,
    version: int | None = None,
    first_day: date | None = None,
    days: int = WEEK_DAYS,
    compare: int | None = None,
) -> ForecastView:
    """One queue of a version with the planners' edits on it, the newest version where none is named.

    Parameters
    ----------
    first_day
        First local day shown; None for the Monday of the week in which the next days begin.
    days
        Local days shown, 1 to 62.
    compare
        Number of a version to lay over it; its own number shows it before the edits.

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
        part = part_of(session, row, queue)
        begin = _next_day(row, service.now().astimezone(zone(queue.zone)).date())
        shown = first_day or begin - timedelta(begin.weekday())
        changes = changes_of(session, actor.organisation_id, queue.id)
        revision = edits.revision(session, actor.organisation_id)
        raw = stitched(session, row, part, queue, TimeGrid(queue.zone, shown, days, part.interval_minutes))
        curve = raw.with_edits(changes)
        other = None if compare is None else forecasts.version(session, actor.organisation_id, compare)
        beside = None if other is None else _beside(session, other, row, queue, raw, changes)
        accuracy = findings.accuracy(session, actor.organisation_id, begin - timedelta(ACCURACY_DAYS), queue.id)
        accuracy_days = _accuracy_days(accuracy)
        own, report, made = arrays_of(part, changes), dict(part.report), version_view(row)
        interval_minutes, compared = part.interval_minutes, None if other is None else version_view(other)
    actual, aht_before_s = came(service, actor.organisation_id, queue, curve.grid, begin)
    grid = TimeGrid(queue.zone, begin, _next_days(made, begin), interval_minutes)
    lines = _Lines(curve, actual, raw.columns["mean"], np.full(curve.grid.count, np.nan) if beside is None else beside)
    return ForecastView(
        version=made,
        queue=queue,
        interval_minutes=interval_minutes,
        first_day=shown,
        days=days,
        figures=figures_of(own, grid, report, aht_before_s, made.first_day),
        points=_points(lines),
        totals=_totals(lines, report, made.first_day),
        backtest=tuple(report.get("backtest", ())),
        sentence=str(report.get("sentence", "")),
        low_confidence=bool(report.get("low_confidence", False)),
        accuracy=accuracy_days,
        edit_revision=revision,
        is_edited=not np.array_equal(raw.columns["mean"], curve.columns["mean"], equal_nan=True),
        other=compared,
        effects=tuple(report.get("effects", ())),
        is_like_another="like" in report,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Everything drawn: the curve, what came, the mean before the edits and that of the version compared with."""

    curve: Curve
    actual: Floats
    before: Floats
    other: Floats


def _beside(
    session: Session, other: ForecastRow, row: ForecastRow, queue: centre.QueueView, raw: Curve, changes: Iterable[Change]
) -> Floats:
    """Mean of the version compared with, on the same grid and with the same edits."""
    if other.id == row.id:
        return raw.columns["mean"]
    part = part_of(session, other, queue)
    if part.interval_minutes != raw.grid.interval_minutes:
        raise InvalidInput(
            f"versions {row.number} and {other.number} have intervals of different length; compare versions of one length"
        )
    arrays = arrays_of(part, changes)
    return placed(raw.start_s, arrays["start_s"], arrays["mean"])


def _next_day(row: ForecastRow, today: date) -> date:
    last = row.first_day + timedelta(max(0, row.days - WEEK_DAYS))
    return max(row.first_day, min(today, last))


def _next_days(version: ForecastVersion, begin: date) -> int:
    return min(WEEK_DAYS, (version.first_day + timedelta(version.days) - begin).days)


def _points(lines: _Lines) -> Points:
    curve = lines.curve
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
        actual=_numbers(lines.actual),
        before=_numbers(lines.before),
        other=_numbers(lines.other),
    )


def _totals(lines: _Lines, report: Mapping[str, Any], first_ahead: date) -> tuple[DayTotal, ...]:
    totals = []
    grid = lines.curve.grid
    for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True):
        mean = _sum(lines.curve.columns["mean"][a:b])
        spread = day_spread(mean or 0.0, (day - first_ahead).days + 1, report)
        low, high = (None, None) if mean is None else (max(0.0, mean - spread), mean + spread)
        totals.append(DayTotal(day, mean, low, high, _sum(lines.actual[a:b]), _sum(lines.before[a:b]), _sum(lines.other[a:b])))
    return tuple(totals)


def _sum(values: Floats) -> Number:
    return None if np.isnan(values).all() else float(np.nansum(values))


def _accuracy_days(rows: Iterable[AccuracyRow]) -> tuple[AccuracyDay, ...]:
    return tuple(_accuracy(row) for row in shortest_lead(rows))


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
