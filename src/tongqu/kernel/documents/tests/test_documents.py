"""Documents: what goes in comes out, to those who may, in pieces if they like."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from starlette.testclient import TestClient

from tongqu.kernel import documents
from tongqu.kernel.documents import service, tidy
from tongqu.kernel.documents.tables import METADATA
from tongqu.kernel.jobs.tests.support import application, as_person, person
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor
from tongqu.kit import text
from tongqu.kit.errors import TooLarge
from tongqu.kit.time import DAY_MS, ManualClock

BOTH = ("documents.read", "documents.write")
LI = person("p-li", *BOTH, organisations=["o1"])
CITY = person("p-city", *BOTH, region="9902")
OTHER = person("p-other", *BOTH, region="9901", organisations=["o2"])
READER = person("p-reader", "documents.read", organisations=["o1"])
ALL = (LI, CITY, OTHER, READER)


def put(platform: Platform, actor: Actor, data: bytes, **options: Any) -> documents.Document:
    content = documents.vault(platform).keep(data)
    with platform.store.write(actor) as work:
        return documents.put(work, content, name=options.pop("name", "a.bin"), media_type="a/b", **options)


def announce(client: TestClient, data: bytes, **changes: Any) -> dict[str, Any]:
    body = {"name": "报表.xlsx", "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **changes}
    answer = client.post("documents/uploads", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(client: TestClient, upload: str, offset: int, data: bytes) -> Any:
    return client.patch(f"documents/uploads/{upload}", content=data, headers={"Upload-Offset": str(offset)})


def files(platform: Platform) -> list[Path]:
    return [path for path in (platform.settings.data / "documents").rglob("*") if path.is_file()]


def test_equal_content_is_stored_once_and_each_document_stays_its_owners(platform: Platform) -> None:
    first, second = put(platform, LI, b"same"), put(platform, OTHER, b"same")
    assert first.id != second.id
    assert first.sha256 == hashlib.sha256(b"same").hexdigest()
    assert len(files(platform)) == 1
    app = application(platform, *ALL)
    assert as_person(app, LI).get(f"documents/{first.id}").content == b"same"
    assert as_person(app, LI).get(f"documents/{second.id}").status_code == 404, "knowing the bytes is no key"


def test_an_upload_resumes_where_it_was_cut_off(platform: Platform) -> None:
    client = as_person(application(platform, *ALL), LI)
    data = os.urandom(3000)
    upload = announce(client, data, organisation="o1")["id"]
    assert send(client, upload, 0, data[:1000]).json()["offset"] == 1000
    again = send(client, upload, 0, data[:1000])
    assert (again.status_code, again.json()["code"]) == (409, "documents.offset")
    early = client.post(f"documents/uploads/{upload}/complete")
    assert (early.status_code, early.json()["code"]) == (409, "documents.incomplete")
    offset = client.get(f"documents/uploads/{upload}").json()["offset"]
    assert send(client, upload, offset, data[offset:]).json()["offset"] == 3000
    made = client.post(f"documents/uploads/{upload}/complete")
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["size"], made.json()["organisation"]) == ("报表.xlsx", 3000, "o1")
    assert client.get(f"documents/{made.json()['id']}").content == data
    assert client.get(f"documents/uploads/{upload}").status_code == 404
    assert len(files(platform)) == 1, "nothing of the upload is left"


def test_half_a_piece_on_disk_does_no_harm(platform: Platform) -> None:
    """As after a crash between file and record: the file is longer than the record says."""
    client = as_person(application(platform, *ALL), LI)
    data = os.urandom(2000)
    upload = announce(client, data)["id"]
    send(client, upload, 0, data[:500])
    with documents.vault(platform).part(upload).open("ab") as part:
        part.write(b"junk" * 400)
    send(client, upload, 500, data[500:])
    assert client.post(f"documents/uploads/{upload}/complete").status_code == 201


def test_other_bytes_than_announced_are_refused_and_leave_nothing(platform: Platform) -> None:
    client = as_person(application(platform, *ALL), LI)
    upload = announce(client, b"right")["id"]
    send(client, upload, 0, b"wrong")
    refused = client.post(f"documents/uploads/{upload}/complete")
    assert (refused.status_code, refused.json()["code"]) == (422, "documents.wrong_hash")
    assert files(platform) == []
    assert client.get("documents").json()["total"] == 0


def test_limits_of_file_piece_and_announcement(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.settings.options["documents.most_mb"] = "1"
    client = as_person(application(platform, *ALL), LI)
    body = {"name": "x", "size": (1 << 20) + 1, "sha256": "0" * 64}
    assert client.post("documents/uploads", json=body).json()["code"] == "documents.too_large"
    upload = announce(client, b"12345")["id"]
    assert send(client, upload, 0, b"123456").json()["code"] == "documents.too_many_bytes"
    monkeypatch.setattr(service, "CHUNK_MB", 0)
    assert send(client, upload, 0, b"1").json()["code"] == "documents.piece_too_large"
    with pytest.raises(TooLarge):
        documents.vault(platform).keep(b"x" * 11, most=10)
    assert files(platform) == []


def test_an_empty_file_is_a_file(platform: Platform) -> None:
    client = as_person(application(platform, *ALL), LI)
    made = client.post(f"documents/uploads/{announce(client, b'')['id']}/complete").json()
    assert client.get(f"documents/{made['id']}").content == b""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 300), length=st.integers(1, 300))
def test_any_range_gives_those_bytes(platform: Platform, first: int, length: int) -> None:
    data = bytes(range(250))
    document = put(platform, LI, data)
    client = as_person(application(platform, *ALL), LI)
    answer = client.get(f"documents/{document.id}", headers={"Range": f"bytes={first}-{first + length - 1}"})
    if first >= len(data):
        assert answer.status_code == 416
    else:
        assert (answer.status_code, answer.content) == (206, data[first : first + length])


def test_headers_of_a_file_keep_it_from_being_run(platform: Platform) -> None:
    document = put(platform, LI, b"<script>alert(1)</script>", name="../../页面.html")
    client = as_person(application(platform, *ALL), LI)
    answer = client.get(f"documents/{document.id}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "%2F" not in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    etag = answer.headers["etag"]
    assert client.get(f"documents/{document.id}", headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"documents/{document.id}", headers={"Range": "lines=1-2"}).json()["code"] == (
        "documents.bad_range"
    )
    assert client.head(f"documents/{document.id}").headers["content-length"] == "25"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\x\车辆.xlsx", "车辆.xlsx"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert service.clean_name(given) == kept


@pytest.mark.parametrize("path", ["..%2f..%2frecords.sqlite", "....", "%00", "a" * 300])
def test_no_path_leads_out_of_the_vault(platform: Platform, path: str) -> None:
    answer = as_person(application(platform, *ALL), LI).get(f"documents/{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("owner", "seen_by"),
    [
        ({}, {LI.id}),
        ({"organisation": "o1"}, {LI.id, READER.id}),
        ({"region": "9902"}, {LI.id, CITY.id}),
        ({"organisation": "o2"}, {LI.id, OTHER.id}),
    ],
)
def test_every_route_shows_a_document_only_to_those_who_may_see_it(
    platform: Platform, owner: dict[str, str], seen_by: set[str]
) -> None:
    document = put(platform, LI, b"x", **owner)
    app = application(platform, *ALL)
    for actor in ALL:
        client = as_person(app, actor)
        seen = actor.id in seen_by
        assert [item["id"] for item in client.get("documents").json()["items"]] == ([document.id] if seen else [])
        for path in (f"documents/{document.id}", f"documents/{document.id}/details"):
            assert client.get(path).status_code == (200 if seen else 404)
    assert as_person(app, "nobody").get(f"documents/{document.id}").status_code == 401


def test_who_may_put_and_remove(platform: Platform) -> None:
    app = application(platform, *ALL)
    refused = as_person(app, LI).post(
        "documents/uploads", json={"name": "x", "size": 1, "sha256": "0" * 64, "organisation": "o2"}
    )
    assert refused.status_code == 403
    assert as_person(app, READER).post("documents/uploads", json={}).status_code == 403
    document = put(platform, LI, b"x", organisation="o1", region="9902")
    assert as_person(app, READER).delete(f"documents/{document.id}").status_code == 403
    assert as_person(app, OTHER).delete(f"documents/{document.id}").status_code == 404
    upload = announce(as_person(app, LI), b"abc")["id"]
    assert send(as_person(app, CITY), upload, 0, b"abc").status_code == 404, "an upload is its beginner's alone"
    assert as_person(app, CITY).delete(f"documents/{document.id}").status_code == 204
    assert as_person(app, LI).get(f"documents/{document.id}").status_code == 404


def test_reading_and_removing_are_written_down(platform: Platform) -> None:
    document = put(platform, LI, b"abc")
    client = as_person(application(platform, *ALL), LI)
    client.get(f"documents/{document.id}")
    client.get(f"documents/{document.id}", headers={"Range": "bytes=1-2"})
    client.head(f"documents/{document.id}")
    client.delete(f"documents/{document.id}")
    with platform.store.engine.connect() as connection:
        verbs = [row[0] for row in connection.execute(sql("select verb from audit_entry order by seq"))]
    assert verbs == ["documents.read", "documents.remove"]


def test_what_is_over_goes_and_what_is_named_stays(platform: Platform) -> None:
    clock = ManualClock(platform.clock.now_ms())
    platform.clock = platform.store.clock = clock
    client = as_person(application(platform, *ALL), LI)
    kept = put(platform, LI, b"kept")
    passing = put(platform, LI, b"passing", expires_ms=clock.now_ms() + 1000)
    upload = announce(client, b"never finished")["id"]
    send(client, upload, 0, b"never")
    documents.vault(platform).keep(b"never registered")
    clock.advance(1001)
    tidy.run(platform)
    assert client.get(f"documents/{passing.id}").status_code == 404
    assert len(files(platform)) == 4, "content is left a day for whoever is about to register it"
    clock.advance(DAY_MS + 60_000)
    tidy.run(platform)
    assert [path.name for path in files(platform)] == [kept.sha256]
    assert client.get(f"documents/uploads/{upload}").status_code == 404


def test_the_doctor_finds_lost_content(platform: Platform) -> None:
    document = put(platform, LI, b"precious")
    assert [finding.level for finding in tidy.check(platform)] == ["ok"]
    documents.vault(platform).path(document.sha256).write_bytes(b"prec")
    assert [finding.code for finding in tidy.check(platform)] == ["documents.lost"]
    documents.vault(platform).path(document.sha256).unlink()
    answer = as_person(application(platform, *ALL), LI).get(f"documents/{document.id}")
    assert (answer.status_code, answer.json()["code"]) == (503, "documents.content_missing")


def test_migrations_make_the_declared_tables_and_catalogues_are_equal(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        ours = [
            difference
            for difference in compare_metadata(context, METADATA)
            if "documents_" in str(difference) and "_version" not in str(difference)
        ]
    assert ours == []
    assert text.load("documents", "zh").keys() == text.load("documents", "en").keys()
