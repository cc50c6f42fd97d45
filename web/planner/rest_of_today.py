"""The rest of today: what came, what is expected now, and the smallest change that brings the promise back.

It is worked out by a job; the page shows the last outcome at once and wants a new one where something has come since.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.work import shown_job
from wfm.errors import NotFound
from wfm.service import rest_of_day
from wfm.service.intraday import QueueToday, TodayView
from wfm.service.work import JobView, Kind


@pages.get("/today/rest")
@allow("requirement.read")
def rest_of_today() -> str:
    """One day over all queues, one of them interval by interval."""
    service, actor, day = current.service(), current.actor(), forms.day("day")
    try:
        outcome = rest_of_day.newest(service, actor, day)
        job = shown_job(Kind.TODAY) if outcome and outcome.is_current else _shown(rest_of_day.want(service, actor, day))
    except NotFound:
        return render_template("planner/rest_of_today_empty.html", job=None)
    if outcome is None:
        return render_template("planner/rest_of_today_empty.html", job=job)
    return render_template(
        "planner/rest_of_today.html",
        outcome=outcome,
        view=outcome.view,
        job=job,
        shown=_chosen(outcome.view),
        short_heads=_short_heads,
        queue_url=lambda key: url_for("planner.rest_of_today", **{**_here(), "queue": key}),
        again_url=url_for("planner.work_out_rest", **_here()),
    )


@pages.post("/today/rest")
@allow("requirement.read")
def work_out_rest() -> AnyResponse:
    """Want the rest of the day worked out anew, as a job."""
    job = rest_of_day.want(current.service(), current.actor(), forms.day("day"), again=True)
    return go(url_for("planner.rest_of_today", **{**_here(), "work": job.id}))


def _here() -> dict[str, Any]:
    return {name: value for name, value in request.args.to_dict().items() if name in ("day", "queue")}


def _shown(job: JobView) -> JobView | None:
    return job if job.state != "done" else None


def _chosen(view: TodayView) -> QueueToday:
    """The chosen queue; else the one that needs most people more than are there."""
    key = request.args.get("queue", "")
    found = next((one for one in view.queues if one.queue.key == key), None)
    return found or max(view.queues, key=lambda one: (_short_heads(one), one.rest_now))


def _short_heads(one: QueueToday) -> float:
    """Most heads that a queue is short of in one of the intervals to come."""
    return max((cell.needed - cell.on_duty for cell in one.cells if cell.came is None and cell.is_open), default=0.0)
