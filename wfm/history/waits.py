"""How long the customers of a file waited, added up by queue: what patience is estimated from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wfm.history import values
from wfm.history.columns import Columns
from wfm.history.values import Memo

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class QueueWaits:
    """Sums over the intervals of a queue whose waits are known.

    Parameters
    ----------
    contacts
        Answered and abandoned contacts.
    abandoned
        Contacts that left unanswered.
    wait_s
        Waiting time of all of them, s.
    """

    contacts: float
    abandoned: float
    wait_s: float


class WaitSums:
    """Adds up waits chunk by chunk, where a file has columns for abandoned contacts, ASA and the time to abandon."""

    def __init__(self, columns: Columns) -> None:
        found = {name: columns.side(name) for name in ("abandoned", "asa", "abandon_wait", "handled")}
        self.usable = all(found[name] is not None for name in ("abandoned", "asa", "abandon_wait"))
        self._place = {name: place for name, place in found.items() if place is not None}
        self._read = {name: Memo(_reader(name, scale)) for name, (_, scale) in self._place.items()}
        self._sums: dict[int, Floats] = {}

    def add(self, cells: Sequence[Sequence[str]], queue: npt.NDArray[np.int32], volume: Floats) -> None:
        """Take in a chunk of rows: cells by column, queue (negative: unusable) and volume of every row."""
        if not self.usable:
            return
        read = {name: self._column(name, cells[place]) for name, (place, _) in self._place.items()}
        left = read["abandoned"]
        answered = read["handled"] if "handled" in read else volume - left
        wait_s = np.where(answered > 0, answered * read["asa"], 0.0) + np.where(left > 0, left * read["abandon_wait"], 0.0)
        known = (queue >= 0) & (left >= 0) & (answered >= 0) & (wait_s >= 0)
        for place in np.unique(queue[known]).tolist():
            rows = known & (queue == place)
            sums = np.array([(answered + left)[rows].sum(), left[rows].sum(), wait_s[rows].sum()])
            self._sums[place] = self._sums.get(place, np.zeros(3)) + sums

    def by_queue(self, names: Sequence[str]) -> dict[str, QueueWaits]:
        """The sums by name of queue."""
        return {names[place]: QueueWaits(*sums.tolist()) for place, sums in sorted(self._sums.items())}

    def _column(self, name: str, column: Sequence[str]) -> Floats:
        found = np.fromiter(map(self._read[name].__getitem__, column), dtype=np.float64, count=len(column))
        return np.where(np.isfinite(found), found, np.nan)


def _reader(name: str, scale: float) -> Callable[[str], float]:
    if name not in ("asa", "abandon_wait"):
        return values.parse_count
    return lambda text: values.parse_duration(text) * (1.0 if values.is_written_out(text) else scale)
