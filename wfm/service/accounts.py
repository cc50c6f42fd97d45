"""People who sign in: accounts, passwords, one-time sign-ins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wfm import units
from wfm.domain import timegrid
from wfm.errors import Conflict, InvalidInput, NotFound, NotSignedIn, TooManyAttempts
from wfm.service import audit, fields, passwords, policy, tokens
from wfm.service.context import Actor, Role, Service, command_line
from wfm.storage import accounts as people
from wfm.storage import organisations, staff
from wfm.storage import sessions as browser

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import UserRow

LOCALES = ("en", "es")
THEMES = ("system", "light", "dark")
MINIMUM_PASSWORD = passwords.SHORTEST
ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS = 10, 30
ATTEMPT_WINDOW = timedelta(minutes=15)
_WRONG = "e-mail address or password is wrong"
_ENDED = "this link is not valid any more; ask for a new one"


@dataclass(frozen=True, slots=True)
class UserView:
    """An account as administrators see it.

    Parameters
    ----------
    agent_key, site
        The agent that the account belongs to and the site that it is bound to, where there is one.
    disabled_at
        Since when nobody can sign in with it; None for an account in use.
    has_password
        False while only a one-time sign-in opens it.
    """

    id: int
    email: str
    name: str
    role: Role
    zone: str
    locale: str
    theme: str
    agent_key: str | None
    site: str | None
    disabled_at: datetime | None
    created_at: datetime
    has_password: bool


def sign_in(service: Service, email: str, password: str, address: str, request_id: str = "") -> Actor:
    """Who this is, if the password is right; unknown names, wrong passwords and disabled accounts look and last the same.

    Raises
    ------
    NotSignedIn
        When name and password do not belong together.
    TooManyAttempts
        After 10 failures of an account or 30 of an address within 15 minutes.
    """
    key = _as_stored(email)
    counted = _count_attempt(service, key, address)
    with service.database.reading() as session:
        row = people.with_email(session, key)
    good = passwords.matches(service.password_cost, row.password_hash if row else None, password)
    if row is None or not good or row.disabled_at is not None:
        _note_failure(service, row, address, request_id)
        raise NotSignedIn(_WRONG)
    with service.database.transaction() as session:
        checked, row = row.password_hash, people.user(session, row.organisation_id, row.id)
        if row.disabled_at is not None or row.password_hash != checked:  # meanwhile
            raise NotSignedIn(_WRONG)
        people.drop_attempts(session, counted)
        if row.password_hash and passwords.is_outdated(service.password_cost, row.password_hash):
            row.password_hash = passwords.hashed(service.password_cost, password)
        actor = actor_of(row, address, request_id)
        audit.record(session, service, actor, "session.sign_in", "user", row.id, after={"by": "password"})
    return actor


def _as_stored(email: str) -> str:
    """What was typed, as an address that could be stored; whatever it is, nobody learns here what is wrong with it."""
    return "".join(letter for letter in email.strip().lower()[:254] if letter.isprintable())


def _count_attempt(service: Service, email: str, address: str) -> list[int]:
    """Counts the try before it is made, so that tries side by side cannot pass the limit together; a good one is taken back."""
    limits = {_attempt_key("account", email): ATTEMPTS_PER_ACCOUNT, _attempt_key("address", address): ATTEMPTS_PER_ADDRESS}
    now = service.now()
    with service.database.transaction() as session:
        for key in sorted(limits):
            service.database.lock(session, f"sign-in {key}")
        if any(people.attempts(session, key, now - ATTEMPT_WINDOW) >= limit for key, limit in limits.items()):
            raise TooManyAttempts("too many failed sign-ins; wait 15 minutes and try again")
        return people.add_attempts(session, list(limits), now)


def _attempt_key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}/{value}".encode(errors="replace")).hexdigest()


def _note_failure(service: Service, row: UserRow | None, address: str, request_id: str) -> None:
    """One audit row whether the account exists or not: unknown names go to the operator's own organisation, without the name."""
    with service.database.transaction() as session:
        if row is not None:
            whose, kind, object_id = row.organisation_id, "user", str(row.id)
        else:
            everybody = organisations.every_organisation(session)
            if not everybody:
                return
            whose, kind, object_id = everybody[0].id, "user", "unknown"
        nobody = Actor(None, whose, Role.AGENT, "nobody", address=address, request_id=request_id)
        audit.record(session, service, nobody, "session.fail", kind, object_id)


def actor_of(row: UserRow, address: str = "local", request_id: str = "") -> Actor:
    """The actor that an account makes."""
    return Actor(
        user_id=row.id,
        organisation_id=row.organisation_id,
        role=Role(row.role),
        name=row.name,
        agent_id=row.agent_id,
        site_id=row.site_id,
        zone=row.zone,
        locale=row.locale,
        theme=row.theme,
        address=address,
        request_id=request_id,
    )


