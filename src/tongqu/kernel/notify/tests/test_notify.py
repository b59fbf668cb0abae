"""A message goes to whoever it concerns, once; a webhook can prove who wrote it and that it was one message."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tongqu.kernel import identity, notify
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.identity.module import prepare_roles
from tongqu.kernel.module import Module, Role
from tongqu.kernel.notify import Template, ToPerson, ToRole, service, store
from tongqu.kernel.notify.module import MODULE, check_deliveries
from tongqu.kernel.notify.sender import MOST_ATTEMPTS, Sender, signature, wait_ms
from tongqu.kernel.notify.tables import METADATA
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Grant, Query, system_actor
from tongqu.kit.errors import Forbidden, Invalid
from tongqu.kit.time import HOUR_MS, ManualClock, parse_iso

SYSTEM = system_actor("test")
NEWS, URGENT = Template("desk.news"), Template("desk.urgent", urgent=True)
DESK = Module(
    id="desk",
    package="tongqu.kernel.notify",
    field="platform",
    permissions=("desk.read",),
    roles=(Role("officer", ("desk.read",)),),
)


@pytest.fixture
def platform(make_platform, clock: ManualClock) -> Platform:
    clock.at_ms = parse_iso("2026-11-24T09:00+08:00")
    made = make_platform(AUDIT, IDENTITY, MODULE, DESK)
    prepare_roles(made)
    return made


@pytest.fixture
def people(platform: Platform) -> dict[str, str]:
    found = {}
    with platform.store.write(SYSTEM) as work:
        for code, level, above in (("99", "province", None), ("9901", "city", "99"), ("9902", "city", "99")):
            identity.add_regions(work, [identity.Region(code, code, code, level, above)])
        for name, over in (("a1", "9901"), ("a2", "9901"), ("b", "9902"), ("province", "99"), ("all", None)):
            made = identity.add_person(
                work, login=f"login-{name}", name=name, organisation=None, region=over or "99", password="x" * 30
            )
            identity.grant(work, made.id, "officer", region=over)
            found[name] = made.id
    return found


def tell(platform: Platform, *to, key: str = "k", template: Template = NEWS, region: str | None = "9901") -> str | None:
    with platform.store.write(SYSTEM) as work:
        return notify.send(work, template, *to, key=key, params={"n": 1}, region=region)


def unread(platform: Platform, people: dict[str, str]) -> dict[str, int]:
    with platform.store.read(SYSTEM) as work:
        return {name: store.unread(work, id, work.now_ms) for name, id in people.items()}


def test_a_role_is_whoever_holds_it_over_that_place(platform: Platform, people) -> None:
    tell(platform, ToRole("officer", region="990101"))
    assert unread(platform, people) == {"a1": 1, "a2": 1, "b": 0, "province": 1, "all": 1}
    tell(platform, ToRole("officer", region="990101", nearest=True), key="near")
    assert unread(platform, people) == {"a1": 2, "a2": 2, "b": 0, "province": 1, "all": 1}


def test_the_same_news_is_told_once_and_to_each_once(platform: Platform, people) -> None:
    both = ToPerson(people["a1"]), ToRole("officer", region="9901")
    assert tell(platform, *both, key="one") is not None
    assert tell(platform, *both, key="one") is None
    assert unread(platform, people)["a1"] == 1


def test_a_deed_that_fails_tells_nothing(platform: Platform, people) -> None:
    with pytest.raises(RuntimeError), platform.store.write(SYSTEM) as work:
        notify.send(work, NEWS, ToPerson(people["a1"]), key="x")
        raise RuntimeError
    assert unread(platform, people)["a1"] == 0
    assert tell(platform, ToPerson(people["a1"]), key="x") is not None


@pytest.mark.parametrize(
    "quiet, now, shown",
    [
        ((22, 7), "2026-11-24T22:00+08:00", "2026-11-25T07:00+08:00"),
        ((22, 7), "2026-11-24T21:59:59+08:00", "2026-11-24T21:59:59+08:00"),
        ((22, 7), "2026-11-25T06:59:59.999+08:00", "2026-11-25T07:00+08:00"),
        ((22, 7), "2026-11-25T07:00+08:00", "2026-11-25T07:00+08:00"),
        ((12, 14), "2026-11-24T13:00+08:00", "2026-11-24T14:00+08:00"),
        ((0, 8), "2026-11-24T00:00+08:00", "2026-11-24T08:00+08:00"),
    ],
)
def test_quiet_hours(
    platform: Platform, people, clock: ManualClock, quiet: tuple[int, int], now: str, shown: str
) -> None:
    me = Actor(people["a1"], "a1")
    with platform.store.write(me) as work:
        service.set_quiet_hours(work, quiet[0] * 60, quiet[1] * 60)
    clock.at_ms = parse_iso(now)
    tell(platform, ToPerson(people["a1"]))
    waits = parse_iso(shown) > clock.at_ms
    assert unread(platform, people)["a1"] == (0 if waits else 1)
    tell(platform, ToPerson(people["a1"]), key="u", template=URGENT)
    assert unread(platform, people)["a1"] == (1 if waits else 2)
    clock.at_ms = parse_iso(shown)
    assert unread(platform, people)["a1"] == 2


@pytest.mark.parametrize("hours", [(60, None), (None, 60), (60, 60), (-1, 60), (60, 1440)])
def test_bad_quiet_hours(platform: Platform, people, hours) -> None:
    with pytest.raises(Invalid), platform.store.write(Actor(people["a1"], "a1")) as work:
        service.set_quiet_hours(work, *hours)


def test_an_inbox_is_ones_own(platform: Platform, people) -> None:
    tell(platform, ToPerson(people["a1"]))
    mine, other = Actor(people["a1"], "a1"), Actor(people["b"], "b", grants=(Grant("r", region="99"),))
    with platform.store.read(mine) as work:
        (row,) = store.inbox(work, mine.id, work.now_ms, Query()).items
    with platform.store.read(other) as work:
        assert store.inbox(work, mine.id, work.now_ms, Query()).items == []
    with platform.store.write(other) as work:
        assert store.mark_read(work, mine.id, row["id"]) == 0
    with platform.store.write(mine) as work:
        assert [store.mark_read(work, mine.id, row["id"]) for _ in range(2)] == [1, 0]


class Receiver:
    """A webhook that keeps what it was sent and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append((dict(request.headers), request.read()))
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, text=f"answer {status}")


