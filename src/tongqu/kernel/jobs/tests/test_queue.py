"""Who may submit, see and cancel a job, and what an idempotency key does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest

from tongqu.kernel.jobs import service, store, stream, submit
from tongqu.kernel.jobs.stream import ChangeWatch, Reader
from tongqu.kernel.jobs.tests.support import ADD, GUARDED, TEST, application, as_person, person
from tongqu.kernel.jobs.tidy import LONG_WAIT_MS, check
from tongqu.kernel.jobs.tidy import run as tidy
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Grant
from tongqu.kernel.web import stream as web_stream
from tongqu.kit import text
from tongqu.kit.errors import Forbidden, Invalid, Refused
from tongqu.kit.time import DAY_MS, ManualClock

OWN = person("p-own", "test.run", organisations=["o1"], region="9902")
CHIEF = person("p-chief", "jobs.read", "jobs.cancel", region="99")
READER = person("p-reader", "jobs.read", organisations=["o1"])
STRANGER = person("p-stranger", "jobs.read", "jobs.cancel", region="9901")


def put(platform: Platform, actor: Any = OWN, key: str | None = None, numbers: Any = (1,), **owner: str) -> str:
    with platform.store.write(actor) as work:
        params = {"numbers": list(numbers)}
        return submit(work, ADD, params, title_key="jobs.title", idempotency_key=key, **owner)


def test_the_same_key_gives_the_same_job_and_another_order_is_refused(platform: Platform) -> None:
    first = put(platform, key="k1")
    assert put(platform, key="k1") == first
    assert put(platform, key="k2") != first
    assert put(platform, STRANGER, key="k1") != first, "keys belong to their submitter"
    with pytest.raises(Refused, match="key_reused"):
        put(platform, key="k1", numbers=(2,))


def test_a_kind_with_a_permission_is_for_those_who_hold_it_there(platform: Platform) -> None:
    with platform.store.write(STRANGER) as work, pytest.raises(Forbidden):
        submit(work, GUARDED, {}, title_key="jobs.title")
    with platform.store.write(OWN) as work:
        submit(work, GUARDED, {}, title_key="jobs.title", organisation="o1")
        with pytest.raises(Forbidden):
            submit(work, GUARDED, {}, title_key="jobs.title", organisation="o2")


def test_parameters_must_be_plain_json(platform: Platform) -> None:
    with platform.store.write(OWN) as work, pytest.raises(Invalid, match="bad_params"):
        submit(work, ADD, {"numbers": object()}, title_key="jobs.title")


@pytest.mark.parametrize(
    ("actor", "seen"), [(OWN, {"own", "region"}), (CHIEF, {"region"}), (READER, {"org"}), (STRANGER, set())]
)
def test_a_job_is_seen_by_its_submitter_and_where_it_belongs(platform: Platform, actor: Any, seen: set[str]) -> None:
    other = person("p-other")
    jobs = {
        "own": put(platform),
        "region": put(platform, region="9902"),
        "org": put(platform, other, organisation="o1"),
        "nobody": put(platform, other),
    }
    app = application(platform, OWN, CHIEF, READER, STRANGER)
    client = as_person(app, actor)
    listed = {item["id"] for item in client.get("jobs").json()["items"]}
    assert listed == {jobs[name] for name in seen}
    for name, job in jobs.items():
        expected = 200 if name in seen else 404
        assert client.get(f"jobs/{job}").status_code == expected
        assert client.get(f"jobs/{job}/log").status_code == expected
        if expected == 404:
            assert client.post(f"jobs/{job}/cancel").status_code == 404


def test_seeing_a_job_does_not_mean_cancelling_it(platform: Platform) -> None:
    job = put(platform, organisation="o1", region="9902")
    app = application(platform, OWN, CHIEF, READER)
    refused = as_person(app, READER).post(f"jobs/{job}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (403, "web.no_permission")
    assert as_person(app, CHIEF).post(f"jobs/{job}/cancel").json()["state"] == "cancelled"
    assert as_person(app, OWN).post(f"jobs/{job}/cancel").json()["state"] == "cancelled", "an ended one stays"


def test_nobody_signed_in_gets_nothing(platform: Platform) -> None:
    client = as_person(application(platform, OWN), "unknown")
    for path in ("jobs", "jobs/x", "jobs/x/log", "jobs/stream"):
        assert client.get(path).status_code == 401


def test_the_list_is_newest_first_filtered_and_paged(platform: Platform) -> None:
    clock = ManualClock(1_000)
    platform.store.clock = clock
    jobs = []
    for _ in range(5):
        clock.advance(10)
        jobs.append(put(platform))
    with platform.store.write(OWN) as work:
        service.cancel(work, jobs[0])
    client = as_person(application(platform, OWN), OWN)
    first = client.get("jobs", params={"limit": 3}).json()
    rest = client.get("jobs", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == jobs[::-1]
    assert (first["total"], rest["next"]) == (5, None)
    queued = client.get("jobs", params={"filter.state": "queued"}).json()
    assert {item["id"] for item in queued["items"]} == set(jobs[1:])
    assert queued["items"][0]["title"] == {"zh": "任务", "en": "Jobs"}
    assert client.get("jobs", params={"sort": "actor"}).json()["code"] == "store.unknown_column"


def collect(reader: Reader, resumed: bool, moves: list[Any]) -> list[dict[str, Any]]:
    """What a reader of the stream gets while moves are made one after the other."""
    waiting = list(moves)

    async def gone() -> bool:
        if waiting:
            waiting.pop(0)()
            reader.platform.service(ChangeWatch)._read_s = -1e9
            return False
        return True

    async def read() -> bytes:
        return b"".join(
            [chunk async for chunk in web_stream.events(reader, stream.packed, resumed, gone, lambda: reader.actor)]
        )

    web_stream.POLL_S, before = 0.001, web_stream.POLL_S
    try:
        raw = asyncio.run(read())
    finally:
        web_stream.POLL_S = before
    return [
        orjson.loads(block.split(b"data: ", 1)[1]) | {"_id": int(block.split(b"id: ", 1)[1].split(b"\n")[0])}
        for block in raw.split(b"\n\n")
        if b"data: " in block
    ]


def test_the_stream_begins_with_what_is_open_and_resumes_without_a_gap(platform: Platform) -> None:
    platform.provide(ChangeWatch(platform))
    open_job, ended = put(platform), put(platform)
    with platform.store.write(OWN) as work:
        service.cancel(work, ended)

    def cancel() -> None:
        with platform.store.write(OWN) as work:
            service.cancel(work, open_job)

    first = collect(Reader(platform, OWN, 0), False, [lambda: None, cancel])
    assert [(event["id"], event["state"]) for event in first] == [(open_job, "queued"), (open_job, "cancelled")]
    later = put(platform)
    resumed = collect(Reader(platform, OWN, first[-1]["_id"]), True, [lambda: None])
    assert [event["id"] for event in resumed] == [later], "nothing twice, nothing lost"


def test_the_stream_is_scoped_to_its_reader(platform: Platform) -> None:
    platform.provide(ChangeWatch(platform))
    moves = [lambda: put(platform, region="9902"), lambda: put(platform), lambda: None]
    assert collect(Reader(platform, STRANGER, 0), False, moves) == []
    with platform.store.read(store.PLATFORM) as work:
        assert len(store.changed_since(work, 0)) == 2
    assert len(collect(Reader(platform, CHIEF, 0), True, [lambda: None])) == 1


@pytest.mark.parametrize(
    "actor", [OWN, CHIEF, store.PLATFORM, Actor("t", "t", "token", (Grant("r", everywhere=True),))]
)
def test_an_actor_crosses_to_another_process_unchanged(actor: Actor) -> None:
    packed = orjson.loads(orjson.dumps(service.pack_actor(actor)))
    assert service.unpack_actor(packed) == actor


def test_old_jobs_are_forgotten_and_open_ones_never(platform: Platform) -> None:
    clock = ManualClock(platform.clock.now_ms())
    platform.clock = platform.store.clock = clock
    old, still_open = put(platform), put(platform)
    with platform.store.write(store.PLATFORM) as work:
        store.request_cancel(work, old)
        store.add_log(work, old, [(work.now_ms, "info", "x")])
    clock.advance(91 * DAY_MS)
    tidy(platform)
    with platform.store.read(OWN) as work:
        assert store.get(work, old) is None
        assert store.get(work, still_open) is not None


def test_the_doctor_says_when_nobody_works_and_which_schedule_fails(platform: Platform) -> None:
    clock = ManualClock(platform.clock.now_ms())
    platform.clock = platform.store.clock = clock
    assert [finding.code for finding in check(platform)] == ["jobs.well"]
    put(platform)
    clock.advance(LONG_WAIT_MS + 1)
    with platform.store.write(store.PLATFORM) as work:
        store.add_schedule(work, "test.failing", 0)
        store.end_schedule(work, "test.failing", "ValueError")
    assert [finding.code for finding in check(platform)] == ["jobs.schedule_failed", "jobs.nobody_works"]
    running = put(platform)
    with platform.store.write(store.PLATFORM) as work:
        store.claim(work, running, "somebody", "v")
    assert [finding.code for finding in check(platform)] == ["jobs.schedule_failed"], "a queue that moves may be long"


def test_catalogues_have_equal_keys() -> None:
    text.register("jobs", "tongqu.kernel.jobs")
    assert text.load("jobs", "zh").keys() == text.load("jobs", "en").keys()
    assert TEST.jobs


@contextmanager
def served(platform: Platform, *actors: Actor) -> Iterator[str]:
    """The routes on a real socket; gives their address."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(application(platform, *actors), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/api/v1/"
    finally:
        server.should_exit = True
        thread.join()