def acting(service: Service, email: str) -> Actor:
    """The person of that address, for a command that a person runs in their own name ("publish as").

    Raises
    ------
    NotFound
        When no account in use has that address.
    """
    with service.database.reading() as session:
        row = people.with_email(session, fields.email(email))
        if row is None or row.disabled_at is not None:
            raise NotFound(f"no account in use has the address {email}")
        return actor_of(row, "command line")


def make_one_time_sign_in(service: Service, actor: Actor | None, user_id: int, hours: int = 24) -> str:
    """A token that signs a user in once; only its hash is kept.

    Parameters
    ----------
    actor
        An administrator of the same organisation; None from the command line.
    hours
        How long it can be used, hours, at least 1.
    """
    units.whole("hours", hours, at_least=1)
    if actor is not None:
        policy.require(actor, "account.manage")
    token, now = tokens.new(), service.now()
    with service.database.transaction() as session:
        row = people.any_user(session, user_id) if actor is None else people.user(session, actor.organisation_id, user_id)
        if row is None or row.disabled_at is not None:
            raise NotFound(f"there is no user {user_id} in use")
        people.add_one_time(session, row, tokens.digest(token), now, now + timedelta(hours=hours))
        audit.record(session, service, actor or command_line(row.organisation_id), "account.link", "user", row.id, after={"hours": hours})
    return token


def peek_one_time_sign_in(service: Service, token: str) -> str:
    """Whom a one-time sign-in belongs to, without using it.

    Raises
    ------
    NotSignedIn
        When it is unknown, used or too old.
    """
    with service.database.reading() as session:
        link = people.one_time(session, tokens.digest(token))
        row = people.any_user(session, link.user_id) if link else None
        if link is None or row is None or row.disabled_at or link.used_at or link.expires_at <= service.now():
            raise NotSignedIn(_ENDED)
        return row.name


def use_one_time_sign_in(service: Service, token: str, address: str, request_id: str = "") -> Actor:
    """Who this is; the token is worth nothing from then on.

    Whoever needs a link has no password or has lost it: an old one is forgotten and old sessions end, so that a new one can be chosen.

    Raises
    ------
    NotSignedIn
        When it is unknown, used or too old.
    """
    with service.database.transaction() as session:
        used = people.use_one_time(session, tokens.digest(token), service.now())
        link = people.one_time(session, tokens.digest(token)) if used else None
        row = people.any_user(session, link.user_id) if link else None
        if row is None or row.disabled_at is not None:
            raise NotSignedIn(_ENDED)
        actor = actor_of(row, address, request_id)
        row.password_hash = None
        session.flush()
        browser.end_all(session, row.id, service.now())
        audit.record(session, service, actor, "session.sign_in", "user", row.id, after={"by": "one-time link"})
    return actor


def change_password(service: Service, actor: Actor, old: str | None, new: str, keep_token: str | None = None) -> None:
    """Set one's own password and end one's other sessions.

    Parameters
    ----------
    old
        The present password; None where the account has none yet.
    keep_token
        The session that goes on; None ends all.

    Raises
    ------
    InvalidInput
        When the old one is wrong or the new one is not allowed.
    TooManyAttempts
        As for a sign-in.
    """
    policy.require(actor, "account.own")
    with service.database.reading() as session:
        stored = _own(session, actor).password_hash
        email = _own(session, actor).email
    counted = _count_attempt(service, email, actor.address)
    if stored is not None and not passwords.matches(service.password_cost, stored, old or ""):
        raise InvalidInput("the present password is wrong")
    fresh = passwords.hashed(service.password_cost, passwords.checked(new, actor.name, email))
    with service.database.transaction() as session:
        row = _own(session, actor)
        if row.password_hash != stored:
            raise Conflict("the password was changed by somebody else meanwhile")
        row.password_hash = fresh
        session.flush()
        people.drop_attempts(session, counted)
        browser.end_all(session, row.id, service.now(), tokens.digest(keep_token) if keep_token else "")
        people.drop_one_time(session, row.id)
        audit.record(session, service, actor, "account.password", "user", row.id)


def _own(session: Session, actor: Actor) -> UserRow:
    if actor.user_id is None:
        raise NotFound("the command line and the night have no account")
    return people.user(session, actor.organisation_id, actor.user_id)


def set_preferences(
    service: Service, actor: Actor, locale: str | None = None, theme: str | None = None, zone: str | None = None
) -> None:
    """Choose one's language, colours and time zone; None keeps what is."""
    policy.require(actor, "account.own")
    wanted = {"locale": locale, "theme": theme, "zone": zone}
    changes = {name: value for name, value in wanted.items() if value is not None}
    _check_preferences(changes)
    with service.database.transaction() as session:
        row = _own(session, actor)
        before = {name: getattr(row, name) for name in changes}
        if before == changes:
            return
        for name, value in changes.items():
            setattr(row, name, value)
        audit.record(session, service, actor, "account.preferences", "user", row.id, before, changes)


def _check_preferences(changes: dict[str, str]) -> None:
    if "locale" in changes:
        fields.choice("locale", changes["locale"], LOCALES)
    if "theme" in changes:
        fields.choice("theme", changes["theme"], THEMES)
    if "zone" in changes:
        timegrid.zone(changes["zone"])


