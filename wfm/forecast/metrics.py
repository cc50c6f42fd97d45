"""Errors of a forecast, as pure functions of actual and forecast volumes.

Every function takes arrays of one shape; cells whose actual is NaN (not observed) count nowhere. A share of nothing is NaN.
Sources: Hyndman and Koehler (2006) for MASE, Koenker and Bassett (1978) for the pinball loss.
"""

from __future__ import annotations

import math

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.grid import FloatArray


def wape(actual: FloatArray, mean: FloatArray) -> float:
    """Weighted absolute percentage error, sum |actual - mean| / sum actual, as a share.

    Examples
    --------
    >>> wape(np.array([10.0, 30.0]), np.array([12.0, 28.0]))
    0.1
    """
    actual, mean = _paired(actual, mean)
    return _ratio(float(np.abs(actual - mean).sum()), float(actual.sum()))


def bias(actual: FloatArray, mean: FloatArray) -> float:
    """Signed error, sum (mean - actual) / sum actual, as a share; above 0 where too much was forecast.

    Examples
    --------
    >>> bias(np.array([10.0, 30.0]), np.array([12.0, 30.0]))
    0.05
    """
    actual, mean = _paired(actual, mean)
    return _ratio(float((mean - actual).sum()), float(actual.sum()))


def coverage(actual: FloatArray, low: FloatArray, high: FloatArray) -> float:
    """Share of actuals in [low, high].

    Examples
    --------
    >>> coverage(np.array([1.0, 5.0]), np.array([0.0, 0.0]), np.array([3.0, 3.0]))
    0.5
    """
    known = ~np.isnan(np.asarray(actual, dtype=float))
    inside = (actual >= low) & (actual <= high) & known
    return _ratio(float(inside.sum()), float(known.sum()))


def mase(actual: FloatArray, mean: FloatArray, past: FloatArray, season: int) -> float:
    """Mean absolute error over that of the seasonal naive forecast inside `past`.

    Parameters
    ----------
    actual, mean
        Contacts per interval.
    past
        Earlier contacts in order of time, NaN where not observed.
    season
        Steps of one season (intervals per week), at least 1.

    Examples
    --------
    >>> mase(np.array([4.0]), np.array([3.0]), np.array([1.0, 3.0, 5.0]), 1)
    0.5
    """
    season = units.whole("season", season, at_least=1)
    actual, mean = _paired(actual, mean)
    past = np.asarray(past, dtype=float)
    steps = np.abs(past[season:] - past[:-season])
    steps = steps[~np.isnan(steps)]
    if not len(steps) or not len(actual):
        return math.nan
    return _ratio(float(np.abs(actual - mean).mean()), float(steps.mean()))


def pinball(actual: FloatArray, quantile: FloatArray, level: float) -> float:
    """Mean pinball loss of a quantile, contacts per interval; smaller is better.

    Parameters
    ----------
    actual, quantile
        Contacts per interval and their forecast quantile.
    level
        Level of the quantile, in (0, 1).

    Examples
    --------
    >>> pinball(np.array([10.0]), np.array([8.0]), 0.9)
    1.8
    """
    units.share("level", level, above_zero=True, below_one=True)
    actual, quantile = _paired(actual, quantile)
    gap = actual - quantile
    return _ratio(float(np.where(gap >= 0, level * gap, (level - 1) * gap).sum()), float(len(gap)))


def poisson_floor(mean: FloatArray) -> float:
    """WAPE that even the true mean would have if counts were Poisson, as a share.

    A Poisson count of mean m has the mean absolute deviation 2 m^(k+1) e^(-m) / k! with k = floor(m) (De Moivre, 1730).

    Parameters
    ----------
    mean
        Expected contacts per interval, at least 0; NaN counts nowhere.

    Examples
    --------
    >>> round(poisson_floor(np.array([100.0])), 4)
    0.0797
    """
    from scipy.special import gammaln

    mean = np.asarray(mean, dtype=float)
    mean = mean[~np.isnan(mean)]
    if (mean < 0).any():
        raise InvalidInput(f"mean must be at least 0, got {mean.min():g}")
    mean = mean[mean > 0]
    whole = np.floor(mean)
    deviation = 2 * np.exp((whole + 1) * np.log(mean) - mean - gammaln(whole + 1))
    return _ratio(float(deviation.sum()), float(mean.sum()))


def _paired(actual: FloatArray, forecast: FloatArray) -> tuple[FloatArray, FloatArray]:
    actual, forecast = np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)
    if actual.shape != forecast.shape:
        raise InvalidInput(f"actual and forecast must have one shape, got {actual.shape} and {forecast.shape}")
    known = ~np.isnan(actual)
    return actual[known], forecast[known]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan
