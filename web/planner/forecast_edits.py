"""Edits of a forecast: looked at first, then kept; each can be taken back."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.errors import InvalidInput
from wfm.service import centre, forecast_edits
from wfm.service.edit_wish import EditWish
from wfm.service.edited import EditKind

KINDS = {
    EditKind.PERCENT: _l("by a percentage"),
    EditKind.TOTAL: _l("to a total for the day"),
    EditKind.INTERVAL: _l("in one interval, to"),
}


@pages.get("/forecast/edit")
@allow("forecast.change")
def preview_edit() -> str:
    """What an edit would do, before it counts."""
    wish = _wish()
    shown = forecast_edits.preview(current.service(), current.actor(), wish)
    queue = centre.queue(current.service(), current.actor(), wish.queue)
    return render_template("planner/forecast_edit.html", shown=shown, queue=queue, fields=request.args.to_dict(), edit_kinds=KINDS)


@pages.post("/forecast/edits")
@allow("forecast.change")
def keep_edit() -> AnyResponse:
    """Keep an edit that was looked at."""
    wish = _wish()
    made = forecast_edits.add(current.service(), current.actor(), wish, forms.whole("revision", "revision"))
    flash(_("“%(name)s” is on the forecast. Work out the people needed again to plan with it.", name=made.name))
    return go(_page(wish.queue))


@pages.post("/forecast/edits/<int:number>/revert")
@allow("forecast.change")
def revert_edit(number: int) -> AnyResponse:
    """Take an edit back."""
    undone = forecast_edits.revert(current.service(), current.actor(), number)
    flash(_("“%(name)s” is taken back.", name=undone.name))
    return go(_page(request.form.get("queue", "")))


def _page(key: str) -> str:
    return url_for("planner.forecast", queue=key, _anchor="edits")


def _wish() -> EditWish:
    """The edit that the form or the address describes."""
    kind = request.values.get("kind", "")
    first = forms.day("first_day")
    if kind not in list(EditKind) or first is None:
        raise InvalidInput(_("choose a day and how to change it"))
    value = forms.number("value", _("Value"))
    return EditWish(
        queue=request.values.get("queue", ""),
        kind=EditKind(kind),
        value=value / 100 if kind == EditKind.PERCENT else value,
        first_day=first,
        last_day=forms.day("last_day") or first,
        name=forms.text("name", _("Name"), forecast_edits.NAME),
        reason=forms.text("reason", _("Reason"), forecast_edits.REASON),
        begin_minutes=forms.clock_minutes("begin", _("From")),
        end_minutes=forms.clock_minutes("end", _("To")),
    )