@pytest.fixture
def hook(platform: Platform) -> tuple[str, str]:
    with platform.store.write(SYSTEM) as work:
        return service.add_endpoint(
            work, title="调度台", url="http://hook.test/in", templates=[], organisation=None, region="9901"
        )


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def sender(platform: Platform, receiver: Receiver):
    made = Sender(platform, httpx.MockTransport(receiver))
    yield made
    made.stop()


def deliveries(platform: Platform, endpoint: str) -> list[dict[str, Any]]:
    with platform.store.read(SYSTEM) as work:
        return store.deliveries(work, endpoint, Query()).items


def test_a_webhook_can_check_who_wrote(platform: Platform, hook, receiver: Receiver, sender: Sender) -> None:
    tell(platform)
    assert sender.run_once() == 1 and sender.run_once() == 0
    ((headers, body),) = receiver.got
    expected = signature(hook[1], headers["x-tongqu-timestamp"], body)
    assert headers["x-tongqu-signature"] == f"sha256={expected}"
    assert signature("other", headers["x-tongqu-timestamp"], body) != expected
    assert signature(hook[1], headers["x-tongqu-timestamp"], body + b" ") != expected
    assert orjson.loads(body)["id"] == headers["idempotency-key"]
    assert [one["state"] for one in deliveries(platform, hook[0])] == ["sent"]


