"""A queue without a history: the shape of a similar one, and the contacts a week that the planner expects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.distribution import LEVELS, Dispersion, count_quantiles
from wfm.forecast.engine import ForecastResult, forecast_with_report
from wfm.forecast.grid import FloatArray, minute_of_day, minutes_of
from wfm.forecast.intraday import DayUpdate
from wfm.forecast.metrics import poisson_floor

if TYPE_CHECKING:
    import pandas as pd

TYPED_TOTAL_CV = 0.25
WEEKS = 4


def cold_start(
    similar: pd.DataFrame,
    targets: pd.DatetimeIndex,
    weekly_total: float,
    country: str | None = None,
    subdivision: str | None = None,
    *,
    total_cv: float = TYPED_TOTAL_CV,
) -> ForecastResult:
    """Forecast a new queue from a similar one; always of low confidence.

    Parameters
    ----------
    similar
        History of the similar queue, as for `forecast_queue`: gives shape, season, holidays and closed hours.
    targets, country, subdivision
        As for `forecast_queue`.
    weekly_total
        Contacts in an ordinary week of the new queue, above 0.
    total_cv
        How far off that total may be: standard deviation over mean, at least 0; widens the bands.

    Raises
    ------
    InvalidInput
        When a total or the history cannot be used, or the similar queue expects no contacts.

    Examples
    --------
    >>> import pandas as pd
    >>> hours = pd.date_range("2026-01-05", periods=8 * 168, freq="h")
    >>> similar = pd.DataFrame({"timestamp": hours, "volume": 20.0})
    >>> made = cold_start(similar, pd.date_range("2026-03-02", periods=24, freq="h"), weekly_total=336)
    >>> made.frame["mean"].round(1).unique().tolist(), made.low_confidence
    ([2.0], True)
    """
    import pandas as pd

    units.positive("weekly_total", weekly_total)
    units.not_negative("total_cv", total_cv)
    wanted = pd.DatetimeIndex(targets.append(_ordinary_weeks(similar, targets)))
    theirs = forecast_with_report(similar, wanted, country, subdivision)
    ordinary = theirs.frame["mean"].to_numpy(dtype=float)[len(targets) :].reshape(WEEKS, -1)
    typical = float(np.median(ordinary.sum(axis=1)))  # a week with a holiday is no ordinary one
    if typical <= 0:
        raise InvalidInput("the similar queue must expect contacts, got none in the four weeks from the first target")
    mean = theirs.frame["mean"].to_numpy(dtype=float)[: len(targets)] * (weekly_total / typical)
    dispersion = Dispersion(theirs.dispersion.common + total_cv**2, theirs.dispersion.own)
    return _labelled(theirs, targets, mean, dispersion, weekly_total)


def _ordinary_weeks(similar: pd.DataFrame, targets: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Every slot of the similar queue's day over whole weeks from the first target's day."""
    import pandas as pd

    wanted = minutes_of("targets", targets)
    if not len(wanted) or "timestamp" not in similar or not len(similar):
        raise InvalidInput("targets and the similar queue's history must each hold at least one interval, got none")
    slots = np.unique(minute_of_day(minutes_of("timestamp", similar["timestamp"])))
    days = wanted.min().astype("datetime64[D]") + np.arange(7 * WEEKS)
    stamps = days.astype("datetime64[m]")[:, None] + slots[None].astype("timedelta64[m]")
    return pd.DatetimeIndex(stamps.ravel().astype(targets.to_numpy().dtype))


def _labelled(
    theirs: ForecastResult, targets: pd.DatetimeIndex, mean: FloatArray, dispersion: Dispersion, weekly_total: float
) -> ForecastResult:
    import pandas as pd

    rate_cv = dispersion.rate_cv(mean)
    columns = ["mean", *(f"{level:g}" for level in LEVELS)]
    sentence = f"Low confidence: no history of its own. The shape of a similar queue, and {weekly_total:,.0f} contacts a week as typed."
    return replace(
        theirs,
        frame=pd.DataFrame(np.column_stack([mean, count_quantiles(mean, rate_cv)]), index=targets, columns=columns),
        rate_cv=pd.Series(rate_cv, index=targets, name="rate_cv"),
        backtest=(),
        floor=poisson_floor(mean),
        sentence=sentence,
        low_confidence=True,
        dispersion=dispersion,
        day_update=DayUpdate(),
    )
