"""`wfm-activities/1`: what is still to be placed into a roster, read with every mistake named at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wfm.domain.activities import Activity
from wfm.domain.movable import MovableWindow
from wfm.domain.roster import RosterProblem
from wfm.errors import InvalidInput
from wfm.scheduler.blocks import LEAST_MINUTES, SWITCH_COST, TOLERANCE
from wfm.scheduler.schema import Amount, Moment, Name, Positive, instant, validated


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to place; the other fields are arguments of `place_movable` and `channel_blocks`."""

    activities: tuple[Activity, ...]
    movable: tuple[MovableWindow, ...]
    most_cost_per_hour: float
    least_minutes: int
    tolerance: float
    switch_cost: float


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ActivityIn(_Part):
    """Something that people do together."""

    id: Name
    activity: Name
    people: Annotated[list[Name], Field(min_length=1)]
    minutes: Positive
    earliest: Moment | None = None
    due: Moment | None = None


class MovableIn(_Part):
    """A piece of movable work."""

    queue: Name
    name: Name
    start: Moment
    due: Moment
    hours: Amount


class BlocksIn(_Part):
    """How stable blocks are."""

    least_minutes: Positive = LEAST_MINUTES
    tolerance: Annotated[float, Field(ge=0, le=1)] = TOLERANCE
    switch_cost: Amount = SWITCH_COST


class ActivitiesIn(_Part):
    """A whole document."""

    format: Literal["wfm-activities/1"]
    activities: list[ActivityIn] = []
    movable: list[MovableIn] = []
    most_cost_per_hour: Amount = 0.0
    blocks: BlocksIn = BlocksIn()


def parse_activities(document: Any, problem: RosterProblem) -> Wanted:
    """What a decoded `wfm-activities/1` document asks for.

    Parameters
    ----------
    document
        Decoded JSON.
    problem
        Whose horizon bounds activities that say no `earliest` or `due`.

    Raises
    ------
    InvalidInput
        When the document is not of that format; the message names every field that is wrong. Whether people and queues exist is found
        out where they are placed.
    """
    given = validated(ActivitiesIn, document, "list of activities")
    ids = [one.id for one in given.activities]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    late = [one.name for one in given.movable if instant(one.due) <= instant(one.start)]
    found = [f"activities: {one!r} is given more than once" for one in twice]
    found += [f"movable work {name!r} must be due after it starts" for name in late]
    if found:
        raise InvalidInput("the list of activities contradicts itself:\n" + "\n".join(f"- {line}" for line in found))
    return Wanted(
        activities=tuple(_activity(one, problem) for one in given.activities),
        movable=tuple(MovableWindow(one.queue, one.name, instant(one.start), instant(one.due), one.hours) for one in given.movable),
        most_cost_per_hour=given.most_cost_per_hour,
        least_minutes=given.blocks.least_minutes,
        tolerance=given.blocks.tolerance,
        switch_cost=given.blocks.switch_cost,
    )


def _activity(given: ActivityIn, problem: RosterProblem) -> Activity:
    earliest = problem.grid.begin if given.earliest is None else instant(given.earliest)
    due = problem.grid.end if given.due is None else instant(given.due)
    return Activity(given.id, given.activity, tuple(given.people), given.minutes, earliest, due)
