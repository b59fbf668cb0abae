"""Wire models of layers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Text = dict[str, str]
"""A text in both languages: `{"zh": ..., "en": ...}`."""


class LegendEntry(BaseModel):
    """One line of a legend."""

    kind: str = Field(description="class of features it stands for")
    label: Text
    color: str = Field(description="colour token, begins with @")
    shape: str = Field(description="line, fill, point or image")
    width: float
    dash: bool


class LayerEntry(BaseModel):
    """All the page needs to draw a layer."""

    id: str
    title: Text
    group: str
    group_title: Text
    type: str = Field(description="mvt, geojson, image or movers")
    url: str = Field(description="with {z}, {x}, {y} for mvt and {theme} for image to be filled in")
    style: list[dict[str, Any]] = Field(description="MapLibre style layers without source; colours are tokens")
    legend: list[LegendEntry]
    order: int = Field(description="layers come bottom to top")
    visible: bool
    min_zoom: int
    max_zoom: int
    source: Text
    bounds: tuple[float, float, float, float] | None = Field(description="west, south, east, north; None if not open")
    version: int
    open: bool = Field(description="everybody who is signed in sees all of it")


class FeatureCollection(BaseModel):
    """GeoJSON, a page at a time."""

    type: str = "FeatureCollection"
    features: list[dict[str, Any]]
    next: str | None = Field(default=None, description="cursor of the next page, None at the end")
