"""Published shifts carry their activities; work rules as data, and views that people keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the activities of a published shift, and the tables of rules and of saved views."""
    op.add_column("published_shift", sa.Column("activities", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "work_rule",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("organisation_id", _id(), sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(200), nullable=True),
        sa.UniqueConstraint("organisation_id", "number"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("organisation_id", _id(), sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("user_id", _id(), sa.ForeignKey("user_account.id"), nullable=False, index=True),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("user_id", "page", "name"),
    )


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
