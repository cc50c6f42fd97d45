"""Work rules as forms and as sentences: which fields each kind has, how they are read, and what a rule says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from web import filters, forms
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.errors import InvalidInput

WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
PER = {"month": _l("in a month"), "horizon": _l("in the weeks that are built")}
PER_WEEK = {"week": _l("in a week"), "horizon": _l("in the weeks that are built")}
RUNS = {"work": _l("working days"), "off": _l("days off")}
SHARED = {"weekends": _l("weekends"), "lates": _l("late shifts"), "nights": _l("nights"), "holidays": _l("holidays")}
WANTED = {"yes": _l("wanted"), "no": _l("not wanted")}


@dataclass(frozen=True, slots=True)
class FieldForm:
    """One field of a rule.

    Parameters
    ----------
    name
        As in `roster-format`.
    label
        What people read.
    kind
        whole, hours, clock, choice, day, days, weekdays, site, skill, state, yes or rotation.
    value
        What stands there at first.
    choices
        Of a choice: value and words.
    needed
        False where it may be left blank.
    """

    name: str
    label: Any
    kind: str = "whole"
    value: Any = ""
    choices: Mapping[str, Any] | None = None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One kind of rule.

    Parameters
    ----------
    title, hint
        What it is called, and what it does.
    fields
        In the order of the form.
    pricing
        either (hard, or a price), price (always one) or none.
    scopes
        people (everybody, a group or a person), everybody, agent or queue.
    """

    title: Any
    hint: Any
    fields: tuple[FieldForm, ...]
    pricing: str = "either"
    scopes: str = "people"


