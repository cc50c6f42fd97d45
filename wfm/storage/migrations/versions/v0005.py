"""Cleaned history, queues without a history, totals typed for a group, and how much of a miss is let pass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; edits that are there were made one by one, and every organisation has the usual limits."""
    op.add_column("forecast_edit", sa.Column("batch", sa.Integer(), nullable=True))
    op.add_column("organisation", sa.Column("accuracy_limits", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "cleaning",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begin_s", sa.BigInteger(), nullable=False),
        sa.Column("end_s", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("volume", sa.Double(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *_made_and("undone"),
        sa.UniqueConstraint("organisation_id", "number"),
    )
    op.create_table(
        "cold_start",
        *_owned(),
        sa.Column("similar_id", _id(), sa.ForeignKey("queue.id"), nullable=False),
        sa.Column("weekly_total", sa.Double(), nullable=False),
        sa.Column("total_cv", sa.Double(), nullable=False),
        *_made_and("removed"),
    )


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _owned() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("id", _id(), primary_key=True),
        sa.Column("organisation_id", _id(), sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("queue_id", _id(), sa.ForeignKey("queue.id"), nullable=False, index=True),
    )


def _made_and(ended: str) -> tuple[sa.Column[int] | sa.Column[str], ...]:
    return (
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column(f"{ended}_at", sa.BigInteger(), nullable=True),
        sa.Column(f"{ended}_by", sa.String(200), nullable=True),
    )
