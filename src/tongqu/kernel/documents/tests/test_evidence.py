"""How evidence was taken is written once and can be proved; what is needed is not removed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tongqu.kernel import documents
from tongqu.kernel.audit.module import MODULE as AUDIT
from tongqu.kernel.audit.tables import ENTRY
from tongqu.kernel.documents import evidence, service, store
from tongqu.kernel.documents.module import MODULE
from tongqu.kernel.identity.module import MODULE as IDENTITY
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, Grant, system_actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.kit.time import HOUR_MS, ManualClock

_BOTH = frozenset({"documents.read", "documents.write"})
OFFICER = Actor("p-officer", "执法员", grants=(Grant("r", _BOTH, region="9901"),))
OTHER = Actor("p-other", "other", grants=(Grant("r", _BOTH, region="9901"),))
STRANGER = Actor("p-stranger", "x", grants=(Grant("r", frozenset({"documents.read"}), region="9902"),))


@pytest.fixture
def platform(make_platform) -> Platform:
    return make_platform(AUDIT, IDENTITY, MODULE)


def photo(platform: Platform, content: bytes = b"photo", **more) -> str:
    kept = documents.vault(platform).keep(content)
    with platform.store.write(OFFICER) as work:
        return documents.put(work, kept, name="a.jpg", media_type="image/jpeg", region="9901", **more).id


def take(platform: Platform, id: str, actor: Actor = OFFICER, **more) -> dict:
    facts = {"device": "CAM-17", "captured_ms": platform.clock.now_ms() - HOUR_MS, "lon": 120.0, "lat": 28.0} | more
    with platform.store.write(actor) as work:
        return evidence.capture(work, id, **facts)


def test_a_capture_is_anchored_outside_its_row(platform: Platform) -> None:
    id = photo(platform)
    row = take(platform, id, place="G9901 K45+200", device_verified="JL-2026-118 至 2027-03-01")
    with platform.store.read(system_actor("test")) as work:
        logged = [e["details"] for e in work.rows(select(ENTRY).where(ENTRY.c.verb == "documents.capture"))]
        kept = store.capture(work, id)
    assert kept is not None and evidence.proof_of(kept) == row["proof"]
    assert len(logged) == 1 and row["proof"] in logged[0] and kept["sha256"] in logged[0]
    for name, value in (("captured_ms", 1), ("lon", 120.00001), ("device", "CAM-18"), ("sha256", "0" * 64)):
        assert evidence.proof_of(kept | {name: value}) != row["proof"], name


def test_it_is_written_once_by_whoever_took_it(platform: Platform, clock: ManualClock) -> None:
    id = photo(platform)
    with pytest.raises(Forbidden, match=r"documents\.not_yours"):
        take(platform, id, OTHER)
    with pytest.raises(NotFound):
        take(platform, id, STRANGER)
    with pytest.raises(Invalid, match=r"documents\.captured_in_future"):
        take(platform, id, captured_ms=clock.at_ms + 1)
    with pytest.raises(Invalid, match=r"documents\.half_a_place"):
        take(platform, id, lat=None)
    take(platform, id)
    with pytest.raises(Refused, match=r"documents\.captured_before"):
        take(platform, id, device="CAM-99")


def test_evidence_and_what_is_held_is_not_removed(platform: Platform, clock: ManualClock) -> None:
    captured, held, free = photo(platform), photo(platform, b"b", expires_ms=clock.at_ms + 1), photo(platform, b"c")
    take(platform, captured)
    with platform.store.write(OFFICER) as work:
        documents.hold(work, held, "urn:tongqu:case:1")
        documents.hold(work, held, "urn:tongqu:case:1")
    for id in (captured, held):
        with pytest.raises(Refused, match=r"documents\.held"), platform.store.write(OFFICER) as work:
            service.remove(work, id)
    with platform.store.write(OFFICER) as work:
        service.remove(work, free)
    clock.advance(HOUR_MS)
    with platform.store.write(system_actor("tidy")) as work:
        assert store.expire(work) == 0


def test_a_version_says_where_it_comes_from(platform: Platform) -> None:
    first = photo(platform)
    masked = documents.vault(platform).keep(b"masked")
    with platform.store.write(OFFICER) as work:
        made = documents.derive(
            work, masked, origin=first, relation="derived", how="遮盖车牌", name="b.jpg", media_type="image/jpeg"
        )
    with platform.store.read(OTHER) as work:
        (origin,) = store.origins(work, first)
        assert origin["document"] == made.id and origin["how"] == "遮盖车牌"
        assert service.get(work, made.id)["region"] == "9901"
    with platform.store.read(STRANGER) as work:
        assert store.origins(work, first) == []
