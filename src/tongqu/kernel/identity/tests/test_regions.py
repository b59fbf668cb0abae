"""The region tree through time: what a code means, meant, and who took over."""

from __future__ import annotations

import pytest

from tongqu.kernel import identity
from tongqu.kernel.identity import Region
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused

SYSTEM = system_actor("test")
Y2010, Y2016, Y2020, Y2030 = 1_262_304_000_000, 1_451_606_400_000, 1_577_836_800_000, 1_893_456_000_000


@pytest.fixture
def tree(house):
    """9903 with two counties since 2010: 990301 is renamed in 2016, 990302 is merged into it in 2020."""
    with house.platform.store.write(SYSTEM) as work:
        identity.add_regions(
            work,
            [
                Region("9903", "临岫市", "Linxiu", "city", "99", bbox=(110.0, 27.0, 111.0, 28.0), centre=(110.5, 27.5)),
                Region("990301", "临岫县", "Linxiu County", "county", "9903", valid_from_ms=Y2010),
                Region("990302", "东岭县", "Dongling", "county", "9903", valid_from_ms=Y2010),
            ],
        )
        identity.rename_region(work, "990301", "临岫区", "Linxiu District", Y2016)
        identity.replace_region(work, "990302", "990301", Y2020)
    return house.platform.store


def test_a_code_means_what_it_meant_then(tree):
    with tree.read(SYSTEM) as work:
        assert identity.region(work, "990301", Y2010).name == "临岫县"
        assert identity.region(work, "990301", Y2016 - 1).name == "临岫县"
        assert identity.region(work, "990301", Y2016).name == "临岫区"
        assert identity.region(work, "990300").name == "临岫市", "the form with six digits"
        assert identity.region(work, "9903").bbox == (110.0, 27.0, 111.0, 28.0)
        for code, at in (("990301", Y2010 - 1), ("990302", Y2020), ("990309", Y2020)):
            with pytest.raises(NotFound, match=r"identity\.unknown_region"):
                identity.region(work, code, at)
        with pytest.raises(Invalid, match=r"identity\.bad_region"):
            identity.region(work, "99x")


def test_a_code_of_old_records_leads_to_who_took_over(tree):
    with tree.read(SYSTEM) as work:
        assert identity.current_region(work, "990302", Y2016).code == "990302"
        assert identity.current_region(work, "990302", Y2020).code == "990301"
        assert identity.current_region(work, "990302").name == "临岫区"
        with pytest.raises(NotFound):
            identity.current_region(work, "990302", Y2010 - 1)


def test_chains_of_successors_are_followed_and_circles_end(tree):
    with tree.write(SYSTEM) as work:
        identity.add_region(work, Region("990303", "新岭区", "Xinling", "county", "9903"))
        identity.replace_region(work, "990301", "990303", Y2030)
        assert identity.current_region(work, "990302", Y2030).code == "990303"
        from tongqu.kernel.identity.store import regions as store

        last = identity.region(work, "990303", Y2030)
        store.end(work, last, Y2030 + 1, "990302")
        with pytest.raises(NotFound):
            identity.current_region(work, "990302", Y2030 + 1)


def test_the_list_is_that_of_its_instant_with_parents_first(tree):
    with tree.read(SYSTEM) as work:
        codes = [region.code for region in identity.regions(work)]
        assert codes == ["99", "9901", "9902", "9903", "990301"]
        assert "990302" in {region.code for region in identity.regions(work, Y2016)}


def test_a_code_means_one_thing_at_a_time(tree):
    with pytest.raises(Refused, match=r"identity\.region_overlap"), tree.write(SYSTEM) as work:
        identity.add_region(work, Region("990302", "另一县", "Another", "county", "9903", valid_from_ms=Y2016))
    with tree.write(SYSTEM) as work:
        identity.add_region(work, Region("990302", "东岭新区", "New Dongling", "county", "9903", valid_from_ms=Y2020))
        assert identity.current_region(work, "990302").name == "东岭新区"
    with pytest.raises(Refused, match=r"identity\.region_ends_early"), tree.write(SYSTEM) as work:
        identity.rename_region(work, "990302", "x", "x", Y2020)


def test_a_city_maintains_its_own_part_of_the_tree_only(tree):
    grant = Grant("r", frozenset({"identity.regions"}), region="9903")
    city = Actor("c", "c", grants=(grant,))
    with tree.write(city) as work:
        identity.add_region(work, Region("990305", "港区", "Port", "county", "9903", special="port"))
    for act in (
        lambda work: identity.add_region(work, Region("990105", "越界", "x", "county", "9901")),
        lambda work: identity.rename_region(work, "9901", "改", "x", Y2030),
        lambda work: identity.replace_region(work, "990305", "9901", Y2030),
    ):
        with pytest.raises(Forbidden, match=r"identity\.not_here"), tree.write(city) as work:
            act(work)


def test_the_page_reads_the_tree(tree, sign_in):
    client = sign_in("root")
    rows = {row["code"]: row for row in client.get("/api/v1/identity/regions").json()["items"]}
    assert rows["9903"]["name"] == {"zh": "临岫市", "en": "Linxiu"}
    assert (rows["9903"]["level"], rows["9903"]["parent"]) == ("city", "99")
    assert (rows["9903"]["bbox"], rows["9903"]["center"]) == ([110.0, 27.0, 111.0, 28.0], [110.5, 27.5])
    old = client.get(f"/api/v1/identity/regions?at_ms={Y2016}").json()["items"]
    assert "990302" in {row["code"] for row in old}
    merged = client.get("/api/v1/identity/regions/990302").json()
    assert merged["code"] == "990301"
    assert [row["successor"] for row in merged["meanings"]] == ["990301"]
    made = client.post("/api/v1/identity/regions", json={"code": "990400", "name": "海湾市"})
    assert (made.status_code, made.json()["level"], made.json()["parent"]) == (201, "city", "99")
    changed = client.post("/api/v1/identity/regions/9904/change", json={"name": "湾城市", "at_ms": Y2010})
    assert changed.json()["name"]["zh"] == "湾城市"
    both = client.post("/api/v1/identity/regions/9904/change", json={"name": "a", "successor": "9903", "at_ms": Y2030})
    assert (both.status_code, both.json()["code"]) == (422, "identity.name_or_successor")
    assert client.get("/api/v1/identity/regions?at_ms=x").status_code == 422
