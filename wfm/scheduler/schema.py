"""The JSON documents as pydantic sees them: fields, types and bounds, nothing that takes two fields to judge."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wfm import units
from wfm.domain.rules import rule_from
from wfm.errors import InvalidInput


def instant(text: str) -> datetime:
    """ISO 8601 with an offset, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"a time must be ISO 8601 with its UTC offset, got {text!r}") from None
    if moment.tzinfo is None:
        raise ValueError(f"a time needs its UTC offset, got {text!r}")
    return text


def _wall(text: str) -> str:
    units.clock_minutes(text)
    return text


Moment = Annotated[str, AfterValidator(_moment)]
Wall = Annotated[str, AfterValidator(_wall)]
Name = Annotated[str, Field(min_length=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


def _rule(document: Any) -> Any:
    try:
        return rule_from(document)
    except InvalidInput as e:
        raise ValueError(f"{e}") from None


Listed = Annotated[Any, BeforeValidator(_rule)]
"""A rule with its figures, by its kind; see `wfm.domain.rules`."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class QueueIn(_Part):
    """One row of demand."""

    id: Name
    under_cost: Amount
    required: list[Amount]
    minimum: Amount | list[Amount] = 0.0
    minimum_cost: Amount = 0.0
    licence: str = ""


class BreakIn(_Part):
    """A break of a shape."""

    minutes: Positive
    paid: bool
    earliest_minutes: Whole
    latest_minutes: Whole


class ShapeIn(_Part):
    """A shape of a shift."""

    paid_minutes: Positive
    breaks: list[BreakIn] = []


class ContractIn(_Part):
    """A contract."""

    id: Name
    week_minutes: tuple[Whole, Whole]
    week_days: tuple[Whole, Whole]
    earliest_start: Wall = "00:00"
    latest_end: Wall = "48:00"
    start_step_minutes: Positive
    min_rest_minutes: Whole
    max_consecutive_days: Positive
    min_work_stretch_minutes: Whole = 0
    cost_per_hour: Amount = 0.0
    rules: list[Listed] = []
    shifts: Annotated[list[ShapeIn], Field(min_length=1)]


class FixedIn(_Part):
    """A fixed activity."""

    start: Moment
    end: Moment
    activity: str = ""
    kind: str = ""
    session: str = ""
    lead: str = ""
    due: Moment | None = None


class PreferenceIn(_Part):
    """A wish."""

    kind: Literal["day_off"]
    date: date
    cost: Amount


class LicenceIn(_Part):
    """A licence."""

    state: Name
    first_day: date | None = None
    last_day: date | None = None
    multistate: bool = False


class AgentIn(_Part):
    """An agent."""

    id: Name
    contract: Name
    queues: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]]
    name: str = ""
    earliest_start: Wall | None = None
    latest_end: Wall | None = None
    days_off: list[date] = []
    unavailable: list[tuple[Moment, Moment]] = []
    fixed: list[FixedIn] = []
    preferences: list[PreferenceIn] = []
    last_shift_end: Moment | None = None
    last_shift_start: Moment | None = None
    days_worked_before: Whole = 0
    rules: list[Listed] = []
    carried: dict[str, Whole] = {}
    site: str = ""
    team: str = ""
    skills: list[Name] = []
    licences: list[LicenceIn] = []
    secondary: list[Name] = []


class ProblemIn(_Part):
    """A whole problem."""

    format: Literal["wfm-roster-problem/1"]
    id: Name
    timezone: str
    start: date
    days: Positive
    interval_minutes: Literal[15, 30, 60]
    over_cost: Amount
    queues: list[QueueIn]
    contracts: list[ContractIn]
    agents: list[AgentIn]
    rules: list[Listed] = []
    secondary_cost: Amount = 0.0
    compact: dict[str, date] = {}


class SpanIn(_Part):
    """A break as placed."""

    start: Moment
    end: Moment


class ShiftIn(_Part):
    """A shift as placed."""

    agent: str
    start: Moment
    end: Moment
    breaks: list[SpanIn] = []


class RosterIn(_Part):
    """A whole roster."""

    format: Literal["wfm-roster/1"]
    problem: str
    shifts: list[ShiftIn]
    objective: float
    lower_bound: float | None = None
    status: Literal["optimal", "feasible", "infeasible"] = "feasible"
    seconds: float = 0.0
    solver: str = ""
    seed: int = 0
    notes: list[str] = []


Document = TypeVar("Document", bound=BaseModel)


def validated(model: type[Document], document: Any, what: str) -> Document:
    """`document` as `model`.

    Raises
    ------
    InvalidInput
        Naming every field that is wrong.
    """
    try:
        return model.model_validate(document)
    except ValidationError as e:
        lines = [_line(document, error) for error in e.errors(include_url=False)]
    raise InvalidInput(f"the {what} cannot be used:\n" + "\n".join(f"- {line}" for line in lines))


def _line(document: Any, error: Any) -> str:
    where, at = "", document
    for part in error["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else str(part)
        at = _inside(at, part)
        if isinstance(at, dict) and isinstance(at.get("id"), str):
            where += f" ({at['id']})"
    message = error["msg"].removeprefix("Value error, ")
    given = "" if error["type"] == "missing" or "got" in message else f", got {_short(error['input'])}"
    return f"{where or 'document'}: {message[0].lower()}{message[1:]}{given}"


def _inside(at: Any, part: Any) -> Any:
    try:
        return at[part]
    except (KeyError, IndexError, TypeError):
        return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
