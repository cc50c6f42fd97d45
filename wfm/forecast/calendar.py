"""What is known of the future: public holidays by name, and the planner's special days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.grid import BoolArray, DayArray

OBSERVED = " (observed)"
LARGEST_EFFECT = 20.0


@dataclass(frozen=True, slots=True)
class Event:
    """A planner's special day: campaign, billing run, clinic closed.

    Parameters
    ----------
    name
        The same name on every day on which the same thing happens.
    days
        Local days, past and future, at least one.
    effect
        Change of the day's volume as a share, from -1 (closed) to 20 (0.3 is 30 % more); None to learn it from the
        earlier days of that name.

    Examples
    --------
    >>> Event("Flu shots open", (date(2026, 10, 1),), effect=0.3).name
    'Flu shots open'
    """

    name: str
    days: tuple[date, ...]
    effect: float | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidInput("a special day needs a name, got a blank")
        if not self.days:
            raise InvalidInput(f"special day {self.name} needs at least one day, got none")
        if self.effect is not None and not -1 <= units.real("effect", self.effect) <= LARGEST_EFFECT:
            raise InvalidInput(f"effect of {self.name} must lie in -1 to {LARGEST_EFFECT:g} (0.3 is 30 % more), got {self.effect!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Named days around a history and its horizon.

    Parameters
    ----------
    holidays
        Name of a public holiday to its days.
    events
        The planner's special days.
    """

    holidays: MappingProxyType[str, DayArray] = field(default_factory=lambda: MappingProxyType({}))
    events: tuple[Event, ...] = ()

    def is_holiday(self, days: DayArray, offset: int = 0) -> BoolArray:
        """True where the day `offset` days later is a public holiday, length of `days`."""
        found = np.zeros(len(days), dtype=bool)
        for of_name in self.holidays.values():
            found |= np.isin(days + np.timedelta64(offset, "D"), of_name)
        return found


def calendar_for(days: DayArray, country: str | None, subdivision: str | None = None, events: Sequence[Event] = ()) -> Calendar:
    """The calendar of a country's public holidays around `days`.

    Parameters
    ----------
    days
        Ascending days; a year before and after are added.
    country, subdivision
        Codes of the `holidays` package (ISO 3166); None for no public holidays.
    events
        The planner's special days.

    Raises
    ------
    InvalidInput
        When the package does not know the country or the subdivision.

    Examples
    --------
    >>> march = np.arange("2026-03-01", "2026-03-31", dtype="datetime64[D]")
    >>> "Christmas Day" in calendar_for(march, "US").holidays
    True
    """
    if country is None:
        return Calendar(events=tuple(events))
    years = days[[0, -1]].astype("datetime64[Y]").astype(int) + 1970
    return Calendar(_public_holidays(country, subdivision, int(years[0]) - 1, int(years[1]) + 1), tuple(events))


@lru_cache(maxsize=256)
def _public_holidays(country: str, subdivision: str | None, first_year: int, last_year: int) -> MappingProxyType[str, DayArray]:
    import holidays

    language = "en_US" if "en_US" in _languages(country) else None
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=range(first_year, last_year + 1), language=language)
    except NotImplementedError as problem:
        given = country if subdivision is None else f"{country}, {subdivision}"
        raise InvalidInput(f"country and subdivision must be codes of the holidays package, got {given}: {problem}") from None
    by_name: dict[str, list[date]] = {}
    for day, names in sorted(found.items()):
        for name in names.split("; "):
            by_name.setdefault(name.removesuffix(OBSERVED), []).append(day)
    return MappingProxyType({name: np.array(of_name, dtype="datetime64[D]") for name, of_name in by_name.items()})


@lru_cache(maxsize=1)
def _localized() -> MappingProxyType[str, list[str]]:
    import holidays

    return MappingProxyType(holidays.list_localized_countries())


def _languages(country: str) -> list[str]:
    return _localized().get(country, [])
