"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NEVER_CHANGED = ("audit", "publication", "published_shift")


def upgrade() -> None:
    """Make every table, in the order of their references, and shut the ones that are never changed."""
    _organisation()
    _sign_in_attempt()
    _contract()
    _forecast()
    _job()
    _site()
    _agent()
    _history_import()
    _queue()
    _requirement()
    _accuracy()
    _draft()
    _finding()
    _history()
    _history_change()
    _queue_forecast()
    _queue_requirement()
    _user_account()
    _audit()
    _draft_shift()
    _one_time_sign_in()
    _publication()
    _web_session()
    _published_shift()
    _schedule_change()
    for name in NEVER_CHANGED:
        _shut(name)


def _shut(table: str) -> None:
    """Refuse every later change of the table's rows, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_shut() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are never changed'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_is_shut BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_shut()"
    )


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _owned() -> tuple[sa.Column[int], sa.Column[int]]:
    return sa.Column("id", _id(), primary_key=True), _owner(index=True)


def _owner(*, index: bool = False) -> sa.Column[int]:
    return _reference("organisation", nullable=False, index=index)


def _reference(table: str, column: str = "", *, nullable: bool, index: bool = False, primary_key: bool = False) -> sa.Column[int]:
    there = sa.ForeignKey(f"{table}.id")
    return sa.Column(column or f"{table}_id", _id(), there, nullable=nullable, index=index, primary_key=primary_key)


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("subdivision", sa.String(8), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("audit_count", sa.Integer(), nullable=False),
        sa.Column("audit_hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("name"),
    )


def _sign_in_attempt() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.BigInteger(), nullable=False, index=True),
    )


def _contract() -> None:
    op.create_table(
        "contract",
        *_owned(),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organisation_id", "key"),
    )


def _forecast() -> None:
    op.create_table(
        "forecast",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("organisation_id", "number"),
    )


def _job() -> None:
    op.create_table(
        "job",
        *_owned(),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("slot", sa.String(80), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("attachment", sa.LargeBinary(), nullable=True),
        sa.Column("wanted_by", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("worker", sa.String(80), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("share_done", sa.Double(), nullable=False),
        sa.Column("step", sa.String(200), nullable=False),
        sa.Column("progress", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.UniqueConstraint("organisation_id", "kind", "slot"),
        sa.Index("ix_job_state_lease", "state", "lease_until"),
    )


def _site() -> None:
    op.create_table(
        "site",
        *_owned(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.UniqueConstraint("organisation_id", "name"),
    )


def _agent() -> None:
    op.create_table(
        "agent",
        *_owned(),
        _reference("site", nullable=True),
        _reference("contract", nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("languages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("skills", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organisation_id", "key"),
    )


def _history_import() -> None:
    op.create_table(
        "history_import",
        *_owned(),
        _reference("site", nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(200), nullable=False),
        sa.Column("rows_added", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_same", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("organisation_id", "number"),
    )


def _queue() -> None:
    op.create_table(
        "queue",
        *_owned(),
        _reference("site", nullable=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organisation_id", "key"),
    )


def _requirement() -> None:
    op.create_table(
        "requirement",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        _reference("forecast", nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("organisation_id", "number"),
    )


def _accuracy() -> None:
    op.create_table(
        "accuracy",
        *_owned(),
        _reference("queue", nullable=False),
        _reference("forecast", nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Double(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("absolute_error", sa.Double(), nullable=False),
        sa.Column("floor_error", sa.Double(), nullable=False),
        sa.Column("intervals", sa.Integer(), nullable=False),
        sa.Column("inside_80", sa.Integer(), nullable=False),
        sa.UniqueConstraint("queue_id", "day", "lead_days"),
    )


def _draft() -> None:
    op.create_table(
        "draft",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        _reference("requirement", nullable=True),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("problem", sa.LargeBinary(), nullable=False),
        sa.Column("coverage", sa.LargeBinary(), nullable=False),
        sa.Column("objective", sa.Double(), nullable=False),
        sa.Column("lower_bound", sa.Double(), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organisation_id", "number"),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        *_owned(),
        _reference("job", nullable=False, index=True),
        _reference("queue", nullable=True),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.String(200), nullable=True),
    )


def _history() -> None:
    op.create_table(
        "history",
        _reference("queue", nullable=False, primary_key=True),
        sa.Column("start_s", sa.BigInteger(), primary_key=True),
        sa.Column("organisation_id", _id(), nullable=False),
        sa.Column("import_id", _id(), nullable=False, index=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("interval_minutes", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Double(), nullable=False),
        sa.Column("handle_s", sa.Double(), nullable=True),
        sqlite_with_rowid=False,
    )


def _history_change() -> None:
    op.create_table(
        "history_change",
        _reference("history_import", "import_id", nullable=False, primary_key=True),
        sa.Column("queue_id", _id(), primary_key=True),
        sa.Column("start_s", sa.BigInteger(), primary_key=True),
        sa.Column("organisation_id", _id(), nullable=False),
        sa.Column("old_import_id", _id(), nullable=False),
        sa.Column("old_line", sa.Integer(), nullable=False),
        sa.Column("old_interval_minutes", sa.Integer(), nullable=False),
        sa.Column("old_volume", sa.Double(), nullable=False),
        sa.Column("old_handle_s", sa.Double(), nullable=True),
        sqlite_with_rowid=False,
    )


def _queue_forecast() -> None:
    op.create_table(
        "queue_forecast",
        *_owned(),
        _reference("forecast", nullable=False, index=True),
        _reference("queue", nullable=False),
        sa.Column("interval_minutes", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("series", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("forecast_id", "queue_id"),
    )


def _queue_requirement() -> None:
    op.create_table(
        "queue_requirement",
        *_owned(),
        _reference("requirement", nullable=False, index=True),
        _reference("queue", nullable=False),
        sa.Column("interval_minutes", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("series", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("requirement_id", "queue_id"),
    )


def _user_account() -> None:
    op.create_table(
        "user_account",
        *_owned(),
        _reference("site", nullable=True),
        _reference("agent", nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("email"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        _reference("site", nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _reference("user_account", "user_id", nullable=True),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False, index=True),
        sa.Column("object_kind", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(80), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("organisation_id", "number"),
    )


def _draft_shift() -> None:
    op.create_table(
        "draft_shift",
        *_owned(),
        _reference("draft", nullable=False, index=True),
        _reference("agent", nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("breaks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("draft_id", "agent_id", "start"),
    )


def _one_time_sign_in() -> None:
    op.create_table(
        "one_time_sign_in",
        *_owned(),
        _reference("user_account", "user_id", nullable=False, index=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("token_hash"),
    )


def _publication() -> None:
    op.create_table(
        "publication",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        _reference("draft", nullable=True),
        sa.Column("reverts_to", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shift_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=False),
        sa.UniqueConstraint("draft_id", "sha256"),
        sa.UniqueConstraint("organisation_id", "number"),
        sa.Index("ix_publication_organisation_id_last_day", "organisation_id", "last_day"),
    )


def _web_session() -> None:
    op.create_table(
        "web_session",
        sa.Column("id", _id(), primary_key=True),
        _reference("organisation", nullable=True),
        _reference("user_account", "user_id", nullable=True, index=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, index=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("token_hash"),
    )


def _published_shift() -> None:
    op.create_table(
        "published_shift",
        *_owned(),
        _reference("publication", nullable=False, index=True),
        _reference("agent", nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("breaks", sa.JSON(none_as_null=True), nullable=False),
        sa.UniqueConstraint("publication_id", "agent_id", "start"),
        sa.Index("ix_published_shift_agent_start", "agent_id", "start"),
    )


def _schedule_change() -> None:
    op.create_table(
        "schedule_change",
        *_owned(),
        _reference("publication", nullable=False, index=True),
        _reference("agent", nullable=False, index=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("notice_hours", sa.Double(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("publication_id", "agent_id", "day"),
    )
