"""From a mean to a distribution: counts are Poisson around a gamma-distributed rate.

    Y ~ Poisson(R),  E[R] = m,  cv(R) = c,  so  var(Y) = m + (c m)^2      (negative binomial, Greenwood and Yule, 1920)
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.grid import FloatArray

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
SMALLEST_SQUARE = 1e-6


def count_quantiles(mean: FloatArray, rate_cv: FloatArray, levels: tuple[float, ...] = LEVELS) -> FloatArray:
    """Quantiles of counts, contacts; whole numbers, shape (cells, levels).

    Parameters
    ----------
    mean
        Expected contacts, at least 0; length n.
    rate_cv
        Standard deviation of the rate over its mean, at least 0; length n.
    levels
        Levels in (0, 1), ascending.

    Examples
    --------
    >>> count_quantiles(np.array([100.0]), np.array([0.0])).tolist()
    [[81.0, 87.0, 100.0, 113.0, 120.0]]
    """
    from scipy.stats import nbinom

    square = np.maximum(rate_cv**2, SMALLEST_SQUARE)
    shape = (1 / square)[:, None]
    chance = shape / (shape + mean[:, None])
    quantiles = nbinom.ppf(np.array(levels)[None, :], shape, chance)
    return np.asarray(np.where(mean[:, None] > 0, np.maximum(quantiles, 0.0), 0.0))


def squared_cv(actual: FloatArray, mean: FloatArray) -> float:
    """Squared coefficient of variation of the rate, by moments: sum ((y - m)^2 - m) / sum m^2, at least 0."""
    known = ~np.isnan(actual)
    gap = ((actual - mean) ** 2 - mean)[known]
    return max(float(gap.sum()) / max(float((mean[known] ** 2).sum()), 1e-12), 0.0)
