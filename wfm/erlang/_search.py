"""The smallest whole number that is enough, where every larger one is too."""

from __future__ import annotations

from collections.abc import Callable


def smallest_enough(enough: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest number above `low` that is enough: `high` is doubled until it is, then the gap is halved.

    Parameters
    ----------
    low
        A number that is not enough.
    high
        Where to begin, above `low` and at least 1.

    Examples
    --------
    >>> smallest_enough(lambda number: number * number >= 50, 0, 1)
    8
    """
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
