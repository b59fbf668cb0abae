"""A small house of people: a province of two cities, a carrier in each, and somebody for every place."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from tongqu.kernel import identity
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.identity.module import start
from tongqu.kernel.identity.service import passwords
from tongqu.kernel.module import Module, Role
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Work, system_actor

PASSWORD = "correct horse 42"
TRIPS = Module(
    id="trips",
    package="tongqu.kernel.identity",
    field="services",
    permissions=("trips.read", "trips.edit"),
    roles=(Role("administrator", ("trips.read", "trips.edit")), Role("reader", ("trips.read",))),
)
"""A domain that adds to a role of others and brings one along."""


@dataclass
class House:
    """Ids of who and what there is. Regions 99 > 9901, 9902; organisation `depot` is part of `north`."""

    platform: Platform
    north: str
    depot: str
    south: str
    people: dict[str, str]

    def actor(self, name: str) -> Actor:
        with self.platform.store.read(system_actor("test")) as work:
            return identity.actor_of(work, self.people[name])

    def write(self, name: str):
        return self.platform.store.write(self.actor(name))

    def read(self, name: str):
        return self.platform.store.read(self.actor(name))


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id with the least work, so that tests of other things do not wait for it."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_nobody", [])


@pytest.fixture
def house(make_platform) -> House:
    platform = make_platform(AUDIT, IDENTITY, TRIPS)
    start(platform)
    with platform.store.write(system_actor("test")) as work:
        identity.add_regions(
            work,
            [
                identity.Region("99", "澜江省", "Lanjiang", "province", None),
                identity.Region("9901", "澜州市", "Lanzhou", "city", "99"),
                identity.Region("9902", "望汀市", "Wangting", "city", "99"),
            ],
        )
        north = identity.add_organisation(work, "北线运输", region="9901").id
        depot = identity.add_organisation(work, "北线场站", parent=north).id
        south = identity.add_organisation(work, "南港运输", region="9902").id
        people = {
            "root": _person(work, "root", None, None, [("administrator", None, None)]),
            "province": _person(work, "province", None, "99", [("administrator", None, "99")]),
            "city1": _person(work, "city1", None, "9901", [("administrator", None, "9901")]),
            "city2": _person(work, "city2", None, "9902", [("administrator", None, "9902")]),
            "north_admin": _person(work, "north_admin", north, None, [("administrator", north, None)]),
            "south_admin": _person(work, "south_admin", south, None, [("administrator", south, None)]),
            "clerk": _person(work, "clerk", depot, None, [("monitor", depot, None)]),
            "plain": _person(work, "plain", south, None, []),
        }
    return House(platform, north, depot, south, people)


def _person(work: Work, name: str, organisation: str | None, region: str | None, grants) -> str:
    made = identity.add_person(
        work,
        login=name,
        name=f"人员 {name}",
        organisation=organisation,
        region=region,
        phone="13800001234",
        email=f"{name}@example.org",
        password=PASSWORD,
    )
    for role, over, area in grants:
        identity.grant(work, made.id, role, organisation=over, region=area)
    return made.id


@pytest.fixture
def sign_in(house: House, http):
    """Give a function that makes a client signed in as somebody."""

    def client(name: str) -> TestClient:
        made = http(house.platform, headers={"X-Tongqu": "1"})
        answer = made.post("/api/v1/identity/session", json={"login": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return made

    return client
