"""Travel as a traveller and an authority see it: boards, followed journeys, reach, the public page and the widget."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from looking import looked_at
from playwright.sync_api import Page, expect
from running import Running
from shell import until

from tongqu.kit.time import CHINA
from tongqu.protocols import gtfs_realtime
from tongqu.protocols.gtfs_realtime import Call, Message, Trip, TripUpdate

pytestmark = [
    pytest.mark.needs("travel"),
    pytest.mark.browser,
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(900),
]

FEED = "lanjiang-transit"
FROM, TO = "澜州站", "澜州云棹机场"
SIGNED_IN = {
    "travel-plan": "/travel/planner?from={a}&to={b}&at={at}",
    "travel-itinerary": "/travel/planner?j={id}",
    "travel-board": "/travel/board?stop={stop}&at={at}",
    "travel-stop": "/map?sel={urn}",
    "travel-followed": "/travel/journeys",
    "travel-reach": "/travel/reach?from={a}&at={at}",
}
FOR_EVERYBODY = {
    "public-plan": "/public/travel/planner?from={a}&to={b}&at={at}",
    "public-itinerary": "/public/travel/planner?j={id}",
    "public-none": "/public/travel/planner?from=121.9,28.9&to={b}&at={at}",
    "public-board": "/public/travel/board?stop={stop}&at={at}",
    "public-open-data": "/public/travel/open-data",
    "widget": "/embed/travel/planner?from={a}&to={b}&at={at}",
}


@dataclass
class Journey:
    """A journey of tomorrow morning, and what fills the addresses."""

    values: dict[str, Any]
    ride: dict[str, Any]
    feed: str
    api: httpx.Client

    def push(self, *updates: TripUpdate, age_s: int = 0) -> None:
        """Send real-time data of the feed."""
        data = gtfs_realtime.write(Message((time.time_ns() // 10**9 - age_s) * 1000, updates))
        self.api.post(f"travel/feeds/{self.feed}/realtime/trip_updates", content=data).raise_for_status()

    def cancelled(self) -> TripUpdate:
        return TripUpdate("x", Trip(self.ride["trip_id"], start_date=self.ride["service_day"], relationship="canceled"))

    def late(self, trip_id: str, seconds: int) -> TripUpdate:
        calls = (Call(stop_id=self.values["stop"].split(":", 1)[1], departure_delay_s=seconds),)
        return TripUpdate("d", Trip(trip_id, start_date=self.ride["service_day"]), calls)


@pytest.fixture(scope="module")
def journey(demo: Running) -> Iterator[Journey]:
    with demo.client("admin") as api, demo.client() as anyone:
        until(lambda: FEED in anyone.get("travel/network").json().get("feeds", ()), 240, 1.0)
        morning = (datetime.now(CHINA) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
        at = round(morning.timestamp() * 1000)
        found = until(lambda: planned(anyone, at), 60, 1.0)
        best = next(one for one in found["journeys"] if any("ride" in leg for leg in one["legs"]))
        leg = next(leg for leg in best["legs"] if "ride" in leg)
        stop = leg["from"]["stop_id"]
        values = {
            "id": best["id"],
            "at": at,
            "a": quote(place(anyone, FROM)),
            "b": quote(place(anyone, TO)),
            "stop": f"{FEED}:{stop}",
            "urn": f"urn:tongqu:stop:{FEED}:{stop}",
            "lon": leg["from"]["lon"],
            "lat": leg["from"]["lat"],
        }
        feed = next(one["id"] for one in api.get("travel/feeds").json()["items"] if one["code"] == FEED)
        made = Journey(values, leg["ride"], feed, api)
        yield made
        made.push()


def place(anyone: httpx.Client, name: str) -> str:
    (found, *_) = [
        one for one in anyone.get("travel/places", params={"q": name}).json()["items"] if one["name"] == name
    ]
    return f"{found['lon']},{found['lat']},{name}"


def planned(anyone: httpx.Client, at: int) -> dict[str, Any] | None:
    answer = anyone.get("travel/plan", params={"from": place(anyone, FROM), "to": place(anyone, TO), "depart_at": at})
    return dict(answer.json()) if answer.status_code == 200 else None


def troubles(window: Any) -> list[str]:
    """What the console says besides that something selected is no mover."""
    return [one for one in window.troubles if "/movers/urn" not in one]


def calm(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('.tq-skeleton, .ant-spin-spinning')")
    page.wait_for_timeout(700)


def test_every_page_of_travel(
    windows: Callable[..., Any],
    journey: Journey,
    axe: str,
    screenshots: Path,
    size: str,
    lang: str,
    theme: str,
) -> None:
    found: list[str] = []
    window = windows("admin", size, lang, theme)
    window.go("/map")
    for name, path in SIGNED_IN.items():
        window.visit(path.format(**journey.values))
        calm(window.page)
        found += looked_at(window.page, axe, lang, screenshots / f"{name}-{size}-{lang}-{theme}.png")
    stranger = windows(None, size, lang, theme)
    for name, path in FOR_EVERYBODY.items():
        stranger.page.goto(stranger.address + path.format(**journey.values))
        stranger.page.wait_for_selector(".tq-open main > *")
        calm(stranger.page)
        found += looked_at(stranger.page, axe, lang, screenshots / f"{name}-{size}-{lang}-{theme}.png")
    assert not found, "\n".join(found)
    assert not troubles(window) and not stranger.troubles, [window.troubles, stranger.troubles]


def test_a_stop_of_the_map_opens_its_board_and_says_what_does_not_leave(
    windows: Callable[..., Any], journey: Journey
) -> None:
    window = windows("duty-province")
    page = window.go("/map?layers=travel.stops&m={lon},{lat},16".format(**journey.values))
    box = page.locator(".tq-map-canvas").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".tq-board h2")).to_have_text(FROM)
    assert f"sel=urn:tongqu:stop:{FEED}:" in page.url
    page = window.visit("/travel/board?stop={stop}&at={at}".format(**journey.values))
    expect(page.locator(".tq-departures > li.is-off")).to_have_count(0)
    trips = journey.api.get(f"travel/boards/{journey.values['stop']}", params={"at": journey.values["at"]}).json()
    other = next(one["trip_id"] for one in trips["departures"] if one["trip_id"] != journey.ride["trip_id"])
    journey.push(journey.cancelled(), journey.late(other, 240))
    page.reload()
    window.settle()
    gone = page.locator(".tq-departures > li.is-off")
    expect(gone).to_have_count(1)
    expect(gone).to_contain_text("停运")
    assert gone.locator("b s").evaluate("(e) => getComputedStyle(e).textDecorationLine") == "line-through"
    expect(page.locator(".tq-departures > li.is-live")).to_contain_text("晚点 4 分钟")
    journey.push()


def test_a_station_of_shared_bikes_opens_from_the_map(windows: Callable[..., Any], journey: Journey) -> None:
    """The pointer passes roads on its way there, and says their stakes."""

    def known() -> list[dict[str, Any]]:
        feed = next(one for one in journey.api.get("travel/feeds").json()["items"] if one["code"] == "lanzhou-bikes")
        rows = journey.api.get(f"travel/feeds/{feed['id']}/bikes").json()["items"]
        return [one for one in rows if one["told"] and one["name"]["zh"] == "地铁市中心"]

    (station,) = until(known, 60, 1.0)
    window = windows("duty-province")
    page = window.go(f"/map?layers=travel.bikes&m={station['lon']},{station['lat']},15")
    drawn = "() => window.__tongqu.map.queryRenderedFeatures().some((one) => one.properties.name === '地铁市中心')"
    page.wait_for_function(drawn)
    box = page.locator(".tq-map-canvas").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    expect(page.locator(".tq-pointer b").first).to_contain_text("K")
    page.mouse.click(x, y)
    expect(page.get_by_role("heading", name="地铁市中心")).to_be_visible()
    expect(page.get_by_text("可借车辆")).to_be_visible()
    expect(page.get_by_text("澜州公共自行车")).to_be_visible()
    page.get_by_role("link", name="从这里出发").click()
    expect(page.get_by_role("checkbox", name="共享单车")).to_be_checked()
    assert troubles(window) == []


def test_an_old_message_is_called_so(windows: Callable[..., Any], journey: Journey) -> None:
    answer = {
        "name": FROM, "lon": journey.values["lon"], "lat": journey.values["lat"], "at_ms": time.time_ns() // 10**6,
        "zone": "Asia/Shanghai", "departures": [], "notices": [],
        "realtime": [{"feed": FEED, "kind": "trip_updates", "age_s": 1260, "stale": True}],
    }  # fmt: skip
    stranger = windows(None)
    asked = []
    stranger.page.route("**/travel/boards/**", lambda route: (asked.append(1), route.fulfill(json=answer))[1])
    stranger.page.goto(f"{stranger.address}/public/travel/board?stop={journey.values['stop']}")
    expect(stranger.page.get_by_role("status").filter(has_text="21 分钟")).to_contain_text("仅供参考")
    expect(stranger.page.get_by_text("60 分钟内没有班次")).to_be_visible()
    until(lambda: stranger.page.wait_for_timeout(500) or len(asked) >= 2, 40)  # it is asked anew by itself


def test_a_journey_is_followed_told_to_fail_replaced_and_left(
    windows: Callable[..., Any], journey: Journey, demo: Running
) -> None:
    with demo.client("duty-province") as client:
        for one in client.get("travel/subscriptions").json()["items"]:
            client.delete(f"travel/subscriptions/{one['id']}")
    window = windows("duty-province")
    page = window.go("/travel/planner?j={id}".format(**journey.values))
    page.get_by_role("button", name="关注行程").click()
    expect(page.get_by_role("button", name="取消关注")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="加入日历").click()
    assert "BEGIN:VEVENT" in Path(taken.value.path()).read_text(encoding="utf-8")
    page = window.visit("/travel/journeys")
    mine = page.locator("article.tq-option", has_text=f"{FROM} → {TO}")
    expect(mine).to_contain_text("按计划")
    journey.push(journey.cancelled())
    page.reload()
    window.settle()
    expect(mine).to_contain_text("已停运")
    expect(mine.locator(".tq-note")).to_contain_text("已取消")
    mine.get_by_role("link", name=re.compile("改乘")).click()
    expect(page.locator(".tq-legs")).to_be_visible()
    assert journey.values["id"] not in page.url
    window.visit("/platform/inbox")
    page.locator(".tq-case button", has_text="停运").first.click()
    expect(page.locator(".tq-panel.right article")).to_contain_text("已停运")
    journey.push()
    page = window.visit("/travel/journeys")
    mine.get_by_role("button", name="取消关注").click()
    page.locator(".ant-popconfirm").get_by_role("button", name="取消关注").click()
    expect(page.get_by_text("还没有关注行程")).to_be_visible()
    assert not troubles(window)


def test_reach_is_drawn_counted_and_downloaded(windows: Callable[..., Any], journey: Journey) -> None:
    window = windows("duty-province")
    page = window.go("/travel/reach?from={a}&at={at}".format(**journey.values))
    rows = page.locator(".tq-reach").first.locator("tbody tr")
    expect(rows).to_have_count(3)
    areas = [float(row.locator("td").first.inner_text().replace(",", "")) for row in rows.all()]
    assert areas == sorted(areas) and areas[0] > 0
    colours = {row.locator("i").evaluate("(e) => getComputedStyle(e).borderTopColor") for row in rows.all()}
    assert len(colours) == 3
    drawn = "() => window.__tongqu.map.querySourceFeatures('overlay:travel.reach').length"
    page.wait_for_function(f"() => ({drawn})() >= 3")
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载 GeoJSON").click()
    assert taken.value.suggested_filename == "isochrones.geojson"
    page.get_by_text("人口、岗位等可达量").click()
    page.locator("textarea").fill("经度,纬度,人口\n{lon},{lat},1500\n119.0,26.0,100\n".format(**journey.values))
    page.get_by_role("button", name="统计 2 处").click()
    expect(page.locator(".tq-reach").nth(1).locator("tbody tr").first).to_contain_text("1,500")


def test_everybody_plans_by_pinyin_and_one_id_opens_everywhere(
    windows: Callable[..., Any], journey: Journey, demo: Running
) -> None:
    stranger = windows(None, "phone")
    page = stranger.page
    page.goto(f"{demo.address}/public")
    for label, typed, name in (("起点", "lanzhouzhan", FROM), ("终点", "yunzhao", TO)):
        box = page.get_by_role("combobox", name=label)
        box.click()
        box.press_sequentially(typed)
        page.get_by_role("option", name=name).first.wait_for()
        page.keyboard.press("Enter")
        expect(box).to_have_value(name)
    page.get_by_label("出发", exact=True).last.fill(
        datetime.fromtimestamp(journey.values["at"] / 1000, CHINA).strftime("%Y-%m-%dT%H:%M")
    )
    page.locator(".tq-option").first.click()
    expect(page.locator(".tq-legs")).to_be_visible()
    itinerary = page.evaluate("new URLSearchParams(location.search).get('j')")
    told = httpx.get(f"{demo.address}/api/v1/travel/itineraries/{itinerary}").json()
    leaves = datetime.fromtimestamp(told["journey"]["departure_ms"] / 1000, CHINA).strftime("%H:%M")
    assert (told["from"]["name"], told["to"]["name"]) == (FROM, TO)
    signed_in = windows("duty-province").go(f"/travel/planner?j={itinerary}")
    expect(signed_in.locator(".tq-option.is-head")).to_contain_text(leaves)
    for where in ("public", "embed"):
        page.goto(f"{demo.address}/{where}/travel/planner?j={itinerary}")
        expect(page.locator(".tq-option.is-head")).to_contain_text(leaves)
    page.goto(f"{demo.address}/public/travel/planner?j={itinerary}")
    page.get_by_role("link", name=re.compile("实时到站")).first.click()
    expect(page.locator(".tq-board h2")).to_have_text(FROM)
    page.goto(f"{demo.address}/")
    page.get_by_role("link", name="公共数据开放").click()
    expect(page.get_by_role("link", name=re.compile("下载 GTFS"))).to_be_visible()
    expect(page.get_by_text("澜江省").first).to_be_visible()  # whoever is not signed in cannot ask for names of regions
    assert [one for one in stranger.troubles if "identity/session" not in one] == []


@pytest.fixture
def other_site() -> Iterator[Callable[[str, str], str]]:
    """The address of a page of another origin, that frames three pages of a platform."""

    class Handler(BaseHTTPRequestHandler):
        body = b""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(self.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def framing(address: str, itinerary: str) -> str:
        Handler.body = "".join(
            f'<iframe name="{where}" width="360" height="560" src="{address}/{where}/travel/planner?j={itinerary}">'
            "</iframe>"
            for where in ("embed", "public", "travel")
        ).encode()
        return f"http://127.0.0.1:{server.server_port}/"

    yield framing
    server.shutdown()
    server.server_close()


def test_another_site_frames_the_widget_and_nothing_else(
    windows: Callable[..., Any], journey: Journey, demo: Running, other_site: Callable[[str, str], str]
) -> None:
    page = windows(None).page
    page.goto(other_site(demo.address, journey.values["id"]))
    widget = page.frame("embed")
    assert widget
    widget.wait_for_selector(".tq-legs")
    assert widget.locator(".tq-badge").is_visible()
    assert widget.locator(".tq-open.is-framed nav, .tq-open.is-framed .tq-legs a").count() == 0
    widget.evaluate(
        "() => { history.pushState(null, '', '/travel/planner'); dispatchEvent(new PopStateEvent('popstate')) }"
    )
    widget.wait_for_selector(".tq-open.is-framed")
    assert widget.locator(".tq-frame, #login-name").count() == 0, "what was opened as a widget shows nothing else"
    for name in ("public", "travel"):
        refused = page.frame(name)
        assert refused and refused.locator("#root").count() == 0
