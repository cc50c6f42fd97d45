"""How forecasts did, by how far they looked ahead and day by day, with limits that the planner sets."""

from __future__ import annotations

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.queues import shown_key
from web.texts import gettext as _
from wfm.service import accuracy_limits, accuracy_view, centre
from wfm.service.accuracy_limits import Limits


@pages.get("/forecast/accuracy")
@allow("forecast.read")
def accuracy_page() -> str:
    """One queue: by lead time, then day by day."""
    service, actor = current.service(), current.actor()
    queues = centre.queues(service, actor)
    key = shown_key(queues)
    leads = accuracy_view.by_lead(service, actor, key) if queues else ()
    limits = accuracy_limits.limits(service, actor)
    return render_template(
        "planner/accuracy.html",
        queues=queues,
        key=key,
        leads=leads,
        limits=limits,
        days=accuracy_view.by_day(service, actor, key, limits.interval) if leads else (),
        weeks=accuracy_view.DAYS // 7,
        queue_address=lambda queue: url_for("planner.accuracy_page", queue=queue),
    )


@pages.post("/forecast/accuracy/limits")
@allow("forecast.change")
def change_accuracy_limits() -> AnyResponse:
    """Use other limits."""
    names = {"day": _("Day total"), "peak_hour": _("Peak hour"), "interval": _("Interval")}
    wanted = Limits(**{name: forms.percent(name, words) for name, words in names.items()})
    accuracy_limits.change_limits(current.service(), current.actor(), wanted)
    flash(_("The limits are changed, for everybody here and for what the night reports."))
    return go(url_for("planner.accuracy_page", queue=forms.optional_text("queue")))
