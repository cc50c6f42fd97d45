"""Work rules, licences and the compact: a list of what holds, a form for each kind, and a person with what is known of them."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go, wanted_page
from web.planner.activities import GROUPS
from web.planner.family import pages
from web.planner.rule_forms import FORMS, WEEKDAYS, definition_of, sentence
from web.texts import gettext as _
from wfm.service import centre, people_groups, work_rules
from wfm.service.work_rules import EVERYBODY, RuleView

EXPIRES_SOON = timedelta(30)


@pages.get("/people/rules")
@allow("staff.read")
def rules() -> str:
    """Every rule that holds, those that were taken away, and the form of the kind that the address names."""
    found = work_rules.rules(current.service(), current.actor())
    kind = request.args.get("kind", "")
    if kind and kind not in FORMS:
        abort(404)
    return render_template(
        "planner/rules.html",
        rules=[one for one in found if one.removed_at is None],
        removed=[one for one in found if one.removed_at is not None][:20],
        kind=kind,
        scope=request.args.get("scope", EVERYBODY),
        **_form_parts(),
    )


@pages.get("/people/<key>")
@allow("staff.read")
def person(key: str) -> str:
    """One person: contract, queues, licences with their dates, rules of their own and of their groups."""
    found = next((one for one in centre.agents(current.service(), current.actor()) if one.key == key), None)
    if found is None:
        abort(404)
    mine = work_rules.rules(current.service(), current.actor(), f"agent:{key}")
    today = current.service().now().date()
    return render_template(
        "planner/person.html",
        agent=found,
        contract=next((one for one in centre.contracts(current.service(), current.actor()) if one.id == found.contract), None),
        rules=[one for one in mine if one.removed_at is None and one.kind != work_rules.LICENCE],
        licences=[(one, 0) for one in found.agent.licences] + [(work_rules.licence(one), one.number) for one in mine if _is_licence(one)],
        removed=[one for one in mine if one.removed_at is not None][:20],
        today=today,
        soon=today + EXPIRES_SOON,
        kind=request.args.get("kind", ""),
        **_form_parts(),
    )


@pages.post("/people/rules")
@allow("staff.change")
def add_rule() -> AnyResponse:
    """A new rule."""
    made = work_rules.add_rule(
        current.service(), current.actor(), forms.text("scope", _("For whom")), definition_of(forms.text("kind", _("Kind")))
    )
    flash(_("Rule %(number)s holds from the next build on: %(words)s", number=made.number, words=FORMS[made.kind].title))
    return go(wanted_page(url_for("planner.rules")))


@pages.post("/people/rules/<int:number>/remove")
@allow("staff.change")
def remove_rule(number: int) -> AnyResponse:
    """Take a rule away."""
    work_rules.remove_rule(current.service(), current.actor(), number)
    flash(_("Rule %(number)s is taken away; it stands below and can be brought back.", number=number))
    return go(wanted_page(url_for("planner.rules")))


@pages.post("/people/rules/<int:number>/restore")
@allow("staff.change")
def restore_rule(number: int) -> AnyResponse:
    """Bring a rule back."""
    work_rules.restore_rule(current.service(), current.actor(), number)
    flash(_("Rule %(number)s holds again.", number=number))
    return go(wanted_page(url_for("planner.rules")))


def _is_licence(rule: RuleView) -> bool:
    return rule.removed_at is None and rule.kind == work_rules.LICENCE


def scope_words(rule: RuleView) -> str:
    """For whom a rule holds, as people read it."""
    kind = rule.scope.partition(":")[0]
    if rule.scope == EVERYBODY:
        return _("everybody")
    return rule.scope_name if kind == "agent" else f"{GROUPS[kind]}: {rule.scope_name}"


def _form_parts() -> dict[str, object]:
    everybody = centre.agents(current.service(), current.actor())
    return {
        "forms": FORMS,
        "sentence": sentence,
        "scope_words": scope_words,
        "weekday_names": WEEKDAYS,
        "group_words": GROUPS,
        "groups": people_groups.groups(current.service(), current.actor()),
        "people": everybody,
        "queues": centre.queues(current.service(), current.actor()),
        "sites": sorted({one.site for one in everybody if one.site}),
        "skills": sorted({skill for one in everybody for skill in (*one.skills, *one.languages)}),
    }