def test_what_fails_is_tried_again_ever_more_seldom_as_the_same_message(
    platform: Platform, hook, receiver: Receiver, sender: Sender, clock: ManualClock
) -> None:
    tell(platform)
    receiver.answers = [500, 0, 302, 200]
    waits = []
    for _ in range(4):
        assert sender.run_once() == 1
        assert sender.run_once() == 0, "not before it is due"
        row = deliveries(platform, hook[0])[0]
        waits.append(row["due_ms"] - clock.at_ms)
        clock.at_ms = row["due_ms"]
    assert waits[:3] == [5_000, 10_000, 20_000] and row["state"] == "sent"
    assert len({headers["idempotency-key"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    with platform.store.read(SYSTEM) as work:
        tries = store.attempts(work, [row["id"]])
    assert [(one["number"], one["status"]) for one in tries] == [(1, 500), (2, None), (3, 302), (4, 200)]
    assert tries[3]["receipt"] == "answer 200"


def test_a_webhook_that_is_gone_for_good_is_given_up(
    platform: Platform, hook, receiver: Receiver, sender: Sender, clock: ManualClock
) -> None:
    tell(platform)
    receiver.answers = [410]
    sender.run_once()
    assert deliveries(platform, hook[0])[0]["state"] == "failed"
    tell(platform, key="k2")
    receiver.answers = [503] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        sender.run_once()
        clock.advance(HOUR_MS)
    assert sender.run_once() == 0 and len(receiver.got) == 1 + MOST_ATTEMPTS
    assert check_deliveries(platform)[0].params == {"count": 2}
    assert wait_ms(1) == 5_000 and wait_ms(60) == HOUR_MS


def test_a_try_that_a_crash_cut_off_is_made_again(
    platform: Platform, hook, receiver: Receiver, sender: Sender, clock: ManualClock
) -> None:
    tell(platform)
    with platform.store.write(store.PLATFORM) as work:
        store.claim(work, 10, work.now_ms + 60_000)  # and then the process died
    assert sender.run_once() == 0
    clock.advance(60_000)
    assert sender.run_once() == 1
    assert deliveries(platform, hook[0])[0]["attempts"] == 2


def test_webhooks_hear_only_what_concerns_them(platform: Platform, hook, receiver: Receiver, sender: Sender) -> None:
    for key, region in (("a", "990101"), ("b", "9902"), ("c", "99"), ("d", None)):
        tell(platform, key=key, region=region)
    while sender.run_once():
        pass
    assert len(receiver.got) == 1
    with platform.store.write(SYSTEM) as work:
        service.amend_endpoint(work, hook[0], {"templates": ["desk.urgent"]})
    tell(platform, key="e")
    tell(platform, key="f", template=URGENT)
    while sender.run_once():
        pass
    assert [orjson.loads(body)["template"] for _, body in receiver.got] == ["desk.news", "desk.urgent"]
    with platform.store.write(SYSTEM) as work:
        service.amend_endpoint(work, hook[0], {"active": False})
    tell(platform, key="g", template=URGENT)
    assert sender.run_once() == 0


@pytest.mark.parametrize("url", ["ftp://a/b", "http://", "javascript:x", "http://u:p@host/", "http://host:99999/", "x"])
def test_an_address_that_is_none(platform: Platform, url: str) -> None:
    with pytest.raises(Invalid, match=r"notify\.bad_url"), platform.store.write(SYSTEM) as work:
        service.add_endpoint(work, title="x", url=url, templates=[], organisation=None, region="9901")


def test_nobody_listens_in_on_others(platform: Platform, people) -> None:
    admin = Actor(people["a1"], "a1", grants=(Grant("r", frozenset({"notify.endpoints"}), region="9901"),))
    for region in ("9902", "99", None):
        with pytest.raises(Forbidden), platform.store.write(admin) as work:
            service.add_endpoint(work, title="x", url="http://a/", templates=[], organisation=None, region=region)


def test_a_real_server_gets_it_over_a_socket(platform: Platform) -> None:
    got: list[tuple[str | None, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["X-Tongqu-Signature"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/in"
    with platform.store.write(SYSTEM) as work:
        id, _ = service.add_endpoint(work, title="x", url=url, templates=[], organisation=None, region=None)
    sender = Sender(platform)
    try:
        tell(platform)
        assert sender.run_once() == 1
    finally:
        sender.stop()
        server.shutdown()
        server.server_close()
    assert len(got) == 1 and deliveries(platform, id)[0]["state"] == "sent"


def test_tables_are_those_of_the_migrations(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables}
        )
        assert compare_metadata(context, METADATA) == []
