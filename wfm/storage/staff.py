"""Queues, contracts and agents: what the planner sets up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import AgentRow, ContractRow, QueueRow, SiteRow

Changeable = TypeVar("Changeable", QueueRow, ContractRow, AgentRow)


def queues(session: Session, organisation_id: int) -> Sequence[tuple[QueueRow, str | None]]:
    """Every queue with the name of its site, by key."""
    wanted = select(QueueRow, SiteRow.name).outerjoin(SiteRow, SiteRow.id == QueueRow.site_id)
    return session.execute(wanted.where(QueueRow.organisation_id == organisation_id).order_by(QueueRow.key)).all()


def queue(session: Session, organisation_id: int, key: str, *, to_change: bool = False) -> QueueRow:
    """One queue; `to_change` holds it for this transaction.

    Raises
    ------
    NotFound
        When the organisation has none of that key.
    """
    wanted = select(QueueRow).where(QueueRow.organisation_id == organisation_id, QueueRow.key == key)
    row = session.scalars(wanted.with_for_update(key_share=True) if to_change else wanted).first()
    if row is None:
        raise NotFound(f"there is no queue {key!r}")
    return row


def queue_key(session: Session, queue_id: int) -> str:
    """Key of a queue that is known to be there."""
    return session.get_one(QueueRow, queue_id).key


def queue_ids(session: Session, organisation_id: int) -> dict[str, int]:
    """Row id by key."""
    wanted = select(QueueRow.key, QueueRow.id).where(QueueRow.organisation_id == organisation_id)
    return dict(session.execute(wanted).all())


def queue_names(session: Session, organisation_id: int) -> dict[str, str]:
    """Name by key."""
    wanted = select(QueueRow.key, QueueRow.name).where(QueueRow.organisation_id == organisation_id)
    return dict(session.execute(wanted).all())


def contracts(session: Session, organisation_id: int) -> Sequence[ContractRow]:
    """Every contract, by key."""
    return session.scalars(select(ContractRow).where(ContractRow.organisation_id == organisation_id).order_by(ContractRow.key)).all()


def agents(
    session: Session, organisation_id: int, site_id: int | None = None
) -> Sequence[tuple[AgentRow, str, str | None, str | None]]:
    """Every agent, or those of one site, with contract key, site name and site zone, by name."""
    wanted = select(AgentRow, ContractRow.key, SiteRow.name, SiteRow.zone).join(ContractRow, ContractRow.id == AgentRow.contract_id)
    wanted = wanted.outerjoin(SiteRow, SiteRow.id == AgentRow.site_id).where(AgentRow.organisation_id == organisation_id)
    if site_id is not None:
        wanted = wanted.where(AgentRow.site_id == site_id)
    return session.execute(wanted.order_by(AgentRow.name, AgentRow.key)).all()


def agent(session: Session, organisation_id: int, key: str) -> AgentRow:
    """One agent.

    Raises
    ------
    NotFound
        When the organisation has none of that key.
    """
    row = session.scalars(select(AgentRow).where(AgentRow.organisation_id == organisation_id, AgentRow.key == key)).first()
    if row is None:
        raise NotFound(f"there is no agent {key!r}")
    return row


def agent_by_id(session: Session, organisation_id: int, agent_id: int) -> AgentRow:
    """One agent by its row id.

    Raises
    ------
    NotFound
        When the organisation has no such agent.
    """
    row = session.scalars(select(AgentRow).where(AgentRow.organisation_id == organisation_id, AgentRow.id == agent_id)).first()
    if row is None:
        raise NotFound("there is no such agent")
    return row


def agent_ids(session: Session, organisation_id: int) -> dict[str, int]:
    """Row id by key."""
    wanted = select(AgentRow.key, AgentRow.id).where(AgentRow.organisation_id == organisation_id)
    return dict(session.execute(wanted).all())


def agent_names(session: Session, organisation_id: int) -> dict[str, str]:
    """Name by key."""
    wanted = select(AgentRow.key, AgentRow.name).where(AgentRow.organisation_id == organisation_id)
    return dict(session.execute(wanted).all())


def site_name(session: Session, site_id: int | None) -> str | None:
    """Name of a site, or None."""
    return None if site_id is None else session.scalar(select(SiteRow.name).where(SiteRow.id == site_id))


def new_queue(session: Session, organisation_id: int, key: str, **values: Any) -> QueueRow:
    """A new queue."""
    return _new(session, QueueRow(organisation_id=organisation_id, key=key, row_version=1, **values))


def new_contract(session: Session, organisation_id: int, key: str, **values: Any) -> ContractRow:
    """A new contract."""
    return _new(session, ContractRow(organisation_id=organisation_id, key=key, row_version=1, **values))


def new_agent(session: Session, organisation_id: int, key: str, **values: Any) -> AgentRow:
    """A new agent."""
    return _new(session, AgentRow(organisation_id=organisation_id, key=key, row_version=1, **values))


def change(row: SiteRow | QueueRow | ContractRow | AgentRow, values: Mapping[str, Any]) -> None:
    """Set fields; the row version goes up where the row has one."""
    for name, value in values.items():
        setattr(row, name, value)
    if not isinstance(row, SiteRow):
        row.row_version += 1


def _new(session: Session, row: Changeable) -> Changeable:
    session.add(row)
    session.flush()
    return row
