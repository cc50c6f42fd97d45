"""English and Spanish: every word is translated, numbers and days are written as the reader does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from tests.unit.web.conftest import send
from web import filters, i18n
from wfm.service.context import Role

WEB = Path(__file__).resolve().parents[3] / "web"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
WAYS = [("templates/**.html", "jinja2"), ("**.py", "python")]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def _words(*folders: str) -> set[str]:
    """Every text that the sources hand to gettext; plural forms by their singular."""
    found = extract_from_dir(WEB, WAYS, {}, KEYWORDS, ())
    return {text if isinstance(text, str) else text[0] for name, _, text, *_ in found if not folders or name.startswith(folders)}


@pytest.fixture(scope="module")
def spanish() -> Catalog:
    with (WEB / "translations" / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file)


def _translations(catalog: Catalog, text: str) -> tuple[str, ...]:
    message = catalog.get(text)
    found = message.string if message else ()
    return (found,) if isinstance(found, str) else tuple(found)


def test_every_word_of_the_agents_pages_is_translated(spanish: Catalog) -> None:
    words = _words("templates/agent", "templates/_agent", "templates/_base", "templates/auth", "templates/_language", "agent", "auth")
    assert len(words) > 40
    assert {word for word in words if not all(_translations(spanish, word) or [""])} == set()


def test_every_word_of_every_page_is_translated(spanish: Catalog) -> None:
    assert {word for word in _words() if not all(_translations(spanish, word) or [""])} == set()


def test_the_catalogue_holds_nothing_that_no_page_says(spanish: Catalog) -> None:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in spanish if message.id}
    assert known - _words() == set()


def test_no_translation_loses_or_invents_a_placeholder(spanish: Catalog) -> None:
    wrong = []
    for message in filter(lambda message: message.id, spanish):
        singular = message.id if isinstance(message.id, str) else message.id[0]
        wanted = frozenset(PLACEHOLDER.findall(singular))
        wrong += [text for text in _translations(spanish, singular) if frozenset(PLACEHOLDER.findall(text)) != wanted]
    assert wrong == []


@pytest.mark.usefixtures("translations")
def test_pages_speak_the_readers_language(signed_in: Callable[[Role], FlaskClient]) -> None:
    browser = signed_in(Role.AGENT)
    assert '<html lang="en"' in browser.get("/my-week").text
    assert send(browser, "/language", locale="es", next="/my-week").headers["Location"] == "/my-week"
    page = browser.get("/my-week").text
    assert '<html lang="es"' in page
    assert "Mi semana" in page
    assert "Nothing is published" not in page


@pytest.mark.usefixtures("translations")
def test_before_the_sign_in_the_browsers_language_counts_then_the_chosen_one(browser: FlaskClient) -> None:
    page = browser.get("/sign-in", headers={"Accept-Language": "es-MX,es;q=0.9"}).text
    assert "Correo electrónico" in page
    assert "Password" in browser.get("/sign-in", headers={"Accept-Language": "fr"}).text
    send(browser, "/language", page="/sign-in", locale="es", next="/sign-in")
    assert "Contraseña" in browser.get("/sign-in", headers={"Accept-Language": "en"}).text


def test_an_unknown_language_falls_back_to_english(browser: FlaskClient) -> None:
    send(browser, "/language", page="/sign-in", locale="tlh", next="/sign-in")
    assert "Password" in browser.get("/sign-in").text
    assert set(i18n.LANGUAGES) == {"en", "es"}


@pytest.mark.parametrize(
    ("language", "number", "share", "day", "span"),
    [
        ("en", "8,412.5", "6.2\u00a0%", "Monday 8 June", "8–14 June 2026"),
        ("es", "8.412,5", "6,2\u00a0%", "lunes 8 de junio", "8–14 de junio de 2026"),
    ],
)
def test_numbers_and_days_are_written_as_the_reader_does(app: Flask, language: str, number: str, share: str, day: str, span: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert filters.number(8412.5, 1) == number
        assert filters.percent(0.062, 1) == share
        assert filters.day_long(date(2026, 6, 8)) == day
        assert filters.day_span(date(2026, 6, 8), date(2026, 6, 14)) == span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0, "0 s"), (20.4, "20 s"), (59.6, "1 min"), (372, "6 min 12 s"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_durations_are_written_as_people_say_them(seconds: float | None, words: str) -> None:
    assert filters.duration(seconds).replace("\u00a0", " ") == words


def test_a_span_over_months_and_years_names_both(app: Flask) -> None:
    with app.test_request_context():
        assert filters.day_span(date(2026, 6, 29), date(2026, 7, 5)) == "29 June – 5 July 2026"
        assert filters.day_span(date(2026, 12, 28), date(2027, 1, 3)) == "28 December 2026 – 3 January 2027"
        assert filters.day_span(date(2026, 6, 8), date(2026, 6, 8)) == "8 June 2026"
