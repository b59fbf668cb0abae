"""Sealing: closed hours become files, once, and a crash between any two steps changes nothing for readers."""

from __future__ import annotations

import duckdb
import pytest

from tongqu.kernel.telemetry import sealing
from tongqu.kernel.telemetry.history import parts
from tongqu.kernel.telemetry.tests.house import NOON, House, over
from tongqu.kit.time import HOUR_MS

ALL = over(everywhere=True)
MINUTE = 60_000


def files(house):
    with house.telemetry.history.reading() as cursor:
        return [part for part in parts(cursor) if part.kind == "file"]


def drive(house, terminal, begin, count, step_ms=MINUTE):
    """Fixes of a terminal that creeps along."""
    for i in range(count):
        house.fix(terminal.key, (begin + i * step_ms, 119.0 + i * 1e-4, 30.0), refill=True)
    house.catch_up()


def test_an_hour_is_sealed_a_quarter_of_an_hour_after_its_end(house):
    _, terminal = house.pair("A1")
    drive(house, terminal, NOON, 5)
    before = house.rows()
    house.clock.at_ms = NOON + HOUR_MS + 15 * MINUTE - 1
    house.telemetry.keep()
    assert files(house) == []
    house.clock.advance(1)
    house.telemetry.keep()
    (part,) = files(house)
    assert (part.from_ms, part.to_ms, part.rows) == (NOON, NOON + 4 * MINUTE + 1, 5)
    assert part.name.startswith("date=2026-11-23/hour=") and (house.telemetry.history.files / part.name).is_file()
    assert house.rows() == before
    house.telemetry.keep()
    assert len(files(house)) == 1
    tables = house.telemetry.history.cursor.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
    assert [name for (name,) in tables] == ["fresh", "latest", "mark", "part", "quarantine", "state"]


