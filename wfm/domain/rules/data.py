"""Listed rules as JSON and back: `{"kind": ..., its fields, "cost": ...}`; without a cost, or with null, a rule is hard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from typing import Any

from wfm import units
from wfm.domain.rules.base import KINDS
from wfm.errors import InvalidInput

SUFFIX = "_minutes"


def clock_field(**options: Any) -> dict[str, Any]:
    """Metadata of a field in minutes after midnight that reads `HH:MM` in files, where its name has no `_minutes`."""
    return {"read": units.clock_minutes, "write": units.clock, "suffix": SUFFIX, **options}


def days_field() -> dict[str, Any]:
    """Metadata of a field of dates, ISO 8601 in files."""
    return {"read": _days, "write": lambda days: sorted(day.isoformat() for day in days), "suffix": ""}


def day_field() -> dict[str, Any]:
    """Metadata of a field of one date, ISO 8601 in files."""
    return {"read": _day, "write": date.isoformat, "suffix": ""}


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidInput(f"a date must read YYYY-MM-DD, got {text!r}") from None


def _days(texts: Any) -> frozenset[date]:
    if not isinstance(texts, list | tuple):
        raise InvalidInput(f"dates must be a list, got {texts!r}")
    return frozenset(map(_day, texts))


def rule_from(document: Any) -> Any:
    """The rule that a JSON object describes.

    Raises
    ------
    InvalidInput
        When the kind is unknown, a field is unknown, missing or out of bounds; the message names it.

    Examples
    --------
    >>> rule_from({"kind": "weekends", "most": 2}).most
    2
    """
    if not isinstance(document, Mapping):
        raise InvalidInput(f"a rule must be an object with a kind, got {document!r}")
    given = dict(document)
    kind = given.pop("kind", None)
    if kind not in KINDS:
        raise InvalidInput(f"kind of a rule must be one of {', '.join(sorted(KINDS))}, got {kind!r}")
    parts = {_key(part): part for part in fields(KINDS[kind])}
    strange = sorted(set(given) - set(parts))
    missing = sorted(key for key, part in parts.items() if _due(part) and key not in given)
    if strange:
        raise InvalidInput(f"rule {kind}: fields must be among {', '.join(parts)}, got {', '.join(strange)}")
    if missing:
        raise InvalidInput(f"rule {kind}: {', '.join(missing)} must be given")
    try:
        return KINDS[kind](**{parts[key].name: _reader(parts[key])(value) for key, value in given.items()})
    except InvalidInput as e:
        raise InvalidInput(f"rule {kind}: {e}") from None


def rule_document(rule: Any) -> dict[str, Any]:
    """The rule as the JSON object that `rule_from` reads."""
    values = {_key(part): (part, getattr(rule, part.name)) for part in fields(rule)}
    told = {key: None if value is None else part.metadata.get("write", _plain)(value) for key, (part, value) in values.items()}
    return {"kind": rule.kind, **told}


def _key(part: Field[Any]) -> str:
    return part.name.removesuffix(part.metadata.get("suffix", "")) if part.metadata.get("suffix") else part.name


def _due(part: Field[Any]) -> bool:
    return part.default is MISSING and part.default_factory is MISSING


def _reader(part: Field[Any]) -> Callable[[Any], Any]:
    read = part.metadata.get("read", _frozen)
    return lambda value: None if value is None else read(value)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    return list(map(_plain, value)) if isinstance(value, tuple) else value
