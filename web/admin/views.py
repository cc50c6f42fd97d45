"""Accounts and the audit trail."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.texts import gettext as _
from wfm.errors import InvalidInput
from wfm.service import accounts, audit, centre
from wfm.service.context import Role

pages = Blueprint("admin", __name__)
LINK_HOURS = 24


@pages.get("/accounts")
@allow("account.manage")
def accounts_page() -> str:
    """Everybody who can sign in."""
    everybody = accounts.users(current.service(), current.actor())
    sites, agents = centre.sites(current.service(), current.actor()), centre.agents(current.service(), current.actor())
    return render_template("admin/accounts.html", users=everybody, sites=sites, agents=agents, roles=tuple(Role), link=None)


@pages.post("/accounts")
@allow("account.manage")
def add_account() -> str:
    """Add somebody, and show the link that signs them in once."""
    added = accounts.add_user(
        current.service(),
        current.actor(),
        forms.text("email", _("E-mail"), 254),
        forms.text("name", _("Name")),
        forms.text("role", _("Role")),
        forms.optional_text("zone") or current.actor().zone,
        forms.optional_text("locale") or "en",
        agent_key=forms.optional_text("agent"),
        site=forms.optional_text("site"),
    )
    return _with_link(added.id, added.name)


@pages.post("/accounts/<int:user_id>/link")
@allow("account.manage")
def make_link(user_id: int) -> str:
    """A new link that signs somebody in once."""
    return _with_link(user_id, request.form.get("name", ""))


def _with_link(user_id: int, name: str) -> str:
    token = accounts.make_one_time_sign_in(current.service(), current.actor(), user_id, LINK_HOURS)
    link = url_for("auth.once", token=token, _external=True)
    return render_template("admin/_link.html", link=link, name=name, hours=LINK_HOURS)


@pages.post("/accounts/<int:user_id>/disable")
@allow("account.manage")
def disable_account(user_id: int) -> AnyResponse:
    """Shut an account; its sessions end at once."""
    accounts.disable_user(current.service(), current.actor(), user_id)
    flash(_("The account is disabled. Nobody can sign in with it."))
    return go(url_for("admin.accounts_page"))


@pages.post("/accounts/<int:user_id>/enable")
@allow("account.manage")
def enable_account(user_id: int) -> AnyResponse:
    """Open an account again."""
    accounts.enable_user(current.service(), current.actor(), user_id)
    flash(_("The account is open again."))
    return go(url_for("admin.accounts_page"))


@pages.post("/accounts/<int:user_id>/role")
@allow("account.manage")
def change_role(user_id: int) -> AnyResponse:
    """Give somebody another role; it counts from the next request."""
    accounts.change_role(current.service(), current.actor(), user_id, forms.text("role", _("Role")))
    flash(_("The role is changed; it counts from the next click."))
    return go(url_for("admin.accounts_page"))


@pages.get("/audit")
@allow("audit.read")
def audit_page() -> str:
    """Who did what, when, from where."""
    page = forms.optional_whole("page") or 1
    if page < 1:
        raise InvalidInput(_("pages count from 1"))
    found = audit.entries(current.service(), current.actor(), page, request.args.get("action") or None)
    return render_template("admin/audit.html", found=found, action=request.args.get("action", ""))


@pages.post("/audit/verify")
@allow("audit.read")
def verify_audit() -> str:
    """Recompute the whole chain."""
    verdict = audit.verify(current.service(), current.actor(), request.form.get("anchor", "").strip())
    return render_template("admin/_verdict.html", verdict=verdict)
