"""The clock of the nightly work: it wants slots, which any worker then claims."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from wfm import logs
from wfm.errors import Unavailable, WfmError
from wfm.service import centre, slots, work
from wfm.service.context import Service, night

LOOK_S = 20.0
HOUR_S = 3_600.0


@contextmanager
def clock(service: Service, look_s: float = LOOK_S) -> Iterator[None]:
    """Look for due nights every `look_s` seconds, at once the first time, until the block ends.

    A night that was missed is wanted as soon as a worker runs again. Looking at short intervals, and letting the slot decide, keeps
    clock changes, new organisations and sleeping machines out of the scheduler.
    """
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        look, "interval", args=(service,), seconds=look_s, next_run_time=datetime.now(UTC), coalesce=True, max_instances=1,
        misfire_grace_time=None,
    )  # fmt: skip
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def tonight(service: Service, organisation_id: int) -> str:
    """Do the newest due night of an organisation in this process, unless it was done; what came of it, in words."""
    from wfm.jobs.run import run

    actor = night(organisation_id)
    zone_name = centre.organisation(service, actor).zone
    slot = slots.due_night(service.now(), zone_name, service.settings.night_at).isoformat()
    job = work.enqueue(service, actor, work.Kind.NIGHT, {}, slot)
    claim = None if job.over else work.claim_one(service, job.id, f"command-{os.getpid()}", HOUR_S)
    if claim is None:
        return f"the night of {slot} is {job.state} already"
    try:
        run(service, claim, HOUR_S)
    except WfmError as error:
        work.fail(service, claim.fence, str(error))
        raise
    done = work.job(service, actor, job.id)
    return f"the night of {slot} is done: {dict(done.result or {})}"


def look(service: Service) -> None:
    """Want the nights that are due; a database that does not answer is asked again next time."""
    try:
        count = slots.make_due(service)
    except Unavailable as error:
        logs.get("wfm.jobs").warning("nights not looked up", reason=str(error))
        return
    if count:
        logs.get("wfm.jobs").info("nights wanted", count=count)
