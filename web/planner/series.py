"""A forecast as the chart and its table twin read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from web import filters
from web.texts import gettext as _
from wfm.domain.timegrid import local_midnight
from wfm.service.forecasting import ForecastView

Number = float | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One interval of the table twin; `wall` is the queue's clock."""

    wall: datetime
    mean: Number
    low_80: Number
    high_80: Number
    low_95: Number
    high_95: Number
    actual: Number
    aht_s: Number
    other: Number


def wall_time(wall_s: int) -> datetime:
    """The wall clock that `wall_s` stands for, without a zone."""
    return datetime.fromtimestamp(wall_s, UTC).replace(tzinfo=None)


def rows_by_day(view: ForecastView) -> Iterator[tuple[date, list[TableRow]]]:
    """The intervals of each day that has any, in order."""
    points = view.points
    columns = (points.mean, points.low_80, points.high_80, points.low_95, points.high_95, points.actual, points.aht_s, points.other)
    rows = (TableRow(wall_time(wall_s), *values) for wall_s, *values in zip(points.wall_s, *columns, strict=True))
    for day, of_day in groupby(rows, key=lambda row: row.wall.date()):
        known = [row for row in of_day if row.mean or row.actual]
        if known:
            yield day, known


def of_intervals(view: ForecastView, now: datetime) -> dict[str, Any]:
    """What the chart draws, interval by interval."""
    points = view.points
    return {
        "start_s": points.start_s,
        "mean": points.mean,
        "low80": points.low_80,
        "high80": points.high_80,
        "low95": points.low_95,
        "high95": points.high_95,
        "actual": points.actual,
        "other": points.other if view.other else None,
        "labels": [f"{filters.day_short(wall)} {wall:%H:%M}" for wall in map(wall_time, points.wall_s)],
        "per_day": 24 * 60 // view.interval_minutes,
        "daily": False,
        **_frame(view, now),
    }


def of_days(view: ForecastView, now: datetime) -> dict[str, Any]:
    """What the chart draws, day by day."""
    totals = view.totals
    nothing = [None] * len(totals)
    return {
        "start_s": _midnights(view, (total.day for total in totals)),
        "mean": [total.mean for total in totals],
        "low80": [total.low_80 for total in totals],
        "high80": [total.high_80 for total in totals],
        "low95": nothing,
        "high95": nothing,
        "actual": [total.actual for total in totals],
        "other": [total.other for total in totals] if view.other else None,
        "labels": [filters.day_short(total.day) for total in totals],
        "per_day": 7,
        "daily": True,
        **_frame(view, now),
    }


def _frame(view: ForecastView, now: datetime) -> dict[str, Any]:
    days = [view.first_day + timedelta(n) for n in range(view.days)]
    return {
        "zone": view.queue.zone,
        "days": day_marks(days, view.queue.zone),
        "now_s": int(now.timestamp()),
        "words": {"forecast": _("forecast"), "actual": _("came"), "now": _("now"), "other": other_name(view)},
    }


def other_name(view: ForecastView) -> str:
    """What the version compared with is called on the chart."""
    if view.other is None:
        return ""
    if view.other.number == view.version.number:
        return _("before the edits")
    name = _("version %(number)s", number=view.other.number)
    return f"{name} ({view.other.source})" if view.other.source else name


def day_marks(days: Sequence[date], zone: str) -> list[dict[str, Any]]:
    """Marks along a chart's axis of time: each day where there is room, else each Monday; `short` is for narrow charts."""
    every_day = len(days) <= 14
    return [
        {
            "start_s": int(local_midnight(day, zone).timestamp()),
            "label": f"{filters.weekday(day)} {day.day}" if every_day or day.weekday() == 0 else "",
            "short": str(day.day) if every_day or day.weekday() == 0 else "",
        }
        for day in days
    ]


def _midnights(view: ForecastView, days: Iterable[date]) -> list[int]:
    return [int(local_midnight(day, view.queue.zone).timestamp()) for day in days]
