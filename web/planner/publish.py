"""Publish: what would change for whom, then a numbered version; earlier versions can be brought back."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.service import publishing, scheduling

KINDS = {
    "added": _l("new shift"),
    "removed": _l("free now"),
    "moved": _l("other hours"),
    "breaks": _l("other breaks"),
    "activities": _l("other activities"),
}


@pages.get("/publish")
@allow("publication.read")
def publish() -> str:
    """What publishing a draft would do; the versions so far."""
    drafts = scheduling.drafts(current.service(), current.actor())
    versions = publishing.publications(current.service(), current.actor())
    number = forms.optional_whole("draft") or (drafts[0].number if drafts else None)
    preview = publishing.diff(current.service(), current.actor(), number) if number else None
    last_day = preview.first_day + timedelta(preview.days - 1) if preview else None
    return render_template(
        "planner/publish.html", preview=preview, last_day=last_day, drafts=drafts, versions=versions, kinds=KINDS, week=timedelta(1)
    )


@pages.post("/publish")
@allow("publication.change")
def publish_draft() -> AnyResponse:
    """Make a draft the schedule that agents see."""
    draft, row_version = forms.whole("draft", _("Draft")), forms.whole("row_version", "row_version")
    made = publishing.publish(current.service(), current.actor(), draft, request.form.get("reason", ""), row_version)
    flash(_("Version %(number)s is published. Agents see it now.", number=made.number))
    return go(url_for("planner.publication", number=made.number))


@pages.get("/publish/<int:number>")
@allow("publication.read")
def publication(number: int) -> str:
    """One version: what it changed, who has seen it, whether it is intact."""
    detail = publishing.publication(current.service(), current.actor(), number)
    last_day = detail.view.first_day + timedelta(detail.view.days - 1)
    return render_template("planner/publication.html", detail=detail, view=detail.view, last_day=last_day, kinds=KINDS)


@pages.post("/publish/<int:number>/revert")
@allow("publication.change")
def revert_publication(number: int) -> AnyResponse:
    """Bring an earlier version back, as a new one."""
    reason = forms.text("reason", _("Reason"), 2000)
    made = publishing.revert(current.service(), current.actor(), number, reason)
    flash(_("Version %(old)s counts again, as version %(number)s.", old=number, number=made.number))
    return go(url_for("planner.publication", number=made.number))
