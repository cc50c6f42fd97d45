"""Form fields as values; what is wrong names the field as the page does."""

from __future__ import annotations

from datetime import date

from flask import request

from web.texts import gettext as _
from wfm.errors import InvalidInput


def text(name: str, label: str, most: int = 200) -> str:
    """A line of text that may not be blank.

    Raises
    ------
    InvalidInput
        When it is blank or too long.
    """
    given = request.values.get(name, "").strip()
    if not given:
        raise InvalidInput(_("%(label)s is empty; write something", label=label))
    if len(given) > most:
        raise InvalidInput(_("%(label)s may have %(most)s characters, got %(given)s", label=label, most=most, given=len(given)))
    return given


def optional_text(name: str) -> str | None:
    """A line of text, or None where it is blank."""
    return request.form.get(name, "").strip() or None


def number(name: str, label: str) -> float:
    """A number, with a decimal point or comma.

    Raises
    ------
    InvalidInput
        When it is not a number.
    """
    given = request.values.get(name, "").strip().rstrip("%").strip().replace(",", ".").replace("−", "-")
    try:
        return float(given)
    except ValueError:
        raise InvalidInput(_("%(label)s must be a number, got %(given)s", label=label, given=repr(given))) from None


def optional_number(name: str, label: str) -> float | None:
    """A number, or None where the field is blank."""
    return number(name, label) if request.form.get(name, "").strip() else None


def whole(name: str, label: str) -> int:
    """A whole number.

    Raises
    ------
    InvalidInput
        When it is not whole.
    """
    value = number(name, label)
    if value != int(value):
        raise InvalidInput(_("%(label)s must be a whole number, got %(given)s", label=label, given=value))
    return int(value)


def percent(name: str, label: str) -> float:
    """A percentage as a share in [0, 1]."""
    return round(number(name, label) / 100, 6)


def optional_percent(name: str, label: str) -> float | None:
    """A percentage as a share, or None where the field is blank."""
    return percent(name, label) if request.form.get(name, "").strip() else None


def day(name: str) -> date | None:
    """A day of the address, YYYY-MM-DD; None where there is none.

    Raises
    ------
    InvalidInput
        When it is not a day.
    """
    given = request.values.get(name, "")
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(_("%(name)s must be a day written YYYY-MM-DD, got %(given)s", name=name, given=repr(given))) from None


def optional_whole(name: str) -> int | None:
    """A whole number of the address; None where there is none.

    Raises
    ------
    InvalidInput
        When it is not a whole number.
    """
    given = request.values.get(name, "")
    if not given:
        return None
    if not given.isdigit() or len(given) > 15:
        raise InvalidInput(_("%(name)s must be a whole number, got %(given)s", name=name, given=repr(given)))
    return int(given)


def clock_minutes(name: str, label: str) -> int | None:
    """A time of day, HH:MM, as minutes after midnight; None where the field is blank.

    Raises
    ------
    InvalidInput
        When it is no time of day.
    """
    given = request.values.get(name, "").strip()
    if not given:
        return None
    hours, colon, minutes = given.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) <= 24 and int(minutes) < 60):
        raise InvalidInput(_("%(label)s must be a time written HH:MM, got %(given)s", label=label, given=repr(given)))
    return 60 * int(hours) + int(minutes)
