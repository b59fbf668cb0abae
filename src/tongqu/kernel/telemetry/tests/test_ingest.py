"""From the log to rows and latest values, one step at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongqu.kernel import things
from tongqu.kernel.telemetry.rows import Flag
from tongqu.kernel.telemetry.tests.house import NOON, SYSTEM, House, over
from tongqu.kernel.telemetry.tests.toy import TOY, frame
from tongqu.kit.errors import NotFound

S = 1000
ALL = over(everywhere=True)


def track(house, urn, actor=ALL, begin=0, end=1 << 60):
    return house.telemetry.track(urn, actor, begin, end)


def latest(house, urn):
    """(time_ms, lon) of the latest value of a thing, None if there is none."""
    telemetry = house.telemetry
    snapshot, view = telemetry.latest.snapshot(), telemetry.directory.view
    slot = view.by_urn[urn]
    if slot >= len(snapshot) or not snapshot.columns["time_ms"][slot]:
        return None
    return int(snapshot.columns["time_ms"][slot]), float(snapshot.columns["lon"][slot])


def test_a_fix_becomes_a_row_that_opens_its_frame(house):
    vehicle, terminal = house.pair("A1")
    fix = (NOON - S, 119.123456, 30.654321, 55, 271, 5, 3, 1234.5, 61)
    (offset,) = house.fix(terminal.key, fix)
    house.catch_up()
    rows = track(house, vehicle.urn)
    assert [rows[name].tolist() for name in ("time_ms", "lon", "lat", "altitude_m", "heading_deg")] == [
        [NOON - S],
        [119.123456],
        [30.654321],
        [55],
        [271],
    ]
    assert [rows[name].tolist() for name in ("alarm", "status", "mileage_km", "speed_kmh", "flags")] == [
        [5],
        [3],
        [1234.5],
        [61.0],
        [0],
    ]
    assert rows["region"].tolist() == [991910]
    opened = house.telemetry.frame(str(rows["log_offset"][0]))
    assert opened.raw == frame(fix) and rows["log_offset"][0] == offset
    assert (opened.source_urn, opened.received_ms, opened.stream) == (terminal.urn, NOON, "toys.toy")
    assert latest(house, vehicle.urn) == (NOON - S, 119.123456)


def test_repetitions_count_once_wherever_they_come_from(house):
    _, terminal = house.pair("A1")
    one, two = (NOON - 9 * S, 119.0, 30.0), (NOON - 8 * S, 119.0, 30.0)
    house.fix(terminal.key, one, two)
    house.fix(terminal.key, one)  # within a batch
    house.catch_up()
    house.fix(terminal.key, two, refill=True)  # among fresh rows
    house.catch_up()
    house.telemetry.writer.settle_now()
    house.fix(terminal.key, one, refill=True)  # among settled rows
    house.catch_up()
    house.clock.advance(3 * 3_600_000)
    house.telemetry.keep()
    assert house.telemetry.history.cursor.execute("SELECT count(*) FROM part WHERE kind = 'file'").fetchone() == (1,)
    house.fix(terminal.key, one, two)  # in a sealed file
    house.catch_up()
    assert [row[1] for row in house.rows()] == [NOON - 9 * S, NOON - 8 * S]
    assert house.telemetry.writer.counts.repeated == 5


def test_two_reports_of_one_second_are_two_rows(house):
    _, terminal = house.pair("A1")
    house.fix(terminal.key, (NOON, 119.0, 30.0))
    house.catch_up()
    house.fix(terminal.key, (NOON, 119.0, 30.0, 12, 91))
    house.catch_up()
    assert len(house.rows()) == 2


def test_bad_frames_go_to_quarantine_and_take_nobody_with_them(house):
    vehicle, terminal = house.pair("A1")
    house.send(terminal.key, frame((NOON, 119.0, 30.0)), b"?what", b"!", b"H")
    house.log.append(999, terminal.key, NOON, b"foreign")
    house.log.append_refused(TOY.number, 0, NOON, b"\x01\x02", "checksum", "127.0.0.1:9")
    house.send(terminal.key, frame((NOON + S, 119.0, 30.0)), frame((-5, 119.0, 30.0)))
    house.send(0, frame((NOON, 119.0, 30.0)))
    house.catch_up()
    refused = house.telemetry.history.cursor.execute(
        "SELECT reason, raw, source, remote FROM quarantine ORDER BY id"
    ).fetchall()
    assert [(reason, raw) for reason, raw, _, _ in refused] == [
        ("toy", b"?what"),
        ("decoder_failed", b"!"),
        ("unknown_stream", b"foreign"),
        ("checksum", b"\x01\x02"),
        ("bad_time", frame((-5, 119.0, 30.0))),
        ("unknown_source", frame((NOON, 119.0, 30.0))),
    ]
    assert refused[3][3] == "127.0.0.1:9"
    assert track(house, vehicle.urn)["time_ms"].tolist() == [NOON, NOON + S]


def test_damage_in_the_log_is_reported_and_the_rest_is_stored(house):
    vehicle, terminal = house.pair("A1")
    offsets = [house.fix(terminal.key, (NOON + i * S, 119.0, 30.0))[0] for i in range(5)]
    (segment,) = sorted((house.folder / "log").glob("*.log"))
    data = bytearray(segment.read_bytes())
    data[offsets[2] - offsets[0] + 40] ^= 1
    segment.write_bytes(data)
    house.catch_up()
    assert track(house, vehicle.urn)["time_ms"].tolist() == [NOON, NOON + S, NOON + 3 * S, NOON + 4 * S]
    assert house.telemetry.history.cursor.execute("SELECT id, reason FROM quarantine").fetchall() == [
        (offsets[2], "damaged")
    ]


def test_suspicious_rows_are_kept_and_stay_out_of_the_latest_value(house):
    vehicle, terminal = house.pair("A1")
    good = (NOON - 60 * S, 119.0, 30.0)
    house.fix(terminal.key, good)
    bad = [
        ((NOON - 50 * S, 0.0, 0.0), Flag.ZERO),
        ((NOON - 40 * S, 110.0, 30.0), Flag.JUMP),
        ((NOON + 600 * S, 119.0, 30.0), Flag.FUTURE),
        ((NOON - 90_000 * S, 119.0, 30.0), Flag.STALE),
        ((NOON - 30 * S, 119.0, 30.0, 12, 90, 0, 1), Flag.NOT_FIXED),
        ((NOON - 20 * S, 200.0, 30.0), Flag.OUT_OF_RANGE),
    ]
    for fix, _ in bad:
        house.fix(terminal.key, fix)
        house.catch_up()
    flags = dict(zip(*(track(house, vehicle.urn)[name].tolist() for name in ("time_ms", "flags")), strict=True))
    assert {fix[0]: int(flag) for fix, flag in bad} | {good[0]: 0} == flags
    assert latest(house, vehicle.urn) == (NOON - 60 * S, 119.0)


def test_everything_is_as_before_after_a_restart(house):
    vehicle, terminal = house.pair("A1")
    house.fix(terminal.key, (NOON - 9 * S, 119.0, 30.0))
    house.catch_up()
    house.telemetry.writer.settle_now()
    house.fix(terminal.key, (NOON - 8 * S, 119.0001, 30.0))
    house.catch_up()
    house.fix(terminal.key, (NOON - 7 * S, 119.0002, 30.0))
    before = house.telemetry.writer.offset
    house.reopen()
    assert house.telemetry.writer.offset == before  # it reads on where the last rows end
    assert latest(house, vehicle.urn) == (NOON - 8 * S, 119.0001)
    house.fix(terminal.key, (NOON - 9 * S, 119.0, 30.0), (NOON - 6 * S, 110.0, 30.0))
    house.catch_up()
    assert [(row[1], row[5]) for row in house.rows()] == [
        (NOON - 9 * S, 0),
        (NOON - 8 * S, 0),
        (NOON - 7 * S, 0),
        (NOON - 6 * S, int(Flag.JUMP)),
    ]
    assert latest(house, vehicle.urn) == (NOON - 7 * S, 119.0002)


def test_a_fix_belongs_to_what_its_source_was_fitted_to_at_fix_time(house):
    first, second = house.vehicle("A1"), house.vehicle("B2")
    terminal = house.terminal("t")
    house.fit(terminal, first, NOON - 100 * S, NOON - 50 * S)
    house.fit(terminal, second, NOON - 40 * S)
    times = [NOON - second_ * S for second_ in (110, 100, 51, 50, 41, 40, 10)]
    house.fix(terminal.key, *((at, 119.0, 30.0) for at in reversed(times)))
    house.catch_up()
    assert track(house, first.urn)["time_ms"].tolist() == [NOON - 100 * S, NOON - 51 * S]
    assert track(house, second.urn)["time_ms"].tolist() == [NOON - 40 * S, NOON - 10 * S]
    assert track(house, terminal.urn)["time_ms"].tolist() == [NOON - 110 * S, NOON - 50 * S, NOON - 41 * S]
    assert latest(house, first.urn) == (NOON - 51 * S, 119.0)
    assert latest(house, second.urn) == (NOON - 10 * S, 119.0)


def test_a_binding_that_is_learned_later_counts_for_rows_stored_before(house):
    vehicle, terminal = house.vehicle("A1"), house.terminal("t")
    house.fix(terminal.key, (NOON - 100 * S, 119.0, 30.0), (NOON - 10 * S, 119.01, 30.0))
    house.catch_up()
    assert latest(house, vehicle.urn) is None and latest(house, terminal.urn) == (NOON - 10 * S, 119.01)
    house.fit(terminal, vehicle, NOON - 50 * S)
    house.catch_up()
    assert latest(house, vehicle.urn) == (NOON - 10 * S, 119.01)
    assert track(house, vehicle.urn)["time_ms"].tolist() == [NOON - 10 * S]
    assert latest(house, terminal.urn) == (NOON - 100 * S, 119.0)
    shown, members = house.telemetry.movers.select(ALL)
    assert shown.view.urn[members].tolist() == [vehicle.urn]  # a fitted terminal is not a mover of its own


def test_a_binding_that_is_withdrawn_takes_its_rows_along(house):
    vehicle, terminal = house.vehicle("A1"), house.terminal("t")
    relation = house.fit(terminal, vehicle, NOON - 50 * S)
    house.fix(terminal.key, (NOON - 10 * S, 119.01, 30.0))
    house.catch_up()
    assert latest(house, vehicle.urn) == (NOON - 10 * S, 119.01)
    with house.work() as work:
        things.end_relation(work, relation, NOON - 50 * S)
    house.catch_up()
    assert latest(house, vehicle.urn) is None
    assert track(house, vehicle.urn)["time_ms"].tolist() == []
    assert latest(house, terminal.urn) == (NOON - 10 * S, 119.01)


def test_a_source_that_was_minted_a_moment_ago_is_known(house):
    house.catch_up()
    vehicle, terminal = house.pair("A1")
    house.fix(terminal.key, (NOON, 119.0, 30.0))
    house.telemetry.writer.catch_up()
    assert latest(house, vehicle.urn) == (NOON, 119.0)


fixes = st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 1))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(fixes, min_size=1, max_size=5), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
    steps=st.lists(st.sampled_from(["settle", "seal", "restart", "none"]), min_size=6, max_size=6),
)
def test_any_order_and_repetition_of_batches_gives_the_same_rows(batches, order, steps, tmp_path_factory):
    """Also with settling, sealing and restarts in between; every row is where exactly one reader finds it."""
    house = House(tmp_path_factory.mktemp("house"), settle_rows=4)
    terminals = [house.pair(name)[1].key for name in ("A1", "B2", "C3")]
    shuffled = [*batches, *batches]
    order.shuffle(shuffled)
    for batch, step in zip(shuffled, [*steps, *reversed(steps)], strict=False):
        for source, minute, lat in batch:
            # minutes of three hours, one of them closed from the beginning
            house.fix(terminals[source], (NOON - 7_200_000 + minute * 1_500_000, 119.0, 30.0 + lat / 1e6))
        house.catch_up()
        if step == "settle":
            house.telemetry.writer.settle_now()
        if step == "seal":
            house.clock.advance(1_800_000)
            house.telemetry.keep()
        if step == "restart":
            house.reopen()
    expected = {
        (terminals[source], NOON - 7_200_000 + minute * 1_500_000, 30.0 + lat / 1e6)
        for batch in batches
        for source, minute, lat in batch
    }
    found = [(row[0], row[1], row[4]) for row in house.rows()]
    assert len(found) == len(set(found)) and set(found) == expected
    house.close()


def test_track_sees_a_stranger_only_where_the_actor_has_a_say(house):
    vehicle, terminal = house.pair("A1", region="990101", organisation="ORG1")
    inside, outside = (119.5, 30.5), (118.5, 30.5)  # counties 991910 and 991810
    house.fix(terminal.key, (NOON - 50 * S, *outside))
    house.fix(terminal.key, (NOON - 49 * S, *inside))
    house.catch_up()
    everything = [NOON - 50 * S, NOON - 49 * S]
    for actor, seen in [
        (over("9901"), everything),
        (over("99"), everything),
        (over("990101"), everything),
        (over(organisations={"ORG1"}), everything),
        (over("9919"), [NOON - 49 * S]),
        (over("991810"), [NOON - 50 * S]),
    ]:
        assert track(house, vehicle.urn, actor)["time_ms"].tolist() == seen
    for actor in (over("9920"), over("98"), over(organisations={"ORG2"}), over("990102"), over("99191000")):
        with pytest.raises(NotFound):
            track(house, vehicle.urn, actor)


def test_region_numbers_keep_prefixes():
    from tongqu.kernel.telemetry.directory import region_number, region_range

    codes = ["99", "9901", "9902", "990101", "990199", "98", "990101001", None]
    for outer in filter(None, codes):
        low, high = region_range(outer)
        for inner in codes:
            assert (low <= region_number(inner) < high) == (inner is not None and inner.startswith(outer))


def test_system_actor_sees_all(house):
    vehicle, terminal = house.pair("A1")
    house.fix(terminal.key, (NOON, 119.0, 30.0))
    house.catch_up()
    assert len(track(house, vehicle.urn, SYSTEM)["time_ms"]) == 1
    assert np.isfinite(track(house, vehicle.urn, SYSTEM)["lon"]).all()
