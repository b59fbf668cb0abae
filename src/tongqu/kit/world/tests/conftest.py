"""One world for all tests of the room: making it takes some ten seconds of processor time."""

from __future__ import annotations

import pytest

from tongqu.kit.world import world
from tongqu.kit.world.values import World


@pytest.fixture(scope="session")
def province() -> World:
    return world.make(seed=7, scale=1)
