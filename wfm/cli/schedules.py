"""Schedules: solve, check, publish, revert, one person's week."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm import units
from wfm.cli.rosters import Csv, Problem
from wfm.cli.shared import As, FirstDay, Organisation, Told, actor, day, service, settings, table
from wfm.errors import Infeasible, InvalidInput

if TYPE_CHECKING:
    from wfm.domain.roster import Roster, RosterProblem

TimeLimit = Annotated[int | None, typer.Option("--time-limit", help="Seconds for the solve; left out: the setting WFM_SOLVE_SECONDS.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same roster.")]
Parts = Annotated[
    str,
    typer.Option(
        "--parts",
        help="Solve parts side by side: site, team, or a number of parts; in WFM_WORKERS processes, or on the cluster WFM_CLUSTER.",
        metavar="site|team|N",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (schedule, check, drafts, publish, revert, week):
        app.command()(command)


def schedule(
    problem: Annotated[Path | None, typer.Argument(help="JSON of a roster problem; left out: the stored people needed and staff.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="JSON to write (wfm-roster/1).")] = None,
    time_limit: TimeLimit = None,
    seed: Seed = 0,
    parts: Parts = "",
    explain: Annotated[bool, typer.Option("--explain", help="Where it cannot be done, list why and what to relax.")] = False,
    csv: Csv = None,
    first_day: FirstDay = "",
    days: Annotated[int, typer.Option(help="Local days, whole weeks.")] = 7,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Build a schedule: of a problem file into a roster file, or of the database into a new draft."""
    if problem is None:
        _schedule_stored(first_day, days, time_limit, seed, parts, organisation, as_email)
        return
    from wfm.service import roster_files, roster_repair, side_by_side

    if output is None:
        raise InvalidInput("say where to write the roster: -o roster.json")
    limit = units.whole("--time-limit", settings().solve_seconds if time_limit is None else time_limit, at_least=1)
    told = Told()
    try:
        wanted, roster = roster_files.solve_file(problem, output, limit, seed, told, side_by_side.Parts.of(parts, settings()))
    except Infeasible as error:
        for line in error.conflicts if explain else ():
            print(line)
        raise
    told.end()
    if csv is not None:
        roster_repair.write_shifts(wanted, roster, csv)
    _tell_roster(output, wanted, roster)


def _tell_roster(output: Path, problem: RosterProblem, roster: Roster) -> None:
    from wfm.service.roster_files import gap_in_words

    for note in roster.notes:
        print(note)
    print(f"{output}: {len(roster.shifts)} shifts for {len(problem.agents)} people, {roster.status}, in {roster.seconds:.1f} s")
    print(f"cost {roster.objective:,.1f}; {gap_in_words(problem, roster.objective, roster.lower_bound)}")


def _schedule_stored(first_day: str, days: int, time_limit: int | None, seed: int, parts: str, organisation: str, as_email: str) -> None:
    from wfm.service import scheduling

    running = service()
    who = actor(running, organisation, as_email)
    told = Told()
    begin = day(first_day) or scheduling.next_open_week(running, who)
    number = scheduling.solve(running, who, told, begin, days, time_limit, seed, parts=parts)
    told.end()
    draft = scheduling.draft(running, who, number)
    print(f"draft {number}: {draft.shift_count} shifts, {days} days from {begin}, in {told.seconds:.1f} s; {draft.gap}")
    print(f"publish it with: wfm publish {number} --as EMAIL")


def check(problem: Problem, roster: Annotated[Path, typer.Argument(help="JSON of a roster (wfm-roster/1).")], csv: Csv = None) -> None:
    """Judge a roster: its cost, and every rule that it breaks (then the exit status is 1)."""
    from wfm.service import roster_files, roster_repair

    if csv is not None:
        print(f"{csv}: {roster_repair.write_shifts_of(problem, roster, csv)} shifts")
    found = roster_files.check_files(problem, roster)
    for line in found.broken:
        print(line)
    print(f"{len(found.broken)} rules broken; cost {found.objective:,.2f}")
    if found.broken:
        raise typer.Exit(1)


def drafts(organisation: Organisation = "") -> None:
    """List the newest drafts."""
    from wfm.service import scheduling

    running = service()
    rows = scheduling.drafts(running, actor(running, organisation))
    table(
        ("draft", "first day", "days", "made", "by", "shifts", "against the best possible"),
        [(d.number, d.first_day, d.days, f"{d.made_at:%Y-%m-%d %H:%M}", d.made_by, d.shift_count, d.gap) for d in rows],
    )


def publish(
    draft: Annotated[int, typer.Argument(help="Number of the draft.")],
    as_email: As = "",
    reason: Annotated[str, typer.Option(help="Why; needed for late changes.")] = "",
) -> None:
    """Publish a draft: from then on it is what agents see."""
    from wfm.service import publishing

    named = _named(as_email)
    running = service()
    made = publishing.publish(running, actor(running, email=named), draft, reason)
    print(f"published as version {made.number}: {made.shifts} shifts, {made.days} days from {made.first_day}, sha256 {made.sha256[:16]}")


def revert(
    number: Annotated[int, typer.Argument(help="Published version to go back to.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    as_email: As = "",
) -> None:
    """Publish an earlier version again."""
    from wfm.service import publishing

    named = _named(as_email)
    running = service()
    made = publishing.revert(running, actor(running, email=named), number, reason)
    print(f"version {number} is published again as version {made.number}")


def _named(email: str) -> str:
    if not email:
        raise InvalidInput("publishing is done in somebody's name: --as EMAIL of a planner")
    return email


def week(
    agent: Annotated[str, typer.Argument(help="Key of the agent.")],
    first_day: FirstDay = "",
    organisation: Organisation = "",
) -> None:
    """Show a person's published week."""
    from wfm.service.agent_week import week_of

    running = service()
    found = week_of(running, actor(running, organisation), agent, day(first_day))
    print(f"{found.name}, {found.zone}")
    named = any(d.activities for d in found.days)
    table(
        ("day", "from", "to", "breaks", *(("activities",) if named else ())),
        [
            (f"{d.day:%a %d %b}", d.start or "off", d.end or "", ", ".join(d.breaks), *((", ".join(d.activities),) if named else ()))
            for d in found.days
        ],
    )
