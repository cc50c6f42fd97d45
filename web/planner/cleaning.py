"""Unusual days: what looks wrong in the history of a queue, decided by people, with a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, filters, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.queues import shown_key
from web.planner.work import open_job, shown_job
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from web.texts import ngettext
from wfm.errors import InvalidInput
from wfm.service import centre, cleaning, cleaning_effect, work
from wfm.service.cleaning import CleaningView, DayMark
from wfm.service.work import Kind

SHADES = 4
LAST_S = 7_258_118_400
MARKS = {
    DayMark.PROPOSED: ("?", _l("unusual, waiting for a decision")),
    DayMark.ACCEPTED: ("×", _l("left out of forecasts")),
    DayMark.REJECTED: ("✓", _l("looked at and kept")),
}


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the calendar; `shade` is 0 to `SHADES` by volume, `row` the place of the table below that tells about it."""

    day: date
    mark: DayMark
    volume: float
    shade: int
    row: str


@pages.get("/forecast/unusual-days")
@allow("history.read")
def cleaning_page() -> str:
    """Proposals, calendar and decisions of one queue."""
    service, actor = current.service(), current.actor()
    queues = centre.queues(service, actor)
    key = shown_key(queues)
    view = cleaning.view(service, actor, key) if queues else None
    year = forms.optional_whole("year") or (view.last_day.year if view and view.last_day else 0)
    return render_template(
        "planner/cleaning.html",
        view=view,
        queues=queues,
        key=key,
        year=year,
        years=range(view.first_day.year, view.last_day.year + 1) if view and view.first_day and view.last_day else (),
        months=list(_months(view, year)) if view and view.last_day else (),
        marks=MARKS,
        weekday_names=filters.weekday_names(),
        effect=cleaning_effect.newest(service, actor, view) if view else None,
        job=shown_job(Kind.CLEANING),
        queue_address=lambda queue: url_for("planner.cleaning_page", queue=queue),
    )


def _months(view: CleaningView, year: int) -> Iterator[tuple[date, list[CalendarDay | None]]]:
    """The months of a year that have a day of history, each as 31 places; None where there is no such day."""
    most = max((volume for day, volume in view.volumes.items() if day.year == year), default=0.0)
    rows = _rows(view)
    for number in range(1, 13):
        first = date(year, number, 1)
        days = [first + timedelta(n) for n in range(31) if (first + timedelta(n)).month == number]
        if any(day in view.volumes for day in days):
            places = [_calendar_day(view, day, most, rows) for day in days]
            yield first, [*places, *[None] * (31 - len(places))]


def _calendar_day(view: CleaningView, day: date, most: float, rows: dict[date, str]) -> CalendarDay:
    volume = view.volumes.get(day, 0.0)
    shade = min(SHADES, 1 + int(SHADES * volume / most)) if volume and most else 0
    return CalendarDay(day, view.marks.get(day, DayMark.UNKNOWN), volume, shade, rows.get(day, ""))


def _rows(view: CleaningView) -> dict[date, str]:
    """By day the row of a table that tells about it; a proposal before a decision."""
    zone = view.queue.zone
    standing = [one for one in view.decisions if one.undone_at is None]
    rows = {day: f"c{one.number}" for one in standing for day in cleaning.days_of(one.stretch, zone)}
    return rows | {day: f"p{one.begin.timestamp():.0f}" for one in view.proposals for day in cleaning.days_of(one, zone)}


@pages.post("/forecast/unusual-days")
@allow("history.change")
def decide_cleaning() -> AnyResponse:
    """Leave the chosen stretches out, or keep them."""
    key, wanted = request.form.get("queue", ""), request.form.get("decision", "")
    if wanted not in ("accept", "reject", "accept_all", "reject_all"):
        raise InvalidInput(_("choose whether to leave out or to keep"))
    begins = None if wanted.endswith("_all") else _begins()
    accept = wanted.startswith("accept")
    made = len(cleaning.decide(current.service(), current.actor(), key, begins, accept=accept))
    left_out = ngettext("%(num)s stretch is left out; forecast again.", "%(num)s stretches are left out; forecast again.", made)
    flash(left_out if accept else ngettext("%(num)s stretch is kept as it came.", "%(num)s stretches are kept as they came.", made))
    return go(_page(key))


def _begins() -> list[datetime]:
    given = request.form.getlist("begin")
    if not all(one.isdecimal() and int(one) < LAST_S for one in given):
        raise InvalidInput(_("choose from the list"))
    return [datetime.fromtimestamp(int(one), UTC) for one in given]


@pages.post("/forecast/unusual-days/mark")
@allow("history.change")
def mark_cleaning() -> AnyResponse:
    """Leave days out that a planner knows about."""
    key, first = request.form.get("queue", ""), forms.day("first_day")
    if first is None:
        raise InvalidInput(_("choose the day"))
    reason, last = forms.text("reason", _("Reason"), cleaning.REASON), forms.day("last_day") or first
    times = forms.clock_minutes("begin", _("From")), forms.clock_minutes("end", _("To"))
    cleaning.mark(current.service(), current.actor(), key, first, last, reason, *times)
    flash(_("Left out of forecasts made from now on."))
    return go(_page(key))


@pages.post("/forecast/unusual-days/<int:number>/undo")
@allow("history.change")
def undo_cleaning(number: int) -> AnyResponse:
    """Take one decision back."""
    cleaning.undo(current.service(), current.actor(), number)
    flash(_("The decision is taken back; the contacts are as they were imported."))
    return go(_page(request.form.get("queue", "")))


@pages.post("/forecast/unusual-days/undo")
@allow("history.change")
def undo_all_cleaning() -> AnyResponse:
    """Take all decisions on a queue back."""
    key = request.form.get("queue", "")
    undone = len(cleaning.undo_all(current.service(), current.actor(), key))
    flash(ngettext("%(num)s decision is taken back.", "%(num)s decisions are taken back.", undone))
    return go(_page(key))


@pages.post("/forecast/unusual-days/effect")
@allow("forecast.change")
def work_out_cleaning() -> AnyResponse:
    """Work out what cleaning changes, as a job."""
    queue = centre.queue(current.service(), current.actor(), request.form.get("queue", ""))
    return open_job(work.enqueue(current.service(), current.actor(), Kind.CLEANING, {"queue": queue.key}))


def _page(key: str) -> str:
    return url_for("planner.cleaning_page", queue=key)
