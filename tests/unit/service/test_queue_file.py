"""Settings of queues in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.errors import InvalidInput
from wfm.service.queue_file import read_queues, settings_by_key

OTHER = Queue("all", "All", target=ServiceTarget(0.7, 40), patience_s=100)


def read(folder: Path, content: object) -> dict[str, Queue]:
    path = folder / "queues.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_queues(path, OTHER)


def test_an_entry_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    entry = {
        "level": 0.9, "language": "es", "priority": 1, "channel": "chat", "concurrency": 2,
        "shrinkage_parts": [{"activity": "coaching", "share": 0.05, "weekdays": ["Tue", "thursday"]}],
        "movable": [{"name": "reminders", "contacts": 400, "aht_s": 240, "from": "09:00", "due": "17:00"}],
    }  # fmt: skip
    queue = read(tmp_path, {"spanish": entry})["spanish"]
    assert (queue.id, queue.target.level, queue.target.awt_s, queue.patience_s, queue.channel) == ("spanish", 0.9, 40, 100, Channel.CHAT)
    assert queue.shrinkage_parts[0].weekdays == (1, 3)
    assert (queue.movable[0].from_minutes, queue.movable[0].due_minutes) == (540, 1_020)


def test_an_entry_chooses_its_way_of_planning(tmp_path: Path) -> None:
    target = read(tmp_path, {"a": {"planned_by": "kept_with_chance", "kept_chance": 0.95}})["a"].target
    assert (target.planned_by, target.kept_chance, target.level) == ("kept_with_chance", 0.95, 0.7)


def test_a_queue_without_an_entry_is_like_the_others(tmp_path: Path) -> None:
    assert settings_by_key(None, OTHER)("q").target == OTHER.target
    path = tmp_path / "q.json"
    path.write_text('{"a": {"awt_s": 10}}')
    of = settings_by_key(path, OTHER)
    assert (of("a").target.awt_s, of("b").target.awt_s, of("b").id) == (10, 40, "b")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "must hold an object"),
        ('{"a": 3}', "must hold an object"),
        ("{", "must be JSON"),
        ('{"a": {"levle": 1}}', "queue a has no setting 'levle'"),
        ('{"a": {"level": 80}}', "queue a: level must be in"),
        ('{"a": {"planned_by": "luck"}}', "queue a: planned_by must be one of call_weighted, mean_service, kept_with_chance, got 'luck'"),
        ('{"a": {"kept_chance": 0.3}}', "queue a: kept_chance must be between 0.5 and 0.99"),
        ('{"a": {"level": "x"}}', "queue a: level must be a finite number"),
        ('{"a": {"channel": "fax"}}', "channel of queue a must be one of"),
        ('{"a": {"movable": [{"name": "r", "contacts": 1, "aht_s": 60, "from": "9", "due": "17:00"}]}}', "must read HH:MM"),
        ('{"a": {"movable": [{"name": "r"}]}}', "an entry of movable cannot be read"),
        ('{"a": {"movable": [7]}}', "an entry of movable must be an object, got 7"),
        ('{"a": {"shrinkage_parts": [{"activity": "x", "share": 0.1, "weekdays": ["fun"]}]}}', "a weekday must be one of mon"),
        ('{"a": {"language": 3}}', "language"),
    ],
)
def test_what_a_file_cannot_mean_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path, content)
