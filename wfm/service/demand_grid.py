"""People needed on the scheduler's grid: quarter hours of the organisation's clock, fractions of heads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from wfm.domain.staff import Agent, Contract
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput

GRID_MINUTES = 15

Floats = NDArray[np.float64]


def on_grid(grid: TimeGrid, start_s: NDArray[np.int64], interval_s: int, heads: Floats) -> Floats:
    """Mean heads over every interval of `grid`, whatever the length of the intervals that they were computed for.

    A half hour gives its heads to both quarters; three intervals of five minutes give their mean to one. Head-hours stay what they were.

    Parameters
    ----------
    start_s
        Start of the intervals, s since 1970 UTC, ascending.
    interval_s
        Their length, s.
    heads
        Heads in each.

    Raises
    ------
    InvalidInput
        When they do not reach over the whole grid.

    Examples
    --------
    >>> from datetime import date
    >>> grid = TimeGrid("UTC", date(2026, 6, 8), 1, 15)
    >>> half_hours = int(grid.begin.timestamp()) + 1800 * np.arange(48)
    >>> on_grid(grid, half_hours, 1800, np.arange(48.0))[:4].tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    begin, end = int(grid.begin.timestamp()), int(grid.end.timestamp())
    if not len(start_s) or start_s[0] > begin or start_s[-1] + interval_s < end:
        raise InvalidInput(f"people needed must reach over {grid.days} days from {grid.first_day}; forecast further ahead first")
    edges = np.append(start_s, start_s[-1] + interval_s)
    head_seconds = np.concatenate([[0.0], np.cumsum(heads) * interval_s])
    wanted = begin + grid.interval_s * np.arange(grid.count + 1)
    return np.asarray(np.round(np.diff(np.interp(wanted, edges, head_seconds)) / grid.interval_s, 6))


def planned_break_share(agents: Iterable[Agent], contracts: Iterable[Contract]) -> float:
    """Share of paid time that goes to paid breaks, over the agents' contracts; 0 without agents."""
    shares = {contract.id: _break_share(contract) for contract in contracts}
    found = [shares[agent.contract] for agent in agents]
    return sum(found) / len(found) if found else 0.0


def unplanned_share(shrinkage: float, planned: float) -> float:
    """What is left of a queue's shrinkage once the planned part is on the roster: `1 - (1 - shrinkage) / (1 - planned)`, at least 0.

    Shrinkage counts all paid time off the queue. Planned parts multiply with unplanned ones, as in `1 - (1 - p)(1 - u)`.

    Examples
    --------
    >>> round(unplanned_share(0.30, 0.0625), 4)
    0.2533
    """
    return float(_unplanned(np.array(shrinkage), planned))


def _unplanned(shrinkage: Floats, planned: float) -> Floats:
    return np.asarray(np.maximum(0.0, 1.0 - (1.0 - shrinkage) / (1.0 - planned)))


def for_roster(on_queue: Floats, shrinkage: float | Floats, planned: float) -> Floats:
    """Heads that the roster must put on queue so that `on_queue` sit there on an average day.

    The roster places breaks itself, so they are not asked for twice; absences, training and whatever else keeps people from the queue
    are. Fractions stay: the roster splits people over queues anyway, and rounding up every queue would add people whom nobody needs.
    """
    return np.round(on_queue / (1.0 - _unplanned(np.asarray(shrinkage, np.float64), planned)), 4)


def _break_share(contract: Contract) -> float:
    paid = sum(shape.paid_minutes for shape in contract.shifts)
    return sum(rule.minutes for shape in contract.shifts for rule in shape.breaks if rule.paid) / paid