FORMS: dict[str, RuleForm] = {
    "weekends": RuleForm(
        _l("Weekends"),
        _l("At most so many weekends are worked."),
        (FieldForm("most", _l("Weekends at most"), value=2), FieldForm("per", _l("Counted"), "choice", "month", PER)),
    ),
    "nights_in_a_row": RuleForm(
        _l("Nights in a row"),
        _l("At most so many nights follow one another."),
        (
            FieldForm("most", _l("Nights at most"), value=3),
            FieldForm("night_from", _l("A night touches the time from"), "clock", "23:00"),
            FieldForm("night_until", _l("until"), "clock", "06:00"),
        ),
    ),
    "forbidden_succession": RuleForm(
        _l("Forbidden succession"),
        _l("After a shift of one kind, none of another kind starts on the next day: no early shift after a late one."),
        (
            FieldForm("after_from", _l("After a shift that starts from"), "clock", "12:00"),
            FieldForm("after_until", _l("until before"), "clock", "24:00"),
            FieldForm("then_from", _l("none starts on the next day from"), "clock", "00:00"),
            FieldForm("then_until", _l("until before (next day)"), "clock", "09:00"),
        ),
    ),
    "minimum_run": RuleForm(
        _l("Days together"),
        _l("Working days, or days off, come at least so many together."),
        (FieldForm("of", _l("Of"), "choice", "off", RUNS), FieldForm("days", _l("Days at least"), value=2)),
    ),
    "shifts_of_kind": RuleForm(
        _l("Shifts of a kind"),
        _l("At most so many shifts start in a part of the day: late shifts, for one."),
        (
            FieldForm("most", _l("Shifts at most"), value=2),
            FieldForm("from", _l("Start from"), "clock", "12:00"),
            FieldForm("until", _l("until before"), "clock", "18:00"),
            FieldForm("per", _l("Counted"), "choice", "week", PER_WEEK),
        ),
    ),
    "consistent_starts": RuleForm(
        _l("Steady starts"),
        _l("Within a week, shifts start at about the same time."),
        (FieldForm("max_spread_minutes", _l("Hours between the earliest and the latest start, at most"), "hours", 2),),
    ),
    "horizon_minutes": RuleForm(
        _l("Hours over all weeks"),
        _l("Paid hours of all weeks that are built together lie in limits."),
        (FieldForm("least", _l("Hours at least"), "hours", 140), FieldForm("most", _l("Hours at most"), "hours", 160)),
    ),
    "overtime": RuleForm(
        _l("Overtime"),
        _l("Paid hours of a week above the normal ones cost extra."),
        (FieldForm("normal_week_minutes", _l("Normal hours of a week"), "hours", 40),),
        "price",
    ),
    "fair_share": RuleForm(
        _l("Fair shares"),
        _l("Weekends, late shifts, nights or holidays are spread evenly: one more costs the more, the more somebody already has."),
        (
            FieldForm("of", _l("Of"), "choice", "weekends", SHARED),
            FieldForm("late_end", _l("Late is a shift that ends after"), "clock", "20:00"),
            FieldForm("dates", _l("Holidays, as YYYY-MM-DD"), "days", needed=False),
        ),
        "price",
    ),
    "minor": RuleForm(
        _l("Minors"),
        _l("People under age end in time, do not work too long, and only on allowed days."),
        (
            FieldForm("latest_end", _l("Latest end"), "clock", "20:00"),
            FieldForm("most_day_minutes", _l("Paid hours of a day at most"), "hours", 8),
            FieldForm("weekdays", _l("Days allowed"), "weekdays", (0, 1, 2, 3, 4, 5)),
        ),
    ),
    "rotation": RuleForm(
        _l("Rotation"),
        _l("A fixed pattern of weeks that comes round."),
        (
            FieldForm("weeks", _l("A line for each week, seven days with commas: off, or start and paid hours"), "rotation"),
            FieldForm("first_week", _l("Line of the first week, from 0"), value=0),
        ),
    ),
    "shift_request": RuleForm(
        _l("Wish for a shift"),
        _l("On a day, a shift that starts in a part of the day is wanted, or not wanted."),
        (
            FieldForm("day", _l("Day"), "day"),
            FieldForm("from", _l("Start from"), "clock", "00:00"),
            FieldForm("until", _l("until before"), "clock", "24:00"),
            FieldForm("wanted", _l("It is"), "choice", "yes", WANTED),
        ),
    ),
    "seats": RuleForm(
        _l("Seats"),
        _l("A site has so many seats; more people on duty there at once cost their price."),
        (FieldForm("site", _l("Site"), "site"), FieldForm("seats", _l("Seats"), value=20)),
        "price",
        "everybody",
    ),
    "always_present": RuleForm(
        _l("Always somebody there"),
        _l("Never fewer than so many people with a skill or a language are on duty."),
        (
            FieldForm("skill", _l("Skill or language"), "skill"),
            FieldForm("heads", _l("People at least"), value=1),
            FieldForm("from", _l("From"), "clock", "00:00"),
            FieldForm("until", _l("until"), "clock", "24:00"),
        ),
        "price",
        "everybody",
    ),
    "licence": RuleForm(
        _l("Nurse licence"),
        _l("Who holds the licence of a state may serve its callers; with a multistate licence those of the compact as well."),
        (
            FieldForm("state", _l("State, two letters"), "state"),
            FieldForm("first_day", _l("Valid from"), "day", needed=False),
            FieldForm("last_day", _l("Valid until"), "day", needed=False),
            FieldForm("multistate", _l("Multistate licence"), "yes"),
        ),
        "none",
        "agent",
    ),
    "queue_licence": RuleForm(
        _l("Licence that a queue demands"),
        _l("Only people with a valid licence of the state take its contacts."),
        (FieldForm("state", _l("State, two letters"), "state"),),
        "none",
        "queue",
    ),
    "compact": RuleForm(
        _l("State of the licence compact"),
        _l("Multistate licences hold in all states of the compact, from the day on which each joined."),
        (FieldForm("state", _l("State, two letters"), "state"), FieldForm("since", _l("Since"), "day")),
        "none",
        "everybody",
    ),
}


