"""Workers in processes of their own: each job once, none lost, no orphan, no hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.centres import children_of, make_service, start_worker, until
from wfm.service import work
from wfm.service.context import Actor, Service
from wfm.settings import Settings
from wfm.storage.tables import FindingRow

PRELOAD = ("tests.support.slow_jobs",)
LONG_LEASE_S = 300.0  # where no claim is to run out, however seldom a busy machine lets the worker say that it is alive
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path / 'wfm.db'}", folder=str(tmp_path), workers=2, secret_key="k" * 40)


@pytest.fixture
def planner(settings: Settings) -> tuple[Service, Actor]:
    return make_service(settings)


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    workers: list[subprocess.Popen[bytes]] = []

    def begin(**rhythm: float) -> subprocess.Popen[bytes]:
        workers.append(start_worker(settings, tmp_path / "log", PRELOAD, **rhythm))
        return workers[-1]

    yield begin
    for worker in workers:
        worker.kill()
        worker.wait()


def findings(service: Service, job_id: int) -> int:
    with service.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(FindingRow).where(FindingRow.job_id == job_id)) or 0)


def over(service: Service, actor: Actor) -> Callable[[], bool]:
    return lambda: all(job.over for job in work.jobs(service, actor))


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()]


def test_jobs_are_done_each_once_by_two_workers(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    wanted = [work.enqueue(service, pat, "forecast", {"count": n}).id for n in range(1, 6)]
    start(lease_s=LONG_LEASE_S), start(lease_s=LONG_LEASE_S)
    until(over(service, pat))
    for number, job_id in enumerate(wanted, start=1):
        job = work.job(service, pat, job_id)
        assert (job.state, job.result) == ("done", {"stored": number, "attempt": 1})
        assert findings(service, job_id) == number


def test_a_worker_that_is_told_to_stop_leaves_no_process_and_gives_its_job_back(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"then": "hang"})
    worker = start(lease_s=LONG_LEASE_S)
    until(lambda: bool(children_of(worker.pid)) and work.job(service, pat, job.id).state == "running")
    children = children_of(worker.pid)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(120) == 0
    assert work.job(service, pat, job.id).state == "waiting"
    assert work.job(service, pat, job.id).attempts == 0
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def test_a_killed_worker_takes_its_child_along_and_another_finishes_the_job(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"count": 4, "pause_s": 0.4})
    first = start()
    until(lambda: bool(children_of(first.pid)) and work.job(service, pat, job.id).state == "running")
    children = children_of(first.pid)
    first.kill()
    first.wait()
    until(lambda: not any(alive(child) for child in children))
    start(lease_s=LONG_LEASE_S)
    until(over(service, pat))
    assert work.job(service, pat, job.id).result == {"stored": 4, "attempt": 2}
    assert findings(service, job.id) == 4


def alive(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_crashes_is_followed_by_another_at_once(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"then": "crash", "times": 1})
    start(lease_s=LONG_LEASE_S)
    until(over(service, pat))
    assert work.job(service, pat, job.id).result == {"stored": 3, "attempt": 2}


def test_a_job_that_always_crashes_is_given_up_in_words(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"then": "crash", "times": 99})
    start()
    until(over(service, pat))
    after = work.job(service, pat, job.id)
    assert after.state == "failed"
    assert "tried 3 times" in str(after.error)
    assert findings(service, job.id) == 0


def test_a_job_that_hangs_is_stopped(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"then": "hang"})
    start(limit_s=3.0, lease_s=LONG_LEASE_S)
    until(over(service, pat))
    assert "longer than 3 s" in str(work.job(service, pat, job.id).error)


def test_a_programming_error_fails_the_job_without_a_trace_or_a_name_in_page_or_log(
    planner: tuple[Service, Actor], start: Start, tmp_path: Path
) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"then": "raise"})
    start(lease_s=LONG_LEASE_S)
    until(over(service, pat))
    error = str(work.job(service, pat, job.id).error)
    assert "Something went wrong inside wfm" in error
    assert "pat" not in error
    failed = [line for line in lines(tmp_path) if line["event"] == "job failed"]
    assert len(failed) == 1
    assert failed[0]["job_id"] == job.id
    assert "RuntimeError" in failed[0]["exception"]
    assert "example.org" not in (tmp_path / "log").read_text()


def test_a_cancelled_job_stops_before_its_end(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"steps": 900})
    start(lease_s=LONG_LEASE_S)
    until(lambda: work.job(service, pat, job.id).share_done > 0)
    work.cancel(service, pat, job.id)
    until(over(service, pat))
    after = work.job(service, pat, job.id)
    assert after.state == "cancelled"
    assert 0 < after.share_done < 0.9
    assert findings(service, job.id) == 0


def test_a_cancelled_solve_keeps_its_best_so_far(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "solve", {})
    start(lease_s=LONG_LEASE_S, grace_s=LONG_LEASE_S)
    until(lambda: any("objective" in note for note in work.job(service, pat, job.id).progress))
    work.cancel(service, pat, job.id)
    until(over(service, pat))
    after = work.job(service, pat, job.id)
    assert after.state == "done"
    assert after.result is not None
    assert after.result["rounds"] > 0


def test_a_missed_night_is_caught_up_once_by_many_workers(tmp_path: Path, settings: Settings, start: Start) -> None:
    service, pat = make_service(settings, created_at=Service(settings, None).now() - timedelta(days=3))  # type: ignore[arg-type]
    for _ in range(4):
        start(lease_s=LONG_LEASE_S)
    until(lambda: bool(work.jobs(service, pat)))
    until(over(service, pat))
    time.sleep(1.0)  # the other workers look again meanwhile
    nights = work.jobs(service, pat)
    assert [(night.kind, night.state, night.attempts) for night in nights] == [("night", "done", 1)]
    assert findings(service, nights[0].id) == 3


def test_a_new_organisation_has_no_missed_night(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    start()
    job = work.enqueue(service, pat, "forecast", {})
    until(over(service, pat))
    assert [j.id for j in work.jobs(service, pat)] == [job.id]


def test_the_children_of_a_stopped_terminal_die_with_the_worker_only(planner: tuple[Service, Actor], start: Start) -> None:
    service, pat = planner
    work.enqueue(service, pat, "forecast", {"then": "hang"})
    worker = start()
    until(lambda: bool(children_of(worker.pid)))
    child = children_of(worker.pid)[0]
    until(lambda: os.getpgid(child) == child)
    assert os.getpgid(child) != os.getpgid(worker.pid)  # Ctrl-C reaches the worker, which ends the child in order
