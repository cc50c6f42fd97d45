"""What readers of published versions are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from wfm.service.schedule_diff import DayChange


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What a schedule changes for one agent.

    Parameters
    ----------
    agent, name
        Key and name.
    days
        The days that differ, in order.
    hours
        Paid hours more (above 0) or less.
    acknowledged
        True once the agent has said "got it" to all of it; False in a preview.
    """

    agent: str
    name: str
    days: tuple[DayChange, ...]
    hours: float
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """How much a schedule changes.

    Parameters
    ----------
    agents
        People touched.
    added, removed, moved, breaks, activities
        Days that get a shift, lose it, have another one, or the same with other breaks or other activities.
    hours_before, hours_after
        Paid hours of all agents over its days.
    notice_hours
        Hours from the publishing to the first change; None without changes.
    late
        Days that had been published before and change less than 72 hours ahead.
    """

    agents: int
    added: int
    removed: int
    moved: int
    breaks: int
    hours_before: float
    hours_after: float
    notice_hours: float | None
    late: int
    activities: int = 0


@dataclass(frozen=True, slots=True)
class PublishPreview:
    """What publishing a draft would do.

    Parameters
    ----------
    row_version
        State of the draft that was looked at; give it to `publish`.
    changes
        Per agent that the reader may see.
    rules_broken
        Rules that the draft breaks; while there are any it cannot be published.
    published_as
        Number of the version that this very state was published as, or None.
    """

    draft_number: int
    row_version: int
    zone: str
    first_day: date
    days: int
    shifts: int
    changes: tuple[AgentChange, ...]
    totals: Totals
    rules_broken: tuple[str, ...]
    published_as: int | None

    @property
    def needs_reason(self) -> bool:
        """True where published days change late: then `publish` wants a reason."""
        return self.totals.late > 0

    @property
    def ready(self) -> bool:
        """True when `publish` would go through."""
        return not self.rules_broken and self.published_as is None


@dataclass(frozen=True, slots=True)
class PublicationView:
    """One published version.

    Parameters
    ----------
    draft_number, reverts_to
        What it came from: a draft, or an earlier version that it brings back.
    sha256
        Hash over its shifts, written with them and checked by `publication`.
    waiting
        Changes that agents have not acknowledged yet.
    """

    number: int
    draft_number: int | None
    reverts_to: int | None
    zone: str
    first_day: date
    days: int
    published_at: datetime
    published_by: str
    reason: str
    shifts: int
    totals: Totals
    sha256: str
    waiting: int


@dataclass(frozen=True, slots=True)
class PublicationDetail:
    """A version with what it changed; `intact` is False where its rows are not those that were published."""

    view: PublicationView
    changes: tuple[AgentChange, ...]
    intact: bool


@dataclass(frozen=True, slots=True)
class PublishedShift:
    """A shift that counts: of the newest version that covers its day. Instants are UTC, `day` is local.

    `activities` are start, end, name and kind of what is done in it off queue.
    """

    agent: str
    name: str
    day: date
    start: datetime
    end: datetime
    breaks: tuple[tuple[datetime, datetime, bool], ...]
    paid_hours: float
    publication: int
    activities: tuple[tuple[datetime, datetime, str, str], ...] = ()
