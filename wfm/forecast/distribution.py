"""From a mean to a distribution: counts are Poisson around a gamma-distributed rate.

    Y ~ Poisson(R),   E[R] = m,   cv(R)^2 = a + b / m,   so   var(Y) = m + b m + a m^2

which is the negative binomial distribution (Greenwood and Yule, 1920) of shape r = 1 / cv^2 with P(Y <= k) = I_p(r, k + 1) and
p = r / (r + m). The common part `a` holds the error of the level and the day, `b` what is particular to an interval. Quantiles are those
of Y + U, U uniform on (-1/2, 1/2): whole quantiles would cover too much wherever counts are small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm import units
from wfm.forecast.grid import FloatArray

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
NORMAL_QUANTILES = (-1.959964, -1.281552, 0.0, 1.281552, 1.959964)
SMALLEST_SQUARE = 1e-6
SMALLEST_MEAN = 0.02
LARGEST_SURPRISE = 4.0
MOST_CELLS = 1000
PRIOR_COMMON = 0.02
PRIOR_OWN = 0.2
PRIOR_CELLS = 50.0


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How far the rate of an interval lies from its forecast mean.

    Parameters
    ----------
    common
        Squared coefficient of variation that large intervals keep, at least 0.
    own
        Extra variance per contact expected, at least 0.
    """

    common: float
    own: float

    def __post_init__(self) -> None:
        units.not_negative("common", self.common)
        units.not_negative("own", self.own)

    def rate_cv(self, mean: FloatArray) -> FloatArray:
        """Standard deviation of the rate over its mean; 0 where nothing is expected.

        Examples
        --------
        >>> Dispersion(0.01, 0.5).rate_cv(np.array([0.0, 50.0])).round(3).tolist()
        [0.0, 0.141]
        """
        square = self.common + self.own / np.maximum(mean, 2 * SMALLEST_MEAN)
        return np.asarray(np.where(mean > 0, np.sqrt(square), 0.0))

    def scaled(self, factor: float) -> Dispersion:
        """The same with every coefficient of variation times `factor`."""
        return Dispersion(self.common * factor**2, self.own * factor**2)


def count_quantiles(mean: FloatArray, rate_cv: FloatArray) -> FloatArray:
    """Quantiles of counts at `LEVELS`, contacts, at least 0; shape (n, 5).

    Parameters
    ----------
    mean
        Expected contacts, at least 0; length n.
    rate_cv
        Standard deviation of the rate over its mean, at least 0; length n.

    Examples
    --------
    >>> count_quantiles(np.array([100.0]), np.array([0.0])).round(1).tolist()
    [[80.9, 87.3, 99.8, 112.9, 120.1]]
    """
    level = np.array(LEVELS)[None, :]
    shape, chance = _negative_binomial(mean, rate_cv)
    shape, chance = shape[:, None], chance[:, None]
    whole = _smallest_reaching(level, shape, chance, mean[:, None])
    upto, below = _cumulative(whole, shape, chance), _cumulative(whole - 1, shape, chance)
    quantile = whole - 0.5 + (level - below) / np.maximum(upto - below, 1e-12)
    return np.asarray(np.where(mean[:, None] > 0, np.maximum(quantile, 0.0), 0.0))


def _negative_binomial(mean: FloatArray, rate_cv: FloatArray) -> tuple[FloatArray, FloatArray]:
    shape = 1 / np.maximum(rate_cv**2, SMALLEST_SQUARE)
    return shape, shape / (shape + mean)


def _cumulative(count: FloatArray, shape: FloatArray, chance: FloatArray) -> FloatArray:
    from scipy.special import betainc

    return np.asarray(np.where(count < 0, 0.0, betainc(shape, np.maximum(count, 0) + 1, chance)))


