"""How pages write numbers, shares, durations and times."""

from __future__ import annotations

from datetime import UTC, date, datetime

from babel.dates import format_date as babel_date
from flask import Flask

from web import i18n, texts
from web.texts import gettext as _
from wfm.domain.timegrid import zone
from wfm.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

NARROW = "\N{NO-BREAK SPACE}"
DASH = "–"


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    days = (day_short, day_number, weekday, day_long, day_span, month_short)
    for made in (number, signed, percent, signed_percent, duration, hours, clock, *days, when, iso):
        app.add_template_filter(made)


def number(value: float | None, digits: int = 0) -> str:
    """A number with the language's separators; a dash for none."""
    if value is None:
        return DASH
    return texts.format_decimal(round(value, digits) + 0.0, "#,##0" + ("." + "0" * digits if digits else ""))


def percent(share: float | None, digits: int = 0) -> str:
    """A share in [0, 1] as a percentage."""
    return DASH if share is None else f"{number(share * 100, digits)}{NARROW}%"


def signed(value: float | None, digits: int = 0) -> str:
    """A number with its sign; none where it rounds to nothing."""
    if value is None:
        return DASH
    sign = "" if not round(value, digits) else "+" if value > 0 else "−"
    return f"{sign}{number(abs(value), digits)}"


def signed_percent(share: float | None, digits: int = 0) -> str:
    """A share as a percentage with its sign."""
    if share is None:
        return DASH
    return f"{'+' if share >= 0 else '−'}{percent(abs(share), digits)}"


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 20 s, 6 min 12 s, 2 h 5 min."""
    if seconds is None:
        return DASH
    whole = round(seconds)
    if whole < SECONDS_PER_MINUTE:
        return f"{whole}{NARROW}s"
    if whole < SECONDS_PER_HOUR:
        return _joined(whole // 60, "min", whole % 60, "s")
    return _joined(whole // 3600, "h", whole % 3600 // 60, "min")


def _joined(large: int, large_unit: str, small: int, small_unit: str) -> str:
    first = f"{large}{NARROW}{large_unit}"
    return f"{first} {small}{NARROW}{small_unit}" if small else first


def hours(minutes: float | None, digits: int = 1) -> str:
    """Minutes as hours with one decimal."""
    return DASH if minutes is None else f"{number(minutes / 60, digits)}{NARROW}h"


def _local(moment: datetime, zone_name: str | None) -> datetime:
    return moment.astimezone(zone(zone_name or i18n.zone_name()))


def instant(start_s: float) -> datetime:
    """The instant that many seconds after 1970, UTC."""
    return datetime.fromtimestamp(start_s, UTC)


def clock(moment: datetime, zone_name: str | None = None) -> str:
    """The wall clock of an instant, HH:MM, in a zone or in the reader's."""
    return f"{_local(moment, zone_name):%H:%M}"


def _day(day: date | datetime, pattern: str, zone_name: str | None) -> str:
    shown = _local(day, zone_name).date() if isinstance(day, datetime) else day
    if texts.locale().startswith("es"):
        pattern = pattern.replace("d MMMM", "d 'de' MMMM").replace("MMMM y", "MMMM 'de' y")
    return str(babel_date(shown, pattern, locale=texts.locale()))


def weekday(day: date | datetime, zone_name: str | None = None) -> str:
    """Mon."""
    return _day(day, "ccc", zone_name).rstrip(".")


def weekday_names() -> list[str]:
    """Mon to Sun."""
    return [weekday(date(2024, 1, 1 + day)) for day in range(7)]


def day_number(day: date | datetime, zone_name: str | None = None) -> str:
    """8."""
    return _day(day, "d", zone_name)


def day_short(day: date | datetime, zone_name: str | None = None) -> str:
    """Mon 8 Jun."""
    return _day(day, "ccc d MMM", zone_name)


def day_long(day: date | datetime, zone_name: str | None = None) -> str:
    """Monday 8 June."""
    return _day(day, "cccc d MMMM", zone_name)


def month_short(day: date) -> str:
    """Jun."""
    return _day(day, "LLL", None).rstrip(".")


def day_span(begin: date | datetime, end: date | datetime, zone_name: str | None = None) -> str:
    """8 June 2026 – 14 June 2026, with what both share written once."""
    first, last = (_local(day, zone_name).date() if isinstance(day, datetime) else day for day in (begin, end))
    written = _day(last, "d MMMM y", None)
    if first == last:
        return written
    pattern = "d" if first.replace(day=1) == last.replace(day=1) else "d MMMM" if first.year == last.year else "d MMMM y"
    return f"{_day(first, pattern, None)}{DASH}{written}" if pattern == "d" else f"{_day(first, pattern, None)} {DASH} {written}"


def when(moment: datetime | None, zone_name: str | None = None) -> str:
    """Mon 8 Jun 10:02; "never" for none."""
    return _("never") if moment is None else f"{day_short(moment, zone_name)} {clock(moment, zone_name)}"


def iso(moment: date | datetime) -> str:
    """ISO 8601, for addresses and `datetime` attributes."""
    return moment.isoformat()
