"""Who takes part in an activity that is placed already: look what another choice would do, then make it, as one edit of the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wfm.domain import activities as domain
from wfm.domain.activities import ActivityKind, Session
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.staff import FixedActivity
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import edit_effect
from wfm.service.activities import MOST_PEOPLE, bound_with, free_number, hindered, loaded, session_of, told_of
from wfm.service.context import Actor, Service
from wfm.service.draft_state import Change, DraftState, apply
from wfm.service.edit_effect import Effect
from wfm.service.editing import EditView, edit_view
from wfm.service.policy import require
from wfm.storage.series import unpack

if TYPE_CHECKING:
    from wfm.service.activities import Loaded

__all__ = ["PeoplePreview", "change_people", "preview_people"]


@dataclass(frozen=True, slots=True)
class PeoplePreview:
    """What another choice of people would do; nothing is changed.

    Parameters
    ----------
    added, removed
        Names of those who would come and go.
    hindered
        Names of those who cannot come, and why.
    effect
        What the others do to cover, objective and rules; None where nothing would change.
    row_version
        State of the draft that was looked at.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    hindered: tuple[tuple[str, str], ...]
    effect: Effect | None
    row_version: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """A session and who shall take part in it, in the order of the draft."""

    session: Session
    people: tuple[str, ...]

    @property
    def added(self) -> tuple[str, ...]:
        """Who comes."""
        return tuple(key for key in self.people if key not in self.session.people)

    @property
    def removed(self) -> tuple[str, ...]:
        """Who goes."""
        return tuple(key for key in self.session.people if key not in self.people)


def preview_people(service: Service, actor: Actor, draft_number: int, key: str, people: Sequence[str]) -> PeoplePreview:
    """What it would do if these people, and no others, took part in a placed activity.

    Parameters
    ----------
    key
        Of the activity, as `activities.sessions` gives it.
    people
        Keys of people of the draft, 1 to 500.

    Raises
    ------
    InvalidInput
        When nobody is left, or it is movable work, which belongs to those who do it.
    NotFound
        When the activity is not there any more, or the draft does not know somebody.
    """
    require(actor, "schedule.change")
    draft = loaded(service, actor, draft_number)
    choice = _choice(draft.problem, key, people)
    reasons = _reasons(draft.problem, draft.shifts, choice)
    able = replace(choice, people=tuple(one for one in choice.people if one not in reasons))
    names = {agent.id: agent.name or agent.id for agent in draft.problem.agents}
    return PeoplePreview(
        tuple(names[one] for one in able.added),
        tuple(names[one] for one in able.removed),
        tuple((names[one], reason) for one, reason in reasons.items()),
        _effect(draft, able) if able.added or able.removed else None,
        draft.row_version,
    )


def change_people(
    service: Service, actor: Actor, draft_number: int, key: str, people: Sequence[str], row_version: int | None = None
) -> EditView:
    """Let these people, and no others, take part in a placed activity: one edit, which can be undone.

    A trainer who is not among them leads it no longer.

    Parameters
    ----------
    key
        Of the activity, as `activities.sessions` gives it.
    people
        Keys of people of the draft, 1 to 500.
    row_version
        State of the draft that was looked at; None takes what is there.

    Raises
    ------
    Conflict
        When the draft changed meanwhile.
    InvalidInput
        When nobody would be added or removed, nobody is left, somebody new is not at work then, has a break or another activity, or it
        is movable work.
    NotFound
        When the activity is not there any more, or the draft does not know somebody.
    """
    require(actor, "schedule.change")
    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        if row_version is not None and state.row.row_version != row_version:
            raise Conflict(f"draft {draft_number} was changed meanwhile; look at the activity again, then choose")
        choice = _choice(state.problem, key, people)
        if not choice.added and not choice.removed:
            raise InvalidInput(f"these people take part in {choice.session.fixed.activity} already; add or remove somebody")
        for agent, reason in _reasons(state.problem, state.shifts, choice).items():
            raise InvalidInput(hindered(state, agent, reason, choice.session.fixed))
        part = choice.session.fixed
        span, hours = (part.start, part.end), (part.end - part.start).total_seconds() / 3600
        told = {**told_of(part.activity, choice.people, 1, span, span), "added": list(choice.added), "removed": list(choice.removed)}
        bound = None if choice.removed else bound_with(state, hours * len(choice.added))
        change = Change("activity people", (), (), _with_choice(state.problem, choice), told, bound)
        return edit_view(apply(service, actor, session, state, change), state)


def _choice(problem: RosterProblem, key: str, people: Sequence[str]) -> _Choice:
    found, wanted = session_of(problem, key), set(people)
    unknown = wanted - problem.agent_of.keys()
    if unknown:
        raise NotFound(f"this draft has nobody {min(unknown)!r}")
    if not 0 < len(wanted) <= MOST_PEOPLE:
        raise InvalidInput(f"an activity has 1 to {MOST_PEOPLE} people, got {len(wanted)}; to end it, take the activity away")
    if found.fixed.kind == ActivityKind.MOVABLE:
        raise InvalidInput("movable work belongs to whoever it was placed for; take it away, or place it anew")
    return _Choice(found, tuple(agent.id for agent in problem.agents if agent.id in wanted))


def _reasons(problem: RosterProblem, shifts: Sequence[Shift], choice: _Choice) -> dict[str, str]:
    """Why some of those who would come cannot."""
    start, end = choice.session.fixed.start, choice.session.fixed.end
    found = {key: domain.hindrance(problem.agent_of[key], shifts, start, end) for key in choice.added}
    return {key: reason for key, reason in found.items() if reason}


def _with_choice(problem: RosterProblem, choice: _Choice) -> RosterProblem:
    """The problem in which the chosen people share the activity."""
    old = choice.session.fixed
    lead = old.lead if old.lead in choice.people else ""
    part: FixedActivity = replace(old, lead=lead, session=old.session or f"{free_number(problem)}")
    left = domain.without(problem, choice.session.key)
    return domain.with_fixed(left, {key: (*left.agent_of[key].fixed, part) for key in choice.people})


def _effect(draft: Loaded, choice: _Choice) -> Effect:
    after = _with_choice(draft.problem, choice)
    return edit_effect.measure(draft.problem, after, draft.objective, unpack(draft.coverage), draft.shifts, draft.shifts).effect
