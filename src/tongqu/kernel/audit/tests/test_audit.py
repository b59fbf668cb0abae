"""The log says who did what to what; whoever changes it afterwards is found out, to the entry."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.kernel import audit
from tongqu.kernel.audit import chain
from tongqu.kernel.audit import store as audit_store
from tongqu.kernel.audit.module import MODULE, check_chain
from tongqu.kernel.audit.sealer import ACTOR, Sealer, anchor_file
from tongqu.kernel.audit.verify import Finding
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Grant, Query, system_actor
from tongqu.kernel.web.caller import Authenticate

SYSTEM = system_actor("test")
WHO = Actor("P1", "值班员01", organisation="north")


@pytest.fixture
def platform(make_platform) -> Platform:
    return make_platform(MODULE)


def fill(platform: Platform, count: int, start: int = 0) -> None:
    with platform.store.write(WHO) as work:
        for number in range(start, start + count):
            audit.record(
                work, "trips.edit", f"urn:tongqu:vehicle:{number}", organisation="north", reason=f"因 {number}"
            )


def seal(platform: Platform, *sizes: int) -> None:
    sealer = Sealer(platform)
    for position, size in enumerate(sizes):
        fill(platform, size, 100 * position)
        sealer.seal_all()
    sealer.stop()


def check(platform: Platform) -> list[Finding]:
    with platform.store.read(ACTOR) as work:
        return audit.verify(work, anchor_file(platform.settings.data))


def tamper(platform: Platform, statement: str, *values) -> None:
    """Change the database as somebody with the file and no scruples would."""
    with sqlite3.connect(platform.settings.data / "records.db") as connection:
        assert connection.execute(statement, values).rowcount == 1


def test_an_entry_stands_or_falls_with_the_deed(platform, clock):
    with pytest.raises(ZeroDivisionError), platform.store.write(WHO) as work:
        audit.record(work, "trips.edit", "urn:tongqu:vehicle:1")
        _ = 1 / 0
    with platform.store.write(WHO) as work:
        audit.record(work, "trips.edit", "urn:tongqu:vehicle:1", reason="改正", old={"b": 1, "a": None})
    with platform.store.read(SYSTEM) as work:
        (row,) = audit_store.entries_after(work, 0, 10)
    assert (row["actor"], row["actor_name"], row["actor_kind"]) == ("P1", "值班员01", "person")
    assert (row["verb"], row["subject"], row["at_ms"]) == ("trips.edit", "urn:tongqu:vehicle:1", clock.at_ms)
    assert row["organisation"] == "north", "the actor's, where none is given"
    assert row["details"] == '{"old":{"a":null,"b":1},"reason":"改正"}'


def test_an_untouched_log_is_whole(platform):
    assert check(platform) == []
    seal(platform, 1, 2, 3, 7, 64, 65)
    assert check(platform) == []
    assert [finding.code for finding in check_chain(platform)] == ["audit.whole"]


COLUMNS = {
    "actor": "'P2'",
    "actor_name": "'值班员02'",
    "actor_kind": "'system'",
    "verb": "'trips.read'",
    "subject": "'urn:tongqu:vehicle:0x'",
    "organisation": "NULL",
    "region": "'9901'",
    "details": "'{}'",
    "at_ms": "at_ms + 1",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_any_column_of_any_entry_that_is_changed_is_named(platform, column):
    seal(platform, 3, 4, 2)
    tamper(platform, f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE seq = 5")
    assert check(platform) == [Finding("changed", 2, 5)]
    assert "5" in check(platform)[0].text["zh"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_byte_is_found_and_named(sealed, data):
    """One bit of one byte of an entry's text, flipped in the file itself: exactly that entry is named."""
    platform, file, places = sealed
    seq = data.draw(st.sampled_from(sorted(places)), label="entry")
    offset = places[seq] + data.draw(st.integers(0, 60), label="byte")
    bit = data.draw(st.integers(0, 7), label="bit")
    whole = file.read_bytes()
    try:
        with file.open("r+b") as out:
            out.seek(offset)
            out.write(bytes([whole[offset] ^ (1 << bit)]))
        platform.store.engine.dispose()
        assert [(finding.what, finding.seq) for finding in check(platform)] == [("changed", seq)]
    finally:
        platform.store.engine.dispose()
        file.write_bytes(whole)
    assert check(platform) == []


