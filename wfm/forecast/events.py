"""The planner's special days: effects that were typed; those to learn are columns of the ridge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from wfm.forecast.calendar import Event
from wfm.forecast.grid import DayArray, FloatArray


def days_of(event: Event) -> DayArray:
    """The days of an event, `datetime64[D]`."""
    return np.array(event.days, dtype="datetime64[D]")


def events_over(spans: Iterable[tuple[str, date, date, float | None]]) -> tuple[Event, ...]:
    """Special days given as spans; those of one name and effect are one event.

    Parameters
    ----------
    spans
        Name, first and last day, and the effect as a share; None to learn it.

    Examples
    --------
    >>> from datetime import date
    >>> flu = events_over([("Flu", date(2026, 3, 2), date(2026, 3, 3), None), ("Flu", date(2026, 4, 1), date(2026, 4, 1), None)])
    >>> [(event.name, len(event.days)) for event in flu]
    [('Flu', 3)]
    """
    days: dict[tuple[str, float | None], set[date]] = {}
    for name, first, last, effect in spans:
        days.setdefault((name, effect), set()).update(first + timedelta(n) for n in range((last - first).days + 1))
    return tuple(Event(name, tuple(sorted(found)), effect) for (name, effect), found in days.items())


def typed_factors(days: DayArray, events: Sequence[Event]) -> FloatArray:
    """Factor on the volume of each day from the effects that were typed; 1 where there is none, 0 where closed.

    Examples
    --------
    >>> from datetime import date
    >>> campaign = Event("Campaign", (date(2026, 3, 3),), effect=0.5)
    >>> typed_factors(np.array(["2026-03-02", "2026-03-03"], dtype="datetime64[D]"), [campaign]).tolist()
    [1.0, 1.5]
    """
    factors = np.ones(len(days))
    for event in events:
        if event.effect is not None:
            factors[np.isin(days, days_of(event))] *= 1 + event.effect
    return factors
