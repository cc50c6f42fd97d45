"""Headers on every response, and the checks that come before any view."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from wfm.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def install(app: Flask) -> None:
    """Register the checks and the headers; behind HTTPS, believe the one proxy in front."""
    app.before_request(_require_https)
    app.before_request(_require_own_origin)
    app.after_request(_add_headers)
    if app.config["WFM_HTTPS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def _require_https() -> None:
    here = urlsplit(request.host_url).hostname
    if current_app.config["WFM_HTTPS"] and not request.is_secure and here not in LOOPBACK:
        raise NotAllowed("pages are served over HTTPS only; write https:// in front of the address")


def _require_own_origin() -> None:
    origin = request.headers.get("Origin")
    if request.method in SAFE_METHODS or origin is None:
        return
    if origin != request.host_url.rstrip("/"):
        raise NotAllowed("this was sent from another site; open the page here and try again")


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["WFM_HTTPS"]:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response
