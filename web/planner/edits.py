"""Edits of a draft and broken rules in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from web import filters
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.service.editing import EditedActivity, EditedShift, EditView

KINDS = {
    "move": _l("moved"),
    "resize": _l("other length"),
    "breaks": _l("breaks moved"),
    "copy": _l("copied"),
    "add": _l("added"),
    "remove": _l("taken away"),
    "pin": _l("pinned"),
    "unpin": _l("unpinned"),
    "repair": _l("absence repaired"),
    "activity": _l("activity placed"),
    "activity moved": _l("activity moved"),
    "activity people": _l("other people in an activity"),
    "activity removed": _l("activity taken away"),
    "movable work": _l("movable work placed"),
}
MANY = 4
LEAST_HOURS = 0.05


def words_of(edit: EditView) -> str:
    """Who, when, and what became of it: "Diaz, R. Tue 9 Jun 08:00–16:30 → 08:15–16:45"."""
    if edit.activity is not None:
        return _of_activity(edit.activity)
    people = {one.agent: one.name for one in (*edit.before, *edit.after)}
    if len(people) > MANY:
        return _("%(count)s people", count=len(people))
    same = edit.kind in ("pin", "unpin", "breaks")
    return "; ".join(_of_person(name, edit, key, same) for key, name in people.items())


def _of_activity(one: EditedActivity) -> str:
    """What, who, and where from and to: "Coaching, Diaz, R. Tue 9 Jun 10:00–10:30"."""
    who = one.people[0] if len(one.people) == 1 else _("%(count)s people", count=len(one.people))
    if one.sessions > 1:
        left = _("; %(hours)s h do not fit", hours=filters.number(one.left_hours, 1)) if one.left_hours > LEAST_HOURS else ""
        return f"{one.name}, {who}, " + _("%(count)s sessions", count=one.sessions) + left
    sides = dict.fromkeys(span for span in (one.before, one.after) if span)
    spans = [f"{filters.day_short(span[0].date())} {span[0]:%H:%M}–{span[1]:%H:%M}" for span in sides]
    return f"{one.name}, {who} " + " → ".join(spans) + _came_and_went(one)


def _came_and_went(one: EditedActivity) -> str:
    """Who: " + Diaz, R.; Kim, L. − Noor, A."; at most four names on each side."""
    sides = [(sign, "; ".join(names[:MANY]), len(names) - MANY) for sign, names in (("+", one.added), ("−", one.removed)) if names]
    return "".join(f" {sign} {names}" + (f" (+{more})" if more > 0 else "") for sign, names, more in sides)


def _of_person(name: str, edit: EditView, key: str, same: bool) -> str:
    before = [one for one in edit.before if one.agent == key]
    after = [] if same else [one for one in edit.after if one.agent == key]
    days = {one.start.date() for one in (*before, *after)}
    day = filters.day_short(min(days)) if len(days) == 1 else ""
    sides = [", ".join(_said(one, not day) for one in side) for side in (before, after)]
    said = " → ".join(side or _("off") for side in sides) if not same else sides[0]
    return " ".join(part for part in (name, day, said) if part)


def _said(one: EditedShift, with_day: bool) -> str:
    clocks = f"{one.start:%H:%M}–{one.end:%H:%M}"
    return f"{filters.day_short(one.start.date())} {clocks}" if with_day else clocks


def rule_lines(found: Iterable[tuple[str, str, str]], names: Mapping[str, str]) -> list[str]:
    """Broken rules with names and days as people write them."""
    return [f"{names.get(agent, agent)}, {_when(when)}: {text}" for agent, when, text in found]


def _when(given: str) -> str:
    try:
        if "T" in given:
            moment = datetime.fromisoformat(given)
            return f"{filters.day_short(moment.date())} {moment:%H:%M}"
        return filters.day_short(date.fromisoformat(given))
    except ValueError:
        return given
