"""Whether the level kept has drifted from the level planned: a test over four weeks that takes the noise of days into account.

With contacts `c`, differences `d` between kept and planned and weights `w = c / sum(c)`, the mean of four weeks is `m = sum(w d)` and its
variance `s^2 sum(w^2) (1 + r) / (1 - r)`: `s` is how far days lie apart, `r` how much a day is like the one before (Wilks 2019, 5.2.4).
Four weeks alone say too little about `s`: a month without a bad day looks quieter than the queue is. Both are therefore learnt from up to
half a year, and from `PRIOR_DAYS` days that lie `PRIOR_SPREAD` apart, so that a new queue is judged with care.

The test is done every night on days that overlap with those of the night before; `RAISED_AT` is chosen for a year of nights: see
`bench/kept_level.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_DAYS = 28
MEMORY_DAYS = 182
LEAST_DAYS = 14
LEAST_POINTS = 0.02
RAISED_AT = 3.5
MENDED_BELOW = 2.0
PRIOR_DAYS = 14
PRIOR_SPREAD = 0.08
PRIOR_CORRELATION = 0.3
MOST_CORRELATION = 0.7

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KeptLevel:
    """Four weeks of a queue.

    Parameters
    ----------
    days
        Days with contacts.
    difference
        Level kept less level planned, weighted by contacts.
    error
        Standard error of `difference`, above 0.
    """

    days: int
    difference: float
    error: float

    @property
    def has_drifted(self) -> bool:
        """True where chance does not explain the difference and it is large enough to matter."""
        return abs(self.difference) >= max(LEAST_POINTS, RAISED_AT * self.error)

    @property
    def is_mended(self) -> bool:
        """True where an open drift may be closed: too small to matter, or within what chance explains."""
        return abs(self.difference) < max(LEAST_POINTS / 2, MENDED_BELOW * self.error)


def kept_level(contacts: Floats, difference: Floats, recent: NDArray[np.bool_]) -> KeptLevel | None:
    """Four weeks of days, tested; None for fewer than `LEAST_DAYS` days with contacts among them.

    Parameters
    ----------
    contacts
        Contacts of each day, oldest first, at most `MEMORY_DAYS` days.
    difference
        Level kept less level planned of each day.
    recent
        The days of the four weeks.
    """
    some = contacts > 0
    tested = recent[some]
    if int(tested.sum()) < LEAST_DAYS:
        return None
    weight, apart = contacts[some], difference[some]
    spread, together = _noise(weight, apart)
    share = weight[tested] / weight[tested].sum()
    variance = spread**2 * float(share @ share) * (1 + together) / (1 - together)
    return KeptLevel(int(tested.sum()), float(share @ apart[tested]), variance**0.5)


def _noise(weight: Floats, apart: Floats) -> tuple[float, float]:
    """How far days lie apart, and their correlation from one to the next; what an estimated mean hides of it is given back.

    The correction of the correlation is that of Marriott and Pope (1954).
    """
    count = len(apart)
    rest = apart - np.average(apart, weights=weight)
    variance = float(np.average(rest**2, weights=weight**2))
    spread = ((count * variance + PRIOR_DAYS * PRIOR_SPREAD**2) / (count + PRIOR_DAYS)) ** 0.5
    total = float(rest @ rest)
    found = (float(rest[1:] @ rest[:-1]) / total * count + 1) / (count - 3) if total > 0 else 0.0
    together = (count * found + PRIOR_DAYS * PRIOR_CORRELATION) / (count + PRIOR_DAYS)
    return spread, min(max(together, 0.0), MOST_CORRELATION)
