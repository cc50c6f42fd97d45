"""Drafts that people edit: pinned shifts, and every edit with what it was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark of a pinned shift and the table of edits."""
    op.add_column("draft_shift", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "draft_edit",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("organisation_id", _id(), sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("draft_id", _id(), sa.ForeignKey("draft.id"), nullable=False, index=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("other_problem", sa.LargeBinary(), nullable=True),
        sa.Column("effect", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("draft_id", "number"),
    )


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
