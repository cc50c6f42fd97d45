"""Why a problem has no roster: for everybody without a legal tour, smallest sets of facts that contradict each other, in words.

Hard rules bind one agent at a time, so a conflict is always one person's. It is found by QuickXplain, for everybody side by side; what
remains is a set of which every fact is needed. Where a person has several conflicts that share no fact, each is named.

Ways out are the smallest sets of facts that meet every conflict, found level by level (R. Reiter, A theory of diagnosis from first
principles, 1987), each tried against all other facts. They are priced: the best week that the person would then work, against a quick
roster of everybody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import paid_minutes, violations
from wfm.domain.staff import Agent
from wfm.errors import Infeasible
from wfm.scheduler.facts import Case, Fact, bare_agent, can_hold, facts_of, instance_of, said, without
from wfm.scheduler.instance import build_instance
from wfm.scheduler.quickxplain import side_by_side, smallest_conflict
from wfm.scheduler.result import shifts_of
from wfm.scheduler.search import Search, Watch
from wfm.scheduler.standing import Standing

OF_A_SHIFT = frozenset({"horizon", "grid", "start grid", "shift length", "breaks", "work stretch"})
MOST_GIVEN_UP, MOST_NODES = 3, 400
MOST_TOLD = 5
SHARE_TO_PRICE = 0.6
"""Share of the time limit after which the quick roster for prices must do."""
SCALES = (0.1, 0.3)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A way out: facts that, given up together, leave a legal week.

    Parameters
    ----------
    facts
        What to give up, as few as can be.
    then
        The week that is best then, in words.
    objective
        Of a quick roster of everybody else with that week added; None where it was not priced.
    """

    facts: tuple[str, ...]
    then: str = ""
    objective: float | None = None

    def __str__(self) -> str:
        priced = "" if self.objective is None else f"; the objective is then about {self.objective:,.0f}"
        return f"give up: {' and '.join(self.facts)}{f' ({self.then})' if self.then else ''}{priced}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts that cannot all hold, and every one of which is needed for that.

    Parameters
    ----------
    agent
        Whose week it is; the first of `agents`.
    facts
        In words; empty where no shift of the contract fits into the horizon.
    relaxations
        Ways out, the cheapest first.
    agents
        Everybody with this conflict.
    """

    agent: str
    facts: tuple[str, ...]
    relaxations: tuple[Relaxation, ...] = ()
    agents: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = len(self.agents) - 1
        who = self.agent if more < 1 else f"{self.agent} and {more} {'others' if more > 1 else 'other'}"
        if not self.facts:
            return f"{who}: no shift of the contract fits into the horizon"
        return f"{who} cannot work a legal week: {'; '.join(self.facts)}.{self._way_out()}"

    def lines(self, most: int = 3) -> list[str]:
        """The conflict, and its cheapest ways out."""
        return [str(self), *(f"  {way}" for way in self.relaxations[:most])]

    def _way_out(self) -> str:
        if set(self.facts) <= {way.facts[0] for way in self.relaxations if len(way.facts) == 1}:
            return " Giving up any one of these would do."
        return f" It would do to give up: {' and '.join(self.relaxations[0].facts)}." if self.relaxations else ""


def explain(
    problem: RosterProblem,
    pinned: Sequence[Shift] = (),
    time_limit_s: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Conflict, ...]:
    """The smallest conflicts of everybody who has no legal tour; empty where a roster exists.

    Parameters
    ----------
    problem
        What is asked.
    pinned
        Shifts that must stay.
    time_limit_s
        Seconds after which ways out are no longer priced.
    clock
        Monotonic seconds.
    """
    watch = Watch(clock, clock() + SHARE_TO_PRICE * time_limit_s)
    crooked, sound = _crooked(problem, pinned)
    people = [_case(problem, agent.id, sound) for agent in problem.agents]
    bad = [case for case, fine in zip(people, can_hold(problem, people), strict=True) if not fine]
    groups = _alike(bad)
    found = _Explanation(problem, [group[0] for group in groups]).stuck()
    names = {case.agent.id for case in bad}
    rest = [agent for agent in problem.agents if agent.id not in names]
    priced = iter(_priced(problem, rest, [without(one.case, way) for one in found for way in one.ways], watch))
    told = [
        conflict
        for one, group in zip(found, groups, strict=True)
        for conflict in one.told(tuple(case.agent.id for case in group), list(islice(priced, len(one.ways))))
    ]
    return (*crooked, *told)


def has_tour(problem: RosterProblem, case: Case) -> bool:
    """Whether any tour keeps all facts of a case."""
    return can_hold(problem, [case])[0]


def refuse_pins(problem: RosterProblem, pinned: Sequence[Shift]) -> None:
    """Refuses pinned shifts that no contract allows.

    Raises
    ------
    Infeasible
        Naming every one of them.
    """
    crooked, _ = _crooked(problem, pinned)
    lines = [str(conflict) for conflict in crooked]
    if lines:
        raise Infeasible("pinned shifts are against the rules:\n" + "\n".join(f"- {line}" for line in lines), lines)


def with_reasons(error: Infeasible, problem: RosterProblem, pinned: Sequence[Shift]) -> Infeasible:
    """The error with every conflict and its cheapest ways out as lines."""
    conflicts = explain(problem, pinned)
    lines = [line for conflict in conflicts for line in conflict.lines()]
    told = "\n".join(f"- {conflict}" for conflict in conflicts[:MOST_TOLD])
    return Infeasible(f"{error}:\n{told}" if told else str(error), lines)


def _crooked(problem: RosterProblem, pinned: Sequence[Shift]) -> tuple[list[Conflict], list[Shift]]:
    """Pins that are no shift of their contract, as conflicts, and the others."""
    found, sound = [], []
    for pin in pinned:
        if pin.agent not in problem.agent_of:
            wrong = ["no such agent"]
        else:
            alone = replace(problem, agents=(problem.agent_of[pin.agent],))
            wrong = [one.text for one in violations(alone, [pin]) if one.rule in OF_A_SHIFT]
        if wrong:
            text = f"pinned shift from {said(problem, pin.start)} to {said(problem, pin.end)[-5:]}"
            found.append(Conflict(pin.agent, (text, *wrong), (Relaxation((text,)),), (pin.agent,)))
        else:
            sound.append(pin)
    return found, sound


def _case(problem: RosterProblem, name: str, pinned: Iterable[Shift]) -> Case:
    agent = problem.agent_of[name]
    return Case(agent, problem.contract_of[agent.contract], tuple(pin for pin in pinned if pin.agent == name))


def _alike(cases: Sequence[Case]) -> list[list[Case]]:
    """People bound by the same facts, together."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        agent = replace(bare_agent(case.agent), id="", name="")
        bare = Case(agent, case.contract, tuple(replace(pin, agent="") for pin in case.pins))
        groups.setdefault(repr(bare), []).append(case)
    return list(groups.values())