def _smallest_reaching(level: FloatArray, shape: FloatArray, chance: FloatArray, mean: FloatArray) -> FloatArray:
    """Smallest whole k with P(Y <= k) >= level: a guess by Cornish and Fisher (1938), then halving."""
    deviation = np.sqrt(mean / chance)
    skew = (2 - chance) / np.sqrt(np.maximum(shape * (1 - chance), 1e-12))
    normal = np.array(NORMAL_QUANTILES)[None, :]
    guess = np.maximum(np.floor(mean + deviation * (normal + np.clip(skew, 0, 4) * (normal**2 - 1) / 6)), 0)
    reach = np.broadcast_to(np.ceil(0.03 * deviation) + 1, guess.shape)
    low, high = np.maximum(guess - reach, -1.0), guess + reach
    while (wrong := (low >= 0) & (_cumulative(low, shape, chance) >= level)).any():
        low = np.where(wrong, np.maximum(low - 2 * reach, -1.0), low)
    while (wrong := _cumulative(high, shape, chance) < level).any():
        high = np.where(wrong, high + 2 * reach, high)
    while (open_ := high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = _cumulative(middle, shape, chance) >= level
        low, high = np.where(open_ & ~enough, middle, low), np.where(open_ & enough, middle, high)
    return np.asarray(high)


def learn_dispersion(actual: FloatArray, mean: FloatArray, weight: FloatArray) -> Dispersion:
    """Dispersion from forecasts of the past, by moments and then by coverage.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, any equal shape; NaN where not observed.
    weight
        Weight of each cell, at least 0, same shape.
    """
    used = ~np.isnan(actual) & (mean > SMALLEST_MEAN)
    actual, mean, weight = actual[used], mean[used], weight[used]
    if not len(actual):
        return Dispersion(PRIOR_COMMON, PRIOR_OWN)
    found = _by_moments(actual, mean, weight)
    return found.scaled(_widening(actual, mean, weight, found))


def _by_moments(actual: FloatArray, mean: FloatArray, weight: FloatArray) -> Dispersion:
    """Weighted least squares of (y - m)^2 - m on m^2 and m, surprises beyond four deviations held down, a prior mixed in."""
    common, own = PRIOR_COMMON, PRIOR_OWN
    for _ in range(4):
        variance = mean * (1 + own) + common * mean**2
        square = np.minimum((actual - mean) ** 2, LARGEST_SURPRISE**2 * variance) - mean
        scale = weight / variance**2
        design = np.stack([mean**2, mean])
        gram, moment = (design * scale) @ design.T, design @ (scale * square)
        pull = PRIOR_CELLS / max(float(weight.sum()), 1e-9) * np.diag(gram)
        common, own = _not_negative(gram + np.diag(pull), moment + pull * np.array([PRIOR_COMMON, PRIOR_OWN]))
    return Dispersion(common, own)


def _not_negative(gram: FloatArray, moment: FloatArray) -> tuple[float, float]:
    first, second = np.linalg.solve(gram, moment)
    if first < 0:
        return 0.0, max(float(moment[1] / gram[1, 1]), 0.0)
    if second < 0:
        return max(float(moment[0] / gram[0, 0]), 0.0), 0.0
    return float(first), float(second)


def _widening(actual: FloatArray, mean: FloatArray, weight: FloatArray, found: Dispersion) -> float:
    """Factor on the coefficients of variation with which the 80 % and 95 % intervals covered as much as they say."""
    step = len(actual) // MOST_CELLS + 1
    actual, mean, weight = actual[::step], mean[::step], weight[::step]
    narrow, wide = 0.3, 2.0
    for _ in range(7):
        factor = (narrow + wide) / 2
        place = middle_rank(actual, mean, found.scaled(factor).rate_cv(mean))
        inside = sum(float(weight @ (np.abs(place - 0.5) <= part / 2)) / float(weight.sum()) - part for part in (0.8, 0.95))
        narrow, wide = (factor, wide) if inside < 0 else (narrow, factor)
    return (narrow + wide) / 2


def middle_rank(actual: FloatArray, mean: FloatArray, rate_cv: FloatArray) -> FloatArray:
    """P(Y < y) + P(Y = y) / 2 of each actual, in (0, 1); evenly spread when the distribution is right.

    Examples
    --------
    >>> middle_rank(np.array([5.0]), np.array([5.0]), np.array([0.0])).round(2).tolist()
    [0.53]
    """
    shape, chance = _negative_binomial(mean, rate_cv)
    whole = np.round(actual)
    return np.asarray((_cumulative(whole, shape, chance) + _cumulative(whole - 1, shape, chance)) / 2)
