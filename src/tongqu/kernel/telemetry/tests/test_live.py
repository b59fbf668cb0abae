"""The live view: a client that applies its frames has what the actor sees in its view, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import random
import struct

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tongqu.kernel import things
from tongqu.kernel.store import Actor
from tongqu.kernel.telemetry import live as live_module
from tongqu.kernel.telemetry.api import router
from tongqu.kernel.telemetry.live import Client, Live, Look, Tick
from tongqu.kernel.telemetry.tests.house import TERMINAL, VEHICLE, over
from tongqu.kernel.telemetry.tests.toy import TOY, frame
from tongqu.kernel.web.caller import Authenticate

S = 1000
ALL = over(everywhere=True)


class Page:
    """What a page does with the frames: reads them by the contract's byte layout, not by ours."""

    def __init__(self) -> None:
        self.movers: dict[int, tuple] = {}
        self.cells: list[tuple] | None = None
        self.kinds: list[int] = []

    def apply(self, data: bytes) -> None:
        magic, kind, flags, zero, at_ms, count, removed = struct.unpack_from("<IBBHdII", data)
        assert (magic, flags, zero) == (0x31564D54, 0, 0) and at_ms > 0
        self.kinds.append(kind)
        if kind == 3:
            assert len(data) == 24 + 16 * count
            self.cells = [struct.unpack_from("<iiII", data, 24 + 16 * i) for i in range(count)]
            self.movers = {}
            return
        assert len(data) == 24 + 20 * count + 4 * removed
        self.cells = None
        if kind == 1:
            self.movers = {}
        for i in range(count):
            key, *rest = struct.unpack_from("<IiiHHBBBB", data, 24 + 20 * i)
            self.movers[key] = tuple(rest)
        for i in range(removed):
            del self.movers[struct.unpack_from("<I", data, 24 + 20 * count + 4 * i)[0]]


def truth(house, actor, look):
    """What a client should have: key to position, speed, state, alarm level."""
    shown, members = house.telemetry.movers.select(actor, look.bbox, look.region, look.kinds or ())
    columns = house.telemetry.movers.columns(shown, members)
    names = ("lon", "lat", "speed_kmh", "heading_deg", "category", "state", "alarm")
    rows = zip(*(columns[name] for name in names), strict=True)
    return {
        int(key): (round(lon * 1e7), round(lat * 1e7), round(speed * 10), int(heading), int(category), state, alarm)
        for key, (lon, lat, speed, heading, category, state, alarm) in zip(columns["key"], rows, strict=True)
    }


def fleet(house, count):
    with house.work() as work:
        vehicles = things.mint_many(
            work, VEHICLE, [things.New(f"V{i}", region=("990101", "990201")[i % 2]) for i in range(count)]
        )
        terminals = things.mint_many(work, TERMINAL, [things.New(f"t{i}") for i in range(count)])
        links = [things.Link(t.urn, "fitted_to", v.urn, 0) for t, v in zip(terminals, vehicles, strict=True)]
        things.relate_many(work, links)
    return terminals


def report(house, terminals, dice, share):
    """Some terminals report from somewhere new; nobody may be a jump, so everybody crawls."""
    now = house.clock.now_ms()
    for i, terminal in enumerate(terminals):
        if dice.random() < share:
            place = (118.9 + (i % 20) * 0.01 + dice.random() / 1e4, 30.5 + dice.random() / 1e4)
            raw = frame((now, *place, 5, dice.randrange(360), dice.choice([0, 1, 256]), 2, 0.0, dice.choice([0, 50])))
            house.log.append(TOY.number, terminal.key, now, raw)
    house.log.flush()
    house.catch_up()


@pytest.mark.parametrize("seed", range(3))
def test_frames_bring_every_client_to_what_it_sees(house, seed):
    dice = random.Random(seed)
    terminals = fleet(house, 60)
    clients = [Client(actor, None) for actor in (ALL, over("9901"), over("9902"), over("991810"), over("98"))]
    pages = [Page() for _ in clients]
    live = Live(house.telemetry.movers)
    looks = [
        Look(),
        Look(bbox=(118.95, 30.0, 119.05, 31.0)),
        Look(bbox=(119.0, 30.0, 119.2, 31.0), region="9919"),
        Look(kinds=("vehicle",)),
        Look(kinds=("ship",)),
    ]
    for step in range(25):
        house.clock.advance(dice.choice([1, 1, 30, 200]) * S)
        report(house, terminals, dice, dice.choice([0, 0.1, 1]))
        for client in clients:
            if step == 0 or dice.random() < 0.2:
                client.look_at(dice.choice(looks))
        ready = [client for client in clients if dice.random() < 0.7]  # others have not taken their last frame
        for client, data in live._make(ready):
            page = pages[clients.index(client)]
            page.apply(data)
            expected = truth(house, client.actor, client.look)
            assert {key: value[:-1] for key, value in page.movers.items()} == expected
    assert {1, 2} <= {kind for page in pages for kind in page.kinds}


