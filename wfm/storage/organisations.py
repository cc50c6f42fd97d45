"""Organisations and their sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import OrganisationRow, SiteRow


def organisation(session: Session, organisation_id: int) -> OrganisationRow:
    """The organisation.

    Raises
    ------
    NotFound
        When there is none.
    """
    row = session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFound(f"there is no organisation {organisation_id}")
    return row


def locked(session: Session, organisation_id: int) -> OrganisationRow:
    """The organisation as it stands now, held by this transaction; others may still add rows that refer to it."""
    wanted = select(OrganisationRow).where(OrganisationRow.id == organisation_id)
    row = session.scalars(wanted.with_for_update(key_share=True).execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f"there is no organisation {organisation_id}")
    return row


def named(session: Session, name: str) -> OrganisationRow | None:
    """The organisation of that name, or None."""
    return session.scalars(select(OrganisationRow).where(OrganisationRow.name == name)).first()


def every_organisation(session: Session) -> Sequence[OrganisationRow]:
    """All of them, the operator's own (the first) in front."""
    return session.scalars(select(OrganisationRow).order_by(OrganisationRow.id)).all()


def sites(session: Session, organisation_id: int) -> Sequence[SiteRow]:
    """The sites of an organisation, by name."""
    return session.scalars(select(SiteRow).where(SiteRow.organisation_id == organisation_id).order_by(SiteRow.name)).all()


def site_named(session: Session, organisation_id: int, name: str) -> SiteRow:
    """One site of an organisation.

    Raises
    ------
    NotFound
        When it has none of that name.
    """
    wanted = select(SiteRow).where(SiteRow.organisation_id == organisation_id, SiteRow.name == name)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound(f"there is no site {name!r}")
    return row


def add(
    session: Session, name: str, zone: str, country: str | None, subdivision: str | None, is_demo: bool, created_at: datetime
) -> OrganisationRow:
    """A new organisation."""
    row = OrganisationRow(name=name, zone=zone, country=country, subdivision=subdivision, is_demo=is_demo, created_at=created_at)
    session.add(row)
    session.flush()
    return row


def new_site(session: Session, organisation_id: int, name: str, **values: Any) -> SiteRow:
    """A new site."""
    row = SiteRow(organisation_id=organisation_id, name=name, **values)
    session.add(row)
    session.flush()
    return row