def definition_of(kind: str) -> dict[str, Any]:
    """The rule of the form that was sent, as `roster-format` has it.

    Raises
    ------
    InvalidInput
        When the kind is unknown, or a field is no value of its kind; it is named as the page does.
    """
    if kind not in FORMS:
        raise InvalidInput(_("this kind of rule is not known; choose one of the list"))
    form = FORMS[kind]
    content: dict[str, Any] = {"kind": kind}
    for field in form.fields:
        value = READERS[field.kind](field)
        if value is not None:
            content[field.name] = value
    priced = form.pricing == "price" or (form.pricing == "either" and request.form.get("strength") == "price")
    if priced:
        content["cost"] = forms.number("cost", _("Price"))
    return content


def _whole(field: FieldForm) -> int:
    return forms.whole(field.name, str(field.label))


def _hours(field: FieldForm) -> int:
    return round(forms.number(field.name, str(field.label)) * 60)


def _text(field: FieldForm) -> str | None:
    if not field.needed:
        return forms.optional_text(field.name)
    return forms.text(field.name, str(field.label))


def _choice(field: FieldForm) -> Any:
    given = forms.text(field.name, str(field.label))
    return given == "yes" if field.choices is WANTED else given


def _days(field: FieldForm) -> list[str]:
    return re.split(r"[\s,;]+", given) if (given := forms.optional_text(field.name)) else []


def _weekdays(field: FieldForm) -> list[int]:
    found = [int(one) for one in request.form.getlist(field.name) if one.isdecimal()]
    if not found:
        raise InvalidInput(_("choose at least one day of the week"))
    return found


def _rotation(field: FieldForm) -> list[list[Any]]:
    """The pattern of a text: "08:00 8, off, ..." seven times a line."""
    lines = [line for line in request.form.get(field.name, "").splitlines() if line.strip()]
    weeks = [[_turn(one) for one in line.split(",")] for line in lines]
    if not weeks or any(len(week) != len(WEEKDAYS) for week in weeks):
        raise InvalidInput(_("a rotation has seven days on every line, with commas between them; got %(lines)s", lines=len(lines)))
    return weeks


def _turn(given: str) -> list[Any] | None:
    words = given.split()
    if not words or words[0].lower() in ("off", _("off").lower(), "-"):
        return None
    try:
        start, paid = words
        return [start, round(float(paid.replace(",", ".")) * 60)]
    except ValueError:
        said = _("a day of a rotation is off, or a start and paid hours (08:00 8), got %(given)s", given=given.strip())
        raise InvalidInput(said) from None


READERS: dict[str, Callable[[FieldForm], Any]] = {
    "whole": _whole,
    "hours": _hours,
    "clock": _text,
    "choice": _choice,
    "day": _text,
    "days": _days,
    "weekdays": _weekdays,
    "site": _text,
    "skill": _text,
    "state": _text,
    "yes": lambda field: bool(request.form.get(field.name)),
    "rotation": _rotation,
}


def sentence(content: Mapping[str, Any]) -> str:
    """What a rule says: its fields by name, as the form has them."""
    form = FORMS.get(str(content["kind"]))
    if form is None:
        return str(content["kind"])
    told = [(field, content.get(field.name)) for field in form.fields if content.get(field.name) not in (None, "", [], ())]
    return "; ".join(f"{field.label}: {SAID.get(field.kind, _plain)(field, value)}" for field, value in told)


def _plain(_field: FieldForm, value: Any) -> str:
    return str(value)


SAID: dict[str, Callable[[FieldForm, Any], str]] = {
    "hours": lambda _field, value: filters.number(value / 60, 0 if value % 60 == 0 else 1),
    "choice": lambda field, value: str((field.choices or {}).get({True: "yes", False: "no"}.get(value, value), value)),
    "days": lambda _field, value: ", ".join(map(str, value)),
    "weekdays": lambda _field, value: ", ".join(str(WEEKDAYS[day]) for day in value),
    "yes": lambda _field, value: _("yes") if value else _("no"),
    "rotation": lambda _field, value: " / ".join(", ".join(_said_turn(turn) for turn in week) for week in value),
}


def _said_turn(turn: list[Any] | None) -> str:
    return _("off") if turn is None else f"{turn[0]} {filters.hours(turn[1])}"
