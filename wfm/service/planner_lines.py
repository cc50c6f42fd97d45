"""Cells of files that planners make, read one by one; what is wrong is told by line: what it must be, and what was given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from wfm.errors import InvalidInput, LineProblem, UnreadableFile
from wfm.service import fields

LISTED = 200
_LONGEST_SHOWN = 40


def day_in(text: str | None) -> date:
    """A day of the calendar, 1970 to 2199, written YYYY-MM-DD.

    Raises
    ------
    InvalidInput
        When it is none; the sentence goes behind the name of the column.

    Examples
    --------
    >>> day_in(" 2026-06-08 ")
    datetime.date(2026, 6, 8)
    """
    try:
        found = date.fromisoformat((text or "").strip())
    except ValueError:
        raise InvalidInput(f"must be a day of the calendar as YYYY-MM-DD, such as 2026-06-08, got {shown(text)}") from None
    if not fields.FIRST_YEAR <= found.year <= fields.LAST_YEAR:
        raise InvalidInput(f"must be a day from {fields.FIRST_YEAR} to {fields.LAST_YEAR}, got {shown(text)}")
    return found


def instant_in(text: str | None) -> int:
    """An instant written in ISO 8601 with its UTC offset, s since 1970 UTC.

    Raises
    ------
    InvalidInput
        When it is none.

    Examples
    --------
    >>> instant_in("2026-06-08T00:00:00+00:00")
    1780876800
    """
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(f"must be a time with its UTC offset, such as 2026-06-08T09:00:00-05:00, got {shown(text)}")
    return int(moment.timestamp())


def number_in(text: str | None, most: float | None = None) -> float:
    """A finite number of at least 0, written with a decimal point and without thousands separators.

    Parameters
    ----------
    most
        Largest value allowed; None for no bound.

    Raises
    ------
    InvalidInput
        When it is none, or out of bounds.

    Examples
    --------
    >>> number_in("120.5")
    120.5
    """
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if 0 <= value < float("inf") and (most is None or value <= most):
        return value
    bound = "" if most is None else f" and at most {most:,.0f}"
    how = ", without thousands separators and with a decimal point" if value != value and any(map(str.isdigit, text or "")) else ""
    raise InvalidInput(f"must be a number of at least 0{bound}{how}, got {shown(text)}")


def shown(text: str | None) -> str:
    """A cell as a message repeats it: quoted, cut when long, "nothing" where it is blank.

    Examples
    --------
    >>> shown("  "), shown("yesterday")
    ('nothing', "'yesterday'")
    """
    clean = (text or "").strip()
    return repr(clean if len(clean) <= _LONGEST_SHOWN else f"{clean[: _LONGEST_SHOWN - 3]}...") if clean else "nothing"


def refused(problems: Sequence[LineProblem]) -> UnreadableFile:
    """The error that names every line that cannot be used, the first 200 in words.

    Parameters
    ----------
    problems
        At least one, in the order of the file.

    Examples
    --------
    >>> str(refused([LineProblem(3, "day", "must be a day"), LineProblem(3, "count", "must be a number")]))
    '1 line cannot be used, so nothing of the file is kept'
    """
    count = len({problem.line for problem in problems})
    lines = "1 line" if count == 1 else f"{count:,} lines"
    rest = f"; the first {LISTED} faults are listed" if len(problems) > LISTED else ""
    return UnreadableFile(f"{lines} cannot be used, so nothing of the file is kept{rest}", problems[:LISTED])
