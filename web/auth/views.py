"""Signing in and out, one's own password and settings."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms, i18n, navigation
from web.access import allow, public
from web.answers import go, wanted_page
from web.texts import gettext as _
from wfm.errors import WfmError
from wfm.service import accounts, passwords, sessions
from wfm.service.context import Actor

pages = Blueprint("auth", __name__)


@pages.get("/")
@public
def start() -> AnyResponse:
    """The page that the reader starts on."""
    return redirect(navigation.home() if current.maybe_actor() else url_for("auth.sign_in"), 303)


@pages.get("/sign-in")
@public
def sign_in() -> AnyResponse | str:
    """The form for e-mail and password."""
    if current.maybe_actor():
        return redirect(navigation.home(), 303)
    return render_template("auth/sign_in.html", error=None)


@pages.post("/sign-in")
@public
def sign_in_now() -> AnyResponse | tuple[str, int]:
    """Sign in with e-mail and password."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        person = accounts.sign_in(current.service(), email, password, current.address(), current.request_id())
    except WfmError as error:
        if error.status >= 500:
            raise
        return render_template("auth/sign_in.html", error=str(error), email=email), error.status
    return _welcome(person)


@pages.get("/once/<token>")
@public
def once(token: str) -> str:
    """Ask before a one-time link is used: mail scanners open links, people press buttons."""
    name = accounts.peek_one_time_sign_in(current.service(), token)
    return render_template("auth/once.html", name=name)


@pages.post("/once/<token>")
@public
def once_now(token: str) -> AnyResponse:
    """Use a one-time link."""
    person = accounts.use_one_time_sign_in(current.service(), token, current.address(), current.request_id())
    answer = _welcome(person)
    flash(_("You have no password yet: choose one in your settings, so that you can come back."), "warn")
    return answer


def _welcome(person: Actor) -> AnyResponse:
    stored = current.stored_session()
    stored.turn_into(sessions.bind(current.service(), stored.token, person), person)
    return redirect(wanted_page(navigation.home()), 303)


@pages.post("/sign-out")
@public
def sign_out() -> AnyResponse:
    """End the session."""
    stored = current.stored_session()
    if stored.token:
        sessions.end(current.service(), stored.token, current.address(), current.request_id())
    stored.turn_into(None, None)
    return redirect(url_for("auth.sign_in"), 303)


@pages.get("/settings")
@allow("account.own")
def preferences() -> str:
    """One's own language, clock, colours and password."""
    own = accounts.own_account(current.service(), current.actor())
    return render_template("auth/preferences.html", minimum=passwords.SHORTEST, has_password=own.has_password)


@pages.post("/settings")
@allow("account.own")
def change_preferences() -> AnyResponse:
    """Keep one's own language, clock and colours."""
    wanted = {name: forms.optional_text(name) for name in ("locale", "theme", "zone")}
    accounts.set_preferences(current.service(), current.actor(), **wanted)
    return go(wanted_page(url_for("auth.preferences")))


@pages.post("/password")
@allow("account.own")
def change_password() -> AnyResponse:
    """Choose another password; every other session ends."""
    old, new = request.form.get("old") or None, request.form.get("new", "")
    accounts.change_password(current.service(), current.actor(), old, new, keep_token=current.stored_session().token)
    flash(_("Your password is changed. Every other session of yours has ended."))
    return go(url_for("auth.preferences"))


@pages.post("/language")
@public
def choose_language() -> AnyResponse:
    """Switch the language, for the person or, before anybody signs in, for the session."""
    wanted = forms.text("locale", _("language"))
    if wanted not in i18n.LANGUAGES:
        wanted = i18n.DEFAULT
    person = current.maybe_actor()
    if person:
        accounts.set_preferences(current.service(), person, locale=wanted)
    else:
        session["language"] = wanted
    return redirect(wanted_page(url_for("auth.start")), 303)


@pages.get("/progress/session")
@allow("account.own")
def state() -> dict[str, int]:
    """How long the session still lives without a click; asking does not prolong it."""
    return {"left_s": current.stored_session().seconds_left(current.service())}


@pages.get("/stay")
@allow("account.own")
def stay() -> Response:
    """Prolong the session."""
    return Response(status=204)


@pages.get("/health")
@public
def health() -> dict[str, str]:
    """Answers while the process lives."""
    return {"status": "alive"}


@pages.get("/ready")
@public
def ready() -> dict[str, object]:
    """Answers while the database does."""
    from wfm.service import health as checks

    return dict(checks.ready(current.service()))
