"""The registry: what is minted, changed, retired; whose it is; how others learn of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongqu.kernel import things
from tongqu.kernel.store import Store, migrate, system_actor
from tongqu.kernel.things import New
from tongqu.kernel.things.module import MODULE
from tongqu.kernel.things.tests.conftest import TERMINAL, VEHICLE, reader
from tongqu.kit.errors import NotFound, Refused
from tongqu.kit.ids import parse_urn
from tongqu.kit.time import ManualClock


def mint(work, name="澜A·12345", plate="澜A12345 yellow", **more):
    return things.mint(work, VEHICLE, name, aliases=(("plate", plate),), **more)


def test_a_thing_has_a_urn_a_key_and_a_life(registry, clock):
    with registry.write() as work:
        made = mint(work, category="hazmat", organisation=registry.north, region="9901")
        assert parse_urn(made.urn)[0] == "vehicle"
        assert made.valid_from_ms == clock.at_ms
        assert things.get(work, made.urn) == made
        assert things.by_keys(work, [made.key]) == {made.key: made}
        assert made.alias("plate") == "澜A12345 yellow"
    with registry.read() as work, pytest.raises(NotFound, match=r"things\.unknown"):
        things.get(work, "urn:tongqu:vehicle:NONE")


@pytest.mark.parametrize("text", ["澜A12345 yellow", "澜a12345 YELLOW", "澜Ａ·12345　yellow", " 澜A•12 345yellow"])
def test_an_alias_is_found_however_it_is_written(registry, text):
    with registry.write() as work:
        made = mint(work)
        assert things.find(work, VEHICLE, "plate", text) == made
        assert things.find(work, TERMINAL, "plate", text) is None
        assert things.find(work, "vehicle", "vin", text) is None


def test_a_unique_alias_is_held_by_one_living_thing(registry):
    """Also against those one cannot see, and within one batch."""
    with registry.write() as work:
        first = mint(work, organisation=registry.north)
    south = reader(organisation=registry.south)
    with pytest.raises(Refused, match=r"things\.alias_taken"), registry.write(south) as work:
        assert things.find(work, VEHICLE, "plate", "澜A12345 yellow") is None
        mint(work, organisation=registry.south)
    twice = [New("甲", aliases=(("plate", "澜B1 blue"),)), New("乙", aliases=(("plate", "澜b1 BLUE"),))]
    with pytest.raises(Refused, match=r"things\.alias_taken"), registry.write() as work:
        things.mint_many(work, VEHICLE, twice)
    with registry.write() as work:
        things.mint(work, TERMINAL, "终端", aliases=(("plate", "澜A12345 yellow"),))
        things.retire(work, first.urn)
        second = mint(work)
        assert things.find(work, VEHICLE, "plate", "澜A12345 yellow") == second
    with pytest.raises(Refused, match=r"things\.alias_taken"), registry.write() as work:
        third = mint(work, plate="澜A99999 yellow")
        things.amend(work, VEHICLE, third.urn, aliases=(("plate", "澜A12345 yellow"),))


def test_an_amendment_changes_what_is_given_and_an_equal_one_nothing(registry):
    with registry.write() as work:
        made = mint(work, organisation=registry.north, region="9901")
        moved = things.amend(work, VEHICLE, made.urn, name="澜A·D12345", region="9902")
        assert (moved.name, moved.region, moved.organisation) == ("澜A·D12345", "9902", registry.north)
        assert moved.aliases == made.aliases
        assert moved.revision > made.revision
        assert things.get(work, made.urn) == moved
        assert things.amend(work, VEHICLE, made.urn, name="澜A·D12345", aliases=made.aliases) == moved
        bare = things.amend(work, VEHICLE, made.urn, organisation=None, aliases=())
        assert (bare.organisation, bare.aliases) == (None, ())
        assert things.find(work, VEHICLE, "plate", "澜A12345 yellow") is None


def test_others_see_things_of_their_organisation_or_region_only(registry):
    with registry.write() as work:
        north = mint(work, organisation=registry.north, region="9901")
        south = things.mint(
            work, VEHICLE, "澜B·1", organisation=registry.south, region="990201", aliases=(("vin", "S"),)
        )
        nobody = things.mint(work, VEHICLE, "无主")
        terminal = things.mint(work, TERMINAL, "终端", organisation=registry.north)
        things.relate(work, terminal.urn, "fitted_to", north.urn, 0)
    seen = {
        reader(organisation=registry.south): {south.urn},
        reader(region="9902"): {south.urn},
        reader(region="99"): {north.urn, south.urn},
        reader(region="98"): set(),
    }
    for actor, urns in seen.items():
        with registry.read(actor) as work:
            assert set(things.get_many(work, [north.urn, south.urn, nobody.urn])) == urns
            changes = things.changed_since(work, 0)
            assert {thing.urn for thing in changes.things} == urns
            assert changes.relations == ()
            assert (things.find(work, VEHICLE, "vin", "S") is None) == (south.urn not in urns)
            if north.urn not in urns:
                with pytest.raises(NotFound):
                    things.relations(work, north.urn)
    with registry.read(reader(organisation=registry.north)) as work:
        assert [relation.subject for relation in things.relations(work, north.urn)] == [terminal.urn]


def test_who_cannot_see_a_thing_cannot_change_it(registry):
    with registry.write() as work:
        made = mint(work, organisation=registry.north, region="9901")
        other = things.mint(work, VEHICLE, "澜B·1", organisation=registry.south)
    actor = reader(organisation=registry.south)
    for act in (
        lambda work: things.amend(work, VEHICLE, made.urn, name="x"),
        lambda work: things.retire(work, made.urn),
        lambda work: things.relate(work, other.urn, "part_of", made.urn, 0),
        lambda work: things.relate(work, made.urn, "part_of", other.urn, 0),
    ):
        with pytest.raises(NotFound), registry.write(actor) as work:
            act(work)
    with registry.read() as work:
        assert things.get(work, made.urn) == made


def test_other_processes_learn_of_each_change_and_of_nothing_else(registry):
    with registry.write() as work:
        vehicle = mint(work)
        terminal = things.mint(work, TERMINAL, "终端")
    with registry.read() as work:
        start = things.changed_since(work, 0)
        assert {thing.urn for thing in start.things} == {vehicle.urn, terminal.urn}
        assert things.changed_since(work, start.revision) == things.Changes(start.revision)
    with registry.write() as work:
        relation = things.relate(work, terminal.urn, "fitted_to", vehicle.urn, 10)
    with registry.read() as work:
        change = things.changed_since(work, start.revision)
        assert (change.things, change.relations) == ((), (relation,))
    with registry.write() as work:
        things.amend(work, VEHICLE, vehicle.urn, name="改")
        things.end_relation(work, relation.id, 20)
    with registry.read() as work:
        later = things.changed_since(work, change.revision)
        assert [thing.name for thing in later.things] == ["改"]
        assert [one.to_ms for one in later.relations] == [20]
        assert things.changed_since(work, change.revision, kinds=["terminal"]).things == ()
    with registry.write() as work:
        things.retire(work, vehicle.urn)
    with registry.read() as work:
        assert [thing.valid_to_ms for thing in things.changed_since(work, later.revision).things] == [work.now_ms]


def test_a_failed_change_takes_no_revision_with_it(registry):
    with registry.write() as work:
        mint(work)
    with registry.read() as work:
        before = things.changed_since(work, 0).revision
    with pytest.raises(Refused), registry.write() as work:
        things.mint(work, TERMINAL, "终端")
        mint(work)
    with registry.read() as work:
        assert things.changed_since(work, before) == things.Changes(before)


def test_refitting_a_terminal_ends_the_old_fitting(registry):
    with registry.write() as work:
        terminal = things.mint(work, TERMINAL, "终端")
        one, two = mint(work), mint(work, plate="澜A2 yellow")
        first = things.relate(work, terminal.urn, "fitted_to", one.urn, 100)
        assert things.relate(work, terminal.urn, "fitted_to", one.urn, 150) == first, "it holds already"
        second = things.relate(work, terminal.urn, "fitted_to", two.urn, 200)
        found = things.relations(work, terminal.urn)
        assert [(r.object, r.from_ms, r.to_ms) for r in found] == [(one.urn, 100, 200), (two.urn, 200, None)]
        for at, expected in ((99, []), (100, [one.urn]), (199, [one.urn]), (200, [two.urn])):
            assert [r.object for r in things.relations(work, terminal.urn, at)] == expected
        with pytest.raises(Refused, match=r"things\.overlap"):
            things.relate(work, terminal.urn, "fitted_to", one.urn, 150)
        with pytest.raises(Refused, match=r"things\.ends_before_start"):
            things.end_relation(work, second.id, 199)
        things.end_relation(work, second.id, 300)
        with pytest.raises(Refused, match=r"things\.ends_before_start"):
            things.relate(work, terminal.urn, "fitted_to", two.urn, 20, 20)
        earlier = things.relate(work, terminal.urn, "fitted_to", two.urn, 10, 100)
        assert earlier.to_ms == 100
        with pytest.raises(NotFound, match=r"things\.unknown_relation"):
            things.end_relation(work, 999, 300)


def test_a_relation_with_many_objects_ends_none(registry):
    with registry.write() as work:
        vehicle = mint(work)
        fleets = [things.mint(work, TERMINAL, f"组 {number}") for number in range(2)]
        for fleet in fleets:
            things.relate(work, vehicle.urn, "member_of", fleet.urn, 0)
        assert [r.to_ms for r in things.relations(work, vehicle.urn)] == [None, None]


def test_retiring_ends_what_still_holds_on_either_side(registry, clock):
    with registry.write() as work:
        terminal = things.mint(work, TERMINAL, "终端")
        vehicle = mint(work)
        things.relate(work, terminal.urn, "fitted_to", vehicle.urn, clock.at_ms - 10)
        clock.advance(5)
    with registry.write() as work:
        gone = things.retire(work, vehicle.urn)
        assert gone.valid_to_ms == clock.at_ms
        assert [r.to_ms for r in things.relations(work, terminal.urn)] == [clock.at_ms]
        assert things.retire(work, vehicle.urn) == gone


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    made = Store(f"sqlite:///{tmp_path_factory.mktemp('things')}/t.db", ManualClock(0))
    migrate(made, [MODULE.room])
    yield made
    made.close()


@settings(max_examples=80, deadline=None)
@given(
    links=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 12), st.integers(1, 6)), max_size=10),
    open_ended=st.lists(st.booleans(), min_size=10, max_size=10),
)
def test_a_source_is_never_fitted_to_two_things_at_once(records, links, open_ended):
    """Random fittings, some refused: at each instant a terminal has one vehicle, the one that was accepted last."""
    system = system_actor("test")
    with records.write(system) as work:
        terminals = things.mint_many(work, TERMINAL, [New(f"t{n}") for n in range(2)])
        vehicles = things.mint_many(work, VEHICLE, [New(f"v{n}") for n in range(3)])
    accepted = [dict.fromkeys(range(30)), dict.fromkeys(range(30))]
    for (terminal, vehicle, from_ms, length), forever in zip(links, open_ended, strict=False):
        to_ms = None if forever else from_ms + length
        try:
            with records.write(system) as work:
                things.relate(work, terminals[terminal].urn, "fitted_to", vehicles[vehicle].urn, from_ms, to_ms)
        except Refused:
            continue
        for at in range(from_ms, 30 if to_ms is None else to_ms):
            accepted[terminal][at] = vehicles[vehicle].urn
    with records.read(system) as work:
        for number, terminal in enumerate(terminals):
            for at in range(30):
                found = [r.object for r in things.relations(work, terminal.urn, at)]
                assert len(found) <= 1
                assert (found or [None])[0] == accepted[number][at]


def test_many_are_minted_and_related_at_once(registry):
    with registry.write() as work:
        vehicles = things.mint_many(
            work, VEHICLE, [New(f"澜A·{n:05d}", aliases=(("plate", f"澜A{n:05d} yellow"),)) for n in range(6_000)]
        )
        terminals = things.mint_many(work, TERMINAL, [New(f"{n}", aliases=(("phone", f"{n}"),)) for n in range(6_000)])
        links = [
            things.Link(terminal.urn, "fitted_to", vehicle.urn, 0)
            for terminal, vehicle in zip(terminals, vehicles, strict=True)
        ]
        made = things.relate_many(work, links)
        assert things.relate_many(work, links) == made, "stating it again changes nothing"
    with registry.read() as work:
        changes = things.changed_since(work, 0)
        assert len({thing.key for thing in changes.things}) == 12_000
        assert [(r.subject, r.object) for r in changes.relations] == [(link.subject, link.object) for link in links]
        assert things.find(work, VEHICLE, "plate", "澜A05999 yellow") == vehicles[-1]


def test_tables_and_migrations_agree(registry):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    for module in registry.platform.modules:
        if module.room is None:
            continue
        with registry.read() as work:
            names = set(module.room.metadata.tables)
            options = {
                "version_table": module.room.version_table,
                "include_name": lambda name, kind, _, names=names: kind != "table" or name in names,
            }
            context = MigrationContext.configure(work.connection, opts=options)
            assert compare_metadata(context, module.room.metadata) == []
