"""The tables of a queue on people needed: shrinkage by activity, movable work, patience from its files."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.texts import gettext as _
from wfm import units
from wfm.domain.movable import MovableWork
from wfm.domain.shrinkage import ShrinkagePart
from wfm.errors import InvalidInput
from wfm.service import centre, patience


@pages.post("/queues/<path:key>/shrinkage")
@allow("requirement.change")
def add_shrinkage(key: str) -> AnyResponse:
    """Add a line to the shrinkage table."""
    part = ShrinkagePart(
        forms.text("activity", _("Activity"), 80),
        forms.percent("share", _("Share of paid time")),
        planned=request.form.get("planned") == "yes",
        weekdays=_weekdays(),
    )
    return _changed(key, shrinkage_parts=(*centre.queue(current.service(), current.actor(), key).queue.shrinkage_parts, part))


@pages.post("/queues/<path:key>/shrinkage/remove")
@allow("requirement.change")
def remove_shrinkage(key: str) -> AnyResponse:
    """Take a line out of the shrinkage table."""
    parts = centre.queue(current.service(), current.actor(), key).queue.shrinkage_parts
    return _changed(key, shrinkage_parts=_without(parts))


@pages.post("/queues/<path:key>/movable")
@allow("requirement.change")
def add_movable(key: str) -> AnyResponse:
    """Add movable work."""
    work = MovableWork(
        forms.text("name", _("Work"), 80),
        forms.number("contacts", _("Contacts a day")),
        forms.number("aht_s", _("Handle time, s")),
        units.clock_minutes(forms.text("from", _("From"))),
        units.clock_minutes(forms.text("due", _("Due by"))),
        _weekdays(),
    )
    return _changed(key, movable=(*centre.queue(current.service(), current.actor(), key).queue.movable, work))


@pages.post("/queues/<path:key>/movable/remove")
@allow("requirement.change")
def remove_movable(key: str) -> AnyResponse:
    """Take movable work away."""
    return _changed(key, movable=_without(centre.queue(current.service(), current.actor(), key).queue.movable))


@pages.post("/queues/<path:key>/patience")
@allow("requirement.change")
def use_patience(key: str) -> AnyResponse:
    """Take the patience that the history shows."""
    found = patience.estimate(current.service(), current.actor(), key)
    if found is None:
        raise InvalidInput(_("The files of this queue do not show how long customers wait before they give up."))
    return _changed(key, patience_s=round(found.patience_s, 1))


def of_queue(key: str) -> dict[str, Any]:
    """What the tables need besides the queue."""
    return {"patience": patience.estimate(current.service(), current.actor(), key)}


def _weekdays() -> tuple[int, ...]:
    chosen = request.form.getlist("weekdays")
    if not chosen or not all(day.isdigit() for day in chosen):
        raise InvalidInput(_("Choose at least one day of the week."))
    return tuple(sorted({int(day) for day in chosen}))


def _without(lines: tuple[Any, ...]) -> tuple[Any, ...]:
    place = forms.whole("place", "place")
    if not 0 <= place < len(lines):
        abort(404)
    return lines[:place] + lines[place + 1 :]


def _changed(key: str, **changes: Any) -> AnyResponse:
    centre.change_target(current.service(), current.actor(), key, forms.whole("row_version", "row_version"), **changes)
    flash(_("The queue is changed. Work out again to see what it takes."))
    return go(url_for("planner.people_needed", queue=key))
