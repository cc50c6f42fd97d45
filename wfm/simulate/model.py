"""What is simulated: queues with their arrivals, agents with their skills and hours."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from wfm import units
from wfm.domain.demand import ServiceTarget
from wfm.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SimulatedQueue:
    """One stream of contacts over the horizon.

    Parameters
    ----------
    id
        Name of the queue.
    volume
        Expected contacts per interval, each at least 0.
    aht_s
        Mean handle time, s, above 0.
    patience_s
        Mean time that a customer is willing to wait (exponential), s; infinity for customers who never leave.
    target
        The promise that intervals are judged by.
    handle_cv
        Coefficient of variation of the handle time: 1 is exponential, any other value at least 0 is lognormal.
    rate_cv
        Coefficient of variation of the day's gamma factor on the volume; 0 for a known rate.
    priority
        Class of service: a waiting contact of a smaller number is taken first.
    overflow_after_s
        Wait after which agents with rank `OVERFLOW` may take a contact, s; infinity for never.
    """

    id: str
    volume: tuple[float, ...]
    aht_s: float
    patience_s: float = math.inf
    target: ServiceTarget = field(default_factory=ServiceTarget)
    handle_cv: float = 1.0
    rate_cv: float = 0.0
    priority: int = 0
    overflow_after_s: float = math.inf

    def __post_init__(self) -> None:
        for volume in self.volume:
            units.not_negative(f"volume of {self.id}", volume)
        units.positive(f"aht_s of {self.id}", self.aht_s)
        units.not_negative(f"handle_cv of {self.id}", self.handle_cv)
        units.not_negative(f"rate_cv of {self.id}", self.rate_cv)
        if self.patience_s != math.inf:
            units.positive(f"patience_s of {self.id}", self.patience_s)
        if self.overflow_after_s != math.inf:
            units.not_negative(f"overflow_after_s of {self.id}", self.overflow_after_s)


OVERFLOW = 9


@dataclass(frozen=True, slots=True)
class Skill:
    """The right to take a queue.

    Parameters
    ----------
    queue
        Id of the queue.
    speed
        Handle times are divided by it; above 0.
    rank
        0 for a primary skill, 1 and more for secondary ones; `OVERFLOW` only takes contacts that waited long enough.
    """

    queue: str
    speed: float = 1.0
    rank: int = 0

    def __post_init__(self) -> None:
        units.positive(f"speed on {self.queue}", self.speed)
        units.whole(f"rank on {self.queue}", self.rank)


@dataclass(frozen=True, slots=True)
class SimulatedAgent:
    """One person: skills, and whether on queue in each interval (False: away or on a break)."""

    id: str
    skills: tuple[Skill, ...]
    on_queue: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A horizon to simulate.

    Parameters
    ----------
    interval_s
        Length of an interval, s.
    queues, agents
        Demand and staff, each over the same number of intervals.
    warm_up
        Intervals at the start that are simulated but not measured.
    day
        Day of every interval, whole numbers from 0: each day of a queue draws its own gamma factor. Empty for one day.

    Raises
    ------
    InvalidInput
        When the lengths differ, an id is used twice, or a skill names no queue.
    """

    interval_s: float
    queues: tuple[SimulatedQueue, ...]
    agents: tuple[SimulatedAgent, ...]
    warm_up: int = 0
    day: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        units.positive("interval_s", self.interval_s)
        if not self.queues:
            raise InvalidInput("a simulation needs at least one queue, got none")
        names = [queue.id for queue in self.queues]
        if len(set(names)) < len(names):
            raise InvalidInput(f"queue ids must differ, got {names}")
        if not 0 <= self.warm_up < max(self.intervals, 1):
            raise InvalidInput(f"warm_up must be in [0, {self.intervals}), got {self.warm_up}")
        if self.day:
            _same_length("day", len(self.day), self.intervals)
            for number in self.day:
                units.whole("day", number)
        for queue in self.queues:
            _same_length(f"volume of {queue.id}", len(queue.volume), self.intervals)
        for agent in self.agents:
            _same_length(f"on_queue of {agent.id}", len(agent.on_queue), self.intervals)
            unknown = [skill.queue for skill in agent.skills if skill.queue not in names]
            if unknown:
                raise InvalidInput(f"skills of {agent.id} must name a simulated queue ({', '.join(names)}), got {', '.join(unknown)}")

    @property
    def intervals(self) -> int:
        """Number of intervals."""
        return len(self.queues[0].volume)


def _same_length(what: str, given: int, wanted: int) -> None:
    if given != wanted:
        raise InvalidInput(f"{what} must have {wanted} intervals, got {given}")


def staff(count: int, intervals: int, queue: str = "queue") -> tuple[SimulatedAgent, ...]:
    """`count` like agents with one skill, on queue in every interval.

    Examples
    --------
    >>> len(staff(3, intervals=2))
    3
    """
    return tuple(SimulatedAgent(f"agent {i + 1}", (Skill(queue),), (True,) * intervals) for i in range(units.whole("count", count)))
