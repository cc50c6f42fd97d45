"""The queues of the demo centre: what they promise, when they are open and how contacts come in on an ordinary day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wfm.domain.demand import Channel, Queue, ServiceTarget

SLOTS = 48
SLOT_S = 1_800
CLOSED = (0, 0)
ALL_DAY = (0, 24)

Hours = tuple[tuple[int, int], ...]
Floats = npt.NDArray[np.float64]

_OFFICE: Hours = ((7, 19),) * 5 + ((8, 14), CLOSED)
_PHARMACY: Hours = ((8, 18),) * 5 + ((9, 13), CLOSED)
_WEEKDAYS: Hours = ((8, 17),) * 5 + (CLOSED, CLOSED)
_CHAT: Hours = ((8, 18),) * 5 + (CLOSED, CLOSED)
_DAYTIME: Hours = ((8, 20),) * 7
_ALWAYS: Hours = (ALL_DAY,) * 7

_PHONE_DAYS = (1.30, 1.08, 1.00, 0.97, 0.92, 0.24, 0.0)
_NURSE_DAYS = (1.16, 1.00, 0.95, 0.95, 1.00, 0.98, 0.96)
_MAIL_DAYS = (1.25, 1.10, 1.02, 1.00, 0.92, 0.45, 0.42)


@dataclass(frozen=True, slots=True)
class Stream:
    """A queue with the contacts that come to it.

    Parameters
    ----------
    queue
        The queue as the planner sets it up.
    hours
        First and last open hour of each weekday, Monday first, local time; contacts come only then.
    week_volume
        Contacts of an ordinary week just after the history ends.
    aht_s
        Mean handle time, s.
    growth
        Yearly growth of the volume, a share.
    flu
        Share by which the height of a flu season raises the volume.
    holiday
        Share of the usual volume that comes on a full holiday; 0 closes the line.
    """

    queue: Queue
    hours: Hours
    week_volume: float
    aht_s: float
    growth: float
    flu: float = 0.0
    holiday: float = 0.0


def streams() -> tuple[Stream, ...]:
    """All queues of the centre: appointments, nurse triage, refills and billing by language and channel."""
    return (*_appointments(), *_nurses(), *_refills(), *_billing())


def _appointments() -> tuple[Stream, ...]:
    target = ServiceTarget(0.80, 30.0, max_occupancy=0.88)
    return (
        Stream(_voice("appointments_en", "Appointments, English", "en", target, 210.0), _OFFICE, 5_500, 285, 0.04, 0.12),
        Stream(_voice("appointments_es", "Appointments, Spanish", "es", target, 210.0), _OFFICE, 1_650, 310, 0.08, 0.12),
        Stream(_voice("appointments_vi", "Appointments, Vietnamese", "vi", _relaxed(), 240.0), _OFFICE, 350, 330, 0.10, 0.12),
        Stream(_chat("appointments_chat_en", "Appointments chat, English", "appointments", "en"), _CHAT, 900, 540, 0.20, 0.08),
        Stream(_email("appointments_email_en", "Appointments e-mail, English", "appointments"), _ALWAYS, 1_000, 260, 0.05, 0.08, 0.5),
    )


def _nurses() -> tuple[Stream, ...]:
    english = _nurse("nurse_triage_en", "Nurse triage, English", "en", minimum_agents=2)
    spanish = _nurse("nurse_triage_es", "Nurse triage, Spanish", "es", minimum_agents=1)
    return Stream(english, _ALWAYS, 1_700, 610, 0.05, 0.35, 1.15), Stream(spanish, _DAYTIME, 380, 660, 0.08, 0.35, 1.15)


def _refills() -> tuple[Stream, ...]:
    target = ServiceTarget(0.80, 40.0, max_occupancy=0.88)
    return (
        Stream(_voice("refills_en", "Refills, English", "en", target, 200.0), _PHARMACY, 2_600, 205, 0.03, 0.15),
        Stream(_voice("refills_es", "Refills, Spanish", "es", target, 200.0), _PHARMACY, 780, 225, 0.07, 0.15),
        Stream(_email("refills_email_en", "Refills e-mail, English", "refills"), _ALWAYS, 1_200, 200, 0.05, 0.15, 0.5),
    )


def _billing() -> tuple[Stream, ...]:
    target = ServiceTarget(0.80, 60.0, max_occupancy=0.88)
    return (
        Stream(_voice("billing_en", "Billing, English", "en", target, 240.0), _WEEKDAYS, 2_150, 390, 0.03),
        Stream(_voice("billing_es", "Billing, Spanish", "es", target, 240.0), _WEEKDAYS, 540, 420, 0.07),
        Stream(_chat("billing_chat_en", "Billing chat, English", "billing", "en"), _CHAT, 360, 600, 0.18),
        Stream(_email("billing_email_en", "Billing e-mail, English", "billing"), _ALWAYS, 700, 330, 0.04, 0.0, 0.4),
    )


def _relaxed() -> ServiceTarget:
    """Small lines promise a longer wait: one more person would stand idle for most of the hour."""
    return ServiceTarget(0.75, 60.0, max_occupancy=0.88)


def _voice(key: str, name: str, language: str, target: ServiceTarget, patience_s: float) -> Queue:
    return Queue(key, name, Channel.VOICE, key.rsplit("_", 1)[0], language, target, patience_s=patience_s, shrinkage=0.12)


def _nurse(key: str, name: str, language: str, minimum_agents: int) -> Queue:
    target = ServiceTarget(0.85, 30.0, max_occupancy=0.85)
    return Queue(
        key,
        name,
        Channel.VOICE,
        "nurse_triage",
        language,
        target,
        patience_s=270.0,
        shrinkage=0.13,
        minimum_agents=minimum_agents,
        under_cost=120.0,
    )


def _chat(key: str, name: str, skill: str, language: str) -> Queue:
    target = ServiceTarget(0.80, 60.0)
    return Queue(key, name, Channel.CHAT, skill, language, target, patience_s=300.0, concurrency=2, shrinkage=0.12, under_cost=50.0)


def _email(key: str, name: str, skill: str) -> Queue:
    return Queue(key, name, Channel.EMAIL, skill, "en", response_s=8 * 3_600.0, shrinkage=0.10, under_cost=30.0)


def open_slots(stream: Stream) -> npt.NDArray[np.bool_]:
    """Whether contacts come in, by weekday (Monday first) and half hour of the local day; shape (7, 48)."""
    slot_hour = np.arange(SLOTS) / 2
    return np.array([(slot_hour >= first) & (slot_hour < last) for first, last in stream.hours])


def week_shape(stream: Stream) -> Floats:
    """Share of an ordinary week's volume in each weekday and half hour; shape (7, 48), sum 1."""
    if stream.queue.skill == "nurse_triage":
        weekday, curves = _nurse_week()
    else:
        weekday, curves = _mail_week() if stream.queue.channel.deferred else _phone_week()
    curves = curves * open_slots(stream)
    total = curves.sum(axis=1, keepdims=True)
    shape = np.divide(curves, total, out=np.zeros_like(curves), where=total > 0) * np.array(weekday)[:, None]
    return np.asarray(shape / shape.sum())


