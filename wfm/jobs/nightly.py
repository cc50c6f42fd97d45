"""The clock of the nightly work: it wants slots, which any worker then claims."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from wfm import logs
from wfm.errors import Unavailable
from wfm.service import slots
from wfm.service.context import Service

LOOK_S = 20.0


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


def look(service: Service) -> None:
    """Want the nights that are due; a database that does not answer is asked again next time."""
    try:
        count = slots.make_due(service)
    except Unavailable as error:
        logs.get("wfm.jobs").warning("nights not looked up", reason=str(error))
        return
    if count:
        logs.get("wfm.jobs").info("nights wanted", count=count)
