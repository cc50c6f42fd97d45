from __future__ import annotations

import pytest

from wfm.history.columns import map_columns


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("timestamp,queue,volume,aht_seconds", "timestamp,queue,volume,aht"),
        (
            "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,AverageHandleTime",
            "queue,,,timestamp,,volume,aht",
        ),
        (
            "Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,Interactions Handled,Total Handle Time (Seconds)",
            "timestamp,queue,,,,volume,,handle",
        ),
        (
            "Interval_Start,CSQ Name,Calls Presented,Calls Handled,Avg Handle Time,Avg Queue Time,Max Queue Time",
            "timestamp,queue,volume,,aht,,",
        ),
        ("time,skill,calls,acd calls,AHT (ms)", "timestamp,queue,volume,,aht"),
        ("Start time,Split/Skill,Total calls offered today,Service Level %", "timestamp,queue,volume,"),
        ("timestamp,queue,Avg handle time (min)", "timestamp,queue,aht"),
        ("timestamp,queue,forecast volume,volume", "timestamp,queue,,volume"),
        ("timestamp,queue,forecast volume", "timestamp,queue,"),
        ("timestamp,Max queue size,volume", "timestamp,,volume"),
    ],
)
def test_columns_are_found_by_the_names_that_systems_give_them(header: str, fields: str) -> None:
    expected = {name: i for i, name in enumerate(fields.split(",")) if name}
    assert dict(map_columns(header.split(",")).position) == expected


def test_offered_beats_the_mere_word_calls() -> None:
    columns = map_columns(["timestamp", "queue", "calls", "calls offered"])
    assert columns.header("volume") == "calls offered"


def test_no_column_serves_two_fields() -> None:
    columns = map_columns(["interval start", "queue volume"])
    assert len(set(columns.position.values())) == len(columns.position)


def test_a_total_is_better_than_an_average() -> None:
    columns = map_columns(["timestamp", "queue", "volume", "aht", "total handle time"])
    assert columns.duration_field == "handle"


@pytest.mark.parametrize(("header", "scale"), [("aht", 1.0), ("aht_seconds", 1.0), ("AHT (ms)", 0.001), ("Avg Handle Time [min]", 60.0)])
def test_the_unit_of_a_duration_stands_in_its_header(header: str, scale: float) -> None:
    assert map_columns(["timestamp", "queue", "volume", header]).handle_scale == scale
