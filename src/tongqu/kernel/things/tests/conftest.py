"""A registry with two kinds and two carriers, one in each city."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tongqu.kernel import identity
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kernel.things import Kind
from tongqu.kernel.things.module import MODULE as THINGS

VEHICLE = Kind("vehicle", moving=True, unique=("plate",))
TERMINAL = Kind("terminal", unique=("phone",))
TRIPS = Module(id="trips", package="tongqu.kernel.things", field="services", kinds=(VEHICLE, TERMINAL))
SYSTEM = system_actor("test")


@dataclass
class Registry:
    platform: Platform
    north: str
    south: str

    def write(self, actor: Actor = SYSTEM):
        return self.platform.store.write(actor)

    def read(self, actor: Actor = SYSTEM):
        return self.platform.store.read(actor)


def reader(*, organisation: str | None = None, region: str | None = None) -> Actor:
    organisations = None if organisation is None else frozenset({organisation})
    return Actor("reader", "reader", grants=(Grant("reader", frozenset({"things.read"}), organisations, region),))


@pytest.fixture
def registry(make_platform) -> Registry:
    platform = make_platform(AUDIT, IDENTITY, THINGS, TRIPS)
    with platform.store.write(SYSTEM) as work:
        north = identity.add_organisation(work, "北线运输", region="9901").id
        south = identity.add_organisation(work, "南港运输", region="9902").id
    return Registry(platform, north, south)
