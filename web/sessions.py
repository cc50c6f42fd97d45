"""Flask sessions kept in our own table: the browser holds a random token, the server everything else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from wfm.service import sessions

if TYPE_CHECKING:
    from wfm.service.context import Actor, Service
    from wfm.service.sessions import SessionView

WITHOUT_SESSION = ("/static/", "/health", "/ready")
POLLING = "/progress/"


class StoredSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser session and the person behind it.

    Parameters
    ----------
    token
        What the cookie holds; None where the browser sent none that is alive.
    view
        What the server knows under that token.
    failure
        Why the session could not be read, or None.
    """

    def __init__(self, token: str | None = None, view: SessionView | None = None, failure: Exception | None = None) -> None:
        super().__init__(dict(view.data) if view else {}, on_update=_mark)
        self.token = token
        self.sent_token = token
        self.actor = view.actor if view else None
        self.last_seen_at = view.last_seen_at if view else None
        self.failure = failure
        self.modified = False
        self.accessed = True

    def turn_into(self, token: str | None, actor: Actor | None) -> None:
        """Go on under another token, with none of the old data: at sign-in and at sign-out."""
        self.clear()
        self.token, self.actor, self.modified = token, actor, False

    def seconds_left(self, service: Service) -> int:
        """Seconds until the session ends unless somebody clicks."""
        if self.last_seen_at is None:
            return 0
        end = self.last_seen_at + timedelta(minutes=service.settings.idle_minutes)
        return int((end - service.now()).total_seconds())


def _mark(session: CallbackDict[str, Any]) -> None:
    session.modified = True  # type: ignore[attr-defined]


def cookie_name(https: bool) -> str:
    """`__Host-` binds the cookie to this host and to HTTPS; plain HTTP on the own machine cannot have it."""
    return "__Host-wfm" if https else "wfm"


class StoredSessions(SessionInterface):
    """Reads and writes `StoredSession` through `wfm.service.sessions`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._https = service.settings.https

    def open_session(self, app: Flask, request: Request) -> StoredSession:  # noqa: ARG002
        """The session of the cookie, or an empty one. Polling does not count as being there."""
        token = request.cookies.get(cookie_name(self._https))
        if not token or request.path.startswith(WITHOUT_SESSION):
            return StoredSession()
        try:
            view = sessions.load(self._service, token, touch=not request.path.startswith(POLLING))
        except Exception as failure:  # the answer to it needs a session to be made
            return StoredSession(failure=failure)
        return StoredSession() if view is None else StoredSession(token, view)

    def save_session(self, app: Flask, session: SessionMixin | None, response: Response) -> None:  # noqa: ARG002
        """Store what changed and hand out the token where it is new."""
        if not isinstance(session, StoredSession) or session.failure:
            return
        if session.modified:
            self._store(session)
        if session.token == session.sent_token:
            return
        if session.token is None:
            response.delete_cookie(cookie_name(self._https), path="/", secure=self._https, httponly=True, samesite="Lax")
        else:
            response.set_cookie(cookie_name(self._https), session.token, path="/", secure=self._https, httponly=True, samesite="Lax")

    def _store(self, session: StoredSession) -> None:
        if session.token is None:
            session.token, _ = sessions.start(self._service)
        sessions.save(self._service, session.token, dict(session))