def read_events(address: str, count: int, **headers: str) -> list[tuple[int, dict[str, Any]]]:
    """The first events of the stream, as (id, data)."""
    found: list[tuple[int, dict[str, Any]]] = []
    sign_in = {"Authorization": f"Bearer {OWN.id}"}
    with httpx.stream("GET", f"{address}jobs/stream", headers=sign_in | headers, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        number = 0
        for line in answer.iter_lines():
            if line.startswith("id: "):
                number = int(line.removeprefix("id: "))
            elif line.startswith("data: "):
                found.append((number, orjson.loads(line.removeprefix("data: "))))
                if len(found) == count:
                    return found
    raise AssertionError("the stream ended early")


def test_the_stream_over_a_real_socket_resumes_by_its_last_event(platform: Platform) -> None:
    platform.provide(ChangeWatch(platform))
    job = put(platform)
    with served(platform, OWN) as address:
        (first,) = read_events(address, 1)
        assert (first[1]["id"], first[1]["state"]) == (job, "queued")
        with platform.store.write(OWN) as work:
            service.cancel(work, job)
        (second,) = read_events(address, 1, **{"Last-Event-ID": str(first[0])})
    assert (second[1]["id"], second[1]["state"]) == (job, "cancelled")
    assert second[0] > first[0]
