"""How likely a plan is to miss its target: by interval exactly, by day and week over drawn days. No database.

The volume of an interval is `Poisson(m D E)`: `m` the forecast, `D` a gamma factor common to the day, `E` one of the interval's own. The
squared coefficient of variation of the rate is therefore `a + b / m`, `a` from the day and `b / m` from the interval. An interval misses
when more contacts come than its heads can take within the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Channel, Queue
from wfm.service.need_reasons import LEVEL_OF
from wfm.service.people_needed import bare_heads

DRAWS = 400
LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
CHANCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_SMALLEST_SQUARE = 1e-6
_SMALLEST_MEAN = 0.04

Floats = NDArray[np.float64]
Heads = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What is expected on one live queue; all arrays of one length.

    Parameters
    ----------
    volume
        Expected contacts per interval, at least 0.
    rate_cv
        Standard deviation of the contact rate over its mean, at least 0.
    aht_s
        Expected handle time, s, above 0.
    """

    queue: Queue
    interval_s: int
    volume: Floats
    rate_cv: Floats
    aht_s: Floats


@dataclass(frozen=True, slots=True)
class Price:
    """Hours on queue for one point of a curve: `share` is the service level kept on average, or the chance of keeping the target."""

    share: float
    hours: float


def measurable(queue: Queue) -> bool:
    """Whether a queue has a waiting line with one contact at a time: telephone, or chat held singly."""
    return not queue.channel.deferred and not (queue.channel is Channel.CHAT and queue.concurrency > 1)


def chance_of_missing(expected: Expected, heads: Heads) -> Floats:
    """Probability that an interval misses the queue's target with so many people on queue; NaN where nobody is expected.

    Examples
    --------
    >>> queue = Queue("q", "Q", patience_s=180.0)
    >>> half_hour = Expected(queue, 1800, np.array([100.0]), np.array([0.1]), np.array([240.0]))
    >>> chance_of_missing(half_hour, np.array([14])).round(2).tolist()
    [0.77]
    """
    from scipy.special import betainc

    from wfm.erlang import rate_within_target

    is_open = expected.volume > 0
    found = np.full(len(expected.volume), np.nan)
    if not is_open.any():
        return found
    queue, mean = expected.queue, expected.volume[is_open]
    rate = rate_within_target(heads[is_open].astype(np.float64), expected.aht_s[is_open], queue.target, queue.patience_s or np.inf)
    most = np.floor(np.asarray(rate) * expected.interval_s + 1e-6)
    shape = 1.0 / np.maximum(expected.rate_cv[is_open] ** 2, _SMALLEST_SQUARE)
    found[is_open] = 1.0 - betainc(shape, most + 1.0, shape / (shape + mean))
    return found


def parts_of_spread(volume: Floats, rate_cv: Floats) -> tuple[float, float]:
    """The day's part `a` and the interval's part `b` of `rate_cv^2 = a + b / volume`, neither below 0.

    Examples
    --------
    >>> volume = np.array([5.0, 50.0])
    >>> [round(part, 4) for part in parts_of_spread(volume, np.sqrt(0.01 + 0.5 / volume))]
    [0.01, 0.5]
    """
    is_open = volume > 0
    if not is_open.any():
        return 0.0, 0.0
    inverse, square = 1.0 / np.maximum(volume[is_open], _SMALLEST_MEAN), rate_cv[is_open] ** 2
    spread = float(((inverse - inverse.mean()) ** 2).sum())
    own = float(((inverse - inverse.mean()) * (square - square.mean())).sum()) / spread if spread > 0 else 0.0
    own = max(own, 0.0)
    return max(float((square - own * inverse).mean()), 0.0), own


