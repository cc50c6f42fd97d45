"""What people contact the centre about, and what they are promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from wfm import units
from wfm.domain.movable import MovableWork
from wfm.domain.shrinkage import EVERY_DAY, ShrinkagePart, share_on
from wfm.errors import InvalidInput

ANY_SKILL = "general"
"""Skill of a queue of which nothing is known yet."""


class Channel(StrEnum):
    """How a contact arrives."""

    VOICE = "voice"
    CHAT = "chat"
    EMAIL = "email"
    MESSAGE = "message"
    BACK_OFFICE = "back_office"
    OUTBOUND = "outbound"

    @property
    def deferred(self) -> bool:
        """True where work may wait for hours instead of seconds."""
        return self not in (Channel.VOICE, Channel.CHAT)


class ServiceLevelDefinition(StrEnum):
    """Which contacts count as served in time, over which denominator."""

    OFFERED = "offered"
    ANSWERED = "answered"
    EXCLUDING_SHORT_ABANDONS = "excluding_short_abandons"
    COUNTING_SHORT_ABANDONS = "counting_short_abandons"


class PlannedBy(StrEnum):
    """How a promise is kept over the volumes that may come."""

    CALL_WEIGHTED = "call_weighted"
    MEAN_SERVICE = "mean_service"
    KEPT_WITH_CHANCE = "kept_with_chance"


LEAST_CHANCE, MOST_CHANCE = 0.5, 0.99


@dataclass(frozen=True, slots=True)
class ServiceTarget:
    """The promise of a queue: every part that is not None must hold.

    Parameters
    ----------
    level
        Share answered within `awt_s`, in (0, 1); None for no service-level target.
    awt_s
        Acceptable waiting time in seconds, at least 0.
    max_asa_s
        Largest mean wait of answered contacts, s, at least 0.
    max_mean_wait_s
        Largest mean wait of all contacts, s, at least 0.
    max_abandonment
        Largest share that leaves unanswered, in (0, 1].
    max_occupancy
        Largest share of time on queue spent handling, in (0, 1].
    definition
        Denominator of the service level, one of `ServiceLevelDefinition`.
    planned_by
        One of `PlannedBy`: the level is the share of all contacts over what may come, its plain mean over what may come, or the whole
        target is kept in every interval with at least `kept_chance`.
    kept_chance
        In [0.5, 0.99]; counts with `kept_with_chance` alone.

    Examples
    --------
    >>> ServiceTarget(level=0.8, awt_s=20).level
    0.8
    """

    level: float | None = 0.8
    awt_s: float = 20.0
    max_asa_s: float | None = None
    max_mean_wait_s: float | None = None
    max_abandonment: float | None = None
    max_occupancy: float | None = None
    definition: str = "offered"
    planned_by: str = "call_weighted"
    kept_chance: float = 0.9

    def __post_init__(self) -> None:
        if self.level is not None:
            units.share("level", self.level, above_zero=True, below_one=True)
        units.not_negative("awt_s", self.awt_s)
        for name in ("max_asa_s", "max_mean_wait_s"):
            if getattr(self, name) is not None:
                units.not_negative(name, getattr(self, name))
        for name in ("max_abandonment", "max_occupancy"):
            if getattr(self, name) is not None:
                units.share(name, getattr(self, name), above_zero=True)
        _one_of("definition", self.definition, ServiceLevelDefinition)
        _one_of("planned_by", self.planned_by, PlannedBy)
        if not LEAST_CHANCE <= units.real("kept_chance", self.kept_chance) <= MOST_CHANCE:
            raise InvalidInput(f"kept_chance must be between {LEAST_CHANCE} and {MOST_CHANCE} (50 to 99 %), got {self.kept_chance!r}")
        parts = (self.level, self.max_asa_s, self.max_mean_wait_s, self.max_abandonment, self.max_occupancy)
        if all(part is None for part in parts):
            raise InvalidInput("a target needs at least one of level, max_asa_s, max_mean_wait_s, max_abandonment, max_occupancy")


def _one_of(name: str, value: object, kinds: type[StrEnum]) -> None:
    allowed = [str(kind) for kind in kinds]
    if not isinstance(value, str) or value not in allowed:
        raise InvalidInput(f"{name} must be one of {', '.join(allowed)}, got {value!r}")


@dataclass(frozen=True, slots=True)
class Queue:
    """A stream of contacts with one target, one required skill and one language.

    Parameters
    ----------
    id
        Short stable name, unique in the organisation, as in the history file.
    name
        What people read.
    channel, skill, language
        What an agent needs to take its contacts; `language` is an ISO 639-1 code.
    target
        The promise in seconds. Deferred channels use `response_s` instead.
    response_s
        Response-time target of deferred work, s, above 0.
    patience_s
        Mean time that a customer is willing to wait, s; None for customers who never leave.
    concurrency
        Chats that an agent handles at once, at least 1.
    shrinkage
        Share of paid time not available on queue, in [0, 1); where `shrinkage_parts` are given, they count instead.
    minimum_agents
        Fewest agents on queue in any open interval.
    under_cost
        Price of one missing head-hour in the scheduler, above 0.
    shrinkage_parts
        Shrinkage by activity and weekday.
    movable
        Outbound and follow-up work of its people, each with a window.
    priority
        Class of service among queues that share people: a waiting contact of a smaller number is taken first.
    """

    id: str
    name: str
    channel: Channel = Channel.VOICE
    skill: str = ANY_SKILL
    language: str = "en"
    target: ServiceTarget = field(default_factory=ServiceTarget)
    response_s: float | None = None
    patience_s: float | None = None
    concurrency: int = 1
    shrinkage: float = 0.0
    minimum_agents: int = 0
    under_cost: float = 60.0
    shrinkage_parts: tuple[ShrinkagePart, ...] = ()
    movable: tuple[MovableWork, ...] = ()
    priority: int = 0

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise InvalidInput("a queue needs an id, got a blank")
        if self.response_s is not None:
            units.positive("response_s", self.response_s)
        if self.patience_s is not None:
            units.positive("patience_s", self.patience_s)
        units.whole("concurrency", self.concurrency, at_least=1)
        units.share("shrinkage", self.shrinkage, below_one=True)
        units.whole("minimum_agents", self.minimum_agents)
        units.positive("under_cost", self.under_cost)
        units.whole("priority", self.priority)
        for weekday in EVERY_DAY:
            share_on(weekday, self.shrinkage_parts)

    def shrinkage_on(self, weekday: int) -> float:
        """Shrinkage of a weekday (0 for Monday), from the table where there is one.

        Examples
        --------
        >>> Queue("q", "Q", shrinkage=0.3).shrinkage_on(2)
        0.3
        """
        return share_on(weekday, self.shrinkage_parts) if self.shrinkage_parts else self.shrinkage
