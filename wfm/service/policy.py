"""Who may do what: one table, checked in every use case."""

from __future__ import annotations

from wfm.errors import NotAllowed
from wfm.service.context import Actor, Role

_PLANNERS = frozenset({Role.ADMINISTRATOR, Role.PLANNER})
_READERS = _PLANNERS | {Role.SUPERVISOR, Role.AUDITOR}
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_EVERYBODY = frozenset(Role)

ALLOWED: dict[str, frozenset[Role]] = {
    "account.own": _EVERYBODY,
    "account.manage": _ADMINISTRATORS,
    "audit.read": frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    "history.read": _READERS,
    "history.change": _PLANNERS,
    "forecast.read": _READERS,
    "forecast.change": _PLANNERS,
    "requirement.read": _READERS,
    "requirement.change": _PLANNERS,
    "staff.read": _READERS,
    "staff.change": _PLANNERS,
    "schedule.read": _READERS,
    "schedule.change": _PLANNERS,
    "publication.read": _READERS,
    "publication.change": _PLANNERS,
    "week.own": frozenset({Role.AGENT}),
    "job.read": _READERS,
    "job.change": _PLANNERS,
    "finding.read": _READERS,
    "finding.change": _PLANNERS,
}


def require(actor: Actor, permission: str) -> None:
    """Let `actor` pass, or say that this is not theirs to do.

    Raises
    ------
    NotAllowed
        When the actor's role lacks `permission`; when the night tries to publish.
    """
    if actor.role not in ALLOWED[permission] or (actor.user_id is None and permission == "publication.change"):
        raise NotAllowed(f"this needs another role: {permission} is not open to the role {actor.role}")
