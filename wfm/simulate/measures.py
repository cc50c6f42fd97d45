"""From counts to measures, with the confidence that the replications give."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.errors import InvalidInput

Array = NDArray[np.float64]
NORMAL_95 = 1.959963984540054

COLUMNS = ("offered", "answered", "in_time", "abandoned", "short", "wait_answered_s", "wait_all_s", "handle_s", "waited")
_COLUMN = {name: position for position, name in enumerate(COLUMNS)}
_PARTS = {
    "service_level": (("in_time",), ("offered",)),
    "service_level_of_answered": (("in_time",), ("answered",)),
    "service_level_excluding_short_abandons": (("in_time",), ("offered", "-short")),
    "service_level_counting_short_abandons": (("in_time", "short"), ("offered",)),
    "abandon_probability": (("abandoned",), ("offered",)),
    "wait_probability": (("waited",), ("offered",)),
    "asa_s": (("wait_answered_s",), ("answered",)),
    "mean_wait_s": (("wait_all_s",), ("offered",)),
    "aht_s": (("handle_s",), ("answered",)),
}
LEVEL_OF = {
    "offered": "service_level",
    "answered": "service_level_of_answered",
    "excluding_short_abandons": "service_level_excluding_short_abandons",
    "counting_short_abandons": "service_level_counting_short_abandons",
}
MEASURES = (*_PARTS, "occupancy")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A simulated figure: its mean and the half width of its 95 % confidence interval (0 for one replication)."""

    mean: float
    half_width: float

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return self.half_width / NORMAL_95


@dataclass(frozen=True)
class SimulationResult:
    """Counts of every replication, and the measures made of them.

    Parameters
    ----------
    queues
        Ids, in the order of the counts.
    counts
        Sums by replication, queue, interval of arrival and column of `COLUMNS`.
    busy_s, duty_s
        Seconds spent handling and seconds on queue, by replication (busy only), agent group and interval.
    levels, definitions
        Target service level (NaN for none) and its definition, by queue.
    warm_up
        Intervals at the start that no measure counts.
    """

    queues: tuple[str, ...]
    counts: Array
    busy_s: Array
    duty_s: Array
    levels: Array
    definitions: tuple[str, ...]
    warm_up: int = 0

    @property
    def replications(self) -> int:
        """Number of replications."""
        return len(self.counts)

    def measure(self, name: str, queue: str | Collection[str] | None = None, intervals: Sequence[int] | None = None) -> Estimate:
        """One measure over queues and intervals.

        Parameters
        ----------
        name
            One of `MEASURES`.
        queue
            Id of the queue, or ids of several that are taken together (all of a language); None for all.
        intervals
            Positions; None for all after the warm-up.

        Raises
        ------
        InvalidInput
            When there is no such measure or queue.
        """
        if name not in MEASURES:
            raise InvalidInput(f"measure must be one of {', '.join(MEASURES)}, got {name!r}")
        chosen = np.arange(self.warm_up, self.counts.shape[2]) if intervals is None else np.asarray(intervals, dtype=int)
        if name == "occupancy":
            duty = np.full(self.replications, self.duty_s[:, chosen].sum())
            return _ratio(self.busy_s[:, :, chosen].sum(axis=(1, 2)), duty)
        chosen_queues = self.queues if queue is None else (queue,) if isinstance(queue, str) else tuple(queue)
        rows = [self._position(one) for one in chosen_queues]
        cells = self.counts[:, rows][:, :, chosen].sum(axis=(1, 2))
        over, under = _PARTS[name]
        return _ratio(_added(cells, over), _added(cells, under))

    def target_level(self, queue: str) -> Estimate:
        """The service level of a queue as its own target defines it."""
        return self.measure(LEVEL_OF[self.definitions[self._position(queue)]], queue)

    def miss_probability(self, queue: str, intervals: Sequence[int] | None = None) -> Estimate:
        """Share of replications in which the contacts of these intervals together miss the target service level of the queue.

        Replications without a contact there keep the promise.
        """
        position = self._position(queue)
        chosen = np.arange(self.warm_up, self.counts.shape[2]) if intervals is None else np.asarray(intervals, dtype=int)
        level = self._levels(position, self.counts[:, position, chosen].sum(axis=1))
        missed = (level < self.levels[position]).astype(float)
        return Estimate(float(missed.mean()), NORMAL_95 * float(missed.std()) / np.sqrt(len(missed)))

    def miss_by_interval(self, queue: str) -> Array:
        """`miss_probability` of every interval by itself; shape (intervals)."""
        position = self._position(queue)
        level = self._levels(position, self.counts[:, position])
        missed: Array = (level < self.levels[position]).mean(axis=0)
        return missed

    def service_level_by_interval(self, queue: str) -> Array:
        """Mean service level over the contacts of each interval; shape (intervals), 1 where nobody called."""
        position = self._position(queue)
        return self._levels(position, self.counts[:, position].sum(axis=0))

    def _position(self, queue: str) -> int:
        if queue not in self.queues:
            raise InvalidInput(f"queue must be one of {', '.join(self.queues)}, got {queue!r}")
        return self.queues.index(queue)

    def _levels(self, position: int, cells: Array) -> Array:
        over, under = _PARTS[LEVEL_OF[self.definitions[position]]]
        total = _added(cells, under)
        level: Array = np.where(total > 0, _added(cells, over) / np.maximum(total, 1e-300), 1.0)
        return level


def _added(cells: Array, names: tuple[str, ...]) -> Array:
    total: Array = np.zeros(cells.shape[:-1])
    for name in names:
        total = total - cells[..., _COLUMN[name[1:]]] if name.startswith("-") else total + cells[..., _COLUMN[name]]
    return total


def _ratio(over: Array, under: Array) -> Estimate:
    """Ratio of two means over replications; its error by the delta method."""
    if under.sum() == 0:
        return Estimate(0.0, 0.0)
    ratio = over.sum() / under.sum()
    if len(over) < 2:
        return Estimate(float(ratio), 0.0)
    spread = np.std(over - ratio * under, ddof=1) / under.mean() / np.sqrt(len(over))
    return Estimate(float(ratio), float(NORMAL_95 * spread))
