"""Special days and counts per day: what planners know ahead."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.queues import shown_key
from web.texts import gettext as _
from wfm.errors import InvalidInput
from wfm.service import centre, forecasting, special_days


@pages.get("/forecast/special-days")
@allow("forecast.read")
def special_days_page() -> str:
    """The calendar of special days, the counts, and what they do to the newest forecast of a queue."""
    service, actor = current.service(), current.actor()
    queues = centre.queues(service, actor)
    key = shown_key(queues)
    reports = forecasting.reports(service, actor) if forecasting.versions(service, actor, limit=1) else {}
    return render_template(
        "planner/special_days.html",
        days=special_days.special_days(service, actor),
        counts=special_days.counts(service, actor),
        queues=queues,
        names={queue.key: queue.queue.name for queue in queues},
        key=key,
        effects=reports.get(key, {}).get("effects", ()),
        queue_address=lambda queue: url_for("planner.special_days_page", queue=queue),
    )


@pages.post("/forecast/special-days")
@allow("forecast.change")
def add_special_days() -> AnyResponse:
    """Keep special days."""
    first = forms.day("first_day")
    if first is None:
        raise InvalidInput(_("choose the day"))
    name, effect = forms.text("name", _("Name"), special_days.NAME), forms.optional_number("effect", _("Effect"))
    share = None if effect is None else effect / 100
    queue = forms.optional_text("queue")
    special_days.add_special_days(current.service(), current.actor(), name, first, forms.day("last_day") or first, share, queue)
    flash(_("“%(name)s” is kept. Forecast again to see what it does.", name=name))
    return go(url_for("planner.special_days_page"))


@pages.post("/forecast/special-days/<int:number>/remove")
@allow("forecast.change")
def remove_special_days(number: int) -> AnyResponse:
    """Take special days out."""
    special_days.remove_special_days(current.service(), current.actor(), number)
    flash(_("Removed. Forecasts that are made from now on do not know it."))
    return go(url_for("planner.special_days_page"))


@pages.post("/forecast/counts")
@allow("forecast.change")
def put_counts() -> AnyResponse:
    """Keep a count per day, from a file or typed."""
    sent = request.files.get("file")
    typed = not (sent and sent.filename)
    content = request.form.get("typed", "").encode() if typed or sent is None else sent.read()
    name, version = forms.text("name", _("Name"), special_days.NAME), forms.optional_whole("row_version") or 0
    queue = forms.optional_text("queue")
    days = special_days.put_counts(current.service(), current.actor(), name, content, queue, version, typed=typed)
    flash(_("“%(name)s” has a count on %(days)s days. Forecast again: it is used where it made the past better.", name=name, days=days))
    return go(url_for("planner.special_days_page"))


@pages.post("/forecast/counts/<int:number>/remove")
@allow("forecast.change")
def remove_counts(number: int) -> AnyResponse:
    """Take a count out."""
    special_days.remove_counts(current.service(), current.actor(), number, forms.whole("row_version", "row_version"))
    flash(_("Removed. Forecasts that are made from now on do not know it."))
    return go(url_for("planner.special_days_page"))