def test_what_goes_stale_is_told_without_news(house):
    (terminal,) = fleet(house, 1)
    report(house, [terminal], random.Random(1), 1)
    live, client, page = Live(house.telemetry.movers), Client(ALL, None), Page()
    client.look_at(Look())
    for _ in range(2):
        page.apply(live._make([client])[0][1])
    assert [mover[5] for mover in page.movers.values()] == [0] or [mover[5] for mover in page.movers.values()] == [1]
    house.clock.advance(301 * S)
    page.apply(live._make([client])[0][1])
    assert page.kinds[-1] == 2 and [mover[5] for mover in page.movers.values()] == [2]
    assert [mover[-1] for mover in page.movers.values()] == [255]


def test_many_movers_come_as_density(house, monkeypatch):
    monkeypatch.setattr(live_module, "DENSITY_FROM", 30)
    terminals = fleet(house, 60)
    report(house, terminals, random.Random(1), 1)
    client, page = Client(ALL, None), Page()
    client.look_at(Look())
    page.apply(client.frame(Tick(house.telemetry.movers)))
    assert page.kinds == [3] and sum(cell[2] for cell in page.cells) == 60
    alarms = sum(1 for value in truth(house, ALL, Look()).values() if value[-1] > 0)
    assert sum(cell[3] for cell in page.cells) == alarms > 0
    counted = dict.fromkeys(((lon, lat) for lon, lat, _, _ in page.cells), 0)
    for mover in truth(house, ALL, Look()).values():
        nearest = min(counted, key=lambda centre: max(abs(centre[0] - mover[0]), abs(centre[1] - mover[1])))
        counted[nearest] += 1
    assert counted == {(lon, lat): count for lon, lat, count, _ in page.cells}
    client.look_at(Look(bbox=(118.9, 30.0, 118.95, 31.0)))
    page.apply(client.frame(Tick(house.telemetry.movers)))
    assert page.kinds[-1] == 1 and 0 < len(page.movers) <= 30


class Slow:
    """A socket whose other end takes what it is sent only when told to."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.open = asyncio.Event()

    async def send_bytes(self, data: bytes) -> None:
        self.sent.append(data)

    async def send_text(self, data: str) -> None:
        await self.open.wait()


def test_a_slow_client_holds_nobody_up_and_then_gets_the_newest(house):
    terminals = fleet(house, 10)
    dice = random.Random(1)

    async def run():
        live = Live(house.telemetry.movers, tick_s=0.5)
        slow, quick = Slow(), Slow()
        quick.open.set()
        clients = [Client(ALL, slow), Client(ALL, quick)]
        for client in clients:
            client.look_at(Look())
            live.add(client)
        for _ in range(5):
            house.clock.advance(S)
            report(house, terminals, dice, 1)
            await asyncio.sleep(0.3)
        assert len(slow.sent) == 1 and len(quick.sent) >= 2
        slow.open.set()
        await asyncio.sleep(0.7)
        page = Page()
        for data in slow.sent:
            page.apply(data)
        assert {key: value[:-1] for key, value in page.movers.items()} == truth(house, ALL, Look())
        for client in clients:
            live.remove(client)

    asyncio.run(run())


@pytest.fixture
def connect(house):
    """Connect as an actor with headers."""
    app = FastAPI()
    app.state.platform = house.platform
    app.include_router(router(), prefix="/api/v1")
    client = TestClient(app)

    def connect(actor: Actor | None, **headers: str):
        house.platform.provide(lambda _: actor, Authenticate)
        return client.websocket_connect("/api/v1/movers/live", headers=headers)

    with client:
        yield connect


def test_a_connection_from_hello_to_its_first_frames(house, connect):
    report(house, fleet(house, 4), random.Random(1), 1)
    with connect(over("9901"), origin="http://testserver") as socket:
        assert socket.receive_json()["type"] == "hello"
        socket.send_text('{"bbox":[118,30,120,31],"zoom":9,"region":"99","kinds":null}')
        page = Page()
        page.apply(socket.receive_bytes())
        assert {key: value[:-1] for key, value in page.movers.items()} == truth(house, over("9901"), Look())
        assert socket.receive_json() == {"type": "sent"}
        page.apply(socket.receive_bytes())
        assert page.kinds == [1, 2]


@pytest.mark.parametrize(
    ("actor", "headers", "code"),
    [
        (None, {}, 4401),
        (Actor("p", "p"), {}, 4403),
        (ALL, {"origin": "http://elsewhere.example"}, 4403),
        (ALL, {"origin": "null"}, 4403),
    ],
)
def test_who_may_not_see_movers_is_closed_out(house, connect, actor, headers, code):
    with connect(actor, **headers) as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_bytes()
    assert closed.value.code == code


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"bbox":[1,2,3]}', '{"bbox":[1,2,3,"x"]}', '{"region":"x"}', '{"bbox":[1,9,2,3]}', "x" * 9000],
)
def test_a_view_that_makes_no_sense_is_closed(house, connect, text):
    with connect(ALL) as socket:
        socket.receive_json()
        socket.send_text(text)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes()
    assert closed.value.code == 4400


def test_rights_that_end_close_the_connection(house, connect, monkeypatch):
    monkeypatch.setattr(live_module, "LOOK_AGAIN_S", 0.05)
    with connect(ALL) as socket:
        socket.receive_json()
        house.platform.provide(lambda _: None, Authenticate)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes()
    assert closed.value.code == 4401
