"""`wfm-roster-problem/1` and `wfm-roster/1`: reading with every contradiction named at once, and writing."""

from __future__ import annotations

import json
import math
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wfm import units
from wfm.domain.roster import Break, Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, FixedActivity, Licence, ShiftShape
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.scheduler.schema import AgentIn, ContractIn, FixedIn, ProblemIn, QueueIn, RosterIn

PROBLEM_FORMAT = "wfm-roster-problem/1"
ROSTER_FORMAT = "wfm-roster/1"


def read_problem(path: str | Path) -> RosterProblem:
    """The problem in a `wfm-roster-problem/1` file.

    Parameters
    ----------
    path
        The JSON file.

    Raises
    ------
    InvalidInput
        When the file cannot be read or contradicts itself; the message names every contradiction, one per line.
    """
    return parse_problem(_load(path))


def parse_problem(document: Any) -> RosterProblem:
    """The problem in a decoded JSON document; see `read_problem`."""
    from wfm.scheduler.precheck import contradictions
    from wfm.scheduler.schema import ProblemIn, validated

    given = validated(ProblemIn, document, "problem")
    found = contradictions(given)
    if found:
        raise InvalidInput("the problem contradicts itself:\n" + "\n".join(f"- {line}" for line in found))
    return _problem(given)


def _problem(given: ProblemIn) -> RosterProblem:
    grid = TimeGrid(given.timezone, given.start, given.days, given.interval_minutes)
    return RosterProblem(
        id=given.id,
        grid=grid,
        over_cost=given.over_cost,
        requirements=tuple(_requirement(q) for q in given.queues),
        contracts=tuple(_contract(c) for c in given.contracts),
        agents=tuple(_agent(a) for a in given.agents),
        rules=tuple(given.rules),
        secondary_cost=given.secondary_cost,
        compact=dict(given.compact),
    )


def _requirement(given: QueueIn) -> Requirement:
    scalar = given.minimum if isinstance(given.minimum, float) else None
    minimum = tuple(given.minimum) if isinstance(given.minimum, list) else (scalar,) * len(given.required) if scalar else ()
    return Requirement(given.id, given.under_cost, tuple(given.required), minimum, given.minimum_cost, given.licence)


def _contract(given: ContractIn) -> Contract:
    return Contract(
        id=given.id,
        week_minutes=given.week_minutes,
        week_days=given.week_days,
        shifts=tuple(
            ShiftShape(s.paid_minutes, tuple(BreakRule(b.minutes, b.paid, b.earliest_minutes, b.latest_minutes) for b in s.breaks))
            for s in given.shifts
        ),
        earliest_start_minutes=units.clock_minutes(given.earliest_start),
        latest_end_minutes=units.clock_minutes(given.latest_end),
        start_step_minutes=given.start_step_minutes,
        min_rest_minutes=given.min_rest_minutes,
        max_consecutive_days=given.max_consecutive_days,
        min_work_stretch_minutes=given.min_work_stretch_minutes,
        cost_per_hour=given.cost_per_hour,
        rules=tuple(given.rules),
    )


def _agent(given: AgentIn) -> Agent:
    from wfm.scheduler.schema import instant

    return Agent(
        id=given.id,
        contract=given.contract,
        queues=dict(given.queues),
        earliest_start_minutes=None if given.earliest_start is None else units.clock_minutes(given.earliest_start),
        latest_end_minutes=None if given.latest_end is None else units.clock_minutes(given.latest_end),
        days_off=frozenset(given.days_off),
        unavailable=tuple((instant(a), instant(b)) for a, b in given.unavailable),
        fixed=tuple(map(_fixed, given.fixed)),
        wishes=tuple(DayOffWish(w.date, w.cost) for w in given.preferences),
        last_shift_end=None if given.last_shift_end is None else instant(given.last_shift_end),
        last_shift_start=None if given.last_shift_start is None else instant(given.last_shift_start),
        days_worked_before=given.days_worked_before,
        rules=tuple(given.rules),
        carried=tuple(sorted(given.carried.items())),
        site=given.site,
        team=given.team,
        skills=frozenset(given.skills),
        licences=tuple(Licence(one.state, one.first_day, one.last_day, one.multistate) for one in given.licences),
        secondary=frozenset(given.secondary),
        name=given.name,
    )


