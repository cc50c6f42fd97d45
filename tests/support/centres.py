"""Services with one small organisation, and workers in processes of their own, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from wfm.service.context import Actor, Role, Service
from wfm.service.opening import open_service
from wfm.settings import Settings
from wfm.storage.tables import OrganisationRow, UserRow

HERE = Path(__file__).resolve()
WORKER = """
import json, sys
from wfm import logs
from wfm.jobs.worker import Rhythm, main
from wfm.service.opening import open_service
from wfm.settings import Settings
order = json.loads(sys.argv[1])
settings = Settings(**order["settings"])
logs.configure(settings, "worker")
main(open_service(settings, migrate=False), Rhythm(**order["rhythm"]), order["preload"])
"""
QUICK = {"lease_s": 2.0, "beat_s": 0.4, "poll_s": 0.05, "grace_s": 20.0, "night_s": 0.3}


def make_service(settings: Settings, zone: str = "America/Chicago", created_at: datetime | None = None) -> tuple[Service, Actor]:
    """A new service with one organisation and its planner."""
    service = open_service(settings)
    at = created_at or service.now()
    with service.database.transaction() as session:
        organisation = OrganisationRow(name="Bayview Health", zone=zone, country="US", subdivision="CA", created_at=at)
        session.add(organisation)
        session.flush()
        user = UserRow(
            organisation_id=organisation.id, email="pat@example.org", name="Pat Planner", role=Role.PLANNER, zone=zone, created_at=at
        )
        session.add(user)
        session.flush()
        return service, Actor(user.id, organisation.id, Role.PLANNER, user.name, zone=zone)


def at(service: Service, now: datetime) -> Service:
    """The same service at another time."""
    return replace(service, now=lambda: now.astimezone(UTC))


def start_worker(settings: Settings, log: Path, preload: tuple[str, ...] = (), **rhythm: float) -> subprocess.Popen[bytes]:
    """A worker in a process of its own; its log lines go to `log`."""
    order = {"settings": asdict(settings), "rhythm": QUICK | rhythm, "preload": list(preload)}
    environment = os.environ | {"PYTHONPATH": str(HERE.parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("ab") as lines:
        return subprocess.Popen([sys.executable, "-c", WORKER, json.dumps(order)], env=environment, stderr=lines)


def children_of(process_id: int) -> list[int]:
    """The processes that a process has started and that still run."""
    return [int(child) for child in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]


def until(condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Wait until `condition` holds; fail when it does not in time, which is long: a busy machine is slow, not wrong."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"waited {timeout_s} s in vain"
        time.sleep(0.05)
