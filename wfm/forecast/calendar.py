"""What is known of the future: public holidays by name, and the planner's special days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.drivers import Driver
from wfm.forecast.grid import BoolArray, DayArray, IntArray

OBSERVED = " (observed)"
OBSERVANCES = ("optional", "school", "half_day", "bank", "workday")
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
class NamedDays:
    """All days of one name around a history and its horizon.

    Parameters
    ----------
    name
        English where the source has it, so that it is the same every year.
    public
        True for a public holiday; False for a day that is kept by some (a school holiday, a fast, half a day off).
    days
        Ascending, `datetime64[D]`.
    """

    name: str
    public: bool
    days: DayArray


def among(days: DayArray, ascending: DayArray) -> BoolArray:
    """True where a day is one of `ascending`, length of `days`; far cheaper than `np.isin` for few days.

    Examples
    --------
    >>> among(np.array(["2026-03-02", "2026-03-03"], dtype="datetime64[D]"), np.array(["2026-03-03"], dtype="datetime64[D]")).tolist()
    [False, True]
    """
    if not len(ascending):
        return np.zeros(len(days), dtype=bool)
    place = np.minimum(np.searchsorted(ascending, days), len(ascending) - 1)
    return np.asarray(ascending[place] == days)


@dataclass(frozen=True, eq=False)
class Calendar:
    """Named days around a history and its horizon.

    Parameters
    ----------
    named
        Holidays by name.
    events
        The planner's special days.
    drivers
        Counts known ahead.
    kept
        Stretches [begin, end) of the wall clock that a person looked at and keeps, whatever they look like.
    """

    named: tuple[NamedDays, ...] = ()
    events: tuple[Event, ...] = ()
    drivers: tuple[Driver, ...] = ()
    kept: tuple[tuple[datetime, datetime], ...] = ()

    def is_kept(self, days: DayArray, slots: IntArray) -> BoolArray:
        """True for intervals that begin in a stretch that is kept; `slots` in minutes after midnight; shape (days, slots)."""
        found = np.zeros((len(days), len(slots)), dtype=bool)
        if self.kept:
            starts = days.astype("datetime64[m]")[:, None] + slots.astype("timedelta64[m]")[None]
            for begin, end in self.kept:
                found |= (starts >= np.datetime64(begin, "m")) & (starts < np.datetime64(end, "m"))
        return found

    def is_holiday(self, days: DayArray, offset: int = 0) -> BoolArray:
        """True where the day `offset` days later is a public holiday, length of `days`."""
        return self._falls_on(days + np.timedelta64(offset, "D"), public=True)

    def is_observance(self, days: DayArray) -> BoolArray:
        """True where some keep the day that is no public holiday, length of `days`."""
        return self._falls_on(days, public=False) & ~self.is_holiday(days)

    def is_named(self, days: DayArray) -> BoolArray:
        """True on public holidays, the days beside them and special days to learn from, length of `days`."""
        beside = self.is_holiday(days, 1) | self.is_holiday(days, -1)
        return self.is_holiday(days) | beside | self.is_event(days)

    def is_event(self, days: DayArray) -> BoolArray:
        """True on special days whose effect is to be learned, length of `days`."""
        found = np.zeros(len(days), dtype=bool)
        for event in self.events:
            if event.effect is None:
                found |= np.isin(days, np.array(event.days, dtype="datetime64[D]"))
        return found

    def _falls_on(self, days: DayArray, *, public: bool) -> BoolArray:
        return among(days, self._public_days if public else self._other_days)

    @cached_property
    def _public_days(self) -> DayArray:
        return self._all_days(public=True)

    @cached_property
    def _other_days(self) -> DayArray:
        return self._all_days(public=False)

    def _all_days(self, *, public: bool) -> DayArray:
        kept = [named.days for named in self.named if named.public == public]
        return np.unique(np.concatenate(kept)) if kept else np.array([], dtype="datetime64[D]")


def calendar_for(days: DayArray, country: str | None, subdivision: str | None = None, events: Sequence[Event] = ()) -> Calendar:
    """The calendar of a country's holidays around `days`.

    Parameters
    ----------
    days
        Days, at least one; a year before and after are added.
    country, subdivision
        Codes of the `holidays` package (ISO 3166); None for no holidays.
    events
        The planner's special days.

    Raises
    ------
    InvalidInput
        When the package does not know the country or the subdivision.

    Examples
    --------
    >>> march = np.arange("2026-03-01", "2026-03-31", dtype="datetime64[D]")
    >>> [named.name for named in calendar_for(march, "US").named if named.name.startswith("Christmas D")]
    ['Christmas Day']
    """
    if country is None:
        return Calendar(events=tuple(events))
    years = np.array([days.min(), days.max()]).astype("datetime64[Y]").astype(int) + 1970
    return Calendar(_named_days(country, subdivision, int(years[0]) - 1, int(years[1]) + 1), tuple(events))


@lru_cache(maxsize=256)
def _named_days(country: str, subdivision: str | None, first_year: int, last_year: int) -> tuple[NamedDays, ...]:
    years = range(first_year, last_year + 1)
    public = _days_by_name(country, subdivision, years, None)
    others = tuple(kind for kind in _kinds(country, subdivision) if kind in OBSERVANCES)
    kept = _days_by_name(country, subdivision, years, others) if others else {}
    free = {day for days in public.values() for day in days}
    found = [NamedDays(name, True, np.array(days, dtype="datetime64[D]")) for name, days in public.items()]
    for name, days in kept.items():
        rest = [day for day in days if day not in free]
        if rest:
            found.append(NamedDays(name, False, np.array(rest, dtype="datetime64[D]")))
    return tuple(found)


def _kinds(country: str, subdivision: str | None) -> tuple[str, ...]:
    import holidays

    return tuple(holidays.country_holidays(country, subdiv=subdivision).supported_categories)


def _days_by_name(country: str, subdivision: str | None, years: range, kinds: tuple[str, ...] | None) -> dict[str, list[date]]:
    import holidays

    language = "en_US" if "en_US" in _localized().get(country, []) else None
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=years, language=language, categories=kinds)
    except NotImplementedError as problem:
        given = country if subdivision is None else f"{country}, {subdivision}"
        raise InvalidInput(f"country and subdivision must be codes of the holidays package, got {given}: {problem}") from None
    by_name: dict[str, list[date]] = {}
    for day, names in sorted(found.items()):
        for name in names.split("; "):
            by_name.setdefault(name.removesuffix(OBSERVED), []).append(day)
    return by_name


@lru_cache(maxsize=1)
def _localized() -> MappingProxyType[str, list[str]]:
    import holidays

    return MappingProxyType(holidays.list_localized_countries())
