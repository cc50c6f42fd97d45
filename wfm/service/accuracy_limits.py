"""How far off a forecast may be before a planner looks into it: usual limits, changed by the planner, kept for the organisation."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from wfm import units
from wfm.errors import InvalidInput
from wfm.service import audit
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.storage import organisations


@dataclass(frozen=True, slots=True)
class Limits:
    """Errors that are let pass, as shares of the contacts that came, each above 0 and at most 1.

    Parameters
    ----------
    day
        Of the total of a day.
    peak_hour
        Of the busiest hour of a day.
    interval
        Of a single interval.

    Examples
    --------
    >>> Limits(day=0.04).day
    0.04
    """

    day: float = 0.05
    peak_hour: float = 0.08
    interval: float = 0.15

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < units.real(name, value) <= 1:
                what = name.replace("_", " ")
                raise InvalidInput(f"the limit for the {what} must lie above 0 and be at most 100 %, got {100 * value:g} %")


def limits(service: Service, actor: Actor) -> Limits:
    """The limits of the organisation."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        return replace(Limits(), **(organisations.organisation(session, actor.organisation_id).accuracy_limits or {}))


def change_limits(service: Service, actor: Actor, wanted: Limits) -> None:
    """Use other limits from now on, on pages and in what the night reports."""
    require(actor, "forecast.change")
    with service.database.transaction() as session:
        row = organisations.locked(session, actor.organisation_id)
        before, after = row.accuracy_limits, asdict(wanted)
        row.accuracy_limits = after
        session.flush()
        audit.record(session, service, actor, "accuracy.limits", "organisation", actor.organisation_id, before, after)
