"""From a mean to a distribution: counts are Poisson around a gamma-distributed rate.

    Y ~ Poisson(R),   E[R] = m,   cv(R)^2 = a + b / m,   so   var(Y) = m + b m + a m^2

which is the negative binomial distribution (Greenwood and Yule, 1920) of shape r = 1 / cv^2 with P(Y <= k) = I_p(r, k + 1) and
p = r / (r + m). The common part `a` holds the error of the level and the day, `b` what is particular to an interval. Both grow with the
days from the origin, as a level that wanders does: they double over four weeks, and `a` and `b` are those in the middle of these. A few
windows of one queue cannot tell the growth, so it is the same for all. Quantiles are those of Y + U, U uniform on (-1/2, 1/2): whole
quantiles would cover too much wherever counts are small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm import units
from wfm.forecast.grid import FloatArray, IntArray

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
NORMAL_QUANTILES = (-1.959964, -1.281552, 0.0, 1.281552, 1.959964)
SMALLEST_SQUARE = 1e-6
SMALLEST_MEAN = 0.02
LARGEST_SURPRISE = 4.0
MOST_CELLS = 1000
PRIOR_COMMON = 0.02
PRIOR_OWN = 0.2
PRIOR_CELLS = 50.0
DOUBLED_AFTER_DAYS = 28.0
LONGEST_LEAD_DAYS = 112


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

    def rate_cv(self, mean: FloatArray, lead: IntArray | None = None) -> FloatArray:
        """Standard deviation of the rate over its mean; 0 where nothing is expected.

        Parameters
        ----------
        mean
            Expected contacts, at least 0.
        lead
            Days from the origin, 1 for the first, shape of `mean`; None for the middle of four weeks.

        Examples
        --------
        >>> Dispersion(0.01, 0.5).rate_cv(np.array([0.0, 50.0])).round(3).tolist()
        [0.0, 0.141]
        """
        square = self.common + self.own / np.maximum(mean, 2 * SMALLEST_MEAN)
        if lead is not None:
            square = square * growth(lead)
        return np.asarray(np.where(mean > 0, np.sqrt(square), 0.0))

    def scaled(self, factor: float) -> Dispersion:
        """The same with every coefficient of variation times `factor`."""
        return Dispersion(self.common * factor**2, self.own * factor**2)


def growth(lead: IntArray) -> FloatArray:
    """Variance of the rate `lead` days from the origin over that in the middle of four weeks.

    Examples
    --------
    >>> growth(np.array([1, 14, 28])).round(2).tolist()
    [0.69, 1.0, 1.33]
    """
    return np.asarray((1 + np.minimum(lead, LONGEST_LEAD_DAYS) / DOUBLED_AFTER_DAYS) / 1.5)


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
    whole, upto, below = _smallest_reaching(level, shape[:, None], chance[:, None], mean[:, None])
    quantile = whole - 0.5 + (level - below) / np.maximum(upto - below, 1e-12)
    return np.asarray(np.where(mean[:, None] > 0, np.maximum(quantile, 0.0), 0.0))


def _negative_binomial(mean: FloatArray, rate_cv: FloatArray) -> tuple[FloatArray, FloatArray]:
    shape = 1 / np.maximum(rate_cv**2, SMALLEST_SQUARE)
    return shape, shape / (shape + mean)


def _cumulative(count: FloatArray, shape: FloatArray, chance: FloatArray) -> FloatArray:
    from scipy.special import betainc

    return np.asarray(np.where(count < 0, 0.0, betainc(shape, np.maximum(count, 0) + 1, chance)))


def _chance_of(count: FloatArray, shape: FloatArray, chance: FloatArray) -> FloatArray:
    """P(Y = k), far cheaper than the difference of two cumulative chances."""
    from scipy.special import betaln, xlog1py

    return np.asarray(np.exp(shape * np.log(chance) + xlog1py(count, -chance) - betaln(shape, count + 1)) / (shape + count))


def _smallest_reaching(
    level: FloatArray, shape: FloatArray, chance: FloatArray, mean: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Smallest whole k with P(Y <= k) >= level, with P(Y <= k) and P(Y < k): a guess by Cornish and Fisher (1938), then halving."""
    deviation = np.sqrt(mean / chance)
    skew = (2 - chance) / np.sqrt(np.maximum(shape * (1 - chance), 1e-12))
    normal = np.array(NORMAL_QUANTILES)[None, :]
    guess = np.maximum(np.floor(mean + deviation * (normal + np.clip(skew, 0, 4) * (normal**2 - 1) / 6)), 0)
    reach = np.broadcast_to(np.ceil(0.03 * deviation) + 1, guess.shape)
    low, high = np.maximum(guess - reach, -1.0), guess + reach
    below, upto = _cumulative(low, shape, chance), _cumulative(high, shape, chance)
    while (wrong := (low >= 0) & (below >= level)).any():
        low, high, upto = np.where(wrong, np.maximum(low - 2 * reach, -1.0), low), np.where(wrong, low, high), np.where(wrong, below, upto)
        below = _cumulative(low, shape, chance)
    while (wrong := upto < level).any():
        low, high, below = np.where(wrong, high, low), np.where(wrong, high + 2 * reach, high), np.where(wrong, upto, below)
        upto = _cumulative(high, shape, chance)
    while (high - low > 1).any():
        middle = np.where(high - low > 1, np.floor((low + high) / 2), high)
        reached = _cumulative(middle, shape, chance)
        enough = reached >= level
        low, below = np.where(enough, low, middle), np.where(enough, below, reached)
        high, upto = np.where(enough, middle, high), np.where(enough, reached, upto)
    return high, upto, below


