"""Editing a draft on the schedule page: dialogs, what the drags and keys ask for, undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from flask import flash, render_template, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from web import current, filters, forms
from web.access import allow
from web.answers import go
from web.planner import board
from web.planner.edits import KINDS
from web.planner.family import pages
from web.planner.schedule import edit_url, here_url, plan_of
from web.texts import gettext as _
from wfm import units
from wfm.errors import InvalidInput, NotFound
from wfm.service import draft_comparison, editing, scheduling
from wfm.service.draft_view import DraftAgent, DraftView, ShiftView
from wfm.service.editing import EditView, ShiftKey

MOST_CHOSEN = 40_000  # characters


@pages.get("/schedule/<int:number>/shift")
@allow("schedule.read")
def shift_of_draft(number: int) -> str:
    """The dialog of one shift: everything that a drag can do, and more."""
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    agent, shift = _found(view, request.args.get("agent", ""), forms.optional_whole("start_s"))
    days = board.days_of(view)
    return part("planner/_shift.html", view=view, agent=agent, shift=shift, days=days, edit_url=edit_url(number))


@pages.get("/schedule/<int:number>/new-shift")
@allow("schedule.change")
def new_shift(number: int) -> str:
    """The dialog that adds a shift."""
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    chosen = next((one for one in view.agents if one.key == request.args.get("agent") and one.lengths), None)
    lengths = chosen.lengths if chosen else tuple(sorted({minutes for one in view.agents for minutes in one.lengths}))
    days = board.days_of(view)
    return part("planner/_new_shift.html", view=view, agent=chosen, lengths=lengths, days=days, edit_url=edit_url(number))


@pages.get("/schedule/<int:number>/comparison")
@allow("schedule.read")
def comparison(number: int) -> str:
    """The draft beside the one before it."""
    found = draft_comparison.compare_drafts(current.service(), current.actor(), number, forms.optional_whole("with"))
    view = scheduling.draft(current.service(), current.actor(), number, forms.day("of"))
    return part("planner/_comparison.html", view=view, found=found)


@pages.post("/schedule/<int:number>/edit")
@allow("schedule.change")
def edit_draft(number: int) -> AnyResponse | str:
    """One edit; the answer is the plan as it is then."""
    action = ACTIONS.get(request.form.get("do", ""))
    if action is None:
        raise BadRequest
    return edited(number, action(number))


@pages.post("/schedule/<int:number>/edit-many")
@allow("schedule.change")
def edit_many(number: int) -> AnyResponse | str:
    """One edit of all chosen shifts."""
    keys = [_packed_key(given) for given in forms.text("shifts", _("Shifts"), MOST_CHOSEN).split(",")]
    by_minutes = forms.whole("by_minutes", _("Minutes")) if request.form.get("by_minutes") else 0
    action = forms.text("do", "do")
    return edited(number, editing.edit_many(current.service(), current.actor(), number, keys, action, by_minutes))


@pages.post("/schedule/<int:number>/undo")
@allow("schedule.change")
def undo_edit(number: int) -> AnyResponse | str:
    """Take the newest edit back."""
    return edited(number, editing.undo(current.service(), current.actor(), number, forms.whole("edit", _("Edit"))))


@pages.post("/schedule/<int:number>/redo")
@allow("schedule.change")
def redo_edit(number: int) -> AnyResponse | str:
    """Do the edit again that was undone last."""
    return edited(number, editing.redo(current.service(), current.actor(), number, forms.whole("edit", _("Edit"))))


def part(name: str, **values: Any) -> str:
    """A dialog for htmx, or a page of its own."""
    return render_template(name, **values) if current.from_htmx() else render_template("planner/part.html", part=name, **values)


def edited(number: int, edit: EditView) -> AnyResponse | str:
    """The plan after an edit, for htmx; else the page again."""
    if current.from_htmx():
        return render_template("planner/_edited.html", edit=edit, **plan_of(number))
    flash(str(KINDS[edit.kind]))
    return go(here_url(number)())


def _key() -> ShiftKey:
    return ShiftKey(forms.text("agent", _("Person")), _instant("start_s"), forms.whole("row_version", "row_version"))


def _packed_key(given: str) -> ShiftKey:
    """A chosen shift as the page writes it: start in seconds since 1970, row version, key of the person."""
    start_s, _colon, rest = given.partition(":")
    version, _colon, agent = rest.partition(":")
    if not (start_s.isdecimal() and version.isdecimal() and agent):
        raise BadRequest
    return ShiftKey(agent, filters.instant(int(start_s)), int(version))


def _instant(name: str) -> datetime:
    return filters.instant(forms.whole(name, name))


def _start() -> datetime | None:
    """Where the shift is to start: an instant from a drag, or day and clock from a dialog; None leaves it."""
    if request.form.get("to_start_s"):
        return _instant("to_start_s")
    day = forms.day("on_day")
    return datetime.combine(day, clock(forms.text("clock", _("Start")))) if day else None


def clock(given: str) -> time:
    """A time of day, HH:MM.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    minutes = units.clock_minutes(given)
    if minutes >= units.MINUTES_PER_DAY:
        raise InvalidInput(_("a time of day lies between 00:00 and 23:59, got %(given)s", given=given))
    return time(minutes // 60, minutes % 60)


def _minutes() -> int | None:
    return forms.whole("minutes", _("Length")) if request.form.get("minutes") else None


def _change(number: int) -> EditView:
    who = forms.optional_text("to_agent")
    return editing.change_shift(current.service(), current.actor(), number, _key(), _start(), _minutes(), who)


def _copy(number: int) -> EditView:
    return editing.copy_shift(current.service(), current.actor(), number, _key(), _start(), forms.optional_text("to_agent"))


def _add(number: int) -> EditView:
    start = _start()
    if start is None:
        raise InvalidInput(_("a new shift needs a day and a start"))
    agent, minutes = forms.text("agent", _("Person")), forms.whole("minutes", _("Length"))
    return editing.add_shift(current.service(), current.actor(), number, agent, start, minutes)


def _breaks(number: int) -> EditView:
    day = forms.day("on_day")
    starts = [datetime.combine(day, clock(given)) for given in request.form.getlist("break")] if day else []
    return editing.move_breaks(current.service(), current.actor(), number, _key(), starts)


def _remove(number: int) -> EditView:
    return editing.remove_shift(current.service(), current.actor(), number, _key())


def _pin(number: int) -> EditView:
    return editing.pin_shift(current.service(), current.actor(), number, _key(), True)


def _unpin(number: int) -> EditView:
    return editing.pin_shift(current.service(), current.actor(), number, _key(), False)


ACTIONS: dict[str, Callable[[int], EditView]] = {
    "change": _change,
    "copy": _copy,
    "add": _add,
    "breaks": _breaks,
    "remove": _remove,
    "pin": _pin,
    "unpin": _unpin,
}


def _found(view: DraftView, key: str, start_s: int | None) -> tuple[DraftAgent, ShiftView]:
    for agent in view.agents:
        for shift in agent.shifts:
            if agent.key == key and shift.start_s == start_s:
                return agent, shift
    raise NotFound(_("this shift is not there any more; close this and look again"))
