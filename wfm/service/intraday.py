"""The rest of today: what came until now, the forecast that follows from it, and the smallest change that brings the promise back.

Nothing is changed and nothing published: people decide, and make the change in a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Queue
from wfm.domain.roster import Requirement, RosterProblem, Shift
from wfm.domain.timegrid import TimeGrid, local_midnight, zone
from wfm.errors import NotFound
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.day_changes import Board, Offer, go_home, smallest_change
from wfm.service.demand_grid import for_roster, planned_break_share
from wfm.service.forecast_curve import placed
from wfm.service.missing import Expected, chance_of_missing, measurable
from wfm.service.observations import observed
from wfm.service.people_needed import people_needed
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.service.progress import Progress
from wfm.service.roster_heads import on_queue
from wfm.service.staffing_view import DayCells, of_version
from wfm.storage import forecasts, publications, requirements
from wfm.storage.tables import DraftRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.forecast import DayUpdate, Dispersion

NOTICE = timedelta(minutes=30)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TodayCell:
    """One interval of a queue today.

    Parameters
    ----------
    came
        Contacts that came; None where it is not known yet.
    expected
        Contacts of the plan.
    updated, low_80, high_80
        Contacts expected now, with the band that holds four of five such intervals; what came, once it is known.
    planned, needed, on_duty
        Heads on queue: of the plan, needed now, and there by the published schedule.
    chance
        Of missing the target with the people on duty; None where the interval is over or nobody is expected.
    """

    start_s: int
    clock: str
    came: float | None
    expected: float
    updated: float
    low_80: float
    high_80: float
    planned: int
    needed: int
    on_duty: float
    chance: float | None

    @property
    def is_open(self) -> bool:
        """True where contacts are expected, or came."""
        return self.expected > 0 or bool(self.came)


@dataclass(frozen=True, slots=True)
class QueueToday:
    """One queue today; `until` says up to when its contacts are known, `came` and `due` are the contacts until then."""

    queue: centre.QueueView
    interval_minutes: int
    cells: tuple[TodayCell, ...]
    until: datetime | None
    came: float
    due: float
    rest_before: float
    rest_now: float

    @property
    def surprise(self) -> float | None:
        """How far what came lies from what was due, as a share; None while nothing was due."""
        return self.came / self.due - 1.0 if self.due > 0 else None


@dataclass(frozen=True, slots=True)
class TodayView:
    """Today over all queues.

    Parameters
    ----------
    moment
        From when on the rest of today counts: the end of the last known interval, or now.
    soonest
        Before it nobody's plan is changed.
    publication
        Number of the published schedule; None without one, and then there are no proposals.
    short_before, short_after, spare_hours
        Head-hours short in the rest of today without and with the proposals, and head-hours that no queue needs.
    offers
        The smallest change that brings the promise back, the most useful first.
    home
        Who may go home early without anything becoming short.
    """

    day: date
    moment: datetime
    soonest: datetime
    requirement: int
    publication: int | None
    queues: tuple[QueueToday, ...]
    short_before: float
    short_after: float
    spare_hours: float
    offers: tuple[Offer, ...]
    home: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A queue today as stored, and what has come of it."""

    view: centre.QueueView
    queue: Queue
    interval_s: int
    cells: DayCells
    came: Floats
    update: DayUpdate
    dispersion: Dispersion


@dataclass(frozen=True, slots=True, eq=False)
class _Updated:
    """The same with the rest of the day expected anew; arrays over the intervals of the day."""

    known: _Known
    over: NDArray[np.bool_]
    mean: Floats
    low_80: Floats
    high_80: Floats
    rate_cv: Floats
    needed: NDArray[np.int64]


def today(service: Service, actor: Actor, day: date | None = None, progress: Progress | None = None) -> TodayView:
    """The rest of a day, from the newest people needed and the published schedule. Heavy: for worker processes and the command line.

    Parameters
    ----------
    day
        Local day of the organisation; None for today. On another day everything is still to come, or over.

    Raises
    ------
    NotFound
        When there are no people needed yet, or they do not reach over today.
    """
    require(actor, "requirement.read")
    require(actor, "publication.read")
    home = centre.organisation(service, actor).zone
    now = service.now().astimezone(zone(home))
    day = day or now.date()
    begin, end = (local_midnight(edge, home).astimezone(zone(home)) for edge in (day, day + timedelta(1)))
    number, known = _known(service, actor, day)
    moment = min(max(now, begin), end)
    until = max((last for one in known if (last := _until(one)) is not None), default=None)
    if until is not None and day >= now.date():
        moment = until.astimezone(zone(home))
    bare = TodayView(day, moment, _next_quarter(max(min(now, end), moment) + NOTICE), number, None, (), 0.0, 0.0, 0.0, (), ())
    told = progress or Progress()
    told.say(0.1, "expecting the rest of the day anew")
    updated = [_updated(one, moment) for one in known]
    told.say(0.5, "looking for the smallest change")
    roster = _published(service, actor, day)
    if roster is None:
        return replace(bare, queues=tuple(_queue_today(one, None) for one in updated))
    return _proposed(roster, updated, replace(bare, publication=roster.number))


