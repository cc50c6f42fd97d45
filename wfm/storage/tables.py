"""The tables. Every stored row carries its organisation; a site where it applies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Id = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC `datetime`, stored as microseconds since 1970: exact on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds of an aware instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its UTC offset")
        spent = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return (spent.days * 86_400 + spent.seconds) * 1_000_000 + spent.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The aware instant."""
        if value is None:
            return None
        seconds, microseconds = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


class Table(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), dict[str, Any]: JSON(none_as_null=True), list[Any]: JSON()}  # noqa: RUF012


class Owned:
    """A row of one organisation."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


class OrganisationRow(Table):
    """A client: everything else belongs to exactly one. `accuracy_limits` holds those that differ from the defaults."""

    __tablename__ = "organisation"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    zone: Mapped[str] = mapped_column(String(64))
    country: Mapped[str | None] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(8))
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    audit_count: Mapped[int] = mapped_column(default=0)
    audit_hash: Mapped[str] = mapped_column(String(64), default="")
    accuracy_limits: Mapped[dict[str, Any] | None]


class SiteRow(Owned, Table):
    """A building or home team with its own zone."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))


class UserRow(Owned, Table):
    """Somebody who signs in."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("email"),)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(8), default="en")
    theme: Mapped[str] = mapped_column(String(8), default="system")
    password_hash: Mapped[str | None] = mapped_column(String(255))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class OneTimeSignInRow(Owned, Table):
    """A link that signs its user in once; only the hash of its token is kept."""

    __tablename__ = "one_time_sign_in"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Table):
    """A browser session; anonymous until somebody signs in. Only the hash of its token is kept."""

    __tablename__ = "web_session"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class AttemptRow(Table):
    """A failed sign-in, counted per account and per address over all web processes."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class AuditRow(Owned, Table):
    """Who did what, before, after, when, from where; each row's hash covers the one before it."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    number: Mapped[int]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60), index=True)
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class QueueRow(Owned, Table):
    """A queue as the planner set it up; `definition` holds the fields of `wfm.domain.demand.Queue`."""

    __tablename__ = "queue"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    definition: Mapped[dict[str, Any]]
    row_version: Mapped[int] = mapped_column(default=1)


class ContractRow(Owned, Table):
    """A contract; `definition` is as in `roster-format`."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)
    key: Mapped[str] = mapped_column(String(80))
    definition: Mapped[dict[str, Any]]
    row_version: Mapped[int] = mapped_column(default=1)


class AgentRow(Owned, Table):
    """A person who can be scheduled; `definition` holds queues with speeds, limits, days off and wishes as in `roster-format`."""

    __tablename__ = "agent"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    languages: Mapped[list[Any]]
    skills: Mapped[list[Any]]
    definition: Mapped[dict[str, Any]]
    row_version: Mapped[int] = mapped_column(default=1)


class ImportRow(Owned, Table):
    """One file of history that was stored."""

    __tablename__ = "history_import"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    zone: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(200))
    rows_added: Mapped[int]
    rows_changed: Mapped[int]
    rows_same: Mapped[int]
    report: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]


class HistoryRow(Table):
    """One observed interval of one queue; `start_s` counts seconds since 1970 UTC.

    Organisation and import are not foreign keys: there are millions of rows, each key costs a second per 200,000 of them on PostgreSQL,
    and one function writes them all.
    """

    __tablename__ = "history"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    start_s: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Id)
    import_id: Mapped[int] = mapped_column(Id, index=True)
    line: Mapped[int]
    interval_minutes: Mapped[int]
    volume: Mapped[float]
    handle_s: Mapped[float | None]


class HistoryChangeRow(Table):
    """What an import found before it changed an interval: the way back."""

    __tablename__ = "history_change"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    import_id: Mapped[int] = mapped_column(ForeignKey("history_import.id"), primary_key=True)
    queue_id: Mapped[int] = mapped_column(Id, primary_key=True)
    start_s: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Id)
    old_import_id: Mapped[int] = mapped_column(Id)
    old_line: Mapped[int]
    old_interval_minutes: Mapped[int]
    old_volume: Mapped[float]
    old_handle_s: Mapped[float | None]


class ForecastRow(Owned, Table):
    """A forecast version over all queues; `source` names where one from outside came from, else it is empty."""

    __tablename__ = "forecast"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    number: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    first_day: Mapped[date]
    days: Mapped[int]
    cutoff: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(80), default="", server_default="")


