"""Settings come from one table."""

from __future__ import annotations

from dataclasses import fields

import pytest

from wfm.errors import InvalidInput
from wfm.settings import Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.read({}) == Settings()


def test_values_are_read_by_their_kind() -> None:
    read = Settings.read({"WFM_HTTPS": "yes", "WFM_PORT": "81", "WFM_HOST": "::1", "HOME": "x"})
    assert (read.https, read.port, read.host) == (True, 81, "::1")


@pytest.mark.parametrize("environment", [{"WFM_PORT": "many"}, {"WFM_HTTPS": "perhaps"}, {"WFM_NIGHT_AT": "2"}, {"WFM_WORKERS": "0"}])
def test_a_value_that_cannot_be_understood_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        Settings.read(environment)


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_explained(field: object) -> None:
    assert len(field.metadata["help"]) > 15  # type: ignore[attr-defined]
