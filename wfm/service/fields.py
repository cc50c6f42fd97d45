"""The checks of what people type that several use cases share."""

from __future__ import annotations

import re
import unicodedata

from wfm.errors import InvalidInput

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
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in clean.replace("\n", " ").replace("\t", " ")):
        raise InvalidInput(f"{name} must not hold control characters")
    if len(clean) > longest:
        raise InvalidInput(f"{name} must have at most {longest} characters, got {len(clean)}")
    if not clean and not blank:
        raise InvalidInput(f"{name} must not be blank")
    return clean


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
