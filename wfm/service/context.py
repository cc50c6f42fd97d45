"""What every use case is given: the running service and who is acting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from wfm.settings import Settings

if TYPE_CHECKING:
    from wfm.storage.database import Database


class Role(StrEnum):
    """What a person may do; `policy` holds the table."""

    ADMINISTRATOR = "administrator"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    AUDITOR = "auditor"


def utc_now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one try of a password costs (Argon2id; the defaults are the low-memory choice of RFC 9106, 2021).

    Parameters
    ----------
    passes
        Passes over the memory, at least 1.
    memory_kib
        Memory, KiB, at least 8 a lane.
    lanes
        Lanes that can run side by side, at least 1.
    """

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Service:
    """A running installation: its settings, its database, its clock and the price of a password."""

    settings: Settings
    database: Database
    now: Callable[[], datetime] = utc_now
    password_cost: PasswordCost = PasswordCost()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which organisation, from where.

    Parameters
    ----------
    user_id
        Account; None for the night.
    organisation_id
        The only organisation whose rows this actor can reach.
    role
        What the actor may do.
    name
        For the audit trail and "made by".
    agent_id, site_id
        The agent that the account belongs to, and its site, where it has one.
    zone, locale, theme
        How this reader sees pages.
    address, request_id
        Where the request came from, and its id in the logs.
    """

    user_id: int | None
    organisation_id: int
    role: Role
    name: str
    agent_id: int | None = None
    site_id: int | None = None
    zone: str = "UTC"
    locale: str = "en"
    theme: str = "system"
    address: str = "local"
    request_id: str = ""


def command_line(organisation_id: int) -> Actor:
    """The actor of a command that names no person: it may do all but publish."""
    return Actor(None, organisation_id, Role.ADMINISTRATOR, "the command line", address="command line")


def night(organisation_id: int) -> Actor:
    """The actor of work that nobody started: it may import, forecast and propose, and never publish."""
    return Actor(None, organisation_id, Role.PLANNER, "the night", address="worker")
