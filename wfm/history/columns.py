"""Which column holds what: the names that phone systems, planners and exports give to the same few fields.

Names are compared without case, blanks and punctuation. An exact name beats a contained one, a longer contained name beats a shorter one,
and no column serves two fields. Names of fields that are not stored yet stand here too, so that "Avg Queue Time" is never taken for a
queue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TIMESTAMP, QUEUE, VOLUME, AHT, HANDLE = "timestamp", "queue", "volume", "aht", "handle"
NEEDED = (TIMESTAMP, QUEUE, VOLUME)
WANTED = (*NEEDED, AHT, HANDLE)

# From the most to the least specific: of several columns that could be a field, the one with the earliest name is taken.
ALIASES: Mapping[str, tuple[str, ...]] = {
    name: tuple(names.split("|"))
    for name, names in {
        TIMESTAMP: "interval start utc date|interval start time|interval start|start interval|timestamp|datetime|date/time"
        "|date and time|start time|start|period start|local time|half hour|quarter hour|interval|period|time|hour|date"
        "|day",
        QUEUE: "queue name|queue|csq name|csq|split name|split/skill|split|skill name|skill group|skill|call type|vdn|campaign"
        "|contact type|ct|ct group|workstream|line of business|lob|service|work queue",
        VOLUME: "incoming contact volume|offered|contacts offered|calls offered|calls presented|contacts queued|calls inbound"
        "|incoming calls|calls received|total offered|volume|contact volume|call volume|cvo|contacts|calls"
        "|offd direct call cnt|arrivals",
        AHT: "average handle time|avg handle time|avg handle|aht|average handling time|avg handling time|ave handle",
        HANDLE: "total handle time|handle time total|handling time total|total handling time|handle seconds total|handle total"
        "|total handle|handle",
        "interval_end": "interval end|end interval|interval end time|end time|end",
        "duration": "interval duration|interval length|interval minutes|intrvl",
        "queue_id": "queue id|split id|skill id|csq id",
        "channel": "channel type|channel|media type|medium",
        "language": "language|lang",
        "skill_set": "skill set|call skills|skills",
        "handled": "contacts handled|interactions handled|calls handled|handled|answered|calls answered|acd calls|answ call cnt"
        "|total answered|accepted|connected",
        "abandoned": "abandoned|calls abandoned|aban calls|aband calls|abncalls|abandon|abn|lost|dropped|aband call cnt",
        "short_abandoned": "aband short call cnt|short calls|abandoned short",
        "overflow": "flow in|flow out|overflow in call cnt|overflow out call cnt|inflowcalls|outflowcalls|transferred in|dequeued",
        "talk": "avg talk time|avg talk|avg acd time|average agent interaction time|talk time|total talk time|acdtime"
        "|talking call dur|talk duration",
        "hold": "avg hold time|avg hold|average customer hold time|holdtime|hold time|total hold time",
        "wrap": "avg acw time|avg acw|after call work|after contact work|acwtime|wrap up dur|wrap time|total after call|total acw time",
        "asa": "asa|avg speed ans|avg speed answer|average speed of answer|speed of answer|average queue answer time"
        "|avg queue answer time|avg wait time",
        "abandon_wait": "avg time to abandon|average time to abandon|time to abandon|avg abandon time|average abandon time|avg aban time"
        "|avg abandon wait|average abandon wait|abandon wait|avg wait abandoned",
        "service_level": "service level|sl|within service level|in serv levl|pct in svc level|ans servicelevel cnt|acceptable"
        "|answered in x seconds|answered within",
        "quality": "csat|satisfaction|survey score|fcr|first call resolution|first contact resolution",
    }.items()
}

MOST_COLUMNS = 400
_UNIT_WORDS = {1.0: "s sec secs second seconds", 0.001: "ms msec millisecond milliseconds", 60.0: "min mins minute minutes"}
UNITS: Mapping[str, float] = {word: scale for scale, names in _UNIT_WORDS.items() for word in names.split(" ")}

_CONTAINABLE: Mapping[str, tuple[str, ...]] = {
    TIMESTAMP: ("interval start", "start interval", "timestamp", "time stamp", "datetime", "date time", "start time"),
    QUEUE: ("queue", "csq", "split", "skill"),
    VOLUME: ("offered", "volume", "arrivals", "calls received", "contacts queued", "calls presented"),
    AHT: ("aht", "average handle time", "avg handle time", "average handling time", "avg handling time"),
    HANDLE: ("total handle time", "handle time total", "total handling time"),
}
_NOT_OBSERVED = frozenset({"forecast", "planned", "expected", "target"})
_OTHER_MEASURE = _NOT_OBSERVED | frozenset(
    {"avg", "average", "max", "maximum", "min", "minimum", "mean", "median", "pct", "percent", "percentage", "rate", "level"}
    | {"wait", "waiting", "answer", "answered", "abandon", "abandoned", "time", "duration", "dur", "id", "speed", "length", "size"}
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a file stand.

    Parameters
    ----------
    headers
        The header cells, trimmed.
    position
        Field to column, counted from 0.
    known
        Columns whose name belongs to any known field, stored or not.
    handle_scale
        Seconds per unit of the AHT or handle time column.
    """

    headers: tuple[str, ...]
    position: Mapping[str, int]
    known: frozenset[int]
    handle_scale: float = 1.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed fields without a column."""
        return tuple(name for name in NEEDED if name not in self.position)

    @property
    def duration_field(self) -> str | None:
        """The field that gives handle time; a total is better than an average."""
        return next((name for name in (HANDLE, AHT) if name in self.position), None)

    def header(self, name: str) -> str:
        """What the file calls the field."""
        return self.headers[self.position[name]] if name in self.position else name


    def side(self, name: str) -> tuple[int, float] | None:
        """Column of a field that is not stored row by row, and its seconds per unit; None without one.

        Examples
        --------
        >>> map_columns(["time", "queue", "offered", "ASA (min)"]).side("asa")
        (3, 60.0)
        """
        found = _exact(name, [squeeze(" ".join(_without_unit(header))) for header in self.headers])
        return None if found is None or found in self.position.values() else (found, _scale(self.headers[found]))


def squeeze(text: str) -> str:
    """Letters and digits only, in lower case.

    Examples
    --------
    >>> squeeze("Interval_Start (UTC)")
    'intervalstartutc'
    """
    return "".join(character for character in text.lower() if character.isalnum())


def words(text: str) -> tuple[str, ...]:
    """The words of a header, also of one in camel case, in lower case.

    Examples
    --------
    >>> words("AvgHandleTime (sec)")
    ('avg', 'handle', 'time', 'sec')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def map_columns(cells: Sequence[str]) -> Columns:
    """The most plausible reading of a header line.

    Examples
    --------
    >>> map_columns(["TimeStamp", "Avg Queue Time", "Queue", "Calls Offered", "AHT (ms)"]).position
    {'timestamp': 0, 'queue': 2, 'volume': 3, 'aht': 4}
    """
    headers = tuple(cell.strip() for cell in cells[:MOST_COLUMNS])
    plain = [_without_unit(header) for header in headers]
    exact = [squeeze(" ".join(name)) for name in plain]
    known = frozenset(i for i, name in enumerate(exact) if name in _FIELDS)
    position: dict[str, int] = {}
    for name in WANTED:
        found = _exact(name, exact)
        found = _contained(name, plain, known | set(position.values())) if found is None else found
        if found is not None:
            position[name] = found
    timed = position.get(HANDLE, position.get(AHT))
    return Columns(headers, position, known, _scale(headers[timed]) if timed is not None else 1.0)


