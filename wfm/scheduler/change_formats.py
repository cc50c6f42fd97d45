"""`wfm-roster-changes/1`: what happened to a roster, and what must not move, read with every mistake named at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wfm import units
from wfm.domain.roster import RosterProblem
from wfm.errors import InvalidInput
from wfm.scheduler.changes import Absence, Availability, Changes, Keep, NewRequirement, Swap
from wfm.scheduler.schema import Amount, Moment, Name, Wall, Whole, instant, validated

CHANGES_FORMAT = "wfm-roster-changes/1"


@dataclass(frozen=True, slots=True)
class Order:
    """What `repair` is asked to do; the fields are its arguments."""

    changes: Changes
    keep: Keep
    now: datetime | None
    most_people: int
    price_per_person: float | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AbsenceIn(_Part):
    """Somebody away."""

    agent: Name
    start: Moment
    end: Moment


class RequirementIn(_Part):
    """Other heads for a queue from `start` on."""

    queue: Name
    start: Moment
    required: Annotated[list[Amount], Field(min_length=1)]


class SwapIn(_Part):
    """Two people who exchange days."""

    first: Name
    first_day: date
    second: Name
    second_day: date


class AvailabilityIn(_Part):
    """Somebody's facts from now on."""

    agent: Name
    unavailable: list[tuple[Moment, Moment]] = []
    days_off: list[date] = []
    earliest_start: Wall | None = None
    latest_end: Wall | None = None


class KeptShiftIn(_Part):
    """A shift that stays."""

    agent: Name
    day: date


class KeepIn(_Part):
    """What must not move."""

    days: list[date] = []
    people: list[Name] = []
    shifts: list[KeptShiftIn] = []


class ChangesIn(_Part):
    """A whole document."""

    format: Literal["wfm-roster-changes/1"]
    now: Moment | None = None
    absences: list[AbsenceIn] = []
    requirements: list[RequirementIn] = []
    swaps: list[SwapIn] = []
    availability: list[AvailabilityIn] = []
    keep: KeepIn = KeepIn()
    most_people: Whole = 3
    price_per_person: Amount | None = None


def parse_changes(document: Any, problem: RosterProblem) -> Order:
    """The order in a decoded `wfm-roster-changes/1` document.

    Parameters
    ----------
    document
        Decoded JSON.
    problem
        The problem of the roster that changes; heads stand on its grid.

    Raises
    ------
    InvalidInput
        When the document is not of that format; the message names every field that is wrong. Whether people and queues exist
        is found out by `repair`.
    """
    given = validated(ChangesIn, document, "list of changes")
    changes = Changes(
        absences=tuple(Absence(one.agent, instant(one.start), instant(one.end)) for one in given.absences),
        requirements=tuple(_requirement(one, problem) for one in given.requirements),
        swaps=tuple(Swap(one.first, one.first_day, one.second, one.second_day) for one in given.swaps),
        availability=tuple(_availability(one) for one in given.availability),
    )
    keep = Keep(
        frozenset(given.keep.days), frozenset(given.keep.people), frozenset((one.agent, one.day) for one in given.keep.shifts)
    )
    now = None if given.now is None else instant(given.now)
    return Order(changes, keep, now, given.most_people, given.price_per_person)


def _requirement(given: RequirementIn, problem: RosterProblem) -> NewRequirement:
    place = problem.grid.position(instant(given.start))
    if place % 1:
        raise InvalidInput(f"new heads of {given.queue} must start on the {problem.grid.interval_minutes}-minute grid, got {given.start}")
    return NewRequirement(given.queue, int(place), tuple(given.required))


def _availability(given: AvailabilityIn) -> Availability:
    def minutes(clock: str | None) -> int | None:
        return None if clock is None else units.clock_minutes(clock)

    spans = tuple((instant(a), instant(b)) for a, b in given.unavailable)
    return Availability(given.agent, spans, frozenset(given.days_off), minutes(given.earliest_start), minutes(given.latest_end))
