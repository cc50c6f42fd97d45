"""Today: what the night found, what is running, and the next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.replay import CAUSES
from web.planner.work import RUNNING
from web.texts import gettext as _
from wfm.service import centre, forecasting, importing, night, promises, publishing, scheduling, staffing, work
from wfm.service.night import FindingView
from wfm.service.work import Kind


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work: `state` is done, next or later; `at` says when it was last done."""

    name: str
    address: str
    state: str
    at: datetime | None
    hint: str


@pages.get("/today")
@allow("finding.read")
def today() -> str:
    """The page that a planner starts on."""
    service, actor = current.service(), current.actor()
    jobs = work.jobs(service, actor, limit=20)
    return render_template(
        "planner/today.html",
        steps=list(_steps()),
        findings=night.findings(service, actor),
        settled=night.findings(service, actor, settled=True, limit=10),
        running=[job for job in jobs if job.state in RUNNING],
        failed=[job for job in jobs[:5] if job.state == "failed"],
        nights=work.jobs(service, actor, limit=5, kind=Kind.NIGHT),
        promises=promises.newest(service, actor, night.local_today(service, actor) - timedelta(1)),
        causes=CAUSES,
        organisation=centre.organisation(service, actor),
        now=service.now(),
        finding_links=_links,
    )


def _links(finding: FindingView) -> dict[str, str]:
    """Where a planner looks next."""
    found = {}
    if finding.queue and finding.kind in ("accuracy", "drift"):
        found[_("Forecast")] = url_for("planner.forecast", queue=finding.queue)
    if finding.queue and finding.kind == "drift":
        found[_("People needed")] = url_for("planner.people_needed", queue=finding.queue)
    if finding.queue and finding.kind in ("promise", "kept_drift"):
        day = finding.details.get("day")
        span = {"first": day, "last": day} if day else {"span": "weeks"}
        found[_("Replay")] = url_for("planner.replay", queue=finding.queue, **span)
    if finding.kind in ("import", "missing_data"):
        found[_("Data")] = url_for("planner.data", queue=finding.queue)
    return found


def _steps() -> Iterator[Step]:
    """The five steps in order; the first that was never done is next."""
    who = current.service(), current.actor()
    done = (
        ("data", _("Data"), _("import the history"), [one.imported_at for one in importing.imports(*who) if not one.undone_at]),
        ("forecast", _("Forecast"), _("forecast every queue"), [one.made_at for one in forecasting.versions(*who, 1)]),
        ("people_needed", _("People needed"), _("work out who is needed"), [one.made_at for one in staffing.versions(*who, 1)]),
        ("schedule", _("Schedule"), _("build the shifts"), [one.made_at for one in scheduling.drafts(*who, 1)]),
        ("publish", _("Publish"), _("show it to the agents"), [one.published_at for one in publishing.publications(*who, 1)]),
    )
    reached = True
    for endpoint, name, hint, times in done:
        state = "done" if times else "next" if reached else "later"
        reached = reached and bool(times)
        yield Step(name, url_for(f"planner.{endpoint}"), state, max(times, default=None), hint)


@pages.post("/findings/<int:number>/settle")
@allow("finding.change")
def settle_finding(number: int) -> AnyResponse:
    """Put a finding away."""
    night.settle(current.service(), current.actor(), number)
    flash(_("Put away."))
    return go(url_for("planner.today"))
