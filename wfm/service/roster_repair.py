"""Rosters from file to file, after they were made: repair, explain, shifts as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, tzinfo
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wfm.domain.roster import Roster, RosterProblem, Shift
from wfm.domain.staff import Agent
from wfm.domain.timegrid import zone
from wfm.service import problem_document
from wfm.service.exchange import guarded
from wfm.service.roster_files import read_json

if TYPE_CHECKING:
    from wfm.scheduler import Conflict, Repair, ShiftReasons, Shortfall

CSV_COLUMNS = ("agent", "name", "day", "start", "end", "hours", "breaks", "activities")


def repair_files(problem_path: Path, roster_path: Path, changes_path: Path, target: Path, changed_problem: Path | None = None) -> Repair:
    """Repair a roster file after the changes of a `wfm-roster-changes/1` file, into another roster file.

    Parameters
    ----------
    problem_path, roster_path, changes_path
        What to read.
    target
        Roster to write.
    changed_problem
        Where to write the problem as the changes leave it, against which the new roster is to be judged; None for nowhere.

    Raises
    ------
    InvalidInput
        When a file cannot be used or the changes do not fit the problem.
    Infeasible
        When a swap breaks a rule, or somebody has no legal week after the changes.
    """
    from wfm import scheduler

    problem = scheduler.read_problem(problem_path)
    roster = scheduler.read_roster(roster_path, problem)
    order = scheduler.parse_changes(read_json(changes_path), problem)
    made = scheduler.repair(problem, roster, order.changes, order.keep, order.now, order.most_people, order.price_per_person)
    if changed_problem is not None:
        problem_document.write(made.problem, changed_problem)
    scheduler.write_roster(made.roster, target, made.problem)
    return made


def explain_problem(source: Path) -> tuple[RosterProblem, tuple[Conflict, ...], tuple[Shortfall, ...]]:
    """The problem in a file, why it has no roster, and the demand that no roster can serve."""
    from wfm import scheduler

    problem = scheduler.read_problem(source)
    return problem, scheduler.explain(problem), scheduler.unmeetable(problem)


def explain_roster(problem_path: Path, roster_path: Path, most: int) -> tuple[RosterProblem, tuple[Shortfall, ...]]:
    """Why demand stays unserved in a roster file, at most `most` gaps."""
    from wfm import scheduler

    problem = scheduler.read_problem(problem_path)
    return problem, scheduler.shortfalls(problem, scheduler.read_roster(roster_path, problem), most)


def explain_shift(problem_path: Path, roster_path: Path, agent: str, day: date) -> tuple[RosterProblem, ShiftReasons]:
    """Why somebody works as they do on a day of a roster file."""
    from wfm import scheduler

    problem = scheduler.read_problem(problem_path)
    return problem, scheduler.why_this_shift(problem, scheduler.read_roster(roster_path, problem), agent, day)


def write_shifts(problem: RosterProblem, roster: Roster, path: Path) -> int:
    """Write the shifts as CSV, a line each, on the problem's clock; their number. The whole file or nothing."""
    here = zone(problem.grid.zone_name)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(CSV_COLUMNS)
            for shift in sorted(roster.shifts, key=lambda shift: (shift.start, shift.agent)):
                start, end = shift.start.astimezone(here), shift.end.astimezone(here)
                pauses = [(pause.start.astimezone(here), pause.end.astimezone(here)) for pause in shift.breaks]
                breaks = "; ".join(f"{begin:%H:%M}-{finish:%H:%M}" for begin, finish in pauses)
                agent = problem.agent_of[shift.agent]
                times = start.date(), start.isoformat(), end.isoformat(), f"{shift.minutes / 60:g}", breaks
                lines.writerow((shift.agent, agent.name, *times, _activities(agent, shift, here)))
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return len(roster.shifts)


def _activities(agent: Agent, shift: Shift, here: tzinfo) -> str:
    """What somebody does off queue in a shift: "10:00-10:30 Coaching"."""
    parts = [part for part in agent.fixed if part.start < shift.end and shift.start < part.end]
    return "; ".join(guarded(f"{part.start.astimezone(here):%H:%M}-{part.end.astimezone(here):%H:%M} {part.activity}") for part in parts)


def write_shifts_of(problem_path: Path, roster_path: Path, path: Path) -> int:
    """As `write_shifts`, from files."""
    from wfm import scheduler

    problem = scheduler.read_problem(problem_path)
    return write_shifts(problem, scheduler.read_roster(roster_path, problem), path)


def as_json(answer: object, problem: RosterProblem) -> str:
    """Any answer of the scheduler as JSON, times on the problem's clock."""
    return json.dumps(_plain(answer, problem), indent=1)


def _plain(value: object, problem: RosterProblem) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone(problem.grid.zone_name)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, RosterProblem):
        return value.id
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name), problem) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one, problem) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(one, problem) for one in value)
    return [_plain(one, problem) for one in value] if isinstance(value, list | tuple) else value
