"""One JSON line per request: what was asked, what was answered, how long it took; no names, no values."""

from __future__ import annotations

import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request

from web import current

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


def install(app: Flask) -> None:
    """Number each request before everything else, log it after everything else."""
    app.extensions["wfm_log"] = make_log(current_level(app))
    app.before_request(_begin)
    app.after_request(_finish)


def current_level(app: Flask) -> int:
    """The least severe level that is written, as `logging` counts them."""
    return LEVELS.get(app.extensions["wfm"].settings.log_level.upper(), 20)


def make_log(level: int) -> Any:
    """A logger that writes JSON lines to the standard error stream."""
    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.began = time.monotonic()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = current.request_id()
    if request.blueprint != "assets":
        _write(current_app.extensions["wfm_log"], response)
    return response


def _write(log: Any, response: Response) -> None:
    person = current.maybe_actor()
    level = "error" if response.status_code >= 500 else "info"
    getattr(log, level)(
        "request",
        request_id=current.request_id(),
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.monotonic() - getattr(g, "began", time.monotonic())) * 1000, 1),
        user_id=person.user_id if person else None,
    )
