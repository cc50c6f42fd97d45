"""Level shifts: days on which the level jumped and stayed, such as a changed routing."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wfm.forecast.grid import FloatArray, IntArray

WINDOW_DAYS = 21
LEAST_SEEN = 7
LEAST_JUMP = 0.4
LEAST_SIGNAL = 5.0
SPREAD_OF_MEDIAN_DEVIATION = 1.4826


def find_steps(log_total: FloatArray, weekday: IntArray) -> list[int]:
    """Rows on which a lasting jump begins, ascending.

    A jump is the difference of the medians of the three weeks after and before, less what either side drifts by itself; it counts
    from 0.4 on the log scale (a factor of 1.5) and five standard errors.

    Parameters
    ----------
    log_total
        Log of ordinary days' totals, NaN for days without one; length D.
    weekday
        0 to 6, length D.

    Examples
    --------
    >>> find_steps(np.repeat([1.0, 2.0], 50), np.arange(100) % 7)
    [50]
    """
    if len(log_total) < 2 * WINDOW_DAYS:
        return []
    level = log_total - _weekday_effects(log_total, weekday)[weekday]
    rows = _worth_a_look(level)
    if not len(rows):
        return []
    windows = sliding_window_view(level, WINDOW_DAYS)
    before, after = windows[rows - WINDOW_DAYS], windows[rows]
    seen = np.minimum(_count(before), _count(after))
    jump = np.abs(_median(after) - _median(before)) - _drift(before) - _drift(after)
    error = _spread(before, after) / np.sqrt(seen / 2)
    found = np.flatnonzero((jump > LEAST_JUMP) & (jump > LEAST_SIGNAL * error))
    best_first = rows[found[np.argsort(-jump[found], kind="stable")]]
    return sorted(_sharpen(level, row) for row in _apart(best_first))


def _worth_a_look(level: FloatArray) -> IntArray:
    """Rows with enough days on both sides whose means differ at all."""
    mean, seen = _window_means(level)
    before, after = slice(None, -WINDOW_DAYS), slice(WINDOW_DAYS, None)
    enough = np.minimum(seen[before], seen[after]) >= LEAST_SEEN
    return np.flatnonzero(enough & (np.abs(mean[after] - mean[before]) > LEAST_JUMP / 2)) + WINDOW_DAYS


def _window_means(level: FloatArray) -> tuple[FloatArray, IntArray]:
    known = ~np.isnan(level)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, level, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    seen = count[WINDOW_DAYS:] - count[:-WINDOW_DAYS]
    return (total[WINDOW_DAYS:] - total[:-WINDOW_DAYS]) / np.maximum(seen, 1), seen


def _sharpen(level: FloatArray, row: int) -> int:
    """The row near `row` that splits the six weeks around it with the largest difference of means."""
    start = row - WINDOW_DAYS
    around = level[start : row + WINDOW_DAYS]
    known = ~np.isnan(around)
    total, count = np.cumsum(np.where(known, around, 0.0)), np.cumsum(known)
    left, right = count, count[-1] - count
    gap = total / np.maximum(left, 1) - (total[-1] - total) / np.maximum(right, 1)
    worth = np.where((left > 0) & (right > 0), gap**2 * left * right, -1.0)
    return start + int(np.argmax(worth)) + 1


def _weekday_effects(values: FloatArray, weekday: IntArray) -> FloatArray:
    """Median of each weekday against the week around it, so that no jump leaks in."""
    known = ~np.isnan(values)
    week = np.ones(7)
    around = np.convolve(np.where(known, values, 0.0), week, "same") / np.maximum(np.convolve(known, week, "same"), 1)
    effects = np.zeros(7)
    for number in range(7):
        of_day = (values - around)[(weekday == number) & known]
        effects[number] = np.median(of_day) if len(of_day) else 0.0
    return effects


def _count(windows: FloatArray) -> IntArray:
    return np.asarray((~np.isnan(windows)).sum(axis=1), dtype=np.int64)


def _drift(windows: FloatArray) -> FloatArray:
    half = WINDOW_DAYS // 2
    first, second = windows[:, :half], windows[:, half:]
    return np.asarray(np.abs(_median(second) - _median(first)))


def _median(windows: FloatArray) -> FloatArray:
    """Median of what each row knows, 0 where it knows nothing; several times faster than `np.nanmedian` on many short rows."""
    ordered = np.sort(windows, axis=1)  # NaN last
    known = _count(windows)[:, None]
    low, high = np.maximum((known - 1) // 2, 0), np.minimum(known // 2, windows.shape[1] - 1)
    middle = (np.take_along_axis(ordered, low, 1) + np.take_along_axis(ordered, high, 1))[:, 0] / 2
    return np.asarray(np.where(known[:, 0] > 0, middle, 0.0))


def _spread(before: FloatArray, after: FloatArray) -> FloatArray:
    centred = np.concatenate([before - _median(before)[:, None], after - _median(after)[:, None]], axis=1)
    return SPREAD_OF_MEDIAN_DEVIATION * _median(np.abs(centred))


def _apart(best_first: IntArray) -> list[int]:
    chosen: list[int] = []
    for row in best_first.tolist():
        if all(abs(row - other) > WINDOW_DAYS for other in chosen):
            chosen.append(row)
    return chosen
