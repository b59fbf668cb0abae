"""Journey 4: an analyst takes history as Parquet, running or at rest, and uses the codec on its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from running import Running, started
from shell import tongqu, until
from terminal import POSITION, Terminal, fix, now_ms

pytestmark = [pytest.mark.needs("equipment"), pytest.mark.xdist_group("plain")]

COLUMNS = ("time_ms", "lon", "lat", "speed_kmh", "heading_deg", "altitude_m", "alarm", "status", "flags", "frame")
PHONES = ("13900004001", "13900004002")
POINTS = 40


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of an export by the thing they belong to, speeds in the API's tenths."""
    table = pq.read_table(path)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for urn, *values in zip(*(table[name].to_pylist() for name in ("urn", *COLUMNS)), strict=True):
        values[3] = round(values[3], 1)
        rows.setdefault(urn, []).append(tuple(values))
    return rows


def tracks(running: Running, urns: list[str], to_ms: int) -> dict[str, list[tuple[Any, ...]]]:
    """The same rows as the track API gives them."""
    found = {}
    with running.local_client() as client:
        for urn in urns:
            params = {"from": to_ms - 7_200_000, "to": to_ms, "format": "columns"}
            answer = client.get(f"movers/{urn}/track", params=params)
            if answer.status_code == 404:  # a terminal of this moment, which the writer has not looked up yet
                continue
            columns = answer.raise_for_status().json()["columns"]
            found[urn] = list(zip(*(columns[name] for name in COLUMNS), strict=True))
    return found


def test_an_export_equals_the_tracks_running_and_at_rest(tmp_path: Path) -> None:
    end = now_ms()
    with started("serve", tmp_path / "data") as running:
        for number, phone in enumerate(PHONES):
            with Terminal(running.jt808_port, phone, 2013 + 6 * number) as terminal:
                terminal.log_in()
                for point in range(POINTS):
                    at = end - (POINTS - point) * 60_000
                    where = {"longitude_deg": 120.9 + point / 1000, "latitude_deg": 28.2 + number / 100}
                    assert terminal.result(POSITION, fix(time_ms=at, speed_kmh=point * 1.1, **where)) == 0
        with running.local_client() as client:
            terminals = client.get("equipment/terminals").json()["items"]
        urns = [row["urn"] for row in terminals]
        wanted = until(lambda: whole(tracks(running, urns, end)))
        told = tongqu("export", tmp_path / "live.parquet", "--data", running.data, "--port", running.port)
        assert told.returncode == 0, told.stdout + told.stderr
        assert rows_of(tmp_path / "live.parquet") == wanted
    told = tongqu("export", tmp_path / "rest.parquet", "--data", running.data)
    assert told.returncode == 0, told.stdout + told.stderr
    assert rows_of(tmp_path / "rest.parquet") == wanted
    part = tmp_path / "part"
    told = tongqu("export", part, "--data", running.data, "--from", "2030-01-01", "--to", "2030-01-02")
    assert told.returncode == 0, told.stdout + told.stderr
    (empty,) = part.glob("*.parquet")
    assert pq.read_table(empty).num_rows == 0
    shutil.rmtree(running.data)


def whole(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]] | None:
    return found if len(found) == len(PHONES) and all(len(rows) == POINTS for rows in found.values()) else None


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01"])
def test_a_time_that_is_none_is_refused_in_words(plain: Running, tmp_path: Path, value: str) -> None:
    told = tongqu("export", tmp_path / "x.parquet", "--data", plain.data, "--from", value)
    assert told.returncode == 2
    assert value in told.stderr + told.stdout and "Traceback" not in told.stderr
    assert not (tmp_path / "x.parquet").exists()


def test_the_codec_is_usable_alone() -> None:
    """A fresh interpreter that imports it loads neither kernel nor engines, domains, web or database."""
    program = """
import sys
from tongqu.protocols import jt808
(frame,) = jt808.encode(0x0002, {}, phone="13900000001", serial=1, version=2019)
assert jt808.decode(frame).ok
unwanted = ("tongqu.kernel", "tongqu.engines", "tongqu.domains", "tongqu.app", "fastapi", "sqlalchemy", "numba")
print([name for name in sys.modules if name.startswith(unwanted)])
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (told.returncode, told.stdout.strip()) == (0, "[]"), told.stderr
