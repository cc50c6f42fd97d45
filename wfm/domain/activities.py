"""Meetings, one-to-ones, coaching and training: what is still to be placed, where it was placed, and who takes part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from wfm import units
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.staff import Agent, FixedActivity
from wfm.errors import InvalidInput


class ActivityKind(StrEnum):
    """What people do beside the queues."""

    MEETING = "meeting"
    ONE_TO_ONE = "one_to_one"
    COACHING = "coaching"
    TRAINING = "training"
    MOVABLE = "movable"
    OTHER = "other"


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
    kind
        One of `ActivityKind`, or empty.
    lead
        Id of the trainer among the people; empty for nobody.
    """

    id: str
    activity: str
    people: tuple[str, ...]
    minutes: int
    earliest: datetime
    due: datetime
    kind: str = ""
    lead: str = ""

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


@dataclass(frozen=True, slots=True)
class Session:
    """An activity of a problem with everybody who does it together.

    Parameters
    ----------
    key
        What the people's fixed activities have in common; an agent's own is named by agent and start.
    people
        Ids, in the order of the problem.
    fixed
        Times, name, kind, lead and due date.
    """

    key: str
    people: tuple[str, ...]
    fixed: FixedActivity


def with_activities(problem: RosterProblem, placed: Iterable[Placed]) -> RosterProblem:
    """The problem in which the placed activities are fixed for those who take part."""
    mine: dict[str, list[FixedActivity]] = {}
    for one in placed:
        activity = one.activity
        for name in dict.fromkeys(activity.people):
            due = None if activity.due >= problem.grid.end else activity.due
            part = FixedActivity(one.start, one.end, activity.activity, activity.kind, activity.id, activity.lead, due)
            mine.setdefault(name, []).append(part)
    return with_fixed(problem, {name: (*problem.agent_of[name].fixed, *parts) for name, parts in mine.items()})


def with_fixed(problem: RosterProblem, fixed: Mapping[str, Sequence[FixedActivity]]) -> RosterProblem:
    """The problem in which some people have these fixed activities, in the order of their starts, and no others."""
    changed = {name: tuple(sorted(parts, key=lambda part: (part.start, part.end, part.activity))) for name, parts in fixed.items()}
    return replace(problem, agents=tuple(replace(one, fixed=changed[one.id]) if one.id in changed else one for one in problem.agents))


def key_of(agent: Agent, part: FixedActivity) -> str:
    """By which session a fixed activity goes."""
    return part.session or f"{agent.id} {part.start.isoformat()}"


def sessions(problem: RosterProblem) -> tuple[Session, ...]:
    """Everything that is fixed in a problem, by start and key."""
    people: dict[str, list[str]] = {}
    parts: dict[str, FixedActivity] = {}
    for agent in problem.agents:
        for part in agent.fixed:
            people.setdefault(key_of(agent, part), []).append(agent.id)
            parts.setdefault(key_of(agent, part), part)
    found = (Session(key, tuple(people[key]), part) for key, part in parts.items())
    return tuple(sorted(found, key=lambda one: (one.fixed.start, one.key)))


def without(problem: RosterProblem, key: str) -> RosterProblem:
    """The problem without one session."""
    left = {agent.id: [part for part in agent.fixed if key_of(agent, part) != key] for agent in problem.agents}
    changed = {name: parts for name, parts in left.items() if len(parts) != len(problem.agent_of[name].fixed)}
    return with_fixed(problem, changed)


def hindrance(agent: Agent, shifts: Iterable[Shift], start: datetime, end: datetime) -> str:
    """Why somebody cannot be at an activity at that time, in words; empty where nothing stands against it.

    Parameters
    ----------
    shifts
        Shifts, of this agent or of all.
    start, end
        Instants of the activity.
    """
    mine = next((one for one in shifts if one.agent == agent.id and one.start <= start and end <= one.end), None)
    if mine is None:
        return "is not at work all that time"
    if any(part.start < end and start < part.end for part in mine.breaks):
        return "has a break then"
    other = next((part for part in agent.fixed if part.start < end and start < part.end), None)
    return f"has {other.activity or 'something else'} then" if other else ""
