"""The rest of today, updated by what came so far.

    rest' = rest * (1 + b_f e),   e = sum v (y - m) / sum v m over the elapsed intervals

with weights v that halve with every fifth of the day's volume, so that the last hours say most, and b_f in [0, 1] learned per queue from
past days at which the share f of the volume had come: near 1 where mornings tell the day, near 0 where counts are chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wfm.errors import InvalidInput
from wfm.forecast.distribution import LEVELS, PRIOR_COMMON, PRIOR_OWN, Dispersion, count_quantiles
from wfm.forecast.grid import BoolArray, FloatArray, minutes_of
from wfm.units import share

if TYPE_CHECKING:
    import pandas as pd

SHARES = (0.1, 0.25, 0.4, 0.6, 0.8)
HALF_LIFE_SHARE = 0.2
LARGEST_SURPRISE = 0.5
PRIOR_DAYS = 10.0
LEAST_DAYS = 8
LEAST_CONTACTS = 5.0
PRIOR_SLOPES = (0.1, 0.2, 0.3, 0.35, 0.4)


@dataclass(frozen=True, slots=True)
class DayUpdate:
    """How much of a surprise carries on to the rest of the day.

    Parameters
    ----------
    slopes
        b at the shares `SHARES` of the day's volume, each in [0, 1].
    remaining
        Share of the variance of the rest that the update leaves, at the same places, each in [0, 1].
    """

    slopes: tuple[float, ...] = PRIOR_SLOPES
    remaining: tuple[float, ...] = (1.0,) * len(SHARES)

    def __post_init__(self) -> None:
        for name, values in (("slopes", self.slopes), ("remaining", self.remaining)):
            if len(values) != len(SHARES):
                raise InvalidInput(f"{name} must hold {len(SHARES)} shares, got {len(values)}")
            for value in values:
                share(name, value)

    def at(self, elapsed: float) -> tuple[float, float]:
        """Slope and remaining variance when `elapsed` of the day's volume was due; 0 and 1 at the start of the day.

        Examples
        --------
        >>> DayUpdate(slopes=(0.2, 0.4, 0.6, 0.6, 0.6)).at(0.05)
        (0.1, 1.0)
        """
        places = (0.0, *SHARES)
        return float(np.interp(elapsed, places, (0.0, *self.slopes))), float(np.interp(elapsed, places, (1.0, *self.remaining)))


def update_today(
    frame: pd.DataFrame,
    actual: pd.Series[float],
    update: DayUpdate | None = None,
    dispersion: Dispersion | None = None,
) -> pd.DataFrame:
    """Update the rest of the day on which `actual` ends.

    Parameters
    ----------
    frame
        A forecast as `forecast_queue` gives it, with at least the column `mean`; other days stay as they are.
    actual
        Contacts of today's elapsed intervals, index their starts (naive local wall clock), at least 0; NaN or absent where not known.
    update, dispersion
        As in the forecast's report; None for cautious defaults.

    Returns
    -------
        A copy of `frame` in which the intervals after the last actual have a new mean and new quantiles.

    Raises
    ------
    InvalidInput
        When `actual` is negative, or holds no interval of the forecast.
    """
    update, dispersion = update or DayUpdate(), dispersion or Dispersion(PRIOR_COMMON, PRIOR_OWN)
    stamps = minutes_of("frame", frame.index)
    seen = actual.dropna()
    if (seen < 0).any():
        raise InvalidInput(f"actual must be at least 0 contacts, got {seen.min():g}")
    known = dict(zip(minutes_of("actual", seen.index).tolist(), seen.to_numpy(dtype=float).tolist(), strict=True))
    counts = np.array([known.get(stamp, np.nan) for stamp in stamps.tolist()])
    if np.isnan(counts).all():
        raise InvalidInput("actual must hold at least one interval of the forecast, got none")
    last = stamps[~np.isnan(counts)].max()
    today = stamps.astype("datetime64[D]") == last.astype("datetime64[D]")
    return _updated(frame, counts, today, today & (stamps <= last), update, dispersion)


def _updated(
    frame: pd.DataFrame, counts: FloatArray, today: BoolArray, elapsed: BoolArray, update: DayUpdate, dispersion: Dispersion
) -> pd.DataFrame:
    mean = frame["mean"].to_numpy(dtype=float)
    done = float(mean[elapsed].sum() / max(mean[today].sum(), 1e-12))
    used = elapsed & ~np.isnan(counts)
    error = surprise(counts[used], mean[used], float(mean[today].sum()))
    slope, remaining = update.at(done)
    rest = today & ~elapsed
    after = mean[rest] * (1 + slope * error)
    less = Dispersion(dispersion.common * remaining, dispersion.own)
    out = frame.copy()
    out.loc[rest, "mean"] = after
    for number, quantile in enumerate(count_quantiles(after, less.rate_cv(after)).T):
        out.loc[rest, f"{LEVELS[number]:g}"] = quantile
    return out


def surprise(actual: FloatArray, mean: FloatArray, whole: float) -> float:
    """Relative error of the elapsed intervals, the last ones weighing most, in [-0.5, 0.5]; 0 where next to nothing was due.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, in order of time.
    whole
        Contacts expected of the whole day.

    Examples
    --------
    >>> surprise(np.array([11.0]), np.array([10.0]), 50.0)
    0.1
    """
    if mean.sum() < LEAST_CONTACTS or whole <= 0:
        return 0.0
    done = np.cumsum(mean) / whole
    weight = 0.5 ** ((done[-1] - done) / HALF_LIFE_SHARE)
    error = float(weight @ (actual - mean)) / float(weight @ mean)
    return round(float(np.clip(error, -LARGEST_SURPRISE, LARGEST_SURPRISE)), 12)


def learn_update(actual: FloatArray, mean: FloatArray) -> DayUpdate:
    """Learn slopes from forecasts of past days.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, shape (days, slots); days with a hole are not used.
    """
    whole = ~np.isnan(actual).any(axis=1) & (mean.sum(axis=1) > 2 * LEAST_CONTACTS)
    if whole.sum() < LEAST_DAYS:
        return DayUpdate()
    found = [_at_share(actual[whole], mean[whole], place) for place in SHARES]
    return DayUpdate(tuple(slope for slope, _ in found), tuple(remaining for _, remaining in found))


def _at_share(actual: FloatArray, mean: FloatArray, place: float) -> tuple[float, float]:
    total = mean.sum(axis=1, keepdims=True)
    done = np.cumsum(mean, axis=1) / total
    before = done - mean / total < place
    reached = np.where(before, done, 0.0).max(axis=1, keepdims=True)
    weight = np.where(before, 0.5 ** ((reached - done) / HALF_LIFE_SHARE), 0.0)
    due, rest = (weight * mean).sum(axis=1), np.where(before, 0.0, mean).sum(axis=1)
    used = (due > 0) & (rest > 0)
    if not used.any():
        return 0.0, 1.0
    early = _clipped((weight * (actual - mean)).sum(axis=1)[used] / due[used])
    late = _clipped(np.where(before, 0.0, actual - mean).sum(axis=1)[used] / rest[used])
    size = rest[used]
    both, own, all_late = float(size @ (early * late)), float(size @ early**2), float(size @ late**2)
    count = len(early)
    slope = float(np.clip(both / max(own, 1e-12) * count / (count + PRIOR_DAYS), 0.0, 1.0))
    left = 1 - (2 * slope * both - slope**2 * own) / max(all_late, 1e-12)
    return slope, float(np.clip(left, 0.0, 1.0))


def _clipped(error: FloatArray) -> FloatArray:
    return np.clip(error, -LARGEST_SURPRISE, LARGEST_SURPRISE)
