"""The base layers say what they are: texts in both languages, tokens that are documented, classes that are drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import tongqu.kernel.layers
from tongqu.kernel.layers.base import BASE_LAYERS, ROADS
from tongqu.kernel.layers.base.names import PLACE_CLASSES, PLACE_KINDS
from tongqu.kernel.layers.base.roads import CLASSES
from tongqu.kernel.layers.declare import LayerType
from tongqu.kit.text import has, register
from tongqu.kit.world.values import RoadClass

PACKAGE = Path(tongqu.kernel.layers.__file__).parent


def test_each_has_its_texts():
    register("layers", "tongqu.kernel.layers")
    keys = [layer.text_key(what) for layer in BASE_LAYERS for what in ("title", "source")]
    keys += [layer.text_key(f"legend.{entry.kind}") for layer in BASE_LAYERS for entry in layer.legend]
    keys += [f"layers.groups.{layer.group}" for layer in BASE_LAYERS]
    assert [key for key in keys if not has(key)] == []


def test_tokens_in_use_are_the_documented_ones():
    said = json.dumps([[dict(style) for style in layer.style] for layer in BASE_LAYERS])
    used = set(re.findall(r'"(@[a-z0-9-]+)"', said)) | {entry.color for layer in BASE_LAYERS for entry in layer.legend}
    documented = set(re.findall(r"`(@[a-z0-9-]+)`", (PACKAGE / "README.md").read_text(encoding="utf-8")))
    assert used == documented


@pytest.mark.parametrize("layer", BASE_LAYERS, ids=lambda layer: layer.id)
def test_styles_follow_the_conventions(layer):
    names = [style["id"] for style in layer.style]
    assert len(set(names)) == len(names)
    for style in layer.style:
        assert "source" not in style
        assert style.get("source-layer") == (layer.id if layer.type is LayerType.MVT else None)
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", json.dumps(style)) == []


def test_all_layers_of_the_ground_are_open():
    assert {layer.id for layer in BASE_LAYERS if not layer.open} == {"layers.movers"}


def test_every_class_of_road_and_kind_of_place_is_drawn():
    from tongqu.kit.world.places import KINDS

    assert {style.kind for style in CLASSES} == {one.name.lower() for one in RoadClass}
    assert set(PLACE_KINDS) == set(KINDS)
    assert {kind for kind, _ in PLACE_KINDS.values()} == {style.kind for style in PLACE_CLASSES}
    cased = next(style for style in ROADS.style if style["id"] == "casing")["paint"]["line-width"]
    inner = next(style for style in ROADS.style if style["id"] == "road")["paint"]["line-width"]
    for wide, narrow in zip(cased[4::2], inner[4::2], strict=True):  # widths of all classes at each zoom
        assert all(a > b for a, b in zip(wide[3:-1:2], narrow[3:-1:2], strict=True))
