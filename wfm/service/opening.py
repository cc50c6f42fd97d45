"""Open an installation: its folder, its database and its secret key."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from wfm.errors import InvalidInput, Unavailable
from wfm.service.context import Service
from wfm.settings import Settings
from wfm.storage import migrate as migrations
from wfm.storage.database import Database

SHORTEST_KEY = 32


def open_service(settings: Settings, migrate: bool = True) -> Service:
    """The service that these settings describe, ready for use.

    Makes the folder, brings the database to this version's tables (several processes may do so at once) and makes the secret key
    where there is none; the settings of the result hold the key.

    Parameters
    ----------
    migrate
        False leaves the tables alone.

    Raises
    ------
    Unavailable
        When the folder or the database cannot be used, or the tables are not this version's and `migrate` is False.
    InvalidInput
        When the secret key is too short or the database URL is of an unknown kind.
    """
    try:
        Path(settings.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        key = settings.secret_key or _stored_key(Path(settings.folder) / "secret_key")
        database = Database(settings.database_url)
    except OSError as error:
        raise Unavailable(f"the folder {settings.folder!r} cannot be used: {error.strerror}") from error
    if len(key) < SHORTEST_KEY:
        raise InvalidInput(f"secret_key must have at least {SHORTEST_KEY} characters, got {len(key)}")
    try:
        _prepare(database, migrate)
    except BaseException:
        database.close()
        raise
    return Service(replace(settings, secret_key=key), database)


def _prepare(database: Database, migrate: bool) -> None:
    try:
        if migrate:
            migrations.upgrade(database)
        current = migrations.is_current(database)
    except Unavailable as error:
        raise Unavailable(f"{error}{_cause(error)}") from error
    if not current:
        raise Unavailable("the tables are not those of this version; run: wfm migrate")


def _cause(error: Unavailable) -> str:
    """What the database's driver said, in one line, for whoever sets the installation up."""
    said = str(getattr(error.__cause__, "orig", "")).strip().splitlines()
    return f" ({said[0]})" if said else ""


def _stored_key(path: Path) -> str:
    """The key in the file; made first where there is none. Whoever comes first decides, everybody reads the same whole key."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
