"""What belongs to the request at hand: the service, the person, the request's id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request, session

from wfm.errors import NotSignedIn

if TYPE_CHECKING:
    from web.sessions import StoredSession
    from wfm.service.context import Actor, Service

PROGRAM_PATHS = ("/api/", "/health", "/ready", "/progress/session")


def service() -> Service:
    """The service that this application runs on."""
    return cast("Service", current_app.extensions["wfm"])


def stored_session() -> StoredSession:
    """The session of this request, with the person who is signed in."""
    return cast("StoredSession", session._get_current_object())  # type: ignore[attr-defined]


def maybe_actor() -> Actor | None:
    """The person who is signed in, or None."""
    person = getattr(stored_session(), "actor", None)
    return None if person is None else replace(person, address=address(), request_id=request_id())


def actor() -> Actor:
    """The person who is signed in.

    Raises
    ------
    NotSignedIn
        When nobody is, or the session has ended.
    """
    person = maybe_actor()
    if person is None:
        raise NotSignedIn("sign in first: nobody is signed in, or the session has ended")
    return person


def request_id() -> str:
    """The id of this request, as the log and the error pages show it."""
    return cast(str, getattr(g, "request_id", ""))


def address() -> str:
    """Where the request came from."""
    return request.remote_addr or "unknown"


def from_htmx() -> bool:
    """True where a part of a page is wanted rather than a page."""
    return "HX-Request" in request.headers


def from_program() -> bool:
    """True where a program asks: it gets JSON, errors included."""
    return request.path.startswith(PROGRAM_PATHS)
