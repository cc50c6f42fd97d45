"""The left rail, in the order of a planner's work."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for

from web import current
from web.texts import lazy_gettext as _
from wfm.service import policy
from wfm.service.context import Role


@dataclass(frozen=True, slots=True)
class Stop:
    """One entry of the rail.

    Parameters
    ----------
    name
        What people read.
    endpoint
        Page that it opens.
    permission
        Who sees it.
    mark
        Number of the step, or a dot.
    """

    name: str
    endpoint: str
    permission: str
    mark: str = "·"

    @property
    def is_here(self) -> bool:
        """True on the page itself and on those below it."""
        page = url_for(self.endpoint)
        return request.path == page or request.path.startswith(page + "/")


STEPS = (
    Stop(_("Today"), "planner.today", "finding.read", "•"),
    Stop(_("Data"), "planner.data", "history.read", "1"),
    Stop(_("Forecast"), "planner.forecast", "forecast.read", "2"),
    Stop(_("People needed"), "planner.people_needed", "requirement.read", "3"),
    Stop(_("Schedule"), "planner.schedule", "schedule.read", "4"),
    Stop(_("Publish"), "planner.publish", "publication.read", "5"),
)
OTHERS = (
    Stop(_("Risk"), "planner.risk_of_missing", "requirement.read"),
    Stop(_("Replay"), "planner.replay", "schedule.read"),
    Stop(_("People"), "planner.people", "staff.read"),
    Stop(_("Accounts"), "admin.accounts_page", "account.manage"),
    Stop(_("Audit"), "admin.audit_page", "audit.read"),
)


def install(app: Flask) -> None:
    """Give the rail to every page."""
    app.context_processor(lambda: {"rail": rail(), "here": request.endpoint or "", "person": current.maybe_actor()})


def rail() -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
    """The steps and the other pages that this person may open."""
    return _open(STEPS), _open(OTHERS)


def _open(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    person = current.maybe_actor()
    return tuple(stop for stop in stops if person and person.role in policy.ALLOWED[stop.permission])


def home() -> str:
    """The page that a person starts on."""
    person = current.actor()
    return url_for("agent.my_week" if person.role is Role.AGENT else "planner.today")
