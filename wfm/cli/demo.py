"""`wfm demo`: build the demo centre where it is not built yet, then serve pages and worker until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

from wfm.cli.shared import Told
from wfm.errors import InvalidInput, Unavailable
from wfm.settings import Settings

READY_S = 60.0
STOP_S = 20.0


def run(settings: Settings, *, fresh: bool, serve: bool, port: int | None) -> None:
    """Build, then serve."""
    chosen = of_demo(settings if port is None else replace(settings, port=port))
    if fresh:
        throw_away(chosen)
    build(chosen)
    if serve:
        show(chosen)


def of_demo(settings: Settings) -> Settings:
    """The demo lives in a folder of its own, unless another database is named."""
    if settings.database_url != Settings().database_url:
        return settings
    folder = Path(settings.folder) / "demo"
    return replace(settings, folder=str(folder), database_url=f"sqlite:///{folder / 'wfm.db'}")


def throw_away(settings: Settings) -> None:
    """Delete the demo's own folder.

    Raises
    ------
    InvalidInput
        When the database is not the demo's own file.
    """
    folder = Path(settings.folder)
    if settings.database_url != f"sqlite:///{folder / 'wfm.db'}" or folder.name != "demo":
        raise InvalidInput("--fresh throws away the demo's own file only; WFM_DATABASE_URL names another database: empty that one yourself")
    shutil.rmtree(folder, ignore_errors=True)


def build(settings: Settings) -> None:
    """Do every step, with its seconds; at once where all were done before."""
    from wfm.service import demo
    from wfm.service.opening import open_service

    begun = time.monotonic()
    running = open_service(settings)
    if demo.is_built(running):
        print(f"The demo centre is there already ({settings.folder}); --fresh starts again.")
        return
    steps = demo.steps(running)
    for number, step in enumerate(steps, start=1):
        told = Told(pause_s=1e9)
        print(f"{number}/{len(steps)} {step.text} ...", flush=True)
        result = step.run(told)
        told.end()
        print(f"    {result} ({told.seconds:.1f} s)", flush=True)
    print(f"The demo centre is ready after {time.monotonic() - begun:.0f} s.", flush=True)


def show(settings: Settings) -> None:
    """Serve pages and worker as children until a signal comes or one of them ends."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    children = [_child(settings, name) for name in ("serve", "worker")]
    try:
        _wait_until_ready(settings, children, stop)
        if not stop.is_set():
            _tell(settings)
        while not stop.wait(0.3) and all(child.poll() is None for child in children):
            pass
    finally:
        failed = [child for child in children if child.poll() is not None]
        _end(children)
    if failed and not stop.is_set():
        raise Unavailable("a part of the demo ended; its lines above say why")
    print("Stopped; start again with the same command, nothing is lost.")


def _child(settings: Settings, name: str) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process only, which then ends the children in order.
    command = [sys.executable, "-m", "wfm.cli", name, "--parent", str(os.getpid())]
    return subprocess.Popen(command, env={**os.environ, **environment(settings)}, start_new_session=True)  # noqa: S603


def environment(settings: Settings) -> Mapping[str, str]:
    """The settings as `Settings.read` reads them."""
    return {f"WFM_{field.name.upper()}": _written(getattr(settings, field.name)) for field in fields(settings)}


def _written(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _wait_until_ready(settings: Settings, children: Sequence[subprocess.Popen[bytes]], stop: threading.Event) -> None:
    address = f"http://{settings.host}:{settings.port}/ready"
    end = time.monotonic() + READY_S
    while time.monotonic() < end and not stop.is_set() and all(child.poll() is None for child in children):
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            stop.wait(0.2)


def _tell(settings: Settings) -> None:
    from wfm.service import demo
    from wfm.service.opening import open_service

    running = open_service(settings, migrate=False)
    print(f"\nOpen http://{settings.host}:{settings.port} and sign in by one of these; each works once, within a day:\n")
    for one in demo.sign_ins(running):
        print(f"  {one.role:<14} {one.name:<24} {one.address}")
    print("\nCtrl-C stops it.", flush=True)
    running.database.close()


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + STOP_S
    for child in children:
        try:
            child.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
