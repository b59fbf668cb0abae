"""Nobody gives, takes or gets around what they do not hold themselves."""

from __future__ import annotations

import pytest

from tongqu.kernel import identity
from tongqu.kernel.store import system_actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused


def test_a_grant_over_an_organisation_covers_all_below_it_and_nothing_beside(house):
    (grant,) = house.actor("north_admin").grants
    assert grant.organisations == {house.north, house.depot}
    (grant,) = house.actor("south_admin").grants
    assert grant.organisations == {house.south}


def test_an_organisation_added_later_is_covered_at_once(house):
    with house.write("north_admin") as work:
        made = identity.add_organisation(work, "北线修理", parent=house.depot)
    assert made.id in house.actor("north_admin").grants[0].organisations
    assert made.region == "9901"


@pytest.mark.parametrize(
    ("giver", "to", "role", "place"),
    [
        ("city1", "clerk", "administrator", {"region": "9901"}),
        ("city1", "clerk", "monitor", {"organisation": "north"}),
        ("north_admin", "clerk", "administrator", {"organisation": "depot"}),
        ("province", "city2", "administrator", {"region": "9901"}),
        ("root", "city2", "administrator", {}),
    ],
)
def test_what_one_holds_one_may_give_within_ones_own(house, giver, to, role, place):
    place = {kind: getattr(house, name, name) for kind, name in place.items()}
    with house.write(giver) as work:
        made = identity.grant(work, house.people[to], role, **place)
    held = [one for one in house.actor(to).grants if one.role == role]
    assert held
    assert made.granted_by == house.people[giver]


@pytest.mark.parametrize(
    ("giver", "to", "role", "place", "code"),
    [
        ("city1", "clerk", "administrator", {"region": "99"}, "identity.not_held"),
        ("city1", "clerk", "administrator", {"region": "9902"}, "identity.not_held"),
        ("city1", "clerk", "administrator", {}, "identity.not_held"),
        ("province", "clerk", "monitor", {"region": "9901"}, None),  # a role without permissions over one's own
        ("north_admin", "clerk", "administrator", {"region": "9901"}, "identity.not_held"),
        ("north_admin", "clerk", "administrator", {"organisation": "south"}, "identity.unknown_organisation"),
        ("north_admin", "plain", "administrator", {"organisation": "north"}, "identity.unknown_person"),
        ("clerk", "clerk", "administrator", {"organisation": "depot"}, "identity.not_here"),
        ("clerk", "clerk", "monitor", {"organisation": "depot"}, "identity.not_here"),
        ("plain", "plain", "administrator", {"region": "9902"}, "identity.not_here"),
    ],
)
def test_nobody_gives_what_they_do_not_hold(house, giver, to, role, place, code):
    place = {kind: getattr(house, name, name) for kind, name in place.items()}
    before = house.actor(to)
    try:
        with house.write(giver) as work:
            identity.grant(work, house.people[to], role, **place)
        assert code is None
    except (Forbidden, NotFound) as error:
        assert error.code == code
        assert house.actor(to) == before


def test_a_region_does_not_give_an_organisation_that_reaches_beyond_it(house):
    """North is of 9901, but a part of it lies in 9902: a grant over North would reach there."""
    with house.platform.store.write(system_actor("test")) as work:
        identity.add_organisation(work, "北线驻望汀", parent=house.north, region="9902")
    with pytest.raises(Forbidden, match=r"identity\.not_held"), house.write("city1") as work:
        identity.grant(work, house.people["clerk"], "administrator", organisation=house.north)
    with house.write("province") as work:
        identity.grant(work, house.people["clerk"], "administrator", organisation=house.north)


def test_who_holds_less_cannot_take_over_who_holds_more(house):
    """A province's administrator who sits in a city's region is out of reach of that city's administrator."""
    with house.platform.store.write(system_actor("test")) as work:
        boss = identity.add_person(work, login="boss", name="上级", region="9901")
        identity.grant(work, boss.id, "administrator", region="99")
    for act in (
        lambda work: identity.set_password(work, boss.id, "hash"),
        lambda work: identity.disable_person(work, boss.id),
        lambda work: identity.amend_person(work, boss.id, region="9902"),
        lambda work: [identity.end_grant(work, one.id) for one in identity.grants_of(work, boss.id)],
    ):
        with pytest.raises(Forbidden, match=r"identity\.not_held"), house.write("city1") as work:
            act(work)
    with house.write("province") as work:
        identity.disable_person(work, boss.id)


def test_a_person_cannot_be_moved_to_where_the_mover_has_no_say(house):
    with pytest.raises(Forbidden, match=r"identity\.not_here"), house.write("city1") as work:
        identity.amend_person(work, house.people["city1"], region="9902")
    with pytest.raises(NotFound, match=r"identity\.unknown_organisation"), house.write("north_admin") as work:
        identity.amend_person(work, house.people["clerk"], organisation=house.south)


def test_one_changes_ones_own_contacts_and_nothing_else_of_oneself(house):
    with house.write("plain") as work:
        assert identity.amend_person(work, house.people["plain"], phone="13900005678").phone == "13900005678"
    for changes in ({"name": "别名"}, {"organisation": None}, {"region": "9901", "phone": "1"}):
        with pytest.raises(Forbidden, match=r"identity\.not_here"), house.write("plain") as work:
            identity.amend_person(work, house.people["plain"], **changes)


def test_an_organisation_moves_with_its_people_and_never_into_itself(house):
    with house.write("province") as work:
        identity.amend_organisation(work, house.depot, region="9902")
        assert identity.person(work, house.people["clerk"]).region == "9902"
    with pytest.raises(Refused, match=r"identity\.circle"), house.write("province") as work:
        identity.amend_organisation(work, house.north, parent=house.depot)
    with pytest.raises(NotFound), house.write("city1") as work:
        identity.amend_organisation(work, house.south, name="改名")
    with pytest.raises(Forbidden, match=r"identity\.not_here"), house.write("city1") as work:
        identity.add_organisation(work, "越界", region="9902")


def test_an_ended_grant_gives_nothing_and_the_same_grant_twice_is_one(house):
    with house.write("province") as work:
        first = identity.grant(work, house.people["plain"], "reader", region="9902")
        assert identity.grant(work, house.people["plain"], "reader", region="990200") == first
    assert house.actor("plain").may("trips.read")
    with house.write("city2") as work:
        identity.end_grant(work, first.id)
    assert not house.actor("plain").may("trips.read")
    with pytest.raises(Invalid, match=r"identity\.one_place"), house.write("province") as work:
        identity.grant(work, house.people["plain"], "reader", region="9902", organisation=house.south)


def test_permissions_of_a_role_add_up_over_the_modules(house):
    permissions = house.actor("root").grants[0].permissions
    assert {"identity.edit", "audit.read", "trips.edit"} <= permissions
    with house.platform.store.write(system_actor("test")) as work:
        identity.sync_roles(work, [module for module in house.platform.modules if module.id != "trips"])
    assert "trips.edit" not in house.actor("root").grants[0].permissions
    assert "identity.edit" in house.actor("root").grants[0].permissions