@dataclass(frozen=True, slots=True, eq=False)
class _Roster:
    """The published shifts of the weeks of a draft, and whom the reader may see."""

    number: int
    problem: RosterProblem
    shifts: tuple[Shift, ...]
    names: Mapping[str, str]


def _proposed(roster: _Roster, updated: list[_Updated], bare: TodayView) -> TodayView:
    board = Board(roster.problem, _needing(roster.problem, updated, bare.day), roster.shifts, bare.soonest, roster.names)
    before = board.covered(bare.moment)
    offers = smallest_change(board)
    home = go_home(board, frozenset(offer.agent for offer in offers))
    with_offers = board.changed(offers)
    return replace(
        bare,
        queues=tuple(_queue_today(one, _at(board, one)) for one in updated),
        short_before=before.short_hours,
        short_after=with_offers.covered(bare.moment).short_hours,
        spare_hours=before.spare_hours,
        offers=offers,
        home=home,
    )


def _known(service: Service, actor: Actor, day: date) -> tuple[int, list[_Known]]:
    from wfm.forecast import Dispersion

    views = {one.id: one for one in centre.queues(service, actor)}
    with service.database.reading() as session:
        row = requirements.version(session, actor.organisation_id)
        number, reports = row.number, _reports(session, row.forecast_id)
        stored = [(views[queue.id], *of_version(part, queue)) for part, queue in requirements.queues(session, row) if queue.id in views]
    found = []
    for view, planned, interval_s, arrays in stored:
        cells = _cells_of(view, arrays, day)
        if cells is None or not (cells.arrays["volume"] > 0).any():
            continue
        report = reports.get(view.id, {})
        seen = observed(service, actor.organisation_id, view.id, cells.starts[0])
        if interval_s > seen.interval_minutes * 60 and interval_s % (seen.interval_minutes * 60) == 0:
            seen = seen.longer(interval_s // 60)
        came = placed(cells.arrays["start_s"].astype(np.int64), seen.start_s, seen.volume)
        spread = Dispersion(**report["dispersion"]) if "dispersion" in report else Dispersion(0.02, 0.2)
        found.append(_Known(view, planned, interval_s, cells, came, _day_update(report), spread))
    if not found:
        raise NotFound(f"people needed {number} do not reach over {day}; work them out from a newer forecast")
    return number, found


def _reports(session: Session, forecast_id: int) -> dict[int, Mapping[str, Any]]:
    from wfm.storage.tables import ForecastRow

    return {queue.id: part.report for part, queue in forecasts.queues(session, session.get_one(ForecastRow, forecast_id))}


def _day_update(report: Mapping[str, Any]) -> DayUpdate:
    """How much of a surprise carries on, as the backtest of this queue learned it; cautious where it did not."""
    from wfm.forecast import DayUpdate

    told = report.get("day_update")
    return DayUpdate(tuple(told["slopes"]), tuple(told["remaining"])) if told else DayUpdate()


def _cells_of(view: centre.QueueView, arrays: Mapping[str, NDArray[Any]], day: date) -> DayCells | None:
    """The stored figures of a local day; None where they do not reach over it."""
    begin, end = (local_midnight(edge, view.zone).timestamp() for edge in (day, day + timedelta(1)))
    first, last = np.searchsorted(arrays["start_s"], [begin, end])
    if first == last:
        return None
    starts = tuple(datetime.fromtimestamp(int(s), UTC).astimezone(zone(view.zone)) for s in arrays["start_s"][first:last])
    return DayCells(day, starts, {name: values[first:last] for name, values in arrays.items()})


def _until(one: _Known) -> datetime | None:
    seen = np.flatnonzero(~np.isnan(one.came))
    return one.cells.starts[int(seen[-1])] + timedelta(seconds=one.interval_s) if len(seen) else None


def _updated(one: _Known, moment: datetime) -> _Updated:
    """What came takes the place of what was expected; the rest follows the day's surprise as far as such surprises carried on before."""
    import pandas as pd

    from wfm.forecast import update_today

    plan = one.cells.arrays
    mean = plan["volume"].astype(np.float64)
    over = np.array([start < moment for start in one.cells.starts])
    seen = ~np.isnan(one.came) & over
    updated, low, high = mean.copy(), plan["low_80"].astype(np.float64), plan["high_80"].astype(np.float64)
    rate_cv = plan["rate_cv"].astype(np.float64)
    live = not one.queue.channel.deferred
    if seen.any() and (mean > 0).any():
        wall = pd.DatetimeIndex([start.replace(tzinfo=None) for start in one.cells.starts])
        if not wall.has_duplicates:
            frame = pd.DataFrame({"mean": mean, "0.025": low, "0.1": low, "0.5": mean, "0.9": high, "0.975": high}, index=wall)
            after = update_today(frame, pd.Series(one.came, index=wall), one.update, one.dispersion)
            updated, low, high = (after[name].to_numpy(np.float64).copy() for name in ("mean", "0.1", "0.9"))
            done = float(mean[over].sum() / max(mean.sum(), 1e-9))
            rate_cv = replace(one.dispersion, common=one.dispersion.common * one.update.at(done)[1]).rate_cv(updated)
    needed = plan["on_queue"].astype(np.int64)
    rest = ~over & (updated > 0)
    if live and rest.any():
        need = people_needed(one.queue, one.interval_s, np.where(rest, updated, 0.0), plan["aht_s"].astype(np.float64), rate_cv)
        needed = np.where(rest, need.on_queue + plan["movable"].astype(np.int64), needed)
    for column in (updated, low, high):
        column[seen] = one.came[seen]
    return _Updated(one, over, updated, low, high, rate_cv, needed)


def _published(service: Service, actor: Actor, day: date) -> _Roster | None:
    """The published shifts that count on the days of the draft that today's come from."""
    with service.database.reading() as session:
        row = publications.covering(session, actor.organisation_id, day, day).get(day)
        while row is not None and row.draft_id is None and row.reverts_to is not None:
            row = publications.publication(session, actor.organisation_id, row.reverts_to)
        if row is None or row.draft_id is None:
            return None
        problem = unpacked(session.get_one(DraftRow, row.draft_id).problem)
        dates = problem.grid.dates
        covered = publications.covering(session, actor.organisation_id, dates[0], dates[-1])
        number = covered[day].number
        known = problem.agent_of
        shifts = tuple(shift for _, _, shift in publications.effective(session, covered) if shift.agent in known)
    names = {view.agent.id: view.name for view in centre.agents(service, actor)}
    return _Roster(number, problem, shifts, {key: name for key, name in names.items() if key in known})


def _needing(problem: RosterProblem, updated: list[_Updated], day: date) -> RosterProblem:
    """The day alone, with what is needed as it is known now."""
    whole, grid = problem.grid, TimeGrid(problem.grid.zone_name, day, 1, problem.grid.interval_minutes)
    first, last = whole.day_bounds[whole.dates.index(day)]
    planned = planned_break_share(problem.agents, problem.contracts)
    now = {one.known.queue.id: one for one in updated}

    def asked(part: Requirement) -> Requirement:
        required = np.array(part.required[first:last])
        one = now.get(part.queue)
        if one is not None:
            heads = for_roster(one.needed.astype(np.float64), one.known.cells.arrays["shrinkage"], planned)
            start_s = one.known.cells.arrays["start_s"].astype(np.int64)
            at = np.searchsorted(start_s, [int(start.timestamp()) for start in grid.local_starts], side="right") - 1
            required = np.where((at >= 0) & ~one.over[np.maximum(at, 0)], heads[np.maximum(at, 0)], required)
        return replace(part, required=tuple(required.tolist()), minimum=part.minimum[first:last])

    return replace(problem, grid=grid, requirements=tuple(asked(part) for part in problem.requirements))


def _at(board: Board, one: _Updated) -> Floats | None:
    heads = board.heads.get(one.known.queue.id)
    cells = one.known.cells
    return None if heads is None else on_queue(board.day, heads, cells.starts, one.known.interval_s, cells.arrays["shrinkage"])


def _queue_today(one: _Updated, on_duty: Floats | None) -> QueueToday:
    known, plan = one.known, one.known.cells.arrays
    seen = ~np.isnan(known.came)
    duty = plan["on_queue"].astype(np.float64) if on_duty is None else on_duty
    chances = _chances(one, duty)
    cells = tuple(
        TodayCell(
            int(start.timestamp()), f"{start:%H:%M}",
            float(known.came[t]) if seen[t] else None,
            float(plan["volume"][t]), float(one.mean[t]), float(one.low_80[t]), float(one.high_80[t]),
            int(plan["on_queue"][t]), int(one.needed[t]), round(float(duty[t]), 1), chances[t],
        )
        for t, start in enumerate(known.cells.starts)
    )  # fmt: skip
    volume = plan["volume"]
    counted = seen & one.over
    return QueueToday(
        queue=known.view,
        interval_minutes=known.interval_s // 60,
        cells=cells,
        until=_until(known),
        came=float(known.came[counted].sum()),
        due=float(volume[counted].sum()),
        rest_before=float(volume[~one.over].sum()),
        rest_now=float(one.mean[~one.over].sum()),
    )


def _chances(one: _Updated, duty: Floats) -> list[float | None]:
    known, plan = one.known, one.known.cells.arrays
    aht_s = plan["aht_s"].astype(np.float64)
    rest = ~one.over & (one.mean > 0) & (np.nan_to_num(aht_s) > 0)
    if not measurable(known.queue) or not rest.any():
        return [None] * len(duty)
    expected = Expected(known.queue, known.interval_s, np.where(rest, one.mean, 0.0), one.rate_cv, np.where(rest, aht_s, 1.0))
    heads = np.maximum(np.floor(duty + 0.5).astype(np.int64) - plan["movable"].astype(np.int64), 0)
    return [None if np.isnan(chance) else float(chance) for chance in chance_of_missing(expected, heads)]


def _next_quarter(moment: datetime) -> datetime:
    begin = moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)
    return begin if begin == moment else begin + timedelta(minutes=15)
