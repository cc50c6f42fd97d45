"""Schedules: from people needed to a roster problem, from its solution to a draft."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from wfm.domain.roster import Requirement, Roster, RosterProblem, Shift
from wfm.domain.staff import Agent
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import Infeasible, InvalidInput
from wfm.service import centre, draft_store, pins, work_rules
from wfm.service.context import Actor, Service
from wfm.service.coverage import cover
from wfm.service.demand_grid import GRID_MINUTES, for_roster, on_grid, planned_break_share
from wfm.service.draft_state import Placed, broken_rules
from wfm.service.draft_store import Made
from wfm.service.draft_view import DraftSummary, DraftView, draft, drafts
from wfm.service.gap import gap_in_words, gap_of_demand
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.service.side_by_side import Parts
from wfm.service.worked_before import WorkedBefore, worked_before
from wfm.storage import definitions, requirements
from wfm.storage.series import unpack

__all__ = ["DraftSummary", "DraftView", "build_problem", "draft", "drafts", "gap_in_words", "next_open_week", "solve"]

OVER_COST = 2.0
TELL_S = 2.0
FIRST_PAUSE_S = 0.3
MOST_POINTS = 150


def build_problem(service: Service, actor: Actor, first_day: date, days: int = 7, requirement_number: int | None = None) -> RosterProblem:
    """What the scheduler is told about `days` local days of the organisation's clock.

    People needed on queue come from the stored version, laid on quarter hours. The roster places breaks itself, so only the part of a
    queue's shrinkage that breaks do not explain (absence, training and the like) is added: on queue / (1 - unplanned), in fractions; see
    `demand_grid`. The work rules, licences and seats in force are those of `work_rules`. Agents bring the end of their last published
    shift and the run of days that they have worked before the first day.

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
    return work_rules.applied(service, actor, RosterProblem(problem_id, grid, OVER_COST, needs, contracts, able))


def solve(
    service: Service,
    actor: Actor,
    progress: Progress,
    first_day: date,
    days: int = 7,
    time_limit_s: float | None = None,
    seed: int = 0,
    requirement_number: int | None = None,
    pins_of: int | None = None,
    parts: str = "",
) -> int:
    """Build a schedule and store it as a new draft; its number. Heavy: for worker processes.

    A solve that is asked to stop keeps its best so far.

    Parameters
    ----------
    pins_of
        Number of a draft whose pinned shifts on these days stay to the minute, and stay pinned; its activities keep their times.
    parts
        "site", "team" or a number of parts to solve side by side; empty to solve the whole as one.

    Raises
    ------
    Infeasible
        When no roster satisfies the rules; `conflicts` says which, whom, and the cheapest ways out.
    InvalidInput
        When a pinned shift breaks a rule by itself.
    """
    require(actor, "schedule.change")
    progress.say(0.0, "reading people needed and staff")
    with service.database.reading() as session:
        needed = requirements.version(session, actor.organisation_id, requirement_number).number
    divided, problem = Parts.of(parts, service.settings), build_problem(service, actor, first_day, days, needed)
    problem = pins.with_activities(service, actor, pins_of, problem) if pins_of else problem
    pinned = pins.of_draft(service, actor, pins_of, problem) if pins_of else ()
    try:
        roster = solved(problem, float(time_limit_s or service.settings.solve_seconds), seed, progress, pinned, divided)
    except Infeasible as error:
        with service.database.transaction() as session:
            progress.keep(session, conflicts=list(error.conflicts))
        raise
    progress.note(0.93, "measuring coverage")
    coverage, report = cover(problem, roster.shifts), _report(problem, roster)
    with service.database.transaction() as session:
        placed = tuple(Placed(shift, shift in pinned) for shift in roster.shifts)
        made = Made(problem, placed, coverage, roster.objective, roster.lower_bound, report)
        number = draft_store.add(service, actor, session, made, requirements.version(session, actor.organisation_id, needed).id)
        progress.finish(session, draft=number, shifts=len(roster.shifts), gap=report["gap"])
        return number


def solved(
    problem: RosterProblem, time_limit_s: float, seed: int, progress: Progress, pinned: Sequence[Shift] = (), parts: Parts | None = None
) -> Roster:
    """A roster for `problem`, told of as it gets better.

    Parameters
    ----------
    pinned
        Shifts that stay as they are, to the minute.
    parts
        Parts to solve side by side; None to solve the whole as one.

    Raises
    ------
    Infeasible
        With the smallest sets of rules and people that conflict, and the cheapest ways out.
    """
    from wfm import scheduler

    progress.say(0.05, "looking for a first schedule")
    told = _Teller(progress, problem, time_limit_s)
    try:
        solve_it = scheduler.solve if parts is None else parts.solve
        roster = solve_it(problem, time_limit_s, seed, told.better, told.asked, pinned)
    except Infeasible as error:
        if error.conflicts:
            raise
        progress.note(0.5, "finding out why there is none")
        raise Infeasible(str(error), _conflicts(problem, pinned)) from error
    told.end(roster)
    return roster


