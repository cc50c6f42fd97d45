"""What channels, roles and intervals are called on pages, and what a reader may do."""

from __future__ import annotations

from flask import Flask, g

from web import current
from web.texts import lazy_gettext as _
from wfm.domain.demand import Channel
from wfm.service import centre, night, policy
from wfm.service.context import Role

ROLES = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.PLANNER: _("Planner"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.AGENT: _("Agent"),
    Role.AUDITOR: _("Auditor"),
}
CHANNELS = {
    Channel.VOICE: _("Voice"),
    Channel.CHAT: _("Chat"),
    Channel.EMAIL: _("E-mail"),
    Channel.MESSAGE: _("Messages"),
    Channel.BACK_OFFICE: _("Back office"),
    Channel.OUTBOUND: _("Outbound"),
}
INTERVALS = {5: _("5 minutes"), 10: _("10 minutes"), 15: _("quarter hour"), 20: _("20 minutes"), 30: _("half hour"), 60: _("hour")}
PLURALS = {5: _("5 minutes"), 10: _("10 minutes"), 15: _("Quarter hours"), 20: _("20 minutes"), 30: _("Half hours"), 60: _("Hours")}


def may(permission: str) -> bool:
    """Whether the reader holds a permission: pages show only what can be used."""
    person = current.maybe_actor()
    return person is not None and person.role in policy.ALLOWED[permission]


def is_demo() -> bool:
    """Whether the reader's organisation is the invented one."""
    return centre.organisation(current.service(), current.actor()).is_demo


def open_findings() -> int:
    """How many findings wait for a decision."""
    if "open_findings" not in g:
        g.open_findings = len(night.findings(current.service(), current.actor()))
    return int(g.open_findings)


def install(app: Flask) -> None:
    """Give the names to the templates."""
    words = {"role_names": ROLES, "channel_names": CHANNELS, "interval_names": INTERVALS, "interval_plurals": PLURALS}
    idle_s = 60 * app.extensions["wfm"].settings.idle_minutes
    app.jinja_env.globals.update(words, may=may, is_demo=is_demo, open_findings=open_findings, idle_s=idle_s)
