"""Days that were played again, and the verdict on every queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from wfm.storage.tables import Id, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of replayed days and verdicts."""
    op.create_table(
        "replayed_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("publication", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.Integer(), nullable=False),
        sa.Column("forecast", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("left_out", sa.JSON(none_as_null=True), nullable=False),
        *_owned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replayed_day")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_replayed_day_organisation_id_organisation")),
        sa.UniqueConstraint("organisation_id", "day", name=op.f("uq_replayed_day_organisation_id_day")),
    )
    op.create_index(op.f("ix_replayed_day_organisation_id"), "replayed_day", ["organisation_id"])
    op.create_table(
        "verdict",
        sa.Column("replayed_day_id", Id, nullable=False),
        sa.Column("queue_id", Id, nullable=False),
        sa.Column("contacts", sa.Double(), nullable=False),
        sa.Column("promised", sa.Double()),
        sa.Column("awt_s", sa.Double(), nullable=False),
        sa.Column("planned", sa.Double(), nullable=False),
        sa.Column("kept", sa.Double(), nullable=False),
        sa.Column("parts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("hours", sa.Double(), nullable=False),
        sa.Column("clairvoyant_hours", sa.Double(), nullable=False),
        sa.Column("spreadsheet_hours", sa.Double()),
        sa.Column("series", sa.LargeBinary(), nullable=False),
        *_owned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_verdict_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["replayed_day_id"], ["replayed_day.id"], name=op.f("fk_verdict_replayed_day_id_replayed_day")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_verdict_queue_id_queue")),
        sa.UniqueConstraint("replayed_day_id", "queue_id", name=op.f("uq_verdict_replayed_day_id_queue_id")),
    )
    op.create_index(op.f("ix_verdict_organisation_id"), "verdict", ["organisation_id"])
    op.create_index(op.f("ix_verdict_replayed_day_id"), "verdict", ["replayed_day_id"])


def _owned() -> tuple[sa.Column[int], sa.Column[int]]:
    return sa.Column("id", Id, nullable=False), sa.Column("organisation_id", Id, nullable=False)
