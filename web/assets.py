"""Static files: content hash in the address, long cache, packed once."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

from web.access import public

ROOT = Path(__file__).parent / "static"
YEAR_S = 31_536_000
PACKED = (".css", ".js", ".svg")
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
    content = axis_css().encode() if name == "axis.css" else _content(name)
    return hashlib.sha256(content).hexdigest()[:12]


def _content(name: str) -> bytes:
    path = ROOT / name
    return path.read_bytes() if path.is_file() else b""


@lru_cache(maxsize=64)
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), mtime=0)


@lru_cache(maxsize=1)
def axis_css() -> str:
    """One class per column and per span of a time axis: the content policy allows no style attributes."""
    spans = [f".n{n}{{--n:{n}}}.c{n}{{grid-column-start:{n + 1}}}.w{n}{{grid-column-end:span {n}}}" for n in range(1, AXIS_COLUMNS + 1)]
    return "".join(spans)


@files.get("/static/axis.css")
@public
def axis() -> Response:
    """The classes that place things on a time axis."""
    return _cached(Response(axis_css(), mimetype="text/css"))


@files.get("/static/<path:name>")
@public
def static(name: str) -> Response:
    """One file of the static folder."""
    if name.endswith(PACKED) and "gzip" in request.headers.get("Accept-Encoding", "") and (ROOT / name).is_file() and ".." not in name:
        response = Response(_packed(name), headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
        response.mimetype = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}[Path(name).suffix]
        return _cached(response)
    return _cached(send_from_directory(ROOT, name))


def _cached(response: Response) -> Response:
    lasting = "v" in request.args
    response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if lasting else "no-cache"
    return response