@dataclass(frozen=True)
class _Stuck:
    """A case without a legal tour: conflicts that share no fact, and the facts whose giving up leaves a tour."""

    case: Case
    conflicts: tuple[tuple[Fact, ...], ...]
    ways: tuple[tuple[Fact, ...], ...]

    def told(self, people: tuple[str, ...], priced: Sequence[_Price]) -> Iterator[Conflict]:
        """The conflicts in words, ways out the cheapest first."""
        ways = [
            Relaxation(tuple(fact.text for fact in way), then, objective) for way, (then, objective) in zip(self.ways, priced, strict=True)
        ]
        ways.sort(key=lambda way: (len(way.facts), np.inf if way.objective is None else way.objective))
        for facts in self.conflicts or ((),):
            yield Conflict(people[0], tuple(fact.text for fact in facts), tuple(ways), people)


class _Explanation:
    """Conflicts and ways out of many cases, all of them side by side."""

    def __init__(self, problem: RosterProblem, cases: Sequence[Case]) -> None:
        self.problem, self.cases = problem, cases
        self.facts = [tuple(dict.fromkeys(facts_of(problem, case))) for case in cases]
        self.found: list[list[tuple[Fact, ...]]] = [[] for _ in cases]
        self.ways: list[list[tuple[Fact, ...]]] = [[] for _ in cases]

    def stuck(self) -> list[_Stuck]:
        """What stands against each case, and how to get out."""
        nodes: list[_Node] = [(i, ()) for i in range(len(self.cases))]
        for _ in range(MOST_GIVEN_UP):
            conflicts = self._conflicts(nodes)
            children = list(dict.fromkeys((i, (*gone, fact)) for (i, gone), facts in zip(nodes, conflicts, strict=True) for fact in facts))
            holds = self._hold(children)
            for (i, gone), fine in zip(children, holds, strict=True):
                if fine and not any(set(way) <= set(gone) for way in self.ways[i]):
                    self.ways[i].append(gone)
            nodes = [node for node, fine in zip(children, holds, strict=True) if not fine and not self.ways[node[0]]][:MOST_NODES]
        return [_Stuck(*one) for one in zip(self.cases, map(tuple, self.found), map(tuple, self.ways), strict=True)]

    def _conflicts(self, nodes: Sequence[_Node]) -> list[tuple[Fact, ...]]:
        """A smallest conflict of what each node has not given up; noted where it shares no fact with one found before."""
        left = [tuple(fact for fact in self.facts[i] if fact not in gone) for i, gone in nodes]

        def ask(questions: Sequence[tuple[int, tuple[Fact, ...]]]) -> list[bool]:
            kept = [(nodes[n][0], set(facts)) for n, facts in questions]
            return self._hold([(i, tuple(fact for fact in self.facts[i] if fact not in some)) for i, some in kept])

        conflicts = side_by_side([smallest_conflict(facts) for facts in left], ask)
        for (i, _), conflict in zip(nodes, conflicts, strict=True):
            if conflict and not any(set(conflict) & set(one) for one in self.found[i]):
                self.found[i].append(conflict)
        return conflicts

    def _hold(self, nodes: Sequence[_Node]) -> list[bool]:
        return can_hold(self.problem, [without(self.cases[i], gone) for i, gone in nodes])


_Node = tuple[int, tuple[Fact, ...]]
_Price = tuple[str, float | None]


def _priced(problem: RosterProblem, rest: Sequence[Agent], cases: Sequence[Case], watch: Watch) -> list[_Price]:
    """The best week of each case beside a quick roster of the rest, in words, and the objective with it."""
    if not cases or watch.stop():
        return [("", None)] * len(cases)
    search = Search(build_instance(replace(problem, agents=tuple(rest))), 0, watch, lambda _: None)
    search.first()
    search.anneal(SCALES, 1)
    base = search.objective()
    instance = instance_of(problem, cases, rest)
    standing = Standing(instance.problem, shifts_of(search.instance, search.plan.tours), instance)
    told: list[_Price] = [("no work that week", base)] * len(cases)
    for reply in standing.replies([f"#{i}" for i in range(len(cases))], 0.0):
        tour = standing.tour_with(reply.agent, reply.shifts)
        words = f"{len(tour.shifts)} days, {paid_minutes(tour) / 60:,.1f} paid hours"
        told[standing.number[reply.agent] - len(rest)] = (words, base - reply.gain)
    return told