class QueueForecastRow(Owned, Table):
    """One queue of a forecast version; `series` is the packed arrays of `storage.series`."""

    __tablename__ = "queue_forecast"
    __table_args__ = (UniqueConstraint("forecast_id", "queue_id"),)
    forecast_id: Mapped[int] = mapped_column(ForeignKey("forecast.id"), index=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    interval_minutes: Mapped[int]
    report: Mapped[dict[str, Any]]
    series: Mapped[bytes] = mapped_column(LargeBinary)


class EditRow(Owned, Table):
    """A planner's change to the forecast of a queue over a stretch of time; it lies over every version and is never deleted.

    `revision` counts the changes of all edits of an organisation, reverts included: what is newer than a reader has seen stands above it.
    Edits that one typed total of a group made carry the number of the first of them as their `batch`.
    """

    __tablename__ = "forecast_edit"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), index=True)
    number: Mapped[int]
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    begin_s: Mapped[int] = mapped_column(BigInteger)
    end_s: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[float]
    name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    reverted_at: Mapped[datetime | None]
    reverted_by: Mapped[str | None] = mapped_column(String(200))
    batch: Mapped[int | None]


class CleaningRow(Owned, Table):
    """A decision on a stretch of history: `accepted` leaves it out of forecasts, else it stays. The counts themselves never change."""

    __tablename__ = "cleaning"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), index=True)
    number: Mapped[int]
    begin_s: Mapped[int] = mapped_column(BigInteger)
    end_s: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    accepted: Mapped[bool]
    volume: Mapped[float]
    expected: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(200))


class ColdStartRow(Owned, Table):
    """How a queue without a history is forecast: like a similar queue, at `weekly_total` contacts in an ordinary week."""

    __tablename__ = "cold_start"
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), index=True)
    similar_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    weekly_total: Mapped[float]
    total_cv: Mapped[float]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(200))


class SpecialDayRow(Owned, Table):
    """Days on which something happens that moves the volume; of all queues where none is named, to be learned where no effect is typed."""

    __tablename__ = "special_day"
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    first_day: Mapped[date]
    last_day: Mapped[date]
    effect: Mapped[float | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(200))


class DriverRow(Owned, Table):
    """A count per day that may move the volume; `counts` by local day, YYYY-MM-DD."""

    __tablename__ = "driver"
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    counts: Mapped[dict[str, Any]]
    row_version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(200))


