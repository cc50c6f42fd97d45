"""The rest of today, and what certainty costs."""

from __future__ import annotations

from typing import Annotated

import typer

from wfm.cli.shared import As, FirstDay, Organisation, actor, day, percent, service, table

QueueKey = Annotated[str, typer.Option("--queue", help="Key of the queue.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(today)
    app.command()(certainty)


def today(
    on: Annotated[str, typer.Option("--day", help="Local day, YYYY-MM-DD; left out: today.", metavar="DATE")] = "",
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """What came until now, what is expected of the rest of today, and the smallest change that brings the promise back."""
    from wfm.service import intraday

    running = service()
    view = intraday.today(running, actor(running, organisation, as_email), day(on))
    print(f"{view.day}, known until {view.moment:%H:%M}; people needed {view.requirement}, published {view.publication or 'nothing'}")
    rows = [
        (one.queue.key, one.came, one.due, percent(one.surprise) if one.until else "-", one.rest_before, one.rest_now)
        for one in view.queues
    ]
    table(("queue", "came", "was due", "difference", "rest planned", "rest now"), rows)
    if view.publication is None:
        return
    print(f"short {view.short_before:.1f} h, with the proposals {view.short_after:.1f} h; not needed {view.spare_hours:.1f} h")
    here = view.moment.tzinfo
    for offer in (*view.offers, *view.home):
        times = [f"{moment.astimezone(here):%H:%M}" for shift in (offer.before, offer.after) for moment in (shift.start, shift.end)]
        moved = offer.moved_break
        what = f"{times[0]}-{times[1]} to {times[2]}-{times[3]}" if moved is None or offer.kind != "break" else (
            f"break {moved[0].start.astimezone(here):%H:%M} to {moved[1].start.astimezone(here):%H:%M}"
        )  # fmt: skip
        print(f"{offer.kind:8s} {offer.name}: {what}, {offer.recovered_hours:.1f} h less short")


def certainty(
    queue: QueueKey,
    first_day: FirstDay = "",
    draft: Annotated[int | None, typer.Option(help="Judge the people of this draft; left out: those planned.")] = None,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Chance that a queue misses its target by day, and the hours of other service levels and chances."""
    from wfm.service import risk

    running = service()
    view = risk.view(running, actor(running, organisation, as_email), queue, None, day(first_day), draft=draft)
    print(f"{queue}, people needed {view.version}, {view.hours:.1f} h on queue, chance that the span falls short {percent(view.chance)}")
    table(("day", "chance of missing"), [(str(one.day), percent(one.chance)) for one in view.days])
    for title, points in (("service level", view.by_level), ("chance of keeping", view.by_chance)):
        table((title, "hours on queue"), [(percent(point.share), point.hours) for point in points])
