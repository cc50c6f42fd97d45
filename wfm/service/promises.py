"""What the night says about promises: which queues broke theirs yesterday and why, and which drift from their plan over four weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.service import verdicts
from wfm.service.context import Actor, Service
from wfm.service.kept_level import MEMORY_DAYS, WINDOW_DAYS, KeptLevel, kept_level
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.service.replaying import PARTS
from wfm.service.verdict_words import capitalised, causes_in_words, level_in_words
from wfm.service.verdicts import DayVerdict
from wfm.storage import findings
from wfm.storage.tables import FindingRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DRIFT = "kept_drift"
MISS_POINTS = 0.02  # a promise missed by less is told on the page, and is no finding


@dataclass(frozen=True, slots=True)
class Drifted:
    """Four weeks of a queue against its plan; `parts` by `PARTS` are means that add up to the difference."""

    queue: str
    name: str
    last_day: date
    level: KeptLevel
    kept: float
    planned: float
    contacts: float
    parts: dict[str, float]

    @property
    def text(self) -> str:
        """The finding in words."""
        points = 100 * self.level.difference
        side = "below" if points < 0 else "above"
        advice = (
            "Look whether the plan still fits the queue: its forecast, handling times or shrinkage."
            if points < 0
            else "Fewer hours may keep the promise as well."
        )
        return (
            f"{self.name}: over the {self.level.days} days to {self.last_day:%A %d %B} the level kept was {100 * self.kept:.1f} %, "
            f"{abs(points):.1f} points {side} the {100 * self.planned:.1f} % planned (give or take {196 * self.level.error:.1f}); chance "
            f"does not explain that. On average {causes_in_words(self.parts)}. {advice} Nothing was corrected."
        )


def judge(service: Service, actor: Actor, progress: Progress, yesterday: date) -> tuple[DayVerdict, ...]:
    """Play what is new in the last four weeks: days not played yet, or of which other contacts are known now; verdicts of half a year."""
    first_day = yesterday - timedelta(WINDOW_DAYS - 1)
    verdicts.play(service, actor, verdicts.todo(service, actor, first_day, yesterday).fresh, progress)
    return verdicts.stored(service, actor, yesterday - timedelta(MEMORY_DAYS - 1), yesterday, with_series=False)[0]


def broken(found: Iterable[DayVerdict], day: date) -> list[DayVerdict]:
    """The queues that missed their promise on a day by enough for a finding."""
    return [one for one in found if one.day == day and one.promised is not None and one.verdict.kept < one.promised - MISS_POINTS]


def broken_in_words(one: DayVerdict) -> str:
    """A broken promise as a finding."""
    why = capitalised(causes_in_words(one.verdict.parts))
    return f"{one.name} broke its promise on {one.day:%A %d %B}: {level_in_words(one.verdict, one.promised, one.awt_s)}. {why}."


def drifted(found: Sequence[DayVerdict], last_day: date) -> tuple[list[Drifted], list[str]]:
    """Queues that have drifted from their plan, and keys of those of which that is no longer so."""
    drifting, mended = [], []
    for key, days in groupby(sorted(found, key=lambda one: (one.queue, one.day)), key=lambda one: one.queue):
        one = _four_weeks(list(days), last_day)
        if one is not None and one.level.has_drifted:
            drifting.append(one)
        elif one is None or one.level.is_mended:
            mended.append(key)
    return drifting, mended


def _four_weeks(days: list[DayVerdict], last_day: date) -> Drifted | None:
    contacts, kept, planned = (np.array([getattr(one.verdict, name) for one in days]) for name in ("contacts", "kept", "planned"))
    recent = np.array([one.day > last_day - timedelta(WINDOW_DAYS) for one in days])
    level = kept_level(contacts, kept - planned, recent)
    if level is None:
        return None
    days, contacts, kept, planned = (
        [one for one, is_recent in zip(days, recent, strict=True) if is_recent],
        contacts[recent],
        kept[recent],
        planned[recent],
    )

    def mean(values: Sequence[float]) -> float:
        return float(np.average(values, weights=contacts))

    parts = {name: mean([one.verdict.parts[name] for one in days]) for name in PARTS}
    return Drifted(days[0].queue, days[0].name, last_day, level, mean(kept.tolist()), mean(planned.tolist()), float(contacts.sum()), parts)


def keep_findings(
    session: Session, service: Service, actor: Actor, job_id: int, drifting: Iterable[Drifted], mended: Iterable[str], ids: dict[str, int]
) -> int:
    """Raise each drift once, bring open ones up to date, and close those that are mended; how many are new.

    A drift that somebody has put away is not raised again before it was mended.
    """
    latest = findings.latest_by_queue(session, actor.organisation_id, DRIFT)
    new = 0
    for one in drifting:
        row = latest.get(ids[one.queue])
        if row is None or "mended_on" in row.details:
            session.add(_row(service, actor, job_id, ids[one.queue], one))
            new += 1
        elif row.settled_at is None:
            row.text, row.weight, row.details = one.text, _weight(one), _details(one)
    for key in mended:
        row = latest.get(ids[key])
        if row is not None and "mended_on" not in row.details:
            row.details = {**row.details, "mended_on": service.now().date().isoformat()}
            if row.settled_at is None:
                row.settled_at, row.settled_by = service.now(), actor.name
    return new


def _row(service: Service, actor: Actor, job_id: int, queue_id: int, one: Drifted) -> FindingRow:
    return FindingRow(
        organisation_id=actor.organisation_id,
        job_id=job_id,
        queue_id=queue_id,
        found_at=service.now(),
        kind=DRIFT,
        weight=_weight(one),
        text=one.text,
        details=_details(one),
        settled_at=None,
        settled_by=None,
    )


def _weight(one: Drifted) -> float:
    return abs(one.level.difference) * one.contacts


def _details(one: Drifted) -> dict[str, Any]:
    return {
        "last_day": one.last_day.isoformat(),
        "days": one.level.days,
        "difference": round(one.level.difference, 5),
        "error": round(one.level.error, 5),
        "parts": {name: round(part, 5) for name, part in one.parts.items()},
    }


@dataclass(frozen=True, slots=True)
class DayReport:
    """The promises of one day, for the page that a planner starts on; `verdicts` those with the largest misses first."""

    day: date
    verdicts: tuple[DayVerdict, ...]

    @property
    def kept(self) -> int:
        """How many queues kept their promise."""
        return sum(one.is_kept is True for one in self.verdicts)

    @property
    def promised(self) -> int:
        """How many queues have one."""
        return sum(one.promised is not None for one in self.verdicts)


def newest(service: Service, actor: Actor, last_day: date) -> DayReport | None:
    """The verdicts of the newest day of the last week that was judged."""
    require(actor, "schedule.read")
    found, _ = verdicts.stored(service, actor, last_day - timedelta(6), last_day)
    if not found:
        return None
    day = max(one.day for one in found)
    of_day = (one for one in found if one.day == day)
    return DayReport(day, tuple(sorted(of_day, key=lambda one: one.verdict.kept - (1.0 if one.promised is None else one.promised))))
