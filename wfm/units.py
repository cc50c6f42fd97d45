"""Units and the checks of bounds that every room shares.

Durations are seconds, shares lie in [0, 1], counts are whole; people read minutes, hours and per cent only at the edge.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from wfm.errors import InvalidInput

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3_600
MINUTES_PER_DAY = 1_440


def real(name: str, value: Any) -> float:
    """`value` as a float, refusing booleans, text, NaN and infinities.

    Parameters
    ----------
    name
        What the number stands for, used in the message.
    value
        Any real number.

    Raises
    ------
    InvalidInput
        When `value` is not a finite real number.

    Examples
    --------
    >>> real("aht_s", 240)
    240.0
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidInput(f"{name} must be a finite number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        raise InvalidInput(f"{name} must fit a float, got a number of {len(str(value))} digits") from None
    if not math.isfinite(number):
        raise InvalidInput(f"{name} must be a finite number, got {value!r}")
    return number


def positive(name: str, value: Any) -> float:
    """`value` as a float above 0.

    Examples
    --------
    >>> positive("patience_s", 180)
    180.0
    """
    number = real(name, value)
    if number <= 0:
        raise InvalidInput(f"{name} must be above 0, got {value!r}")
    return number


def not_negative(name: str, value: Any) -> float:
    """`value` as a float of at least 0.

    Examples
    --------
    >>> not_negative("volume", 0)
    0.0
    """
    number = real(name, value)
    if number < 0:
        raise InvalidInput(f"{name} must be at least 0, got {value!r}")
    return number


def share(name: str, value: Any, *, below_one: bool = False, above_zero: bool = False) -> float:
    """`value` as a share in [0, 1]; the ends can be shut out.

    Examples
    --------
    >>> share("shrinkage", 0.3, below_one=True)
    0.3
    """
    number = real(name, value)
    low = number > 0 if above_zero else number >= 0
    high = number < 1 if below_one else number <= 1
    if low and high:
        return number
    allowed = f"{'(' if above_zero else '['}0, 1{')' if below_one else ']'}"
    hint = f"; write {number / 100:.2f}" if 1 < number <= 100 else ""
    raise InvalidInput(f"{name} must be in {allowed}, got {value!r}{hint}")


def whole(name: str, value: Any, *, at_least: int = 0) -> int:
    """`value` as an int of at least `at_least`, refusing booleans and fractions.

    Examples
    --------
    >>> whole("days", 7, at_least=1)
    7
    """
    number = real(name, value)
    if number != int(number) or number < at_least:
        raise InvalidInput(f"{name} must be a whole number of at least {at_least}, got {value!r}")
    return int(number)


def clock(minutes: int) -> str:
    """Minutes after local midnight as HH:MM, counting on past 24:00.

    Examples
    --------
    >>> clock(1830)
    '30:30'
    """
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_minutes(text: str) -> int:
    """HH:MM (00:00 to 48:00) as minutes after local midnight.

    Examples
    --------
    >>> clock_minutes("30:30")
    1830
    """
    hours, colon, minutes = str(text).partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2 and int(minutes) < 60):
        raise InvalidInput(f"a clock time must read HH:MM, got {text!r}")
    total = int(hours) * 60 + int(minutes)
    if total > 2 * MINUTES_PER_DAY:
        raise InvalidInput(f"a clock time must lie in 00:00 to 48:00, got {text!r}")
    return total
