"""The guard at the door: columns that identify patients or callers are refused before anything is kept.

Columns are judged by the words of their header and by the shapes of their cells. No message ever repeats a value. The groups follow the
identifiers of the HIPAA Safe Harbor rule, 45 CFR 164.514(b)(2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wfm.errors import LineProblem, PersonalData
from wfm.history.columns import QUEUE, Columns, words
from wfm.history.values import FIRST_YEAR, LAST_YEAR

_PHRASES = {
    "dates of birth": ("dob", "birth", "birthdate", "birthday"),
    "names of people": ("patient", "patients", "name", "firstname", "lastname", "surname", "caller", "guarantor"),
    "social security numbers": ("ssn", "social security"),
    "record or member numbers": ("mrn", "medical record", "record number", "record no", "member id", "policy", "subscriber", "insured"),
    "addresses": ("address", "street", "zip", "zip code", "postcode"),
    "diagnoses": ("diagnosis", "diagnoses", "icd", "icd10"),
    "telephone numbers": ("ani", "phone", "telephone", "mobile", "cell"),
    "e-mail addresses": ("email", "e mail", "mail"),
    "recordings or free text": ("recording", "recordings", "transcript", "transcripts", "notes", "note", "comment", "comments"),
}
_CHANNEL_WORDS = frozenset({"email", "mail", "e mail", "phone", "telephone", "caller"})
_NAMED_THINGS = frozenset(
    {"queue", "skill", "split", "csq", "campaign", "agent", "team", "site", "group", "service", "workstream", "channel", "supervisor"}
)
_COUNT_WORDS = frozenset(
    {"count", "volume", "offered", "handled", "contacts", "calls", "queue", "queued", "received", "answered", "abandoned", "time", "aht"}
)

_SHAPES = {
    "social security numbers": re.compile(r"\d{3}-\d{2}-\d{4}", re.ASCII),
    "e-mail addresses": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "telephone numbers": re.compile(r"(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|\+\d{8,15}", re.ASCII),
    "diagnoses": re.compile(r"[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}", re.ASCII),
    "addresses": re.compile(r"\d+\s+(?:[a-z.]+\s+){1,3}(?:street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|drive|dr)\.?", re.IGNORECASE),
}
_IN_QUEUE_NAMES = ("social security numbers", "e-mail addresses", "telephone numbers")
_DATES = (re.compile(r"(?P<y>\d{4})-(\d\d)-(\d\d)(?!\d)", re.ASCII), re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?P<y>\d{4})", re.ASCII))
_RECORD_NUMBER = re.compile(r"[A-Za-z]{0,3}\d{6,12}", re.ASCII)
_SHOWABLE = re.compile(r"[\d\s:./+,'%()T-]{1,24}(?:[AP]M|Z|UTC)?|[+-]?(?:nan|inf|infinity|n/a)", re.ASCII | re.IGNORECASE)
_ADULT_YEARS = 18
_FEW = 20


@dataclass
class Guard:
    """Judges a file chunk by chunk.

    Parameters
    ----------
    columns
        The header as mapped.
    header_line
        Line of the header, counted from 1.
    """

    columns: Columns
    header_line: int
    _record_numbers: dict[int, tuple[int, set[str]]] = field(default_factory=dict)
    _others: set[int] = field(default_factory=set)

    def check_headers(self) -> None:
        """Refuse by the words of the headers.

        Raises
        ------
        PersonalData
            Naming every column that identifies people.
        """
        found = [(i, kind) for i, header in enumerate(self.columns.headers) if i not in self._mapped() and (kind := header_kind(header))]
        if found:
            raise _refusal([(self.header_line, i, kind) for i, kind in found], self.columns)

    def check_cells(self, cells: Sequence[Sequence[str]], lines: Sequence[int]) -> None:
        """Refuse by the shapes of one chunk's cells.

        Parameters
        ----------
        cells
            Columns of the chunk, each as long as `lines`.
        lines
            Line of every row.

        Raises
        ------
        PersonalData
            Naming the columns and the first line of each.
        """
        mapped, newest = self._mapped(), _newest_year(cells)
        found = []
        for i, column in enumerate(cells):
            if i == self.columns.position.get(QUEUE):
                hit = self._in_queues(column)
            else:
                hit = None if i in mapped else self._in_column(i, column, newest)
            if hit is not None:
                found.append((int(lines[hit[0]]), i, hit[1]))
        if found:
            raise _refusal(found, self.columns)

    def _mapped(self) -> set[int]:
        return set(self.columns.position.values())

    def _in_queues(self, column: Sequence[str]) -> tuple[int, str] | None:
        """A queue may be called by its mailbox or number; names that hardly ever repeat are callers."""
        different = set(column)
        for kind in _IN_QUEUE_NAMES:
            alike = {text for text in different if _SHAPES[kind].fullmatch(text.strip())}
            rows = sum(text in alike for text in column) if alike else 0
            if alike and (kind == _IN_QUEUE_NAMES[0] or (len(alike) > 2 and 2 * len(alike) > rows)):
                return next(i for i, text in enumerate(column) if text in alike), kind
        return None

    def _in_column(self, position: int, column: Sequence[str], newest: int) -> tuple[int, str] | None:
        for text in set(column):
            if kind := cell_kind(text, newest):
                return column.index(text), kind
        if position not in self.columns.known and self._looks_like_record_numbers(position, column):
            return 0, "record or member numbers"
        return None

    def _looks_like_record_numbers(self, position: int, column: Sequence[str]) -> bool:
        """Six to twelve digits that differ from row to row."""
        if position in self._others:
            return False
        rows, seen = self._record_numbers.setdefault(position, (0, set()))
        filled = [text.strip() for text in column if text.strip()]
        if not all(map(_RECORD_NUMBER.fullmatch, filled)):
            self._others.add(position)
            return False
        seen.update(filled)
        rows += len(filled)
        self._record_numbers[position] = (rows, seen)
        return rows >= _FEW and len(seen) > 0.9 * rows


def header_kind(header: str) -> str | None:
    """What a column of that name would hold, or None where it identifies nobody.

    Examples
    --------
    >>> header_kind("Patient Name"), header_kind("Queue Name"), header_kind("ANI"), header_kind("Email offered")
    ('names of people', None, 'telephone numbers', None)
    """
    name = words(header)
    spaced = f" {' '.join(name)} "
    for kind, phrases in _PHRASES.items():
        hits = {phrase for phrase in phrases if f" {phrase} " in spaced}
        named = hits == {"name"} and _NAMED_THINGS & set(name)
        counted = hits <= _CHANNEL_WORDS and _COUNT_WORDS & set(name)
        if hits and not named and not counted:
            return kind
    return cell_kind(header)


def cell_kind(text: str, newest_year: int = 0) -> str | None:
    """What identifies a person in a cell of that shape, or None.

    Parameters
    ----------
    text
        The cell.
    newest_year
        Year of the file; a date 18 years before it is taken for a birth. 0 for no such check.

    Examples
    --------
    >>> cell_kind("078-05-1120"), cell_kind("240"), cell_kind("1961-07-04", 2026)
    ('social security numbers', None, 'dates of birth')
    """
    trimmed = text.strip()
    if len(trimmed) < 6:
        return None
    for kind, shape in _SHAPES.items():
        if shape.fullmatch(trimmed):
            return kind
    for written in _DATES:
        match = written.match(trimmed)
        if match and newest_year and int(match["y"]) <= newest_year - _ADULT_YEARS:
            return "dates of birth"
    return None


def shown(text: str) -> str:
    """The cell for a message; what could be a name or a number of a person is not repeated.

    Examples
    --------
    >>> shown("-3"), shown("Jane Doe"), shown("078-05-1120")
    ("'-3'", 'text', 'text')
    """
    trimmed = text.strip()
    if not trimmed:
        return "a blank"
    return repr(trimmed) if _SHOWABLE.fullmatch(trimmed) and cell_kind(trimmed) is None else "text"


def refuse_cell(columns: Columns, position: int, line: int, kind: str) -> PersonalData:
    """The refusal for one cell of a column that is otherwise used."""
    return _refusal([(line, position, kind)], columns)


def _newest_year(cells: Sequence[Sequence[str]]) -> int:
    return max((_year(text) for column in cells for text in column[:50]), default=0)


def _year(text: str) -> int:
    match = _DATES[0].match(text.strip())
    year = int(match["y"]) if match else 0
    return year if FIRST_YEAR <= year < LAST_YEAR else 0


def _refusal(found: Iterable[tuple[int, int, str]], columns: Columns) -> PersonalData:
    problems = []
    for line, position, kind in found:
        header = columns.headers[position] if position < len(columns.headers) else ""
        header = "" if cell_kind(header) else header
        where = f"column {position + 1}" + (f" {header!r}" if header else "")
        problems.append(LineProblem(line, header, f"{where} seems to hold {kind}; remove the column and upload again, nothing was kept"))
    return PersonalData(f"the file holds personal data: {problems[0].reason}", problems)