@pytest.fixture
def sealed(platform):
    """A sealed log in one file, and where the details of each entry begin in it."""
    with platform.store.write(WHO) as work:
        for number in range(12):
            audit.record(work, "trips.edit", f"urn:tongqu:vehicle:{number}", reason=f"<{number:04d}>" + "因由" * 20)
    sealer = Sealer(platform)
    sealer.seal_all()
    sealer.stop()
    platform.store.engine.dispose()
    file = platform.settings.data / "records.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    whole = file.read_bytes()
    places = {number + 1: whole.index(f"<{number:04d}>".encode()) for number in range(12)}
    assert all(whole.count(f"<{number:04d}>".encode()) == 1 for number in range(12))
    return platform, file, places


def test_an_entry_that_is_gone_or_slipped_in_is_named(platform):
    seal(platform, 3, 4, 2)
    tamper(platform, "DELETE FROM audit_entry WHERE seq = 4")
    assert check(platform) == [Finding("missing", 2, 4)]
    tamper(
        platform,
        "INSERT INTO audit_entry SELECT 4, at_ms, actor, actor_name, actor_kind, verb, subject, organisation, region,"
        " details FROM audit_entry WHERE seq = 5",
    )
    assert check(platform) == [Finding("changed", 2, 4)]


def test_an_entry_slipped_in_between_batches_is_named(platform):
    seal(platform, 2)
    fill(platform, 1)
    tamper(platform, "UPDATE audit_entry SET seq = 10 WHERE seq = 3")
    Sealer(platform).seal_all()
    assert check(platform) == []
    tamper(platform, "UPDATE audit_entry SET seq = 7 WHERE seq = 10")
    assert check(platform) == [Finding("inserted", 2, 7), Finding("missing", 2, 10)]


def test_an_entry_changed_together_with_its_leaf_is_still_named_by_its_batch(platform):
    """The root is over the leaves, the digest over the root, the next batch over the digest."""
    seal(platform, 3, 3, 3)
    tamper(platform, "UPDATE audit_entry SET verb = 'x' WHERE seq = 5")
    with platform.store.read(SYSTEM) as work:
        rows = audit_store.entries_between(work, 4, 6)
        batch = audit_store.batches_from(work, 2, 1)[0]
    forged = chain.pack([(row["seq"], chain.leaf(row)) for row in rows])
    tamper(platform, "UPDATE audit_batch SET leaves = ? WHERE number = 2", forged)
    assert check(platform) == [Finding("leaves", 2)]
    root = chain.merkle_root([chain.leaf(row) for row in rows])
    tamper(platform, "UPDATE audit_batch SET root = ? WHERE number = 2", root)
    assert check(platform) == [Finding("batch", 2)]
    batch |= {"root": root, "leaves": forged}
    tamper(platform, "UPDATE audit_batch SET hash = ? WHERE number = 2", chain.batch_hash(batch))
    assert check(platform) == [Finding("anchor", 2), Finding("chain", 3)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("leaves = x'00'", [Finding("leaves", 2)]),
        ("leaves = 'text'", [Finding("leaves", 2)]),
        ("root = 'x'", [Finding("batch", 2), Finding("leaves", 2)]),
        ("previous = 'x'", [Finding("batch", 2), Finding("chain", 2)]),
        ("hash = 'x'", [Finding("batch", 2), Finding("anchor", 2), Finding("chain", 3)]),
        ("sealed_ms = 1", [Finding("batch", 2)]),
        ("first_seq = 1", [Finding("batch", 2)]),
        ("last_seq = 'x'", [Finding("batch", 2)]),
        ("number = 20", [Finding("chain", 3), Finding("batch", 20), Finding("chain", 20), Finding("anchor", 2)]),
    ],
)
def test_a_changed_batch_is_named(platform, change, found):
    seal(platform, 3, 4, 2)
    tamper(platform, f"UPDATE audit_batch SET {change} WHERE number = 2")
    findings = check(platform)
    for one in found:
        assert one in findings
    for one in findings:
        assert one.number != 1, "what is whole is not blamed"


def test_a_log_that_was_cut_off_at_its_end_is_found_by_the_anchors(platform):
    seal(platform, 2, 2, 2)
    tamper(platform, "DELETE FROM audit_batch WHERE number = 3")
    with sqlite3.connect(platform.settings.data / "records.db") as connection:
        connection.execute("DELETE FROM audit_entry WHERE seq > 4")
    assert check(platform) == [Finding("anchor", 3)]
    with platform.store.read(ACTOR) as work:
        assert audit.verify(work) == [], "the database alone cannot tell: this is why there are anchors"


def test_a_torn_line_of_the_anchor_file_blames_nobody(platform):
    seal(platform, 2, 2)
    with anchor_file(platform.settings.data).open("a") as out:
        out.write("3 00ff")
    assert check(platform) == []


