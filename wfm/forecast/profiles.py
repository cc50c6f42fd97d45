"""Profiles: how a day's contacts spread over its slots.

A weekday's profile is an exponentially weighted mean whose half-lives were right in the past; it borrows from weekdays of like shape,
and from its own neighbouring slots, as far as the difference is no larger than counting noise (empirical Bayes). A holiday borrows the
shape of the weekday that earlier holidays resembled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.day_totals import DayTotals
from wfm.forecast.forgetting import running_sums
from wfm.forecast.grid import BoolArray, DayArray, DayGrid, FloatArray, weekday_of

HALF_LIVES_DAYS = (30.0, 60.0, 120.0, 250.0, 1000.0)
JUDGED_AHEAD_WEEKS = 4
JUDGED_WEEKS = 52
SHARPNESS = 100.0
SMOOTHER = np.array([-3, 12, 17, 12, -3]) / 35  # local quadratic over five slots (Savitzky and Golay, 1964)
LEAST_SLOTS_TO_SMOOTH = 7
COUNT_DISPERSION = 4.0
QUIET_PRIOR = 2.0
SMALL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class WeeklyProfiles:
    """Profiles at the end of a history, and what they were learned from.

    Parameters
    ----------
    table
        Share of every slot by weekday, rows sum to 1, or 0 where nothing was seen; shape (7, S).
    contacts
        Past contacts, holes filled by the weekday's usual share, shape (D, S).
    ordinary, holiday
        True for days that are known and no public holiday, or known and one; length D.
    """

    table: FloatArray
    contacts: FloatArray
    ordinary: BoolArray
    holiday: BoolArray


def weekly_profiles(past: DayGrid, totals: DayTotals, calendar: Calendar, open_slots: BoolArray) -> WeeklyProfiles:
    """Learn the profiles of the seven weekdays from a clean history; `open_slots` is True where a weekday takes contacts, shape (7, S)."""
    usable = np.isfinite(totals.total)
    usual = totals.profile[past.weekday] * np.nan_to_num(totals.total)[:, None]
    contacts = np.where(past.observed, past.values, usual)
    holiday = calendar.is_holiday(past.days)
    ordinary = usable & ~holiday
    table = _weekday_table(past, totals, contacts, ordinary, open_slots)
    return WeeklyProfiles(table, contacts, ordinary, usable & holiday)


def predict_profiles(weekly: WeeklyProfiles, totals: DayTotals, days: DayArray, calendar: Calendar) -> FloatArray:
    """Share of every slot of `days`; rows sum to 1, or 0 where nothing was ever seen; shape (days, slots)."""
    shares = weekly.table[weekday_of(days)]
    holiday = calendar.is_holiday(days)
    if holiday.any():
        shares[holiday] = _holiday_profile(weekly.contacts[weekly.holiday], weekly.table, totals)
    return shares


def _weekday_table(past: DayGrid, totals: DayTotals, contacts: FloatArray, ordinary: BoolArray, open_slots: BoolArray) -> FloatArray:
    worth = _worth_of_half_lives(contacts * ordinary[:, None])
    age = np.arange(len(past.days))[::-1]
    table = np.zeros_like(totals.profile)
    for half_life, share in zip(HALF_LIVES_DAYS, worth, strict=True):
        weight = 0.5 ** (age / half_life) * ordinary
        table += share * _profiles_at(weight, contacts, past, totals.profile, open_slots)
    table = np.where(open_slots, table, 0.0)
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), SMALL))


def _worth_of_half_lives(contacts: FloatArray) -> FloatArray:
    """Weights of the half-lives by their error four weeks ahead over the last year; `contacts` of consecutive days, shape (D, S)."""
    weeks = min(-(-len(contacts) // 7), JUDGED_WEEKS + 26)
    tail = contacts[-7 * weeks :]
    lead = 7 * weeks - len(tail)
    rows = np.pad(tail, ((lead, 0), (0, 0))).reshape(weeks, 7, -1)
    first = JUDGED_AHEAD_WEEKS + max(JUDGED_AHEAD_WEEKS, weeks - JUDGED_AHEAD_WEEKS - JUDGED_WEEKS)
    later = rows[first:].copy()
    if first == 2 * JUDGED_AHEAD_WEEKS:
        later[:1, :lead] = 0.0  # a weekday that began a week later has seen a week less
    size = later.sum(axis=2, keepdims=True)
    error = np.zeros(len(HALF_LIVES_DAYS))
    for place, half_life in enumerate(HALF_LIVES_DAYS):
        mass = running_sums(rows, half_life / 7)[first - JUDGED_AHEAD_WEEKS : -JUDGED_AHEAD_WEEKS]
        error[place] = float(np.abs(later - mass / np.maximum(mass.sum(axis=2, keepdims=True), SMALL) * size).sum())
    if error.min() <= 0:
        return np.full(len(error), 1 / len(error))
    worth = np.exp(-SHARPNESS * (error / error.min() - 1))
    return np.asarray(worth / worth.sum())


def _profiles_at(weight: FloatArray, contacts: FloatArray, past: DayGrid, fallback: FloatArray, open_slots: BoolArray) -> FloatArray:
    of_weekday = np.eye(7)[past.weekday].T * weight
    mass = of_weekday @ contacts
    size = mass.sum(axis=1)
    profile = np.where(size[:, None] > 0, mass / np.maximum(size[:, None], SMALL), fallback)
    days = of_weekday.sum(axis=1) ** 2 / np.maximum((of_weekday**2).sum(axis=1), SMALL)
    evidence = size / np.maximum(of_weekday.sum(axis=1), SMALL) * days
    profile, evidence = _borrow(profile, evidence)
    return _smooth(profile, evidence, open_slots)


def _borrow(profile: FloatArray, evidence: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mix each weekday with those whose shape differs by no more than noise; `evidence` is in contacts, length 7."""
    slots = profile.shape[1]
    known = np.maximum(evidence, SMALL)
    middle = np.maximum((profile[:, None] + profile[None]) / 2, SMALL)
    distance = ((profile[:, None] - profile[None]) ** 2 / middle).sum(axis=2)
    excess = np.maximum(distance - slots * (1 / known[:, None] + 1 / known[None]), 0.0)
    lent = evidence[None] / (1 + excess * evidence[None] / slots)
    lent = np.where((evidence[:, None] > 0) & (evidence[None] > 0), lent, np.diag(known))
    gathered = lent.sum(axis=1)
    return lent @ profile / gathered[:, None], np.where(evidence > 0, gathered, 0.0)


