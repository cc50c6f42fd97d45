"""The audit trail: written by every use case in its own transaction, read by auditors, verified by anybody with the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wfm import units
from wfm.errors import InvalidInput
from wfm.service import policy
from wfm.service.context import Actor, Service
from wfm.storage import audit as trail
from wfm.storage import organisations

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import AuditRow

ROWS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the trail as a reader sees it."""

    number: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    request_id: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some rows, newest in front, out of `rows` in all; pages count from 1."""

    entries: tuple[AuditEntry, ...]
    page: int
    pages: int
    rows: int


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What a check of the chain found.

    Parameters
    ----------
    ok
        True where every row is as it was written and none is missing.
    rows
        Rows that were read.
    first_broken
        Number of the first row that is wrong or missing; None where all is well.
    reason
        What is wrong with it, in words; empty where all is well.
    anchor
        `number:hash` of the last row. Noted outside the database, it lets a later check prove that the tail was not cut off.
    """

    ok: bool
    rows: int
    first_broken: int | None
    reason: str
    anchor: str


def record(
    session: Session,
    service: Service,
    actor: Actor,
    action: str,
    kind: str,
    object_id: object,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    site_id: int | None = None,
) -> None:
    """Write who did what, in the transaction that does it; the last step of a use case, as it holds the trail until the commit.

    Parameters
    ----------
    action
        What was done, `noun.verb` ("queue.change").
    kind, object_id
        What it was done to.
    before, after
        The fields that changed, fit for JSON; never passwords or tokens.
    """
    entry = trail.Entry(
        organisation_id=actor.organisation_id,
        site_id=site_id,
        at=service.now().astimezone(UTC),
        user_id=actor.user_id,
        actor=actor.name,
        action=action,
        object_kind=kind,
        object_id=str(object_id)[:80],
        before=_plain(before),
        after=_plain(after),
        address=actor.address[:64],
        request_id=actor.request_id[:64],
    )
    trail.append(session, entry)


def record_refusal(service: Service, actor: Actor, what: str) -> None:
    """Write that somebody was kept from something (a permission, a route); for the edge that answers 403."""
    with service.database.transaction() as session:
        record(session, service, actor, "access.refuse", "permission", what)


def entries(service: Service, actor: Actor, page: int = 1, action: str | None = None) -> AuditPage:
    """One page of the trail, newest in front; `action` keeps the actions that start with it."""
    policy.require(actor, "audit.read")
    page = units.whole("page", page, at_least=1)
    with service.database.reading() as session:
        rows, found = trail.page(session, actor.organisation_id, (page - 1) * ROWS_PER_PAGE, ROWS_PER_PAGE, action)
        return AuditPage(tuple(_view(row) for row in found), page, max(1, -(-rows // ROWS_PER_PAGE)), rows)


def verify(service: Service, whose: Actor | int, anchor: str = "") -> AuditVerdict:
    """Read the whole chain of an organisation and recompute every hash.

    Parameters
    ----------
    whose
        An actor who may read the trail, or an organisation's id (the command line).
    anchor
        `number:hash` of an earlier check: the row of that number must still have that hash.
    """
    if isinstance(whose, Actor):
        policy.require(whose, "audit.read")
    organisation_id = whose.organisation_id if isinstance(whose, Actor) else whose
    noted = _noted(anchor)
    with service.database.reading() as session:
        owner = organisations.organisation(session, organisation_id)
        wanted = (owner.audit_count, owner.audit_hash)
        try:
            with trail.chain(session, organisation_id) as rows:
                found, reason = _followed(rows, noted)
        except (ValueError, TypeError, OverflowError):  # a value that cannot even be read; one row at a time shows which
            found, reason = _unreadable(session, organisation_id, noted)
    missing = max(wanted[0], noted[0] if noted else 0)
    if not reason and (found != wanted or found[0] < missing):
        reason = f"the trail ends at row {found[0]}, it should reach row {missing} with another hash"
    return AuditVerdict(not reason, found[0], found[0] + 1 if reason else None, reason, f"{found[0]}:{found[1]}")


def _noted(anchor: str) -> tuple[int, str] | None:
    number, colon, noted_hash = anchor.partition(":")
    if not anchor:
        return None
    if not (colon and number.isdigit()):
        raise InvalidInput(f"an anchor must read number:hash, got {anchor!r}")
    return int(number), noted_hash


def _followed(
    rows: Iterable[trail.StoredRow], noted: tuple[int, str] | None, upto: list[tuple[int, str]] | None = None
) -> tuple[tuple[int, str], str]:
    """Number and hash of the last good row, and what is wrong with the next one."""
    last = (0, "")
    for row in rows:
        reason = _fault(row, last[0] + 1, last[1], noted)
        if reason:
            return last, reason
        last = (row.number, row.hash)
        if upto is not None:
            upto[:] = [last]
    return last, ""


def _unreadable(session: Session, organisation_id: int, noted: tuple[int, str] | None) -> tuple[tuple[int, str], str]:
    good = [(0, "")]
    try:
        with trail.chain(session, organisation_id, at_once=1) as rows:
            return _followed(rows, noted, good)
    except (ValueError, TypeError, OverflowError):
        return good[0], f"row {good[0][0] + 1} cannot be read"


def _fault(row: trail.StoredRow, number: int, previous: str, noted: tuple[int, str] | None) -> str:
    if row.number != number:
        return f"row {number} is missing"
    if row.previous_hash != previous:
        return f"row {number} does not follow the row before it"
    if row.hash != trail.digest(number, previous, trail.entry_of(row)):
        return f"row {number} was changed after it was written"
    if noted and noted[0] == number and noted[1] != row.hash:
        return f"row {number} is not the one that was noted"
    return ""


def _plain(content: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As the database will give it back, so that the hash can be recomputed."""
    return None if content is None else json.loads(json.dumps(content, allow_nan=False))


def _view(row: AuditRow) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__dataclass_fields__})
