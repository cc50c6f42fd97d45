"""Schedules: from people needed to a roster problem, from its solution to a draft."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from wfm.domain.roster import Requirement, Roster, RosterProblem
from wfm.domain.staff import Agent
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import InvalidInput
from wfm.service import centre, draft_store
from wfm.service.context import Actor, Service
from wfm.service.coverage import cover
from wfm.service.demand_grid import GRID_MINUTES, for_roster, on_grid, planned_break_share
from wfm.service.draft_state import Placed, broken_rules
from wfm.service.draft_store import Made
from wfm.service.draft_view import DraftSummary, DraftView, draft, drafts
from wfm.service.gap import gap_in_words
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.service.worked_before import worked_before
from wfm.storage import requirements
from wfm.storage.series import unpack

__all__ = ["DraftSummary", "DraftView", "build_problem", "draft", "drafts", "gap_in_words", "next_open_week", "solve"]

OVER_COST = 2.0
TELL_S = 2.0


def build_problem(service: Service, actor: Actor, first_day: date, days: int = 7, requirement_number: int | None = None) -> RosterProblem:
    """What the scheduler is told about `days` local days of the organisation's clock.

    People needed on queue come from the stored version, laid on quarter hours. The roster places breaks itself, so only the part of a
    queue's shrinkage that breaks do not explain (absence, training and the like) is added: on queue / (1 - unplanned), in fractions; see
    `demand_grid`. Agents bring the end of their last published shift and the run of days that they have worked before the first day.

    Parameters
    ----------
    days
        A whole number of weeks.
    requirement_number
        Version of people needed; None for the newest.

    Raises
    ------
    InvalidInput
        When people needed do not reach over these days, or nobody can be scheduled.
    """
    require(actor, "schedule.read")
    if days < 7 or days % 7:
        raise InvalidInput(f"days must be a whole number of weeks (7, 14, ...), got {days}")
    grid = TimeGrid(centre.organisation(service, actor).zone, first_day, days, GRID_MINUTES)
    contracts = centre.contracts(service, actor)
    agents = tuple(view.agent for view in centre.agents(service, actor))
    planned = planned_break_share(agents, contracts)
    with service.database.reading() as session:
        row = requirements.version(session, actor.organisation_id, requirement_number)
        needs = tuple(_requirement(grid, part, queue, planned) for part, queue in requirements.queues(session, row))
        problem_id = f"{first_day.isoformat()}-{days}d-n{row.number}"
    before = worked_before(service, actor, grid)
    known = {need.queue for need in needs}
    able = tuple(_within(agent, grid, known, before) for agent in sorted(agents, key=lambda one: one.id) if known & set(agent.queues))
    if not able:
        raise InvalidInput("no agent can take any of the queues; load agents first")
    return RosterProblem(problem_id, grid, OVER_COST, needs, contracts, able)


def solve(
    service: Service,
    actor: Actor,
    progress: Progress,
    first_day: date,
    days: int = 7,
    time_limit_s: float | None = None,
    seed: int = 0,
    requirement_number: int | None = None,
) -> int:
    """Build a schedule and store it as a new draft; its number. Heavy: for worker processes.

    A solve that is asked to stop keeps its best so far.

    Raises
    ------
    Infeasible
        When no roster satisfies the rules; the message says which and whom.
    """
    require(actor, "schedule.change")
    progress.say(0.0, "reading people needed and staff")
    with service.database.reading() as session:
        needed = requirements.version(session, actor.organisation_id, requirement_number).number
    problem = build_problem(service, actor, first_day, days, needed)
    roster = solved(problem, float(time_limit_s or service.settings.solve_seconds), seed, progress)
    progress.note(0.93, "measuring coverage")
    coverage, report = cover(problem, roster.shifts), _report(problem, roster)
    with service.database.transaction() as session:
        made = Made(problem, tuple(map(Placed, roster.shifts)), coverage, roster.objective, roster.lower_bound, report)
        number = draft_store.add(service, actor, session, made, requirements.version(session, actor.organisation_id, needed).id)
        progress.finish(session, draft=number, shifts=len(roster.shifts), gap=report["gap"])
        return number


def solved(problem: RosterProblem, time_limit_s: float, seed: int, progress: Progress) -> Roster:
    """A roster for `problem`, told of as it gets better.

    Raises
    ------
    Infeasible
        With the smallest set of rules and people that conflict.
    """
    from wfm import scheduler

    progress.say(0.05, "looking for a first schedule")
    told = _Teller(progress, time_limit_s)
    return scheduler.solve(problem, time_limit_s=time_limit_s, seed=seed, progress=told.better, cancelled=told.asked)


def next_open_week(service: Service, actor: Actor) -> date:
    """The first Monday from today on that people needed reach over for a week."""
    with service.database.reading() as session:
        row = requirements.version(session, actor.organisation_id)
        reach = [unpack(part.series)["start_s"][[0, -1]] for part, _ in requirements.queues(session, row)]
    here = zone(centre.organisation(service, actor).zone)
    first, last = (datetime.fromtimestamp(int(s), here).date() for s in (max(r[0] for r in reach), min(r[1] for r in reach)))
    today = service.now().astimezone(here).date()
    begin = max(first, today) if last >= today else first
    return begin + timedelta(-begin.weekday() % 7)


def _requirement(grid: TimeGrid, part: Any, queue: Any, planned: float) -> Requirement:
    arrays, definition = unpack(part.series), part.definition
    on_queue = on_grid(grid, arrays["start_s"], part.interval_minutes * 60, arrays["on_queue"].astype(np.float64))
    required = for_roster(on_queue, float(definition["shrinkage"]), planned)
    return Requirement(queue.key, float(definition["under_cost"]), tuple(required.tolist()))


def _within(agent: Agent, grid: TimeGrid, queues: set[str], before: Any) -> Agent:
    """The agent as far as these days and queues are concerned."""
    days = set(grid.dates)
    last_end, run = before.get(agent.id, (agent.last_shift_end, agent.days_worked_before))
    return replace(
        agent,
        queues={queue: speed for queue, speed in sorted(agent.queues.items()) if queue in queues},
        days_off=frozenset(agent.days_off & days),
        unavailable=tuple(span for span in agent.unavailable if span[0] < grid.end and span[1] > grid.begin),
        fixed=tuple(part for part in agent.fixed if part.start < grid.end and part.end > grid.begin),
        wishes=tuple(wish for wish in agent.wishes if wish.day in days),
        last_shift_end=last_end,
        days_worked_before=run,
    )


class _Teller:
    """Tells of a solve: every better roster, and every few seconds that it still goes on."""

    def __init__(self, progress: Progress, time_limit_s: float) -> None:
        self._progress, self._limit_s = progress, time_limit_s
        self._begun = self._told = time.monotonic()
        self._objective: float | None = None

    def better(self, roster: Roster) -> None:
        """The solver has a better roster."""
        self._objective = roster.objective
        self._tell()

    def asked(self) -> bool:
        """The solver asks whether it should stop."""
        if time.monotonic() - self._told >= TELL_S:
            self._tell()
        return self._progress.cancelled()

    def _tell(self) -> None:
        self._told = time.monotonic()
        share = min(1.0, (self._told - self._begun) / self._limit_s)
        details = {} if self._objective is None else {"objective": round(self._objective, 2)}
        self._progress.note(0.05 + 0.85 * share, "looking for a better schedule", **details)


def _report(problem: RosterProblem, roster: Roster) -> dict[str, Any]:
    from wfm import scheduler

    return {
        "status": str(roster.status),
        "solver": roster.solver,
        "seed": roster.seed,
        "seconds": round(roster.seconds, 1),
        "notes": list(roster.notes),
        **broken_rules(scheduler.check(problem, roster).violations),
        "gap": gap_in_words(problem, roster.objective, roster.lower_bound),
    }
