"""Pooled people needed of a day, as a job over the stored needs and staff; the result stays with the job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wfm.domain.timegrid import TimeGrid
from wfm.service import centre, work
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.service.pooled_hours import PooledDay, SharedQueue, pooled_hours
from wfm.service.progress import Progress
from wfm.storage import definitions, requirements
from wfm.storage.series import unpack

_LOOKED_AT = 20


def run(service: Service, actor: Actor, progress: Progress, day: date, version: int | None = None) -> PooledDay:
    """Work out one local day of a version; None takes the newest.

    Raises
    ------
    NotFound
        When there is no such version.
    InvalidInput
        When no queue can be simulated or nobody takes one, or the version does not reach over the day.
    """
    require(actor, "requirement.change")
    progress.say(0.0, "reading people needed")
    queues, number = _queues(service, actor, version)
    grid = TimeGrid(centre.organisation(service, actor).zone, day, 1, 60)
    people = [tuple(one.agent.queues) for one in centre.agents(service, actor)]

    def told(share_done: float) -> None:
        progress.note(0.05 + 0.9 * share_done, "simulating shared people, hour by hour")

    found = pooled_hours(queues, people, grid, progress=told, cancelled=progress.cancelled)
    with service.database.transaction() as session:
        progress.finish(session, requirement=number, day=day.isoformat(), hours=_told(found), left_out=dict(found.left_out))
    return found


def newest(service: Service, actor: Actor, version: int) -> Mapping[str, Any] | None:
    """The last result for a version of people needed: `day`, `hours` (clock, single, pooled, by_group, service_level), `left_out`."""
    require(actor, "requirement.read")
    done = (job.result for job in work.jobs(service, actor, _LOOKED_AT, work.Kind.POOLING) if job.state == "done" and job.result)
    return next((result for result in done if result.get("requirement") == version), None)


def _queues(service: Service, actor: Actor, version: int | None) -> tuple[list[SharedQueue], int]:
    with service.database.reading() as session:
        row = requirements.version(session, actor.organisation_id, version)
        found = []
        for part, queue in requirements.queues(session, row):
            arrays = unpack(part.series)
            set_up = definitions.queue(queue.key, queue.name, part.definition)
            found.append(SharedQueue(set_up, arrays["start_s"], part.interval_minutes * 60, arrays["volume"], arrays["aht_s"]))
        return found, row.number


def _told(found: PooledDay) -> list[dict[str, Any]]:
    return [
        {
            "clock": f"{hour.start:%H:%M}",
            "single": hour.single,
            "pooled": hour.pooled,
            "by_group": dict(hour.by_group),
            "service_level": {queue: round(level, 4) for queue, level in hour.service_level.items()},
        }
        for hour in found.hours
    ]
