"""Browser sessions kept on the server: the cookie holds a random token, the database its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from wfm.errors import InvalidInput, NotFound
from wfm.service import accounts, audit, policy, tokens
from wfm.service.context import Actor, Service
from wfm.storage import accounts as people
from wfm.storage import sessions as browser

if TYPE_CHECKING:
    from wfm.storage.tables import SessionRow, UserRow

LARGEST_DATA = 16_384
TOUCH_EVERY = timedelta(seconds=1)
KEEP_ENDED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session that is alive.

    Parameters
    ----------
    data
        What the pages keep in it.
    actor
        The person as the account stands now, role included; None before the sign-in.
    created_at, last_seen_at
        When it began, and the last click before this one.
    """

    data: Mapping[str, Any]
    actor: Actor | None
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's own sessions, for the list from which they can be ended."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


def start(service: Service) -> tuple[str, SessionView]:
    """A new session of nobody, and the token for the cookie."""
    token, now = tokens.new(), service.now()
    with service.database.transaction() as session:
        browser.add(session, tokens.digest(token), None, now, _limit(service, now))
    return token, SessionView({}, None, now, now)


def load(service: Service, token: str, touch: bool = True) -> SessionView | None:
    """The session of a token.

    Parameters
    ----------
    touch
        True for a click; False for polling in the background, which does not keep a session alive.

    Returns
    -------
    None when there is no such session, it has ended, nobody clicked for `idle_minutes`, it is older than `session_hours`, or the
    account was disabled.
    """
    now = service.now()
    with service.database.reading() as session:
        found = browser.found(session, tokens.digest(token))
        if found is None or not _alive(service, found[0], found[1], now):
            return None
        row, user = found[0], found[1]
    if touch and now - row.last_seen_at >= TOUCH_EVERY:
        with service.database.transaction() as session:
            browser.touch(session, row.id, now)
    return SessionView(row.data, accounts.actor_of(user) if user else None, row.created_at, row.last_seen_at)


def _alive(service: Service, row: SessionRow, user: UserRow | None, now: datetime) -> bool:
    idle = now - row.last_seen_at > timedelta(minutes=service.settings.idle_minutes)
    usable = row.user_id is None or (user is not None and user.disabled_at is None)
    return usable and row.ended_at is None and now < row.expires_at and not idle


def _limit(service: Service, now: datetime) -> datetime:
    return now + timedelta(hours=service.settings.session_hours)


def save(service: Service, token: str, data: Mapping[str, Any]) -> None:
    """Replace what a session keeps; without effect once it has ended.

    Raises
    ------
    InvalidInput
        When the data take more than 16 KB as JSON.
    """
    text = json.dumps(dict(data))
    if len(text) > LARGEST_DATA:
        raise InvalidInput(f"a session keeps at most {LARGEST_DATA} characters, got {len(text)}")
    with service.database.transaction() as session:
        browser.store(session, tokens.digest(token), json.loads(text))


def bind(service: Service, token: str | None, actor: Actor) -> str:
    """Sign a person in: a new session with a new token, and the old one ends. Nothing is carried over."""
    if actor.user_id is None:
        raise InvalidInput("only a person can have a session")
    fresh, now = tokens.new(), service.now()
    with service.database.transaction() as session:
        if token:
            browser.end(session, tokens.digest(token), now)
        row = people.user(session, actor.organisation_id, actor.user_id)
        browser.add(session, tokens.digest(fresh), row, now, _limit(service, now))
    return fresh


def end(service: Service, token: str, address: str = "unknown", request_id: str = "") -> None:
    """End a session; a sign-out where somebody was signed in. Ending it twice does no harm."""
    with service.database.transaction() as session:
        found = browser.found(session, tokens.digest(token))
        if found is None or found[0].ended_at is not None:
            return
        row, user = found[0], found[1]
        browser.end(session, row.token_hash, service.now())
        if user is not None:
            audit.record(session, service, accounts.actor_of(user, address, request_id), "session.sign_out", "user", user.id)


def end_all(service: Service, actor: Actor, user_id: int | None = None, keep_token: str | None = None) -> int:
    """End every session of oneself, or (administrators) of another user; how many ended.

    Parameters
    ----------
    user_id
        None for oneself.
    keep_token
        A session that goes on.
    """
    whose = actor.user_id if user_id is None else user_id
    policy.require(actor, "account.own" if whose == actor.user_id else "account.manage")
    if whose is None:
        raise NotFound("the command line and the night have no sessions")
    with service.database.transaction() as session:
        row = people.user(session, actor.organisation_id, whose)
        ended = browser.end_all(session, row.id, service.now(), tokens.digest(keep_token) if keep_token else "")
        audit.record(session, service, actor, "session.end_all", "user", row.id, after={"ended": ended})
        return ended


def own_sessions(service: Service, actor: Actor, token: str = "") -> tuple[OpenSession, ...]:
    """One's own sessions that are alive; `token` marks the present one."""
    policy.require(actor, "account.own")
    if actor.user_id is None:
        return ()
    now = service.now()
    seen_after = now - timedelta(minutes=service.settings.idle_minutes)
    with service.database.reading() as session:
        rows = browser.open_sessions(session, actor.user_id, seen_after, now)
        return tuple(OpenSession(row.id, row.created_at, row.last_seen_at, row.token_hash == tokens.digest(token)) for row in rows)


def sweep(service: Service) -> int:
    """Delete sessions, one-time links and failed tries that are over; how many rows. Work for the night."""
    now = service.now()
    with service.database.transaction() as session:
        gone = browser.sweep(session, now - KEEP_ENDED)
        return gone + people.sweep(session, now - accounts.ATTEMPT_WINDOW, now - KEEP_ENDED)
