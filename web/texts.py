"""Translated words: the one door to Flask-Babel, with types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_babel
from flask import Flask


def gettext(text: str, **values: object) -> str:
    """`text` in the language of the request, with `%(name)s` filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """`one` or `many` in the language of the request, as it takes `num`, which fills in `%(num)s`."""
    return str(flask_babel.ngettext(one, many, num))


def lazy_gettext(text: str) -> Any:
    """`text`, translated when it is shown."""
    return flask_babel.lazy_gettext(text)


def locale() -> str:
    """The language of the request."""
    return str(flask_babel.get_locale() or "en")


def format_decimal(value: float, pattern: str) -> str:
    """A number with the separators of the language of the request."""
    return str(flask_babel.format_decimal(value, format=pattern))


def install(app: Flask, language: Callable[[], str], zone_name: Callable[[], str]) -> None:
    """Let Flask-Babel choose language and zone by these functions."""
    flask_babel.Babel(app, default_locale="en", locale_selector=language, timezone_selector=zone_name)
