"""Totals that agree: queues, and groups of them by channel, language or site, that were forecast apart.

    b' = b + W A' (V + A W A')^-1 (a - A b),   a' = A b'

with forecasts b of queues and a of groups, their variances W and V (diagonal), and A saying which queue is in which group: least squares
weighted by variance, or minimum trace with a diagonal covariance (Wickramasuriya, Athanasopoulos and Hyndman, 2019), in the form whose
cost is linear in queues. A queue that would fall below zero is held at zero and the rest solved again. Errors of a group go with those
of its queues, which a diagonal does not know: its own forecast says less that is new than V tells, and counts by a tenth of its weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.grid import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd

SMALLEST_VARIANCE = 1e-9
GROUP_TRUST = 0.1


def reconcile(
    frames: Mapping[str, pd.DataFrame],
    rate_cv: Mapping[str, pd.Series[float]],
    groups: Mapping[str, Sequence[str]],
    *,
    trust: float = GROUP_TRUST,
) -> dict[str, pd.DataFrame]:
    """Make forecasts of queues and of groups agree in every interval.

    Parameters
    ----------
    frames
        A forecast by queue and by group, as `forecast_queue` gives it, all on one index.
    rate_cv
        Standard deviation of the rate over its mean by queue and by group, as in the forecast's report.
    groups
        Queues in each group; a queue may be in several (its channel and its language) or in none.
    trust
        Weight of the groups' own forecasts, in (0, 1]: 1 where their errors have nothing to do with those of the queues.

    Returns
    -------
        The same keys: means that are at least 0 and add up; quantiles moved by the factor of their mean. An interval in which a queue
        expects nothing keeps it at nothing.

    Raises
    ------
    InvalidInput
        When `trust` is out of bounds, a name is unknown, a group is empty or holds a group, or the indexes differ.
    """
    units.share("trust", trust, above_zero=True)
    queues = [name for name in frames if name not in groups]
    _check(frames, rate_cv, groups, queues)
    if not groups:
        return {name: frame.copy() for name, frame in frames.items()}
    members = np.array([[queue in set(inside) for queue in queues] for inside in groups.values()])
    mean = {name: frame["mean"].to_numpy(dtype=float) for name, frame in frames.items()}
    spread = {name: mean[name] + (rate_cv[name].to_numpy(dtype=float) * mean[name]) ** 2 for name in frames}
    total, total_variance = _stacked(mean, spread, list(groups))
    agreed = reconcile_means(*_stacked(mean, spread, queues), total, total_variance / trust, members)
    after = dict(zip((*queues, *groups), np.concatenate([agreed, members @ agreed]), strict=True))
    return {name: _moved(frame, after[name]) for name, frame in frames.items()}


def reconcile_means(
    mean: FloatArray, variance: FloatArray, total: FloatArray, total_variance: FloatArray, members: BoolArray
) -> FloatArray:
    """Means of queues that come nearest to their own forecasts and those of their groups; at least 0, shape (queues, intervals).

    Parameters
    ----------
    mean, variance
        Of queues, at least 0, shape (queues, intervals); a queue of variance 0 stays as it is.
    total, total_variance
        Of groups, at least 0, shape (groups, intervals).
    members
        True where a queue is in a group, shape (groups, queues).

    Examples
    --------
    >>> two, one = np.array([[10.0], [30.0]]), np.array([[50.0]])
    >>> reconcile_means(two, two, one, one, np.array([[True, True]])).round(2).tolist()
    [[11.11], [33.33]]
    """
    share = members.astype(np.float64)
    held = np.zeros(mean.shape, dtype=bool)
    while True:
        start, free = np.where(held, 0.0, mean), np.where(held, 0.0, variance)
        system = np.einsum("gq,qt,hq->tgh", share, free, share, optimize=True)
        system += np.eye(len(share)) * np.maximum(total_variance, SMALLEST_VARIANCE).T[:, :, None]
        price = np.linalg.solve(system, (total - share @ start).T[:, :, None])[:, :, 0]
        agreed = start + free * (share.T @ price.T)
        below = (agreed < 0) & ~held
        if not below.any():
            return np.asarray(np.maximum(agreed, 0.0))
        held |= below


def _check(
    frames: Mapping[str, pd.DataFrame], rate_cv: Mapping[str, pd.Series[float]], groups: Mapping[str, Sequence[str]], queues: list[str]
) -> None:
    for name, inside in groups.items():
        strange = sorted(set(inside) - set(queues))
        if strange or not inside or name not in frames:
            raise InvalidInput(f"group {name!r} must have a forecast and hold forecast queues, got {strange or list(inside)}")
    for name, frame in frames.items():
        if name not in rate_cv or not frame.index.equals(rate_cv[name].index) or not frame.index.equals(frames[next(iter(frames))].index):
            raise InvalidInput(f"forecasts and rate_cv must stand on one index, got another, or none, for {name!r}")


def _stacked(mean: Mapping[str, FloatArray], spread: Mapping[str, FloatArray], names: list[str]) -> tuple[FloatArray, FloatArray]:
    return np.stack([mean[name] for name in names]), np.stack([spread[name] for name in names])


def _moved(frame: pd.DataFrame, mean: FloatArray) -> pd.DataFrame:
    before = frame["mean"].to_numpy(dtype=float)
    factor = np.divide(mean, before, out=np.zeros_like(mean), where=before > 0)
    out = frame.mul(factor, axis=0)
    out["mean"] = mean
    return out