def _conflicts(problem: RosterProblem, pinned: Sequence[Shift]) -> list[str]:
    """Why there is no roster, in words."""
    from wfm import scheduler

    found = [str(conflict) for conflict in scheduler.explain(problem)]
    if found or not pinned:
        return found
    names = sorted({problem.agent_of[shift.agent].name or shift.agent for shift in pinned})
    return [f"Without pins there is one: the pinned shifts of {', '.join(names)} leave somebody no legal week; unpin some."]


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
    set_up = definitions.queue(queue.key, queue.name, definition)
    shrinkage = np.array([set_up.shrinkage_on(start.weekday()) for start in grid.local_starts])
    required = for_roster(on_queue, shrinkage, planned)
    return Requirement(queue.key, float(definition["under_cost"]), tuple(required.tolist()))


def _within(agent: Agent, grid: TimeGrid, queues: set[str], before: Any) -> Agent:
    """The agent as far as these days and queues are concerned."""
    days = set(grid.dates)
    own = WorkedBefore(agent.last_shift_start, agent.last_shift_end, agent.days_worked_before)
    last_start, last_end, run = before.get(agent.id, own)
    return replace(
        agent,
        queues={queue: speed for queue, speed in sorted(agent.queues.items()) if queue in queues},
        days_off=frozenset(agent.days_off & days),
        unavailable=tuple(span for span in agent.unavailable if span[0] < grid.end and span[1] > grid.begin),
        fixed=tuple(part for part in agent.fixed if part.start < grid.end and part.end > grid.begin),
        wishes=tuple(wish for wish in agent.wishes if wish.day in days),
        last_shift_start=last_start,
        last_shift_end=last_end,
        days_worked_before=run,
    )


class _Teller:
    """Tells of a solve: better rosters with what is proven and what is short, and every few seconds that it still goes on."""

    def __init__(self, progress: Progress, problem: RosterProblem, time_limit_s: float) -> None:
        self._progress, self._problem, self._limit_s = progress, problem, time_limit_s
        self._begun = self._told = time.monotonic()
        self._pause_s = max(FIRST_PAUSE_S, time_limit_s / MOST_POINTS)
        self._best: Roster | None = None
        self._short: tuple[Roster, float] | None = None
        self._measure_after = 0.0

    def better(self, roster: Roster) -> None:
        """The solver has a better roster."""
        first, self._best = self._best is None, roster
        if first or time.monotonic() - self._told >= self._pause_s:
            self.tell()

    def asked(self) -> bool:
        """The solver asks whether it should stop."""
        if time.monotonic() - self._told >= TELL_S:
            self.tell()
        return self._progress.cancelled()

    def tell(self) -> None:
        """How far it is, and how good the best so far."""
        self._told = time.monotonic()
        spent_s = self._told - self._begun
        details: dict[str, float] = {"spent_s": round(spent_s, 1)}
        if self._best is not None:
            details |= self._figures(self._best)
        self._progress.note(0.05 + 0.85 * min(1.0, spent_s / self._limit_s), "looking for a better schedule", **details)

    def end(self, roster: Roster) -> None:
        """The solver gave its last roster."""
        self._best, self._measure_after = roster, 0.0
        self.tell()

    def _figures(self, roster: Roster) -> dict[str, float]:
        figures = {"objective": round(roster.objective, 2), "short_hours": round(self._short_hours(roster), 2)}
        gap = gap_of_demand(self._problem, roster.objective, roster.lower_bound)
        if roster.lower_bound is not None and gap is not None:
            figures |= {"bound": round(roster.lower_bound, 2), "gap": round(gap, 6)}
        return figures

    def _short_hours(self, roster: Roster) -> float:
        """Hours short, of the last roster that was measured: measuring may take a twentieth of the time at most."""
        if self._short is None or (self._short[0] is not roster and time.monotonic() >= self._measure_after):
            from scipy.optimize import linprog  # noqa: F401 - what loading it costs is not part of what measuring costs

            begun = time.monotonic()
            missing = cover(self._problem, roster.shifts).missing
            hours = sum(float(heads.sum()) for heads in missing.values()) * self._problem.grid.interval_s / 3_600
            self._short = roster, hours
            self._measure_after = time.monotonic() + 20 * (time.monotonic() - begun)
        return self._short[1]


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
