"""Organisations, sites, queues, contracts and agents: how the centre is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from wfm.domain import timegrid
from wfm.domain.demand import Queue, ServiceTarget
from wfm.domain.staff import Agent, Contract
from wfm.errors import Conflict, InvalidInput
from wfm.service import audit, policy
from wfm.service import fields as typed
from wfm.service.context import Actor, Role, Service, command_line
from wfm.storage import definitions, organisations, staff

if TYPE_CHECKING:
    from wfm.storage.tables import AgentRow, QueueRow


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """A client of the installation."""

    id: int
    name: str
    zone: str
    country: str | None
    subdivision: str | None
    is_demo: bool


@dataclass(frozen=True, slots=True)
class SiteView:
    """A building or home team."""

    id: int
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue as it is set up.

    Parameters
    ----------
    key
        Its name in history files, unique in the organisation; also `queue.id`.
    zone
        IANA zone of its wall clock.
    site
        Name of the site, or None.
    row_version
        Goes up with every change; give it back with one.
    """

    id: int
    key: str
    queue: Queue
    zone: str
    site: str | None
    row_version: int


@dataclass(frozen=True, slots=True)
class AgentView:
    """A person who can be scheduled; `agent` is what the scheduler is told, its id is `key`."""

    id: int
    key: str
    name: str
    site: str | None
    zone: str
    contract: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    agent: Agent


@dataclass(frozen=True, slots=True)
class SiteInput:
    """A site to load."""

    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class QueueInput:
    """A queue to load; `queue.id` is its key."""

    queue: Queue
    zone: str
    site: str | None = None


@dataclass(frozen=True, slots=True)
class AgentInput:
    """An agent to load; `agent.id` is the key, `agent.name` what people read."""

    agent: Agent
    site: str | None = None
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What a load adds, changes and leaves as it is; the keys that it adds or changes, by kind."""

    added: int
    changed: int
    same: int
    touched: Mapping[str, tuple[str, ...]]


def create_organisation(
    service: Service, name: str, zone: str, country: str | None = None, subdivision: str | None = None, is_demo: bool = False
) -> int:
    """A new organisation; from the command line.

    Parameters
    ----------
    zone
        IANA zone of its plans.
    country, subdivision
        ISO 3166 codes for the calendar of holidays.

    Returns
    -------
    Its id.

    Raises
    ------
    Conflict
        When there is one of that name.
    """
    timegrid.zone(zone)
    name = typed.text("name", name, 200)
    country = typed.text("country", country, 2).upper() if country else None
    subdivision = typed.text("subdivision", subdivision, 8).upper() if subdivision else None
    with service.database.transaction() as session:
        service.database.lock(session, f"organisation {name}")
        if organisations.named(session, name) is not None:
            raise Conflict(f"there is an organisation {name!r} already")
        row = organisations.add(session, name, zone, country, subdivision, is_demo, service.now())
        audit.record(session, service, command_line(row.id), "organisation.add", "organisation", row.id, after={"name": name, "zone": zone})
        return row.id


def organisation(service: Service, actor: Actor) -> OrganisationView:
    """The actor's organisation."""
    with service.database.reading() as session:
        row = organisations.organisation(session, actor.organisation_id)
        return OrganisationView(row.id, row.name, row.zone, row.country, row.subdivision, row.is_demo)


def every_organisation(service: Service) -> tuple[OrganisationView, ...]:
    """All organisations, the operator's own in front; for the command line and the night only."""
    with service.database.reading() as session:
        rows = organisations.every_organisation(session)
        return tuple(OrganisationView(row.id, row.name, row.zone, row.country, row.subdivision, row.is_demo) for row in rows)


def sites(service: Service, actor: Actor) -> tuple[SiteView, ...]:
    """The sites, by name."""
    policy.require(actor, "staff.read")
    with service.database.reading() as session:
        return tuple(SiteView(row.id, row.name, row.zone) for row in organisations.sites(session, actor.organisation_id))


def queues(service: Service, actor: Actor) -> tuple[QueueView, ...]:
    """The queues, by key."""
    policy.require(actor, "requirement.read")
    with service.database.reading() as session:
        return tuple(_queue_view(row, site) for row, site in staff.queues(session, actor.organisation_id))


def queue(service: Service, actor: Actor, key: str) -> QueueView:
    """One queue.

    Raises
    ------
    NotFound
        When the organisation has none of that key.
    """
    policy.require(actor, "requirement.read")
    with service.database.reading() as session:
        row = staff.queue(session, actor.organisation_id, key)
        return _queue_view(row, staff.site_name(session, row.site_id))


def contracts(service: Service, actor: Actor) -> tuple[Contract, ...]:
    """The contracts, by id."""
    policy.require(actor, "staff.read")
    with service.database.reading() as session:
        return tuple(definitions.contract(row.key, row.definition) for row in staff.contracts(session, actor.organisation_id))


