"""Runs the migrations on the connection that `wfm.storage.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeEngine

from wfm.storage.tables import Id, Instant, Table


def run() -> None:
    """Bring the connection to the wanted revision, inside the transaction of the caller."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Table.metadata,
        compare_type=same_type,
        render_item=plain_type,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def same_type(_context: Any, _inspected: Any, _wanted: Any, inspected_type: TypeEngine[Any], wanted_type: TypeEngine[Any]) -> bool | None:
    """False (no difference) where a type of ours is stored as the database says; None leaves it to Alembic."""
    if isinstance(wanted_type, Instant):
        return not isinstance(inspected_type, type(wanted_type.impl_instance))
    return None


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a migration writes a type of ours: by what is stored, so that later changes of the type leave it alone."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "type" and item is Id:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


if __name__ == "env_py":  # the name under which Alembic loads this file; anybody else only reads it
    run()
