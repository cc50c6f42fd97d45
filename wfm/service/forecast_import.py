"""A forecast made elsewhere, taken in as a version of its own: checked line by line, stored whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import InvalidInput, NotFound
from wfm.service import audit, fields
from wfm.service.context import Actor, Service
from wfm.service.edited import NORMAL_AT
from wfm.service.exchange import FORECAST_COLUMNS, Check, QueueSeries, read_series
from wfm.service.forecast_curve import grid_starts, placed
from wfm.service.forecast_versions import begun, copied
from wfm.service.policy import require
from wfm.service.queue_forecast import LEVELS
from wfm.storage import forecasts, staff
from wfm.storage.series import pack
from wfm.storage.tables import ForecastRow, QueueForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SOURCE = 80
LONGEST_DAYS = 400
MOST_BYTES, MOST_CONTACTS, MOST_AHT_S, MOST_CV = 20_000_000, 1e6, 86_400.0, 10.0


@dataclass(frozen=True, slots=True)
class ImportedForecast:
    """What an import made.

    Parameters
    ----------
    number
        Of the new version.
    queues
        Keys of the queues that the file had.
    taken_over
        Keys of the queues that it lacked, kept as in the newest version before.
    """

    number: int
    queues: tuple[str, ...]
    taken_over: tuple[str, ...]


def import_forecast(service: Service, actor: Actor, content: bytes, source: str) -> ImportedForecast:
    """Store a CSV in the columns of `wfm forecast` as the newest version.

    Every queue of the file covers the same whole local days with every interval. Blank bands are laid around the mean with the spread
    that the queue had in the newest version, else with that of pure chance. Blank handle times stay unknown.

    Parameters
    ----------
    source
        Where the file came from, at most 80 characters; the version carries it.

    Raises
    ------
    UnreadableFile
        With line, column and reason for what cannot be used; nothing is stored then.
    InvalidInput
        When intervals are missing or the queues cover different days.
    """
    require(actor, "forecast.change")
    source = fields.note("source", source, SOURCE)
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"the file may have {MOST_BYTES // 1_000_000} MB, got {len(content) / 1e6:.1f}")
    with service.database.transaction() as session:
        service.database.lock(session, "forecast", actor.organisation_id)
        known = {row.key: (row.id, row.zone) for row, _ in staff.queues(session, actor.organisation_id)}
        series = read_series(content, FORECAST_COLUMNS, _check({key: where for key, (_, where) in known.items()}))
        first_day, days = _days(series)
        before = _newest(session, actor)
        row = begun(service, actor, session, first_day, days, source)
        for one in series:
            session.add(_part(row, known[one.queue][0], one, _whole(one, first_day, days), before.get(one.queue), source))
        named = {one.queue for one in series}
        taken_over = tuple(key for key in before if key not in named)
        session.add_all(copied(row, before[key]) for key in taken_over)
        session.flush()
        made = ImportedForecast(row.number, tuple(one.queue for one in series), taken_over)
        after = {"source": source, "first_day": first_day.isoformat(), "days": days, "queues": len(series), "taken_over": list(taken_over)}
        audit.record(session, service, actor, "forecast.import", "forecast", row.number, None, after)
        return made


def _check(zones: Mapping[str, str]) -> Check:
    """What a row must keep to, beyond being readable."""

    def wrong(queue: str, values: Mapping[str, Any]) -> tuple[str, str] | None:
        if queue not in zones:
            return "queue", f"there is no queue {queue!r}"
        if values["zone"] != zones[queue]:
            return "zone", f"must be {zones[queue]}, the zone of the queue, got {values['zone']}"
        if not values["mean"] <= MOST_CONTACTS:
            return "mean", f"must be 0 to {MOST_CONTACTS:,.0f} contacts; write 0 where none are expected"
        bands = [values[f"q{level}"] for level in LEVELS]
        given = [value for value in bands if value == value]
        if given and (len(given) < len(bands) or given != sorted(given) or given[-1] > MOST_CONTACTS):
            return f"q{LEVELS[0]}", "the five bands must all be blank, or rise from the lowest to the highest"
        if values["aht_s"] > MOST_AHT_S:
            return "aht_s", f"must be at most {MOST_AHT_S:,.0f} seconds, got {values['aht_s']:g}"
        return ("rate_cv", f"must be at most {MOST_CV:g}, got {values['rate_cv']:g}") if values["rate_cv"] > MOST_CV else None

    return wrong


def _days(series: tuple[QueueSeries, ...]) -> tuple[date, int]:
    """The local days that every queue of the file covers."""
    spans = {one.queue: (_local_day(one, 0), _local_day(one, -1)) for one in series}
    (queue, (first, last)), *others = spans.items()
    for other, span in others:
        if span != (first, last):
            raise InvalidInput(
                f"all queues must cover the same days: {queue!r} has {first} to {last}, {other!r} has {span[0]} to {span[1]}"
            )
    days = (last - first).days + 1
    if days > LONGEST_DAYS:
        raise InvalidInput(f"a forecast may have {LONGEST_DAYS} days, got {days:,} ({first} to {last})")
    return first, days


def _local_day(one: QueueSeries, at: int) -> date:
    return datetime.fromtimestamp(int(one.start_s[at]), UTC).astimezone(zone(one.zone)).date()


def _whole(one: QueueSeries, first_day: date, days: int) -> NDArray[np.int64]:
    """Every interval of the days; all of them must be in the file."""
    start_s = grid_starts(TimeGrid(one.zone, first_day, days, one.interval_minutes))
    lacking, astray = np.setdiff1d(start_s, one.start_s), np.setdiff1d(one.start_s, start_s)
    for found, words in (
        (astray, "does not lie on the intervals of the day"),
        (lacking, "is missing; write a mean of 0 where none are expected"),
    ):
        if found.size:
            when = datetime.fromtimestamp(int(found[0]), UTC).astimezone(zone(one.zone))
            raise InvalidInput(f"queue {one.queue!r}: the interval {when:%Y-%m-%d %H:%M} {words} ({found.size:,} such intervals)")
    return start_s


def _newest(session: Session, actor: Actor) -> dict[str, QueueForecastRow]:
    try:
        newest = forecasts.version(session, actor.organisation_id)
    except NotFound:
        return {}
    return {queue.key: part for part, queue in forecasts.queues(session, newest)}


def _part(
    row: ForecastRow, queue_id: int, one: QueueSeries, start_s: NDArray[np.int64], before: QueueForecastRow | None, source: str
) -> QueueForecastRow:
    dispersion = dict(before.report.get("dispersion", {})) if before else {}
    arrays = {name: placed(start_s, one.start_s, one.columns[name]) for name in FORECAST_COLUMNS}
    blank = np.isnan(arrays["q0.5"])
    _fill(arrays, dispersion)
    sentence = f"Taken from a file of {source}."
    if blank.any():
        sentence += (
            " It had no bands" + ("; they" if blank.all() else f" in {int(blank.sum()):,} intervals; those") + " are estimated here."
        )
    return QueueForecastRow(
        organisation_id=row.organisation_id,
        forecast_id=row.id,
        queue_id=queue_id,
        interval_minutes=one.interval_minutes,
        report={"source": source, "sentence": sentence, "dispersion": dispersion},
        series=pack({"start_s": start_s, **arrays}),
    )


def _fill(arrays: dict[str, NDArray[np.float64]], dispersion: Mapping[str, float]) -> None:
    """Bands and spread of the rate where the file has none."""
    common, own = dispersion.get("common", 0.0), dispersion.get("own", 0.0)
    mean = arrays["mean"]
    spread = np.sqrt(mean + own * mean + common * mean**2)
    for level, at in NORMAL_AT.items():
        name = f"q{level}"
        arrays[name] = np.where(np.isnan(arrays[name]), np.maximum(0.0, mean + at * spread), arrays[name])
    rate_cv = np.where(mean > 0, np.sqrt(common + own / np.maximum(mean, 1e-9)), 0.0)
    arrays["rate_cv"] = np.where(np.isnan(arrays["rate_cv"]), np.minimum(rate_cv, MOST_CV), arrays["rate_cv"])
