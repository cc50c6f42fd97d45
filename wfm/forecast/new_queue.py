"""A queue without a history: the shape of a similar one, and the contacts a week that the planner expects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.day_bands import day_frame
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

    wanted = pd.DatetimeIndex(targets.append(_ordinary_weeks(similar, targets)))
    theirs = forecast_with_report(similar, wanted, country, subdivision)
    whole = theirs.frame["mean"].to_numpy(dtype=float)
    weeks = whole[len(targets) :].reshape(WEEKS, -1).sum(axis=1)
    return _labelled(theirs, targets, scaled(whole[: len(targets)], weeks, theirs.dispersion, weekly_total, total_cv), weekly_total)


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A similar queue's forecast at another size.

    Parameters
    ----------
    mean
        Contacts per interval, shape (n,).
    rate_cv
        Standard deviation of the rate over its mean, shape (n,).
    quantiles
        Contacts at `LEVELS`, shape (n, 5).
    """

    mean: FloatArray
    rate_cv: FloatArray
    quantiles: FloatArray
    dispersion: Dispersion


def scaled(mean: FloatArray, weeks: FloatArray, dispersion: Dispersion, weekly_total: float, total_cv: float = TYPED_TOTAL_CV) -> Scaled:
    """The shape of a similar queue, at `weekly_total` contacts in an ordinary week.

    Parameters
    ----------
    mean, dispersion
        Of the similar queue's forecast, contacts per interval.
    weeks
        Contacts that it expects in each of some weeks; their median counts, as a week with a holiday is no ordinary one.
    weekly_total, total_cv
        As for `cold_start`.

    Raises
    ------
    InvalidInput
        When a total is out of bounds, or the similar queue expects no contacts.

    Examples
    --------
    >>> scaled(np.array([6.0, 4.0]), np.array([70.0]), Dispersion(0.0, 0.0), 35.0, total_cv=0.1).mean.tolist()
    [3.0, 2.0]
    """
    units.positive("weekly_total", weekly_total)
    units.not_negative("total_cv", total_cv)
    typical = float(np.median(weeks))
    if typical <= 0:
        raise InvalidInput(f"the similar queue must expect contacts, got none in the {len(weeks)} weeks from the first target")
    ours = mean * (weekly_total / typical)
    wider = Dispersion(dispersion.common + total_cv**2, dispersion.own)
    rate_cv = wider.rate_cv(ours)
    return Scaled(ours, rate_cv, count_quantiles(ours, rate_cv), wider)


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


def _labelled(theirs: ForecastResult, targets: pd.DatetimeIndex, ours: Scaled, weekly_total: float) -> ForecastResult:
    import pandas as pd

    typed = max(ours.dispersion.common - theirs.dispersion.common, 0.0)  # how far off the typed total may be concerns days as well
    of_days = Dispersion(theirs.day_dispersion.common + typed, theirs.day_dispersion.own)
    columns = ["mean", *(f"{level:g}" for level in LEVELS)]
    return replace(
        theirs,
        frame=pd.DataFrame(np.column_stack([ours.mean, ours.quantiles]), index=targets, columns=columns),
        rate_cv=pd.Series(ours.rate_cv, index=targets, name="rate_cv"),
        backtest=(),
        floor=poisson_floor(ours.mean),
        sentence=words("a similar queue", weekly_total),
        low_confidence=True,
        dispersion=ours.dispersion,
        day_totals=day_frame(targets, ours.mean, targets.min().to_datetime64() - np.timedelta64(1, "D"), of_days),
        day_dispersion=of_days,
        day_update=DayUpdate(),
    )


def words(similar: str, weekly_total: float) -> str:
    """How a new queue is forecast, for people.

    Examples
    --------
    >>> words("Billing", 1200.0)
    'Low confidence: no history of its own. The shape of Billing, and 1,200 contacts a week as typed.'
    """
    return f"Low confidence: no history of its own. The shape of {similar}, and {weekly_total:,.0f} contacts a week as typed."
