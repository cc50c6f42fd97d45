"""Every setting in one table: name, default, help.

Values come from the environment as `WFM_` plus the name in capitals (`WFM_DATABASE_URL`). An entry point calls `Settings.read` once;
nothing else looks at the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from wfm import units
from wfm.errors import InvalidInput


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs; see the `help` of each field.

    Examples
    --------
    >>> Settings.read({"WFM_PORT": "8080"}).port
    8080
    """

    database_url: str = _setting("sqlite:///var/wfm.db", "database: sqlite:///file or postgresql+psycopg://user@host/name")
    folder: str = _setting("var", "folder for uploads waiting to be read, logs and the secret key")
    host: str = _setting("127.0.0.1", "address that the web server listens on")
    port: int = _setting(8000, "port that the web server listens on")
    https: bool = _setting(False, "pages are served over HTTPS (by a proxy): cookies are marked Secure, HSTS is sent")
    secret_key: str = _setting("", "key that signs forms; made once and kept in the folder where left empty")
    watched_folder: str = _setting("", "folder whose history files the night imports; empty for none")
    night_at: str = _setting("02:00", "local time at which the nightly work starts, HH:MM")
    idle_minutes: int = _setting(15, "minutes without a click after which a session ends")
    session_hours: int = _setting(12, "hours after which a session ends in any case")
    upload_mb: int = _setting(64, "largest upload, MB")
    workers: int = _setting(2, "processes for forecasts and solves")
    cluster: str = _setting("", "Dask scheduler for forecasts and parts of rosters (tcp://host:8786, extra `cluster`); empty for processes")
    solve_seconds: int = _setting(60, "time limit of one solve, s")
    forecast_days: int = _setting(56, "days that a forecast reaches ahead")
    log_level: str = _setting("INFO", "least severe log line that is written")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Settings from `WFM_*` variables; what is absent keeps its default.

        Raises
        ------
        InvalidInput
            When a value cannot be understood.
        """
        values: dict[str, Any] = {}
        for entry in fields(cls):
            text = environment.get(f"WFM_{entry.name.upper()}")
            if text is not None:
                values[entry.name] = _parsed(entry.name, text, entry.default)
        return cls(**values)

    def __post_init__(self) -> None:
        units.clock_minutes(self.night_at)
        for name in ("idle_minutes", "session_hours", "upload_mb", "workers", "solve_seconds", "forecast_days"):
            units.whole(name, getattr(self, name), at_least=1)


def _parsed(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise InvalidInput(f"WFM_{name.upper()} must be yes or no, got {text!r}")
        return text.lower() in ("1", "true", "yes")
    if isinstance(default, int):
        if not text.strip().isdigit():
            raise InvalidInput(f"WFM_{name.upper()} must be a whole number, got {text!r}")
        return int(text)
    return text