def _phone_week() -> tuple[tuple[float, ...], Floats]:
    """Two humps; on Monday the morning is steeper and earlier."""
    monday = _bumps((1.25, 9.3, 1.5), (0.72, 14.3, 2.2)) + 0.10
    usual = _bumps((1.00, 10.0, 1.7), (0.80, 14.7, 2.1)) + 0.10
    return _PHONE_DAYS, np.array([monday, *[usual] * 6])


def _nurse_week() -> tuple[tuple[float, ...], Floats]:
    """Busiest when clinics have closed; quiet, never silent, at night."""
    return _NURSE_DAYS, np.array([_bumps((0.30, 9.8, 1.9), (0.28, 17.8, 3.0)) + 0.05] * 7)


def _mail_week() -> tuple[tuple[float, ...], Floats]:
    return _MAIL_DAYS, np.array([_bumps((0.60, 10.5, 3.2), (0.45, 19.5, 2.6)) + 0.06] * 7)


def _bumps(*bumps: tuple[float, float, float]) -> Floats:
    """A sum of bell curves over the day, each (height, hour of the middle, width in hours)."""
    hour = np.arange(SLOTS) / 2 + 0.25
    return np.asarray(sum(height * np.exp(-0.5 * ((hour - middle) / width) ** 2) for height, middle, width in bumps))
