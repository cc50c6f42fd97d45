"""kill -9 of the worker at any moment: nothing wanted is lost, nothing is half done, nothing is done twice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.support.centres import children_of, make_service, start_worker, until
from tests.support.contacts import history_csv
from wfm.service import audit, importing, work
from wfm.service.context import Actor, Service
from wfm.settings import Settings
from wfm.storage.tables import FindingRow, HistoryRow

KILLS = 20
AT_ONCE = 4
FINDINGS = 6
FIRST_DAY = date(2026, 6, 1)
ROWS_A_DAY = 40  # two queues, twenty half hours
PRELOAD = ("tests.support.slow_jobs",)


@pytest.mark.slow
def test_twenty_kills_lose_nothing_and_halve_nothing(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'wfm.db'}", folder=str(tmp_path), workers=2, secret_key="k" * 40)
    service, pat = make_service(settings)
    chance, wanted = random.Random(5), list[int]()
    for number in range(KILLS):
        while len([job for job in work.jobs(service, pat, 1_000) if not job.over]) < AT_ONCE:
            wanted += _want_more(service, pat, len(wanted) // 2)
        with _to_be_killed(settings, tmp_path / "log"):
            if number % 2:
                _wait_for_one_more(service, pat)
            time.sleep(chance.uniform(0.0, 1.0))
        _check(service, pat, wanted)
    worker = start_worker(settings, tmp_path / "log", PRELOAD)
    try:
        until(lambda: all(job.over for job in work.jobs(service, pat, 1_000)))
    finally:
        worker.kill()
        worker.wait()
    _check(service, pat, wanted)
    jobs = [work.job(service, pat, job_id) for job_id in wanted]
    assert {job.state for job in jobs} <= {"done", "failed"}  # failed: in hand at three kills
    assert sum(job.attempts - 1 for job in jobs) >= KILLS / 2  # the kills did meet jobs in hand
    assert sum(job.state == "done" for job in jobs) >= len(jobs) / 4
    assert audit.verify(service, pat.organisation_id).ok
    with service.database.reading() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


@contextmanager
def _to_be_killed(settings: Settings, log: Path) -> Iterator[None]:
    """A worker that has a job in hand when the block begins and is killed at its end."""
    worker = start_worker(settings, log, PRELOAD, lease_s=1.0, beat_s=0.2)
    try:
        until(lambda: bool(children_of(worker.pid)))
        yield
    finally:
        worker.kill()
        worker.wait()


def _wait_for_one_more(service: Service, pat: Actor) -> None:
    """Until another job is done, or none is left: however slow the machine, some jobs come to their end between the kills."""
    before = _done(service, pat)
    until(lambda: _done(service, pat) > before or all(job.over for job in work.jobs(service, pat, 1_000)))


def _done(service: Service, pat: Actor) -> int:
    return sum(job.state == "done" for job in work.jobs(service, pat, 1_000))


def _want_more(service: Service, pat: Actor, number: int) -> list[int]:
    """One day of history to import, and findings to store slowly."""
    day = FIRST_DAY + timedelta(number // 5 * 7 + number % 5)
    wanted = {"file_name": f"day{number}.csv", "zone": "America/Chicago"}
    file = work.enqueue(service, pat, "import", wanted, slot=f"day {number}", attachment=history_csv(day, days=1))
    findings = work.enqueue(service, pat, "forecast", {"count": FINDINGS, "pause_s": 0.05})
    return [file.id, findings.id]


def _check(service: Service, pat: Actor, wanted: list[int]) -> None:
    """Every job that was wanted is there; one that is done has all its rows once, any other has none."""
    jobs = {job.id: job for job in work.jobs(service, pat, 1_000)}
    assert set(wanted) <= set(jobs)
    done = {job_id for job_id, job in jobs.items() if job.state == "done"}
    with service.database.reading() as session:
        findings = dict(session.execute(select(FindingRow.job_id, func.count()).group_by(FindingRow.job_id)).all())
        rows = session.scalar(select(func.count()).select_from(HistoryRow))
    assert findings == {job_id: FINDINGS for job_id in done if jobs[job_id].kind == "forecast"}
    files = [jobs[job_id] for job_id in done if jobs[job_id].kind == "import"]
    imports = importing.imports(service, pat)
    assert sorted(job.result["number"] for job in files if job.result) == sorted(one.number for one in imports)
    assert rows == ROWS_A_DAY * len(imports)
    assert all((one.rows_added, one.rows_changed) == (ROWS_A_DAY, 0) for one in imports)