def test_the_sealer_seals_what_comes_here_and_elsewhere_and_what_is_left(platform):
    from tongqu.kernel.store import Store

    sealer = Sealer(platform)
    sealer.start()
    sealed = threading.Event()
    real, sizes = sealer._anchor, []

    def note(batch) -> None:
        real(batch)
        sizes.append(batch["last_seq"])
        sealed.set()

    sealer._anchor = note
    fill(platform, 3)
    assert sealed.wait(30)
    sealed.clear()
    other = Platform(platform.settings, platform.clock, Store(platform.store.url, platform.clock))
    fill(other, 2, 50)
    other.close()
    assert sealed.wait(30)
    sealer.stop()
    assert sizes[-1] == 5
    assert check(platform) == []
    later = Sealer(platform)
    fill(platform, 1)
    assert later.seal_all() == 1
    assert later.seal_all() == 0
    later.stop()


def test_a_great_many_entries_are_sealed_in_several_batches(platform, monkeypatch):
    from tongqu.kernel.audit import sealer as sealer_module

    monkeypatch.setattr(sealer_module, "MOST", 10)
    fill(platform, 35)
    sealer = Sealer(platform)
    assert sealer.seal_all() == 4
    sealer.stop()
    assert check(platform) == []


def test_entries_are_read_by_those_whose_rows_they_are_about(platform, http):
    with platform.store.write(WHO) as work:
        audit.record(work, "trips.edit", "a", organisation="north", region="9901")
        audit.record(work, "trips.edit", "b", organisation="south", region="9902")
        audit.record(work, "trips.edit", "c", region="9902")
    permissions = frozenset({"audit.read"})

    def seen(grant: Grant) -> set[str]:
        platform.provide(lambda connection: Actor("P1", "x", grants=(grant,)), Authenticate)
        answer = http(platform).get("/api/v1/audit?sort=seq")
        return {row["subject"] for row in answer.json()["items"]} if answer.status_code == 200 else set()

    assert seen(Grant("r", permissions, region="9902")) == {"b", "c"}
    assert seen(Grant("r", permissions, organisations=frozenset({"north"}))) == {"a"}
    assert seen(Grant("r", permissions, everywhere=True)) == {"a", "b", "c"}
    assert seen(Grant("r", frozenset(), region="99")) == set()


def test_the_chain_is_verified_over_http_without_showing_content(platform, http):
    seal(platform, 2, 2)
    tamper(platform, "UPDATE audit_entry SET actor = 'P2' WHERE seq = 3")
    grant = Grant("r", frozenset({"audit.verify"}), region="9902")
    platform.provide(lambda connection: Actor("P9", "x", grants=(grant,)), Authenticate)
    body = http(platform).get("/api/v1/audit/verify").json()
    assert [(one["what"], one["batch"], one["seq"]) for one in body["findings"]] == [("changed", 2, 3)]
    assert (body["batches"], body["sealed_to"]) == (2, 4)
    assert "P2" not in str(body)
    assert [finding.code for finding in check_chain(platform)] == ["audit.changed", "audit.broken"]


def test_the_list_shows_details_and_pages_backwards(platform):
    fill(platform, 5)
    with platform.store.read(SYSTEM) as work:
        first = audit_store.listed(work, Query(limit=2))
        rest = audit_store.listed(work, Query(limit=10, cursor=first.next))
    assert [row["seq"] for row in first.items + rest.items] == [5, 4, 3, 2, 1]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True), st.data())
def test_the_root_depends_on_every_leaf_and_its_place(leaves, data):
    root = chain.merkle_root(leaves)
    position = data.draw(st.integers(0, len(leaves) - 1))
    changed = list(leaves)
    changed[position] = bytes(32) if leaves[position] != bytes(32) else b"\1" * 32
    assert chain.merkle_root(changed) != root
    assert chain.merkle_root([*leaves, leaves[-1]]) != root
    if len(leaves) > 1:
        assert chain.merkle_root(leaves[::-1]) != root
        assert chain.merkle_root(leaves[:-1]) != root


def test_the_tree_is_that_of_rfc_6962():
    """Root over seven leaves, composed by hand from section 2.1: the left side is the largest power of two."""
    import hashlib

    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\1" + left + right).digest()

    a, b, c, d, e, f, g = (bytes([number]) * 32 for number in range(7))
    left = node(node(a, b), node(c, d))
    assert chain.merkle_root([a, b, c, d, e, f, g]) == node(left, node(node(e, f), g)).hex()
    assert chain.merkle_root([a]) == a.hex()


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), min_size=2, max_size=5))
def test_no_two_entries_have_the_same_bytes(values):
    packed = chain._packed(values)
    joined = [str(values[0]) + str(values[1]), *values[2:]]
    assert chain._packed(joined) != packed
    assert chain._packed([str(value) if isinstance(value, int) else value for value in values]) != packed or not any(
        isinstance(value, int) for value in values
    )
