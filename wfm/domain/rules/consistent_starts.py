"""Starts of a week that lie close together."""

from __future__ import annotations

from dataclasses import dataclass

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.week_limits import week

Span = tuple[int, int] | None | bool
FRESH, BROKEN = None, True


@by_kind
@dataclass(frozen=True)
class ConsistentStarts(TourRule):
    """Within a week, the latest start lies at most so far after the earliest; the price is due once for a week that breaks it.

    Parameters
    ----------
    max_spread_minutes
        Wall clock minutes between the earliest and the latest start of a week, at least 0.
    cost
        Price of a week that breaks the rule; None for a hard rule.
    """

    max_spread_minutes: int
    cost: float | None = None
    name = "consistent starts"
    kind = "consistent_starts"

    def __post_init__(self) -> None:
        units.whole("max_spread_minutes", self.max_spread_minutes)
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> int:
        """When the shift starts."""
        return work.start_minutes

    def start(self, setting: Setting) -> Span:
        """No start in the week yet; later the earliest and the latest, or that they lie too far apart."""
        return FRESH

    def step(self, setting: Setting, state: Span, day: Day, label: int | None) -> tuple[Span, float]:
        """Breaks on the day that stretches the starts too far."""
        following, breach = self._wider(state, label)
        return FRESH if day.ends_week else following, breach

    def text(self, setting: Setting, state: Span, day: Day, label: int | None) -> str:
        """How far the starts lie apart."""
        assert isinstance(state, tuple)
        assert label is not None
        spread = max(state[1], label) - min(state[0], label)
        return f"starts lie {spread} minutes apart, {self.max_spread_minutes} allowed"

    def when(self, day: Day) -> str:
        """The week."""
        return week(day)

    def _wider(self, state: Span, label: int | None) -> tuple[Span, float]:
        if label is None or state is BROKEN:
            return state, 0.0
        low, high = (min(state[0], label), max(state[1], label)) if isinstance(state, tuple) else (label, label)
        return ((low, high), 0.0) if high - low <= self.max_spread_minutes else (BROKEN, 1.0)
