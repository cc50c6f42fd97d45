"""Kill a writer again and again, outright, and count what was acknowledged and is gone.

A writer changes settings, imports history and publishes schedules, and says so only after each commit. It is killed (SIGKILL) at a random
moment. Then every acknowledged operation must be there, every version and every import whole, and the audit trail unbroken.

Run it as `python -m bench.crash --kills 100` (SQLite) or with `--postgres`, where the server's processes are killed instead of the writer.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests import machine
from tests.support.drafts import draft, week
from tests.support.service import Client, client, existing, made
from wfm.errors import Unavailable
from wfm.service import accounts, audit, importing, publishing
from wfm.service.context import Service, utc_now
from wfm.settings import Settings
from wfm.storage import migrate
from wfm.storage.database import Database

ROOT = Path(__file__).resolve().parents[1]
LONGEST_LIFE_S = 1.5


def main() -> int:
    """Print the count of kills, acknowledged operations and losses; 1 where anything was lost or torn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--write", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.write:
        return _write(wanted.write)
    if wanted.postgres:
        with machine.running_postgres() as server:
            return _report(_Trial(server.url(), server), wanted.kills)
    with tempfile.TemporaryDirectory() as folder:
        return _report(_Trial(f"sqlite:///{folder}/wfm.db", None), wanted.kills)


def _service(url: str) -> Service:
    return made(Database(url), Settings(), utc_now)  # type: ignore[arg-type]


def _write(url: str) -> int:
    """Work until killed; one line on stdout for each operation that is committed."""
    service = _service(url)
    planner = existing(service, "Clinic").planner
    step = len(publishing.publications(service, planner, 100_000))
    print("ready", flush=True)
    while True:
        try:
            accounts.set_preferences(service, planner, theme="dark" if step % 2 else "light")
            print("audit", audit.entries(service, existing(service, "Clinic").administrator).rows, flush=True)
            print("import", importing.commit(service, planner, _file(step), f"{step}.csv", "UTC").number, flush=True)
            monday = date(2026, 6, 15) + timedelta(weeks=step % 50)
            number = draft(service, planner, week("a1", "a2", "a3", start=6 + step % 11, first_day=monday), monday)
            print("publish", publishing.publish(service, planner, number, "crash test").number, flush=True)
            step += 1
        except Unavailable:
            return 0


def _file(step: int) -> bytes:
    begin = datetime(2020, 1, 1) + timedelta(days=step)  # noqa: DTZ001  # wall clock of the file
    rows = [f"{begin + timedelta(minutes=30 * n):%Y-%m-%d %H:%M},visits,{step % 50 + n}" for n in range(48)]
    return "\n".join(["timestamp,queue,volume", *rows, ""]).encode()


class _Trial:
    """One database through many crashes."""

    def __init__(self, url: str, server: machine.PostgresServer | None) -> None:
        self.url, self.server = url, server
        self.acknowledged = {"audit": 0, "import": 0, "publish": 0}
        self.operations = 0
        self.lost: list[str] = []
        self.restart_s: list[float] = []
        service = _service(url)
        migrate.upgrade(service.database)
        client(service)
        service.database.close()

    def crash(self) -> None:
        """One life of a writer, and its sudden end."""
        command = [sys.executable, "-m", "bench.crash", "--write", self.url]
        writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        writer.stdout.readline()
        timer = threading.Timer(random.uniform(0.02, LONGEST_LIFE_S), self.server.kill if self.server else writer.kill)
        timer.start()
        for line in writer.stdout:
            kind, _, number = line.rstrip("\n").partition(" ")
            if line.endswith("\n") and number.isdigit():
                self.acknowledged[kind] = max(self.acknowledged[kind], int(number))
                self.operations += 1
        timer.join()
        writer.wait()
        self._look()

    def _look(self) -> None:
        began = time.monotonic()
        if self.server:
            self.server.start()
        service = _service(self.url)
        self._check(service, existing(service, "Clinic"))
        self.restart_s.append(time.monotonic() - began)
        service.database.close()

    def _check(self, service: Service, clinic: Client) -> None:
        verdict = audit.verify(service, clinic.id)
        found = {
            "audit": verdict.rows,
            "import": len(importing.imports(service, clinic.planner)),
            "publish": len(publishing.publications(service, clinic.planner, 100_000)),
        }
        self.lost += [f"{kind} {found[kind]} < {number}" for kind, number in self.acknowledged.items() if found[kind] < number]
        self.lost += [] if verdict.ok else [verdict.reason]
        newest = publishing.publications(service, clinic.planner, 3)
        torn = [view.number for view in newest if not publishing.publication(service, clinic.planner, view.number).intact]
        self.lost += [f"version {number} is torn" for number in torn]
        with service.database.reading() as session:
            whole = "SELECT count(*) FROM (SELECT import_id FROM history GROUP BY import_id HAVING count(*) <> 48) AS torn"
            half = session.execute(text(whole)).scalar_one()
            sound = "ok" if self.server else session.execute(text("PRAGMA integrity_check")).scalar_one()
        self.lost += [f"{half} imports are torn"] if half else []
        self.lost += [] if sound == "ok" else [sound]


def _report(trial: _Trial, kills: int) -> int:
    for _ in range(kills):
        trial.crash()
    restart = sorted(trial.restart_s)[len(trial.restart_s) // 2]
    what = "server" if trial.server else "writer"
    print(f"{kills} kills of the {what}, {trial.operations} acknowledged operations, {len(trial.lost)} lost or torn")
    print(f"imports {trial.acknowledged['import']}, versions {trial.acknowledged['publish']}, back and checked in {restart:.2f} s (median)")
    for line in trial.lost[:20]:
        print(line)
    return 1 if trial.lost else 0


if __name__ == "__main__":
    sys.exit(main())
