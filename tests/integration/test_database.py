"""The database itself: transactions, locks, and what happens when it goes away."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import machine
from tests.support.service import Client, Clock, client, made
from wfm.errors import Conflict, InvalidInput, Unavailable
from wfm.service import accounts, audit, sessions
from wfm.service.context import Service
from wfm.settings import Settings
from wfm.storage import database as databases
from wfm.storage import migrate
from wfm.storage.database import Database


def test_only_two_kinds_of_database_are_known() -> None:
    with pytest.raises(InvalidInput, match="sqlite:///"):
        Database("mysql://secret@host/name")


def test_without_its_driver_postgres_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object, **_named: object) -> None:
        raise ModuleNotFoundError("psycopg")

    monkeypatch.setattr(databases, "create_engine", missing)
    with pytest.raises(Unavailable, match="pip install"):
        Database("postgresql+psycopg://nobody@nowhere/none")


def test_the_same_twice_is_a_conflict_and_leaves_nothing(service: Service, clinic: Client) -> None:
    command = text("INSERT INTO site (organisation_id, name, zone) VALUES (:org, :name, 'UTC')")
    with pytest.raises(Conflict), service.database.transaction() as session:
        session.execute(command, [{"org": clinic.id, "name": name} for name in ("West", "North")])
    with service.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM site WHERE name = 'West'")).scalar() == 0


def test_a_row_of_nobody_is_refused_by_the_database(service: Service) -> None:
    with pytest.raises(IntegrityError), service.database.transaction() as session:
        session.execute(text("INSERT INTO site (organisation_id, name, zone) VALUES (99, 'x', 'UTC')"))


def test_reading_changes_nothing(service: Service, clinic: Client) -> None:
    with service.database.reading() as session:
        if service.database.is_sqlite:
            session.execute(text("UPDATE site SET zone = 'UTC'"))
        else:
            with pytest.raises(Exception, match="read-only"):
                session.execute(text("UPDATE site SET zone = 'UTC'"))
    with service.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM site WHERE zone = 'UTC'")).scalar() == 0


def test_a_reader_sees_one_state_while_others_write(service: Service, clinic: Client) -> None:
    with service.database.reading() as session:
        before = session.execute(text("SELECT audit_count FROM organisation WHERE id = :id"), {"id": clinic.id}).scalar()
        accounts.set_preferences(service, clinic.planner, locale="es")
        assert session.execute(text("SELECT audit_count FROM organisation WHERE id = :id"), {"id": clinic.id}).scalar() == before


def test_a_lock_lets_one_at_a_time_pass(service: Service) -> None:
    inside: list[int] = []

    def work(number: int) -> int:
        with service.database.transaction() as session:
            service.database.lock(session, "place", 7)
            inside.append(number)
            alone = len(inside)
            time.sleep(0.02)
            inside.remove(number)
            return alone

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(work, range(5))) == {1}


def test_a_sqlite_file_that_somebody_holds_for_too_long_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_S", 0)
    database = Database(f"sqlite:///{tmp_path}/wfm.db")
    migrate.upgrade(database)
    holder = sqlite3.connect(tmp_path / "wfm.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable), database.transaction():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    database.ping()
    database.close()


def test_more_at_once_than_there_are_connections_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "POOL", {"pool_size": 1, "max_overflow": 1, "pool_timeout": 0})
    database = Database(f"sqlite:///{tmp_path}/wfm.db")
    with database.reading() as one, database.reading() as two:
        assert one is not two
        with pytest.raises(Unavailable):
            database.ping()
    database.ping()
    database.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "wfm.db").write_bytes(b"this is no database at all" * 100)
    database = Database(f"sqlite:///{tmp_path}/wfm.db")
    with pytest.raises(Unavailable, match="cannot be used"):
        database.ping()
    database.close()


@pytest.mark.postgres
def test_a_postgres_that_was_killed_comes_back_with_all_that_was_acknowledged() -> None:
    with machine.running_postgres() as server:
        database = Database(server.url())
        migrate.upgrade(database)
        service = made(database, Settings(), Clock())
        clinic = client(service)
        token = sessions.bind(service, None, clinic.planner)
        before = audit.verify(service, clinic.id)
        server.kill()
        for use in (lambda: sessions.load(service, token), lambda: sessions.start(service), service.database.ping):
            with pytest.raises(Unavailable):
                use()
        server.start()
        assert sessions.load(service, token) is not None
        assert audit.verify(service, clinic.id) == before
        database.close()
