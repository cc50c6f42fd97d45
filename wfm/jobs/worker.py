"""The worker: claims jobs, runs each in a child process, keeps their leases, and leaves no orphan."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from wfm import logs
from wfm.errors import Unavailable
from wfm.jobs import nightly
from wfm.service import work
from wfm.service.context import Service
from wfm.service.work import Beat, Fence, Kind


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the worker does what, all in seconds.

    Parameters
    ----------
    lease_s, beat_s
        How long a claim holds without a beat, and how often it is extended.
    poll_s
        How often the worker looks for work and for children that ended.
    grace_s
        How long a job may take to stop after it was asked to.
    limit_s
        How long a job may take at all: longer means that it hangs.
    night_s
        How often the worker looks for nights that are due.
    """

    lease_s: float = work.LEASE_S
    beat_s: float = 5.0
    poll_s: float = 0.3
    grace_s: float = 60.0
    limit_s: float = 7_200.0
    night_s: float = nightly.LOOK_S


@dataclass(slots=True)
class _Child:
    fence: Fence
    process: subprocess.Popen[str]
    started_at: float
    beaten_at: float
    asked_at: float | None = None


class Worker:
    """Does the jobs of every organisation, `settings.workers` at a time.

    Parameters
    ----------
    preload
        Modules that each child imports before it starts; for tests that replace a use case.
    """

    def __init__(self, service: Service, rhythm: Rhythm | None = None, preload: Sequence[str] = ()) -> None:
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._service, self._rhythm, self._preload = service, rhythm or Rhythm(), list(preload)
        self._children: list[_Child] = []
        self._log = logs.get("wfm.jobs")

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then end the children and give their jobs back."""
        self._log.info("worker started", worker=self.name)
        with nightly.clock(self._service, self._rhythm.night_s):
            try:
                while not stop.wait(self._rhythm.poll_s):
                    self._try(self._turn)
            finally:
                for child in list(self._children):
                    self._try(self._give_back, child)
        self._log.info("worker stopped", worker=self.name)

    def _try(self, action: Any, *given: Any) -> None:
        try:
            action(*given)
        except Unavailable as error:
            self._log.warning("database does not answer", reason=str(error))

    def _turn(self) -> None:
        for child in list(self._children):
            self._look_after(child)
        while len(self._children) < self._service.settings.workers:
            claim = work.claim(self._service, self.name, tuple(Kind), self._rhythm.lease_s)
            if claim is None:
                return
            self._children.append(self._start(claim.fence))

    def _start(self, fence: Fence) -> _Child:
        order = {
            "parent": os.getpid(),
            "settings": asdict(self._service.settings),
            "fence": asdict(fence),
            "lease_s": self._rhythm.lease_s,
            "preload": self._preload,
        }
        command = [sys.executable, "-m", "wfm.jobs.child"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603
        assert process.stdin is not None
        process.stdin.write(json.dumps(order))
        process.stdin.close()
        return _Child(fence, process, time.monotonic(), time.monotonic())

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process.poll() is not None:
            self._children.remove(child)
            self._bury(child)
        elif now - child.started_at > self._rhythm.limit_s:
            self._end(child)
            work.fail(self._service, child.fence, f"It took longer than {self._rhythm.limit_s:.0f} s and was stopped; nothing was changed.")
        elif child.asked_at is not None and now - child.asked_at > self._rhythm.grace_s:
            self._end(child)
            work.stopped(self._service, child.fence)
        elif now - child.beaten_at >= self._rhythm.beat_s:
            self._beat(child, now)

    def _beat(self, child: _Child, now: float) -> None:
        child.beaten_at = now
        answer = work.beat(self._service, child.fence, self._rhythm.lease_s)
        if answer is Beat.LOST and child.process.poll() is None:
            # Either the child has just finished, and ends by itself, or another worker has the job.
            self._end(child)
        if answer is Beat.STOP and child.asked_at is None:
            child.asked_at = now

    def _bury(self, child: _Child) -> None:
        # A child that crashed left its job open: free it at once, for another attempt.
        if work.release(self._service, child.fence):
            self._log.warning("job process died", job_id=child.fence.job_id, code=child.process.returncode)

    def _give_back(self, child: _Child) -> None:
        self._end(child)
        work.give_back(self._service, child.fence)

    def _end(self, child: _Child) -> None:
        self._children.remove(child)
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def main(service: Service, rhythm: Rhythm | None = None, preload: Sequence[str] = ()) -> None:
    """Run a worker in this process until it is told to stop (SIGTERM, SIGINT)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Worker(service, rhythm, preload).run(stop)
