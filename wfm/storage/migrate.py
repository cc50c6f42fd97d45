"""Bring a database to the tables of this version: from code, without a configuration file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from wfm.errors import Unavailable
from wfm.storage.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
HEAD = "0007"


def revision_of(database: Database) -> str | None:
    """The revision that the database stands at; None for an empty one."""
    with database.reading() as session:
        return _revision(session.connection())


def is_current(database: Database) -> bool:
    """True where the database stands at `HEAD`.

    Raises
    ------
    Unavailable
        When the database does not answer, or was made by a later version of wfm.
    """
    return _known(revision_of(database)) == HEAD


def upgrade(database: Database) -> bool:
    """Bring the database to `HEAD`; True where something had to be done.

    Processes that start together take turns, and all steps are one transaction: a process that is killed leaves nothing half-made.

    Raises
    ------
    Unavailable
        When the database does not answer, or was made by a later version of wfm.
    """
    if is_current(database):
        return False
    from alembic import command

    with database.transaction() as session:
        database.lock(session, "migrate")
        connection = session.connection()
        if _known(_revision(connection)) == HEAD:
            return False
        command.upgrade(_configuration(connection), "head")
        return True


def propose(database: Database, message: str, revision: str) -> Path:
    """Write a new migration from the difference between the database and `tables`; for developers, to be read and corrected by hand."""
    from alembic import command

    with database.reading() as session:
        command.revision(_configuration(session.connection()), message, autogenerate=True, rev_id=revision)
    return FOLDER / "versions" / f"v{revision}.py"


def _configuration(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "v%%(rev)s")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _known(revision: str | None) -> str | None:
    if revision is not None and not (FOLDER / "versions" / f"v{revision}.py").exists():
        raise Unavailable(f"the database was made by a later version of wfm (it stands at {revision}, not {HEAD}); upgrade wfm")
    return revision