class RequirementRow(Owned, Table):
    """People needed, over all queues, from one forecast version with the edits up to `edit_revision` on it."""

    __tablename__ = "requirement"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    number: Mapped[int]
    forecast_id: Mapped[int] = mapped_column(ForeignKey("forecast.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    edit_revision: Mapped[int] = mapped_column(default=0, server_default="0")


class QueueRequirementRow(Owned, Table):
    """One queue of people needed, with the queue definition that it was computed for."""

    __tablename__ = "queue_requirement"
    __table_args__ = (UniqueConstraint("requirement_id", "queue_id"),)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id"), index=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    interval_minutes: Mapped[int]
    definition: Mapped[dict[str, Any]]
    series: Mapped[bytes] = mapped_column(LargeBinary)


class DraftRow(Owned, Table):
    """A schedule that only planners see; `coverage` is packed as in `storage.series`."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    number: Mapped[int]
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id"))
    zone: Mapped[str] = mapped_column(String(64))
    first_day: Mapped[date]
    days: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    problem: Mapped[bytes] = mapped_column(LargeBinary)
    coverage: Mapped[bytes] = mapped_column(LargeBinary)
    objective: Mapped[float]
    lower_bound: Mapped[float | None]
    report: Mapped[dict[str, Any]]
    row_version: Mapped[int] = mapped_column(default=1)


class DraftShiftRow(Owned, Table):
    """One shift of a draft."""

    __tablename__ = "draft_shift"
    __table_args__ = (UniqueConstraint("draft_id", "agent_id", "start"),)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    breaks: Mapped[list[Any]]
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    row_version: Mapped[int] = mapped_column(default=1)


class DraftEditRow(Owned, Table):
    """One edit of a draft: the shifts that it took away and those that stand in their place, so that it can be undone and done again.

    `other_problem` is the problem on the other side of an edit that changed it: the one before, and once it is undone the one after.
    """

    __tablename__ = "draft_edit"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    before: Mapped[list[Any]]
    after: Mapped[list[Any]]
    other_problem: Mapped[bytes | None] = mapped_column(LargeBinary)
    effect: Mapped[dict[str, Any]]
    undone: Mapped[bool] = mapped_column(default=False)


class PublicationRow(Owned, Table):
    """An immutable numbered version of the schedule over whole days. One state of a draft is published once."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        UniqueConstraint("draft_id", "sha256"),
        Index("ix_publication_organisation_id_last_day", "organisation_id", "last_day"),
    )
    number: Mapped[int]
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    reverts_to: Mapped[int | None]
    zone: Mapped[str] = mapped_column(String(64))
    first_day: Mapped[date]
    last_day: Mapped[date]
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    shift_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    summary: Mapped[dict[str, Any]]


class PublishedShiftRow(Owned, Table):
    """One shift of a published version; never changed, never deleted."""

    __tablename__ = "published_shift"
    __table_args__ = (
        UniqueConstraint("publication_id", "agent_id", "start"),
        Index("ix_published_shift_agent_start", "agent_id", "start"),
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    breaks: Mapped[list[Any]]
    activities: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class WorkRuleRow(Owned, Table):
    """A work rule as data: for whom (`scope`), what it says (`definition`, as in `roster-format`), and by whom it was taken away."""

    __tablename__ = "work_rule"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    number: Mapped[int]
    scope: Mapped[str] = mapped_column(String(200))
    definition: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(200))


class SavedViewRow(Owned, Table):
    """Filters of a page that somebody keeps by a name, for the own use."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    page: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    filters: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class ScheduleChangeRow(Owned, Table):
    """What a publication changed for one agent on one day, and when the agent said "got it"."""

    __tablename__ = "schedule_change"
    __table_args__ = (UniqueConstraint("publication_id", "agent_id", "day"),)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    notice_hours: Mapped[float]
    late: Mapped[bool]
    acknowledged_at: Mapped[datetime | None]


class JobRow(Owned, Table):
    """Long or nightly work. Unique on (organisation, kind, slot): a slot is run once; the lease says by whom."""

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "slot"), Index("ix_job_state_lease", "state", "lease_until"))
    kind: Mapped[str] = mapped_column(String(30))
    slot: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    payload: Mapped[dict[str, Any]]
    attachment: Mapped[bytes | None] = mapped_column(LargeBinary)
    wanted_by: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_wanted: Mapped[bool] = mapped_column(default=False)
    share_done: Mapped[float] = mapped_column(default=0.0)
    step: Mapped[str] = mapped_column(String(200), default="")
    progress: Mapped[list[Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)


class FindingRow(Owned, Table):
    """Something that the night noticed and proposes; people decide."""

    __tablename__ = "finding"
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), index=True)
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    found_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    weight: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))


class AccuracyRow(Owned, Table):
    """How a forecast did on one day of one queue; sums, so that any set of days adds up. `floor_error` is that of a perfect mean."""

    __tablename__ = "accuracy"
    __table_args__ = (UniqueConstraint("queue_id", "day", "lead_days"),)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    forecast_id: Mapped[int] = mapped_column(ForeignKey("forecast.id"))
    day: Mapped[date]
    lead_days: Mapped[int]
    volume: Mapped[float]
    mean: Mapped[float]
    absolute_error: Mapped[float]
    floor_error: Mapped[float]
    intervals: Mapped[int]
    inside_80: Mapped[int]


class ReplayedDayRow(Owned, Table):
    """A local day that was played again; `fingerprint` is over all that it was played from, `left_out` says why by queue key.

    `publication` is the version that counted when the day began, `changed` the last one published before it ended.
    """

    __tablename__ = "replayed_day"
    __table_args__ = (UniqueConstraint("organisation_id", "day"),)
    day: Mapped[date]
    fingerprint: Mapped[str] = mapped_column(String(64))
    publication: Mapped[int]
    changed: Mapped[int]
    requirement: Mapped[int]
    forecast: Mapped[int]
    made_at: Mapped[datetime]
    left_out: Mapped[dict[str, Any]]


class VerdictRow(Owned, Table):
    """Promise and level kept of one queue on a replayed day; `planned + sum(parts) = kept`, `series` is packed by interval."""

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("replayed_day_id", "queue_id"),)
    replayed_day_id: Mapped[int] = mapped_column(ForeignKey("replayed_day.id"), index=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    contacts: Mapped[float]
    promised: Mapped[float | None]
    awt_s: Mapped[float]
    planned: Mapped[float]
    kept: Mapped[float]
    parts: Mapped[dict[str, Any]]
    hours: Mapped[float]
    clairvoyant_hours: Mapped[float]
    spreadsheet_hours: Mapped[float | None]
    series: Mapped[bytes] = mapped_column(LargeBinary)
