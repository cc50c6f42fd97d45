"""Serve the pages: gunicorn with threads where it runs, waitress elsewhere."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wfm.service import warming
from wfm.service.opening import open_service
from wfm.settings import Settings

PROCESSES, THREADS = 2, 8


def serve(settings: Settings, port: int | None = None) -> None:
    """Serve until stopped (SIGTERM, Ctrl-C). The tables are brought up to date first."""
    chosen = settings if port is None else replace(settings, port=port)
    opened = open_service(chosen, migrate=True)
    opened.database.close()
    try:
        base = importlib.import_module("gunicorn.app.base")
    except ImportError:
        _by_waitress(opened.settings)
        return
    _gunicorn(base.BaseApplication, opened.settings).run()


def _gunicorn(base: Any, settings: Settings) -> Any:
    class Application(base):  # type: ignore[misc]
        """The pages as gunicorn sees them; each worker process makes its own application, with connections of its own."""

        def load_config(self) -> None:
            for name, value in gunicorn_options(settings).items():
                if name in self.cfg.settings:  # older ones have no control socket
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return _application(settings)

    return Application()


def gunicorn_options(settings: Settings) -> Mapping[str, Any]:
    """How gunicorn runs: two processes with threads; no log of addresses, the pages write their own lines."""
    return {
        "bind": f"{settings.host}:{settings.port}",
        "worker_class": "gthread",
        "workers": PROCESSES,
        "threads": THREADS,
        "graceful_timeout": 10,
        "timeout": 60,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "proc_name": "wfm",
        "control_socket_disable": True,
    }


def _by_waitress(settings: Settings) -> None:
    waitress = importlib.import_module("waitress")
    print(f"serving on {settings.host}:{settings.port}", file=sys.stderr)
    waitress.serve(_application(settings), host=settings.host, port=settings.port, threads=THREADS)


def _application(settings: Settings) -> Any:
    warming.begin()
    # By name: the pages and the commands stand side by side and do not import each other.
    return importlib.import_module("web").create_app(settings)