def own_account(service: Service, actor: Actor) -> UserView:
    """One's own account; `has_password` says whether `change_password` asks for the present one."""
    policy.require(actor, "account.own")
    with service.database.reading() as session:
        row = _own(session, actor)
        found = people.users(session, actor.organisation_id, row.id)[0]
        return _view(*found)


def users(service: Service, actor: Actor) -> tuple[UserView, ...]:
    """Every account of the organisation, by name."""
    policy.require(actor, "account.manage")
    with service.database.reading() as session:
        return tuple(_view(row, agent_key, site) for row, agent_key, site in people.users(session, actor.organisation_id))


def add_user(
    service: Service,
    actor: Actor,
    email: str,
    name: str,
    role: str,
    zone: str,
    locale: str = "en",
    agent_key: str | None = None,
    site: str | None = None,
) -> UserView:
    """Make an account without a password; `make_one_time_sign_in` opens it.

    Parameters
    ----------
    agent_key
        The agent that the account belongs to; needed for the role agent.
    site
        Name of the site that the account is bound to; needed for the role supervisor. An agent's account takes the agent's.

    Raises
    ------
    Conflict
        When the address has an account already.
    """
    policy.require(actor, "account.manage")
    address, name, role = fields.email(email), fields.text("name", name, 200), fields.choice("role", role, tuple(Role))
    _check_preferences({"locale": locale, "zone": zone})
    with service.database.transaction() as session:
        agent = staff.agent(session, actor.organisation_id, agent_key) if agent_key else None
        place = organisations.site_named(session, actor.organisation_id, site) if site else None
        _check_bound(role, agent is not None, place is not None)
        service.database.lock(session, f"account {address}")
        if people.with_email(session, address) is not None:
            raise Conflict(f"the address {address} cannot be used: it has an account already")
        row = people.add_user(
            session,
            organisation_id=actor.organisation_id,
            site_id=place.id if place else agent.site_id if agent else None,
            agent_id=agent.id if agent else None,
            email=address,
            name=name,
            role=role,
            zone=zone,
            locale=locale,
            created_at=service.now(),
        )
        audit.record(session, service, actor, "account.add", "user", row.id, after={"name": name, "role": role}, site_id=row.site_id)
        return _view(row, agent_key, site)


def _check_bound(role: str, has_agent: bool, has_site: bool) -> None:
    if role == Role.AGENT and not has_agent:
        raise InvalidInput("an account with the role agent needs the agent that it belongs to, got none")
    if role == Role.SUPERVISOR and not has_site:
        raise InvalidInput("an account with the role supervisor needs the site whose people it sees, got none")


def change_role(service: Service, actor: Actor, user_id: int, role: str) -> None:
    """Give an account another role; it counts from its next request.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    policy.require(actor, "account.manage")
    fields.choice("role", role, tuple(Role))
    with service.database.transaction() as session:
        row = people.user(session, actor.organisation_id, user_id)
        before = row.role
        if before == role:
            return
        _check_bound(role, row.agent_id is not None, row.site_id is not None)
        _keep_an_administrator(service, session, row)
        row.role = role
        audit.record(session, service, actor, "account.role", "user", row.id, {"role": before}, {"role": role}, row.site_id)


def disable_user(service: Service, actor: Actor, user_id: int) -> None:
    """Shut an account: its sessions and links end at once. The account stays, as the audit trail names it.

    Raises
    ------
    Conflict
        When no administrator would be left.
    """
    policy.require(actor, "account.manage")
    with service.database.transaction() as session:
        row = people.user(session, actor.organisation_id, user_id)
        if row.disabled_at is not None:
            return
        _keep_an_administrator(service, session, row)
        row.disabled_at = service.now()
        session.flush()
        browser.end_all(session, row.id, service.now())
        people.drop_one_time(session, row.id)
        audit.record(session, service, actor, "account.disable", "user", row.id, site_id=row.site_id)


def enable_user(service: Service, actor: Actor, user_id: int) -> None:
    """Open an account again; its password counts as before, sessions and links that ended stay ended."""
    policy.require(actor, "account.manage")
    with service.database.transaction() as session:
        row = people.user(session, actor.organisation_id, user_id)
        if row.disabled_at is None:
            return
        row.disabled_at = None
        audit.record(session, service, actor, "account.enable", "user", row.id, site_id=row.site_id)


def _keep_an_administrator(service: Service, session: Session, row: UserRow) -> None:
    service.database.lock(session, "administrators", row.organisation_id)
    if row.role == Role.ADMINISTRATOR and people.active_count(session, row.organisation_id, row.role) < 2:
        raise Conflict("this is the last administrator; make another one first")


def _view(row: UserRow, agent_key: str | None, site: str | None) -> UserView:
    return UserView(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        zone=row.zone,
        locale=row.locale,
        theme=row.theme,
        agent_key=agent_key,
        site=site,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
        has_password=row.password_hash is not None,
    )
