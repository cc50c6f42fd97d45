"""Why a problem has no roster: for everybody without a legal tour, a smallest set of facts that contradict each other, in words.

Hard rules bind one agent at a time, so a conflict is always one person's. It is found by deletion: a fact whose removal leaves the conflict
in place is dropped; what remains is a set of which every fact is needed, so that giving up any one of them lifts this conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from wfm.domain.roster import RosterProblem
from wfm.domain.staff import Agent, Contract
from wfm.domain.timegrid import zone
from wfm.errors import Infeasible
from wfm.units import MINUTES_PER_DAY, clock

Case = tuple[Agent, Contract]
UNLIMITED = 10**6


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts about one agent that cannot all hold; giving up any one of them lifts the conflict."""

    agent: str
    facts: tuple[str, ...]

    def __str__(self) -> str:
        if not self.facts:
            return f"{self.agent}: no shift of the contract fits into the horizon"
        return f"{self.agent} cannot work a legal week: {'; '.join(self.facts)}. Giving up any one of these would do."


@dataclass(frozen=True, slots=True)
class _Fact:
    """One fact, and the case without it."""

    text: str
    without: Callable[[Case], Case]


def explain(problem: RosterProblem) -> tuple[Conflict, ...]:
    """The smallest conflict of everybody who has no legal tour; empty where a roster exists."""
    return tuple(_conflict(problem, agent) for agent in problem.agents if not has_tour(problem, agent, problem.contract_of[agent.contract]))


def has_tour(problem: RosterProblem, agent: Agent, contract: Contract) -> bool:
    """Whether any tour keeps every rule for this agent."""
    import time

    from wfm.scheduler.instance import build_instance
    from wfm.scheduler.search import Search, Watch

    alone = replace(problem, agents=(agent,), contracts=(contract,))
    try:
        Search(build_instance(alone), 0, Watch(time.monotonic, float("inf"), None), lambda _: None).first()
    except Infeasible:
        return False
    return True


def _conflict(problem: RosterProblem, agent: Agent) -> Conflict:
    case: Case = (agent, problem.contract_of[agent.contract])
    needed = []
    for fact in _facts(problem, *case):
        relaxed = fact.without(case)
        if has_tour(problem, *relaxed):
            needed.append(fact.text)
        else:
            case = relaxed
    return Conflict(agent.id, tuple(needed))


def _facts(problem: RosterProblem, agent: Agent, contract: Contract) -> Iterator[_Fact]:
    """What binds an agent; the least personal last, so that a conflict speaks of the person's own facts where it can."""
    yield from _contract_facts(contract)
    yield from _own_facts(problem, agent)


def _contract_facts(contract: Contract) -> Iterator[_Fact]:
    def change(**values: object) -> Callable[[Case], Case]:
        return lambda case: (case[0], replace(case[1], **values))  # type: ignore[arg-type]

    low, high = contract.week_days
    yield _Fact(f"at most {contract.max_consecutive_days} days in a row", change(max_consecutive_days=UNLIMITED))
    yield _Fact(f"{contract.min_rest_minutes} minutes of rest between shifts", change(min_rest_minutes=0))
    yield _Fact(
        f"shifts between {clock(contract.earliest_start_minutes)} and {clock(contract.latest_end_minutes)} by contract",
        change(earliest_start_minutes=0, latest_end_minutes=2 * MINUTES_PER_DAY),
    )
    yield _Fact(f"at most {high} days a week", change(week_days=(low, UNLIMITED)))
    yield _Fact(f"at most {contract.week_minutes[1]} paid minutes a week", change(week_minutes=(contract.week_minutes[0], UNLIMITED)))
    yield _Fact(f"at least {low} days a week", lambda case: (case[0], replace(case[1], week_days=(0, case[1].week_days[1]))))
    yield _Fact(
        f"at least {contract.week_minutes[0]} paid minutes a week",
        lambda case: (case[0], replace(case[1], week_minutes=(0, case[1].week_minutes[1]))),
    )


def _own_facts(problem: RosterProblem, agent: Agent) -> Iterator[_Fact]:
    def said(instant: datetime) -> str:
        return f"{instant.astimezone(zone(problem.grid.zone_name)):%a %d %b %H:%M}"

    if agent.last_shift_end is not None:
        yield _Fact(f"the last shift ended {said(agent.last_shift_end)}", lambda case: (replace(case[0], last_shift_end=None), case[1]))
    if agent.days_worked_before:
        text = f"{agent.days_worked_before} days worked just before"
        yield _Fact(text, lambda case: (replace(case[0], days_worked_before=0), case[1]))
    if agent.earliest_start_minutes is not None:
        text = f"starts at {clock(agent.earliest_start_minutes)} at the earliest"
        yield _Fact(text, lambda case: (replace(case[0], earliest_start_minutes=None), case[1]))
    if agent.latest_end_minutes is not None:
        text = f"ends at {clock(agent.latest_end_minutes)} at the latest"
        yield _Fact(text, lambda case: (replace(case[0], latest_end_minutes=None), case[1]))
    for day in sorted(agent.days_off):
        yield _Fact(f"day off {day:%a %d %b}", lambda case, day=day: (replace(case[0], days_off=case[0].days_off - {day}), case[1]))  # type: ignore[misc]
    for away in agent.unavailable:
        text = f"not available from {said(away[0])} to {said(away[1])}"
        yield _Fact(text, lambda case, away=away: (_less(case[0], "unavailable", away), case[1]))  # type: ignore[misc]
    for fixed in agent.fixed:
        text = f"{fixed.activity} from {said(fixed.start)} to {said(fixed.end)}"
        yield _Fact(text, lambda case, fixed=fixed: (_less(case[0], "fixed", fixed), case[1]))  # type: ignore[misc]


def _less(agent: Agent, name: str, gone: object) -> Agent:
    kept = tuple(one for one in getattr(agent, name) if one != gone)
    return replace(agent, **{name: kept})  # type: ignore[arg-type]
