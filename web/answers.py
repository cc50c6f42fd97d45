"""Where a request goes on to after a change."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from web import current


def go(address: str) -> AnyResponse:
    """Open another page, after a form or from htmx."""
    if current.from_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def wanted_page(default: str) -> str:
    """The page of this site that the address names in `next`, or `default`."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if own and wanted.isprintable() else default
