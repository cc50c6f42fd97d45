"""Filters of a page that somebody keeps by a name, for the own use; the page shows them as links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wfm.errors import InvalidInput, NotFound
from wfm.service import fields
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.storage import saved_views as store

MOST = 30


@dataclass(frozen=True, slots=True)
class SavedView:
    """A kept view: its name, and the filters of the address."""

    name: str
    filters: Mapping[str, str]


def views(service: Service, actor: Actor, page: str) -> tuple[SavedView, ...]:
    """The views of a page that the actor keeps, by name; none for an actor without an account."""
    require(actor, "account.own")
    if actor.user_id is None:
        return ()
    with service.database.reading() as session:
        return tuple(SavedView(row.name, dict(row.filters)) for row in store.views(session, actor.organisation_id, actor.user_id, page))


def keep_view(service: Service, actor: Actor, page: str, name: str, filters: Mapping[str, str]) -> SavedView:
    """Keep filters under a name; what had that name before is replaced.

    Raises
    ------
    InvalidInput
        When the name is blank, or there are too many views already.
    """
    require(actor, "account.own")
    if actor.user_id is None:
        raise InvalidInput("only somebody with an account can keep views")
    name = fields.text("name", name, 60)
    with service.database.transaction() as session:
        mine = store.views(session, actor.organisation_id, actor.user_id, page)
        known = next((row for row in mine if row.name == name), None)
        if known is None and len(mine) >= MOST:
            raise InvalidInput(f"there can be at most {MOST} views of a page; forget one first")
        kept = {key: fields.text(key, value, 200) for key, value in filters.items()}
        if known is not None:
            known.filters = kept
        else:
            store.add(session, actor.organisation_id, user_id=actor.user_id, page=page, name=name, filters=kept, made_at=service.now())
        return SavedView(name, kept)


def forget_view(service: Service, actor: Actor, page: str, name: str) -> None:
    """Forget a view.

    Raises
    ------
    NotFound
        When the actor keeps none of that name.
    """
    require(actor, "account.own")
    with service.database.transaction() as session:
        mine = store.views(session, actor.organisation_id, actor.user_id or 0, page)
        row = next((one for one in mine if one.name == name), None)
        if row is None:
            raise NotFound(f"there is no view {name!r}")
        session.delete(row)
