"""What planners do to forecasts: edits, special days, counts, totals, unusual days, new queues. Nothing counts before it was shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm import units
from wfm.cli.shared import As, FirstDay, Organisation, Told, actor, day, naming_lines, percent, service, table
from wfm.domain.timegrid import zone
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.service.cleaning import Stretch
    from wfm.service.context import Actor, Service
    from wfm.service.edited import EditKind
    from wfm.service.forecast_edits import EditView

Key = Annotated[str, typer.Argument(help="Key of the queue.", metavar="QUEUE")]
OnlyQueue = Annotated[str, typer.Option("--queue", help="Key of the queue; left out: all queues.")]
LastDay = Annotated[str, typer.Option("--last-day", help="Last local day, YYYY-MM-DD; left out: the first.", metavar="DATE")]
From = Annotated[str, typer.Option("--from", help="Local time at which it begins, HH:MM.", metavar="TIME")]
To = Annotated[str, typer.Option("--to", help="Local time at which it ends, HH:MM.", metavar="TIME")]
Name = Annotated[str, typer.Option(help="What people call it.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep it; left out: only show what it would do.")]
Number = Annotated[int, typer.Argument(help="Its number, as the list shows it.")]
FIRST_KEEP = "nothing is kept yet; add --keep to keep it"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    groups: dict[str, tuple[str, dict[str, Callable[..., None]]]] = {
        "edits": (
            "Edits of a forecast: by a percentage, to a day's total, in one interval.",
            {"list": edits, "add": add_edit, "revert": revert_edit},
        ),
        "special-days": (
            "Days on which something happens that moves the volume.",
            {"list": special_days, "add": add_special_days, "remove": remove_special_days},
        ),
        "counts": (
            "Counts per day, known ahead, that may move the volume.",
            {"list": counts, "load": load_counts, "remove": remove_counts},
        ),
        "totals": (
            "Totals by channel, language, site and skill that agree with their queues.",
            {"list": totals, "set": set_total, "revert": revert_total},
        ),
        "unusual": (
            "Outages and outliers of the history, to leave out or keep.",
            {"list": unusual, "decide": decide, "mark": mark, "undo": undo_decision},
        ),
        "new-queue": (
            "Queues without a history, forecast like a similar one.",
            {"list": new_queues, "add": like_similar, "remove": remove_new_queue},
        ),
    }
    for name, (words, verbs) in groups.items():
        group = typer.Typer(name=name, help=words, no_args_is_help=True)
        for verb, command in verbs.items():
            group.command(verb)(command)
        app.add_typer(group)


def edits(queue: Key, organisation: Organisation = "") -> None:
    """List the edits of a queue, newest first, and whether they helped."""
    from wfm.service import forecast_edits

    running, who = _who(organisation, "")
    rows = [
        (
            one.number,
            one.name,
            f"{one.begin:%Y-%m-%d %H:%M}",
            f"{one.end:%Y-%m-%d %H:%M}",
            _figure(one.kind, one.value),
            one.made_by,
            _how(one),
        )
        for one in forecast_edits.edits(running, who, queue)
    ]
    table(("edit", "name", "begin, UTC", "end, UTC", "how much", "by", "error"), rows)


def add_edit(
    queue: Key,
    name: Name,
    reason: Reason,
    first_day: FirstDay,
    change: Annotated[float | None, typer.Option("--percent", help="Change by so many per cent, such as 10 or -5.")] = None,
    total: Annotated[float | None, typer.Option("--total", help="Set the contacts of the day, or of the part of it.")] = None,
    contacts: Annotated[float | None, typer.Option("--interval", help="Set the contacts of the interval at --from.")] = None,
    last_day: LastDay = "",
    begin: From = "",
    end: To = "",
    keep: Keep = False,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Show what an edit does to the newest forecast, and keep it with --keep."""
    from wfm.service import forecast_edits
    from wfm.service.edit_wish import EditWish
    from wfm.service.edited import EditKind

    given = [
        (kind, value)
        for kind, value in ((EditKind.PERCENT, change), (EditKind.TOTAL, total), (EditKind.INTERVAL, contacts))
        if value is not None
    ]
    if len(given) != 1:
        raise InvalidInput("say how to change it: one of --percent 10, --total 500, --interval 20")
    (kind, value), (first, last) = given[0], _days(first_day, last_day)
    wish = EditWish(
        queue, kind, value / 100 if kind is EditKind.PERCENT else value, first, last, name, reason, _minutes(begin), _minutes(end)
    )
    running, who = _who(organisation, as_email)
    shown = forecast_edits.preview(running, who, wish)
    table(("day", "contacts now", "with the edit"), [(one.day, one.before, one.after) for one in shown.days])
    print(f"edit {forecast_edits.add(running, who, wish, shown.revision).number} is kept" if keep else FIRST_KEEP)


