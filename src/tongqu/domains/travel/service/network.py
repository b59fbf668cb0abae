"""The timetable that is live, on its streets, ready to be asked: compiled beside, swapped in one step, never half."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from tongqu.domains.travel import sites
from tongqu.domains.travel.service import stop_places
from tongqu.domains.travel.sites import Match, Sites
from tongqu.domains.travel.store import feeds as store
from tongqu.engines.journeys import Catalogue, Place, Planner, Walker, Wishes
from tongqu.engines.streets import STEP_FREE, WALK, Graph, Profile, Streets, cache
from tongqu.engines.transit import Timetable
from tongqu.kernel import documents
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.errors import TongquError, Unavailable
from tongqu.protocols.netex import StopPlace

log = logging.getLogger("tongqu.travel")

NETWORK = system_actor("travel.network")
LOOK_S = 1.0
FOOT_S = 600.0  # longest walk from stop to stop within a journey
DAYS = 400  # how many days of a timetable are held at most, from a week before today
PROVINCE = "province.npz"
COMPILING_S = 300


@dataclass(frozen=True)
class Wanted:
    """What should be live: feeds by code with the content and place of their file, the file of the streets, and those
    of stop places; files with the moment they were changed."""

    feeds: tuple[tuple[str, str, Path], ...] = ()
    streets: tuple[Path, int] | None = None
    sites: tuple[tuple[Path, int], ...] = ()

    @property
    def sites_mark(self) -> str:
        """Changes with the stop places; empty where there are none."""
        told = "".join(f"{path.name} {changed} " for path, changed in self.sites)
        return hashlib.sha256(told.encode()).hexdigest()[:8] if told else ""


@dataclass
class Active:
    """What is live. `step_free` comes a little later than `planner`: it is compiled after it; `snapshot` counts how
    often real-time messages changed both; `sites` are the stops (`FEED:ID`) that stop places and quays are, by id."""

    wanted: Wanted
    planner: Planner
    loaded_ms: int
    took_s: float
    step_free: Planner | None = None
    today: date | None = None
    snapshot: int = 0
    sites: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Changes with every feed and extract: answers of one version agree with each other."""
        marks = [sha256[:8] for _, sha256, _ in self.wanted.feeds]
        told = [f"r{self.snapshot}"] if self.snapshot else []
        placed = [self.wanted.sites_mark] if self.wanted.sites else []
        return "-".join([*marks, str(self.wanted.streets[1]) if self.wanted.streets else "0", *placed, *told])


