"""The checks of what people type that several use cases share."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from wfm.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 1970, 2199
_IDENTIFIERS = {
    "a social security number": re.compile(r"\b\d{3}-\d{2}-\d{4}\b", re.ASCII),
    "an e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "a telephone number": re.compile(r"\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|\+\d{8,15}\b", re.ASCII),
    "a record number": re.compile(r"\b[A-Za-z]{0,3}\d{7,12}\b", re.ASCII),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def text(name: str, value: object, longest: int, *, blank: bool = False) -> str:
    """`value` without blanks around it, of at most `longest` characters and without control characters.

    Raises
    ------
    InvalidInput
        When it is too long, blank where `blank` is not allowed, or holds control characters.

    Examples
    --------
    >>> text("name", " Rosa ", 200)
    'Rosa'
    """
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, got {value!r}")
    clean = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in clean):
        raise InvalidInput(f"{name} must not hold control characters")
    if len(clean) > longest:
        raise InvalidInput(f"{name} must have at most {longest} characters, got {len(clean)}")
    if not clean and not blank:
        raise InvalidInput(f"{name} must not be blank")
    return clean


def note(name: str, value: object, longest: int, *, blank: bool = False) -> str:
    """Free text of several lines that holds nothing which looks like a number, address or e-mail of a patient.

    Raises
    ------
    InvalidInput
        As for `text`, and when something in it has the shape of an identifier; the message does not repeat it.

    Examples
    --------
    >>> note("reason", "the flu, 3 people ill", 2_000)
    'the flu, 3 people ill'
    """
    lines = value.splitlines() if isinstance(value, str) else [value]
    clean = "\n".join(text(name, line, longest, blank=True) for line in lines).strip()
    for kind, shape in _IDENTIFIERS.items():
        if shape.search(clean):
            raise InvalidInput(f"{name} seems to hold {kind}; leave out whatever could identify a patient or caller")
    return text(name, clean.replace("\n", " "), longest, blank=blank) and clean


def email(value: str) -> str:
    """An e-mail address in lower case.

    Raises
    ------
    InvalidInput
        When it does not look like one.

    Examples
    --------
    >>> email("Rosa@Example.org ")
    'rosa@example.org'
    """
    clean = text("e-mail", value, 254).lower()
    if not _EMAIL.fullmatch(clean):
        raise InvalidInput("the e-mail address must read name@host.domain")
    return clean


def day(name: str, value: date) -> date:
    """A day that calendars and clocks can be asked about: 1970 to 2199.

    Examples
    --------
    >>> day("first_day", date(2026, 6, 8))
    datetime.date(2026, 6, 8)
    """
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidInput(f"{name} must lie in {FIRST_YEAR} to {LAST_YEAR}, got {value}")
    return value


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """`value`, which must be one of `allowed`.

    Examples
    --------
    >>> choice("theme", "dark", ("light", "dark"))
    'dark'
    """
    if value not in allowed:
        raise InvalidInput(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return value