PRIOR = Dispersion(PRIOR_COMMON, PRIOR_OWN)


def learn_dispersion(
    actual: FloatArray, mean: FloatArray, weight: FloatArray, lead: IntArray, believed: Dispersion = PRIOR, cells: float = PRIOR_CELLS
) -> Dispersion:
    """Dispersion from forecasts of the past, by moments and then by coverage.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, any equal shape; NaN where not observed.
    weight, lead
        Weight of each cell, at least 0, and its days from the origin, 1 for the first; same shape.
    believed, cells
        Dispersion believed beforehand, and how many cells that is worth.
    """
    used = ~np.isnan(actual) & (mean > SMALLEST_MEAN)
    actual, mean, weight, lead = actual[used], mean[used], weight[used], lead[used]
    if not len(actual):
        return believed
    found = _by_moments(actual, mean, weight, growth(lead), believed, cells)
    return found.scaled(_widening(actual, mean, weight, lead, found))


def moments_of(actual: FloatArray, mean: FloatArray) -> tuple[float, float]:
    """`common` and `own` of counts around means that are known to be right, by moments alone.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, all means above 0; length n.
    """
    found = _by_moments(actual, mean, np.ones(len(actual)), np.ones(len(actual)), PRIOR, PRIOR_CELLS)
    return found.common, found.own


def _by_moments(
    actual: FloatArray, mean: FloatArray, weight: FloatArray, grown: FloatArray, believed: Dispersion, cells: float
) -> Dispersion:
    """Weighted least squares of (y - m)^2 - m on g m^2 and g m, surprises beyond four deviations held down, what is believed mixed in."""
    common, own = believed.common, believed.own
    for _ in range(4):
        variance = mean + grown * mean * (own + common * mean)
        square = np.minimum((actual - mean) ** 2, LARGEST_SURPRISE**2 * variance) - mean
        scale = weight / variance**2
        design = grown * np.stack([mean**2, mean])
        gram, moment = (design * scale) @ design.T, design @ (scale * square)
        pull = cells / max(float(weight.sum()), 1e-9) * np.diag(gram)
        common, own = _not_negative(gram + np.diag(pull), moment + pull * np.array([believed.common, believed.own]))
    return Dispersion(common, own)


def _not_negative(gram: FloatArray, moment: FloatArray) -> tuple[float, float]:
    first, second = np.linalg.solve(gram, moment)
    if first < 0:
        return 0.0, max(float(moment[1] / gram[1, 1]), 0.0)
    if second < 0:
        return max(float(moment[0] / gram[0, 0]), 0.0), 0.0
    return float(first), float(second)


def _widening(actual: FloatArray, mean: FloatArray, weight: FloatArray, lead: IntArray, found: Dispersion) -> float:
    """Factor on the coefficients of variation with which the 80 % and 95 % intervals covered as much as they say."""
    step = len(actual) // MOST_CELLS + 1
    actual, mean, weight, lead = actual[::step], mean[::step], weight[::step], lead[::step]
    narrow, wide = 0.3, 2.0
    for _ in range(7):
        factor = (narrow + wide) / 2
        place = middle_rank(actual, mean, found.scaled(factor).rate_cv(mean, lead))
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
    return np.asarray(_cumulative(whole, shape, chance) - _chance_of(whole, shape, chance) / 2)