def test_a_file_is_sorted_by_source_and_time_and_whole_for_other_readers(house):
    terminals = [house.pair(name)[1] for name in ("A1", "B2")]
    for i in (3, 1, 2, 0):
        for terminal in terminals:
            house.fix(terminal.key, (NOON + i * MINUTE, 119.0, 30.0), refill=True)
            house.catch_up()
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    path = house.telemetry.history.files / files(house)[0].name
    rows = duckdb.sql(f"SELECT source, time_ms, lon, subject FROM '{path}'").fetchall()
    assert [row[:2] for row in rows] == [(t.key, NOON + i * MINUTE) for t in terminals for i in range(4)]
    assert {row[3] for row in rows} == {terminal.key - 1 for terminal in terminals}
    codec = duckdb.sql(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')").fetchall()
    assert codec == [("ZSTD",)]


def test_late_rows_make_a_further_file(house):
    _, terminal = house.pair("A1")
    drive(house, terminal, NOON, 3)
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    drive(house, terminal, NOON + 10 * MINUTE, 3)
    drive(house, terminal, NOON, 2)  # repetitions
    house.telemetry.writer.settle_now()
    house.telemetry.keep()
    assert len(files(house)) == 1 and len(house.rows()) == 6
    house.clock.advance(15 * MINUTE)
    house.telemetry.keep()
    assert sorted(part.rows for part in files(house)) == [3, 3] and len(house.rows()) == 6
    assert house.telemetry.track("urn:tongqu:vehicle:A1", ALL, NOON, NOON + HOUR_MS)["time_ms"].tolist() == [
        NOON + minute * MINUTE for minute in (0, 1, 2, 10, 11, 12)
    ]


def test_an_hour_with_many_late_rows_gets_a_file_of_its_own(house, monkeypatch):
    monkeypatch.setattr(sealing, "OWN_FILE_ROWS", 4)
    _, terminal = house.pair("A1")
    old = NOON - 5 * HOUR_MS
    drive(house, terminal, old, 4)
    drive(house, terminal, old - HOUR_MS, 2)
    drive(house, terminal, old + HOUR_MS, 2)
    house.telemetry.writer.settle_now()
    house.telemetry.keep()
    house.clock.advance(15 * MINUTE)
    house.telemetry.keep()
    assert sorted((part.from_ms, part.rows) for part in files(house)) == [
        (old - HOUR_MS, 2),
        (old, 4),
        (old + HOUR_MS, 2),
    ]
    assert len(house.rows()) == 8


def test_large_hours_are_split_by_source(house, monkeypatch):
    monkeypatch.setattr(sealing, "CHUNK_ROWS", 5)
    terminals = [house.pair(f"V{i}")[1] for i in range(5)]
    for terminal in terminals:
        drive(house, terminal, NOON, 3)
    before = house.rows()
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    assert [(part.min_source, part.max_source, part.rows) for part in files(house)] == [
        (terminals[0].key, terminals[1].key, 6),
        (terminals[2].key, terminals[3].key, 6),
        (terminals[4].key, terminals[4].key, 3),
    ]
    assert house.rows() == before


class Crash(Exception):
    """Stands for a kill at this very place."""


@pytest.mark.parametrize("place", ["before_rename", "after_rename", "in_transaction"])
def test_a_crash_between_the_steps_leaves_nothing_behind(house, place, monkeypatch):
    _, terminal = house.pair("A1")
    drive(house, terminal, NOON, 5)
    before = house.rows()
    house.clock.advance(2 * HOUR_MS)

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        if place == "before_rename":
            patch.setattr(sealing, "_sync", crash)
        elif place == "after_rename":
            patch.setattr(sealing.Sealer, "_rest", crash)
        else:
            patch.setattr(sealing, "_add_parts", crash)
        with pytest.raises(Crash):
            house.telemetry.keep()
    assert house.rows() == before
    house.reopen()
    assert [path for path in house.telemetry.history.files.rglob("*") if path.is_file()] == []
    assert house.rows() == before
    house.telemetry.keep()
    assert len(files(house)) == 1 and house.rows() == before


def test_small_files_of_a_day_are_merged(house, monkeypatch):
    monkeypatch.setattr(sealing, "MERGE_FROM", 3)
    monkeypatch.setattr(sealing, "GRACE_S", 0.0)
    _, terminal = house.pair("A1")
    day = NOON - NOON % 86_400_000
    house.clock.at_ms = day
    for hour in range(3):
        drive(house, terminal, day + hour * HOUR_MS, 2)
        house.clock.advance(HOUR_MS)
    before = house.rows()
    house.clock.advance(HOUR_MS)
    house.telemetry.keep()
    (part,) = files(house)
    assert part.rows == 6 and part.name.split("/")[1].startswith("hour=late")
    assert house.rows() == before
    house.telemetry.keep()
    on_disk = [path for path in house.telemetry.history.files.rglob("*") if path.is_file()]
    assert on_disk == [house.telemetry.history.files / part.name]


def test_rows_go_when_their_retention_is_over(house):
    _, terminal = house.pair("A1")
    drive(house, terminal, NOON, 2)
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    assert house.telemetry.sealer.expire(house.clock.now_ms() - 3 * HOUR_MS) == 0
    assert house.telemetry.sealer.expire(house.clock.now_ms() - HOUR_MS) == 2
    assert house.rows() == [] and files(house) == []


def test_sealed_files_survive_the_loss_of_the_database(tmp_path):
    house = House(tmp_path)
    _, terminal = house.pair("A1")
    drive(house, terminal, NOON, 3)
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    drive(house, terminal, NOON + 90 * MINUTE, 3)
    before = house.rows()
    house.telemetry.history.close()
    for path in (tmp_path / "history").glob("telemetry.duckdb*"):
        path.unlink()
    house.telemetry = house._open()
    house.catch_up()  # the log is read from its beginning; what is in the files is not stored again
    assert [row[:5] for row in house.rows()] == [row[:5] for row in before]
    house.close()


def test_the_log_goes_only_after_its_rows_and_its_retention(house):
    _, terminal = house.pair("A1")
    for _ in range(40):
        house.send(terminal.key, b"?" * 5000)
    segments = len(list((house.folder / "log").glob("*.log")))
    assert segments > 1
    house.clock.at_ms = 4_000_000_000_000  # long after anything was written
    house.telemetry.let_go()
    assert len(list((house.folder / "log").glob("*.log"))) == segments  # not yet rows
    house.catch_up()
    house.telemetry.let_go()
    assert len(list((house.folder / "log").glob("*.log"))) == 1


def test_refused_frames_go_when_their_retention_is_over(house):
    house.send(house.terminal("t").key, b"?")
    house.catch_up()
    house.clock.advance(29 * 24 * HOUR_MS)
    house.telemetry.let_go()
    count = "SELECT count(*) FROM quarantine"
    assert house.telemetry.history.cursor.execute(count).fetchone() == (1,)
    house.clock.advance(2 * 24 * HOUR_MS)
    house.telemetry.let_go()
    assert house.telemetry.history.cursor.execute(count).fetchone() == (0,)


def test_doctor_names_what_is_missing(house):
    from tongqu.kernel.telemetry.findings import findings

    _, terminal = house.pair("A1")
    drive(house, terminal, NOON, 3)
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    (part,) = files(house)
    house.telemetry.history.close()
    assert [(one.level, one.code) for one in findings(house.platform)] == [
        ("ok", "telemetry.log_well"),
        ("ok", "telemetry.history_well"),
    ]
    (house.telemetry.history.files / part.name).unlink()
    (segment,) = (house.folder / "log").glob("*.log")
    segment.write_bytes(segment.read_bytes()[:-7])
    found = findings(house.platform)
    assert [(one.level, one.code) for one in found] == [
        ("error", "telemetry.log_short"),
        ("error", "telemetry.file_missing"),
    ]
    assert found[0].params["bytes"] == 7 and found[1].params == {"file": part.name, "rows": 3}
    house.telemetry = house._open()
