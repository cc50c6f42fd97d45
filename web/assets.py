"""Static files: content hash in the address, long cache, packed once."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from web.access import public

ROOT = Path(__file__).parent / "static"
YEAR_S = 31_536_000
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
AXIS = "axis.css"
AXIS_COLUMNS = 192

files = Blueprint("assets", __name__)


def install(app: Flask) -> None:
    """Serve the files and let templates name them by `asset("app.css")`."""
    app.register_blueprint(files)
    app.add_template_global(asset)


def asset(name: str) -> str:
    """The address of a static file; it changes with the content."""
    return url_for("assets.static", name=name, v=_mark(name))


@lru_cache(maxsize=64)
def _mark(name: str) -> str:
    return hashlib.sha256(_content(name) or b"").hexdigest()[:12]


@lru_cache(maxsize=64)
def _content(name: str) -> bytes | None:
    if name == AXIS:
        return axis_css().encode()
    path = safe_join(str(ROOT), name)
    return Path(path).read_bytes() if path and Path(path).is_file() else None


@lru_cache(maxsize=64)
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name) or b"", mtime=0)


def axis_css() -> str:
    """One class per column and per span of a time axis: the content policy allows no style attributes."""
    spans = [f".n{n}{{--n:{n}}}.c{n}{{grid-column-start:{n + 1}}}.w{n}{{grid-column-end:span {n}}}" for n in range(1, AXIS_COLUMNS + 1)]
    return "".join(spans)


@files.get("/static/<path:name>")
@public
def static(name: str) -> Response:
    """One file of the static folder, or the classes of the time axis."""
    content, mimetype = _content(name), TYPES.get(Path(name).suffix)
    if content is None or mimetype is None:
        raise NotFound
    response = Response(content, mimetype=mimetype)
    if request.accept_encodings["gzip"]:
        response = Response(_packed(name), mimetype=mimetype, headers={"Content-Encoding": "gzip"})
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if "v" in request.args else "no-cache"
    return response