def agents(service: Service, actor: Actor) -> tuple[AgentView, ...]:
    """The agents that the actor may see (a supervisor those of the own site), by name."""
    policy.require(actor, "staff.read")
    with service.database.reading() as session:
        home = organisations.organisation(session, actor.organisation_id).zone
        return tuple(
            _agent_view(row, contract, site, zone or home)
            for row, contract, site, zone in staff.agents(session, actor.organisation_id, visible_site(actor))
        )


def visible_site(actor: Actor) -> int | None:
    """The only site whose people an actor sees; None for all. A supervisor without a site sees nobody (0 is no site's id)."""
    return (actor.site_id or 0) if actor.role is Role.SUPERVISOR else None


def change_target(service: Service, actor: Actor, key: str, row_version: int, **changes: Any) -> QueueView:
    """Change what a queue is promised or how it is staffed.

    Parameters
    ----------
    row_version
        As in the `QueueView` that the change was made from.
    changes
        Any fields of `Queue` but its id, and of `ServiceTarget`, in their units ("awt_s", "shrinkage" as a share).

    Raises
    ------
    Conflict
        When somebody else changed the queue meanwhile.
    InvalidInput
        When a field is unknown or out of its bounds.
    """
    policy.require(actor, "requirement.change")
    with service.database.transaction() as session:
        row = staff.queue(session, actor.organisation_id, key, to_change=True)
        if row.row_version != row_version:
            raise Conflict(f"queue {key} was changed by somebody else meanwhile; look at it again, then change it")
        old = definitions.queue(row.key, row.name, row.definition)
        new = _changed(old, changes)
        site = staff.site_name(session, row.site_id)
        if new == old:
            return _queue_view(row, site)
        row.name, row.definition, row.row_version = new.name, definitions.queue_definition(new), row.row_version + 1
        session.flush()
        before, after = _difference(_flat(old), _flat(new))
        audit.record(session, service, actor, "queue.change", "queue", key, before, after, row.site_id)
        return _queue_view(row, site)


_TARGET_FIELDS = frozenset(field.name for field in fields(ServiceTarget))
_QUEUE_FIELDS = frozenset(field.name for field in fields(Queue)) - {"id", "target", "channel"}


def _changed(old: Queue, changes: Mapping[str, Any]) -> Queue:
    unknown = sorted(set(changes) - _TARGET_FIELDS - _QUEUE_FIELDS)
    if unknown:
        allowed = ", ".join(sorted(_TARGET_FIELDS | _QUEUE_FIELDS))
        raise InvalidInput(f"a queue has no field {unknown[0]!r} that can be changed; there are {allowed}")
    target = replace(old.target, **{name: value for name, value in changes.items() if name in _TARGET_FIELDS})
    new = replace(old, target=target, **{name: value for name, value in changes.items() if name in _QUEUE_FIELDS})
    name, skill, language = (typed.text(name, getattr(new, name), 200) for name in ("name", "skill", "language"))
    return replace(new, name=name, skill=skill, language=language)


def _flat(queue: Queue) -> dict[str, Any]:
    content = asdict(queue) | asdict(queue.target) | {"channel": str(queue.channel)}
    del content["target"]
    return content


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    changed = [name for name in new if old.get(name) != new[name]]
    return {name: old.get(name) for name in changed}, {name: new[name] for name in changed}


def _queue_view(row: QueueRow, site: str | None) -> QueueView:
    return QueueView(row.id, row.key, definitions.queue(row.key, row.name, row.definition), row.zone, site, row.row_version)


def _agent_view(row: AgentRow, contract: str, site: str | None, zone: str) -> AgentView:
    agent = definitions.agent(row.key, row.name, contract, row.definition)
    return AgentView(row.id, row.key, row.name, site, zone, contract, tuple(row.languages), tuple(row.skills), agent)


def load_centre(
    service: Service,
    actor: Actor,
    sites: Sequence[SiteInput] = (),
    queues: Sequence[QueueInput] = (),
    contracts: Sequence[Contract] = (),
    agents: Sequence[AgentInput] = (),
    dry_run: bool = False,
) -> LoadCounts:
    """Add what is new, change what differs, leave the rest; all or nothing. Loading the same twice changes nothing.

    Parameters
    ----------
    dry_run
        True only counts.

    Raises
    ------
    InvalidInput
        When something refers to a site, contract or queue that neither the load nor the centre has.
    """
    policy.require(actor, "staff.change")
    from wfm.service import loading

    return loading.load(service, actor, loading.Centre(tuple(sites), tuple(queues), tuple(contracts), tuple(agents)), dry_run)


def load_problem(service: Service, actor: Actor, document: Any, dry_run: bool = False) -> LoadCounts:
    """Queues, contracts and agents out of the JSON document of a roster problem (`wfm-roster-problem/1`).

    Queues that the centre has keep their definition; new ones get the document's zone and cost and the defaults for the rest.

    Raises
    ------
    InvalidInput
        When the document contradicts itself.
    """
    policy.require(actor, "staff.change")
    from wfm.service import loading

    return loading.load(service, actor, loading.centre_of_problem(service, actor, document), dry_run)
