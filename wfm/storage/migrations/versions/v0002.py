"""What planners add to forecasts: edits, special days, drivers, forecasts from outside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what is stored already is a forecast of our own, and people needed without edits."""
    op.add_column("forecast", sa.Column("source", sa.String(200), nullable=False, server_default=""))
    op.add_column("requirement", sa.Column("edit_revision", sa.Integer(), nullable=False, server_default="0"))
    _forecast_edit()
    _special_day()
    _driver()


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _owned(*, queue_needed: bool) -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("id", _id(), primary_key=True),
        sa.Column("organisation_id", _id(), sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("queue_id", _id(), sa.ForeignKey("queue.id"), nullable=not queue_needed, index=True),
    )


def _forecast_edit() -> None:
    op.create_table(
        "forecast_edit",
        *_owned(queue_needed=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("begin_s", sa.BigInteger(), nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("reverted_at", sa.BigInteger(), nullable=True),
        sa.Column("reverted_by", sa.String(200), nullable=True),
        sa.UniqueConstraint("organisation_id", "number"),
    )


def _special_day() -> None:
    op.create_table(
        "special_day",
        *_owned(queue_needed=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(200), nullable=True),
    )


def _driver() -> None:
    op.create_table(
        "driver",
        *_owned(queue_needed=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(200), nullable=True),
    )
