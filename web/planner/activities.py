"""Activities on the schedule page: a dialog to add one, its preview, its place, moving it and taking it away; movable work and channels."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from web import current, filters, forms
from web.access import allow
from web.planner import board
from web.planner.activity_words import CHOICES, NAMES
from web.planner.editing import clock, edited, part
from web.planner.edits import rule_lines
from web.planner.family import pages
from web.planner.schedule import edit_url
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.domain.activities import ActivityKind
from wfm.errors import InvalidInput, NotFound
from wfm.service import activities, activity_people, people_groups, scheduling
from wfm.service.activities import ActivityPlace, ActivityWish, SessionView

GROUPS = {"site": _l("Site"), "skill": _l("Skill"), "language": _l("Language"), "contract": _l("Contract"), "queue": _l("Queue")}
LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240, 480)


@pages.get("/schedule/<int:number>/activity")
@allow("schedule.change")
def new_activity(number: int) -> str:
    """The dialog that asks what to place, for whom and by when."""
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    kind = request.args.get("kind", ActivityKind.MEETING)
    chosen = set(request.args.getlist("agent"))
    return part(
        "planner/_activity.html",
        view=view,
        days=board.days_of(view),
        kinds={one: NAMES[one] for one in CHOICES},
        kind=kind if kind in CHOICES else ActivityKind.MEETING,
        chosen=chosen,
        lengths=LENGTHS,
        groups=people_groups.groups(current.service(), current.actor()),
        group_words=GROUPS,
        edit_url=edit_url(number),
    )


@pages.post("/schedule/<int:number>/activity/preview")
@allow("schedule.change")
def preview_activity(number: int) -> str:
    """Where it would be placed and what that costs; nothing is changed."""
    wish = _wish()
    found = activities.preview(current.service(), current.actor(), number, wish)
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    names = {queue.key: queue.name for queue in view.queues}
    told = {"kind_name": NAMES[wish.kind], "queue_names": lambda keys: [names.get(key, key) for key in keys], "packed": _packed}
    return part("planner/_activity_preview.html", view=view, wish=wish, found=found, edit_url=edit_url(number), **told)


@pages.post("/schedule/<int:number>/activity")
@allow("schedule.change")
def place_activity(number: int) -> AnyResponse | str:
    """Place it where the preview, or the planner, has it."""
    places = [_unpacked(given) for given in request.form.getlist("place")]
    version = forms.whole("row_version", "row_version")
    return edited(number, activities.place(current.service(), current.actor(), number, _wish(), places, version))


@pages.get("/schedule/<int:number>/session")
@allow("schedule.read")
def session_of_draft(number: int) -> str:
    """The dialog of one activity: who takes part, another time, away with it."""
    found = _session(number, request.args.get("key", ""))
    view = scheduling.draft(current.service(), current.actor(), number, found.start.date())
    told = {"kind_names": NAMES, "movable": ActivityKind.MOVABLE, "edit_url": edit_url(number)}
    return part("planner/_session.html", view=view, session=found, days=board.days_of(view), **told)


@pages.post("/schedule/<int:number>/session/move")
@allow("schedule.change")
def move_session(number: int) -> AnyResponse | str:
    """Another start."""
    day = forms.day("on_day")
    if day is None:
        raise InvalidInput(_("choose a day"))
    start = datetime.combine(day, clock(forms.text("clock", _("Start"))))
    return edited(number, activities.move_session(current.service(), current.actor(), number, forms.text("key", "key"), start))


@pages.post("/schedule/<int:number>/session/people/preview")
@allow("schedule.change")
def preview_session_people(number: int) -> str:
    """What the people ticked would do to cover and rules, and who of them cannot come; nothing is changed."""
    people = request.form.getlist("people")
    found = activity_people.preview_people(current.service(), current.actor(), number, forms.text("key", "key"), people)
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    names = {queue.key: queue.name for queue in view.queues}
    broken = rule_lines(found.effect.warnings, {one.key: one.name for one in view.agents}) if found.effect else []
    return part("planner/_session_people.html", view=view, found=found, queue_names=names, broken=broken)


@pages.post("/schedule/<int:number>/session/people")
@allow("schedule.change")
def change_session_people(number: int) -> AnyResponse | str:
    """The people ticked take part, and no others."""
    key, version = forms.text("key", "key"), forms.whole("row_version", "row_version")
    people = request.form.getlist("people")
    return edited(number, activity_people.change_people(current.service(), current.actor(), number, key, people, version))


@pages.post("/schedule/<int:number>/session/remove")
@allow("schedule.change")
def remove_session(number: int) -> AnyResponse | str:
    """Take it away."""
    return edited(number, activities.remove_session(current.service(), current.actor(), number, forms.text("key", "key")))


@pages.get("/schedule/<int:number>/movable")
@allow("schedule.change")
def movable_work(number: int) -> str:
    """The dialog that places movable work."""
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    return part("planner/_movable.html", view=view, edit_url=edit_url(number))


@pages.post("/schedule/<int:number>/movable")
@allow("schedule.change")
def place_movable_work(number: int) -> AnyResponse | str:
    """Put the movable work of the queues into the troughs."""
    cost = forms.optional_number("most_cost_per_hour", _("Most cost of an hour")) or 0.0
    return edited(number, activities.place_movable_work(current.service(), current.actor(), number, cost))


def _wish() -> ActivityWish:
    try:
        kind = ActivityKind(forms.text("kind", _("Kind")))
    except ValueError:
        raise InvalidInput(_("this kind of activity is not known; choose one of the list")) from None
    if forms.optional_text("who") == "group":
        people = people_groups.members(current.service(), current.actor(), forms.text("group", _("Group")))
    else:
        people = tuple(request.form.getlist("people"))
    return ActivityWish(
        kind=kind,
        name=forms.optional_text("name") or str(NAMES[kind]),
        people=people,
        minutes=forms.whole("minutes", _("Length")),
        earliest=_moment("from_day", "from_clock"),
        due=_moment("due_day", "due_clock"),
        lead=forms.optional_text("lead") or "",
        count=forms.whole("count", _("How many")) if request.form.get("count", "").strip() else None,
        separately=bool(request.form.get("separately")),
    )


def _moment(day_name: str, clock_name: str) -> datetime:
    day = forms.day(day_name)
    if day is None:
        raise InvalidInput(_("choose a day"))
    given = forms.text(clock_name, _("Time"))
    return datetime.combine(day + timedelta(1), datetime.min.time()) if given == "24:00" else datetime.combine(day, clock(given))


def _packed(place: ActivityPlace) -> str:
    """A place as one field of a form: its start in seconds since 1970, then the keys of its people."""
    return "\t".join((str(int(place.start.timestamp())), *place.people))


def _unpacked(given: str) -> tuple[tuple[str, ...], datetime]:
    start_s, *people = given.split("\t")
    if not start_s.isdecimal() or not people:
        raise InvalidInput(_("this place cannot be read; look for a time again"))
    return tuple(people), filters.instant(int(start_s))


def _session(number: int, key: str) -> SessionView:
    found = next((one for one in activities.sessions(current.service(), current.actor(), number) if one.key == key), None)
    if found is None:
        raise NotFound(_("this activity is not there any more; close this and look again"))
    return found
