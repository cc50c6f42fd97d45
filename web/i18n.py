"""Which language and which clock a page uses."""

from __future__ import annotations

from flask import Flask, request, session

from web import current, texts

LANGUAGES = {"en": "English", "es": "Español"}
DEFAULT = "en"


def install(app: Flask) -> None:
    """Translate through gettext; the person's own choice first, then the session's, then the browser's."""
    texts.install(app, language, zone_name)
    app.context_processor(lambda: {"language": texts.locale(), "languages": LANGUAGES})


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
