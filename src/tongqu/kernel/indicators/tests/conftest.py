"""A house of telemetry with the room of indicators and the toys' figures."""

from __future__ import annotations

import pytest

from tongqu.kernel.indicators.tests.observatory import Observatory
from tongqu.kernel.indicators.tests.toy import Bells, toys
from tongqu.kit import text


@pytest.fixture
def observatory(tmp_path):
    bells = Bells()
    made = Observatory(tmp_path, toys(bells))
    made.bells = bells
    text.register("toys", "tongqu.kernel.indicators.tests")
    yield made
    made.house.close()
