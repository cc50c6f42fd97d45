"""Shifts of a day as bits on a time axis of equal columns: the coverage strip stands on the same axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from wfm.domain.timegrid import local_midnight, zone

COLUMN = timedelta(minutes=15)
HOUR = 4
SHORTEST_LABEL = 3


class Pause(Protocol):
    """A break as placed."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def paid(self) -> bool: ...


class Piece(Protocol):
    """A shift with its breaks."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def breaks(self) -> Sequence[Pause]: ...


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
    """A piece of a shift: `kind` is on, break or lunch; `label` a word or a letter."""

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


def bits_of(piece: Piece, axis: Axis, letters: tuple[str, str]) -> tuple[Bit, ...]:
    """A shift cut at its breaks; its first stretch says when it begins, its last when it ends.

    Parameters
    ----------
    letters
        Letter of a paid break and of an unpaid one (lunch).
    """
    here = zone(axis.zone_name)
    bits: list[Bit] = []
    at = piece.start
    for pause in piece.breaks:
        bits += _work(axis, at, pause.start, f"{at.astimezone(here):%H:%M}" if at == piece.start else "")
        kind, letter = ("break", letters[0]) if pause.paid else ("lunch", letters[1])
        bits.append(Bit(kind, axis.column(pause.start), axis.span(pause.start, pause.end), letter))
        at = pause.end
    return (*bits, *_work(axis, at, piece.end, f"{piece.end.astimezone(here):%H:%M}"))


def _work(axis: Axis, start: datetime, end: datetime, word: str) -> list[Bit]:
    if end <= start:
        return []
    span = axis.span(start, end)
    return [Bit("on", axis.column(start), span, word if span >= SHORTEST_LABEL else "")]
