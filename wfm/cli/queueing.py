"""What people and contacts make of each other: simulation, and queues that share people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm import units
from wfm.cli.planning import Gaps, OneQueue, RepeatedHour, Zone, history_reading
from wfm.cli.shared import FirstDay, Organisation, Told, actor, day, percent, service, table
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.domain.demand import Queue
    from wfm.service.replaying import Verdict
    from wfm.simulate import Estimate

Source = Annotated[Path, typer.Argument(metavar="FILE", help="CSV of `wfm forecast` or `wfm staff`.")]
Problem = Annotated[Path | None, typer.Option("--problem", help="JSON of the roster problem (wfm-roster-problem/1).")]
QueueFile = Annotated[Path | None, typer.Option("--queues", help="JSON of settings by queue: target, patience, language, priority.")]
Level = Annotated[float, typer.Option(help="Share answered in time, where --queues says nothing.")]
Within = Annotated[float, typer.Option(help="Seconds that count as in time.")]
Patience = Annotated[float | None, typer.Option(help="Mean patience, s; left out: nobody ever leaves.")]
Seed = Annotated[int, typer.Option(help="The same seed meets the same contacts.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(simulate)
    app.command()(pool)
    app.command()(replay)


def simulate(
    source: Source,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="CSV of measures to write.")] = None,
    problem: Problem = None,
    roster: Annotated[Path | None, typer.Option(help="JSON of the roster (wfm-roster/1); left out: the people that FILE asks for.")] = None,
    queues: QueueFile = None,
    level: Level = 0.8,
    within: Within = 20.0,
    patience: Patience = None,
    replications: Annotated[int, typer.Option(help="How often the days are played.")] = 200,
    handle_cv: Annotated[float, typer.Option("--handle-cv", help="Spread of handle times over their mean; 1 is exponential.")] = 1.0,
    certain: Annotated[bool, typer.Option(help="Take the expected volume for certain.")] = False,
    seed: Seed = 0,
) -> None:
    """Play the days of a file many times: what customers meet, and the chance that an interval misses its target."""
    from wfm.service import simulating

    told = Told()
    count = units.whole("--replications", replications, at_least=1)
    share = _told_share(told, "simulating")
    settings = _settings(queues, level, within, patience)
    found = simulating.simulate_files(source, settings, problem, roster, count, seed, handle_cv, certain, share)
    told.end()
    for reason in found.left_out.values():
        print(f"left out: {reason}")
    columns = ("", "name", "in time", "+-", "give up", "+-", "ASA, s", "+-", "intervals missed")
    table(columns, [_line(*line) for line in simulating.summary(found)])
    if output is not None:
        rows = simulating.write_measures(output, found)
        print(f"{output}: {rows:,} rows, {count} replications, in {told.seconds:.1f} s")


def pool(
    source: Source,
    problem: Problem = None,
    queues: QueueFile = None,
    first_day: FirstDay = "",
    hour: Annotated[int | None, typer.Option(help="Only this hour of the day, 0 to 23.")] = None,
    level: Level = 0.8,
    within: Within = 20.0,
    patience: Patience = None,
    seed: Seed = 0,
) -> None:
    """Compare the people that queues need alone with those they need when people are shared, hour by hour of a day."""
    from wfm.service import simulating

    if problem is None:
        raise InvalidInput("say whose skills count: --problem problem.json")
    if hour is not None and not 0 <= hour <= 23:
        raise InvalidInput(f"--hour must be 0 to 23, got {hour}")
    told = Told()
    settings = _settings(queues, level, within, patience)
    found = simulating.pool_file(source, settings, problem, day(first_day), hour, seed, _told_share(told, "simulating"))
    told.end()
    for reason in found.left_out.values():
        print(f"left out: {reason}")
    rows = [(f"{one.start:%a %d %H:%M}", one.single, one.pooled, one.single - one.pooled, _groups(one.by_group)) for one in found.hours]
    table(("hour", "each alone", "shared", "saved", "shared by group"), rows)
    alone, shared = sum(one.single for one in found.hours), sum(one.pooled for one in found.hours)
    print(f"{len(found.hours)} hours: {alone} hours on queue each alone, {shared} shared, in {told.seconds:.1f} s")


def replay(
    history: Annotated[
        Path | None, typer.Argument(metavar="[HISTORY]", help="CSV of the contacts that came; left out: days of the database.")
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="CSV of `wfm staff` that the roster was built for.")] = None,
    problem: Annotated[Path | None, typer.Option(help="JSON of the roster problem (wfm-roster-problem/1).")] = None,
    roster: Annotated[Path | None, typer.Option(help="JSON of the roster as scheduled (wfm-roster/1).")] = None,
    worked: Annotated[Path | None, typer.Option(help="JSON of the roster as it was worked; left out: as scheduled.")] = None,
    queues: QueueFile = None,
    level: Level = 0.8,
    within: Within = 20.0,
    patience: Patience = None,
    zone: Zone = "",
    gaps: Gaps = "unknown",
    repeated_hour: RepeatedHour = "refuse",
    queue: OneQueue = "",
    replications: Annotated[int, typer.Option(help="How often the days are played.")] = 50,
    seed: Seed = 0,
    first_day: FirstDay = "",
    days: Annotated[int, typer.Option(help="Days of the database, from --first-day; without it the last days up to yesterday.")] = 7,
    organisation: Organisation = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything, by interval too, as JSON (wfm-replay/1).")] = False,
) -> None:
    """Play days that have come with their roster: what was promised, what was kept, and what a miss came from."""
    from wfm.service import replaying

    if history is None:
        _replay_stored(day(first_day), units.whole("--days", days, at_least=1), organisation, as_json=as_json)
        return
    if plan is None or problem is None or roster is None:
        raise InvalidInput("to play a file, give --plan, --problem and --roster; to play days of the database, give no file")
    count = units.whole("--replications", replications, at_least=1)
    settings, reading = _settings(queues, level, within, patience), history_reading(zone, gaps, repeated_hour, queue, None)
    found = replaying.replay_files(history, reading, plan, settings, problem, roster, worked, count, seed)
    if as_json:
        print(json.dumps(replaying.document(found), indent=1))
        return
    _tell_replay(found.left_out.values(), replaying.summary(found))
    _tell_hours((one.queue.id, one.hours, one.clairvoyant_hours, one.spreadsheet_hours) for one in found.queues)


def _replay_stored(first_day: date | None, days: int, organisation: str, *, as_json: bool) -> None:
    from wfm.service import replay_view, verdicts

    running, told = service(), Told()
    who = actor(running, organisation)
    first, last = verdicts.span(running, who, first_day, days)
    todo = verdicts.todo(running, who, first, last)
    verdicts.play(running, who, todo.fresh, told)
    told.end()
    found, left_out = verdicts.stored(running, who, first, last)
    if as_json:
        print(json.dumps(verdicts.document(found, left_out), indent=1))
        return
    reasons = [*left_out.values(), *(f"{refused}: {reason}" for refused, reason in todo.refused.items())]
    lines = replay_view.by_queue(found)
    by_day = [(one.queue, one.day.isoformat(), one.verdict) for one in found]
    _tell_replay(reasons, [*((line.key, "", line.verdict) for line in lines), *by_day])
    _tell_hours((line.key, line.hours.ours, line.hours.clairvoyant, line.hours.spreadsheet) for line in lines)


def _tell_replay(left_out: Iterable[str], lines: Iterable[tuple[str, str, Verdict]]) -> None:
    from wfm.service.replaying import PARTS

    for reason in left_out:
        print(f"left out: {reason}")
    columns = ("queue", "day", "contacts", "planned", "kept", *(f"{name}, pts" for name in PARTS))
    table(columns, [_replayed(*line) for line in lines])


def _tell_hours(rows: Iterable[tuple[object, ...]]) -> None:
    print("hours on queue: the roster's, those that the contacts that came ask of each queue alone, the spreadsheet's")
    table(("queue", "roster", "clairvoyant", "spreadsheet"), list(rows))


def _replayed(queue: str, day: str, verdict: Verdict) -> tuple[object, ...]:
    points = [f"{round(100 * part, 1) + 0.0:+.1f}" for part in verdict.parts.values()]
    return (queue, day or "all", verdict.contacts, percent(verdict.planned), percent(verdict.kept), *points)


def _settings(queues: Path | None, level: float, within: float, patience: float | None) -> Callable[[str], Queue]:
    from wfm.domain.demand import Queue, ServiceTarget
    from wfm.service.queue_file import settings_by_key

    return settings_by_key(queues, Queue("all", "All", target=ServiceTarget(level, within), patience_s=patience))


def _told_share(told: Told, what: str) -> Callable[[float], None]:
    return lambda share: told.note(share, what)


def _groups(heads: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in heads.items())


def _line(scope: str, name: str, level: Estimate, left: Estimate, asa: Estimate, missed: float) -> tuple[object, ...]:
    shares = [text for one in (level, left) for text in (percent(one.mean), percent(one.half_width))]
    return (scope, name, *shares, f"{asa.mean:.1f}", f"{asa.half_width:.1f}", percent(missed))
