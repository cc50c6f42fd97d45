"""How many people of a group are on duty at once: rules across people, always with a price.

No single tour breaks such a rule, so none is hard: a price per missing (or surplus) head-hour is added to that of the cover, steep where
the rule matters most.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import ClassVar

from wfm import units
from wfm.domain.rules.base import Violation, by_kind
from wfm.domain.rules.data import clock_field
from wfm.domain.rules.tour import Tour, on_duty
from wfm.domain.rules.windows import checked, starts_within
from wfm.domain.staff import Agent
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput


class PresenceRule:
    """In every interval, the heads of a group on duty lie in [least, most]; each head outside costs `cost` an hour."""

    name: ClassVar[str]
    kind: ClassVar[str] = ""
    cost: float = 0.0

    @abstractmethod
    def belongs(self, agent: Agent) -> bool:
        """Whether the agent is of the group."""

    @abstractmethod
    def limits(self, clock_minutes: int) -> tuple[float, float]:
        """Least and most heads in an interval that starts at this time of day."""

    @abstractmethod
    def text(self, heads: int, least: float, most: float) -> str:
        """In words, what is wrong with so many heads."""

    def breach(self, heads: float, clock_minutes: int) -> float:
        """Heads outside the limits."""
        least, most = self.limits(clock_minutes)
        return max(least - heads, heads - most, 0.0)


@by_kind
@dataclass(frozen=True)
class Seats(PresenceRule):
    """A site has so many seats: more people on duty there cost a price.

    Parameters
    ----------
    site
        The site.
    seats
        Heads that can be on duty there at once, at least 0.
    cost
        Price of an hour of one head too many, above 0.
    """

    site: str
    seats: int
    cost: float
    name = "seats"
    kind = "seats"

    def __post_init__(self) -> None:
        units.whole("seats", self.seats)
        _priced(self.kind, self.cost)

    def belongs(self, agent: Agent) -> bool:
        """Who sits at the site."""
        return agent.site == self.site

    def limits(self, clock_minutes: int) -> tuple[float, float]:
        """At most the seats."""
        return 0.0, float(self.seats)

    def text(self, heads: int, least: float, most: float) -> str:
        """The heads and the seats."""
        return f"{heads} people on duty at {self.site}, {self.seats} seats"


@by_kind
@dataclass(frozen=True)
class AlwaysPresent(PresenceRule):
    """Never fewer than so many people with a skill are on duty, on whatever queue: two nurses, one speaker of Spanish.

    Parameters
    ----------
    skill
        The skill, as agents list it.
    heads
        Fewest on duty, at least 1.
    cost
        Price of an hour of one head missing, above 0.
    from_minutes, until_minutes
        Hours of the day in which it holds, minutes after midnight; they may run past midnight.
    """

    skill: str
    heads: int
    cost: float
    from_minutes: int = field(default=0, metadata=clock_field())
    until_minutes: int = field(default=24 * 60, metadata=clock_field())
    name = "always present"
    kind = "always_present"

    def __post_init__(self) -> None:
        if not self.skill:
            raise InvalidInput("skill must be named, got a blank")
        units.whole("heads", self.heads, at_least=1)
        _priced(self.kind, self.cost)
        checked("from", self.from_minutes)
        checked("until", self.until_minutes)

    def belongs(self, agent: Agent) -> bool:
        """Who has the skill."""
        return self.skill in agent.skills

    def limits(self, clock_minutes: int) -> tuple[float, float]:
        """At least the heads, inside the hours."""
        return (float(self.heads) if starts_within(clock_minutes, (self.from_minutes, self.until_minutes)) else 0.0), math.inf

    def text(self, heads: int, least: float, most: float) -> str:
        """The heads, and how many are due."""
        return f"{heads} with {self.skill} on duty, {self.heads} due"


def _priced(kind: str, cost: float | None) -> None:
    """Refuses a rule without a price: null, which makes other rules hard, must not be taken for one here."""
    if cost is None:
        raise InvalidInput(f"{kind} is never hard, it has a price; give a cost above 0, a high one where it matters most, got null")
    units.positive(f"cost of {kind}", cost)


def presence_prices(grid: TimeGrid, rules: Sequence[PresenceRule], walked: Mapping[str, Tour]) -> tuple[Violation, ...]:
    """Every stretch of time in which too few or too many of a group are on duty, with its cost."""
    return tuple(one for rule in rules for one in _broken(grid, rule, walked))


def _broken(grid: TimeGrid, rule: PresenceRule, walked: Mapping[str, Tour]) -> Iterator[Violation]:
    heads = [0] * grid.count
    for tour in walked.values():
        if rule.belongs(tour.agent):
            here = {t for first, last in on_duty(tour) for t in range(first, last)}
            for t in here:
                heads[t] += 1
    clocks = [start.hour * 60 + start.minute for start in grid.local_starts]
    for (count, amount), spell in groupby(range(grid.count), lambda t: (heads[t], rule.breach(heads[t], clocks[t]))):
        if amount > 0:
            at = list(spell)
            first, until = grid.local_starts[at[0]], grid.starts[at[-1]] + timedelta(minutes=grid.interval_minutes)
            when = f"{first.isoformat(timespec='minutes')} to {until.astimezone(first.tzinfo):%H:%M}"
            cost = rule.cost * amount * len(at) * grid.interval_minutes / 60
            yield Violation(rule.name, "", when, rule.text(count, *rule.limits(clocks[at[0]])), cost)
