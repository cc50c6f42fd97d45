"""What people do beside the queues, placed into a roster file: activities, movable work, and who takes which queue when."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wfm.domain.activities import Placed, Unplaced, with_activities
from wfm.domain.roster import RosterProblem
from wfm.domain.staff import FixedActivity
from wfm.domain.timegrid import zone
from wfm.service import problem_document
from wfm.service.roster_files import read_json

if TYPE_CHECKING:
    from wfm.domain.roster import Roster
    from wfm.scheduler import ChannelPlan, MovableLeft, MovablePlaced
    from wfm.scheduler.placing_formats import Wanted

FORMAT = "wfm-placed/1"


@dataclass(frozen=True, slots=True)
class Placing:
    """What was placed, and what was not.

    Parameters
    ----------
    problem
        With everything that was placed fixed for its people.
    activities, unplaced
        Activities with their times, and those for which there is none.
    movable, left
        Movable work that people do, and what does not fit.
    plan
        Blocks of the time on queue that is left.
    objective_before, objective
        Cost of the roster without and with them.
    """

    problem: RosterProblem
    activities: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    movable: tuple[MovablePlaced, ...]
    left: tuple[MovableLeft, ...]
    plan: ChannelPlan
    objective_before: float
    objective: float


def place(problem: RosterProblem, roster: Roster, wanted: Wanted) -> Placing:
    """Place activities, then movable work, then the blocks of what is left.

    Raises
    ------
    InvalidInput
        When somebody or a queue is unknown, or a length does not fit the intervals.
    """
    from wfm import scheduler

    placed, unplaced = scheduler.place_activities(problem, roster.shifts, wanted.activities)
    busy = with_activities(problem, placed)
    movable, left = scheduler.place_movable(busy, roster, wanted.movable, wanted.most_cost_per_hour)
    busy = _with_movable(busy, movable)
    plan = scheduler.channel_blocks(busy, roster, wanted.least_minutes, wanted.tolerance, wanted.switch_cost)
    before, after = scheduler.check(problem, roster).objective, scheduler.check(busy, roster).objective
    return Placing(busy, placed, unplaced, movable, left, plan, before, after)


def place_files(problem_path: Path, roster_path: Path, activities_path: Path, target: Path, changed_problem: Path | None = None) -> Placing:
    """As `place`, from files into a `wfm-placed/1` file.

    Parameters
    ----------
    problem_path, roster_path, activities_path
        What to read.
    target
        What to write, whole or not at all.
    changed_problem
        Where to write the problem with everything placed as fixed activities; None for nowhere.
    """
    from wfm import scheduler
    from wfm.scheduler.placing_formats import parse_activities

    problem = scheduler.read_problem(problem_path)
    roster = scheduler.read_roster(roster_path, problem)
    made = place(problem, roster, parse_activities(read_json(activities_path), problem))
    if changed_problem is not None:
        problem_document.write(made.problem, changed_problem)
    _write(document(made), target)
    return made


def document(made: Placing) -> dict[str, Any]:
    """What was placed as `wfm-placed/1`, times on the problem's clock."""
    here = zone(made.problem.grid.zone_name)

    def span(start: datetime, end: datetime) -> dict[str, str]:
        return {"start": start.astimezone(here).isoformat(), "end": end.astimezone(here).isoformat()}

    return {
        "format": FORMAT,
        "problem": made.problem.id,
        "activities": [
            {"id": one.activity.id, "activity": one.activity.activity, "people": list(one.activity.people), **span(one.start, one.end),
             "cost": one.cost}
            for one in made.activities
        ],
        "unplaced": [{"id": one.activity.id, "reason": one.reason} for one in made.unplaced],
        "movable": [
            {"queue": one.window.queue, "name": one.window.name, "agent": one.agent, **span(one.start, one.end), "hours": one.hours,
             "cost": one.cost}
            for one in made.movable
        ],
        "left": [
            {"queue": one.window.queue, "name": one.window.name, "due": one.window.due.astimezone(here).isoformat(), "hours": one.hours}
            for one in made.left
        ],
        "blocks": [
            {"agent": name, **span(block.start, block.end), "queues": list(block.queues)}
            for name, blocks in made.plan.blocks.items()
            for block in blocks
        ],
        "served_hours": made.plan.served_hours,
        "best_hours": made.plan.best_hours,
        "objective_before": made.objective_before,
        "objective": made.objective,
    }  # fmt: skip


def _with_movable(problem: RosterProblem, placed: tuple[MovablePlaced, ...]) -> RosterProblem:
    mine: dict[str, list[FixedActivity]] = {}
    for one in placed:
        mine.setdefault(one.agent, []).append(FixedActivity(one.start, one.end, one.window.name))
    return replace(problem, agents=tuple(replace(agent, fixed=(*agent.fixed, *mine.get(agent.id, ()))) for agent in problem.agents))


def _write(answer: dict[str, Any], path: Path) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
