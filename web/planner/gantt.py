"""Shifts of a day as bits on a time axis of equal columns: the coverage strip stands on the same axis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from wfm.domain.timegrid import local_midnight, zone

COLUMN = timedelta(minutes=15)
HOUR = 4
SHORTEST_LABEL = 3
LETTERS_PER_COLUMN = 1.6  # of the board's type in a quarter hour


class Pause(Protocol):
    """A break as placed."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def paid(self) -> bool: ...


class Task(Protocol):
    """An activity as placed."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Block(Protocol):
    """A stretch on the same queues."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def queues(self) -> Sequence[str]: ...


class Piece(Protocol):
    """A shift with its breaks and activities."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def breaks(self) -> Sequence[Pause]: ...
    @property
    def activities(self) -> Sequence[Task]: ...


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of what is no work on queue: a paid break, an unpaid one (lunch), and activities by kind."""

    rest: str
    meal: str
    activities: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """How a stretch on some queues is drawn: the class of its channel, and its names, the longest that fits is shown."""

    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A full hour of the axis; `column` counts from 1."""

    column: int
    span: int
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of time in columns of a quarter hour.

    Parameters
    ----------
    begin
        First instant, UTC, on a column.
    columns
        How many there are.
    zone_name
        IANA zone of the labels.
    """

    begin: datetime
    columns: int
    zone_name: str

    def column(self, moment: datetime) -> int:
        """Column that holds an instant, from 1, inside the axis."""
        return max(1, min(self.columns + 1, 1 + (moment - self.begin) // COLUMN))

    def span(self, start: datetime, end: datetime) -> int:
        """Columns from `start` to `end`, at least one."""
        return max(1, self.column(end) - self.column(start))

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Every full hour, by the local clock."""
        starts = [self.begin + COLUMN * n for n in range(self.columns)]
        hours = [n for n, start in enumerate(starts) if start.astimezone(zone(self.zone_name)).minute == 0]
        ends = [*hours[1:], self.columns]
        return tuple(
            Tick(n + 1, end - n, f"{starts[n].astimezone(zone(self.zone_name)):%H}") for n, end in zip(hours, ends, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of a shift: `kind` is on or the class of a channel, break, lunch, or other with the kind of an activity; `label` a word."""

    kind: str
    column: int
    span: int
    label: str


def axis_of(day: date, zone_name: str, pieces: Iterable[Piece], busy: Iterable[datetime] = ()) -> Axis:
    """The hours in which anybody works on a day, or anything is needed: from full hour to full hour."""
    midnight = local_midnight(day, zone_name)
    moments = [moment for piece in pieces for moment in (piece.start, piece.end)] + list(busy)
    first, last = min(moments, default=midnight + timedelta(hours=8)), max(moments, default=midnight + timedelta(hours=18))
    begin = midnight + (max(first, midnight) - midnight) // timedelta(hours=1) * timedelta(hours=1)
    hours = -((begin - last) // timedelta(hours=1))
    return Axis(begin, HOUR * max(1, min(48, hours)), zone_name)


def bits_of(
    piece: Piece, axis: Axis, letters: Letters, blocks: Sequence[Block] = (), look: Callable[[Sequence[str]], Look] | None = None
) -> tuple[Bit, ...]:
    """A shift cut at its breaks and activities; its first stretch says when it begins, its last when it ends.

    Parameters
    ----------
    letters
        What stands in breaks and activities.
    blocks, look
        Where they are given, stretches on queue are cut into these blocks, which look so.
    """
    bits: list[Bit] = []
    at = piece.start
    for start, end, kind, label in _cuts(piece, letters):
        bits += _work(axis, piece, (at, start), blocks, look)
        bits.append(Bit(kind, axis.column(start), axis.span(start, end), label))
        at = max(at, end)
    return (*bits, *_work(axis, piece, (at, piece.end), blocks, look))


def _cuts(piece: Piece, letters: Letters) -> list[tuple[datetime, datetime, str, str]]:
    """What interrupts the work on queue, in order; of two at once the first."""
    found = [(one.start, one.end, *(("break", letters.rest) if one.paid else ("lunch", letters.meal))) for one in piece.breaks]
    found += [(one.start, one.end, f"other {one.kind or 'other'}", _label(one, letters)) for one in piece.activities]
    kept: list[tuple[datetime, datetime, str, str]] = []
    for cut in sorted(found):
        if not kept or kept[-1][1] <= cut[0]:
            kept.append(cut)
    return kept


def _label(one: Task, letters: Letters) -> str:
    """The activity's name where there is room for it, else its letter."""
    room = (one.end - one.start) // COLUMN * LETTERS_PER_COLUMN
    return one.name if len(one.name) <= room else letters.activities.get(one.kind, one.name[:1].upper())


def _work(
    axis: Axis, piece: Piece, stretch: tuple[datetime, datetime], blocks: Sequence[Block], look: Callable[[Sequence[str]], Look] | None
) -> list[Bit]:
    start, end = stretch
    if end <= start:
        return []
    here = zone(axis.zone_name)
    edge = f"{start.astimezone(here):%H:%M}" if start == piece.start else f"{end.astimezone(here):%H:%M}" if end == piece.end else ""
    inside = [(max(one.start, start), min(one.end, end), one) for one in blocks if one.start < end and start < one.end]
    if not inside or look is None:
        span = axis.span(start, end)
        return [Bit("on", axis.column(start), span, edge if span >= SHORTEST_LABEL else "")]
    return [_block(axis, begin, finish, look(one.queues)) for begin, finish, one in inside]


def _block(axis: Axis, start: datetime, end: datetime, look: Look) -> Bit:
    span = axis.span(start, end)
    return Bit(look.kind, axis.column(start), span, next((one for one in look.labels if len(one) <= span * LETTERS_PER_COLUMN), ""))
