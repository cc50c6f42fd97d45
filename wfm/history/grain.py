"""How long the intervals of a file are, and the rows that do not fit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wfm.domain.timegrid import INTERVAL_MINUTES
from wfm.domain.wallclock import SECONDS_PER_DAY
from wfm.history.problems import ProblemList
from wfm.history.table import RawRows
from wfm.history.values import NO_OFFSET
from wfm.units import MINUTES_PER_DAY, clock

_BLOCK_DAYS = 28
_ENOUGH_STEPS = 16
_MOSTLY = 0.9

Ints = npt.NDArray[np.int64]


def detect_interval(raw: RawRows) -> int | None:
    """The most common step between the rows of a queue within a day, minutes; 1440 for one row at midnight a day; None when there is no
    telling.

    Rows of quiet intervals may be left out: one interval remains the most common step.
    """
    steps = _Steps.of(raw)
    counts = {minutes: int((steps.step == minutes * 60).sum()) for minutes in INTERVAL_MINUTES}
    if any(counts.values()):
        return max(counts, key=lambda minutes: counts[minutes])
    daily = raw.wall.size and not (raw.wall % SECONDS_PER_DAY).any()
    return MINUTES_PER_DAY if daily and not (steps.step > 0).any() else None


def check_grain(raw: RawRows, interval_minutes: int, problems: ProblemList, column: str) -> frozenset[int]:
    """Find queues with intervals of another length, and single rows off the grid; the result holds these queues' indexes."""
    mixed = _mixed_blocks(raw, interval_minutes, problems, column)
    off = (raw.wall % (interval_minutes * 60)) != 0
    off &= ~mixed
    for i in problems.find_room(np.flatnonzero(off).tolist()):
        at = clock(int(raw.wall[i] % SECONDS_PER_DAY) // 60)
        problems.add(int(raw.line[i]), column, f"must stand on the grid of {interval_minutes} minutes that the other rows use, got {at}")
    return frozenset(np.unique(raw.queue[mixed]).tolist())


class _Steps:
    """Rows sorted by queue and time, and the step from each to the next of the same queue and day (0 where there is none)."""

    def __init__(self, order: Ints, step: Ints, block: Ints) -> None:
        self.order, self.step, self.block = order, step, block

    @classmethod
    def of(cls, raw: RawRows) -> _Steps:
        time = np.where(raw.offset == NO_OFFSET, raw.wall, raw.wall - raw.offset)
        order = np.lexsort((time, raw.queue))
        queue, wall = raw.queue[order], time[order]
        day = wall // SECONDS_PER_DAY
        together = (queue[1:] == queue[:-1]) & (day[1:] == day[:-1])
        step = np.append(np.where(together, wall[1:] - wall[:-1], 0), np.zeros(min(1, wall.size), dtype=np.int64))
        block = queue.astype(np.int64) * 1_000_000 + day // _BLOCK_DAYS
        return cls(order, step, block)


def _mixed_blocks(raw: RawRows, interval_minutes: int, problems: ProblemList, column: str) -> npt.NDArray[np.bool_]:
    """Four weeks of a queue that move by another step, hardly ever by the file's: one problem for each queue and step."""
    steps = _Steps.of(raw)
    blocks, block = np.unique(steps.block, return_inverse=True)
    own = np.bincount(block, steps.step == interval_minutes * 60, blocks.size)
    moved = np.bincount(block, steps.step > 0, blocks.size)
    mixed = np.zeros(raw.wall.size, dtype=np.bool_)
    told = set()
    for minutes in (*INTERVAL_MINUTES, 2 * 60):
        if minutes == interval_minutes:
            continue
        other = np.bincount(block, steps.step == minutes * 60, blocks.size)
        for b in np.flatnonzero((other >= _ENOUGH_STEPS) & (other >= _MOSTLY * moved) & (own <= (1 - _MOSTLY) * moved)):
            rows = steps.order[block == b]
            mixed[rows] = True
            name = raw.queues[int(raw.queue[rows[0]])]
            if (name, minutes) not in told:
                told.add((name, minutes))
                got = f"got {minutes} minutes for queue {name!r} from here and {interval_minutes} minutes elsewhere"
                problems.add(int(raw.line[rows].min()), column, f"all intervals must be equally long, {got}; upload them as separate files")
    return mixed
