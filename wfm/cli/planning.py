"""Forecast, backtest, people needed, roster problem, comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm import units
from wfm.cli.shared import As, FirstDay, Organisation, Told, actor, day, percent, service, settings, table
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.domain.demand import Queue, ServiceTarget
    from wfm.service.file_chain import Ahead, QueueSummary, Reading

Gaps = Annotated[str, typer.Option(help="What a missing interval means: refuse, unknown or zero.")]
RepeatedHour = Annotated[str, typer.Option("--repeated-hour", help="The autumn hour that stands once: refuse, first or split.")]
HistoryFile = Annotated[Path | None, typer.Argument(help="CSV of interval history; left out: the stored history.", show_default=False)]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of the file's clock times, such as America/Chicago.")]
Country = Annotated[str, typer.Option(help="Country whose public holidays count, such as US.")]
Subdivision = Annotated[str, typer.Option(help="State or province whose holidays count, such as CA.")]
OneQueue = Annotated[str, typer.Option("--queue", help="The queue of every row, where the file has no such column.")]
Interval = Annotated[int | None, typer.Option("--interval", help="Add up to intervals of so many minutes.")]
Known = Annotated[
    Path | None, typer.Option(help="JSON of what is known ahead: special days, counts, new queues, edits, families.", show_default=False)
]
Workers = Annotated[int | None, typer.Option(help="Processes; left out: the setting WFM_WORKERS.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(forecast)
    app.command()(backtest)
    app.command()(staff)
    app.command()(problem)
    app.command()(compare)


def forecast(
    history: HistoryFile = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="CSV to write.")] = None,
    zone: Zone = "",
    country: Country = "",
    subdivision: Subdivision = "",
    days: Annotated[int | None, typer.Option(help="Local days ahead.")] = None,
    first_day: FirstDay = "",
    gaps: Gaps = "refuse",
    repeated_hour: RepeatedHour = "refuse",
    interval: Interval = None,
    queue: OneQueue = "",
    known: Known = None,
    workers: Workers = None,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Forecast every queue: of a CSV file into another one, or of the database into a new version."""
    if history is None:
        if known is not None:
            raise InvalidInput("--known goes with a history file; the database keeps its own: wfm special-days, counts, edits, new-queue")
        _forecast_stored(first_day, days, organisation, as_email)
        return
    from wfm.service.file_chain import forecast_file
    from wfm.service.known_ahead import read_known

    if output is None:
        raise InvalidInput("say where to write the forecast: -o forecast.csv")
    told = Told()
    reading, ahead = history_reading(zone, gaps, repeated_hour, queue, interval), _ahead(days, first_day, country, subdivision)
    summaries = forecast_file(history, output, reading, ahead, workers or settings().workers, told, read_known(known))
    told.end()
    _tell_forecast(summaries)
    _tell_effects(summaries)
    print(f"{output}: {len(summaries)} queues, {ahead.days} days, in {told.seconds:.1f} s")


def _forecast_stored(first_day: str, days: int | None, organisation: str, as_email: str) -> None:
    from wfm.service import forecasting

    running = service()
    told = Told()
    number = forecasting.run(running, actor(running, organisation, as_email), told, day(first_day), days)
    told.end()
    for key, reason in told.result.get("skipped", {}).items():
        print(f"left out: {key}: {reason}")
    print(f"forecast {number} made in {told.seconds:.1f} s")


def history_reading(zone: str, gaps: str, repeated_hour: str, queue: str, interval: int | None) -> Reading:
    """How the options say that a history file is read.

    Raises
    ------
    InvalidInput
        When the zone is missing or an option has none of its values.
    """
    from wfm.service.file_chain import Reading

    if not zone:
        raise InvalidInput("say in which time zone the file was written: --zone America/Chicago")
    missing = one_of("--gaps", gaps, "refuse", "unknown", "zero")
    return Reading(zone, missing, one_of("--repeated-hour", repeated_hour, "refuse", "first", "split"), queue, interval)


