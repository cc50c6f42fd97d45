"""The five figures that stand above a forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.timegrid import TimeGrid
from wfm.domain.wallclock import wall_clock
from wfm.service.forecast_curve import Number, grid_starts, placed

_BAND_80 = 1.2815515655446004  # normal quantile of 0.9


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


def figures_of(
    arrays: Mapping[str, NDArray[Any]], grid: TimeGrid, report: Mapping[str, Any], aht_before_s: Number, first_ahead: date
) -> Figures:
    """The figures above the curve.

    Parameters
    ----------
    arrays, report
        Of the queue's forecast.
    grid
        The days shown.
    aht_before_s
        Handle time of the week before, s; None where unknown.
    first_ahead
        First day of the forecast, from which the days ahead are counted.
    """
    start_s = grid_starts(grid)
    mean, low, high, aht_s = (placed(start_s, arrays["start_s"], arrays[name]) for name in ("mean", "q0.1", "q0.9", "aht_s"))
    known = np.nan_to_num(mean)
    total = float(known.sum())
    spread = span_spread([float(known[a:b].sum()) for a, b in grid.day_bounds], (grid.first_day - first_ahead).days + 1, report)
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
    """Half the width of the 80 % band of a total over days, contacts, as the intervals lay: for forecasts that know nothing of their days.

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


def span_spread(of_days: Sequence[float], lead: int, report: Mapping[str, Any]) -> float:
    """Half the width of the 80 % band of the sum of consecutive days, contacts: as whole days lay in the backtest.

    Parameters
    ----------
    of_days
        Expected contacts of each day, at least 0.
    lead
        Days from the origin to the first of them, 1 for the first day ahead; a day before it counts as the first.
    report
        Of the forecast; one without `day_dispersion` (a new queue, a file from elsewhere) is judged by its intervals.
    """
    from wfm.forecast.day_bands import span_deviation
    from wfm.forecast.distribution import Dispersion

    told = report.get("day_dispersion")
    if told is None:
        return total_spread(of_days, report.get("dispersion", {}))
    mean = np.asarray(of_days, dtype=np.float64)
    return _BAND_80 * span_deviation(mean, np.maximum(lead + np.arange(len(mean)), 1), Dispersion(told["common"], told["own"]))


def group_spread(means: Sequence[float], spreads: Sequence[float]) -> float:
    """Half the width of the 80 % band of the sum of several queues over the same days, contacts.

    Parameters
    ----------
    means, spreads
        Expected contacts of each queue and half the width of its own band, at least 0.
    """
    from wfm.forecast.day_bands import group_deviation

    return _BAND_80 * group_deviation(np.asarray(means, dtype=np.float64), np.asarray(spreads, dtype=np.float64) / _BAND_80)


def day_spread(mean: float, lead: int, report: Mapping[str, Any]) -> float:
    """Half the width of the 80 % band of one day's total, contacts.

    Parameters
    ----------
    mean
        Expected contacts, at least 0.
    lead, report
        As for `span_spread`.
    """
    return span_spread([mean], lead, report)
