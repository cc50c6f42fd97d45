"""My week: now and next, what changed, seven days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from wfm.service import publishing
from wfm.service.my_week import MomentKind, MyShift

pages = Blueprint("agent", __name__)
WEEK = timedelta(7)
BARS = {MomentKind.WORK: "voice", MomentKind.ACTIVITY: "coach"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the bar under a shift, in minutes from its start."""

    kind: str
    begin: int
    length: int


@pages.get("/my-week")
@allow("week.own")
def my_week() -> str:
    """The reader's own published shifts, in the reader's clock."""
    week = publishing.my_week(current.service(), current.actor(), forms.day("week"))
    earlier, later = (url_for("agent.my_week", week=(week.first_day + step).isoformat()) for step in (-WEEK, WEEK))
    return render_template("agent/my_week.html", week=week, bar=bar, earlier=earlier, later=later)


@pages.post("/my-week/got-it")
@allow("week.own")
def got_it() -> AnyResponse:
    """Say that the changes of a version, and of those before it, were seen."""
    publishing.acknowledge(current.service(), current.actor(), forms.whole("publication", "publication"))
    return go(url_for("agent.my_week"))


def bar(shift: MyShift) -> list[Stretch]:
    """The stretches of a shift; elapsed minutes, so that a day of a clock change is as long as it is."""
    begin = shift.start.timestamp()
    found = []
    for moment in shift.moments:
        if moment.start is not None and moment.end is not None:
            kind = BARS.get(moment.kind) or ("break" if moment.paid else "lunch")
            start, end = (round((edge.timestamp() - begin) / 60) for edge in (moment.start, moment.end))
            found.append(Stretch(kind, start, end - start))
    return found
