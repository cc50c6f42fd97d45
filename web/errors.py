"""Every error as an answer: JSON for programs, a notice for htmx, a page for people; never a trace."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from web import access, current
from web.texts import gettext as _
from wfm.errors import Infeasible, NotAllowed, NotSignedIn, UnreadableFile, WfmError
from wfm.service import audit


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, for a reader.

    Parameters
    ----------
    status
        HTTP status.
    code
        Stable name.
    message
        What was wrong, what is allowed, what was given.
    details
        Lines of a file, or conflicts, where there are any.
    """

    status: int
    code: str
    message: str
    details: tuple[str, ...] = ()


def install(app: Flask) -> None:
    """Answer every error, expected or not."""
    app.register_error_handler(WfmError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: WfmError) -> AnyResponse:
    if isinstance(error, NotSignedIn) and not current.from_program() and not access.is_public():
        return _to_sign_in()
    if isinstance(error, NotAllowed) and current.maybe_actor():
        audit.record_refusal(current.service(), current.actor(), request.endpoint or "")
    if error.status >= 500:
        _log(error)
    return _answer(Trouble(error.status, error.code, str(error), _details(error)))


def _details(error: WfmError) -> tuple[str, ...]:
    if isinstance(error, UnreadableFile):
        return tuple(str(problem) for problem in error.problems)
    return error.conflicts if isinstance(error, Infeasible) else ()


def _http(error: HTTPException) -> AnyResponse:
    if isinstance(error, CSRFError):
        return _answer(Trouble(400, "stale_form", _("This form was open too long. Load the page again and repeat the last step.")))
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    known = {
        404: _("There is no such page. The address may be mistyped, or what it showed is gone."),
        405: _("This address does not take that kind of request."),
        413: _("The file is larger than %(limit)s MB, the most that one upload may be.", limit=_upload_mb()),
    }
    return _answer(Trouble(status, error.name.lower().replace(" ", "_"), known.get(status, _("The request could not be understood."))))


def _upload_mb() -> int:
    return current.service().settings.upload_mb


def _unexpected(error: Exception) -> AnyResponse:
    _log(error)
    message = _("Something went wrong on our side. Try again; if it happens again, tell the administrator the number below.")
    return _answer(Trouble(500, "error", message))


def _log(error: Exception) -> None:
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    current_app.extensions["wfm_log"].error("failure", request_id=current.request_id(), kind=type(error).__name__, frames=frames)


def _to_sign_in() -> AnyResponse:
    if not current.from_htmx():
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=wanted), 303)
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    wanted = f"{page.path}?{page.query}".rstrip("?") or None
    return Response(status=401, headers={"HX-Redirect": url_for("auth.sign_in", next=wanted)})


def _answer(trouble: Trouble) -> AnyResponse:
    if current.from_program():
        return _json(trouble)
    page = "_notice.html" if current.from_htmx() else "error.html"
    response = make_response(render_template(page, trouble=trouble, request_id=current.request_id()), trouble.status)
    if current.from_htmx():
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML show:top"
    return response


def _json(trouble: Trouble) -> Response:
    body = {"code": trouble.code, "message": trouble.message, "details": list(trouble.details), "request_id": current.request_id()}
    response = jsonify({"error": body})
    response.status_code = trouble.status
    return response
