"""Repairing an absence, why a shift is where it is, who could fill a gap: dialogs of the schedule page."""

from __future__ import annotations

from datetime import date, datetime

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, filters, forms
from web.access import allow
from web.answers import go
from web.planner import board
from web.planner.editing import clock, edited, part
from web.planner.family import pages
from web.planner.schedule import edit_url
from web.planner.work import seen
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.errors import InvalidInput
from wfm.service import reasons, redrafting, repairing, scheduling, work
from wfm.service.work import JobView, Kind

MOVES = {
    "absent": _l("away"),
    "added": _l("new shift"),
    "dropped": _l("free now"),
    "moved": _l("other hours"),
    "longer": _l("longer"),
    "shorter": _l("shorter"),
    "breaks moved": _l("other breaks"),
}
WAYS = {
    "longer shift": _l("longer shift"),
    "moved shift": _l("moved shift"),
    "moved breaks": _l("moved breaks"),
    "extra shift": _l("extra shift"),
    "shift from another day": _l("shift from another day"),
    "overtime": _l("overtime"),
    "earlier": _l("earlier"),
    "later": _l("later"),
    "other day": _l("other day"),
    "day off": _l("day off"),
    "working": _l("working"),
}


@pages.get("/schedule/<int:number>/absence")
@allow("schedule.change")
def absence(number: int) -> str:
    """The dialog that asks who is away, and when."""
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    return part("planner/_absence.html", view=view, days=board.days_of(view), edit_url=edit_url(number))


@pages.post("/schedule/<int:number>/repairs")
@allow("schedule.change")
def want_repairs(number: int) -> AnyResponse | str:
    """Have a worker look for repairs."""
    times = (datetime.combine(_day(f"{edge}_day"), clock(forms.text(f"{edge}_clock", _("Time")))) for edge in ("from", "to"))
    job = repairing.want_repairs(current.service(), current.actor(), number, forms.text("agent", _("Person")), *times)
    if current.from_htmx():
        return _searched(number, job)
    return go(url_for("planner.repairs_found", number=number, work=job.id))


@pages.get("/progress/schedule/<int:number>/repairs")
@allow("schedule.read")
def repairs_found(number: int) -> AnyResponse | str:
    """What a search for repairs is doing, or what it found."""
    job = work.job(current.service(), current.actor(), forms.optional_whole("work") or 0)
    if job.kind != Kind.REPAIR:
        abort(404)
    return _searched(number, job)


@pages.post("/schedule/<int:number>/repair")
@allow("schedule.change")
def accept_repair(number: int) -> AnyResponse | str:
    """Take a suggestion: one edit of the draft."""
    job, suggestion = forms.whole("work", "work"), forms.whole("suggestion", _("Suggestion"))
    return edited(number, repairing.accept_repair(current.service(), current.actor(), job, suggestion))


@pages.post("/schedule/from-published")
@allow("schedule.change")
def draft_of_published() -> AnyResponse:
    """A new draft from what is published."""
    made = redrafting.draft_of_published(current.service(), current.actor(), _day("first_day"))
    flash(_("Draft %(number)s holds what is published; the published version stays as it is.", number=made))
    return go(url_for("planner.schedule", draft=made))


@pages.get("/schedule/<int:number>/why")
@allow("schedule.read")
def why_shift(number: int) -> str:
    """What a shift covers, what binds it, and what moving it would cost."""
    found = reasons.why_shift(current.service(), current.actor(), number, request.args.get("agent", ""), _day("of"))
    return render_template("planner/_why_shift.html", found=found, ways=WAYS)


@pages.get("/schedule/<int:number>/fill")
@allow("schedule.read")
def who_could_fill(number: int) -> str:
    """Who could fill a short cell of the coverage strip."""
    start, end = (filters.instant(forms.optional_whole(name) or 0) for name in ("start_s", "end_s"))
    found = reasons.who_could_fill(current.service(), current.actor(), number, request.args.get("of_queue", ""), start, end)
    view = scheduling.draft(current.service(), current.actor(), number, found.gap.start.date())
    return part("planner/_fill.html", view=view, found=found, ways=WAYS, edit_url=edit_url(number))


def _searched(number: int, job: JobView) -> str:
    found = repairing.repairs(current.service(), current.actor(), job.id) if job.state == "done" else None
    view = scheduling.draft(current.service(), current.actor(), number, found.start.date() if found else None)
    return part("planner/_repairs.html", view=view, job=job, found=found, moves=MOVES, edit_url=edit_url(number), seen=seen(job))


def _day(name: str) -> date:
    found = forms.day(name)
    if found is None:
        raise InvalidInput(_("%(name)s must be a day written YYYY-MM-DD, got %(given)s", name=name, given="''"))
    return found
