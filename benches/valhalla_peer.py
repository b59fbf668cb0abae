"""Valhalla's multimodal planner on GTFS feeds and an OSM extract, in an environment of its own.

It wants a Python of 3.12 or newer (`python3.12` on PATH), and Debian's sqlite3 and libsqlite3-mod-spatialite for its
table of time zones. Two things are done to the feeds for it. It takes an empty time for midnight, so times between
timed stops are filled in evenly by stop; ours may be filled otherwise, by a minute. It forgets service that has
ended, so calendars are moved on by whole weeks.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import zipfile
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import peers

VERSION = "3.9.1"
NAME = f"Valhalla {VERSION} multimodal"
PROGRAM = """
import json, sys, time
from valhalla import Actor
actor = Actor(json.load(open(sys.argv[1])))
for line in sys.stdin:
    begun = time.perf_counter()
    try:
        told = actor.route(line)
    except RuntimeError as error:
        told, said = None, str(error)
    took = (time.perf_counter() - begun) * 1000
    answer = {"ms": took, "error": None if told else said}
    if told:
        leg = json.loads(told)["trip"]["legs"][0]["maneuvers"]
        rides = [n for n, one in enumerate(leg) if one.get("transit_info")]
        after = leg[rides[-1] + 1:] if rides else leg
        answer["walk_s"] = sum(one["time"] for one in after)
        answer["alights"] = leg[rides[-1]]["transit_info"]["transit_stops"][-1]["arrival_date_time"] if rides else None
    print(json.dumps(answer), flush=True)
