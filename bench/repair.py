"""Repair, gaps, reasons and conflicts at several sizes: `python bench/repair.py [people ...]`.

One absence of a whole shift for several people in turn, on a roster of a short solve; printed are seconds (kernels warm), people
touched, and the share of the absence's cost that the repair wins back. Nothing is asserted. Goals: 5 s and at most 3 people at 500.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from statistics import median
from typing import TypeVar

import numpy as np

from wfm.domain.roster import Requirement, Roster, RosterProblem
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.scheduler import Absence, Changes, Gap, Repair, check, explain, repair, shortfalls, solve, who_can_fill, why_this_shift

SIZES = (120, 500, 2_000)
ABSENCES = 8
LOAD = 1.0
Answer = TypeVar("Answer")


def problem(people: int, seed: int = 1) -> RosterProblem:
    """An invented clinic: three queues in two languages, two contracts, demand of about what people can work."""
    rng = np.random.default_rng(seed)
    grid = TimeGrid("America/Chicago", date(2026, 6, 1), 7, 15)
    lunch, short = BreakRule(30, False, 210, 300), BreakRule(15, True, 90, 150)
    rest = (360, 1380, 30, 660, 6, 45, 30.0)
    full = Contract("full", (2400, 2400), (5, 5), (ShiftShape(480, (short, lunch, BreakRule(15, True, 360, 420))),), *rest)
    part = Contract("part", (720, 1440), (3, 5), (ShiftShape(240, (short,)), ShiftShape(360, (short, lunch))), *rest)
    queues = [f"{what}_{language}" for what in ("calls", "refills", "triage") for language in ("en", "es")]
    agents = tuple(_agent(i, queues, rng) for i in range(people))
    hours = np.array([start.hour + start.minute / 60 for start in grid.local_starts])
    shape = np.exp(-(((hours - 10.5) / 2.2) ** 2)) + 0.8 * np.exp(-(((hours - 15.0) / 2.5) ** 2))
    shape[(hours < 7) | (hours >= 21)] = 0.0
    share = np.array([0.34, 0.08, 0.24, 0.06, 0.22, 0.06])
    total = LOAD * people * (0.7 * 37 + 0.3 * 20)
    curve = shape / shape.sum() * total * 4
    needs = tuple(Requirement(q, 120.0 if "triage" in q else 60.0, tuple((s * curve).tolist())) for q, s in zip(queues, share, strict=True))
    return RosterProblem(f"bench-{people}", grid, 2.0, needs, (full, part), agents)


def _agent(i: int, queues: list[str], rng: np.random.Generator) -> Agent:
    both = rng.random() < 0.3
    first = rng.integers(0, 3)
    mine = {int(first)} | ({int(rng.integers(0, 3))} if rng.random() < 0.5 else set())
    serves = [q for q in queues if ["calls", "refills", "triage"].index(q.split("_")[0]) in mine and (both or q.endswith("en"))]
    return Agent(f"p{i:04d}", "full" if rng.random() < 0.7 else "part", dict.fromkeys(serves, 1.0))


def timed(run: Callable[[], Answer]) -> tuple[Answer, float]:
    """An answer and its seconds."""
    began = time.perf_counter()
    return run(), time.perf_counter() - began


def section(people: int, solve_s: float) -> Iterator[str]:
    """Lines of one size."""
    asked = problem(people)
    roster = solve(asked, solve_s, seed=1)
    yield f"{people} people, roster of {solve_s:.0f} s: cost {roster.objective:,.0f}, {len(roster.shifts)} shifts"
    found = [timed(lambda agent=agent: repair(asked, roster, _absence(roster, agent), time_limit_s=60)) for agent in _absent(asked)]  # type: ignore[misc]
    yield _repairs([one for one, _ in found], [seconds for _, seconds in found])
    start = asked.grid.begin + timedelta(hours=33)
    filling, seconds = timed(lambda: who_can_fill(asked, roster, Gap("calls_en", start, start + timedelta(hours=2))))
    yield f"  who can fill two hours: {seconds:.2f} s, {len(filling.candidates)} ways, {len(filling.others)} people told why not"
    _, seconds = timed(lambda: why_this_shift(asked, roster, asked.agents[0].id, asked.grid.dates[1]))
    yield f"  why this shift: {seconds:.2f} s"
    told, seconds = timed(lambda: shortfalls(asked, roster, 5))
    yield f"  why {len(told)} gaps stay: {seconds:.2f} s"
    yield _conflicts(asked)


def _absent(asked: RosterProblem) -> list[str]:
    return [agent.id for agent in asked.agents[:: max(len(asked.agents) // ABSENCES, 1)]][:ABSENCES]


def _absence(roster: Roster, agent: str) -> Changes:
    shift = [one for one in roster.shifts if one.agent == agent][1]
    return Changes(absences=(Absence(agent, shift.start, shift.end),))


def _repairs(found: list[Repair], seconds: list[float]) -> str:
    judged = [check(one.problem, one.roster) for one in found]
    broken = sum(len(one.violations) for one in judged)
    lost = [max(one.frontier[0].short_hours - one.short_hours_before, 1e-9) for one in found]
    back = [(one.frontier[0].short_hours - one.chosen.short_hours) / hours for one, hours in zip(found, lost, strict=True) if hours > 0.1]
    touched = sorted(len(one.touched) for one in found)
    share = f"{100 * median(back):.0f} %" if back else "none"
    return (
        f"  one absence: {median(seconds):.2f} s (most {max(seconds):.2f}; goal 5), touched {touched} (goal at most 3), "
        f"median share of lost hours won back {share}, {broken} rules broken"
    )


def _conflicts(asked: RosterProblem) -> str:
    stuck = len(asked.agents) // 4
    week = asked.grid.dates
    people = tuple(
        replace(agent, days_off=frozenset(week[i % 3 : i % 3 + 5])) if i < stuck else agent for i, agent in enumerate(asked.agents)
    )
    found, seconds = timed(lambda: explain(replace(asked, agents=people)))
    names = {name for conflict in found for name in conflict.agents}
    priced = sum(way.objective is not None for conflict in found for way in conflict.relaxations)
    return f"  {len(names)} people without a legal week: {seconds:.2f} s (goal 10), {len(found)} conflicts, {priced} priced ways out"


def main() -> None:
    """Print every size asked for."""
    for people in [int(text) for text in sys.argv[1:]] or SIZES:
        list(section(40, 1.0)) if people == SIZES[0] else None  # compiles
        for line in section(people, 10.0 if people < 1_000 else 40.0):
            print(line, flush=True)


if __name__ == "__main__":
    main()
