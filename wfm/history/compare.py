"""What an upload would change in what is stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Each uploaded row is exactly one of the three; masks over the uploaded rows.

    Parameters
    ----------
    added
        No stored row has this start.
    changed
        A stored row has this start and other figures.
    same
        A stored row has this start and the same figures.
    stored_row
        Position of the stored row with this start, -1 for added rows.
    """

    added: Mask
    changed: Mask
    same: Mask
    stored_row: Ints


def compare_rows(
    start_utc: Ints, volume: Floats, handle_s: Floats | None, stored_start_utc: Ints, stored_volume: Floats, stored_handle_s: Floats | None
) -> Comparison:
    """Compare one queue's uploaded rows with its stored ones.

    A file without handle times says nothing about the stored ones: only the volume is compared then.

    Parameters
    ----------
    start_utc, volume, handle_s
        Uploaded rows, any order: start in s since 1970 UTC, contacts, total handle time in s with NaN where unknown, or None.
    stored_start_utc, stored_volume, stored_handle_s
        Stored rows, any order, each start once.

    Examples
    --------
    >>> now, before = np.array([0, 1800, 3600]), np.array([0, 1800])
    >>> found = compare_rows(now, np.array([4.0, 5.0, 6.0]), None, before, np.array([4.0, 9.0]), None)
    >>> found.same.tolist(), found.changed.tolist(), found.added.tolist()
    ([True, False, False], [False, True, False], [False, False, True])
    """
    order = np.argsort(stored_start_utc, kind="stable")
    ordered = stored_start_utc[order]
    place = np.searchsorted(ordered, start_utc)
    known = np.zeros(start_utc.size, dtype=np.bool_)
    inside = place < ordered.size
    known[inside] = ordered[place[inside]] == start_utc[inside]
    stored_row = np.full(start_utc.size, -1, dtype=np.int64)
    stored_row[known] = order[place[known]]
    equal = np.zeros(start_utc.size, dtype=np.bool_)
    equal[known] = volume[known] == stored_volume[stored_row[known]]
    if handle_s is not None:
        before = np.full(start_utc.size, np.nan)
        if stored_handle_s is not None:
            before[known] = stored_handle_s[stored_row[known]]
        equal &= (handle_s == before) | (np.isnan(handle_s) & np.isnan(before))
    return Comparison(~known, known & ~equal, known & equal, stored_row)