def one_of(name: str, value: str, *allowed: str) -> Any:
    """`value`, which must be one of `allowed`; `name` is the option, for the message.

    Raises
    ------
    InvalidInput
        When it is none of them.
    """
    if value not in allowed:
        raise InvalidInput(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return value


def _ahead(days: int | None, first_day: str, country: str, subdivision: str) -> Ahead:
    from wfm.service.file_chain import Ahead

    wanted = units.whole("--days", 28 if days is None else days, at_least=1)
    return Ahead(wanted, day(first_day), country or None, subdivision or None)


def _tell_forecast(summaries: Sequence[QueueSummary]) -> None:
    rows = [
        (
            one.queue,
            one.figures["contacts"],
            one.figures["a day"],
            *(percent(one.figures.get(name)) for name in ("wape", "spreadsheet_wape", "floor", "band_kept")),
        )
        for one in summaries
    ]
    table(("queue", "contacts", "a day", "error", "spreadsheet", "floor", "band kept"), rows)


def _tell_effects(summaries: Sequence[QueueSummary]) -> None:
    """What was known ahead and moves the forecast, and what was not used; nothing where nothing was known."""
    from wfm.service.effect_words import in_words

    words = in_words({one.queue: one.effects for one in summaries})
    for heading, lines in (("known ahead, and the forecast follows it:", words.moving), ("known ahead, but not used:", words.unused)):
        if lines:
            print("\n".join([heading, *(f"  {line}" for line in lines)]))


def backtest(
    history: HistoryFile = None,
    zone: Zone = "",
    country: Country = "",
    subdivision: Subdivision = "",
    gaps: Gaps = "refuse",
    repeated_hour: RepeatedHour = "refuse",
    interval: Interval = None,
    queue: OneQueue = "",
    workers: Workers = None,
    organisation: Organisation = "",
) -> None:
    """Show how each method did on the last weeks of history, beside a planner's spreadsheet and the floor of chance."""
    if history is None:
        reports = _stored_reports(organisation)
    else:
        from wfm.service.file_chain import backtest_file

        told = Told()
        ahead = _ahead(28, "", country, subdivision)
        reports = backtest_file(
            history, history_reading(zone, gaps, repeated_hour, queue, interval), ahead, workers or settings().workers, told
        )
        told.end()
    for key, report in reports.items():
        _tell_backtest(key, report)


def _stored_reports(organisation: str) -> Mapping[str, Mapping[str, Any]]:
    from wfm.service import forecasting

    running = service()
    return forecasting.reports(running, actor(running, organisation))


def _tell_backtest(key: str, report: Mapping[str, Any]) -> None:
    print(f"\n{key}: {report.get('sentence', '')}")
    rows = [
        (line["label"], *(percent(line.get(name)) for name in ("wape", "day_wape", "bias", "cover80", "weight")))
        for line in report.get("backtest", ())
    ]
    table(("method", "intervals", "days", "bias", "80 % band holds", "weight"), rows)
    print(f"floor of chance: {percent(report.get('floor'))}")


def staff(
    source: Annotated[Path | None, typer.Argument(metavar="FORECAST", help="CSV of `wfm forecast`; left out: the stored one.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="CSV to write.")] = None,
    aht: Annotated[float | None, typer.Option(help="Mean handle time, s; left out: the forecast's own.")] = None,
    patience: Annotated[float | None, typer.Option(help="Mean patience, s; left out: nobody ever leaves.")] = None,
    level: Annotated[float, typer.Option(help="Share answered in time, such as 0.8.")] = 0.8,
    within: Annotated[float, typer.Option(help="Seconds that count as in time.")] = 20.0,
    shrinkage: Annotated[float, typer.Option(help="Share of paid time off the queue, such as 0.3.")] = 0.0,
    occupancy: Annotated[float | None, typer.Option(help="Largest share of time on queue spent handling.")] = None,
    minimum: Annotated[int, typer.Option(help="Fewest people on queue while open.")] = 0,
    asa: Annotated[float | None, typer.Option(help="Largest mean wait of answered contacts, s.")] = None,
    abandonment: Annotated[float | None, typer.Option(help="Largest share that gives up, such as 0.05.")] = None,
    definition: Annotated[
        str, typer.Option(help="Service level over: offered, answered, excluding_short_abandons, counting_short_abandons.")
    ] = "offered",
    planned_by: Annotated[
        str, typer.Option(help="Over the volumes that may come: call_weighted, mean_service, kept_with_chance (see --kept-chance).")
    ] = "call_weighted",
    kept_chance: Annotated[float, typer.Option(help="Least chance that an interval keeps its target, 0.5 to 0.99.")] = 0.9,
    queues: Annotated[Path | None, typer.Option("--queues", help="JSON of settings by queue; the options hold for the rest.")] = None,
    concurrency: Annotated[int, typer.Option(help="Chats that a person handles at once; 1 for the telephone.")] = 1,
    response_hours: Annotated[float | None, typer.Option(help="For e-mail and the like: hours until the answer.")] = None,
    certain: Annotated[bool, typer.Option(help="Take the expected volume for certain.")] = False,
    number: Annotated[int | None, typer.Option(help="Stored forecast; left out: the newest.")] = None,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Work out the people needed: from a forecast file into another file, or from the stored forecast."""
    if source is None:
        _staff_stored(number, organisation, as_email)
        return
    from wfm.service.file_chain import staff_file
    from wfm.service.queue_file import settings_by_key

    if output is None:
        raise InvalidInput("say where to write people needed: -o staff.csv")
    from wfm.domain.demand import ServiceTarget

    limits = {"max_asa_s": asa, "max_abandonment": abandonment, "max_occupancy": occupancy}
    target = ServiceTarget(level, within, **limits, definition=definition, planned_by=planned_by, kept_chance=kept_chance)
    queue = _queue(target, patience, shrinkage, minimum, concurrency, response_hours)
    told = Told()
    settings_of = settings_by_key(queues, queue)
    summaries = staff_file(source, output, settings_of, None if aht is None else units.positive("--aht", aht), certain)
    columns = ("queue", "contacts", "peak on queue", "hours on queue", "hours scheduled")
    table(columns, [(one.queue, *one.figures.values()) for one in summaries])
    print(f"{output}: {len(summaries)} queues, in {told.seconds:.1f} s")


def _staff_stored(number: int | None, organisation: str, as_email: str) -> None:
    from wfm.service import staffing

    running = service()
    told = Told()
    made = staffing.plan(running, actor(running, organisation, as_email), told, number)
    told.end()
    for key, reason in told.result.get("not_computed", {}).items():
        print(f"left out: {key}: {reason}")
    print(f"people needed {made} made in {told.seconds:.1f} s")


def _queue(
    target: ServiceTarget, patience: float | None, shrinkage: float, minimum: int, concurrency: int, response_hours: float | None
) -> Queue:
    from wfm.domain.demand import Channel, Queue

    channel = Channel.EMAIL if response_hours is not None else Channel.CHAT if concurrency > 1 else Channel.VOICE
    return Queue(
        "all",
        "All",
        channel,
        target=target,
        response_s=None if response_hours is None else response_hours * units.SECONDS_PER_HOUR,
        patience_s=patience,
        concurrency=concurrency,
        shrinkage=shrinkage,
        minimum_agents=minimum,
    )


def problem(
    source: Annotated[Path, typer.Argument(metavar="STAFF", help="CSV of `wfm staff`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="JSON to write.")],
    agents: Annotated[int | None, typer.Option(help="People to invent; left out: as many as the demand asks for.")] = None,
    first_day: FirstDay = "",
    days: Annotated[int, typer.Option(help="Local days, whole weeks.")] = 7,
    seed: Annotated[int, typer.Option(help="Seed of the invented staff.")] = 1,
    under_cost: Annotated[float, typer.Option(help="Price of a missing head-hour.")] = 60.0,
) -> None:
    """Make a roster problem from people needed, with an invented staff."""
    from wfm.service.file_chain import problem_of
    from wfm.service.problem_document import write

    made = problem_of(source, agents, day(first_day), days, seed, under_cost)
    write(made, output)
    hours = sum(sum(part.required) for part in made.requirements) * made.grid.interval_minutes / 60
    size = f"{len(made.agents)} people, {len(made.requirements)} queues"
    print(f"{output}: {size}, {days} days from {made.grid.first_day}, {hours:,.0f} h on queue")


def compare(
    volume: Annotated[float, typer.Option(help="Contacts per interval.")] = 100.0,
    interval: Annotated[float, typer.Option(help="Length of the interval, minutes.")] = 30.0,
    aht: Annotated[float, typer.Option(help="Mean handle time, s.")] = 180.0,
    level: Annotated[float, typer.Option(help="Share answered in time.")] = 0.8,
    within: Annotated[float, typer.Option(help="Seconds that count as in time.")] = 20.0,
    shrinkage: Annotated[float, typer.Option(help="Share of paid time off the queue.")] = 0.3,
    occupancy: Annotated[float, typer.Option(help="Largest share of time on queue spent handling.")] = 0.85,
    patience: Annotated[float | None, typer.Option(help="Mean patience, s; adds a line with Erlang A.")] = None,
) -> None:
    """Put our answer beside that of pyworkforce, an independent program, for one interval."""
    from wfm.service.second_opinion import Question, compared

    rows, sentence = compared(Question(volume, interval * 60, aht, level, within, shrinkage, occupancy, patience))
    table(("method", "on queue", "scheduled", "service level", "occupancy", "waits"), rows)
    print(sentence)
