"""How shifts cover what is needed: the best fractional split of the people on duty over the queues, interval by interval.

One linear programme in all, with a block for each interval. `x` are heads of a kind (people with the same queues and speeds) on a queue:

    minimise  sum under_cost * missing + over_cost * spare
    heads     sum over queues of x + spare = on duty            for each kind and interval
    needed    sum over kinds of speed * x + missing = required  for each queue and interval

as `roster-format` defines the objective. It shares nothing with the scheduler's own split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.timegrid import TimeGrid
from wfm.errors import Unavailable

Floats = NDArray[np.float64]
Kind = tuple[tuple[str, float], ...]
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What the split gives; arrays over the intervals of the problem's grid.

    Parameters
    ----------
    missing
        Heads short by queue.
    served
        Heads on queue by queue, speeds counted; `served + missing` is what is required.
    spare
        Heads on duty that no queue needs.
    on_duty
        People at work and not on a break.
    cost
        Price of missing and spare head-hours.
    """

    missing: Mapping[str, Floats]
    served: Mapping[str, Floats]
    spare: Floats
    on_duty: Floats
    cost: float


def cover(problem: RosterProblem, shifts: Iterable[Shift], intervals: Sequence[int] | None = None) -> Coverage:
    """Split the people of `shifts` over the queues as well as can be.

    Parameters
    ----------
    shifts
        Shifts of the problem's agents; what lies outside the horizon counts for nothing.
    intervals
        Only these intervals, ascending; None for all. The arrays of the result then have their length.
    """
    chosen = np.arange(problem.grid.count) if intervals is None else np.asarray(intervals, np.int64)
    duty = {kind: rows[chosen] for kind, rows in duty_by_kind(problem, shifts).items()}
    required = np.array([[part.required[t] for t in chosen.tolist()] for part in problem.requirements]).reshape(-1, len(chosen))
    spare, missing = _solved(problem, list(duty.items()), required)
    hours = problem.grid.interval_s / units.SECONDS_PER_HOUR
    under = np.array([part.under_cost for part in problem.requirements])
    return Coverage(
        missing={part.queue: missing[q] for q, part in enumerate(problem.requirements)},
        served={part.queue: required[q] - missing[q] for q, part in enumerate(problem.requirements)},
        spare=spare,
        on_duty=np.sum(list(duty.values()), axis=0) if duty else np.zeros(len(chosen)),
        cost=float((under @ missing).sum() + problem.over_cost * spare.sum()) * hours,
    )


def duty_by_kind(problem: RosterProblem, shifts: Iterable[Shift]) -> dict[Kind, Floats]:
    """People on duty by kind and interval: at work, not on a break, not in a fixed activity.

    Parts of an interval count as parts, except that a fixed activity takes every interval that it touches.
    """
    known = {part.queue for part in problem.requirements}
    found: dict[Kind, Floats] = {}
    for shift in shifts:
        agent = problem.agent_of[shift.agent]
        kind = tuple(sorted((queue, speed) for queue, speed in agent.queues.items() if queue in known))
        rows = found.setdefault(kind, np.zeros(problem.grid.count))
        _add(rows, problem.grid, shift.start, shift.end, 1.0)
        for pause in shift.breaks:
            _add(rows, problem.grid, pause.start, pause.end, -1.0)
        for fixed in agent.fixed:
            _add(rows, problem.grid, *_touched(problem.grid, max(fixed.start, shift.start), min(fixed.end, shift.end)), -1.0)
    return {kind: np.maximum(rows, 0.0) for kind, rows in found.items()}


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


def _solved(problem: RosterProblem, duty: list[tuple[Kind, Floats]], required: Floats) -> tuple[Floats, Floats]:
    """Spare heads over all kinds (T), and missing heads (queues, T)."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    count = required.shape[1]
    place = {part.queue: q for q, part in enumerate(problem.requirements)}
    arcs = [(k, place[queue], speed) for k, (kind, _) in enumerate(duty) for queue, speed in kind]
    if not arcs:
        idle = np.sum([rows for _, rows in duty], axis=0) if duty else np.zeros(count)
        return np.asarray(idle), required
    kinds, queues = len(duty), len(required)
    # Columns: arcs, then spare by kind, then missing by queue, each over all intervals.
    heads = np.array([rows for _, rows in duty])
    step = np.arange(count)
    row_of = [np.concatenate([k * count + step, (kinds + q) * count + step]) for k, q, _ in arcs]
    column_of = [np.tile(a * count + step, 2) for a in range(len(arcs))]
    value_of = [np.repeat([1.0, speed], count) for *_, speed in arcs]
    slack = np.arange((kinds + queues) * count)
    rows, columns = np.concatenate([*row_of, slack]), np.concatenate([*column_of, len(arcs) * count + slack])
    matrix = coo_array((np.concatenate([*value_of, np.ones(len(slack))]), (rows, columns))).tocsr()
    price = np.concatenate([
        np.zeros(len(arcs) * count),
        np.full(kinds * count, problem.over_cost),
        np.repeat([part.under_cost for part in problem.requirements], count),
    ])  # fmt: skip
    answer: Any = linprog(price, A_eq=matrix, b_eq=np.concatenate([heads.ravel(), required.ravel()]), method="highs")  # type: ignore[call-overload]
    if answer.status != 0:
        raise Unavailable(f"the split of people over queues could not be computed: {answer.message}")
    left = np.where(answer.x < _TINY, 0.0, answer.x)[len(arcs) * count :]
    return left[: kinds * count].reshape(kinds, count).sum(axis=0), left[kinds * count :].reshape(queues, count)
