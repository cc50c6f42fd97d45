"""Load a centre: compare what is given with what is stored, then add and change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wfm.domain import timegrid
from wfm.domain.demand import Queue
from wfm.domain.staff import Contract
from wfm.errors import InvalidInput
from wfm.service import audit, fields
from wfm.service.centre import AgentInput, LoadCounts, QueueInput, SiteInput
from wfm.service.context import Actor, Service
from wfm.storage import definitions, organisations, staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything that one load brings."""

    sites: tuple[SiteInput, ...]
    queues: tuple[QueueInput, ...]
    contracts: tuple[Contract, ...]
    agents: tuple[AgentInput, ...]

    def __post_init__(self) -> None:
        for site in self.sites:
            timegrid.zone(site.zone)
        for queue in self.queues:
            timegrid.zone(queue.zone)
        named = {
            "site": [site.name for site in self.sites],
            "queue": [given.queue.id for given in self.queues],
            "contract": [contract.id for contract in self.contracts],
            "agent": [given.agent.id for given in self.agents],
        }
        for kind, keys in named.items():
            for key in keys:
                fields.text(f"key of a {kind}", key, 80)
            twice = sorted(key for key, count in Counter(keys).items() if count > 1)
            if twice:
                raise InvalidInput(f"{kind} {twice[0]!r} is given twice")


def centre_of_problem(service: Service, actor: Actor, document: Any) -> Centre:
    """What a roster problem says about queues, contracts and agents."""
    from wfm.scheduler.formats import parse_problem

    problem = parse_problem(document)
    with service.database.reading() as session:
        known = staff.queue_ids(session, actor.organisation_id)
    fresh = [part for part in problem.requirements if part.queue not in known]
    return Centre(
        (),
        tuple(QueueInput(Queue(part.queue, part.queue, under_cost=part.under_cost or 1.0), problem.grid.zone_name) for part in fresh),
        problem.contracts,
        tuple(AgentInput(agent) for agent in problem.agents),
    )


def load(service: Service, actor: Actor, centre: Centre, dry_run: bool) -> LoadCounts:
    """Count what differs and, unless it is a dry run, store it in one transaction."""
    if dry_run:
        with service.database.reading() as session:
            return _Load(session, actor, centre, store=False).run()
    with service.database.transaction() as session:
        service.database.lock(session, "centre", actor.organisation_id)
        counts = _Load(session, actor, centre, store=True).run()
        if counts.added or counts.changed:
            session.flush()
            told = {"added": counts.added, "changed": counts.changed, "keys": {kind: list(keys) for kind, keys in counts.touched.items()}}
            audit.record(session, service, actor, "centre.load", "centre", actor.organisation_id, after=told)
        return counts


class _Load:
    """One load under way: rows by key, and what became of each thing given."""

    def __init__(self, session: Session, actor: Actor, centre: Centre, *, store: bool) -> None:
        self._session, self._owner, self._centre, self._store = session, actor.organisation_id, centre, store
        self._added = self._changed = self._same = 0
        self._touched: dict[str, list[str]] = {}
        self._sites = {row.name: row for row in organisations.sites(session, self._owner)}
        self._queues = {row.key: row for row, _ in staff.queues(session, self._owner)}
        self._contracts = {row.key: row for row in staff.contracts(session, self._owner)}
        self._agents = {row.key: row for row, *_ in staff.agents(session, self._owner)}

    def run(self) -> LoadCounts:
        for site in self._centre.sites:
            self._put("site", self._sites, site.name, organisations.new_site, {"zone": site.zone})
        for queue in self._centre.queues:
            self._put("queue", self._queues, queue.queue.id, staff.new_queue, self._queue(queue))
        for contract in self._centre.contracts:
            values = {"definition": definitions.contract_definition(contract)}
            self._put("contract", self._contracts, contract.id, staff.new_contract, values)
        for agent in self._centre.agents:
            self._put("agent", self._agents, agent.agent.id, staff.new_agent, self._agent(agent))
        touched = {kind: tuple(keys) for kind, keys in self._touched.items()}
        return LoadCounts(self._added, self._changed, self._same, touched)

    def _queue(self, given: QueueInput) -> dict[str, Any]:
        site_id = self._id("site", self._sites, given.site, f"queue {given.queue.id}") if given.site else None
        definition = definitions.queue_definition(given.queue)
        return {"site_id": site_id, "name": fields.text("name", given.queue.name, 200), "zone": given.zone, "definition": definition}

    def _agent(self, given: AgentInput) -> dict[str, Any]:
        who = f"agent {given.agent.id}"
        for key in given.agent.queues:
            self._id("queue", self._queues, key, who)
        return {
            "site_id": self._id("site", self._sites, given.site, who) if given.site else None,
            "contract_id": self._id("contract", self._contracts, given.agent.contract, who),
            "name": fields.text("name", given.agent.name or given.agent.id, 200),
            "languages": [fields.text("language", language, 20) for language in given.languages],
            "skills": [fields.text("skill", skill, 80) for skill in given.skills],
            "definition": definitions.agent_definition(given.agent),
        }

    def _id(self, kind: str, rows: Mapping[str, Any], key: str, who: str) -> int | None:
        if key not in rows:
            raise InvalidInput(f"{who} refers to the {kind} {key!r}, which the centre does not have")
        return None if rows[key] is None else rows[key].id

    def _put(self, kind: str, rows: dict[str, Any], key: str, new: Callable[..., Any], values: dict[str, Any]) -> None:
        row = rows.get(key)
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            self._same += 1
            return
        self._touched.setdefault(kind, []).append(key)
        if row is None:
            self._added += 1
            rows[key] = new(self._session, self._owner, key, **values) if self._store else None
        else:
            self._changed += 1
            if self._store:
                staff.change(row, values)