def revert_edit(number: Number, organisation: Organisation = "", as_email: As = "") -> None:
    """Take an edit back; it stays in the list."""
    from wfm.service import forecast_edits

    running, who = _who(organisation, as_email)
    print(f"edit {number} ({forecast_edits.revert(running, who, number).name}) is taken back")


def special_days(organisation: Organisation = "") -> None:
    """List the special days, latest first."""
    from wfm.service import special_days as days

    rows = [
        (
            one.id,
            one.name,
            one.first_day,
            one.last_day,
            one.queue or "all",
            "learned" if one.effect is None else f"{one.effect:+.0%}",
            one.made_by,
        )
        for one in days.special_days(*_who(organisation, ""))
    ]
    table(("number", "name", "first day", "last day", "queue", "effect", "by"), rows)


def add_special_days(
    name: Annotated[str, typer.Argument(help="The same on every day on which the same thing happens.")],
    first_day: FirstDay,
    last_day: LastDay = "",
    effect: Annotated[float | None, typer.Option(help="Change of the volume, %; left out: learned from past days of that name.")] = None,
    queue: OnlyQueue = "",
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Keep special days for the next forecast."""
    from wfm.service import special_days as days

    first, last = _days(first_day, last_day)
    share = None if effect is None else effect / 100
    number = days.add_special_days(*_who(organisation, as_email), name, first, last, share, queue or None)
    print(f"special day {number} is kept; the next forecast knows it")


def remove_special_days(number: Number, organisation: Organisation = "", as_email: As = "") -> None:
    """Take special days out of the coming forecasts."""
    from wfm.service import special_days as days

    days.remove_special_days(*_who(organisation, as_email), number)
    print(f"special day {number} is removed; the next forecast does not know it")


def counts(organisation: Organisation = "") -> None:
    """List the counts per day."""
    from wfm.service import special_days as days

    rows = [(one.id, one.name, one.queue or "all", one.days, one.first_day, one.last_day) for one in days.counts(*_who(organisation, ""))]
    table(("number", "name", "queue", "days", "first day", "last day"), rows)


def load_counts(
    name: Annotated[str, typer.Argument(help="What is counted.")],
    source: Annotated[Path, typer.Argument(help="CSV with the columns day and count.", metavar="FILE")],
    queue: OnlyQueue = "",
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Keep a count per day out of a CSV file; days of a count that is there already are added to it."""
    from wfm.service import special_days as days

    running, who = _who(organisation, as_email)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source.name} cannot be read: {error.strerror}") from error
    version = next((one.row_version for one in days.counts(running, who) if (one.name, one.queue) == (name, queue or None)), 0)
    with naming_lines():
        kept = days.put_counts(running, who, name, content, queue or None, version)
    print(f"{name}: a count on {kept} days")


def remove_counts(number: Number, organisation: Organisation = "", as_email: As = "") -> None:
    """Take a count out of the coming forecasts."""
    from wfm.service import special_days as days

    running, who = _who(organisation, as_email)
    version = next((one.row_version for one in days.counts(running, who) if one.id == number), 0)
    days.remove_counts(running, who, number, version)
    print(f"count {number} is removed; the next forecast does not know it")


