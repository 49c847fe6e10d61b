"""Reading on documents that nobody meant, for a few seconds; ``make fuzz`` goes on for as long as it is given."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.support.reading_properties import properties

FEW = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", list(properties()))
def test_a_property_of_reading_holds(name: str) -> None:
    FEW(properties()[name])()
