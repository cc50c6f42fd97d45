"""Verdicts on past days: played once, stored, and played again only where what they were played from has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm.errors import InvalidInput
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.past_days import PastDay, PastDays, Source, days_between, last_past_day
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.service.replaying import PARTS, QueueReplay, Verdict, replay
from wfm.storage import staff, verdicts
from wfm.storage.series import pack, unpack
from wfm.storage.tables import ReplayedDayRow

if TYPE_CHECKING:
    from wfm.domain.timegrid import TimeGrid
    from wfm.storage.tables import VerdictRow

REPLICATIONS = 50
MOST_DAYS = 92
NAMES = (
    "came", "planned_volume", "aht_s", "planned_aht_s", "planned", "kept", *PARTS, "needed", "scheduled", "there", "clairvoyant",
    "spreadsheet",
)  # fmt: skip

Floats = NDArray[np.float64]
_NOTHING: Mapping[str, NDArray[Any]] = {"start_s": np.zeros(0, np.int64), "figures": np.zeros((len(NAMES), 0))}


@dataclass(frozen=True, slots=True)
class Todo:
    """The days of a span: those to play, what those played stand on, and why others cannot be played, in words."""

    fresh: tuple[Source, ...]
    played: tuple[Source, ...]
    refused: Mapping[date, str]


@dataclass(frozen=True, slots=True, eq=False)
class DayVerdict:
    """One queue on one day, as stored.

    Parameters
    ----------
    promised, awt_s
        Share to be answered within `awt_s` seconds; None where the queue has no such promise.
    verdict
        Weighted by the contacts that came.
    hours, clairvoyant_hours, spreadsheet_hours
        Head-hours on queue: of the schedule, of the volumes that came, and of the mean of six weeks (None without them).
    start_s, figures
        Start of the intervals, s since 1970 UTC, and arrays by `NAMES`; spreadsheet is NaN without six weeks of history.
    """

    day: date
    queue: str
    name: str
    promised: float | None
    awt_s: float
    verdict: Verdict
    hours: float
    clairvoyant_hours: float
    spreadsheet_hours: float | None
    start_s: NDArray[np.int64]
    figures: Mapping[str, Floats]

    @property
    def is_kept(self) -> bool | None:
        """Whether the promise was kept; None where there is none."""
        return None if self.promised is None else self.verdict.kept >= self.promised


def todo(service: Service, actor: Actor, first_day: date, last_day: date) -> Todo:
    """What there is to play of a span; days from today on are left out.

    Raises
    ------
    InvalidInput
        When the span is longer than `MOST_DAYS` days or ends before it begins.
    """
    require(actor, "schedule.read")
    count = (last_day - first_day).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise InvalidInput(f"a replay spans 1 to {MOST_DAYS} days, got {count} ({first_day} to {last_day})")
    last_day = min(last_day, last_past_day(service.now(), centre.organisation(service, actor).zone))
    fresh: list[Source] = []
    played: list[Source] = []
    refused: dict[date, str] = {}
    with service.database.reading() as session:
        stored = {row.day: row.fingerprint for row in verdicts.days(session, actor.organisation_id, first_day, last_day)}
        reader = PastDays(service, actor, session, first_day, last_day)
        for day in days_between(first_day, last_day):
            found = reader.source(day)
            if isinstance(found, str):
                refused[day] = found
            else:
                (played if stored.get(day) == found.fingerprint else fresh).append(found)
    return Todo(tuple(fresh), tuple(played), refused)


def play(service: Service, actor: Actor, sources: Sequence[Source], progress: Progress) -> None:
    """Play days and store their verdicts, each day by itself: work that stops keeps the days that are done."""
    require(actor, "schedule.read")
    if not sources:
        return
    days = [source.day for source in sources]
    with service.database.reading() as session:
        reader = PastDays(service, actor, session, min(days), max(days))
        for number, source in enumerate(sources):
            progress.say(number / len(sources), f"playing {source.day:%A %d %B}")
            day = reader.read(source)
            _store(service, actor, day, *_played(day))


def span(service: Service, actor: Actor, first_day: date | None, days: int) -> tuple[date, date]:
    """First and last of some days from `first_day` on; without one of the last days up to yesterday on the organisation's clock."""
    if first_day is None:
        first_day = last_past_day(service.now(), centre.organisation(service, actor).zone) - timedelta(days - 1)
    return first_day, first_day + timedelta(days - 1)


def document(found: Sequence[DayVerdict], left_out: Mapping[str, str]) -> dict[str, object]:
    """Verdicts for programs (wfm-replay/1): by queue and day, with hours and the intervals in which contacts came."""
    return {
        "format": "wfm-replay/1",
        "left_out": dict(left_out),
        "verdicts": [{"queue": one.queue, "day": one.day.isoformat(), **asdict(one.verdict)} for one in found],
        "hours": [
            {
                "queue": one.queue,
                "day": one.day.isoformat(),
                "roster": one.hours,
                "clairvoyant": one.clairvoyant_hours,
                "spreadsheet": one.spreadsheet_hours,
            }
            for one in found
        ],
        "intervals": [line for one in found for line in _intervals(one)],
    }


