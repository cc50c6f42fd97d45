"""What binds one person's week, fact by fact, so that facts can be given up one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import TourRule, rule_document
from wfm.domain.staff import Agent, Contract
from wfm.domain.timegrid import zone
from wfm.scheduler.instance import Instance, build_instance
from wfm.scheduler.plan import make_model, make_room
from wfm.scheduler.replies import possible
from wfm.units import MINUTES_PER_DAY, clock

UNLIMITED = 10**6
SILENT = frozenset({"kind", "cost"})


@dataclass(frozen=True)
class Case:
    """One person's week: who, under which contract, with which shifts that must stay."""

    agent: Agent
    contract: Contract
    pins: tuple[Shift, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One fact in words, and the case without it; `own` where it is the person's and not the contract's."""

    text: str
    without: Callable[[Case], Case] = field(compare=False)
    own: bool = True


def facts_of(problem: RosterProblem, case: Case) -> tuple[Fact, ...]:
    """Everything that binds a case, the person's own facts first, so that a conflict speaks of them where it can."""
    return (*_pins(problem, case.pins), *_own(problem, case.agent), *_of_contract(case.contract))


def without(case: Case, facts: Sequence[Fact]) -> Case:
    """The case with these facts given up."""
    for fact in facts:
        case = fact.without(case)
    return case


def instance_of(problem: RosterProblem, cases: Sequence[Case], others: Sequence[Agent] = ()) -> Instance:
    """The arrays of `others` of the problem and then a stand-in for each case, in order; stand-ins are named by their number."""
    contracts: dict[Contract, str] = {}
    stand_ins, pins = [], []
    for number, case in enumerate(cases):
        contract = contracts.setdefault(case.contract, f"#{len(contracts)}")
        stand_ins.append(replace(case.agent, id=f"#{number}", contract=contract))
        pins += [replace(pin, agent=f"#{number}") for pin in case.pins]
    kept = tuple(contract for contract in problem.contracts if any(agent.contract == contract.id for agent in others))
    made = tuple(replace(contract, id=name) for contract, name in contracts.items())
    return build_instance(replace(problem, contracts=(*kept, *made), agents=(*others, *stand_ins)), pins)


def can_hold(problem: RosterProblem, cases: Sequence[Case]) -> list[bool]:
    """For each case whether some tour keeps all its facts."""
    if not cases:
        return []
    bare = replace(problem, requirements=(), rules=())
    instance = instance_of(bare, [replace(case, agent=bare_agent(case.agent)) for case in cases])
    found = np.zeros(len(cases), np.bool_)
    possible(make_model(instance), make_room(instance), np.zeros(instance.calendars.days), found)
    return [bool(one) for one in found]


def bare_agent(agent: Agent) -> Agent:
    """The agent with nothing but what makes a week legal."""
    return replace(agent, queues={}, wishes=(), site="", skills=frozenset(), licences=(), secondary=frozenset())


def said(problem: RosterProblem, instant: datetime) -> str:
    """An instant on the wall clock."""
    return f"{instant.astimezone(zone(problem.grid.zone_name)):%a %d %b %H:%M}"


def _pins(problem: RosterProblem, pins: Sequence[Shift]) -> Iterator[Fact]:
    for pin in pins:
        text = f"pinned shift from {said(problem, pin.start)} to {said(problem, pin.end)[-5:]}"
        yield Fact(text, lambda case, pin=pin: replace(case, pins=tuple(one for one in case.pins if one != pin)))  # type: ignore[misc]


def _own(problem: RosterProblem, agent: Agent) -> Iterator[Fact]:
    for fixed in agent.fixed:
        text = f"{fixed.activity or 'activity'} from {said(problem, fixed.start)} to {said(problem, fixed.end)}"
        yield Fact(text, _less("fixed", fixed))
    for away in agent.unavailable:
        yield Fact(f"not available from {said(problem, away[0])} to {said(problem, away[1])}", _less("unavailable", away))
    for day in sorted(agent.days_off):
        yield Fact(f"day off {day:%a %d %b}", _agent(lambda agent, day=day: {"days_off": agent.days_off - {day}}))
    if agent.latest_end_minutes is not None:
        yield Fact(f"ends at {clock(agent.latest_end_minutes)} at the latest", _agent(lambda _: {"latest_end_minutes": None}))
    if agent.earliest_start_minutes is not None:
        yield Fact(f"starts at {clock(agent.earliest_start_minutes)} at the earliest", _agent(lambda _: {"earliest_start_minutes": None}))
    for text, rule in _rules(agent.rules):
        yield Fact(text, _less("rules", rule))
    if agent.days_worked_before:
        yield Fact(f"{agent.days_worked_before} days worked just before", _agent(lambda _: {"days_worked_before": 0}))
    if agent.last_shift_end is not None:
        yield Fact(f"the last shift ended {said(problem, agent.last_shift_end)}", _agent(lambda _: {"last_shift_end": None}))
    if agent.last_shift_start is not None:
        yield Fact(f"the last shift started {said(problem, agent.last_shift_start)}", _agent(lambda _: {"last_shift_start": None}))
    for counted, count in agent.carried:
        if count:
            yield Fact(f"{count} {counted.replace('_', ' ')} carried over", _less("carried", (counted, count)))


def _rules(rules: Sequence[TourRule]) -> Iterator[tuple[str, TourRule]]:
    """The hard rules that are listed, in words."""
    for rule in rules:
        if rule.cost is None:
            figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in rule_document(rule).items() if name not in SILENT)
            yield f"rule '{rule.name}'{f' ({figures})' if figures else ''}", rule


