"""What is compiled at first use, compiled beforehand: a tiny problem for every room that has compiled loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from wfm.domain.activities import Activity
from wfm.domain.demand import ServiceTarget
from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.service.processes import each

ROOMS = ("scheduler", "uneven speeds", "erlang", "simulate")
MONDAY = date(2026, 3, 2)
"""Of the tiny problem; any Monday would do."""


def warm(workers: int, told: Callable[[int], None]) -> None:
    """Call every compiled loop once, so that it lies in the cache of compiled code for all later processes.

    Parameters
    ----------
    workers
        Processes, at least 1.
    told
        Called with the number of rooms done: whenever one is, and twice a second in between.
    """
    for _ in each(warm_room, ROOMS, workers, told):
        pass


def warm_room(name: str) -> None:
    """Call the compiled loops of one room of `ROOMS`."""
    {"scheduler": _scheduler, "uneven speeds": _uneven_speeds, "erlang": _erlang, "simulate": _simulate}[name]()


def tiny_problem() -> RosterProblem:
    """Four people, two queues, one week; a break that can be placed, and a wish."""
    grid = TimeGrid("UTC", MONDAY, 7, 60)
    shape = ShiftShape(420, (BreakRule(60, False, 120, 300),))
    contract = Contract("c", (0, 2_400), (0, 5), (shape,), 6 * 60, 22 * 60, 60)
    needs = tuple(Requirement(queue, 10.0, (1.0,) * grid.count) for queue in ("one", "two"))
    skills = ({"one": 1.0}, {"two": 1.0}, {"one": 1.0, "two": 1.0}, {"one": 1.0, "two": 1.0})
    wish = (DayOffWish(MONDAY, 1.0),)
    agents = tuple(Agent(f"a{k}", "c", queues, wishes=wish if k == 3 else ()) for k, queues in enumerate(skills))
    return RosterProblem("tiny", grid, 1.0, needs, (contract,), agents)


def uneven_problem() -> RosterProblem:
    """The same people, of whom those on both queues are slower on one: their splits have kernels of their own."""
    problem = tiny_problem()
    slower = (replace(agent, queues={**agent.queues, "two": 0.8}) if len(agent.queues) > 1 else agent for agent in problem.agents)
    return replace(problem, agents=tuple(slower))


def _scheduler() -> None:
    _schedule(tiny_problem())


def _uneven_speeds() -> None:
    _schedule(uneven_problem())


def _schedule(problem: RosterProblem) -> None:
    """A roster solved, repaired, given an activity, divided into blocks and asked about a gap."""
    from wfm.scheduler import Absence, Changes, Gap, channel_blocks, explain, place_activities, repair, solve, who_can_fill

    roster = solve(problem, time_limit_s=1.0, clock=lambda: 0.0)  # all of its work, however slow the machine
    first = roster.shifts[0]
    repair(problem, roster, Changes(absences=(Absence(first.agent, first.start, first.end),)))
    place_activities(problem, roster.shifts, [Activity("a", "a", (first.agent,), 60, first.start, first.end)])
    channel_blocks(problem, roster)
    explain(problem)
    who_can_fill(problem, roster, Gap(problem.requirements[0].queue, first.start, first.end))


def _erlang() -> None:
    from wfm.erlang import chat, erlang_a, erlang_b, erlang_c, erlang_x, required_agents, required_over_day, required_with_uncertainty

    target = ServiceTarget(level=0.8, awt_s=20.0)
    erlang_b(5.0, 6)
    erlang_c(0.02, 180.0, 6)
    erlang_a(0.02, 180.0, 6, 120.0)
    required_agents(0.02, 180.0, target)
    required_agents(0.02, 180.0, target, 120.0)
    required_with_uncertainty(0.02, 0.1, 180.0, target, 120.0)
    required_over_day((0.02, 0.03), 180.0, target, 120.0)
    chat(0.02, (180.0, 220.0), 6, 120.0)
    erlang_x(0.02, 180.0, 6, 120.0, 20)


def _simulate() -> None:
    from wfm.simulate import SimulatedQueue, Simulation, Skill, pooled_requirement, simulate, staff

    queues = (SimulatedQueue("queue", (20.0,) * 4, 180.0, 120.0),)
    simulate(Simulation(900, queues, staff(5, 4)), 2, 0)
    two = tuple(SimulatedQueue(name, (20.0,), 180.0, 120.0) for name in ("one", "two"))
    pooled_requirement(two, {"both": [Skill("one"), Skill("two")]}, {"both": 8}, hours=10)
