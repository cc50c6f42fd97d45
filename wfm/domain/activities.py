"""Meetings, one-to-ones, coaching and training that are still to be placed, and where they were placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from wfm import units
from wfm.domain.roster import RosterProblem
from wfm.domain.staff import FixedActivity
from wfm.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that people do together off queue, once.

    Parameters
    ----------
    id
        Its name, unique among those placed together.
    activity
        What people read: "coaching".
    people
        Ids of all who take part, the trainer included; at least one.
    minutes
        Length, a multiple of the problem's interval.
    earliest, due
        Instants between which it takes place.
    """

    id: str
    activity: str
    people: tuple[str, ...]
    minutes: int
    earliest: datetime
    due: datetime

    def __post_init__(self) -> None:
        units.whole(f"minutes of {self.id}", self.minutes, at_least=1)
        if not self.people:
            raise InvalidInput(f"activity {self.id} needs at least one person, got none")
        if self.due <= self.earliest:
            raise InvalidInput(f"activity {self.id} must be due after {self.earliest.isoformat()}, got {self.due.isoformat()}")


@dataclass(frozen=True, slots=True)
class Placed:
    """When an activity takes place (UTC), and what taking its people off queue costs in the objective."""

    activity: Activity
    start: datetime
    end: datetime
    cost: float


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An activity for which there is no time, and why."""

    activity: Activity
    reason: str


def with_activities(problem: RosterProblem, placed: Iterable[Placed]) -> RosterProblem:
    """The problem in which the placed activities are fixed for those who take part."""
    mine: dict[str, list[FixedActivity]] = {}
    for one in placed:
        for name in one.activity.people:
            mine.setdefault(name, []).append(FixedActivity(one.start, one.end, one.activity.activity))
    return replace(problem, agents=tuple(replace(agent, fixed=(*agent.fixed, *mine.get(agent.id, ()))) for agent in problem.agents))
