"""Twenty times kill -9 of web and worker during import, solve and publish: nothing acknowledged is lost, nothing is half-done."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.e2e import small_centre
from tests.e2e.browserless import Person
from tests.support.centres import start_worker, until
from wfm.service import accounts, audit, importing, publishing, scheduling, work
from wfm.service.context import Actor, Service, command_line
from wfm.service.opening import open_service
from wfm.settings import Settings
from wfm.storage.tables import DraftRow, DraftShiftRow, HistoryRow, ImportRow, PublicationRow, PublishedShiftRow

KILLS = 20
LONG_S = 300
ROOT = Path(__file__).resolve().parents[2]
MONDAY = date(2026, 6, 1)


@dataclass
class Machine:
    """Web and worker of one installation, and what they acknowledged."""

    settings: Settings
    log: Path
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    jobs: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self) -> None:
        """Start what does not run."""
        if self.web is None:
            names = ("database_url", "folder", "port")
            environment = os.environ | {f"WFM_{name.upper()}": str(getattr(self.settings, name)) for name in names}
            with self.log.open("ab") as lines:
                command = [sys.executable, "-m", "wfm.cli", "serve"]
                self.web = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=lines, stderr=lines, start_new_session=True)
        if self.worker is None:
            self.worker = start_worker(self.settings, self.log)
        until(self._answers, LONG_S)

    def _answers(self) -> bool:
        try:
            return bool(Person(self.address).get("/ready"))
        except OSError:
            return False

    def kill(self, web: bool, worker: bool) -> None:
        """kill -9, the web's own processes included."""
        if web and self.web is not None:
            os.killpg(self.web.pid, signal.SIGKILL)
            self.web.wait()
            self.web = None
        if worker and self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            self.worker = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def service(tmp_path: Path) -> Service:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'wfm.db'}", folder=str(tmp_path), port=free_port(), workers=1)
    return open_service(settings)


@pytest.fixture
def machine(service: Service, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(service.settings, tmp_path / "log")
    yield made
    made.kill(web=True, worker=True)


def history(round_number: int) -> bytes:
    return small_centre.history_csv(MONDAY - timedelta(days=1), weeks=3, seed=round_number)


def upload(person: Person, machine: Machine, round_number: int) -> None:
    """Look at a file and store it; the job is acknowledged once the page of the work has come."""
    zone = small_centre.ZONE
    address, _ = person.post("/data/upload", {"zone": zone}, "/data", (f"{round_number}.csv", history(round_number)))
    preview = address.partition("?")[0]
    after, _ = person.post(preview, {"zone": zone, "gaps": "refuse", "repeated_hour": "refuse"}, preview)
    machine.jobs.append(int(re.search(r"work=(\d+)", after)[1]))  # type: ignore[index]


def build(person: Person, machine: Machine) -> None:
    """Want a draft."""
    address, _ = person.post("/schedule", {"first_day": MONDAY.isoformat(), "time_limit_s": "2"}, "/data")
    machine.jobs.append(int(re.search(r"work=(\d+)", address)[1]))  # type: ignore[index]


def publish(person: Person, machine: Machine, service: Service, actor: Actor) -> None:
    """Publish the newest draft that is not published; acknowledged once its page has come."""
    draft = scheduling.drafts(service, actor)[0]
    values = {"draft": str(draft.number), "row_version": str(draft.row_version), "reason": "a test"}
    address, _ = person.post("/publish", values, "/data")
    machine.versions.append(int(re.search(r"/publish/(\d+)", address)[1]))  # type: ignore[index]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_over_twenty_kills(machine: Machine, service: Service) -> None:
    users = small_centre.load(service)
    actor = replace(command_line(1), user_id=users["planner"])
    machine.start()
    person = Person(machine.address)
    token = accounts.make_one_time_sign_in(service, None, users["planner"])
    person.post(f"/once/{token}", {}, f"/once/{token}")
    first_plan(person, machine, service, actor)
    chance = random.Random(1)
    for round_number in range(1, KILLS + 1):
        act = threading.Thread(target=try_to, args=(round_number, person, machine, service, actor))
        act.start()
        time.sleep(chance.choice([0.02, 0.1, 0.3, 0.8]))  # some kills fall into the request itself, some into the work that it wanted
        both = chance.random()
        machine.kill(web=both < 0.7, worker=both > 0.3)
        act.join()
        machine.start()
        if round_number % 3 == 2 or any(job.attempts > 1 and not job.over for job in work.jobs(service, actor, limit=200)):
            until(lambda: all_over(service, actor), LONG_S)  # a job that is killed three times is given up
    until(lambda: all_over(service, actor), LONG_S)
    assert len(machine.versions) >= 2
    assert len(machine.jobs) >= 8
    assert_whole(machine, service, actor)


def all_over(service: Service, actor: Actor) -> bool:
    return all(job.over for job in work.jobs(service, actor, limit=200))


def try_to(round_number: int, person: Person, machine: Machine, service: Service, actor: Actor) -> None:
    """Import, build or publish; what the kill cuts off, or what is refused (a draft published before), is not acknowledged."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        if round_number % 3 == 0:
            upload(person, machine, round_number)
        elif round_number % 3 == 1:
            build(person, machine)
        else:
            publish(person, machine, service, actor)


def first_plan(person: Person, machine: Machine, service: Service, actor: Actor) -> None:
    """History, forecast, people needed and a draft to begin with."""
    upload(person, machine, 0)
    until(lambda: all_over(service, actor), LONG_S)
    for kind in ("forecast", "requirement"):
        payload = {"first_day": MONDAY.isoformat(), "days": 7} if kind == "forecast" else {}
        machine.jobs.append(work.enqueue(service, actor, kind, payload).id)
        until(lambda: all_over(service, actor), LONG_S)
    build(person, machine)
    until(lambda: all_over(service, actor), LONG_S)
    publish(person, machine, service, actor)


def assert_whole(machine: Machine, service: Service, actor: Actor) -> None:
    """Every acknowledged job is done, every version is intact, every import is complete, the chain of the audit holds."""
    for number in machine.jobs:
        job = work.job(service, actor, number)
        assert job.state == "done", (number, job.kind, job.error)
    for number in machine.versions:
        assert publishing.publication(service, actor, number).intact
    done = [job for job in work.jobs(service, actor, limit=200) if job.state == "done"]
    assert len(importing.imports(service, actor)) == len([job for job in done if job.kind == "import"])
    assert len(scheduling.drafts(service, actor)) == len([job for job in done if job.kind == "solve"])
    assert audit.verify(service, actor.organisation_id).ok
    with service.database.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        rows = session.scalar(select(func.count()).select_from(HistoryRow))
        assert rows == session.scalar(select(func.sum(ImportRow.rows_added)))
        for version in session.scalars(select(PublicationRow)):
            own = select(func.count()).select_from(PublishedShiftRow).where(PublishedShiftRow.publication_id == version.id)
            assert session.scalar(own) == version.shift_count > 0
        for draft in session.scalars(select(DraftRow)):
            own = select(func.count()).select_from(DraftShiftRow).where(DraftShiftRow.draft_id == draft.id)
            assert (session.scalar(own) or 0) > 0
