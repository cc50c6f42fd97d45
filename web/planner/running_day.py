"""Beside the cells of people needed: what is carried from interval to interval, and what sharing people saves."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.planner.family import pages
from web.planner.work import open_job
from wfm.service import day_outlook, risk, staffing, work
from wfm.service.work import Kind

WEEK_DAYS = 7


@pages.get("/people-needed/carried")
@allow("requirement.read")
def carried() -> str:
    """Where interval-by-interval figures fall short in a week, because of what waits when an interval begins."""
    key, version, week = request.args.get("queue", ""), forms.optional_whole("version"), forms.day("week")
    if version is None or week is None:
        abort(404)
    queue, interval_s, days = staffing.day_cells(current.service(), current.actor(), key, version, week, WEEK_DAYS)
    followed = [day_outlook.carried(queue, interval_s, cells) for cells in days] if day_outlook.follows_day(queue) else []
    return render_template("planner/_carried.html", days=[day for day in followed if day])


@pages.get("/people-needed/all")
@allow("requirement.read")
def all_needs() -> str:
    """The table of all queues with the chance of missing their targets, which takes a moment."""
    number, first = forms.optional_whole("number"), forms.day("first")
    if number is None or first is None:
        abort(404)
    of_version = current.service(), current.actor(), number, first, WEEK_DAYS
    shown = {name: value for name, value in request.args.to_dict().items() if name not in ("number", "first")}
    return render_template(
        "planner/_needs_of_all.html",
        lines=staffing.overview(*of_version),
        risk=risk.by_queue(*of_version),
        chosen=request.args.get("queue", ""),
        here_url=lambda **changed: url_for("planner.people_needed", **{**shown, **changed}),
    )


@pages.post("/people-needed/shared")
@allow("requirement.change")
def work_out_shared() -> AnyResponse:
    """Want the people needed of a day when people are shared, as a job."""
    day, version = forms.day("day"), forms.whole("version", "version")
    if day is None:
        abort(404)
    wanted = {"day": day.isoformat(), "requirement": version}
    return open_job(work.enqueue(current.service(), current.actor(), Kind.POOLING, wanted, slot=None))
