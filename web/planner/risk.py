"""Risk: how likely a queue is to miss its target, interval by interval, and what more certainty costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for

from web import current, forms
from web.access import allow
from web.planner.family import pages
from web.planner.heat import by_time
from web.planner.queues import shown_key
from wfm.errors import NotFound
from wfm.service import centre, risk, scheduling, staffing
from wfm.service.missing import measurable
from wfm.service.risk import RiskCell, RiskView

WEEK = timedelta(7)
STEPS = (0.1, 0.2, 0.3, 0.5)


@pages.get("/risk")
@allow("requirement.read")
def risk_of_missing() -> str:
    """One queue, seven days, the chance of missing its target in each interval."""
    queues = [queue for queue in centre.queues(current.service(), current.actor()) if measurable(queue.queue)]
    view = _view(shown_key(queues)) if queues else None
    if view is None:
        return render_template("planner/risk_empty.html")
    return render_template("planner/risk.html", view=view, queues=queues, **_drawn(view))


def _view(key: str) -> RiskView | None:
    try:
        change = forms.optional_whole("change") or 0
        wanted = key, forms.optional_whole("version"), forms.day("week"), change, forms.optional_whole("draft"), forms.day("day")
        return risk.view(current.service(), current.actor(), *wanted)
    except NotFound:
        if "version" in request.args or "draft" in request.args or staffing.versions(current.service(), current.actor(), limit=1):
            raise
        return None


def _drawn(view: RiskView) -> dict[str, Any]:
    placed = [(day, by_time(day.cells)) for day in view.days]
    times = sorted({time for _, cells in placed for time, cell in cells.items() if cell.is_open})
    return {
        "columns": [clock for clock, _ in times],
        "rows": [(day, [cells.get(time) for time in times]) for day, cells in placed],
        "step": step,
        "drafts": scheduling.drafts(current.service(), current.actor()),
        "last_day": view.first_day + WEEK - timedelta(1),
        "earlier": (view.first_day - WEEK).isoformat(),
        "later": (view.first_day + WEEK).isoformat(),
        "here_url": lambda **changed: url_for("planner.risk_of_missing", **{**request.args.to_dict(), **changed}),
    }


def step(cell: RiskCell) -> int:
    """Step of the scale, 0 (hardly ever missed) to 4 (missed more often than not)."""
    return sum((cell.chance or 0.0) >= edge for edge in STEPS)