def _without_rule(gone: TourRule) -> Callable[[Contract], dict[str, object]]:
    return lambda contract: {"rules": tuple(rule for rule in contract.rules if rule != gone)}


def _less(name: str, gone: object) -> Callable[[Case], Case]:
    return _agent(lambda agent: {name: tuple(one for one in getattr(agent, name) if one != gone)})


def _agent(change: Callable[..., dict[str, object]]) -> Callable[[Case], Case]:
    return lambda case: replace(case, agent=replace(case.agent, **change(case.agent)))  # type: ignore[arg-type]


def _contract(change: Callable[[Contract], dict[str, object]]) -> Callable[[Case], Case]:
    return lambda case: replace(case, contract=replace(case.contract, **change(case.contract)))  # type: ignore[arg-type]


def _of_contract(contract: Contract) -> Iterator[Fact]:
    def fact(text: str, change: Callable[[Contract], dict[str, object]]) -> Fact:
        return Fact(text, _contract(change), own=False)

    for text, rule in _rules(contract.rules):
        yield Fact(text, _contract(_without_rule(rule)), own=False)
    (least, most), (few, many) = contract.week_minutes, contract.week_days
    yield fact(f"at least {least} paid minutes a week", lambda one: {"week_minutes": (0, one.week_minutes[1])})
    yield fact(f"at least {few} days a week", lambda one: {"week_days": (0, one.week_days[1])})
    yield fact(f"at most {most} paid minutes a week", lambda one: {"week_minutes": (one.week_minutes[0], UNLIMITED)})
    yield fact(f"at most {many} days a week", lambda one: {"week_days": (one.week_days[0], UNLIMITED)})
    yield fact(
        f"shifts between {clock(contract.earliest_start_minutes)} and {clock(contract.latest_end_minutes)} by contract",
        lambda _: {"earliest_start_minutes": 0, "latest_end_minutes": 2 * MINUTES_PER_DAY},
    )
    yield fact(f"{contract.min_rest_minutes} minutes of rest between shifts", lambda _: {"min_rest_minutes": 0})
    yield fact(f"at most {contract.max_consecutive_days} days in a row", lambda _: {"max_consecutive_days": UNLIMITED})
