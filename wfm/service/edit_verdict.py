"""Whether an edit helped: the forecast with it and without it against what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import NotFound
from wfm.service import centre
from wfm.service.edited import Change
from wfm.service.forecast_curve import Curve, Floats, came, part_of, stitched
from wfm.storage import forecasts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.service.context import Actor, Service

LOOK_BACK_DAYS = 62
EQUAL = 0.005


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an edit did, over the intervals of its stretch that have come; other edits count on both sides.

    Parameters
    ----------
    wape_with, wape_without
        Error of intervals, sum |came - forecast| / sum came, as shares.
    volume, with_edit, without_edit
        Contacts that came, and that were expected with and without the edit.
    intervals
        Intervals that could be judged.
    """

    wape_with: float
    wape_without: float
    volume: float
    with_edit: float
    without_edit: float
    intervals: int

    @property
    def helped(self) -> bool | None:
        """True where the edit made the forecast better, False where worse, None where the difference is below half a point."""
        gain = self.wape_without - self.wape_with
        return None if abs(gain) < EQUAL else gain > 0


def verdicts(service: Service, actor: Actor, session: Session, queue: centre.QueueView, changes: Sequence[Change]) -> Mapping[int, Verdict]:
    """The verdict on each of these edits, by its number, where something of its stretch has come in the last two months.

    Parameters
    ----------
    changes
        The edits of the queue that count, in the order in which they were made.
    """
    here, today = zone(queue.zone), service.now().astimezone(zone(queue.zone)).date()
    oldest = today - timedelta(LOOK_BACK_DAYS)
    first_days = {one.number: datetime.fromtimestamp(one.begin_s, UTC).astimezone(here).date() for one in changes}
    begun = [one for one in changes if oldest <= first_days[one.number] <= today]
    if not begun:
        return {}
    first_day = min(first_days[one.number] for one in begun)
    row = forecasts.version(session, actor.organisation_id)
    try:
        part = part_of(session, row, queue)
    except NotFound:
        return {}
    raw = stitched(session, row, part, queue, TimeGrid(queue.zone, first_day, (today - first_day).days + 1, part.interval_minutes))
    actual, _ = came(service, actor.organisation_id, queue, raw.grid, first_day)
    with_all = raw.with_edits(changes).columns["mean"]
    found = {one.number: _verdict(raw, actual, with_all, one, changes) for one in begun}
    return {number: verdict for number, verdict in found.items() if verdict is not None}


def _verdict(raw: Curve, actual: Floats, with_all: Floats, one: Change, changes: Sequence[Change]) -> Verdict | None:
    without = raw.with_edits([other for other in changes if other != one]).columns["mean"]
    inside = (raw.start_s >= one.begin_s) & (raw.start_s < one.end_s)
    known = inside & ~np.isnan(actual) & ~np.isnan(with_all) & ~np.isnan(without)
    volume = float(actual[known].sum())
    if volume <= 0:
        return None
    wape_with, wape_without = (float(np.abs(actual[known] - mean[known]).sum()) / volume for mean in (with_all, without))
    return Verdict(wape_with, wape_without, volume, float(with_all[known].sum()), float(without[known].sum()), int(known.sum()))
