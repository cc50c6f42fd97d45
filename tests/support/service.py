"""Services over fresh databases, with a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wfm.domain.demand import Queue
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.service import accounts, centre
from wfm.service.context import Actor, PasswordCost, Role, Service, command_line
from wfm.storage.database import Database

CHEAP = PasswordCost(passes=1, memory_kib=8, lanes=1)
NOON = datetime(2026, 6, 8, 12, tzinfo=UTC)
CONTRACT = Contract("full", (1800, 2400), (4, 5), (ShiftShape(480, (BreakRule(15, True, 60, 180), BreakRule(30, False, 210, 300))),))


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    instant: datetime = NOON

    def __call__(self) -> datetime:
        return self.instant

    def forward(self, **parts: float) -> None:
        """Move on by a `timedelta`."""
        self.instant += timedelta(**parts)


def made(database: Database, settings: Any, clock: Clock) -> Service:
    """A service with cheap passwords."""
    return Service(settings, database, clock, CHEAP)


@dataclass
class Client:
    """An organisation with a site, two queues, a contract, three agents and one account per role."""

    service: Service
    id: int
    actors: dict[Role, Actor] = field(default_factory=dict)

    @property
    def planner(self) -> Actor:
        return self.actors[Role.PLANNER]

    @property
    def administrator(self) -> Actor:
        return self.actors[Role.ADMINISTRATOR]

    @property
    def agent(self) -> Actor:
        return self.actors[Role.AGENT]


def client(service: Service, name: str = "Clinic", zone: str = "America/Chicago") -> Client:
    """A new organisation."""
    organisation_id = centre.create_organisation(service, name, zone, "US", "IL")
    root = command_line(organisation_id)
    queues = [centre.QueueInput(Queue(key, key.title()), zone, "North") for key in ("visits", "refills")]
    agents = [
        centre.AgentInput(Agent(f"a{n}", "full", {"visits": 1.0}, name=f"Agent {n} of {name}"), site, ("en",), ("general",))
        for n, site in ((1, "North"), (2, "North"), (3, "South"))
    ]
    sites = [centre.SiteInput("North", zone), centre.SiteInput("South", zone)]
    centre.load_centre(service, root, sites, queues, [CONTRACT], agents)
    for role in Role:
        agent_key, site = ("a1" if role is Role.AGENT else None), ("North" if role is Role.SUPERVISOR else None)
        title = f"{role.title()} of {name}"
        accounts.add_user(service, root, _email(role, name), title, role, zone, agent_key=agent_key, site=site)
    return existing(service, name)


def existing(service: Service, name: str) -> Client:
    """An organisation that `client` made."""
    actors = {role: replace(accounts.acting(service, _email(role, name)), address="10.0.0.1", request_id="r1") for role in Role}
    return Client(service, actors[Role.PLANNER].organisation_id, actors)


def _email(role: Role, name: str) -> str:
    return f"{role}@{name.lower()}.org"
