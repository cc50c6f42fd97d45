"""What pages show, as JSON: read-only, for programs that act for a person who is signed in."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask import Blueprint, request

from web import current, forms
from web.access import allow
from web.texts import gettext as _
from wfm.errors import InvalidInput
from wfm.service import audit, centre, forecasting, importing, night, publishing, scheduling, staffing, work

pages = Blueprint("api", __name__, url_prefix="/api")
PUBLISHED_DAYS = 7


def plain(value: Any) -> Any:
    """A result of a use case as JSON holds it: dataclasses by field, times as ISO 8601, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(plain(one) for one in value)
    return _number(value)


def _number(value: Any) -> Any:
    finite = not isinstance(value, float) or abs(value) < float("inf")
    return value if finite and value == value else None


def _queue() -> str:
    key = request.args.get("queue", "")
    if not key:
        raise InvalidInput(_("name a queue: ?queue=key"))
    return key


@pages.get("/organisation")
@allow("finding.read")
def organisation() -> Any:
    """The reader's organisation."""
    return plain(centre.organisation(current.service(), current.actor()))


@pages.get("/queues")
@allow("requirement.read")
def queues() -> Any:
    """Every queue with its target."""
    return plain(centre.queues(current.service(), current.actor()))


@pages.get("/agents")
@allow("staff.read")
def agents() -> Any:
    """Every agent that the reader may see."""
    return plain(centre.agents(current.service(), current.actor()))


@pages.get("/imports")
@allow("history.read")
def imports() -> Any:
    """What was imported."""
    return plain(importing.imports(current.service(), current.actor()))


@pages.get("/forecasts")
@allow("forecast.read")
def forecasts() -> Any:
    """Forecast versions."""
    return plain(forecasting.versions(current.service(), current.actor()))


@pages.get("/forecast")
@allow("forecast.read")
def forecast() -> Any:
    """One queue of a version: ?queue=, and ?version=, ?week=, ?days=."""
    version, first, days = forms.optional_whole("version"), forms.day("week"), forms.optional_whole("days") or 7
    return plain(forecasting.view(current.service(), current.actor(), _queue(), version, first, days))


@pages.get("/people-needed")
@allow("requirement.read")
def people_needed() -> Any:
    """People needed on one queue: ?queue=, and ?version=, ?week=."""
    return plain(staffing.view(current.service(), current.actor(), _queue(), forms.optional_whole("version"), forms.day("week")))


@pages.get("/drafts")
@allow("schedule.read")
def drafts() -> Any:
    """Drafts of the schedule."""
    return plain(scheduling.drafts(current.service(), current.actor()))


@pages.get("/draft")
@allow("schedule.read")
def draft() -> Any:
    """One draft, the newest without ?draft=; one day of it with ?day=."""
    return plain(scheduling.draft(current.service(), current.actor(), forms.optional_whole("draft"), forms.day("day")))


@pages.get("/publications")
@allow("publication.read")
def publications() -> Any:
    """Published versions."""
    return plain(publishing.publications(current.service(), current.actor()))


@pages.get("/publications/<int:number>")
@allow("publication.read")
def publication(number: int) -> Any:
    """One published version and what it changed."""
    return plain(publishing.publication(current.service(), current.actor(), number))


@pages.get("/published-shifts")
@allow("publication.read")
def published_shifts() -> Any:
    """The shifts that count: ?day=, and ?days=."""
    first = forms.day("day")
    if first is None:
        raise InvalidInput(_("name the first day: ?day=YYYY-MM-DD"))
    days = forms.optional_whole("days") or PUBLISHED_DAYS
    return plain(publishing.published_shifts(current.service(), current.actor(), first, days))


@pages.get("/my-week")
@allow("week.own")
def my_week() -> Any:
    """An agent's own seven days: ?week=."""
    return plain(publishing.my_week(current.service(), current.actor(), forms.day("week")))


@pages.get("/findings")
@allow("finding.read")
def findings() -> Any:
    """What the night found."""
    return plain(night.findings(current.service(), current.actor()))


@pages.get("/jobs")
@allow("job.read")
def jobs() -> Any:
    """The newest long work."""
    return plain(work.jobs(current.service(), current.actor(), limit=50))


@pages.get("/jobs/<int:number>")
@allow("job.read")
def job(number: int) -> Any:
    """One piece of long work."""
    return plain(work.job(current.service(), current.actor(), number))


@pages.get("/audit")
@allow("audit.read")
def audit_entries() -> Any:
    """One page of the audit trail: ?page=, ?action=."""
    return plain(audit.entries(current.service(), current.actor(), forms.optional_whole("page") or 1, request.args.get("action") or None))
