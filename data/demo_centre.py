"""A whole healthcare contact centre from a seed: people, queues and two years of history.

Examples
--------
>>> centre = make_centre(seed=1, last_day=date(2026, 10, 31))
>>> len(centre.people), len(centre.queues), centre.organisation.zone
(120, 14, 'America/Chicago')
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from data import volumes
from data.demand import Stream, streams
from data.people import SITES, Person, Site, contracts, people
from wfm.domain.demand import Queue
from wfm.domain.staff import Agent, Contract

HISTORY_DAYS = 731
HEADER = "timestamp,queue,volume,aht_seconds"


@dataclass(frozen=True, slots=True)
class Organisation:
    """The centre's name, its wall clock and the country whose holidays it keeps."""

    name: str
    zone: str
    country: str


@dataclass(frozen=True)
class DemoCentre:
    """A centre and all that is needed to draw its history again.

    Parameters
    ----------
    organisation, sites
        Where it is.
    streams
        Its queues with the contacts that come to them.
    contracts, people
        Its staff.
    seed
        Seed of everything.
    first_day, last_day
        Local days of the history, both counted.
    """

    organisation: Organisation
    sites: tuple[Site, ...]
    streams: tuple[Stream, ...]
    contracts: tuple[Contract, ...]
    people: tuple[Person, ...]
    seed: int
    first_day: date
    last_day: date

    @property
    def queues(self) -> tuple[Queue, ...]:
        """The queues as the planner sets them up; all share the organisation's wall clock."""
        return tuple(stream.queue for stream in self.streams)

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The people as the scheduler sees them."""
        return tuple(person.agent for person in self.people)

    @cached_property
    def history(self) -> DemoHistory:
        """Two years of half hours, drawn when first asked for."""
        return _draw(self)


@dataclass(frozen=True, slots=True, eq=False)
class DemoHistory:
    """Drawn contacts.

    Parameters
    ----------
    span
        The half hours.
    volume
        Contacts by queue and half hour, NaN where the queue is closed; shape (queues, intervals).
    aht_s
        Mean handle time, s, one decimal, NaN without contacts; same shape.
    """

    span: volumes.Intervals
    volume: npt.NDArray[np.float64]
    aht_s: npt.NDArray[np.float64]


def make_centre(seed: int, last_day: date) -> DemoCentre:
    """The centre whose history ends with `last_day`; the same arguments give the same centre.

    Parameters
    ----------
    seed
        Any whole number of at least 0.
    last_day
        Last local day of the history; the first is 730 days before it.
    """
    organisation = Organisation("Prairie Health Contact Center", "America/Chicago", "US")
    flows = streams()
    staff = people(np.random.default_rng([seed, 1]), tuple(flow.queue for flow in flows), last_day)
    return DemoCentre(organisation, SITES, flows, contracts(), staff, seed, last_day - timedelta(HISTORY_DAYS - 1), last_day)


def write_history(centre: DemoCentre, target: Path | BinaryIO) -> int:
    """Write the history as gzip-packed CSV in the organisation's wall clock, sorted by queue and time; returns the number of rows.

    The repeated autumn hour stands twice, the missing spring hour not at all, closed hours not at all; closed holidays stand with 0.

    Parameters
    ----------
    centre
        As made by `make_centre`.
    target
        A path, or a binary stream open for writing.
    """
    lines = _lines(centre)
    text = "\n".join([HEADER, *lines, ""]).encode()
    packed = gzip.compress(text, compresslevel=4, mtime=0)
    if isinstance(target, Path):
        target.write_bytes(packed)
    else:
        target.write(packed)
    return len(lines)


def write_last_day(centre: DemoCentre, target: BinaryIO, until: str) -> int:
    """As `write_history`, but only the last day's half hours that begin before `until` ("11:00"); returns the number of rows."""
    day = centre.last_day.isoformat()
    lines = [line for line in _lines(centre) if line.startswith(day) and line[11:16] < until]
    target.write(gzip.compress("\n".join([HEADER, *lines, ""]).encode(), compresslevel=4, mtime=0))
    return len(lines)


def _draw(centre: DemoCentre) -> DemoHistory:
    rng = np.random.default_rng([centre.seed, 2])
    span = volumes.intervals(centre.first_day, centre.last_day, centre.organisation.zone)
    means = volumes.mean_volumes(centre.streams, span, centre.first_day, centre.last_day, centre.seed)
    volume = volumes.draw_volumes(centre.streams, span, means, rng)
    aht_s = volumes.draw_handle_times(centre.streams, span, volume, rng)
    return DemoHistory(span, volume, np.round(aht_s, 1))


def _lines(centre: DemoCentre) -> list[str]:
    history = centre.history
    stamps = [stamp.replace("T", " ") for stamp in np.datetime_as_string(history.span.wall.astype("datetime64[s]"), unit="m").tolist()]
    lines: list[str] = []
    for queue, volume, aht_s in zip(centre.queues, history.volume, history.aht_s, strict=True):
        rows = np.flatnonzero(~np.isnan(volume)).tolist()
        counts, times = volume[rows].astype(np.int64).tolist(), aht_s[rows].tolist()
        drawn = zip(rows, counts, times, strict=True)
        lines += [f"{stamps[row]},{queue.id},{count},{time if count else ''}" for row, count, time in drawn]
    return lines
