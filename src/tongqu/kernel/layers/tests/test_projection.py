"""The projection is made from the record store, and made anew when it is not what it should be."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tongqu.kernel.layers import Feature, Layer, LayerType, mercator, project, put
from tongqu.kernel.layers.features import page_of
from tongqu.kernel.layers.projector import FILE, Projector
from tongqu.kernel.layers.store import records
from tongqu.kernel.layers.store.projection import Projection
from tongqu.kernel.layers.tables import METADATA
from tongqu.kernel.layers.tests.support import DENSE, OPEN, SCOPED, SYSTEM, person, point
from tongqu.kernel.layers.tiles import Tiles
from tongqu.kernel.module import Module


def test_tables_are_what_the_migrations_make(platform):
    with platform.store.read(SYSTEM) as work:
        context = MigrationContext.configure(work.connection, opts={"version_table": "layers_version"})
        assert compare_metadata(context, METADATA) == []


def reopened(platform) -> Projector:
    platform.service(Projector).stop()
    platform.provide(Projector(platform))
    return platform.service(Projector)


def test_after_a_restart_nothing_is_made_again(platform, draw):
    draw(OPEN, Feature("a", point(120, 28), valid_to_ms=5_000_000))
    before = platform.service(Projector).known()
    projector = reopened(platform)
    assert projector.known() == before
    assert projector.catch_up() == []


def test_after_a_kill_a_layer_can_be_made_again(platform, draw, tmp_path):
    """A killed process leaves the file with its log beside it; numbers of tables it gave must not come again."""
    draw(OPEN, Feature("a", point(120, 28)))
    draw(DENSE, Feature("b", point(121, 28), region="9901"))
    left = tmp_path / "killed"
    left.mkdir()
    for name in (FILE, f"{FILE}.wal"):
        (left / name).write_bytes((platform.settings.data / name).read_bytes())
    copied = Projection(left / FILE)
    before = copied.built()
    with platform.store.read(SYSTEM) as work:
        rows, box = project.projected(OPEN, records.features(work, OPEN.id))
    again = copied.replace(OPEN, 9, "declared", rows, box)
    assert before.keys() == {OPEN.id, DENSE.id}
    assert again.build not in {built.build for built in before.values()}
    assert copied.built() == {**before, OPEN.id: again}
    copied.close()


@pytest.mark.parametrize("damage", [b"not a database at all", b""])
def test_a_damaged_file_is_made_anew(platform, draw, damage):
    draw(OPEN, Feature("a", point(120, 28)))
    platform.service(Projector).stop()
    file = platform.settings.data / FILE
    content = file.read_bytes()
    file.write_bytes(damage + content[len(damage) + 4096 :] if damage else content[: len(content) // 2])
    platform.provide(Projector(platform))
    assert platform.service(Projector).catch_up() == [OPEN.id]
    assert [one["id"] for one in page_of(platform, SYSTEM, OPEN)] == ["a"]


def test_a_file_that_another_process_has_is_left_alone(platform, draw):
    draw(OPEN, Feature("a", point(120, 28)))
    file = platform.settings.data / FILE
    opening = (
        f"from pathlib import Path\nfrom {Projection.__module__} import Projection\nProjection(Path({str(file)!r}))"
    )
    other = subprocess.run([sys.executable, "-c", opening], capture_output=True, text=True, check=False)
    assert other.returncode != 0
    assert "lock" in other.stderr
    assert [one["id"] for one in page_of(platform, SYSTEM, OPEN)] == ["a"]
    assert reopened(platform).catch_up() == []


def test_a_changed_declaration_makes_a_layer_anew(platform, draw):
    draw(OPEN, Feature("a", point(120, 28), properties={"colour": "green"}))
    more = dataclasses.replace(OPEN, properties={**OPEN.properties, "colour": OPEN.properties["name"]})
    platform.modules = (Module("layers", "tongqu.kernel.layers", "platform", layers=(more,)),)
    assert platform.service(Projector).catch_up() == [OPEN.id]
    assert page_of(platform, SYSTEM, more)[0]["properties"]["colour"] == "green"


def test_a_layer_of_a_module_that_is_gone_is_dropped(platform, draw):
    draw(OPEN, Feature("a", point(120, 28)))
    platform.modules = ()
    platform.service(Projector).catch_up()
    assert platform.service(Projector).known() == {}
    assert reopened(platform).known() == {}


def test_the_thread_draws_what_others_write_and_reads_go_on(platform):
    projector, tiles = platform.service(Projector), platform.service(Tiles)
    with platform.store.write(SYSTEM) as work:
        put(work, OPEN, [Feature("a", point(120, 28))])
    projector.catch_up()
    projector.start()
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        number = 0
        while not done.is_set():
            try:
                tiles.tile(SYSTEM, OPEN, mercator.Tile(14, number % 100, 1))
                assert page_of(platform, SYSTEM, OPEN)
            except BaseException as error:
                failures.append(error)
                return
            number += 1

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(4):
        with platform.store.write(SYSTEM) as work:
            put(work, OPEN, [Feature(f"b{number}", point(120, 28))])
        for _ in range(200):
            if projector.known()[OPEN.id].features == number + 2:
                break
            done.wait(0.05)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert projector.known()[OPEN.id].features == 5


def test_far_tiles_of_open_layers_are_made_ahead(platform, draw, monkeypatch):
    draw(OPEN, Feature("a", point(120.6, 27.9)), Feature("b", point(121.9, 28.5)))
    draw(SCOPED, Feature("a", point(120.6, 27.9), region="99"))
    projector, tiles = platform.service(Projector), platform.service(Tiles)
    for layer in (OPEN, SCOPED):
        tiles.warm(layer, threading.Event())
    asked = []
    monkeypatch.setattr(projector.projection, "tile", lambda *args: asked.append(args) or b"")
    for z in range(11):
        for lon, lat in ((120.6, 27.9), (121.9, 28.5)):
            tiles.tile(person(region="9901"), OPEN, mercator.tile_at(lon, lat, z))
    assert {args[2].z for args in asked} == {10}
    tiles.tile(SYSTEM, SCOPED, mercator.tile_at(120.6, 27.9, 4))
    assert asked[-1][0] is SCOPED


def test_declarations_that_contradict_themselves():
    with pytest.raises(ValueError, match=r"module\.name"):
        Layer("roads", "g", LayerType.MVT)
    with pytest.raises(ValueError, match="open"):
        Layer("a.b", "g", LayerType.IMAGE)
    with pytest.raises(ValueError, match="merge"):
        Layer("a.b", "g", LayerType.MVT, merge=("name",))
    with pytest.raises(ValueError, match="reserved"):
        Layer("a.b", "g", LayerType.MVT, properties={"class": OPEN.properties["name"]})
    with pytest.raises(ValueError, match="zooms"):
        Layer("a.b", "g", LayerType.MVT, min_zoom=9, max_zoom=4)
    assert project.declared(OPEN) != project.declared(SCOPED)
