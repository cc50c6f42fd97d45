"""New queue: forecast like a similar one at a typed size; looked at first, then kept."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.texts import gettext as _
from wfm.service import cold_starts
from wfm.service.cold_starts import ColdWish


@pages.get("/forecast/new-queue")
@allow("forecast.read")
def new_queue_page() -> str:
    """The form, what it would give, and the queues that are forecast so."""
    service, actor = current.service(), current.actor()
    asked = "weekly_total" in request.args
    shown = cold_starts.preview(service, actor, _wish()) if asked else None
    return render_template(
        "planner/new_queue.html",
        candidates=cold_starts.candidates(service, actor),
        standing=cold_starts.standing(service, actor),
        shown=shown,
        key=request.args.get("queue", ""),
        fields=request.args.to_dict(),
        usual_cv=100 * cold_starts.USUAL_CV,
    )


@pages.post("/forecast/new-queue")
@allow("forecast.change")
def keep_new_queue() -> AnyResponse:
    """Keep what was looked at, as a version."""
    wish = _wish()
    number = cold_starts.keep(current.service(), current.actor(), wish)
    flash(_("Kept as version %(number)s, of low confidence. New forecasts do the same until the queue has four weeks.", number=number))
    if wish.name:
        flash(_("Nobody takes %(queue)s yet: give it to people before you build a schedule.", queue=wish.name), "warn")
    return go(url_for("planner.forecast", queue=wish.queue or wish.name))


@pages.post("/forecast/new-queue/remove")
@allow("forecast.change")
def remove_new_queue() -> AnyResponse:
    """Forecast a queue from its own history again."""
    cold_starts.remove(current.service(), current.actor(), request.form.get("queue", ""))
    flash(_("Removed. The next forecast uses the queue's own history, where it has any."))
    return go(url_for("planner.new_queue_page"))


def _wish() -> ColdWish:
    """The queue that the form or the address describes."""
    queue = request.values.get("queue", "").strip()
    name = "" if queue else forms.text("name", _("Name"), cold_starts.NAME)
    total = forms.number("weekly_total", _("Contacts a week"))
    return ColdWish(queue, name, request.values.get("similar", ""), total, forms.percent("uncertainty", _("Uncertainty")))