def levels_of_days(expected: Expected, heads: Heads, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Service levels over all contacts of a day, one per drawn day; shape (draws,). NaN where no contact came.

    Parameters
    ----------
    expected
        One day of a queue with a service level among its targets.
    draws, seed
        How many days are drawn, and from which stream of random numbers.
    """
    from wfm.erlang import erlang_a

    queue, is_open = expected.queue, expected.volume > 0
    count = _drawn_counts(expected.volume[is_open], expected.rate_cv[is_open], draws, np.random.default_rng(seed))
    rate = count / expected.interval_s
    staffed = np.broadcast_to(heads[is_open].astype(np.float64), rate.shape)
    measured = erlang_a(rate, expected.aht_s[is_open], staffed, queue.patience_s or np.inf, queue.target.awt_s)
    level = np.asarray(getattr(measured, LEVEL_OF[str(queue.target.definition)]), np.float64)
    total = count.sum(axis=1)
    kept = np.where(count > 0, np.nan_to_num(level) * count, 0.0).sum(axis=1)
    return np.asarray(np.where(total > 0, kept / np.maximum(total, 1.0), np.nan))


def _drawn_counts(volume: Floats, rate_cv: Floats, draws: int, generator: np.random.Generator) -> Floats:
    common, own = parts_of_spread(volume, rate_cv)
    rate = np.tile(volume, (draws, 1))
    if common > 0:
        rate *= generator.gamma(1.0 / common, common, (draws, 1))
    if own > 0:
        square = own / np.maximum(volume, _SMALLEST_MEAN)
        rate *= generator.gamma(1.0 / square, square, rate.shape)
    return generator.poisson(rate).astype(np.float64)


def chance_of_missing_span(expected: Sequence[Expected], heads: Sequence[Heads], draws: int = DRAWS, seed: int = 0) -> list[float]:
    """Probability that each day falls below its service level, and last that all of them together do, days being drawn apart.

    NaN for a day without contacts, and everywhere without a service level among the targets. Where days lie far from the forecast more
    often than its spread says, days miss more often than told (decision 0018).
    """
    level = expected[0].queue.target.level if expected else None
    if level is None:
        return [float("nan")] * (len(expected) + 1)
    volumes = np.array([day.volume.sum() for day in expected])
    days = [levels_of_days(day, on, draws, seed + k) for k, (day, on) in enumerate(zip(expected, heads, strict=True))]
    weight = np.where(np.isnan(days), 0.0, volumes[:, None])
    total = weight.sum(axis=0)
    together = np.where(total > 0, (np.nan_to_num(np.array(days)) * weight).sum(axis=0) / np.maximum(total, 1e-9), np.nan)
    return [_share_below(found, level) for found in (*days, together)]


def _share_below(levels: Floats, wanted: float) -> float:
    known = levels[~np.isnan(levels)]
    return float((known < wanted).mean()) if len(known) else float("nan")


def price_of_levels(expected: Expected, levels: Sequence[float] = LEVELS) -> tuple[Price, ...]:
    """Hours on queue that keep each service level on average over the volumes that may come."""
    return tuple(Price(level, _hours(expected, level, expected.rate_cv)) for level in levels)


def price_of_chances(expected: Expected, chances: Sequence[float] = CHANCES) -> tuple[Price, ...]:
    """Hours on queue that keep the whole target of every interval with each chance."""
    from wfm.erlang import required_with_probability

    queue, is_open = expected.queue, expected.volume > 0
    rate, cv, aht_s = expected.volume[is_open] / expected.interval_s, expected.rate_cv[is_open], expected.aht_s[is_open]
    patience_s = queue.patience_s or np.inf
    heads = [required_with_probability(rate, cv, aht_s, queue.target, patience_s, probability=chance) for chance in chances]
    return tuple(Price(chance, _head_hours(queue, on, expected.interval_s)) for chance, on in zip(chances, heads, strict=True))


def _hours(expected: Expected, level: float, rate_cv: Floats) -> float:
    is_open = expected.volume > 0
    queue = replace(expected.queue, target=replace(expected.queue.target, level=level))
    heads = bare_heads(queue, expected.volume[is_open] / expected.interval_s, expected.aht_s[is_open], rate_cv[is_open])
    return _head_hours(queue, heads, expected.interval_s)


def _head_hours(queue: Queue, heads: Heads, interval_s: int) -> float:
    return float(np.maximum(heads, queue.minimum_agents).sum()) * interval_s / 3600
