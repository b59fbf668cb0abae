"""A ship watcher: an AIS receiver is pointed at the platform; ships have names, tracks and explained messages."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from running import Running, started

pytestmark = [pytest.mark.needs("navigation"), pytest.mark.xdist_group("ships"), pytest.mark.timeout(900)]
FROM_MS, TO_MS = 1_437_384_000_000, 1_437_386_000_000
"""2015-07-20, the time that the log itself gives."""


@pytest.fixture(scope="module")
def log(data_dir) -> bytes:
    return gzip.decompress((data_dir / "ports" / "ais" / "hakefjord_2015-07-20.nmea.gz").read_bytes())


@pytest.fixture(scope="module")
def watched(tmp_path_factory, log):
    """A platform into which the log was played over TCP, and its administrator."""
    with started("serve", tmp_path_factory.mktemp("ships") / "data") as running:
        with socket.create_connection(("127.0.0.1", running.ais_port), timeout=60) as receiver:
            receiver.sendall(log)
        with running.local_client() as client:
            until(lambda: _receiver(client)["lines"] == 102_935, 300)
            yield running, client


def _receiver(client: httpx.Client) -> dict[str, Any]:
    return (client.get("navigation/receivers").json()["items"] or [{"lines": 0}])[0]


def until(condition: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)
    return value


def test_every_sentence_is_counted(watched: tuple[Running, httpx.Client]) -> None:
    receiver = _receiver(watched[1])
    assert (receiver["sentences"], receiver["messages"], receiver["refused"]) == (15_912, 15_824, 0)


def test_ships_have_names_and_are_found_by_any_of_their_numbers(watched: tuple[Running, httpx.Client]) -> None:
    _, client = watched
    until(lambda: client.get("navigation/overview").json()["ships"] == 38, 60)
    assert client.get("navigation/overview").json()["base_stations"] == 2
    ship = client.get("navigation/ships/246397000").json()
    assert (ship["name"], ship["call_sign"], ship["imo"]) == ("CORAL MILLEPORA", "PDMK", 9129392)
    assert (ship["length_m"], ship["destination"], ship["category"]) == (100, "PORVOO  FIN", "tanker")
    for asked in ("coral mill", "246397000", "PDMK", "9129392"):
        hits = client.get("search", params={"q": asked}).json()["items"]
        assert ship["urn"] in [hit["urn"] for hit in hits], asked


def test_her_track_has_the_times_of_the_log(watched: tuple[Running, httpx.Client]) -> None:
    _, client = watched
    track = until(lambda: _track(client, "246397000"), 120)
    assert FROM_MS < track["time_ms"][0] < track["time_ms"][-1] < TO_MS
    assert all(11 < lon < 12.5 for lon in track["lon"]) and all(57.5 < lat < 58.5 for lat in track["lat"])
    assert track["time_ms"] == sorted(set(track["time_ms"]))


def _track(client: httpx.Client, ship: str) -> dict[str, Any] | None:
    answer = client.get(f"movers/urn:tongqu:ship:{ship}/track", params={"from": FROM_MS, "to": TO_MS})
    if answer.status_code != 200 or len(answer.json()["columns"]["time_ms"]) < 50:
        return None
    return dict(answer.json()["columns"])


def test_a_point_opens_its_message(watched: tuple[Running, httpx.Client]) -> None:
    _, client = watched
    track = until(lambda: _track(client, "246397000"), 120)
    frame = client.get(f"navigation/frames/{track['frame'][0]}").json()
    assert (frame["ok"], frame["mmsi"]) == (True, 246397000)
    longitude = next(row for row in frame["rows"] if row["path"] == "longitude_deg")
    assert longitude["value"] == pytest.approx(track["lon"][0])


def test_her_last_messages_are_explained(watched: tuple[Running, httpx.Client]) -> None:
    items = watched[1].get("navigation/ships/246397000/messages").json()["items"]
    voyage = next(item for item in items if item["type"] == 5)
    assert {row["path"]: row["value"] for row in voyage["rows"]}["name"] == "CORAL MILLEPORA"


def test_the_command_line_decodes_the_same_log(log: bytes) -> None:
    command = [sys.executable, "-m", "tongqu.app.cli", "decode", "ais", "-"]
    done = subprocess.run(command, input=log, capture_output=True, timeout=300, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(answers), len({answer["mmsi"] for answer in answers})) == (0, 15_824, 41)
    assert all(answer["ok"] and answer["reason"] is None and answer["type"] for answer in answers)
