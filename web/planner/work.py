"""Long work on the page that it belongs to: a card with progress that survives a reload."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, flash, make_response, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.solve_curve import curve_of
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.service import work
from wfm.service.work import JobView, Kind

RUNNING = ("waiting", "running")
_TOLD = "told"
TITLES = {
    Kind.IMPORT: _l("Importing"),
    Kind.FORECAST: _l("Forecasting"),
    Kind.REQUIREMENT: _l("Working out the people needed"),
    Kind.SOLVE: _l("Building the schedule"),
    Kind.POOLING: _l("Working out shared people"),
    Kind.REPAIR: _l("Looking for repairs"),
    Kind.CLEANING: _l("Working out what cleaning changes"),
    Kind.REPLAY: _l("Playing days again"),
    Kind.TODAY: _l("Working out the rest of the day"),
    Kind.NIGHT: _l("Nightly work"),
}
READY = {
    Kind.IMPORT: _l("The file is imported."),
    Kind.FORECAST: _l("The new forecast is ready."),
    Kind.REQUIREMENT: _l("The people needed are worked out."),
    Kind.SOLVE: _l("The draft is ready."),
    Kind.POOLING: _l("The people needed when they are shared are worked out."),
    Kind.REPAIR: _l("Suggestions are ready."),
    Kind.CLEANING: _l("What cleaning changes is worked out."),
    Kind.REPLAY: _l("The days are played."),
    Kind.TODAY: _l("The rest of the day is worked out."),
    Kind.NIGHT: _l("The nightly work is done."),
}
PAGES = {
    Kind.IMPORT: "planner.data",
    Kind.FORECAST: "planner.forecast",
    Kind.REQUIREMENT: "planner.people_needed",
    Kind.SOLVE: "planner.schedule",
    Kind.POOLING: "planner.people_needed",
    Kind.REPAIR: "planner.schedule",
    Kind.CLEANING: "planner.cleaning_page",
    Kind.REPLAY: "planner.replay",
    Kind.TODAY: "planner.rest_of_today",
    Kind.NIGHT: "planner.today",
}


def shown_job(kind: Kind) -> JobView | None:
    """The work to show: what runs now, or what the address names and did not end well; what ended well is told in words instead."""
    newest = work.jobs(current.service(), current.actor(), limit=1, kind=kind)
    if newest and newest[0].state in RUNNING:
        return newest[0]
    named = forms.optional_whole("work")
    job = work.job(current.service(), current.actor(), named) if named else None
    if job is None or job.state != "done":
        return job
    _tell_once(job)
    return None


def open_job(job: JobView) -> AnyResponse:
    """Go to the page that shows this work."""
    return go(page_of(job, work=job.id))


def page_of(job: JobView, **values: int) -> str:
    """The page that work of this kind belongs to."""
    done = job.result or {}
    span = {name: done[f"{name}_day"] for name in ("first", "last") if job.kind == Kind.REPLAY and f"{name}_day" in done}
    return url_for(PAGES[Kind(job.kind)], **cast("dict[str, Any]", values), **span)


def seen(job: JobView) -> str:
    """What a card shows, in short: a card that shows it already need not be drawn again."""
    return f"{job.state}.{round(job.share_done * 1000)}.{len(job.progress)}.{int(job.cancel_wanted)}"


@pages.get("/progress/work/<int:number>")
@allow("job.read")
def progress(number: int) -> AnyResponse:
    """The card of one piece of work, where it changed."""
    job = work.job(current.service(), current.actor(), number)
    if job.state == "done":
        _tell_once(job)
        return Response(status=204, headers=_onward(job))
    if request.args.get("seen") == seen(job):
        return Response(status=204)
    return make_response(render_template("planner/_job.html", job=job, spoken=request.args.get("step") != job.step))


def _onward(job: JobView) -> dict[str, str]:
    """Where a card leads once its work is done; the rest of today stays on the queue that is being read."""
    return {"HX-Refresh": "true"} if job.kind == Kind.TODAY else {"HX-Redirect": page_of(job)}


def _tell_once(job: JobView) -> None:
    """The card asks again while the browser opens a slow page: the second answer must not repeat the message."""
    if session.get(_TOLD) != job.id:
        session[_TOLD] = job.id
        flash(str(READY[Kind(job.kind)]))


@pages.post("/work/<int:number>/cancel")
@allow("job.change")
def cancel_work(number: int) -> AnyResponse:
    """Ask for the work to stop; a solve keeps the best that it has."""
    job = work.cancel(current.service(), current.actor(), number)
    flash(_("It stops as soon as it can."), "warn")
    return go(page_of(job, work=job.id))


def install_names() -> dict[str, object]:
    """What the card's template needs."""
    return {"job_titles": TITLES, "job_seen": seen, "solve_curve": curve_of}


pages.app_context_processor(install_names)
