"""Keeps the projection equal to the record store: a thread that rebuilds a layer when its version differs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import duckdb

from tongqu.kernel.layers import project
from tongqu.kernel.layers.declare import Layer, LayerType
from tongqu.kernel.layers.service import declared_layers
from tongqu.kernel.layers.store import records
from tongqu.kernel.layers.store.projection import Built, Projection
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.errors import Unavailable

log = logging.getLogger("tongqu.layers")
Answer = TypeVar("Answer")

FILE = "layers.duckdb"
_EVERY_S = 0.5
_AFTER_ERROR_S = 10.0
_DRAWN = (LayerType.MVT, LayerType.GEOJSON)


class Projector:
    """Owner of the projection in the API process.

    Args:
        platform: whose layers and record store.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.projection = Projection(platform.settings.data / FILE)
        self._built = self.projection.built()
        self._stopping = threading.Event()
        self._after: list[Callable[[Layer, threading.Event], None]] = []
        self._thread = threading.Thread(target=self._run, name="layers-projector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def after_build(self, action: Callable[[Layer, threading.Event], None]) -> None:
        """Have something done in the projector's thread with each layer that is there, and again when it is rebuilt.

        Args:
            action: gets the layer and an event that is set when it must end.
        """
        self._after.append(action)

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self.projection.close()

    def built(self, layer: Layer) -> Built:
        """The layer as it stands in the projection.

        Raises:
            Unavailable: `layers.building`: it was not yet made.
        """
        found = self._built.get(layer.id)
        if found is None:
            raise Unavailable("layers.building", layer=layer.id)
        return found

    def read(self, layer: Layer, query: Callable[[Built], Answer]) -> Answer:
        """The answer of a query on the table of a layer.

        Raises:
            Unavailable: `layers.building`.
        """
        try:
            return query(self.built(layer))
        except duckdb.CatalogException:  # rebuilt twice since its table was looked up
            return query(self.built(layer))

    def known(self) -> dict[str, Built]:
        """All layers in the projection, by id."""
        return dict(self._built)

    def catch_up(self) -> list[str]:
        """Rebuild what differs from the record store; gives the ids of rebuilt layers."""
        layers = {id_: layer for id_, layer in declared_layers(self._platform).items() if layer.type in _DRAWN}
        with self._platform.store.read(system_actor("layers")) as work:
            versions = records.versions(work)
        changed = []
        for layer_id in sorted(set(self._built) - set(layers)):
            self._built.pop(layer_id)
            self.projection.forget(layer_id)
        for layer in layers.values():
            built, version = self._built.get(layer.id), versions.get(layer.id)
            if version is None or self._stopping.is_set():
                continue
            if built is None or built.version != version or built.declared != project.declared(layer):
                self._rebuild(layer)
                changed.append(layer.id)
        return changed

    def _rebuild(self, layer: Layer) -> None:
        with self._platform.store.read(system_actor("layers")) as work:
            version = records.versions(work)[layer.id]
            rows, box = project.projected(layer, records.features(work, layer.id))
        self._built[layer.id] = self.projection.replace(layer, version, project.declared(layer), rows, box)
        log.info("layer %s: version %d, %d rows", layer.id, version, len(rows))

    def _tell(self, layer: Layer) -> None:
        for action in self._after:
            if not self._stopping.is_set():
                action(layer, self._stopping)

    def _run(self) -> None:
        wait_s, told = 0.0, False
        while not self._stopping.wait(wait_s):
            try:
                changed = set(self.catch_up())
                for layer in declared_layers(self._platform).values():
                    if layer.id in changed or (layer.id in self._built and not told):
                        self._tell(layer)
                wait_s, told = _EVERY_S, True
            except Exception:
                log.exception("layers could not be brought up to date")
                wait_s = _AFTER_ERROR_S
