"""How shifts cover what is needed: the best split of the people on duty over the queues, as the checker has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.timegrid import TimeGrid

if TYPE_CHECKING:
    from wfm.scheduler.split import Kind

Floats = NDArray[np.float64]
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What the split gives; arrays over the intervals of the problem's grid.

    Parameters
    ----------
    missing
        Heads short by queue.
    served
        Heads on queue by queue, speeds counted; `served + missing` is what is needed, minima included.
    spare
        Heads on duty that no queue needs.
    on_duty
        People at work and not on a break.
    cost
        Price of missing and spare head-hours, of minima that are not met, and of time on secondary queues.
    spare_of
        The spare heads by queue: each among the queues that the person may take, in proportion to what these need.
    """

    missing: Mapping[str, Floats]
    served: Mapping[str, Floats]
    spare: Floats
    on_duty: Floats
    cost: float
    spare_of: Mapping[str, Floats] = field(default_factory=dict)


def cover(problem: RosterProblem, shifts: Iterable[Shift], intervals: Sequence[int] | None = None) -> Coverage:
    """Split the people of `shifts` over the queues as well as can be.

    Parameters
    ----------
    shifts
        Shifts of the problem's agents; what lies outside the horizon counts for nothing.
    intervals
        Only these intervals, ascending; None for all. The arrays of the result then have their length.
    """
    from wfm.scheduler.split import best_split

    chosen = np.arange(problem.grid.count) if intervals is None else np.asarray(intervals, np.int64)
    by_kind = duty_by_kind(problem, shifts)
    staff = np.array(list(by_kind.values())).reshape(-1, problem.grid.count)[:, chosen]
    split = best_split(problem, tuple(by_kind), staff, chosen.tolist())
    missing = _without_dust(split.missing)
    return Coverage(
        missing={part.queue: missing[q] for q, part in enumerate(problem.requirements)},
        served={part.queue: np.array(part.needed)[chosen] - missing[q] for q, part in enumerate(problem.requirements)},
        spare=_without_dust(split.unused).sum(axis=0),
        on_duty=staff.sum(axis=0),
        cost=sum(split.costs(problem)),
        spare_of=_spare_of(problem, tuple(by_kind), _without_dust(split.unused), chosen),
    )


def _spare_of(problem: RosterProblem, kinds: Sequence[Kind], unused: Floats, chosen: NDArray[np.int64]) -> dict[str, Floats]:
    needed = np.array([part.needed for part in problem.requirements]).reshape(-1, problem.grid.count)[:, chosen]
    found = np.zeros(needed.shape)
    for kind, heads in zip(kinds, unused, strict=True):
        mine = sorted({served.queue for served in kind})
        total = needed[mine].sum(axis=0)
        found[mine] += heads * np.where(total > 0, needed[mine] / np.maximum(total, _TINY), 1.0 / max(len(mine), 1))
    return {part.queue: found[q] for q, part in enumerate(problem.requirements)}


def _without_dust(heads: Floats) -> Floats:
    return np.where(heads < _TINY, 0.0, heads)


def duty_by_kind(problem: RosterProblem, shifts: Iterable[Shift]) -> dict[Kind, Floats]:
    """People on duty by kind and interval: at work, not on a break, not in a fixed activity; a licence that runs out changes the kind.

    Parts of an interval count as parts, except that a fixed activity takes every interval that it touches.
    """
    from wfm.scheduler.split import served_by

    found: dict[Kind, Floats] = {}
    for name, rows in duty_by_agent(problem, shifts).items():
        for day, (first, last) in zip(problem.grid.dates, problem.grid.day_bounds, strict=True):
            if rows[first:last].any():
                kind = served_by(problem, problem.agent_of[name], day)
                found.setdefault(kind, np.zeros(problem.grid.count))[first:last] += np.maximum(rows[first:last], 0.0)
    return found


def duty_by_agent(problem: RosterProblem, shifts: Iterable[Shift]) -> dict[str, Floats]:
    """How much of every interval each person with a shift is on duty; below 0 where a break and an activity meet."""
    found: dict[str, Floats] = {}
    for shift in shifts:
        agent = problem.agent_of[shift.agent]
        rows = found.setdefault(shift.agent, np.zeros(problem.grid.count))
        _add(rows, problem.grid, shift.start, shift.end, 1.0)
        for pause in shift.breaks:
            _add(rows, problem.grid, pause.start, pause.end, -1.0)
        for fixed in agent.fixed:
            _add(rows, problem.grid, *_touched(problem.grid, max(fixed.start, shift.start), min(fixed.end, shift.end)), -1.0)
    return found


def _touched(grid: TimeGrid, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The whole intervals that a span touches."""
    step = timedelta(seconds=grid.interval_s)
    return grid.begin + step * int(grid.position(start) // 1), grid.begin + step * int(-(-grid.position(end) // 1))


def _add(rows: Floats, grid: TimeGrid, start: datetime, end: datetime, heads: float) -> None:
    first, last = max(grid.position(start), 0.0), min(grid.position(end), float(grid.count))
    a, b = int(first), int(-(-last // 1))
    if a >= b or first >= last:
        return
    rows[a:b] += heads
    rows[a] -= heads * (first - a)
    rows[b - 1] -= heads * (b - last)
