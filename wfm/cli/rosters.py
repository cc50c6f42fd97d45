"""Rosters after they were made: repair them, place what is done beside the queues, and say why they are as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm.cli.shared import day, table
from wfm.domain.timegrid import zone
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.domain.roster import RosterProblem
    from wfm.scheduler import Repair, ShiftReasons, Shortfall
    from wfm.service.placing import Placing

Problem = Annotated[Path, typer.Argument(help="JSON of a roster problem (wfm-roster-problem/1).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write the shifts as CSV too.")]
GAPS = 5
WAYS = 3


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (repair, place, explain):
        app.command()(command)


def repair(
    problem: Problem,
    roster: Annotated[Path, typer.Argument(help="JSON of the roster to repair (wfm-roster/1).")],
    changes: Annotated[Path, typer.Argument(help="JSON of what happened (wfm-roster-changes/1).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="JSON to write (wfm-roster/1).")],
    changed_problem: Annotated[
        Path | None, typer.Option("--changed-problem", help="Write the problem as the changes leave it, to check the new roster against.")
    ] = None,
    csv: Csv = None,
    as_json: AsJson = False,
) -> None:
    """Repair a roster after absences, swaps or new needs, touching as few people as can be."""
    from wfm.service import roster_repair

    made = roster_repair.repair_files(problem, roster, changes, output, changed_problem)
    if csv is not None:
        roster_repair.write_shifts(made.problem, made.roster, csv)
    if as_json:
        print(roster_repair.as_json(made, made.problem))
    else:
        _tell_repair(output, made)


def _tell_repair(output: Path, made: Repair) -> None:
    for move in made.moves:
        print(move.words(made.problem.grid.zone_name))
    table(
        ("people touched", "hours short", "cost", "who"),
        [(one.people, round(one.short_hours, 1), round(one.objective, 1), ", ".join(one.touched) or "-") for one in made.frontier],
    )
    count = len(made.touched)
    people = "nobody else" if not count else f"{count} other {'person' if count == 1 else 'people'}"
    price = f"one more person is worth {made.price_per_person:,.1f}"
    print(f"{output}: touches {people}, cost {made.roster.objective:,.1f}, before {made.objective_before:,.1f}; {price}")


def place(
    problem: Problem,
    roster: Annotated[Path, typer.Argument(help="JSON of the roster (wfm-roster/1).")],
    activities: Annotated[Path, typer.Argument(help="JSON of what to place (wfm-activities/1).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="JSON to write (wfm-placed/1).")],
    changed_problem: Annotated[
        Path | None, typer.Option("--changed-problem", help="Write the problem with what was placed fixed for its people.")
    ] = None,
) -> None:
    """Place meetings, training and movable work where they hurt least, and say who takes which queue when."""
    from wfm.service import placing

    _tell_placing(output, placing.place_files(problem, roster, activities, output, changed_problem))


def _tell_placing(output: Path, made: Placing) -> None:
    here = zone(made.problem.grid.zone_name)
    for one in made.activities:
        start = one.start.astimezone(here)
        print(f"{one.activity.id}: {start:%a %d %b %H:%M}, {one.activity.minutes} min, cost {one.cost:+,.1f}")
    for missed in made.unplaced:
        print(f"{missed.activity.id}: not placed, {missed.reason}")
    for rest in made.left:
        print(f"{rest.window.name}: {rest.hours:,.2f} h do not fit before {rest.window.due.astimezone(here):%a %d %b %H:%M}")
    hours, people = sum(one.hours for one in made.movable), len({one.agent for one in made.movable})
    if made.movable:
        print(f"movable work: {hours:,.2f} h by {people} {'person' if people == 1 else 'people'}")
    blocks, lost = sum(map(len, made.plan.blocks.values())), 100 * made.plan.lost_share
    served = f"serve {made.plan.served_hours:,.1f} h, {lost:.1f} % less than the best split"
    print(f"{output}: {blocks} blocks {served}; cost {made.objective:,.1f}, before {made.objective_before:,.1f}")


def explain(
    problem: Problem,
    roster: Annotated[Path | None, typer.Argument(help="JSON of a roster (wfm-roster/1): say why demand stays unserved in it.")] = None,
    agent: Annotated[str, typer.Option(help="Say why this agent works as it does on --day.")] = "",
    on: Annotated[str, typer.Option("--day", help="Local day of the shift, YYYY-MM-DD.", metavar="DATE")] = "",
    gaps: Annotated[int, typer.Option(help="Gaps of the roster to explain, the dearest first.")] = GAPS,
    as_json: AsJson = False,
) -> None:
    """Say why a problem has no roster, why a roster leaves demand unserved, or why somebody works when they do."""
    from wfm.service import roster_repair

    if bool(agent) != bool(on) or (agent and roster is None):
        raise InvalidInput("to explain a shift, give a roster, --agent and --day")
    if roster is None:
        asked, conflicts, short = roster_repair.explain_problem(problem)
        answer: object = {"conflicts": conflicts, "unmeetable": short}
        lines = [line for conflict in conflicts for line in conflict.lines()] or ["every person has a legal week"]
        lines += _short(asked, short[:gaps]) if short else ["enough people can be there at all times"]
    elif agent:
        found = day(on)
        assert found is not None
        asked, reasons = roster_repair.explain_shift(problem, roster, agent, found)
        answer, lines = reasons, list(_why(asked, reasons))
    else:
        asked, short = roster_repair.explain_roster(problem, roster, gaps)
        answer, lines = short, _short(asked, short) or ["all demand is served"]
    print(roster_repair.as_json(answer, asked) if as_json else "\n".join(lines))


def _short(problem: RosterProblem, found: tuple[Shortfall, ...]) -> list[str]:
    lines = []
    for one in found:
        lines.append(one.words(problem.grid.zone_name))
        lines += [f"  {way.text}: cost {way.objective_change:+,.1f}" for way in one.ways[:WAYS]]
    return lines


def _why(problem: RosterProblem, reasons: ShiftReasons) -> Iterator[str]:
    here = zone(problem.grid.zone_name)

    def clock(instant: datetime) -> str:
        return f"{instant.astimezone(here):%H:%M}"

    shift = reasons.shift
    worked = "is off" if shift is None else f"works {clock(shift.start)} to {clock(shift.end)}"
    yield f"{reasons.agent} {worked} on {reasons.day:%a %d %b}"
    for covered in reasons.covers:
        yield f"  {clock(covered.start)} to {clock(covered.end)}  {covered.queue}, {covered.hours:.2f} h"
    for other in reasons.alternatives:
        where = "off" if other.shift is None else f"{other.day:%a %d %b} {clock(other.shift.start)} to {clock(other.shift.end)}"
        against = "; ".join(f"{one.rule}: {one.text}" for one in other.violations)
        yield f"  {other.place}: {where}, cost {other.objective_change:+,.1f}{f'; against the rules ({against})' if against else ''}"
