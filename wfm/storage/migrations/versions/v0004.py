"""Forecast versions that came from outside name their source."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the source of a version; empty for those made here."""
    op.add_column("forecast", sa.Column("source", sa.String(80), nullable=False, server_default=""))
