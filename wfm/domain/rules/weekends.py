"""How many weekends somebody works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.tour import Day, Setting
from wfm.errors import InvalidInput

SATURDAY, SUNDAY = 5, 6
PERIODS = ("month", "horizon")


class Weekends(NamedTuple):
    """Weekends worked so far, and whether the present one is among them."""

    worked: int
    now: bool


def after(state: Weekends, day: Day, works: bool) -> Weekends:
    """Weekends after a day; a weekend is worked where a shift starts on its Saturday or its Sunday."""
    weekday = day.date.weekday()
    if weekday not in (SATURDAY, SUNDAY):
        return state._replace(now=False)
    more = works and not (weekday == SUNDAY and state.now)
    return Weekends(state.worked + more, works or (weekday == SUNDAY and state.now))


@by_kind
@dataclass(frozen=True)
class MostWeekends(TourRule):
    """At most so many weekends are worked in a month (that of its Saturday), or in the horizon.

    Parameters
    ----------
    most
        Weekends allowed, at least 0; those of the agent's `carried` "weekends_in_month" count first, where they are counted by month.
    per
        "month" or "horizon".
    cost
        Price of every weekend too many; None for a hard rule.
    """

    most: int
    per: str = "month"
    cost: float | None = None
    name = "weekends"
    kind = "weekends"

    def __post_init__(self) -> None:
        units.whole("most", self.most)
        if self.per not in PERIODS:
            raise InvalidInput(f"per must be one of {', '.join(PERIODS)}, got {self.per!r}")
        checked_cost(self)

    def start(self, setting: Setting) -> Weekends:
        """Weekends of the month before the horizon."""
        before = dict(setting.agent.carried).get("weekends_in_month", 0)
        return Weekends(before if self.per == "month" else 0, False)

    def step(self, setting: Setting, state: Weekends, day: Day, label: bool | None) -> tuple[Weekends, float]:
        """Breaks on the first working day of every weekend too many."""
        if self.per == "month" and self._begins_month(day):
            state = Weekends(0, False)
        following = after(state, day, label is not None)
        return following, float(following.worked > max(state.worked, self.most))

    def text(self, setting: Setting, state: Weekends, day: Day, label: bool | None) -> str:
        """The weekends worked, and how many are allowed."""
        count = 0 if self.per == "month" and self._begins_month(day) else state.worked
        return f"weekend {count + 1} of the {self.per}, {self.most} allowed"

    def _begins_month(self, day: Day) -> bool:
        """True on the first Saturday of a month, before which the month has no weekend."""
        return day.date.weekday() == SATURDAY and day.date.day <= 7
