"""Forecast: the five figures a planner asks first, the curve with its bands, how it was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner import series
from web.planner.family import pages
from web.planner.forecast_edits import KINDS
from web.planner.queues import shown_key
from web.planner.work import open_job, shown_job
from web.texts import gettext as _
from wfm.domain import timegrid
from wfm.errors import InvalidInput
from wfm.service import centre, forecast_edits, forecast_import, forecasting, work
from wfm.service.centre import QueueView
from wfm.service.forecasting import ForecastVersion, ForecastView
from wfm.service.work import Kind

WEEK = 7
PAST_DAYS = 2
SHAPES = {"intervals": WEEK, "days": 4 * WEEK, "table": WEEK}


@pages.get("/forecast")
@allow("forecast.read")
def forecast() -> str:
    """One queue of one version, by interval, by day or as a table; or what to do where there is none."""
    queues = centre.queues(current.service(), current.actor())
    shape = request.args.get("shape", "intervals")
    if shape not in SHAPES:
        abort(404)
    key = shown_key(queues)
    view = _view(key, SHAPES[shape]) if queues else None
    if view is None:
        return _nothing(queues, key)
    drawn = _drawn(view, shape) | {"versions": forecasting.versions(current.service(), current.actor())}
    edits = forecast_edits.edits(current.service(), current.actor(), key)
    shown = {"view": view, "queues": queues, "job": shown_job(Kind.FORECAST), "shape": shape, "edits": edits, "edit_kinds": KINDS}
    return render_template("planner/forecast.html", **shown, **drawn)


def _nothing(queues: Sequence[QueueView], key: str) -> str:
    """The next step where nothing is forecast, or not this queue."""
    newest = forecasting.versions(current.service(), current.actor(), limit=1)
    return render_template(
        "planner/forecast_empty.html",
        job=shown_job(Kind.FORECAST),
        history=bool(queues),
        queues=queues,
        queue=next((queue for queue in queues if newest and queue.key == key), None),
        queue_address=partial(url_for, "planner.forecast"),
    )


def _view(key: str, days: int) -> ForecastView | None:
    version = forms.optional_whole("version")
    newest = forecasting.versions(current.service(), current.actor(), limit=1)
    if not newest or not forecasting.has_queue(current.service(), current.actor(), key, version):
        return None
    first = forms.day("week") or _lately(newest[0])
    return forecasting.view(current.service(), current.actor(), key, version, first, days, forms.optional_whole("compare"))


def _lately(version: ForecastVersion) -> date:
    """Two days before today, or before the first day ahead: what came beside what comes."""
    here = timegrid.zone(centre.organisation(current.service(), current.actor()).zone)
    today = current.service().now().astimezone(here).date()
    last = version.first_day + timedelta(max(0, version.days - WEEK))
    return max(version.first_day, min(today, last)) - timedelta(PAST_DAYS)


def _drawn(view: ForecastView, shape: str) -> dict[str, object]:
    now = current.service().now()
    return {
        "chart": series.of_days(view, now) if shape == "days" else series.of_intervals(view, now) if shape == "intervals" else None,
        "table": list(series.rows_by_day(view)) if shape == "table" else (),
        "other_name": series.other_name(view),
        "last_day": view.first_day + timedelta(view.days - 1),
        "earlier": (view.first_day - timedelta(WEEK)).isoformat(),
        "later": (view.first_day + timedelta(WEEK)).isoformat(),
        "has_later": view.first_day + timedelta(WEEK) < view.version.first_day + timedelta(view.version.days),
        "busiest": series.wall_time(view.figures.busiest_wall_s) if view.figures.busiest_wall_s else None,
        "here_url": lambda **changed: url_for("planner.forecast", **{**request.args.to_dict(), "work": None, **changed}),
    }


@pages.post("/forecast")
@allow("forecast.change")
def forecast_again() -> AnyResponse:
    """Want a new version, as a job."""
    return open_job(work.enqueue(current.service(), current.actor(), Kind.FORECAST, {}))


@pages.post("/forecast/import")
@allow("forecast.change")
def import_forecast() -> AnyResponse:
    """Take in a forecast made elsewhere."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput(_("choose a CSV file"))
    source = forms.text("source", _("Where it comes from"), forecast_import.SOURCE)
    made = forecast_import.import_forecast(current.service(), current.actor(), sent.read(), source)
    flash(_("Kept as version %(number)s, from %(source)s.", number=made.number, source=source))
    if made.taken_over:
        flash(_("Not in the file, taken over from the version before: %(queues)s", queues=", ".join(made.taken_over)))
    return go(url_for("planner.forecast", queue=made.queues[0]))
