"""What a module declares of a map layer, and the features that are drawn in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from tongqu.kernel.geo import Geometry

_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_RESERVED = frozenset({"id", "class", "geom"})


class LayerType(StrEnum):
    """How a layer comes to the page."""

    MVT = "mvt"  # vector tiles of its features
    GEOJSON = "geojson"  # all its features at once; for a few hundred
    IMAGE = "image"  # one picture a theme
    MOVERS = "movers"  # the live socket of telemetry


class PropertyType(StrEnum):
    """Type of a property that features carry to the page."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Legend:
    """An entry of a legend; its label stands in the locale under `layers.{layer}.legend.{kind}`.

    Attributes:
        kind: class of features it stands for.
        color: colour token, `@road-county`.
        shape: how it is drawn.
        width: of a line in pixels.
        dash: a dashed line.
    """

    kind: str
    color: str
    shape: Literal["line", "fill", "point", "image"]
    width: float = 1.0
    dash: bool = False


@dataclass(frozen=True)
class Layer:
    """A map layer. Its title and source stand in the locale of its module under `layers.{name}.title` and `.source`.

    Rows of a layer are seen by whom a grant covers their organisation or home region. A layer that concerns nobody in
    particular says `open`: everybody who is signed in sees all of it.

    Attributes:
        id: `module.name`.
        group: group in the layer list; its title stands under `layers.groups.{group}`.
        type: how it comes to the page.
        style: MapLibre style layers without `source`; colours are tokens that begin with `@` (README.md lists them).
        legend: entries of the legend.
        order: layers with a smaller one lie below.
        visible: drawn unless the person turns it off.
        min_zoom, max_zoom: zooms that tiles are made for; the page draws the last ones larger beyond.
        properties: name to type of what features carry besides `id` and `class`.
        merge: properties by which lines are joined for zooms below `MERGE_BELOW`; what differs in others is lost there.
        density_below: below this zoom (6, 8, 10, 12 or 14) its points are drawn as cells of density, each a point with
            the class `density` and the property `count`; 0 draws all points at all zooms.
        open: everybody who is signed in sees all rows.
        read: permission needed to see the layer; its grants decide about rows.
        url: of the live socket, for movers.

    Raises:
        ValueError: the declaration contradicts itself.
    """

    id: str
    group: str
    type: LayerType
    style: tuple[Mapping[str, Any], ...] = ()
    legend: tuple[Legend, ...] = ()
    order: int = 500
    visible: bool = True
    min_zoom: int = 0
    max_zoom: int = 14
    properties: Mapping[str, PropertyType] = field(default_factory=dict)
    merge: tuple[str, ...] = ()
    density_below: int = 0
    open: bool = False
    read: str | None = None
    url: str = ""

    def __post_init__(self) -> None:
        if _ID.fullmatch(self.id) is None:
            raise ValueError(f"layer {self.id!r}: an id is module.name")
        if not 0 <= self.min_zoom <= self.max_zoom <= 24:
            raise ValueError(f"layer {self.id}: zooms {self.min_zoom} to {self.max_zoom}")
        if wrong := _RESERVED.intersection(self.properties):
            raise ValueError(f"layer {self.id}: properties {sorted(wrong)} are reserved")
        if self.density_below not in (0, 6, 8, 10, 12, 14):
            raise ValueError(f"layer {self.id}: density below zoom {self.density_below} cuts a level in two")
        if self.density_below and "count" in self.properties:
            raise ValueError(f"layer {self.id}: `count` is what cells of density carry")
        if unknown := set(self.merge) - {"class", *self.properties}:
            raise ValueError(f"layer {self.id}: merge by unknown properties {sorted(unknown)}")
        if self.type is LayerType.IMAGE and not self.open:
            raise ValueError(f"layer {self.id}: a picture has no rows to leave out, so it must be open")

    @property
    def module(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return self.id.partition(".")[2]

    def text_key(self, what: str) -> str:
        return f"{self.module}.layers.{self.name}.{what}"


@dataclass(frozen=True)
class Feature:
    """What is drawn: a geometry with properties, for a time, belonging to somebody.

    Attributes:
        id: unique in its layer at any moment.
        geometry: checked; heights are kept and not drawn.
        kind: its class, by which styles choose.
        properties: JSON values; names and types as the layer declares, others are kept but not published.
        min_zoom: drawn from this zoom on.
        rank: features with a smaller one are drawn first (lie below) in a tile.
        organisation, region: whose it is.
        valid_from_ms, valid_to_ms: when it is there.
    """

    id: str
    geometry: Geometry
    kind: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    min_zoom: int = 0
    rank: int = 0
    organisation: str | None = None
    region: str | None = None
    valid_from_ms: int = 0
    valid_to_ms: int | None = None
