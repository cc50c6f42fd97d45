"""Every integration test runs on SQLite and on PostgreSQL, each time on a fresh database with the migrated tables."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests import machine
from tests.support.service import Client, Clock, client, existing, made
from wfm.service.context import Service
from wfm.settings import Settings
from wfm.storage import migrate
from wfm.storage.database import Database

NAMES = ("Clinic", "Rival")
SPEED = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=2GB")


class Postgres:
    """A running server that makes and drops databases."""

    def __init__(self, server: machine.PostgresServer) -> None:
        self._server, self._numbers = server, count(1)

    def create(self, template: str = "template1") -> str:
        """Name of a new database, a copy of another one."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Delete a database, whoever is still connected."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Address of a database."""
        return self._server.url(name)

    def _execute(self, command: LiteralString) -> None:
        with psycopg.connect(host=str(self._server.folder), user="wfm", dbname="postgres", autocommit=True) as connection:
            connection.execute(command)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL; without one its tests fail and say what to install."""
    with machine.running_postgres(*SPEED) as server:
        yield Postgres(server)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """Name of a database with the tables and organisations."""
    name = postgres.create()
    _seeded(postgres.url(name))
    return name


@pytest.fixture
def fast_folder() -> Iterator[Path]:
    """A folder in memory where the machine has one: what is synchronised there costs nothing."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="wfm-test-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the migrated tables."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _seeded(f"sqlite:///{path}")
    return path


def _seeded(url: str) -> None:
    """The tables, and two organisations that every test finds in them."""
    database = Database(url)
    migrate.upgrade(database)
    service = made(database, Settings(), Clock())
    for name in NAMES:
        client(service, name)
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, fast_folder: Path) -> Iterator[str]:
    """URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{fast_folder}/wfm.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, fast_folder: Path) -> Iterator[str]:
    """URL of a database with the tables and organisations of `NAMES`."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), fast_folder / "wfm.db")
        yield f"sqlite:///{fast_folder}/wfm.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def clock() -> Clock:
    """The clock of `service`."""
    return Clock()


@pytest.fixture
def service(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Service]:
    """A service over an installation with two organisations."""
    database = Database(database_url)
    yield made(database, Settings(database_url=database_url, folder=str(tmp_path / "var"), secret_key="k" * 40), clock)
    database.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An organisation for all tests of a module that are refused and store nothing."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("standing") / "wfm.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.create(request.getfixturevalue("postgres_template")))
    database = Database(url)
    yield existing(made(database, Settings(), Clock()), NAMES[0])
    database.close()


@pytest.fixture(scope="module")
def sqlite_service(sqlite_template: Path) -> Iterator[Service]:
    """A service for tests that are refused before they reach the database."""
    database = Database(f"sqlite:///{sqlite_template}")
    yield made(database, Settings(), Clock())
    database.close()


@pytest.fixture
def clinic(service: Service) -> Client:
    """The organisation that most tests act in."""
    return existing(service, NAMES[0])


@pytest.fixture
def rival(service: Service) -> Client:
    """Another organisation of the same installation."""
    return existing(service, NAMES[1])
