"""How far whole days and weeks lie from their forecast, which the spread of single intervals does not tell.

    rate = m * S * D * E,   var(S) = shared, var(D) = day, var(E) = common + own / m

`S` is an error of the level that a week has in common, `D` the day's, `E` the interval's. They are learned from the backtest: the squared
errors of day totals give `S` and `D` together, the products of the errors of days at most six apart in one window `S`, and what is left
within a day, once its total is known, gives `E`. Few days are pulled towards what is usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfm import units
from wfm.forecast.distribution import SMALLEST_MEAN, moments_of
from wfm.forecast.grid import FloatArray

LEAST_CONTACTS = 10.0
WHOLE_DAY = 0.9
LARGEST_SURPRISE = 3.0
PRIOR_SQUARE = 0.02
PRIOR_SHARED = 0.3
PRIOR_DAYS = 10.0
PRIOR_PAIRS = 60.0
SMALLEST_SQUARE = 0.0004
MOST_SHARED = 0.95
FARTHEST_DAYS = 6


@dataclass(frozen=True, slots=True)
class DaySpread:
    """Squared coefficients of variation, all at least 0.

    Parameters
    ----------
    shared
        Of what the days of a week have in common.
    day
        Of what is the day's own.
    common, own
        Of an interval within its day: `common + own / m`.
    """

    shared: float
    day: float
    common: float
    own: float

    def __post_init__(self) -> None:
        for name in ("shared", "day", "common", "own"):
            units.not_negative(name, getattr(self, name))


def learn_day_spread(actual: FloatArray, mean: FloatArray, memory: FloatArray, window: Sequence[int]) -> DaySpread | None:
    """The spread from forecasts of the past; None where no whole day can be judged.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, shape (days, slots); NaN where not observed.
    memory
        Weight of each day, above 0.
    window
        Which forecast each day belongs to; days of one forecast stand together, in order.

    Examples
    --------
    >>> exact = np.full((28, 10), 100.0)
    >>> found = learn_day_spread(exact, exact, np.ones(28), [0] * 28)
    >>> round(found.shared + found.day, 3)
    0.005
    """
    known = ~np.isnan(actual)
    came, due = np.where(known, actual, 0.0).sum(axis=1), np.where(known, mean, 0.0).sum(axis=1)
    used = (due > LEAST_CONTACTS) & (known.sum(axis=1) > WHOLE_DAY * known.sum(axis=1).max(initial=0))
    if not used.any():
        return None
    error, noise, weight = came[used] / due[used] - 1.0, 1.0 / due[used], memory[used]
    square = PRIOR_SQUARE
    for _ in range(5):
        seen = np.minimum(error**2, LARGEST_SURPRISE**2 * (square + noise)) - noise
        square = max(float(weight @ seen + PRIOR_DAYS * PRIOR_SQUARE) / (float(weight.sum()) + PRIOR_DAYS), SMALLEST_SQUARE)
    shared = _shared(error, weight, np.asarray(window)[used], square)
    factor = np.where(due > LEAST_CONTACTS, came / np.maximum(due, 1e-9), 1.0)[:, None]
    inside = known & used[:, None] & (mean * factor > SMALLEST_MEAN)
    common, own = moments_of(actual[inside], (mean * factor)[inside])
    return DaySpread(shared * square, (1.0 - shared) * square, common, own)


def _shared(error: FloatArray, weight: FloatArray, window: np.ndarray, square: float) -> float:
    """Share of the square that days near each other have in common."""
    error = np.clip(error, -LARGEST_SURPRISE * square**0.5, LARGEST_SURPRISE * square**0.5)
    products, pairs = PRIOR_SHARED * square * PRIOR_PAIRS, PRIOR_PAIRS
    for apart in range(1, min(FARTHEST_DAYS, len(error) - 1) + 1):
        together = window[apart:] == window[:-apart]
        products += float((error[apart:] * error[:-apart] * weight[apart:])[together].sum())
        pairs += float(weight[apart:][together].sum())
    return float(np.clip(products / pairs / square, 0.0, MOST_SHARED))
