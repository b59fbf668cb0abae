"""Other sites may put widgets into their pages and nothing else of the platform."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tongqu.app.http import create_app
from tongqu.app.platform import open_platform
from tongqu.app.settings import read_settings


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/embed/travel/planner", "*"),
        ("/", "'none'"),
        ("/travel/planner", "'none'"),
        ("/public/travel/planner", "'none'"),
        ("/embedded", "'none'"),
        ("/embed/..%2F", "*"),
        ("/api/v1/health", "'none'"),
    ],
)
def test_who_may_frame_an_address(tmp_path: Path, path: str, who: str) -> None:
    client = TestClient(create_app(open_platform(read_settings(tmp_path))))
    rules = dict(part.strip().split(" ", 1) for part in client.get(path).headers["Content-Security-Policy"].split(";"))
    assert rules["frame-ancestors"] == who
    assert (rules["default-src"], rules["base-uri"]) == ("'self'", "'none'")
