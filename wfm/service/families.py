"""Which queues a young queue may borrow from: those of the same channel and skill, in whatever language and at whatever site.

A queue whose skill nobody has set yet has no family: a nurse line must not be closed on the holidays of another line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from wfm import units
from wfm.domain.demand import ANY_SKILL, Queue
from wfm.service.queue_forecast import ForecastTask, Kin, Observed

MOST_SIBLINGS = 6


@dataclass(frozen=True, slots=True)
class Member:
    """A queue of a centre by the id of its row."""

    id: int
    zone: str
    site_id: int | None
    queue: Queue


def likeness(one: Member, other: Member) -> int:
    """1 for queues of one family, one more for the same site and for the same language; 0 for others.

    Examples
    --------
    >>> english, spanish = Queue("en", "English", skill="nurse"), Queue("es", "Spanish", skill="nurse", language="es")
    >>> likeness(Member(1, "UTC", None, english), Member(2, "UTC", None, spanish))
    1
    """
    alike = one.queue.channel == other.queue.channel and one.queue.skill == other.queue.skill != ANY_SKILL
    same_site = one.site_id is not None and one.site_id == other.site_id
    return (1 + same_site + (one.queue.language == other.queue.language)) if alike else 0


def with_family(task: ForecastTask, member: Member, members: Sequence[Member], history: Callable[[int], Observed]) -> ForecastTask:
    """The task with up to six siblings, those most alike first; as it is where the queue has a year of its own.

    Parameters
    ----------
    members
        All queues of the centre.
    history
        What was observed of a queue, by its id; asked only for queues that may be siblings.
    """
    if not task.is_young:
        return task
    alike = sorted((one for one in members if one.id != member.id and likeness(member, one)), key=lambda one: -likeness(member, one))
    return replace(task, family=tuple(islice(_lenders(task, alike, history), MOST_SIBLINGS)))


def _lenders(task: ForecastTask, alike: Sequence[Member], history: Callable[[int], Observed]) -> Iterable[Kin]:
    from wfm.forecast.family import LEAST_EARLIER_DAYS

    before_s = int(task.observed.start_s[0]) - LEAST_EARLIER_DAYS * 24 * units.SECONDS_PER_HOUR
    for one in alike:
        seen = history(one.id)
        if seen.interval_minutes == task.observed.interval_minutes and seen.start_s.size and seen.start_s[0] <= before_s:
            yield Kin(one.queue.name, one.zone, seen)
