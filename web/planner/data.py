"""Data: a file is looked at, decided about, stored as a job; every import can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms, uploads
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.queues import shown_key
from web.planner.work import open_job, shown_job
from web.texts import gettext as _
from wfm.domain import timegrid
from wfm.errors import InvalidInput
from wfm.service import centre, importing, work
from wfm.service.work import Kind

QUALITY_WEEKS = 12
GAPS = ("refuse", "unknown", "zero")
REPEATED_HOURS = ("refuse", "first", "split")


@pages.get("/data")
@allow("history.read")
def data() -> str:
    """Drop a file; what was imported; which days are complete."""
    queues = centre.queues(current.service(), current.actor())
    imports = importing.imports(current.service(), current.actor())
    home = centre.organisation(current.service(), current.actor())
    key = shown_key(queues)
    quality = _quality(key) if imports and queues else ()
    job = shown_job(Kind.IMPORT)
    return render_template(
        "planner/data.html",
        imports=imports,
        queues=queues,
        key=key,
        quality=quality,
        zones=_zones(home.zone),
        job=job,
        queue_address=lambda queue: url_for("planner.data", queue=queue),
    )


def _zones(home: str) -> list[str]:
    sites = centre.sites(current.service(), current.actor())
    return list(dict.fromkeys([home, *(site.zone for site in sites), "UTC"]))


def _quality(key: str) -> list[list[Any]]:
    """The last weeks of a queue, Mondays in front."""
    imports = importing.imports(current.service(), current.actor())
    zone_name = centre.queue(current.service(), current.actor(), key).zone
    newest = max((one.last for one in imports if not one.undone_at), default=None)
    if newest is None:
        return []
    last = newest.astimezone(timegrid.zone(zone_name)).date()
    first = last - timedelta(last.weekday() + 7 * (QUALITY_WEEKS - 1))
    days = importing.day_quality(current.service(), current.actor(), key, first, 7 * QUALITY_WEEKS)
    return [list(days[at : at + 7]) for at in range(0, len(days), 7)]


@pages.post("/data/upload")
@allow("history.change")
def upload_data() -> AnyResponse:
    """Look at a file; keep it until somebody decides, unless nothing in it can be used."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput(_("choose a file first"))
    content, zone, queue = sent.read(), forms.text("zone", _("Time zone"), 64), forms.optional_text("queue") or ""
    seen = importing.preview(current.service(), current.actor(), content, sent.filename, zone, queue=queue)
    if not seen.file.row_count:  # nothing to decide about: not even written to disk, it may hold personal data
        return make_response(render_template("planner/data_refused.html", seen=seen), 422)
    return go(url_for("planner.data_preview", token=uploads.keep(content, sent.filename, zone).token, queue=queue or None))


@pages.get("/data/preview/<token>")
@allow("history.change")
def data_preview(token: str) -> str:
    """What the file is and what storing it would do."""
    upload = uploads.find(token)
    choices = _choices(request.args.to_dict(), upload.zone)
    seen = importing.preview(current.service(), current.actor(), upload.content, upload.name, **choices)
    home = centre.organisation(current.service(), current.actor())
    return render_template("planner/data_preview.html", seen=seen, upload=upload, choices=choices, zones=_zones(home.zone))


def _choices(given: dict[str, str], zone: str) -> dict[str, Any]:
    gaps, repeated_hour = given.get("gaps", GAPS[0]), given.get("repeated_hour", REPEATED_HOURS[0])
    if gaps not in GAPS or repeated_hour not in REPEATED_HOURS:
        abort(422)
    return {"zone": given.get("zone") or zone, "gaps": gaps, "repeated_hour": repeated_hour, "queue": given.get("queue", "")}


@pages.post("/data/preview/<token>")
@allow("history.change")
def commit_data(token: str) -> AnyResponse:
    """Store the file as a job."""
    upload = uploads.find(token)
    choices = _choices(request.form.to_dict(), upload.zone)
    payload = {"file_name": upload.name, **choices}
    job = work.enqueue(current.service(), current.actor(), Kind.IMPORT, payload, attachment=upload.content)
    uploads.drop(upload)
    return open_job(job)


@pages.post("/data/preview/<token>/cancel")
@allow("history.change")
def cancel_data(token: str) -> AnyResponse:
    """Forget the file; nothing was stored."""
    uploads.drop(uploads.find(token))
    flash(_("Nothing was imported, and the file is deleted."))
    return go(url_for("planner.data"))


@pages.get("/data/imports/<int:number>")
@allow("history.read")
def data_import(number: int) -> str:
    """One import and what it changed."""
    found = [one for one in importing.imports(current.service(), current.actor()) if one.number == number]
    if not found:
        abort(404)
    changes = importing.changes(current.service(), current.actor(), number)
    return render_template("planner/data_import.html", one=found[0], changes=changes)


@pages.post("/data/imports/<int:number>/undo")
@allow("history.change")
def undo_import(number: int) -> AnyResponse:
    """Take an import back."""
    undone = importing.undo(current.service(), current.actor(), number)
    flash(_("Import %(number)s is taken back: every interval is as it was before.", number=undone.number))
    return go(url_for("planner.data"))
