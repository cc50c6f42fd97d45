"""A rostering problem and its answer: the types behind `wfm-roster-problem/1` and `wfm-roster/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from wfm import units
from wfm.domain.staff import Agent, Contract, FixedActivity
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.domain.rules.presence import PresenceRule


@dataclass(frozen=True, slots=True)
class Break:
    """A break as placed (UTC instants)."""

    start: datetime
    end: datetime
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Shift:
    """One agent's dated shift (UTC instants), with its breaks in order.

    `activities` are those that a published shift holds; in a problem they stand with the agent, as fixed activities.
    """

    agent: str
    start: datetime
    end: datetime
    breaks: tuple[Break, ...] = ()
    activities: tuple[FixedActivity, ...] = ()

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidInput(f"a shift must end after it starts, got {self.start.isoformat()} to {self.end.isoformat()}")

    @property
    def minutes(self) -> int:
        """Elapsed length, minutes."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Requirement:
    """Heads on queue that one queue needs, interval by interval.

    Parameters
    ----------
    queue
        The queue's id.
    under_cost
        Price of one missing head-hour, at least 0.
    required
        Heads per interval of the grid, at least 0; fractions are allowed.
    minimum
        Heads per interval that must never be missing, whatever is required; empty for none.
    minimum_cost
        Price of one head-hour missing from the minimum, on top of `under_cost`, at least 0.
    licence
        State whose licence the queue demands; empty for none.
    """

    queue: str
    under_cost: float
    required: tuple[float, ...]
    minimum: tuple[float, ...] = ()
    minimum_cost: float = 0.0
    licence: str = ""

    def __post_init__(self) -> None:
        units.not_negative(f"under_cost of {self.queue}", self.under_cost)
        units.not_negative(f"minimum_cost of {self.queue}", self.minimum_cost)
        if self.minimum and len(self.minimum) != len(self.required):
            raise InvalidInput(f"minimum of {self.queue} must have {len(self.required)} intervals, got {len(self.minimum)}")

    @property
    def needed(self) -> tuple[float, ...]:
        """Heads per interval: what is required, and the minimum where that is more."""
        return tuple(map(max, self.required, self.minimum)) if self.minimum else self.required

    def served_by(self, agent: Agent, day: date, compact: Mapping[str, date]) -> bool:
        """Whether the agent may take its contacts on a local day: the queue is among the agent's, and a licence is valid if one is due."""
        if self.queue not in agent.queues:
            return False
        return not self.licence or any(licence.valid(self.licence, day, compact) for licence in agent.licences)


@dataclass(frozen=True)
class RosterProblem:
    """Everything the scheduler is told.

    Parameters
    ----------
    id
        Name of the problem.
    grid
        The horizon, whole weeks.
    over_cost
        Price per head-hour on duty that no queue needs, at least 0.
    requirements, contracts, agents
        Demand and staff.
    rules
        Rules about how many people of a group are on duty at once; see `domain.rules.presence`.
    secondary_cost
        Price of an hour that somebody spends on one of the own secondary queues, at least 0.
    compact
        States whose multistate licences hold in one another, and the day from which each does.
    """

    id: str
    grid: TimeGrid
    over_cost: float
    requirements: tuple[Requirement, ...]
    contracts: tuple[Contract, ...]
    agents: tuple[Agent, ...]
    rules: tuple[PresenceRule, ...] = ()
    secondary_cost: float = 0.0
    compact: Mapping[str, date] = field(default_factory=dict)

    @cached_property
    def contract_of(self) -> Mapping[str, Contract]:
        """Contract by its id."""
        return {contract.id: contract for contract in self.contracts}

    @cached_property
    def agent_of(self) -> Mapping[str, Agent]:
        """Agent by its id."""
        return {agent.id: agent for agent in self.agents}


class RosterStatus(StrEnum):
    """What the solver can say of its answer."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Roster:
    """All shifts of a horizon, with what is proven about them.

    Parameters
    ----------
    problem
        The problem's id.
    shifts
        In the order of agent and start.
    objective
        As `roster-format` defines it, lower is better.
    lower_bound
        Proven: no roster can have a smaller objective; None where nothing was proven.
    status, solver, seed, seconds
        How it was found.
    """

    problem: str
    shifts: tuple[Shift, ...]
    objective: float
    lower_bound: float | None
    status: RosterStatus
    solver: str
    seed: int
    seconds: float
    notes: tuple[str, ...] = field(default=())
