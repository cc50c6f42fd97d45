"""People needed: targets of a queue, a cell per interval, and why a cell says what it says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, filters, forms
from web.access import allow
from web.answers import go
from web.planner import heat, queue_tables
from web.planner.family import pages
from web.planner.queues import shown_key
from web.planner.work import open_job, shown_job
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.domain.demand import LEAST_CHANCE, MOST_CHANCE
from wfm.errors import InvalidInput, NotFound
from wfm.service import centre, day_outlook, pooling, risk, staffing, work
from wfm.service.centre import QueueView
from wfm.service.staffing import RequirementView
from wfm.service.work import Kind

WEEK = timedelta(7)
PARTS = {
    "level": _l("For the service level"),
    "max_asa_s": _l("For the mean wait of answered contacts"),
    "max_mean_wait_s": _l("For the mean wait"),
    "max_abandonment": _l("For the share that gives up"),
    "max_occupancy": _l("For the occupancy cap"),
}
BINDING = {
    "level": _l("service level"),
    "max_asa_s": _l("mean wait of answered contacts"),
    "max_mean_wait_s": _l("mean wait"),
    "max_abandonment": _l("share that gives up"),
    "max_occupancy": _l("occupancy cap"),
    "minimum_agents": _l("minimum of the queue"),
    "uncertain_volume": _l("the volume is uncertain"),
    "no_volume": _l("nothing arrives"),
}


DEFINITIONS = {
    "offered": _l("all offered"),
    "answered": _l("answered only"),
    "excluding_short_abandons": _l("offered without quick hang-ups"),
    "counting_short_abandons": _l("offered, quick hang-ups as served"),
}
PLANNED_BY = {
    "call_weighted": _l("share of all contacts, over what may come"),
    "mean_service": _l("mean service, over what may come"),
    "kept_with_chance": _l("chance of keeping the target"),
}


@pages.get("/people-needed")
@allow("requirement.read")
def people_needed() -> str:
    """One queue, seven days, a cell per interval."""
    queues = centre.queues(current.service(), current.actor())
    key = shown_key(queues)
    view = _view(key) if queues else None
    job = shown_job(Kind.REQUIREMENT) or shown_job(Kind.POOLING)
    if view is None:
        return render_template("planner/people_needed_empty.html", job=job)
    cell = forms.optional_whole("cell")
    why = staffing.why(current.service(), current.actor(), key, cell, view.version.number) if cell else None
    missed = risk.of_interval(why) if why else None
    more = _drawn(view) | _beside(view) | queue_tables.of_queue(key) | {"missed": missed}
    return render_template("planner/people_needed.html", view=view, queues=queues, job=job, cell=cell, why=why, **more)


def _view(key: str) -> RequirementView | None:
    try:
        return staffing.view(current.service(), current.actor(), key, forms.optional_whole("version"), forms.day("week"))
    except NotFound:
        if "version" in request.args or staffing.versions(current.service(), current.actor(), limit=1):
            raise
        return None


def _drawn(view: RequirementView) -> dict[str, Any]:
    return {
        "heat": heat.table_of(view),
        "last_day": view.days[-1].day,
        "earlier": (view.first_day - WEEK).isoformat(),
        "later": (view.first_day + WEEK).isoformat(),
        "here_url": lambda **changed: url_for("planner.people_needed", **{**request.args.to_dict(), "work": None, "cell": None, **changed}),
        "parts": PARTS,
        "binding": BINDING,
        "definitions": DEFINITIONS,
        "planned_by": PLANNED_BY,
    }


def _beside(view: RequirementView) -> dict[str, Any]:
    """The other queues, whose risk is asked for later, shared people, and what the tables of the queue are written with."""
    service, actor = current.service(), current.actor()
    shared = pooling.newest(service, actor, view.version.number)
    lines = staffing.overview(service, actor, view.version.number, view.first_day, len(view.days))
    number = view.version.number
    shown: dict[str, Any] = {name: value for name, value in request.args.to_dict().items() if name not in ("work", "cell")}
    return {
        "all_url": url_for("planner.all_needs", **shown | {"queue": view.queue.key, "number": number, "first": view.first_day.isoformat()}),
        "lines": lines,
        "queue_names": {line.queue.key: line.queue.queue.name for line in lines},
        "shared": shared,
        "shared_day": date.fromisoformat(shared["day"]) if shared else None,
        "followed": day_outlook.follows_day(view.computed_for),
        "weekday_names": filters.weekday_names(),
        "risk": None,
    }


@pages.get("/people-needed/why")
@allow("requirement.read")
def why_needed() -> str:
    """The drawer of one cell."""
    start_s = forms.optional_whole("cell")
    if start_s is None:
        abort(404)
    key, version = request.args.get("queue", ""), forms.optional_whole("version")
    why = staffing.why(current.service(), current.actor(), key, start_s, version)
    return render_template("planner/_why.html", why=why, missed=risk.of_interval(why), parts=PARTS, binding=BINDING, planned_by=PLANNED_BY)


@pages.post("/people-needed")
@allow("requirement.change")
def work_out_again() -> AnyResponse:
    """Want people needed from the newest forecast, as a job."""
    return open_job(work.enqueue(current.service(), current.actor(), Kind.REQUIREMENT, {}))


@pages.post("/queues/<path:key>/target")
@allow("requirement.change")
def change_target(key: str) -> AnyResponse:
    """Change what a queue is promised."""
    queue = centre.queue(current.service(), current.actor(), key)
    changes = _deferred_target() if queue.queue.channel.deferred else _live_target(queue)
    row_version = forms.whole("row_version", "row_version")
    centre.change_target(current.service(), current.actor(), key, row_version, **changes)
    flash(_("The target is changed. Work out again to see what it takes."))
    return go(url_for("planner.people_needed", queue=key))


def _live_target(queue: QueueView) -> dict[str, Any]:
    changes = {
        "level": forms.percent("level", _("Service level")),
        "awt_s": forms.number("awt_s", _("Answered within")),
        "max_occupancy": forms.optional_percent("max_occupancy", _("Occupancy at most")),
        "max_asa_s": forms.optional_number("max_asa_s", _("Mean wait of answered at most, s")),
        "max_abandonment": forms.optional_percent("max_abandonment", _("Giving up at most")),
        "definition": forms.optional_text("definition") or queue.queue.target.definition,
        "planned_by": forms.optional_text("planned_by") or queue.queue.target.planned_by,
        "patience_s": forms.optional_number("patience_s", _("Patience")),
        **_staffing_fields(),
    }
    if forms.optional_text("kept_chance"):
        changes["kept_chance"] = _kept_chance()
    if forms.optional_text("priority"):
        changes["priority"] = forms.whole("priority", _("Priority class"))
    if queue.queue.channel == "chat":
        changes["concurrency"] = forms.whole("concurrency", _("Chats at once"))
    return changes


def _kept_chance() -> float:
    """The chance, in the bounds of the target, told in the words of the form."""
    chance = forms.percent("kept_chance", _("Chance of keeping the target"))
    if not LEAST_CHANCE <= chance <= MOST_CHANCE:
        given = request.form["kept_chance"].strip()
        raise InvalidInput(_("The chance of keeping the target must be between 50 and 99 %%, got %(given)s", given=given))
    return chance


def _deferred_target() -> dict[str, Any]:
    return {"response_s": 3600 * forms.number("response_hours", _("Answered within")), **_staffing_fields()}


def _staffing_fields() -> dict[str, Any]:
    return {"shrinkage": forms.percent("shrinkage", _("Shrinkage")), "minimum_agents": forms.whole("minimum_agents", _("Fewest people"))}
