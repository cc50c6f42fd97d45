"""An installation opens: tables, folder, key."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from tests.support.service import Client
from wfm.errors import InvalidInput, Unavailable
from wfm.service import audit
from wfm.service.context import Service
from wfm.service.opening import open_service
from wfm.settings import Settings
from wfm.storage import migrate
from wfm.storage.database import Database
from wfm.storage.migrations.env import same_type
from wfm.storage.tables import Table


@pytest.fixture
def settings(empty_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=empty_url, folder=str(tmp_path / "var"))


def test_the_migrated_tables_are_those_of_the_metadata(empty_url: str) -> None:
    database = Database(empty_url)
    migrate.upgrade(database)
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": same_type, "target_metadata": Table.metadata})
        assert compare_metadata(context, Table.metadata) == []
    database.close()


def test_a_missing_column_would_be_found(empty_url: str) -> None:
    database = Database(empty_url)
    migrate.upgrade(database)
    with database.transaction() as session:
        session.execute(text("ALTER TABLE finding DROP COLUMN weight"))
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": same_type, "target_metadata": Table.metadata})
        assert [change[0] for change in compare_metadata(context, Table.metadata)] == ["add_column"]
    database.close()


def test_names_of_constraints_are_those_of_the_metadata(empty_url: str, tmp_path: Path) -> None:
    migrated, made = Database(empty_url), Database(f"sqlite:///{tmp_path}/made.db")
    migrate.upgrade(migrated)
    Table.metadata.create_all(made.engine)
    assert _names(migrated) == _names(made)
    migrated.close()
    made.close()


def _names(database: Database) -> dict[str, list[str | None]]:
    seen = inspect(database.engine)
    found = {}
    for table in sorted(Table.metadata.tables):
        parts = [*seen.get_unique_constraints(table), *seen.get_foreign_keys(table)]
        # PostgreSQL counts the index of a unique constraint as an index of its own.
        indexes = [index for index in seen.get_indexes(table) if not index.get("duplicates_constraint")]
        names = sorted(str(part["name"]) for part in [*parts, *indexes])
        found[table] = [seen.get_pk_constraint(table)["name"], *names]
    return found


def test_head_is_the_last_migration() -> None:
    assert ScriptDirectory(str(migrate.FOLDER)).get_heads() == [migrate.HEAD]


def test_an_empty_database_gets_its_tables_and_the_service_answers(settings: Settings) -> None:
    service = open_service(settings)
    service.database.ping()
    assert migrate.revision_of(service.database) == migrate.HEAD
    assert not migrate.upgrade(service.database)
    service.database.close()


def test_eight_that_start_together_make_the_tables_once(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened: list[Service] = list(pool.map(lambda _: open_service(settings), range(8)))
    assert len({service.settings.secret_key for service in opened}) == 1
    assert {migrate.revision_of(service.database) for service in opened} == {migrate.HEAD}
    for service in opened:
        service.database.close()


def test_without_migrating_an_empty_database_is_refused(settings: Settings) -> None:
    with pytest.raises(Unavailable, match="wfm migrate"):
        open_service(settings, migrate=False)


def test_a_database_of_a_later_version_is_refused(settings: Settings) -> None:
    service = open_service(settings)
    with service.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="later version"):
        open_service(settings)
    service.database.close()


def test_a_migration_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
    database = Database(empty_url)
    with pytest.raises(RuntimeError, match="killed"):
        migrate.upgrade(database)
    assert inspect(database.engine).get_table_names() == []
    database.close()


def test_the_key_is_made_once_and_only_its_owner_reads_it(settings: Settings) -> None:
    first, second = open_service(settings), open_service(settings)
    path = Path(settings.folder) / "secret_key"
    assert first.settings.secret_key == second.settings.secret_key == path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["secret_key"]
    first.database.close()
    second.database.close()


def test_a_key_of_ones_own_is_kept_unless_it_is_short(settings: Settings) -> None:
    service = open_service(replace(settings, secret_key="x" * 32))
    assert service.settings.secret_key == "x" * 32
    service.database.close()
    with pytest.raises(InvalidInput, match="at least 32"):
        open_service(replace(settings, secret_key="x" * 31))


def test_a_folder_that_cannot_be_made_is_said(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        open_service(replace(settings, folder=str(tmp_path / "file" / "var")))


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        open_service(Settings(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", folder=str(tmp_path)))


@pytest.mark.parametrize("command", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_audit_trail(service: Service, clinic: Client, command: str) -> None:
    before = audit.verify(service, clinic.id)
    with pytest.raises(DBAPIError, match="never changed"), service.database.transaction() as session:
        session.execute(text(command))
    assert audit.verify(service, clinic.id) == before
    assert before.ok
    assert before.rows > 5


def test_a_developer_gets_a_migration_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    for step in (folder / "versions").glob("v0*.py"):
        step.unlink()
    monkeypatch.setattr(migrate, "FOLDER", folder)
    database = Database(f"sqlite:///{tmp_path}/wfm.db")
    written = migrate.propose(database, "A new beginning", "0007").read_text()
    compile(written, "v0007.py", "exec")
    assert 'revision = "0007"' in written.replace("'", '"')
    assert written.count("op.create_table(") == len(Table.metadata.tables)
    assert "sa.BigInteger().with_variant(sa.Integer(), \"sqlite\")" in written
    database.close()
