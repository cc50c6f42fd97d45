"""Paid time that is not spent on the queue, by activity and weekday."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from wfm import units
from wfm.errors import InvalidInput

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class ShrinkagePart:
    """One line of a shrinkage table.

    Parameters
    ----------
    activity
        What people do instead: "coaching", "sickness".
    share
        Share of paid time, in [0, 1).
    planned
        True where the planner places it, False where it befalls.
    weekdays
        Days of the week on which it counts, 0 for Monday; at least one.
    """

    activity: str
    share: float
    planned: bool = True
    weekdays: tuple[int, ...] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.activity.strip():
            raise InvalidInput("a line of the shrinkage table needs an activity, got a blank")
        units.share(f"shrinkage by {self.activity}", self.share, below_one=True)
        if not isinstance(self.planned, bool):
            raise InvalidInput(f"planned must be true or false for {self.activity}, got {self.planned!r}")
        check_weekdays(self.activity, self.weekdays)


def check_weekdays(what: str, weekdays: Iterable[int]) -> None:
    """Refuse a set of weekdays that is empty, has a day twice or a day outside 0 to 6."""
    days = [units.whole(f"a weekday of {what}", day) for day in weekdays]
    if not days or len(set(days)) < len(days) or max(days) > 6:
        raise InvalidInput(f"weekdays of {what} must be different numbers from 0 (Monday) to 6 (Sunday), got {days}")


def share_on(weekday: int, parts: Iterable[ShrinkagePart]) -> float:
    """Shrinkage of one weekday: `1 - (1 - p)(1 - u)` with the planned shares added to p and the unplanned ones to u.

    Worked out in fractions of the decimals that were written, so that 0.1 and 0.2 are 0.3 and the gross-up stays exact.

    Parameters
    ----------
    weekday
        0 for Monday.
    parts
        Lines of the table.

    Returns
    -------
    shrinkage
        Share of paid time, in [0, 1).

    Raises
    ------
    InvalidInput
        When nothing is left for the queue.

    Examples
    --------
    >>> share_on(0, [ShrinkagePart("coaching", 0.1), ShrinkagePart("breaks", 0.1), ShrinkagePart("sickness", 0.05, planned=False)])
    0.24
    """
    planned = unplanned = Fraction(0)
    for part in parts:
        if weekday in part.weekdays:
            share = Fraction(repr(float(part.share)))
            planned, unplanned = (planned + share, unplanned) if part.planned else (planned, unplanned + share)
    if planned >= 1 or unplanned >= 1:
        given = f"{float(planned):g} and {float(unplanned):g}"
        raise InvalidInput(f"planned and unplanned shrinkage must each add up to less than 1 on every weekday, got {given}")
    return float(1 - (1 - planned) * (1 - unplanned))
