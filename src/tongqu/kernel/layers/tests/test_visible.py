"""Nobody sees rows of others: tiles, features and exports against the rule written down once more, row by row."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.kernel.layers import Feature, mercator
from tongqu.kernel.layers.features import all_of, page_of
from tongqu.kernel.layers.tests import mvt
from tongqu.kernel.layers.tests.support import SCOPED, person, point
from tongqu.kernel.layers.tiles import Tiles
from tongqu.kernel.layers.visible import visible
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kit.errors import Forbidden

REGIONS = ["99", "9901", "990101", "990102", "9902", "990201"]
ORGANISATIONS = ["carrier-a", "carrier-b", "port'; DROP TABLE state; --"]

owners = st.tuples(st.none() | st.sampled_from(ORGANISATIONS), st.none() | st.sampled_from(REGIONS)).filter(any)
grants = st.builds(
    Grant,
    role=st.just("monitor"),
    permissions=st.sampled_from([frozenset({"layers.test"}), frozenset({"other.read"})]),
    organisations=st.none() | st.frozensets(st.sampled_from(ORGANISATIONS), min_size=1),
    region=st.none() | st.sampled_from(REGIONS),
    everywhere=st.sampled_from([False, False, False, True]),
)


def rule(actor: Actor, organisation: str | None, region: str | None) -> bool:
    return any(
        grant.everywhere
        or (organisation is not None and organisation in (grant.organisations or ()))
        or (grant.region is not None and (region or "").startswith(grant.region))
        for grant in actor.grants
        if "layers.test" in grant.permissions
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(owners, max_size=12), st.lists(st.lists(grants, min_size=1, max_size=3), min_size=1, max_size=4))
def test_each_actor_sees_exactly_the_rows_of_the_rule(platform, draw, rows, people):
    draw(SCOPED, *[Feature(f"{i:02d}", point(120.6, 27.9), organisation=o, region=r) for i, (o, r) in enumerate(rows)])
    tile = mercator.tile_at(120.6, 27.9, 12)
    for number, held in enumerate(people):
        actor = Actor(f"p{number}", "somebody", grants=tuple(held))
        if not actor.may("layers.test"):
            with pytest.raises(Forbidden):
                page_of(platform, actor, SCOPED)
            continue
        expected = [f"{i:02d}" for i, owner in enumerate(rows) if rule(actor, *owner)]
        served = platform.service(Tiles).tile(actor, SCOPED, tile)
        in_tile = sorted(one.properties["id"] for one in mvt.read(gzip.decompress(served.gzipped)))
        listed = [one["id"] for one in page_of(platform, actor, SCOPED)]
        exported = b"".join(all_of(platform, actor, SCOPED, 1_000_000))
        assert in_tile == listed == expected
        assert exported.count(b'"type":"Feature",') == len(expected)
        for i in range(len(rows)):
            single = page_of(platform, actor, SCOPED, feature=f"{i:02d}")
            assert bool(single) == (f"{i:02d}" in expected)


def test_cached_tiles_are_shared_only_by_who_sees_the_same():
    keys = {
        name: visible(actor, SCOPED).key
        for name, actor in {
            "city": person(region="9901"),
            "city, again": person(region="9901"),
            "other city": person(region="9902"),
            "carrier": person(organisations=frozenset({"9901"})),
            "nobody": person(),
            "all": person(everywhere=True),
            "platform": system_actor("x"),
        }.items()
    }
    assert keys["city"] == keys["city, again"]
    assert keys["all"] == keys["platform"]
    assert len(set(keys.values())) == 5


def test_a_county_within_a_granted_city_adds_nothing():
    both = Actor("p", "p", grants=(*person(region="9901").grants, *person(region="990101").grants))
    assert visible(both, SCOPED) == visible(person(region="9901"), SCOPED)