def _fixed(given: FixedIn) -> FixedActivity:
    from wfm.scheduler.schema import instant

    due = None if given.due is None else instant(given.due)
    return FixedActivity(instant(given.start), instant(given.end), given.activity, given.kind, given.session, given.lead, due)


def write_roster(roster: Roster, path: str | Path, problem: RosterProblem | None = None) -> None:
    """Writes `roster` as `wfm-roster/1`, whole or not at all.

    Parameters
    ----------
    roster
        Any roster.
    path
        Where to; an existing file is replaced.
    problem
        Where it is given, times carry the offset of its zone instead of UTC.
    """
    text = json.dumps(roster_document(roster, problem), indent=1) + "\n"
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def roster_document(roster: Roster, problem: RosterProblem | None = None) -> dict[str, Any]:
    """`roster` as the JSON document of `wfm-roster/1`."""
    here = zone(problem.grid.zone_name) if problem is not None else None

    def told(moment: datetime) -> str:
        return moment.isoformat() if here is None else moment.astimezone(here).isoformat()

    return {
        "format": ROSTER_FORMAT,
        "problem": roster.problem,
        "shifts": [
            {
                "agent": s.agent,
                "start": told(s.start),
                "end": told(s.end),
                "breaks": [{"start": told(b.start), "end": told(b.end)} for b in s.breaks],
            }
            for s in roster.shifts
        ],
        "objective": roster.objective,
        "lower_bound": roster.lower_bound if roster.lower_bound is None or math.isfinite(roster.lower_bound) else None,
        "status": str(roster.status),
        "seconds": roster.seconds,
        "solver": roster.solver,
        "seed": roster.seed,
        "notes": list(roster.notes),
    }


def read_roster(path: str | Path, problem: RosterProblem) -> Roster:
    """The roster in a `wfm-roster/1` file that answers `problem`.

    Raises
    ------
    InvalidInput
        When the file cannot be read, answers another problem, or names people that the problem does not have.
    """
    from wfm.scheduler.schema import RosterIn, validated

    given = validated(RosterIn, _load(path), "roster")
    strange = sorted({s.agent for s in given.shifts} - set(problem.agent_of))
    found = [f"agent {agent!r} is not in the problem" for agent in strange]
    if given.problem != problem.id:
        found.insert(0, f"the roster must answer problem {problem.id!r}, got {given.problem!r}")
    if found:
        raise InvalidInput("the roster does not fit the problem:\n" + "\n".join(f"- {line}" for line in found))
    return _roster(given, problem)


def _roster(given: RosterIn, problem: RosterProblem) -> Roster:
    from wfm.scheduler.schema import instant

    shifts = []
    for s in given.shifts:
        start, end = instant(s.start), instant(s.end)
        shape = next((x for x in problem.contract_of[problem.agent_of[s.agent].contract].shifts[::-1]
                      if x.minutes * units.SECONDS_PER_MINUTE == (end - start).total_seconds()), None)
        paid = [b.paid for b in sorted(shape.breaks, key=lambda b: b.earliest_minutes)] if shape else []
        spans = sorted((instant(b.start), instant(b.end)) for b in s.breaks)
        breaks = tuple(Break(a, b, paid[i] if i < len(paid) else True) for i, (a, b) in enumerate(spans))
        shifts.append(Shift(s.agent, start, end, breaks))
    return Roster(
        problem=given.problem,
        shifts=tuple(shifts),
        objective=given.objective,
        lower_bound=given.lower_bound,
        status=RosterStatus(given.status),
        solver=given.solver,
        seed=given.seed,
        seconds=given.seconds,
        notes=tuple(given.notes),
    )


def _load(path: str | Path) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_no_constant)
    except OSError as e:
        raise InvalidInput(f"{Path(path).name} cannot be read: {e.strerror}") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as e:
        raise InvalidInput(f"{Path(path).name} must be JSON in UTF-8: {e}") from None


def _no_constant(name: str) -> float:
    raise InvalidInput(f"numbers in JSON must be finite, got {name}")


