"""How often a queue without a drift is said to have one, and how soon one with a drift is found.

    python bench/kept_level.py

Years of days are drawn whose level kept differs from the level planned by chance only: skewed to the bad side as service levels are,
with some correlation from day to day, quiet weekends, and days that count by their contacts. The test is done every night over the last
four weeks, as the product does.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from wfm.service.kept_level import MEMORY_DAYS, WINDOW_DAYS, kept_level

Floats = NDArray[np.float64]


def year(random: np.random.Generator, spread: float, correlation: float, days: int, skewed: bool = True) -> tuple[Floats, Floats]:
    """Contacts and differences of one queue without a drift; mean difference 0, weighted by contacts."""
    shock = np.empty(days)
    shock[0] = random.standard_normal()
    noise = random.standard_normal(days) * (1 - correlation**2) ** 0.5
    for day in range(1, days):
        shock[day] = correlation * shock[day - 1] + noise[day]
    contacts = np.where(np.arange(days) % 7 < 5, 400.0, 120.0) * random.gamma(50, 1 / 50, days)
    if skewed:
        return contacts, spread * (1 - np.exp(0.8 * shock - 0.32)) / (np.exp(0.64) - 1) ** 0.5
    return contacts, spread * shock


def nights(contacts: Floats, difference: Floats) -> list[int]:
    """The nights on which a drift stands."""
    found = []
    for night in range(WINDOW_DAYS, len(contacts) + 1):
        known = slice(max(0, night - MEMORY_DAYS), night)
        recent = np.arange(night - known.start) >= night - known.start - WINDOW_DAYS
        level = kept_level(contacts[known], difference[known], recent)
        if level is not None and level.has_drifted:
            found.append(night)
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queues", type=int, default=200)
    options = parser.parse_args()
    random = np.random.default_rng(1)
    for correlation in (0.0, 0.3, 0.5):
        for spread in (0.04, 0.10):
            for skewed in (False, True):
                alarms = sum(bool(nights(*year(random, spread, correlation, 365, skewed))) for _ in range(options.queues))
                shape = "skewed" if skewed else "normal"
                print(
                    f"no drift, days {spread:.2f} apart, {shape}, correlation {correlation}: {alarms / options.queues:.1%} of queue-years"
                )
    for drift in (0.03, 0.05, 0.08):
        delays = []
        for _ in range(options.queues):
            contacts, difference = year(random, 0.06, 0.3, 130)
            difference[90:] -= drift
            raised = [night for night in nights(contacts, difference) if night > 90]
            delays.append(raised[0] - 90 if raised else 999)
        found, after = np.mean(np.array(delays) < 999), np.median(delays)
        print(f"drift of {100 * drift:.0f} points, days 0.06 apart: found within 40 days in {found:.0%}, median after {after:.0f} days")


if __name__ == "__main__":
    main()
