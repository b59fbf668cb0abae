"""The page from memory: assets for ever, anything else is the one HTML file, and nothing outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tongqu.app import page, page_server
from tongqu.app.platform import open_platform
from tongqu.app.settings import read_settings
from tongqu.kernel.web import install_problems


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<html>通衢</html>", encoding="utf-8")
    (folder / "assets" / "a-1.js").write_text("let a = 1")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(page, "FOLDER", folder)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.platform = open_platform(read_settings(tmp_path / "data"))
    install_problems(app)
    app.include_router(page_server.router())
    return TestClient(app)


def test_any_address_of_the_page_is_the_page(client: TestClient) -> None:
    for path in ("/", "/equipment/terminals", "/x?m=1,2,3"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "通衢" in answer.text
        assert answer.headers["cache-control"] == "no-cache"


def test_assets_are_kept_and_packed(client: TestClient) -> None:
    answer = client.get("/assets/a-1.js", headers={"Accept-Encoding": "gzip"})
    assert answer.text == "let a = 1"
    assert "immutable" in answer.headers["cache-control"]
    again = client.get("/assets/a-1.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/assets/none.js", "/..%2Fsecret.txt", "/api/v1/none", "/secret.txt"])
def test_what_is_not_there_is_a_problem_in_both_languages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "web.no_such_page"


def test_a_page_that_is_built_later_appears(client: TestClient) -> None:
    index = page.FOLDER / "index.html"
    index.unlink()
    assert client.get("/").status_code == 503
    index.write_text("<html>later</html>")
    assert "later" in client.get("/").text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_below_api_nothing_is_there_by_any_method(client: TestClient, method: str) -> None:
    assert client.request(method, "/api/v1/none").json()["code"] == "web.no_such_page"
    assert client.request(method, "/equipment/terminals").json()["code"] == "web.method"
