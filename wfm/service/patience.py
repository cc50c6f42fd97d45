"""Patience of a queue's customers, estimated from what its history files say about waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wfm.service import policy
from wfm.service.context import Actor, Service
from wfm.storage import history as store

LEAST_ABANDONED = 30


@dataclass(frozen=True, slots=True)
class PatienceEstimate:
    """What the files say.

    Parameters
    ----------
    patience_s
        Mean patience, s, above 0.
    abandoned, contacts
        Contacts that left, and all whose waits are known.
    imports
        Numbers of the imports that it comes from, newest first.
    first, last
        Start of the first and last interval of these imports, UTC.
    """

    patience_s: float
    abandoned: int
    contacts: int
    imports: tuple[int, ...]
    first: datetime
    last: datetime


def estimate(service: Service, actor: Actor, queue_key: str) -> PatienceEstimate | None:
    """Mean patience of a queue by maximum likelihood; None where too few contacts abandoned, or no file says how long they waited.

    Imports that were taken back do not count, nor those whose days a newer one brought again.
    """
    policy.require(actor, "history.read")
    with service.database.reading() as session:
        rows = [row for row in store.imports(session, actor.organisation_id) if row.undone_at is None]
        reports = [(row.number, row.report) for row in rows]
    contacts = abandoned = wait_s = 0.0
    used: list[tuple[int, datetime, datetime]] = []
    for number, report in reports:
        sums = report.get("waits", {}).get(queue_key)
        first, last = (datetime.fromisoformat(report[edge]) for edge in ("first", "last"))
        if sums is None or any(first <= other_last and other_first <= last for _, other_first, other_last in used):
            continue
        contacts, abandoned, wait_s = contacts + sums[0], abandoned + sums[1], wait_s + sums[2]
        used.append((number, first, last))
    if abandoned < LEAST_ABANDONED or wait_s <= 0:
        return None
    return _estimate(contacts, abandoned, wait_s, used)


def _estimate(contacts: float, abandoned: float, wait_s: float, used: list[tuple[int, datetime, datetime]]) -> PatienceEstimate:
    from wfm.erlang import patience_from_data

    patience_s = float(patience_from_data(wait_s, abandoned))
    numbers = tuple(number for number, _, _ in used)
    return PatienceEstimate(
        patience_s, round(abandoned), round(contacts), numbers, min(first for _, first, _ in used), max(last for _, _, last in used)
    )
