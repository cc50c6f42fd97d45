"""Where the breaks of a shift hurt least."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from wfm.domain.roster import Break
from wfm.domain.staff import Contract, ShiftShape

_NUDGE = 1e-6  # per interval away from the middle of the window: decides between places that cost the same


def place_breaks(contract: Contract, shape: ShiftShape, start: datetime, step_minutes: int, worth: Sequence[float]) -> tuple[Break, ...]:
    """The breaks of a shift, inside their windows and with the least stretch of work around them, where the time lost is worth least.

    Parameters
    ----------
    start
        Start of the shift, UTC.
    step_minutes
        Breaks start on this grid, counted from the shift's start.
    worth
        What the person is worth on queue in every interval of the shift; length `shape.minutes / step_minutes`.

    Returns
    -------
    tuple of Break
        In order of the day; where no place keeps every rule, each break at the earliest that its window allows.
    """
    due = sorted(shape.breaks, key=lambda rule: rule.earliest_minutes)
    stretch = -(-contract.min_work_stretch_minutes // step_minutes)
    length = shape.minutes // step_minutes
    sums = [0.0]
    for value in worth:
        sums.append(sums[-1] + value)

    @cache
    def best(number: int, free_from: int) -> tuple[float, tuple[int, ...]]:
        if number == len(due):
            return (0.0, ()) if free_from + stretch <= length else (float("inf"), ())
        rule = due[number]
        found: tuple[float, tuple[int, ...]] = (float("inf"), ())
        lasts, middle = -(-rule.minutes // step_minutes), (rule.earliest_minutes + rule.latest_minutes) / 2 / step_minutes
        first = max(-(-rule.earliest_minutes // step_minutes), free_from + stretch)
        for at in range(first, min(rule.latest_minutes // step_minutes, length - lasts) + 1):
            rest, places = best(number + 1, at + lasts)
            found = min(found, (sums[at + lasts] - sums[at] + _NUDGE * abs(at - middle) + rest, (at, *places)))
        return found

    places = best(0, 0)[1] or tuple(rule.earliest_minutes // step_minutes for rule in due)
    begins = [start + timedelta(minutes=at * step_minutes) for at in places]
    return tuple(Break(begin, begin + timedelta(minutes=rule.minutes), rule.paid) for begin, rule in zip(begins, due, strict=True))
