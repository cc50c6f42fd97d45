"""Who can be scheduled: agents, their skills, languages, contracts and sites."""

from __future__ import annotations

from flask import render_template, request

from web import current
from web.access import allow
from web.planner.family import pages
from wfm.service import centre
from wfm.service.centre import AgentView


@pages.get("/people")
@allow("staff.read")
def people() -> str:
    """Every agent that the reader may see, filtered by the address."""
    everybody = centre.agents(current.service(), current.actor())
    return render_template(
        "planner/people.html",
        agents=[agent for agent in everybody if _wanted(agent)],
        count=len(everybody),
        queue_names={view.key: view.queue.name for view in centre.queues(current.service(), current.actor())},
        sites=sorted({agent.site for agent in everybody if agent.site}),
        skills=sorted({skill for agent in everybody for skill in agent.skills}),
        contracts={contract.id: contract for contract in centre.contracts(current.service(), current.actor())},
    )


def _wanted(agent: AgentView) -> bool:
    named, site, skill = (request.args.get(name, "") for name in ("name", "site", "skill"))
    return named.lower() in agent.name.lower() and site in ("", agent.site) and (not skill or skill in agent.skills)
