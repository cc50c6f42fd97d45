"""Who may open a route. Each one declares it: `@allow("forecast.read")` or `@public`; one that does not stops the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from web import current
from wfm.service import policy

PUBLIC = "public"
View = TypeVar("View", bound=Callable[..., Any])


def allow(permission: str) -> Callable[[View], View]:
    """Open a route to the roles that hold `permission` in `wfm.service.policy`."""
    if permission not in policy.ALLOWED:
        raise KeyError(permission)

    def declared(view: View) -> View:
        view.__dict__["policy"] = permission
        return view

    return declared


def public(view: View) -> View:
    """Open a route to everybody, signed in or not."""
    view.__dict__["policy"] = PUBLIC
    return view


def policy_of(view: Callable[..., Any]) -> str | None:
    """The policy that a view declares, or None."""
    return getattr(view, "policy", None)


def is_public() -> bool:
    """True where the route at hand is open to everybody."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is not None and policy_of(view) == PUBLIC


def check_declared(app: Flask) -> None:
    """Refuse to start while a route declares no policy."""
    silent = sorted(rule.rule for rule in app.url_map.iter_rules() if policy_of(app.view_functions[rule.endpoint]) is None)
    if silent:
        raise RuntimeError(f"every route must declare a policy; these do not: {', '.join(silent)}")


def install(app: Flask) -> None:
    """Check the policy before every view."""
    app.before_request(_guard)


def _guard() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return
    wanted = policy_of(view)
    failure = current.stored_session().failure
    if failure is not None:
        raise failure
    if wanted != PUBLIC:
        policy.require(current.actor(), wanted or "")