def _intervals(one: DayVerdict) -> Iterator[dict[str, object]]:
    for t in np.flatnonzero(one.figures["came"] > 0).tolist():
        figures = {name: float(values[t]) for name, values in one.figures.items()}
        parts = {name: figures[name] for name in PARTS}
        start = datetime.fromtimestamp(int(one.start_s[t]), UTC).isoformat()
        verdict = {"contacts": figures["came"], "planned": figures["planned"], "kept": figures["kept"], "parts": parts}
        yield {"queue": one.queue, "start": start, **verdict}


def run(service: Service, actor: Actor, progress: Progress, first_day: date, last_day: date) -> None:
    """Play the days of a span that were not played yet, as a job."""
    play(service, actor, todo(service, actor, first_day, last_day).fresh, progress)
    with service.database.transaction() as session:
        progress.finish(session, first_day=first_day.isoformat(), last_day=last_day.isoformat())


def stored(
    service: Service, actor: Actor, first_day: date, last_day: date, *, with_series: bool = True
) -> tuple[tuple[DayVerdict, ...], Mapping[str, str]]:
    """The verdicts of a span by queue and day, and why queues have none at all, by key.

    Parameters
    ----------
    with_series
        False leaves the intervals out.
    """
    require(actor, "schedule.read")
    with service.database.reading() as session:
        rows = verdicts.verdicts(session, actor.organisation_id, first_day, last_day, with_series=with_series)
        days = verdicts.days(session, actor.organisation_id, first_day, last_day)
        judged = {queue.key for _, queue, _ in rows}
        left_out = {key: reason for row in days for key, reason in row.left_out.items() if key not in judged}
        views = (_view(day, queue.key, queue.name, row, unpack(row.series) if with_series else _NOTHING) for day, queue, row in rows)
        return tuple(views), left_out


def _played(day: PastDay) -> tuple[list[QueueReplay], dict[str, str]]:
    try:
        found = replay(day.problem, day.scheduled, day.played, day.worked, REPLICATIONS, day.source.day.toordinal())
    except InvalidInput as error:
        return [], {**day.left_out, "": str(error)}
    return list(found.queues), {**day.left_out, **found.left_out}


def _store(service: Service, actor: Actor, day: PastDay, found: Sequence[QueueReplay], left_out: Mapping[str, str]) -> None:
    source, owner = day.source, actor.organisation_id
    with service.database.transaction() as session:
        service.database.lock(session, "replay", owner)
        row = ReplayedDayRow(
            organisation_id=owner,
            day=source.day,
            fingerprint=source.fingerprint,
            publication=source.publication,
            changed=source.changed,
            requirement=source.requirement,
            forecast=source.forecast,
            made_at=service.now(),
            left_out=dict(left_out),
        )
        verdicts.put(session, row, _values(day.problem.grid, found, staff.queue_ids(session, owner)))


def _values(grid: TimeGrid, found: Sequence[QueueReplay], ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    start_s = int(grid.begin.timestamp()) + grid.interval_s * np.arange(grid.count, dtype=np.int64)
    for one in found:
        verdict = one.over()
        yield {
            "queue_id": ids[one.queue.id],
            "contacts": verdict.contacts,
            "promised": one.queue.target.level,
            "awt_s": one.queue.target.awt_s,
            "planned": verdict.planned,
            "kept": verdict.kept,
            "parts": dict(verdict.parts),
            "hours": one.hours,
            "clairvoyant_hours": one.clairvoyant_hours,
            "spreadsheet_hours": one.spreadsheet_hours,
            "series": pack({"start_s": start_s, "figures": _figures(one)}),
        }


def _figures(one: QueueReplay) -> Floats:
    spreadsheet = np.full(len(one.volume), np.nan) if one.spreadsheet is None else one.spreadsheet
    rows = (
        one.volume, one.expected.volume, one.met.aht_s, one.expected.aht_s, one.planned, one.kept, *(one.parts[name] for name in PARTS),
        one.heads.planned, one.heads.scheduled, one.heads.present, one.clairvoyant, spreadsheet,
    )  # fmt: skip
    return np.array(rows, np.float64)


def _view(day: date, key: str, name: str, row: VerdictRow, arrays: Mapping[str, NDArray[Any]]) -> DayVerdict:
    return DayVerdict(
        day=day,
        queue=key,
        name=name,
        promised=row.promised,
        awt_s=row.awt_s,
        verdict=Verdict(row.contacts, row.planned, row.kept, row.parts),
        hours=row.hours,
        clairvoyant_hours=row.clairvoyant_hours,
        spreadsheet_hours=row.spreadsheet_hours,
        start_s=arrays["start_s"],
        figures=dict(zip(NAMES, arrays["figures"], strict=True)),
    )