"""
ZONES = """.load mod_spatialite
SELECT InitSpatialMetaData(1);
CREATE TABLE tz_world (TZID TEXT);
SELECT AddGeometryColumn('tz_world', 'geom', 4326, 'MULTIPOLYGON', 'XY');
INSERT INTO tz_world VALUES ('{zone}', CastToMulti(BuildMbr({west}, {south}, {east}, {north}, 4326)));
SELECT CreateSpatialIndex('tz_world', 'geom');
"""


class Valhalla:
    """A process that answers questions of one day.

    Args:
        folder: for its tiles.
        feeds: GTFS archives by name; `extract`: OSM pbf; `box`: west, south, east, north around both.
        day: of the questions, in `zone`.
    """

    name = NAME
    over_http = False

    def __init__(
        self,
        folder: Path,
        feeds: dict[str, Path],
        extract: Path,
        box: tuple[float, float, float, float],
        day: date,
        zone: str,
    ) -> None:
        self.folder, self.feeds, self.extract, self.box = folder, feeds, extract, box
        self.zone, self.zone_name, self.day = ZoneInfo(zone), zone, day
        weeks = (datetime.now(self.zone).date() - day).days // 7 + 1
        self.shift = timedelta(weeks=max(weeks, 0))
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Build its tiles and start it.

        Raises:
            NotToBeHad: a part is missing.
        """
        newer = shutil.which("python3.12")
        if newer is None or shutil.which("sqlite3") is None:
            raise peers.NotToBeHad("Valhalla needs python3.12 and sqlite3 on PATH")
        python = Path(peers.environment(f"pyvalhalla=={VERSION}", python=newer))
        (programs,) = python.parents[1].glob("lib/python*/site-packages/valhalla/bin")
        for code, archive in self.feeds.items():
            self._unpack(archive, self.folder / "feeds" / code)
        self._zones()
        settings = self._settings(python)
        for step, files in (("ingest_transit", ()), ("convert_transit", ()), ("build_tiles", (self.extract,))):
            command = [programs / f"valhalla_{step}", "-c", settings, *files]
            subprocess.run(command, check=True, capture_output=True, timeout=900)
        self.process = subprocess.Popen(
            [str(python), "-c", PROGRAM, str(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _zones(self) -> None:
        west, south, east, north = self.box
        script = ZONES.format(zone=self.zone_name, west=west, south=south, east=east, north=north)
        done = subprocess.run(
            ["sqlite3", str(self.folder / "zones.sqlite")], input=script, capture_output=True, text=True, check=False
        )
        if done.returncode or "rror" in done.stderr:
            raise peers.NotToBeHad(f"no table of time zones (libsqlite3-mod-spatialite?): {done.stderr.strip()}")

    def _settings(self, python: Path) -> Path:
        program = "import json, sys; from valhalla import get_config; json.dump(get_config(tile_dir=sys.argv[1], "
        program += "tile_extract='', verbose=False), sys.stdout)"
        tiles = self.folder / "tiles"
        (self.folder / "transit").mkdir()
        tiles.mkdir()
        told = subprocess.run([str(python), "-c", program, str(tiles)], check=True, capture_output=True, text=True)
        config: dict[str, Any] = json.loads(told.stdout)
        config["mjolnir"] |= {
            "transit_dir": str(self.folder / "transit"),
            "transit_feeds_dir": str(self.folder / "feeds"),
            "timezone": str(self.folder / "zones.sqlite"),
            "logging": {"type": ""},
        }
        path = self.folder / "valhalla.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        return path

    def _unpack(self, archive: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                text = opened.read(name).decode("utf-8-sig")
                if name.startswith("calendar"):
                    text = _written(self._moved(_read(text)))
                elif name == "stop_times.txt":
                    text = _written(_filled(_read(text)))
                (folder / name).write_text(text, encoding="utf-8")

    def _moved(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            for key in row.keys() & {"start_date", "end_date", "date"}:
                there = datetime.strptime(row[key].strip(), "%Y%m%d").date() + self.shift  # noqa: DTZ007
                row[key] = there.strftime("%Y%m%d")
        return rows

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def ask(
        self, origin: tuple[float, float], destination: tuple[float, float], clock: str
    ) -> tuple[float, int | None]:
        """Milliseconds within its process, and when one is there (UTC ms of the day asked for), None without a way."""
        assert self.process is not None
        begins = datetime.fromisoformat(f"{self.day + self.shift}T{clock}").replace(tzinfo=self.zone)
        question = {
            "locations": [{"lon": lon, "lat": lat} for lon, lat in (origin, destination)],
            "costing": "multimodal",
            "date_time": {"type": 1, "value": f"{self.day + self.shift}T{clock}"},
            "costing_options": {
                "pedestrian": {"walking_speed": 4.8},
                "transit": {"use_bus": 1.0, "use_rail": 1.0, "use_transfers": 1.0},
            },
        }
        told = self._told(question)
        if told["error"] is not None:
            return told["ms"], None
        alights = datetime.fromisoformat(told["alights"]).replace(tzinfo=self.zone) if told["alights"] else begins
        there = alights + timedelta(seconds=told["walk_s"]) - self.shift
        return told["ms"], round(there.timestamp() * 1000)

    def _told(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self.process is not None
        asks, answers = _pipes(self.process)
        asks.write(json.dumps(question) + "\n")
        asks.flush()
        line = answers.readline()
        if not line:
            raise SystemExit("the peer ended")
        return dict(json.loads(line))


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None and process.stdout is not None
    return process.stdin, process.stdout


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), skipinitialspace=True))


def _written(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _filled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Times between timed stops, evenly by stop."""
    trips: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        trips[row["trip_id"]].append(row)
    for stops in trips.values():
        stops.sort(key=lambda row: int(row["stop_sequence"]))
        timed = [n for n, row in enumerate(stops) if row["departure_time"] or row["arrival_time"]]
        for a, b in pairwise(timed):
            left = _seconds(stops[a]["departure_time"] or stops[a]["arrival_time"])
            there = _seconds(stops[b]["arrival_time"] or stops[b]["departure_time"])
            for n in range(a + 1, b):
                at = left + (there - left) * (n - a) // (b - a)
                stops[n]["arrival_time"] = stops[n]["departure_time"] = (
                    f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"
                )
    return rows


def _seconds(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)
