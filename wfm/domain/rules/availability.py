"""When an agent can work: days off, absences, rest between shifts."""

from __future__ import annotations

from collections.abc import Iterator

from wfm.domain.rules.base import Finding, standing
from wfm.domain.rules.tour import Tour, minutes_between


@standing
class DaysOff:
    """No shift starts on a day off."""

    name = "day off"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for day in tour.days:
            if day in tour.agent.days_off:
                yield day.isoformat(), "works on a day off"


@standing
class Availability:
    """No shift overlaps a time at which the agent is not available."""

    name = "availability"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for shift in tour.shifts:
            for start, end in tour.agent.unavailable:
                if shift.start < end and start < shift.end:
                    yield tour.told(shift.start), f"not available from {tour.told(start)} to {tour.told(end)}"


@standing
class Rest:
    """Between two shifts lies the contract's rest, the last shift before the horizon included."""

    name = "rest"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        before, due = tour.agent.last_shift_end, tour.contract.min_rest_minutes
        for shift in tour.shifts:
            if before is not None and minutes_between(before, shift.start) < due:
                yield tour.told(shift.start), f"{minutes_between(before, shift.start):.0f} minutes of rest, {due} due"
            before = shift.end
