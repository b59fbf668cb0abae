"""Acknowledged means stored: one round of `kill -9` each for gateway and API (the long campaign is `dev crash`)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.mark.needs("equipment")
@pytest.mark.timeout(400)
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    from campaign import Plan, run

    # How many are under way depends on how fast the machine acknowledges: a fast one never lets 50 wait at this rate.
    plan = Plan(("gateway", "api"), rounds=1, connections=150, rate=1000, least_rate=300, least_outstanding=1)
    found = run(plan, tmp_path / "run")
    assert len(found["kills"]) == 2
    assert found["acknowledged"] > 1000
    assert (found["api_lost"], found["api_twice"]) == (0, 0), found
    assert (found["parquet_lost"], found["parquet_twice"]) == (0, 0), found
    assert found["api_rows"] == found["parquet_rows"]
