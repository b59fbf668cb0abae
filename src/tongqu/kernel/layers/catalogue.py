"""What the page is told of the layers it may draw."""

from __future__ import annotations

from typing import Any

from tongqu.kernel.geo import Bounds
from tongqu.kernel.layers.declare import Layer, LayerType
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.schemas import LayerEntry, LegendEntry
from tongqu.kernel.layers.service import declared_layers
from tongqu.kernel.layers.store import records
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work
from tongqu.kit.text import text

PATH = "/api/v1/layers"


def catalogue(platform: Platform, work: Work) -> list[LayerEntry]:
    """The layers the actor may see and that have something to draw, bottom to top."""
    pictures: dict[str, list[dict[str, Any]]] = {}
    for row in records.images(work):
        pictures.setdefault(row["layer"], []).append(row)
    versions = records.versions(work)
    built = platform.service(Projector).known()
    entries = []
    for layer in declared_layers(platform).values():
        if layer.read is not None and not work.actor.may(layer.read):
            continue
        if layer.type is LayerType.MOVERS:
            entries.append(_entry(layer, layer.url, None, 0))
        elif layer.type is LayerType.IMAGE and layer.id in pictures:
            entries.append(_picture(layer, pictures[layer.id], versions[layer.id]))
        elif layer.id in built and built[layer.id].features:
            known = built[layer.id]
            entries.append(_entry(layer, _url(layer, known.build), known.bounds if layer.open else None, known.version))
    return entries


def _picture(layer: Layer, rows: list[dict[str, Any]], version: int) -> LayerEntry:
    row = rows[0]
    bounds = row["west"], row["south"], row["east"], row["north"]
    return _entry(layer, f"{PATH}/{layer.id}/image.png?theme={{theme}}&v={version}", bounds, version)


def _url(layer: Layer, build: int) -> str:
    if layer.type is LayerType.GEOJSON:
        return f"{PATH}/{layer.id}/features?v={build}"
    return f"{PATH}/{layer.id}/tiles/{{z}}/{{x}}/{{y}}.mvt?v={build}"


def _entry(layer: Layer, url: str, bounds: Bounds | None, version: int) -> LayerEntry:
    return LayerEntry(
        id=layer.id,
        title=text(layer.text_key("title")),
        group=layer.group,
        group_title=text(f"layers.groups.{layer.group}"),
        type=layer.type,
        url=url,
        style=[dict(one) for one in layer.style],
        legend=[
            LegendEntry(
                kind=entry.kind,
                label=text(layer.text_key(f"legend.{entry.kind}")),
                color=entry.color,
                shape=entry.shape,
                width=entry.width,
                dash=entry.dash,
            )
            for entry in layer.legend
        ],
        order=layer.order,
        visible=layer.visible,
        min_zoom=layer.min_zoom,
        max_zoom=layer.max_zoom,
        source=text(layer.text_key("source")),
        bounds=bounds,
        version=version,
        open=layer.open,
    )
