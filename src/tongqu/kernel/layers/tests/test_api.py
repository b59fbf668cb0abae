"""Layers over HTTP: the list, tiles, pictures, features, exports."""

from __future__ import annotations

import gzip
import io

import pytest
from PIL import Image

from tongqu.kernel.layers import Feature, keep_image, put_image, replace
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.tests import mvt
from tongqu.kernel.layers.tests.support import OPEN, PICTURE, SCOPED, SYSTEM, line, person, point
from tongqu.kit.errors import Invalid

TILE = "/api/v1/layers/layers.open/tiles/12/3419/1715.mvt"


def png(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def pictures(platform):
    kept = {theme: keep_image(platform, png(color)) for theme, color in (("light", "white"), ("dark", "black"))}
    with platform.store.write(SYSTEM) as work:
        for theme, picture in kept.items():
            put_image(work, PICTURE, theme, picture, (119.0, 27.0, 122.0, 29.0))


def test_the_list_has_what_can_be_drawn_bottom_to_top(client, draw, pictures):
    draw(OPEN, Feature("a", line((120.5, 27.5), (120.6, 27.9)), "road"))
    draw(SCOPED)
    layers = client.get("/api/v1/layers").json()
    assert [one["id"] for one in layers] == ["layers.picture", "layers.open", "layers.live"]
    picture, drawn, live = layers
    assert picture["bounds"] == [119.0, 27.0, 122.0, 29.0]
    assert picture["url"].startswith("/api/v1/layers/layers.picture/image.png?theme={theme}")
    assert drawn["bounds"] == [120.5, 27.5, 120.6, 27.9]
    assert (drawn["type"], live["type"], live["url"]) == ("mvt", "movers", "/api/v1/movers/live")
    assert client.get(drawn["url"].format(z=12, x=3419, y=1715)).status_code == 200


def test_the_list_tells_nothing_of_rows_one_does_not_see(client, draw):
    draw(SCOPED, Feature("a", point(120.6, 27.9), region="990101"))
    (scoped, _) = client.get("/api/v1/layers").json()
    assert (scoped["id"], scoped["bounds"], scoped["open"]) == ("layers.scoped", None, False)


def test_a_layer_for_others_is_neither_listed_nor_served(client, draw, caller):
    draw(SCOPED, Feature("a", point(120.6, 27.9), region="990101"))
    caller["actor"] = type(person())("p", "somebody")
    assert "layers.scoped" not in [one["id"] for one in client.get("/api/v1/layers").json()]
    for path in ("tiles/0/0/0.mvt", "features", "features/a", "export.geojson"):
        answer = client.get(f"/api/v1/layers/layers.scoped/{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "web.no_permission")


def test_who_is_not_signed_in_gets_nothing(client, draw, caller):
    draw(OPEN, Feature("a", point(120.6, 27.9)))
    caller["actor"] = None
    for path in ("", "/layers.open/tiles/0/0/0.mvt", "/layers.open/features", "/layers.picture/image.png"):
        assert client.get(f"/api/v1/layers{path}").status_code == 401


def test_a_tile_is_gzipped_cached_and_changes_its_tag_with_its_content(client, draw):
    draw(OPEN, Feature("a", point(120.5, 28.0)))
    first = client.get(TILE)
    assert (first.headers["content-encoding"], first.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert [one.properties["id"] for one in mvt.read(first.content)] == ["a"]
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get(TILE, headers=tag).status_code == 304
    plain = client.get(TILE, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
    draw(OPEN, Feature("b", point(120.5, 28.0)))
    second = client.get(TILE, headers=tag)
    assert second.status_code == 200
    assert [one.properties["id"] for one in mvt.read(second.content)] == ["b"]


def test_rows_of_a_scoped_layer_may_not_lie_in_the_browser(client, draw):
    draw(SCOPED, Feature("a", point(120.5, 28.0), region="990101"))
    assert client.get("/api/v1/layers/layers.scoped/tiles/0/0/0.mvt").headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("layers.nothing/tiles/0/0/0.mvt", 404, "layers.unknown"),
        ("layers.open/tiles/3/8/0.mvt", 404, "layers.no_tile"),
        ("layers.picture/tiles/0/0/0.mvt", 404, "layers.no_tile"),
        ("layers.open/tiles/0/0/0.mvt", 503, "layers.building"),
        ("layers.open/tiles/a/0/0.mvt", 422, "kit.request"),
        ("layers.picture/image.png", 404, "layers.no_image"),
        ("layers.live/features", 404, "layers.no_features"),
        ("layers.open/features?bbox=1,2,3", 422, "layers.bad_box"),
        ("layers.open/features?bbox=3,2,1,4", 422, "layers.bad_box"),
        ("layers.open/features?bbox=nan,0,1,1", 422, "layers.bad_box"),
    ],
)
def test_what_cannot_be_had_is_a_problem(client, path, status, code):
    answer = client.get(f"/api/v1/layers/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if code.startswith("layers."):
        assert "{" not in answer.json()["detail"]["zh"]
        assert not answer.json()["detail"]["zh"].isascii()


def test_pictures_by_theme(client, pictures):
    light, dark = (client.get(f"/api/v1/layers/layers.picture/image.png?theme={theme}") for theme in ("light", "dark"))
    assert (light.content, dark.content) == (png("white"), png("black"))
    tag = {"If-None-Match": light.headers["etag"]}
    assert client.get("/api/v1/layers/layers.picture/image.png?theme=light", headers=tag).status_code == 304
    assert client.get("/api/v1/layers/layers.picture/image.png?theme=dark", headers=tag).status_code == 200


def test_features_come_as_they_are_stored_a_page_at_a_time(client, draw):
    draw(OPEN, *[Feature(f"{i}", line((120 + i, 27), (120.1234567 + i, 27.1)), "road", {"lanes": i}) for i in range(5)])
    path = "/api/v1/layers/layers.open/features"
    first = client.get(path, params={"limit": 2}).json()
    assert [one["id"] for one in first["features"]] == ["0", "1"]
    assert first["features"][1]["geometry"] == {"type": "LineString", "coordinates": [[121, 27], [121.1234567, 27.1]]}
    assert first["features"][1]["properties"] == {
        "class": "road",
        "name": None,
        "lanes": 1,
        "wide": None,
        "limit": None,
    }
    rest = client.get(path, params={"cursor": first["next"]}).json()
    assert [one["id"] for one in rest["features"]] == ["2", "3", "4"]
    assert rest["next"] is None
    boxed = client.get(path, params={"bbox": "121.05,26,122.05,28"}).json()
    assert [one["id"] for one in boxed["features"]] == ["1", "2"]
    assert client.get(f"{path}/3").json()["properties"]["lanes"] == 3
    assert client.get(f"{path}/7").json()["code"] == "layers.unknown_feature"


def test_an_export_has_all_features_once(client, draw, monkeypatch):
    monkeypatch.setattr("tongqu.kernel.layers.features.MOST", 3)
    draw(OPEN, *[Feature(f"{i}", point(120 + i / 10, 27)) for i in range(7)])
    answer = client.get("/api/v1/layers/layers.open/export.geojson")
    assert "attachment" in answer.headers["content-disposition"]
    assert [one["id"] for one in answer.json()["features"]] == [f"{i}" for i in range(7)]


@pytest.mark.parametrize(
    ("layer", "feature", "code"),
    [
        (OPEN, Feature("a", point(120, 28), properties={"lanes": "four"}), "bad_property"),
        (OPEN, Feature("a", point(120, 28), properties={"lanes": True}), "bad_property"),
        (OPEN, Feature("a", point(120, 28), properties={"name": 7}), "bad_property"),
        (SCOPED, Feature("a", point(120, 28)), "no_owner"),
        (PICTURE, Feature("a", point(120, 28)), "not_features"),
    ],
)
def test_what_does_not_fit_the_layer_is_refused_whole(platform, layer, feature, code):
    good = Feature("good", point(120, 28), region="99")
    with platform.store.write(SYSTEM) as work, pytest.raises(Invalid, match=code):
        replace(work, layer, [good, feature])
    assert platform.service(Projector).catch_up() == []


def test_only_pictures_are_kept_as_pictures(platform):
    with pytest.raises(Invalid, match="not_an_image"):
        keep_image(platform, gzip.compress(b"no picture"))
    picture = keep_image(platform, png("white"))
    with platform.store.write(SYSTEM) as work, pytest.raises(Invalid, match="no_images"):
        put_image(work, OPEN, "light", picture, (0, 0, 1, 1))
