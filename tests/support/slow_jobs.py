"""Use cases for tests of the worker: a job stores a number of findings, slowly, in the transaction that finishes it.

A worker's child imports this module (`preload`) and then does these instead of the real ones.
"""

from __future__ import annotations

import os
import time

from wfm.jobs.run import RUNNERS
from wfm.service.context import Actor, Service
from wfm.service.work import Claim, JobProgress, Kind
from wfm.storage.tables import FindingRow


def store_findings(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    """Store `count` findings with a pause after each; `then` says what happens instead of the end."""
    wanted = claim.payload
    count, pause_s = int(wanted.get("count", 3)), float(wanted.get("pause_s", 0.0))
    for step in range(int(wanted.get("steps", 0))):
        progress.say(step / 1_000, f"step {step}")
        time.sleep(0.05)
    if wanted.get("then") == "crash" and claim.fence.attempt <= int(wanted.get("times", 1)):
        os._exit(9)
    if wanted.get("then") == "hang":
        time.sleep(600)
    if wanted.get("then") == "raise":
        raise RuntimeError("agent pat@example.org")
    with service.database.transaction() as session:
        for number in range(count):
            session.add(_finding(service, claim, number))
            session.flush()
            time.sleep(pause_s)
        progress.finish(session, stored=count, attempt=claim.fence.attempt)


def best_so_far(service: Service, actor: Actor, claim: Claim, progress: JobProgress) -> None:
    """Look for something better until asked to stop; keep what there is."""
    rounds = 0
    while not progress.cancelled():
        rounds += 1
        progress.note(0.5, "better", objective=1.0 / rounds)
        time.sleep(0.02)
    with service.database.transaction() as session:
        progress.finish(session, rounds=rounds)


def _finding(service: Service, claim: Claim, number: int) -> FindingRow:
    return FindingRow(
        organisation_id=claim.organisation_id,
        job_id=claim.fence.job_id,
        queue_id=None,
        found_at=service.now(),
        kind="test",
        weight=float(number),
        text="",
        details={},
        settled_at=None,
        settled_by=None,
    )


RUNNERS[Kind.FORECAST] = store_findings
RUNNERS[Kind.NIGHT] = store_findings
RUNNERS[Kind.SOLVE] = best_so_far
