"""Activities of a draft as pages show them, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wfm.domain.activities import ActivityKind
from wfm.service.edit_effect import Effect


@dataclass(frozen=True, slots=True)
class ActivityWish:
    """An activity that somebody wants to place.

    Parameters
    ----------
    kind, name
        What it is, and what people read of it.
    people
        Keys of those who take part, or of those among whom to choose.
    minutes
        Length, a multiple of the draft's interval.
    earliest, due
        Between which it takes place; aware, or on the draft's clock.
    lead
        Key of the trainer, who takes part in any case; empty for nobody.
    count
        How many of the people take part, those whom it hurts least; None for all.
    separately
        A session for each person instead of one for all.
    """

    kind: ActivityKind
    name: str
    people: tuple[str, ...]
    minutes: int
    earliest: datetime
    due: datetime
    lead: str = ""
    count: int | None = None
    separately: bool = False


@dataclass(frozen=True, slots=True)
class ActivityPlace:
    """People at a time of the draft's clock, and by how much the objective rises when they leave the queues."""

    people: tuple[str, ...]
    names: tuple[str, ...]
    start: datetime
    end: datetime
    cost: float


@dataclass(frozen=True, slots=True)
class ActivityPreview:
    """Where an activity would be placed, before anything is changed.

    Parameters
    ----------
    places
        The best places, one for every session.
    unplaced
        Names of people and why there is no time for them.
    others
        Other times of a single session, cheapest first.
    effect
        What the places do to cover and objective; None where there are none.
    row_version
        State of the draft that was looked at.
    """

    places: tuple[ActivityPlace, ...]
    unplaced: tuple[tuple[str, str], ...]
    others: tuple[ActivityPlace, ...]
    effect: Effect | None
    row_version: int


@dataclass(frozen=True, slots=True)
class SessionView:
    """A placed activity.

    Parameters
    ----------
    key
        Give it to `move_session` or `remove_session`.
    people, names
        Keys and names of those who take part.
    lead
        Name of the trainer; empty for nobody.
    start, end, due
        On the draft's clock.
    """

    key: str
    kind: str
    name: str
    people: tuple[str, ...]
    names: tuple[str, ...]
    lead: str
    start: datetime
    end: datetime
    due: datetime | None

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.end - self.start).total_seconds()) // 60

    @property
    def late(self) -> bool:
        """Whether it takes place after it was due."""
        return self.due is not None and self.end > self.due


@dataclass(frozen=True, slots=True)
class ChannelBlock:
    """A stretch in which somebody takes the same queues, on the draft's clock."""

    start: datetime
    end: datetime
    queues: tuple[str, ...]
