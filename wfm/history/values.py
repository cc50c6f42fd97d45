"""The meaning of single cells: instants, counts, durations.

Every parser is a dictionary that fills itself: a file repeats the same few thousand texts, so each is understood once and looked up in C
after that. A text that means nothing gives `BAD`, a blank gives `BLANK`; the caller counts them and says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt

from wfm.domain.wallclock import SECONDS_PER_DAY

BAD = math.nan
BLANK = -math.inf
BAD_TIME = -1
NO_OFFSET = 10**6
FIRST_YEAR, LAST_YEAR = 1990, 2100
_OFFSET_BITS, _OFFSET_MIDDLE = 21, 1 << 20
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LARGEST_OFFSET_S = 14 * 3_600
_MEMO_LIMIT = 200_000

_BLANKS = frozenset({"", "-", "--", "---", "n/a", "na", "null", "none"})
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]0+)?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[\u00a0\u202f\u2009' ]\d{3})+(?:[.,]\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,\d+", re.ASCII)
_TWO_READINGS = re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{0,2}):(\d\d(?:\.\d+)?)", re.ASCII)
_PARTS = re.compile(r"(?:PT)?(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+(?:\.\d+)?)s)?", re.ASCII | re.IGNORECASE)


class Memo(dict[str, float]):
    """Text to number through `parse`, each text once; forgets everything when a file has too many different texts.

    Examples
    --------
    >>> numbers = Memo(parse_count)
    >>> numbers["1,240"], numbers["12"]
    (1240.0, 12.0)
    """

    def __init__(self, parse: Callable[[str], float]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> float:
        if len(self) > _MEMO_LIMIT:
            self.clear()
        value = self[text] = self._parse(text)
        return value


def parse_time(text: str) -> int:
    """ISO 8601 date and time, packed into one number that `unpack_times` takes apart; `BAD_TIME` for anything else.

    Examples
    --------
    >>> [part.tolist() for part in unpack_times(np.array([parse_time("2026-03-02T08:00:00-06:00")]))]
    [[1772438400], [-21600]]
    >>> parse_time("02.03.2026 08:00") == BAD_TIME
    True
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return BAD_TIME
    year, month, day, hour, minute, second, _ = match.groups("0")
    ahead = _offset_s(match[7])
    clock_s = int(hour) * 3_600 + int(minute) * 60 + int(second)
    fits = int(hour) < 24 and int(minute) < 60 and int(second) < 60 and (match[7] is None or abs(ahead) <= _LARGEST_OFFSET_S)
    if not fits or not FIRST_YEAR <= int(year) < LAST_YEAR:
        return BAD_TIME
    try:
        wall = (date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY) * SECONDS_PER_DAY + clock_s
    except ValueError:
        return BAD_TIME
    return (wall << _OFFSET_BITS) + ahead + _OFFSET_MIDDLE


def unpack_times(packed: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The written clock in seconds since 1970, and its UTC offset in seconds or `NO_OFFSET`."""
    return packed >> _OFFSET_BITS, (packed & ((1 << _OFFSET_BITS) - 1)) - _OFFSET_MIDDLE


def parse_count(text: str) -> float:
    """A number of contacts.

    Thousands may be parted by commas, apostrophes or thin blanks. "1.240" is refused: it is 1240 to one reader and 1.24 to another.

    Examples
    --------
    >>> parse_count("12"), parse_count("2,5"), parse_count(" ") == BLANK, parse_count("1.240"), parse_count("many")
    (12.0, 2.5, True, nan, nan)
    """
    trimmed = text.strip()
    return BAD if _TWO_READINGS.fullmatch(trimmed) else _number(trimmed)


def parse_duration(text: str) -> float:
    """Seconds, or the column's own unit where a plain number stands.

    Examples
    --------
    >>> [parse_duration(text) for text in ("240", "240s", "4:12", ":45", "00:04:12", "1:02:03", "4m12s", "PT4M12S", "4,2")]
    [240.0, 240.0, 252.0, 45.0, 252.0, 3723.0, 252.0, 252.0, 4.2]
    """
    trimmed = text.strip()
    value = _number(trimmed)
    if not math.isnan(value):
        return value
    if clock := _CLOCK.fullmatch(trimmed):
        hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return BAD if minutes >= 60 or seconds >= 60 else hours * 3_600 + minutes * 60 + seconds
    if (parts := _PARTS.fullmatch(trimmed)) and any(parts.groups()):
        hours, minutes, seconds = (float(part or 0) for part in parts.groups())
        return hours * 3_600 + minutes * 60 + seconds
    return BAD


def is_written_out(text: str) -> bool:
    """True where a duration names its own unit, so that the column's unit does not apply.

    Examples
    --------
    >>> is_written_out("4:12"), is_written_out("252")
    (True, False)
    """
    return ":" in text or any(letter in text.lower() for letter in "hms")


def _number(trimmed: str) -> float:
    if _NUMBER.fullmatch(trimmed):
        value = float(trimmed)
        return value if math.isfinite(value) else BAD
    if trimmed.lower() in _BLANKS:
        return BLANK
    if _THOUSANDS.fullmatch(trimmed):
        return float(re.sub(r"[^\d.]", "", trimmed if "." in trimmed or "," not in trimmed else _comma_aside(trimmed)))
    return float(trimmed.replace(",", ".")) if _DECIMAL_COMMA.fullmatch(trimmed) else BAD


def _comma_aside(trimmed: str) -> str:
    """`1 240,5` has a decimal comma, `1,240` has not."""
    return trimmed.replace(",", ".") if re.search(r"[^\d,]", trimmed) else trimmed


def _offset_s(text: str | None) -> int:
    if text is None:
        return NO_OFFSET
    if text.upper() in ("Z", "UTC"):
        return 0
    digits = text[1:].replace(":", "")
    seconds = int(digits[:2]) * 3_600 + int(digits[2:] or 0) * 60
    return -seconds if text[0] == "-" else seconds
