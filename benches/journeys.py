"""Journeys door to door on Porto Alegre through the HTTP API; a peer on the same feeds and streets beside it.

Both are asked the same questions in the same run, one at a time, warm; nobody is asked the same thing twice, so that
no answer is remembered. The platform is started as its user starts it.
The peer is OpenTripPlanner, whose jar (2.4.0, Java 17) is fetched once by Maven into `.tongqu/peers`; where it cannot
be had, Valhalla's multimodal planner; where neither can, the reasons are printed. A peer that is a server is compared
over HTTP; Valhalla is timed within its process, from the question's text to the answer's, and so are we then (the
header `Server-Timing`), with our whole way over HTTP in a row beside it.

    python benches/journeys.py [--questions 200] [--peer 300] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import bench
import httpx
import numpy as np
import peers
from valhalla_peer import Valhalla

SEED = 20_190_513
FEEDS = {"eptc": "poa_eptc.zip", "trensurb": "poa_trensurb.zip"}
DAY = "2019-05-13"
ZONE, BOX = "America/Sao_Paulo", (-54, -32, -49, -28)
WARM, TURN, RUNS = 40, 25, 3
PEER_WALK_MIN = 27  # Valhalla walks 2,145 m to a stop at most (transit_start_end_max_distance), we 15 minutes
HOURS = (11.5, 15.0)  # the feed of buses holds the trips of midday
OTP = "org.opentripplanner:otp:2.4.0:jar:shaded"
QUERY = """{ plan(from: {lat: %f, lon: %f}, to: {lat: %f, lon: %f}, date: "%s", time: "%s", walkSpeed: 1.33,
 maxTransfers: 4, searchWindow: 3600, numItineraries: 5, transportModes: [{mode: TRANSIT}, {mode: WALK}])
 { itineraries { startTime endTime walkDistance legs { mode } } } }"""


@dataclass(frozen=True)
class Answered:
    """What one question took, and the earliest arrival (UTC ms; None: no way). `within`: in the server alone."""

    took_ms: float
    within_ms: float
    arrival_ms: int | None
    body: dict[str, Any]


@dataclass(frozen=True)
class Question:
    origin: tuple[float, float]
    destination: tuple[float, float]
    clock: str  # hh:mm of the day, in the feeds' zone


def data_folder() -> Path:
    return Path(os.environ.get("TONGQU_TEST_DATA", peers.ROOT.parent / "shared" / "data")) / "travel" / "poa"


def questions(count: int) -> list[Question]:
    """Pairs of cells of the hexagonal grid that are at least a kilometre apart and within the streets."""
    rows = (data_folder() / "poa_hexgrid.csv").read_text(encoding="utf-8").splitlines()
    head = rows[0].replace('"', "").split(",")
    lon, lat = head.index("lon"), head.index("lat")
    cells = np.array([[float(row.split(",")[lon]), float(row.split(",")[lat])] for row in rows[1:]])
    rng = np.random.default_rng(SEED)
    made: list[Question] = []
    while len(made) < count:
        a, b = cells[rng.integers(len(cells), size=2)]
        if np.hypot((a[0] - b[0]) * 96_000, (a[1] - b[1]) * 111_000) > 1000:
            minute = int(rng.uniform(*HOURS) * 60)
            made.append(Question(tuple(a), tuple(b), f"{minute // 60:02d}:{minute % 60:02d}"))
    return made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Ours:
    """The platform with both feeds live, serving."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/api/v1"
        self.process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Records with both feeds made live, and the extract in its place; by the platform's own verbs, at rest."""
        from tongqu.app import platform as assembling
        from tongqu.app.settings import read_settings
        from tongqu.domains.travel.service import feeds
        from tongqu.kernel import documents
        from tongqu.kernel.store import system_actor

        made = assembling.open_platform(read_settings(self.folder, port=self.port))
        assembling.prepare(made)
        actor = system_actor("bench")
        for code, name in FEEDS.items():
            content = documents.vault(made).keep((data_folder() / name).read_bytes())
            with made.store.write(actor) as work:
                document = documents.put(work, content, name=name, media_type="application/zip")
                feed = feeds.register(work, code, code, region="99")
                version = feeds.receive(work, feed["id"], document.id)
                feeds.checked(work, version["id"], valid=(None, None), notices=[], figures={}, difference={})
                feeds.activate(work, version["id"])
        made.close()
        streets = self.folder / "travel" / "streets"
        streets.mkdir(parents=True, exist_ok=True)
        shutil.copy(data_folder() / "poa_osm.pbf", streets / "poa.osm.pbf")

    def start(self) -> float:
        """Seconds the network took to be ready, as the platform tells."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tongqu.app.cli", "serve", "--data", str(self.folder), "--port", str(self.port),
             "--jt808-port", str(free_port())],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 900
        while time.monotonic() < until:
            try:
                told = httpx.get(f"{self.address}/travel/network", timeout=5).json()
                if told.get("ready") and told["step_free"]:
                    return float(told["took_s"])
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.2)
        raise SystemExit("the platform did not become ready")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)

    def ask(self, client: httpx.Client, question: Question, **wishes: int) -> Answered:
        params = {
            "from": f"{question.origin[0]},{question.origin[1]}",
            "to": f"{question.destination[0]},{question.destination[1]}",
            "depart_at": f"{DAY}T{question.clock}",
            **wishes,
        }
        begun = time.perf_counter()
        answer = client.get(f"{self.address}/travel/plan", params=params)
        took = (time.perf_counter() - begun) * 1000
        body = answer.json()
        arrivals = [one["arrival_ms"] for one in body["journeys"]]
        within = float(answer.headers["server-timing"].rpartition("=")[2])
        return Answered(took, within, min(arrivals, default=None), body)


class Otp:
    """OpenTripPlanner on the same files."""

    name = "OpenTripPlanner 2.4.0"
    over_http = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = httpx.Client(timeout=120)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def jar() -> Path:
        java = shutil.which("java")
        if java is None:
            raise peers.NotToBeHad("no Java on this machine")
        local = peers.FOLDER / "maven"
        kept = local / "org/opentripplanner/otp/2.4.0/otp-2.4.0-shaded.jar"
        if not kept.is_file():
            maven = shutil.which("mvn")
            if maven is None:
                raise peers.NotToBeHad("no Maven to fetch the jar with")
            subprocess.run(
                [maven, "-q", "-B", "dependency:get", f"-Dartifact={OTP}", "-Dtransitive=false",
                 f"-Dmaven.repo.local={local}"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if not kept.is_file():
                raise peers.NotToBeHad(f"Maven does not have {OTP}")
        return kept

    def start(self) -> None:
        jar = self.jar()
        for code, name in FEEDS.items():
            shutil.copy(data_folder() / name, self.folder / f"{code}.gtfs.zip")
        shutil.copy(data_folder() / "poa_osm.pbf", self.folder / "poa.osm.pbf")
        settings = {"transitServiceStart": "2019-01-01", "transitServiceEnd": "2020-12-31"}
        (self.folder / "build-config.json").write_text(json.dumps(settings), encoding="utf-8")
        log = (self.folder / "otp.log").open("wb")
        self.process = subprocess.Popen(
            ["java", "-Xmx2G", "-jar", str(jar), "--build", "--serve", "--port", str(self.port), "--bindAddress",
             "127.0.0.1", str(self.folder)],
            stdout=log, stderr=log,
        )  # fmt: skip
        until = time.monotonic() + 600
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise peers.NotToBeHad(f"it ended: {(self.folder / 'otp.log').read_text(errors='replace')[-300:]}")
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/otp/routers/default", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        raise peers.NotToBeHad("it did not become ready in ten minutes")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def ask(self, a: tuple[float, float], b: tuple[float, float], clock: str) -> tuple[float, int | None]:
        query = QUERY % (a[1], a[0], b[1], b[0], DAY, clock)
        begun = time.perf_counter()
        answer = self.client.post(
            f"http://127.0.0.1:{self.port}/otp/routers/default/index/graphql", json={"query": query}
        )
        took = (time.perf_counter() - begun) * 1000
        body = answer.json()
        if "errors" in body:
            raise SystemExit(f"the peer refuses the question: {body['errors']}")
        found = body["data"]["plan"]["itineraries"]
        return took, min((int(one["endTime"]) for one in found), default=None)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--peer", type=int, default=300)
    options, _ = parser.parse_known_args()
    # each run has questions of its own, and so has the comparison
    asked = questions(WARM + RUNS * options.questions + options.peer)
    warming, own, shared = asked[:WARM], asked[WARM : -options.peer], asked[-options.peer :]
    rows: list[bench.Row] = []
    refused: list[str] = []
    name = "none"
    with tempfile.TemporaryDirectory(prefix="tongqu-journeys-") as folder:
        ours = Ours(Path(folder) / "data")
        (Path(folder) / "data").mkdir()
        candidates = _peers(Path(folder))
        ours.prepare()
        cold = ours.start()
        try:
            with httpx.Client(timeout=60) as client:
                for question in warming:
                    ours.ask(client, question)
                runs = [[ours.ask(client, question) for question in own[k::RUNS]] for k in range(RUNS)]
                rows += _own_rows(runs, cold)
                for peer in candidates:
                    try:
                        peer.start()
                    except peers.NotToBeHad as error:
                        refused.append(str(error))
                        continue
                    name = peer.name
                    rows += _peer_rows(client, ours, peer, warming, shared)
                    break
        finally:
            ours.stop()
            for peer in candidates:
                peer.stop()
        begun = ours.start()
        ours.stop()
    rows.append(
        bench.Row("network ready, from the cache", 2.0, begun, "s", "lower", note="feeds, streets, walks, search")
    )
    return bench.report(rows, data="Porto Alegre: bus and metro, pbf", peer="; ".join((name, *refused)))


def _peers(folder: Path) -> Sequence[Otp | Valhalla]:
    """In the order in which they are tried."""
    feeds = {code: data_folder() / name for code, name in FEEDS.items()}
    (folder / "valhalla").mkdir()
    extract = data_folder() / "poa_osm.pbf"
    return Otp(folder), Valhalla(folder / "valhalla", feeds, extract, BOX, date.fromisoformat(DAY), ZONE)


def _own_rows(runs: list[list[Answered]], cold: float) -> list[bench.Row]:
    bodies = [one.body for run in runs for one in run]
    ridden = [body for body in bodies if any(len(one["legs"]) > 1 for one in body["journeys"])]
    share = len(ridden) / len(bodies)
    told = ", ".join(sorted({body["reason"]["code"] for body in bodies if body["reason"]})) or "none"
    note = f"{len(bodies)} questions, {share:.0%} with a ride; other reasons: {told}"
    medians = [statistics.median(one.took_ms for one in run) for run in runs]
    p95 = [float(np.percentile([one.took_ms for one in run], 95)) for run in runs]
    within = [statistics.median(one.within_ms for one in run) for run in runs]
    return [
        bench.Row("door to door over HTTP, median", 15.0, medians, "ms", "lower", note=note),
        bench.Row("door to door over HTTP, p95", 50.0, p95, "ms", "lower"),
        bench.Row("door to door within the server, median", None, within, "ms", "lower"),
        bench.Row("network ready, cold (feeds, pbf, walks)", 20.0, cold, "s", "lower", note="code compiled before"),
    ]  # fmt: skip


def _peer_rows(
    client: httpx.Client, ours: Ours, peer: Otp | Valhalla, warming: list[Question], asked: list[Question]
) -> list[bench.Row]:
    def ask(question: Question) -> tuple[float, int | None]:
        return peer.ask(question.origin, question.destination, question.clock)

    mine: list[Answered] = []
    others: list[tuple[float, int | None]] = []
    # in turns: what else the machine does meanwhile is not laid upon one of the two
    for block in (warming, *(asked[k : k + TURN] for k in range(0, len(asked), TURN))):
        mine += [ours.ask(client, question) for question in block]
        others += [ask(question) for question in block]
    mine, others = mine[len(warming) :], others[len(warming) :]
    further = [ours.ask(client, question, max_walk_min=PEER_WALK_MIN) for question in asked]
    theirs = statistics.median(took for took, _ in others)
    runs = [slice(k * len(asked) // RUNS, (k + 1) * len(asked) // RUNS) for k in range(RUNS)]
    medians = [statistics.median(took for took, _ in others[run]) for run in runs]
    whole = [m / statistics.median(one.took_ms for one in mine[run]) for m, run in zip(medians, runs, strict=True)]
    within = [m / statistics.median(one.within_ms for one in mine[run]) for m, run in zip(medians, runs, strict=True)]
    as_good, note = _as_good(mine, others)
    as_good_further, note_further = _as_good(further, others)
    slower = statistics.median(one.within_ms for one in further)
    name = "times faster than the peer, median"
    alike = [bench.Row(f"{name}, both over HTTP", 10.0, whole, "×", peer=(peer.name, theirs))]
    if not peer.over_http:
        alike = [
            bench.Row(f"{name}, both within their process", 10.0, within, "×", peer=(peer.name, theirs)),
            bench.Row(f"{name}, ours over HTTP, it within its process", None, whole, "×"),
        ]
    return [
        *alike,
        bench.Row("share of equal or better arrivals", None, as_good, "", note=note),
        bench.Row("the same with walks as long as the peer's", None, as_good_further, "", note=note_further),
        bench.Row("within the server with such walks, median", None, slower, "ms", "lower"),
    ]


def _as_good(mine: list[Answered], others: list[tuple[float, int | None]]) -> tuple[float, str]:
    """Share of the questions answered by both in which ours is there as early, to the minute; how many those are."""
    arrivals = [(one.arrival_ms, arrival) for one, (_, arrival) in zip(mine, others, strict=True)]
    both = [(a, b) for a, b in arrivals if a is not None and b is not None]
    only_ours = sum(a is not None and b is None for a, b in arrivals)
    only_theirs = sum(a is None and b is not None for a, b in arrivals)
    note = f"{len(both)} answered by both, {only_ours} by us alone, {only_theirs} by it alone; to the minute"
    return sum(a <= b + 60_000 for a, b in both) / max(len(both), 1), note


if __name__ == "__main__":
    raise SystemExit(main())
