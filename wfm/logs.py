"""Log lines as JSON: one place that decides what may stand in them.

Only the keys of `ALLOWED` pass, and text that looks like an address of a person is masked, so that no personal data reaches a log.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from wfm.settings import Settings

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "process", "part", "exception", "request_id", "job_id", "attempt", "organisation_id", "kind", "slot",
        "code", "status", "method", "route", "seconds", "count", "number", "step", "reason", "state", "worker",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def configure(settings: Settings, process: str) -> None:
    """Send log lines of this process to standard error, one JSON object each; called once by an entry point.

    Parameters
    ----------
    process
        What this process is: web, worker, job or command.
    """
    import structlog

    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_personal_data,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)


def get(name: str) -> Any:
    """A logger; `name` says which part of wfm writes."""
    import structlog

    return structlog.get_logger(part=name)


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Every line written inside carries `values`, such as `request_id` or `job_id`."""
    import structlog

    with structlog.contextvars.bound_contextvars(**values):
        yield


def without_personal_data(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the keys of `ALLOWED`, and mask addresses in their text."""
    return {key: _ADDRESS.sub("***", value) if isinstance(value, str) else value for key, value in line.items() if key in ALLOWED}
