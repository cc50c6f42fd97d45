"""Windows of the wall clock in which shifts start, or that they touch; they may run past midnight."""

from __future__ import annotations

from wfm import units
from wfm.errors import InvalidInput
from wfm.units import MINUTES_PER_DAY, clock


def starts_within(start_minutes: int, window: tuple[int, int]) -> bool:
    """Whether a shift that starts at `start_minutes` starts inside [first, end); a window that ends earlier runs past midnight.

    Examples
    --------
    >>> starts_within(1380, (1320, 360)), starts_within(300, (1320, 360)), starts_within(600, (1320, 360))
    (True, True, False)
    """
    first, end = window
    return first <= start_minutes < end if first < end else start_minutes >= first or start_minutes < end


def touches(start_minutes: int, end_minutes: int, window: tuple[int, int]) -> bool:
    """Whether a shift overlaps the window on its own day, the day before or the two days after.

    Examples
    --------
    >>> touches(960, 1440, (1380, 360)), touches(480, 960, (1380, 360)), touches(300, 780, (1380, 360))
    (True, False, True)
    """
    first, end = window
    length = (end - first) % MINUTES_PER_DAY or MINUTES_PER_DAY
    begins = range(first - MINUTES_PER_DAY, first + 3 * MINUTES_PER_DAY, MINUTES_PER_DAY)
    return any(begin < end_minutes and start_minutes < begin + length for begin in begins)


def said(window: tuple[int, int]) -> str:
    """The window as people read it."""
    return f"{clock(window[0])} to {clock(window[1])}"


def checked(name: str, minutes: int) -> None:
    """Refuses a clock time that does not lie inside a day."""
    if units.whole(name, minutes) > MINUTES_PER_DAY:
        raise InvalidInput(f"{name} must lie in 00:00 to 24:00, got {minutes} minutes")
