"""Days that have come, read from the database: the plan and the schedule that counted then, and the contacts that came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain import timegrid
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.timegrid import TimeGrid
from wfm.service.missed import Conditions
from wfm.service.observations import observed
from wfm.service.past_contacts import SPREADSHEET_WEEKS, observed_on, weekday_means
from wfm.service.problem_document import unpacked
from wfm.service.queue_forecast import Observed
from wfm.service.replaying import Played
from wfm.storage import definitions, drafts, history, publications, requirements, staff
from wfm.storage.series import unpack
from wfm.storage.tables import DraftRow, ForecastRow, PublicationRow, RequirementRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.service.context import Actor, Service

METHOD = "2"  # goes up when a replay of the same day gives other figures
_DAY = timedelta(1)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """What a day is played from.

    Parameters
    ----------
    publication, changed
        Numbers of the version that counted when the day began, and of the last one published before it ended.
    requirement, forecast
        Numbers of the people needed that the schedule was built for, and of the forecast behind them.
    fingerprint
        Changes with any of them and with the contacts of the day.
    """

    day: date
    publication: int
    changed: int
    requirement: int
    forecast: int
    fingerprint: str


@dataclass(frozen=True, slots=True, eq=False)
class PastDay:
    """A day ready to be played: as `replaying.replay` takes it; `left_out` says by queue key why it cannot take part."""

    source: Source
    problem: RosterProblem
    scheduled: tuple[Shift, ...]
    worked: tuple[Shift, ...] | None
    played: tuple[Played, ...]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Basis:
    """The versions behind a day."""

    at_dawn: PublicationRow
    at_dusk: PublicationRow
    draft: DraftRow
    requirement: RequirementRow


class PastDays:
    """Reader of the days of a span within one session; what several days share is read once."""

    def __init__(self, service: Service, actor: Actor, session: Session, first_day: date, last_day: date) -> None:
        self._service, self._owner, self._session = service, actor.organisation_id, session
        self._versions = publications.versions_over(session, self._owner, first_day - _DAY, last_day)
        self._queues = {row.key: row for row, _ in staff.queues(session, self._owner)}
        self._first_day, self._last_day = first_day, last_day
        self._seen: dict[str, Observed] = {}
        self._contacts: dict[str, history.StoredRows] = {}
        self._needs: dict[int, list[tuple[Any, Any, dict[str, NDArray[Any]]]]] = {}

    def source(self, day: date) -> Source | str:
        """What a day can be played from; or why it cannot, in words."""
        basis = self._basis(day)
        if isinstance(basis, str):
            return basis
        digest = hashlib.sha256(METHOD.encode())
        if not self._add_contacts(digest, day, basis.at_dawn.zone):
            return "no contacts of this day were imported"
        around = [row.sha256 for row in self._around(day, basis).values()]
        told = (basis.at_dawn.number, basis.at_dusk.number, basis.requirement.number, *around)
        digest.update(repr(told).encode())
        forecast = self._session.get_one(ForecastRow, basis.requirement.forecast_id)
        numbers = basis.at_dawn.number, basis.at_dusk.number, basis.requirement.number, forecast.number
        return Source(day, *numbers, digest.hexdigest())

    def read(self, source: Source) -> PastDay:
        """A day with everything that its replay needs."""
        basis = self._basis(source.day)
        assert not isinstance(basis, str)  # `source` says so otherwise
        problem = _one_day(unpacked(basis.draft.problem), source.day)
        played: list[Played] = []
        left_out: dict[str, str] = {}
        for part, queue, arrays in self._needs_of(basis.requirement, problem):
            found = self._played(problem, part, queue, arrays)
            if isinstance(found, str):
                left_out[queue.key] = found
            else:
                played.append(found)
        scheduled = self._shifts(problem, self._around(source.day, basis, dawn=True))
        worked = self._shifts(problem, self._around(source.day, basis))
        return PastDay(source, problem, scheduled, None if worked == scheduled else worked, tuple(played), left_out)

    def _basis(self, day: date) -> _Basis | str:
        at_dawn = self._version(day, dawn=True)
        at_dusk = self._version(day)
        if at_dawn is None or at_dusk is None:
            return "no schedule was published for it"
        draft = self._draft(at_dawn)
        if draft is None or not draft.problem:
            return f"published version {at_dawn.number} was stored without the people and needs that it was built for"
        if draft.requirement_id is None:
            return f"published version {at_dawn.number} was not built from people needed"
        return _Basis(at_dawn, at_dusk, draft, self._session.get_one(RequirementRow, draft.requirement_id))

    def _version(self, day: date, *, dawn: bool = False) -> PublicationRow | None:
        """The newest version published before the day began (or ended); the first where all came later."""
        over = [row for row in self._versions if row.first_day <= day <= row.last_day]
        limit = {row.zone: timegrid.local_midnight(day if dawn else day + _DAY, row.zone) for row in over}
        before = [row for row in over if row.published_at < limit[row.zone]]
        return before[-1] if before else over[0] if over else None

    def _draft(self, version: PublicationRow) -> DraftRow | None:
        """The draft that a version came from, also where it brought an earlier version back."""
        while version.draft_id is None and version.reverts_to is not None:
            version = publications.publication(self._session, self._owner, version.reverts_to)
        return drafts.by_id(self._session, version.draft_id)

    def _around(self, day: date, basis: _Basis, *, dawn: bool = False) -> dict[date, PublicationRow]:
        """The versions of the day and of the evening before, whose shifts may reach into it."""
        evening = self._version(day - _DAY, dawn=dawn)
        mine = basis.at_dawn if dawn else basis.at_dusk
        return {day: mine} if evening is None else {day - _DAY: evening, day: mine}

    def _shifts(self, problem: RosterProblem, covered: Mapping[date, PublicationRow]) -> tuple[Shift, ...]:
        found = publications.effective(self._session, covered)
        begin, end = problem.grid.begin, problem.grid.end
        return tuple(one for _, _, one in found if one.agent in problem.agent_of and one.start < end and one.end > begin)

    def _needs_of(self, row: RequirementRow, problem: RosterProblem) -> Iterator[tuple[Any, Any, dict[str, NDArray[Any]]]]:
        if row.id not in self._needs:
            self._needs[row.id] = [(part, queue, unpack(part.series)) for part, queue in requirements.queues(self._session, row)]
        known = {need.queue for need in problem.requirements}
        return (one for one in self._needs[row.id] if one[1].key in known)

    def _played(self, problem: RosterProblem, part: Any, queue: Any, arrays: Mapping[str, NDArray[Any]]) -> Played | str:
        grid, set_up = problem.grid, definitions.queue(queue.key, queue.name, part.definition)
        step_s = 60 * part.interval_minutes

        def laid(values: NDArray[Any]) -> Floats:
            amounts = np.nan_to_num(observed_on(grid, arrays["start_s"], step_s, values.astype(np.float64)))
            return np.asarray(amounts * step_s / grid.interval_s)

        seen = self._observed(queue.key, queue.zone)
        if seen.interval_minutes > units.MINUTES_PER_DAY // 24:
            return f"{queue.name} has contacts by {seen.interval_minutes} minutes; a replay needs intervals of at most an hour"
        aht_s = laid(arrays["aht_s"])
        if not (aht_s > 0).any():
            return f"{queue.name} was planned without a handle time"
        aht_s = np.where(aht_s > 0, aht_s, aht_s[aht_s > 0].mean())
        planned = Conditions(laid(arrays["volume"]) * grid.interval_s / step_s, aht_s)
        on_queue = laid(arrays["on_queue"] - arrays.get("movable", np.zeros(len(arrays["on_queue"]))))
        came = self._came(grid, seen, aht_s)
        earlier = weekday_means(grid, seen.start_s, 60 * seen.interval_minutes, seen.volume)
        return Played(set_up, planned, came, on_queue, earlier, laid(arrays["rate_cv"]), _there(problem, queue.key, on_queue))

    def _came(self, grid: TimeGrid, seen: Observed, aht_s: Floats) -> Conditions:
        step_s = 60 * seen.interval_minutes
        volume, handle_s = (observed_on(grid, seen.start_s, step_s, values) for values in (seen.volume, seen.handle_s))
        with np.errstate(divide="ignore", invalid="ignore"):
            return Conditions(volume, np.where((volume > 0) & (handle_s > 0), handle_s / volume, aht_s))

    def _observed(self, key: str, zone: str) -> Observed:
        if key not in self._seen:
            since = timegrid.local_midnight(self._first_day - timedelta(7 * SPREADSHEET_WEEKS + 1), zone)
            self._seen[key] = observed(self._service, self._owner, self._queues[key].id, since)
        return self._seen[key]

    def _add_contacts(self, digest: Any, day: date, zone: str) -> bool:
        """Add the contacts of a day to a digest; False where none are known."""
        begin, end = (int(timegrid.local_midnight(at, zone).timestamp()) for at in (day, day + _DAY))
        some = False
        for key, queue in self._queues.items():
            if key not in self._contacts:
                edges = (self._first_day - _DAY, self._last_day + 2 * _DAY)
                first_s, last_s = (int(timegrid.local_midnight(at, queue.zone).timestamp()) for at in edges)
                self._contacts[key] = history.rows(self._session, self._owner, queue.id, first_s, last_s)
            rows = self._contacts[key]
            here = slice(*np.searchsorted(rows.start_s, (begin, end)))
            some = some or bool(rows.volume[here].sum() > 0)
            for column in (rows.start_s, rows.volume, rows.handle_s):
                digest.update(column[here].tobytes())
            digest.update(key.encode())
        return some


def _one_day(problem: RosterProblem, day: date) -> RosterProblem:
    """A problem as far as one of its local days goes."""
    grid = problem.grid
    first, last = grid.day_bounds[grid.dates.index(day)]
    needs = tuple(replace(need, required=need.required[first:last], minimum=need.minimum[first:last]) for need in problem.requirements)
    return replace(problem, grid=TimeGrid(grid.zone_name, day, 1, grid.interval_minutes), requirements=needs)


def _there(problem: RosterProblem, key: str, on_queue: Floats) -> Floats:
    """Share of the people on the schedule who are on the queue on an average day: what the plan needs there over what it asks for."""
    required = next(np.array(need.required) for need in problem.requirements if need.queue == key)
    total = required.sum()
    usual = on_queue[required > 0].sum() / total if total > 0 else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.clip(np.where(required > 0, on_queue / required, usual), 0.0, 1.0))


def days_between(first_day: date, last_day: date) -> Sequence[date]:
    """Every day of a span."""
    return [first_day + timedelta(n) for n in range((last_day - first_day).days + 1)]


def last_past_day(now: datetime, zone: str) -> date:
    """Yesterday on a local clock."""
    return now.astimezone(timegrid.zone(zone)).date() - _DAY
