"""How forecasts did, by how far they looked ahead."""

from __future__ import annotations

from flask import render_template, url_for

from web import current
from web.access import allow
from web.planner.family import pages
from web.planner.queues import shown_key
from wfm.service import accuracy_view, centre, forecasting

DAY_LIMIT = 0.05


@pages.get("/forecast/accuracy")
@allow("forecast.read")
def accuracy_page() -> str:
    """One queue: by lead time, then day by day."""
    service, actor = current.service(), current.actor()
    queues = centre.queues(service, actor)
    key = shown_key(queues)
    leads = accuracy_view.by_lead(service, actor, key) if queues else ()
    return render_template(
        "planner/accuracy.html",
        queues=queues,
        key=key,
        leads=leads,
        days=forecasting.view(service, actor, key).accuracy if leads else (),
        weeks=accuracy_view.DAYS // 7,
        day_limit=DAY_LIMIT,
        queue_address=lambda queue: url_for("planner.accuracy_page", queue=queue),
    )
