"""Ridge regression whose penalties are learned from the data, one per group of columns.

The model is y = X b + e with e ~ N(0, s2 / w) and b_j ~ N(0, t_g) for the columns j of group g. The variances s2 and t_g are found by
expectation-maximisation (empirical Bayes; MacKay, 1992), so a group that explains nothing shrinks to nothing; outliers are weighed down as
Student-t errors would be (Lange, Little and Taylor, 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.grid import BoolArray, FloatArray, IntArray

FREE = -1
FREE_VARIANCE = 1e4
ITERATIONS = 10
SHARED_ITERATIONS = 5
OUTLIER_AT = 2.0
OUTLIER_POWER = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class RidgeFit:
    """A fitted ridge.

    Parameters
    ----------
    coefficient
        Per column, length p.
    residual
        y - X b, length n.
    trust
        Weight in [0, 1] that an observation kept, length n; near 0 for an outlier.
    variance
        Of the errors at weight 1.
    """

    coefficient: FloatArray
    residual: FloatArray
    trust: FloatArray
    variance: float


def fit_ridge(
    design: FloatArray,
    response: FloatArray,
    weight: FloatArray,
    group: IntArray,
    prior: dict[int, tuple[float, float]],
    may_doubt: BoolArray,
) -> RidgeFit:
    """Fit by expectation-maximisation.

    Parameters
    ----------
    design, response
        X of shape (n, p) and y of length n, finite throughout.
    weight
        Of the observations, at least 0; length n.
    group
        Group of every column, `FREE` for no penalty; length p.
    prior
        Per group the strength (in columns) and the value of the variance believed beforehand.
    may_doubt
        True where an observation may be an outlier, length n.

    Examples
    --------
    >>> x = np.column_stack([np.ones(40), np.arange(40) % 2])
    >>> fit = fit_ridge(x, 5 + 2 * x[:, 1], np.ones(40), np.array([FREE, 0]), {0: (1.0, 1.0)}, np.ones(40, dtype=bool))
    >>> fit.coefficient.round(3).tolist()
    [5.0, 2.0]
    """
    groups = _Groups.of(group, prior)
    spread = groups.believed.copy()
    used = weight > 0
    count = max(int(used.sum()), 1)
    scale = float(weight[used].mean()) if used.any() else 1.0
    variance = max(0.1 * float(np.var(response[used])) if used.any() else 0.0, 1e-6)
    trust = np.ones(len(response))
    for _ in range(ITERATIONS):
        gram, moment = _moments(design, response, weight * trust)
        coefficient, doubt = _solved(gram / variance, 1 / spread, moment / variance)
        residual = response - design @ coefficient
        free = _free(count, doubt, spread)
        variance = max(float(weight * trust @ residual**2) / (free * scale), 1e-6)
        groups.update(spread, coefficient**2, doubt)
        trust = np.where(may_doubt, _trust(residual, variance, weight), 1.0)
    return RidgeFit(coefficient, residual, trust, variance)


def fit_shared_ridge(
    design: FloatArray, response: FloatArray, weight: FloatArray, group: IntArray, prior: dict[int, tuple[float, float]]
) -> FloatArray:
    """Fit several responses that share design, weights and variances; coefficients of shape (p, m).

    Parameters
    ----------
    design, response
        X of shape (n, p) and Y of shape (n, m), finite throughout.
    weight, group, prior
        As in `fit_ridge`.

    Examples
    --------
    >>> x = np.column_stack([np.ones(40), np.arange(40) % 2])
    >>> fit_shared_ridge(x, x @ [[5.0, 1.0], [2.0, 0.0]], np.ones(40), np.array([FREE, 0]), {0: (1.0, 1.0)}).round(3).tolist()
    [[5.0, 1.0], [2.0, 0.0]]
    """
    groups = _Groups.of(group, prior)
    spread = groups.believed.copy()
    weighted = (design * weight[:, None]).T
    gram, moment = weighted @ design, weighted @ response
    energy = weight @ response**2
    count = max(int((weight > 0).sum()), 1)
    variance = max(float(energy.mean()) / count, 1e-6)
    coefficient = np.zeros((design.shape[1], response.shape[1]))
    for _ in range(SHARED_ITERATIONS):
        coefficient, doubt = _solved(gram / variance, 1 / spread, moment / variance)
        left = energy - 2 * (coefficient * moment).sum(axis=0) + (coefficient * (gram @ coefficient)).sum(axis=0)
        free = _free(count, doubt, spread)
        variance = max(float(left.mean()) / free, 1e-6)
        groups.update(spread, (coefficient**2).mean(axis=1), doubt)
    return np.asarray(coefficient)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Which columns share a variance.

    Parameters
    ----------
    place
        Number of the group of every column, 0 for `FREE`; length p.
    strength, columns
        Prior strength and size of every group, length groups + 1.
    energy
        Prior strength times prior variance, length groups + 1.
    believed
        Variance of every column believed beforehand, length p.
    """

    place: IntArray
    strength: FloatArray
    columns: FloatArray
    energy: FloatArray
    believed: FloatArray

    @classmethod
    def of(cls, group: IntArray, prior: dict[int, tuple[float, float]]) -> _Groups:
        keys = np.array(sorted(prior))
        strength, value = np.array([(1.0, FREE_VARIANCE), *(prior[int(key)] for key in keys)]).T
        place = np.where(group == FREE, 0, np.searchsorted(keys, group) + 1)
        return cls(place, strength, np.bincount(place, minlength=len(strength)).astype(float), strength * value, value[place])

    def update(self, spread: FloatArray, square: FloatArray, doubt: FloatArray) -> None:
        """Set the variances of penalised columns, in place, to what their coefficients show."""
        shown = np.bincount(self.place, square + doubt, len(self.strength)) + self.energy
        spread[:] = np.where(self.place == 0, FREE_VARIANCE, (shown / (self.columns + self.strength))[self.place])


def _free(count: int, doubt: FloatArray, spread: FloatArray) -> float:
    """Observations less the columns they determine; the trace of covariance @ gram, written without the product."""
    return max(count - float(np.sum(1 - doubt / spread)), 0.3 * count)


def _solved(known: FloatArray, believed: FloatArray, moment: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The coefficients (p, or p x m) and the variance of each (p), of the precision `known` + diag(`believed`), by its Cholesky factor."""
    from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

    precision = known.copy(order="F")
    precision.flat[:: len(known) + 1] += believed
    factor, failed = dpotrf(precision, overwrite_a=1)
    if failed:  # nearly singular: columns that say the same
        covariance = np.linalg.inv(known + np.diag(believed))
        return covariance @ moment, np.diag(covariance)
    coefficient, _ = dpotrs(factor, moment)
    covariance, _ = dpotri(factor, overwrite_c=1)
    return coefficient, covariance.diagonal().copy()


def _moments(design: FloatArray, response: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    root = np.sqrt(weight)
    scaled = design * root[:, None]  # a product with its own transpose takes half the work
    return scaled.T @ scaled, scaled.T @ (root * response)


def _trust(residual: FloatArray, variance: float, weight: FloatArray) -> FloatArray:
    distance = np.abs(residual) * np.sqrt(np.maximum(weight, 1e-9) / variance)
    return np.asarray(np.minimum(1.0, OUTLIER_AT / np.maximum(distance, 1e-9)) ** OUTLIER_POWER)