def totals(
    first_day: FirstDay = "", days: Annotated[int, typer.Option(help="Local days, 1 to 62.")] = 7, organisation: Organisation = ""
) -> None:
    """Show the totals of the newest forecast; every one is the sum of its queues."""
    from wfm.service import totals as made

    view = made.totals(*_who(organisation, ""), day(first_day), days)
    rows: list[tuple[object, ...]] = [("all", "", len(view.whole.members), view.whole.contacts, view.whole.spread)]
    rows += [(str(by), one.key, len(one.members), one.contacts, one.spread) for by, groups in view.groups.items() for one in groups]
    rows += [("queue", one.key, 1, one.contacts, one.spread) for one in view.queues]
    print(f"forecast {view.version}, {view.days} days from {view.first_day}")
    table(("of", "name", "queues", "contacts", "±, four of five"), rows)
    typed = made.typed(*_who(organisation, ""))
    if typed:
        table(("typed total", "name", "queues", "by"), [(one.batch, one.name, len(one.queues), one.made_by) for one in typed])


def set_total(
    by: Annotated[str, typer.Argument(help="channel, language, site or skill.")],
    group: Annotated[str, typer.Argument(help="Which, such as voice or es.")],
    contacts: Annotated[float, typer.Argument(help="Contacts over the days.")],
    name: Name,
    reason: Reason,
    first_day: FirstDay,
    last_day: LastDay = "",
    keep: Keep = False,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Show how a typed total is spread over its queues, and keep it with --keep."""
    from wfm.service import totals as made

    if by not in list(made.By):
        raise InvalidInput(f"group by one of {', '.join(made.By)}, got {by!r}")
    wish = made.GroupWish(made.By(by), group, contacts, *_days(first_day, last_day), name, reason)
    running, who = _who(organisation, as_email)
    shown = made.preview(running, who, wish)
    table(("queue", "contacts now", "with the total", "change"), [(q.queue, q.before, q.after, percent(q.change)) for q in shown.queues])
    print(f"typed total {made.spread(running, who, wish, shown.revision)} is kept" if keep else FIRST_KEEP)


def revert_total(number: Number, organisation: Organisation = "", as_email: As = "") -> None:
    """Take a typed total back on all its queues."""
    from wfm.service import totals as made

    print(f"typed total {number} is taken back on {made.revert(*_who(organisation, as_email), number)} queues")


def unusual(
    queue: Key,
    effect: Annotated[bool, typer.Option("--effect", help="Forecast with and without them, and say what changes.")] = False,
    organisation: Organisation = "",
) -> None:
    """List what looks wrong in the history of a queue, and the decisions on it."""
    from wfm.service import cleaning, cleaning_effect

    running, who = _who(organisation, "")
    view = cleaning.view(running, who, queue)
    rows: list[tuple[object, ...]] = [("proposed", *_stretch(one, view.queue.zone), "") for one in view.proposals]
    for one in view.decisions:
        verdict = "taken back" if one.undone_at else "left out" if one.accepted else "kept"
        rows.append((f"{verdict} ({one.number})", *_stretch(one.stretch, view.queue.zone), one.reason))
    table(("decision", "begin", "end", "what", "contacts", "usual", "reason"), rows)
    if effect:
        told = Told()
        made = cleaning_effect.run(running, who, told, queue)
        told.end()
        table(("history read", f"contacts in {cleaning_effect.DAYS} days"), list(made.items()))


def decide(
    queue: Key,
    verdict: Annotated[str, typer.Argument(help="leave-out or keep.")],
    begin: Annotated[list[str] | None, typer.Option("--begin", help="Local time at which a proposal begins; left out: all.")] = None,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Leave proposals out of forecasts, or keep them."""
    from wfm.service import centre, cleaning

    if verdict not in ("leave-out", "keep"):
        raise InvalidInput(f"a decision is one of leave-out, keep; got {verdict!r}")
    running, who = _who(organisation, as_email)
    here = centre.queue(running, who, queue).zone
    begins = [_moment(text, here) for text in begin] if begin else None
    made = cleaning.decide(running, who, queue, begins, accept=verdict == "leave-out")
    print(f"{len(made)} {'left out of forecasts made from now on' if verdict == 'leave-out' else 'kept'}")


def mark(
    queue: Key, reason: Reason, first_day: FirstDay, last_day: LastDay = "", begin: From = "", end: To = "",
    organisation: Organisation = "", as_email: As = "",
) -> None:  # fmt: skip
    """Leave days, or a part of one, out of forecasts."""
    from wfm.service import cleaning

    made = cleaning.mark(*_who(organisation, as_email), queue, *_days(first_day, last_day), reason, _minutes(begin), _minutes(end))
    print(f"decision {made.number} is kept: {made.stretch.volume:,.0f} contacts are left out of forecasts made from now on")


def undo_decision(number: Number, organisation: Organisation = "", as_email: As = "") -> None:
    """Take a decision back."""
    from wfm.service import cleaning

    cleaning.undo(*_who(organisation, as_email), number)
    print(f"decision {number} is taken back")


def new_queues(organisation: Organisation = "") -> None:
    """List the queues that are forecast like another one."""
    from wfm.service import cold_starts

    rows = [
        (one.queue, one.similar, one.weekly_total, percent(one.total_cv), one.own_days)
        for one in cold_starts.standing(*_who(organisation, ""))
    ]
    table(("queue", "like", "contacts a week", "off by", "own days of 28"), rows)


def like_similar(
    queue: Annotated[str, typer.Argument(help="Key of a queue with little history, or the name of a new one.")],
    similar: Annotated[str, typer.Option(help="Key of the similar queue.")],
    weekly_total: Annotated[float, typer.Option("--weekly-total", help="Contacts in an ordinary week.")],
    uncertainty: Annotated[float, typer.Option(help="How far off that may be, %.")] = 25.0,
    keep: Keep = False,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Show the forecast of a queue made like a similar one, and keep it as a version with --keep."""
    from wfm.service import centre, cold_starts

    running, who = _who(organisation, as_email)
    known = queue in {one.key for one in centre.queues(running, who)}
    names = (queue, "") if known else ("", queue)
    wish = cold_starts.ColdWish(*names, similar, weekly_total, uncertainty / 100)
    shown = cold_starts.preview(running, who, wish)
    rows = [(one.day, one.mean, one.low_80, one.high_80, one.similar) for one in shown.days]
    table(("day", "contacts", "80 % from", "to", shown.similar_name), rows)
    print(f"forecast {cold_starts.keep(running, who, wish)} is kept, of low confidence" if keep else FIRST_KEEP)


def remove_new_queue(queue: Key, organisation: Organisation = "", as_email: As = "") -> None:
    """Forecast a queue from its own history again."""
    from wfm.service import cold_starts

    cold_starts.remove(*_who(organisation, as_email), queue)
    print(f"{queue}: the next forecast uses its own history")


def _who(organisation: str, email: str) -> tuple[Service, Actor]:
    running = service()
    return running, actor(running, organisation, email)


def _days(first_day: str, last_day: str) -> tuple[date, date]:
    first = day(first_day)
    if first is None:
        raise InvalidInput("say which day: --first-day 2026-06-08")
    return first, day(last_day) or first


def _minutes(clock: str) -> int | None:
    return units.clock_minutes(clock) if clock else None


def _moment(text: str, zone_name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"a time must read YYYY-MM-DDTHH:MM, got {text!r}") from None
    return (found if found.tzinfo else found.replace(tzinfo=zone(zone_name))).astimezone(UTC)


def _figure(kind: EditKind, value: float) -> str:
    return f"{value:+.1%}" if kind == "percent" else f"{value:,.0f} contacts"


def _how(one: EditView) -> str:
    if one.reverted_at or one.verdict is None:
        return "taken back" if one.reverted_at else "nothing came yet"
    return f"{percent(one.verdict.wape_with)} with, {percent(one.verdict.wape_without)} without"


def _stretch(one: Stretch, zone_name: str) -> tuple[object, ...]:
    begin, end = (f"{moment.astimezone(zone(zone_name)):%Y-%m-%dT%H:%M}" for moment in (one.begin, one.end))
    return begin, end, str(one.kind), one.volume, one.expected
