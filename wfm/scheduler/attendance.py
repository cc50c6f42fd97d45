"""Who should take part in an activity, and at which other times it could be: the cheapest by the exact rise of the objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wfm.domain.activities import Activity, Placed
from wfm.domain.roster import RosterProblem, Shift
from wfm.errors import InvalidInput
from wfm.scheduler.instance import Floats, Ints
from wfm.scheduler.placing import Board, price_absence

TRIED = 12


def cheapest_times(problem: RosterProblem, shifts: Sequence[Shift], activity: Activity, most: int = 5) -> tuple[Placed, ...]:
    """The cheapest times of an activity that do not overlap one another, cheapest first.

    Parameters
    ----------
    most
        How many at most.
    """
    board = Board(problem, shifts)
    starts = board.times(activity)
    costs, length = board.costs(activity, starts), activity.minutes // problem.grid.interval_minutes
    chosen: list[int] = []
    for i in np.lexsort((starts, np.round(costs, 9))):
        if len(chosen) < most and all(abs(int(starts[i]) - start) >= length for start in chosen):
            chosen.append(int(starts[i]))
    return tuple(board.at(activity, start) for start in chosen)


def cheapest_people(
    problem: RosterProblem, shifts: Sequence[Shift], activity: Activity, always: Sequence[str], count: int
) -> Activity | None:
    """The activity with those `count` of its people whom it hurts least, together at their best time; None where there is no such time.

    Everybody's absence is priced alone, the cheapest are chosen for each time, and the exact price of the best choices together decides.

    Parameters
    ----------
    activity
        Its people are those among whom to choose.
    always
        Ids of those who take part in any case, the trainer for one; they do not count.
    count
        How many to choose, at least 1.

    Raises
    ------
    InvalidInput
        When there are fewer to choose from.
    """
    some = [name for name in dict.fromkeys(activity.people) if name not in always]
    if not 1 <= count <= len(some):
        raise InvalidInput(f"there are {len(some)} people to choose from; choose between 1 and {len(some)}, got {count}")
    board = Board(problem, shifts)
    starts = board.starts(activity, always)
    if not len(starts):
        return None
    prices = _prices(board, some, starts, activity)
    order = np.argsort(prices, axis=0, kind="stable")[:count]
    sums = np.take_along_axis(prices, order, axis=0).sum(axis=0)
    best: tuple[float, Activity] | None = None
    for i in np.argsort(sums, kind="stable")[:TRIED]:
        if not np.isfinite(sums[i]):
            break
        named = replace(activity, people=(*always, *(some[k] for k in sorted(order[:, i]))))
        cost = float(board.costs(named, starts[i : i + 1])[0])
        if best is None or cost < best[0] - 1e-9:
            best = cost, named
    return best[1] if best else None


def _prices(board: Board, candidates: Sequence[str], starts: Ints, activity: Activity) -> Floats:
    """Price of each candidate's absence, by candidate and start; infinite where the candidate is not free."""
    length = activity.minutes // board.grid.interval_minutes
    touched = np.unique((starts[:, None] + np.arange(length)).ravel())
    of_kind: dict[int, Floats] = {}
    rows = []
    for name in candidates:
        k = board.number[name]
        kind = int(board.kind[k])
        if kind not in of_kind:
            free = touched[board.duty[board.kind == kind][:, touched].any(axis=0)]
            one = np.zeros(board.grid.count)
            price_absence(board.cover, board.kind[k : k + 1], free, board.split, board.scratch, board.paths, one)
            of_kind[kind] = np.concatenate([[0.0], np.cumsum(one)])
        present = np.concatenate([[0], np.cumsum(board.duty[k])])
        there = present[starts + length] - present[starts] == length
        rows.append(np.where(there, of_kind[kind][starts + length] - of_kind[kind][starts], np.inf))
    return np.array(rows)
