"""A replayed span as the page shows it: promised, planned and kept, by interval and over all, with hours and causes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.timegrid import zone
from wfm.errors import NotFound
from wfm.service import centre, verdicts
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.service.replaying import PARTS, Verdict
from wfm.service.verdicts import NAMES, DayVerdict

if TYPE_CHECKING:
    from wfm.service.verdicts import Todo

MOST_AT_ONCE = 7  # days that a page plays while somebody waits; more are a job
SUMS = ("came", "planned_volume", "needed", "scheduled", "there", "clairvoyant", "spreadsheet")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hours:
    """Head-hours on queue: of the people who were there, of the volumes that came, and of the spreadsheet (None without six weeks)."""

    ours: float
    clairvoyant: float
    spreadsheet: float | None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue over the span; `days_kept` of `days` days kept the promise."""

    key: str
    name: str
    promised: float | None
    awt_s: float
    verdict: Verdict
    hours: Hours
    days: int
    days_kept: int


@dataclass(frozen=True, slots=True)
class DayLine:
    """One local day over the queues shown; `missed` names those that broke their promise."""

    day: date
    verdict: Verdict
    hours: Hours
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Arrays by `NAMES` over the intervals of the span; of several queues heads and contacts add up, levels weigh by contacts."""

    start_s: NDArray[np.int64]
    figures: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class IntervalLine:
    """One queue in one interval; figures by `NAMES`."""

    key: str
    name: str
    promised: float | None
    figures: Mapping[str, float]

    @property
    def parts(self) -> dict[str, float]:
        """By `PARTS`."""
        return {name: self.figures[name] for name in PARTS}


@dataclass(frozen=True, slots=True)
class Opened:
    """One interval, opened."""

    start_s: int
    start: datetime
    minutes: int
    lines: tuple[IntervalLine, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReplayView:
    """A span that was played.

    Parameters
    ----------
    queue
        Key of the queue shown; empty for all.
    total
        Over everything shown, weighted by contacts.
    promised, awt_s
        Of the queue shown; of all queues the promise weighted by contacts, and None.
    waiting
        Days that were not played yet.
    refused
        Why other days cannot be played.
    left_out
        Why queues are left out, by key.
    """

    zone: str
    first_day: date
    last_day: date
    queue: str
    total: Verdict
    promised: float | None
    awt_s: float | None
    hours: Hours
    queues: tuple[QueueLine, ...]
    days: tuple[DayLine, ...]
    curves: Curves
    waiting: tuple[date, ...]
    refused: Mapping[date, str]
    left_out: Mapping[str, str]
    opened: Opened | None


def view(service: Service, actor: Actor, first_day: date, last_day: date, queue_key: str = "", at_s: int | None = None) -> ReplayView:
    """What a span kept; up to `MOST_AT_ONCE` days that were not played yet are played now.

    Parameters
    ----------
    queue_key
        One queue; empty for all.
    at_s
        Start of an interval to open, s since 1970 UTC.

    Raises
    ------
    InvalidInput
        When the span is too long or ends before it begins.
    NotFound
        When there is no such queue or interval.
    """
    require(actor, "schedule.read")
    if queue_key:
        centre.queue(service, actor, queue_key)
    todo = verdicts.todo(service, actor, first_day, last_day)
    waiting: tuple[date, ...] = tuple(source.day for source in todo.fresh)
    if len(waiting) <= MOST_AT_ONCE:
        verdicts.play(service, actor, todo.fresh, Progress())
        waiting = ()
    found, left_out = verdicts.stored(service, actor, first_day, last_day)
    return _view(service, actor, (first_day, last_day), _usable(found, todo), queue_key, at_s, waiting, todo.refused, left_out)


def _usable(found: Iterable[DayVerdict], todo: Todo) -> list[DayVerdict]:
    """Verdicts of days that can still be played from what is stored."""
    return [one for one in found if one.day not in todo.refused]


def _view(
    service: Service,
    actor: Actor,
    span: tuple[date, date],
    found: Sequence[DayVerdict],
    queue_key: str,
    at_s: int | None,
    waiting: tuple[date, ...],
    refused: Mapping[date, str],
    left_out: Mapping[str, str],
) -> ReplayView:
    shown = [one for one in found if queue_key in ("", one.queue)]
    curves = _curves(shown)
    here = centre.organisation(service, actor).zone
    return ReplayView(
        zone=here,
        first_day=span[0],
        last_day=span[1],
        queue=queue_key,
        total=over([one.verdict for one in shown]),
        promised=_promised(shown),
        awt_s=shown[-1].awt_s if queue_key and shown else None,
        hours=_hours(shown),
        queues=by_queue(found),
        days=tuple(_day_line(day, [one for one in shown if one.day == day]) for day in sorted({one.day for one in shown})),
        curves=curves,
        waiting=waiting,
        refused=refused,
        left_out=left_out,
        opened=None if at_s is None else _opened(shown, at_s, here),
    )


def over(some: Sequence[Verdict]) -> Verdict:
    """Several verdicts as one, weighted by contacts; zeros where nobody called."""
    contacts = sum(one.contacts for one in some)

    def mean(values: Iterable[float]) -> float:
        return sum(one.contacts * value for one, value in zip(some, values, strict=True)) / contacts if contacts else 0.0

    parts = {name: mean(one.parts[name] for one in some) for name in PARTS}
    return Verdict(contacts, mean(one.planned for one in some), mean(one.kept for one in some), parts)


def by_queue(found: Sequence[DayVerdict]) -> tuple[QueueLine, ...]:
    """The verdicts of a span as one line a queue."""
    return tuple(_queue_line(key, [one for one in found if one.queue == key]) for key in dict.fromkeys(one.queue for one in found))


def _promised(some: Sequence[DayVerdict]) -> float | None:
    promising = [one for one in some if one.promised is not None]
    contacts = sum(one.verdict.contacts for one in promising)
    return sum(one.verdict.contacts * (one.promised or 0.0) for one in promising) / contacts if contacts else None


def _hours(some: Sequence[DayVerdict]) -> Hours:
    spreadsheet = [one.spreadsheet_hours for one in some]
    known = [hours for hours in spreadsheet if hours is not None]
    whole = sum(known) if known and len(known) == len(spreadsheet) else None
    return Hours(sum(one.hours for one in some), sum(one.clairvoyant_hours for one in some), whole)


def _queue_line(key: str, days: Sequence[DayVerdict]) -> QueueLine:
    last = days[-1]
    kept = sum(one.is_kept is True for one in days)
    verdict = over([one.verdict for one in days])
    return QueueLine(key, last.name, _promised(days), last.awt_s, verdict, _hours(days), len(days), kept)


def _day_line(day: date, some: Sequence[DayVerdict]) -> DayLine:
    missed = tuple(one.name for one in some if one.is_kept is False)
    return DayLine(day, over([one.verdict for one in some]), _hours(some), missed)


def _curves(some: Sequence[DayVerdict]) -> Curves:
    """The intervals of the span; where several queues are shown, of all of them together."""
    starts = [one.start_s for one in some]
    if not starts:
        return Curves(np.zeros(0, np.int64), {name: np.zeros(0) for name in NAMES})
    start_s, place = np.unique(np.concatenate(starts), return_inverse=True)
    stacked = {name: np.concatenate([one.figures[name] for one in some]) for name in NAMES}
    came = stacked["came"]
    contacts = np.bincount(place, came, len(start_s))
    figures: dict[str, Floats] = {}
    for name in NAMES:
        total = np.bincount(place, stacked[name] if name in SUMS else came * stacked[name], len(start_s))
        with np.errstate(divide="ignore", invalid="ignore"):
            figures[name] = np.asarray(total if name in SUMS else total / contacts, np.float64)
    return Curves(start_s, figures)


def _opened(some: Sequence[DayVerdict], at_s: int, here: str) -> Opened:
    lines, step_s = [], units.SECONDS_PER_HOUR // 4
    for one in some:
        place = int(np.searchsorted(one.start_s, at_s))
        if place < len(one.start_s) and one.start_s[place] == at_s and one.figures["came"][place] > 0:
            step_s = int(one.start_s[1] - one.start_s[0])
            figures = {name: float(values[place]) for name, values in one.figures.items()}
            lines.append(IntervalLine(one.queue, one.name, one.promised, figures))
    if not lines:
        raise NotFound("no contacts came in this interval of the days shown")
    lines.sort(key=lambda line: line.figures["kept"] - (line.promised or 0.0))
    return Opened(at_s, datetime.fromtimestamp(at_s, zone(here)), step_s // 60, tuple(lines))
