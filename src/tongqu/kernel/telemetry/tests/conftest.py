"""Fixtures of the room's tests."""

from __future__ import annotations

import pytest

from tongqu.kernel.telemetry.tests.house import House


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()
