"""Totals by channel, language, site and skill; a typed one is spread over its queues."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.names import CHANNELS
from web.planner.family import pages
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from web.texts import ngettext
from wfm.domain.demand import Channel
from wfm.errors import InvalidInput
from wfm.service import forecasting, totals
from wfm.service.forecast_edits import NAME, REASON
from wfm.service.totals import By, GroupWish

WEEK = 7
KINDS = {By.CHANNEL: _l("Channel"), By.LANGUAGE: _l("Language"), By.SITE: _l("Site"), By.SKILL: _l("Skill")}


@pages.get("/forecast/totals")
@allow("forecast.read")
def totals_page() -> str:
    """A week of totals that agree."""
    service, actor = current.service(), current.actor()
    if not forecasting.versions(service, actor, limit=1):
        return render_template("planner/totals.html", view=None)
    view = totals.totals(service, actor, forms.day("week"), WEEK)
    dates = [view.first_day + timedelta(n) for n in range(view.days)]
    newest = forecasting.versions(service, actor, limit=1)[0]
    earlier, later = view.first_day - timedelta(WEEK), view.first_day + timedelta(WEEK)
    return render_template(
        "planner/totals.html",
        view=view,
        dates=dates,
        kinds=KINDS,
        group_name=group_name,
        typed=totals.typed(service, actor),
        earlier=max(earlier, newest.first_day).isoformat(),
        later=later.isoformat(),
        has_later=later < newest.first_day + timedelta(newest.days),
    )


@pages.get("/forecast/totals/preview")
@allow("forecast.change")
def preview_total() -> str:
    """What a typed total would do to its queues."""
    shown = totals.preview(current.service(), current.actor(), _wish())
    return render_template("planner/total_preview.html", shown=shown, fields=request.args.to_dict(), kinds=KINDS, group_name=group_name)


@pages.post("/forecast/totals")
@allow("forecast.change")
def keep_total() -> AnyResponse:
    """Keep a typed total that was looked at."""
    wish = _wish()
    totals.spread(current.service(), current.actor(), wish, forms.whole("revision", "revision"))
    flash(_("“%(name)s” is on the forecast. Work out the people needed again to plan with it.", name=wish.name))
    return go(url_for("planner.totals_page", week=wish.first_day.isoformat(), _anchor="typed"))


@pages.post("/forecast/totals/<int:number>/revert")
@allow("forecast.change")
def revert_total(number: int) -> AnyResponse:
    """Take a typed total back."""
    count = totals.revert(current.service(), current.actor(), number)
    flash(ngettext("Taken back on %(num)s queue.", "Taken back on %(num)s queues.", count))
    return go(url_for("planner.totals_page", _anchor="typed"))


def group_name(by: By, group: str) -> str:
    """What people read for a group."""
    if by is By.CHANNEL:
        return str(CHANNELS[Channel(group)])
    return _("no site") if group == totals.NO_SITE else group.upper() if by is By.LANGUAGE else group


def _wish() -> GroupWish:
    """The typed total that the form or the address describes; `group` reads "channel:voice"."""
    by, colon, group = request.values.get("group", "").partition(":")
    first = forms.day("first_day")
    if by not in list(By) or not colon or first is None:
        raise InvalidInput(_("choose a group and a day"))
    return GroupWish(
        by=By(by),
        group=group,
        contacts=forms.number("contacts", _("Contacts")),
        first_day=first,
        last_day=forms.day("last_day") or first,
        name=forms.text("name", _("Name"), NAME),
        reason=forms.text("reason", _("Reason"), REASON),
    )