def _smooth(profile: FloatArray, evidence: FloatArray, open_slots: BoolArray) -> FloatArray:
    """Mix each profile with its smooth version, the more the noisier it is."""
    slots = profile.shape[1]
    if slots < LEAST_SLOTS_TO_SMOOTH:
        return profile
    half = len(SMOOTHER) // 2
    wide = np.pad(profile, ((0, 0), (half, half)), mode="edge")
    smooth = np.stack([np.convolve(row, SMOOTHER, "valid") for row in wide])
    smooth = np.where(open_slots, np.maximum(smooth, 0.0), 0.0)
    distance = np.where(smooth > 0, (profile - smooth) ** 2 / np.maximum(smooth, SMALL), 0.0).sum(axis=1)
    kept = SMOOTHER[half]
    noise = 1.5 * slots / np.maximum(evidence, SMALL) * ((1 - kept) ** 2 + float((SMOOTHER**2).sum()) - kept**2)
    excess = np.maximum(distance - noise, 0.0)
    own = np.where(evidence > 0, excess / np.maximum(excess + noise, SMALL), 1.0)[:, None]
    return np.asarray(own * profile + (1 - own) * smooth)


def _holiday_profile(seen: FloatArray, table: FloatArray, totals: DayTotals) -> FloatArray:
    """Shape of a holiday: the weekdays that earlier holidays resembled, bent by what those holidays showed themselves."""
    alive = table.sum(axis=1) > 0
    if not alive.any():
        return np.zeros(table.shape[1])
    slots = table.shape[1]
    safe = (table + 0.002 / slots) / 1.002
    score = (seen @ np.log(safe).T).sum(axis=0) / COUNT_DISPERSION
    score[int(np.argmin(np.where(alive, totals.height, np.inf)))] += QUIET_PRIOR
    score = np.where(alive, score, -np.inf)
    likely = np.exp(score - score.max())
    alike = likely @ table / likely.sum()
    typical = float(np.nanmedian(totals.total)) if np.isfinite(totals.total).any() else 0.0
    prior = max(typical, 1.0) * table[alive].mean(axis=0) + SMALL
    bent = alike * (seen.sum(axis=0) + prior) / (alike * float(seen.sum()) + prior)
    return np.asarray(bent / max(float(bent.sum()), SMALL))