@dataclass
class State:
    """How far it is."""

    doing: str = ""
    done: float = 0.0
    problem: TongquError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Network:
    """Holds the planner of the process and follows what is made live, in a thread of its own."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.folder = platform.settings.data / "travel"
        self.state = State()
        self.swapping = threading.RLock()
        self.enliven: Callable[[Planner], Planner] = lambda planner: planner
        self._active: Active | None = None
        self._stopping = threading.Event()
        self._nudge = threading.Event()
        self._thread = threading.Thread(target=self._run, name="travel-network", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._nudge.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def refresh(self) -> None:
        """Look at once whether something else was made live."""
        self._nudge.set()

    @property
    def streets_folder(self) -> Path:
        """Where extracts lie; the newest is used."""
        return self.folder / "streets"

    @property
    def sites_folder(self) -> Path:
        """Where stop places lie, one file for each source."""
        return stop_places.folder_of(self.platform)

    @property
    def cache_folder(self) -> Path:
        """Where what was compiled is kept; it may be deleted at any time."""
        return self.folder / "cache"

    def active(self) -> Active:
        """What is live.

        Raises:
            Unavailable: `travel.network_loading` with what is being done; `travel.no_timetable`: no feed is live.
        """
        active = self._active
        if active is not None:
            return active
        if self.state.problem is not None:
            raise Unavailable("travel.network_failed", reason=str(self.state.problem.code))
        if self.state.doing:
            raise Unavailable("travel.network_loading", percent=round(self.state.done * 100), retry_after_s=2)
        raise Unavailable("travel.no_timetable")

    def live_now(self) -> Active | None:
        """What is live, or None."""
        return self._active

    def planner(self, step_free: bool) -> Planner:
        """The planner for a traveller.

        Raises:
            Unavailable: as `active`; `travel.network_loading`: the step-free one is not compiled yet.
        """
        active = self.active()
        if not step_free:
            return active.planner
        if active.step_free is None:
            raise Unavailable("travel.network_loading", percent=90, retry_after_s=2)
        return active.step_free

    # following

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except TongquError as error:
                self.state.problem = error
                log.error("travel: the timetable cannot be made ready: %s", error)
            except Exception:
                log.exception("travel: the timetable cannot be made ready")
            self._nudge.wait(LOOK_S)
            self._nudge.clear()

    def _follow(self) -> None:
        wanted = self._wanted()
        if self._active is not None and self._active.wanted == wanted:
            return
        if not wanted.feeds:
            self._active = None
            return
        if self._compiling():
            self.state.doing, self.state.done = "compiling", 0.0
            return
        if self.state.problem is not None and getattr(self, "_failed", None) == wanted:
            return
        self._failed = wanted
        self.state.problem = None
        self.load(wanted)

    def _compiling(self) -> bool:
        """Whether the process that compiles ahead is still at it: what it does not finish is compiled here, later."""
        mark = self.platform.settings.data / "compiling"
        try:
            os.kill(int(mark.read_text()), 0)
        except (OSError, ValueError):
            return False
        return time.time() - mark.stat().st_mtime < COMPILING_S

    def _wanted(self) -> Wanted:
        with self.platform.store.read(NETWORK) as work:
            rows = store.live(work)
            found = []
            for row in rows:
                document = documents.get(work, row["mended"] or row["document"])
                found.append((row["feed_code"], row["sha256"], documents.file_of(self.platform, document)))
        placed = tuple((path, _changed(path)) for path in sorted(self.sites_folder.glob("*.jsonl")))
        return Wanted(tuple(sorted(found)), self._streets(), placed)

    def _streets(self) -> tuple[Path, int] | None:
        """The extract to use: the one the settings name, else the newest in the folder, else the demo province."""
        named = self.platform.settings.options.get("travel.streets")
        files = [Path(named)] if named else sorted(self.streets_folder.glob("*.osm.pbf"), key=_changed)
        files = files or sorted(self.streets_folder.glob(PROVINCE))
        return (files[-1], _changed(files[-1])) if files and files[-1].is_file() else None

    # loading

    def load(self, wanted: Wanted) -> Active:
        """Compile what is wanted and put it in the place of what is live."""
        begun = self.platform.clock.now_ms()
        kept = self.cache_folder
        with self._step("streets", 0.05):
            streets = _streets_of(wanted.streets, kept)
        with self._step("feeds", 0.2):
            paths, matches = self._staged(wanted)
            catalogue = Catalogue.read(paths, cache_folder=kept)
            streets = streets.with_doors([*catalogue.doors, *sites.doors_of(match for _, match in matches)])
        planner = self._compiled(paths, streets, catalogue, WALK, kept, 0.4)
        with self._step("warming", 0.8):
            warm(planner)
        now = self.platform.clock.now_ms()
        with self.swapping:  # nothing that is told meanwhile is lost
            active = Active(wanted, self.enliven(planner), now, (now - begun) / 1000, sites=_stops_by_site(matches))
            self._active = active
        trips = len(planner.timetable.network.trips)
        log.info("travel: %d stops, %d trips ready in %.1f s", len(planner.placed), trips, active.took_s)
        step_free = self._compiled(paths, streets, catalogue, STEP_FREE, kept, 0.9)
        with self.swapping:
            active.step_free = self.enliven(step_free)
        self.state.doing, self.state.done = "", 1.0
        return active

    def _compiled(self, paths: list[Path], streets: Streets, catalogue: Catalogue, profile: Profile, kept: Path,
                  share: float) -> Planner:  # fmt: skip
        with self._step("timetable", share):
            walker = Walker(streets, profile, FOOT_S, catalogue.metro_stops)
            timetable = Timetable.from_gtfs(paths, dates=self._days(catalogue), streets=walker, cache=kept)
            return Planner(timetable, walker, catalogue)

    def _days(self, catalogue: Catalogue) -> list[date] | None:
        """The days to hold: those of the feeds, or of long ones the year from a week ago."""
        firsts = [facts.first_day for facts in catalogue.feeds if facts.first_day]
        lasts = [facts.first_day + len(facts.runs) - 1 for facts in catalogue.feeds if facts.first_day]
        if not firsts or max(lasts) - min(firsts) <= DAYS:
            return None
        today = datetime.fromtimestamp(self.platform.clock.now_ms() / 1000).astimezone().date()
        first = max(date.fromordinal(min(firsts)), today - timedelta(days=7))
        last = min(date.fromordinal(max(lasts)), first + timedelta(days=DAYS))
        return [first, last] if first <= last else None

    def _staged(self, wanted: Wanted) -> tuple[list[Path], list[tuple[str, Match]]]:
        """The files of feeds under the names they are known by, with signs and positions of the quays that their stops
        are; and what their stops are, each with the code of its feed."""
        folder = self.folder / "live"
        known = _sites_of(wanted)
        paths, matches = [], []
        for code, sha256, source in wanted.feeds:
            if known is not None:
                target = folder / f"{sha256[:16]}-{wanted.sites_mark}" / f"{code}.zip"
                found = _enriched(source, target, known)
                matches += [(code, match) for match in found]
                if any(match.quay is not None for match in found):
                    paths.append(target)
                    continue
            target = folder / sha256[:16] / f"{code}.zip"
            if not target.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(source, target)
                except OSError:
                    shutil.copyfile(source, target)
            paths.append(target)
        return paths, matches

    @contextmanager
    def _step(self, doing: str, done: float) -> Iterator[None]:
        self.state.doing, self.state.done = doing, done
        log.info("travel: %s (%d %%)", doing, done * 100)
        yield


def _sites_of(wanted: Wanted) -> Sites | None:
    """The stop places that are wanted; a file that cannot be read is left out, and logged."""
    places: list[StopPlace] = []
    for path, _ in wanted.sites:
        try:
            places += list(sites.kept([path]))
        except (OSError, ValueError):
            log.exception("travel: the stop places of %s cannot be read", path.name)
    return Sites(places) if places else None


def _enriched(source: Path, target: Path, known: Sites) -> tuple[Match, ...]:
    """What the stops of a feed are; none where its stops cannot be read here, and it is planned with as it is."""
    try:
        return sites.enriched(source, target, known)
    except (TongquError, OSError, ValueError) as error:
        log.warning("travel: the stops of %s are matched to no stop places: %s", target.stem, error)
        return ()


def _stops_by_site(matches: list[tuple[str, Match]]) -> dict[str, tuple[str, ...]]:
    """Stops (`FEED:ID`) by the ids of the stop places and quays that they are."""
    found: dict[str, list[str]] = {}
    for code, match in matches:
        for site in (match.place, match.quay):
            if site is not None:
                found.setdefault(site.id, []).append(f"{code}:{match.stop.id}")
    return {id_: tuple(stops) for id_, stops in found.items()}


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _streets_of(source: tuple[Path, int] | None, kept: Path) -> Streets:
    if source is None:
        return Streets(Graph.empty())
    path = source[0]
    if path.suffix == ".npz":
        fields = cache.load(path)
        return Streets(Graph.empty() if fields is None else Graph(**fields), cache_folder=kept, key=str(source[1]))
    return Streets.from_osm(path, cache_folder=kept)


def warm(planner: Planner) -> None:
    """Ask one question of each kind, so that no traveller waits for code to be compiled."""
    network = planner.timetable.network
    stops = len(network.stops)
    days = [network.first_day, min(network.last_day, network.first_day + timedelta(days=1))]
    ends = [Place(float(network.stop_lon[k]), float(network.stop_lat[k])) for k in (0, stops // 2, stops - 1)]
    for day in days:
        noon = planner.timetable.day(day).base_ms + 12 * 3_600_000
        for a, b in ((ends[0], ends[1]), (ends[2], ends[0])):
            planner.plan(a, b, Wishes(direct=("walk", "cycle", "drive"), max_direct_s=100_000), depart_ms=noon)
            planner.plan(a, b, Wishes(window_s=600), depart_ms=noon)
            planner.plan(a, b, Wishes(), arrive_ms=noon)
