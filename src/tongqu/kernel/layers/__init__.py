"""Map layers: what is drawn is what is stored. See README.md.

Services of the API process are `projector.Projector` and `tiles.Tiles`: not named here, so that a process that only
writes features loads no DuckDB.
"""

from tongqu.kernel.layers.declare import Feature, Layer, LayerType, Legend, PropertyType
from tongqu.kernel.layers.service import (
    Picture,
    declared_layers,
    drawn,
    find_layer,
    keep_image,
    names,
    put,
    put_image,
    remove,
    replace,
)

__all__ = [
    "Feature",
    "Layer",
    "LayerType",
    "Legend",
    "Picture",
    "PropertyType",
    "declared_layers",
    "drawn",
    "find_layer",
    "keep_image",
    "names",
    "put",
    "put_image",
    "remove",
    "replace",
]
