"""Exports: all rows of the time that the actor sees, once, wherever they lie; as today's bindings say."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from tongqu.kernel import documents, jobs
from tongqu.kernel.audit.tables import ENTRY
from tongqu.kernel.telemetry import exports
from tongqu.kernel.telemetry.export_file import Order, write
from tongqu.kernel.telemetry.module import EXPORT_PERMISSION
from tongqu.kernel.telemetry.schemas import ExportOrder
from tongqu.kernel.telemetry.tests.house import NOON, SYSTEM, over
from tongqu.kernel.web import Caller
from tongqu.kit.errors import Invalid
from tongqu.kit.time import HOUR_MS

MINUTE = 60_000


@pytest.fixture
def busy(house):
    """Rows in a sealed file, in a late table, in a table of an hour, and fresh ones."""
    a = house.pair("A", region="990101", category="bus")[1]
    b = house.pair("B", organisation="ORG2")[1]
    loose = house.terminal("loose")

    def fill(begin, count):
        for i in range(count):
            for terminal, lon in ((a, 118.5), (b, 118.5 + i % 2), (loose, 119.5)):
                house.fix(terminal.key, (begin + i * MINUTE, lon, 30.5), refill=True)
        house.catch_up()

    fill(NOON, 4)
    house.clock.advance(2 * HOUR_MS)
    house.telemetry.keep()
    fill(NOON + 10 * MINUTE, 2)
    fill(NOON + 2 * HOUR_MS, 2)
    house.telemetry.writer.settle_now()
    fill(NOON + 2 * HOUR_MS + 10 * MINUTE, 2)
    return house, a, b, loose


def exported(house, actor, begin=NOON, end=NOON + 10 * HOUR_MS, region=None):
    folder = house.folder / f"export-{random.random()}"
    folder.mkdir()
    files = [folder / name for name in exports.collect(house.telemetry.history, folder, begin, end)]
    view = house.telemetry.directory.view
    rows = write(files, view, actor, EXPORT_PERMISSION, Order(begin, end, region), folder / "out.parquet", folder)
    table = pq.read_table(folder / "out.parquet")
    assert table.num_rows == rows
    return table.to_pylist()


def test_an_export_has_every_row_once(busy):
    house, a, b, loose = busy
    rows = exported(house, over(everywhere=True))
    assert Counter((row["source"], row["time_ms"], row["key"]) for row in rows) == Counter(
        (str({t.key: t.urn for t in (a, b, loose)}[source]), time_ms, key) for source, time_ms, key, *_ in house.rows()
    )
    assert Counter(row["label"] for row in rows) == {"A": 10, "B": 10, "loose": 10}
    one = next(row for row in rows if row["label"] == "A")
    assert (one["urn"], one["category"], one["lon"], one["region"]) == ("urn:tongqu:vehicle:A", "bus", 118.5, 991810)
    assert one["time"].timestamp() * 1000 == one["time_ms"] == NOON
    assert house.telemetry.frame(one["frame"]).source == a.key


def test_an_export_begins_and_ends_where_it_should(busy):
    house, *_ = busy
    begin, end = NOON + MINUTE, NOON + 2 * HOUR_MS + MINUTE
    times = {row["time_ms"] for row in exported(house, over(everywhere=True), begin, end)}
    assert times == {NOON + m * MINUTE for m in (1, 2, 3, 10, 11)} | {NOON + 2 * HOUR_MS}


def test_an_export_holds_what_its_actor_sees(busy):
    house, *_ = busy
    count = {name: Counter(row["label"] for row in exported(house, actor)) for name, actor in {
        "home": over("9901"),
        "owner": over(organisations={"ORG2"}),
        "presence": over("991910"),
        "nobody": over("98"),
    }.items()}  # fmt: skip
    assert count == {"home": {"A": 10}, "owner": {"B": 10}, "presence": {"B": 5, "loose": 10}, "nobody": {}}
    everything = over(everywhere=True)
    assert Counter(row["label"] for row in exported(house, everything, region="991810")) == {"A": 10, "B": 5}


def test_an_export_goes_by_the_bindings_of_today(busy):
    house, _, _, loose = busy
    vehicle = house.vehicle("C")
    house.fit(loose, vehicle, NOON + 2 * MINUTE)
    house.catch_up()
    labels = [(row["label"], row["time_ms"]) for row in exported(house, over(everywhere=True))]
    assert Counter(label for label, _ in labels) == {"A": 10, "B": 10, "C": 8, "loose": 2}
    assert max(at for label, at in labels if label == "loose") == NOON + MINUTE


def test_an_export_of_nothing_is_an_empty_file(house):
    assert exported(house, over(everywhere=True)) == []


def test_what_was_handed_over_stays_when_the_owner_lets_it_go(busy):
    house, *_ = busy
    folder = house.folder / "handed"
    folder.mkdir()
    names = exports.collect(house.telemetry.history, folder, NOON, NOON + 10 * HOUR_MS)
    for path in house.telemetry.history.files.rglob("*.parquet"):
        path.unlink()
    assert sum(pq.read_metadata(folder / name).num_rows for name in names) == 30


def test_data_at_rest_is_exported_with_what_the_log_still_holds(busy, tmp_path_factory):
    house, a, *_ = busy
    house.fix(a.key, (NOON + 2 * HOUR_MS + 30 * MINUTE, 118.5, 30.5))  # not yet a row
    house.telemetry.history.close()
    target = Path(tmp_path_factory.mktemp("out")) / "all.parquet"
    assert exports.export(house.platform, target, NOON, NOON + 10 * HOUR_MS) == 31
    assert pq.read_table(target).num_rows == 31
    assert list((house.folder / "exports").glob("*")) == []
    house.telemetry = house._open()


class Context:
    """What the worker gives a job, as far as exports ask for it."""

    def __init__(self, house, actor, job, folder) -> None:
        self.platform, self.actor, self.job_id, self.folder = house.platform, actor, job, folder
        self.said: list[tuple[float, str | None]] = []

    def check(self) -> None:
        pass

    def progress(self, fraction: float, message: str | None = None, **_: object) -> None:
        self.said.append((fraction, message))


def test_an_order_becomes_a_document_of_the_one_who_gave_it(busy, tmp_path_factory):
    house, *_ = busy
    actor = over("9901")
    caller = Caller(actor, house.platform)
    wanted = ExportOrder.model_validate({"from": NOON, "to": NOON + 10 * HOUR_MS, "region": "990000"})
    job = exports.order(caller, wanted, "key-1")
    assert exports.order(caller, wanted, "key-1") == job
    with caller.read() as work:
        row = jobs.get(work, job)
    assert row["kind"] == "telemetry.export" and row["parameters"]["region"] == "99"
    context = Context(house, actor, job, tmp_path_factory.mktemp("job"))
    result = exports.run(context, row["parameters"])
    assert result["rows"] == 10 and context.said[-1][1] == "telemetry.jobs.writing"
    with caller.read() as work:
        document = documents.get(work, result["document"])
        table = pq.read_table(documents.file_of(house.platform, document))
    assert set(table["label"].to_pylist()) == {"A"} and document["purpose"] == "export"
    assert not exports.folder_of(house.platform, job).exists()
    with house.store.read(SYSTEM) as work:
        assert [row["verb"] for row in work.rows(select(ENTRY).where(ENTRY.c.verb == "telemetry.export"))] == [
            "telemetry.export"
        ]


def test_a_handover_that_a_restart_broke_off_is_taken_up(busy, tmp_path_factory):
    house, *_ = busy
    folder = exports.folder_of(house.platform, "job")
    folder.mkdir(parents=True)
    exports._write_json(folder / exports.REQUEST, {"from_ms": NOON, "to_ms": NOON + HOUR_MS})
    exports.resume(house.platform)
    house.platform.service(exports.Hand)._pool.shutdown()
    names = orjson.loads((folder / exports.READY).read_bytes())["files"]
    assert sum(pq.read_metadata(folder / name).num_rows for name in names if "hot" not in name) >= 12


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"from": 5, "to": 5}, "telemetry.empty_time"),
        ({"from": 1, "to": 5, "region": "xx"}, "telemetry.bad_region"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(house, order, code):
    with pytest.raises(Invalid) as refused:
        exports.order(Caller(over(everywhere=True), house.platform), ExportOrder.model_validate(order), None)
    assert refused.value.code == code
