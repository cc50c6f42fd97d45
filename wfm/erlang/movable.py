"""Movable work laid into a day: outbound and follow-up contacts that are due by a time, done where it costs the fewest people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm import units
from wfm.erlang._inputs import Floats, mask, numbers
from wfm.erlang.staffing import Heads
from wfm.errors import InvalidInput, UnreachableTarget

_SLIGHTLY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class MovablePlan:
    """Where movable work is done.

    Parameters
    ----------
    heads
        People on each piece of work by interval, int64, shape (pieces, intervals).
    added
        Their sum by interval: what is added to the people that the waiting line needs.
    done_by
        Intervals from the start after which each piece is finished; 0 without work.
    beyond
        Head-intervals above the people who are there anyway.
    """

    heads: Heads
    added: Heads
    done_by: NDArray[np.int64]
    beyond: int


def spread_movable(
    required: ArrayLike,
    work_s: ArrayLike,
    windows: Sequence[tuple[int, int]],
    interval_s: float = 900.0,
    *,
    available: ArrayLike | None = None,
    is_open: ArrayLike = True,
) -> MovablePlan:
    """Lay every piece of work into its window where it adds the least to the people needed.

    First the fewest head-intervals above `available`; among those plans the lowest total, peaks counted most: the sum of every convex
    cost of `required + added` is smallest. Heads are placed one at a time by the cheapest chain of moves, which is exact for convex
    costs over windows (a polymatroid; Federgruen and Groenevelt 1986).

    Parameters
    ----------
    required
        People that waiting lines need by interval, whole, at least 0.
    work_s
        Work of each piece, s, at least 0; a last part of an interval counts as a whole one.
    windows
        First interval and the interval after the last one of each piece.
    interval_s
        Length of an interval, s, above 0.
    available
        People who are there anyway by interval, whole; None for nobody beyond those required.
    is_open
        Booleans by interval: may work be done?

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        When a piece of work has no interval in which it can be done.

    Examples
    --------
    >>> plan = spread_movable([5, 9, 6, 4], [3600], [(0, 3)])
    >>> plan.added.tolist(), plan.done_by.tolist()
    ([3, 0, 1, 0], [3])
    """
    base = numbers("required", required, at_least=0, at_most=1e6, whole=True)
    if base.ndim != 1:
        raise InvalidInput(f"required must be a row with one entry for each interval, got shape {base.shape}")
    spare = np.zeros_like(base) if available is None else numbers("available", available, at_least=0, at_most=1e6, whole=True)
    if spare.shape != base.shape:
        raise InvalidInput(f"available must have one entry for each of {base.size} intervals, got shape {spare.shape}")
    pieces = np.atleast_1d(numbers("work_s", work_s, at_least=0))
    count = np.ceil(pieces / units.positive("interval_s", interval_s) - _SLIGHTLY).astype(np.int64)
    numbers("head-intervals of movable work", count.sum(), at_most=1e6)
    opened = mask("is_open", is_open)
    if opened.shape not in ((), base.shape):
        raise InvalidInput(f"is_open must have one entry for each of {base.size} intervals, got shape {opened.shape}")
    allowed = _allowed(windows, pieces, np.broadcast_to(opened, base.shape))
    heads = _placed(base, spare, count, allowed)
    added = heads.sum(axis=0)
    last = [int(np.flatnonzero(row)[-1]) + 1 if row.any() else 0 for row in heads]
    beyond = np.maximum(added - np.maximum(spare - base, 0), 0).sum()
    return MovablePlan(heads, added, np.array(last, dtype=np.int64), int(beyond))


def _allowed(windows: Sequence[tuple[int, int]], pieces: Floats, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if len(windows) != pieces.size:
        raise InvalidInput(f"windows must have one entry for each of {pieces.size} pieces of work, got {len(windows)}")
    allowed = np.zeros((pieces.size, opened.size), dtype=np.bool_)
    for row, (begin, end) in enumerate(windows):
        first, last = units.whole("begin of a window", begin), units.whole("end of a window", end)
        allowed[row, first:last] = opened[first:last]
        if pieces[row] > 0 and not allowed[row].any():
            raise UnreachableTarget(f"piece {row + 1} of movable work has no open interval between {begin} and {end} of {opened.size}")
    return allowed


def _placed(base: Floats, spare: Floats, count: NDArray[np.int64], allowed: NDArray[np.bool_]) -> Heads:
    heads, level = np.zeros(allowed.shape, dtype=np.int64), base.astype(np.int64)
    # one key orders the costs: above what is there anyway first, then the level reached
    step = int(level.max(initial=0) + count.sum() + 1)
    price = level + np.where(level >= spare, step, 0)
    for piece in np.repeat(np.arange(len(count)), count).tolist():
        to = _place_one(piece, price, heads, allowed)
        level[to] += 1
        price[to] = level[to] + (step if level[to] >= spare[to] else 0)
    return heads


def _place_one(piece: int, price: Heads, heads: Heads, allowed: NDArray[np.bool_]) -> int:
    """Place one head of `piece`: directly, or where another piece makes room by moving to the cheapest interval that can be reached."""
    come_from, queue = {piece: (-1, -1)}, [piece]
    for here in queue:
        for other in np.flatnonzero((heads[:, allowed[here]] > 0).any(axis=1)).tolist():
            if other not in come_from:
                come_from[other] = (here, int(np.argmax(allowed[here] & (heads[other] > 0))))
                queue.append(other)
    reached = allowed[queue].any(axis=0)
    best = to = int(np.argmin(np.where(reached, price, np.iinfo(np.int64).max)))
    here = next(one for one in queue if allowed[one, to])
    while True:
        heads[here, to] += 1
        before, shared = come_from[here]
        if before < 0:
            return best
        heads[here, shared] -= 1
        here, to = before, shared
