"""Which use case does which kind of job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from wfm.service import work
from wfm.service.context import Actor, Service
from wfm.service.work import Claim, JobProgress, Kind

Runner = Callable[[Service, Actor, Claim, JobProgress], None]


def run(service: Service, claim: Claim, lease_s: float = work.LEASE_S) -> None:
    """Do a claimed job to its end; the use case stores its result and the end of the job in one transaction.

    Raises
    ------
    WfmError
        What the use case raises: the job is not finished then.
    """
    progress = JobProgress(service, claim, lease_s)
    RUNNERS[Kind(claim.kind)](service, work.actor_of(service, claim), claim, progress)
    if not progress.finished:
        with service.database.transaction() as session:
            progress.finish(session)


def _import(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import importing

    wanted = claim.payload
    importing.commit(
        service, actor, claim.attachment or b"", wanted["file_name"], wanted["zone"], gaps=wanted.get("gaps", "refuse"), progress=progress
    )


def _forecast(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import forecasting

    wanted = claim.payload
    forecasting.run(service, actor, progress, _day(wanted, "first_day"), wanted.get("days"), wanted.get("queues"), wanted.get("candidates"))


def _requirement(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import staffing

    staffing.plan(service, actor, progress, claim.payload.get("forecast"))


def _solve(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import scheduling

    wanted = claim.payload
    horizon = date.fromisoformat(wanted["first_day"]), wanted.get("days", 7)
    seed, requirement, pins_of = wanted.get("seed", 0), wanted.get("requirement"), wanted.get("pins_of")
    scheduling.solve(service, actor, progress, *horizon, wanted.get("time_limit_s"), seed, requirement, pins_of)


def _repair(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import repairing

    wanted = claim.payload
    times = datetime.fromisoformat(wanted["start"]), datetime.fromisoformat(wanted["end"])
    repairing.find_repairs(service, actor, progress, wanted["draft"], wanted["agent"], *times)


def _pooling(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import pooling

    pooling.run(service, actor, progress, date.fromisoformat(claim.payload["day"]), claim.payload.get("requirement"))


def _cleaning(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import cleaning_effect

    cleaning_effect.run(service, actor, progress, claim.payload["queue"])


def _replay(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import verdicts

    wanted = claim.payload
    verdicts.run(service, actor, progress, date.fromisoformat(wanted["first_day"]), date.fromisoformat(wanted["last_day"]))


def _today(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import rest_of_day

    rest_of_day.run(service, actor, progress, date.fromisoformat(claim.payload["day"]))


def _night(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    from wfm.service import night

    night.run_night(service, actor.organisation_id, claim.slot, progress)


def _day(wanted: Mapping[str, Any], name: str) -> date | None:
    text = wanted.get(name)
    return None if text is None else date.fromisoformat(text)


RUNNERS: dict[Kind, Runner] = {
    Kind.IMPORT: _import,
    Kind.FORECAST: _forecast,
    Kind.REQUIREMENT: _requirement,
    Kind.SOLVE: _solve,
    Kind.POOLING: _pooling,
    Kind.REPAIR: _repair,
    Kind.CLEANING: _cleaning,
    Kind.REPLAY: _replay,
    Kind.TODAY: _today,
    Kind.NIGHT: _night,
}
