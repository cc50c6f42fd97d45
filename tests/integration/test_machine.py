"""The PostgreSQL that tests get really runs, and really dies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import machine

pytestmark = pytest.mark.postgres


def _connect(server: machine.PostgresServer) -> psycopg.Connection[Any]:
    return psycopg.connect(host=str(server.folder), user="wfm", dbname="postgres", autocommit=True)


@pytest.fixture
def own_server() -> Iterator[machine.PostgresServer]:
    """A server for the test alone, so that its death disturbs nobody."""
    if machine.find_postgres() is None:
        pytest.skip("no PostgreSQL here; python3 run.py setup brings one")
    with machine.running_postgres() as server:
        yield server


def test_every_test_gets_an_empty_database(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")).scalar()
    engine.dispose()
    assert count == 0


def test_a_killed_server_comes_back_with_what_it_had_acknowledged(own_server: machine.PostgresServer) -> None:
    connection = _connect(own_server)
    connection.execute("CREATE TABLE kept (n int)")
    connection.execute("INSERT INTO kept VALUES (7)")
    own_server.kill()
    assert not own_server.is_running()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
    own_server.start()
    with _connect(own_server) as again:
        assert again.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_nothing_is_left_behind() -> None:
    if machine.find_postgres() is None:
        pytest.skip("no PostgreSQL here; python3 run.py setup brings one")
    with machine.running_postgres("fsync=off") as server:
        folder = server.folder
        assert server.is_running()
    assert not folder.exists()
