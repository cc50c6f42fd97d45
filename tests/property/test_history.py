"""What must hold for every history file: what is written is what is read, and nothing but a clear error ever comes out of rubbish."""

from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfm.errors import WfmError
from wfm.history import HistoryFile, preview, read_history

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
DELIMITERS = [",", ";", "\t", "|"]
ZONES = [
    "America/Chicago",
    "America/Denver",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Europe/London",
    "America/Havana",
    "America/St_Johns",
    "Asia/Kolkata",
]
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Cell = tuple[int, float | None]


def written(rows: dict[tuple[str, datetime], Cell], zone: str, delimiter: str) -> str:
    """A file in the zone's wall clock, each queue in the order of time."""
    here = ZoneInfo(zone)
    lines = [delimiter.join(("timestamp", "queue", "volume", "aht"))]
    for (queue, start), (volume, aht) in sorted(rows.items()):
        lines.append(
            delimiter.join((start.astimezone(here).strftime("%Y-%m-%d %H:%M"), queue, str(volume), "" if aht is None else str(aht)))
        )
    return "\r\n".join([*lines, ""])


def as_read(file: HistoryFile) -> dict[tuple[str, datetime], tuple[float, float | None]]:
    return {(queue, datetime.fromtimestamp(start, UTC)): (volume, handle_s) for queue, start, volume, handle_s, _ in file.rows()}


@st.composite
def files(draw: st.DrawFn) -> dict[tuple[str, datetime], Cell]:
    """A few days of full half hours for some queues."""
    first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 300)))
    queues = draw(st.lists(st.sampled_from(["billing", "Überweisung", "niños", "a b", "x"]), min_size=1, max_size=3, unique=True))
    chance = random.Random(draw(st.integers(0, 99)))
    starts = [first + timedelta(minutes=30 * n) for n in range(draw(st.integers(2, 120)))]
    return {(queue, start): (chance.randint(0, 400), round(chance.uniform(20, 3000), 1)) for queue in queues for start in starts}


@FEW
@given(
    rows=files(),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from(DELIMITERS),
    zone=st.sampled_from(ZONES),
    packed=st.booleans(),
)
def test_what_was_written_is_what_is_read(
    rows: dict[tuple[str, datetime], Cell], encoding: str, delimiter: str, zone: str, packed: bool
) -> None:
    content = written(rows, zone, delimiter).encode(encoding)
    file = read_history(gzip.compress(content) if packed else content, zone=zone, repeated_hour="first")
    expected = {key: (float(volume), volume * aht if aht else None) for key, (volume, aht) in rows.items()}
    assert as_read(file) == expected


# An hour that starts inside Lord Howe's half-hour change has no name on the wall clock.
GRAINS = [(zone, minutes) for zone in ZONES for minutes in (15, 30, 60) if (zone, minutes) != ("Australia/Lord_Howe", 60)]


@pytest.mark.parametrize(("zone", "minutes"), GRAINS)
def test_a_year_of_round_the_clock_intervals_keeps_every_contact(zone: str, minutes: int) -> None:
    here, step = ZoneInfo(zone), timedelta(minutes=minutes)
    begin, end = datetime(2026, 1, 1, tzinfo=here).astimezone(UTC), datetime(2027, 1, 1, tzinfo=here).astimezone(UTC)
    starts = [begin + n * step for n in range(int((end - begin) / step))]
    volumes = [n % 17 for n in range(len(starts))]
    file = read_history(written({("q", s): (v, 100.0) for s, v in zip(starts, volumes, strict=True)}, zone, ",").encode(), zone=zone)
    assert file.start_utc.tolist() == [int(start.timestamp()) for start in starts]
    assert file.volume.tolist() == volumes
    days = np.bincount([start.astimezone(here).timetuple().tm_yday for start in starts])[1:] * minutes // 30 / 2
    changes = {"Asia/Kolkata": {24.0}, "Australia/Lord_Howe": {23.5, 24.0, 24.5}}.get(zone, {23.0, 24.0, 25.0})
    assert set(days.tolist()) == changes


@pytest.mark.parametrize("zone", ["America/Chicago", "Australia/Lord_Howe", "Africa/Cairo"])
@pytest.mark.parametrize("choice", ["first", "split"])
def test_an_aggregated_repeated_hour_keeps_every_contact(zone: str, choice: str) -> None:
    here = ZoneInfo(zone)
    begin = datetime(2026, 1, 1, tzinfo=here).astimezone(UTC)
    sums: dict[str, int] = {}
    for n in range(365 * 48):
        stamp = (begin + timedelta(minutes=30 * n)).astimezone(here).strftime("%Y-%m-%d %H:%M")
        sums[stamp] = sums.get(stamp, 0) + n % 13
    text = "\n".join(["timestamp,queue,volume", *(f"{stamp},q,{volume}" for stamp, volume in sums.items())])
    file = read_history(text.encode(), zone=zone, repeated_hour=choice)  # type: ignore[arg-type]
    assert file.volume.sum() == sum(sums.values())
    assert len(file) == len(sums) + (0 if choice == "first" else 365 * 48 - len(sums))


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=400))
def test_rubbish_raises_a_clear_error_or_nothing(content: bytes) -> None:
    try_both(content)


FIRST = datetime(2026, 3, 7, tzinfo=UTC)
GOOD_ROWS = 120
GOOD = written({("billing", FIRST + timedelta(minutes=30 * n)): (n % 9, 240.5) for n in range(GOOD_ROWS)}, "America/Chicago", ",")
PIECES = [
    b"\x00",
    b"\xff\xfe",
    b'"',
    b"\n",
    b",",
    b"-",
    b"NaN",
    b"1e308",
    b"9" * 30,
    b"\xf0\x9f\x98\x80",
    b"2026-03-08 02:30",
    b"=1+1",
    b"\r",
    b"\t;|",
    b" " * 50,
]
PIECES += [
    b"0001-01-01 00:00",
    b"2099-12-31 23:30",
    b"Total",
    b"T24:00",
    b"+99:99",
    b"-06:00",
    b"timestamp,queue,volume,aht\r\n",
    b"\xc3",
    b"1,240",
]


def test_a_good_file_with_random_damage_raises_a_clear_error_or_nothing() -> None:
    chance = random.Random(5)
    for _ in range(250):
        content = bytearray(GOOD.encode())
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(content))
            content[at : at + chance.choice([0, 0, 1, 5, 40])] = chance.choice([*PIECES, bytes([chance.randrange(256)])])
        try_both(bytes(content))


def test_damaged_archives_raise_a_clear_error_or_nothing() -> None:
    chance = random.Random(6)
    packed = gzip.compress(GOOD.encode())
    for _ in range(200):
        content = bytearray(packed[: chance.randint(2, len(packed))])
        content[chance.randrange(len(content))] = chance.randrange(256)
        assert try_both(bytes(content)) in (None, GOOD_ROWS)  # what is read in spite of the damage is read whole


def try_both(content: bytes) -> int | None:
    """A preview never raises for content; a read raises nothing but our own errors, and agrees with the preview.

    The number of rows that were read, None where reading was refused.
    """
    seen = preview(content, "America/Chicago")
    try:
        file = read_history(content, zone="America/Chicago")
    except WfmError:
        assert not seen.ready
        return None
    assert seen.ready
    assert len(file) == seen.row_count
    assert (np.diff(file.start_utc) != 0).all()
    return len(file)