def _exact(name: str, exact: Sequence[str]) -> int | None:
    """Aliases stand from the most to the least specific, so the first one present wins."""
    return next((exact.index(alias) for alias in _SQUEEZED[name] if alias in exact), None)


def _contained(name: str, plain: Sequence[tuple[str, ...]], taken: frozenset[int] | set[int]) -> int | None:
    foreign = _OTHER_MEASURE if name in (QUEUE, VOLUME) else _NOT_OBSERVED
    fits = [
        (-len(alias), i)
        for alias in _CONTAINED[name]
        for i, header in enumerate(plain)
        if i not in taken and (rest := _rest(header, alias)) is not None and not foreign & set(rest)
    ]
    return min(fits)[1] if fits else None


def _rest(header: tuple[str, ...], alias: tuple[str, ...]) -> tuple[str, ...] | None:
    for i in range(len(header) - len(alias) + 1):
        if header[i : i + len(alias)] == alias:
            return header[:i] + header[i + len(alias) :]
    return None


def _without_unit(header: str) -> tuple[str, ...]:
    name = words(header)
    while len(name) > 1 and name[-1] in UNITS:
        name = name[:-1]
    return name


def _scale(header: str) -> float:
    return next((UNITS[word] for word in reversed(words(header)) if word in UNITS), 1.0)


_SQUEEZED = {name: tuple(map(squeeze, aliases)) for name, aliases in ALIASES.items()}
_CONTAINED = {name: tuple(tuple(alias.split()) for alias in aliases) for name, aliases in _CONTAINABLE.items()}
_FIELDS = frozenset(alias for aliases in _SQUEEZED.values() for alias in aliases)
