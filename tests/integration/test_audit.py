"""The audit trail: complete, chained, and any tampering is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.service import Client, Clock
from wfm.errors import InvalidInput, NotAllowed
from wfm.service import audit
from wfm.service.context import Service

TAMPERINGS = {
    "organisation_id": "organisation_id + 1",
    "site_id": "{site}",
    "at": "at + 1",
    "user_id": "{user}",
    "actor": "'somebody'",
    "action": "'queue.change '",
    "object_kind": "'user'",
    "object_id": "'visits2'",
    "before": """'{{"level": 0.7}}'""",
    "after": """'{{"level": 0.9000001}}'""",
    "address": "'10.0.0.2'",
    "request_id": "'r2'",
    "previous_hash": "'0'",
    "hash": "'0'",
}


@pytest.fixture
def trail(service: Service, clinic: Client, rival: Client) -> Client:
    """A clinic whose trail has known rows at its end."""
    for number in range(len(TAMPERINGS) + 2):
        _record(service, clinic, number)
    return clinic


def _record(service: Service, whose: Client, number: int) -> None:
    with service.database.transaction() as session:
        audit.record(session, service, whose.planner, "queue.change", "queue", "visits", {"level": 0.8}, {"level": 0.9, "n": number})


def _open(session: Session, service: Service) -> None:
    """What somebody with the database in hand can do: take the guard away."""
    for verb in ("update", "delete") if service.database.is_sqlite else ():
        session.execute(text(f"DROP TRIGGER IF EXISTS audit_{verb}"))
    if not service.database.is_sqlite:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))


def _tamper(service: Service, command: str, **values: int) -> None:
    with service.database.transaction() as session:
        _open(session, service)
        assert session.execute(text(command), values).rowcount == 1  # type: ignore[attr-defined]


def test_a_trail_that_nobody_touched_is_whole(service: Service, trail: Client) -> None:
    verdict = audit.verify(service, trail.id)
    assert verdict.ok
    assert verdict.rows > 10
    assert verdict.first_broken is None
    assert audit.verify(service, trail.administrator) == verdict


def test_a_changed_column_is_found_at_its_row(service: Service, trail: Client) -> None:
    row = audit.verify(service, trail.id).rows
    for column, change in TAMPERINGS.items():  # one row after the other, from the end: the first wrong one is named
        row -= 1
        value = change.format(site="(SELECT MIN(id) FROM site)", user="(SELECT MIN(id) FROM user_account)")
        quoted = f'"{column}"'
        _tamper(service, f"UPDATE audit SET {quoted} = {value} WHERE organisation_id = :org AND number = :row", org=trail.id, row=row)
        verdict = audit.verify(service, trail.id)
        assert (column, verdict.ok, verdict.first_broken) == (column, False, row)
        assert verdict.reason


@pytest.mark.parametrize("back", [5, 2, 0])
def test_a_missing_row_is_found(service: Service, trail: Client, back: int) -> None:
    row = audit.verify(service, trail.id).rows - back
    _tamper(service, "DELETE FROM audit WHERE organisation_id = :org AND number = :row", org=trail.id, row=row)
    verdict = audit.verify(service, trail.id)
    assert (verdict.ok, verdict.first_broken) == (False, row)


def test_a_value_that_cannot_be_read_is_found_at_its_row(service: Service, trail: Client) -> None:
    if not service.database.is_sqlite:
        pytest.skip("PostgreSQL lets no such value in")
    row = audit.verify(service, trail.id).rows - 3
    _tamper(service, "UPDATE audit SET after = '{' WHERE organisation_id = :org AND number = :row", org=trail.id, row=row)
    verdict = audit.verify(service, trail.id)
    assert (verdict.ok, verdict.first_broken) == (False, row)


def test_a_tail_cut_off_with_its_counter_is_found_by_a_noted_anchor(service: Service, trail: Client) -> None:
    anchor = audit.verify(service, trail.id).anchor
    last = int(anchor.split(":")[0])
    _tamper(service, "DELETE FROM audit WHERE organisation_id = :org AND number = :row", org=trail.id, row=last)
    _tamper_counter(service, trail.id, last - 1)
    assert audit.verify(service, trail.id).ok
    verdict = audit.verify(service, trail.id, anchor)
    assert (verdict.ok, verdict.first_broken) == (False, last)


def _tamper_counter(service: Service, organisation_id: int, row: int) -> None:
    command = (
        "UPDATE organisation SET audit_count = :row, "
        "audit_hash = (SELECT hash FROM audit WHERE organisation_id = :org AND number = :row) WHERE id = :org"
    )
    with service.database.transaction() as session:
        session.execute(text(command), {"org": organisation_id, "row": row})


def test_a_rewritten_end_is_found_by_a_noted_anchor(service: Service, trail: Client) -> None:
    anchor = audit.verify(service, trail.id).anchor
    _record(service, trail, 7)
    assert audit.verify(service, trail.id, anchor).ok
    assert not audit.verify(service, trail.id, anchor[:-1] + ("0" if anchor[-1] != "0" else "1")).ok
    with pytest.raises(InvalidInput, match="number:hash"):
        audit.verify(service, trail.id, "yesterday")


def test_rows_written_side_by_side_form_one_chain(service: Service, clinic: Client) -> None:
    before = audit.verify(service, clinic.id).rows
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: _record(service, clinic, number), range(30)))
    verdict = audit.verify(service, clinic.id)
    assert (verdict.ok, verdict.rows) == (True, before + 30)


def test_a_change_that_is_taken_back_leaves_no_row(service: Service, clinic: Client) -> None:
    before = audit.verify(service, clinic.id)
    with pytest.raises(RuntimeError), service.database.transaction() as session:  # noqa: PT012
        audit.record(session, service, clinic.planner, "queue.change", "queue", "visits")
        raise RuntimeError
    assert audit.verify(service, clinic.id) == before


def test_a_reader_sees_pages_newest_first_and_can_filter(service: Service, trail: Client, clock: Clock) -> None:
    clock.forward(hours=1)
    for number in range(audit.ROWS_PER_PAGE):
        _record(service, trail, number)
    first, second = (audit.entries(service, trail.administrator, page, "queue.") for page in (1, 2))
    more = len(TAMPERINGS) + 2
    assert (first.rows, first.pages, len(first.entries), len(second.entries)) == (50 + more, 2, 50, more)
    assert first.entries[0].at == clock.instant
    assert first.entries[0].after == {"level": 0.9, "n": 49}
    assert (first.entries[0].actor, first.entries[0].address) == ("Planner of Clinic", "10.0.0.1")
    assert [entry.number for entry in first.entries] == sorted((entry.number for entry in first.entries), reverse=True)
    with pytest.raises(InvalidInput):
        audit.entries(service, trail.administrator, 0)


def test_a_refusal_at_the_edge_is_written(service: Service, clinic: Client) -> None:
    with pytest.raises(NotAllowed):
        audit.entries(service, clinic.agent)
    audit.record_refusal(service, clinic.agent, "audit.read")
    entry = audit.entries(service, clinic.administrator, action="access.").entries[0]
    assert (entry.actor, entry.object_id, entry.request_id) == ("Agent of Clinic", "audit.read", "r1")
