"""A rostering problem and its answer: the types behind `wfm-roster-problem/1` and `wfm-roster/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from wfm import units
from wfm.domain.staff import Agent, Contract
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Break:
    """A break as placed (UTC instants)."""

    start: datetime
    end: datetime
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Shift:
    """One agent's dated shift (UTC instants), with its breaks in order."""

    agent: str
    start: datetime
    end: datetime
    breaks: tuple[Break, ...] = ()

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
    """

    queue: str
    under_cost: float
    required: tuple[float, ...]

    def __post_init__(self) -> None:
        units.not_negative(f"under_cost of {self.queue}", self.under_cost)


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
    """

    id: str
    grid: TimeGrid
    over_cost: float
    requirements: tuple[Requirement, ...]
    contracts: tuple[Contract, ...]
    agents: tuple[Agent, ...]

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
