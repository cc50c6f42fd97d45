"""Which language and which clock a page uses."""

from __future__ import annotations

from flask import Flask, request, session
from flask_babel import Babel, get_locale

from web import current

LANGUAGES = {"en": "English", "es": "Español"}
DEFAULT = "en"


def install(app: Flask) -> None:
    """Translate through gettext; the person's own choice first, then the session's, then the browser's."""
    Babel(app, default_locale=DEFAULT, locale_selector=language, timezone_selector=zone_name)
    app.context_processor(lambda: {"language": str(get_locale() or DEFAULT), "languages": LANGUAGES, "reader_zone": zone_name()})


def language() -> str:
    """The language of this page."""
    person = current.maybe_actor()
    chosen = person.locale if person else session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT


def zone_name() -> str:
    """The reader's IANA zone; UTC before anybody signs in."""
    person = current.maybe_actor()
    return person.zone if person else "UTC"
