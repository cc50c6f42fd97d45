"""What planners know ahead, in a JSON file: special days, counts per day, new queues, edits, families. For forecasts from file to file.

    {"special_days": [{"name": "Flu letter", "first_day": "2026-05-20", "last_day": "2026-05-21", "effect_percent": 20}],
     "counts": [{"name": "Visits booked", "queue": "appointments", "by_day": {"2026-05-20": 140}}],
     "new_queues": [{"queue": "flu line", "similar": "appointments", "weekly_total": 200, "off_by_percent": 25}],
     "edits": [{"queue": "billing", "name": "Late bills", "reason": "sent a day late", "first_day": "2026-05-20", "percent": 15}],
     "families": [["appointments", "appointments_es"]]}

What is wrong with it is said before anything is forecast (`wfm.service.known_checks`), as far as it can be known then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from wfm import units
from wfm.errors import InvalidInput
from wfm.service.cold_forecast import Similar, like
from wfm.service.edit_wish import LONGEST_DAYS, EditWish, check, stretch
from wfm.service.edited import Change, EditKind, laid
from wfm.service.known_checks import faults_of_file, faults_with, refuse
from wfm.service.queue_forecast import LEVELS, ForecastTask, Kin, QueueForecast

if TYPE_CHECKING:
    from wfm.forecast import Driver, Event


def _clock(text: str) -> str:
    if text:
        units.clock_minutes(text)
    return text


Text = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Clock = Annotated[str, AfterValidator(_clock)]
Percentage = Annotated[float, Field(ge=-100, le=2_000, allow_inf_nan=False)]
Contacts = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpecialDaysIn(_Part):
    """Days on which something happens; without an effect it is learned from past days of the same name."""

    name: Name
    first_day: date
    last_day: date | None = None
    effect_percent: Percentage | None = None
    queue: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> SpecialDaysIn:
        last = self.last_day or self.first_day
        if not timedelta(0) <= last - self.first_day < timedelta(LONGEST_DAYS):
            raise ValueError(f"the last day must be the first or one of the {LONGEST_DAYS - 1} after it, got {self.first_day} to {last}")
        return self


class CountsIn(_Part):
    """A count per day, of past days and of days to come."""

    name: Name
    by_day: Annotated[dict[date, Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]], Field(min_length=1)]
    queue: Text | None = None


class NewQueueIn(_Part):
    """A queue without a history, forecast like a similar one."""

    queue: Text
    similar: Text
    weekly_total: Annotated[float, Field(gt=0, le=1e7, allow_inf_nan=False)]
    off_by_percent: Annotated[float, Field(ge=0, le=200, allow_inf_nan=False)] = 25.0


class EditIn(_Part):
    """A change of what is forecast; one of `percent`, `total` and `interval`."""

    queue: Text
    name: Name
    reason: Name
    first_day: date
    last_day: date | None = None
    begin: Annotated[Clock, Field(alias="from")] = ""
    end: Annotated[Clock, Field(alias="to")] = ""
    percent: Percentage | None = None
    total: Contacts | None = None
    interval: Contacts | None = None

    def wish(self) -> EditWish:
        """The same as a planner would type it.

        Raises
        ------
        InvalidInput
            When it says how in no way or in several, or is out of bounds.
        """
        ways = {EditKind.PERCENT: self.percent, EditKind.TOTAL: self.total, EditKind.INTERVAL: self.interval}
        given = {kind: value for kind, value in ways.items() if value is not None}
        if len(given) != 1:
            raise InvalidInput(f"give one of percent, total, interval; got {', '.join(given) or 'none'}")
        ((kind, value),) = given.items()
        amount = value / 100 if kind is EditKind.PERCENT else value
        begin, end = (units.clock_minutes(clock) if clock else None for clock in (self.begin, self.end))
        made = EditWish(self.queue, kind, amount, self.first_day, self.last_day or self.first_day, self.name, self.reason, begin, end)
        check(made)
        return made


class KnownAhead(_Part):
    """The whole file."""

    special_days: tuple[SpecialDaysIn, ...] = ()
    counts: tuple[CountsIn, ...] = ()
    new_queues: tuple[NewQueueIn, ...] = ()
    edits: tuple[EditIn, ...] = ()
    families: tuple[Annotated[tuple[Text, ...], Field(min_length=2)], ...] = ()


def read_known(path: Path | None) -> KnownAhead:
    """What a file says; nothing without one.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or a count and special days to learn share a name; every entry that is wrong is named by its list and
        number.
    """
    from wfm.scheduler.schema import validated
    from wfm.service.roster_files import read_json

    if path is None:
        return KnownAhead()
    known = validated(KnownAhead, read_json(path), f"file {path.name}")
    refuse(f"the file {path.name} cannot be used", faults_of_file(known))
    return known


def told(known: KnownAhead, tasks: Sequence[ForecastTask]) -> list[ForecastTask]:
    """The tasks, told of their special days, counts and families.

    Parameters
    ----------
    known
        As `read_known` gives it.
    tasks
        One for each queue of the history, with the days that are wanted.

    Raises
    ------
    InvalidInput
        When the file names a queue that is not there, or a new one that is, or an edit lies outside the forecast of its queue.
    """
    refuse("what is known ahead does not fit the forecast", faults_with(known, tasks))
    return [_with_what_is_known(known, task, tasks) for task in tasks]


def with_new_queues(
    known: KnownAhead, tasks: Sequence[ForecastTask], made: Mapping[str, QueueForecast]
) -> list[tuple[ForecastTask, QueueForecast]]:
    """Every task with its forecast, new queues behind those with a history.

    Parameters
    ----------
    known
        As `told` accepted it.
    made
        Forecast of every task by its key.
    """
    of = {task.key: task for task in tasks}
    pairs = [(task, made[task.key]) for task in tasks]
    for one in known.new_queues:
        task, theirs = of[one.similar], made[one.similar]
        similar = Similar(task.key, task.key, task.zone, theirs.interval_minutes, theirs.arrays(), theirs.report.get("dispersion", {}))
        new = like(similar, task.zone, task.first_day, task.days, one.weekly_total, one.off_by_percent / 100)
        pairs.append((replace(task, key=one.queue), new))
    return pairs


def with_edits(known: KnownAhead, task: ForecastTask, made: QueueForecast) -> QueueForecast:
    """A forecast with the edits of its queue on it, one after the other.

    Parameters
    ----------
    known
        As `told` accepted it.
    task, made
        What was asked of the queue, and its forecast; neither is changed.

    Raises
    ------
    InvalidInput
        When an edit lies outside the forecast or finds nothing to scale.
    """
    arrays, reach = made.arrays(), (task.first_day, task.first_day + timedelta(task.days - 1))
    for place, edit in enumerate(known.edits):
        if edit.queue == task.key:
            with _naming(place, edit):
                wish = edit.wish()
                begin, end = stretch(wish, task.zone, made.interval_minutes)
                change = Change(wish.kind, int(begin.timestamp()), int(end.timestamp()), wish.value)
                arrays = laid(arrays, change, made.report.get("dispersion", {}), reach)
    quantile = {level: arrays[f"q{level}"] for level in LEVELS}
    return replace(made, mean=arrays["mean"], rate_cv=arrays["rate_cv"], quantile=quantile)


def _events(known: KnownAhead, queue: str) -> tuple[Event, ...]:
    from wfm.forecast.events import events_over

    mine = (one for one in known.special_days if one.queue in (None, queue))
    return events_over(
        (one.name, one.first_day, one.last_day or one.first_day, None if one.effect_percent is None else one.effect_percent / 100)
        for one in mine
    )


def _drivers(known: KnownAhead, queue: str) -> tuple[Driver, ...]:
    """A count of the queue's own comes before one of the same name for all."""
    from wfm.forecast import Driver

    mine = sorted((one for one in known.counts if one.queue in (None, queue)), key=lambda one: one.queue is not None)
    return tuple(Driver(name, by_day) for name, by_day in {one.name: one.by_day for one in mine}.items())


def _with_what_is_known(known: KnownAhead, task: ForecastTask, tasks: Sequence[ForecastTask]) -> ForecastTask:
    events, drivers, family = _events(known, task.key), _drivers(known, task.key), _family(known, task, tasks)
    return replace(task, events=events, drivers=drivers, family=family)


def _family(known: KnownAhead, task: ForecastTask, tasks: Sequence[ForecastTask]) -> tuple[Kin, ...]:
    kin = {key for family in known.families if task.key in family for key in family} - {task.key}
    if not task.is_young:
        return ()
    return tuple(Kin(other.key, other.zone, other.observed) for other in tasks if other.key in kin)


@contextmanager
def _naming(place: int, edit: EditIn) -> Iterator[None]:
    """Errors of the body say which edit they are about."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"edits[{place}] ({edit.name}): {error}") from error
