"""How likely a plan is to miss its target: by interval exactly, by day and week over drawn days. No database.

The volume of an interval is `Poisson(m S D E)`: `m` the forecast, `S`, `D`, `E` gamma factors common to the span, common to the day and the
interval's own. How wide they are was learned from the backtest's days (`wfm.forecast.day_spread`). Where a forecast came without one, the
squared coefficient of variation of the rate, `a + b / m`, is split into the day's `a` and the interval's `b / m`. An interval misses when
more contacts come than its heads can take within the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Channel, Queue
from wfm.service.need_reasons import LEVEL_OF
from wfm.service.people_needed import bare_heads

if TYPE_CHECKING:
    from wfm.forecast import DaySpread

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
    spread
        How far whole days lie from their forecast; None where it was not learned.
    """

    queue: Queue
    interval_s: int
    volume: Floats
    rate_cv: Floats
    aht_s: Floats
    spread: DaySpread | None = None


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


def chance_of_missing_span(expected: Sequence[Expected], heads: Sequence[Heads], draws: int = DRAWS, seed: int = 0) -> list[float]:
    """Probability that each day falls below its service level, and last that all of them together do.

    Days are drawn with an error of the level in common, as far as the backtest found one. NaN for a day without contacts, and
    everywhere without a service level among the targets.

    Parameters
    ----------
    expected, heads
        The days of one queue, and the people on queue on each.
    draws, seed
        How many spans are drawn, and from which stream of random numbers.
    """
    level = expected[0].queue.target.level if expected else None
    if level is None:
        return [float("nan")] * (len(expected) + 1)
    generator = np.random.default_rng(seed)
    spread = expected[0].spread
    level_error = _factor(0.0 if spread is None else spread.shared, (draws, 1), generator)
    days = [_served(day, on, level_error, generator) for day, on in zip(expected, heads, strict=True)]
    together = np.sum([kept for kept, _ in days], axis=0), np.sum([came for _, came in days], axis=0)
    return [_share_below(kept, came, level) for kept, came in (*days, together)]


def _served(expected: Expected, heads: Heads, level_error: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Contacts served in time, and contacts, of drawn days; both of shape (draws,)."""
    from wfm.erlang import erlang_a

    queue, is_open = expected.queue, expected.volume > 0
    if not is_open.any():
        return np.zeros(len(level_error)), np.zeros(len(level_error))
    count = _drawn_counts(expected, level_error, generator)
    slot, place = np.arange(count.shape[1]), count + 1e6 * np.arange(count.shape[1])
    _, first, back = np.unique(place, return_index=True, return_inverse=True)
    row, column = np.unravel_index(first, count.shape)
    rate, at = count[row, column] / expected.interval_s, slot[column]
    staffed, aht_s = heads[is_open].astype(np.float64)[at], expected.aht_s[is_open][at]
    measured = erlang_a(rate, aht_s, staffed, queue.patience_s or np.inf, queue.target.awt_s)
    level = np.nan_to_num(np.asarray(getattr(measured, LEVEL_OF[str(queue.target.definition)]), np.float64))[back].reshape(count.shape)
    return (level * count).sum(axis=1), count.sum(axis=1)


def _drawn_counts(expected: Expected, level_error: Floats, generator: np.random.Generator) -> Floats:
    """Contacts of the open intervals, shape (draws, intervals)."""
    volume = expected.volume[expected.volume > 0]
    if expected.spread is None:
        day, own = parts_of_spread(volume, expected.rate_cv[expected.volume > 0])
        common = 0.0
    else:
        day, common, own = expected.spread.day, expected.spread.common, expected.spread.own
    rate = volume * level_error * _factor(day, (len(level_error), 1), generator)
    square = common + own / np.maximum(volume, _SMALLEST_MEAN)
    return generator.poisson(rate * _factor(square, rate.shape, generator)).astype(np.float64)


def _factor(square: float | Floats, shape: tuple[int, int], generator: np.random.Generator) -> Floats:
    """Gamma factors of mean 1 and squared coefficient of variation `square`; 1 where that is next to nothing."""
    wide = np.maximum(square, _SMALLEST_SQUARE)
    return np.where(np.asarray(square) > _SMALLEST_SQUARE, generator.gamma(1.0 / wide, wide, shape), 1.0)


def _share_below(kept: Floats, came: Floats, wanted: float) -> float:
    known = came > 0
    return float((kept[known] / came[known] < wanted).mean()) if known.any() else float("nan")


def price_of_levels(expected: Expected, levels: Sequence[float] = LEVELS) -> tuple[Price, ...]:
    """Hours on queue that keep each service level over all contacts that may come, however the queue itself is planned."""
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
    queue = replace(expected.queue, target=replace(expected.queue.target, level=level, planned_by="call_weighted"))
    heads = bare_heads(queue, expected.volume[is_open] / expected.interval_s, expected.aht_s[is_open], rate_cv[is_open])
    return _head_hours(queue, heads, expected.interval_s)


def _head_hours(queue: Queue, heads: Heads, interval_s: int) -> float:
    return float(np.maximum(heads, queue.minimum_agents).sum()) * interval_s / 3600
