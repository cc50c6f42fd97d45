"""The application factory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from web import access, assets, errors, filters, i18n, names, navigation, request_log, security
from web.sessions import StoredSessions
from wfm.settings import Settings

if TYPE_CHECKING:
    from wfm.service.context import Service

BYTES_PER_MB = 1024 * 1024


def create_app(settings: Settings, service: Service | None = None) -> Flask:
    """The web application, ready to serve.

    Parameters
    ----------
    settings
        How this installation runs.
    service
        A service that is open already; None opens one from the settings.

    Raises
    ------
    Unavailable
        When the database cannot be opened.
    RuntimeError
        When a route declares no policy.
    """
    running = service or _opened(settings)
    app = Flask("web", static_folder=None)
    app.extensions["wfm"] = running
    app.config.update(_configuration(running.settings))
    app.session_interface = StoredSessions(running)
    for part in (request_log, security, access, i18n, filters, names, assets, navigation, errors):
        part.install(app)
    CSRFProtect(app)
    _register_pages(app)
    access.check_declared(app)
    return app


def _opened(settings: Settings) -> Service:
    from wfm.service.opening import open_service

    return open_service(settings)


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.upload_mb * BYTES_PER_MB,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # `security` compares Origin on every unsafe request
        "WTF_CSRF_HEADERS": ["X-CSRFToken"],
        "WFM_HTTPS": settings.https,
    }


def _register_pages(app: Flask) -> None:
    from web import admin, agent, api, auth, planner

    for family in (auth, planner, agent, admin, api):
        app.register_blueprint(family.pages)
