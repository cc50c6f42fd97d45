"""What the commands share: options, the service, who acts, progress and tables."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm.errors import InvalidInput, UnreadableFile
from wfm.service.progress import Progress
from wfm.settings import Settings

if TYPE_CHECKING:
    from wfm.service.context import Actor, Service

Organisation = Annotated[str, typer.Option("--organisation", help="Name of the organisation; not needed where there is one.")]
As = Annotated[str, typer.Option("--as", help="E-mail address of the account in whose name this is done.", metavar="EMAIL")]
FirstDay = Annotated[str, typer.Option("--first-day", help="First local day, YYYY-MM-DD.", metavar="DATE")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of clock times without offset, such as America/Chicago.")]


def settings() -> Settings:
    """The settings of this process, from its environment."""
    return Settings.read(os.environ)


def service(migrate: bool = False) -> Service:
    """The installation that the settings name."""
    from wfm.service.opening import open_service

    return open_service(settings(), migrate=migrate)


def actor(of: Service, organisation: str = "", email: str = "") -> Actor:
    """Who acts: the account `email`, or the command line itself in the organisation of that name (or in the only one).

    Raises
    ------
    InvalidInput
        When there is no organisation, none of that name, or several and none was named.
    """
    from wfm.service import accounts, centre
    from wfm.service.context import command_line

    if email:
        return accounts.acting(of, email)
    known = centre.every_organisation(of)
    if not known:
        raise InvalidInput("there is no organisation yet; make one with: wfm organisation NAME --zone ZONE, or start: wfm demo")
    found = [one for one in known if one.name == organisation] if organisation else list(known)
    if len(found) != 1:
        raise InvalidInput(f"--organisation must be one of {', '.join(one.name for one in known)}, got {organisation or 'none'}")
    return command_line(found[0].id)


def day(text: str) -> date | None:
    """A day from an option; None where it is empty.

    Raises
    ------
    InvalidInput
        When it is no date.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"a day must read YYYY-MM-DD, got {text!r}") from None


@contextmanager
def naming_lines(most: int | None = None) -> Iterator[None]:
    """Print on standard error what is wrong with the lines of a file, at most so many, before the error goes on its way."""
    try:
        yield
    except UnreadableFile as error:
        for problem in error.problems[:most]:
            typer.echo(f"  {problem}", err=True)
        raise


class Told(Progress):
    """Progress on standard error: one line that changes on a terminal, a line now and then elsewhere."""

    def __init__(self, pause_s: float = 5.0) -> None:
        self._begun, self._pause_s = time.monotonic(), pause_s
        self._told_at, self._width = -1e9, 0
        self._terminal = sys.stderr.isatty()
        self.result: dict[str, Any] = {}

    def note(self, share_done: float, text: str, **details: Any) -> None:
        """As `Progress.note`."""
        now = time.monotonic()
        line = f"{now - self._begun:6.1f} s  {100 * share_done:3.0f} %  {text}{_figures(details)}"
        if self._terminal:
            print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(line)
        elif now - self._told_at >= self._pause_s:
            self._told_at = now
            print(line, file=sys.stderr, flush=True)

    def keep(self, session: Any, **result: Any) -> None:  # noqa: ARG002
        """As `Progress.keep`."""
        self.result |= result

    def end(self) -> None:
        """Leave the line on the terminal."""
        if self._terminal and self._width:
            print(file=sys.stderr)
            self._width = 0

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun


def _figures(details: dict[str, Any]) -> str:
    shown = [f"{name} {value:,.1f}" for name, value in details.items() if isinstance(value, int | float)]
    return f" ({', '.join(shown)})" if shown else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their columns; numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    right = [all(_is_number(row[i]) for row in cells) for i in range(len(columns))] if cells else [False] * len(columns)
    width = [max(len(columns[i]), *(len(row[i]) for row in cells)) if cells else len(columns[i]) for i in range(len(columns))]
    for row in [list(columns), *cells]:
        print("  ".join(value.rjust(w) if r else value.ljust(w) for value, w, r in zip(row, width, right, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.1f}"
    return str(value)


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").replace(".", "").replace("%", "").replace(" ", "").lstrip("-").isdigit()


def percent(share: object) -> str:
    """A share as per cent; "-" where there is none."""
    return f"{100 * share:.1f} %" if isinstance(share, float) and share == share else "-"
